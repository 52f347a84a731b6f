/**
 * Views in a SQLite file of their own: they can be deleted at any time and are built anew. What one
 * batch of events changes is collected in memory and written at its end, each row once: a merchant
 * whose every payment moves the same balance has one row to write, not hundreds.
 */
import type { Database } from "bun:sqlite";
import { assert } from "../../../actors/assert.ts";
import type { ViewRange, ViewRow, ViewStore, ViewTable } from "../../runtime/view.ts";
import viewsSchema from "./migrations/views-1.sql" with { type: "text" };
import { integer, openDatabase } from "./open.ts";
import { viewRows } from "./view-reader.ts";

const VIEW_MIGRATIONS = [{ version: 1, sql: viewsSchema }];

export class SqliteViewStore implements ViewStore {
  readonly #database: Database;
  readonly #tables = new Map<string, BatchedTable>();
  #position: number;

  constructor(file: string) {
    this.#database = openDatabase(file, "NORMAL", VIEW_MIGRATIONS);
    const row = this.#database
      .query<{ position: bigint }, []>("SELECT position FROM progress")
      .get();
    assert(row !== null, "the progress row exists");
    this.#position = integer(row.position);
  }

  table(view: string): ViewTable {
    const known = this.#tables.get(view);
    if (known !== undefined) return known;
    const table = new BatchedTable(tableOf(this.#database, view));
    this.#tables.set(view, table);
    return table;
  }

  position(): number {
    return this.#position;
  }

  versions(): string {
    const query = this.#database.query<{ versions: string }, []>("SELECT versions FROM progress");
    return query.get()?.versions ?? "";
  }

  write(position: number, change: () => void): void {
    assert(position > this.#position, "views only move forward");
    for (const table of this.#tables.values()) table.begin();
    try {
      this.#database.transaction(() => {
        change();
        for (const table of this.#tables.values()) table.flush();
        this.#database.query("UPDATE progress SET position = ?").run(position);
      })();
    } finally {
      for (const table of this.#tables.values()) table.end();
    }
    this.#position = position;
  }

  reset(versions: string): void {
    this.#database.transaction(() => {
      this.#database.run("DELETE FROM rows");
      this.#database.query("UPDATE progress SET position = 0, versions = ?").run(versions);
    })();
    this.#position = 0;
  }

  close(): void {
    this.#database.close();
  }
}

/** A table whose changes wait in memory while a batch runs; what is read sees them. */
class BatchedTable implements ViewTable {
  /** Undefined: the row is removed. Null outside of a batch. */
  #changed: Map<string, string | undefined> | null = null;
  /** Rows that the batch has read. */
  readonly #read = new Map<string, string | undefined>();

  constructor(private readonly rows: ViewTable) {}

  begin(): void {
    this.#changed ??= new Map();
  }

  flush(): void {
    for (const [key, value] of this.#changed ?? []) {
      if (value === undefined) this.rows.remove(key);
      else this.rows.put(key, value);
    }
    this.#changed?.clear();
  }

  end(): void {
    this.#changed = null;
    this.#read.clear();
  }

  get(key: string): string | undefined {
    const changed = this.#changed;
    if (changed === null) return this.rows.get(key);
    if (changed.has(key)) return changed.get(key);
    if (this.#read.has(key)) return this.#read.get(key);
    const value = this.rows.get(key);
    this.#read.set(key, value);
    return value;
  }

  put(key: string, value: string): void {
    if (this.#changed === null) this.rows.put(key, value);
    else this.#changed.set(key, value);
  }

  remove(key: string): void {
    if (this.#changed === null) this.rows.remove(key);
    else this.#changed.set(key, undefined);
  }

  range(range: ViewRange): readonly ViewRow[] {
    this.flush();
    this.#read.clear();
    return this.rows.range(range);
  }
}

function tableOf(database: Database, view: string): ViewTable {
  // What is so already is not written: many views say again what they said of the last payment.
  const put = database.query<null, [string, string, string]>(
    `INSERT INTO rows (view, key, value) VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET value = excluded.value WHERE value <> excluded.value`,
  );
  const remove = database.query<null, [string, string]>(
    "DELETE FROM rows WHERE view = ? AND key = ?",
  );
  return {
    ...viewRows(database, view),
    put: (key, value) => void put.run(view, key, value),
    remove: (key) => void remove.run(view, key),
  };
}
