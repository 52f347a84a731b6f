import { expect, test } from "bun:test";
import { onSchedule } from "../../bench/on-schedule.ts";
import { scheduleOf } from "../../bench/schedule.ts";
import { settled } from "../failure.ts";

test("work begins at its time and not before, and its latency counts from there", async () => {
  const began: number[] = [];
  const startedMs = performance.now();
  const schedule = scheduleOf("constant", 100, 10);
  const { latenciesMs, lateMs, elapsedMs } = await onSchedule(schedule, 100, async (at) => {
    began[at] = performance.now() - startedMs;
    await Bun.sleep(50);
  });
  for (const [at, ms] of began.entries()) expect(ms).toBeGreaterThanOrEqual(at * 10);
  expect(Math.min(...latenciesMs)).toBeGreaterThanOrEqual(49);
  expect(Math.min(...lateMs)).toBeGreaterThanOrEqual(0);
  expect(elapsedMs).toBeGreaterThanOrEqual(90 + 49);
});

test("what finds no room begins later, and its time runs", async () => {
  let under = 0;
  let most = 0;
  const schedule = scheduleOf("constant", 1_000, 6);
  const { latenciesMs, lateMs } = await onSchedule(schedule, 2, async () => {
    most = Math.max(most, ++under);
    await Bun.sleep(30);
    under--;
  });
  expect(most).toBe(2);
  // Two at a time and 30 ms each: the last was due after 5 ms and begins after 60.
  expect(lateMs[5]).toBeGreaterThan(50);
  expect(latenciesMs[5]).toBeGreaterThan(80);
});

test("a failure ends it, and what is under way ends first", async () => {
  let ended = 0;
  const running = onSchedule(scheduleOf("constant", 1_000, 50), 4, async (at) => {
    if (at === 3) throw new Error("refused");
    await Bun.sleep(20);
    ended++;
  });
  expect(await settled(running)).toThrow("refused");
  expect(ended).toBe(3);
});
