import { describe, expect, setSystemTime, test } from "bun:test";
import { join } from "node:path";
import fc from "fast-check";
import { RealClock, VirtualClock } from "../../src/runtime/clock.ts";

const START_MS = Date.UTC(2026, 0, 15, 12);
const DAY_MS = 86_400_000;

/** Lets every wake-up that is due be called: those of a standing clock need one timer of 0 ms. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
}

async function until(fact: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + 10_000;
  while (!fact()) {
    expect(performance.now()).toBeLessThan(deadlineMs);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

describe("a virtual clock that stands still", () => {
  test("has the time it was given until it is told another", async () => {
    const clock = new VirtualClock(START_MS);
    await settle();
    expect(clock.nowMs()).toBe(START_MS);
    clock.advance(90 * DAY_MS);
    expect(clock.nowMs()).toBe(START_MS + 90 * DAY_MS);
    clock.advanceTo(START_MS + 91 * DAY_MS);
    expect(clock.nowMs()).toBe(START_MS + 91 * DAY_MS);
  });

  test("moves only forward, in whole milliseconds", () => {
    const clock = new VirtualClock(START_MS);
    expect(() => clock.advanceTo(START_MS - 1)).toThrow("forward");
    expect(() => clock.advance(-1)).toThrow("forward");
    expect(() => clock.advance(0.5)).toThrow("whole");
    expect(() => clock.wakeAt(Number.NaN, () => {})).toThrow("whole");
    expect(() => new VirtualClock(0.5)).toThrow("whole");
    expect(clock.nowMs()).toBe(START_MS);
  });

  test("wakes at the time or later, and never within the call", async () => {
    const clock = new VirtualClock(START_MS);
    const woken: number[] = [];
    clock.wakeAt(START_MS + 10, () => woken.push(clock.nowMs()));
    clock.advance(9);
    await settle();
    expect(woken).toEqual([]);
    clock.advance(1);
    expect(woken).toEqual([]);
    await settle();
    expect(woken).toEqual([START_MS + 10]);
    clock.advance(DAY_MS);
    await settle();
    expect(woken.length).toBe(1);
  });

  test("a wake-up for the past comes without any move, and not within the call", async () => {
    const clock = new VirtualClock(START_MS);
    const woken: string[] = [];
    clock.wakeAt(START_MS, () => woken.push("now"));
    clock.wakeAt(START_MS - DAY_MS, () => woken.push("yesterday"));
    expect(woken).toEqual([]);
    await settle();
    expect(woken).toEqual(["yesterday", "now"]);
  });
});

describe("many wake-ups of a virtual clock", () => {
  test("one jump calls all that fell due in order of time, then of setting", async () => {
    const offsets = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(offsets, fc.integer({ min: 0, max: 50 }), async (set, jump) => {
        const clock = new VirtualClock(START_MS);
        const woken: number[] = [];
        for (const [at, offset] of set.entries()) {
          clock.wakeAt(START_MS + offset, () => woken.push(at));
        }
        clock.advance(jump);
        await settle();
        const due = set.map((offset, at) => ({ offset, at })).filter((one) => one.offset <= jump);
        due.sort((a, b) => a.offset - b.offset || a.at - b.at);
        expect(woken).toEqual(due.map(({ at }) => at));
      }),
      { numRuns: 50 },
    );
  });

  test("a cancelled wake-up is not called, even when it has fallen due already", async () => {
    const clock = new VirtualClock(START_MS);
    const woken: string[] = [];
    const cancelEarly = clock.wakeAt(START_MS + 5, () => woken.push("early"));
    const cancelLate = clock.wakeAt(START_MS + 5, () => woken.push("late"));
    clock.wakeAt(START_MS + 5, () => woken.push("kept"));
    cancelEarly();
    clock.advance(5);
    cancelLate();
    await settle();
    expect(woken).toEqual(["kept"]);
    cancelLate();
  });

  test("a wake-up may set another one, for now or for later", async () => {
    const clock = new VirtualClock(START_MS);
    const woken: string[] = [];
    clock.wakeAt(START_MS + 1, () => {
      woken.push("first");
      clock.wakeAt(clock.nowMs(), () => woken.push("second"));
      clock.wakeAt(clock.nowMs() + 1, () => woken.push("third"));
    });
    clock.advance(1);
    await settle();
    expect(woken).toEqual(["first", "second"]);
    clock.advance(1);
    await settle();
    expect(woken).toEqual(["first", "second", "third"]);
  });

  test("has room for 200,000 wake-ups", async () => {
    const clock = new VirtualClock(START_MS);
    let woken = 0;
    for (let n = 1; n <= 200_000; n++) clock.wakeAt(START_MS + n, () => woken++);
    clock.advance(200_000);
    await settle();
    expect(woken).toBe(200_000);
  });
});

describe("a virtual clock that flows", () => {
  test("goes on with real time from where it stands", async () => {
    const clock = new VirtualClock(START_MS, "flowing");
    const before = clock.nowMs();
    expect(before).toBeGreaterThanOrEqual(START_MS);
    await until(() => clock.nowMs() > before + 5);
    clock.advance(DAY_MS);
    expect(clock.nowMs()).toBeGreaterThanOrEqual(before + DAY_MS);
    expect(clock.nowMs()).toBeLessThan(before + 2 * DAY_MS);
  });

  test("may be moved by nothing at any moment", () => {
    const clock = new VirtualClock(START_MS, "flowing");
    const endMs = performance.now() + 20;
    while (performance.now() < endMs) clock.advance(0);
    expect(clock.nowMs()).toBeGreaterThan(START_MS);
  });

  test("lets the process end once its last wake-up is cancelled", async () => {
    const file = join(import.meta.dir, "../../src/runtime/clock.ts");
    const program = `
      import { VirtualClock } from ${JSON.stringify(file)};
      const clock = new VirtualClock(0, "flowing");
      clock.wakeAt(5, () => clock.wakeAt(50_000, () => {})());
      clock.wakeAt(40_000, () => {})();`;
    const child = Bun.spawn([process.execPath, "-e", program], { stdio: ["ignore", 2, 2] });
    const tooLong = setTimeout(() => child.kill("SIGKILL"), 4_000);
    expect(await child.exited).toBe(0);
    clearTimeout(tooLong);
  });

  test("wakes by itself, never early, and at once after a jump", async () => {
    const clock = new VirtualClock(START_MS, "flowing");
    const woken: [number, number][] = [];
    const wakeAt = (atMs: number): void => {
      clock.wakeAt(atMs, () => woken.push([atMs, clock.nowMs()]));
    };
    wakeAt(START_MS + DAY_MS);
    wakeAt(clock.nowMs() + 20);
    wakeAt(clock.nowMs() + 5);
    await until(() => woken.length === 2);
    clock.advance(DAY_MS);
    await until(() => woken.length === 3);
    expect(woken.every(([atMs, wokenMs]) => wokenMs >= atMs)).toBe(true);
    expect(woken.map(([atMs]) => atMs)).toEqual(woken.map(([atMs]) => atMs).toSorted());
  });
});

describe("the real clock", () => {
  test("wakes once, at the time or later", async () => {
    const clock = new RealClock();
    const woken: [number, number][] = [];
    for (const ms of [20, 1, 10]) {
      const atMs = clock.nowMs() + ms;
      clock.wakeAt(atMs, () => woken.push([atMs, clock.nowMs()]));
    }
    await until(() => woken.length === 3);
    await settle();
    expect(woken.length).toBe(3);
    expect(woken.every(([atMs, wokenMs]) => wokenMs >= atMs)).toBe(true);
  });

  test("a wake-up for the past comes soon, and not within the call", async () => {
    const clock = new RealClock();
    let woken = 0;
    clock.wakeAt(clock.nowMs() - DAY_MS, () => woken++);
    expect(woken).toBe(0);
    await until(() => woken === 1);
  });

  test("a cancelled wake-up is not called", async () => {
    const clock = new RealClock();
    let woken = 0;
    const cancel = clock.wakeAt(clock.nowMs(), () => woken++);
    cancel();
    let other = 0;
    clock.wakeAt(clock.nowMs() + 5, () => other++);
    await until(() => other === 1);
    expect(woken).toBe(0);
  });

  test("a wake-up beyond the longest sleep is not called at once", async () => {
    const clock = new RealClock();
    let woken = 0;
    const cancel = clock.wakeAt(clock.nowMs() + 90 * DAY_MS, () => woken++);
    await settle();
    expect(woken).toBe(0);
    cancel();
  });

  test("a clock that is set forward wakes what fell due, within one sleep", async () => {
    const clock = new RealClock(2);
    let woken = 0;
    clock.wakeAt(clock.nowMs() + 90 * DAY_MS, () => woken++);
    await settle();
    expect(woken).toBe(0);
    try {
      setSystemTime(new Date(Date.now() + 91 * DAY_MS));
      await until(() => woken === 1);
    } finally {
      setSystemTime();
    }
  });
});
