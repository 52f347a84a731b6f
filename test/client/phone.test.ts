/** The phone on a bad line: one approval, one payment, whatever is lost on the way. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { ApiProblem, Caller } from "../../src/client/call.ts";
import {
  ApprovalPending,
  bytes64,
  Phone,
  type PinKeyOf,
  pinBytes,
  text64,
} from "../../src/client/phone.ts";
import { PinRefused, Registration } from "../../src/client/registration.ts";
import { problemBody } from "../../src/http/problem.ts";
import {
  type Customer,
  cheapPinKey,
  PIN,
  refusalOf,
  SwitchRig,
  sendPictures,
} from "../switch-rig.ts";

let rig: SwitchRig;
beforeAll(async () => {
  rig = await SwitchRig.start();
});
afterAll(() => rig[Symbol.asyncDispose]());

type Line = (request: Request) => Promise<Response>;
const good: Line = (request) => fetch(request);

/** The customer's phone on a line that the test can cut, answer by answer. */
function onLine({ phone }: Customer, pinKeyOf: PinKeyOf = cheapPinKey) {
  const line = { now: good, payments: 0 };
  const caller = new Caller(
    rig.running.url,
    (request) => {
      if (new URL(request.url).pathname !== "/v1/payments") return good(request);
      line.payments++;
      return line.now(request);
    },
    1,
  );
  return { line, phone: new Phone(caller, phone.keys, pinKeyOf) };
}

/** It arrives and is answered, and the answer is lost. */
const answerLost: Line = async (request) => {
  await (await fetch(request)).arrayBuffer();
  throw new TypeError("connection reset");
};
const neverArrives: Line = () => Promise.reject(new TypeError("connection refused"));
const proxyPage: Line = () => Promise.resolve(new Response("<html>", { status: 502 }));

async function scanAtTill(phone: Phone, amountCents = 500) {
  return await phone.scan((await rig.till.ask({ amountCents })).qr_text);
}

describe("an approval", () => {
  test("whose answer is lost is sent again and paid once", async () => {
    const customer = await rig.customer();
    const { line, phone } = onLine(customer);
    const scan = await scanAtTill(phone);
    line.now = async (request) => (line.payments < 3 ? answerLost(request) : good(request));
    const payment = await phone.approve(scan, customer.pin());
    expect(line.payments).toBe(3);
    expect(payment.limit_after.amount).toBe(9_500);
    expect(await phone.receipts()).toEqual([payment.receipt]);
    expect(phone.pending).toBeUndefined();
  });

  for (const [name, cut] of Object.entries({ answerLost, neverArrives, proxyPage })) {
    test(`is kept while the line stays bad (${name}), and nothing else is approved`, async () => {
      const customer = await rig.customer();
      const { line, phone } = onLine(customer);
      const scan = await scanAtTill(phone);
      line.now = cut;
      await refusalOf(phone.approve(scan, customer.pin()));
      const { pending } = phone;
      if (pending === undefined) throw new Error("the approval is kept");
      line.now = good;
      const other = await phone.sign(scan, new Uint8Array(32));
      for (const attempt of [phone.approve(scan, customer.pin()), phone.send(other)]) {
        expect(await refusalOf(attempt)).toBeInstanceOf(ApprovalPending);
      }
      const payment = await phone.send(pending);
      expect(payment.next_counter).toBe(2);
      expect(await phone.receipts()).toHaveLength(1);
      expect(phone.pending).toBeUndefined();
      expect((await phone.account()).status).toBe("open");
    });
  }

  test("is kept while the switch restarts: it may have been paid before that", async () => {
    const customer = await rig.customer();
    const { line, phone } = onLine(customer);
    const scan = await scanAtTill(phone);
    const restarting: Line = () => {
      const body = problemBody("fault_draining", "request-1", {});
      return Promise.resolve(new Response(JSON.stringify(body), { status: body.status }));
    };
    line.now = (request) => (line.payments === 1 ? answerLost(request) : restarting(request));
    const error = await refusalOf(phone.approve(scan, customer.pin()));
    expect(error).toMatchObject({ code: "fault_draining" });
    const { pending } = phone;
    if (pending === undefined) throw new Error("the approval is kept");
    line.now = good;
    expect((await phone.send(pending)).status).toBe("captured");
    expect(await phone.receipts()).toHaveLength(1);
  });
});

describe("an approval on a good line", () => {
  test("that is refused is over, and the next one may follow", async () => {
    const customer = await rig.customer();
    const { phone } = onLine(customer);
    const scan = await scanAtTill(phone);
    const error = await refusalOf(phone.approve(scan, customer.wrongPin()));
    expect(error).toBeInstanceOf(ApiProblem);
    expect(phone.pending).toBeUndefined();
    const again = await scanAtTill(phone);
    expect((await phone.approve(again, customer.pin())).status).toBe("captured");
  });

  test("tapped twice is made once: two under one counter look like a copied phone", async () => {
    const customer = await rig.customer();
    const { phone } = onLine(customer);
    const scan = await scanAtTill(phone);
    const taps = await Promise.allSettled([
      phone.approve(scan, customer.pin()),
      phone.approve(scan, customer.pin()),
    ]);
    expect(taps.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect((await phone.account()).status).toBe("open");
    expect(await phone.receipts()).toHaveLength(1);
  });

  test("wipes the PIN and its key, whatever becomes of it", async () => {
    const customer = await rig.customer();
    const derived: Uint8Array[] = [];
    const { line, phone } = onLine(customer, (pin, keys) => {
      const key = cheapPinKey(pin, keys);
      derived.push(key);
      return key;
    });
    const scan = await scanAtTill(phone);
    const pins = [customer.pin(), customer.pin(), customer.pin()];
    await refusalOf(
      phone.approve({ ...scan, payment_request: "none" }, pins[0] ?? new Uint8Array()),
    );
    line.now = neverArrives;
    await refusalOf(phone.approve(scan, pins[1] ?? new Uint8Array()));
    await refusalOf(phone.approve(scan, pins[2] ?? new Uint8Array()));
    for (const pin of pins) expect([...pin]).toEqual([0, 0, 0, 0]);
    expect(derived).toHaveLength(2);
    for (const key of derived) expect(key.every((byte) => byte === 0)).toBe(true);
  });
});

const person = {
  name: "Ada Example",
  birthDate: "04/12/1990",
  routingNumber: "021000021",
  accountNumber: "9990000000",
  bankAccountKind: "checking" as const,
};

describe("a registration", () => {
  test("whose answers are lost opens one account, with the keys that the phone has", async () => {
    const lost = new Set<string>();
    const line: Line = async (request) => {
      const { pathname } = new URL(request.url);
      const isFirst = /activation$|completion$/.test(pathname) && !lost.has(pathname);
      if (!isFirst) return await fetch(request);
      lost.add(pathname);
      return await answerLost(request);
    };
    const caller = new Caller(rig.running.url, line, 1);
    const number = rig.newPhoneNumber();
    const registration = await Registration.start(caller, number);
    const code = await rig.codeSentTo(number);
    const phone = await registration.complete(code, person, pinBytes(PIN), cheapPinKey);
    expect(lost.size).toBe(2);
    await sendPictures(phone);
    await rig.desk.verifyIdentity(phone.keys.account);
    const payment = await phone.approve(await scanAtTill(phone), pinBytes(PIN));
    expect(payment.status).toBe("captured");
  });

  test("that was given up is completed later with the same keys", async () => {
    let isBroken = true;
    const line: Line = async (request) => {
      const isLast = request.url.endsWith("/completion");
      return isLast && isBroken ? await answerLost(request) : await fetch(request);
    };
    const number = rig.newPhoneNumber();
    const registration = await Registration.start(new Caller(rig.running.url, line, 1), number);
    const code = await rig.codeSentTo(number);
    const attempt = () => registration.complete(code, person, pinBytes(PIN), cheapPinKey);
    await refusalOf(attempt());
    isBroken = false;
    const phone = await attempt();
    expect((await phone.account()).status).toBe("open");
  });
});

describe("a registration and its PIN", () => {
  test("refuses one that is easily guessed, on the phone, and lets choose again", async () => {
    const number = rig.newPhoneNumber();
    const registration = await Registration.start(rig.caller, number);
    const code = await rig.codeSentTo(number);
    const weak = {
      "123": "not_4_to_6_digits",
      "7777": "all_equal",
      "8901": "run",
      "1990": "birth_date",
      "0412": "birth_date",
      "900412": "birth_date",
    };
    let derived = 0;
    const pinKeyOf: PinKeyOf = (pin, keys) => {
      derived++;
      return cheapPinKey(pin, keys);
    };
    for (const [digits, reason] of Object.entries(weak)) {
      const pin = pinBytes(digits);
      const error = await refusalOf(registration.complete(code, person, pin, pinKeyOf));
      expect(error).toBeInstanceOf(PinRefused);
      expect(error).toMatchObject({ reason });
      expect(String(error)).not.toContain(digits);
      expect([...pin]).toEqual(Array(digits.length).fill(0));
    }
    expect(derived).toBe(0);
    const phone = await registration.complete(code, person, pinBytes(PIN), pinKeyOf);
    expect((await phone.account()).status).toBe("open");
  });

  test("wipes it and its key, whatever becomes of it", async () => {
    const number = rig.newPhoneNumber();
    const pins: Uint8Array[] = [];
    const keys: Uint8Array[] = [];
    const pinKeyOf: PinKeyOf = (pin, given) => {
      const key = cheapPinKey(pin, given);
      keys.push(key);
      return key;
    };
    for (const cut of ["/activation", "/mandate", "/completion"]) {
      const line: Line = (request) =>
        request.url.endsWith(cut) ? neverArrives(request) : good(request);
      const caller = new Caller(rig.running.url, line, 1);
      const registration = await Registration.start(caller, number);
      const code = await rig.codeSentTo(number);
      const pin = pinBytes(PIN);
      pins.push(pin);
      await refusalOf(registration.complete(code, person, pin, pinKeyOf));
    }
    for (const pin of pins) expect([...pin]).toEqual([0, 0, 0, 0]);
    expect(keys).toHaveLength(2);
    for (const key of keys) expect(key.every((byte) => byte === 0)).toBe(true);
  });
});

describe("a session", () => {
  test("that is over is opened anew without a word", async () => {
    const { phone } = await rig.customer();
    await phone.account();
    rig.clock.advance(15 * 60_000);
    expect((await phone.account()).status).toBe("open");
  });

  test("that cannot be opened is a no, told once", async () => {
    const { phone } = await rig.customer();
    const stranger = await rig.customer();
    const keys = { ...phone.keys, keyPair: stranger.phone.keys.keyPair };
    const thief = new Phone(rig.caller, keys, cheapPinKey);
    expect(await refusalOf(thief.account())).toMatchObject({ code: "device_signature_invalid" });
  });
});

test("bytes and their base64url text go back and forth", () => {
  for (const bytes of [new Uint8Array(), Uint8Array.of(0xfb, 0xff), Uint8Array.of(1, 2, 3)]) {
    expect(bytes64(text64(bytes))).toEqual(bytes);
    expect(text64(bytes)).toMatch(/^[A-Za-z0-9_-]*$/);
  }
  expect(pinBytes("0427")).toEqual(Uint8Array.of(0x30, 0x34, 0x32, 0x37));
});
