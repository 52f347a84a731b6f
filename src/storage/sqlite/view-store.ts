/** Views in a SQLite file of their own: they can be deleted at any time and are built anew. */
import type { Database } from "bun:sqlite";
import { assert } from "../../../actors/assert.ts";
import type { ViewRange, ViewRow, ViewStore, ViewTable } from "../../runtime/view.ts";
import viewsSchema from "./migrations/views-1.sql" with { type: "text" };
import { integer, openDatabase } from "./open.ts";

const VIEW_MIGRATIONS = [{ version: 1, sql: viewsSchema }];
/** Sorts after every key that begins with a prefix. */
const LAST = "\u{10FFFF}";

export class SqliteViewStore implements ViewStore {
  readonly #database: Database;
  readonly #tables = new Map<string, ViewTable>();
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
    const table = tableOf(this.#database, view);
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
    this.#database.transaction(() => {
      change();
      this.#database.query("UPDATE progress SET position = ?").run(position);
    })();
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

function tableOf(database: Database, view: string): ViewTable {
  const get = database.query<{ value: string }, [string, string]>(
    "SELECT value FROM rows WHERE view = ? AND key = ?",
  );
  const put = database.query<null, [string, string, string]>(
    "INSERT OR REPLACE INTO rows (view, key, value) VALUES (?, ?, ?)",
  );
  const remove = database.query<null, [string, string]>(
    "DELETE FROM rows WHERE view = ? AND key = ?",
  );
  const forward = database.query<ViewRow, [string, string, string, number]>(
    "SELECT key, value FROM rows WHERE view = ? AND key > ? AND key < ? ORDER BY key LIMIT ?",
  );
  const first = database.query<ViewRow, [string, string, string, number]>(
    "SELECT key, value FROM rows WHERE view = ? AND key >= ? AND key < ? ORDER BY key LIMIT ?",
  );
  const backward = database.query<ViewRow, [string, string, string, number]>(
    "SELECT key, value FROM rows WHERE view = ? AND key >= ? AND key < ? ORDER BY key DESC LIMIT ?",
  );
  return {
    get: (key) => get.get(view, key)?.value,
    put: (key, value) => void put.run(view, key, value),
    remove: (key) => void remove.run(view, key),
    range({ prefix, after, max, newestFirst = false }: ViewRange) {
      const end = prefix + LAST;
      if (newestFirst) return backward.all(view, prefix, after ?? end, max);
      return after === undefined
        ? first.all(view, prefix, end, max)
        : forward.all(view, after, end, max);
    },
  };
}
