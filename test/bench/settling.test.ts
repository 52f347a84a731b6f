/** A turn is charged what its server does until it is quiet, and nothing that was there before. */
import { expect, test } from "bun:test";
import { chargedTo, settled } from "../../bench/settling.ts";

const TICK_MICROS = 10_000;

/** Processor time of a process that is busy until then, in Unix milliseconds. */
class Busy {
  #micros = 0;
  untilMs = 0;

  cpuMicros(): number {
    if (performance.now() < this.untilMs) this.#micros += 5 * TICK_MICROS;
    return this.#micros;
  }
}

test("what a server does before a turn is not charged to it; what it does after is", async () => {
  const server = new Busy();
  const before = performance.now() + 700;
  server.untilMs = before;
  let begunMs = 0;
  const { result, cpuMicros } = await chargedTo(server, () => {
    begunMs = performance.now();
    server.untilMs = begunMs + 450;
    return Promise.resolve("done");
  });
  expect(result).toBe("done");
  expect(begunMs).toBeGreaterThan(before);
  // Looked at when it ended, and at least until all of it was over.
  expect(cpuMicros).toBeGreaterThanOrEqual(2 * 5 * TICK_MICROS);
  expect(performance.now()).toBeGreaterThan(server.untilMs);
});

test("a server that is quiet is left after the least rest; where none is told, too", async () => {
  let micros = 0;
  // A tick now and then is what an idle process needs.
  for (const cpuMicros of [() => (micros += TICK_MICROS), () => undefined]) {
    const startedMs = performance.now();
    await settled({ cpuMicros }, 200);
    const tookMs = performance.now() - startedMs;
    expect(tookMs).toBeGreaterThan(190);
    expect(tookMs).toBeLessThan(900);
  }
  const untold = { cpuMicros: () => undefined };
  expect((await chargedTo(untold, () => Promise.resolve(1))).cpuMicros).toBeUndefined();
});
