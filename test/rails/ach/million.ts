/**
 * A file of a million entries is written, and read: `bun test/rails/ach/million.ts`. Then a million
 * returns are. It prints the time of each and the most memory that it took, in a process of its
 * own. The exit code is 1 when something is lost, or time or memory is beyond its limit.
 */
import { join } from "node:path";
import { cents } from "../../../actors/money.ts";
import type { AchEntry } from "../../../src/rails/ach/write-rules.ts";
import { type AchBatch, writeAch } from "../../../src/rails/ach/writer.ts";
import { temporaryFolder } from "../../commands/cli.ts";
import * as files from "./files.ts";
import { batch, entry, returnedBatch, returnedEntry } from "./files.ts";

const ENTRIES = 1_000_000;
/** Entries and addenda of a batch are counted in six columns. */
const ENTRIES_PER_BATCH = 50_000;
const SECONDS_MAX = 120;
const MEGABYTES_MAX = 250;

/** The words with which this program starts itself, so that each step takes its own process. */
const WRITE = "write";
const MAIN = join(import.meta.dir, "../../../src/main.ts");
type Make = "originated" | "returned";

function* batches(make: Make): Generator<AchBatch> {
  for (let from = 0; from < ENTRIES; from += ENTRIES_PER_BATCH) {
    yield make === "originated" ? batch(entries(make, from)) : returnedBatch(entries(make, from));
  }
}

function* entries(make: Make, from: number): Generator<AchEntry> {
  for (let at = from; at < from + ENTRIES_PER_BATCH; at++) {
    const amountCents = cents((at % 10_000) + 1);
    yield make === "originated"
      ? entry(at, { amountCents })
      : returnedEntry(at, [{}], { amountCents });
  }
}

async function write(make: Make, path: string): Promise<void> {
  const out = Bun.file(path).writer();
  for await (const chunk of writeAch(files.header, batches(make))) {
    out.write(chunk);
    await out.flush();
  }
  await out.end();
}

/** Runs a program to its end. A child's peak begins at its parent's: this one stays small. */
async function run(words: readonly string[]) {
  const start = performance.now();
  const child = Bun.spawn([process.execPath, ...words], { stdout: "pipe" });
  // The summary stands at the end; the listing before it is longer than the file.
  let said = "";
  for await (const chunk of child.stdout) {
    said = (said + Buffer.from(chunk).toString("latin1")).slice(-500);
  }
  const code = await child.exited;
  const seconds = Math.round((performance.now() - start) / 100) / 10;
  const megabytes = Math.round((child.resourceUsage()?.maxRSS ?? 0) / 2 ** 20);
  return { said, code, seconds, megabytes };
}

async function measure(make: Make, path: string): Promise<boolean> {
  const written = await run([import.meta.path, WRITE, make, path]);
  const words = make === "returned" ? ["--inbound"] : [];
  const listed = await run([MAIN, "ach", "read", path, ...words]);
  const size = Math.round(Bun.file(path).size / 1e6);
  const kept = make === "returned" ? `${ENTRIES} returns` : `${ENTRIES} entries`;
  process.stdout.write(
    `${make}: ${size} MB\n` +
      `  written ${written.seconds} s, at most ${written.megabytes} MB\n` +
      `  listed  ${listed.seconds} s, at most ${listed.megabytes} MB\n`,
  );
  const isWhole = written.code === 0 && listed.code === 0 && listed.said.includes(kept);
  const isSoon = written.seconds < SECONDS_MAX && listed.seconds < SECONDS_MAX;
  return isWhole && isSoon && Math.max(written.megabytes, listed.megabytes) < MEGABYTES_MAX;
}

async function main(): Promise<number> {
  const folder = temporaryFolder();
  try {
    const path = join(folder.path, "million.ach");
    const isGood = [await measure("originated", path), await measure("returned", path)];
    return isGood.every(Boolean) ? 0 : 1;
  } finally {
    folder.remove();
  }
}

const [, , word, make = "", path = ""] = process.argv;
if (word === WRITE) await write(make as Make, path);
else process.exitCode = await main();
