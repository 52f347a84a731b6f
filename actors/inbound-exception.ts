/**
 * What is wrong with a piece of an inbound file, and how a person clears it up. Money that waits
 * for it goes back to the bank, belongs to an entry after all, or is given up by two people. A
 * credit that came back is paid again: where the bank does not name it, two people say which it is.
 * Whether an entry takes it is the entry's to say: until then nothing of it is booked anew.
 */
import {
  type AcceptReturn,
  type AnswerException,
  achEntryRef,
  type ReceivedReturn,
  type SentInFile,
} from "./ach-entry.ts";
import { answerOnly, type Decision, decided, later, type Meta, send } from "./actor.ts";
import { assert } from "./assert.ts";
import { type BankDate, bankDateAt } from "./banking-calendar.ts";
import type { JournalEntry } from "./ledger.ts";
import { type Cents, subtractCents, ZERO_CENTS } from "./money.ts";
import type { Refusal } from "./refusals.ts";
import type { ReturnCode } from "./return-codes.ts";
import { type MoneyOf, suspenseCleared, suspenseWrittenOff } from "./suspense-postings.ts";

export interface InboundException {
  /** From 1, in the order of the file. */
  readonly number: number;
  readonly line: number;
  /** A word of a closed list: of the reader, of the entry's actor, or `unknown_file`. */
  readonly reason: string;
  /** Token of the sealed bytes; null where there are none. */
  readonly sealed: string | null;
  /** Of a return what of it could be read; null where it is none. */
  readonly received: ReadReturn | null;
  /** Money that the bank moved for it; null where it moved none, or where that is booked. */
  readonly money: MovedMoney | null;
}

/** What a person matches it by. */
export interface ReadReturn {
  /** 15 digits. */
  readonly originalTrace: string;
  readonly code: string | null;
  readonly ownTrace: string | null;
  /** When the bank booked it, as far as the file says; else when it was read. */
  readonly bookedOn: BankDate;
}

export interface MovedMoney {
  readonly of: MoneyOf;
  /** Of the entries. */
  readonly direction: "debit" | "credit";
  readonly amountCents: Cents;
}

/** One that nobody has cleared up yet. */
export interface OpenException extends InboundException {
  /** Who proposed to give up the money. */
  readonly proposedBy: string | null;
  /** An entry was asked and has not answered. */
  readonly isAsked: boolean;
  /** Who said which credit it is a return of, and of what code; another one must say the same. */
  readonly matchProposed?: MatchProposal;
}

interface MatchProposal {
  /** Of the entry: file and trace. */
  readonly to: string;
  readonly code: ReturnCode;
  readonly by: string;
}

export type Resolution =
  /** Nothing moved: somebody has looked. */
  | { readonly kind: "noted" }
  /** The bank took it back, or gave it back. */
  | { readonly kind: "back_to_bank" }
  /** It is a return of this entry, of this code. */
  | { readonly kind: "applied"; readonly sent: SentInFile; readonly code: ReturnCode }
  /** The first person proposes, another one agrees. */
  | { readonly kind: "written_off" };

export interface ResolveException {
  readonly kind: "ResolveException";
  readonly number: number;
  readonly resolution: Resolution;
  readonly note: string;
}

export type ResolutionEvent =
  | {
      readonly kind: "ExceptionResolved";
      readonly number: number;
      readonly how: "noted" | "back_to_bank" | "written_off";
      readonly note: string;
      readonly entry: JournalEntry | null;
    }
  | {
      readonly kind: "ExceptionGiveUpProposed";
      readonly number: number;
      readonly by: string;
      readonly note: string;
    }
  | ({
      readonly kind: "ExceptionMatchProposed";
      readonly number: number;
      readonly note: string;
    } & MatchProposal)
  | {
      readonly kind: "ExceptionMatched";
      readonly number: number;
      /** Of the entry: file and trace. */
      readonly to: string;
      readonly code: ReturnCode;
      readonly note: string;
    }
  | {
      readonly kind: "ExceptionApplied";
      readonly number: number;
      /** The entry's: what is beyond it stays open. */
      readonly amountCents: Cents;
      readonly entry: JournalEntry | null;
    }
  | { readonly kind: "ExceptionNotApplied"; readonly number: number };

export type ResolutionReply =
  | Refusal
  /** What of its money is still open. */
  | { readonly kind: "exception_resolved"; readonly leftCents: Cents }
  | { readonly kind: "give_up_proposed" }
  | { readonly kind: "match_proposed" };

type DecidedReply = ResolutionReply | { readonly kind: "noted" };
type ResolutionDecision = Decision<ResolutionEvent, DecidedReply>;

/** Of the sequence number, behind the eight of the bank. */
const TRACE_DIGITS = 7;
const NOT_OPEN: Refusal = { kind: "exception_not_open" };
const NO_FIT: Refusal = { kind: "resolution_does_not_fit" };
const RESOLVED = { kind: "exception_resolved", leftCents: ZERO_CENTS } as const;

function find(open: readonly OpenException[], number: number): OpenException | undefined {
  return open.find((exception) => exception.number === number);
}

export function resolveException(
  open: readonly OpenException[],
  { number, resolution, note }: ResolveException,
  meta: Meta,
): ResolutionDecision {
  const found = find(open, number);
  if (found === undefined || found.isAsked) return answerOnly(NOT_OPEN);
  const { money } = found;
  switch (resolution.kind) {
    case "noted": {
      if (money !== null) return answerOnly(NO_FIT);
      return decided([resolved(number, "noted", note, null)], RESOLVED);
    }
    case "back_to_bank": {
      if (money === null) return answerOnly(NO_FIT);
      const entry = suspenseCleared(money.of, money.direction, money.amountCents);
      return decided([resolved(number, "back_to_bank", note, entry)], RESOLVED);
    }
    case "written_off":
      return giveUp(found, note, meta);
    case "applied":
      return match(found, resolution, note, meta);
  }
}

function resolved(
  number: number,
  how: "noted" | "back_to_bank" | "written_off",
  note: string,
  entry: JournalEntry | null,
): ResolutionEvent {
  return { kind: "ExceptionResolved", number, how, note, entry };
}

function giveUp(
  { number, money, proposedBy }: OpenException,
  note: string,
  { principal: by }: Meta,
): ResolutionDecision {
  if (money === null) return answerOnly(NO_FIT);
  if (proposedBy === null) {
    const event: ResolutionEvent = { kind: "ExceptionGiveUpProposed", number, by, note };
    return decided([event], { kind: "give_up_proposed" });
  }
  if (proposedBy === by) return answerOnly({ kind: "second_person_needed" });
  const entry = suspenseWrittenOff(money.of, money.direction, money.amountCents);
  return decided([resolved(number, "written_off", note, entry)], RESOLVED);
}

/** The entry is asked with its own amount: the bank may have moved more, and never less. */
function match(
  found: OpenException,
  { sent, code }: Extract<Resolution, { kind: "applied" }>,
  note: string,
  meta: Meta,
): ResolutionDecision {
  const { number, money, received } = found;
  const { direction, amountCents } = sent;
  const isOfReturn = money === null || money.of === "return";
  const isOfDirection = money === null || money.direction === direction;
  const isEnough = money === null || money.amountCents >= amountCents;
  if (!isOfReturn || !isOfDirection || !isEnough) return answerOnly(NO_FIT);
  const ref = achEntryRef(sent);
  const missing = secondWord(found, sent, { to: ref.id, code, by: meta.principal }, note);
  if (missing !== undefined) return missing;
  const { id } = meta.actor;
  const accepted: ReceivedReturn = {
    ...{ code, direction, amountCents },
    ownTrace: received?.ownTrace ?? `exception ${number} of ${id}`,
    bookedOn: received?.bookedOn ?? bankDateAt(meta.nowMs),
  };
  const event: ResolutionEvent = { kind: "ExceptionMatched", number, to: ref.id, code, note };
  const ask: AcceptReturn = {
    ...{ kind: "AcceptReturn", sent, received: accepted },
    exception: { inbound: id, number },
  };
  const reply = later(answerKey(number));
  return decided<ResolutionEvent, DecidedReply>([event], reply, [send(ref, ask)]);
}

/** Undefined where one person is enough, or another one has said the same before. */
function secondWord(
  { number, money, received, matchProposed }: OpenException,
  { trace, direction }: SentInFile,
  word: MatchProposal,
  note: string,
): ResolutionDecision | undefined {
  const isNamed = Number(received?.originalTrace.slice(-TRACE_DIGITS)) === trace;
  if (direction === "debit" || (isNamed && money !== null)) return undefined;
  if (matchProposed?.to !== word.to || matchProposed.code !== word.code) {
    const event: ResolutionEvent = { kind: "ExceptionMatchProposed", number, ...word, note };
    return decided([event], { kind: "match_proposed" });
  }
  return matchProposed.by === word.by ? answerOnly({ kind: "second_person_needed" }) : undefined;
}

function answerKey(number: number): string {
  return `exception/${number}`;
}

/** The entry has the last word; said again, it changes nothing. */
export function answerException(
  open: readonly OpenException[],
  { number, isAccepted, amountCents }: AnswerException,
): ResolutionDecision {
  const found = find(open, number);
  if (found === undefined || !found.isAsked) return answerOnly({ kind: "noted" });
  const answer = (reply: ResolutionReply) => [
    { kind: "answer", key: answerKey(number), reply } as const,
  ];
  if (!isAccepted) {
    return decided([{ kind: "ExceptionNotApplied", number }], { kind: "noted" }, answer(NO_FIT));
  }
  const { money } = found;
  const entry = money && suspenseCleared(money.of, money.direction, amountCents);
  const event: ResolutionEvent = { kind: "ExceptionApplied", number, amountCents, entry };
  const leftCents = leftOf(found, amountCents);
  return decided([event], { kind: "noted" }, answer({ kind: "exception_resolved", leftCents }));
}

function leftOf({ money }: OpenException, appliedCents: Cents): Cents {
  if (money === null) return ZERO_CENTS;
  const leftCents = subtractCents(money.amountCents, appliedCents);
  assert(leftCents >= 0, "no more is applied than the bank moved");
  return leftCents;
}

export function applyResolution(
  open: readonly OpenException[],
  event: ResolutionEvent,
): readonly OpenException[] {
  const found = find(open, event.number);
  assert(found !== undefined, "only what is open is cleared up");
  const others = open.filter((exception) => exception !== found);
  const changed = (changes: Partial<OpenException>): readonly OpenException[] =>
    open.map((exception) => (exception === found ? { ...exception, ...changes } : exception));
  switch (event.kind) {
    case "ExceptionResolved":
      return others;
    case "ExceptionGiveUpProposed":
      return changed({ proposedBy: event.by });
    case "ExceptionMatchProposed": {
      const { to, code, by } = event;
      return changed({ matchProposed: { to, code, by } });
    }
    case "ExceptionMatched":
      return changed({ isAsked: true });
    case "ExceptionNotApplied":
      return changed({ isAsked: false });
    case "ExceptionApplied": {
      const amountCents = leftOf(found, event.amountCents);
      if (amountCents === 0 || found.money === null) return others;
      // The proposal was of all of it.
      const money = { ...found.money, amountCents };
      return changed({ isAsked: false, proposedBy: null, money });
    }
  }
}
