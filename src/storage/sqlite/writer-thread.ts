/**
 * The other end of the writer's worker: it is started when it is first needed, and anew when it
 * died. What was under way then has an unknown outcome: the transaction may have been written.
 */
import { type Remote, releaseProxy, transfer, wrap } from "comlink";
import { assert } from "../../../actors/assert.ts";
import { type ActorCommit, type CommitResult, LogFailure } from "../../runtime/event-log.ts";
import type { EventLogLimits } from "./event-writer.ts";
import { packCommits } from "./packed-commits.ts";
import type { Said, WriterApi } from "./writer-worker.ts";

export interface ThreadOptions {
  /** How long a call may take, and a worker until it is ready, in real milliseconds. */
  readonly deadlineMs: number;
  readonly spawn: () => Worker;
}

export const THREAD_DEFAULTS: ThreadOptions = {
  deadlineMs: 60_000,
  spawn: () => new Worker(workerAddress(), { type: "module" }),
};

/** Beside this file; in the single binary, where all files are one, by its path in the project. */
function workerAddress(): URL | string {
  if (Bun.isStandaloneExecutable) return "./src/storage/sqlite/writer-worker.ts";
  return new URL("./writer-worker.ts", import.meta.url);
}

export class WriterThread {
  #worker: Promise<Living> | undefined;
  #isClosed = false;

  constructor(
    private readonly file: string,
    private readonly limits: EventLogLimits,
    private readonly options: ThreadOptions = THREAD_DEFAULTS,
  ) {}

  /** Throws LogFailure. */
  commit(list: readonly ActorCommit[]): Promise<readonly CommitResult[]> {
    const packed = packCommits(list);
    return this.#ask((remote) => remote.commit(transfer(packed, [packed.buffer])));
  }

  outboxDone(ids: readonly string[]): Promise<undefined> {
    return this.#ask((remote) => remote.outboxDone(ids));
  }

  prune(beforeMs: number, max: number): Promise<number> {
    return this.#ask((remote) => remote.prune(beforeMs, max));
  }

  /** What is under way is finished first. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const living = await this.#worker?.catch(() => undefined);
    if (living === undefined) return;
    await living.ask((remote) => remote.close()).finally(() => living.end());
  }

  async #ask<Value>(call: (remote: Remote<WriterApi>) => Promise<Said<Value>>): Promise<Value> {
    assert(!this.#isClosed, "the log is open");
    this.#worker ??= this.#start();
    const living = await this.#worker;
    return whatWasSaid(await living.ask(call));
  }

  async #start(): Promise<Living> {
    const living = new Living(this.options, () => {
      this.#worker = undefined;
    });
    try {
      await living.ready;
      whatWasSaid(await living.ask((remote) => remote.open(this.file, this.limits)));
    } catch (error) {
      living.end();
      throw error;
    }
    return living;
  }
}

function whatWasSaid<Value>(said: Said<Value>): Value {
  if (said.kind === "done") return said.value;
  if (said.failure === undefined) throw new Error(said.message);
  throw new LogFailure(said.failure, said.message);
}

/** One worker, from its start to its death. */
class Living {
  readonly ready: Promise<void>;
  readonly #worker: Worker;
  readonly #remote: Remote<WriterApi>;
  readonly #death = Promise.withResolvers<never>();

  constructor(
    private readonly options: ThreadOptions,
    private readonly onDeath: () => void,
  ) {
    const worker = options.spawn();
    this.#worker = worker;
    // Whoever waits for an answer hears of it; nobody else has to.
    this.#death.promise.catch(() => {});
    const started = Promise.withResolvers<void>();
    worker.addEventListener("message", ({ data }) => {
      if (data === "ready") started.resolve();
    });
    for (const event of ["error", "messageerror", "close"]) {
      worker.addEventListener(event, () => this.#die("the writer died"));
    }
    this.#remote = wrap<WriterApi>(worker);
    this.ready = this.#orDeath(started.promise);
  }

  ask<Value>(call: (remote: Remote<WriterApi>) => Promise<Said<Value>>): Promise<Said<Value>> {
    return this.#orDeath(call(this.#remote));
  }

  end(): void {
    this.#remote[releaseProxy]();
    this.#die("the writer was ended");
  }

  async #orDeath<Value>(answer: Promise<Value>): Promise<Value> {
    const deadline = setTimeout(() => this.#die("the writer is silent"), this.options.deadlineMs);
    try {
      return await Promise.race([answer, this.#death.promise]);
    } finally {
      clearTimeout(deadline);
    }
  }

  #die(why: string): void {
    this.#death.reject(new LogFailure("unknown_outcome", why));
    this.#worker.terminate();
    this.onDeath();
  }
}
