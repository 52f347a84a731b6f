/** What the log says of one ACH file, from all who speak of it: the file, its owners, the bank. */
import type { AchFileEvent } from "../../actors/ach-file-messages.ts";
import { type FileTotals, NO_TOTALS, oneMore } from "../../actors/ach-file-totals.ts";
import type { Message } from "../../actors/actor.ts";
import type { BankDate } from "../../actors/banking-calendar.ts";
import type { CollectionEvent } from "../../actors/collection-messages.ts";
import type { JournalEntry } from "../../actors/ledger.ts";
import type { MerchantEvent } from "../../actors/merchant.ts";
import { addCents, type Cents, ZERO_CENTS } from "../../actors/money.ts";
import type { StoredEvent } from "../runtime/event-log.ts";
import { addMoved, type Moved, movedBy, NOTHING_MOVED } from "./clearing.ts";

export type FileStage =
  | "open"
  | "empty"
  | "abandoned"
  | "built"
  | "handing_over"
  | "acknowledged"
  | "rejected"
  | "settled"
  | "closed";

const STAGE_AFTER: Readonly<Partial<Record<AchFileEvent["kind"], FileStage>>> = {
  FileOpened: "open",
  FileLeftEmpty: "empty",
  FileAbandoned: "abandoned",
  FileBuilt: "built",
  FileHandedOver: "handing_over",
  FileAcknowledged: "acknowledged",
  FileRejected: "rejected",
  FileSettled: "settled",
  FileClosed: "closed",
};

export interface Step {
  readonly position: number;
  /** Unix milliseconds. */
  readonly atMs: number;
}

export interface FileRecord {
  readonly fileId: string;
  /** Undefined for one that nobody opened. */
  stage: FileStage | undefined;
  readonly steps: Partial<Record<FileStage, Step>>;
  terms: { readonly createdOn: BankDate; readonly effectiveOn: BankDate } | undefined;
  windowOn: BankDate | undefined;
  /** The file as it was built. */
  totals: FileTotals | undefined;
  sha256: string | undefined;
  /** Token of the sealed bytes. */
  sealed: string | undefined;
  /** What its owners say that they put in. */
  filed: FileTotals;
  /** Of which owners that were left out have taken back so much. */
  leftOut: FileTotals;
  /** What the file counted as returned. */
  returned: FileTotals;
  early: EarlyReturns;
  /** What the bank moved, as the file has it. */
  stated: StatedWord | undefined;
  /** The bank said so after it had said the opposite. */
  contradiction: { readonly outcome: "accepted" | "rejected"; readonly since: Step } | undefined;
  /** What the bank sent back of it, by the entries. */
  sentBack: { readonly entries: number; readonly amountCents: Cents };
  /** What was posted because of it: by the name of the journal entry, and all together. */
  readonly postings: Map<string, Moved>;
  moved: Moved;
}

interface StatedWord {
  readonly said: { readonly debitCents: Cents; readonly creditCents: Cents };
  /** What of it is beyond entries and returns; negative where the bank holds less. */
  readonly unexplainedCents: Cents;
  readonly since: Step;
}

/** Of the returns, by when the bank booked them (docs/ach.md). */
interface EarlyReturns {
  /** What the bank is sure never to have moved, */
  readonly sure: FileTotals;
  /** what the books take it not to have moved, */
  readonly booked: FileTotals;
  /** and what it perhaps did not. */
  readonly perhaps: FileTotals;
}

export function newRecord(fileId: string): FileRecord {
  return {
    ...{ fileId, stage: undefined, steps: {}, terms: undefined, windowOn: undefined },
    ...{ totals: undefined, sha256: undefined, sealed: undefined },
    ...{ filed: NO_TOTALS, leftOut: NO_TOTALS, returned: NO_TOTALS },
    ...{ stated: undefined, contradiction: undefined },
    early: { sure: NO_TOTALS, booked: NO_TOTALS, perhaps: NO_TOTALS },
    sentBack: { entries: 0, amountCents: ZERO_CENTS },
    postings: new Map(),
    moved: NOTHING_MOVED,
  };
}

/** An event that a file caused, of the file itself or of somebody who has an entry in it. */
export function noteEvent(record: FileRecord, stored: StoredEvent, body: Message): void {
  if (stored.ref.kind === "ach-file") noteFile(record, stored, body as AchFileEvent);
  else noteOwner(record, body as CollectionEvent | MerchantEvent);
}

export function notePosting(record: FileRecord, entry: JournalEntry): void {
  const moved = movedBy(entry);
  const before = record.postings.get(entry.name) ?? NOTHING_MOVED;
  record.postings.set(entry.name, addMoved(before, moved));
  record.moved = addMoved(record.moved, moved);
}

function noteFile(record: FileRecord, { position, atMs }: StoredEvent, event: AchFileEvent): void {
  const step: Step = { position, atMs };
  const stage = STAGE_AFTER[event.kind];
  if (stage !== undefined) {
    record.stage = stage;
    record.steps[stage] = step;
  }
  switch (event.kind) {
    case "FileOpened": {
      const { createdOn, effectiveOn, windowOn } = event;
      record.terms = { createdOn, effectiveOn };
      record.windowOn = windowOn;
      return;
    }
    case "FileBuilt":
      record.totals = event.totals;
      record.sha256 = event.sha256;
      record.sealed = event.sealed;
      return;
    case "OwnerLeftOut": {
      const { entries, debitCents, creditCents } = record.leftOut;
      record.leftOut = {
        entries: entries + event.traces.length,
        debitCents: addCents(debitCents, event.debitCents),
        creditCents: addCents(creditCents, event.creditCents),
      };
      return;
    }
    case "ReturnCounted":
      noteReturn(record, event);
      return;
    case "FileSettled":
      // The bank settled later than it was asked to.
      record.windowOn = event.windowOn ?? record.windowOn;
      record.stated = { said: event, unexplainedCents: event.unexplainedCents, since: step };
      return;
    case "StatementCorrected":
      record.stated = { said: event, unexplainedCents: event.unexplainedCents, since: step };
      return;
    case "BankContradicted":
      record.contradiction = { outcome: event.outcome, since: step };
      return;
    case "FileRejected":
    case "ContradictionResolved":
      record.contradiction = undefined;
      return;
    default:
  }
}

function noteReturn(
  record: FileRecord,
  { direction, amountCents, timing }: Extract<AchFileEvent, { kind: "ReturnCounted" }>,
): void {
  const { sure, booked, perhaps } = record.early;
  const add = (totals: FileTotals, isIn: boolean): FileTotals =>
    isIn ? oneMore(totals, direction, amountCents) : totals;
  const isSure = timing === "before_settlement";
  // Version 1 went by what had been read when it was counted.
  const isBooked = isSure || (timing === "as_read" && record.steps.settled === undefined);
  record.returned = add(record.returned, true);
  record.early = {
    sure: add(sure, isSure),
    booked: add(booked, isBooked),
    perhaps: add(perhaps, isBooked || timing === "on_the_day"),
  };
}

function noteOwner(record: FileRecord, event: CollectionEvent | MerchantEvent): void {
  const add = (direction: "debit" | "credit", amountCents: FileTotals["debitCents"]): void => {
    record.filed = oneMore(record.filed, direction, amountCents);
  };
  switch (event.kind) {
    case "PrenoteFiled":
      add("debit", NO_TOTALS.debitCents);
      return;
    case "DebitsFiled":
      for (const { amountCents } of event.debits) add("debit", amountCents);
      return;
    case "FeesFiled":
      for (const { amountCents } of event.fees) add("debit", amountCents);
      return;
    case "RefundsFiled":
      for (const { amountCents } of event.refunds) add("credit", amountCents);
      return;
    case "PayoutFiled":
      add("credit", event.amountCents);
      return;
    default:
  }
}
