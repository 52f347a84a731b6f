/**
 * The rows of views, read beside the thread that writes them. What is read within one step of the
 * event loop is of one moment: views move in batches, and two rows of one answer fit together.
 */
import type { Database, Statement } from "bun:sqlite";
import type { ViewRange, ViewReader, ViewRow, ViewRows } from "../../runtime/view.ts";
import { openReadOnly } from "./open.ts";

/** Sorts after every key that begins with a prefix. */
const LAST = "\u{10FFFF}";

export class SqliteViewReader implements ViewReader {
  readonly #database: Database;
  readonly #begin: Statement;
  readonly #commit: Statement;
  readonly #tables = new Map<string, ViewRows>();
  #isOpen = true;
  #isReading = false;

  /** Throws OpenFailed where no view was ever written. */
  constructor(file: string) {
    this.#database = openReadOnly(file);
    this.#begin = this.#database.query("BEGIN");
    this.#commit = this.#database.query("COMMIT");
  }

  table(view: string): ViewRows {
    const known = this.#tables.get(view);
    if (known !== undefined) return known;
    const rows = viewRows(this.#database, view);
    const table: ViewRows = {
      get: (key) => {
        this.#hold();
        return rows.get(key);
      },
      range: (range) => {
        this.#hold();
        return rows.range(range);
      },
    };
    this.#tables.set(view, table);
    return table;
  }

  /** What was written since is seen from now on. */
  release(): void {
    if (!this.#isReading) return;
    this.#isReading = false;
    this.#commit.run();
  }

  close(): void {
    if (!this.#isOpen) return;
    this.release();
    this.#isOpen = false;
    this.#database.close();
  }

  /** The moment that is read is held until the step is over, and the file can be tidied again. */
  #hold(): void {
    if (this.#isReading) return;
    this.#begin.run();
    this.#isReading = true;
    setImmediate(() => this.release());
  }
}

/** Reads one view's rows, each time as they are. */
export function viewRows(database: Database, view: string): ViewRows {
  const get = database.query<{ value: string }, [string, string]>(
    "SELECT value FROM rows WHERE view = ? AND key = ?",
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
    range({ prefix, after, max, newestFirst = false }: ViewRange) {
      const end = prefix + LAST;
      if (newestFirst) return backward.all(view, prefix, after ?? end, max);
      return after === undefined
        ? first.all(view, prefix, end, max)
        : forward.all(view, after, end, max);
    },
  };
}
