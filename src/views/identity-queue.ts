/** Accounts whose identity pictures wait for somebody to look, oldest first. */
import type { AccountEvent } from "../../actors/account-messages.ts";
import type { StoredEvent } from "../runtime/event-log.ts";
import type { View, ViewTable } from "../runtime/view.ts";
import { bodyOf, sortable } from "./event-body.ts";

const SIDES = "sides/";
const QUEUE = "queue/";

export const identityQueue: View = {
  name: "identity-queue",
  version: 1,
  apply(events, table) {
    for (const event of events) {
      const { id } = event.ref;
      if (event.kind === "IdentityDocumentSubmitted") {
        submitted(event, table);
      } else if (event.kind === "IdentityVerified" || event.kind === "IdentityRejected") {
        table.remove(SIDES + id);
        leave(table, id);
      }
    }
  },
};

/** Another kind of document starts anew; front and rear of one kind make a case. */
function submitted(stored: StoredEvent, table: ViewTable): void {
  type Submitted = Extract<AccountEvent, { kind: "IdentityDocumentSubmitted" }>;
  const { side, documentKind } = bodyOf<Submitted>(stored);
  const { id } = stored.ref;
  const other = side === "front" ? "rear" : "front";
  const hasOther = (table.get(SIDES + id) ?? "").split(",").includes(`${documentKind}:${other}`);
  const sides = hasOther ? [`${documentKind}:${other}`] : [];
  table.put(SIDES + id, [...sides, `${documentKind}:${side}`].join(","));
  leave(table, id);
  if (hasOther) table.put(`${QUEUE}${sortable(stored.position)}`, JSON.stringify(id));
}

/** The queue is short: it holds only what nobody has decided yet. */
function leave(table: ViewTable, accountId: string): void {
  for (const { key, value } of table.range({ prefix: QUEUE, max: QUEUE_MAX })) {
    if (JSON.parse(value) === accountId) table.remove(key);
  }
}

export const QUEUE_MAX = 10_000;

/** Account ids, each once. */
export function waitingForIdentity(table: ViewTable, max: number): readonly string[] {
  const rows = table.range({ prefix: QUEUE, max: QUEUE_MAX });
  return [...new Set(rows.map(({ value }) => JSON.parse(value) as string))].slice(0, max);
}
