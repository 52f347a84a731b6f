/**
 * Something sealed whose time is over, named by its token: a file for the bank or a piece of one of
 * its own, a bank account that was replaced. It says once that it is destroyed, and what had kept
 * it. What a file was, its hash says (actors/ach-file.ts).
 */
import {
  type ActorDefinition,
  type ActorRef,
  answerOnly,
  decided,
  type StoredBody,
  send,
} from "./actor.ts";
import { assert } from "./assert.ts";
import type { Refusal } from "./refusals.ts";
import { keptBy, type RetentionClass, type RetentionFacts } from "./retention.ts";

/** Where it lies: an outlet of that name destroys it. */
export type SealedStore = "vault" | "bank-files";

export interface EndKeeping {
  readonly kind: "EndKeeping";
  readonly store: SealedStore;
  /** Whose it was: an account, a merchant, a file. */
  readonly of: ActorRef;
  readonly facts: RetentionFacts;
}

export interface SealedDestroyed {
  readonly kind: "SealedDestroyed";
  readonly store: SealedStore;
  readonly of: ActorRef;
  /** What had kept it. */
  readonly classes: readonly RetentionClass[];
}

export type SealedState = { readonly kind: "kept" } | { readonly kind: "destroyed" };

export const sealedActor: ActorDefinition<
  SealedState,
  EndKeeping,
  SealedDestroyed,
  Refusal | { readonly kind: "noted" }
> = {
  kind: "sealed",
  schemaVersion: 1,
  eventKinds: ["SealedDestroyed"],
  init: () => ({ kind: "kept" }),
  decide(state, { store, of, facts }, meta) {
    if (state.kind === "destroyed") return answerOnly({ kind: "noted" });
    const keepings = keptBy(facts, meta.nowMs);
    if (keepings.length > 0) return answerOnly({ kind: "data_kept", isOpen: false, keepings });
    const classes = Object.keys(facts) as RetentionClass[];
    assert(classes.length > 0, "what is destroyed was kept for a reason");
    const destroy = { kind: "DestroySealed" };
    return decided([{ kind: "SealedDestroyed", store, of, classes }], { kind: "noted" }, [
      send({ kind: store, id: meta.actor.id }, destroy),
    ]);
  },
  apply: () => ({ kind: "destroyed" }),
  upcast(stored: StoredBody) {
    assert(stored.version === 1, "what is sealed has events of version 1");
    return stored.body as SealedDestroyed;
  },
};
