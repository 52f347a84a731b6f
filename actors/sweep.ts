/**
 * The record of the daily sweep (actors/retention.ts): how much of each class it destroyed, and
 * nothing of whom. A day on which nothing had to go leaves no event.
 */
import { type ActorDefinition, answerOnly, decided, type StoredBody } from "./actor.ts";
import { assert } from "./assert.ts";
import type { RetentionClass } from "./retention.ts";

export type SweptCounts = Readonly<Partial<Record<RetentionClass, number>>>;

export interface RecordSweep {
  readonly kind: "RecordSweep";
  readonly counts: SweptCounts;
}

export interface SweepMade {
  readonly kind: "SweepMade";
  readonly counts: SweptCounts;
}

/** Everything that was ever destroyed, by class. */
export type SweepState = SweptCounts;

export const sweepActor: ActorDefinition<
  SweepState,
  RecordSweep,
  SweepMade,
  { readonly kind: "noted" }
> = {
  kind: "sweep",
  schemaVersion: 1,
  eventKinds: ["SweepMade"],
  init: () => ({}),
  decide(_, { counts }) {
    const made = Object.entries(counts).filter(([, count]) => count > 0);
    for (const [, count] of made)
      assert(Number.isSafeInteger(count), "what is destroyed is counted");
    if (made.length === 0) return answerOnly({ kind: "noted" });
    return decided([{ kind: "SweepMade", counts: Object.fromEntries(made) }], { kind: "noted" });
  },
  apply(state, { counts }) {
    const names = new Set([...Object.keys(state), ...Object.keys(counts)]) as Set<RetentionClass>;
    return Object.fromEntries(
      [...names].map((name) => [name, (state[name] ?? 0) + (counts[name] ?? 0)]),
    );
  },
  upcast(stored: StoredBody) {
    assert(stored.version === 1, "sweeps have events of version 1");
    return stored.body as SweepMade;
  },
};
