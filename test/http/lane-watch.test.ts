/** The watch on a lane: woken by its events, ended by time, by its caller, or by a shutdown. */
import { expect, test } from "bun:test";
import { laneId } from "../../actors/ids.ts";
import { LaneWatch } from "../../src/http/lane-watch.ts";
import { Places } from "../../src/http/places.ts";
import type { StoredEvent } from "../../src/runtime/event-log.ts";
import type { Feed, FeedListener } from "../../src/runtime/feed.ts";

const LANE = laneId(1);

/** A watch on a feed that the test speaks into. */
function watching() {
  let listener: FeedListener = () => {};
  const feed = {
    subscribe(heard: FeedListener): void {
      listener = heard;
    },
  };
  const places = new Places();
  const watch = new LaneWatch(feed as unknown as Feed, places);
  // Whoever waits has been let in before, and gives his place up meanwhile.
  const until: LaneWatch["until"] = (...wait) => {
    return places.take("/v1/lanes", () => watch.until(...wait));
  };
  const tell = (kind: string, id: string): void => {
    listener([{ ref: { kind, id } } as StoredEvent]);
  };
  return { until, tell, close: () => watch.close() };
}

const request = (signal?: AbortSignal): Request =>
  new Request("http://x/", signal === undefined ? {} : { signal });

/** Looks, and says how often it looked. */
function looks(isNewAt: number) {
  const seen = { count: 0 };
  const isNew = async (): Promise<boolean> => ++seen.count >= isNewAt;
  return { seen, isNew };
}

test("what is new at the first look needs no event", async () => {
  const { until } = watching();
  const { seen, isNew } = looks(1);
  await until(LANE, 60_000, request(), isNew);
  expect(seen.count).toBe(1);
});

test("events of the lane make it look again, those of others do not", async () => {
  const { until, tell } = watching();
  const { seen, isNew } = looks(3);
  const over = until(LANE, 60_000, request(), isNew);
  await Bun.sleep(1);
  for (const [kind, id] of [
    ["lane", "lane_2"],
    ["account", "lane_1"],
  ] as const) {
    tell(kind, id);
  }
  await Bun.sleep(5);
  expect(seen.count).toBe(1);
  tell("lane", "lane_1");
  await Bun.sleep(1);
  tell("lane", "lane_1");
  await over;
  expect(seen.count).toBe(3);
});

test("an event between look and wait is not missed", async () => {
  const { until, tell } = watching();
  let count = 0;
  await until(LANE, 60_000, request(), async () => {
    count++;
    // It happens while the first look is under way.
    if (count === 1) tell("lane", "lane_1");
    return count === 2;
  });
  expect(count).toBe(2);
});

test("time that is over, or none at all, ends the wait", async () => {
  const { until } = watching();
  for (const waitMs of [0, 5, -1]) {
    const { seen, isNew } = looks(9);
    await until(LANE, waitMs, request(), isNew);
    expect(seen.count).toBe(1);
  }
});

test("a caller who is gone, or was never there, ends the wait", async () => {
  const { until } = watching();
  const abort = new AbortController();
  const waiting = until(LANE, 60_000, request(abort.signal), looks(9).isNew);
  await Bun.sleep(1);
  abort.abort();
  await waiting;
  await until(LANE, 60_000, request(abort.signal), looks(9).isNew);
});

test("a shutdown ends every wait, and those that come after it", async () => {
  const { until, close } = watching();
  const waits = [1, 2, 3].map(() => until(LANE, 60_000, request(), looks(9).isNew));
  await Bun.sleep(1);
  close();
  await Promise.all(waits);
  await until(LANE, 60_000, request(), looks(9).isNew);
});

test("a look that fails ends the wait with its fault and leaves the lane alone", async () => {
  const { until, tell } = watching();
  const fault = new Error("not to be had");
  const failing = until(LANE, 60_000, request(), () => Promise.reject(fault));
  expect(await failing.catch((error: unknown) => error)).toBe(fault);
  tell("lane", "lane_1");
  await until(LANE, 1, request(), looks(9).isNew);
});
