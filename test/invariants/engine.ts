/** What carries commands to actors: a real host, or a saga without one. */
import type { ActorRef, Message } from "../../actors/actor.ts";
import type { LogHead, StoredEvent } from "../../src/runtime/event-log.ts";

/** One command of a client, who repeats it under the same id until it is answered. */
export interface Call {
  readonly commandId: string;
  readonly ref: ActorRef;
  readonly command: Message;
  readonly fingerprint: string;
  /** The first answer that anyone got. */
  reply: Message | undefined;
  /** The id was used for another command. */
  mismatch: boolean;
  /** A fault of the host; the outcome is open. */
  fault: unknown;
}

export type RestartKind = "drained" | "commit lost" | "nobody told";

/** Rest is a promise for a host, and nothing to wait for in a saga. */
export type Rest = Promise<void> | undefined;

export interface Engine {
  readonly nowMs: number;
  /** Starts the call; its fields are filled in by the time the engine has come to rest. */
  submit(call: Call): void;
  /** Until nothing moves by itself. */
  rest(): Rest;
  pass(ms: number): Rest;
  /** A question that changes nothing. */
  ask(ref: ActorRef, command: Message): Promise<Message> | Message;
  read(after: number): readonly StoredEvent[];
  /** The newest state of an actor as JSON; undefined where there is none. */
  stateOf(ref: ActorRef): string | undefined;
  /** States that were decided on, each with the sequence it was taken at; taken once. */
  takeStates(): readonly TakenState[];
  head(): LogHead;
  /** Bugs and faults that were reported. */
  readonly reports: readonly string[];
  post(open: boolean): Rest;
  restart(how: RestartKind, during: () => void): Rest;
  deliver(pick: number, stays: boolean): void;
  fire(pick: number): void;
  /** Lets everything that waits arrive, and all timers that are due fire. */
  finish(): Rest;
  close(): void;
}

export interface TakenState {
  readonly ref: ActorRef;
  readonly seq: number;
  readonly json: string;
}
