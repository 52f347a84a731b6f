/** Reading stored events as what their actors wrote. */
import { assert } from "../../actors/assert.ts";
import type { StoredEvent } from "../runtime/event-log.ts";

/** Parsed once, whoever reads it: several views want the same events. */
const bodies = new WeakMap<StoredEvent, { readonly kind: string }>();

/** The event's own fields. The caller knows the shape by `event.kind` and the actor's kind. */
export function bodyOf<Event extends { readonly kind: string }>(event: StoredEvent): Event {
  const known = bodies.get(event);
  if (known !== undefined) return known as Event;
  const body = JSON.parse(event.data) as Event;
  assert(body.kind === event.kind, "an event is stored under its own name");
  bodies.set(event, body);
  return body;
}

/** Numbers as keys that sort like numbers. */
export function sortable(number: number): string {
  return String(number).padStart(16, "0");
}
