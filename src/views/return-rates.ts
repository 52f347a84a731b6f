/**
 * How many debits were originated and how many came back, by day and by merchant: the counts that
 * Nacha's return rates are made of. A debit counts once the bank has taken its file, on the day
 * that the file was made; a return counts on the day that it reached us, once for each debit,
 * whether or not anybody could act on it. Prenotes and credits are in neither.
 */
import type { AccountEvent } from "../../actors/account-messages.ts";
import type { AchEntryEvent, ReturnDoubt } from "../../actors/ach-entry.ts";
import type { AchFileEvent } from "../../actors/ach-file-messages.ts";
import { assert } from "../../actors/assert.ts";
import {
  addDays,
  type BankDate,
  bankDateAt,
  parseBankDate,
} from "../../actors/banking-calendar.ts";
import { type ReturnMeaning, rateOf } from "../../actors/return-codes.ts";
import type { StoredEvent } from "../runtime/event-log.ts";
import type { View, ViewRows, ViewTable } from "../runtime/view.ts";
import { bodyOf } from "./event-body.ts";

export type RateClass = ReturnMeaning["rate"];

/** `overall` has the other two in it. */
export interface ReturnCounts extends Readonly<Record<RateClass, number>> {
  readonly originated: number;
}

export const NO_RETURNS: ReturnCounts = {
  ...{ originated: 0, unauthorised: 0, administrative: 0, overall: 0 },
};

/** Of a debit that was sent, by file and trace: its merchant, and whether it came back. */
interface SentRow {
  readonly merchant: number;
  readonly isReturned: boolean;
}

const SENT = "sent/";
/** Debits of a file that is under way, by merchant. */
const FILE = "file/";
const TAKEN = "taken/";
const DAY = "day/";
const SHOP = "shop/";
/** Merchants of whom something came back, by day. */
const RETURNED = "returned/";
const MERCHANT_DIGITS = 10;
const PAGE_MAX = 1_000;

export const returnRates: View = {
  name: "return-rates",
  version: 1,
  apply(events, table) {
    for (const event of events) {
      switch (event.ref.kind) {
        case "account":
          if (event.kind === "DebitsFiled" || event.kind === "FeesFiled") filed(event, table);
          break;
        case "ach-file":
          ofFile(event, table);
          break;
        case "ach-entry":
          cameBack(event, table);
          break;
        default:
      }
    }
  },
};

function filed(stored: StoredEvent, table: ViewTable): void {
  const event = bodyOf<Extract<AccountEvent, { kind: "DebitsFiled" | "FeesFiled" }>>(stored);
  const { fileId } = event;
  // A fee is a debit of ours as well, and comes back as one.
  const sent = event.kind === "DebitsFiled" ? event.debits : event.fees;
  for (const { trace, merchantNumber } of sent) {
    const row: SentRow = { merchant: merchantNumber, isReturned: false };
    table.put(`${SENT}${fileId}/${trace}`, JSON.stringify(row));
    const key = `${FILE}${fileId}/${sortableMerchant(merchantNumber)}`;
    table.put(key, String(Number(table.get(key) ?? "0") + 1));
  }
}

/** What the bank takes is originated; what it gives back whole never was. */
function ofFile({ ref, kind }: StoredEvent, table: ViewTable): void {
  const isTaken = table.get(TAKEN + ref.id) !== undefined;
  switch (kind as AchFileEvent["kind"]) {
    case "FileAcknowledged":
      if (isTaken) return;
      table.put(TAKEN + ref.id, "1");
      addOriginated(table, ref.id, 1);
      return;
    case "FileRejected":
      if (isTaken) addOriginated(table, ref.id, -1);
      forgetFile(table, ref.id);
      return;
    case "FileClosed":
      forgetFile(table, ref.id);
      return;
    default:
  }
}

function addOriginated(table: ViewTable, fileId: string, sign: 1 | -1): void {
  const day = createdOn(fileId);
  for (const { key, value } of rowsOf(table, `${FILE}${fileId}/`)) {
    const originated = sign * Number(value);
    add(table, day, Number(key.slice(key.lastIndexOf("/") + 1)), { ...NO_RETURNS, originated });
  }
}

function forgetFile(table: ViewTable, fileId: string): void {
  for (const { key } of rowsOf(table, `${FILE}${fileId}/`)) table.remove(key);
  table.remove(TAKEN + fileId);
}

/** `ach_20261123_A`: the day is in the name. */
function createdOn(fileId: string): BankDate {
  const [, year, month, day] = /^ach_(\d{4})(\d{2})(\d{2})_/.exec(fileId) ?? [];
  const date = parseBankDate(`${year}-${month}-${day}`);
  assert(date !== undefined, "a file is named by its day");
  return date;
}

/** Doubts that are of the return itself, and not of whether it came back at all. */
const COUNTED: ReadonlySet<ReturnDoubt> = new Set([
  ...(["unknown_code", "amount_differs", "too_late", "entry_reversed"] as const),
]);

function cameBack(stored: StoredEvent, table: ViewTable): void {
  const event = bodyOf<AchEntryEvent>(stored);
  if (event.kind !== "ReturnReceived" && event.kind !== "ReturnDoubted") return;
  if (event.kind === "ReturnDoubted" && !COUNTED.has(event.doubt)) return;
  const key = SENT + stored.ref.id;
  const sent = table.get(key);
  if (sent === undefined) return;
  const { merchant, isReturned } = JSON.parse(sent) as SentRow;
  if (isReturned) return;
  table.put(key, JSON.stringify({ merchant, isReturned: true } satisfies SentRow));
  const day = bankDateAt(stored.atMs);
  const rate = rateOf(event.code);
  const more = { ...NO_RETURNS, overall: 1 };
  add(table, day, merchant, rate === "overall" ? more : { ...more, [rate]: 1 });
  table.put(`${RETURNED}${day}/${sortableMerchant(merchant)}`, "1");
}

function add(table: ViewTable, day: BankDate, merchant: number, more: ReturnCounts): void {
  for (const key of [DAY + day, `${SHOP}${sortableMerchant(merchant)}/${day}`]) {
    table.put(key, JSON.stringify(plus(countsIn(table.get(key)), more)));
  }
}

function countsIn(value: string | undefined): ReturnCounts {
  return value === undefined ? NO_RETURNS : (JSON.parse(value) as ReturnCounts);
}

function plus(one: ReturnCounts, other: ReturnCounts): ReturnCounts {
  return {
    originated: one.originated + other.originated,
    unauthorised: one.unauthorised + other.unauthorised,
    administrative: one.administrative + other.administrative,
    overall: one.overall + other.overall,
  };
}

export interface DayOfReturns extends ReturnCounts {
  readonly day: BankDate;
}

/** The days of so many calendar days up to `today` on which anything was counted, in order. */
export function daysOfReturns(
  table: ViewRows,
  today: BankDate,
  days: number,
  merchantNumber?: number,
): readonly DayOfReturns[] {
  const prefix = merchantNumber === undefined ? DAY : `${SHOP}${sortableMerchant(merchantNumber)}/`;
  const rows = table.range({ prefix, after: prefix + addDays(today, -days), max: days + 1 });
  return rows.flatMap(({ key, value }): DayOfReturns[] => {
    const day = key.slice(prefix.length) as BankDate;
    return day > today ? [] : [{ day, ...countsIn(value) }];
  });
}

export function sumOfReturns(days: readonly ReturnCounts[]): ReturnCounts {
  return days.reduce(plus, NO_RETURNS);
}

/** Numbers of the merchants of whom something came back in that time, at most `max` of them. */
export function merchantsWithReturns(
  table: ViewRows,
  today: BankDate,
  days: number,
  max: number,
): readonly number[] {
  const found = new Set<number>();
  for (const { key } of rowsOf(table, RETURNED, RETURNED + addDays(today, 1 - days))) {
    found.add(Number(key.slice(key.lastIndexOf("/") + 1)));
    if (found.size >= max) break;
  }
  return [...found];
}

function sortableMerchant(number: number): string {
  return String(number).padStart(MERCHANT_DIGITS, "0");
}

function* rowsOf(table: ViewRows, prefix: string, from?: string) {
  let after = from;
  for (;;) {
    const page = table.range({
      ...{ prefix, max: PAGE_MAX },
      ...(after === undefined ? {} : { after }),
    });
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE_MAX) return;
    after = last.key;
  }
}
