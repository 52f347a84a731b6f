/**
 * The other end of the writer's worker: it is started when it is first needed, and anew when it
 * died. What was under way then has an unknown outcome: the transaction may have been written.
 */
import { type Remote, transfer } from "comlink";
import { assert } from "../../../actors/assert.ts";
import { type ActorCommit, type CommitResult, LogFailure } from "../../runtime/event-log.ts";
import type { EventLogLimits } from "./event-writer.ts";
import { packCommits } from "./packed-commits.ts";
import { SupervisedWorker } from "./supervised-worker.ts";
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

type Living = SupervisedWorker<WriterApi>;

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
    const living: Living = new SupervisedWorker({
      ...this.options,
      death: (why) => new LogFailure("unknown_outcome", why),
      onDeath: () => {
        this.#worker = undefined;
      },
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
