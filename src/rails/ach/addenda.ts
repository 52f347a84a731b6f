/** All kinds of addenda together: record type 7. The second and third column name the kind. */
import type { TraceNumber } from "../../../actors/trace-number.ts";
import { encodePosAddenda, type PosAddenda } from "./addenda-702.ts";
import { encodeTextAddenda, type TextAddenda } from "./addenda-705.ts";
import { encodeNoc, type NocAddenda, type RefusedNocAddenda } from "./addenda-798.ts";
import { type AnyReturnAddenda, encodeReturn } from "./addenda-799.ts";

export type Addenda = PosAddenda | TextAddenda | NocAddenda | RefusedNocAddenda | AnyReturnAddenda;

/** `trace` is the entry's, `sequence` counts its addenda from 1. Throws AchWriteError. */
export function encodeAddenda(addenda: Addenda, trace: TraceNumber, sequence: number): string {
  switch (addenda.kind) {
    case "pos":
      return encodePosAddenda(addenda, trace);
    case "text":
      return encodeTextAddenda(addenda, trace, sequence);
    case "correction":
    case "refused_correction":
      return encodeNoc(addenda);
    case "return":
    case "dishonoured_return":
    case "contested_return":
      return encodeReturn(addenda, trace);
  }
}
