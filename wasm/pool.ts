/**
 * A supervised pool of workers for slow derivations. A worker gets its first job after it said that
 * it is ready; a job that takes too long ends its worker; a job whose worker dies is refused, never
 * tried again by itself; a worker that died is started anew after a pause that doubles each time;
 * and what cannot wait is refused at once.
 */
import { type Remote, releaseProxy, transfer, wrap } from "comlink";
import { assert } from "./assert.ts";
import { wipe } from "./bytes.ts";
import type { PinKeyInput } from "./pin.ts";
import type { PoolWorker } from "./worker.ts";

export interface PoolOptions {
  readonly workers: number;
  /** Jobs that may wait beside those under way. */
  readonly waitingMax: number;
  /** How long a job may take once a worker has it, and a worker until it is ready. */
  readonly deadlineMs: number;
  /** The pause before a worker that died is started anew: doubled with each death in a row. */
  readonly pauseMs: number;
  readonly pauseMsMax: number;
  readonly spawn: () => Worker;
}

export const POOL_DEFAULTS: PoolOptions = {
  workers: 1,
  waitingMax: 256,
  deadlineMs: 20_000,
  pauseMs: 100,
  pauseMsMax: 30_000,
  spawn: () => new Worker(workerAddress(), { type: "module" }),
};

/** Beside this file; in the single binary, where all files are one, by its path in the project. */
function workerAddress(): URL | string {
  const { Bun: bun } = globalThis as { Bun?: { isStandaloneExecutable: boolean } };
  const beside = new URL("./worker.ts", import.meta.url);
  return bun?.isStandaloneExecutable === true ? "./wasm/worker.ts" : beside;
}

/** Why a job has no result: too many wait, it took too long, its worker died, or the pool ended. */
export class JobRefused extends Error {
  override readonly name = "JobRefused";
  constructor(readonly reason: "busy" | "deadline" | "worker_died" | "stopped") {
    super(`the pool refused a job: ${reason}`);
  }
}

export interface PoolFigures {
  readonly ready: number;
  readonly running: number;
  readonly waiting: number;
  /** Since the start. */
  readonly done: number;
  readonly refused: number;
  readonly deaths: number;
}

interface Job {
  readonly input: PinKeyInput;
  readonly resolve: (key: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

export class DerivationPool {
  readonly #options: PoolOptions;
  readonly #waiting: Job[] = [];
  readonly #seats: Seat[] = [];
  #stopped = false;
  #done = 0;
  #refused = 0;

  constructor(options: Partial<PoolOptions> = {}) {
    this.#options = { ...POOL_DEFAULTS, ...options };
    assert(this.#options.workers >= 1, "a pool has a worker");
  }

  /** As `derivePinKey` of wasm/pin.ts. Rejects with JobRefused; the PIN is wiped in any case. */
  derivePinKey(input: PinKeyInput): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const job = { input, resolve, reject };
      if (this.#stopped) return this.#refuse(job, "stopped");
      if (this.#waiting.length >= this.#options.waitingMax) return this.#refuse(job, "busy");
      this.#waiting.push(job);
      this.#assign();
    });
  }

  figures(): PoolFigures {
    const count = (state: Seat["state"]): number =>
      this.#seats.filter((seat) => seat.state === state).length;
    return {
      ready: count("ready"),
      running: count("running"),
      waiting: this.#waiting.length,
      done: this.#done,
      refused: this.#refused,
      deaths: this.#seats.reduce((sum, seat) => sum + seat.deaths, 0),
    };
  }

  /** Ends all workers; what waits and what runs is refused. */
  stop(): void {
    this.#stopped = true;
    for (const seat of this.#seats) seat.stop();
    for (const job of this.#waiting.splice(0)) this.#refuse(job, "stopped");
  }

  /** Workers are started when they are first needed. */
  #assign(): void {
    if (this.#stopped) return;
    for (const seat of this.#seats) {
      if (seat.state !== "ready") continue;
      const job = this.#waiting.shift();
      if (job === undefined) return;
      void this.#run(seat, job);
    }
    const free = this.#seats.filter(({ state }) => state !== "running").length;
    if (this.#waiting.length > free && this.#seats.length < this.#options.workers) {
      this.#seats.push(
        new Seat(this.#options, {
          onReady: () => this.#assign(),
          onDeath: () => this.#giveUp(),
        }),
      );
    }
  }

  /** Where no worker is left that could take them, jobs do not wait for one that may never come. */
  #giveUp(): void {
    if (this.#seats.some(({ state }) => state !== "pausing")) return;
    for (const job of this.#waiting.splice(0)) this.#refuse(job, "worker_died");
  }

  async #run(seat: Seat, job: Job): Promise<void> {
    try {
      job.resolve(await seat.run(job.input));
      this.#done++;
    } catch (error) {
      const reason = error instanceof JobRefused ? error.reason : undefined;
      if (reason === undefined) job.reject(error as Error);
      else this.#refuse(job, this.#stopped ? "stopped" : reason);
    }
    this.#assign();
  }

  #refuse({ input, reject }: Job, reason: JobRefused["reason"]): void {
    this.#refused++;
    // Handed over to a worker it is gone already.
    if (input.pin.byteLength > 0) wipe(input.pin);
    reject(new JobRefused(reason));
  }
}

/** One place in the pool: a worker, and after its death the next one. */
class Seat {
  state: "starting" | "ready" | "running" | "pausing" | "stopped" = "starting";
  deaths = 0;
  #worker: Worker | undefined;
  #remote: Remote<PoolWorker> | undefined;
  /** Ends what is awaited of the present worker. */
  #abandon: (reason: JobRefused["reason"]) => void = () => {};
  #deathsInARow = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly options: PoolOptions,
    private readonly on: { readonly onReady: () => void; readonly onDeath: () => void },
  ) {
    void this.#start();
  }

  async run(input: PinKeyInput): Promise<Uint8Array> {
    const remote = this.#remote;
    assert(this.state === "ready" && remote !== undefined, "a job goes to a ready worker");
    this.state = "running";
    const pin = input.pin.slice();
    wipe(input.pin);
    const handed = transfer({ ...input, pin }, [pin.buffer]);
    const key = await this.#await(remote.derivePinKey(handed));
    this.state = "ready";
    this.#deathsInARow = 0;
    return key;
  }

  stop(): void {
    this.state = "stopped";
    clearTimeout(this.#timer);
    this.#abandon("stopped");
    this.#end();
  }

  async #start(): Promise<void> {
    this.state = "starting";
    try {
      const worker = this.options.spawn();
      this.#worker = worker;
      unref(worker);
      for (const event of ["error", "messageerror", "close"]) {
        worker.addEventListener(event, () => {
          if (this.#worker === worker) this.#died("worker_died");
        });
      }
      this.#remote = wrap<PoolWorker>(worker);
      await this.#await(this.#remote.ready());
    } catch {
      // A worker that cannot even be made has died, too.
      if (this.state === "starting") this.#died("worker_died");
      return;
    }
    if (this.state !== "starting") return;
    this.state = "ready";
    this.on.onReady();
  }

  /** What the worker answers; its death or the deadline end the waiting. */
  #await<T>(answer: PromiseLike<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(() => this.#died("deadline"), this.options.deadlineMs);
      const settle = (): void => {
        clearTimeout(deadline);
        this.#abandon = () => {};
      };
      this.#abandon = (reason) => {
        settle();
        reject(new JobRefused(reason));
      };
      answer.then(
        (value) => {
          settle();
          resolve(value);
        },
        (error: unknown) => {
          settle();
          // The worker lives and answered with an error of its own: the caller's bug.
          if (this.state === "running") this.state = "ready";
          reject(error);
        },
      );
    });
  }

  #died(reason: "worker_died" | "deadline"): void {
    if (this.state === "stopped" || this.state === "pausing") return;
    this.state = "pausing";
    this.deaths++;
    const { pauseMs, pauseMsMax } = this.options;
    const pause = Math.min(pauseMs * 2 ** this.#deathsInARow, pauseMsMax);
    this.#deathsInARow++;
    this.#end();
    this.#timer = setTimeout(() => void this.#start(), pause);
    unref(this.#timer);
    this.#abandon(reason);
    this.on.onDeath();
  }

  #end(): void {
    const remote = this.#remote;
    const worker = this.#worker;
    this.#remote = undefined;
    this.#worker = undefined;
    remote?.[releaseProxy]();
    worker?.terminate();
  }
}

/** Neither a worker nor a pause keeps alive a program that has nothing else to do. */
function unref(held: unknown): void {
  (held as { unref?: () => void }).unref?.();
}
