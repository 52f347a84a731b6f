/**
 * I7: the state of every actor rebuilt from the log alone, event by event, and compared with the
 * states that decisions were really made on, at every prefix of the log where there was one.
 */
import type { AnyActor, Message } from "../../actors/actor.ts";
import { refKey, type StoredEvent } from "../../src/runtime/event-log.ts";
import { demand } from "./demand.ts";
import type { TakenState } from "./engine.ts";

interface Rebuilt {
  state: unknown;
  seq: number;
}

export class Replica {
  readonly #rebuilt = new Map<string, Rebuilt>();
  readonly #taken = new Map<string, string>();

  constructor(private readonly actors: readonly AnyActor[]) {}

  /** States that a host decided on, before the events that lead to them are read. */
  expect(states: readonly TakenState[]): void {
    for (const { ref, seq, json } of states) this.#taken.set(`${refKey(ref)}@${seq}`, json);
  }

  hear({ ref, seq, kind, version, data }: StoredEvent): void {
    const key = refKey(ref);
    const actor = this.actors.find((other) => other.kind === ref.kind);
    demand(actor !== undefined, "I7", () => `no actor ${ref.kind}`);
    const before = this.#rebuilt.get(key) ?? { state: actor.init(ref.id), seq: 0 };
    demand(seq === before.seq + 1, "I7", () => `${key} has a gap before ${seq}`);
    const event: Message = actor.upcast({ kind, version, body: JSON.parse(data) });
    const state: unknown = actor.apply(before.state, event);
    this.#rebuilt.set(key, { state, seq });
    const taken = this.#taken.get(`${key}@${seq}`);
    if (taken === undefined) return;
    this.#taken.delete(`${key}@${seq}`);
    demand(sameJson(state, taken), "I7", () => [key, seq, state, taken]);
  }

  /** The rebuilt state; undefined for an actor without events. */
  stateOf(key: string): unknown {
    return this.#rebuilt.get(key)?.state;
  }
}

/** Equal as JSON, whatever the order of fields. */
function sameJson(state: unknown, json: string): boolean {
  const text = JSON.stringify(state);
  return text === json || Bun.deepEquals(JSON.parse(text), JSON.parse(json), true);
}
