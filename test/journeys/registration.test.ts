/** Becoming a customer, as the FAQ tells it: number, code, birth date, bank account, pictures. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { assert } from "../../actors/assert.ts";
import { ApiProblem } from "../../src/client/call.ts";
import { pinBytes, text64 } from "../../src/client/phone.ts";
import { Registration } from "../../src/client/registration.ts";
import { PICTURE } from "../../src/commands/sandbox.ts";
import { generateP256KeyPair, signP256 } from "../../wasm/p256.ts";
import { ed25519PublicKey, ed25519Sign } from "../../wasm/reference.ts";
import {
  type Activated,
  activated,
  askForCode,
  complete,
  completionOf,
  enterCode,
  mandateOf,
  messageOf,
  otherCode,
  signedCompletion,
  started,
  textIn,
} from "../http/registering.ts";
import { sessionOf } from "../http/route-samples.ts";
import { cheapPinKey, PIN, type Reply, SwitchRig, sendPictures, until } from "../switch-rig.ts";

let rig: SwitchRig;
beforeAll(async () => {
  rig = await SwitchRig.start();
});
afterAll(() => rig[Symbol.asyncDispose]());

async function completed(changes: Readonly<Record<string, unknown>>): Promise<Reply> {
  const activation = await activated(rig);
  return await complete(rig, activation, await completionOf(rig, activation, changes));
}

test("from a phone number to a verified account with its limit", async () => {
  const phoneNumber = rig.newPhoneNumber();
  const registration = await Registration.start(rig.caller, phoneNumber);
  const message = await rig.desk.smsTo(phoneNumber);
  expect(message).toMatch(/^Your SEQR activation code is [0-9]{6}\. It is valid for 10 minutes\.$/);
  const person = {
    name: "Ada Example",
    birthDate: "04/12/1990",
    routingNumber: "021000021",
    accountNumber: "9990000000",
    bankAccountKind: "savings" as const,
  };
  const code = await rig.codeSentTo(phoneNumber);
  const phone = await registration.complete(code, person, pinBytes(PIN), cheapPinKey);

  // R10: before it is verified, the wallet shows the state of the check and no limit.
  expect(await phone.account()).toMatchObject({
    status: "open",
    identity: "none",
    limit: null,
    device: { next_counter: 1, pin_version: 1 },
  });
  await phone.sendPicture("front", "driving_licence", PICTURE);
  expect((await phone.account()).identity).toBe("none");
  await phone.sendPicture("rear", "driving_licence", PICTURE);
  expect((await phone.account()).identity).toBe("pending");

  const { account } = phone.keys;
  const queue = await rig.send("GET", "/v1/desk/identities", { token: rig.deskKey });
  expect(queue.body["data"]).toEqual([{ account }]);
  for (const side of ["front", "rear"]) {
    const path = `/v1/desk/accounts/${account}/identity/${side}`;
    const headers = { authorization: `Bearer ${rig.deskKey}` };
    const picture = await fetch(rig.running.url + path, { headers });
    expect(picture.headers.get("content-type")).toBe("image/png");
    expect(new Uint8Array(await picture.arrayBuffer())).toEqual(PICTURE);
  }
  await rig.desk.verifyIdentity(account);
  expect(await phone.account()).toMatchObject({
    identity: "verified",
    limit: { cap: { amount: 10_000 }, available: { amount: 10_000 }, exposure: { amount: 0 } },
  });
  const after = await rig.send("GET", "/v1/desk/identities", { token: rig.deskKey });
  expect(after.body["data"]).toEqual([]);
  const gone = `/v1/desk/accounts/${account}/identity/front`;
  expect((await rig.send("GET", gone, { token: rig.deskKey })).body["code"]).toBe("not_found");
});

describe("the phone number", () => {
  test("is + and country code and what follows, and +1 takes exactly ten digits", async () => {
    const right = ["+12025550199", "+46701740605", "+358401234567", "+442079460123"];
    for (const phone of right) {
      const { status } = await askForCode(rig, phone);
      expect([phone, status]).toEqual([phone, 201]);
    }
    const wrong = [
      "12025550198",
      "+1202555019",
      "+120255501988",
      "+1 202 555 0198",
      "+1-202-555-0198",
      "(202) 555-0198",
      "+0202555019",
      "+",
      "",
      "+1202555019x",
      "+१२०२५५५०१९",
      "+12025550198\n",
      "tel:+12025550198",
    ];
    const before = await rig.position();
    for (const phone of wrong) {
      const { body } = await askForCode(rig, phone);
      expect([phone, body["code"]]).toEqual([phone, "invalid_request"]);
    }
    expect(await rig.position()).toBe(before);
  });

  test("is one customer's: a second registration under it is refused", async () => {
    const { phoneNumber } = await rig.customer();
    expect((await askForCode(rig, phoneNumber)).body["code"]).toBe("phone_taken");
  });

  test("goes to who enters a right code: other registrations end then", async () => {
    const first = await started(rig);
    const { body } = await askForCode(rig, first.phoneNumber);
    await until(async () => (await rig.codeSentTo(first.phoneNumber)) !== first.code, "a new code");
    const second = { ...first, id: textIn(body, "id") };
    const wrong = await enterCode(rig, first, otherCode(first.code));
    expect(wrong.body).toMatchObject({ code: "code_wrong", tries_left: 4 });
    const code = await rig.codeSentTo(first.phoneNumber);
    expect((await enterCode(rig, second, code)).status).toBe(200);
    const old = await enterCode(rig, first, first.code);
    expect(old.body["code"]).toBe("registration_not_found");
  });

  test("is free again when the registration is not completed within a day", async () => {
    const activation = await activated(rig);
    rig.clock.advance(86_400_000);
    const late = async (): Promise<Reply> =>
      await complete(rig, activation, await completionOf(rig, activation));
    await until(async () => (await late()).body["code"] === "registration_not_found", "it is free");
    expect((await askForCode(rig, activation.phoneNumber)).status).toBe(201);
  });
});

describe("the activation code", () => {
  test("has five tries, and the right one after that is refused too", async () => {
    const start = await started(rig);
    const answers: unknown[] = [];
    for (let tries = 0; tries < 5; tries++) {
      const { body } = await enterCode(rig, start, otherCode(start.code));
      answers.push([body["code"], body["tries_left"]]);
    }
    expect(answers).toEqual([4, 3, 2, 1, 0].map((left) => ["code_wrong", left]));
    const right = await enterCode(rig, start, start.code);
    expect(right.body["code"]).toBe("code_expired");
    expect((await askForCode(rig, start.phoneNumber)).status).toBe(201);
  });

  test("is valid for ten minutes", async () => {
    const [early, late] = [await started(rig), await started(rig)];
    rig.clock.advance(10 * 60_000 - 1);
    expect((await enterCode(rig, early, early.code)).status).toBe(200);
    rig.clock.advance(1);
    expect((await enterCode(rig, late, late.code)).body["code"]).toBe("code_expired");
  });

  test("is sent three times at most", async () => {
    const { phoneNumber } = await started(rig);
    expect((await askForCode(rig, phoneNumber)).status).toBe(201);
    expect((await askForCode(rig, phoneNumber)).status).toBe(201);
    expect((await askForCode(rig, phoneNumber)).body["code"]).toBe("too_many_codes");
  });

  test("is of one number: under another one it is of no use", async () => {
    const [start, other] = [await started(rig), await started(rig)];
    const swapped = { id: start.id, phoneNumber: other.phoneNumber };
    expect((await enterCode(rig, swapped, start.code)).body["code"]).toBe("registration_not_found");
  });

  test("may be entered again when the answer was lost", async () => {
    const start = await started(rig);
    const first = await enterCode(rig, start, start.code);
    const again = await enterCode(rig, start, start.code);
    expect(again.body).toEqual(first.body);
  });
});

describe("the birth date", () => {
  // Eleven in the evening in New York is the next day in Greenwich.
  beforeEach(() => rig.clock.advanceTo(nextEvening(rig.clock.nowMs())));

  test("is typed MM/DD/YYYY and nothing else", async () => {
    const wrong = [
      "4/12/1990",
      "04/12/90",
      "1990-04-12",
      "13/01/1990",
      "00/10/1990",
      "02/30/1990",
      "02/29/1990",
      "04/31/1990",
      "04/00/1990",
      "12.04.1990",
      "04/12/1899",
      " 04/12/1990",
      "04/12/1990 ",
      "",
      "April 12, 1990",
    ];
    for (const birth_date of wrong) {
      const { body } = await completed({ birth_date });
      expect([birth_date, body["code"]]).toEqual([birth_date, "invalid_request"]);
      expect(body["errors"]).toMatchObject([{ pointer: "/message/birth_date" }]);
    }
    for (const birth_date of ["02/29/1992", "12/31/1999", "01/01/1900"]) {
      expect([birth_date, (await completed({ birth_date })).status]).toEqual([birth_date, 201]);
    }
  });

  test("makes a customer on the eighteenth birthday, by the date in New York", async () => {
    const today = new Date(rig.clock.nowMs() - 5 * 3_600_000);
    const dayOf = (days: number): string => {
      const date = new Date(today.getTime() + days * 86_400_000);
      const [month, day] = [date.getUTCMonth() + 1, date.getUTCDate()].map((part) =>
        String(part).padStart(2, "0"),
      );
      return `${month}/${day}/${date.getUTCFullYear() - 18}`;
    };
    expect((await completed({ birth_date: dayOf(0) })).status).toBe(201);
    expect((await completed({ birth_date: dayOf(1) })).body["code"]).toBe("under_age");
    expect((await completed({ birth_date: "01/01/2020" })).body["code"]).toBe("under_age");
    expect((await completed({ birth_date: "01/01/2099" })).body["code"]).toBe(
      "birth_date_in_future",
    );
  });

  test("that is refused leaves the registration open to be corrected", async () => {
    const activation = await activated(rig);
    const young = await completionOf(rig, activation, { birth_date: "01/01/2020" });
    expect((await complete(rig, activation, young)).body["code"]).toBe("under_age");
    const corrected = await completionOf(rig, activation);
    expect((await complete(rig, activation, corrected)).status).toBe(201);
  });
});

function nextEvening(nowMs: number): number {
  const DAY_MS = 86_400_000;
  return Math.ceil(nowMs / DAY_MS) * DAY_MS + DAY_MS + 4 * 3_600_000;
}

describe("the message that opens the account", () => {
  test("is signed by the phone's own key, over exactly these bytes", async () => {
    const activation = await activated(rig);
    const good = await completionOf(rig, activation);
    const other = await completionOf(rig, activation, { name: "Mallory" });
    const wrong = [
      [{ ...good, message: other.message }, "device_signature_invalid"],
      [{ ...good, signature: other.signature }, "device_signature_invalid"],
      [{ ...good, algorithm: "ed25519" }, "device_signature_invalid"],
      [{ ...good, device_key: text64(new Uint8Array(65).fill(4)) }, "device_key_invalid"],
      [{ ...good, device_key: "" }, "device_key_invalid"],
      [{ ...good, device_key: `${good.device_key}=` }, "invalid_request"],
      [{ ...good, signature: "" }, "device_signature_invalid"],
      [{ ...good, token: good.token.slice(0, -1) }, "registration_not_found"],
      [{ ...good, token: "" }, "registration_not_found"],
      [await signedCompletion(activation, "{"), "malformed_json"],
      [await signedCompletion(activation, "[]"), "invalid_request"],
    ] as const;
    const before = await rig.position();
    for (const [body, code] of wrong) {
      const { body: said } = await complete(rig, activation, body);
      expect(said["code"]).toBe(code);
    }
    expect(await rig.position()).toBe(before);
    expect((await complete(rig, activation, good)).status).toBe(201);
  });

  test("names the account, phone and number that the code was for", async () => {
    const [activation, other] = [await activated(rig), await activated(rig)];
    const wrong: readonly (readonly [Record<string, unknown>, string])[] = [
      [{ account: other.account }, "registration_not_found"],
      [{ device: other.device }, "registration_not_found"],
      [{ phone: other.phoneNumber }, "registration_not_found"],
      [{ account: "acc_x" }, "invalid_request"],
      [{ device: activation.account }, "invalid_request"],
    ];
    for (const [changes, code] of wrong) {
      const body = await completionOf(rig, activation, changes);
      expect((await complete(rig, activation, body)).body["code"]).toBe(code);
    }
    const stolen: Activated = { ...activation, token: other.token };
    const body = await completionOf(rig, stolen);
    expect((await complete(rig, activation, body)).body["code"]).toBe("registration_not_found");
  });
});

describe("what the message says", () => {
  test("has its form, field by field, and the one that has not is named", async () => {
    const bank = { routing_number: "021000021", account_number: "9990000000", kind: "checking" };
    const wrong: readonly (readonly [Record<string, unknown>, string])[] = [
      [{ name: " " }, "/message/name"],
      [{ name: "a".repeat(101) }, "/message/name"],
      [{ pin_key: text64(new Uint8Array(31)) }, "/message/pin_key"],
      [{ pin_key: "4711" }, "/message/pin_key"],
      [{ bank_account: { ...bank, routing_number: "021000022" } }, "/bank_account/routing_number"],
      [{ bank_account: { ...bank, account_number: "1".repeat(18) } }, "/account_number"],
      [{ bank_account: { ...bank, account_number: "" } }, "/bank_account/account_number"],
      [{ bank_account: { ...bank, kind: "credit" } }, "/bank_account/kind"],
      // R5: no card field exists anywhere.
      [{ bank_account: { ...bank, card: "4111111111111111" } }, "/message/bank_account"],
      [{ card: "4111111111111111" }, "/message"],
      [{ mandate: { version: "2026-11", hash: "0" } }, "/message/mandate/hash"],
    ];
    for (const [changes, pointer] of wrong) {
      const { body, text } = await completed(changes);
      expect(body["code"]).toBe("invalid_request");
      const errors = body["errors"] as readonly { pointer: string }[];
      expect(errors.map((error) => error.pointer).join()).toContain(pointer);
      expect(text).not.toContain("4111111111111111");
    }
  });

  test("is the mandate as it is shown, and no other", async () => {
    const { body } = await rig.send("GET", "/v1/mandate");
    const { version, text, hash } = body as Readonly<Record<string, string>>;
    expect(hash).toBe(new Bun.CryptoHasher("sha256").update(String(text)).digest("hex"));
    expect(text).toContain("SEQR Sandbox Inc.");
    for (const mandate of [
      { version, hash: "0".repeat(64) },
      { version: "2025-01", hash },
    ]) {
      expect((await completed({ mandate })).body["code"]).toBe("mandate_changed");
    }
  });

  test("opens one account: the same keys are told so again, and others are refused", async () => {
    const activation = await activated(rig);
    const body = await completionOf(rig, activation);
    const first = await complete(rig, activation, body);
    const before = await rig.position();
    const again = await complete(rig, activation, body);
    expect([again.status, again.body]).toEqual([201, first.body]);
    const keyPair = await generateP256KeyPair();
    const strangers = [
      await completionOf(rig, { ...activation, keyPair }),
      // Another PIN: the phone must not believe that it is the one.
      await completionOf(rig, activation, { pin_key: text64(new Uint8Array(32).fill(8)) }),
    ];
    for (const stranger of strangers) {
      const refused = await complete(rig, activation, stranger);
      expect(refused.body["code"]).toBe("account_already_open");
    }
    expect(await rig.position()).toBe(before);
  });
});

test("a mandate that its device key did not sign opens no account", async () => {
  const activation = await activated(rig);
  const other = { ...activation, mandateHash: "00".repeat(32) };
  const completion = await completionOf(rig, activation);
  const before = await rig.position();
  const wrong = [
    completion.signature,
    text64(await signP256(activation.keyPair.privateKey, mandateOf(other))),
    "A".repeat(86),
  ];
  for (const signature of wrong) {
    const given = { ...completion, mandate_signature: signature };
    const refused = await complete(rig, activation, given);
    expect(refused.body["code"]).toBe("device_signature_invalid");
  }
  expect(await rig.position()).toBe(before);
  expect((await complete(rig, activation, completion)).status).toBe(201);
});

test("a phone without P-256 registers with an Ed25519 key", async () => {
  const activation = await activated(rig);
  const seed = crypto.getRandomValues(new Uint8Array(32));
  const message = new TextEncoder().encode(JSON.stringify(await messageOf(rig, activation)));
  const body = {
    token: activation.token,
    device_key: text64(ed25519PublicKey(seed)),
    algorithm: "ed25519",
    message: text64(message),
    signature: text64(ed25519Sign(message, seed)),
    mandate_signature: text64(ed25519Sign(mandateOf(activation), seed)),
  };
  expect((await complete(rig, activation, body)).status).toBe(201);
  const { account, device } = activation;
  const asked = await rig.send("POST", "/v1/sessions/challenges", { json: { account, device } });
  const challenge = textIn(asked.body, "challenge");
  const signed = new TextEncoder().encode(`SEQR-SESSION-v1\0${challenge}`);
  const open = (signature: string): Promise<Reply> =>
    rig.send("POST", "/v1/sessions", { json: { account, device, challenge, signature } });
  expect((await open(text64(ed25519Sign(signed, seed)))).status).toBe(201);
});

describe("the pictures", () => {
  test("that are rejected are taken again, and the reason is shown", async () => {
    const { phone } = await rig.customer({ identity: "pending" });
    const { account } = phone.keys;
    const path = `/v1/desk/accounts/${account}/identity/reject`;
    const reply = await rig.send("POST", path, { token: rig.deskKey, json: { reason: "glare" } });
    expect(reply.body).toEqual({ identity: "rejected" });
    const shown = await rig.desk.account(account);
    expect(shown).toMatchObject({ identity: "rejected", identity_rejection: "glare", limit: null });
    await sendPictures(phone);
    await rig.desk.verifyIdentity(account);
    expect((await phone.account()).identity).toBe("verified");
  });

  test("are JPEG, PNG or WebP, and each new one replaces the one before", async () => {
    const customer = await rig.customer({ identity: "none" });
    const kinds = {
      "image/jpeg": Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 1),
      "image/png": PICTURE,
      "image/webp": new TextEncoder().encode("RIFF....WEBPVP8 "),
    };
    const { account } = customer.phone.keys;
    for (const [type, raw] of Object.entries(kinds)) {
      await customer.phone.sendPicture("front", "identity_card", raw);
      const path = `/v1/desk/accounts/${account}/identity/front`;
      const shown = await rig.send("GET", path, { token: rig.deskKey });
      expect(shown.headers.get("content-type")).toBe(type);
    }
    const mine = readdirSync(`${rig.dataDir}/documents`);
    const path = "/v1/account/identity/front?document=passport";
    await rig.send("PUT", path, { token: sessionOf(rig, customer), raw: PICTURE });
    expect(readdirSync(`${rig.dataDir}/documents`)).toHaveLength(mine.length);
  });

  test("of a verified person are refused and not kept", async () => {
    const { phone } = await rig.customer();
    const error = await phone.sendPicture("front", "passport", PICTURE).catch((e: unknown) => e);
    assert(error instanceof ApiProblem, "a no of the switch");
    expect(error.code).toBe("identity_already_verified");
  });
});
