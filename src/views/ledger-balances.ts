/** The balance of every ledger account: a fold of the journal entries that ride in the events. */
import { type Balances, entryOf, type LedgerAccount, post } from "../../actors/ledger.ts";
import { addCents, type Cents, cents, sumCents, ZERO_CENTS } from "../../actors/money.ts";
import type { View, ViewRows } from "../runtime/view.ts";
import { bodyOf } from "./event-body.ts";

const BALANCE = "balance/";
const ENTRIES = "entries";

export const ledgerBalances: View = {
  name: "ledger-balances",
  version: 1,
  apply(events, table) {
    const changes: Balances = new Map();
    let entries = 0;
    for (const event of events) {
      // Only the few events with a posting are parsed.
      if (!event.data.includes('"entry":')) continue;
      const entry = entryOf(bodyOf(event));
      if (entry === undefined) continue;
      post(changes, entry);
      entries++;
    }
    for (const [account, changeCents] of changes) {
      const balance = addCents(balanceOf(table, account), changeCents);
      table.put(BALANCE + account, String(balance));
    }
    if (entries > 0) table.put(ENTRIES, String(entryCount(table) + entries));
  },
};

/** Debit positive, credit negative, in cents. */
export function balanceOf(table: ViewRows, account: LedgerAccount): Cents {
  const value = table.get(BALANCE + account);
  return value === undefined ? ZERO_CENTS : cents(Number(value));
}

export function entryCount(table: ViewRows): number {
  return Number(table.get(ENTRIES) ?? "0");
}

const PAGE_MAX = 1_000;

/** Every ledger account with its balance, by name. */
export function* allBalances(table: ViewRows): Generator<readonly [LedgerAccount, Cents]> {
  let after: string | undefined;
  for (;;) {
    const rows = table.range({
      prefix: BALANCE,
      max: PAGE_MAX,
      ...(after === undefined ? {} : { after }),
    });
    for (const { key, value } of rows) {
      yield [key.slice(BALANCE.length) as LedgerAccount, cents(Number(value))];
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE_MAX) return;
    after = last.key;
  }
}

/** Zero, or the books are wrong (docs/money.md, I2). */
export function ledgerSum(table: ViewRows): Cents {
  return sumCents([...allBalances(table)].map(([, balanceCents]) => balanceCents));
}
