/**
 * `seqr bench payments`: approvals over HTTP with every check, durable before the reply, against a
 * bare Hono and zod echo of the same body, in turns within one run. Each server is a process of its
 * own; the driver is this one. Then the event log is read: every payment exactly once.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { present } from "../actors/assert.ts";
import { Caller } from "../src/client/call.ts";
import { Desk } from "../src/client/desk.ts";
import type { Payment } from "../src/client/shapes.ts";
import { addOperator, dataFiles, initialise, readKeys } from "../src/data-directory.ts";
import type { CoreName } from "../wasm/core.ts";
import type { DeviceAlgorithm } from "../wasm/device-key.ts";
import { type Child, startChild } from "./child.ts";
import { type Answer, postBytes } from "./connection.ts";
import { type Crowd, gather, prepare, type Ready } from "./crowd.ts";
import type { OnceVerdict, Told } from "./exactly-once.ts";
import { drive, type Load } from "./load.ts";
import { median, quantile } from "./stats.ts";
import { type Machine, thisMachine } from "./table.ts";
import { verdictOn } from "./verdict.ts";

export interface Scale {
  readonly customers: number;
  /** Measured rounds; one more of each kind comes before them and is not counted. */
  readonly rounds: number;
  readonly clients: number;
  /** Echoes per approval, so that a round of either takes about as long. */
  readonly echoes: number;
}

export const FULL: Scale = { customers: 2_000, rounds: 9, clients: 64, echoes: 8 };
export const QUICK: Scale = { customers: 320, rounds: 7, clients: 64, echoes: 8 };

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

/** A switch under measurement, with customers of its own. */
export interface Entry {
  readonly name: string;
  readonly algorithm: DeviceAlgorithm;
  readonly core?: CoreName;
}

/** The first is what phones with key hardware do; the others show what the core is worth. */
export const ENTRIES: readonly [Entry, ...Entry[]] = [
  { name: "approvals, P-256", algorithm: "p256" },
  { name: "approvals, Ed25519", algorithm: "ed25519" },
  { name: "approvals, Ed25519 by noble", algorithm: "ed25519", core: "reference" },
];

export interface PaymentsReport {
  readonly machine: Machine;
  readonly scale: Scale;
  readonly echo: Figures;
  readonly entries: readonly {
    readonly name: string;
    readonly figures: Figures;
    readonly verdict: OnceVerdict;
  }[];
}

interface Round {
  readonly load: Load;
  readonly cpuMicros: number | undefined;
  readonly driverMicros: number;
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
  const children: Child[] = [];
  try {
    const echo = await startChild("the echo server", ["bench", "echo-server"]);
    children.push(echo);
    const switches: Measured[] = [];
    for (const entry of entries) {
      const dataDir = join(folder, `${switches.length}`);
      const measured = await open(entry, dataDir, scale.customers, children, tell);
      switches.push(measured);
    }
    const echoed = await takeTurns(scale, echo, switches, tell);
    for (const child of children) await child.kill();
    tell("reading the event logs");
    return {
      machine,
      scale,
      echo: figuresOf(echoed),
      entries: switches.map(({ entry, rounds, told, dataDir }) => ({
        name: entry.name,
        figures: figuresOf(rounds),
        verdict: verdictOn(told, dataFiles(dataDir).events),
      })),
    };
  } finally {
    for (const child of children) await child.kill();
    process.off("exit", remove);
    remove();
  }
}

interface Measured {
  readonly entry: Entry;
  readonly dataDir: string;
  readonly child: Child;
  readonly crowd: Crowd;
  readonly rounds: Round[];
  readonly told: Told[];
}

async function open(
  entry: Entry,
  dataDir: string,
  customers: number,
  children: Child[],
  tell: (text: string) => void,
): Promise<Measured> {
  initialise(dataDir);
  const key = addOperator(dataDir, readKeys(dataDir), "bench", "sandbox");
  const words = ["serve", "--data", dataDir, "--port", "0", "--host", "127.0.0.1"];
  const settings = entry.core === undefined ? {} : { SEQR_CORE: entry.core };
  const child = await startChild("the switch", words, settings);
  children.push(child);
  const caller = new Caller(child.url);
  const desk = new Desk(caller, key);
  const crowd = await gather(caller, desk, customers, entry.algorithm, (done) =>
    tell(`${entry.name}: customers ${done} of ${customers}`),
  );
  return { entry, dataDir, child, crowd, rounds: [], told: [] };
}

/** Echo, then each switch, echo again ...; the first round of each only warms up. */
async function takeTurns(
  scale: Scale,
  echo: Child,
  switches: readonly Measured[],
  tell: (text: string) => void,
): Promise<readonly Round[]> {
  const echoed: Round[] = [];
  for (let round = 0; round <= scale.rounds; round++) {
    tell(`round ${round} of ${scale.rounds}: tills ask, phones scan and sign`);
    const ready: (readonly Ready[])[] = [];
    for (const { crowd } of switches) ready.push(await prepare(crowd, round));
    tell(`round ${round} of ${scale.rounds}: measuring`);
    const echoes = Array.from({ length: scale.echoes }, () => ready[0] ?? []).flat();
    const taken = await takeRound(echo, echoes, scale.clients);
    if (round > 0) echoed.push(taken);
    for (const [at, measured] of switches.entries()) {
      const list = ready[at] ?? [];
      const paid = await takeRound(measured.child, list, scale.clients);
      measured.told.push(...list.map((one, item) => toldOf(one, paid.load.answers[item])));
      if (round > 0) measured.rounds.push(paid);
    }
  }
  return echoed;
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
