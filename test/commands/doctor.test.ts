/** `seqr doctor`: what it says of a good directory, of none, and beside a running switch. */
import { Database } from "bun:sqlite";
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Caller } from "../../src/client/call.ts";
import firstSchema from "../../src/storage/sqlite/migrations/events-1.sql" with { type: "text" };
import { startDrivers } from "../crash/drivers.ts";
import { eventually, SwitchProcess } from "../crash/process.ts";
import { seededRandom } from "../crash/random.ts";
import { Recorder } from "../crash/recorder.ts";
import { foundTown } from "../crash/town.ts";
import { type Folder, makeDataDir, seqr, temporaryFolder } from "./cli.ts";
import { diagnose, keepBooks } from "./good-books.ts";

setDefaultTimeout(60_000);
let folder: Folder;
let good: string;
beforeAll(async () => {
  folder = temporaryFolder();
  good = join(folder.path, "good");
  await keepBooks(good);
});
afterAll(() => folder.remove());

function copyOf(name: string): string {
  const copy = join(folder.path, name);
  cpSync(good, copy, { recursive: true });
  return copy;
}

test("a good directory ends with 0 and figures for people", async () => {
  const { code, stdout, stderr } = await seqr(["doctor", "--data", good]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const figures = [
    /^events {4}[1-9]\d*$/,
    /^actors {4}[1-9]\d* \(3 accounts\)$/,
    /^entries {3}9, sum 0$/,
    /^head {6}[0-9a-f]{64}$/,
    /^all is well$/,
  ];
  const lines = stdout.trimEnd().split("\n");
  expect(lines.length).toBe(figures.length);
  for (const [at, figure] of figures.entries()) expect(lines[at]).toMatch(figure);
});

test("--json is one object with the same figures, and the fault or null", async () => {
  const { code, stdout } = await seqr(["doctor", "--data", good, "--json"]);
  expect(code).toBe(0);
  expect(stdout.trimEnd().split("\n").length).toBe(1);
  expect(JSON.parse(stdout)).toEqual({
    events: expect.any(Number),
    actors: expect.any(Number),
    accounts: 3,
    entries: 9,
    ledgerSum: 0,
    headHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    fault: null,
  });
});

test("it changes nothing in the directory, and the switch starts after it", async () => {
  const copy = copyOf("untouched");
  const sums = async () =>
    Promise.all(
      readdirSync(copy, { recursive: true, withFileTypes: true })
        // What SQLite keeps beside an open file holds nothing of its own here.
        .filter((entry) => entry.isFile() && !/-(shm|wal)$/.test(entry.name))
        .map(async ({ parentPath, name }) => {
          const bytes = await Bun.file(join(parentPath, name)).bytes();
          return `${name} ${new Bun.CryptoHasher("sha256").update(bytes).digest("hex")}`;
        }),
    );
  const before = await sums();
  expect((await seqr(["doctor", "--data", copy])).code).toBe(0);
  expect(await sums()).toEqual(before);
  const running = await SwitchProcess.start({ dataDir: copy, port: 0 });
  running.terminate();
  expect(await running.ended()).toBe(0);
});

test.each([
  ["a missing directory", () => join(folder.path, "nowhere"), "holds no event log"],
  ["an empty directory", () => made("empty"), "holds no event log"],
  ["a directory in place of the log", () => made("nested", "events.db"), "events.db"],
])("%s ends with 1 and says so, as text and as JSON", async (_, place, says) => {
  const dataDir = place();
  const { code, stdout, stderr } = await seqr(["doctor", "--data", dataDir]);
  expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
  expect(stdout).toContain("FAULT");
  const { fault } = await diagnose(dataDir);
  expect(fault).toContain(says);
});

function made(...path: string[]): string {
  mkdirSync(join(folder.path, ...path), { recursive: true });
  return join(folder.path, path[0] ?? "");
}

test("a database of something else ends with 1", async () => {
  const dataDir = made("foreign");
  const database = new Database(join(dataDir, "events.db"));
  database.run("CREATE TABLE recipes (name TEXT)");
  database.close();
  expect(await diagnose(dataDir)).toEqual({ code: 1, fault: "the actors: no such table: actors" });
});

test("keys that are missing or open to others are a fault", async () => {
  const copy = copyOf("keys");
  chmodSync(join(copy, "keys.json"), 0o644);
  expect((await diagnose(copy)).fault).toContain("can be read by others");
  rmSync(join(copy, "keys.json"));
  expect((await diagnose(copy)).fault).toBe("keys.json is missing");
  writeFileSync(join(copy, "keys.json"), "{}", { mode: 0o600 });
  expect((await diagnose(copy)).code).toBe(0);
});

test("a log of the first schema is read as it is", async () => {
  const copy = copyOf("first-schema");
  const database = new Database(join(copy, "events.db"));
  database.run("ALTER TABLE actors RENAME TO small");
  database.run(/CREATE TABLE actors [^;]+;/.exec(firstSchema)?.[0] ?? "");
  database.run(
    `INSERT INTO actors (id, kind, name, seq, last_position, state_seq, state)
     SELECT id, kind, name, small.seq, last_position, coalesce(states.seq, 0), state
     FROM small LEFT JOIN states ON states.actor = id`,
  );
  database.run("DROP TABLE small");
  database.run("DROP TABLE states");
  database.run("DROP TABLE replies");
  database.run(/CREATE TABLE remembered [^;]+;/.exec(firstSchema)?.[0] ?? "");
  database.run("DELETE FROM schema_steps WHERE version > 1");
  database.close();
  expect(await diagnose(copy)).toEqual({ code: 0, fault: "" });
});

test("beside a switch under load it is right each time and disturbs nobody", async () => {
  const dataDir = join(folder.path, "loaded");
  const deskKey = await makeDataDir(dataDir);
  const running = await SwitchProcess.start({ dataDir, port: 0 });
  const recorder = new Recorder();
  const caller = new Caller(running.url, recorder.fetcher);
  const town = await foundTown(caller, deskKey, { tills: 4, customers: 12 });
  const drivers = startDrivers(town, recorder, seededRandom(1));
  let events = 0;
  for (let turn = 0; turn < 3; turn++) {
    const answered = recorder.answers.length;
    expect(await eventually(() => recorder.answers.length > answered + 50)).toBe(true);
    const { code, stdout } = await seqr(["doctor", "--data", dataDir, "--json"]);
    const report = JSON.parse(stdout) as { events: number; fault: string | null };
    expect({ code, fault: report.fault }).toEqual({ code: 0, fault: null });
    expect(report.events).toBeGreaterThan(events);
    events = report.events;
  }
  await drivers.finish();
  running.terminate();
  expect(await running.ended()).toBe(0);
  expect(recorder.broken).toEqual([]);
  expect(recorder.postponed).toBe(0);
  expect(drivers.faults).toEqual([]);
});
