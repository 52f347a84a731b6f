/** Reports with figures that are made up, and are not those of any machine. */
import type { EventLogReport } from "../../bench/event-log.ts";
import * as eventLog from "../../bench/event-log.ts";
import type { GrowthReport, IdleFigures } from "../../bench/growth.ts";
import * as growth from "../../bench/growth.ts";
import type { PaymentsReport } from "../../bench/payments.ts";
import * as payments from "../../bench/payments.ts";
import { HALF_POISSON, type OpenFigures, TWICE_POISSON } from "../../bench/payments-open.ts";
import type { ProfileReport } from "../../bench/profile.ts";
import * as profile from "../../bench/profile.ts";
import type { RecoveryReport } from "../../bench/recovery.ts";
import * as recovery from "../../bench/recovery.ts";
import type { Standing } from "../../bench/rounds.ts";
import type { SoakReport } from "../../bench/soak.ts";
import * as soak from "../../bench/soak.ts";

const KEPT = {
  version: "0.1.0",
  date: "2026-01-02",
  machine: { cpu: "CPU", cores: 2, system: "linux x64", bun: "1.2.3", loadAverage: 0.1 },
};
const VERDICT = { acknowledged: 10, refused: 0, captured: 10, ledgerSum: 0, faults: [] };
const DISK = { p50Ms: 0.5, p99Ms: 2 };

function standing(name: string, perSecond: number, cpuMicros = 500): Standing {
  return { name, perSecond, cpuMicros, driverMicros: 20, p50Ms: 4, p99Ms: 9, operations: 100 };
}

function load(name: string, share: number, more: Partial<OpenFigures> = {}): OpenFigures {
  return {
    name,
    seconds: 8,
    secondsMeant: 8,
    offeredPerSecond: share * 1_000,
    acceptedPerSecond: Math.min(share, 1) * 1_000,
    acceptedShare: Math.min(share, 1),
    p50Ms: 2,
    p99Ms: 6,
    p999Ms: 8,
    refusals: {},
    refusalP99Ms: undefined,
    turnedAway: 0,
    lateP99Ms: 1,
    beforeBytes: 100e6,
    peakBytes: 130e6,
    cpuMicros: 700,
    distribution: [
      { share: 0, ms: 1 },
      { share: 0.99, ms: 6 },
    ],
    ...more,
  };
}

function size(customers: number, costRatio: number, idleBytes: number): IdleFigures {
  return {
    customers,
    payments: customers,
    payers: 1_000,
    costBase: 1_000,
    idleBytes,
    residentBytes: idleBytes + 20e6,
    liveBytes: 70e6,
    fileBytes: customers * 4_000,
    standing: standing(`${customers}`, 1_000, Math.round(costRatio * 100)),
    costRatio,
  };
}

export const REPORTS: {
  readonly payments: PaymentsReport;
  readonly eventLog: EventLogReport;
  readonly growth: GrowthReport;
  readonly recovery: RecoveryReport;
  readonly profile: ProfileReport;
  readonly soak: SoakReport;
} = {
  payments: {
    ...KEPT,
    scale: payments.FULL,
    standings: [
      standing(payments.withClients(payments.ECHO, 64), 2_000),
      standing("approvals, P-256, 64 clients", 1_000),
      standing("approvals, P-256, 512 clients", 1_100),
      standing("PostgreSQL, 32 clients", 500),
      standing("PostgreSQL, 32 clients, to one account", 100),
    ],
    ratios: { perEcho: 0.5, cpuPerEcho: 4, perPostgres: 2 },
    open: {
      saturation: { perSecond: 1_000, clients: 512 },
      loads: [
        load(HALF_POISSON, 0.5),
        load(TWICE_POISSON, 2, {
          seconds: 3.7,
          secondsMeant: 4,
          refusals: { fault_busy: 900 },
          refusalP99Ms: 40,
          turnedAway: 900,
        }),
      ],
      disk: DISK,
    },
    kill: { payments: 10, again: 3, awayMs: 400, afterwards: 4, acknowledged: 10 },
    verdicts: [{ name: "approvals, P-256", verdict: { ...VERDICT, refused: 900 } }],
    others: [],
  },
  eventLog: {
    ...KEPT,
    scale: eventLog.FULL,
    standings: [
      standing(eventLog.coreName(64, "uniform"), 5_000),
      standing(eventLog.coreName(64, "hot"), 4_800),
    ],
    corePerPostgres: 9.5,
    corePerBest: { clients: 8, ratio: 8.5 },
    corePerSqlite: 20,
    hotPerUniform: 0.96,
    disk: DISK,
    verdict: VERDICT,
    others: [],
  },
  growth: {
    ...KEPT,
    scale: growth.FULL,
    bySize: [size(1_000, 1, 90e6), size(1_000_000, 1.1, 180e6)],
    byPayments: [size(10_000, 1, 90e6)],
    checked: 20_000,
    faults: [],
  },
  recovery: {
    ...KEPT,
    scale: recovery.FULL,
    payments: 1_000_000,
    fileBytes: 4e9,
    standings: [standing(recovery.BARE_HONO, 20), standing(recovery.AFTER_STOP, 10)],
    stopRatio: 2,
    killRatio: 2.5,
    acknowledged: 100,
    faults: [],
  },
  profile: {
    ...KEPT,
    scale: profile.FULL,
    payments: 100,
    stages: [
      ["decisions", 100],
      ["commit and flush", 300],
    ],
    threadMicros: 400,
    cpuMicros: 450,
    hottest: [["run, built in", 250]],
  },
  soak: {
    ...KEPT,
    scale: soak.FULL,
    saturation: 500,
    offeredPerSecond: 250,
    visits: 150_000,
    p50Ms: 3,
    p99Ms: 12,
    maxMs: 40,
    lateP99Ms: 1,
    samples: [
      { atMs: 1_000, residentBytes: 150e6 },
      { atMs: 60_000, residentBytes: 151e6 },
    ],
    memoryRatio: 1.01,
    verdict: VERDICT,
  },
};
