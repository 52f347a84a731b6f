/**
 * The machine that the switch runs on: one process after another on one data directory. A crash
 * falls between two tasks of the process and takes everything that was in its memory; what it had
 * committed is there for the next one.
 */
import type { Database } from "bun:sqlite";
import { existsSync, rmSync } from "node:fs";
import type { BankGateway } from "../../src/collection/bank-gateway.ts";
import { loadConfig } from "../../src/config.ts";
import { VirtualClock } from "../../src/runtime/clock.ts";
import type { EventLog } from "../../src/runtime/event-log.ts";
import { type RunningSwitch, type SwitchOptions, startSwitch } from "../../src/switch.ts";
import type { Listener } from "./enclosure.ts";
import { type Loop, OUTSIDE, Owner, type Task } from "./loop.ts";

/** The line to the process broke: nobody knows whether it did what it was asked. */
export class LineBroke extends Error {
  override readonly name = "LineBroke";
}

export interface MachineOptions {
  /** Whether return fees are debited. */
  readonly returnFees: "by_hand" | "by_ach";
  readonly dataDir: string;
  readonly loop: Loop;
  readonly bank: BankGateway;
  readonly openLog: (file: string) => EventLog;
  readonly actors?: NonNullable<SwitchOptions["actors"]>;
  /** Hears of each line that the switch logs. */
  readonly log: (fields: Readonly<Record<string, string | number | boolean>>) => void;
  /** Hears of each crash, before anything is gone. */
  readonly onCrash: () => void;
}

const NEVER = new Promise<never>(() => {});

export class Machine {
  /** Unix milliseconds: what a clock on the wall shows. */
  nowMs: number;
  /** Tasks of the process until it ends. */
  #tasksLeft = Number.POSITIVE_INFINITY;
  #process: Owner | undefined;
  #clock: VirtualClock | undefined;
  #running: RunningSwitch | undefined;
  #listener: Listener | undefined;
  readonly #callers = new Set<() => void>();
  readonly #databases = new Set<Database>();
  /** Of processes that have ended, not closed yet. */
  readonly #left = new Set<Database>();
  #starts = 0;

  constructor(
    readonly options: MachineOptions,
    startMs: number,
  ) {
    this.nowMs = startMs;
  }

  /** Processes that were started. */
  get starts(): number {
    return this.#starts;
  }

  get isUp(): boolean {
    return this.#running !== undefined;
  }

  get running(): RunningSwitch {
    if (this.#running === undefined) throw new LineBroke("the switch is down");
    return this.#running;
  }

  get listener(): Listener | undefined {
    return this.#running === undefined ? undefined : this.#listener;
  }

  /** Starts a process. Throws LineBroke when it crashes before it is up. */
  async start(): Promise<void> {
    const { dataDir, bank, openLog, actors, log } = this.options;
    const owner = new Owner(`process ${++this.#starts}`);
    const clock = new VirtualClock(this.nowMs);
    this.#process = owner;
    this.#clock = clock;
    const { returnFees } = this.options;
    const usual = { mode: "sandbox", port: 0, publicHost: "switch.test", shadowRate: 0 };
    const given = { ...usual, returnFees };
    const config = loadConfig(dataDir, {}, given);
    const more = actors === undefined ? {} : { actors };
    const running = await this.inside(() =>
      startSwitch({ config, clock, bank, openLog, log, ...more }),
    );
    if (this.#process === owner) this.#running = running;
  }

  /** As an operator stops it: what has begun comes to its end. */
  async stop(): Promise<void> {
    const { running } = this;
    await this.inside(() => running.stop());
    this.#end();
  }

  /** The process is gone. */
  crash(): void {
    if (this.#process === undefined) return;
    this.options.onCrash();
    this.#end();
  }

  /** The process crashes after so many more of its tasks. */
  crashAfter(tasks: number): void {
    this.#tasksLeft = tasks;
  }

  #end(): void {
    const { loop } = this.options;
    const owner = this.#process;
    if (owner === undefined) return;
    loop.drop(owner);
    this.#process = undefined;
    this.#running = undefined;
    this.#clock = undefined;
    this.#listener = undefined;
    this.#tasksLeft = Number.POSITIVE_INFINITY;
    for (const broke of this.#callers) loop.add(broke, 0, OUTSIDE);
    this.#callers.clear();
    // What the operating system does, once nothing of the process runs any more.
    const databases = [...this.#databases];
    for (const database of databases) this.#left.add(database);
    this.#databases.clear();
    const close = (): void => {
      closeAll(databases);
      for (const database of databases) this.#left.delete(database);
    };
    loop.add(close, 0, OUTSIDE);
  }

  /** Does something in the process; the answer leaves it in a task of the world. */
  inside<T>(work: () => T | Promise<T>): Promise<T> {
    const { loop } = this.options;
    const owner = this.#process;
    if (owner === undefined) return Promise.reject(new LineBroke("the switch is down"));
    return new Promise((resolve, reject) => {
      const broke = (): void => reject(new LineBroke("the process ended"));
      this.#callers.add(broke);
      const leave = (tell: () => void): void => {
        if (owner.isGone) return;
        this.#callers.delete(broke);
        loop.add(tell, 0, OUTSIDE);
      };
      const begin = async (): Promise<T> => await work();
      loop.add(
        () =>
          void begin().then(
            (value) => leave(() => resolve(value)),
            (error: unknown) => leave(() => reject(error)),
          ),
        0,
        owner,
      );
    });
  }

  /** What the process waits for, of the world: goes out, and comes back into it. */
  outside<T>(delaysMs: readonly [there: number, back: number], work: () => Promise<T>) {
    const { loop } = this.options;
    const owner = this.#process;
    if (owner === undefined) return NEVER;
    const [there, back] = delaysMs;
    return new Promise<T>((resolve, reject) => {
      const go = (): void => {
        work().then(
          (value) => loop.add(() => resolve(value), back, owner),
          (error: unknown) => loop.add(() => reject(error), back, owner),
        );
      };
      loop.add(go, there, OUTSIDE);
    });
  }

  /** From inside the process, in the middle of a task: nothing after this happens. */
  crashHere(): Promise<never> {
    this.crash();
    return NEVER;
  }

  listen(listener: Listener): void {
    this.#listener = listener;
  }

  opened(database: Database): void {
    if (this.options.loop.owner === this.#process) this.#databases.add(database);
  }

  beforeTask({ owner }: Task): void {
    const clockMs = this.#clock?.nowMs() ?? 0;
    this.nowMs = Math.max(this.nowMs, clockMs);
    if (owner !== this.#process || --this.#tasksLeft >= 0) return;
    this.crash();
  }

  /** Time passes for everybody. */
  elapse(byMs: number): void {
    this.nowMs += byMs;
    const { loop } = this.options;
    if (this.#process === undefined) return;
    loop.owner = this.#process;
    this.#clock?.advance(Math.max(0, this.nowMs - this.#clock.nowMs()));
  }

  /** No task runs any more: what is still open is closed here. */
  dispose(): void {
    this.#end();
    closeAll([...this.#left]);
    const { dataDir } = this.options;
    if (existsSync(dataDir)) rmSync(dataDir, { recursive: true, force: true });
  }
}

function closeAll(databases: readonly Database[]): void {
  for (const database of databases) {
    try {
      if (database.inTransaction) database.run("ROLLBACK");
      database.close();
    } catch {
      // It was closed by whoever opened it.
    }
  }
}
