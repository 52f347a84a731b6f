/** Messages to phones: sent while they are of use, once taken destroyed, and never for ever. */
import { expect, test } from "bun:test";
import type { DeliverMessage } from "../../actors/directory.ts";
import { type Sms, SmsOutlet } from "../../src/rails/sms.ts";
import { VirtualClock } from "../../src/runtime/clock.ts";
import { MemoryEventLog } from "../../src/runtime/memory-event-log.ts";
import { Outbox } from "../../src/runtime/outbox.ts";
import { KeyRing, makeKeyFile } from "../../src/vault/key-ring.ts";
import { Vault } from "../../src/vault/vault.ts";
import { settleDown } from "../conformance/asks.ts";
import { commitOf, NOON_MS } from "../conformance/commits.ts";
import { MemoryRows } from "../vault/memory-rows.ts";

const MINUTE_MS = 60_000;
const SMS: Sms = { to: "+12025550198", text: "Your SEQR activation code is 123456." };

/** A message in the outbox, good for ten minutes, and a gateway that is down until told. */
async function posted() {
  const rows = new MemoryRows();
  const vault = new Vault(new KeyRing(makeKeyFile()), rows);
  const [token = ""] = vault.put([
    { kind: "message", owner: "reg_1", bytes: new TextEncoder().encode(JSON.stringify(SMS)) },
  ]);
  const clock = new VirtualClock(NOON_MS);
  const log = new MemoryEventLog();
  const command: DeliverMessage = { kind: "DeliverMessage", untilMs: NOON_MS + 10 * MINUTE_MS };
  const item = { id: "code>0", to: { kind: "sms", id: token }, command: JSON.stringify(command) };
  log.commit([commitOf({ outbox: [item] })]);
  const world = { isDown: true, asked: 0, sent: [] as (readonly [Sms, string])[] };
  const send = async (sms: Sms, key: string): Promise<void> => {
    world.asked++;
    if (world.isDown) throw new Error("planted");
    world.sent.push([sms, key]);
  };
  const outlets = { sms: new SmsOutlet(vault, { send }, clock) };
  const outbox = new Outbox(
    log,
    clock,
    outlets,
    () => {},
    () => {},
  );
  await outbox.start();
  await settleDown();
  const minutes = async (count: number): Promise<void> => {
    for (let minute = 0; minute < count; minute++) {
      clock.advance(MINUTE_MS);
      await settleDown();
    }
  };
  const left = () => ({ items: log.outboxNext(9).length, sealed: rows.rows.size });
  return { world, outbox, minutes, left };
}

test("a gateway that comes back within the time gets the message, with its key, once", async () => {
  const { world, outbox, minutes, left } = await posted();
  await minutes(8);
  expect(left()).toEqual({ items: 1, sealed: 1 });
  world.isDown = false;
  await minutes(30);
  expect(world.sent).toEqual([[SMS, "code>0"]]);
  expect(left()).toEqual({ items: 0, sealed: 0 });
  expect(outbox.troubled).toBe(0);
});

test("a message of no more use is destroyed, not sent, and asked of no gateway again", async () => {
  const { world, outbox, minutes, left } = await posted();
  await minutes(12);
  expect(left()).toEqual({ items: 0, sealed: 0 });
  expect(outbox.troubled).toBe(0);
  const { asked } = world;
  expect(asked).toBeGreaterThan(5);
  world.isDown = false;
  await minutes(30);
  expect(world).toEqual({ isDown: false, asked, sent: [] });
});
