/** Accounts whose identity pictures wait for somebody to look, oldest first. */
import type { AccountEvent } from "../../actors/account-messages.ts";
import type { StoredEvent } from "../runtime/event-log.ts";
import type { View, ViewRows, ViewTable } from "../runtime/view.ts";
import { bodyOf, sortable } from "./event-body.ts";
import { enqueue, leave, waitingBehind } from "./queue.ts";

const SIDES = "sides/";

/** Nobody has to look any more. */
const DONE: ReadonlySet<string> = new Set([
  "IdentityVerified",
  "IdentityRejected",
  "IdentityDocumentsExpired",
  "AccountClosed",
] satisfies AccountEvent["kind"][]);

export const identityQueue: View = {
  name: "identity-queue",
  version: 5,
  apply(events, table) {
    for (const event of events) {
      const { id } = event.ref;
      if (event.kind === "IdentityDocumentSubmitted") {
        submitted(event, table);
      } else if (DONE.has(event.kind)) {
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
  if (hasOther) enqueue(table, id, sortable(stored.position), id);
  else leave(table, id);
}

/** Account ids, each once, oldest case first. */
export function waitingForIdentity(table: ViewRows, max: number): readonly string[] {
  return waitingBehind(table, max, "");
}
