/**
 * A counter up to a limit: it replies at once, refuses, answers questions, sends notes to an outlet
 * and to other counters, and has bugs on request. Version 1 of its event called the step `amount`.
 */
import {
  type ActorDefinition,
  type ActorRef,
  answerOnly,
  type Decision,
  decided,
  type Effect,
  later,
  type Message,
  type Meta,
  type StoredBody,
  send,
  wake,
} from "../../actors/actor.ts";
import { assert, unreachable } from "../../actors/assert.ts";

export interface CounterState {
  readonly total: number;
  /** Command ids in the order they took effect: what a repeat after pruning is answered from. */
  readonly done: readonly string[];
}

export type CounterCommand =
  | { readonly kind: "add"; readonly by: number }
  | { readonly kind: "read" }
  /** Adds and posts a note to the outlet. */
  | { readonly kind: "note"; readonly text: string }
  /** Adds here and sends `command` to another counter. */
  | { readonly kind: "relay"; readonly to: string; readonly command: CounterCommand }
  | { readonly kind: "wake"; readonly id: string; readonly atMs: number }
  /** A decision that fails; `late` fails in its last effect, after an answer. */
  | { readonly kind: "fail"; readonly how: "decide" | "late" | "event" | "send" }
  | { readonly kind: "promise"; readonly key: string }
  | { readonly kind: "keep"; readonly key: string };

export interface CounterEvent extends Message {
  readonly kind: "added";
  readonly by: number;
  readonly commandId: string;
}

export const LIMIT = 1_000;

export type CounterReply =
  | { readonly kind: "total"; readonly total: number }
  | { readonly kind: "limit_exceeded"; readonly total: number }
  | { readonly kind: "kept"; readonly key: string };

const ONE: CounterCommand = { kind: "add", by: 1 };

type CounterDecision = Decision<CounterEvent, CounterReply>;

function decide(state: CounterState, command: CounterCommand, meta: Meta): CounterDecision {
  if (state.done.includes(meta.commandId)) return answerOnly(total(state));
  switch (command.kind) {
    case "add":
      return add(state, command.by, meta);
    case "read":
      return answerOnly(total(state));
    case "note":
      return add(state, 1, meta, [send({ kind: "post", id: meta.actor.id }, note(command.text))]);
    case "relay":
      return add(state, 1, meta, [send(counterOf(command.to), command.command)]);
    case "wake": {
      const { id, atMs } = command;
      return add(state, 0, meta, [wake(id, atMs, ONE)]);
    }
    case "fail":
      return fail(state, command.how, meta);
    case "promise":
      return decided<CounterEvent, CounterReply>([added(1, meta)], later(command.key));
    case "keep": {
      const kept: CounterReply = { kind: "kept", key: command.key };
      return add(state, 1, meta, [{ kind: "answer", key: command.key, reply: kept }]);
    }
    default:
      return unreachable(command);
  }
}

function add(
  state: CounterState,
  by: number,
  meta: Meta,
  effects: readonly Effect[] = [],
): CounterDecision {
  if (state.total + by > LIMIT) return answerOnly({ kind: "limit_exceeded", total: state.total });
  const event = added(by, meta);
  return decided([event], total(apply(state, event)), effects);
}

function fail(state: CounterState, how: "decide" | "late" | "event" | "send", meta: Meta) {
  assert(how !== "decide", "a decision that was told to fail");
  const broken: Record<typeof how, Effect> = {
    late: { kind: "timer", id: "t", atMs: 0.5, command: ONE },
    event: { kind: "cancel", id: "t" },
    // No JSON: it cannot be kept in the outbox.
    send: send({ kind: "post", id: "box" }, { kind: "note", big: 1n } as Message),
  };
  const kept: Effect = { kind: "answer", key: "k", reply: ONE };
  const event = added(how === "event" ? Number.NaN : 1, meta);
  return decided([event], total(state), [kept, broken[how]]);
}

function total({ total: sum }: CounterState): CounterReply {
  return { kind: "total", total: sum };
}

function added(by: number, { commandId }: Meta): CounterEvent {
  return { kind: "added", by, commandId };
}

function apply(state: CounterState, event: CounterEvent): CounterState {
  assert(Number.isSafeInteger(event.by), "a counter counts whole steps");
  return { total: state.total + event.by, done: [...state.done, event.commandId] };
}

export function note(text: string): Message & { readonly text: string } {
  return { kind: "note", text };
}

export function counterOf(id: string): ActorRef {
  return { kind: "counter", id };
}

function upcast({ kind, version, body }: StoredBody): CounterEvent {
  assert(kind === "added", "a counter knows one event");
  if (version === 2) return body as CounterEvent;
  assert(version === 1, "the event is of version 1 or 2");
  const old = body as { readonly amount: number };
  return { kind: "added", by: old.amount, commandId: "" };
}

export const counter: ActorDefinition<CounterState, CounterCommand, CounterEvent, CounterReply> = {
  kind: "counter",
  schemaVersion: 2,
  eventKinds: ["added"],
  init: () => ({ total: 0, done: [] }),
  decide,
  apply,
  upcast,
};
