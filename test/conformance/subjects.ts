/**
 * The event logs that must conform. A new kind of log is one more entry here, and the whole suite
 * runs on it.
 */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EventLog } from "../../src/runtime/event-log.ts";
import { MemoryEventLog } from "../../src/runtime/memory-event-log.ts";
import { SqliteEventLog } from "../../src/storage/sqlite/event-log.ts";
import type { EventLogLimits } from "../../src/storage/sqlite/event-writer.ts";
import { DelayedLog } from "./delayed-log.ts";
import type { Store, Subject } from "./subject.ts";

/** The log outlives its host in this process, so that restarts of the host can be tested on it. */
class MemoryStore implements Store {
  readonly #log = new MemoryEventLog();

  async open(): Promise<EventLog> {
    return this.#log;
  }

  async stop(): Promise<void> {}
  async crash(): Promise<void> {}
  async dispose(): Promise<void> {}
}

export class SqliteStore implements Store {
  readonly #directory = mkdtempSync(join(tmpdir(), "seqr-conformance-"));
  /** For the logs that are opened from now on. */
  limits: EventLogLimits = {};
  #life = 0;
  #log: SqliteEventLog | undefined;

  /** The file of the present life. */
  get file(): string {
    return join(this.#directory, `events-${this.#life}.db`);
  }

  async open(): Promise<SqliteEventLog> {
    this.#log?.close();
    this.#log = new SqliteEventLog(this.file, this.limits);
    return this.#log;
  }

  async stop(): Promise<void> {
    this.#log?.close();
    this.#log = undefined;
  }

  /**
   * What the operating system holds of the files at this moment is all that the next life finds.
   */
  async crash(): Promise<void> {
    const dead = this.file;
    this.#life++;
    for (const suffix of ["", "-wal"]) {
      if (existsSync(dead + suffix)) copyFileSync(dead + suffix, this.file + suffix);
    }
    await this.stop();
  }

  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** The same store, whose log answers later. */
class DelayedStore implements Store {
  constructor(private readonly store: Store) {}

  async open(): Promise<EventLog> {
    return new DelayedLog(await this.store.open());
  }

  stop(): Promise<void> {
    return this.store.stop();
  }

  crash(): Promise<void> {
    return this.store.crash();
  }

  dispose(): Promise<void> {
    return this.store.dispose();
  }
}

export const MEMORY: Subject = {
  name: "in memory",
  capabilities: { embedded: true },
  create: async () => new MemoryStore(),
};

export const DELAYED: Subject = {
  name: "in memory, answering later",
  capabilities: { embedded: false },
  create: async () => new DelayedStore(new MemoryStore()),
};

export const SQLITE: Subject = {
  name: "SQLite",
  capabilities: { embedded: true },
  create: async () => new SqliteStore(),
};

/** As a database behind a network is: it keeps what it has, and its answers take their time. */
const DELAYED_SQLITE: Subject = {
  name: "SQLite, answering later",
  capabilities: { embedded: false },
  create: async () => new DelayedStore(new SqliteStore()),
};

export const SUBJECTS: readonly Subject[] = [MEMORY, DELAYED, SQLITE, DELAYED_SQLITE];
