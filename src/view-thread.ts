/**
 * The views as this thread sees them: a worker follows the log (view-worker.ts), and what stands in
 * its file is read here. A worker that dies is started anew; until then the views are behind.
 */
import { assert } from "../actors/assert.ts";
import type { DataFiles } from "./data-directory.ts";
import type { Feed } from "./runtime/feed.ts";
import { type ViewProgress, type ViewReader, type ViewRows, ViewsBehind } from "./runtime/view.ts";
import { OpenFailed } from "./storage/sqlite/open.ts";
import { SupervisedWorker } from "./storage/sqlite/supervised-worker.ts";
import { SqliteViewReader } from "./storage/sqlite/view-reader.ts";
import type { ViewApi, ViewsSay } from "./view-worker.ts";

type Living = SupervisedWorker<ViewApi>;
type Files = Pick<DataFiles, "events" | "views">;
type Report = (error: unknown, where: string) => void;

export interface ViewThreadOptions {
  readonly spawn: () => Worker;
  /** After a death, real milliseconds in which no worker is started. */
  readonly pauseMs: number;
  /** Between two questions, unless somebody waits for the second; real milliseconds. */
  readonly restMs: number;
}

export const VIEW_THREAD_DEFAULTS: ViewThreadOptions = {
  spawn: () => new Worker(workerAddress(), { type: "module" }),
  pauseMs: 1_000,
  restMs: 5,
};

/** Beside this file; in the single binary, where all files are one, by its path in the project. */
function workerAddress(): URL | string {
  if (Bun.isStandaloneExecutable) return "./src/view-worker.ts";
  return new URL("./view-worker.ts", import.meta.url);
}

interface Waiting {
  readonly upto: number;
  readonly done: () => void;
}

/** What went wrong in the worker, by its name. */
export class ViewFault extends Error {
  constructor(
    override readonly name: string,
    message: string,
  ) {
    super(message);
  }
}

export class ViewThread implements ViewProgress, ViewReader {
  readonly #advanced = new Set<() => void>();
  #waiting: Waiting[] = [];
  #worker: Promise<Living> | undefined;
  /** It has not come to the end of the log yet: views that are built anew take their time. */
  #opening: Living | undefined;
  #reader: SqliteViewReader | undefined;
  /** Of the newest event that was committed, as far as it was heard of. */
  #head = 0;
  #position = 0;
  #isAsking = false;
  #isBehind = false;
  /** Ends the rest between two questions. */
  #hurry: (() => void) | undefined;
  #isStopped = false;
  #diedAtMs = -Infinity;
  /** Another try after a death, though nothing new is committed. */
  #later: ReturnType<typeof setTimeout> | undefined;
  /** A worker that is new may have found another file than the one before it. */
  #isFileNew = false;
  #unsubscribe: (() => void) | undefined;

  private constructor(
    private readonly files: Files,
    private readonly report: Report,
    private readonly options: ViewThreadOptions,
  ) {}

  /** Resolves when the views have come to the end of the log. Throws OpenFailed. */
  static async start(
    files: Files,
    feed: Feed,
    report: Report,
    options = VIEW_THREAD_DEFAULTS,
  ): Promise<ViewThread> {
    const thread = new ViewThread(files, report, options);
    try {
      await thread.#living();
      thread.#reader = new SqliteViewReader(files.views);
    } catch (error) {
      await thread.stop();
      throw error;
    }
    thread.#isBehind = thread.#position < thread.#head;
    thread.#unsubscribe = feed.subscribe((events) => {
      thread.#head = events.at(-1)?.position ?? thread.#head;
      thread.#pump();
    });
    return thread;
  }

  table(view: string): ViewRows {
    assert(this.#reader !== undefined, "views are read while they are open");
    return this.#reader.table(view);
  }

  get position(): number {
    return this.#position;
  }

  get isBehind(): boolean {
    return this.#isBehind && this.#position < this.#head;
  }

  onAdvance(listener: () => void): () => void {
    this.#advanced.add(listener);
    return () => this.#advanced.delete(listener);
  }

  catchUp(): Promise<void> {
    const upto = this.#head;
    if (this.#position >= upto || this.#isStopped) return Promise.resolve();
    return new Promise((done) => {
      this.#waiting.push({ upto, done });
      this.#hurry?.();
      this.#pump();
    });
  }

  async demandCaughtUp(): Promise<void> {
    const upto = this.#head;
    await this.catchUp();
    if (this.#position < upto || this.#isStopped) throw new ViewsBehind();
  }

  /** The step that is under way is finished first, unless the views are being opened. */
  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#unsubscribe?.();
    this.#hurry?.();
    clearTimeout(this.#later);
    this.#opening?.end();
    const living = await this.#worker?.catch(() => undefined);
    await living?.ask((remote) => remote.close()).catch(() => {});
    living?.end();
    this.#letGo(Infinity);
    this.#reader?.close();
  }

  /** One question at a time: what is committed while it is on its way is the next one. */
  #pump(): void {
    if (!this.#isAsking && !this.#isStopped) void this.#follow();
  }

  /** It ends in the same step in which it has seen all: what comes later begins another one. */
  async #follow(): Promise<void> {
    this.#isAsking = true;
    while (!this.#isStopped && this.#position < this.#head) {
      const upto = this.#head;
      try {
        const living = await this.#living();
        this.#moveTo(await living.ask((remote) => remote.catchUp()));
      } catch (error) {
        if (!this.#isStopped && !(error instanceof Paused)) this.report(error, "views");
      }
      // The worker told why; who waits reads what was true a while ago.
      this.#isBehind = this.#position < upto;
      if (this.#isBehind) {
        this.#letGo(Infinity);
        this.#tryLater();
        break;
      }
      await this.#rest();
    }
    this.#isAsking = false;
  }

  /** A fault would only come again: what is committed next is another try of its own. */
  #tryLater(): void {
    if (this.#worker !== undefined || this.#isStopped) return;
    clearTimeout(this.#later);
    this.#later = setTimeout(() => this.#pump(), this.options.pauseMs);
  }

  /** What comes in close succession is taken together: a batch costs more than its events. */
  async #rest(): Promise<void> {
    if (this.#waiting.length > 0) return;
    await new Promise<void>((resolve) => {
      const over = setTimeout(resolve, this.options.restMs);
      this.#hurry = () => {
        clearTimeout(over);
        resolve();
      };
    });
    this.#hurry = undefined;
  }

  async #living(): Promise<Living> {
    const isPaused = performance.now() < this.#diedAtMs + this.options.pauseMs;
    if (this.#worker === undefined && isPaused) throw new Paused();
    this.#worker ??= this.#start(this.#spawn());
    return await this.#worker;
  }

  /** Throws where the system has no thread for it. */
  #spawn(): Living {
    const onDeath = (): void => {
      this.#worker = undefined;
      this.#diedAtMs = performance.now();
    };
    try {
      return new SupervisedWorker({
        spawn: this.options.spawn,
        death: (why) => new ViewFault("ViewsDied", why),
        onDeath,
        heard: (said) => this.#hear(said as ViewsSay),
      });
    } catch (error) {
      onDeath();
      throw error;
    }
  }

  async #start(living: Living): Promise<Living> {
    this.#isFileNew = true;
    this.#opening = living;
    try {
      await living.ready;
      const { events, views } = this.files;
      const opened = await living.ask((remote) => remote.open(events, views));
      if ("fault" in opened) throw new OpenFailed(views, new Error(opened.fault));
      // Views that could not be written are behind from the start.
      this.#head = Math.max(this.#head, opened.head);
      this.#moveTo(opened.position);
    } catch (error) {
      living.end();
      throw error;
    } finally {
      this.#opening = undefined;
    }
    return living;
  }

  #hear(said: ViewsSay): void {
    if (said?.kind === "advanced") this.#moveTo(said.position);
    else if (said?.kind === "fault") this.report(new ViewFault(said.name, said.message), "views");
  }

  #moveTo(position: number): void {
    if (this.#isFileNew) this.#reader?.reopen();
    this.#isFileNew = false;
    if (position === this.#position) return;
    // Views that are built anew begin again at the beginning.
    this.#position = position;
    this.#reader?.release();
    for (const listener of this.#advanced) listener();
    this.#letGo(position);
  }

  #letGo(position: number): void {
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(({ upto }) => upto > position);
    for (const { upto, done } of waiting) if (upto <= position) done();
  }
}

/** A worker died a moment ago; that was told. */
class Paused extends Error {
  override readonly name = "Paused";
}
