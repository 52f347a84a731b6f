/** Reading stored events as what their actors wrote. */
import { assert } from "../../actors/assert.ts";
import type { StoredEvent } from "../runtime/event-log.ts";

/** The event's own fields. The caller knows the shape by `event.kind` and the actor's kind. */
export function bodyOf<Event extends { readonly kind: string }>(event: StoredEvent): Event {
  const body = JSON.parse(event.data) as Event;
  assert(body.kind === event.kind, "an event is stored under its own name");
  return body;
}

/** Numbers as keys that sort like numbers. */
export function sortable(number: number): string {
  return String(number).padStart(16, "0");
}
