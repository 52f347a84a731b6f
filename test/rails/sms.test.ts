/** Messages to phones: sent while they are of use, once taken destroyed, and never for ever. */
import { afterEach, describe, expect, test } from "bun:test";
import type { DeliverMessage } from "../../actors/directory.ts";
import { HttpSms, SandboxSms, type Sms, SmsOutlet } from "../../src/rails/sms.ts";
import { VirtualClock } from "../../src/runtime/clock.ts";
import { MemoryEventLog } from "../../src/runtime/memory-event-log.ts";
import { Outbox } from "../../src/runtime/outbox.ts";
import { settleDown } from "../conformance/asks.ts";
import { commitOf, NOON_MS } from "../conformance/commits.ts";
import { settled } from "../failure.ts";
import { memoryVault } from "../vault/memory-rows.ts";

const MINUTE_MS = 60_000;
const SMS: Sms = { to: "+12025550198", text: "Your SEQR activation code is 123456." };

/** A message in the outbox, good for ten minutes, and a gateway that is down until told. */
async function posted() {
  const { rows, vault } = memoryVault();
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

describe("the operator's gateway", () => {
  const stops: (() => void)[] = [];
  afterEach(() => {
    for (const stop of stops.splice(0)) stop();
  });

  function gateway(answer: (request: Request) => Response | Promise<Response>): HttpSms {
    const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: answer });
    stops.push(() => void server.stop(true));
    return new HttpSms(`http://127.0.0.1:${server.port}/send`);
  }

  test("gets a form with number and text, and the key in a header", async () => {
    const seen: unknown[] = [];
    const sms = gateway(async (request) => {
      const { method, headers } = request;
      const form = [...new URLSearchParams(await request.text())];
      seen.push([method, headers.get("content-type"), headers.get("idempotency-key"), form]);
      return new Response("queued", { status: 202 });
    });
    await sms.send({ to: "+12025550198", text: "Code: 123 & more" }, "code>0");
    const form = [
      ["to", "+12025550198"],
      ["text", "Code: 123 & more"],
    ];
    const type = "application/x-www-form-urlencoded;charset=UTF-8";
    expect(seen).toEqual([["POST", type, "code>0", form]]);
  });

  test.each([301, 302, 307, 400, 404, 429, 500, 503])(
    "that answers %p took nothing",
    async (status) => {
      const paths: string[] = [];
      const sms = gateway((request) => {
        const { pathname } = new URL(request.url);
        paths.push(pathname);
        if (pathname === "/login") return new Response("welcome");
        return new Response("no", { status, headers: { location: "/login" } });
      });
      expect(await settled(sms.send(SMS, "code>0"))).toThrow(`the SMS gateway answered ${status}`);
      expect(paths).toEqual(["/send"]);
    },
  );
});

test("the sandbox keeps the latest messages with their times, and not for ever", async () => {
  const clock = new VirtualClock(NOON_MS);
  const sandbox = new SandboxSms(clock);
  for (let number = 1; number <= 501; number++) {
    clock.advance(1);
    await sandbox.send({ to: `+1${number}`, text: "Hi" });
  }
  const sent = sandbox.sent();
  expect(sent).toHaveLength(500);
  expect(sent[0]).toEqual({ to: "+12", text: "Hi", atMs: NOON_MS + 2 });
  expect(sent.at(-1)).toEqual({ to: "+1501", text: "Hi", atMs: NOON_MS + 501 });
});
