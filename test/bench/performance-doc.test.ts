/** The page says what the kept results say, and nothing where none are kept. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { eventLogCharts, growthCharts, paymentsCharts, soakCharts } from "../../bench/charts.ts";
import { PAGE, pageWith, readReports } from "../../bench/performance-doc.ts";
import { judge } from "../../bench/targets.ts";
import { REPORTS } from "./reports.ts";

const NONE = {
  payments: undefined,
  eventLog: undefined,
  growth: undefined,
  recovery: undefined,
  profile: undefined,
  soak: undefined,
};
const page = readFileSync(PAGE, "utf8");

describe("the page on performance", () => {
  test("holds the figures that are kept in bench/results", () => {
    expect(pageWith(page, readReports())).toBe(page);
  });

  test("says of what was not measured that it was not", () => {
    const text = pageWith(page, NONE);
    expect(text.match(/^Not yet measured: /gm)).toHaveLength(6);
    expect(text.match(/\| not yet measured \|$/gm)).toHaveLength(10);
    expect(text).not.toContain(".svg");
  });

  test("tells the figures of a run, with its machine, and shows its charts", () => {
    const text = pageWith(page, REPORTS);
    expect(text).not.toContain("ot yet measured");
    expect(text).toContain("seqr 0.1.0, 2026-01-02; CPU, 2 cores, linux x64, Bun 1.2.3, load 0.10");
    expect(text).toContain("| approvals, P-256, 64 clients | 1,000 | 4.0 | 9.0 | 500 |");
    expect(text).toContain("saturation 1,000 approvals per second, with 512 clients;");
    const half =
      "| half of saturation, Poisson | 8.0 | 500 | 0.50 | 2.0 | 6.0 | 8.0 | 700 | none |";
    expect(text).toContain(half);
    expect(text).toContain("| twice saturation, Poisson | 3.7 of 4.0 | 2,000 |");
    expect(text).toContain("| 1,000,000 | 110 | 1.10 | 1,000 | 200 | 70 | 4,000 | 180 |");
    expect(text).toContain("| the switch, after a stop | 1,000,000 | 4 | 1 |");
    expect(text).toContain("9.5 times PostgreSQL with 32 clients, 8.5 times its best, with 8.");
    expect(text).toContain("Times a bare start: 2.0 after a stop, 2.5 after a kill.");
    expect(text).toContain("| commit and flush | 300 | 75.0 % |");
    expect(text).toContain("Memory in the last fifth: 1.01 times that of the second.");
    const shown = [...text.matchAll(/results\/([a-z-]+)\.svg/g)].map(([, name]) => name);
    const { payments, eventLog, growth, soak } = REPORTS;
    const drawn = {
      ...paymentsCharts(payments),
      ...eventLogCharts(eventLog),
      ...growthCharts(growth),
      ...soakCharts(soak),
    };
    expect(shown.sort()).toEqual(Object.keys(drawn).sort());
    for (const svg of Object.values(drawn)) expect(svg).toContain("<circle");
    // Written twice it is the same.
    expect(pageWith(text, REPORTS)).toBe(text);
  });
});

describe("targets", () => {
  const verdicts = (reports: Parameters<typeof judge>[0]): readonly string[] =>
    judge(reports).map(({ verdict }) => verdict);

  test("are the floor, the stretch or neither", () => {
    expect(verdicts(REPORTS)).toEqual([
      "below the floor",
      "floor",
      "stretch",
      "floor",
      "stretch",
      "stretch",
      "stretch",
      "floor",
      "stretch",
      "floor",
    ]);
  });

  test("of a million are not reached by fewer", () => {
    const { growth, recovery } = REPORTS;
    const fewer = {
      ...REPORTS,
      growth: { ...growth, bySize: growth.bySize.slice(0, 1) },
      recovery: { ...recovery, payments: 999_999 },
    };
    expect(verdicts(fewer).slice(5, 8)).toEqual(new Array(3).fill("not yet measured"));
  });

  test("are missed by an overload that loses, turns away late or serves too few", () => {
    const { payments } = REPORTS;
    const last = (change: object, verdictChange: object = {}) =>
      verdicts({
        ...REPORTS,
        payments: {
          ...payments,
          open: {
            ...payments.open,
            loads: payments.open.loads.map((load) => ({ ...load, ...change })),
          },
          verdicts: payments.verdicts.map((one) => ({
            ...one,
            verdict: { ...one.verdict, ...verdictChange },
          })),
        },
      }).at(-1);
    expect(last({})).toBe("floor");
    expect(last({ peakBytes: 105e6 })).toBe("stretch");
    expect(last({ acceptedShare: 0.89 })).toBe("below the floor");
    expect(last({ refusalP99Ms: 51 })).toBe("below the floor");
    expect(last({}, { faults: ["pay_1: lost"] })).toBe("below the floor");
    expect(last({ peakBytes: undefined })).toBe("floor");
    // Nobody was refused, though not all were served in time: that is an overload.
    const patient = { refusals: {}, refusalP99Ms: undefined };
    expect(last(patient)).toBe("floor");
    expect(last({ ...patient, acceptedShare: 0.89 })).toBe("below the floor");
    const served = { ...patient, acceptedPerSecond: 1_990, acceptedShare: 1.99 };
    expect(last(served)).toBe("not overloaded");
    expect(last({ ...served, refusalP99Ms: 1 })).toBe("floor");
    expect(last(served, { faults: ["pay_1: lost"] })).toBe("below the floor");
  });
});
