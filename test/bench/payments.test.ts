/** The benchmark itself, on a scale that proves its parts and measures nothing. */
import { expect, test } from "bun:test";
import { ENTRIES, measurePayments } from "../../bench/payments.ts";
import { holds, render } from "../../bench/payments-report.ts";

test("a small run ends with every payment made exactly once", async () => {
  const scale = { customers: 6, rounds: 2, clients: 3, echoes: 2 };
  const told: string[] = [];
  const report = await measurePayments(scale, ENTRIES.slice(0, 2), (text) => told.push(text));
  expect(report.entries.map(({ name, figures }) => [name, figures.requests])).toEqual([
    ["approvals, P-256", 12],
    ["approvals, Ed25519", 12],
  ]);
  for (const { verdict } of report.entries) {
    const counts = { acknowledged: 18, refused: 0, captured: 18, ledgerSum: 0, faults: [] };
    expect(verdict).toEqual(counts);
  }
  expect(report.echo.requests).toBe(24);
  expect(holds(report)).toBe(true);
  expect(told).toContain("approvals, Ed25519: customers 6 of 6");
  const text = render(report);
  expect(text).toContain("P-256: exactly once: yes (18 acknowledged, 18 in the log, 0 refused");
  expect(text).toMatch(/ratio: [0-9.]+ approvals per echo/);

  const spoil = (change: object) => ({
    ...report,
    entries: report.entries.map((entry, at) =>
      at === 1 ? { ...entry, verdict: { ...entry.verdict, ...change } } : entry,
    ),
  });
  const faulty = spoil({ faults: ["pay_1: lost"] });
  expect(holds(faulty)).toBe(false);
  expect(render(faulty)).toContain("Ed25519: exactly once: NO");
  expect(render(faulty)).toContain("pay_1: lost");
  expect(holds(spoil({ refused: 1 }))).toBe(false);
}, 60_000);
