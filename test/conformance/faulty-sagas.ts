/** Sagas with one planted fault each: what a payment over two actors must never do. */
import type { AnyActor, Effect } from "../../actors/actor.ts";
import { CAP, purse, till } from "./toy-saga.ts";

const without =
  (actor: AnyActor, isLeftOut: (effect: Effect) => boolean): AnyActor["decide"] =>
  (state, command, meta) => {
    const decision = actor.decide(state, command, meta);
    return { ...decision, effects: decision.effects.filter((effect) => !isLeftOut(effect)) };
  };

/** No hold ends by itself. */
export const noHoldTimer: readonly AnyActor[] = [
  { ...purse, decide: without(purse, ({ kind }) => kind === "timer") },
  till,
];

/** The timer releases the hold without asking the till. */
export const releasesUnasked: readonly AnyActor[] = [
  {
    ...purse,
    decide: (state, command, meta) =>
      purse.decide(
        state,
        command.kind === "inquire" ? { ...command, kind: "release" } : command,
        meta,
      ),
  },
  till,
];

/** The till forgets whom it refused. */
export const forgetsRefusals: readonly AnyActor[] = [
  purse,
  {
    ...till,
    apply: (state, event) => (event.kind === "refused" ? state : till.apply(state, event)),
  },
];

/** The till is paid by whoever comes, cancelled or not. */
export const paysCancelled: readonly AnyActor[] = [
  purse,
  {
    ...till,
    decide: (state, command, meta) => {
      const requests = Object.fromEntries(
        Object.entries(state.requests).map(([id, at]) => [id, at === "cancelled" ? "open" : at]),
      );
      const isSettle = command.kind === "settle";
      return till.decide(isSettle ? { ...state, requests } : state, command, meta);
    },
  },
];

/** The purse looks at one payment at a time, not at their sum. */
export const forgetsTheCap: readonly AnyActor[] = [
  {
    ...purse,
    decide: (state, command, meta) =>
      command.kind === "pay" && command.cents <= CAP && state.holds[command.payment] === undefined
        ? purse.decide({ holds: {} }, command, meta)
        : purse.decide(state, command, meta),
  },
  till,
];
