/**
 * The three-way reconciliation of files, bank and books, by file and by day. It folds the event log
 * anew, in memory that grows with files and days, and not with the log.
 */
import type { AchEntryEvent } from "../../actors/ach-entry.ts";
import type { AchInboundEvent } from "../../actors/ach-inbound.ts";
import type { AnyActor, Message } from "../../actors/actor.ts";
import type { StatementReceived } from "../../actors/bank-statement.ts";
import type { JournalEntry } from "../../actors/ledger.ts";
import { addCents, type Cents, cents, formatCents } from "../../actors/money.ts";
import type { StoredEvent } from "../runtime/event-log.ts";
import { BankWords } from "./bank-words.ts";
import { EventReader, mayPost } from "./booked-event.ts";
import { Causes, isHeard } from "./causes.ts";
import {
  ACCOUNT_OF,
  addMoved,
  type BooksPart,
  CLEARING_PARTS,
  debitsUnderWay,
  type Moved,
  movedBy,
  NOTHING_MOVED,
} from "./clearing.ts";
import { Days } from "./days.ts";
import type { Difference, DifferenceKind } from "./difference.ts";
import { type FileRecord, newRecord, noteEvent, notePosting } from "./file-record.ts";
import { ownFigures } from "./own-figures.ts";
import { Suspense } from "./suspense.ts";

/** What is wrong with single events is named one by one up to here, and counted beyond. */
const FOUND_MAX = 1_000;

/** Of these every event tells of files; of accounts and merchants, those that post or file. */
const ACTORS_OF_FILES: ReadonlySet<string> = new Set([
  "ach-file",
  "ach-entry",
  "ach-inbound",
  "bank-statement",
]);

function isOfMoney(stored: StoredEvent): boolean {
  const { ref, kind } = stored;
  if (ACTORS_OF_FILES.has(ref.kind) || kind === "PrenoteFiled") return true;
  return mayPost(stored) || isHeard(stored);
}

/** Everything that is known when the last event has been heard. */
export class Reconciliation {
  readonly #reader: EventReader;
  readonly #causes = new Causes();
  readonly files = new Map<string, FileRecord>();
  readonly words = new BankWords();
  readonly suspense = new Suspense();
  readonly days = new Days();
  /** Found while reading: of single events. */
  readonly differences: Difference[] = [];
  unlisted = 0;
  moved: Moved = NOTHING_MOVED;
  position = 0;
  atMs = 0;
  entries = 0;

  constructor(actors: readonly AnyActor[]) {
    this.#reader = new EventReader(actors);
  }

  /** The next event of the log. Throws BrokenBooks. */
  hear(stored: StoredEvent): void {
    this.position = stored.position;
    this.atMs = stored.atMs;
    if (!isOfMoney(stored)) return;
    const { body, entry } = this.#reader.read(stored);
    const counted = this.#causes.countedFor(stored.commandId);
    const fileId = this.#causes.hear(stored, body);
    const record = fileId === undefined ? undefined : this.#file(fileId);
    if (record !== undefined) this.#noteFile(record, stored, body);
    const moved = entry === undefined ? NOTHING_MOVED : movedBy(entry);
    this.#hearBank(stored, body, moved);
    if (entry === undefined) return;
    this.#post(stored, entry, moved, record);
    const said = ownFigures(body, moved, counted);
    if (said !== undefined) this.#compare(stored, moved, said, record);
  }

  #file(fileId: string): FileRecord {
    const known = this.files.get(fileId) ?? newRecord(fileId);
    this.files.set(fileId, known);
    return known;
  }

  #noteFile(record: FileRecord, stored: StoredEvent, body: Message): void {
    const isBuilt = record.totals !== undefined;
    noteEvent(record, stored, body);
    if (body.kind === "FileBuilt" && !isBuilt && record.totals !== undefined) {
      const row = this.days.row(this.days.dateOf(stored.atMs));
      row.files++;
      row.entries += record.totals.entries;
      row.sentDebitCents = addCents(row.sentDebitCents, record.totals.debitCents);
      row.sentCreditCents = addCents(row.sentCreditCents, record.totals.creditCents);
    }
    if (body.kind !== "ReturnCounted") return;
    const { direction, amountCents } = body as Message & {
      readonly direction: "debit" | "credit";
      readonly amountCents: Cents;
    };
    const row = this.days.row(this.days.dateOf(stored.atMs));
    row.returns++;
    const part = direction === "debit" ? "returnedDebitCents" : "returnedCreditCents";
    row[part] = addCents(row[part], amountCents);
  }

  #hearBank(stored: StoredEvent, body: Message, moved: Moved): void {
    const { ref } = stored;
    if (ref.kind === "bank-statement") {
      this.words.hear(stored, body as StatementReceived);
    } else if (ref.kind === "ach-inbound") {
      this.suspense.hearInbound(stored, body as AchInboundEvent, moved);
    } else if (ref.kind === "ach-entry") {
      const event = body as AchEntryEvent;
      this.suspense.hearEntry(stored, event);
      const [fileId = ""] = ref.id.split("/");
      if (event.kind !== "ReturnReceived") return;
      const record = this.#file(fileId);
      const { entries, amountCents } = record.sentBack;
      const sumCents = addCents(amountCents, event.amountCents);
      record.sentBack = { entries: entries + 1, amountCents: sumCents };
    }
  }

  #post(
    stored: StoredEvent,
    entry: JournalEntry,
    moved: Moved,
    record: FileRecord | undefined,
  ): void {
    this.entries++;
    this.moved = addMoved(this.moved, moved);
    if (record !== undefined) notePosting(record, entry);
    const isOfBank = record !== undefined || stored.ref.kind === "ach-inbound";
    if (isOfBank) {
      this.days.book(this.days.dateOf(stored.atMs), moved, debitsUnderWay(this.moved));
      return;
    }
    for (const part of CLEARING_PARTS) {
      if (moved[part] === 0) continue;
      const by = `${ACCOUNT_OF[part]} by ${formatCents(moved[part])}`;
      const says = `moves ${by}, and belongs to no file`;
      this.#found("cause_unknown", stored, moved[part], says, null);
    }
  }

  /** The entry of an event against the event's own fields. */
  #compare(stored: StoredEvent, moved: Moved, said: Moved, record: FileRecord | undefined): void {
    for (const part of Object.keys(ACCOUNT_OF) as BooksPart[]) {
      const amountCents = cents(moved[part] - said[part]);
      if (amountCents === 0) continue;
      const figures = `${formatCents(moved[part])}, the event says ${formatCents(said[part])}`;
      const says = `${stored.kind} moves ${ACCOUNT_OF[part]} by ${figures}`;
      this.#found("entry_differs", stored, amountCents, says, record?.fileId ?? null);
    }
  }

  #found(
    kind: DifferenceKind,
    { position, atMs }: StoredEvent,
    amountCents: Cents,
    says: string,
    file: string | null,
  ): void {
    if (this.differences.length >= FOUND_MAX) {
      this.unlisted++;
      return;
    }
    const date = this.days.dateOf(atMs);
    this.differences.push({ kind, file, date, amountCents, events: [position], says });
  }
}
