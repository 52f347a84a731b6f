/** Who listens to a lane, and how many may: one lane never takes the places of all others. */
import { afterAll, beforeAll, expect, spyOn, test } from "bun:test";
import { laneId } from "../../actors/ids.ts";
import type { PaymentRequest } from "../../src/client/shapes.ts";
import { registerLane, type Till } from "../../src/client/till.ts";
import { STREAMS_MAX, STREAMS_PER_LANE_MAX, Streams } from "../../src/http/events.ts";
import { HELD_PER_LANE_MAX } from "../../src/http/lane-watch.ts";
import { Problem } from "../../src/http/problem.ts";
import { type Reply, SwitchRig, until } from "../switch-rig.ts";
import { EventStream } from "./sse.ts";

let rig: SwitchRig;
let other: Till;
beforeAll(async () => {
  rig = await SwitchRig.start();
  other = await registerLane(rig.caller, rig.merchantKey, "Lane 2");
});
afterAll(() => rig[Symbol.asyncDispose]());

function listen({ lane, key }: Till): Promise<Reply> {
  return rig.send("GET", `/v1/lanes/${lane.id}/events`, { token: key });
}

function hold({ lane, key }: Till, { id }: PaymentRequest, signal?: AbortSignal) {
  const path = `/v1/lanes/${lane.id}/payment-requests/${id}?wait=25000`;
  return fetch(rig.running.url + path, {
    headers: { authorization: `Bearer ${key}`, "if-none-match": '"1"' },
    ...(signal === undefined ? {} : { signal }),
  });
}

test("a lane has so many streams and no more, and gets the places back", async () => {
  const { lane, key } = rig.till;
  const open = () => EventStream.open(rig, lane.id, key);
  const streams = await Promise.all(Array.from({ length: STREAMS_PER_LANE_MAX }, open));
  const refused = await listen(rig.till);
  expect(refused.body).toMatchObject({ code: "too_many_listeners", status: 429 });
  expect(refused.headers.get("retry-after")).toBe("1");
  // Nobody else is kept out by that.
  const elsewhere = await EventStream.open(rig, other.lane.id, other.key);
  for (const stream of [...streams, elsewhere]) stream.close();
  const again = async (): Promise<boolean> => {
    const { response } = await EventStream.open(rig, lane.id, key).catch(() => ({
      response: null,
    }));
    await response?.body?.cancel().catch(() => {});
    return response !== null;
  };
  await until(again, "a closed stream makes room");
});

test("whoever leaves before his stream begins takes no place", () => {
  const faults: unknown[] = [];
  const streams = new Streams((fault) => void faults.push(fault));
  const listeners = new Set<() => void>();
  const source = {
    next: () => ({ text: "", hasMore: false }),
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  const lane = laneId(1);
  for (let gone = 0; gone <= STREAMS_MAX; gone++) {
    streams.open(lane, source, AbortSignal.abort());
  }
  expect(listeners.size).toBe(0);
  const open = () => streams.open(lane, source, new AbortController().signal);
  for (let at = 0; at < STREAMS_PER_LANE_MAX; at++) open();
  expect(open).toThrow(Problem);
  streams.close();
  expect([listeners.size, faults]).toEqual([0, []]);
});

test("a stream that meets a fault ends and gives its place back; the fault is told", async () => {
  const till = await registerLane(rig.caller, rig.merchantKey, "Lane 3");
  const open = () => EventStream.open(rig, till.lane.id, till.key);
  const streams = await Promise.all(Array.from({ length: STREAMS_PER_LANE_MAX }, open));
  const table = rig.running.services.views.table("merchant-events");
  class DiskFault extends Error {
    override readonly name = "DiskFault";
  }
  const reading = spyOn(table, "range").mockImplementation(() => {
    throw new DiskFault();
  });
  await till.ask({ amountCents: 1 });
  await Promise.all(streams.map(({ ended }) => ended));
  reading.mockRestore();
  const told = rig.lines.filter((line) => line.includes("DiskFault"));
  expect(told.length).toBeGreaterThanOrEqual(streams.length);
  const [again] = await Promise.all(Array.from({ length: STREAMS_PER_LANE_MAX }, open));
  const { id } = await till.ask({ amountCents: 2 });
  const isHeard = (): boolean =>
    again?.events.some(({ data }) => data["payment_request"] === id) === true;
  await until(isHeard, "what comes after the fault");
});

test("a lane has so many held requests and no more, and gets the places back", async () => {
  const [mine, theirs] = [
    await rig.till.ask({ amountCents: 1 }),
    await other.ask({ amountCents: 1 }),
  ];
  const gone = new AbortController();
  const held = Array.from({ length: HELD_PER_LANE_MAX }, () =>
    hold(rig.till, mine, gone.signal).catch(() => undefined),
  );
  const refused = async (): Promise<boolean> => {
    const tried = new AbortController();
    const timer = setTimeout(() => tried.abort(), 100);
    const answer = await hold(rig.till, mine, tried.signal).catch(() => undefined);
    clearTimeout(timer);
    return answer?.status === 429;
  };
  await until(refused, "all places are taken");
  const elsewhere = hold(other, theirs);
  await other.cancel(theirs);
  expect((await elsewhere).status).toBe(200);
  // Without waiting the status is told as ever.
  expect((await rig.till.show(mine.id)).status).toBe("open");
  gone.abort();
  await Promise.all(held);
  await until(async () => !(await refused()), "those who went away make room");
});
