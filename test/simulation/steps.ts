/**
 * What happens in a run, as a list that is made before it begins: each step has a chance of its
 * own, so a step that is left out leaves the others what they were. A run has a temper: of some
 * kinds it has many, of some none.
 */
import type { Random } from "../crash/random.ts";
import { streamOf } from "./streams.ts";

const WEIGHTS = {
  sale: 30,
  crowd: 4,
  refund: 6,
  "next run": 22,
  days: 4,
  weather: 4,
  "bank line": 3,
  mishap: 6,
  trap: 8,
  crash: 4,
  restart: 2,
  "disk full": 2,
  "log fails": 2,
  repeat: 5,
  "other body": 1,
  block: 3,
  lift: 4,
  cap: 2,
  "shop's bank": 2,
  "pay by hand": 3,
  "write off": 2,
  "allow retry": 2,
  dispute: 5,
  "bank account": 2,
  telephone: 3,
  newcomer: 2,
  leave: 3,
  "come again": 4,
  "cut-off": 2,
  "no SMS": 1,
  audit: 4,
  "lose views": 1,
  reverse: 3,
} as const;

export type StepKind = keyof typeof WEIGHTS;

export interface Step {
  readonly kind: StepKind;
  /** From 0: where it stood when the list was made. */
  readonly number: number;
}

export const STEP_KINDS = Object.keys(WEIGHTS) as readonly StepKind[];
/** Without these a run has nothing to check. */
const ALWAYS: readonly StepKind[] = ["sale", "next run"];

const STEPS_MIN = 30;
const STEPS_MAX = 70;

/** All the steps of a seed. */
export function stepsOfSeed(seed: number): readonly Step[] {
  const random = streamOf(seed, "steps");
  const length = random.between(STEPS_MIN, STEPS_MAX);
  const weights = STEP_KINDS.map((kind) => {
    const isAlways = ALWAYS.includes(kind);
    const temper = isAlways ? 1 : random.pick([0, 1, 1, 2, 4]);
    return [kind, WEIGHTS[kind] * temper] as const;
  });
  const all = weights.reduce((sum, [, weight]) => sum + weight, 0);
  return Array.from({ length }, (_, number) => ({ kind: kindOf(random, weights, all), number }));
}

function kindOf(
  random: Random,
  weights: readonly (readonly [StepKind, number])[],
  all: number,
): StepKind {
  let left = random.next() * all;
  for (const [kind, weight] of weights) {
    left -= weight;
    if (left < 0) return kind;
  }
  return "sale";
}
