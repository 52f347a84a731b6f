/**
 * The feed: what was committed, in one gap-free order, read from any position and heard live.
 * Listeners are called after the commit is durable, with events in order of position.
 */
import type { ActorRef } from "../../actors/actor.ts";
import type { Awaitable, EventLog, StoredEvent } from "./event-log.ts";

export type FeedListener = (events: readonly StoredEvent[]) => void;

export class Feed {
  readonly #listeners = new Set<FeedListener>();

  constructor(private readonly log: Pick<EventLog, "read" | "history">) {}

  /** Events with a position above `after`, at most `max`, in order. */
  read(after: number, max: number): Awaitable<readonly StoredEvent[]> {
    return this.log.read(after, max);
  }

  /** One actor's events before position `before`, newest first, at most `max`. */
  history(ref: ActorRef, before: number, max: number): Awaitable<readonly StoredEvent[]> {
    return this.log.history(ref, before, max);
  }

  /** Returns the way to stop listening. A listener must not throw. */
  subscribe(listener: FeedListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get isHeard(): boolean {
    return this.#listeners.size > 0;
  }

  publish(events: readonly StoredEvent[]): void {
    if (events.length === 0) return;
    for (const listener of this.#listeners) listener(events);
  }
}
