/** The benchmark itself, on a scale that proves its parts and measures nothing. */
import { afterEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MeasuredSwitch } from "../../bench/measured-switch.ts";
import { ENTRIES, measurePayments } from "../../bench/payments.ts";
import { HALF_POISSON, measureOpen, TWICE_POISSON } from "../../bench/payments-open.ts";
import { faultsOf, holds, render } from "../../bench/payments-report.ts";
import { findPostgres, NO_POSTGRES } from "../../bench/postgres.ts";
import { REPORTS } from "./reports.ts";

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
    open: { rounds: 1, halfSeconds: 0.1, twiceSeconds: 10 },
  };
  const told: string[] = [];
  const report = await measurePayments(scale, ENTRIES.slice(0, 2), (text) => told.push(text));
  expect(report.standings.slice(0, 5).map(({ name, operations }) => [name, operations])).toEqual([
    ["echo, the runtime alone, 3 clients", 16],
    ["echo, Hono and zod, 3 clients", 16],
    ["approvals, P-256, 3 clients", 8],
    ["approvals, P-256, 2 clients", 8],
    ["approvals, Ed25519, 3 clients", 8],
  ]);
  const { open, kill, verdicts, ratios } = report;
  const rates = report.standings.slice(2, 4).map(({ perSecond }) => perSecond);
  expect(open.saturation.perSecond).toBeGreaterThan(0);
  expect(open.saturation.clients).toBe([3, 2][rates.indexOf(Math.max(...rates))] ?? 0);
  const shares = [0.5, 0.5, 2];
  for (const [at, { offeredPerSecond, seconds, cpuMicros }] of open.loads.entries()) {
    expect(offeredPerSecond / open.saturation.perSecond).toBeCloseTo(shares[at] ?? 0);
    // Forty customers pay once each.
    expect(Math.round(offeredPerSecond * seconds)).toBeLessThanOrEqual(40);
    if (cpuMicros !== undefined) expect(cpuMicros).toBeGreaterThan(0);
  }
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
  expect(text).toContain("twice saturation, Poisson:\nrefused *: none\n");
  expect(text).toMatch(/twice saturation, Poisson +[0-9.]+ of 10/);
  expect(text).not.toContain("NOT as it must be");
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

  expect(holds({ ...report, others: ["PostgreSQL: 1 entries of 2 transfers"] })).toBe(false);
}, 120_000);

describe("an answer planted in an open loop of a real switch", () => {
  const stops: (() => unknown)[] = [];
  afterEach(async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
  });

  /** Forty customers, each once: at half, at half again, and at twice. */
  const SATURATION = { perSecond: 40, clients: 2 };
  const SCALE = { rounds: 1, halfSeconds: 60, twiceSeconds: 60 };
  const [AT_HALF, AT_TWICE] = [3, 100];
  const unknown = { money_taken: "unknown" };
  const busy = [503, { code: "fault_busy", ...unknown }] as const;
  const broken = [500, { code: "internal_error", ...unknown }] as const;
  const wrong = [409, { code: "limit_exceeded", money_taken: "no" }] as const;

  /** Passes calls on, and answers the one of that number by itself. */
  function planting(upstream: string, number: number, status: number, body: object): string {
    let calls = 0;
    const server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      async fetch(request) {
        const { url, method, headers } = request;
        const sent = await request.text();
        if (++calls === number) return Response.json(body, { status });
        const { pathname } = new URL(url);
        const answer = await fetch(`${upstream}${pathname}`, { method, headers, body: sent });
        return new Response(await answer.text(), { status: answer.status });
      },
    });
    stops.push(() => server.stop(true));
    return `http://127.0.0.1:${server.port}`;
  }

  const seen = (stage: string, code: string): string => `${stage}: 1 ${code}, who had to be served`;
  const tooMany = "1 refused in all, 0 of them where they may be";
  const [half, twice] = [HALF_POISSON, TWICE_POISSON];

  test.each([
    ["busy, at twice saturation", AT_TWICE, busy, []],
    ["busy, at half", AT_HALF, busy, [seen(half, "fault_busy"), tooMany]],
    ["broken, and paid when asked again", AT_HALF, broken, [seen(half, "internal_error")]],
    ["broken, at twice saturation", AT_TWICE, broken, [seen(twice, "internal_error")]],
    ["wrong", AT_TWICE, wrong, [seen(twice, "limit_exceeded"), tooMany]],
  ])(
    "is a fault, or none: %s",
    async (_, number, [status, body], expected) => {
      const folder = mkdtempSync(join(tmpdir(), "seqr-test-"));
      stops.push(() => rmSync(folder, { recursive: true, force: true }));
      const [entry] = ENTRIES;
      const one = await MeasuredSwitch.open(entry, join(folder, "data"), 40, () => {});
      stops.push(() => one.kill());
      const url = planting(one.url, number, status, body);
      Object.defineProperty(one, "url", { value: url });
      const open = await measureOpen(one, folder, SATURATION, SCALE, () => {});
      const verdicts = [{ name: entry.name, verdict: await one.verdict() }];
      const report = { ...REPORTS.payments, open, verdicts };
      expect(verdicts[0]?.verdict.faults).toEqual([]);
      expect(faultsOf(report)).toEqual(expected);
      expect(holds(report)).toBe(expected.length === 0);
      for (const fault of expected) expect(render(report)).toContain(fault);
    },
    60_000,
  );
});
