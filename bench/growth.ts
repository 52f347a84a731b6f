/**
 * `seqr bench growth`: what a payment costs, how much memory the switch takes and how large its
 * files are, with more and more registered customers, and with more and more payments in its log.
 * Each size is a process of its own; they take turns. At the end every log is read.
 */
import { join } from "node:path";
import { present } from "../actors/assert.ts";
import { readThrough, readTown } from "./grown-town.ts";
import type { GrowthOrder, Size } from "./growth-subject.ts";
import {
  assertRoom,
  fewPlan,
  fill,
  filledPlan,
  type Grown,
  growLike,
  growTo,
  inFolder,
  openGrown,
  type TownPlan,
} from "./growth-towns.ts";
import { type Contender, type Standing, type Standings, type Turn, takeRounds } from "./rounds.ts";
import { type Machine, thisMachine } from "./table.ts";
import { checkTown } from "./town-check.ts";

export interface GrowthScale {
  /** Registered customers. */
  readonly sizes: readonly number[];
  /** Payments in the log at the end, a tenth of a customer each. */
  readonly payments: number;
  readonly rounds: number;
  /** Turns of each process before the first round: a young one compiles more than it pays. */
  readonly turnsBefore: number;
  /** Payments in a turn. */
  readonly lanes: number;
  /** Of the town whose log is filled. */
  readonly fillingLanes: number;
  /** Where the towns are kept; a temporary directory by default, which is removed. */
  readonly keepIn?: string;
}

export const FULL: GrowthScale = {
  sizes: [1_000, 10_000, 100_000, 1_000_000],
  payments: 10_000_000,
  rounds: 9,
  turnsBefore: 10,
  lanes: 500,
  fillingLanes: 2_000,
};
export const QUICK: GrowthScale = {
  sizes: [1_000, 10_000],
  payments: 4_000,
  rounds: 5,
  turnsBefore: 4,
  lanes: 250,
  fillingLanes: 500,
};

const IN_FLIGHT = 64;
const FEW = "few";
const MANY = "many";

export interface SizeFigures {
  readonly customers: number;
  readonly payments: number;
  /** Different customers who had paid in this process by then. */
  readonly payers: number;
  /** Of the whole process in RAM, after the turns or the filling. */
  readonly residentBytes: number;
  /** Heap of the main thread that is in use then, once garbage was collected. */
  readonly liveBytes: number;
  readonly fileBytes: number;
  readonly standing: Standing;
  /** Processor time of a payment in those of the base; undefined where it is not told. */
  readonly costRatio: number | undefined;
  /** What the ratio is to: customers of the smallest town, or payments in the log that is small. */
  readonly costBase: number;
}

export interface IdleFigures extends SizeFigures {
  /** Of the whole process in RAM, right after the start, before any payment. */
  readonly idleBytes: number;
}

export interface GrowthReport {
  readonly machine: Machine;
  readonly scale: GrowthScale;
  /** By registered customers, ascending. */
  readonly bySize: readonly IdleFigures[];
  /** By payments in the log, sizes as they are then; cost beside a log that stays small. */
  readonly byPayments: readonly SizeFigures[];
  /** Payments in all logs at the end. */
  readonly checked: number;
  /** What does not hold in the logs; empty when all is well. */
  readonly faults: readonly string[];
}

/** Throws where the disk has no room for it. */
export function measureGrowth(
  scale: GrowthScale,
  tell: (text: string) => void,
): Promise<GrowthReport> {
  const machine = thisMachine();
  return inFolder(scale.keepIn, async (folder) => {
    const sizes = [...new Set(scale.sizes)].sort((a, b) => a - b);
    const plans = sizes.map((customers) => ({
      dataDir: join(folder, `customers-${customers}`),
      customers,
      lanes: scale.lanes,
      payments: 0,
    }));
    const filled = filledPlan(folder, scale);
    const few = fewPlan(folder, filled);
    assertRoom(folder, [...plans, filled, few]);
    const bySize = await measureSizes(plans, scale, tell);
    const byPayments = await measurePaymentsInLog(filled, few, scale, tell);
    const checks = [...plans, filled, few].map(({ dataDir }) => {
      tell("reading the event logs");
      return checkTown(dataDir);
    });
    return {
      machine,
      scale: { ...scale, sizes },
      bySize,
      byPayments,
      checked: checks.reduce((sum, { payments }) => sum + payments, 0),
      faults: checks.flatMap(({ faults }) => faults),
    };
  });
}

/** By name, in turns, when each is in memory and has made those before. */
async function takeTurns(
  grown: ReadonlyMap<string, Grown>,
  { rounds, turnsBefore, lanes }: GrowthScale,
  tell: (text: string) => void,
): Promise<Standings> {
  const order: GrowthOrder = { kind: "pay", lanes, inFlight: IN_FLIGHT, times: 1 };
  for (const { dataDir } of grown.values()) await readThrough(dataDir);
  for (const { subject } of grown.values()) await subject.ask({ ...order, times: turnsBefore });
  const contenders = [...grown].map(([name, { subject }]): Contender => {
    return { name, take: () => subject.ask<Turn>(order) };
  });
  return await takeRounds(contenders, rounds, tell);
}

async function measureSizes(
  plans: readonly TownPlan[],
  scale: GrowthScale,
  tell: (text: string) => void,
): Promise<readonly IdleFigures[]> {
  const grown = new Map<string, Grown>();
  try {
    for (const plan of plans) {
      await growTo(plan, tell);
      grown.set(`${plan.customers}`, await openGrown(plan, tell));
    }
    const standings = await takeTurns(grown, scale, tell);
    const costBase = Math.min(...plans.map(({ customers }) => customers));
    const figures: IdleFigures[] = [];
    for (const { customers } of plans) {
      const { subject, idle } = present(grown.get(`${customers}`), "a town that was opened");
      const after = await subject.ask<Size>({ kind: "size" });
      const base = figuresOf(after, standings, `${customers}`, `${costBase}`);
      figures.push({ ...base, customers, costBase, idleBytes: idle.residentBytes });
    }
    return figures;
  } finally {
    for (const { subject } of grown.values()) await subject.end();
  }
}

/** So many payments in the log, ten times as many ..., each time beside a like town with few. */
async function measurePaymentsInLog(
  filledTown: TownPlan,
  fewTown: TownPlan,
  scale: GrowthScale,
  tell: (text: string) => void,
): Promise<readonly SizeFigures[]> {
  await growTo(filledTown, tell);
  await growLike(filledTown, fewTown, tell);
  const figures: SizeFigures[] = [];
  for (const mark of marksUpTo(scale.payments)) {
    // A town that was kept has more already.
    if (paymentsIn(filledTown) > mark && mark !== scale.payments) continue;
    const after = await fillTo(mark, filledTown, tell);
    const standings = await besideFew(filledTown, fewTown, scale, (text) => {
      tell(`${mark} payments, ${text}`);
    });
    const base = figuresOf(after, standings, MANY, FEW);
    figures.push({ ...base, customers: filledTown.customers, costBase: paymentsIn(fewTown) });
  }
  return figures;
}

/** How large the process is that has filled it, and what it leaves. */
async function fillTo(mark: number, town: TownPlan, tell: (text: string) => void): Promise<Size> {
  const filling = await openGrown(town, tell);
  try {
    await fill(filling, mark);
    return await filling.subject.ask<Size>({ kind: "size" });
  } finally {
    await filling.subject.end();
  }
}

/** In processes that are both as young: one that has filled a log is faster than a new one. */
async function besideFew(
  filledTown: TownPlan,
  fewTown: TownPlan,
  scale: GrowthScale,
  tell: (text: string) => void,
): Promise<Standings> {
  const grown = new Map<string, Grown>();
  try {
    grown.set(FEW, await openGrown(fewTown, tell));
    grown.set(MANY, await openGrown(filledTown, tell));
    return await takeTurns(grown, scale, tell);
  } finally {
    for (const { subject } of grown.values()) await subject.end();
  }
}

function paymentsIn({ dataDir }: TownPlan): number {
  return present(readTown(dataDir), "a town that was grown").payments;
}

/** A hundred thousand, a million and so on, and the last one whatever it is. */
export function marksUpTo(payments: number): readonly number[] {
  const marks: number[] = [];
  for (let mark = 100_000; mark < payments; mark *= 10) marks.push(mark);
  return [...marks, payments];
}

function figuresOf(
  { payments, payers, residentBytes, liveBytes, fileBytes }: Size,
  standings: Standings,
  name: string,
  base: string,
): Omit<SizeFigures, "customers" | "costBase"> {
  return {
    payments,
    payers,
    residentBytes,
    liveBytes,
    fileBytes,
    standing: standings.of(name),
    costRatio: standings.cpuRatio(name, base),
  };
}
