/** An approval is what the payer saw and signed, byte for byte, or it is nothing. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { DeviceView } from "../../actors/account-messages.ts";
import type { Message } from "../../actors/actor.ts";
import { assert } from "../../actors/assert.ts";
import { encodeId, ID_BYTES } from "../../actors/ids.ts";
import { pinBytes } from "../../src/client/phone.ts";
import type { Scan } from "../../src/client/shapes.ts";
import { makeApp } from "../../src/http/app.ts";
import { makeNonce } from "../../src/http/nonce.ts";
import type { Host } from "../../src/runtime/host.ts";
import { APPROVAL_BYTES } from "../../wasm/approval.ts";
import { concatBytes } from "../../wasm/bytes.ts";
import { signP256 } from "../../wasm/p256.ts";
import { pinProof } from "../../wasm/pin.ts";
import { type Customer, cheapPinKey, PIN, SwitchRig } from "../switch-rig.ts";
import { type Approval, approvalOf, scanned, sendApproval, wireOf } from "./approvals.ts";

let rig: SwitchRig;
let customer: Customer;
let scan: Scan;
let approval: Approval;

beforeAll(async () => {
  rig = await SwitchRig.start();
  customer = await rig.customer();
  scan = (await scanned(rig, customer)).scan;
  approval = await approvalOf(customer, scan);
});
afterAll(() => rig[Symbol.asyncDispose]());

function flipped(bytes: Uint8Array, at: number, mask: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ mask;
  return copy;
}

/** Proof and signature by the right keys, over whatever the bytes say. */
async function signedAgain(bytes: Uint8Array): Promise<Approval> {
  const { keyPair, ...keys } = customer.phone.keys;
  const proof = pinProof(cheapPinKey(pinBytes(PIN), keys), bytes);
  return { bytes, proof, signature: await signP256(keyPair.privateKey, concatBytes(bytes, proof)) };
}

interface Field {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** What a changed byte is answered with: as it is, and proved and signed anew. */
  readonly codes: readonly string[];
  readonly signed: readonly string[];
}

const MALFORMED = ["approval_malformed"];
const NO_SUBJECT = ["request_not_found", "lane_not_found", "approval_subject_unknown"];
const NONCE = ["nonce_invalid"];
const CHANGED = ["request_changed"];
const SIGNATURE = ["device_signature_invalid", ...MALFORMED];

// biome-ignore format: a table is read by its columns.
const FIELDS: readonly Field[] = [
  { name: "tag", from: 0, to: 8, codes: MALFORMED, signed: MALFORMED },
  { name: "kind", from: 8, to: 9, codes: [...MALFORMED, ...NO_SUBJECT],
    signed: [...MALFORMED, ...NO_SUBJECT] },
  { name: "reserved", from: 9, to: 10, codes: MALFORMED, signed: MALFORMED },
  { name: "PIN version", from: 10, to: 12, codes: SIGNATURE, signed: ["verdict_stale"] },
  { name: "account", from: 12, to: 28, codes: NONCE, signed: NONCE },
  { name: "device", from: 28, to: 44, codes: NONCE, signed: NONCE },
  { name: "subject", from: 44, to: 60, codes: NO_SUBJECT, signed: NO_SUBJECT },
  { name: "subject version", from: 60, to: 62, codes: CHANGED, signed: CHANGED },
  { name: "amount", from: 62, to: 68, codes: CHANGED, signed: CHANGED },
  { name: "currency", from: 68, to: 70, codes: [...CHANGED, ...MALFORMED],
    signed: [...CHANGED, ...MALFORMED] },
  { name: "reserved", from: 70, to: 72, codes: MALFORMED, signed: MALFORMED },
  { name: "payee tag", from: 72, to: 88, codes: ["payee_changed"], signed: ["payee_changed"] },
  { name: "counter", from: 88, to: 96, codes: SIGNATURE,
    signed: ["counter_out_of_step", ...MALFORMED] },
  // Recorded and never trusted: signed by the phone it may say anything that is a time.
  { name: "client time", from: 96, to: 104, codes: SIGNATURE, signed: [] },
  { name: "nonce", from: 104, to: 116, codes: NONCE, signed: NONCE },
];

describe("an approval with one changed byte is refused, and costs the payer no try:", () => {
  for (const { name, from, to, codes, signed } of FIELDS) {
    test(`${name}, bytes ${from} to ${to - 1}`, async () => {
      const before = await rig.position();
      for (let at = from; at < to; at++) {
        for (const mask of [0x01, 0x80]) {
          // A lower counter, rightly signed, is a copied phone: it has its own test.
          const isLowCounter = name === "counter" && at === to - 1 && mask === 1;
          const bytes = flipped(approval.bytes, at, mask);
          const tampered = await sendApproval(rig, { ...approval, bytes });
          const said = String(tampered.body["code"]);
          expect([at, mask, codes.includes(said) ? "refused" : said]).toEqual([
            at,
            mask,
            "refused",
          ]);
          if (signed.length === 0 || isLowCounter) continue;
          const resigned = await sendApproval(rig, await signedAgain(bytes));
          const saidThen = String(resigned.body["code"]);
          expect([at, mask, signed.includes(saidThen) ? "refused" : saidThen]).toEqual([
            at,
            mask,
            "refused",
          ]);
        }
      }
      expect(await rig.position()).toBe(before);
    });
  }

  test("the table covers every byte", () => {
    const covered = FIELDS.flatMap(({ from, to }) =>
      Array.from({ length: to - from }, (_, at) => from + at),
    );
    expect(covered).toEqual(Array.from({ length: APPROVAL_BYTES }, (_, at) => at));
  });

  test("proof and signature, each bit of each byte", async () => {
    const before = await rig.position();
    for (const part of ["proof", "signature"] as const) {
      for (let at = 0; at < approval[part].length; at++) {
        const mask = 1 << (at % 8);
        const changed = { ...approval, [part]: flipped(approval[part], at, mask) };
        const { body } = await sendApproval(rig, changed);
        expect([part, at, body["code"]]).toEqual([part, at, "device_signature_invalid"]);
      }
    }
    expect(await rig.position()).toBe(before);
  });

  test("parts of another length, or in another spelling", async () => {
    const before = await rig.position();
    const longer = (bytes: Uint8Array): Uint8Array => concatBytes(bytes, new Uint8Array(1));
    for (const part of ["bytes", "proof", "signature"] as const) {
      for (const other of [longer(approval[part]), approval[part].subarray(1), new Uint8Array()]) {
        const { body } = await sendApproval(rig, { ...approval, [part]: other });
        expect(body["code"]).toBe("approval_malformed");
      }
    }
    const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
    for (const spell of [base64, (bytes: Uint8Array) => `${base64(bytes)}==`]) {
      const json = {
        approval: spell(approval.bytes),
        proof: spell(approval.proof),
        signature: spell(approval.signature),
      };
      const { body } = await rig.send("POST", "/v1/payments", { key: "spelling", json });
      expect(body["code"]).toBe("approval_malformed");
    }
    expect(await rig.position()).toBe(before);
  });
});

describe("the server nonce is of one request, version, account, device and time:", () => {
  const other = new Uint8Array(ID_BYTES).fill(9);

  test("that of any other is refused", async () => {
    const { keys, clock } = rig.running.services;
    const { account, device } = customer.phone.keys;
    const requestId = scan.payment_request as Parameters<typeof makeNonce>[1]["requestId"];
    const own = { requestId, version: scan.version, accountId: account, deviceId: device };
    const untilMs = clock.nowMs() + 60_000;
    const strange = [
      { ...own, version: own.version + 1 },
      { ...own, accountId: encodeId("account", other) },
      { ...own, deviceId: encodeId("device", other) },
      { ...own, requestId: encodeId("paymentRequest", other) },
    ];
    const before = await rig.position();
    for (const subject of strange) {
      const nonce = makeNonce(keys, subject, untilMs);
      const { body } = await sendApproval(rig, await approvalOf(customer, scan, { nonce }));
      expect(body["code"]).toBe("nonce_invalid");
    }
    const over = makeNonce(keys, own, clock.nowMs());
    const { body } = await sendApproval(rig, await approvalOf(customer, scan, { nonce: over }));
    expect(body["code"]).toBe("nonce_expired");
    expect(await rig.position()).toBe(before);
  });

  test("the nonce that another payer got for the same request is of no use", async () => {
    const stranger = await rig.customer();
    const theirs = await stranger.phone.scan((await rig.till.show(scan.payment_request)).qr_text);
    const stolen = await approvalOf(stranger, { ...theirs, nonce: scan.nonce });
    expect((await sendApproval(rig, stolen)).body["code"]).toBe("nonce_invalid");
  });
});

test("after all that the one right approval is paid, with every try left", async () => {
  const paid = await sendApproval(rig, approval);
  expect(paid.body).toMatchObject({ status: "captured", next_counter: 2 });
  const wrong = await scanned(rig, customer);
  const refused = await approvalOf(customer, wrong.scan, {}, customer.wrongPin());
  expect((await sendApproval(rig, refused)).body).toMatchObject({ attempts_left: 2 });
});

test("a proof that was checked with an older PIN key is no wrong PIN", async () => {
  const payer = await rig.customer();
  const given = await scanned(rig, payer);
  const right = await approvalOf(payer, given.scan);
  const { services } = rig.running;
  const { host, vault } = services;
  const { account } = payer.phone.keys;
  const sealing = { kind: "pin-key" as const, owner: account, bytes: new Uint8Array(32).fill(3) };
  const [pinKey = ""] = vault.put([sealing]);
  // What the gateway read a moment before the key was changed.
  const ask: Host["ask"] = async (ref, command, options) => {
    const reply = await host.ask(ref, command, options);
    if (command.kind !== "DescribeDevice") return reply;
    const { device } = reply as DeviceView;
    return { kind: "device", device: { ...device, pinVersion: 0 }, pinKey } as Message;
  };
  const late = { feed: host.feed, isDraining: false, ask, once: host.once.bind(host) };
  const { api } = makeApp({ ...services, host: late as unknown as Host });
  const answer = await api.request("/v1/payments", {
    method: "POST",
    headers: { "content-type": "application/json", "idempotency-key": crypto.randomUUID() },
    body: JSON.stringify(wireOf(right)),
  });
  expect(await answer.json()).toMatchObject({ code: "verdict_stale" });
  expect((await sendApproval(rig, right)).status).toBe(200);
});

/** FIPS 186-5 section 6.4: s and n - s are both a signature; n is the order of P-256. */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

test("the other spelling of a signature is the same payment", async () => {
  const given = await scanned(rig, customer);
  const first = await approvalOf(customer, given.scan);
  const s = BigInt(`0x${Buffer.from(first.signature.subarray(32)).toString("hex")}`);
  const other = Buffer.from((ORDER - s).toString(16).padStart(64, "0"), "hex");
  const twin = { ...first, signature: concatBytes(first.signature.subarray(0, 32), other) };
  const [one, two] = [await sendApproval(rig, first), await sendApproval(rig, twin)];
  expect([one.status, two.status]).toEqual([200, 200]);
  expect(two.body["id"]).toBe(one.body["id"] as string);
  expect(await customer.phone.receipts()).toHaveLength(2);
});

test("a request of a lane that is not there, or of no lane, is no subject", async () => {
  const given = await scanned(rig, customer);
  const noLane = new Uint8Array(ID_BYTES);
  const strangeLane = noLane.slice();
  strangeLane[12] = 0x40;
  for (const [subject, code] of [
    [noLane, "approval_subject_unknown"],
    [strangeLane, "request_not_found"],
  ] as const) {
    const { body } = await sendApproval(rig, await approvalOf(customer, given.scan, { subject }));
    expect(String(body["code"])).toBe(code);
  }
  assert(given.request.status === "open", "the request was open all the time");
});
