/** Sessions: a challenge signed by the phone, used once and soon; strangers learn nothing. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { encodeId, ID_BYTES } from "../../actors/ids.ts";
import { text64 } from "../../src/client/phone.ts";
import { generateP256KeyPair, signP256 } from "../../wasm/p256.ts";
import { type Customer, type Reply, SwitchRig } from "../switch-rig.ts";
import { textIn } from "./registering.ts";

let rig: SwitchRig;
let customer: Customer;
beforeAll(async () => {
  rig = await SwitchRig.start();
  customer = await rig.customer();
});
afterAll(() => rig[Symbol.asyncDispose]());

const MINUTE_MS = 60_000;

interface Ids {
  readonly account: string;
  readonly device: string;
}

function idsOf({ phone }: Customer): Ids {
  return { account: phone.keys.account, device: phone.keys.device };
}

async function challengeFor(ids: Ids): Promise<string> {
  const reply = await rig.send("POST", "/v1/sessions/challenges", { json: ids });
  return textIn(reply.body, "challenge");
}

async function signed(challenge: string, key = customer.phone.keys.keyPair): Promise<string> {
  const message = new TextEncoder().encode(`SEQR-SESSION-v1\0${challenge}`);
  return text64(await signP256(key.privateKey, message));
}

function open(ids: Ids, challenge: string, signature: string): Promise<Reply> {
  return rig.send("POST", "/v1/sessions", { json: { ...ids, challenge, signature } });
}

test("a signed challenge opens a session for fifteen minutes, and that once", async () => {
  const ids = idsOf(customer);
  const challenge = await challengeFor(ids);
  const signature = await signed(challenge);
  const { status, body } = await open(ids, challenge, signature);
  expect(status).toBe(201);
  expect(Date.parse(textIn(body, "expires_at")) - rig.clock.nowMs()).toBe(15 * MINUTE_MS);
  const token = textIn(body, "token");
  expect((await rig.send("GET", "/v1/account", { token })).status).toBe(200);
  expect((await open(ids, challenge, signature)).body["code"]).toBe("challenge_invalid");
  rig.clock.advance(15 * MINUTE_MS);
  expect((await rig.send("GET", "/v1/account", { token })).body["code"]).toBe("unauthenticated");
});

test("a challenge is good for a minute, for one phone, and not after a restart", async () => {
  const [ids, other] = [idsOf(customer), idsOf(await rig.customer())];
  const late = await challengeFor(ids);
  rig.clock.advance(MINUTE_MS);
  expect((await open(ids, late, await signed(late))).body["code"]).toBe("challenge_invalid");
  const theirs = await challengeFor(other);
  expect((await open(ids, theirs, await signed(theirs))).body["code"]).toBe("challenge_invalid");
  const before = await challengeFor(ids);
  await rig.restart();
  expect((await open(ids, before, await signed(before))).body["code"]).toBe("challenge_invalid");
});

test("a wrong signature opens nothing, and takes nothing from who has the right one", async () => {
  const ids = idsOf(customer);
  const challenge = await challengeFor(ids);
  const stranger = await generateP256KeyPair();
  const wrong = await open(ids, challenge, await signed(challenge, stranger));
  expect(wrong.body["code"]).toBe("device_signature_invalid");
  const signature = await signed(challenge);
  const taps = await Promise.all([1, 2, 3].map(() => open(ids, challenge, signature)));
  expect(taps.map(({ status }) => status).sort()).toEqual([201, 401, 401]);
});

test("a signature of something else opens nothing", async () => {
  const ids = idsOf(customer);
  const { keyPair } = customer.phone.keys;
  const bare = await challengeFor(ids);
  const withoutTag = text64(await signP256(keyPair.privateKey, new TextEncoder().encode(bare)));
  expect((await open(ids, bare, withoutTag)).body["code"]).toBe("device_signature_invalid");
  for (const signature of ["", "AAAA", "not base64!", `${await signed(bare)}A`]) {
    const challenge = await challengeFor(ids);
    expect((await open(ids, challenge, signature)).status).toBe(401);
  }
});

describe("whether an account exists", () => {
  test("shows only to whoever has its key", async () => {
    const id = new Uint8Array(ID_BYTES).fill(7);
    const real = idsOf(customer);
    const nobody = { account: encodeId("account", id), device: encodeId("device", id) };
    const strangers = [nobody, { ...real, device: nobody.device }, real];
    const stranger = await generateP256KeyPair();
    const answers: unknown[] = [];
    for (const ids of strangers) {
      const challenge = await challengeFor(ids);
      const { status, body } = await open(ids, challenge, await signed(challenge, stranger));
      const { request_id: _, ...said } = body;
      answers.push([status, said]);
    }
    expect(answers[0]).toEqual(answers[2]);
    expect(answers[1]).toEqual(answers[2]);
  });
});

test("a challenge is good as it was given, and no other", async () => {
  const ids = idsOf(customer);
  const challenge = await challengeFor(ids);
  const [expires = "", random = "", tag = ""] = challenge.slice(3).split(".");
  const later = String(Number(expires) + MINUTE_MS);
  const forged = [
    "",
    "ch_",
    `ch_${later}.${random}.${tag}`,
    `ch_${expires}.${tag}.${random}`,
    `ch_0${expires}.${random}.${tag}`,
    `${challenge}A`,
    challenge.slice(3),
  ];
  for (const text of forged) {
    expect((await open(ids, text, await signed(text))).body["code"]).toBe("challenge_invalid");
  }
  expect((await open(ids, challenge, await signed(challenge))).status).toBe(201);
});
