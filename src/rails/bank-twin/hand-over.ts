/** A file arrives: taken or refused, and what will come of each entry is settled at once. */
import { assert } from "../../../actors/assert.ts";
import { addDays, bankDateAt } from "../../../actors/banking-calendar.ts";
import { addCents, type Cents, cents, ZERO_CENTS } from "../../../actors/money.ts";
import { answeredAtMs, nextOpening, settlesAtMs } from "./bank-day.ts";
import { digits, part } from "./columns.ts";
import { correctionOf } from "./corrections.ts";
import {
  type ForwardBatch,
  type ForwardEntry,
  type ForwardFile,
  readForward,
} from "./forward-file.ts";
import { type Reaction, reactionTo } from "./reactions.ts";
import type { Answer } from "./return-file.ts";
import type { BankTwinState, Due, KnownFile, Movement } from "./state.ts";

/** A trace number means one entry for the 60 days of late returns, and some more. */
const TRACE_DAYS = 75;
const TRACES = 10_000_000;
const AMOUNT_CENTS_MAX = 9_999_999_999;

export interface Handed {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly nowMs: number;
  readonly bankNumber: string;
  /** It is rejected whatever it holds. */
  readonly isDoomed: boolean;
}

/** The name must be a new one. */
export function receive(state: BankTwinState, handed: Handed): KnownFile {
  const { name, nowMs } = handed;
  assert(
    state.files.every((file) => file.name !== name),
    "a name is taken once",
  );
  const handedOverOn = bankDateAt(nowMs);
  const reading = readForward(handed.bytes, handed.bankNumber);
  const fault =
    reading.kind === "refused"
      ? { line: reading.line, reason: reading.reason }
      : faultOf(state, handed, reading.file);
  const terms = { name, handedOverOn };
  if (reading.kind === "refused" || fault !== null) {
    return keep(state, { ...terms, outcome: "rejected", fault, key: "", firstTraces: [] });
  }
  const { key, batches } = reading.file;
  const firstTraces = batches.map(({ entries }) => entries[0]?.trace ?? "");
  for (const batch of batches) schedule(state, handed, batch);
  return keep(state, { ...terms, outcome: "accepted", fault, key, firstTraces });
}

function keep(state: BankTwinState, file: KnownFile): KnownFile {
  state.files.push(file);
  return file;
}

/** What is wrong with a file that is whole. */
function faultOf(
  state: BankTwinState,
  { nowMs, isDoomed }: Handed,
  { key, batches }: ForwardFile,
): KnownFile["fault"] {
  if (isDoomed) return { line: 1, reason: "mishap" };
  if (state.files.some((file) => file.key === key)) return { line: 1, reason: "file_repeated" };
  const since = addDays(bankDateAt(nowMs), -TRACE_DAYS);
  const recent = state.files.filter(({ handedOverOn }) => handedOverOn >= since);
  const known = new Set(recent.flatMap(({ firstTraces }) => firstTraces));
  for (const { line, effectiveOn, entries } of batches) {
    if (settlesAtMs(effectiveOn, nowMs) === undefined) return { line, reason: "effective_date" };
    if (known.has(entries[0]?.trace ?? "")) return { line, reason: "batch_repeated" };
  }
  return null;
}

function schedule(state: BankTwinState, handed: Handed, batch: ForwardBatch): void {
  const atMs = settlesAtMs(batch.effectiveOn, handed.nowMs);
  assert(atMs !== undefined, "the bank takes the date of a file that it takes");
  let debitCents = ZERO_CENTS;
  let creditCents = ZERO_CENTS;
  for (const entry of batch.entries) {
    const reaction = reactionTo(batch.header, entry);
    if (reaction !== undefined) {
      state.due.push(...answersTo(state, handed, batch.header, entry, reaction, atMs));
    }
    if (reaction?.comes.kind === "before_settlement") continue;
    if (entry.isDebit) debitCents = addCents(debitCents, entry.amountCents);
    else creditCents = addCents(creditCents, entry.amountCents);
  }
  // Of prenotes alone the line is zero: it says that the bank has done with them.
  const line = { fileName: handed.name, debitCents, creditCents };
  state.due.push({ kind: "settle", atMs, line });
}

function answersTo(
  state: BankTwinState,
  { name, nowMs }: Handed,
  batchHeader: string,
  entry: ForwardEntry,
  { code, comes, quirk }: Reaction,
  settlesAt: number,
): readonly Due[] {
  const isCorrection = code.startsWith("C");
  const correctedData = isCorrection ? correctionOf(code, entry.line) : "";
  if (correctedData === undefined) return [];
  const atMs = answeredAtMs(comes, settlesAt, nowMs);
  const answer: Answer = {
    code,
    batchHeader,
    entry: entry.line,
    amountCents: isCorrection ? ZERO_CENTS : amountOf(entry, quirk),
    originalTrace: quirk === "never_sent" ? neverSent(entry.trace) : entry.trace,
    ownTrace: ownTrace(state, entry),
    correctedData,
    settlesOn: bankDateAt(atMs),
  };
  const isMoved = !isCorrection && comes.kind !== "before_settlement";
  const fileName = quirk === "never_sent" ? "" : name;
  const due = (of: Answer, at: number): Due => {
    const movement = isMoved ? movementOf(of, entry.isDebit, fileName) : null;
    return { kind: "answer", atMs: at, answer: of, movement };
  };
  const first = due(answer, atMs);
  const nextMs = nextOpening(atMs);
  if (quirk === "same_again") {
    return [first, { kind: "answer", atMs: nextMs, answer, movement: null }];
  }
  if (quirk !== "second_trace") return [first];
  const second = { ...answer, ownTrace: ownTrace(state, entry), settlesOn: bankDateAt(nextMs) };
  return [first, due(second, nextMs)];
}

function amountOf({ amountCents }: ForwardEntry, quirk: Reaction["quirk"]): Cents {
  if (quirk !== "another_amount") return amountCents;
  return cents(amountCents < AMOUNT_CENTS_MAX ? amountCents + 1 : amountCents - 1);
}

/** Half the sequences away: as far from every trace in use as can be. */
function neverSent(trace: string): string {
  const sequence = (Number(trace.slice(8)) + TRACES / 2) % TRACES;
  return trace.slice(0, 8) + digits(sequence, 7);
}

/** Of the bank that the entry went to. */
function ownTrace(state: BankTwinState, { line }: ForwardEntry): string {
  state.ownTraces++;
  return part(line, 4, 11) + digits(state.ownTraces % TRACES, 7);
}

function movementOf(answer: Answer, isDebit: boolean, fileName: string): Movement {
  const { amountCents, settlesOn: on } = answer;
  return {
    kind: "returned",
    on,
    fileName,
    debitCents: isDebit ? amountCents : ZERO_CENTS,
    creditCents: isDebit ? ZERO_CENTS : amountCents,
  };
}
