/**
 * `seqr bench recovery`: how long the switch takes from its start to its first answer with many
 * payments in its log, after a stop and after a kill in the middle of payments, against a bare Hono
 * server, in turns. After each kill the log must hold all that was acknowledged, each once.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dataFiles } from "../src/data-directory.ts";
import { openReadOnly } from "../src/storage/sqlite/open.ts";
import { type Child, startChild, startScript } from "./child.ts";
import { fill, type Grown, keptPayments, openFilled, startSubject } from "./growth.ts";
import type { Size } from "./growth-subject.ts";
import { type Contender, type Standing, type Turn, takeRounds } from "./rounds.ts";
import { type Machine, thisMachine } from "./table.ts";

export interface RecoveryScale {
  readonly payments: number;
  readonly rounds: number;
  /** Payments in one order of the process that is killed. */
  readonly lanes: number;
  /** Where towns are kept, those of growth among them; default: a temporary directory. */
  readonly keepIn?: string;
}

export const FULL: RecoveryScale = { payments: 1_000_000, rounds: 11, lanes: 250 };
export const QUICK: RecoveryScale = { payments: 3_000, rounds: 5, lanes: 250 };

export const BARE_HONO = "bare Hono";
export const AFTER_STOP = "the switch, after a stop";
export const AFTER_KILL = "the switch, after a kill";
const IN_FLIGHT = 64;
/** Orders that are answered before the one in whose middle the process is killed. */
const ORDERS_BEFORE = 4;
const READY_MS_MAX = 60_000;

export interface RecoveryReport {
  readonly machine: Machine;
  readonly scale: RecoveryScale;
  /** In the log before the first turn. */
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

export async function measureRecovery(
  scale: RecoveryScale,
  tell: (text: string) => void,
): Promise<RecoveryReport> {
  const machine = thisMachine();
  const folder = scale.keepIn ?? mkdtempSync(join(tmpdir(), "seqr-bench-"));
  const remove = (): void => {
    if (scale.keepIn === undefined) rmSync(folder, { recursive: true, force: true });
  };
  process.on("exit", remove);
  try {
    mkdirSync(folder, { recursive: true });
    const payments = keptPayments(folder, scale.payments) ?? scale.payments;
    const filled = await openFilled(folder, payments, scale.lanes, tell);
    await fill(filled, payments, tell);
    const size = await filled.subject.ask<Size>({ kind: "size" });
    await filled.subject.end();
    const killed = new Killed(filled.dataDir, scale.lanes);
    const contenders: readonly Contender[] = [
      starting(BARE_HONO, () => startScript(BARE_HONO, "bare-hono")),
      starting(AFTER_STOP, () => startSwitch(filled.dataDir)),
      starting(
        AFTER_KILL,
        () => startSwitch(filled.dataDir),
        () => killed.make(),
        () => killed.check(),
      ),
    ];
    const standings = await takeRounds(contenders, scale.rounds, tell);
    return {
      machine,
      scale,
      payments: size.payments,
      fileBytes: size.fileBytes,
      standings: standings.all,
      stopRatio: 1 / standings.ratio(AFTER_STOP, BARE_HONO),
      killRatio: 1 / standings.ratio(AFTER_KILL, BARE_HONO),
      acknowledged: killed.acknowledged,
      faults: killed.faults,
    };
  } finally {
    process.off("exit", remove);
    remove();
  }
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
  #acknowledgedNow = 0;
  #before = 0;

  constructor(
    private readonly dataDir: string,
    private readonly lanes: number,
  ) {}

  async make(): Promise<void> {
    this.#before = this.#lastPosition();
    this.#acknowledgedNow = 0;
    const subject: Grown["subject"] = startSubject("the one that is killed");
    await subject.ask({ kind: "open", dataDir: this.dataDir });
    const order = { kind: "pay", lanes: this.lanes, inFlight: IN_FLIGHT, times: 1 } as const;
    for (let n = 0; n < ORDERS_BEFORE; n++) {
      const { operations } = await subject.ask<Turn>({ ...order, counters: "asked" });
      this.#acknowledgedNow += operations;
    }
    const last = subject.ask<Turn>({ ...order, times: 1_000, counters: "asked" });
    last.catch(() => "killed, as it should be");
    // Somewhere in the middle of it: longer than one round of tills, shorter than all.
    await Bun.sleep(200 * Math.random() + 50);
    await subject.kill();
  }

  check(): void {
    const { events } = dataFiles(this.dataDir);
    this.faults.push(...faultsSince(events, this.#before, this.#acknowledgedNow));
    this.acknowledged += this.#acknowledgedNow;
  }

  #lastPosition(): number {
    const database = openReadOnly(dataFiles(this.dataDir).events);
    const row = database
      .query<{ position: bigint }, []>("SELECT max(position) AS position FROM events")
      .get();
    database.close();
    return Number(row?.position ?? 0n);
  }
}

/** What was acknowledged since `position` is in the log, and nothing is there twice. */
export function faultsSince(
  file: string,
  position: number,
  acknowledged: number,
): readonly string[] {
  const database = openReadOnly(file);
  const rows = database
    .query<{ data: string }, [number]>(
      "SELECT data FROM events WHERE position > ? AND kind = 'PaymentCaptured'",
    )
    .all(position);
  database.close();
  const ids = rows.map(({ data }) => {
    return (JSON.parse(data) as { receipt: { paymentId: string } }).receipt.paymentId;
  });
  const faults: string[] = [];
  if (new Set(ids).size < ids.length) faults.push("a payment is in the log twice");
  const lost = acknowledged - ids.length;
  if (lost > 0) faults.push(`${lost} acknowledged payments are not in the log`);
  return faults;
}
