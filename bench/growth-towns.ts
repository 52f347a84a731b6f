/**
 * The towns of `seqr bench growth` and `seqr bench recovery`: data directories that are grown and
 * filled in processes of their own, and found again where they are kept.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statfsSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileBytes, readTown } from "./grown-town.ts";
import type { GrowthOrder, Size } from "./growth-subject.ts";
import { Subject } from "./subject.ts";

const FILLING_IN_FLIGHT = 512;
const PAYMENTS_PER_CUSTOMER = 10;
/** Enough for the turns, which come on top: so many customers for each lane of a turn. */
const CUSTOMERS_PER_LANE_MIN = 8;
const FILLED = "filled-";
/** Rough, and rather too much: what a payment and a customer leave in the files. */
const PAYMENT_BYTES = 5_000;
const CUSTOMER_BYTES = 6_000;

/** How large a town is to be. */
export interface TownPlan {
  readonly dataDir: string;
  readonly customers: number;
  readonly lanes: number;
  /** In its log at the end. */
  readonly payments: number;
}

/** A subject that has been started on a town of that size. */
export interface Grown {
  readonly dataDir: string;
  readonly subject: Subject<GrowthOrder>;
  readonly idle: Size;
}

/** What the town whose log is filled is made of. */
export interface Filling {
  readonly payments: number;
  /** Payments in a turn. */
  readonly lanes: number;
  /** Lanes of the town, where those of a turn are not more. */
  readonly fillingLanes: number;
}

/** The folder of this run: the one that is kept, or one that is removed with the process. */
export async function inFolder<Result>(
  keepIn: string | undefined,
  work: (folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = keepIn ?? mkdtempSync(join(tmpdir(), "seqr-bench-"));
  const remove = (): void => {
    if (keepIn === undefined) rmSync(folder, { recursive: true, force: true });
  };
  process.on("exit", remove);
  try {
    mkdirSync(folder, { recursive: true });
    return await work(folder);
  } finally {
    process.off("exit", remove);
    remove();
  }
}

/** Throws where the disk has no room for what these towns are still to become. */
export function assertRoom(folder: string, plans: readonly TownPlan[]): void {
  const { bavail, bsize } = statfsSync(folder);
  let needed = 0;
  for (const { dataDir, customers, payments } of plans) {
    const bytes = customers * CUSTOMER_BYTES + payments * PAYMENT_BYTES;
    needed += Math.max(bytes - (existsSync(dataDir) ? fileBytes(dataDir) : 0), 0);
  }
  if (needed <= bavail * bsize) return;
  const gigabytes = (bytes: number): string => `${Math.ceil(bytes / 1e9)} GB`;
  throw new Error(
    `${folder} needs ${gigabytes(needed)} of room and has ${gigabytes(bavail * bsize)}: ` +
      "give fewer with --accounts and --payments, or another place with --keep",
  );
}

/** The town whose log is filled: recovery starts from it, where it was kept. */
export function filledPlan(folder: string, { payments, lanes, fillingLanes }: Filling): TownPlan {
  const customers = Math.max(
    Math.ceil(payments / PAYMENTS_PER_CUSTOMER),
    CUSTOMERS_PER_LANE_MIN * lanes,
  );
  const all = Math.max(Math.min(fillingLanes, customers), lanes);
  return { dataDir: join(folder, `${FILLED}${payments}`), customers, lanes: all, payments };
}

/** A town like the one that is filled, whose log stays small. */
export function fewPlan(folder: string, filled: TownPlan): TownPlan {
  return { ...filled, dataDir: join(folder, `few-${filled.customers}`), payments: 0 };
}

/** Registers who is missing, in a process that then ends. */
export async function growTo(plan: TownPlan, tell: (text: string) => void): Promise<void> {
  const { dataDir, customers, lanes } = plan;
  tell(`registering ${customers} customers`);
  const growing = startSubject(`growing to ${customers}`);
  await growing.ask({ kind: "grow", dataDir, customers, lanes });
  // Views are made once: a start that makes them anew is not the one that is looked at.
  await growing.ask({ kind: "open", dataDir });
  await growing.ask({ kind: "close" });
  await growing.end();
}

/** The same customers and lanes, as they were before the first payment, where they still are. */
export async function growLike(
  filled: TownPlan,
  few: TownPlan,
  tell: (text: string) => void,
): Promise<void> {
  if (!existsSync(few.dataDir) && readTown(filled.dataDir)?.payments === 0) {
    tell(`copying ${filled.customers} customers`);
    const unfinished = `${few.dataDir}.new`;
    cpSync(filled.dataDir, unfinished, { recursive: true, force: true });
    renameSync(unfinished, few.dataDir);
  }
  await growTo(few, tell);
}

/** Opens a town that was grown before, in another process. */
export async function openGrown(
  { dataDir, customers }: TownPlan,
  tell: (text: string) => void,
): Promise<Grown> {
  const subject = startSubject(`${customers} customers`, (said) => tell(String(said)));
  const idle = await subject.ask<Size>({ kind: "open", dataDir });
  return { dataDir, subject, idle };
}

export function startSubject(name: string, hear?: (said: unknown) => void): Subject<GrowthOrder> {
  return new Subject<GrowthOrder>(name, ["bench", "growth-subject"], hear);
}

/** Pays until there are `mark` payments in the log. */
export async function fill({ subject }: Pick<Grown, "subject">, mark: number): Promise<void> {
  await subject.ask({ kind: "fill", upto: mark, inFlight: FILLING_IN_FLIGHT });
}

/** The smallest of the towns for at least `least` payments that are kept here, by its number. */
export function keptPayments(folder: string, least: number): number | undefined {
  const kept = readdirSync(folder)
    .filter((name) => name.startsWith(FILLED))
    .map((name) => Number(name.slice(FILLED.length)));
  return kept.filter((payments) => payments >= least).sort((a, b) => a - b)[0];
}
