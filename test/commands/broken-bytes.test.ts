/**
 * `seqr doctor` on a file whose bytes have changed, as on a bad disk: whatever byte of an event it
 * is, the doctor ends with 1 and names a place; wherever else it is, the doctor never falls over.
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { cpSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inOneLine } from "../../src/commands/log-check.ts";
import { SqliteLogReader } from "../../src/storage/sqlite/log-reader.ts";
import { seededRandom } from "../crash/random.ts";
import { type Folder, hasStackTrace, seqr, temporaryFolder } from "./cli.ts";
import { diagnose, keepBooks } from "./good-books.ts";

setDefaultTimeout(60_000);
const SEED = Number(process.env["CRASH_SEED"] ?? Date.now() % 1_000_000);
/** Cell and record header before the first column (SQLite file format, sections 1.6 and 2.1). */
const HEADER_BYTES_MAX = 24;

let folder: Folder;
let good: Uint8Array;
let dataDir: string;
let eventsFile: string;
/** Where one event lies in the file: its cell from header to hash. */
let from: number;
let to: number;

beforeAll(async () => {
  folder = temporaryFolder();
  dataDir = join(folder.path, "data");
  eventsFile = join(dataDir, "events.db");
  await keepBooks(dataDir);
  good = readFileSync(eventsFile);
  const reader = new SqliteLogReader(eventsFile);
  const events = [...reader.events()];
  reader.close();
  const captured = events.filter(({ event }) => event.kind === "PaymentCaptured")[4];
  if (captured === undefined) throw new Error("the books have no payment");
  // Hash and principal with command id are found by their content.
  to = Buffer.from(good).indexOf(captured.hash) + captured.hash.length;
  from = Buffer.from(good).indexOf(`PaymentCaptured`, to - captured.event.data.length - 300);
  expect(to - from).toBeGreaterThan(captured.event.data.length);
});
afterAll(() => folder.remove());

/** What the doctor says of the file with these bytes; it must say something. */
async function verdictOf(bytes: Uint8Array) {
  writeFileSync(eventsFile, bytes);
  return await diagnose(dataDir);
}

function flipped(at: number, bit: number): Uint8Array {
  const bytes = good.slice();
  bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
  return bytes;
}

describe("a flipped bit", () => {
  test("in any column of an event is found and named", async () => {
    expect(await verdictOf(good)).toEqual({ code: 0, fault: "" });
    const random = seededRandom(SEED);
    // Integers stand before and behind the kind: each of their bytes, then every third of the text.
    for (let at = from - 8; at < to; at += at < from + 40 || at > to - 8 ? 1 : 3) {
      const bit = random.between(0, 7);
      const { code, fault } = await verdictOf(flipped(at, bit));
      expect({ at: at - from, bit, code, seed: SEED }).toEqual({
        at: at - from,
        bit,
        code: 1,
        seed: SEED,
      });
      expect(fault).toMatch(/^(after )?(event \d+|the first event|the file|\w+:\w+)/);
    }
  });

  test("in the header of an event's record is found", async () => {
    for (let at = from - 8 - HEADER_BYTES_MAX; at < from - 8; at++) {
      const { code } = await verdictOf(flipped(at, 0));
      expect({ at: at - from, code }).toEqual({ at: at - from, code: 1 });
    }
  });

  test("anywhere else is found or harms nothing, and never ends in a crash", async () => {
    const random = seededRandom(SEED);
    const codes = [0, 0];
    for (let turn = 0; turn < 250; turn++) {
      // Half of them where every reader begins: the first page.
      const at = random.between(0, turn % 2 === 0 ? 4_095 : good.length - 1);
      const { code } = await verdictOf(flipped(at, random.between(0, 7)));
      expect([0, 1]).toContain(code);
      codes[code] = (codes[code] ?? 0) + 1;
    }
    expect(codes[1]).toBeGreaterThan(0);
  });
});

test("a file that was cut short is found, wherever it was cut", async () => {
  for (const part of [0, 0.01, 0.3, 0.5, 0.9, 0.999]) {
    writeFileSync(eventsFile, good);
    truncateSync(eventsFile, Math.floor(good.length * part));
    expect((await diagnose(dataDir)).code).toBe(1);
  }
});

test("a fault is one line, also where SQLite quotes its schema", () => {
  expect(inOneLine(new Error('malformed (x) - near "`a (\n    `"\n'))).toBe(
    'malformed (x) - near "`a ( `"',
  );
  expect(inOneLine("thrown by nobody")).toBe("unreadable");
});

test("the real process says so without a stack trace", async () => {
  const broken = [
    good.slice(0, 5_000),
    flipped(from + 30, 1),
    flipped(to - 1, 7),
    flipped(20, 3),
    new TextEncoder().encode("a letter, not a database\n".repeat(500)),
    new Uint8Array(8_192),
  ];
  for (const [number, bytes] of broken.entries()) {
    const copy = join(folder.path, `process-${number}`);
    mkdirSync(copy);
    cpSync(join(dataDir, "keys.json"), join(copy, "keys.json"));
    writeFileSync(join(copy, "events.db"), bytes);
    const { code, stdout, stderr } = await seqr(["doctor", "--data", copy]);
    expect({ number, code, stderr }).toEqual({ number, code: 1, stderr: "" });
    expect(stdout).toMatch(/\nFAULT {5}.+\n$/);
    expect(hasStackTrace(stdout)).toBe(false);
  }
});
