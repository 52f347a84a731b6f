/**
 * The rows of views, read beside the thread that writes them. What is read within one step of the
 * event loop is of one moment: views move in batches, and two rows of one answer fit together.
 */
import type { Database, Statement } from "bun:sqlite";
import { assert } from "../../../actors/assert.ts";
import type { ViewRange, ViewReader, ViewRow, ViewRows } from "../../runtime/view.ts";
import { openReadOnly } from "./open.ts";

/** Sorts after every key that begins with a prefix. */
const LAST = "\u{10FFFF}";

interface OpenFile {
  readonly database: Database;
  readonly begin: Statement;
  readonly commit: Statement;
  readonly tables: Map<string, ViewRows>;
}

export class SqliteViewReader implements ViewReader {
  readonly #tables = new Map<string, ViewRows>();
  /** Opened anew by the next read where it was let go. */
  #open: OpenFile | undefined;
  #isReading = false;
  #isClosed = false;

  /** Throws OpenFailed where no view was ever written. */
  constructor(private readonly file: string) {
    this.#open = openFile(file);
  }

  table(view: string): ViewRows {
    const known = this.#tables.get(view);
    if (known !== undefined) return known;
    const table: ViewRows = {
      get: (key) => this.#hold(view).get(key),
      range: (range) => this.#hold(view).range(range),
    };
    this.#tables.set(view, table);
    return table;
  }

  /**
   * What was written since is seen from now on. Nobody waits for it who could hear that it failed:
   * a file that is spoilt is told to whoever reads it next.
   */
  release(): void {
    if (!this.#isReading) return;
    this.#isReading = false;
    try {
      this.#open?.commit.run();
    } catch {
      this.#letGo();
    }
  }

  /** Whatever lies at the file's place is read from now on. */
  reopen(): void {
    this.release();
    this.#letGo();
  }

  close(): void {
    this.reopen();
    this.#isClosed = true;
  }

  #letGo(): void {
    this.#open?.database.close();
    this.#open = undefined;
  }

  /** The moment that is read is held until the step is over, and the file can be tidied again. */
  #hold(view: string): ViewRows {
    assert(!this.#isClosed, "views are read while they are open");
    this.#open ??= openFile(this.file);
    const { database, begin, tables } = this.#open;
    if (!this.#isReading) {
      begin.run();
      this.#isReading = true;
      setImmediate(() => this.release());
    }
    const rows = tables.get(view) ?? viewRows(database, view);
    tables.set(view, rows);
    return rows;
  }
}

function openFile(file: string): OpenFile {
  const database = openReadOnly(file);
  const [begin, commit] = [database.query("BEGIN"), database.query("COMMIT")];
  return { database, begin, commit, tables: new Map() };
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
