/** The merchant's events: numbered without a gap, the same in the list and in every stream. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { registerLane, type Till } from "../../src/client/till.ts";
import { type Reply, SwitchRig, until } from "../switch-rig.ts";
import { EventStream } from "./sse.ts";

let rig: SwitchRig;
beforeAll(async () => {
  rig = await SwitchRig.start();
});
afterAll(() => rig[Symbol.asyncDispose]());

interface Told {
  readonly id: number;
  readonly type: string;
  readonly lane: string;
}

async function list(query: string, token = rig.merchantKey): Promise<readonly Told[]> {
  const { body } = await rig.send("GET", `/v1/events${query}`, { token });
  return body["data"] as readonly Told[];
}

let lanes = 1;
const newTill = (): Promise<Till> => registerLane(rig.caller, rig.merchantKey, `Lane ${++lanes}`);

const listen = ({ lane, key }: Till, after?: number): Promise<EventStream> =>
  EventStream.open(rig, lane.id, key, after);

describe("the list", () => {
  test("numbers the events of each merchant 1, 2, 3", async () => {
    const otherKey = await rig.merchant("Blue Door Coffee", "BLUE DOOR COFFEE");
    const other = await registerLane(rig.caller, otherKey, "Counter");
    for (let count = 0; count < 3; count++) {
      await rig.till.ask({ amountCents: 100 });
      await other.ask({ amountCents: 100 });
    }
    const [ours, theirs] = [await list("?limit=100"), await list("?limit=100", otherKey)];
    for (const events of [ours, theirs]) {
      expect(events.map(({ id }) => id)).toEqual(events.map((_, at) => at + 1));
    }
    expect(new Set(theirs.map(({ lane }) => lane))).toEqual(new Set([other.lane.id]));
    expect(ours.some(({ lane }) => lane === other.lane.id)).toBe(false);
  });

  test("is read on from any number, page by page", async () => {
    for (let count = 0; count < 5; count++) await rig.till.ask({ amountCents: 100 });
    const whole = await list("?limit=100");
    const found: Told[] = [];
    for (let since = 0; ; since = found.at(-1)?.id ?? 0) {
      const path = `/v1/events?since=${since}&limit=4`;
      const { body } = await rig.send("GET", path, { token: rig.merchantKey });
      found.push(...(body["data"] as readonly Told[]));
      if (body["has_more"] !== true) break;
    }
    expect(found).toEqual([...whole]);
    expect(await list("?since=1000000")).toEqual([]);
  });

  test("is the same after a restart", async () => {
    const before = await list("?limit=100");
    await rig.restart();
    expect(await list("?limit=100")).toEqual(before);
  });
});

describe("the stream of a lane", () => {
  test("starts now, and tells what happens at this lane only", async () => {
    const [till, other] = [await newTill(), await newTill()];
    await till.ask({ amountCents: 1 });
    const stream = await listen(till);
    expect(stream.response.headers.get("content-type")).toBe("text/event-stream");
    expect(stream.response.headers.get("cache-control")).toBe("no-store");
    expect(stream.response.headers.get("x-content-type-options")).toBe("nosniff");
    await other.ask({ amountCents: 2 });
    const request = await till.ask({ amountCents: 3 });
    await till.cancel(request);
    const heard = await stream.until(3);
    expect(heard.map(({ type }) => type)).toEqual([
      "payment_request.superseded",
      "payment_request.opened",
      "payment_request.cancelled",
    ]);
    stream.close();
  });

  test("goes on after Last-Event-ID without a gap, whatever happened in between", async () => {
    const till = await newTill();
    const first = await listen(till);
    await till.ask({ amountCents: 1 });
    const [opened] = await first.until(1);
    first.close();
    // The page is away for longer than a page of the feed.
    for (let count = 0; count < 60; count++) await till.ask({ amountCents: 2 + count });
    await rig.restart();
    const second = await listen(till, opened?.id);
    const heard = [...(await second.until(120))];
    await till.ask({ amountCents: 99 });
    const all = [...(await second.until(122))];
    const numbers = all.map(({ id }) => id);
    expect(numbers).toEqual(numbers.map((_, at) => (opened?.id ?? 0) + 1 + at));
    expect(heard).toEqual(all.slice(0, 120));
    second.close();
  });

  test("from the beginning is everything, and from beyond the end is what comes next", async () => {
    const till = await newTill();
    await till.ask({ amountCents: 1 });
    const fromStart = await listen(till, 0);
    expect((await fromStart.until(1))[0]?.type).toBe("payment_request.opened");
    fromStart.close();
    // A number that was never given, say of an older sandbox: silence for ever would be worse.
    const beyond = await listen(till, 999_999_999);
    await till.cancel(await till.current());
    expect((await beyond.until(1))[0]?.type).toBe("payment_request.cancelled");
    beyond.close();
  });
});

describe("a stream's listeners", () => {
  test("of one lane are all told the same", async () => {
    const till = await newTill();
    const streams = await Promise.all(Array.from({ length: 20 }, () => listen(till)));
    for (let count = 0; count < 5; count++) await till.ask({ amountCents: 1 + count });
    const heard = await Promise.all(streams.map((stream) => stream.until(9)));
    for (const each of heard) expect([...each]).toEqual([...(heard[0] ?? [])]);
    for (const stream of streams) stream.close();
  });

  test("leave nothing behind when a page is closed or only its head was asked for", async () => {
    const till = await newTill();
    const { viewRunner } = rig.running.services;
    const original = viewRunner.onAdvance.bind(viewRunner);
    let listening = 0;
    viewRunner.onAdvance = (listener) => {
      listening++;
      const stop = original(listener);
      return () => {
        listening--;
        stop();
      };
    };
    const streams = [await listen(till), await listen(till)];
    await until(() => listening === 2, "both listen");
    for (const stream of streams) stream.close();
    await until(() => listening === 0, "nobody listens");
    const headers = { authorization: `Bearer ${till.key}` };
    const url = `${rig.running.url}/v1/lanes/${till.lane.id}/events`;
    for (let count = 0; count < 20; count++) {
      const head = await fetch(url, { method: "HEAD", headers });
      expect(head.headers.get("content-type")).toBe("text/event-stream");
    }
    expect(listening).toBe(0);
    viewRunner.onAdvance = original;
  });

  test("are no strangers: those are refused before it begins", async () => {
    const till = await newTill();
    const path = `/v1/lanes/${till.lane.id}/events`;
    const ask = (token: string): Promise<Reply> => rig.send("GET", path, { token });
    expect((await ask(rig.till.key)).body["code"]).toBe("forbidden");
    expect((await ask("canary")).body["code"]).toBe("unauthenticated");
  });
});
