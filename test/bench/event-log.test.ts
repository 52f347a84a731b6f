/** The benchmark itself, on a scale that proves its parts and measures nothing. */
import { expect, test } from "bun:test";
import { measureEventLog } from "../../bench/event-log.ts";
import { holds, render } from "../../bench/event-log-report.ts";
import { findPostgres, NO_POSTGRES } from "../../bench/postgres.ts";

test("a small run ends with every payment made exactly once", async () => {
  const scale = {
    customers: 40,
    lanes: 16,
    rounds: 1,
    inFlight: [1, 64],
    transfers: [5, 20] as const,
    seconds: 1,
  };
  const told: string[] = [];
  const report = await measureEventLog(scale, (text) => told.push(text));
  const names = report.standings.map(({ name, operations }) => [name, operations]);
  expect(names.slice(0, 6)).toEqual([
    ["core, 1 in flight", 2],
    ["core, 1 in flight, to lanes of one merchant", 2],
    ["core, 64 in flight", 16],
    ["core, 64 in flight, to lanes of one merchant", 16],
    ["SQLite, one in a transaction", 5],
    ["SQLite, 1000 in a transaction", 20],
  ]);
  // Two rounds, of which the first warms up: what it pays must be in the log as well.
  const counts = { acknowledged: 72, refused: 0, captured: 72, ledgerSum: 0, faults: [] };
  expect(report.verdict).toEqual(counts);
  expect(holds(report)).toBe(true);
  expect(holds({ ...report, others: ["SQLite: 1 entries of 2 transfers"] })).toBe(false);
  expect(holds({ ...report, verdict: { ...counts, faults: ["pay_1: lost"] } })).toBe(false);
  expect(report.corePerSqlite).toBeGreaterThan(0);
  expect(report.disk.p99Ms).toBeGreaterThanOrEqual(report.disk.p50Ms);
  expect(told).toContain("round 1 of 1: core, 64 in flight");
  const text = render(report);
  expect(text).toContain("core: exactly once: yes (72 acknowledged, 72 in the log");
  if (findPostgres() === undefined) expect(text).toContain(NO_POSTGRES);
  else {
    expect(report.corePerPostgres).toBeGreaterThan(0);
    expect(report.corePerBest?.ratio).toBeLessThanOrEqual(report.corePerPostgres ?? 0);
    expect(report.standings.map(({ name }) => name)).toContain("PostgreSQL, 8 clients");
  }
  const without = { ...report, corePerPostgres: undefined, corePerBest: undefined };
  expect(render(without)).toContain(NO_POSTGRES);
  const beside = { ...without, corePerPostgres: 5, corePerBest: { clients: 8, ratio: 4 } };
  expect(render(beside)).toContain("PostgreSQL, 32 clients: 5.0; per its best, 8 clients: 4.0");
}, 60_000);
