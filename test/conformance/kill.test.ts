/** Processes that are killed with the data directory in their hands: kill -9, at any moment. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { present } from "../../actors/assert.ts";
import type { StoredEvent } from "../../src/runtime/event-log.ts";
import { refKey } from "../../src/runtime/event-log.ts";
import { SqliteEventLog } from "../../src/storage/sqlite/event-log.ts";
import { DirectoryOwned, takeOwnerLock } from "../../src/storage/sqlite/owner-lock.ts";
import { chainOf } from "./cases/chain.ts";
import { ALL } from "./commits.ts";

const SCRIPT = join(import.meta.dir, "pay-forever.ts");
let directory = "";

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "seqr-kill-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** A process that pays; `lines` is what it has printed so far. */
class Payer {
  readonly lines: string[] = [];
  readonly #process;
  readonly #reading: Promise<void>;

  constructor(life: number, ...fault: readonly string[]) {
    const command = [process.execPath, SCRIPT, directory, String(life), ...fault];
    this.#process = Bun.spawn(command, { stdout: "pipe", stderr: "inherit" });
    this.#reading = this.#read();
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const bytes of this.#process.stdout) {
      const parts = (rest + decoder.decode(bytes, { stream: true })).split("\n");
      rest = parts.pop() ?? "";
      this.lines.push(...parts);
    }
  }

  /** Waits until so many lines are printed. */
  async printed(count: number): Promise<void> {
    const deadlineMs = performance.now() + 20_000;
    while (this.lines.length < count) {
      expect(this.#process.exitCode).toBeNull();
      expect(performance.now()).toBeLessThan(deadlineMs);
      await Bun.sleep(1);
    }
  }

  /** Kills it, and gives the ids of all payments that it had acknowledged. */
  async kill(): Promise<readonly string[]> {
    this.#process.kill("SIGKILL");
    await this.#process.exited;
    await this.#reading;
    return this.lines.filter((line) => line.startsWith("paid ")).map((line) => line.slice(5));
  }
}

/** Every payment of the log by the kinds of its events, and every actor without a gap. */
function paymentsOf(events: readonly StoredEvent[]): Map<string, string[]> {
  const seqs = new Map<string, number>();
  const payments = new Map<string, string[]>();
  for (const [at, { position, ref, seq, kind, data }] of events.entries()) {
    const key = refKey(ref);
    expect(position).toBe(at + 1);
    expect(seq).toBe((seqs.get(key) ?? 0) + 1);
    seqs.set(key, seq);
    const { payment } = JSON.parse(data) as { payment?: string };
    if (payment !== undefined) payments.set(payment, [...(payments.get(payment) ?? []), kind]);
  }
  return payments;
}

describe("a process that is killed", () => {
  test("has lost nothing that it acknowledged, over five lives", async () => {
    const acknowledged: string[] = [];
    for (let life = 0; life < 5; life++) {
      const payer = new Payer(life);
      await payer.printed(40 + 37 * life);
      acknowledged.push(...(await payer.kill()));
    }
    expect(acknowledged.length).toBeGreaterThan(100);
    expect(new Set(acknowledged).size).toBe(acknowledged.length);
    const log = new SqliteEventLog(join(directory, "events.db"));
    const events = log.read(0, ALL);
    const payments = paymentsOf(events);
    for (const id of acknowledged) {
      // Once each, and whole: a payment is one commit here.
      expect(payments.get(id)).toEqual(["held", "paid", "captured"]);
      expect(present(log.recall(`pay/${id}`), "the remembered reply").reply).toBe(
        '{"kind":"paid"}',
      );
    }
    for (const kinds of payments.values()) expect(kinds).toEqual(["held", "paid", "captured"]);
    expect(log.head()).toEqual({ position: events.length, hash: chainOf(events) });
    log.close();
  }, 60_000);
});

describe("a process that acknowledges before it writes", () => {
  test("is found to have lost what it acknowledged", async () => {
    let lost = 0;
    for (let life = 0; life < 5 && lost === 0; life++) {
      const payer = new Payer(life, "careless");
      await payer.printed(200);
      const acknowledged = await payer.kill();
      const log = new SqliteEventLog(join(directory, "events.db"));
      const payments = paymentsOf(log.read(0, ALL));
      lost = acknowledged.filter((id) => !payments.has(id)).length;
      log.close();
    }
    expect(lost).toBeGreaterThan(0);
  }, 60_000);
});

describe("a data directory", () => {
  const lockFile = (): string => join(directory, "lock");

  test("has one owner, of this process too", () => {
    const lock = takeOwnerLock(lockFile());
    expect(() => takeOwnerLock(lockFile())).toThrow(DirectoryOwned);
    expect(() => takeOwnerLock(lockFile())).toThrow(DirectoryOwned);
    lock.release();
    takeOwnerLock(lockFile()).release();
  });

  test("is refused while another process owns it, and free when that is killed", async () => {
    const payer = new Payer(0);
    await payer.printed(1);
    for (let n = 0; n < 3; n++) expect(() => takeOwnerLock(lockFile())).toThrow(DirectoryOwned);
    // The refused did no harm to the owner.
    await payer.printed(20);
    await payer.kill();
    takeOwnerLock(lockFile()).release();
  }, 60_000);

  test("is refused to a second process, which ends by itself", async () => {
    const lock = takeOwnerLock(lockFile());
    const command = [process.execPath, SCRIPT, directory, "0"];
    const second = Bun.spawn(command, { stdout: "pipe", stderr: "pipe" });
    expect(await second.exited).not.toBe(0);
    expect(await new Response(second.stderr).text()).toContain("DirectoryOwned");
    lock.release();
  }, 60_000);
});
