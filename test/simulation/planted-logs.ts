/** Bugs between the host and its log: what is said before it is written, or is not kept. */

import type { ActorRef } from "../../actors/actor.ts";
import type {
  ActorCommit,
  Awaitable,
  CommitResult,
  DueTimer,
  LoadedActor,
  OutboxItem,
} from "../../src/runtime/event-log.ts";
import { ForwardingLog, then } from "../conformance/forwarding-log.ts";

export { ForgetsReplies } from "../conformance/faulty-logs.ts";

/** How long an answer is ahead of its write. */
const LATE_MS = 40;

/** Says "written" before it writes. What is read is read from what was written. */
export class AnswersEarly extends ForwardingLog {
  readonly #late: (readonly ActorCommit[])[] = [];
  #position: number | undefined;

  override commit(list: readonly ActorCommit[]): Awaitable<readonly CommitResult[]> {
    const { inner } = this;
    const head = inner.head();
    if (head instanceof Promise) return inner.commit(list);
    this.#position ??= head.position;
    if (this.#late.length === 0) setTimeout(() => this.#write(), LATE_MS);
    this.#late.push(list);
    return list.map(({ events }) => {
      const first = (this.#position ?? 0) + 1;
      this.#position = first + events.length - 1;
      return { kind: "ok", position: first };
    });
  }

  override load(refs: readonly ActorRef[]): Awaitable<readonly LoadedActor[]> {
    this.#write();
    return super.load(refs);
  }

  override outboxNext(max: number, after?: string): Awaitable<readonly OutboxItem[]> {
    this.#write();
    return super.outboxNext(max, after);
  }

  #write(): void {
    for (const list of this.#late.splice(0)) {
      try {
        this.inner.commit(list);
      } catch {
        // Nobody is told: it was acknowledged long ago.
      }
    }
  }
}

/** Timers that an earlier process set are there, and never ring. */
export class LosesOldTimers extends ForwardingLog {
  readonly #known = new Set<string>();

  override commit(list: readonly ActorCommit[]): Awaitable<readonly CommitResult[]> {
    for (const { ref, timers } of list) {
      for (const timer of timers) this.#known.add(`${ref.kind}:${ref.id}/${timer.id}`);
    }
    return super.commit(list);
  }

  override timersDue(nowMs: number, max: number): Awaitable<readonly DueTimer[]> {
    return then(super.timersDue(nowMs, max), (due) =>
      due.filter(({ ref, id }) => this.#known.has(`${ref.kind}:${ref.id}/${id}`)),
    );
  }
}
