/** The benchmark itself, on a scale that proves its parts and measures nothing. */
import { expect, test } from "bun:test";
import { measurePayments } from "../../bench/payments.ts";
import { holds, render } from "../../bench/payments-report.ts";

test("a small run ends with every payment made exactly once", async () => {
  const scale = { customers: 6, rounds: 2, clients: 3, echoes: 2 };
  const told: string[] = [];
  const report = await measurePayments(scale, (text) => told.push(text));
  expect(report.verdict).toEqual({
    acknowledged: 18,
    refused: 0,
    captured: 18,
    ledgerSum: 0,
    faults: [],
  });
  expect([report.echo.requests, report.payments.requests]).toEqual([24, 12]);
  expect(holds(report)).toBe(true);
  expect(told).toContain("customers 6 of 6");
  const text = render(report);
  expect(text).toContain("exactly once: yes (18 acknowledged, 18 in the log, 0 refused");
  expect(text).toMatch(/ratio: [0-9.]+ approvals per echo/);

  const faulty = { ...report, verdict: { ...report.verdict, faults: ["pay_1: lost"] } };
  expect(holds(faulty)).toBe(false);
  expect(render(faulty)).toContain("exactly once: NO");
  expect(render(faulty)).toContain("pay_1: lost");
  expect(holds({ ...report, verdict: { ...report.verdict, refused: 1 } })).toBe(false);
}, 60_000);
