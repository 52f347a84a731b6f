/**
 * Merchants whose bank account took another one's place, by the day from which payouts go there:
 * somebody should ask the merchant before that.
 */
import type { BankDate } from "../../actors/banking-calendar.ts";
import type { SettlementEvent } from "../../actors/settlement-messages.ts";
import type { View, ViewRows } from "../runtime/view.ts";
import { bodyOf, sortable } from "./event-body.ts";

export interface ChangedBankAccount {
  readonly merchantNumber: number;
  readonly changedAtMs: number;
  readonly by: string;
  readonly note: string | null;
  readonly payableFrom: BankDate;
}

const DAY = "day/";
/** The key of its day, by merchant. */
const PLACE = "place/";

export const changedBankAccounts: View = {
  name: "changed-bank-accounts",
  version: 1,
  apply(events, table) {
    for (const event of events) {
      if (event.ref.kind !== "merchant" || event.kind !== "BankAccountSet") continue;
      type Set = Extract<SettlementEvent, { kind: "BankAccountSet" }>;
      // In events before version 4 nothing is held.
      const { payableFrom = null, note } = bodyOf<Set>(event);
      const merchantNumber = Number(event.ref.id);
      const before = placeOf(table, merchantNumber);
      if (before !== undefined) table.remove(before);
      table.remove(PLACE + event.ref.id);
      if (payableFrom === null) continue;
      const place = `${DAY}${payableFrom}/${sortable(event.position)}`;
      const { principal: by, atMs: changedAtMs } = event;
      const row: ChangedBankAccount = { merchantNumber, changedAtMs, by, note, payableFrom };
      table.put(place, JSON.stringify(row));
      table.put(PLACE + event.ref.id, JSON.stringify(place));
    }
  },
};

function placeOf(table: ViewRows, merchantNumber: number): string | undefined {
  const place = table.get(PLACE + merchantNumber);
  return place === undefined ? undefined : (JSON.parse(place) as string);
}

/**
 * Those to which nothing is sent on `today` yet, the nearest day first; undefined where `after` is
 * not among them.
 */
export function heldBankAccounts(
  table: ViewRows,
  today: BankDate,
  max: number,
  after?: number,
): readonly ChangedBankAccount[] | undefined {
  // Behind every place of today.
  const past = `${DAY}${today}0`;
  const place = after === undefined ? past : placeOf(table, after);
  if (place === undefined || place < past) return undefined;
  const rows = table.range({ prefix: DAY, max, after: place });
  return rows.map(({ value }) => JSON.parse(value) as ChangedBankAccount);
}
