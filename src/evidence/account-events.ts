/** Stored events of accounts as what they mean today, whatever version wrote them. */
import { accountActor } from "../../actors/account.ts";
import type { AccountEvent } from "../../actors/account-messages.ts";
import { assert } from "../../actors/assert.ts";
import { DEFAULT_POLICY } from "../../actors/policy.ts";
import type { StoredEvent } from "../runtime/event-log.ts";

/** What an event means never depends on the policy. */
const actor = accountActor(DEFAULT_POLICY);

export function accountEventOf({ kind, version, data }: StoredEvent): AccountEvent {
  const event = actor.upcast({ kind, version, body: JSON.parse(data) as unknown });
  assert(event.kind === kind, "an event is stored under its own name");
  return event;
}
