/**
 * `seqr bench recovery`: how long the switch takes from its start to its first answer with many
 * payments in its log, after a stop and after a kill in the middle of payments, against a bare Hono
 * server, in turns. Each payment is told when it is acknowledged; after each kill the log must hold
 * every one of them, once, and nothing twice.
 */
import { dataFiles } from "../src/data-directory.ts";
import type { StoredEvent } from "../src/runtime/event-log.ts";
import { EventReader } from "../src/storage/sqlite/event-reader.ts";
import { SqliteLogReader } from "../src/storage/sqlite/log-reader.ts";
import { openReadOnly } from "../src/storage/sqlite/open.ts";
import { type Child, startChild, startScript } from "./child.ts";
import { faultsOfTold, type Told } from "./exactly-once.ts";
import type { Size } from "./growth-subject.ts";
import {
  assertRoom,
  fill,
  filledPlan,
  growTo,
  inFolder,
  keptPayments,
  openGrown,
  startSubject,
} from "./growth-towns.ts";
import { type Contender, type Standing, type Turn, takeRounds } from "./rounds.ts";
import { type Machine, thisMachine } from "./table.ts";
import { checkTown } from "./town-check.ts";

export interface RecoveryScale {
  readonly payments: number;
  readonly rounds: number;
  /** Payments in one order of the process that is killed. */
  readonly lanes: number;
  /** Of the town, where it is not kept already. */
  readonly fillingLanes: number;
  /** Where towns are kept, those of growth among them; default: a temporary directory. */
  readonly keepIn?: string;
}

export const FULL: RecoveryScale = {
  payments: 1_000_000,
  rounds: 11,
  lanes: 250,
  fillingLanes: 2_000,
};
export const QUICK: RecoveryScale = {
  payments: 3_000,
  rounds: 5,
  lanes: 250,
  fillingLanes: 500,
};

export const BARE_HONO = "bare Hono";
export const AFTER_STOP = "the switch, after a stop";
export const AFTER_KILL = "the switch, after a kill";
const IN_FLIGHT = 64;
/** Rounds of lanes that are over before the order in whose middle the process is killed. */
const ORDERS_BEFORE = 4;
/** The kill falls into one of so many rounds of that order. */
const ROUNDS_BEFORE_MAX = 3;
/** A kill that fell between two rounds is made again. */
const KILLS_MAX = 10;
const PAGE = 1_000;
const READY_MS_MAX = 60_000;

export interface RecoveryReport {
  readonly machine: Machine;
  readonly scale: RecoveryScale;
  /** In the log before the first turn, counted there. */
  readonly payments: number;
  readonly fileBytes: number;
  /** `p50Ms` is the time from the start of the process to its first answer. */
  readonly standings: readonly Standing[];
  /** Times of a bare start, medians of the rounds. */
  readonly stopRatio: number;
  readonly killRatio: number;
  readonly acknowledged: number;
  /** What does not hold after a kill; empty when all is well. */
  readonly faults: readonly string[];
}

export function measureRecovery(
  scale: RecoveryScale,
  tell: (text: string) => void,
): Promise<RecoveryReport> {
  const machine = thisMachine();
  return inFolder(scale.keepIn, async (folder) => {
    const wanted = keptPayments(folder, scale.payments) ?? scale.payments;
    const plan = filledPlan(folder, { ...scale, payments: wanted });
    assertRoom(folder, [plan]);
    await growTo(plan, tell);
    const filled = await openGrown(plan, tell);
    await fill(filled, wanted);
    const { fileBytes } = await filled.subject.ask<Size>({ kind: "size" });
    await filled.subject.end();
    tell("reading the event log");
    const { payments, faults } = checkTown(plan.dataDir);
    const killed = new Killed(plan.dataDir, scale.lanes);
    const contenders: readonly Contender[] = [
      starting(BARE_HONO, () => startScript(BARE_HONO, "bare-hono")),
      starting(AFTER_STOP, () => startSwitch(plan.dataDir)),
      starting(
        AFTER_KILL,
        () => startSwitch(plan.dataDir),
        () => killed.make(),
        () => killed.check(),
      ),
    ];
    const standings = await takeRounds(contenders, scale.rounds, tell);
    return {
      machine,
      scale,
      payments,
      fileBytes,
      standings: standings.all,
      stopRatio: 1 / standings.ratio(AFTER_STOP, BARE_HONO),
      killRatio: 1 / standings.ratio(AFTER_KILL, BARE_HONO),
      acknowledged: killed.acknowledged,
      faults: [...faults, ...killed.faults],
    };
  });
}

function startSwitch(dataDir: string): Promise<Child> {
  const words = ["serve", "--data", dataDir, "--port", "0", "--host", "127.0.0.1"];
  return startChild("the switch", words, { SEQR_COLLECTION: "by_hand" });
}

/** Its turn is one start, and the stop of it is not timed. */
function starting(
  name: string,
  start: () => Promise<Child>,
  before: () => Promise<void> = () => Promise.resolve(),
  after: () => void = () => {},
): Contender {
  return {
    name,
    async take(): Promise<Turn> {
      await before();
      const startedMs = performance.now();
      const child = await start();
      await answered(child);
      const elapsedMs = performance.now() - startedMs;
      const cpuMicros = child.cpuMicros();
      await child.stop();
      after();
      return { operations: 1, elapsedMs, cpuMicros, p50Ms: elapsedMs, p99Ms: elapsedMs };
    },
  };
}

/** Throws where it does not become ready. */
async function answered({ name, url }: Child): Promise<void> {
  const deadlineMs = performance.now() + READY_MS_MAX;
  for (;;) {
    const { ok } = await fetch(`${url}/readyz`);
    if (ok) return;
    if (performance.now() > deadlineMs) throw new Error(`${name} does not become ready`);
    await Bun.sleep(1);
  }
}

/** Payments in a process that is killed in their middle, and what the log must hold of them. */
class Killed {
  readonly faults: string[] = [];
  /** In all rounds. */
  acknowledged = 0;
  #told: Told[] = [];
  #before = 0;

  constructor(
    private readonly dataDir: string,
    private readonly lanes: number,
  ) {}

  /** Until a kill has fallen among payments. Throws where none does. */
  async make(): Promise<void> {
    this.#before = lastPosition(dataFiles(this.dataDir).events);
    this.#told = [];
    for (let kill = 0; kill < KILLS_MAX; kill++) if (await this.#killOnce()) return;
    throw new Error(`${KILLS_MAX} kills, and none of them fell among payments`);
  }

  /** Pays and is killed; true where it was among the payments of one round of lanes. */
  async #killOnce(): Promise<boolean> {
    const told: Told[] = [];
    let upto = Number.POSITIVE_INFINITY;
    const { promise: isReached, resolve: reach } = Promise.withResolvers<void>();
    const subject = startSubject("the one that is killed", (said) => {
      told.push(said as Told);
      if (told.length === upto) reach();
    });
    await subject.ask({ kind: "open", dataDir: this.dataDir });
    const { lanes } = this;
    const inFlight = Math.min(IN_FLIGHT, Math.ceil(lanes / 4));
    const order = { kind: "pay", lanes, inFlight, isTold: true } as const;
    await subject.ask<Turn>({ ...order, times: ORDERS_BEFORE });
    const before = told.length;
    // Any round, and early in it: what is on its way when the kill comes must not be its end.
    const among = 1 + Math.floor((Math.random() * lanes) / 2);
    upto = before + Math.floor(Math.random() * ROUNDS_BEFORE_MAX) * lanes + among;
    const last = subject.ask<Turn>({ ...order, times: Number.MAX_SAFE_INTEGER });
    await Promise.race([isReached, last]);
    last.catch(() => "killed, as it should be");
    await subject.kill();
    this.#told.push(...told);
    // All of one round and none of the next one: requests were being opened.
    return (told.length - before) % lanes !== 0;
  }

  check(): void {
    const { events } = dataFiles(this.dataDir);
    this.faults.push(...faultsSince(events, this.#before, this.#told));
    this.acknowledged += this.#told.length;
  }
}

function lastPosition(file: string): number {
  const reader = new SqliteLogReader(file);
  try {
    return reader.lastPosition();
  } finally {
    reader.close();
  }
}

/** What was told since `position` is in the log, each payment once, and nothing is doubled. */
export function faultsSince(
  file: string,
  position: number,
  told: readonly Told[],
): readonly string[] {
  const database = openReadOnly(file);
  try {
    return faultsOfTold(told, eventsAfter(new EventReader(database), position));
  } finally {
    database.close();
  }
}

function* eventsAfter(reader: EventReader, position: number): Generator<StoredEvent> {
  for (let after = position; ; ) {
    const events = reader.read(after, PAGE);
    yield* events;
    const last = events.at(-1);
    if (last === undefined) return;
    after = last.position;
  }
}
