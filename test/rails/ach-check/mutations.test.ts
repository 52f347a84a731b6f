import { describe, expect, test } from "bun:test";
import { checkAch } from "../../../src/rails/ach-check/check.ts";
import { ACH_RULES } from "../../../src/rails/ach-check/rules.ts";
import { bytesOf } from "./file-maker.ts";
import { GOOD } from "./good-files.ts";
import { GROWN } from "./grown-mutations.ts";
import { LISTED } from "./listed-mutations.ts";
import type { Mutation } from "./mutation.ts";
import { OUTSIDE } from "./outside-mutations.ts";

/** How many good files the mutation could be done to. */
function apply({ rule, beside = [], expectations, make }: Mutation): number {
  let done = 0;
  for (const [name, lines] of GOOD) {
    const mutated = make(lines);
    if (mutated === undefined) continue;
    done++;
    const { findings } = checkAch(bytesOf(mutated.lines, mutated.ending), expectations);
    const places = findings.map((one) => ({ name, ...one, message: "" }));
    expect(places).toContainEqual({ name, ...mutated.at, rule, message: "" });
    const others = findings.filter((one) => one.rule !== rule && !beside.includes(one.rule));
    expect([name, others]).toEqual([name, []]);
  }
  return done;
}

describe("each mutation of the design is found in every kind of file, by line and columns", () => {
  test("there are thirty-six", () => expect(LISTED.length).toBe(36));
  test.each(LISTED.map((mutation) => [mutation.what, mutation] as const))("%s", (_, mutation) => {
    expect(apply(mutation)).toBeGreaterThan(0);
  });
});

describe("so is what came later", () => {
  test.each([...GROWN, ...OUTSIDE].map((mutation) => [mutation.what, mutation] as const))(
    "%s",
    (_, mutation) => {
      expect(apply(mutation)).toBeGreaterThan(0);
    },
  );
});

test("every rule of the closed list has a mutation that breaks it", () => {
  const broken = new Set<string>([...LISTED, ...GROWN, ...OUTSIDE].map(({ rule }) => rule));
  // A file of that size is pushed in hostile.test.ts.
  broken.add("file_size");
  expect([...broken].sort()).toEqual(Object.keys(ACH_RULES).sort());
});
