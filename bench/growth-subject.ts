/**
 * The inside of `seqr bench growth` and `seqr bench recovery`: the whole switch in one process, to
 * which payments are given through its host, as the gateway does.
 */
import { heapStats } from "bun:jsc";
import { loadConfig } from "../src/config.ts";
import { type RunningSwitch, startSwitch } from "../src/switch.ts";
import { CorePayments, type Paid } from "./core-payments.ts";
import type { Told } from "./exactly-once.ts";
import { fileBytes, type GrownTown, growTown, readTown, writeTown } from "./grown-town.ts";
import { Histogram } from "./histogram.ts";
import { progress } from "./output.ts";
import type { Turn } from "./rounds.ts";
import { takeOrders } from "./subject.ts";

export type GrowthOrder =
  /** Registers customers in a directory; a process of its own, so that no memory stays. */
  | {
      readonly kind: "grow";
      readonly dataDir: string;
      readonly customers: number;
      readonly lanes: number;
    }
  /**
   * Starts the switch and waits until its views have seen everything. Where a process was killed
   * among payments, those that it did not make are made first.
   */
  | { readonly kind: "open"; readonly dataDir: string }
  /** A payment at each of the first `lanes` lanes, `inFlight` at a time; `times` over. */
  | {
      readonly kind: "pay";
      readonly lanes: number;
      readonly inFlight: number;
      readonly times: number;
      /** Says each payment when it is acknowledged, as `Told`. */
      readonly isTold?: boolean;
    }
  /** Makes payments until there are so many, and says how far it is. */
  | { readonly kind: "fill"; readonly upto: number; readonly inFlight: number }
  | { readonly kind: "size" }
  | { readonly kind: "close" };

export interface Size {
  readonly residentBytes: number;
  /** What is in use of the heap once garbage was collected: what grows here is kept for good. */
  readonly liveBytes: number;
  readonly fileBytes: number;
  /** Payments that were made in this directory. */
  readonly payments: number;
  /** Different customers who have paid since the directory was opened. */
  readonly payers: number;
}

/** Payments after which the views are asked how far they are, five events each. */
const FILLING = 20_000;

interface Open {
  readonly dataDir: string;
  readonly town: GrownTown;
  readonly running: RunningSwitch;
  readonly payments: CorePayments;
}

export async function serveGrowth(): Promise<void> {
  let open: Open | undefined;
  await takeOrders<GrowthOrder>(async (order, say) => {
    if (order.kind === "grow") {
      return (await growTown(order.dataDir, order.customers, order.lanes, progress)).customers;
    }
    if (order.kind === "open") {
      open = await openTown(order.dataDir);
      return sizeOf(open);
    }
    if (open === undefined) throw new Error("there is no open town");
    if (order.kind === "pay") return await pay(open, order, say);
    if (order.kind === "fill") return await fill(open, order, say);
    if (order.kind === "size") return sizeOf(open);
    await open.running.stop();
    open = undefined;
    return null;
  });
  await open?.running.stop();
}

async function openTown(dataDir: string): Promise<Open> {
  const town = readTown(dataDir);
  if (town === undefined) throw new Error("there is no town in this directory");
  const config = loadConfig(dataDir, {}, { port: "0", collection: "by_hand" });
  const running = await startSwitch({ config, log: () => {} });
  const { host, clock, viewRunner } = running.services;
  await viewRunner.catchUp();
  const payments = new CorePayments(host, clock, town.customers, town.payments);
  const open = { dataDir, town, running, payments };
  if (town.paying !== undefined) {
    await payments.mend(town.paying, town.lanes);
    writeTown(dataDir, { ...town, payments: payments.made, paying: undefined });
    await viewRunner.catchUp();
  }
  return open;
}

/** Makes the next `count` payments, and leaves a note of that for whoever comes after a kill. */
async function making<Result>(
  { dataDir, town, payments }: Open,
  count: number,
  make: () => Promise<Result>,
): Promise<Result> {
  writeTown(dataDir, { ...town, payments: payments.made, paying: count });
  const result = await make();
  writeTown(dataDir, { ...town, payments: payments.made, paying: undefined });
  return result;
}

/**
 * The clock runs while payments are made, and not while tills ask for the next ones; the time of
 * the processor is that of the views as well, which come after the answers.
 */
async function pay(
  open: Open,
  { lanes: count, inFlight, times, isTold = false }: Extract<GrowthOrder, { kind: "pay" }>,
  say: (told: Told) => void,
): Promise<Turn> {
  const { payments } = open;
  const lanes = open.town.lanes.slice(0, count);
  const { viewRunner } = open.running.services;
  const all: Paid[] = [];
  let viewMicros = 0;
  for (let time = 0; time < times; time++) {
    const paid = await making(open, lanes.length, async () => {
      const asked = await payments.open(lanes);
      await viewRunner.catchUp();
      return await payments.pay(asked, inFlight, isTold ? say : undefined);
    });
    all.push(paid);
    const cpu = process.cpuUsage();
    await viewRunner.catchUp();
    const { user, system } = process.cpuUsage(cpu);
    viewMicros += user + system;
  }
  const total = (figure: (paid: Paid) => number): number =>
    all.reduce((sum, paid) => sum + figure(paid), 0);
  const latencies = new Histogram();
  for (const { latenciesMs } of all) for (const ms of latenciesMs) latencies.record(ms);
  return {
    operations: total(({ told }) => told.length),
    elapsedMs: total(({ elapsedMs }) => elapsedMs),
    cpuMicros: total(({ cpuMicros }) => cpuMicros) + viewMicros,
    ...latencies.middleAndTail,
  };
}

/** The views follow at their own pace; two steps behind, who pays waits for them. */
async function fill(
  open: Open,
  { upto, inFlight }: Extract<GrowthOrder, { kind: "fill" }>,
  say: (text: string) => void,
): Promise<number> {
  const { payments, town } = open;
  const { viewRunner } = open.running.services;
  let seen = Promise.resolve();
  while (payments.made < upto) {
    const count = Math.min(FILLING, town.customers, upto - payments.made);
    await making(open, count, () => payments.fill(count, town.lanes, inFlight));
    await seen;
    seen = viewRunner.catchUp();
    say(`${payments.made} of ${upto} payments`);
  }
  await seen;
  return payments.made;
}

function sizeOf({ dataDir, payments }: Open): Size {
  const residentBytes = process.memoryUsage.rss();
  Bun.gc(true);
  return {
    residentBytes,
    liveBytes: heapStats().heapSize,
    fileBytes: fileBytes(dataDir),
    payments: payments.made,
    payers: payments.payers,
  };
}
