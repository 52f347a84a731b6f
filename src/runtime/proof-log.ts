/**
 * The event log with its hashes, for whoever proves what stands in it: events as they are, and the
 * chain that holds them together. It is read beside the one that writes.
 */
import type { ActorRef } from "../../actors/actor.ts";
import type { LogHead, StoredEvent } from "./event-log.ts";

export interface HashedEvent {
  readonly event: StoredEvent;
  /** 32 bytes: of this event and all before it. */
  readonly hash: Uint8Array;
  /** Of all before it; 32 zero bytes for the first. */
  readonly previousHash: Uint8Array;
}

export interface ProofLog {
  head(): LogHead;
  at(position: number): HashedEvent | undefined;
  /** One actor's events, newest first. */
  history(ref: ActorRef): Iterable<HashedEvent>;
  /** The hashes of the events from one position to another, both included. */
  hashes(from: number, to: number): readonly Uint8Array[];
  close(): void;
}
