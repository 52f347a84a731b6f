/** Who takes turns when, what is counted, and that rounds are compared with themselves. */
import { describe, expect, test } from "bun:test";
import { AssertionFailed } from "../../actors/assert.ts";
import { type Contender, type Turn, takeRounds } from "../../bench/rounds.ts";
import { settled } from "../failure.ts";

const silent = (): void => {};

/** Does ten operations in as many milliseconds as the list says, round 0 first. */
function scripted(name: string, elapsedMs: readonly number[], more: Partial<Turn> = {}): Contender {
  return {
    name,
    take: (round) =>
      Promise.resolve({
        operations: 10,
        elapsedMs: elapsedMs[round] ?? 0,
        cpuMicros: (elapsedMs[round] ?? 0) * 100,
        ...more,
      }),
  };
}

describe("rounds", () => {
  test("let everybody have a turn in each, there and back again, after a warm-up", async () => {
    const told: string[] = [];
    const all = ["a", "b"].map((name) => scripted(name, [1, 1, 1]));
    const standings = await takeRounds(all, 2, (text) => told.push(text));
    expect(told).toEqual([
      "round 0 of 2: a",
      "round 0 of 2: b",
      "round 1 of 2: b",
      "round 1 of 2: a",
      "round 2 of 2: a",
      "round 2 of 2: b",
    ]);
    expect(standings.all.map(({ name, operations }) => [name, operations])).toEqual([
      ["a", 20],
      ["b", 20],
    ]);
  });

  test("give medians that the warm-up is no part of", async () => {
    const told = { p50Ms: 2, p99Ms: 3, driverMicros: 50 };
    const contender = scripted("a", [9_999, 5, 1, 3], told);
    const standings = await takeRounds([contender], 3, silent);
    expect(standings.of("a")).toEqual({
      name: "a",
      perSecond: 10_000 / 3,
      cpuMicros: 30,
      driverMicros: 5,
      p50Ms: 2,
      p99Ms: 3,
      operations: 30,
    });
  });

  test("are compared turn by turn: a slow machine changes no ratio", async () => {
    const standings = await takeRounds(
      [scripted("a", [1, 1, 90, 3]), scripted("b", [1, 2, 180, 6])],
      3,
      silent,
    );
    expect(standings.ratio("a", "b")).toBe(2);
    expect(standings.ratio("b", "a")).toBe(0.5);
    expect(standings.cpuRatio("a", "b")).toBe(0.5);
  });

  test("tell no processor time where one of them has none", async () => {
    const silentOne = scripted("b", [1, 1], { cpuMicros: undefined });
    const standings = await takeRounds([scripted("a", [1, 1]), silentOne], 1, silent);
    const { cpuMicros, driverMicros, p50Ms, p99Ms } = standings.of("b");
    expect([cpuMicros, driverMicros, p50Ms, p99Ms]).toEqual(new Array(4).fill(undefined));
    expect(standings.cpuRatio("a", "b")).toBeUndefined();
  });

  test("have no two of the same name, and no turn in which nothing was done", async () => {
    const twins = [scripted("a", [1, 1]), scripted("a", [1, 1])];
    expect(await settled(takeRounds(twins, 1, silent))).toThrow(AssertionFailed);
    const idle = scripted("a", [1, 1], { operations: 0 });
    expect(await settled(takeRounds([idle], 1, silent))).toThrow(AssertionFailed);
  });
});
