/**
 * One ACH file, from the first entry to the last cent: open -> built -> handing over ->
 * acknowledged or rejected -> settled -> closed. It knows counts and totals; the entries are in the
 * events of their owners. Once handing over has begun nothing sends it again by itself: a file that
 * is sent twice is the worst that can happen, so only the bank or a person says what became of it.
 */

import { type FileTotals, NO_TOTALS, oneMore, plus, type ReturnTotals } from "./ach-file-totals.ts";
import {
  type ActorDefinition,
  type ActorRef,
  answerOnly,
  type Decision,
  decided,
  type Effect,
  type Message,
  type Meta,
  type StoredBody,
  send,
} from "./actor.ts";
import { assert, unreachable } from "./assert.ts";
import { addBankingDays, type BankDate } from "./banking-calendar.ts";
import type { AchFileId } from "./ids.ts";
import type { JournalEntry } from "./ledger.ts";
import { addCents, type Cents, subtractCents } from "./money.ts";
import type { Policy } from "./policy.ts";
import { fileSettled } from "./postings.ts";
import type { Refusal } from "./refusals.ts";

interface FileTerms {
  readonly createdOn: BankDate;
  /** A to Z, then 0 to 9: tells the files of one day apart. */
  readonly modifier: string;
  readonly effectiveOn: BankDate;
  /** The banking day whose inbound file is the last that may bring an ordinary return. */
  readonly windowOn: BankDate;
}

export interface SentFile extends FileTerms {
  readonly totals: FileTotals;
  /** Hex, of the bytes as they were handed over. */
  readonly sha256: string;
  /** Token of the sealed bytes. */
  readonly sealed: string;
  readonly returned: ReturnTotals;
  /** The bank took it back whole. */
  readonly isRejected: boolean;
}

export type AchFileState =
  | { readonly kind: "vacant" }
  | { readonly kind: "open"; readonly file: FileTerms }
  /** Nothing was there to send. */
  | { readonly kind: "empty"; readonly file: FileTerms }
  | { readonly kind: SentStage; readonly file: SentFile };

export type SentStage =
  | "built"
  | "handing_over"
  | "acknowledged"
  | "rejected"
  | "settled"
  | "closed";

export type AchFileCommand =
  | {
      readonly kind: "OpenFile";
      readonly createdOn: BankDate;
      readonly modifier: string;
      readonly effectiveOn: BankDate;
    }
  | { readonly kind: "DescribeFile" }
  | {
      readonly kind: "BuildFile";
      readonly totals: FileTotals;
      readonly sha256: string;
      readonly sealed: string;
    }
  | { readonly kind: "HandOverFile" }
  /** The bank's word, or a person's who asked the bank. */
  | {
      readonly kind: "AcknowledgeFile";
      readonly outcome: "accepted" | "rejected";
      readonly note: string;
    }
  /** A line of the bank's statement. */
  | {
      readonly kind: "SettleFile";
      readonly debitCents: Cents;
      readonly creditCents: Cents;
    }
  | CountReturn
  | NoteReturn
  /** Every owner was told; what they say they collected and paid out. */
  | { readonly kind: "CloseFile"; readonly debitCents: Cents; readonly creditCents: Cents };

/** From the actor of the entry, which lets each return through once. */
export interface CountReturn {
  readonly kind: "CountReturn";
  readonly direction: "debit" | "credit";
  readonly amountCents: Cents;
  readonly owner: ActorRef;
  /** Goes on to the owner, with the word whether the bank had settled. */
  readonly command: Message & { readonly isSettled: boolean };
}

/** From the owner: it knows of the return. */
export interface NoteReturn {
  readonly kind: "NoteReturn";
  readonly direction: "debit" | "credit";
  /** What it will not collect; 0 where it had collected it before the return came to it. */
  readonly amountCents: Cents;
}

/** Before a file is collected, every return that was counted has come to its owner. */
export function isEveryReturnNoted({ returned }: SentFile): boolean {
  return returned.all.entries === returned.noted.entries;
}

export function noteReturn(
  fileId: AchFileId,
  direction: "debit" | "credit",
  amountCents: Cents,
): Effect {
  const command: NoteReturn = { kind: "NoteReturn", direction, amountCents };
  return send({ kind: "ach-file", id: fileId }, command);
}

export type AchFileEvent =
  | ({ readonly kind: "FileOpened" } & FileTerms)
  | { readonly kind: "FileLeftEmpty" }
  | {
      readonly kind: "FileBuilt";
      readonly totals: FileTotals;
      readonly sha256: string;
      readonly sealed: string;
    }
  | { readonly kind: "FileHandedOver"; readonly atMs: number }
  | { readonly kind: "FileAcknowledged"; readonly note: string }
  | { readonly kind: "FileRejected"; readonly note: string }
  | { readonly kind: "FileSettled"; readonly entry: JournalEntry }
  | {
      readonly kind: "ReturnCounted" | "ReturnNoted";
      readonly direction: "debit" | "credit";
      readonly amountCents: Cents;
    }
  | { readonly kind: "FileClosed" };

export type AchFileReply =
  | Refusal
  | { readonly kind: "file"; readonly state: AchFileState }
  | { readonly kind: "noted" };

type FileDecision = Decision<AchFileEvent, AchFileReply>;
type Of<Kind extends AchFileCommand["kind"]> = Extract<AchFileCommand, { kind: Kind }>;

const SHA256_FORM = /^[0-9a-f]{64}$/;

/** The id that the bank can be asked with: creation date and modifier. */
export function achFileId(createdOn: BankDate, modifier: string): AchFileId {
  assert(/^[A-Z0-9]$/.test(modifier), "a modifier is one letter or digit");
  return `ach_${createdOn.replaceAll("-", "")}_${modifier}` as AchFileId;
}

export function achFileActor(
  policy: Policy,
): ActorDefinition<AchFileState, AchFileCommand, AchFileEvent, AchFileReply> {
  return {
    kind: "ach-file",
    schemaVersion: 1,
    eventKinds: [
      "FileOpened",
      "FileLeftEmpty",
      "FileBuilt",
      "FileHandedOver",
      "FileAcknowledged",
      "FileRejected",
      "FileSettled",
      "ReturnCounted",
      "ReturnNoted",
      "FileClosed",
    ],
    init: () => ({ kind: "vacant" }),
    decide: (state, command, meta) => decide(state, command, meta, policy),
    apply,
    upcast: upcastFile,
  };
}

const NOTED = { kind: "noted" } as const;
const WRONG_STAGE: Refusal = { kind: "file_not_at_this_stage" };

/** Said again, each step answers as it did and changes nothing. */
function decide(
  state: AchFileState,
  command: AchFileCommand,
  meta: Meta,
  policy: Policy,
): FileDecision {
  switch (command.kind) {
    case "OpenFile":
      return open(state, command, meta, policy);
    case "DescribeFile":
      return answerOnly({ kind: "file", state });
    case "BuildFile":
      return build(state, command);
    case "HandOverFile":
      // Not a repeat: whoever hears `noted` hands the bytes over.
      if (state.kind !== "built") return answerOnly(WRONG_STAGE);
      return decided([{ kind: "FileHandedOver", atMs: meta.nowMs }], NOTED);
    case "AcknowledgeFile":
      return acknowledge(state, command);
    case "SettleFile":
      return settle(state, command);
    case "CountReturn":
      return countReturn(state, command);
    case "NoteReturn": {
      const { direction, amountCents } = command;
      return decided([{ kind: "ReturnNoted", direction, amountCents }], NOTED);
    }
    case "CloseFile":
      return close(state, command);
    default:
      return unreachable(command);
  }
}

function open(
  state: AchFileState,
  { createdOn, modifier, effectiveOn }: Of<"OpenFile">,
  meta: Meta,
  policy: Policy,
): FileDecision {
  if (state.kind === "open") return answerOnly({ kind: "file", state });
  if (state.kind !== "vacant") return answerOnly(WRONG_STAGE);
  assert(achFileId(createdOn, modifier) === meta.actor.id, "a file is opened under its own name");
  const windowOn = addBankingDays(effectiveOn, policy.returnDays);
  const file = { createdOn, modifier, effectiveOn, windowOn };
  const reply = { kind: "file", state: { kind: "open", file } } as const;
  return decided([{ kind: "FileOpened", ...file }], reply);
}

function build(state: AchFileState, { totals, sha256, sealed }: Of<"BuildFile">): FileDecision {
  if (state.kind === "built" && state.file.sha256 === sha256) return answerOnly(NOTED);
  if (state.kind !== "open") return answerOnly(WRONG_STAGE);
  if (totals.entries === 0) return decided([{ kind: "FileLeftEmpty" }], NOTED);
  assert(SHA256_FORM.test(sha256), "a file is known by the hash of its bytes");
  return decided([{ kind: "FileBuilt", totals, sha256, sealed }], NOTED);
}

function acknowledge(state: AchFileState, { outcome, note }: Of<"AcknowledgeFile">): FileDecision {
  const isAccepted = outcome === "accepted";
  if (isAccepted && state.kind === "acknowledged") return answerOnly(NOTED);
  if (!isAccepted && state.kind === "rejected") return answerOnly(NOTED);
  if (state.kind !== "handing_over") return answerOnly(WRONG_STAGE);
  // A return proves that the bank has the file, whatever is said of it.
  if (!isAccepted && state.file.returned.all.entries > 0) return answerOnly(WRONG_STAGE);
  return decided([{ kind: isAccepted ? "FileAcknowledged" : "FileRejected", note }], NOTED);
}

/**
 * What came back before it was settled never moved; the rest is what the bank must say. Of a return
 * that was read before the statement the bank may have settled the entry first and then taken it
 * back: it says more, and in the end holds the same.
 */
function settle(state: AchFileState, { debitCents, creditCents }: Of<"SettleFile">): FileDecision {
  if (state.kind === "settled" || state.kind === "closed") return answerOnly(NOTED);
  if (state.kind !== "acknowledged") return answerOnly(WRONG_STAGE);
  const { totals, returned } = state.file;
  const debits = subtractCents(totals.debitCents, returned.early.debitCents);
  const credits = subtractCents(totals.creditCents, returned.early.creditCents);
  const isDebitRight = debitCents >= debits && debitCents <= totals.debitCents;
  const isCreditRight = creditCents >= credits && creditCents <= totals.creditCents;
  if (!isDebitRight || !isCreditRight) {
    return answerOnly({ kind: "statement_differs", debitCents: debits, creditCents: credits });
  }
  return decided([{ kind: "FileSettled", entry: fileSettled(debits, credits) }], NOTED);
}

/** The owner decides what it means; a rejected file was never settled, closed or not. */
function countReturn(
  state: AchFileState,
  { direction, amountCents, owner, command }: CountReturn,
): FileDecision {
  const isSent = state.kind !== "vacant" && state.kind !== "open" && state.kind !== "empty";
  assert(isSent && state.kind !== "built", "only what was handed over comes back");
  const isOver = state.kind === "settled" || state.kind === "closed";
  const isSettled = isOver && !state.file.isRejected;
  return decided([{ kind: "ReturnCounted", direction, amountCents }], NOTED, [
    send(owner, { ...command, isSettled }),
  ]);
}

/** Of every entry its owner says that it came back or was collected (docs/money.md, I10). */
function close(state: AchFileState, { debitCents, creditCents }: Of<"CloseFile">): FileDecision {
  if (state.kind === "closed") return answerOnly(NOTED);
  if (state.kind === "rejected") {
    assert(debitCents === 0 && creditCents === 0, "nothing of a rejected file is collected");
    return decided([{ kind: "FileClosed" }], NOTED);
  }
  if (state.kind !== "settled") return answerOnly(WRONG_STAGE);
  const { totals, returned } = state.file;
  const debits = addCents(debitCents, returned.noted.debitCents);
  const credits = addCents(creditCents, returned.noted.creditCents);
  if (debits !== totals.debitCents || credits !== totals.creditCents) {
    return answerOnly({ kind: "file_not_whole", debitCents: debits, creditCents: credits });
  }
  return decided([{ kind: "FileClosed" }], NOTED);
}

function apply(state: AchFileState, event: AchFileEvent): AchFileState {
  switch (event.kind) {
    case "FileOpened": {
      assert(state.kind === "vacant", "a file is opened once");
      const { createdOn, modifier, effectiveOn, windowOn } = event;
      return { kind: "open", file: { createdOn, modifier, effectiveOn, windowOn } };
    }
    case "FileLeftEmpty":
      assert(state.kind === "open", "only an open file can be left empty");
      return { kind: "empty", file: state.file };
    case "FileBuilt": {
      assert(state.kind === "open", "a file is built once");
      const { totals, sha256, sealed } = event;
      const returned = { early: NO_TOTALS, all: NO_TOTALS, noted: NO_TOTALS };
      const file = { ...state.file, totals, sha256, sealed, returned, isRejected: false };
      return { kind: "built", file };
    }
    case "FileHandedOver":
      return moved(state, "built", "handing_over");
    case "FileAcknowledged":
      return moved(state, "handing_over", "acknowledged");
    case "FileRejected": {
      assert(state.kind === "handing_over", "a file goes from step to step");
      return { kind: "rejected", file: { ...state.file, isRejected: true } };
    }
    case "FileSettled":
      return moved(state, "acknowledged", "settled");
    case "FileClosed":
      assert(state.kind === "settled" || state.kind === "rejected", "a file is closed at its end");
      return { kind: "closed", file: state.file };
    case "ReturnCounted":
    case "ReturnNoted":
      return counted(state, event);
    default:
      return unreachable(event);
  }
}

function moved(state: AchFileState, from: SentStage, to: SentStage): AchFileState {
  assert(state.kind === from, "a file goes from step to step");
  return { kind: to, file: (state as { readonly file: SentFile }).file };
}

function counted(
  state: AchFileState,
  {
    kind,
    direction,
    amountCents,
  }: Extract<AchFileEvent, { kind: "ReturnCounted" | "ReturnNoted" }>,
): AchFileState {
  const isSent = state.kind !== "vacant" && state.kind !== "open" && state.kind !== "empty";
  assert(isSent && state.kind !== "built", "only what was handed over comes back");
  const { returned } = state.file;
  const isEarly = state.kind === "handing_over" || state.kind === "acknowledged";
  const early = isEarly ? plus(returned.early, direction, amountCents) : returned.early;
  const after: ReturnTotals =
    kind === "ReturnCounted"
      ? { ...returned, early, all: oneMore(returned.all, direction, amountCents) }
      : { ...returned, noted: oneMore(returned.noted, direction, amountCents) };
  return { kind: state.kind, file: { ...state.file, returned: after } };
}

function upcastFile(stored: StoredBody): AchFileEvent {
  assert(stored.version === 1, "the file's events are of version 1");
  return stored.body as AchFileEvent;
}
