/**
 * The suites: each is a function of the actor definitions, so that it can be given real ones, which
 * it must pass, and ones with a planted bug, which it must find.
 */
import fc from "fast-check";
import type { Engine } from "./engine.ts";
import { HostEngine, type Storage } from "./host-engine.ts";
import type { Rare, RareState } from "./rare.ts";
import { Run, type RunOptions } from "./run.ts";
import { SagaEngine } from "./saga-engine.ts";
import { hostSteps, type Step, sagaSteps } from "./steps.ts";
import { IN_MEMORY } from "./storages.ts";
import { actorsOf, type Definitions } from "./town.ts";
import type { WireOptions } from "./wire.ts";

const ACCOUNTS = 8;

export interface Variant extends WireOptions {
  /** Few cells: actors come back from the log all the time, and sends go through the outbox. */
  readonly cellsMax: number;
}

export const VARIANTS: readonly Variant[] = [
  { late: false, snapshots: true, cellsMax: 1_000 },
  { late: false, snapshots: false, cellsMax: 2 },
  { late: true, snapshots: true, cellsMax: 2 },
  { late: true, snapshots: true, cellsMax: 2 },
  { late: true, snapshots: false, cellsMax: 4 },
];

export interface HostSuite {
  readonly definitions: Definitions;
  readonly rare: Rare;
  readonly storage: () => Storage;
  /** Steps of one run, at most. */
  readonly length: number;
}

/** Runs the steps and says where the log ended. */
export async function runOnce(
  engine: Engine,
  { definitions, rare }: Pick<HostSuite, "definitions" | "rare">,
  steps: readonly Step[],
  options: RunOptions,
): Promise<string> {
  try {
    return await new Run(engine, actorsOf(definitions), rare, options).all(steps);
  } finally {
    engine.close();
  }
}

/** Real hosts, with restarts, crashes and late sends. */
export function hostProperty(suite: HostSuite) {
  const variant = fc.constantFrom(...VARIANTS);
  return fc.asyncProperty(variant, hostSteps(suite.length), async (options, steps) => {
    await runOnHost(suite, options, steps);
  });
}

/** I16: the same commands at the same times write the same log, to the last byte. */
export function twiceProperty(suite: HostSuite) {
  const variant = fc.constantFrom(...VARIANTS);
  return fc.asyncProperty(variant, hostSteps(suite.length), async (options, steps) => {
    const first = await runOnHost(suite, options, steps);
    const second = await runOnHost(suite, options, steps);
    if (first !== second) throw new Error(`I16: ${first} and ${second}`);
  });
}

function runOnHost(suite: HostSuite, variant: Variant, steps: readonly Step[]): Promise<string> {
  const options = { ...variant, storage: suite.storage() };
  const engine = new HostEngine(actorsOf(suite.definitions), options);
  return runOnce(engine, suite, steps, { accounts: ACCOUNTS, answersAtOnce: true });
}

export interface SagaSuite {
  readonly definitions: Definitions;
  readonly rare: Rare;
  readonly length: number;
}

/** Actors alone: letters and timers come late, doubled and in any order. */
export function sagaProperty(suite: SagaSuite) {
  return fc.asyncProperty(fc.boolean(), sagaSteps(suite.length), async (dedupe, steps) => {
    const engine = new SagaEngine(actorsOf(suite.definitions), suite.rare, { dedupe });
    await runOnce(engine, suite, steps, { accounts: ACCOUNTS, answersAtOnce: false });
  });
}

const CROWD = 50;

/** Fifty payers at the same moment, some of them twice, and a till that may change its mind. */
export function crowdProperty({ definitions, rare }: Pick<HostSuite, "definitions" | "rare">) {
  const everyone = Array.from({ length: CROWD }, (_, payer) => payer);
  const crowd = fc.record({
    payers: fc.shuffledSubarray(everyone, { minLength: CROWD }),
    till: fc.constantFrom("waits", "cancels", "updates", "opens another"),
    place: fc.nat(CROWD),
    lane: fc.nat(4),
    variant: fc.constantFrom(...VARIANTS),
  });
  return fc.asyncProperty(crowd, async ({ payers, till, place, lane, variant }) => {
    const steps: readonly Step[] = [
      { kind: "open", lane, amount: 1_234 },
      { kind: "race", lane, payers, till, place },
      { kind: "race", lane, payers: payers.slice(0, 9), till: "waits", place: 0 },
    ];
    const actors = actorsOf(definitions);
    const engine = new HostEngine(actors, { ...variant, storage: IN_MEMORY });
    // The last account of a town is not verified.
    const run = new Run(engine, actors, rare, { accounts: CROWD + 1, answersAtOnce: true });
    await run.all(steps);
    const captured = [...run.auditor.payments.values()].filter(
      ({ status, version }) => status === "captured" && version === 1,
    );
    const [first] = run.auditor.lane(`lane_${lane + 1}`).requests;
    const winners = captured.filter(({ requestId }) => requestId === first?.requestId);
    if (winners.length > 1) throw new Error("one request has one payer");
    if (till === "waits" && winners.length !== 1) throw new Error("somebody pays");
    rare.reach("fifty payers, one request");
    engine.close();
  });
}

/** States that a suite must have been in; the lists are what each kind of run can reach. */
export const HOST_STATES: readonly RareState[] = [
  "limit reached to the cent",
  "limit exceeded",
  "limit exceeded by one cent",
  "cap lowered below exposure",
  "too many holds",
  "superseded request approved",
  "version changed under an approval",
  "amount other than the request's",
  "expired between scan and approval",
  "request paid by another",
  "request forgotten by its lane",
  "cancel lost to a payment",
  "payment lost to a cancel",
  "scan extended a request",
  "scan at the longest time",
  "hold overdue, then captured",
  "hold overdue, then barred",
  "repeated approval while pending",
  "repeated approval after capture",
  "repeated approval after release",
  "repeated command under its id",
  "other command under a used id",
  "wrong device",
  "stale verdict",
  "counter ahead",
  "device cloned",
  "third wrong PIN",
  "wrong PINs forgiven",
  "blocked account approves",
  "captured while blocked",
  "identity not verified",
  "two phones of one account at once",
  "one request raced for by many",
  "restart with a hold pending",
  "crash before a commit",
  "crash after a commit, nobody told",
  "command repeated after a crash",
];

const HOST_ONLY: readonly RareState[] = [
  "restart with a hold pending",
  "crash before a commit",
  "crash after a commit, nobody told",
  "command repeated after a crash",
];

export const SAGA_STATES: readonly RareState[] = [
  ...HOST_STATES.filter((state) => !HOST_ONLY.includes(state)),
  "barred payment arrived late",
  "message delivered twice",
  "messages out of order",
  "timer fired late",
];
