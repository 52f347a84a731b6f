/** The driver against servers that behave, dribble, break off and say nonsense. */
import { afterEach, describe, expect, test } from "bun:test";
import { postBytes } from "../../bench/connection.ts";
import { drive, eachOf } from "../../bench/load.ts";

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

function serve(answer: (request: Request) => Response | Promise<Response>): string {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: answer });
  stops.push(() => void server.stop(true));
  return `http://127.0.0.1:${server.port}`;
}

/** Answers every request with these pieces, a moment apart, and then closes where `ends`. */
function serveRaw(pieces: readonly string[], ends = false): string {
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      async data(socket) {
        for (const piece of pieces) {
          socket.write(piece);
          await Bun.sleep(5);
        }
        if (ends) socket.end();
      },
    },
  });
  stops.push(() => listener.stop(true));
  return `http://127.0.0.1:${listener.port}`;
}

function requestsTo(url: string, count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, at) =>
    postBytes(url, "/path", { "idempotency-key": `k${at}` }, JSON.stringify({ at, text: "ä·b" })),
  );
}

describe("the closed loop", () => {
  test("sends every request once, as many at a time as there are clients", async () => {
    const seen: string[] = [];
    let under = 0;
    let most = 0;
    const url = serve(async (request) => {
      most = Math.max(most, ++under);
      seen.push(request.headers.get("idempotency-key") ?? "");
      const body = await request.text();
      await Bun.sleep(2);
      under--;
      return new Response(body, { status: 201 });
    });
    const startedMs = performance.now();
    const { answers, latenciesMs, elapsedMs } = await drive(url, requestsTo(url, 50), 4);
    const mostMs = performance.now() - startedMs;
    expect(seen.sort()).toEqual(Array.from({ length: 50 }, (_, at) => `k${at}`).sort());
    expect(most).toBe(4);
    expect(answers.map(({ status }) => status)).toEqual(new Array(50).fill(201));
    expect(answers.map(({ body }) => JSON.parse(body) as unknown)).toEqual(
      Array.from({ length: 50 }, (_, at) => ({ at, text: "ä·b" })),
    );
    expect(Math.min(...latenciesMs)).toBeGreaterThan(1);
    expect(Math.max(...latenciesMs)).toBeLessThan(mostMs);
    expect(elapsedMs).toBeGreaterThan(2 * 12);
    expect(elapsedMs).toBeLessThan(mostMs);
  });

  test("puts an answer together that comes in pieces", async () => {
    const url = serveRaw(["HTTP/1.1 200 OK\r\nContent-Le", "ngth: 4\r\n\r", "\nab", "cd"]);
    const { answers } = await drive(url, requestsTo(url, 2), 1);
    expect(answers).toEqual([
      { status: 200, body: "abcd" },
      { status: 200, body: "abcd" },
    ]);
  });

  test.each([
    ["breaks off", ["HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab"], true],
    ["says nothing", [], true],
    ["does not tell its length", ["HTTP/1.1 200 OK\r\n\r\nabcd"], false],
    ["is not HTTP", ["no\r\n\r\n"], false],
  ])("knows no answer of a server that %s", async (_, pieces, ends) => {
    const url = serveRaw(pieces, ends);
    const { answers } = await drive(url, requestsTo(url, 3), 2);
    expect(answers).toEqual(new Array(3).fill({ status: 0, body: "" }));
  });
});

test("work on many items is done a few at a time and given in order", async () => {
  let under = 0;
  let most = 0;
  const doubled = await eachOf([1, 2, 3, 4, 5, 6, 7], 3, async (item, at) => {
    most = Math.max(most, ++under);
    await Bun.sleep((7 - at) * 2);
    under--;
    return item * 2;
  });
  expect(doubled).toEqual([2, 4, 6, 8, 10, 12, 14]);
  expect(most).toBe(3);
});
