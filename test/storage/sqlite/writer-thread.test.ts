/** The writer's worker: what becomes of a commit when it dies, hangs, or cannot even begin. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LogFailure } from "../../../src/runtime/event-log.ts";
import { ThreadedEventLog } from "../../../src/storage/sqlite/threaded-event-log.ts";
import { THREAD_DEFAULTS, type ThreadOptions } from "../../../src/storage/sqlite/writer-thread.ts";
import { commitOf, refOf } from "../../conformance/commits.ts";
import { refusalOf } from "../../switch-rig.ts";

let folder: string;
let file: string;
let log: ThreadedEventLog | undefined;
const workers: Worker[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "seqr-writer-"));
  file = join(folder, "events.db");
  workers.length = 0;
});
afterEach(async () => {
  await log?.close();
  rmSync(folder, { recursive: true, force: true });
});

function open(options: Partial<ThreadOptions> = {}): ThreadedEventLog {
  const spawn = (): Worker => {
    const worker = THREAD_DEFAULTS.spawn();
    workers.push(worker);
    return worker;
  };
  log = new ThreadedEventLog(file, {}, { ...THREAD_DEFAULTS, spawn, ...options });
  return log;
}

const first = commitOf({ ref: refOf("a") });
const second = commitOf({ ref: refOf("a"), expectedSeq: 1 });

async function failureOf(promise: Promise<unknown>): Promise<string> {
  return ((await refusalOf(promise)) as LogFailure).kind;
}

test("a commit whose writer dies has an unknown outcome; the next has a new writer", async () => {
  const opened = open();
  await opened.commit([first]);
  const cutOff = opened.commit([second]);
  workers[0]?.terminate();
  expect(await failureOf(cutOff)).toBe("unknown_outcome");
  // Written or not: once more, it is written now, or recognised by its sequence.
  const [again] = await opened.commit([second]);
  expect(["ok", "conflict"]).toContain(again?.kind ?? "");
  expect(opened.head().position).toBe(2);
  expect(workers.length).toBe(2);
});

test("a writer that is silent for too long is given up", async () => {
  const silent = new Blob(["setTimeout(() => {}, 60_000);"], { type: "text/javascript" });
  const address = URL.createObjectURL(silent);
  const opened = open({ deadlineMs: 200, spawn: () => new Worker(address) });
  expect(await failureOf(opened.commit([first]))).toBe("unknown_outcome");
  expect(opened.head().position).toBe(0);
});

test("a file that the writer cannot open fails the commit and takes nothing down", async () => {
  const opened = open();
  rmSync(file);
  mkdirSync(file);
  expect(await refusalOf(opened.commit([first]))).toBeInstanceOf(Error);
  rmSync(file, { recursive: true });
});

test("closing finishes what is under way", async () => {
  const opened = open();
  const under = [opened.commit([first]), opened.commit([second])];
  await opened.close();
  expect((await Promise.all(under)).flat().map(({ kind }) => kind)).toEqual(["ok", "ok"]);
  const again = open();
  expect(again.head().position).toBe(2);
});
