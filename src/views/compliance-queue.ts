/** Accounts that are frozen for law or a sanctions list (R15, R16), oldest first. */
import type { AccountEvent } from "../../actors/account-messages.ts";
import type { AccountId } from "../../actors/ids.ts";
import type { View, ViewRows, ViewTable } from "../runtime/view.ts";
import { bodyOf, sortable } from "./event-body.ts";

export interface FrozenAccount {
  readonly accountId: AccountId;
  readonly sinceMs: number;
  /** Why: the code of the return, or what somebody wrote. */
  readonly note: string;
}

const QUEUE = "queue/";
/** The key in the queue, by account. */
const PLACE = "place/";

export const complianceQueue: View = {
  name: "compliance-queue",
  version: 1,
  apply(events, table) {
    for (const event of events) {
      if (event.kind !== "AccountBlocked" && event.kind !== "BlockLifted") continue;
      type Change = Extract<AccountEvent, { kind: "AccountBlocked" | "BlockLifted" }>;
      const { kind, reason, note } = bodyOf<Change>(event);
      if (reason !== "compliance") continue;
      const accountId = event.ref.id as AccountId;
      leave(table, accountId);
      if (kind === "BlockLifted") continue;
      const place = `${QUEUE}${sortable(event.position)}`;
      const row: FrozenAccount = { accountId, sinceMs: event.atMs, note };
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

/** The oldest first; undefined where `after` is not in the queue. */
export function frozenAccounts(
  table: ViewRows,
  max: number,
  after?: AccountId,
): readonly FrozenAccount[] | undefined {
  const place = after === undefined ? undefined : placeOf(table, after);
  if (after !== undefined && place === undefined) return undefined;
  const rows = table.range({
    ...{ prefix: QUEUE, max },
    ...(place === undefined ? {} : { after: place }),
  });
  return rows.map(({ value }) => JSON.parse(value) as FrozenAccount);
}
