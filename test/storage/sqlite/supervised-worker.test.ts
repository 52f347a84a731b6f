import { heapStats } from "bun:jsc";
import { afterEach, expect, test } from "bun:test";
import { SupervisedWorker } from "../../../src/storage/sqlite/supervised-worker.ts";
import { failureOf, settled } from "../../failure.ts";
import type { AnsweringApi } from "./answering-worker.ts";

class Died extends Error {}

let worker: SupervisedWorker<AnsweringApi>;
let deaths = 0;
afterEach(() => worker.end());

async function start(): Promise<void> {
  deaths = 0;
  worker = new SupervisedWorker({
    spawn: () => new Worker(new URL("./answering-worker.ts", import.meta.url)),
    death: (why) => new Died(why),
    onDeath: () => deaths++,
    heard: () => {},
  });
  await worker.ready;
}

function promisesInMemory(): number {
  Bun.gc(true);
  return heapStats().objectTypeCounts["Promise"] ?? 0;
}

async function ask(times: number): Promise<void> {
  for (let value = 0; value < times; value++) {
    expect(await worker.ask((remote) => remote.same(value))).toBe(value);
  }
}

test("an answer leaves nothing in memory, however many there are", async () => {
  await start();
  await ask(100);
  const before = promisesInMemory();
  await ask(2_000);
  expect(promisesInMemory() - before).toBeLessThan(200);
});

test("what the worker throws is the answer, and it lives on", async () => {
  await start();
  expect(await settled(worker.ask((remote) => remote.refuse()))).toThrow("refused");
  await ask(1);
  expect(deaths).toBe(0);
});

test("whoever waits is told of the death, once, and so is who asks afterwards", async () => {
  await start();
  const waiting = [1, 2, 3].map(() => worker.ask((remote) => remote.never()));
  void worker.ask((remote) => remote.fall()).catch(() => {});
  for (const each of await Promise.allSettled(waiting)) {
    expect(each).toMatchObject({ status: "rejected", reason: new Died("the worker died") });
  }
  expect(await failureOf(worker.ask((remote) => remote.same(1)))).toBeInstanceOf(Died);
  worker.end();
  expect(deaths).toBe(1);
});
