/** Orders and answers between two processes, and what is said when one of them ends. */
import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AssertionFailed } from "../../actors/assert.ts";
import type { Size } from "../../bench/growth-subject.ts";
import { startSubject } from "../../bench/growth-towns.ts";
import { settled } from "../failure.ts";

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

function subject() {
  const one = startSubject("the subject");
  stops.push(() => one.kill());
  return one;
}

function newDirectory(): string {
  const folder = mkdtempSync(join(tmpdir(), "seqr-test-"));
  stops.push(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "data");
}

test("a subject carries out orders in turn, and tells what it cannot", async () => {
  const one = subject();
  const dataDir = newDirectory();
  expect(await settled(one.ask({ kind: "size" }))).toThrow("the subject: there is no open town");
  expect(await settled(one.ask({ kind: "open", dataDir }))).toThrow("there is no town in this");
  expect(await one.ask<number>({ kind: "grow", dataDir, customers: 4, lanes: 2 })).toBe(4);
  await one.ask({ kind: "open", dataDir });
  await one.ask({ kind: "pay", lanes: 2, inFlight: 2, times: 3 });
  const size = await one.ask<Size>({ kind: "size" });
  expect(size.payments).toBe(6);
  expect(size.fileBytes).toBeGreaterThan(0);
  expect(size.residentBytes).toBeGreaterThan(10e6);
  if (process.platform === "linux") expect(one.residentBytes()).toBeGreaterThan(10e6);
  await one.ask({ kind: "close" });
  await one.end();
  expect(await settled(one.ask({ kind: "size" }))).toThrow("the subject has ended");
}, 60_000);

test("an order that a subject is killed in ends with it, and there is one at a time", async () => {
  const one = subject();
  const dataDir = newDirectory();
  const growing = one.ask({ kind: "grow", dataDir, customers: 100_000, lanes: 2 });
  expect(() => one.ask({ kind: "size" })).toThrow(AssertionFailed);
  const ended = growing.catch((error: Error) => error.message);
  await one.kill();
  expect(await ended).toBe("the subject has ended");
}, 60_000);
