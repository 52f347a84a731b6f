/** The benchmark itself, on a scale that proves its parts and measures nothing. */
import { expect, test } from "bun:test";
import { ENTRIES, measurePayments } from "../../bench/payments.ts";
import { HALF_POISSON, TWICE_POISSON } from "../../bench/payments-open.ts";
import { holds, render } from "../../bench/payments-report.ts";
import { findPostgres, NO_POSTGRES } from "../../bench/postgres.ts";

test("a small run ends with every payment made exactly once", async () => {
  const scale = {
    customers: 40,
    otherCustomers: 8,
    approvals: 8,
    rounds: 1,
    clients: 3,
    sweep: [2],
    echoes: 2,
    pgClients: [32],
    pgSeconds: 1,
    open: { rounds: 1, halfSeconds: 1, twiceSeconds: 0.2, paymentsMax: 32 },
  };
  const told: string[] = [];
  const report = await measurePayments(scale, ENTRIES.slice(0, 2), (text) => told.push(text));
  expect(report.standings.slice(0, 5).map(({ name, operations }) => [name, operations])).toEqual([
    ["echo, the runtime alone", 16],
    ["echo, Hono and zod", 16],
    ["approvals, P-256", 8],
    ["approvals, P-256, 2 clients", 8],
    ["approvals, Ed25519", 8],
  ]);
  const { open, kill, verdicts, ratios } = report;
  expect(open.loads.map(({ payments }) => payments > 0 && payments <= 32)).toEqual([
    true,
    true,
    true,
  ]);
  expect(open.loads.map(({ name }) => name)).toContain(HALF_POISSON);
  expect([kill.acknowledged, kill.awayMs > 0]).toEqual([kill.payments, true]);
  for (const { verdict } of verdicts) {
    expect(verdict.acknowledged).toBeGreaterThanOrEqual(16);
    const { acknowledged: captured } = verdict;
    expect(verdict).toEqual({
      acknowledged: captured,
      refused: 0,
      captured,
      ledgerSum: 0,
      faults: [],
    });
  }
  expect(ratios.perEcho).toBeGreaterThan(0);
  expect(holds(report)).toBe(true);
  expect(told).toContain("approvals, Ed25519: customers 8 of 8");
  const text = render(report);
  expect(text).toContain("P-256: exactly once: yes (");
  expect(text).toMatch(/ratio: [0-9.]+ approvals per echo/);
  expect(text).toContain("twice saturation, Poisson: refused: none");
  expect(text.includes(NO_POSTGRES)).toBe(findPostgres() === undefined);

  const spoil = (change: object) => ({
    ...report,
    verdicts: verdicts.map((one, at) =>
      at === 1 ? { ...one, verdict: { ...one.verdict, ...change } } : one,
    ),
  });
  const faulty = spoil({ faults: ["pay_1: lost"] });
  expect(holds(faulty)).toBe(false);
  expect(render(faulty)).toContain("Ed25519: exactly once: NO");
  expect(render(faulty)).toContain("pay_1: lost");
  expect(holds(spoil({ refused: 1 }))).toBe(false);
  expect(holds({ ...report, kill: { ...kill, acknowledged: kill.payments - 1 } })).toBe(false);

  // Who comes when twice as many come may be turned away, and nobody else.
  const withRefusals = (name: string) => ({
    ...spoil({ refused: 1 }),
    open: {
      ...open,
      loads: open.loads.map((load) =>
        load.name === name ? { ...load, refusals: { fault_busy: 1 }, refusalP99Ms: 2 } : load,
      ),
    },
  });
  expect(holds(withRefusals(TWICE_POISSON))).toBe(true);
  expect(holds(withRefusals(HALF_POISSON))).toBe(false);
  expect(render(withRefusals(TWICE_POISSON))).toContain("refused: 1 fault_busy, p99 2.0 ms");
}, 120_000);
