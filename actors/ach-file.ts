/**
 * One ACH file, from the first entry to the last cent: open -> built -> handing over ->
 * acknowledged or rejected -> settled -> closed. It knows counts and totals; the entries are in the
 * events of their owners. Once handing over has begun nothing sends it again by itself: a file that
 * is sent twice is the worst that can happen, so only the bank or a person says what became of it.
 */

import { applyFile, upcastFile } from "./ach-file-fold.ts";
import type {
  AchFileCommand,
  AchFileEvent,
  AchFileReply,
  AchFileState,
  FileDecision,
  NoteReturn,
} from "./ach-file-messages.ts";
import { NOTED, WRONG_STAGE } from "./ach-file-messages.ts";
import {
  acknowledge,
  countReturn,
  type KnownState,
  resolveContradiction,
  settle,
  settleByHand,
} from "./ach-file-settling.ts";
import {
  type ActorDefinition,
  type ActorRef,
  answerOnly,
  decided,
  type Effect,
  type Meta,
  send,
} from "./actor.ts";
import { assert, unreachable } from "./assert.ts";
import { addBankingDays, type BankDate } from "./banking-calendar.ts";
import type { AchFileId } from "./ids.ts";
import { addCents, type Cents } from "./money.ts";
import type { Policy } from "./policy.ts";

type Of<Kind extends AchFileCommand["kind"]> = Extract<AchFileCommand, { kind: Kind }>;

const SHA256_FORM = /^[0-9a-f]{64}$/;

/** The id that the bank can be asked with: creation date and modifier. */
export function achFileId(createdOn: BankDate, modifier: string): AchFileId {
  assert(/^[A-Z0-9]$/.test(modifier), "a modifier is one letter or digit");
  return `ach_${createdOn.replaceAll("-", "")}_${modifier}` as AchFileId;
}

/** The owner of an entry has heard of its return. */
export function noteReturn(
  fileId: AchFileId,
  direction: "debit" | "credit",
  amountCents: Cents,
): Effect {
  const command: NoteReturn = { kind: "NoteReturn", direction, amountCents };
  return send({ kind: "ach-file", id: fileId }, command);
}

export function achFileActor(
  policy: Policy,
): ActorDefinition<AchFileState, AchFileCommand, AchFileEvent, AchFileReply> {
  return {
    kind: "ach-file",
    schemaVersion: 5,
    eventKinds: [
      "FileOpened",
      "FileLeftEmpty",
      "OwnerLeftOut",
      "FileAbandoned",
      "FileBuilt",
      "FileHandedOver",
      "FileAcknowledged",
      "FileRejected",
      "RejectionProposed",
      "SettlementProposed",
      "FileSettled",
      "StatementCorrected",
      "StatementDiffered",
      "BankContradicted",
      "ContradictionResolved",
      "ReturnCounted",
      "ReturnNoted",
      "FileClosed",
    ],
    init: () => ({ kind: "vacant" }),
    decide: (state, command, meta) => decide(state, command, meta, policy),
    apply: applyFile,
    upcast: upcastFile,
  };
}

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
    case "LeaveOut":
      return leaveOut(state, command);
    case "AbandonFile":
      return abandon(state, command);
    case "BuildFile":
      return build(state, command);
    case "HandOverFile":
      // Not a repeat: whoever hears `noted` hands the bytes over.
      if (state.kind !== "built") return answerOnly(WRONG_STAGE);
      return decided([{ kind: "FileHandedOver", atMs: meta.nowMs }], NOTED);
    case "CloseFile":
      return close(state, command);
    default:
      return isKnown(state) ? decideKnown(state, command, meta, policy) : unheardOf(command);
  }
}

type SaidCommand = Exclude<
  AchFileCommand,
  {
    kind:
      | "OpenFile"
      | "DescribeFile"
      | "LeaveOut"
      | "AbandonFile"
      | "BuildFile"
      | "HandOverFile"
      | "CloseFile";
  }
>;

/** What is said of a file that was handed over. */
function decideKnown(
  state: KnownState,
  command: SaidCommand,
  meta: Meta,
  policy: Policy,
): FileDecision {
  switch (command.kind) {
    case "AcknowledgeFile":
      return acknowledge(state, command, meta);
    case "SettleFile":
      return settle(state, command, meta, policy);
    case "SettleByHand":
      return settleByHand(state, command, meta, policy);
    case "ResolveContradiction":
      return resolveContradiction(state, command, meta);
    case "CountReturn":
      return countReturn(state, command, meta, policy);
    case "NoteReturn": {
      const { direction, amountCents } = command;
      return decided([{ kind: "ReturnNoted", direction, amountCents }], NOTED);
    }
    default:
      return unreachable(command);
  }
}

function isKnown(state: AchFileState): state is KnownState {
  return "file" in state && "totals" in state.file && state.kind !== "built";
}

/** The bank, or a person, speaks of a file that was never handed over. */
function unheardOf({ kind }: SaidCommand): FileDecision {
  const isReturn = kind === "CountReturn" || kind === "NoteReturn";
  assert(!isReturn, "only what was handed over comes back");
  return answerOnly(WRONG_STAGE);
}

function open(
  state: AchFileState,
  { createdOn, modifier, effectiveOn, scope = null }: Of<"OpenFile">,
  meta: Meta,
  policy: Policy,
): FileDecision {
  if (state.kind === "open") return answerOnly({ kind: "file", state });
  // A day has so many names and no more: one under which nothing was ever filed is used again.
  const isFree = state.kind === "empty" && state.file.leftOut.length === 0;
  if (state.kind !== "vacant" && !isFree) return answerOnly(WRONG_STAGE);
  assert(achFileId(createdOn, modifier) === meta.actor.id, "a file is opened under its own name");
  const windowOn = addBankingDays(effectiveOn, policy.returnDays);
  const file = { createdOn, modifier, effectiveOn, scope, windowOn };
  const reply = { kind: "file", state: { kind: "open", file: { ...file, leftOut: [] } } } as const;
  return decided([{ kind: "FileOpened", ...file }], reply);
}

function leaveOut(state: AchFileState, { kind: _, ...left }: Of<"LeaveOut">): FileDecision {
  if (state.kind !== "open") return answerOnly(WRONG_STAGE);
  const { owner, traces } = left;
  if (state.file.leftOut.some((other) => isSameOwner(other.owner, owner))) return answerOnly(NOTED);
  assert(traces.length > 0, "who is left out had an entry");
  return decided([{ kind: "OwnerLeftOut", ...left }], NOTED);
}

function isSameOwner(one: ActorRef, other: ActorRef): boolean {
  return one.kind === other.kind && one.id === other.id;
}

/** Once handing over has begun, only the bank or a person who asked it says what became of it. */
function abandon(state: AchFileState, { note }: Of<"AbandonFile">): FileDecision {
  if (state.kind === "abandoned") return answerOnly(NOTED);
  if (state.kind !== "open" && state.kind !== "built") return answerOnly(WRONG_STAGE);
  return decided([{ kind: "FileAbandoned", note }], NOTED);
}

function build(state: AchFileState, { totals, sha256, sealed }: Of<"BuildFile">): FileDecision {
  if (state.kind === "built" && state.file.sha256 === sha256) return answerOnly(NOTED);
  if (state.kind !== "open") return answerOnly(WRONG_STAGE);
  if (totals.entries === 0) return decided([{ kind: "FileLeftEmpty" }], NOTED);
  assert(SHA256_FORM.test(sha256), "a file is known by the hash of its bytes");
  return decided([{ kind: "FileBuilt", totals, sha256, sealed }], NOTED);
}

/** Of every entry its owner says that it came back or was collected (docs/money.md, I10). */
function close(state: AchFileState, { debitCents, creditCents }: Of<"CloseFile">): FileDecision {
  const isClosed = state.kind === "abandoned" && state.isClosed;
  if (state.kind === "closed" || isClosed) return answerOnly(NOTED);
  if (state.kind === "rejected" || state.kind === "abandoned") {
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
