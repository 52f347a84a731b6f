/** What can be scanned: every code of ours, and no other, whatever it looks like. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { laneId } from "../../actors/ids.ts";
import type { Payee } from "../../actors/receipt.ts";
import { Codes } from "../../src/http/codes.ts";
import { KeyRing, makeKeyFile } from "../../src/vault/key-ring.ts";
import {
  encodeQrBody,
  type QrPayload,
  qrPayload,
  qrSigningMessage,
  qrText,
} from "../../wasm/qr.ts";
import { type Customer, type Reply, SwitchRig } from "../switch-rig.ts";
import { sessionOf } from "./route-samples.ts";

let rig: SwitchRig;
let customer: Customer;
beforeAll(async () => {
  rig = await SwitchRig.start();
  customer = await rig.customer();
});
afterAll(() => rig[Symbol.asyncDispose]());

function scan(qr: string): Promise<Reply> {
  return rig.send("POST", "/v1/scans", { token: sessionOf(rig, customer), json: { qr } });
}

/** A payload signed by this switch, whatever it says. */
function signed(payload: QrPayload, spoil: (body: Uint8Array) => void = () => {}): string {
  const { keys } = rig.running.services;
  const body = encodeQrBody(payload);
  spoil(body);
  return qrText("x.example", qrPayload(body, keys.signQr(qrSigningMessage(body))));
}

const payee: Payee = {
  merchantNumber: 1,
  merchantName: "Corner Grocery",
  laneId: laneId(1),
  laneName: "Lane 1",
  street: "12 Main Street",
  city: "Denver",
  state: "CO",
};

const sticker = (kid = rig.running.services.keys.kid): QrPayload => ({
  kind: "lane_sticker",
  kid,
  merchantNumber: 1,
  laneNumber: 1,
});

async function codeOf(qr: string): Promise<unknown> {
  return (await scan(qr)).body["code"];
}

test("what is no code of ours is told apart from what only looks like one", async () => {
  await rig.till.ask({ amountCents: 100 });
  const { qr_text: qr } = await rig.till.current();
  const base32At = qr.lastIndexOf("/") + 1;
  const malformed = [
    "",
    "https://shop.example/pay?amount=1",
    "HTTP://X/D/",
    "HTTP://X/D/1",
    "HTTP://X/E/AAAA",
    "HTTP://X/R12345",
    "HTTP://X/R12345678901234A",
    `HTTPS${qr.slice(4)}`,
    qr.slice(0, base32At) + qr.slice(base32At).toLowerCase(),
    `${qr}A`,
    qr.slice(0, -8),
    "HTTP:///R123456789012345",
    " ".repeat(400),
  ];
  const before = await rig.position();
  for (const text of malformed) expect([text, await codeOf(text)]).toEqual([text, "qr_malformed"]);
  const other = new Codes(new KeyRing(makeKeyFile()), "x.example", 1_000);
  const forged = [
    other.stickerText(payee),
    `HTTP://X/Q${other.stickerId(laneId(1))}`,
    "HTTP://X/QAAAAAAAAAAAAAAA",
    "HTTP://X/Q1",
    signed(sticker(200)),
  ];
  for (const text of forged) expect([text, await codeOf(text)]).toEqual([text, "qr_not_genuine"]);
  expect(await rig.position()).toBe(before);
});

test("a code that is rightly signed and wrongly made is malformed", async () => {
  expect(await codeOf(signed(sticker(), (body) => body.fill(9, 0, 1)))).toBe("qr_malformed");
  expect(await codeOf(signed(sticker(), (body) => body.fill(0, 7, 11)))).toBe("qr_malformed");
});

test("a code to shop with or to prove a payment is not one to pay with", async () => {
  const { kid } = rig.running.services.keys;
  const item: QrPayload = { kind: "shop_item", kid, merchantNumber: 1, itemNumber: 7 };
  expect(await codeOf(signed(item))).toBe("qr_not_payable");
});

describe("a code of a lane or request that is not there", () => {
  test("is told as such", async () => {
    const { keys, publicHost } = rig.running.services;
    const codes = new Codes(keys, publicHost, 1_000);
    expect(await codeOf(signed({ ...sticker(), laneNumber: 99 } as QrPayload))).toBe(
      "lane_not_found",
    );
    expect(await codeOf(`HTTP://X/R${codes.reference(laneId(1), 9_999)}`)).toBe(
      "request_not_found",
    );
    expect(await codeOf(`HTTP://X/R${codes.reference(laneId(99), 1)}`)).toBe("lane_not_found");
  });
});

test("what a request says counts, not what an old code of it says", async () => {
  const request = await rig.till.ask({ amountCents: 100 });
  await rig.till.update(request, { amountCents: 200 });
  // R22: the amount always comes from the switch; the code only says where to look.
  const { body } = await scan(request.qr_text);
  expect(body).toMatchObject({ amount: { amount: 200 }, version: 2 });
});

test("whoever scans sees the same request, with a nonce of their own", async () => {
  const { qr_text: qr } = await rig.till.ask({ amountCents: 100 });
  const other = await rig.customer();
  const [mine, again] = [await customer.phone.scan(qr), await customer.phone.scan(qr)];
  const theirs = await other.phone.scan(qr);
  expect(again.nonce).toBe(mine.nonce);
  expect(theirs.nonce).not.toBe(mine.nonce);
  expect(theirs.payment_request).toBe(mine.payment_request);
});
