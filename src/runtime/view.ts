/**
 * Views: read models fed by the feed. All views share one position, stored in the same transaction
 * as their rows, so a crash neither skips nor doubles an event. They can be thrown away and rebuilt
 * from the log at any time, and lag behind it by milliseconds; no decision rests on them. A mark of
 * the last event that they have seen tells whether it is this log's: one that was restored from a
 * copy may lack it.
 */
import { assert } from "../../actors/assert.ts";
import type { Awaitable, StoredEvent } from "./event-log.ts";
import type { Feed } from "./feed.ts";

export interface ViewRow {
  readonly key: string;
  /** JSON. */
  readonly value: string;
}

export interface ViewRange {
  /** Keys that begin with this. */
  readonly prefix: string;
  /** Keys strictly after this one in the order asked for. */
  readonly after?: string;
  readonly max: number;
  readonly newestFirst?: boolean;
}

/** The ordered rows of one view, for whoever reads them; keys compare by code unit. */
export interface ViewRows {
  get(key: string): string | undefined;
  range(range: ViewRange): readonly ViewRow[];
}

/** The same for the view itself. */
export interface ViewTable extends ViewRows {
  put(key: string, value: string): void;
  remove(key: string): void;
}

export interface ViewReader {
  table(view: string): ViewRows;
}

export interface ViewStore extends ViewReader {
  table(view: string): ViewTable;
  /** Position of the last event that every view has seen. */
  position(): number;
  /** The versions that the rows were made by, as JSON. */
  versions(): string;
  /** Runs `change` and stores the position, all or nothing. */
  write(position: number, change: () => void): void;
  /** Forgets all rows and starts at position 0 under these versions. */
  reset(versions: string): void;
  close(): void;
}

export interface View {
  readonly name: string;
  /** Raised when the meaning of the rows changes: the views are rebuilt. */
  readonly version: number;
  apply(events: readonly StoredEvent[], table: ViewTable): void;
}

/** Where the mark is kept: a table beside those of the views. */
const MARKS = "marks";
const LAST = "last";

/** Events in one transaction. */
const BATCH_MAX = 512;

/** The views could not follow the log: what they lack is in no answer of theirs. */
export class ViewsBehind extends Error {
  override readonly name = "ViewsBehind";
  constructor() {
    super("the views are behind the event log");
  }
}

/**
 * Events that are kept as they were heard; beyond, the views are far behind and read the log. A
 * group of commits alone may bring ten thousand.
 */
const HEARD_MAX = 32 * BATCH_MAX;

/** How far the views are, for whoever reads them. */
export interface ViewProgress {
  /** Of the last event that every view has seen. */
  readonly position: number;
  /** The last try could not take what there was. */
  readonly isBehind: boolean;
  /** Calls `listener` after each step forward; returns the way to stop. */
  onAdvance(listener: () => void): () => void;
  /**
   * Resolves when the views have seen what was committed before the call, or could not: that is
   * reported, and who reads sees what was true a while ago.
   */
  catchUp(): Promise<void>;
  /** The same for whoever acts on what it finds there. Throws ViewsBehind. */
  demandCaughtUp(): Promise<void>;
}

export class ViewRunner implements ViewProgress {
  readonly #advanced = new Set<() => void>();
  #running: Promise<void> | undefined;
  #wanted = false;
  #stopped = false;
  #isBehind = false;
  /** Heard live and not yet taken, without a gap: what is at hand need not be read again. */
  #heard: StoredEvent[] = [];
  #unsubscribe: (() => void) | undefined;

  constructor(
    private readonly feed: Feed,
    private readonly store: ViewStore,
    private readonly views: readonly View[],
    private readonly report: (error: unknown, where: string) => void,
  ) {
    const names = new Set(views.map(({ name }) => name));
    assert(names.size === views.length, "views have different names");
    assert(!names.has(MARKS), "no view is named like the marks");
  }

  /** Rebuilds where a version changed or the log is another, catches up, then follows the feed. */
  async start(): Promise<void> {
    const versions = JSON.stringify(this.views.map(({ name, version }) => [name, version]));
    const isOfThisLog = await this.#isOfThisLog();
    if (this.store.versions() !== versions || !isOfThisLog) this.store.reset(versions);
    this.#unsubscribe = this.feed.subscribe((events) => {
      this.#hear(events);
      void this.catchUp();
    });
    await this.catchUp();
  }

  /** The log still has the last event that the views have seen. */
  async #isOfThisLog(): Promise<boolean> {
    const position = this.store.position();
    if (position === 0) return true;
    const [last] = await this.feed.read(position - 1, 1);
    return last !== undefined && this.store.table(MARKS).get(LAST) === markOf(last);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe?.();
    await this.#running;
  }

  get position(): number {
    return this.store.position();
  }

  get isBehind(): boolean {
    return this.#isBehind;
  }

  onAdvance(listener: () => void): () => void {
    this.#advanced.add(listener);
    return () => this.#advanced.delete(listener);
  }

  catchUp(): Promise<void> {
    this.#wanted = true;
    this.#running ??= this.#run();
    return this.#running;
  }

  async demandCaughtUp(): Promise<void> {
    await this.catchUp();
    if (this.#isBehind || this.#stopped) throw new ViewsBehind();
  }

  /** It ends in the same step in which nobody wants more: who asks later begins another one. */
  async #run(): Promise<void> {
    while (this.#wanted && !this.#stopped) {
      this.#wanted = false;
      // What is being paid comes first: the views wait for a free moment.
      await new Promise((resolve) => setImmediate(resolve));
      try {
        while (!this.#stopped && (await this.#step())) await Bun.sleep(0);
        this.#isBehind = false;
      } catch (error) {
        this.#isBehind = true;
        this.report(error, "views");
      }
    }
    this.#running = undefined;
  }

  #hear(events: readonly StoredEvent[]): void {
    const last = this.#heard.at(-1)?.position;
    const isNext = last === undefined || events[0]?.position === last + 1;
    const isRoom = this.#heard.length + events.length <= HEARD_MAX;
    this.#heard = isNext && isRoom ? [...this.#heard, ...events] : [];
  }

  /** The events after `from`, as they were heard or from the log. */
  #next(from: number): Awaitable<readonly StoredEvent[]> {
    const first = this.#heard[0]?.position;
    if (first === undefined || first > from + 1) return this.feed.read(from, BATCH_MAX);
    const taken = this.#heard.slice(from + 1 - first, from + 1 - first + BATCH_MAX);
    this.#heard = this.#heard.slice(from + 1 - first + BATCH_MAX);
    return taken.length > 0 ? taken : this.feed.read(from, BATCH_MAX);
  }

  /** Takes one batch; true when there may be more. */
  async #step(): Promise<boolean> {
    const from = this.store.position();
    const events = await this.#next(from);
    const last = events.at(-1);
    if (last === undefined) return false;
    assert(last.position === from + events.length, "the feed has no gap");
    this.store.write(last.position, () => {
      for (const view of this.views) view.apply(events, this.store.table(view.name));
      this.store.table(MARKS).put(LAST, markOf(last));
    });
    for (const listener of this.#advanced) listener();
    return events.length === BATCH_MAX;
  }
}

/** Tells the event from every other. */
function markOf(event: StoredEvent): string {
  const { position, ref, seq, kind, atMs, principal, commandId, data } = event;
  const fields = [position, ref.kind, ref.id, seq, kind, atMs, principal, commandId, data];
  return new Bun.CryptoHasher("sha256").update(JSON.stringify(fields)).digest("base64url");
}
