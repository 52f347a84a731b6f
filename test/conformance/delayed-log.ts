/**
 * A log whose every answer comes through a promise in a later turn of the event loop, as from a
 * database behind a network: the request travels one turn, the answer another.
 */
import type { ActorRef } from "../../actors/actor.ts";
import type {
  ActorCommit,
  CommitResult,
  DueTimer,
  LoadedActor,
  LogHead,
  OutboxItem,
  Remembered,
  StoredEvent,
} from "../../src/runtime/event-log.ts";
import { ForwardingLog } from "./forwarding-log.ts";

export class DelayedLog extends ForwardingLog {
  override load(refs: readonly ActorRef[]): Promise<readonly LoadedActor[]> {
    return delayed(() => super.load(refs));
  }

  override commit(list: readonly ActorCommit[]): Promise<readonly CommitResult[]> {
    return delayed(() => super.commit(list));
  }

  override recall(commandId: string): Promise<Remembered | undefined> {
    return delayed(() => super.recall(commandId));
  }

  override outboxNext(max: number, after?: string): Promise<readonly OutboxItem[]> {
    return delayed(() => super.outboxNext(max, after));
  }

  override outboxDone(ids: readonly string[]): Promise<void> {
    return delayed(() => super.outboxDone(ids));
  }

  override timersDue(nowMs: number, max: number): Promise<readonly DueTimer[]> {
    return delayed(() => super.timersDue(nowMs, max));
  }

  override timersNextAtMs(): Promise<number | undefined> {
    return delayed(() => super.timersNextAtMs());
  }

  override read(after: number, max: number): Promise<readonly StoredEvent[]> {
    return delayed(() => super.read(after, max));
  }

  override history(ref: ActorRef, before: number, max: number): Promise<readonly StoredEvent[]> {
    return delayed(() => super.history(ref, before, max));
  }

  override head(): Promise<LogHead> {
    return delayed(() => super.head());
  }

  override prune(beforeMs: number, max: number): Promise<number> {
    return delayed(() => super.prune(beforeMs, max));
  }
}

async function delayed<T>(request: () => T | Promise<T>): Promise<T> {
  await nextTurn();
  try {
    return await request();
  } finally {
    await nextTurn();
  }
}

/** The event loop's next turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
