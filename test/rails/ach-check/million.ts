/**
 * A file of a million entries is made and checked: `bun test/rails/ach-check/million.ts`. It prints
 * the time of both and the most memory that the check took, in a process of its own. The exit code
 * is 1 when the check finds anything, or one of the two is beyond its limit.
 */
import { join } from "node:path";
import { temporaryFolder } from "../../commands/cli.ts";
import { type BatchWish, bytesOf, piecesOf } from "./file-maker.ts";

const ENTRIES = 1_000_000;
/** Entries and addenda of a batch are counted in six columns. */
const ENTRIES_PER_BATCH = 20_000;
const SECONDS_MAX = 60;
const MEGABYTES_MAX = 250;

/** The word with which this program starts itself, so that making takes a process of its own. */
const MAKE = "make";
const MAIN = join(import.meta.dir, "../../../src/main.ts");

function* wishes(): Generator<BatchWish> {
  const entries = Array.from({ length: ENTRIES_PER_BATCH }, (_, at) => {
    return { code: at % 3 === 0 ? 37 : 27, cents: (at % 10_000) + 1 };
  });
  for (let made = 0; made < ENTRIES; made += ENTRIES_PER_BATCH) {
    yield { sec: "POS", description: "SEQR PAY", entries };
  }
}

async function make(path: string): Promise<void> {
  const writer = Bun.file(path).writer();
  for (const lines of piecesOf(wishes())) {
    writer.write(bytesOf(lines));
    await writer.flush();
  }
  await writer.end();
}

/** Runs a program to its end. A child's peak begins at its parent's: this one stays small. */
async function run(words: readonly string[]) {
  const start = performance.now();
  const child = Bun.spawn([process.execPath, ...words], { stdout: "pipe" });
  const said = await new Response(child.stdout).text();
  const code = await child.exited;
  const seconds = Math.round((performance.now() - start) / 100) / 10;
  const megabytes = Math.round((child.resourceUsage()?.maxRSS ?? 0) / 2 ** 20);
  return { said, code, seconds, megabytes };
}

async function measure(): Promise<boolean> {
  const folder = temporaryFolder();
  try {
    const path = join(folder.path, "million.ach");
    const made = await run([import.meta.path, MAKE, path]);
    const checked = await run([MAIN, "ach", "check", path]);
    const size = Math.round(Bun.file(path).size / 1e6);
    process.stdout.write(
      `${checked.said}made    ${made.seconds} s, ${size} MB\n` +
        `checked ${checked.seconds} s, at most ${checked.megabytes} MB\n`,
    );
    const isGood = made.code === 0 && checked.code === 0;
    const isSoon = made.seconds + checked.seconds < SECONDS_MAX;
    return isGood && isSoon && checked.megabytes < MEGABYTES_MAX;
  } finally {
    folder.remove();
  }
}

const [, , word, path = ""] = process.argv;
if (word === MAKE) await make(path);
else process.exitCode = (await measure()) ? 0 : 1;
