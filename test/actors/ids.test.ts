import { expect, test } from "bun:test";
import fc from "fast-check";
import { AssertionFailed } from "../../actors/assert.ts";
import {
  encodeId,
  ID_PREFIX,
  idBytes,
  laneId,
  laneOfPaymentRequest,
  makePaymentRequestId,
  merchantId,
  NUMBER_MAX,
  numberOf,
  parseId,
  parseLaneId,
  parseMerchantId,
} from "../../actors/ids.ts";
import { NOON_MS } from "./samples.ts";

const bytes16 = fc.uint8Array({ minLength: 16, maxLength: 16 });
const number = fc.integer({ min: 1, max: NUMBER_MAX });
const ZEROS = new Uint8Array(16);
const ONES = new Uint8Array(16).fill(0xff);

test("an id is its prefix and 26 letters, and gives its bytes back", () => {
  expect(String(encodeId("account", ZEROS))).toBe(`acc_${"0".repeat(26)}`);
  expect(String(encodeId("payment", ONES))).toBe(`pay_7${"z".repeat(25)}`);
  fc.assert(
    fc.property(bytes16, (bytes) => {
      const id = encodeId("account", bytes);
      expect(idBytes(id)).toEqual(bytes);
      expect(parseId("account", id)).toBe(id);
    }),
  );
});

test("ids sort as their bytes do", () => {
  fc.assert(
    fc.property(bytes16, bytes16, (a, b) => {
      const order = Math.sign(Buffer.compare(a, b));
      const [left, right] = [encodeId("payment", a), encodeId("payment", b)];
      expect(left < right ? -1 : left > right ? 1 : 0).toBe(order);
    }),
  );
});

test("an id of another name, or spelled another way, is refused", () => {
  const id: string = encodeId(
    "account",
    ONES.map((_, at) => at * 7),
  );
  for (const name of Object.keys(ID_PREFIX) as (keyof typeof ID_PREFIX)[]) {
    expect([name, parseId(name, id)]).toEqual([
      name,
      name === "account" ? (id as never) : undefined,
    ]);
  }
  for (const text of [
    "",
    "acc_",
    id.toUpperCase(),
    id.slice(0, -1),
    `${id}0`,
    ` ${id}`,
    `acc-${id.slice(4)}`,
    `acc_8${id.slice(5)}`,
    `acc_z${id.slice(5)}`,
    `${id.slice(0, -1)}u`,
    `${id.slice(0, -1)}l`,
    `${id.slice(0, -1)}é`,
  ]) {
    expect([text, parseId("account", text)]).toEqual([text, undefined]);
  }
});

test("each id has exactly one spelling", () => {
  const letters = fc.string({ unit: fc.constantFrom(..."0123456789abcdefghjkmnpqrstvwxyz") });
  fc.assert(
    fc.property(letters, (text) => {
      const id = parseId("device", `dev_${text.padStart(26, "0")}`);
      if (id !== undefined) expect(encodeId("device", idBytes(id))).toBe(id);
    }),
  );
});

test("lanes and merchants have numbers of four bytes", () => {
  for (const value of [1, 7, NUMBER_MAX]) {
    expect(numberOf(laneId(value))).toBe(value);
    expect(parseLaneId(`lane_${value}`)).toBe(laneId(value));
    expect(numberOf(merchantId(value))).toBe(value);
    expect(parseMerchantId(`mer_${value}`)).toBe(merchantId(value));
  }
  for (const value of [0, -1, 1.5, NUMBER_MAX + 1, Number.NaN]) {
    expect(() => laneId(value)).toThrow(AssertionFailed);
    expect(() => merchantId(value)).toThrow(AssertionFailed);
  }
  for (const text of ["lane_0", "lane_01", "lane_", "lane_4294967296", "lane_99999999999", "7"]) {
    expect([text, parseLaneId(text)]).toEqual([text, undefined]);
  }
  for (const text of ["lane_7", "lane_+7", "lane_7 ", "mer_7\n"]) {
    expect([text, parseMerchantId(text)]).toEqual([text, undefined]);
  }
});

test("a payment request id leads back to its lane, sorts by time, and is a UUID version 7", () => {
  const time = fc.integer({ min: 0, max: 2 ** 47 });
  fc.assert(
    fc.property(number, time, bytes16, (lane, nowMs, random) => {
      const before = random.slice();
      const id = makePaymentRequestId(laneId(lane), nowMs, random);
      expect(random).toEqual(before);
      expect(laneOfPaymentRequest(id)).toBe(laneId(lane));
      const bytes = idBytes(id);
      expect((bytes[6] ?? 0) >> 4).toBe(7);
      expect((bytes[8] ?? 0) >> 6).toBe(2);
      expect(id < makePaymentRequestId(laneId(1), nowMs + 1, ZEROS)).toBe(true);
    }),
  );
  expect(() => makePaymentRequestId(laneId(1), NOON_MS, new Uint8Array(15))).toThrow(
    AssertionFailed,
  );
});

test("a request id of lane 0 leads nowhere, and one of lane 1 there", () => {
  const ofLane1 = makePaymentRequestId(laneId(1), NOON_MS, ZEROS);
  expect(laneOfPaymentRequest(ofLane1)).toBe(laneId(1));
  expect(laneOfPaymentRequest(encodeId("paymentRequest", ZEROS))).toBeUndefined();
});

test("what is not 16 bytes is no id", () => {
  expect(() => encodeId("account", new Uint8Array(15))).toThrow("an id has 16 bytes");
  expect(() => idBytes("acc_x" as ReturnType<typeof encodeId<"account">>)).toThrow(
    "a branded id is well formed",
  );
  expect(() => numberOf("lane_x" as ReturnType<typeof laneId>)).toThrow(AssertionFailed);
});
