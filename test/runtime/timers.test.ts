/** The timers of a host on a clock that really runs: late perhaps, never early. */
import { describe, expect, test } from "bun:test";
import { type Clock, RealClock, VirtualClock } from "../../src/runtime/clock.ts";
import { Host } from "../../src/runtime/host.ts";
import { MemoryEventLog } from "../../src/runtime/memory-event-log.ts";
import { until } from "../conformance/rig.ts";
import { type AlarmCommand, alarm, alarmOf, type Ring, ringsOf } from "../conformance/toy-alarm.ts";

const LIST: AlarmCommand = { kind: "list" };
const principal = "desk:test";

async function withHost(clock: Clock, run: (host: Host) => Promise<void>): Promise<void> {
  const host = new Host({ actors: [alarm], log: new MemoryEventLog(), clock });
  await host.start();
  try {
    await run(host);
  } finally {
    await host.drain();
  }
}

async function set(host: Host, id: string, atMs: number): Promise<void> {
  const command: AlarmCommand = { kind: "set", id, atMs };
  await host.ask(alarmOf("a"), command, { principal });
}

async function rings(host: Host): Promise<readonly Ring[]> {
  return ringsOf(await host.ask(alarmOf("a"), LIST, { principal }));
}

const clocks: Readonly<Record<string, () => Clock>> = {
  "the real clock": () => new RealClock(),
  "a virtual clock that flows": () => new VirtualClock(Date.UTC(2026, 0, 15, 12), "flowing"),
};

for (const [name, clockOf] of Object.entries(clocks)) {
  describe(`on ${name}`, () => {
    test("timers ring once each and never early", () => {
      const clock = clockOf();
      return withHost(clock, async (host) => {
        const startMs = clock.nowMs();
        for (const ms of [40, 10, 30, 20]) await set(host, `in ${ms}`, startMs + ms);
        await set(host, "long ago", startMs - 1_000);
        await until(async () => (await rings(host)).length >= 5, "all have rung");
        const rung = await rings(host);
        const ids = ["in 10", "in 20", "in 30", "in 40", "long ago"];
        expect(rung.map(({ id }) => id).sort()).toEqual(ids);
        for (const { setForMs, rangMs } of rung) expect(rangMs).toBeGreaterThanOrEqual(setForMs);
      });
    });

    test("an earlier timer that is set later rings first", () => {
      const clock = clockOf();
      return withHost(clock, async (host) => {
        await set(host, "in an hour", clock.nowMs() + 3_600_000);
        await set(host, "soon", clock.nowMs() + 5);
        await until(async () => (await rings(host)).length === 1, "the earlier one has rung");
        expect((await rings(host)).map(({ id }) => id)).toEqual(["soon"]);
      });
    });
  });
}

test("a jump of a clock that flows rings what fell due, and the rest in its time", () => {
  const clock = new VirtualClock(Date.UTC(2026, 0, 15, 12), "flowing");
  return withHost(clock, async (host) => {
    const dayMs = 86_400_000;
    const startMs = clock.nowMs();
    for (const day of [1, 3, 2]) await set(host, `day ${day}`, startMs + day * dayMs);
    clock.advance(2 * dayMs + 1);
    await until(async () => (await rings(host)).length >= 2, "two days are over");
    expect((await rings(host)).map(({ id }) => id)).toEqual(["day 1", "day 2"]);
  });
});
