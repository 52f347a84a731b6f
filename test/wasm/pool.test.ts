import { afterEach, describe, expect, test } from "bun:test";
import { expose } from "comlink";
import { AssertionFailed } from "../../wasm/assert.ts";
import type { PinKeyInput } from "../../wasm/pin.ts";
import { DerivationPool, type JobRefused, type PoolOptions } from "../../wasm/pool.ts";
import type { PoolWorker } from "../../wasm/worker.ts";
import vectors from "../vectors/protocol.json";

const hex = Uint8Array.fromHex;
const { pin } = vectors;
const KEY = new Uint8Array(32).fill(7);

function input(): PinKeyInput {
  return {
    pin: new TextEncoder().encode(pin.pin),
    salt: hex(pin.salt),
    deviceSecret: hex(pin.deviceSecret),
    accountId: hex(pin.accountId),
    deviceId: hex(pin.deviceId),
    pinVersion: pin.pinVersion,
  };
}

type Behaviour = {
  ready(): unknown;
  derivePinKey(input: PinKeyInput): unknown;
};

/** A worker in this thread that behaves as it is told, and tells what was done to it. */
class StandIn extends EventTarget {
  static all: StandIn[] = [];
  isTerminated = false;
  readonly #channel = new MessageChannel();

  constructor(behaviour: Behaviour) {
    super();
    StandIn.all.push(this);
    expose(behaviour, this.#channel.port2 as unknown as Parameters<typeof expose>[1]);
    this.#channel.port1.addEventListener("message", ({ data }) => {
      this.dispatchEvent(new MessageEvent("message", { data }));
    });
    this.#channel.port1.start();
  }

  postMessage(message: unknown, transfer: never[] = []): void {
    if (!this.isTerminated) this.#channel.port1.postMessage(message, transfer);
  }

  die(): void {
    this.dispatchEvent(new Event("close"));
  }

  terminate(): void {
    this.isTerminated = true;
    this.#channel.port1.close();
    this.#channel.port2.close();
  }
}

const pools: DerivationPool[] = [];

function makePool(behave: (start: number) => Behaviour, options: Partial<PoolOptions> = {}) {
  let starts = 0;
  const pool = new DerivationPool({
    pauseMs: 1,
    spawn: () => new StandIn(behave(++starts)) as unknown as Worker,
    ...options,
  });
  pools.push(pool);
  return { pool, starts: () => starts };
}

const willing: Behaviour = { ready: () => "reference", derivePinKey: () => KEY };
const never = () => new Promise(() => {});

/** The reason why a job is refused. */
async function reasonOf(job: Promise<Uint8Array>): Promise<JobRefused["reason"]> {
  const error = await job.then(
    () => new Error("it was not refused"),
    (thrown: JobRefused) => thrown,
  );
  if (error.name !== "JobRefused") throw error;
  return (error as JobRefused).reason;
}

afterEach(() => {
  for (const pool of pools.splice(0)) pool.stop();
  StandIn.all = [];
});

describe("a pool with real workers", () => {
  test("derives the PIN key of the worked example, and leaves no PIN behind", async () => {
    const pool = new DerivationPool({ workers: 2 });
    pools.push(pool);
    const given = [input(), input(), input()];
    const keys = await Promise.all(given.map((one) => pool.derivePinKey(one)));
    expect(keys.map((key) => key.toHex())).toEqual([pin.kpin, pin.kpin, pin.kpin]);
    for (const { pin: digits } of given) expect(digits.every((digit) => digit === 0)).toBe(true);
    expect(pool.figures()).toMatchObject({ done: 3, running: 0, waiting: 0, deaths: 0 });
  });

  test("tells the caller's bug and keeps the worker", async () => {
    const pool = new DerivationPool();
    pools.push(pool);
    const wrong = pool.derivePinKey({ ...input(), salt: new Uint8Array(3) });
    expect((await wrong.catch((error: Error) => error)) as Error).toMatchObject({
      name: AssertionFailed.name,
    });
    expect((await pool.derivePinKey(input())).toHex()).toBe(pin.kpin);
    expect(pool.figures().deaths).toBe(0);
  });

  test("a script that is not there is a death, and the job does not wait for ever", async () => {
    const pool = new DerivationPool({
      spawn: () => new Worker(new URL("./no-such-worker.ts", import.meta.url)),
    });
    pools.push(pool);
    expect(await reasonOf(pool.derivePinKey(input()))).toBe("worker_died");
  });
});

describe("supervision", () => {
  test("no job reaches a worker before it is ready", async () => {
    const seen: string[] = [];
    const { pool } = makePool(() => ({
      async ready() {
        await Bun.sleep(20);
        seen.push("ready");
      },
      derivePinKey() {
        seen.push("job");
        return KEY;
      },
    }));
    await Promise.all([pool.derivePinKey(input()), pool.derivePinKey(input())]);
    expect(seen).toEqual(["ready", "job", "job"]);
  });

  test("a worker that dies takes its job with it, and the next one goes on", async () => {
    const { pool, starts } = makePool((start) =>
      start === 1 ? { ...willing, derivePinKey: never } : willing,
    );
    const lost = reasonOf(pool.derivePinKey(input()));
    const next = pool.derivePinKey(input());
    while (pool.figures().running === 0) await Bun.sleep(1);
    StandIn.all[0]?.die();
    expect(await lost).toBe("worker_died");
    // The second job found no worker left: it is refused, and asked for again it is done.
    expect(await reasonOf(next)).toBe("worker_died");
    expect(await pool.derivePinKey(input())).toEqual(KEY);
    expect(starts()).toBe(2);
    expect(pool.figures()).toMatchObject({ deaths: 1, refused: 2, done: 1 });
  });

  test("a job over its deadline is refused and its worker ended", async () => {
    const { pool } = makePool(
      (start) => (start === 1 ? { ...willing, derivePinKey: never } : willing),
      { deadlineMs: 50 },
    );
    expect(await reasonOf(pool.derivePinKey(input()))).toBe("deadline");
    expect(StandIn.all[0]?.isTerminated).toBe(true);
    expect(await pool.derivePinKey(input())).toEqual(KEY);
  });

  test("a worker that never is ready is ended, and the pause doubles to its bound", async () => {
    const pauses: number[] = [];
    let endedAtMs = 0;
    const { pool, starts } = makePool(
      () => {
        if (endedAtMs > 0) pauses.push(performance.now() - endedAtMs);
        return {
          ...willing,
          ready() {
            endedAtMs = performance.now();
            throw new Error("no core here");
          },
        };
      },
      { pauseMs: 20, pauseMsMax: 80 },
    );
    for (let job = 0; job < 5; job++) {
      expect(await reasonOf(pool.derivePinKey(input()))).toBe("worker_died");
    }
    expect(starts()).toBe(5);
    for (const [at, least] of [20, 40, 80, 80].entries()) {
      expect(pauses[at] ?? 0).toBeGreaterThanOrEqual(least - 2);
    }
    expect(StandIn.all.every(({ isTerminated }) => isTerminated)).toBe(true);
  });
});

describe("bounds", () => {
  test("a full queue refuses at once and wipes the PIN", async () => {
    const { pool } = makePool(() => ({ ...willing, ready: never }), { waitingMax: 2 });
    const waiting = [pool.derivePinKey(input()), pool.derivePinKey(input())].map(reasonOf);
    const given = input();
    expect(await reasonOf(pool.derivePinKey(given))).toBe("busy");
    expect(given.pin.every((digit) => digit === 0)).toBe(true);
    pool.stop();
    expect(await Promise.all(waiting)).toEqual(["stopped", "stopped"]);
    expect(await reasonOf(pool.derivePinKey(input()))).toBe("stopped");
    expect(StandIn.all.every(({ isTerminated }) => isTerminated)).toBe(true);
  });

  test("a stop refuses what runs", async () => {
    const { pool } = makePool(() => ({ ...willing, derivePinKey: never }));
    const job = reasonOf(pool.derivePinKey(input()));
    while (pool.figures().running === 0) await Bun.sleep(1);
    pool.stop();
    expect(await job).toBe("stopped");
    expect(pool.figures()).toMatchObject({ ready: 0, running: 0, waiting: 0, refused: 1 });
  });

  test("at most as many workers as there are seats, and jobs for one at a time each", async () => {
    let running = 0;
    let most = 0;
    const { pool, starts } = makePool(
      () => ({
        ...willing,
        async derivePinKey() {
          most = Math.max(most, ++running);
          await Bun.sleep(2);
          running--;
          return KEY;
        },
      }),
      { workers: 3 },
    );
    await Promise.all(Array.from({ length: 30 }, () => pool.derivePinKey(input())));
    expect([starts(), most]).toEqual([3, 3]);
  });
});

/** The stand-ins speak what the real worker speaks. */
willing satisfies { [Call in keyof PoolWorker]: unknown };
