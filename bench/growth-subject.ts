/**
 * The inside of `seqr bench growth` and `seqr bench recovery`: the whole switch in one process, to
 * which payments are given through its host, as the gateway does.
 */
import { heapStats } from "bun:jsc";
import type { LaneId } from "../actors/ids.ts";
import { loadConfig } from "../src/config.ts";
import { type RunningSwitch, startSwitch } from "../src/switch.ts";
import { CorePayments, type Paid } from "./core-payments.ts";
import { fileBytes, growTown, readTown, writeTown } from "./grown-town.ts";
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
  /** Starts the switch and waits until its views have seen everything. */
  | { readonly kind: "open"; readonly dataDir: string }
  /** A payment at each of the first `lanes` lanes, `inFlight` at a time; `times` over. */
  | {
      readonly kind: "pay";
      readonly lanes: number;
      readonly inFlight: number;
      readonly times: number;
      /** Default: known, because no process was killed in this directory. */
      readonly counters?: "known" | "asked";
    }
  | { readonly kind: "size" }
  | { readonly kind: "close" };

export interface Size {
  readonly residentBytes: number;
  /** What is in use of the heap once garbage was collected: what grows here is kept for good. */
  readonly liveBytes: number;
  readonly fileBytes: number;
  /** Actors in memory. */
  readonly cells: number;
  /** Payments that were made in this directory, and lanes that it has. */
  readonly payments: number;
  readonly lanes: number;
}

interface Open {
  readonly dataDir: string;
  readonly running: RunningSwitch;
  readonly payments: CorePayments;
  readonly lanes: readonly LaneId[];
}

export async function serveGrowth(): Promise<void> {
  let open: Open | undefined;
  await takeOrders<GrowthOrder>(async (order) => {
    if (order.kind === "grow") {
      return (await growTown(order.dataDir, order.customers, order.lanes, progress)).customers;
    }
    if (order.kind === "open") {
      open = await openTown(order.dataDir);
      return sizeOf(open);
    }
    if (open === undefined) throw new Error("there is no open town");
    if (order.kind === "pay") return await pay(open, order);
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
  return { dataDir, running, payments, lanes: town.lanes };
}

/**
 * The clock runs while payments are made, and not while tills ask for the next ones; the time of
 * the processor is that of the views as well, which come after the answers.
 */
async function pay(
  { dataDir, running, payments, lanes: allLanes }: Open,
  { lanes: count, inFlight, times, counters }: Extract<GrowthOrder, { kind: "pay" }>,
): Promise<Turn> {
  const lanes = allLanes.slice(0, count);
  const { viewRunner } = running.services;
  const all: Paid[] = [];
  let viewMicros = 0;
  for (let time = 0; time < times; time++) {
    const asked = await payments.open(lanes);
    await viewRunner.catchUp();
    all.push(await payments.pay(asked, inFlight, counters));
    const cpu = process.cpuUsage();
    await viewRunner.catchUp();
    const { user, system } = process.cpuUsage(cpu);
    viewMicros += user + system;
  }
  const town = readTown(dataDir);
  if (town !== undefined) writeTown(dataDir, { ...town, payments: payments.made });
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

function sizeOf({ dataDir, running, payments, lanes }: Open): Size {
  const residentBytes = process.memoryUsage.rss();
  Bun.gc(true);
  return {
    residentBytes,
    liveBytes: heapStats().heapSize,
    fileBytes: fileBytes(dataDir),
    cells: running.services.host.figures().cells,
    payments: payments.made,
    lanes: lanes.length,
  };
}
