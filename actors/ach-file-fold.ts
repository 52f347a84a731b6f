/** What the events of an ACH file make of it, and what those of version 1 mean today. */
import type { AchFileEvent, AchFileState, SentFile, SentStage } from "./ach-file-messages.ts";
import { NO_RETURNS, oneMore, oneMoreReturn } from "./ach-file-totals.ts";
import type { StoredBody } from "./actor.ts";
import { assert, unreachable } from "./assert.ts";
import type { JournalEntry, LedgerAccount } from "./ledger.ts";
import { type Cents, sumCents, ZERO_CENTS } from "./money.ts";

type EventOf<Kind extends AchFileEvent["kind"]> = Extract<AchFileEvent, { kind: Kind }>;

const STEP = "a file goes from step to step";
const HANDED_OVER = "only what was handed over comes back";

export function applyFile(state: AchFileState, event: AchFileEvent): AchFileState {
  switch (event.kind) {
    case "FileOpened": {
      assert(state.kind === "vacant" || state.kind === "empty", "a file is opened once");
      const { kind: _, ...terms } = event;
      return { kind: "open", file: { ...terms, leftOut: [] } };
    }
    case "OwnerLeftOut": {
      assert(state.kind === "open", "what is left out was to be in the file");
      const { owner, rule } = event;
      const leftOut = [...state.file.leftOut, { owner, rule }];
      return { kind: "open", file: { ...state.file, leftOut } };
    }
    case "FileAbandoned": {
      assert(state.kind === "open" || state.kind === "built", "a file that was sent is not ours");
      const { createdOn, modifier, effectiveOn, scope, windowOn } = state.file;
      const file = { createdOn, modifier, effectiveOn, scope, windowOn };
      return { kind: "abandoned", file, isClosed: false };
    }
    case "FileLeftEmpty":
      assert(state.kind === "open", "only an open file can be left empty");
      return { kind: "empty", file: state.file };
    case "FileBuilt": {
      assert(state.kind === "open", "a file is built once");
      const { totals, sha256, sealed } = event;
      const { leftOut: _, ...terms } = state.file;
      const built = { ...terms, totals, sha256, sealed, ...UNTOUCHED };
      return { kind: "built", file: built };
    }
    case "FileHandedOver":
      return moved(state, ["built"], "handing_over", {});
    case "FileAcknowledged":
      return moved(state, ["handing_over"], "acknowledged", { rejectionProposedBy: null });
    case "FileRejected": {
      const from: readonly SentStage[] = ["handing_over", "acknowledged"];
      const changes = { isRejected: true, contradiction: null, rejectionProposedBy: null };
      return moved(state, from, "rejected", changes);
    }
    case "FileSettled":
      return settled(state, event);
    case "FileClosed":
      if (state.kind === "abandoned") return { ...state, isClosed: true };
      return moved(state, ["settled", "rejected"], "closed", {});
    default:
      return { kind: handedOver(state).kind, file: told(handedOver(state), event) };
  }
}

/** Of a file that nobody has spoken of yet. */
const UNTOUCHED = {
  ...{ returned: NO_RETURNS, isRejected: false, words: [], stated: null },
  ...{ unexplainedCents: ZERO_CENTS, differing: null, contradiction: null },
  rejectionProposedBy: null,
} satisfies Partial<SentFile>;

function moved(
  state: AchFileState,
  from: readonly SentStage[],
  to: SentStage,
  changes: Partial<SentFile>,
): AchFileState {
  assert((from as readonly string[]).includes(state.kind), STEP);
  assert("file" in state && "totals" in state.file, STEP);
  return { kind: to, file: { ...state.file, ...changes } };
}

function settled(state: AchFileState, event: EventOf<"FileSettled">): AchFileState {
  const { debitCents, creditCents, unexplainedCents, windowOn, words } = event;
  const stated = { debitCents, creditCents };
  const changes = { stated, words, unexplainedCents, differing: null, settlementProposal: null };
  const window = windowOn === null ? {} : { windowOn };
  return moved(state, ["acknowledged"], "settled", { ...changes, ...window });
}

function handedOver(state: AchFileState): { readonly kind: SentStage; readonly file: SentFile } {
  assert(state.kind !== "vacant" && state.kind !== "open" && state.kind !== "empty", HANDED_OVER);
  assert(state.kind !== "abandoned" && state.kind !== "built", HANDED_OVER);
  return state;
}

/** What is said of a file and leaves it at its stage. */
function told(
  { kind, file }: { readonly kind: SentStage; readonly file: SentFile },
  event: EventOf<
    | "ReturnCounted"
    | "ReturnNoted"
    | "StatementDiffered"
    | "StatementCorrected"
    | "BankContradicted"
    | "ContradictionResolved"
    | "RejectionProposed"
    | "SettlementProposed"
  >,
): SentFile {
  const { returned } = file;
  switch (event.kind) {
    case "ReturnCounted": {
      const { direction, amountCents, timing } = event;
      const isSettledKnown = kind === "settled" || kind === "closed";
      const more = oneMoreReturn(returned, direction, amountCents, timing, isSettledKnown);
      return { ...file, returned: more };
    }
    case "ReturnNoted": {
      const noted = oneMore(returned.noted, event.direction, event.amountCents);
      return { ...file, returned: { ...returned, noted } };
    }
    case "StatementDiffered": {
      const { debitCents, creditCents, on, words } = event;
      return { ...file, words, differing: { debitCents, creditCents, on } };
    }
    case "StatementCorrected": {
      const { debitCents, creditCents, unexplainedCents, words } = event;
      const stated = { debitCents, creditCents };
      const changes = { stated, unexplainedCents, differing: null, settlementProposal: null };
      return { ...file, words, ...changes };
    }
    case "BankContradicted":
      return { ...file, contradiction: event.outcome, rejectionProposedBy: null };
    case "ContradictionResolved":
      return { ...file, contradiction: null, rejectionProposedBy: null };
    case "RejectionProposed":
      return { ...file, rejectionProposedBy: event.by };
    case "SettlementProposed": {
      const { debitCents, creditCents, by } = event;
      return { ...file, settlementProposal: { debitCents, creditCents, by } };
    }
    default:
      return unreachable(event);
  }
}

/**
 * Version 1 went by what had been read: it kept neither when a return was booked, nor what the bank
 * said beside what was booked of it. Before version 4, the newest word was the only one, and
 * before version 5, every file took all that waited.
 */
export function upcastFile({ version, body }: StoredBody): AchFileEvent {
  assert(version >= 1 && version <= 5, "the file's events have versions 1 to 5");
  const event = body as AchFileEvent;
  if (event.kind === "FileOpened" && version < 5) return { ...event, scope: null };
  if (version >= 4) return event;
  if (event.kind === "StatementDiffered") {
    const { debitCents, creditCents, on } = event;
    return { ...event, words: [{ debitCents, creditCents, on }] };
  }
  // Of which day it was is not known: given again, it is heard as that of its day.
  if (event.kind === "StatementCorrected") return { ...event, words: [] };
  if (version > 1) return event.kind === "FileSettled" ? { ...event, words: [] } : event;
  if (event.kind === "ReturnCounted") return { ...event, timing: "as_read" };
  if (event.kind !== "FileSettled") return event;
  const { entry } = event;
  return {
    ...{ kind: "FileSettled", debitCents: postedTo(entry, "ach:provisional"), note: null, entry },
    ...{ creditCents: postedTo(entry, "ach:out"), windowOn: null, unexplainedCents: ZERO_CENTS },
    words: [],
  };
}

function postedTo({ postings }: JournalEntry, account: LedgerAccount): Cents {
  const posted = postings.filter((posting) => posting.account === account);
  return sumCents(posted.map(({ amountCents }) => amountCents));
}
