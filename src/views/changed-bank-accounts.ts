/**
 * Merchants whose bank account took another one's place, by the day from which payouts go there:
 * somebody should ask the merchant before that.
 */
import type { BankDate } from "../../actors/banking-calendar.ts";
import type { SettlementEvent } from "../../actors/settlement-messages.ts";
import type { View, ViewRows } from "../runtime/view.ts";
import { bodyOf, sortable } from "./event-body.ts";
import { enqueue, leave, placeOf, waitingBehind } from "./queue.ts";

export interface ChangedBankAccount {
  readonly merchantNumber: number;
  readonly changedAtMs: number;
  readonly by: string;
  readonly note: string | null;
  readonly payableFrom: BankDate;
}

export const changedBankAccounts: View = {
  name: "changed-bank-accounts",
  version: 2,
  apply(events, table) {
    for (const event of events) {
      if (event.ref.kind !== "merchant" || event.kind !== "BankAccountSet") continue;
      type Set = Extract<SettlementEvent, { kind: "BankAccountSet" }>;
      // In events before version 4 nothing is held.
      const { payableFrom = null, note } = bodyOf<Set>(event);
      const merchantNumber = Number(event.ref.id);
      leave(table, event.ref.id);
      if (payableFrom === null) continue;
      const { principal: by, atMs: changedAtMs } = event;
      const row: ChangedBankAccount = { merchantNumber, changedAtMs, by, note, payableFrom };
      enqueue(table, event.ref.id, `${payableFrom}/${sortable(event.position)}`, row);
    }
  },
};

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
  const past = `${today}0`;
  const place = after === undefined ? past : placeOf(table, String(after));
  if (place === undefined || place < past) return undefined;
  return waitingBehind(table, max, place);
}
