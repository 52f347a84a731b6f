import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { AssertionFailed } from "../../wasm/assert.ts";
import {
  encodeQrBody,
  parseQrBody,
  parseQrPayload,
  QR_BODY_BYTES,
  type QrPayload,
  qrPayload,
  qrSigningMessage,
} from "../../wasm/qr.ts";
import vectors from "../vectors/protocol.json";
import { qrPayloads, request42, sticker } from "./codes.ts";

const person: QrPayload = { kind: "person", kid: 1, receiveToken: new Uint8Array(16).fill(9) };
const signature = new Uint8Array(64).fill(5);

function withByte(body: Uint8Array, at: number, value: number): Uint8Array {
  const changed = body.slice();
  changed[at] = value;
  return changed;
}

describe("QR body", () => {
  test("every payload comes back from its body, whose length its kind decides", () => {
    fc.assert(
      fc.property(qrPayloads, (payload) => {
        const body = encodeQrBody(payload);
        expect(body.length).toBe(QR_BODY_BYTES[payload.kind]);
        expect(parseQrBody(body)).toEqual({ kind: "parsed", payload });
      }),
    );
  });

  test("bytes are either refused or the only spelling of their payload", () => {
    const bodies = qrPayloads.map(encodeQrBody);
    const change = fc.tuple(fc.nat(48), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(bodies, fc.array(change, { maxLength: 3 }), (body, changes) => {
        const bytes = changes.reduce((all, [at, value]) => withByte(all, at, value), body);
        const parsed = parseQrBody(bytes);
        if (parsed.kind === "parsed") expect(encodeQrBody(parsed.payload)).toEqual(bytes);
        else expect(parsed.at).toBeLessThan(49);
      }),
      { numRuns: 2_000 },
    );
  });

  test("the worked examples have these bytes", () => {
    for (const code of vectors.qr.codes) {
      const parsed = parseQrBody(Uint8Array.fromHex(code.body));
      expect(parsed.kind).toBe("parsed");
      if (parsed.kind !== "parsed") continue;
      expect(encodeQrBody(parsed.payload).toHex()).toBe(code.body);
      const fields = Object.entries({ ...parsed.payload }).map(([name, value]) => {
        return [name, value instanceof Uint8Array ? value.toHex() : value];
      });
      expect<unknown>(Object.fromEntries(fields)).toEqual({ kind: code.kind, ...code.fields });
    }
  });
});

describe("QR body that is refused", () => {
  test("a body one byte short or long is refused at the place where it should end", () => {
    for (const payload of [sticker, request42, person]) {
      const body = encodeQrBody(payload);
      const long = new Uint8Array(body.length + 1);
      long.set(body);
      expect(parseQrBody(body.slice(0, -1))).toEqual({ kind: "length_wrong", at: body.length - 1 });
      expect(parseQrBody(long)).toEqual({ kind: "length_wrong", at: body.length });
    }
    expect(parseQrBody(new Uint8Array(0))).toEqual({ kind: "length_wrong", at: 0 });
  });

  test("each fault is named with its position", () => {
    const body = encodeQrBody(sticker);
    const request = encodeQrBody(request42);
    const noAmount = request.slice();
    noAmount.fill(0, 21, 27);
    const rows: [Uint8Array, string, number][] = [
      [withByte(body, 0, 2), "version_unknown", 0],
      [withByte(body, 0, 0), "version_unknown", 0],
      [withByte(body, 1, 0), "kind_unknown", 1],
      [withByte(body, 1, 6), "kind_unknown", 1],
      [encodedWith(body, 3, [0, 0, 0, 0]), "number_zero", 3],
      [encodedWith(body, 7, [0, 0, 0, 0]), "number_zero", 7],
      [withByte(encodeQrBody(person), 3, 1), "reserved_not_zero", 3],
      [withByte(encodeQrBody(person), 10, 1), "reserved_not_zero", 10],
      // 10^15 is 0x00038d7ea4c68000: one more than 15 digits can say.
      [
        encodedWith(request, 11, [0, 3, 0x8d, 0x7e, 0xa4, 0xc6, 0x80, 0]),
        "reference_out_of_range",
        11,
      ],
      [noAmount, "amount_zero", 21],
      [encodedWith(request, 27, [0, 0]), "currency_out_of_range", 27],
      [encodedWith(request, 27, [3, 0xe8]), "currency_out_of_range", 27],
    ];
    for (const [bytes, kind, at] of rows) {
      expect<unknown>(parseQrBody(bytes)).toEqual({ kind, at });
    }
  });

  test("a caller that breaks the contract is stopped", () => {
    const wrong: QrPayload[] = [
      { ...sticker, kid: 256 },
      { kind: "lane_sticker", kid: 0, merchantNumber: 0, laneNumber: 1 },
      { kind: "shop_item", kid: 0, merchantNumber: 1, itemNumber: 2 ** 32 },
      { kind: "person", kid: 0, receiveToken: new Uint8Array(15) },
      { ...request42, reference: "4211998877665" },
      { ...request42, reference: "1e0000000000000" },
      { ...request42, amountCents: 0 },
      { ...request42, amountCents: 12.5 },
      { ...request42, amountCents: 2 ** 48 },
      { ...request42, currency: 1000 },
      { ...request42, version: -1 },
      { ...request42, expiresAtSeconds: Number.NaN },
    ];
    for (const payload of wrong) expect(() => encodeQrBody(payload)).toThrow(AssertionFailed);
  });
});

describe("QR payload", () => {
  test("a payload is taken apart into body, signed message and signature", () => {
    const body = encodeQrBody(request42);
    const parsed = parseQrPayload(qrPayload(body, signature));
    const message = qrSigningMessage(body);
    expect(parsed).toEqual({ kind: "parsed", payload: request42, message, signature });
  });

  test("the signed message is the tag SEQR-QR-v1, a zero byte and the body", () => {
    const message = qrSigningMessage(Uint8Array.of(1, 2));
    expect([...message]).toEqual([...new TextEncoder().encode("SEQR-QR-v1"), 0, 1, 2]);
  });

  test("payloads too short for any body and a signature are refused", () => {
    for (const length of [0, 1, 11, 63, 64, 74]) {
      expect(parseQrPayload(new Uint8Array(length))).toEqual({ kind: "length_wrong", at: length });
    }
  });

  test("a window into a larger buffer reads like its own copy", () => {
    const bytes = qrPayload(encodeQrBody(request42), signature);
    const larger = new Uint8Array(bytes.length + 13);
    larger.set(bytes, 7);
    expect(parseQrPayload(larger.subarray(7, 7 + bytes.length))).toEqual(parseQrPayload(bytes));
  });
});

function encodedWith(body: Uint8Array, at: number, bytes: readonly number[]): Uint8Array {
  const changed = body.slice();
  changed.set(bytes, at);
  return changed;
}
