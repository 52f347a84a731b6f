import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { benchAll } from "../../bench/all.ts";
import type { BenchOptions } from "../../bench/output.ts";

test("one that cannot run is no reason to leave out the others", async () => {
  const seen: string[] = [];
  const benches = [
    ["a", () => Promise.reject(new Error("no room"))],
    ["b", () => Promise.resolve(seen.push("b") > 0)],
  ] as const;
  expect(await benchAll({ quick: true, json: false, save: false }, benches)).toBe(false);
  expect(seen).toEqual(["b"]);
});

test("all benchmarks run in turn, keep their figures, and share a folder", async () => {
  const seen: (readonly [string, BenchOptions, boolean])[] = [];
  const bench = (name: string, holds: boolean) =>
    [
      name,
      (options: BenchOptions) => {
        seen.push([name, options, existsSync(options.keepIn ?? "")]);
        return Promise.resolve(holds);
      },
    ] as const;
  const options = { quick: true, json: false, save: false };
  expect(await benchAll(options, [bench("a", false), bench("b", true)])).toBe(false);
  expect(await benchAll(options, [bench("c", true)])).toBe(true);
  expect(seen.map(([name]) => name)).toEqual(["a", "b", "c"]);
  for (const [, { quick, save, keepIn }, isThere] of seen) {
    expect([quick, save, isThere]).toEqual([true, true, true]);
    expect(existsSync(keepIn ?? "")).toBe(false);
  }
  expect(seen[0]?.[1].keepIn).toBe(seen[1]?.[1].keepIn);
});
