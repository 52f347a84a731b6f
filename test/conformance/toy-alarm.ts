/** An actor with timers: it remembers when each of them rang, by its own clock. */
import {
  type ActorDefinition,
  type ActorRef,
  answerOnly,
  cancelWake,
  decided,
  type Message,
  send,
  wake,
} from "../../actors/actor.ts";
import { assert, unreachable } from "../../actors/assert.ts";
import { type CounterCommand, counterOf } from "./toy-counter.ts";

export interface Ring {
  readonly id: string;
  readonly setForMs: number;
  readonly rangMs: number;
}

export interface AlarmState {
  readonly rings: readonly Ring[];
}

export type AlarmCommand =
  | { readonly kind: "set"; readonly id: string; readonly atMs: number }
  | { readonly kind: "cancel"; readonly id: string }
  | { readonly kind: "ring"; readonly id: string; readonly setForMs: number }
  /** Wakes up to a bug, every time. */
  | { readonly kind: "set_broken"; readonly id: string; readonly atMs: number }
  | { readonly kind: "break" }
  /** Rings every `everyMs` until `times` is used up. */
  | { readonly kind: "tick"; readonly everyMs: number; readonly times: number }
  | { readonly kind: "list" }
  /** Tells a counter of the rings there have been, and changes nothing here. */
  | { readonly kind: "pass_on"; readonly counter: string };

export type AlarmEvent =
  | (Ring & { readonly kind: "rang" })
  | { readonly kind: "changed"; readonly id: string };

export type AlarmReply =
  | { readonly kind: "ok" }
  | { readonly kind: "rings"; readonly rings: readonly Ring[] };

const OK: AlarmReply = { kind: "ok" };

export const alarm: ActorDefinition<AlarmState, AlarmCommand, AlarmEvent, AlarmReply> = {
  kind: "alarm",
  schemaVersion: 1,
  eventKinds: ["rang", "changed"],
  init: () => ({ rings: [] }),
  decide(state, command, meta) {
    const { nowMs } = meta;
    switch (command.kind) {
      case "set": {
        const { id, atMs } = command;
        const ring: AlarmCommand = { kind: "ring", id, setForMs: atMs };
        return decided([{ kind: "changed", id }], OK, [wake(id, atMs, ring)]);
      }
      case "set_broken": {
        const broken: AlarmCommand = { kind: "break" };
        return decided([], OK, [wake(command.id, command.atMs, broken)]);
      }
      case "cancel":
        return decided([{ kind: "changed", id: command.id }], OK, [cancelWake(command.id)]);
      case "ring": {
        const { id, setForMs } = command;
        return decided([{ kind: "rang", id, setForMs, rangMs: nowMs }], OK);
      }
      case "tick": {
        const { everyMs, times } = command;
        const ring: Ring = { id: "tick", setForMs: nowMs, rangMs: nowMs };
        const next: AlarmCommand = { kind: "tick", everyMs, times: times - 1 };
        const effects = times > 1 ? [wake("tick", nowMs + everyMs, next)] : [];
        return decided([{ kind: "rang", ...ring }], OK, effects);
      }
      case "break":
        assert(false, "an alarm that was told to break");
        return answerOnly(OK);
      case "list":
        return answerOnly({ kind: "rings", rings: state.rings });
      case "pass_on": {
        const told: CounterCommand = { kind: "add", by: state.rings.length };
        const effects = state.rings.map(() => send(counterOf(command.counter), told));
        return decided([], { kind: "rings", rings: state.rings }, effects);
      }
      default:
        return unreachable(command);
    }
  },
  apply(state, event) {
    if (event.kind === "changed") return state;
    const { id, setForMs, rangMs } = event;
    return { rings: [...state.rings, { id, setForMs, rangMs }] };
  },
  upcast: ({ body }) => body as AlarmEvent,
};

export function alarmOf(id: string): ActorRef {
  return { kind: "alarm", id };
}

/** The rings in a reply to `list`. */
export function ringsOf(reply: Message): readonly Ring[] {
  assert(reply.kind === "rings", "a reply to list");
  return (reply as Extract<AlarmReply, { kind: "rings" }>).rings;
}
