/** The audit trail: every event of an account names who did it, and an act of the desk also why. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { scanned } from "../http/approvals.ts";
import { SwitchRig } from "../switch-rig.ts";

let rig: SwitchRig;
beforeAll(async () => {
  rig = await SwitchRig.start();
});
afterAll(() => rig[Symbol.asyncDispose]());

interface Entry {
  readonly position: number;
  readonly at: string;
  readonly event: string;
  readonly principal: string;
  readonly note: string | null;
}

async function trailOf(account: string, query = ""): Promise<readonly Entry[]> {
  const path = `/v1/desk/accounts/${account}/audit${query}`;
  const { body } = await rig.send("GET", path, { token: rig.deskKey });
  return body["data"] as readonly Entry[];
}

test("the trail names who did what, and why", async () => {
  const customer = await rig.customer();
  const { account } = customer.phone.keys;
  const { scan } = await scanned(rig, customer);
  await customer.phone.approve(scan, customer.wrongPin()).catch(() => {});
  await rig.pay(customer, 100);
  await rig.desk.block(account, "operator", "a strange call");
  await rig.desk.lift(account, "operator", "all is well");
  await rig.desk.setCap(account, 5_000, "asked for");

  const wallet = `wallet:${account}`;
  const trail = [...(await trailOf(account))].reverse();
  expect(trail.map(({ event, principal, note }) => [event, principal, note])).toEqual([
    ["AccountOpened", wallet, null],
    ["IdentityDocumentSubmitted", wallet, null],
    ["IdentityDocumentSubmitted", wallet, null],
    ["IdentityVerified", "desk:alice", null],
    ["WrongPinEntered", wallet, null],
    ["PaymentAuthorised", wallet, null],
    ["PaymentCaptured", "switch", null],
    ["AccountBlocked", "desk:alice", "a strange call"],
    ["BlockLifted", "desk:alice", "all is well"],
    ["CapSet", "desk:alice", "asked for"],
  ]);
  for (const { at } of trail) expect(Date.parse(at)).toBe(rig.clock.nowMs());
  const positions = trail.map(({ position }) => position);
  expect(positions).toEqual([...positions].sort((one, two) => one - two));
});

test("the trail is read page by page, and survives a restart", async () => {
  const customer = await rig.customer();
  const { account } = customer.phone.keys;
  await rig.pay(customer, 100);
  const whole = await trailOf(account);
  await rig.restart();
  const pages: Entry[] = [];
  for (let before = "", count = 0; count < 9; count++) {
    const page = await trailOf(account, `?limit=2${before}`);
    pages.push(...page);
    if (page.length < 2) break;
    before = `&before=${page.at(-1)?.position}`;
  }
  expect(pages).toEqual([...whole]);
});

test("a lane's own trail knows its keys and nothing of the payer", async () => {
  const customer = await rig.customer();
  await rig.pay(customer, 100);
  const { feed } = rig.running.services.host;
  const ref = { kind: "lane", id: rig.till.lane.id };
  const events = await feed.history(ref, Number.MAX_SAFE_INTEGER, 1_000);
  const names = new Set(events.map(({ kind, principal }) => `${kind} ${principal}`));
  expect([...names].sort()).toEqual([
    "LaneSetUp switch",
    "PaymentRequestOpened lane:1",
    "PaymentRequestPaid switch",
    "PaymentRequestScanned wallet",
    "PaymentRequestSuperseded lane:1",
  ]);
  const { account, device } = customer.phone.keys;
  const text = JSON.stringify(events);
  for (const own of [account, device, "acc_", "dev_", "per_"]) expect(text).not.toContain(own);
});

test("merchants and lanes are taken on by somebody with a name", async () => {
  const { feed } = rig.running.services.host;
  const ref = { kind: "merchant", id: "1" };
  const events = await feed.history(ref, Number.MAX_SAFE_INTEGER, 100);
  expect(events.map(({ kind, principal }) => `${kind} ${principal}`)).toEqual([
    "LaneRegistered merchant:1",
    "MerchantSetUp desk:alice",
  ]);
});
