/** Accounts that are frozen for law or a sanctions list (R15, R16), oldest first. */
import type { AccountEvent } from "../../actors/account-messages.ts";
import type { AccountId } from "../../actors/ids.ts";
import type { View, ViewRows } from "../runtime/view.ts";
import { bodyOf, sortable } from "./event-body.ts";
import { enqueue, leave, waiting } from "./queue.ts";

export interface FrozenAccount {
  readonly accountId: AccountId;
  readonly sinceMs: number;
  /** Why: the code of the return, or what somebody wrote. */
  readonly note: string;
}

export const complianceQueue: View = {
  name: "compliance-queue",
  version: 2,
  apply(events, table) {
    for (const event of events) {
      if (event.kind !== "AccountBlocked" && event.kind !== "BlockLifted") continue;
      type Change = Extract<AccountEvent, { kind: "AccountBlocked" | "BlockLifted" }>;
      const { kind, reason, note } = bodyOf<Change>(event);
      if (reason !== "compliance") continue;
      const accountId = event.ref.id as AccountId;
      const row: FrozenAccount = { accountId, sinceMs: event.atMs, note };
      if (kind === "BlockLifted") leave(table, accountId);
      else enqueue(table, accountId, sortable(event.position), row);
    }
  },
};

/** The oldest first; undefined where `after` is not in the queue. */
export function frozenAccounts(
  table: ViewRows,
  max: number,
  after?: AccountId,
): readonly FrozenAccount[] | undefined {
  return waiting(table, max, after);
}
