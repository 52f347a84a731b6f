/**
 * `seqr bench event-log`: the actor core and its event log without HTTP and without views, at
 * several numbers of payments in flight, to many merchants and to the lanes of one; beside it the
 * bare transfer in SQLite, one in a transaction and a thousand, and PostgreSQL where it is
 * installed. All in turns within one run.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LaneId } from "../actors/ids.ts";
import { dataFiles } from "../src/data-directory.ts";
import { CorePayments } from "./core-payments.ts";
import { probeDisk } from "./disk.ts";
import type { OnceVerdict, Told } from "./exactly-once.ts";
import { Histogram } from "./histogram.ts";
import { Cluster, findPostgres } from "./postgres.ts";
import { type Contender, type Standing, type Standings, takeRounds } from "./rounds.ts";
import { SqlTransfers } from "./sql-transfers.ts";
import { type Machine, thisMachine } from "./table.ts";
import { Town } from "./town.ts";
import { verdictOn } from "./verdict.ts";

export interface EventLogScale {
  readonly customers: number;
  /** Of all merchants together, and of the one; a payment each in every turn. */
  readonly lanes: number;
  readonly rounds: number;
  readonly inFlight: readonly number[];
  /** Of SQLite, one in a transaction and a thousand. */
  readonly transfers: readonly [single: number, grouped: number];
  /** Of pgbench, each turn. */
  readonly seconds: number;
}

export const FULL: EventLogScale = {
  customers: 8_000,
  lanes: 2_048,
  rounds: 7,
  inFlight: [1, 32, 64, 512],
  transfers: [2_000, 50_000],
  seconds: 2,
};
export const QUICK: EventLogScale = {
  customers: 2_000,
  lanes: 512,
  rounds: 5,
  inFlight: [1, 32, 64, 512],
  transfers: [500, 10_000],
  seconds: 1,
};

/** Payments one after the other are slow: a part of the lanes is enough. */
const SINGLE_SHARE = 8;
const MERCHANTS = 16;
const GROUP = 1_000;
/** In flight where the comparisons are made. */
const COMPARED = 64;
/** Of PostgreSQL: what the target names, and where it was found to be at its best on two cores. */
const CLIENTS = 32;
const CLIENTS_ALL = [8, CLIENTS];
const PROBES = 40;

const SQLITE_SINGLE = "SQLite, one in a transaction";
const SQLITE_GROUPED = `SQLite, ${GROUP} in a transaction`;

function postgresName(clients: number, spread: "uniform" | "hot"): string {
  return `PostgreSQL, ${clients} clients${spread === "hot" ? ", to one account" : ""}`;
}

export function coreName(inFlight: number, spread: "uniform" | "hot"): string {
  return `core, ${inFlight} in flight${spread === "hot" ? ", to lanes of one merchant" : ""}`;
}

export interface EventLogReport {
  readonly machine: Machine;
  readonly scale: EventLogScale;
  readonly standings: readonly Standing[];
  /** Undefined: PostgreSQL is not installed. */
  readonly corePerPostgres: number | undefined;
  /** To PostgreSQL at the number of clients with which it makes the most transfers. */
  readonly corePerBest: { readonly clients: number; readonly ratio: number } | undefined;
  readonly corePerSqlite: number;
  readonly hotPerUniform: number;
  /** Milliseconds of fdatasync between the rounds: half of them, and 99 of 100, at most. */
  readonly disk: { readonly p50Ms: number; readonly p99Ms: number };
  /** What does not hold in the books of SQLite and PostgreSQL; empty when all is well. */
  readonly others: readonly string[];
  readonly verdict: OnceVerdict;
}

/** Runs the whole benchmark in a temporary directory, which is then removed. */
export async function measureEventLog(
  scale: EventLogScale,
  tell: (text: string) => void,
): Promise<EventLogReport> {
  const machine = thisMachine();
  const folder = mkdtempSync(join(tmpdir(), "seqr-bench-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.on("exit", remove);
  const programs = findPostgres();
  const cluster =
    programs === undefined ? undefined : await Cluster.start(programs, scale.customers);
  try {
    const { town, contenders: cores, told } = await openCore(join(folder, "data"), scale, tell);
    const sql = new SqlTransfers(join(folder, "transfers.db"), scale.customers);
    const disk = new Histogram();
    const contenders = [
      ...cores,
      ...sqliteContenders(sql, scale),
      ...(cluster === undefined ? [] : postgresContenders(cluster, scale)),
      diskContender(folder, disk),
    ];
    const standings = await takeRounds(contenders, scale.rounds, tell);
    await town.close();
    tell("reading the event log");
    const verdict = verdictOn(told, dataFiles(join(folder, "data")).events);
    const others = [...sql.faults(), ...((await cluster?.faults()) ?? [])];
    sql.close();
    return { ...summaryOf(standings, disk), machine, scale, verdict, others };
  } finally {
    await cluster?.stop();
    process.off("exit", remove);
    remove();
  }
}

interface Core {
  readonly town: Town;
  readonly contenders: readonly Contender[];
  readonly told: readonly Told[];
}

async function openCore(
  dataDir: string,
  { customers, lanes, inFlight }: EventLogScale,
  tell: (text: string) => void,
): Promise<Core> {
  const town = await Town.open(dataDir);
  const many: LaneId[] = [];
  for (let merchant = 0; merchant < MERCHANTS; merchant++) {
    many.push(...(await town.openMerchant(Math.ceil(lanes / MERCHANTS))).map(({ id }) => id));
  }
  const one = (await town.openMerchant(lanes)).map(({ id }) => id);
  await town.register(0, customers, undefined, (done) => {
    tell(`customers: ${done} of ${customers}`);
  });
  const payments = new CorePayments(town.host, town.clock, customers);
  const all: Told[] = [];
  const contenders = inFlight.flatMap((count) =>
    (["uniform", "hot"] as const).map((spread): Contender => {
      const there = spread === "hot" ? one : many;
      const used = count === 1 ? there.slice(0, Math.ceil(lanes / SINGLE_SHARE)) : there;
      return {
        name: coreName(count, spread),
        async take() {
          const asked = await payments.open(used);
          const paid = await payments.pay(asked, count);
          all.push(...paid.told);
          const { elapsedMs, cpuMicros, latenciesMs } = paid;
          const told = Histogram.of(latenciesMs).middleAndTail;
          return { operations: asked.length, elapsedMs, cpuMicros, ...told };
        },
      };
    }),
  );
  return { town, contenders, told: all };
}

function sqliteContenders(sql: SqlTransfers, scale: EventLogScale): readonly Contender[] {
  const [single, grouped] = scale.transfers;
  const contender = (name: string, operations: number, group: number): Contender => ({
    name,
    take() {
      const cpu = process.cpuUsage();
      const startedMs = performance.now();
      sql.make(operations, group);
      const elapsedMs = performance.now() - startedMs;
      const { user, system } = process.cpuUsage(cpu);
      return Promise.resolve({ operations, elapsedMs, cpuMicros: user + system });
    },
  });
  return [contender(SQLITE_SINGLE, single, 1), contender(SQLITE_GROUPED, grouped, GROUP)];
}

function postgresContenders(cluster: Cluster, { seconds }: EventLogScale): readonly Contender[] {
  return CLIENTS_ALL.flatMap((clients) =>
    (["uniform", "hot"] as const).map((spread) => ({
      name: postgresName(clients, spread),
      take: () => cluster.transfer({ clients, spread, seconds }),
    })),
  );
}

/** No contender for anything: it takes its turn so that its times are of the same minutes. */
function diskContender(folder: string, disk: Histogram): Contender {
  return {
    name: "fdatasync",
    take(round) {
      const startedMs = performance.now();
      const latencies = probeDisk(folder, PROBES);
      if (round > 0) disk.add(latencies);
      const elapsedMs = performance.now() - startedMs;
      const told = latencies.middleAndTail;
      return Promise.resolve({ operations: PROBES, elapsedMs, cpuMicros: undefined, ...told });
    },
  };
}

function summaryOf(
  standings: Standings,
  disk: Histogram,
): Omit<EventLogReport, "machine" | "scale" | "verdict" | "others"> {
  const core = coreName(COMPARED, "uniform");
  const hasPostgres = standings.has(postgresName(CLIENTS, "uniform"));
  const per = (clients: number): number => standings.ratio(core, postgresName(clients, "uniform"));
  return {
    standings: standings.all,
    corePerPostgres: hasPostgres ? per(CLIENTS) : undefined,
    corePerBest: hasPostgres
      ? CLIENTS_ALL.map((clients) => ({ clients, ratio: per(clients) })).reduce((best, one) =>
          one.ratio < best.ratio ? one : best,
        )
      : undefined,
    corePerSqlite: standings.ratio(core, SQLITE_SINGLE),
    hotPerUniform: standings.ratio(coreName(COMPARED, "hot"), core),
    disk: disk.middleAndTail,
  };
}
