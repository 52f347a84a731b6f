/** A cluster of its own, where PostgreSQL is installed: every transfer is there, nothing stays. */
import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { Cluster, findPostgres, readPgbench } from "../../bench/postgres.ts";

const programs = findPostgres();

function foldersLeft(): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith("seqr-postgres-"));
}

async function plant(folder: string, sql: string): Promise<void> {
  const psql = [`${programs}/psql`, "-h", `${tmpdir()}/${folder}`, "-U", "seqr", "postgres"];
  const child = Bun.spawn([...psql, "-c", sql], { cwd: "/", stdout: "ignore" });
  expect(await child.exited).toBe(0);
}

describe.skipIf(programs === undefined)("a temporary cluster", () => {
  test("makes durable transfers, counts them, and leaves nothing", async () => {
    const before = foldersLeft();
    const cluster = await Cluster.start(programs ?? "", 100);
    const [folder = ""] = foldersLeft().filter((name) => !before.includes(name));
    try {
      const uniform = await cluster.transfer({ clients: 4, spread: "uniform", seconds: 1 });
      const hot = await cluster.transfer({ clients: 4, spread: "hot", seconds: 1 });
      for (const { operations, elapsedMs, driverMicros, p50Ms = 0, p99Ms } of [uniform, hot]) {
        expect(operations).toBeGreaterThan(0);
        // A second of pgbench, and no minute of anything.
        expect(elapsedMs).toBeGreaterThan(500);
        expect(elapsedMs).toBeLessThan(10_000);
        expect(driverMicros).toBeGreaterThan(0);
        expect(p50Ms).toBeGreaterThan(0);
        expect(p99Ms).toBeGreaterThanOrEqual(p50Ms);
      }
      if (process.platform === "linux") expect(uniform.cpuMicros).toBeGreaterThan(0);
      expect(await cluster.faults()).toEqual([]);
      await plant(folder, "INSERT INTO entries VALUES (gen_random_uuid(), 1, 2, 100)");
      await plant(folder, "UPDATE accounts SET balance_cents = balance_cents + 1 WHERE id = 1");
      const made = uniform.operations + hot.operations;
      expect(await cluster.faults()).toEqual([
        `PostgreSQL: ${made + 1} entries of ${made} transfers`,
        "PostgreSQL: all accounts together are 1 cents, not 0",
      ]);
    } finally {
      await cluster.stop();
    }
    expect(existsSync(`${tmpdir()}/${folder}`)).toBe(false);
  }, 60_000);
});

const SAID = `transaction type: x.sql
number of transactions actually processed: 4321
number of failed transactions: 0 (0.000%)
latency average = 1.2 ms
tps = 1234.567 (without initial connection time)
`;

test("what pgbench prints is read", () => {
  expect(readPgbench(SAID)).toEqual({ transfers: 4_321, perSecond: 1_234.567 });
});

test("a failed transfer, or words that nobody expects, end the benchmark", () => {
  expect(() =>
    readPgbench(SAID.replace("failed transactions: 0", "failed transactions: 2")),
  ).toThrow("2 transfers failed");
  expect(() => readPgbench("pgbench: error")).toThrow("what pgbench prints");
});
