/**
 * `seqr bench profile`: where the time of an approval goes on the main thread of the switch, by
 * stage. The runtime samples the stack of the thread every so often, also while it waits for the
 * disk; samples count only while approvals are under way, not while tills ask and phones scan.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, present } from "../actors/assert.ts";
import { MeasuredSwitch, type Window } from "./measured-switch.ts";
import { median } from "./stats.ts";
import { type Machine, thisMachine } from "./table.ts";

export interface ProfileScale {
  readonly customers: number;
  readonly approvals: number;
  readonly rounds: number;
  readonly clients: number;
  /** Between two samples; a small run needs more of them. */
  readonly everyMicros: number;
}

const USUAL = { clients: 64, everyMicros: 1_000 } as const;
export const FULL: ProfileScale = { ...USUAL, customers: 4_000, approvals: 4_000, rounds: 10 };
export const QUICK: ProfileScale = { ...USUAL, customers: 1_000, approvals: 1_000, rounds: 5 };

export interface ProfileReport {
  readonly machine: Machine;
  readonly scale: ProfileScale;
  readonly payments: number;
  /** Microseconds of the main thread per approval, by stage, in the order of an approval. */
  readonly stages: readonly (readonly [stage: string, micros: number])[];
  /** All of them together. */
  readonly threadMicros: number;
  /** Processor time of the whole process, helpers of the engine included. */
  readonly cpuMicros: number | undefined;
  /** The functions in which the thread was found most often, with all of their stages. */
  readonly hottest: readonly (readonly [name: string, micros: number])[];
}

/** What the runtime writes: the format of the DevTools protocol. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
    readonly children?: readonly number[];
  }[];
  /** Unix microseconds. */
  readonly startTime: number;
  readonly samples: readonly number[];
  /** Microseconds since the sample before. */
  readonly timeDeltas: readonly number[];
}

/** Which stage a frame belongs to: the innermost frame of a stack that one of these fits. */
type Rule = readonly [stage: string, file: RegExp, name?: RegExp];

// biome-ignore format: a table is read by its columns.
const RULES: readonly Rule[] = [
  ["body and shape", /http\/(strict-json|checked)|node_modules\/zod|zod-openapi|zod-validator/],
  ["cryptography", /^wasm\/|src\/http\/(signature-queue|device-keys|verified-codes|nonce)/],
  ["vault", /src\/vault|src\/storage\/sqlite\/(vault|data-key)/],
  ["idempotency", /src\/http\/once|src\/runtime\/once/],
  ["views", /src\/views|src\/runtime\/(view|feed)\.|src\/storage\/sqlite\/view/],
  ["decisions", /^actors\//],
  ["hash chain", /src\/runtime\/hash-chain/],
  ["rows of the log", /sqlite\/event-/, /^#(write|insert|note|move|remember|change|end|headOf)/],
  ["reading the log", /sqlite\/event-/, /^(load|recall|#back|history|read|seqOf)$/],
  ["commit and flush", /src\/storage\/sqlite/],
  ["group commit", /src\/runtime\/(commit-group|group-outcome|commit-plan)/],
  ["turns", /src\/runtime/],
  ["routes and answers", /src\/http|node_modules\/hono|node_modules\/@hono|src\/switch/],
];
/** The engine between our functions: collection of garbage, microtasks, sockets. */
const REST = "the engine";
const STAGES = [...RULES.map(([stage]) => stage), REST];
const HOTTEST_MAX = 15;

/** Runs the whole profile in a temporary directory, which is then removed; from source only. */
export async function measureProfile(
  scale: ProfileScale,
  tell: (text: string) => void,
): Promise<ProfileReport> {
  const machine = thisMachine();
  const folder = mkdtempSync(join(tmpdir(), "seqr-bench-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.on("exit", remove);
  const profile = { dir: join(folder, "profile"), everyMicros: scale.everyMicros };
  const entry = { name: "approvals, P-256", algorithm: "p256", profile } as const;
  const one = await MeasuredSwitch.open(entry, join(folder, "data"), scale.customers, tell);
  try {
    const windows: Window[] = [];
    let [payments, cpuMicros]: [number, number | undefined] = [0, 0];
    for (let round = 0; round <= scale.rounds; round++) {
      tell(`round ${round} of ${scale.rounds}`);
      const turn = await one.closedTurn(scale.approvals, scale.clients);
      if (round === 0) continue;
      windows.push(turn.window);
      payments += turn.operations;
      cpuMicros = sumTold(cpuMicros, turn.cpuMicros);
    }
    await one.stop();
    const [file] = readdirSync(profile.dir);
    const text = readFileSync(join(profile.dir, present(file, "a profile was written")), "utf8");
    return {
      machine,
      scale,
      payments,
      ...budgetOf(JSON.parse(text) as CpuProfile, windows, payments),
      cpuMicros: cpuMicros === undefined ? undefined : cpuMicros / payments,
    };
  } finally {
    await one.kill();
    process.off("exit", remove);
    remove();
  }
}

function sumTold(sum: number | undefined, more: number | undefined): number | undefined {
  return sum === undefined || more === undefined ? undefined : sum + more;
}

/** Microseconds per payment, by stage and by function, of the samples within the windows. */
export function budgetOf(
  profile: CpuProfile,
  windows: readonly Window[],
  payments: number,
): Pick<ProfileReport, "stages" | "threadMicros" | "hottest"> {
  assert(payments > 0, "there are payments to be counted per");
  const { nodes, samples, timeDeltas } = profile;
  const stageOf = stagesOf(nodes);
  const nameOf = new Map(nodes.map(({ id, callFrame }) => [id, functionName(callFrame)]));
  // While the thread is idle there are no samples: one stands for an interval, and no more.
  const interval = median(timeDeltas);
  const byStage = new Map<string, number>(STAGES.map((stage) => [stage, 0]));
  const byName = new Map<string, number>();
  let [at, all] = [profile.startTime, 0];
  for (const [n, id] of samples.entries()) {
    at += timeDeltas[n] ?? 0;
    if (!windows.some(({ from, until }) => from <= at && at < until)) continue;
    all++;
    add(byStage, stageOf.get(id) ?? REST);
    add(byName, nameOf.get(id) ?? "");
  }
  const perPayment = (count: number): number => (count * interval) / payments;
  const micros = ([name, count]: readonly [string, number]) => [name, perPayment(count)] as const;
  return {
    stages: [...byStage].map(micros),
    threadMicros: perPayment(all),
    hottest: [...byName]
      .sort(([, one], [, other]) => other - one)
      .slice(0, HOTTEST_MAX)
      .map(micros),
  };
}

/** The stage of every node: its own where a rule fits it, that of its caller otherwise. */
function stagesOf(nodes: CpuProfile["nodes"]): ReadonlyMap<number, string> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const stages = new Map<number, string>();
  const isCalled = new Set(nodes.flatMap(({ children = [] }) => children));
  const todo = nodes.filter(({ id }) => !isCalled.has(id)).map(({ id }) => ({ id, above: REST }));
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const node = present(byId.get(next.id), "a node that is named");
    const above = ruleFor(node.callFrame) ?? next.above;
    stages.set(node.id, above);
    for (const id of node.children ?? []) todo.push({ id, above });
  }
  return stages;
}

function ruleFor({ functionName, url }: CpuProfile["nodes"][number]["callFrame"]) {
  const file = pathOf(url);
  return RULES.find(([, path, name]) => path.test(file) && (name?.test(functionName) ?? true))?.[0];
}

const ROOT = join(import.meta.dir, "..");

/** Within the project; packages wherever they are kept. */
function pathOf(url: string): string {
  const path = url.replace(/^file:\/\//, "");
  const packages = path.lastIndexOf("node_modules/");
  if (packages >= 0) return path.slice(packages);
  return path.startsWith(`${ROOT}/`) ? path.slice(ROOT.length + 1) : path;
}

function functionName({ functionName: name, url }: CpuProfile["nodes"][number]["callFrame"]) {
  const file = pathOf(url);
  return file === "" ? `${name || "(anonymous)"}, built in` : `${name || "(anonymous)"}, ${file}`;
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
