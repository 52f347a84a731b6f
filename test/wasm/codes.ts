/** Random QR payloads of every kind, for properties. */
import fc from "fast-check";
import type { LaneSticker, PaymentRequestCode, QrPayload } from "../../wasm/qr.ts";

const kid = fc.integer({ min: 0, max: 255 });
const number = fc.integer({ min: 1, max: 0xffff_ffff });
const seconds = fc.integer({ min: 0, max: 0xffff_ffff });
const request = {
  kid,
  merchantNumber: number,
  laneNumber: number,
  reference: fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 15, maxLength: 15 }),
  version: fc.integer({ min: 0, max: 0xffff }),
  amountCents: fc.integer({ min: 1, max: 2 ** 48 - 1 }),
  currency: fc.integer({ min: 1, max: 999 }),
};

export const bytes16 = fc.uint8Array({ minLength: 16, maxLength: 16 });

export const qrPayloads: fc.Arbitrary<QrPayload> = fc.oneof(
  fc.record({
    kind: fc.constant("lane_sticker" as const),
    kid,
    merchantNumber: number,
    laneNumber: number,
  }),
  fc.record({
    kind: fc.constant("shop_item" as const),
    kid,
    merchantNumber: number,
    itemNumber: number,
  }),
  fc.record({ kind: fc.constant("person" as const), kid, receiveToken: bytes16 }),
  fc.record({
    kind: fc.constant("payment_request" as const),
    ...request,
    expiresAtSeconds: seconds,
  }),
  fc.record({
    kind: fc.constant("outcome_receipt" as const),
    ...request,
    paidAtSeconds: seconds,
    paymentId: bytes16,
  }),
);

export const sticker: LaneSticker = {
  kind: "lane_sticker",
  kid: 7,
  merchantNumber: 1001,
  laneNumber: 42,
};

export const request42: PaymentRequestCode = {
  kind: "payment_request",
  kid: 7,
  merchantNumber: 1001,
  laneNumber: 42,
  reference: "004211998877665",
  version: 3,
  amountCents: 1250,
  currency: 840,
  expiresAtSeconds: 1_796_000_000,
};
