/** The soak itself, on a scale that proves its parts and measures nothing. */
import { describe, expect, test } from "bun:test";
import { measureSoak, memoryRatio } from "../../bench/soak.ts";
import { holds, render } from "../../bench/soak-report.ts";

test("a short soak ends with every visit paid exactly once", async () => {
  const scale = { minutes: 0.02, customers: 64, visits: 12, clients: 4, sampleMs: 50 };
  const report = await measureSoak(scale, () => {});
  const { verdict, visits, samples } = report;
  // Half of the visits warm up, all of them measure, and then come those of the soak.
  expect(verdict).toMatchObject({ acknowledged: 6 + 12 + visits, refused: 0, faults: [] });
  expect(report.offeredPerSecond * 2).toBeCloseTo(report.saturation);
  expect(report.p99Ms).toBeGreaterThanOrEqual(report.p50Ms);
  if (process.platform === "linux") expect(samples.length).toBeGreaterThan(0);
  expect(render(report)).toContain("visits: exactly once: yes (");
  expect(holds(report)).toBe(true);

  expect(render({ ...report, memoryRatio: 1.3 })).toContain("of the second: too short to tell");
  const long = { ...report, scale: { ...scale, minutes: 10 }, memoryRatio: 1.3 };
  expect(render(long)).toContain("last fifth 1.30 of the second: NOT flat");
  expect(holds(long)).toBe(false);
  expect(holds({ ...long, memoryRatio: 1.02 })).toBe(true);
  expect(holds({ ...long, memoryRatio: undefined })).toBe(false);
  const faulty = { ...report, verdict: { ...verdict, faults: ["pay_1: lost"] } };
  expect(holds(faulty)).toBe(false);
}, 60_000);

describe("memory over time", () => {
  const grown = (bytesAt: (at: number) => number) =>
    memoryRatio(
      Array.from({ length: 50 }, (_, at) => ({ atMs: at * 1_000, residentBytes: bytesAt(at) })),
    );

  test("that rises shows, and a warm-up does not", () => {
    expect(grown((at) => 100 + at)).toBeCloseTo((100 + 44.5) / (100 + 14.5));
    expect(grown((at) => (at < 10 ? at : 100))).toBe(1);
  });

  test("of a few samples is not told", () => {
    expect(memoryRatio([{ atMs: 0, residentBytes: 1 }])).toBeUndefined();
  });
});
