/**
 * The embedded event log with its writer in a worker: the same file, the same commits. Questions
 * are answered here at once, from what is committed; what changes something takes its way to the
 * writer and back, and neither actors nor answers stand still while the disk works.
 */
import type { Database } from "bun:sqlite";
import type { ActorRef } from "../../../actors/actor.ts";
import type {
  ActorCommit,
  CommitResult,
  DueTimer,
  EventLog,
  LoadedActor,
  LogHead,
  OutboxItem,
  Remembered,
  StoredEvent,
} from "../../runtime/event-log.ts";
import { EventReader } from "./event-reader.ts";
import type { EventLogLimits } from "./event-writer.ts";
import { EVENT_MIGRATIONS } from "./migrations.ts";
import { openDatabase } from "./open.ts";
import { type ThreadOptions, WriterThread } from "./writer-thread.ts";

export class ThreadedEventLog implements EventLog {
  readonly #database: Database;
  readonly #reader: EventReader;
  readonly #writer: WriterThread;

  constructor(file: string, limits: EventLogLimits = {}, options?: ThreadOptions) {
    this.#database = openDatabase(file, "FULL", EVENT_MIGRATIONS);
    this.#reader = new EventReader(this.#database);
    this.#writer = new WriterThread(file, limits, options);
  }

  load(refs: readonly ActorRef[]): readonly LoadedActor[] {
    return this.#reader.load(refs);
  }

  commit(list: readonly ActorCommit[]): Promise<readonly CommitResult[]> {
    return this.#writer.commit(list);
  }

  recall(commandId: string): Remembered | undefined {
    return this.#reader.recall(commandId);
  }

  outboxNext(max: number, after?: string): readonly OutboxItem[] {
    return this.#reader.outboxNext(max, after);
  }

  async outboxDone(ids: readonly string[]): Promise<void> {
    await this.#writer.outboxDone(ids);
  }

  timersDue(nowMs: number, max: number): readonly DueTimer[] {
    return this.#reader.timersDue(nowMs, max);
  }

  timersNextAtMs(): number | undefined {
    return this.#reader.timersNextAtMs();
  }

  read(after: number, max: number): readonly StoredEvent[] {
    return this.#reader.read(after, max);
  }

  history(ref: ActorRef, before: number, max: number): readonly StoredEvent[] {
    return this.#reader.history(ref, before, max);
  }

  head(): LogHead {
    return this.#reader.head();
  }

  prune(beforeMs: number, max: number): Promise<number> {
    return this.#writer.prune(beforeMs, max);
  }

  async close(): Promise<void> {
    await this.#writer.close();
    this.#database.close();
  }
}
