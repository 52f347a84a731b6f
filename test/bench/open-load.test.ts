/**
 * The open loop against servers that stand still, break and come back. The calibration asserts what
 * a stall of known length must do to the distribution, not how fast this machine is.
 */
import { afterEach, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { postBytes } from "../../bench/connection.ts";
import { Histogram } from "../../bench/histogram.ts";
import { driveOpen, type OpenLoad } from "../../bench/open-load.ts";
import { scheduleOf } from "../../bench/schedule.ts";
import { quantile } from "../../bench/stats.ts";
import { EVERY_MS, STALL_MS } from "./stalls.ts";

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

type Answering = (request: Request) => Response | Promise<Response>;

function serve(answer: Answering, port = 0): { readonly url: string; stop(): Promise<void> } {
  const server = Bun.serve({ hostname: "127.0.0.1", port, fetch: answer });
  const stop = (): Promise<void> => server.stop(true);
  stops.push(stop);
  return { url: `http://127.0.0.1:${server.port}`, stop };
}

function requestsTo(url: string, count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, at) => postBytes(url, "/", {}, JSON.stringify({ at })));
}

function send(url: string, perSecond: number, count: number, more: object = {}): Promise<OpenLoad> {
  const schedule = scheduleOf("constant", perSecond, count);
  return driveOpen(url, requestsTo(url, count), schedule, { connectionsMax: 64, ...more });
}

describe("calibration: a server that stands still for 200 ms of every two seconds", () => {
  /** Two clocks that count from the same second may differ by so much. */
  const CLOCKS_MS = 5;
  /** For the driver and the server to get through with who came during a stall. */
  const ANSWER_MS = 20;
  const PER_SECOND = 250;
  const CYCLES = 3;
  const COUNT = (PER_SECOND * EVERY_MS * CYCLES) / 1_000;

  async function stalling(): Promise<string> {
    const child = Bun.spawn([process.execPath, join(import.meta.dir, "stalling-server.ts")], {
      stdout: "pipe",
      stderr: "inherit",
    });
    stops.push(() => {
      child.kill("SIGKILL");
      return child.exited;
    });
    const { value } = await child.stdout.getReader().read();
    return new TextDecoder().decode(value).trim();
  }

  test("is told as the wait of everybody who was meant to come meanwhile", async () => {
    const url = await stalling();
    // The second has one connection: all but one of those who come wait here, and their time runs.
    const loads = await Promise.all([
      send(url, PER_SECOND, COUNT),
      send(url, PER_SECOND, COUNT, { connectionsMax: 1 }),
    ]);
    const stalls = (await (await fetch(`${url}/stalls`)).json()) as [number, number][];
    for (const { answers, latenciesMs, startedAtMs } of loads) {
      expect(answers.every(({ status }) => status === 200)).toBe(true);
      const least = [...latenciesMs].map((_, at) => {
        const dueMs = startedAtMs + (at * 1_000) / PER_SECOND;
        const stall = stalls.find(([from, until]) => from <= dueMs && dueMs < until);
        return stall === undefined ? 0 : stall[1] - dueMs;
      });
      // Nobody who came during a stall was answered before its end: no machine can be that fast.
      const early = least.filter((ms, at) => (latenciesMs[at] ?? 0) < ms - CLOCKS_MS);
      expect(early).toEqual([]);
      // Ten of a hundred come during a stall, evenly: one in a hundred waits for 180 ms of it.
      const p99Ms = Histogram.of(latenciesMs).quantileMs(0.99);
      expect(p99Ms).toBeGreaterThan(0.9 * STALL_MS - CLOCKS_MS);
      // A machine that is busy makes the stall itself longer, which the server has measured.
      const longestMs = Math.max(...stalls.map(([from, until]) => until - from), STALL_MS);
      expect(p99Ms).toBeLessThan(longestMs + ANSWER_MS);
      expect(quantile([...latenciesMs], 0.5)).toBeLessThan(STALL_MS / 2);
    }
  }, 30_000);
});

function sum(counts: Uint32Array): number {
  return counts.reduce((all, count) => all + count, 0);
}

describe("the open loop", () => {
  test("sends every request once, at its time, over as many connections as it may", async () => {
    const seen: { at: number; ms: number }[] = [];
    let under = 0;
    let most = 0;
    const { url } = serve(async (request) => {
      most = Math.max(most, ++under);
      const { at } = (await request.json()) as { at: number };
      seen.push({ at, ms: performance.now() });
      await Bun.sleep(20);
      under--;
      return Response.json({ at });
    });
    const startedMs = performance.now();
    const load = await send(url, 500, 100, { connectionsMax: 4 });
    const { answers, latenciesMs, lateMs, again } = load;
    expect(answers.map(({ body }) => (JSON.parse(body) as { at: number }).at)).toEqual(
      Array.from({ length: 100 }, (_, at) => at),
    );
    expect(seen.map(({ at }) => at).sort((a, b) => a - b)).toEqual(seen.map((_, at) => at));
    // None before its time; timers are of whole milliseconds.
    expect(seen.filter(({ at, ms }) => ms < startedMs + at * 2 - 1)).toEqual([]);
    expect(most).toBe(4);
    // Four at a time and 20 ms each: the last one was due after 198 ms and sent after 480.
    expect(latenciesMs.at(-1)).toBeGreaterThan(250);
    // It waited for a connection, and all that time its bytes had not gone out.
    expect(lateMs.at(-1)).toBeGreaterThan(230);
    const exchangeMs = latenciesMs.map((ms, at) => ms - (lateMs[at] ?? 0));
    expect(Math.min(...exchangeMs)).toBeGreaterThan(15);
    expect(sum(again)).toBe(0);
  });

  test("opens another connection when the server closed one", async () => {
    const { url } = serve((request) => {
      const headers = { connection: "close" };
      return request.text().then((text) => new Response(text, { headers }));
    });
    const { answers } = await send(url, 200, 10);
    expect(answers.map(({ status }) => status)).toEqual(new Array(10).fill(200));
  });
});

describe("the open loop, of a server that is not there,", () => {
  test("leaves a request without an answer where none comes", async () => {
    const { url } = serve(() => new Promise<Response>(() => {}));
    const more = { patienceMsMax: 100, connectionsMax: 2 };
    const { answers, latenciesMs, lateMs } = await send(url, 1_000, 3, more);
    expect(answers).toEqual(new Array(3).fill({ status: 0, body: "" }));
    expect(Math.min(...latenciesMs)).toBeGreaterThan(95);
    // The third never went out: it was late until nobody waited any more.
    expect(lateMs[0]).toBeLessThan(95);
    expect(lateMs[2]).toBe(latenciesMs[2] ?? -1);
  });

  test("knows no answer where there is no server", async () => {
    const { url, stop } = serve(() => new Response());
    await stop();
    const { answers, again } = await send(url, 1_000, 3);
    expect(answers.map(({ status }) => status)).toEqual([0, 0, 0]);
    expect(sum(again)).toBe(0);
  });

  test("sends again what a server that was away did not answer; the time runs on", async () => {
    let calls = 0;
    const first = serve(async (request) => {
      const body = await request.text();
      // The third call takes the server away; whoever was inside gets no answer.
      if (++calls === 3) void first.stop();
      if (calls >= 3) await new Promise(() => {});
      return new Response(body);
    });
    const sending = send(first.url, 100, 20, { againMsMax: 10_000 });
    await Bun.sleep(300);
    let tired = 2;
    serve(
      async (request) => {
        const body = await request.text();
        return tired-- > 0 ? new Response("not yet", { status: 503 }) : new Response(body);
      },
      Number(new URL(first.url).port),
    );
    const { answers, latenciesMs, again } = await sending;
    expect(answers.map(({ status }) => status)).toEqual(new Array(20).fill(200));
    expect(sum(again)).toBeGreaterThanOrEqual(18);
    // The first two were answered before it went away.
    expect([again[0], again[1]]).toEqual([0, 0]);
    // The fourth was due after 30 ms, and nobody was there before 300.
    expect(latenciesMs[3]).toBeGreaterThan(250);
  });

  test("comes again when it was asked to, and not before", async () => {
    const cameAtMs: number[] = [];
    const busy = { status: 503, headers: { "retry-after": "1" } };
    const { url } = serve(() => {
      cameAtMs.push(performance.now());
      return cameAtMs.length === 1 ? new Response("later", busy) : new Response("yes");
    });
    const { again } = await send(url, 1_000, 1, { againMsMax: 10_000 });
    const [first = 0, second = 0] = cameAtMs;
    expect(second - first).toBeGreaterThan(950);
    expect([...again]).toEqual([1]);
  });
});
