/** Accounts whose bank account somebody else has too, until the desk has looked; oldest first. */
import type { AccountEvent } from "../../actors/account-messages.ts";
import type { AccountId } from "../../actors/ids.ts";
import type { View, ViewRows } from "../runtime/view.ts";
import { bodyOf, sortable } from "./event-body.ts";
import { enqueue, leave, waiting } from "./queue.ts";

export interface SharedBankAccount {
  readonly accountId: AccountId;
  readonly others: readonly AccountId[];
  readonly sinceMs: number;
}

const LOOKED_AT: ReadonlySet<string> = new Set([
  "SharedBankAccountReviewed",
  "AccountClosed",
] satisfies AccountEvent["kind"][]);

export const sharedBankAccounts: View = {
  name: "shared-bank-accounts",
  version: 2,
  apply(events, table) {
    for (const event of events) {
      const accountId = event.ref.id as AccountId;
      if (LOOKED_AT.has(event.kind)) leave(table, accountId);
      if (event.kind !== "BankAccountShared") continue;
      type Shared = Extract<AccountEvent, { kind: "BankAccountShared" }>;
      const { others } = bodyOf<Shared>(event);
      const row: SharedBankAccount = { accountId, others, sinceMs: event.atMs };
      enqueue(table, accountId, sortable(event.position), row);
    }
  },
};

/** Undefined where `after` is not in the queue. */
export function waitingShared(
  table: ViewRows,
  max: number,
  after?: AccountId,
): readonly SharedBankAccount[] | undefined {
  return waiting(table, max, after);
}
