/** The outbox of a world that stays away: what waits in the log does not all wait in memory. */
import { expect, test } from "bun:test";
import { VirtualClock } from "../../src/runtime/clock.ts";
import { MemoryEventLog } from "../../src/runtime/memory-event-log.ts";
import { Outbox, TAKEN_MAX } from "../../src/runtime/outbox.ts";
import { settleDown } from "../conformance/asks.ts";
import { commitOf, NOON_MS } from "../conformance/commits.ts";
import { until } from "../conformance/rig.ts";

const COUNT = TAKEN_MAX + 1_000;

function itemsOf(count: number) {
  return Array.from({ length: count }, (_, n) => ({
    id: `note>${n}`,
    to: { kind: "post", id: `${n}` },
    command: '{"kind":"note"}',
  }));
}

test("no more is held in memory than the maximum, and all arrives in the end", async () => {
  const log = new MemoryEventLog();
  const clock = new VirtualClock(NOON_MS);
  log.commit([commitOf({ outbox: itemsOf(COUNT) })]);
  let isDown = true;
  const delivered = new Set<string>();
  const deliver = async (id: string): Promise<void> => {
    if (isDown) throw new Error("planted");
    delivered.add(id);
  };
  const outbox = new Outbox(
    log,
    clock,
    { post: { deliver } },
    () => {},
    () => {},
  );
  await outbox.start();
  await until(() => outbox.troubled >= TAKEN_MAX, "as many as may be have failed");
  for (let minute = 0; minute < 5; minute++) {
    clock.advance(60_000);
    await settleDown();
  }
  expect(outbox.troubled).toBe(TAKEN_MAX);
  expect(outbox.held).toBe(TAKEN_MAX);
  isDown = false;
  await until(() => {
    clock.advance(60_000);
    return delivered.size === COUNT;
  }, "all are delivered");
  await until(() => outbox.held === 0, "nothing is held any more");
  expect(outbox.troubled).toBe(0);
  await outbox.stop();
});
