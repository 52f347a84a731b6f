/** Which stage a sample belongs to, what it counts for, and a small run with the real ones. */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { AssertionFailed } from "../../actors/assert.ts";
import { budgetOf, type CpuProfile, measureProfile } from "../../bench/profile.ts";
import { render } from "../../bench/profile-report.ts";

const ROOT = join(import.meta.dir, "../..");

/** A stack is a chain of nodes; `file` is empty for what is built in. */
function node(id: number, functionName: string, file: string, children: readonly number[] = []) {
  const url = file === "" ? "" : `file://${ROOT}/${file}`;
  return { id, callFrame: { functionName, url }, children };
}

/**
 * root -> letIn (front door) -> pay -> stringify (built in)
 *                                   -> decide (actors) -> map (built in)
 *      -> commit -> run (built in), #write -> run (built in)
 */
const PROFILE: CpuProfile = {
  nodes: [
    node(1, "(root)", "", [2, 7]),
    node(2, "#letIn", "src/switch.ts", [3]),
    node(3, "pay", "src/http/payments.ts", [4, 5]),
    node(4, "stringify", ""),
    node(5, "decide", "actors/account.ts", [6]),
    node(6, "map", ""),
    node(7, "commit", "src/storage/sqlite/event-log.ts", [8, 9]),
    node(8, "run", ""),
    node(9, "#write", "src/storage/sqlite/event-log.ts", [10]),
    node(10, "run", ""),
  ],
  startTime: 1_000_000,
  // The thread slept before the fourth: one sample stands for one interval all the same.
  timeDeltas: [1_000, 1_000, 1_000, 900_000, 1_000, 1_000, 1_000],
  samples: [4, 6, 8, 10, 10, 1, 3],
};
const ALL = [{ from: 0, until: 9e9 }];

function stagesOf(windows: readonly { from: number; until: number }[], payments = 1) {
  const { stages } = budgetOf(PROFILE, windows, payments);
  return Object.fromEntries(stages.filter(([, micros]) => micros > 0));
}

describe("a budget", () => {
  test("gives a sample to the innermost function that has a stage", () => {
    expect(stagesOf(ALL)).toEqual({
      "routes and answers": 2_000,
      decisions: 1_000,
      "commit and flush": 1_000,
      "rows of the log": 2_000,
      "the engine": 1_000,
    });
  });

  test("counts samples within the windows only, per payment", () => {
    // The first three are of 1.001 to 1.003 s, the others come 0.9 s later.
    const windows = [
      { from: 0, until: 1_001_500 },
      { from: 1_903_500, until: 1_905_500 },
    ];
    expect(stagesOf(windows, 2)).toEqual({
      "routes and answers": 500,
      "rows of the log": 500,
      "the engine": 500,
    });
  });

  test("names the functions in which the thread was found most often", () => {
    const { hottest, threadMicros } = budgetOf(PROFILE, ALL, 1);
    expect(hottest[0]).toEqual(["run, built in", 3_000]);
    expect(hottest).toContainEqual(["pay, src/http/payments.ts", 1_000]);
    expect(threadMicros).toBe(7_000);
  });

  test("of no payments is a bug", () => {
    expect(() => budgetOf(PROFILE, ALL, 0)).toThrow(AssertionFailed);
  });
});

test("a small run tells the stages of real approvals", async () => {
  const scale = { customers: 60, approvals: 60, rounds: 2, clients: 16, everyMicros: 100 };
  const report = await measureProfile(scale, () => {});
  expect(report.payments).toBe(120);
  const micros = new Map(report.stages);
  // Whatever this machine does, an approval is decided, checked and written.
  for (const stage of ["cryptography", "commit and flush", "turns"]) {
    expect(micros.get(stage), stage).toBeGreaterThan(0);
  }
  const sum = report.stages.reduce((total, [, one]) => total + one, 0);
  expect(sum).toBeCloseTo(report.threadMicros, 3);
  expect(render(report)).toContain("main thread, by stage");
}, 60_000);
