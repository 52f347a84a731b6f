/**
 * `seqr bench growth`: what a payment costs, how much memory the switch takes and how large its
 * files are, with more and more registered customers, and with more and more payments in its log.
 * Each size is a process of its own; they take turns. At the end every log is read.
 */
import { join } from "node:path";
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
  lanes: 250,
  fillingLanes: 2_000,
};
export const QUICK: GrowthScale = {
  sizes: [1_000, 10_000],
  payments: 4_000,
  rounds: 5,
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
  /** After the turns: of the whole process in RAM. */
  readonly residentBytes: number;
  /** After the turns: heap of the main thread that is in use, once garbage was collected. */
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
  /** By payments in the log; each beside a log that stays small. */
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

function contenderOf(name: string, { subject }: Grown, lanes: number): Contender {
  const order: GrowthOrder = { kind: "pay", lanes, inFlight: IN_FLIGHT, times: 1 };
  return { name, take: () => subject.ask<Turn>(order) };
}

async function measureSizes(
  plans: readonly TownPlan[],
  { rounds, lanes }: GrowthScale,
  tell: (text: string) => void,
): Promise<readonly IdleFigures[]> {
  const grown = new Map<number, Grown>();
  try {
    for (const plan of plans) {
      await growTo(plan, tell);
      grown.set(plan.customers, await openGrown(plan, tell));
    }
    const contenders = [...grown].map(([size, one]) => contenderOf(`${size}`, one, lanes));
    const standings = await takeRounds(contenders, rounds, tell);
    const costBase = Math.min(...grown.keys());
    const figures: IdleFigures[] = [];
    for (const [customers, { subject, idle }] of grown) {
      const after = await subject.ask<Size>({ kind: "size" });
      const base = figuresOf(after, standings, `${customers}`, `${costBase}`);
      figures.push({ ...base, customers, costBase, idleBytes: idle.residentBytes });
    }
    return figures;
  } finally {
    for (const { subject } of grown.values()) await subject.end();
  }
}

/** A thousand payments in the log, ten thousand ..., each time beside a like town with few. */
async function measurePaymentsInLog(
  filledTown: TownPlan,
  fewTown: TownPlan,
  { payments, rounds, lanes }: GrowthScale,
  tell: (text: string) => void,
): Promise<readonly SizeFigures[]> {
  await growTo(filledTown, tell);
  await growLike(filledTown, fewTown, tell);
  const few = await openGrown(fewTown, tell);
  const filled = await openGrown(filledTown, tell);
  const figures: SizeFigures[] = [];
  try {
    for (const mark of marksUpTo(payments)) {
      // A town that was kept has more already.
      if (filled.idle.payments > mark && mark !== payments) continue;
      await fill(filled, mark);
      const contenders = [contenderOf(FEW, few, lanes), contenderOf(MANY, filled, lanes)];
      const standings = await takeRounds(contenders, rounds, (text) => {
        tell(`${mark} payments, ${text}`);
      });
      const after = await filled.subject.ask<Size>({ kind: "size" });
      const { payments: costBase } = await few.subject.ask<Size>({ kind: "size" });
      const base = figuresOf(after, standings, MANY, FEW);
      figures.push({ ...base, customers: filledTown.customers, costBase });
    }
    return figures;
  } finally {
    await few.subject.end();
    await filled.subject.end();
  }
}

/** 1,000, 10,000 and so on, and the last one whatever it is. */
export function marksUpTo(payments: number): readonly number[] {
  const marks: number[] = [];
  for (let mark = 1_000; mark < payments; mark *= 10) marks.push(mark);
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
