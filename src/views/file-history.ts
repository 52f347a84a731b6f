/**
 * Every ACH file as the desk sees it: its dates, its totals, what came back of it, and each step of
 * its life with who took it and why. Newest first.
 */
import type { AchFileEvent, LeftOut, SettlementProposal } from "../../actors/ach-file-messages.ts";
import { type FileTotals, type Moved, NO_TOTALS, oneMore } from "../../actors/ach-file-totals.ts";
import { assert } from "../../actors/assert.ts";
import type { BankDate } from "../../actors/banking-calendar.ts";
import type { AchFileId } from "../../actors/ids.ts";
import { type Cents, ZERO_CENTS } from "../../actors/money.ts";
import type { StoredEvent } from "../runtime/event-log.ts";
import type { View, ViewRows, ViewTable } from "../runtime/view.ts";
import type { FileRow } from "./ach-files.ts";
import { bodyOf, sortable } from "./event-body.ts";

/** A step of its life; returns are counted and not listed. */
export interface FileStep {
  readonly event: AchFileEvent["kind"];
  readonly atMs: number;
  readonly principal: string;
  /** What the bank said, or a person; null where nobody said anything. */
  readonly note: string | null;
}

export interface FileHistory {
  readonly fileId: AchFileId;
  readonly stage: FileRow["stage"];
  readonly createdOn: BankDate;
  readonly effectiveOn: BankDate;
  readonly windowOn: BankDate;
  /** Null until it is built, and where nothing was there to send. */
  readonly totals: FileTotals | null;
  readonly sha256: string | null;
  readonly returned: FileTotals;
  readonly leftOut: readonly LeftOut[];
  /** What the bank said it moved; null until then. */
  readonly stated: Moved | null;
  /** What it holds of the file beyond what is explained; negative where it holds less. */
  readonly unexplainedCents: Cents;
  /** A statement that does not fit: a person settles by hand, or a return explains it yet. */
  readonly differing: Moved | null;
  /** The bank said so after it had said the opposite. */
  readonly contradiction: "accepted" | "rejected" | null;
  /** A person says that the bank has not got it. */
  readonly rejectionProposedBy: string | null;
  /** A person's figures of what the bank moved; left out where nobody waits. */
  readonly settlementProposal?: SettlementProposal | null;
  readonly steps: readonly FileStep[];
}

const FILE = "file/";
const ORDER = "order/";
const PLACE = "place/";

export const fileHistory: View = {
  name: "file-history",
  version: 3,
  apply(events, table) {
    for (const event of events) {
      if (event.ref.kind === "ach-file") applyEvent(event, table);
    }
  },
};

const STAGE_AFTER: Readonly<Partial<Record<AchFileEvent["kind"], FileRow["stage"]>>> = {
  FileLeftEmpty: "empty",
  FileAbandoned: "abandoned",
  FileBuilt: "built",
  FileHandedOver: "handing_over",
  FileAcknowledged: "acknowledged",
  FileRejected: "rejected",
  FileSettled: "settled",
  FileClosed: "closed",
};

function applyEvent(stored: StoredEvent, table: ViewTable): void {
  const event = bodyOf<AchFileEvent>(stored);
  const fileId = stored.ref.id as AchFileId;
  const known = findHistory(table, fileId);
  if (event.kind === "FileOpened" && known === undefined) {
    const place = ORDER + sortable(stored.position);
    table.put(place, JSON.stringify(fileId));
    table.put(PLACE + fileId, JSON.stringify(place));
  }
  // The name of one that stayed empty is used again.
  const steps = known?.steps ?? [];
  const before = event.kind === "FileOpened" ? { ...opened(fileId, event), steps } : known;
  assert(before !== undefined, "a file is opened first");
  const counted = withEvent(before, event);
  table.put(FILE + fileId, JSON.stringify(withStep(counted, stored, event)));
}

function opened(
  fileId: AchFileId,
  { createdOn, effectiveOn, windowOn }: Extract<AchFileEvent, { kind: "FileOpened" }>,
): FileHistory {
  return {
    ...{ fileId, stage: "open", createdOn, effectiveOn, windowOn },
    ...{ totals: null, sha256: null, returned: NO_TOTALS, leftOut: [], steps: [] },
    ...{ stated: null, unexplainedCents: ZERO_CENTS, differing: null, contradiction: null },
    rejectionProposedBy: null,
  };
}

function withEvent(file: FileHistory, event: AchFileEvent): FileHistory {
  switch (event.kind) {
    case "FileBuilt": {
      const { totals, sha256 } = event;
      return { ...file, totals, sha256 };
    }
    case "OwnerLeftOut": {
      const { owner, rule } = event;
      return { ...file, leftOut: [...file.leftOut, { owner, rule }] };
    }
    case "ReturnCounted": {
      const { direction, amountCents } = event;
      return { ...file, returned: oneMore(file.returned, direction, amountCents) };
    }
    case "StatementDiffered":
      return { ...file, differing: movedBy(event) };
    case "FileSettled":
    case "StatementCorrected": {
      // Version 1 of the file's events explains all of it.
      const { unexplainedCents = ZERO_CENTS } = event;
      const changes = { unexplainedCents, differing: null, settlementProposal: null };
      return { ...file, stated: movedBy(event), ...changes };
    }
    case "BankContradicted":
      return { ...file, contradiction: event.outcome, rejectionProposedBy: null };
    case "RejectionProposed":
      return { ...file, rejectionProposedBy: event.by };
    case "SettlementProposed": {
      const { debitCents, creditCents, by } = event;
      return { ...file, settlementProposal: { debitCents, creditCents, by } };
    }
    case "FileAcknowledged":
      return { ...file, rejectionProposedBy: null };
    case "FileRejected":
    case "ContradictionResolved":
      return { ...file, contradiction: null, rejectionProposedBy: null };
    default:
      return file;
  }
}

/** Null in events of version 1, which kept only what was booked. */
function movedBy({ debitCents, creditCents }: Partial<Moved>): Moved | null {
  if (debitCents === undefined || creditCents === undefined) return null;
  return { debitCents, creditCents };
}

function withStep(file: FileHistory, stored: StoredEvent, event: AchFileEvent): FileHistory {
  const { kind } = event;
  if (kind === "ReturnCounted" || kind === "ReturnNoted" || kind === "OwnerLeftOut") return file;
  const { atMs, principal } = stored;
  const { note = null, windowOn } = event as Partial<FileStep> &
    Pick<Partial<FileHistory>, "windowOn">;
  const step: FileStep = { event: kind, atMs, principal, note };
  return {
    ...file,
    stage: STAGE_AFTER[kind] ?? file.stage,
    // A bank that settles later than asked moves it.
    windowOn: windowOn ?? file.windowOn,
    steps: [...file.steps, step],
  };
}

export function findHistory(table: ViewRows, fileId: AchFileId): FileHistory | undefined {
  const row = table.get(FILE + fileId);
  return row === undefined ? undefined : (JSON.parse(row) as FileHistory);
}

/** The newest first; undefined where `after` is no file. */
export function filesNewestFirst(
  table: ViewRows,
  max: number,
  after?: AchFileId,
): readonly FileHistory[] | undefined {
  const place = after === undefined ? undefined : table.get(PLACE + after);
  if (after !== undefined && place === undefined) return undefined;
  const rows = table.range({
    ...{ prefix: ORDER, max, newestFirst: true },
    ...(place === undefined ? {} : { after: JSON.parse(place) as string }),
  });
  return rows.map(({ value }) => {
    const file = findHistory(table, JSON.parse(value) as AchFileId);
    assert(file !== undefined, "a file of the list is there");
    return file;
  });
}
