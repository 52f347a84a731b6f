/**
 * Events as they stand in the log, read as their actors wrote them. What cannot be read is told
 * with its place: a log that somebody changed is read here, too.
 */
import type { AnyActor, Message } from "../../actors/actor.ts";
import { entryOf, imbalanceCents, type JournalEntry } from "../../actors/ledger.ts";
import { upcast } from "../runtime/cells.ts";
import { refKey, type StoredEvent } from "../runtime/event-log.ts";

/** Something in the log is no event, or no journal entry. */
export class BrokenBooks extends Error {
  override readonly name = "BrokenBooks";
}

export interface BookedEvent {
  readonly stored: StoredEvent;
  readonly body: Message;
  /** Balanced (docs/money.md, I1). */
  readonly entry: JournalEntry | undefined;
}

export class EventReader {
  readonly #actors: ReadonlyMap<string, AnyActor>;

  constructor(actors: readonly AnyActor[]) {
    this.#actors = new Map(actors.map((actor) => [actor.kind, actor]));
  }

  /** Throws BrokenBooks. */
  read(stored: StoredEvent): BookedEvent {
    const actor = this.#actors.get(stored.ref.kind);
    if (actor === undefined) throw new BrokenBooks(`${placeOf(stored)}: no such kind of actor`);
    try {
      const body = upcast(actor, stored);
      const entry = entryOf(body);
      if (entry === undefined || imbalanceCents(entry) === 0) return { stored, body, entry };
    } catch (error) {
      const why = error instanceof Error ? error.message : "unreadable";
      throw new BrokenBooks(`${placeOf(stored)}: ${why}`);
    }
    throw new BrokenBooks(`${placeOf(stored)}: its journal entry is unbalanced`);
  }
}

/** Only events with a posting need to be parsed where nothing else is asked. */
export function mayPost({ data }: StoredEvent): boolean {
  return data.includes('"entry":');
}

/** Where in the log: `event 91 (PaymentCaptured, number 3 of account:acc_...)`. */
export function placeOf({ position, ref, seq, kind }: StoredEvent): string {
  return `event ${position} (${kind}, number ${seq} of ${refKey(ref)})`;
}
