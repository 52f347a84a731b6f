/**
 * `bun bench/vault.ts`: PIN keys opened from the vault's file, as every approval does it: of rows
 * of version 1 (under the key-encryption key itself), of version 2 with the data key in the cache,
 * and of version 2 with a data key that has to be unwrapped first. Interleaved in one process.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, present } from "../actors/assert.ts";
import { SqliteDataKeyRows } from "../src/storage/sqlite/data-key-rows.ts";
import { SqliteVaultRows } from "../src/storage/sqlite/vault-rows.ts";
import { DataKeys } from "../src/vault/data-keys.ts";
import { KeyRing, makeKeyFile } from "../src/vault/key-ring.ts";
import { sealBytes } from "../src/vault/seal.ts";
import { type SealedRow, SealedRows } from "../src/vault/sealed-rows.ts";
import { median, quantile } from "./stats.ts";
import { machineLine, table, thisMachine, whole } from "./table.ts";

const PERSONS = 50_000;
const ROUNDS = 41;
const OPENS = 2_000;

interface Job {
  readonly name: string;
  readonly vault: SealedRows;
  readonly tokens: readonly string[];
  /** Microseconds for each opening, one figure a round. */
  readonly samples: number[];
}

const machine = thisMachine();
const folder = mkdtempSync(join(tmpdir(), "seqr-bench-vault-"));
try {
  measure(prepare(folder));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function owner(at: number): string {
  return `acc_${String(at).padStart(26, "0")}`;
}

/** Fifty thousand persons with a PIN key each, in both versions. */
function prepare(into: string): readonly Job[] {
  const keys = new KeyRing(makeKeyFile());
  const rows = new SqliteVaultRows(join(into, "vault.db"));
  const keyRows = new SqliteDataKeyRows(join(into, "data-keys.db"));
  const { id: kekId, key } = keys.currentKek;
  const dataKeys = new DataKeys(keys, keyRows, PERSONS);
  const vault = new SealedRows(dataKeys, rows, keys, () => undefined);
  const persons = Array.from({ length: PERSONS }, (_, at) => owner(at));
  rows.insert(
    persons.map((who): SealedRow => {
      const token = `pt_${who}`;
      const bound = `pin-key\n${token}\n${who}\n${kekId}`;
      const sealed = sealBytes(key.expose(), new Uint8Array(32), bound);
      return { version: 1, token, kind: "pin-key", owner: who, kekId, sealed };
    }),
  );
  const fresh = vault.put(
    persons.map((who) => ({ kind: "pin-key" as const, owner: who, bytes: new Uint8Array(32) })),
  );
  const uncached = new SealedRows(new DataKeys(keys, keyRows, 1), rows, keys, () => undefined);
  const old = persons.map((who) => `pt_${who}`);
  return [
    { name: "version 1, under the key-encryption key", vault, tokens: old, samples: [] },
    { name: "version 2, data key in the cache", vault, tokens: fresh, samples: [] },
    { name: "version 2, data key unwrapped", vault: uncached, tokens: fresh, samples: [] },
  ];
}

function measure(jobs: readonly Job[]): void {
  for (let round = 0; round < ROUNDS; round++) {
    for (const job of jobs) job.samples.push(sample(job, round));
  }
  const [before] = jobs;
  const base = median(present(before, "the first job").samples.slice(1));
  const lines = jobs.map(({ name, samples: [, ...samples] }) => {
    const middle = median(samples);
    const figures = [whole(1e6 / middle), middle.toFixed(1), quantile(samples, 0.99).toFixed(1)];
    return [name, ...figures, (middle - base).toFixed(1)];
  });
  process.stdout.write(`${machineLine(machine)}\n\n`);
  process.stdout.write(table([["opening a PIN key", "/s", "us", "p99 us", "more us"], ...lines]));
}

/** Payers in no order that any cache would like. */
function sample({ vault, tokens }: Job, round: number): number {
  const startedMs = performance.now();
  for (let at = 0; at < OPENS; at++) {
    const who = (round * OPENS + at * 7_919) % PERSONS;
    const key = vault.open(present(tokens[who], "a token"), "pin-key", owner(who));
    assert(key?.length === 32, "a PIN key has 32 bytes");
  }
  return ((performance.now() - startedMs) * 1_000) / OPENS;
}
