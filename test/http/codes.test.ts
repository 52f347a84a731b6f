/** Codes and references: renderings of numbers that go back to the same numbers, and no others. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { encodeId, ID_BYTES, laneId } from "../../actors/ids.ts";
import type { PaymentRequest } from "../../actors/lane-messages.ts";
import { cents } from "../../actors/money.ts";
import type { Payee } from "../../actors/receipt.ts";
import { Codes } from "../../src/http/codes.ts";
import { KeyRing, makeKeyFile } from "../../src/vault/key-ring.ts";
import { verifyQr } from "../../wasm/core.ts";
import { parseQrText } from "../../wasm/qr.ts";

const HOST = "pay.example:8787";
const HALF_HOUR_MS = 30 * 60_000;
const keys = new KeyRing(makeKeyFile());
const codes = new Codes(keys, HOST, HALF_HOUR_MS);
const others = new Codes(new KeyRing(makeKeyFile()), HOST, HALF_HOUR_MS);

const payee: Payee = {
  merchantNumber: 3,
  merchantName: "Corner Grocery",
  laneId: laneId(12),
  laneName: "Lane 1",
  street: "12 Main Street",
  city: "Denver",
  state: "CO",
};
const request: PaymentRequest = {
  requestId: encodeId("paymentRequest", new Uint8Array(ID_BYTES).fill(5)),
  requestNumber: 77,
  amountCents: cents(1_299),
  title: "Bread",
  clientInvoiceId: "",
  cashierId: "",
  status: "open",
  version: 2,
  revision: 3,
  scanned: false,
  paymentId: undefined,
  openedAtMs: 1_795_000_000_000,
  expiresAtMs: 1_795_000_300_000,
  closedAtMs: undefined,
};

const lanes = fc.integer({ min: 1, max: 9_999_999 });
const numbers = fc.integer({ min: 1, max: 99_999_999 });

describe("a reference", () => {
  test("is 15 digits that go back to their lane and number", () => {
    fc.assert(
      fc.property(lanes, numbers, (lane, number) => {
        const reference = codes.reference(laneId(lane), number);
        expect(reference).toMatch(/^[0-9]{15}$/);
        expect(codes.resolveReference(reference)).toEqual({
          lane: laneId(lane),
          requestNumber: number,
        });
      }),
      { numRuns: 300 },
    );
  });

  test("is given to one payment request only", () => {
    const seen = new Set<string>();
    for (let lane = 1; lane <= 60; lane++) {
      for (let number = 1; number <= 60; number++) seen.add(codes.reference(laneId(lane), number));
    }
    expect(seen.size).toBe(3_600);
    // The corners of what 15 digits can tell apart; the first of them is among the above.
    const corners = [1, 9_999_999].flatMap((lane) =>
      [1, 99_999_999].map((number) => codes.reference(laneId(lane), number)),
    );
    expect(new Set([...seen, ...corners]).size).toBe(3_603);
  });

  test("tells nobody how busy a shop is: neighbours are strangers", () => {
    const run = Array.from({ length: 200 }, (_, at) => Number(codes.reference(laneId(1), 1 + at)));
    const steps = run.slice(1).map((value, at) => value - (run[at] ?? 0));
    expect(new Set(steps).size).toBe(199);
    expect(steps.filter((step) => step > 0).length).toBeGreaterThan(60);
    expect(steps.filter((step) => step > 0).length).toBeLessThan(140);
    expect(others.reference(laneId(1), 1)).not.toBe(codes.reference(laneId(1), 1));
  });

  test("of another form is none, and any 15 digits are a lane and number or nothing", () => {
    for (const text of ["", "1".repeat(14), "1".repeat(16), "12345678901234x", " 12345678901234"]) {
      expect(codes.resolveReference(text)).toBeUndefined();
    }
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999_999_999 }), (number) => {
        const text = String(number).padStart(15, "0");
        const found = codes.resolveReference(text);
        if (found === undefined) return;
        expect(codes.reference(found.lane, found.requestNumber)).toBe(text);
      }),
      { numRuns: 300 },
    );
  });
});

describe("the id of a sticker", () => {
  test("goes back to its lane, in either letter case", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 0xffff_ffff }), (number) => {
        const id = codes.stickerId(laneId(number));
        expect(id).toMatch(/^[A-Z2-7]{15}$/);
        expect(codes.laneOfStickerId(id)).toBe(laneId(number));
        expect(codes.laneOfStickerId(id.toLowerCase())).toBe(laneId(number));
      }),
      { numRuns: 200 },
    );
  });

  test("with any letter changed, of another switch, or of another length is none", () => {
    const id = codes.stickerId(laneId(12));
    for (let at = 0; at < id.length; at++) {
      const other = id.charAt(at) === "A" ? "B" : "A";
      expect(codes.laneOfStickerId(id.slice(0, at) + other + id.slice(at + 1))).toBeUndefined();
    }
    for (const text of [others.stickerId(laneId(12)), id.slice(1), `${id}A`, "", "0".repeat(15)]) {
      expect(codes.laneOfStickerId(text)).toBeUndefined();
    }
  });
});

describe("a signed text", () => {
  const read = (text: string) => {
    const parsed = parseQrText(text);
    if (parsed.kind !== "parsed") return parsed;
    return verifyQr(parsed.bytes, (kid) => keys.qrPublicKey(kid));
  };

  test("says what is asked, by whom, and for how long at most", () => {
    const text = codes.requestText(payee, request);
    expect(text).toStartWith("HTTP://PAY.EXAMPLE:8787/D/");
    expect(text).not.toMatch(/[=&%#a-z]/);
    expect(read(text)).toMatchObject({
      kind: "valid",
      payload: {
        kind: "payment_request",
        merchantNumber: 3,
        laneNumber: 12,
        reference: codes.reference(laneId(12), 77),
        version: 2,
        amountCents: 1_299,
        currency: 840,
        expiresAtSeconds: (request.openedAtMs + HALF_HOUR_MS) / 1000,
      },
    });
  });

  test("is another one for another version or amount, and the same one for the same", () => {
    const text = codes.requestText(payee, request);
    expect(codes.requestText(payee, request)).toBe(text);
    const next = { ...request, version: 3, amountCents: cents(1_300) };
    expect(codes.requestText(payee, next)).not.toBe(text);
    expect(codes.requestText(payee, { ...request, revision: 9 })).toBe(text);
  });

  test("of a sticker names the lane, of a receipt the payment", () => {
    expect(read(codes.stickerText(payee))).toMatchObject({
      kind: "valid",
      payload: { kind: "lane_sticker", merchantNumber: 3, laneNumber: 12 },
    });
    const paymentId = encodeId("payment", new Uint8Array(ID_BYTES).fill(9));
    const receipt = { ...request, payee, paymentId, paidAtMs: 1_795_000_100_999 };
    expect(read(codes.outcomeText(receipt, 2))).toMatchObject({
      kind: "valid",
      payload: {
        kind: "outcome_receipt",
        amountCents: 1_299,
        paidAtSeconds: 1_795_000_100,
        paymentId: new Uint8Array(ID_BYTES).fill(9),
      },
    });
  });

  test("of another switch is not genuine, and with a letter changed no code at all", () => {
    expect(read(others.stickerText(payee))).toMatchObject({ kind: "signature_invalid" });
    const text = codes.stickerText(payee);
    for (let at = text.indexOf("/D/") + 3; at < text.length; at += 7) {
      const other = text.charAt(at) === "A" ? "B" : "A";
      expect(read(text.slice(0, at) + other + text.slice(at + 1)).kind).not.toBe("valid");
    }
  });

  test("is the same though the memory of texts was full in between", () => {
    const text = codes.requestText(payee, request);
    for (let number = 1; number <= 10_050; number++) codes.reference(laneId(2), number);
    expect(codes.requestText(payee, request)).toBe(text);
  });
});
