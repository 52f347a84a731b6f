/**
 * `seqr bench all`: the cryptographic core, and what tells of the switch next to others, one after
 * the other, with the figures kept.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { benchCrypto } from "./crypto-report.ts";
import { benchEventLog } from "./event-log-report.ts";
import { benchGrowth } from "./growth-report.ts";
import type { BenchOptions } from "./output.ts";
import { benchPayments } from "./payments-report.ts";
import { benchRecovery } from "./recovery-report.ts";

type Bench = (options: BenchOptions) => Promise<boolean>;

const BENCHES: readonly (readonly [string, Bench])[] = [
  ["crypto", (options) => benchCrypto(options)],
  ["event-log", benchEventLog],
  ["payments", benchPayments],
  ["growth", benchGrowth],
  // After growth, whose town it starts from.
  ["recovery", benchRecovery],
];

async function isHeld(bench: Bench, options: BenchOptions): Promise<boolean> {
  try {
    return await bench(options);
  } catch (error) {
    // A disk without room for one of them, say.
    process.stderr.write(`${error instanceof Error ? error.message : "failed"}\n`);
    return false;
  }
}

/** True when all of them hold; one that does not is no reason to leave out the others. */
export async function benchAll(
  options: BenchOptions,
  benches: readonly (readonly [string, Bench])[] = BENCHES,
): Promise<boolean> {
  const folder = options.keepIn ?? mkdtempSync(join(tmpdir(), "seqr-bench-"));
  const remove = (): void => {
    if (options.keepIn === undefined) rmSync(folder, { recursive: true, force: true });
  };
  process.on("exit", remove);
  let holds = true;
  try {
    for (const [name, bench] of benches) {
      process.stderr.write(`\n== ${name}\n`);
      holds = (await isHeld(bench, { ...options, save: true, keepIn: folder })) && holds;
    }
  } finally {
    process.off("exit", remove);
    remove();
  }
  return holds;
}
