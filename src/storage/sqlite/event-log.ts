/**
 * The embedded event log: one SQLite file in WAL mode with synchronous=FULL, written by one
 * process. Reading and writing share a connection, and every answer is there at once.
 */
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
import { type EventLogLimits, EventWriter } from "./event-writer.ts";
import { EVENT_MIGRATIONS } from "./migrations.ts";
import { openDatabase } from "./open.ts";

export class SqliteEventLog implements EventLog {
  readonly #reader: EventReader;
  readonly #writer: EventWriter;

  constructor(file: string, limits: EventLogLimits = {}) {
    const database = openDatabase(file, "FULL", EVENT_MIGRATIONS);
    this.#reader = new EventReader(database);
    this.#writer = new EventWriter(database, limits);
  }

  load(refs: readonly ActorRef[]): readonly LoadedActor[] {
    return this.#reader.load(refs);
  }

  commit(list: readonly ActorCommit[]): readonly CommitResult[] {
    return this.#writer.commit(list);
  }

  recall(commandId: string): Remembered | undefined {
    return this.#reader.recall(commandId);
  }

  outboxNext(max: number, after?: string): readonly OutboxItem[] {
    return this.#reader.outboxNext(max, after);
  }

  outboxDone(ids: readonly string[]): void {
    this.#writer.outboxDone(ids);
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

  prune(beforeMs: number, max: number): number {
    return this.#writer.prune(beforeMs, max);
  }

  close(): void {
    this.#writer.close();
  }
}
