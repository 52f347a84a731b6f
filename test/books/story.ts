/** The life of one file, event by event as a log would have it, for what goes wrong in it. */
import type { ReturnTiming } from "../../actors/ach-file-totals.ts";
import { addBankingDays, type BankDate, instantOf } from "../../actors/banking-calendar.ts";
import type { BooksPart } from "../../src/books/clearing.ts";
import type { DifferenceKind } from "../../src/books/difference.ts";
import { Reconciliation } from "../../src/books/reconciliation.ts";
import { type ReconciliationReport, reportOf } from "../../src/books/report.ts";
import type { StoredEvent } from "../../src/runtime/event-log.ts";
import { date } from "../actors/collecting.ts";
import { ACTORS } from "./recorded-log.ts";

export const FILE = "ach_20261123_A";
export const CREATED = date("2026-11-23");
/** Thanksgiving is between them. */
export const EFFECTIVE = date("2026-11-24");
export const WINDOW = date("2026-11-27");
export const AMOUNT = 500;
const NAMES: Readonly<Record<Exclude<BooksPart, "due">, string>> = {
  ...{ cash: "cash:bank", provisional: "ach:provisional", out: "ach:out" },
  ...{ suspense: "ach:suspense", in_flight: "cust:per_1:in_flight" },
  fees_in_flight: "cust:per_1:fees_in_flight",
};

type Move = readonly [debit: keyof typeof NAMES | string, credit: string, amountCents: number];

export function entryOf(name: string, ...moves: readonly Move[]) {
  const nameOf = (part: string): string => NAMES[part as keyof typeof NAMES] ?? part;
  const postings = moves
    .filter(([, , amountCents]) => amountCents !== 0)
    .flatMap(([debit, credit, amountCents]) => [
      { account: nameOf(debit), side: "debit", amountCents },
      { account: nameOf(credit), side: "credit", amountCents },
    ]);
  return { name, postings };
}

export class Story {
  readonly events: StoredEvent[] = [];
  #atMs = instantOf(CREATED, 15);
  #commands = 0;
  readonly #seqs = new Map<string, number>();

  /** The time of day is that of the files of the day. */
  on(day: BankDate, hour = 9): this {
    this.#atMs = instantOf(day, hour);
    return this;
  }

  /** `ref` is `kind/id`; the command's own id where the way of it matters. */
  tell(ref: string, event: { readonly kind: string }, commandId?: string): this {
    const at = ref.indexOf("/");
    const [kind, id] = [ref.slice(0, at), ref.slice(at + 1)];
    const seq = (this.#seqs.get(ref) ?? 0) + 1;
    this.#seqs.set(ref, seq);
    const version = ACTORS.find((actor) => actor.kind === kind)?.schemaVersion ?? 1;
    this.events.push({
      ...{ position: this.events.length + 1, ref: { kind, id }, seq, previous: 0 },
      ...{ kind: event.kind, version, atMs: this.#atMs, principal: "test" },
      ...{ commandId: commandId ?? `c${++this.#commands}`, data: JSON.stringify(event) },
    });
    return this;
  }

  file(kind: string, more: object = {}, commandId?: string): this {
    return this.tell(`ach-file/${FILE}`, { kind, ...more }, commandId);
  }

  opened(): this {
    const terms = { createdOn: CREATED, modifier: "A" };
    return this.file("FileOpened", { ...terms, effectiveOn: EFFECTIVE, windowOn: WINDOW });
  }

  filed(amountCents = AMOUNT): this {
    const debits = [{ paymentId: "p", trace: 7, amountCents, attempt: 1, merchantNumber: 1 }];
    const entry = entryOf("debits_filed", ["in_flight", "cust:per_1:due", amountCents]);
    const event = { kind: "DebitsFiled", fileId: FILE, debits, entry };
    return this.tell("account/acc_1", event);
  }

  built(totals: object = { entries: 1, debitCents: AMOUNT, creditCents: 0 }): this {
    return this.file("FileBuilt", { totals, sha256: "ab", sealed: "doc" });
  }

  acknowledged(): this {
    return this.file("FileHandedOver", { atMs: 0 }).file("FileAcknowledged", { note: "" });
  }

  stated(debitCents = AMOUNT, day = EFFECTIVE, itemId = "s1"): this {
    const lines = [{ fileName: FILE, debitCents, creditCents: 0 }];
    return this.tell(`bank-statement/${day}`, {
      kind: "StatementReceived",
      itemId,
      lines,
    } as never);
  }

  /** `unexplainedCents`: what the bank holds beyond the file. */
  settled(amountCents = AMOUNT, unexplainedCents = 0): this {
    const entry = entryOf(
      "file_settled",
      ["cash", "provisional", amountCents],
      ["cash", "suspense", unexplainedCents],
    );
    const said = { debitCents: amountCents + unexplainedCents, creditCents: 0 };
    const none = { windowOn: null, note: null };
    return this.file("FileSettled", { ...said, ...none, unexplainedCents, entry });
  }

  /** A return, as far as the entry itself and the file know of it. */
  counted(timing: ReturnTiming): this {
    const received = { kind: "ReturnReceived", code: "R01", ownTrace: "1", amountCents: AMOUNT };
    this.tell(`ach-entry/${FILE}/7`, received, "c");
    return this.file("ReturnCounted", { direction: "debit", amountCents: AMOUNT, timing }, "c>0");
  }

  /** What its owner books of it; the cash pair where the bank had moved the money. */
  returned(isMoved: boolean): this {
    const back = ["cust:per_1:returned", "in_flight", AMOUNT] as const;
    const pair = ["provisional", "cash", isMoved ? AMOUNT : 0] as const;
    const entry = entryOf("debit_returned", back, pair);
    const event = { kind: "DebitReturned", fileId: FILE, entry };
    this.tell("account/acc_1", event, "c>0>0");
    return this.file("ReturnNoted", { direction: "debit", amountCents: AMOUNT }, "c>0>0>0");
  }

  collected(amountCents = AMOUNT): this {
    const entry = entryOf("debits_collected", ["provisional", "in_flight", amountCents]);
    const event = { kind: "DebitsCollected", fileId: FILE, amountCents, paymentIds: ["p"], entry };
    return this.tell("account/acc_1", event);
  }

  /** From the first entry to the bank's statement. */
  untilSettled(): this {
    return this.opened().filed().built().acknowledged().on(EFFECTIVE).stated().settled();
  }

  /** As it is on a day; at the last event, where none is named. */
  report(today?: BankDate, underWay: readonly string[] = []): ReconciliationReport {
    const books = new Reconciliation(ACTORS);
    for (const event of this.events) books.hear(event);
    const nowMs = today === undefined ? books.atMs : instantOf(today, 12);
    return reportOf(books, { nowMs, open: undefined, underWay: new Set(underWay) });
  }

  found(
    today?: BankDate,
    underWay: readonly string[] = [],
  ): readonly (readonly [DifferenceKind, number])[] {
    const { differences } = this.report(today, underWay);
    return differences.map(({ kind, amountCents }) => [kind, Number(amountCents)]);
  }
}

export const nextDay = (day: BankDate): BankDate => addBankingDays(day, 1);
