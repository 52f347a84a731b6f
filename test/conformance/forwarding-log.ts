/** A log in front of another: the base of delays, of gates and of planted faults. */
import type { ActorRef } from "../../actors/actor.ts";
import type {
  ActorCommit,
  Awaitable,
  CommitResult,
  DueTimer,
  EventLog,
  LoadedActor,
  LogHead,
  OutboxItem,
  Remembered,
  StoredEvent,
} from "../../src/runtime/event-log.ts";

export class ForwardingLog implements EventLog {
  constructor(readonly inner: EventLog) {}

  get isShared(): boolean {
    return this.inner.isShared ?? false;
  }

  load(refs: readonly ActorRef[]): Awaitable<readonly LoadedActor[]> {
    return this.inner.load(refs);
  }

  commit(list: readonly ActorCommit[]): Awaitable<readonly CommitResult[]> {
    return this.inner.commit(list);
  }

  recall(commandId: string): Awaitable<Remembered | undefined> {
    return this.inner.recall(commandId);
  }

  outboxNext(max: number, after?: string): Awaitable<readonly OutboxItem[]> {
    return this.inner.outboxNext(max, after);
  }

  outboxDone(ids: readonly string[]): Awaitable<void> {
    return this.inner.outboxDone(ids);
  }

  timersDue(nowMs: number, max: number): Awaitable<readonly DueTimer[]> {
    return this.inner.timersDue(nowMs, max);
  }

  timersNextAtMs(): Awaitable<number | undefined> {
    return this.inner.timersNextAtMs();
  }

  read(after: number, max: number): Awaitable<readonly StoredEvent[]> {
    return this.inner.read(after, max);
  }

  history(ref: ActorRef, before: number, max: number): Awaitable<readonly StoredEvent[]> {
    return this.inner.history(ref, before, max);
  }

  head(): Awaitable<LogHead> {
    return this.inner.head();
  }

  prune(beforeMs: number, max: number): Awaitable<number> {
    return this.inner.prune(beforeMs, max);
  }

  close(): Awaitable<void> {
    return this.inner.close();
  }
}

/** Applies `change` to an answer, whether it is there or comes later. */
export function then<From, To>(
  answer: Awaitable<From>,
  change: (value: From) => To,
): Awaitable<To> {
  return answer instanceof Promise ? answer.then(change) : change(answer);
}
