/**
 * `seqr bench payments`: approvals over HTTP with every check, durable before the reply, against a
 * bare Hono and zod echo of the same body, in turns within one run. Each server is a process of its
 * own; the driver is this one. Then the event log is read: every payment exactly once.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { present } from "../actors/assert.ts";
import { DEFAULT_POLICY } from "../actors/policy.ts";
import { Caller } from "../src/client/call.ts";
import { Desk } from "../src/client/desk.ts";
import type { Payment } from "../src/client/shapes.ts";
import { checkLog } from "../src/commands/log-check.ts";
import { addOperator, dataFiles, initialise, readKeys } from "../src/data-directory.ts";
import { SqliteLogReader } from "../src/storage/sqlite/log-reader.ts";
import { actorsOf } from "../src/switch.ts";
import { type Child, startChild } from "./child.ts";
import { type Answer, postBytes } from "./connection.ts";
import { type Crowd, gather, prepare, type Ready } from "./crowd.ts";
import { checkExactlyOnce, type OnceVerdict, type Told } from "./exactly-once.ts";
import { drive, type Load } from "./load.ts";
import { median, quantile } from "./stats.ts";
import { type Machine, thisMachine } from "./table.ts";

export interface Scale {
  readonly customers: number;
  /** Measured rounds; one more of each kind comes before them and is not counted. */
  readonly rounds: number;
  readonly clients: number;
  /** Echoes per approval, so that a round of either takes about as long. */
  readonly echoes: number;
}

export const FULL: Scale = { customers: 2_000, rounds: 9, clients: 64, echoes: 8 };
export const QUICK: Scale = { customers: 512, rounds: 7, clients: 64, echoes: 8 };

/** One kind of request, over all measured rounds. */
export interface Figures {
  /** Medians of the rounds. */
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of the server process, all rounds together; undefined where the system does not tell. */
  readonly cpuMicros: number | undefined;
  /** Of this process, which sends and receives. */
  readonly driverMicros: number;
  readonly requests: number;
}

export interface PaymentsReport {
  readonly machine: Machine;
  readonly scale: Scale;
  readonly echo: Figures;
  readonly payments: Figures;
  readonly verdict: OnceVerdict;
}

interface Round {
  readonly load: Load;
  readonly cpuMicros: number | undefined;
  readonly driverMicros: number;
}

/** Runs the whole benchmark in a temporary directory, which is then removed. */
export async function measurePayments(
  scale: Scale,
  tell: (text: string) => void,
): Promise<PaymentsReport> {
  const machine = thisMachine();
  const dataDir = mkdtempSync(join(tmpdir(), "seqr-bench-"));
  const remove = (): void => rmSync(dataDir, { recursive: true, force: true });
  process.on("exit", remove);
  const children: Child[] = [];
  try {
    initialise(dataDir);
    const key = addOperator(dataDir, readKeys(dataDir), "bench", "sandbox");
    const echo = await startChild("the echo server", ["bench", "echo-server"]);
    children.push(echo);
    const words = ["serve", "--data", dataDir, "--port", "0", "--host", "127.0.0.1"];
    const payments = await startChild("the switch", words);
    children.push(payments);
    const caller = new Caller(payments.url);
    const desk = new Desk(caller, key);
    const crowd = await gather(caller, desk, scale.customers, (done) =>
      tell(`customers ${done} of ${scale.customers}`),
    );
    const rounds = await takeTurns(scale, crowd, echo, payments, tell);
    for (const child of children) await child.kill();
    tell("reading the event log");
    const verdict = verdictOn(rounds.told, dataFiles(dataDir).events);
    const figures = { echo: figuresOf(rounds.echo), payments: figuresOf(rounds.payments) };
    return { machine, scale, ...figures, verdict };
  } finally {
    for (const child of children) await child.kill();
    process.off("exit", remove);
    remove();
  }
}

/** Echo, payments, echo, payments ...; the first of each only warms up. */
async function takeTurns(
  scale: Scale,
  crowd: Crowd,
  echo: Child,
  payments: Child,
  tell: (text: string) => void,
) {
  const taken = { echo: [] as Round[], payments: [] as Round[], told: [] as Told[] };
  for (let round = 0; round <= scale.rounds; round++) {
    tell(`round ${round} of ${scale.rounds}: tills ask, phones scan and sign`);
    const ready = await prepare(crowd, round);
    tell(`round ${round} of ${scale.rounds}: measuring`);
    const echoes = Array.from({ length: scale.echoes }, () => ready).flat();
    const echoed = await takeRound(echo, echoes, scale.clients);
    const paid = await takeRound(payments, ready, scale.clients);
    taken.told.push(...ready.map((one, at) => toldOf(one, paid.load.answers[at])));
    if (round === 0) continue;
    taken.echo.push(echoed);
    taken.payments.push(paid);
  }
  return taken;
}

const PAYMENTS_PATH = "/v1/payments";
/** What a server still does after its last answer (views, clean-up) is part of the price. */
const SETTLE_MS = 200;

/** The same bytes for either server, but for its name. */
async function takeRound(child: Child, list: readonly Ready[], clients: number): Promise<Round> {
  const requests = list.map(({ body, idempotencyKey }) =>
    postBytes(child.url, PAYMENTS_PATH, { "idempotency-key": idempotencyKey }, body),
  );
  const before = child.cpuMicros();
  const own = process.cpuUsage();
  const load = await drive(child.url, requests, clients);
  const { user, system } = process.cpuUsage(own);
  await Bun.sleep(SETTLE_MS);
  const after = child.cpuMicros();
  const cpuMicros = before === undefined || after === undefined ? undefined : after - before;
  return { load, cpuMicros, driverMicros: user + system };
}

function toldOf({ requestId, amountCents }: Ready, answer: Answer | undefined): Told {
  const { status, body } = present(answer, "an answer per approval");
  if (status === 0) return { requestId, amountCents, outcome: { kind: "unanswered" } };
  if (status !== 200) {
    const { code } = JSON.parse(body) as { code: string };
    return { requestId, amountCents, outcome: { kind: "refused", code } };
  }
  const { id: paymentId, receipt } = JSON.parse(body) as Payment;
  const approved = { requestId: receipt.payment_request, amountCents: receipt.amount.amount };
  return { requestId, amountCents, outcome: { kind: "acknowledged", paymentId, ...approved } };
}

/** The exactly-once check, and the one that `seqr doctor` makes. */
function verdictOn(told: readonly Told[], file: string): OnceVerdict {
  const reader = new SqliteLogReader(file);
  try {
    const verdict = checkExactlyOnce(told, eventsOf(reader));
    const { fault } = checkLog(reader, actorsOf(DEFAULT_POLICY));
    return fault === undefined ? verdict : { ...verdict, faults: [...verdict.faults, fault] };
  } finally {
    reader.close();
  }
}

function* eventsOf(reader: SqliteLogReader) {
  for (const { event } of reader.events()) yield event;
}

function figuresOf(rounds: readonly Round[]): Figures {
  const total = (all: readonly number[]): number => all.reduce((sum, one) => sum + one, 0);
  const requests = total(rounds.map(({ load }) => successes(load)));
  const cpu = rounds.flatMap(({ cpuMicros }) => cpuMicros ?? []);
  const isTold = cpu.length === rounds.length;
  return {
    perSecond: median(rounds.map(({ load }) => (successes(load) * 1_000) / load.elapsedMs)),
    p50Ms: median(rounds.map(({ load }) => quantile([...load.latenciesMs], 0.5))),
    p99Ms: median(rounds.map(({ load }) => quantile([...load.latenciesMs], 0.99))),
    cpuMicros: isTold ? total(cpu) / requests : undefined,
    driverMicros: total(rounds.map(({ driverMicros }) => driverMicros)) / requests,
    requests,
  };
}

/** Only what succeeded counts. */
function successes({ answers }: Load): number {
  return answers.filter(({ status }) => status === 200).length;
}
