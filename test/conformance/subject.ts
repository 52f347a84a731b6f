/**
 * What the conformance suite runs against. A subject is one kind of event log; a store is one place
 * where such a log keeps its events. Every call is awaited, because a log may answer later.
 */
import type { AnyActor } from "../../actors/actor.ts";
import type { EventLog } from "../../src/runtime/event-log.ts";

export interface Capabilities {
  /** Answers within the call: a send to another actor may ride along in the sender's commit. */
  readonly embedded: boolean;
}

export interface Subject {
  readonly name: string;
  readonly capabilities: Capabilities;
  /** A store that holds nothing yet. */
  create(): Promise<Store>;
  /** For planted faults: what the host sees instead of the log, and other actors. */
  readonly hostSees?: (log: EventLog) => EventLog;
  readonly actors?: readonly AnyActor[];
}

export interface Store {
  /** Opens the log; after `stop` and `crash` it opens on what was stored. */
  open(): Promise<EventLog>;
  /** Closes the log in good order. */
  stop(): Promise<void>;
  /** Leaves the log as the death of its process would: nothing is closed or copied back. */
  crash(): Promise<void>;
  /** Removes every trace. */
  dispose(): Promise<void>;
}

/** A case throws when the subject does not conform. */
export type Case = (subject: Subject) => Promise<void>;

/** Cases by the sentence that each of them proves. */
export type Group = Readonly<Record<string, Case>>;
