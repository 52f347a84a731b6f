/** The reconciliation as it is told: files, days, clearing accounts, figures, differences. */
import { NO_TOTALS } from "../../actors/ach-file-totals.ts";
import { type BankDate, bankDateAt } from "../../actors/banking-calendar.ts";
import { addCents, type Cents, cents, subtractCents, sumCents } from "../../actors/money.ts";
import { checkAge, checkSuspense, checkUnexplained } from "./ages.ts";
import type { StatedMoney } from "./bank-words.ts";
import { ACCOUNT_OF, CLEARING_PARTS, debitsUnderWay } from "./clearing.ts";
import type { DayRow } from "./days.ts";
import type { Difference } from "./difference.ts";
import { checkFile } from "./file-checks.ts";
import type { FileRecord, FileStage } from "./file-record.ts";
import { type Completeness, type Timeliness, timelinessOf } from "./punctuality.ts";
import type { Reconciliation } from "./reconciliation.ts";
import { checkSealed, type OpenSealed, readSealed, type SealedFile } from "./sealed-file.ts";
import { net, SIDES, type Sides, sidesText } from "./sides.ts";
import type { OpenException } from "./suspense.ts";

export interface FileRow {
  readonly file: string;
  readonly stage: FileStage | "unknown";
  readonly effectiveOn: BankDate | null;
  readonly entries: number;
  readonly built: Sides;
  readonly sealed: SealedFile["kind"];
  /** Null where no statement speaks of it. */
  readonly stated: Sides | null;
  readonly returns: number;
  readonly returned: Sides;
  /** In the books: what is not settled for good yet, and what cash:bank moved. */
  readonly inFlight: Sides;
  readonly cashCents: Cents;
  readonly differences: number;
}

export interface ClearingRow {
  readonly account: string;
  /** Debit positive. */
  readonly balanceCents: Cents;
  /** What files and exceptions that are under way have in it. */
  readonly explainedCents: Cents;
}

export interface ReconciliationReport {
  readonly position: number;
  readonly atMs: number | null;
  /** The banking day that ages are counted to. */
  readonly today: BankDate;
  readonly entries: number;
  readonly files: readonly FileRow[];
  readonly days: readonly DayRow[];
  readonly clearing: readonly ClearingRow[];
  readonly completeness: readonly Completeness[];
  readonly timeliness: readonly Timeliness[];
  readonly differences: readonly Difference[];
  /** Differences beyond those listed. */
  readonly unlisted: number;
}

export interface ReportOptions {
  /** Unix milliseconds that ages are counted to. */
  readonly nowMs: number;
  /** Undefined where nobody has the keys. */
  readonly open: OpenSealed | undefined;
  /** Files of which a return is on its way between two actors. */
  readonly underWay: ReadonlySet<string>;
}

export function reportOf(
  books: Reconciliation,
  { nowMs, open, underWay }: ReportOptions,
): ReconciliationReport {
  const today = bankDateAt(nowMs);
  const records = [...books.files.values()].sort((a, b) => (a.fileId < b.fileId ? -1 : 1));
  const differences = [...books.differences, ...unknownFiles(books)];
  const sealed = new Map<string, SealedFile["kind"]>();
  for (const record of records) {
    const file = readSealed(record, open);
    sealed.set(record.fileId, file.kind);
    const stated = books.words.of(record.fileId);
    const isUnderWay = underWay.has(record.fileId);
    differences.push(...checkSealed(record, file));
    differences.push(...checkFile({ record, stated, isUnderWay }));
    differences.push(...checkAge(record, today), ...checkUnexplained(record, today));
  }
  differences.push(...books.suspense.differences, ...checkSuspense(books.suspense, today));
  const counts = Map.groupBy(differences, ({ file }) => file);
  return {
    ...{ position: books.position, atMs: books.position === 0 ? null : books.atMs, today },
    entries: books.entries,
    files: records.map((record) => {
      const found = counts.get(record.fileId)?.length ?? 0;
      return rowOf(books, record, sealed.get(record.fileId) ?? "gone", found);
    }),
    days: books.days.told(books.words.lines(), differences),
    clearing: clearingOf(books, records),
    completeness: completenessOf(books, records, sealed, today),
    timeliness: timelinessOf(records),
    ...{ differences, unlisted: books.unlisted },
  };
}

/** Files that the bank moved money for, or that owners speak of, and that nobody here has made. */
function unknownFiles({ words, files, suspense }: Reconciliation): readonly Difference[] {
  const spokenOf = [...files.values()].flatMap((record): Difference[] => {
    const { fileId, stage, moved, filed } = record;
    if (stage !== undefined || words.of(fileId) !== undefined) return [];
    const amountCents = subtractCents(debitsUnderWay(moved), moved.out);
    const says = `${filed.entries} entries are of a file that nobody opened`;
    return [{ kind: "file_unknown", file: fileId, date: null, amountCents, events: [], says }];
  });
  const kept = [...suspense.settlements];
  const moved = [...words.names()].flatMap((name): Difference[] => {
    const stated = words.of(name);
    if (stated === undefined || isOurs(files.get(name))) return [];
    const open = keptOf(stated, kept);
    // A person has looked at it.
    if (open === "resolved") return [];
    const { lines } = stated;
    const events = lines.map(({ position }) => position);
    const where = open === "open" ? "it waits in suspense" : "it is not in suspense either";
    const says = `the bank moved ${sidesText(stated)} for a file that is not ours; ${where}`;
    const date = lines.at(-1)?.date ?? null;
    return [{ kind: "file_unknown", file: name, date, amountCents: net(stated), events, says }];
  });
  return [...spokenOf, ...moved];
}

/** Only what was handed over is at the bank. */
function isOurs(record: FileRecord | undefined): boolean {
  return record?.steps.handing_over !== undefined;
}

/**
 * What became of the lines of a file that is not ours: exceptions do not say the file's name, but
 * one of that amount is of one line only. Takes them off the list.
 */
function keptOf(
  stated: StatedMoney,
  kept: { readonly kept: OpenException; readonly isOpen: boolean }[],
): "open" | "resolved" | "missing" {
  let outcome: "open" | "resolved" = "resolved";
  for (const change of stated.lines.flatMap(({ changes }) => changes)) {
    for (const side of SIDES) {
      if (change[side] === 0) continue;
      // Less than was said before went the other way.
      const isDebit = (side === "debitCents") === change[side] > 0;
      const isSame = ({ kept: { money } }: (typeof kept)[number]): boolean =>
        (money.direction === "debit") === isDebit && money.amountCents === Math.abs(change[side]);
      const found = kept.find((one) => isSame(one) && one.isOpen) ?? kept.find(isSame);
      if (found === undefined) return "missing";
      kept.splice(kept.indexOf(found), 1);
      if (found.isOpen) outcome = "open";
    }
  }
  return outcome;
}

function rowOf(
  { words }: Reconciliation,
  record: FileRecord,
  sealed: SealedFile["kind"],
  differences: number,
): FileRow {
  const { fileId, stage, terms, totals = NO_TOTALS, returned, moved } = record;
  const stated = words.of(fileId);
  const { debitCents, creditCents } = totals;
  return {
    ...{ file: fileId, stage: stage ?? "unknown", effectiveOn: terms?.effectiveOn ?? null },
    ...{ entries: totals.entries, built: { debitCents, creditCents }, sealed },
    stated: stated === undefined ? null : sidesOf(stated),
    ...{ returns: returned.entries, returned: sidesOf(returned) },
    inFlight: { debitCents: debitsUnderWay(moved), creditCents: cents(-moved.out) },
    ...{ cashCents: moved.cash, differences },
  };
}

function sidesOf({ debitCents, creditCents }: Sides): Sides {
  return { debitCents, creditCents };
}

/** What stands in a clearing account, and whose it is. */
function clearingOf(
  { moved, suspense }: Reconciliation,
  records: readonly FileRecord[],
): readonly ClearingRow[] {
  return CLEARING_PARTS.map((part): ClearingRow => {
    const inFiles = sumCents(records.map((record) => record.moved[part]));
    const inSuspense = sumCents(suspense.open.map(({ amountCents }) => amountCents));
    const explainedCents = part === "suspense" ? addCents(inFiles, inSuspense) : inFiles;
    return { account: ACCOUNT_OF[part], balanceCents: moved[part], explainedCents };
  });
}

function completenessOf(
  { words, suspense }: Reconciliation,
  records: readonly FileRecord[],
  sealed: ReadonlyMap<string, SealedFile["kind"]>,
  today: BankDate,
): readonly Completeness[] {
  const count = (of: (record: FileRecord) => boolean): number => records.filter(of).length;
  const total = (of: (record: FileRecord) => number): number =>
    records.reduce((sum, record) => sum + of(record), 0);
  const isHandedOver = ({ steps }: FileRecord): boolean => steps.handing_over !== undefined;
  const isTaken = ({ steps }: FileRecord): boolean => steps.acknowledged !== undefined;
  const isDue = (record: FileRecord): boolean =>
    isTaken(record) && (record.terms?.effectiveOn ?? today) < today;
  const isOver = (record: FileRecord): boolean =>
    isTaken(record) && (record.windowOn ?? today) < today;
  const answered = count((one) => isTaken(one) || one.steps.rejected !== undefined);
  const returned = total((one) => one.returned.entries) + suspense.doubted;
  return [
    { what: "files answered by the bank", have: answered, of: count(isHandedOver) },
    {
      what: "files on a statement, of those due",
      have: count((one) => isDue(one) && words.of(one.fileId) !== undefined),
      of: count(isDue),
    },
    {
      what: "files closed, of those due",
      have: count((one) => isOver(one) && one.stage === "closed"),
      of: count(isOver),
    },
    {
      what: "files read again from their sealed bytes",
      have: count((one) => sealed.get(one.fileId) === "read"),
      of: count((one) => one.totals !== undefined),
    },
    {
      what: "entries of owners in files",
      have: total((one) => one.totals?.entries ?? 0),
      of: total((one) => (one.stage === "open" ? 0 : one.filed.entries)),
    },
    {
      what: "returns booked or in suspense",
      have: returned,
      of: total((one) => one.sentBack.entries) + suspense.doubted,
    },
  ];
}
