/** All events of an actor, newest first, a page at a time. */
import type { ActorRef } from "../../actors/actor.ts";
import type { StoredEvent } from "../runtime/event-log.ts";
import type { Feed } from "../runtime/feed.ts";

const PAGE_EVENTS = 200;

export async function* historyOf(feed: Feed, ref: ActorRef): AsyncGenerator<StoredEvent> {
  for (let before = Number.MAX_SAFE_INTEGER; ; ) {
    const events = await feed.history(ref, before, PAGE_EVENTS);
    yield* events;
    const oldest = events.at(-1);
    if (oldest === undefined || events.length < PAGE_EVENTS) return;
    before = oldest.position;
  }
}
