/**
 * The bank's word on an ACH file: taken or not, what it moved, what came back. The order in which
 * its words are read does not matter: a return counts by the day on which the bank booked it, a
 * statement or a return proves that the bank has the file, and a statement that does not fit yet
 * waits for the return that explains it. What nothing explains is for a person (docs/ach.md).
 */
import { applyFile } from "./ach-file-fold.ts";
import type {
  AchFileCommand,
  AchFileEvent,
  CountReturn,
  FileDecision,
  FileSettled,
  SentFile,
  SentStage,
  SentState,
  Statement,
  StatementCorrected,
} from "./ach-file-messages.ts";
import { NOTED, WRONG_STAGE } from "./ach-file-messages.ts";
import { type Moved, minus, NO_MOVED, type ReturnTiming } from "./ach-file-totals.ts";
import { answerOnly, decided, type Meta, send } from "./actor.ts";
import { assert, present } from "./assert.ts";
import { addBankingDays, type BankDate, bankDateAt } from "./banking-calendar.ts";
import { type Cents, clampCents, subtractCents, sumCents } from "./money.ts";
import type { Policy } from "./policy.ts";
import { fileSettled, statementCorrected } from "./postings.ts";
import type { Refusal } from "./refusals.ts";

type Of<Kind extends AchFileCommand["kind"]> = Extract<AchFileCommand, { kind: Kind }>;

/** A file that was handed over, whatever became of it. */
export type KnownState = SentState & { readonly kind: Exclude<SentStage, "built"> };

const CONTRADICTED: Refusal = { kind: "file_contradicted" };

/** The same word again changes nothing; another one than before is for a person. */
export function acknowledge(
  { kind, file }: KnownState,
  { outcome, note, persons }: Of<"AcknowledgeFile">,
  meta: Meta,
): FileDecision {
  const isAccepted = outcome === "accepted";
  // What came back of it proves that the bank has it.
  const isUntouched = file.returned.all.entries === 0;
  if (kind === "handing_over" && isAccepted) {
    return decided([{ kind: "FileAcknowledged", note }], NOTED);
  }
  if (kind === "handing_over" && isUntouched) {
    return persons === "one" ? rejected(note) : rejectedByTwo(file, note, meta);
  }
  if (isAccepted !== file.isRejected) return answerOnly(NOTED);
  if (file.contradiction === outcome) return answerOnly(CONTRADICTED);
  return decided([{ kind: "BankContradicted", outcome, note }], CONTRADICTED);
}

function rejected(note: string): FileDecision {
  return decided([{ kind: "FileRejected", note }], NOTED);
}

/** Where the bank has the file after all, everybody in it is debited twice: never one person. */
function rejectedByTwo(
  { rejectionProposedBy }: SentFile,
  note: string,
  { principal: by }: Meta,
): FileDecision {
  if (rejectionProposedBy === null) {
    return decided([{ kind: "RejectionProposed", by, note }], { kind: "rejection_proposed" });
  }
  if (rejectionProposedBy === by) return answerOnly({ kind: "second_person_needed" });
  return rejected(note);
}

/** It stays as it was, or the bank gives back whole what it had taken and not touched. */
export function resolveContradiction(
  { kind, file }: KnownState,
  { outcome, note }: Of<"ResolveContradiction">,
  meta: Meta,
): FileDecision {
  if (file.contradiction === null) return answerOnly({ kind: "exception_not_open" });
  if ((outcome === "rejected") === file.isRejected) {
    return decided([{ kind: "ContradictionResolved", note }], NOTED);
  }
  const isUntouched = file.returned.all.entries === 0 && file.differing === null;
  // What a rejected file held is with its owners again, or in another file.
  if (kind !== "acknowledged" || !isUntouched) return answerOnly(WRONG_STAGE);
  return rejectedByTwo(file, note, meta);
}

/**
 * A line of the statement. A bank may settle a file on several days: what it moved is the sum of
 * its last word on each. What came back before settlement never moved; the rest is there.
 */
export function settle(
  state: KnownState,
  { debitCents, creditCents, on }: Of<"SettleFile">,
  meta: Meta,
  policy: Policy,
): FileDecision {
  const { file } = state;
  const word: Statement = { debitCents, creditCents, on };
  const before = file.words.find((other) => other.on === on);
  const words = [...file.words.filter((other) => other !== before), word];
  const said: Said = { ...sumOf(words), words };
  const [least, most] = boundsOf(file);
  // A person may have settled with it already.
  if (isWithin(said, least, most) || isSame(said, file.stated)) {
    return decided(settled(state, said, lastOf(words), null, meta, policy), NOTED);
  }
  const refusal: Refusal = { kind: "statement_differs", ...most };
  if (isSame(said, file.differing)) return answerOnly(refusal);
  const differed: AchFileEvent = { kind: "StatementDiffered", ...said, on: lastOf(words) };
  return decided([...acknowledgedBy(state, "its statement"), differed], refusal);
}

/** What the bank moved, and its words on it. */
type Said = Moved & Pick<SentFile, "words">;

function sumOf(words: readonly Statement[]): Moved {
  return {
    debitCents: sumCents(words.map((word) => word.debitCents)),
    creditCents: sumCents(words.map((word) => word.creditCents)),
  };
}

function lastOf(words: readonly Statement[]): BankDate {
  const last = words
    .map(({ on }) => on)
    .toSorted()
    .at(-1);
  return present(last, "a statement has a day");
}

/**
 * What the bank moved, as a person has it from the bank. Figures that neither entries and returns
 * nor a statement of the bank give are a manual journal entry: two people say the same.
 */
export function settleByHand(
  state: KnownState,
  { debitCents, creditCents, note }: Of<"SettleByHand">,
  meta: Meta,
  policy: Policy,
): FileDecision {
  assert(debitCents >= 0 && creditCents >= 0, "the bank moves what it moves");
  const { differing, effectiveOn, words } = state.file;
  const on = differing?.on ?? effectiveOn;
  const said: Said = { debitCents, creditCents, words };
  const events = settled(state, said, on, note, meta, policy);
  const missing = isOwnFigure(state.file, said) ? secondPerson(state.file, said, note, meta) : null;
  return events.length > 0 && missing !== null ? missing : decided(events, NOTED);
}

function isOwnFigure(file: SentFile, said: Said): boolean {
  const isBanks = isSame(said, file.differing) || isSame(said, file.stated);
  return unexplained(said, file) !== 0 && !isBanks;
}

/** The word of one person; null where another one has said the same before. */
function secondPerson(
  { settlementProposal: proposal = null }: SentFile,
  { debitCents, creditCents }: Moved,
  note: string,
  { principal: by }: Meta,
): FileDecision | null {
  if (!isSame({ debitCents, creditCents }, proposal)) {
    const proposed = { debitCents, creditCents, by, note };
    return decided([{ kind: "SettlementProposed", ...proposed }], { kind: "settlement_proposed" });
  }
  return proposal?.by === by ? answerOnly({ kind: "second_person_needed" }) : null;
}

function settled(
  state: KnownState,
  said: Said,
  on: BankDate,
  note: string | null,
  meta: Meta,
  policy: Policy,
): readonly AchFileEvent[] {
  const { kind, file } = state;
  if (kind !== "handing_over" && kind !== "acknowledged") return corrected(file, said, note);
  const today = bankDateAt(meta.nowMs);
  const settledOn = on < today ? on : today;
  const lastOn = addBankingDays(settledOn, policy.returnDays);
  const windowOn = lastOn > file.windowOn ? lastOn : file.windowOn;
  const unexplainedCents = unexplained(said, file);
  const entry = fileSettled(minus(file.totals, file.returned.early), unexplainedCents);
  const event: FileSettled = {
    kind: "FileSettled",
    ...said,
    windowOn,
    unexplainedCents,
    note,
    entry,
  };
  return [...acknowledgedBy(state, "its statement"), event];
}

/** Another word after the file was settled: only what is still unexplained is booked. */
function corrected(file: SentFile, said: Said, note: string | null): readonly AchFileEvent[] {
  const unexplainedCents = unexplained(said, file);
  const moreCents = subtractCents(unexplainedCents, file.unexplainedCents);
  const isNew = moreCents !== 0 || file.differing !== null || isWordNew(file, said);
  if (!isNew) return [];
  const entry = moreCents === 0 ? null : statementCorrected(moreCents);
  const event: StatementCorrected = {
    ...{ kind: "StatementCorrected", ...said, unexplainedCents, note, entry },
  };
  return [event];
}

/** The owner decides what a return means; a rejected file was never settled, closed or not. */
export function countReturn(
  state: KnownState,
  { direction, amountCents, bookedOn, owner, command }: CountReturn,
  meta: Meta,
  policy: Policy,
): FileDecision {
  const timing = timingOf(state, bookedOn);
  const isSettled = timing !== "before_settlement" && !state.file.isRejected;
  const events: AchFileEvent[] = [
    ...acknowledgedBy(state, "a return of it"),
    { kind: "ReturnCounted", direction, amountCents, timing },
  ];
  const after = events.reduce(applyFile, state) as KnownState;
  events.push(...explained(after, meta, policy));
  return decided(events, NOTED, [send(owner, { ...command, isSettled })]);
}

/** Once our books say that everything has moved, a return of it moves it back. */
function timingOf({ kind, file }: KnownState, bookedOn: BankDate): ReturnTiming {
  if (bookedOn > file.effectiveOn) return "after_settlement";
  const isOpen = kind === "handing_over" || kind === "acknowledged" || file.isRejected;
  return bookedOn < file.effectiveOn && isOpen ? "before_settlement" : "on_the_day";
}

/** What a return makes of what the bank said before it came. */
function explained(state: KnownState, meta: Meta, policy: Policy): readonly AchFileEvent[] {
  const { file } = state;
  const { differing, stated } = file;
  if (differing !== null && isWithin(differing, ...boundsOf(file))) {
    const { debitCents, creditCents, on } = differing;
    const said: Said = { debitCents, creditCents, words: file.words };
    return settled(state, said, on, null, meta, policy);
  }
  const isDoubtful = stated !== null && file.unexplainedCents !== 0;
  if (!isDoubtful || unexplained(stated, file) === file.unexplainedCents) return [];
  return corrected(file, { ...stated, words: file.words }, null);
}

/** A word of a day that says something, and not what was said of that day before. */
function isWordNew(file: SentFile, { words }: Said): boolean {
  return words.some((word) => {
    const before = file.words.find(({ on }) => on === word.on) ?? NO_MOVED;
    return !isSame(word, before);
  });
}

/** Whatever the bank says of the entries of a file, it has the file. */
function acknowledgedBy({ kind }: KnownState, note: string): readonly AchFileEvent[] {
  return kind === "handing_over" ? [{ kind: "FileAcknowledged", note }] : [];
}

/** What the bank may say: from everything that may have come back early to what is sure to have. */
function boundsOf({ totals, returned, isRejected }: SentFile): readonly [Moved, Moved] {
  if (isRejected) return [NO_MOVED, NO_MOVED];
  return [minus(totals, returned.perhapsEarly), minus(totals, returned.sureEarly)];
}

function isWithin(said: Moved, least: Moved, most: Moved): boolean {
  const isDebitRight = said.debitCents >= least.debitCents && said.debitCents <= most.debitCents;
  const isCreditRight =
    said.creditCents >= least.creditCents && said.creditCents <= most.creditCents;
  return isDebitRight && isCreditRight;
}

function isSame(said: Moved, other: Moved | null): boolean {
  return said.debitCents === other?.debitCents && said.creditCents === other.creditCents;
}

/** What is with us beyond what the bank may say, net of both directions; may be negative. */
function unexplained(said: Moved, file: SentFile): Cents {
  const [least, most] = boundsOf(file);
  const beyond = (part: keyof Moved): Cents =>
    subtractCents(said[part], clampCents(said[part], least[part], most[part]));
  return subtractCents(beyond("debitCents"), beyond("creditCents"));
}
