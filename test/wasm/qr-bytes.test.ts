/** No byte of a payload may change: every other value at every place, in every kind. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { encodeQrBody, type QrPayload, qrPayload, qrSigningMessage } from "../../wasm/qr.ts";
import * as reference from "../../wasm/reference.ts";
import { request42, sticker } from "./codes.ts";
import { CORES } from "./cores.ts";

// Seconds of work, which a busy machine makes many.
setDefaultTimeout(60_000);

const secretKey = new Uint8Array(32).fill(42);
const publicKey = reference.ed25519PublicKey(secretKey);
const { kid, merchantNumber, laneNumber, reference: digits, version } = request42;
const { amountCents, currency } = request42;

const PAYLOADS: readonly QrPayload[] = [
  sticker,
  request42,
  { kind: "shop_item", kid, merchantNumber, itemNumber: 77 },
  { kind: "person", kid, receiveToken: Uint8Array.from({ length: 16 }, (_, at) => 17 * at) },
  {
    kind: "outcome_receipt",
    kid,
    merchantNumber,
    laneNumber,
    reference: digits,
    version,
    amountCents,
    currency,
    paidAtSeconds: 1_796_000_000,
    paymentId: Uint8Array.from({ length: 16 }, (_, at) => 255 - at),
  },
];

/** The fastest core takes all 255 other values at each byte, the others a part of them. */
const STEPS = { wide: 1, portable: 15, reference: 85 } as const;
const ROWS = CORES.flatMap((core, at) =>
  PAYLOADS.map((payload) => [core.name, payload.kind, core, payload, at === 0] as const),
);

describe("a payload with one byte changed", () => {
  test.each(ROWS)("is refused by %s: %s", (name, _kind, core, payload, isFirst) => {
    const body = encodeQrBody(payload);
    const signature = reference.ed25519Sign(qrSigningMessage(body), secretKey);
    const bytes = qrPayload(body, signature);
    const step = isFirst ? 1 : STEPS[name];
    for (const [at, byte] of bytes.entries()) {
      for (let mask = 1 + (at % step); mask < 256; mask += step) {
        bytes[at] = byte ^ mask;
        if (core.verifyQr(bytes, publicKey) === undefined) expect([at, mask]).toEqual([]);
      }
      bytes[at] = byte;
    }
    expect(core.verifyQr(bytes, publicKey)).toBeUndefined();
  });
});
