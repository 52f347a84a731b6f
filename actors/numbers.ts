/** Numbers that are given out once: one actor per series (merchants, lanes). */
import { type ActorDefinition, answerOnly, decided, type StoredBody } from "./actor.ts";
import { assert, unreachable } from "./assert.ts";
import { NUMBER_MAX } from "./ids.ts";

export type NumberSeries = "merchant" | "lane";

export interface NumbersState {
  readonly last: number;
}
export type NumbersCommand = { readonly kind: "TakeNumber" } | { readonly kind: "LastNumber" };
export interface NumberTaken {
  readonly kind: "NumberTaken";
  readonly number: number;
}
export interface NumberReply {
  readonly kind: "number";
  readonly number: number;
}

export const numbersActor: ActorDefinition<NumbersState, NumbersCommand, NumberTaken, NumberReply> =
  {
    kind: "numbers",
    schemaVersion: 1,
    eventKinds: ["NumberTaken"],
    init: () => ({ last: 0 }),
    decide(state, command) {
      switch (command.kind) {
        case "LastNumber":
          return answerOnly({ kind: "number", number: state.last });
        case "TakeNumber": {
          const number = state.last + 1;
          assert(number <= NUMBER_MAX, "a number fits four bytes");
          return decided([{ kind: "NumberTaken", number }], { kind: "number", number });
        }
        default:
          return unreachable(command);
      }
    },
    apply(state, event) {
      assert(event.number === state.last + 1, "numbers are given out in order");
      return { last: event.number };
    },
    upcast(stored: StoredBody) {
      assert(stored.version === 1, "number events are of version 1");
      return stored.body as NumberTaken;
    },
  };
