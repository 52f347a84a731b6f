/**
 * What the switch keeps its log on: a SQLite file, memory that outlives the process, or a database
 * behind a network, by seed. Commits fail, find no room, or lose their answer; a process crashes
 * just before or just after a commit of some event is durable.
 */
import { assert } from "../../actors/assert.ts";
import {
  type ActorCommit,
  type Awaitable,
  type CommitResult,
  type EventLog,
  LogFailure,
} from "../../src/runtime/event-log.ts";
import { MemoryEventLog } from "../../src/runtime/memory-event-log.ts";
import { SqliteEventLog } from "../../src/storage/sqlite/event-log.ts";
import { SqliteVaultRows } from "../../src/storage/sqlite/vault-rows.ts";
import { SealedFiles } from "../../src/vault/documents.ts";
import { DelayedLog } from "../conformance/delayed-log.ts";
import { ForwardingLog, then } from "../conformance/forwarding-log.ts";

export type LogKind = "sqlite" | "memory" | "remote";

/** What happens to a commit. */
export type Fate = "full" | "failed" | "answer lost" | "cut off";

/** Where the process crashes: at the commit of an event of this kind. */
export interface Trap {
  readonly kind: string;
  readonly when: "before" | "after";
}

export interface DiskOptions {
  readonly kind: LogKind;
  /** Ends the process in the middle of its commit. */
  readonly crashHere: () => Promise<never>;
  readonly onTrap: (trap: Trap) => void;
  /** A planted bug between the host and its log. */
  readonly wrap?: ((log: EventLog) => EventLog) | undefined;
}

/** What was written or forgotten, to be done again where the doctor reads. */
type Written = (copy: SqliteEventLog) => void;

export class Disk {
  /** Of the next commits, one each. */
  readonly fates: Fate[] = [];
  trap: Trap | undefined;
  /** No room for anything, the vault and pictures included. */
  isFull = false;
  readonly #memory = new MemoryEventLog();
  readonly #written: Written[] = [];
  #log: EventLog | undefined;

  constructor(readonly options: DiskOptions) {}

  /** The log as the process of now has it. */
  get log(): EventLog {
    return this.#log ?? this.#memory;
  }

  open(file: string): EventLog {
    const { kind, wrap = (log) => log } = this.options;
    const kept = kind === "sqlite" ? new SqliteEventLog(file) : this.#memory;
    this.#log = kept;
    const recorded = kind === "sqlite" ? kept : new RecordingLog(kept, this.#written);
    const log = new DiskLog(recorded, this);
    return wrap(kind === "remote" ? new RemoteLog(new DelayedLog(log), this) : log);
  }

  /** Makes a file of a log that has none, as the doctor reads it. */
  writeTo(file: string): void {
    const copy = new SqliteEventLog(file);
    for (const again of this.#written) again(copy);
    const waiting = new Set(this.#memory.outboxNext(Number.MAX_SAFE_INTEGER).map(({ id }) => id));
    const copied = copy.outboxNext(1_000_000).map(({ id }) => id);
    copy.outboxDone(copied.filter((id) => !waiting.has(id)));
    copy.close();
  }
}

class RecordingLog extends ForwardingLog {
  constructor(
    inner: EventLog,
    private readonly written: Written[],
  ) {
    super(inner);
  }

  override commit(list: readonly ActorCommit[]): Awaitable<readonly CommitResult[]> {
    return then(super.commit(list), (results) => {
      const kept = list.filter((_, at) => results[at]?.kind === "ok");
      this.written.push((copy) => {
        const isCopied = copy.commit(kept).every(({ kind }) => kind === "ok");
        assert(isCopied, "what was written once can be written again");
      });
      return results;
    });
  }

  /** An answer that is forgotten can be given anew: the copy must not remember it. */
  override prune(beforeMs: number, max: number): Awaitable<number> {
    this.written.push((copy) => void copy.prune(beforeMs, max));
    return super.prune(beforeMs, max);
  }
}

/** The place where a commit is written, or is not. */
class DiskLog extends ForwardingLog {
  constructor(
    inner: EventLog,
    private readonly disk: Disk,
  ) {
    super(inner);
  }

  override commit(list: readonly ActorCommit[]): Awaitable<readonly CommitResult[]> {
    const { disk } = this;
    const { trap } = disk;
    const isHit = trap !== undefined && holds(list, trap.kind);
    if (isHit) {
      disk.trap = undefined;
      disk.options.onTrap(trap);
      if (trap.when === "before") return disk.options.crashHere();
    }
    const [fate] = disk.fates;
    if (disk.isFull) throw new LogFailure("full", "simulated");
    if (fate === "full" || fate === "failed") {
      disk.fates.shift();
      throw new LogFailure(fate, "simulated");
    }
    const results = super.commit(list);
    return isHit ? disk.options.crashHere() : results;
  }
}

/** The line to the database: what is lost on it is unknown, not failed. */
class RemoteLog extends ForwardingLog {
  constructor(
    inner: EventLog,
    private readonly disk: Disk,
  ) {
    super(inner);
  }

  override async commit(list: readonly ActorCommit[]): Promise<readonly CommitResult[]> {
    const [fate] = this.disk.fates;
    const isCut = fate === "cut off" || fate === "answer lost";
    if (isCut) this.disk.fates.shift();
    if (fate === "cut off") throw new LogFailure("unknown_outcome", "simulated");
    const results = await super.commit(list);
    if (fate === "answer lost") throw new LogFailure("unknown_outcome", "simulated");
    return results;
  }
}

function holds(list: readonly ActorCommit[], kind: string): boolean {
  return list.some(({ events }) => events.some((event) => event.kind === kind));
}

/** The disk of the run that is under way: what else is written goes to it, too. */
let current: Disk | undefined;

export function useDisk(disk: Disk | undefined): void {
  current = disk;
}

class NoRoom extends Error {
  override readonly name = "NoRoom";
  readonly code = "SQLITE_FULL";
}

function demandRoom(): void {
  if (current?.isFull === true) throw new NoRoom("simulated");
}

/** The vault and the sealed files find no room on a full disk. */
export function installFullDisk(): void {
  const { insert } = SqliteVaultRows.prototype;
  SqliteVaultRows.prototype.insert = function (...of: Parameters<typeof insert>) {
    demandRoom();
    return insert.apply(this, of);
  };
  const { put } = SealedFiles.prototype;
  SealedFiles.prototype.put = function (...of: Parameters<typeof put>) {
    demandRoom();
    return put.apply(this, of);
  };
}
