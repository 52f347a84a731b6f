/**
 * `seqr bench growth`: what a payment costs, how much memory the switch takes and how large its
 * files are, with more and more registered customers, and with more and more payments in its log.
 * Each size is a process of its own; they take turns.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PAYMENTS_PER_CUSTOMER_MAX } from "./core-payments.ts";
import type { GrowthOrder, Size } from "./growth-subject.ts";
import { type Contender, type Standing, type Standings, type Turn, takeRounds } from "./rounds.ts";
import { Subject } from "./subject.ts";
import { type Machine, thisMachine } from "./table.ts";

export interface GrowthScale {
  /** Registered customers, ascending. */
  readonly sizes: readonly number[];
  /** Payments in the log at the end, a tenth of a customer each. */
  readonly payments: number;
  readonly rounds: number;
  /** Payments in a turn. */
  readonly lanes: number;
  /** Where the towns are kept; a temporary directory by default, which is removed. */
  readonly keepIn?: string;
}

export const FULL: GrowthScale = {
  sizes: [1_000, 10_000, 100_000, 1_000_000],
  payments: 10_000_000,
  rounds: 9,
  lanes: 250,
};
export const QUICK: GrowthScale = {
  sizes: [1_000, 10_000],
  payments: 4_000,
  rounds: 5,
  lanes: 250,
};

const IN_FLIGHT = 64;
/** While the log grows between two marks: as many at once as there are lanes. */
const FILLING_LANES = 2_000;
const FILLING_IN_FLIGHT = 512;
/** Rounds of filling in one order, so that progress is told. */
const FILLING_TIMES = 20;
const PAYMENTS_PER_CUSTOMER = 10;
/** Enough for the turns, which come on top: so many customers for each lane of a turn. */
const CUSTOMERS_PER_LANE_MIN = 8;
const FILLED = "filled-";
/** Rough, and rather too much: what a payment and a customer leave in the files. */
const PAYMENT_BYTES = 5_000;
const CUSTOMER_BYTES = 6_000;

export interface SizeFigures {
  readonly customers: number;
  readonly payments: number;
  /** Right after the start, before any payment. */
  readonly idleBytes: number;
  /** After the turns: in RAM, and in use once garbage was collected. */
  readonly residentBytes: number;
  readonly liveBytes: number;
  readonly fileBytes: number;
  readonly standing: Standing;
  /** Processor time of a payment in those of the smallest size: median of the rounds. */
  readonly costRatio: number;
}

export interface GrowthReport {
  readonly machine: Machine;
  readonly scale: GrowthScale;
  /** By registered customers. */
  readonly bySize: readonly SizeFigures[];
  /** By payments in the log; each beside a log that stays small. */
  readonly byPayments: readonly SizeFigures[];
}

/** Throws where the disk has no room for it. */
export async function measureGrowth(
  scale: GrowthScale,
  tell: (text: string) => void,
): Promise<GrowthReport> {
  const machine = thisMachine();
  const folder = scale.keepIn ?? mkdtempSync(join(tmpdir(), "seqr-bench-"));
  const remove = (): void => {
    if (scale.keepIn === undefined) rmSync(folder, { recursive: true, force: true });
  };
  process.on("exit", remove);
  mkdirSync(folder, { recursive: true });
  assertRoom(folder, scale);
  try {
    const bySize = await measureSizes(folder, scale, tell);
    const byPayments = await measurePaymentsInLog(folder, scale, tell);
    return { machine, scale, bySize, byPayments };
  } finally {
    process.off("exit", remove);
    remove();
  }
}

function assertRoom(folder: string, { sizes, payments }: GrowthScale): void {
  const { bavail, bsize } = statfsSync(folder);
  const customers = sizes.reduce((sum, size) => sum + size, payments / PAYMENTS_PER_CUSTOMER);
  const needed = customers * CUSTOMER_BYTES + payments * PAYMENT_BYTES;
  if (needed <= bavail * bsize) return;
  const gigabytes = (bytes: number): string => `${Math.ceil(bytes / 1e9)} GB`;
  throw new Error(
    `${folder} needs ${gigabytes(needed)} of room and has ${gigabytes(bavail * bsize)}: ` +
      "give fewer with --accounts and --payments, or another place with --keep",
  );
}

/** A subject that has been started on a town of that size. */
export interface Grown {
  readonly dataDir: string;
  readonly subject: Subject<GrowthOrder>;
  readonly idle: Size;
}

/** Registers who is missing, in a process that then ends, and opens the town in another. */
export async function openGrown(
  dataDir: string,
  customers: number,
  lanes: number,
  tell: (text: string) => void,
): Promise<Grown> {
  tell(`registering ${customers} customers`);
  const growing = startSubject(`growing to ${customers}`);
  await growing.ask({ kind: "grow", dataDir, customers, lanes });
  // Views are made once: a start that makes them anew is not the one that is looked at.
  await growing.ask({ kind: "open", dataDir });
  await growing.ask({ kind: "close" });
  await growing.end();
  const subject = startSubject(`${customers} customers`);
  const idle = await subject.ask<Size>({ kind: "open", dataDir });
  return { dataDir, subject, idle };
}

export function startSubject(name: string): Subject<GrowthOrder> {
  return new Subject<GrowthOrder>(name, ["bench", "growth-subject"]);
}

function contenderOf(name: string, { subject }: Grown, lanes: number): Contender {
  const order: GrowthOrder = { kind: "pay", lanes, inFlight: IN_FLIGHT, times: 1 };
  return { name, take: () => subject.ask<Turn>(order) };
}

async function measureSizes(
  folder: string,
  { sizes, rounds, lanes }: GrowthScale,
  tell: (text: string) => void,
): Promise<readonly SizeFigures[]> {
  const grown = new Map<number, Grown>();
  try {
    for (const size of sizes) {
      const dataDir = join(folder, `customers-${size}`);
      grown.set(size, await openGrown(dataDir, size, lanes, tell));
    }
    const contenders = [...grown].map(([size, one]) => contenderOf(`${size}`, one, lanes));
    const standings = await takeRounds(contenders, rounds, tell);
    const figures: SizeFigures[] = [];
    for (const [size, one] of grown) {
      const after = await one.subject.ask<Size>({ kind: "size" });
      const base = figuresOf(one.idle, after, standings, `${size}`, `${sizes[0]}`);
      figures.push({ ...base, customers: size, payments: (rounds + 1) * lanes });
    }
    return figures;
  } finally {
    for (const { subject } of grown.values()) await subject.end();
  }
}

/** The same town at a thousand payments, ten thousand ..., each time beside one that has few. */
async function measurePaymentsInLog(
  folder: string,
  { payments, rounds, lanes }: GrowthScale,
  tell: (text: string) => void,
): Promise<readonly SizeFigures[]> {
  const marks = marksUpTo(payments);
  // The small one pays in the rounds only, so it must have as many customers as they want.
  const turns = marks.length * (rounds + 1) * lanes;
  const few = Math.max(Math.ceil((2 * turns) / PAYMENTS_PER_CUSTOMER_MAX), lanes);
  const small = await openGrown(join(folder, "few"), few, lanes, tell);
  const filled = await openFilled(folder, payments, lanes, tell);
  const figures: SizeFigures[] = [];
  try {
    for (const mark of marks) {
      // A town that was kept has more already.
      if (filled.idle.payments > mark && mark !== payments) continue;
      await fill(filled, mark, tell);
      const contenders = [contenderOf("few", small, lanes), contenderOf("many", filled, lanes)];
      const standings = await takeRounds(contenders, rounds, (text) => {
        tell(`${mark} payments, ${text}`);
      });
      const after = await filled.subject.ask<Size>({ kind: "size" });
      const base = figuresOf(filled.idle, after, standings, "many", "few");
      figures.push({ ...base, customers: filled.customers, payments: after.payments });
    }
    return figures;
  } finally {
    await small.subject.end();
    await filled.subject.end();
  }
}

/** The town whose log is filled: recovery starts from it, where it was kept. */
export async function openFilled(
  folder: string,
  payments: number,
  lanes: number,
  tell: (text: string) => void,
): Promise<Grown & { readonly customers: number }> {
  const customers = Math.max(
    Math.ceil(payments / PAYMENTS_PER_CUSTOMER),
    CUSTOMERS_PER_LANE_MIN * lanes,
  );
  const filling = Math.max(Math.min(FILLING_LANES, customers), lanes);
  const dataDir = join(folder, `${FILLED}${payments}`);
  return { ...(await openGrown(dataDir, customers, filling, tell)), customers };
}

/** How many payments the smallest of the towns with at least `least` has that are kept here. */
export function keptPayments(folder: string, least: number): number | undefined {
  const kept = readdirSync(folder)
    .filter((name) => name.startsWith(FILLED))
    .map((name) => Number(name.slice(FILLED.length)));
  return kept.filter((payments) => payments >= least).sort((a, b) => a - b)[0];
}

/** 1,000, 10,000 and so on, and the last one whatever it is. */
export function marksUpTo(payments: number): readonly number[] {
  const marks: number[] = [];
  for (let mark = 1_000; mark < payments; mark *= 10) marks.push(mark);
  return [...marks, payments];
}

/** Pays until there are `mark` payments in the log. */
export async function fill(
  { subject }: Pick<Grown, "subject">,
  mark: number,
  tell: (text: string) => void,
): Promise<void> {
  for (;;) {
    const { payments, lanes } = await subject.ask<Size>({ kind: "size" });
    if (payments >= mark) return;
    const perTime = Math.min(FILLING_LANES, lanes, mark - payments);
    const times = Math.min(FILLING_TIMES, Math.floor((mark - payments) / perTime));
    await subject.ask({ kind: "pay", lanes: perTime, inFlight: FILLING_IN_FLIGHT, times });
    tell(`${payments + times * perTime} of ${mark} payments`);
  }
}

function figuresOf(
  idle: Size,
  after: Size,
  standings: Standings,
  name: string,
  smallest: string,
): Omit<SizeFigures, "customers" | "payments"> {
  return {
    idleBytes: idle.residentBytes,
    residentBytes: after.residentBytes,
    liveBytes: after.liveBytes,
    fileBytes: after.fileBytes,
    standing: standings.of(name),
    costRatio: standings.cpuRatio(name, smallest) ?? 1,
  };
}
