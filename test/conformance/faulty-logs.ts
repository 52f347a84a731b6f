/** Logs with one planted fault each. The suite must catch every one of them. */
import type { ActorRef } from "../../actors/actor.ts";
import type {
  ActorCommit,
  Awaitable,
  CommitResult,
  DueTimer,
  EventLog,
  LoadedActor,
  OutboxItem,
  Remembered,
  StoredEvent,
} from "../../src/runtime/event-log.ts";
import { LogFailure, refKey } from "../../src/runtime/event-log.ts";
import { MemoryEventLog } from "../../src/runtime/memory-event-log.ts";
import { ForwardingLog, then } from "./forwarding-log.ts";
import type { Store } from "./subject.ts";

/** A log whose lists are changed before they are written. */
function rewriting(change: (commit: ActorCommit, at: number) => ActorCommit) {
  return class extends ForwardingLog {
    override commit(list: readonly ActorCommit[]): Awaitable<readonly CommitResult[]> {
      return super.commit(list.map(change));
    }
  };
}

/** Sequence and batch. */
export class IgnoresExpectedSeq extends ForwardingLog {
  override commit(list: readonly ActorCommit[]): Awaitable<readonly CommitResult[]> {
    const seqs = new Map<string, number>();
    const loaded = this.inner.load(list.map(({ ref }) => ref)) as readonly LoadedActor[];
    const right = list.map((commit, at) => {
      const key = refKey(commit.ref);
      const expectedSeq = seqs.get(key) ?? loaded[at]?.seq ?? 0;
      seqs.set(key, expectedSeq + commit.events.length);
      return { ...commit, expectedSeq };
    });
    return super.commit(right);
  }
}

export class WritesLosers extends ForwardingLog {
  override commit(list: readonly ActorCommit[]): Awaitable<readonly CommitResult[]> {
    return then(super.commit(list), (results) => {
      for (const [at, commit] of list.entries()) {
        if (results[at]?.kind !== "conflict") continue;
        const loaded = this.inner.load([commit.ref]) as readonly LoadedActor[];
        const expectedSeq = loaded[0]?.seq ?? 0;
        const rest = { ...commit, expectedSeq, events: [], state: undefined };
        this.inner.commit([{ ...rest, delivered: [] }]);
      }
      return results;
    });
  }
}

export const BreaksUnits = rewriting((commit, at) => ({ ...commit, unit: at }));

export class FailsAllForOne extends ForwardingLog {
  override commit(list: readonly ActorCommit[]): Awaitable<readonly CommitResult[]> {
    const together = list.map((commit) => ({ ...commit, unit: 0 }));
    return super.commit(together);
  }
}

export class ReordersAnswers extends ForwardingLog {
  override commit(list: readonly ActorCommit[]): Awaitable<readonly CommitResult[]> {
    return then(super.commit(list), (results) => results.toReversed());
  }
}

export class SharesPositions extends ForwardingLog {
  override commit(list: readonly ActorCommit[]): Awaitable<readonly CommitResult[]> {
    return then(super.commit(list), (results) => {
      const first = results.find(({ kind }) => kind === "ok");
      return results.map((result) => (result.kind === "ok" && first ? first : result));
    });
  }
}

/** A later unit passes although the one it was decided on was lost: each list is cut into units. */
export class ForgetsLosers extends ForwardingLog {
  override commit(list: readonly ActorCommit[]): Awaitable<readonly CommitResult[]> {
    const units = [...new Set(list.map(({ unit }) => unit))];
    const results = new Map<ActorCommit, CommitResult>();
    for (const unit of units) {
      const members = list.filter((commit) => commit.unit === unit);
      const answers = this.inner.commit(members) as readonly CommitResult[];
      for (const [at, commit] of members.entries()) {
        results.set(commit, answers[at] ?? { kind: "conflict" });
      }
    }
    return list.map((commit) => results.get(commit) ?? { kind: "conflict" });
  }
}

/** Dedupe. */
export const ForgetsReplies = rewriting((commit) => ({ ...commit, remember: [] }));

export class AnswersRepeatsAnew extends ForwardingLog {
  override commit(list: readonly ActorCommit[]): Awaitable<readonly CommitResult[]> {
    return then(super.commit(list), (results) =>
      results.map((result, at) => {
        const row = list[at]?.remember[0];
        return result.kind === "duplicate" && row ? { ...result, remembered: row } : result;
      }),
    );
  }

  override recall(commandId: string): Awaitable<Remembered | undefined> {
    return super.recall(commandId.trim());
  }
}

export class PrunesAll extends ForwardingLog {
  override prune(_beforeMs: number, max: number): Awaitable<number> {
    return super.prune(Number.MAX_SAFE_INTEGER, max);
  }
}

export class PrunesTooMany extends ForwardingLog {
  override prune(beforeMs: number): Awaitable<number> {
    return super.prune(beforeMs, Number.MAX_SAFE_INTEGER);
  }
}

/** Outbox. */
export const DropsSends = rewriting((commit) => ({ ...commit, outbox: commit.outbox.slice(1) }));
export const KeepsDelivered = rewriting((commit) => ({ ...commit, delivered: [] }));

export class NewestSendsFirst extends ForwardingLog {
  override outboxNext(max: number): Awaitable<readonly OutboxItem[]> {
    return then(super.outboxNext(1_000_000), (items) => items.toReversed().slice(0, max));
  }
}

/** Timers. */
export class FiresEarly extends ForwardingLog {
  override timersDue(nowMs: number, max: number): Awaitable<readonly DueTimer[]> {
    return super.timersDue(nowMs + 1, max);
  }

  override timersNextAtMs(): Awaitable<number | undefined> {
    return then(super.timersNextAtMs(), (atMs) => (atMs === undefined ? atMs : atMs - 1));
  }
}

export const IgnoresCancels = rewriting((commit) => ({
  ...commit,
  timers: commit.timers.filter(({ kind }) => kind !== "cancel"),
}));

export const TakesAnyFiring = rewriting((commit) => ({
  ...commit,
  timers: commit.timers.map((timer) =>
    timer.kind === "fired" ? { kind: "cancel", id: timer.id } : timer,
  ),
}));

export const KeepsFiredTimers = rewriting((commit) => ({
  ...commit,
  timers: commit.timers.filter(({ kind }) => kind !== "fired"),
}));

/** Feed. */
export class SkipsPositions extends ForwardingLog {
  override read(after: number, max: number): Awaitable<readonly StoredEvent[]> {
    return then(super.read(after, max), (events) =>
      events.filter(({ position }) => position % 5 !== 3),
    );
  }
}

export class UnstableFeed extends ForwardingLog {
  #reads = 0;

  override read(after: number, max: number): Awaitable<readonly StoredEvent[]> {
    const isOdd = this.#reads++ % 2 === 1;
    return then(super.read(after, max), (events) => (isOdd ? events.toReversed() : events));
  }
}

export class ForgetsHistory extends ForwardingLog {
  override history(ref: ActorRef, before: number, max: number): Awaitable<readonly StoredEvent[]> {
    return then(super.history(ref, before, max + 1), (events) => events.slice(1, max + 1));
  }
}

/** Snapshots. */
export class LosesTheLastEvent extends ForwardingLog {
  override load(refs: readonly ActorRef[]): Awaitable<readonly LoadedActor[]> {
    return then(super.load(refs), (actors) =>
      actors.map((actor) => ({ ...actor, events: actor.events.slice(0, -1) })),
    );
  }
}

/** Believes a state of any version. */
export class ForgetsVersions extends ForwardingLog {
  override load(refs: readonly ActorRef[]): Awaitable<readonly LoadedActor[]> {
    return then(super.load(refs), (actors) =>
      actors.map((actor) => {
        if (actor.state === undefined) return actor;
        return { ...actor, state: { ...actor.state, version: 3 } };
      }),
    );
  }
}

/** What the host would be if it answered before the write: it hears of success at once. */
export class AnswersBeforeTheWrite extends ForwardingLog {
  #position = 0;

  override commit(list: readonly ActorCommit[]): Awaitable<readonly CommitResult[]> {
    const written = super.commit(list);
    if (!(written instanceof Promise)) return written;
    written.catch(() => undefined);
    return list.map(({ events }) => {
      const position = this.#position + 1;
      this.#position += events.length;
      return { kind: "ok", position };
    });
  }
}

/** Acknowledges at once and writes a little later. */
export class WritesLater extends ForwardingLog {
  #position = 0;
  #held: ActorCommit[][] = [];

  override commit(list: readonly ActorCommit[]): readonly CommitResult[] {
    if (this.#held.length === 0) setTimeout(() => this.#write(), 25);
    this.#held.push([...list]);
    return list.map(({ events }) => {
      const position = this.#position + 1;
      this.#position += events.length;
      return { kind: "ok", position };
    });
  }

  override load(refs: readonly ActorRef[]): Awaitable<readonly LoadedActor[]> {
    this.#write();
    return super.load(refs);
  }

  #write(): void {
    for (const list of this.#held.splice(0)) this.inner.commit(list);
  }
}

/** What the host would be if it decided anew after a lost answer, or gave up, or believed. */
export function mistakingUnknownFor(mistake: "conflict" | "failed") {
  return class extends ForwardingLog {
    override commit(list: readonly ActorCommit[]): Awaitable<readonly CommitResult[]> {
      const mistaken = (error: unknown): readonly CommitResult[] => {
        const isUnknown = error instanceof LogFailure && error.kind === "unknown_outcome";
        if (!isUnknown) throw error;
        if (mistake === "failed") throw new LogFailure("failed", "mistaken");
        return list.map(() => ({ kind: "conflict" }));
      };
      try {
        const results = super.commit(list);
        return results instanceof Promise ? results.catch(mistaken) : results;
      } catch (error) {
        return mistaken(error);
      }
    }
  };
}

export type Forgets = "nothing" | "replies" | "timers" | "outbox" | "the last write";

/** One writing call, to be made again on another log. */
type Write = (log: EventLog, forget: (commit: ActorCommit) => ActorCommit) => unknown;

class RecordingLog extends ForwardingLog {
  constructor(
    inner: EventLog,
    private readonly writes: Write[],
  ) {
    super(inner);
  }

  override commit(list: readonly ActorCommit[]): Awaitable<readonly CommitResult[]> {
    this.writes.push((log, forget) => log.commit(list.map(forget)));
    return super.commit(list);
  }

  override outboxDone(ids: readonly string[]): Awaitable<void> {
    this.writes.push((log) => log.outboxDone(ids));
    return super.outboxDone(ids);
  }

  override prune(beforeMs: number, max: number): Awaitable<number> {
    this.writes.push((log) => log.prune(beforeMs, max));
    return super.prune(beforeMs, max);
  }
}

/** Writes everything again into a new log at every restart, and forgets something of it. */
export class ForgetfulStore implements Store {
  readonly #writes: Write[] = [];
  #log = new MemoryEventLog();

  constructor(private readonly forgets: Forgets) {}

  async open(): Promise<EventLog> {
    return new RecordingLog(this.#log, this.#writes);
  }

  async stop(): Promise<void> {
    if (this.forgets === "the last write") this.#writes.pop();
    this.#log = new MemoryEventLog();
    for (const write of this.#writes) write(this.#log, (commit) => this.#forget(commit));
  }

  crash(): Promise<void> {
    return this.stop();
  }

  async dispose(): Promise<void> {}

  #forget(commit: ActorCommit): ActorCommit {
    if (this.forgets === "replies") return { ...commit, remember: [] };
    if (this.forgets === "timers") return { ...commit, timers: [] };
    if (this.forgets === "outbox") return { ...commit, outbox: [] };
    return commit;
  }
}
