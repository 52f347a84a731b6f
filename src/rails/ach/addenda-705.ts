/** Text addenda, record type 7, addenda type 05. Nacha Operating Rules, Appendix Three. */
import type { TraceNumber } from "../../../actors/trace-number.ts";
import { constant, count, type Decoded, digits, Layout, text } from "./columns.ts";
import { demander } from "./write-error.ts";

export interface TextAddenda {
  readonly kind: "text";
  /** 4-83. */
  readonly text: string;
}

const LAYOUT = new Layout("addenda 705", {
  recordType: constant(1, 3, "705"),
  text: text(4, 83),
  addendaSequence: count(84, 87),
  entrySequence: digits(88, 94),
});
const demand = demander(LAYOUT.name);
export const TEXT_COLUMNS = {
  addendaSequence: LAYOUT.columns("addendaSequence"),
  entrySequence: LAYOUT.columns("entrySequence"),
} as const;

/** 88-94 of a text addenda: the last seven digits of its entry's trace. */
export function entrySequenceOf(trace: TraceNumber): string {
  return trace.slice(-7);
}

/** `sequence` counts the addenda of the entry from 1. Throws AchWriteError. */
export function encodeTextAddenda(
  addenda: TextAddenda,
  trace: TraceNumber,
  sequence: number,
): string {
  demand(addenda.text.trim() !== "", "text", "blank");
  return LAYOUT.encode({
    text: addenda.text,
    addendaSequence: sequence,
    entrySequence: entrySequenceOf(trace),
  });
}

interface Numbered {
  readonly addendaSequence: number;
  readonly entrySequence: string;
}

export function decodeTextAddenda(line: string): Decoded<TextAddenda & Numbered> {
  const { values, faults } = LAYOUT.decode(line);
  return { record: { kind: "text", ...values }, faults };
}
