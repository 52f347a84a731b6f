/** Accounts whose bank account somebody else has too, until the desk has looked; oldest first. */
import type { AccountEvent } from "../../actors/account-messages.ts";
import type { AccountId } from "../../actors/ids.ts";
import type { View, ViewRows, ViewTable } from "../runtime/view.ts";
import { bodyOf, sortable } from "./event-body.ts";

export interface SharedBankAccount {
  readonly accountId: AccountId;
  readonly others: readonly AccountId[];
  readonly sinceMs: number;
}

const QUEUE = "queue/";
/** The key in the queue, by account. */
const PLACE = "place/";

const LOOKED_AT: ReadonlySet<string> = new Set([
  "SharedBankAccountReviewed",
  "AccountClosed",
] satisfies AccountEvent["kind"][]);

export const sharedBankAccounts: View = {
  name: "shared-bank-accounts",
  version: 1,
  apply(events, table) {
    for (const event of events) {
      const accountId = event.ref.id as AccountId;
      if (LOOKED_AT.has(event.kind)) leave(table, accountId);
      if (event.kind !== "BankAccountShared") continue;
      leave(table, accountId);
      type Shared = Extract<AccountEvent, { kind: "BankAccountShared" }>;
      const { others } = bodyOf<Shared>(event);
      const place = `${QUEUE}${sortable(event.position)}`;
      const row: SharedBankAccount = { accountId, others, sinceMs: event.atMs };
      table.put(place, JSON.stringify(row));
      table.put(PLACE + accountId, JSON.stringify(place));
    }
  },
};

function leave(table: ViewTable, accountId: AccountId): void {
  const place = placeOf(table, accountId);
  if (place === undefined) return;
  table.remove(place);
  table.remove(PLACE + accountId);
}

function placeOf(table: ViewRows, accountId: AccountId): string | undefined {
  const place = table.get(PLACE + accountId);
  return place === undefined ? undefined : (JSON.parse(place) as string);
}

/** Undefined where `after` is not in the queue. */
export function waitingShared(
  table: ViewRows,
  max: number,
  after?: AccountId,
): readonly SharedBankAccount[] | undefined {
  const place = after === undefined ? undefined : placeOf(table, after);
  if (after !== undefined && place === undefined) return undefined;
  const rows = table.range({
    ...{ prefix: QUEUE, max },
    ...(place === undefined ? {} : { after: place }),
  });
  return rows.map(({ value }) => JSON.parse(value) as SharedBankAccount);
}
