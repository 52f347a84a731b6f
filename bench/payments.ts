/**
 * `seqr bench payments`: approvals over HTTP with every check, durable before the reply, against a
 * bare echo, Hono with zod, and PostgreSQL where it is installed, in turns within one run. Each
 * server is a process of its own; the driver is this one. First closed loops, then open ones at
 * half and twice of what was reached, then a kill in the middle. At the end the event log is read.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { present } from "../actors/assert.ts";
import { type Child, startChild } from "./child.ts";
import { postBytes } from "./connection.ts";
import type { EchoServer } from "./echo.ts";
import type { OnceVerdict } from "./exactly-once.ts";
import { type Entry, MeasuredSwitch, PAYMENTS_PATH, takeTurn } from "./measured-switch.ts";
import { type KillReport, killInTheMiddle } from "./payments-kill.ts";
import { measureOpen, type OpenReport, type OpenScale, saturationOf } from "./payments-open.ts";
import { Cluster, findPostgres, type TransferRun } from "./postgres.ts";
import { type Contender, type Standing, type Standings, takeRounds } from "./rounds.ts";
import { type Machine, thisMachine } from "./table.ts";

export interface Scale {
  /** Of the first entry, which makes most of the payments. */
  readonly customers: number;
  /** Of each further entry. */
  readonly otherCustomers: number;
  /** Approvals in a turn of a closed loop. */
  readonly approvals: number;
  /** Measured rounds; one more comes before them and is not counted. */
  readonly rounds: number;
  /** Of the comparison; the first entry is measured with every number of the list. */
  readonly clients: number;
  readonly sweep: readonly number[];
  /** Echoes per approval, so that a round of either takes about as long. */
  readonly echoes: number;
  /** Clients of pgbench, and its seconds each turn. */
  readonly pgClients: readonly number[];
  readonly pgSeconds: number;
  readonly open: OpenScale;
}

export const FULL: Scale = {
  customers: 24_000,
  otherCustomers: 2_000,
  approvals: 2_000,
  rounds: 7,
  clients: 64,
  sweep: [1, 8, 256, 512],
  echoes: 8,
  pgClients: [1, 8, 32],
  pgSeconds: 3,
  open: { rounds: 5, halfSeconds: 8, twiceSeconds: 4 },
};
export const QUICK: Scale = {
  customers: 2_000,
  otherCustomers: 160,
  approvals: 160,
  rounds: 3,
  clients: 64,
  sweep: [1],
  echoes: 8,
  pgClients: [32],
  pgSeconds: 1,
  open: { rounds: 3, halfSeconds: 1, twiceSeconds: 0.5 },
};

/** The first is what phones with key hardware do; the others show what the core is worth. */
export const ENTRIES: readonly [Entry, ...Entry[]] = [
  { name: "approvals, P-256", algorithm: "p256" },
  { name: "approvals, Ed25519", algorithm: "ed25519" },
  {
    name: "approvals, Ed25519 by noble",
    algorithm: "ed25519",
    settings: { SEQR_CORE: "reference" },
  },
];

export const BARE = "echo, the runtime alone";
export const ECHO = "echo, Hono and zod";
const COMPARED_PG_CLIENTS = 32;

export interface PaymentsReport {
  readonly machine: Machine;
  readonly scale: Scale;
  /** Closed loops. */
  readonly standings: readonly Standing[];
  readonly ratios: {
    readonly perEcho: number;
    readonly cpuPerEcho: number | undefined;
    /** Undefined: PostgreSQL is not installed. */
    readonly perPostgres: number | undefined;
  };
  readonly open: OpenReport;
  readonly kill: KillReport;
  readonly verdicts: readonly { readonly name: string; readonly verdict: OnceVerdict }[];
  /** What does not hold in the books of PostgreSQL; empty when all is well. */
  readonly others: readonly string[];
}

/** Runs the whole benchmark in a temporary directory, which is then removed. */
export async function measurePayments(
  scale: Scale,
  entries: readonly Entry[],
  tell: (text: string) => void,
): Promise<PaymentsReport> {
  const machine = thisMachine();
  const folder = mkdtempSync(join(tmpdir(), "seqr-bench-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.on("exit", remove);
  const ends: (() => Promise<unknown>)[] = [];
  try {
    const switches: MeasuredSwitch[] = [];
    for (const [at, entry] of entries.entries()) {
      const customers = at === 0 ? scale.customers : scale.otherCustomers;
      const opened = await MeasuredSwitch.open(entry, join(folder, `${at}`), customers, tell);
      ends.push(() => opened.kill());
      switches.push(opened);
    }
    const cluster = await openCluster(scale, ends);
    const contenders = [
      await echoContender(BARE, "bun-echo-server", scale, ends),
      await echoContender(ECHO, "echo-server", scale, ends),
      ...switches.flatMap((one, at) => switchContenders(one, scale, at === 0)),
      ...(cluster === undefined ? [] : postgresContenders(cluster, scale)),
    ];
    const standings = await takeRounds(contenders, scale.rounds, tell);
    const main = present(switches[0], "a benchmark measures something");
    const best = saturationOf(
      [scale.clients, ...scale.sweep].map((clients) => [
        clients,
        standings.of(withClients(main.entry.name, clients)),
      ]),
    );
    const open = await measureOpen(main, folder, best, scale.open, tell);
    const kill = await killInTheMiddle(main, open.saturation.perSecond / 2, scale.open, tell);
    const others = (await cluster?.faults()) ?? [];
    tell("reading the event logs");
    const verdicts: { name: string; verdict: OnceVerdict }[] = [];
    for (const one of switches) {
      verdicts.push({ name: one.entry.name, verdict: await one.verdict() });
    }
    const ratios = ratiosOf(standings, main.entry.name, scale);
    return { machine, scale, standings: standings.all, ratios, open, kill, verdicts, others };
  } finally {
    for (const end of ends) await end();
    process.off("exit", remove);
    remove();
  }
}

/** Bodies of an approval's shape: an echo looks at no more than that. */
function echoRequests(url: string, count: number): readonly Uint8Array[] {
  const body = JSON.stringify({
    approval: "A".repeat(155),
    proof: "B".repeat(43),
    signature: "C".repeat(86),
  });
  return Array.from({ length: count }, () =>
    postBytes(url, PAYMENTS_PATH, { "idempotency-key": crypto.randomUUID() }, body),
  );
}

async function echoContender(
  name: string,
  word: EchoServer,
  { approvals, echoes, clients }: Scale,
  ends: (() => Promise<unknown>)[],
): Promise<Contender> {
  const child: Child = await startChild(name, ["bench", word]);
  ends.push(() => child.kill());
  const requests = echoRequests(child.url, approvals * echoes);
  return { name: withClients(name, clients), take: () => takeTurn(child, requests, clients) };
}

/** The comparison, and with `sweeps` the other numbers of clients. */
function switchContenders(
  one: MeasuredSwitch,
  { approvals, clients, sweep }: Scale,
  sweeps: boolean,
): readonly Contender[] {
  const numbers = sweeps ? [clients, ...sweep] : [clients];
  return numbers.map((count) => ({
    name: withClients(one.entry.name, count),
    // One after the other they are slow: a part of them is enough.
    take: () => one.closedTurn(Math.ceil(count === 1 ? approvals / 4 : approvals), count),
  }));
}

/** How a contender is told of: figures of other numbers of clients are other figures. */
export function withClients(name: string, clients: number): string {
  return `${name}, ${clients} ${clients === 1 ? "client" : "clients"}`;
}

export function postgresName({ clients, spread }: Omit<TransferRun, "seconds">): string {
  return `${withClients("PostgreSQL", clients)}${spread === "hot" ? ", to one account" : ""}`;
}

/** Undefined where PostgreSQL is not installed. */
async function openCluster(
  { customers }: Scale,
  ends: (() => Promise<unknown>)[],
): Promise<Cluster | undefined> {
  const programs = findPostgres();
  if (programs === undefined) return undefined;
  const cluster = await Cluster.start(programs, customers);
  ends.push(() => cluster.stop());
  return cluster;
}

function postgresContenders(
  cluster: Cluster,
  { pgClients, pgSeconds }: Scale,
): readonly Contender[] {
  return (["uniform", "hot"] as const).flatMap((spread) =>
    pgClients.map((clients) => ({
      name: postgresName({ clients, spread }),
      take: () => cluster.transfer({ clients, spread, seconds: pgSeconds }),
    })),
  );
}

function ratiosOf(
  standings: Standings,
  entry: string,
  { clients }: Scale,
): PaymentsReport["ratios"] {
  const [name, echo] = [withClients(entry, clients), withClients(ECHO, clients)];
  const postgres = postgresName({ clients: COMPARED_PG_CLIENTS, spread: "uniform" });
  return {
    perEcho: standings.ratio(name, echo),
    cpuPerEcho: standings.cpuRatio(name, echo),
    perPostgres: standings.has(postgres) ? standings.ratio(name, postgres) : undefined,
  };
}
