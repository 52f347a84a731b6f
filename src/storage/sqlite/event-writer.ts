/**
 * The one writer of the event log. A list of commits is one transaction and one fsync. The quick
 * way trusts the sequences it wrote itself; when a statement disagrees, the transaction is rolled
 * back and the list is planned again against the rows, commit by commit.
 */
import type { Database } from "bun:sqlite";
import { present, unreachable } from "../../../actors/assert.ts";
import { assertCommit, planCommits, type Verdict } from "../../runtime/commit-plan.ts";
import {
  type ActorCommit,
  type CommitResult,
  DAY_MS,
  LogFailure,
  refKey,
  type StoredEvent,
  type TimerChange,
} from "../../runtime/event-log.ts";
import { chainHash, GENESIS } from "../../runtime/hash-chain.ts";
import { EventReader } from "./event-reader.ts";
import { prepareWrites, type WriteStatements } from "./event-rows.ts";
import { integer } from "./open.ts";

/** The head of an actor's row, as this process last wrote or read it. */
interface Head {
  readonly id: number;
  seq: number;
  lastPosition: number;
}

const HEADS_MAX = 65_536;
/** Between two attempts to make room on a full disk. */
const ROOM_PAUSE_MS = 100;

/** What one list changes of an actor's row: written once, after all its events. */
interface Move {
  readonly head: Head;
  /** The sequence before the list: compare-and-set on the row, whatever the head said. */
  readonly firstSeq: number;
  /** The newest one of the list; the events after it are folded. */
  state: { readonly seq: number; readonly json: string; readonly version: number } | undefined;
}

/** A timer that a list sets or cancels; several changes of one timer come to the last of them. */
interface TimerEnd {
  readonly actor: number;
  readonly timer: Exclude<TimerChange, { kind: "fired" }>;
}

/** A row was not as the quick way expected: another writer, or a repeated command id. */
class Disagreement extends Error {}

export interface EventLogLimits {
  /** The file stops growing at so many pages of 4 KiB, as on a full disk. Default: no limit. */
  readonly pagesMax?: number;
}

export class EventWriter {
  readonly #database: Database;
  readonly #reader: EventReader;
  readonly #rows: WriteStatements;
  readonly #heads = new Map<string, Head>();
  #position: number;
  #hash: Uint8Array;
  /** Of the list that is being written. */
  readonly #moves = new Map<number, Move>();
  readonly #timers = new Map<string, TimerEnd>();
  /** The disk was full, and the write-ahead log has not been moved back into the file since. */
  #isTight = false;
  #triedRoomMs = Number.NEGATIVE_INFINITY;

  constructor(database: Database, { pagesMax }: EventLogLimits) {
    this.#database = database;
    if (pagesMax !== undefined) database.run(`PRAGMA max_page_count = ${pagesMax}`);
    this.#reader = new EventReader(database);
    this.#rows = prepareWrites(database);
    const last = this.#reader.rows.lastEvent.get();
    this.#position = last === null ? 0 : integer(last.position);
    this.#hash = last === null ? GENESIS : last.hash;
  }

  commit(list: readonly ActorCommit[]): readonly CommitResult[] {
    for (const commit of list) assertCommit(commit);
    if (this.#isTight) this.#makeRoom();
    try {
      return this.#transact(
        list,
        list.map(() => ({ kind: "write" })),
      );
    } catch (error) {
      if (!isDisagreement(error)) throw this.#failureOf(error);
    }
    const reader = this.#reader;
    const verdicts = planCommits(list, {
      seqOf: (ref) => reader.seqOf(ref),
      recalled: (commandId) => reader.recall(commandId),
      timerAtMs: (ref, id) => reader.timerAtMs(ref, id),
    });
    try {
      return this.#transact(list, verdicts);
    } catch (error) {
      throw this.#failureOf(error);
    }
  }

  #failureOf(error: unknown): Error {
    const failure = failureOf(error);
    if (failure instanceof LogFailure && failure.kind === "full") this.#isTight = true;
    return failure;
  }

  /**
   * After a full disk: moves the write-ahead log back into the file as soon as that has room. The
   * log holds many versions of the same pages, and then begins anew instead of growing on.
   */
  #makeRoom(): void {
    const nowMs = performance.now();
    if (nowMs - this.#triedRoomMs < ROOM_PAUSE_MS) return;
    this.#triedRoomMs = nowMs;
    try {
      const [row] = this.#rows.checkpoint.all();
      const moved = integer(row?.checkpointed ?? 0n);
      this.#isTight = moved < integer(row?.log ?? 0n);
    } catch (error) {
      // Still no room; the commit that follows says so.
      if (codeOf(error) !== "SQLITE_FULL") throw failureOf(error);
    }
  }

  #transact(list: readonly ActorCommit[], verdicts: readonly Verdict[]): readonly CommitResult[] {
    const [position, hash] = [this.#position, this.#hash];
    this.#database.run("BEGIN IMMEDIATE");
    try {
      const results = list.map((commit, at): CommitResult => {
        const verdict = present(verdicts[at], "a verdict per commit");
        if (verdict.kind !== "write") return verdict;
        const first = this.#position + (commit.events.length > 0 ? 1 : 0);
        this.#write(commit);
        return { kind: "ok", position: first };
      });
      for (const move of this.#moves.values()) this.#moveActor(move);
      for (const end of this.#timers.values()) this.#endTimer(end);
      this.#database.run("COMMIT");
      return results;
    } catch (error) {
      [this.#position, this.#hash] = [position, hash];
      this.#heads.clear();
      if (this.#database.inTransaction) this.#database.run("ROLLBACK");
      throw error;
    } finally {
      this.#moves.clear();
      this.#timers.clear();
    }
  }

  #write(commit: ActorCommit): void {
    const head = this.#headOf(commit);
    if (head.seq !== commit.expectedSeq) throw new Disagreement();
    // Field by field: a spread costs more than all of them.
    for (const { kind, version, data } of commit.events) {
      const stored: StoredEvent = {
        kind,
        version,
        data,
        position: ++this.#position,
        ref: commit.ref,
        seq: ++head.seq,
        previous: head.lastPosition,
        atMs: commit.atMs,
        principal: commit.principal,
        commandId: commit.commandId,
      };
      this.#hash = chainHash(this.#hash, stored);
      head.lastPosition = stored.position;
      this.#insert(stored, head.id);
    }
    if (commit.events.length > 0) this.#noteMove(commit, head);
    for (const { id, to, command } of commit.outbox) {
      this.#rows.addOutbox.run(id, to.kind, to.id, command);
    }
    for (const id of commit.delivered) this.#rows.removeOutbox.run(id);
    for (const timer of commit.timers) this.#changeTimer(head.id, timer);
    if (commit.remember.length > 0) this.#remember(commit);
  }

  #insert(event: StoredEvent, actor: number): void {
    this.#rows.addEvent.run(
      event.position,
      actor,
      event.seq,
      event.previous,
      event.kind,
      event.version,
      event.atMs,
      event.principal,
      event.commandId,
      event.data,
      this.#hash,
    );
  }

  #noteMove({ expectedSeq, state: json, stateVersion: version }: ActorCommit, head: Head): void {
    const move = this.#moves.get(head.id) ?? { head, firstSeq: expectedSeq, state: undefined };
    if (json !== undefined) move.state = { seq: head.seq, json, version };
    this.#moves.set(head.id, move);
  }

  #moveActor({ head, firstSeq, state }: Move): void {
    const { id, seq, lastPosition } = head;
    const { changes } = this.#rows.moveActor.run(seq, lastPosition, id, firstSeq);
    if (Number(changes) !== 1) throw new Disagreement();
    if (state !== undefined) this.#rows.storeState.run(id, state.seq, state.version, state.json);
  }

  #changeTimer(actor: number, timer: TimerChange): void {
    const key = `${actor} ${timer.id}`;
    if (timer.kind !== "fired") {
      this.#timers.set(key, { actor, timer });
      return;
    }
    const before = this.#timers.get(key);
    if (before !== undefined) this.#endTimer(before);
    this.#timers.delete(key);
    const { changes } = this.#rows.takeTimer.run(actor, timer.id, timer.atMs);
    if (Number(changes) !== 1) throw new Disagreement();
  }

  #endTimer({ actor, timer }: TimerEnd): void {
    switch (timer.kind) {
      case "set":
        this.#rows.setTimer.run(actor, timer.id, timer.atMs, timer.command);
        break;
      case "cancel":
        this.#rows.cancelTimer.run(actor, timer.id);
        break;
      default:
        unreachable(timer);
    }
  }

  #remember(commit: ActorCommit): void {
    const day = Math.floor(commit.atMs / DAY_MS);
    for (const { commandId, fingerprint, reply, requestId } of commit.remember) {
      this.#rows.remember.run(day, commandId, fingerprint, reply, requestId);
    }
  }

  /** One that has no event yet is likely to have no row either: that is tried first. */
  #headOf({ ref, expectedSeq }: ActorCommit): Head {
    const key = refKey(ref);
    const known = this.#heads.get(key);
    if (known !== undefined) return known;
    const added = expectedSeq === 0 ? this.#rows.addActor.get(ref.kind, ref.id) : null;
    const row = added ?? this.#reader.rows.head.get(ref.kind, ref.id);
    if (row === null) throw new Disagreement();
    const head: Head = {
      id: integer(row.id),
      seq: integer(row.seq),
      lastPosition: integer(row.last_position),
    };
    this.#keepHead(key, head);
    return head;
  }

  #keepHead(key: string, head: Head): void {
    if (this.#heads.size >= HEADS_MAX) this.#heads.clear();
    this.#heads.set(key, head);
  }

  outboxDone(ids: readonly string[]): void {
    this.#database.transaction(() => {
      for (const id of ids) this.#rows.removeOutbox.run(id);
    })();
  }

  /** The oldest stand first: whatever is in front of the first younger one goes. */
  prune(beforeMs: number, max: number): number {
    const day = Math.floor(beforeMs / DAY_MS);
    const oldest = this.#reader.rows.oldestReplies.all(max);
    const young = oldest.findIndex((reply) => integer(reply.day) >= day);
    const gone = young < 0 ? oldest : oldest.slice(0, young);
    const last = gone.at(-1);
    if (last !== undefined) this.#rows.forget.run(integer(last.number));
    return gone.length;
  }

  close(): void {
    this.#database.run("PRAGMA wal_checkpoint(TRUNCATE)");
    this.#database.close();
  }
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === "string" ? code : "";
}

function isDisagreement(error: unknown): boolean {
  return error instanceof Disagreement || codeOf(error).startsWith("SQLITE_CONSTRAINT");
}

function failureOf(error: unknown): Error {
  const code = codeOf(error);
  if (code === "SQLITE_FULL") return new LogFailure("full", code);
  if (code.startsWith("SQLITE_")) return new LogFailure("failed", code);
  return error instanceof Error ? error : new LogFailure("failed", "unknown");
}
