/** What `seqr bench crypto` computes on: the same keys, signatures and codes in every run. */
import { present } from "../actors/assert.ts";
import { type ApprovalFields, encodeApproval } from "../wasm/approval.ts";
import { asciiBytes } from "../wasm/bytes.ts";
import { hmacSha256, sha256 } from "../wasm/hash.ts";
import type { SignedMessage } from "../wasm/primitives.ts";
import { encodeQrBody, qrPayload, qrSigningMessage } from "../wasm/qr.ts";
import { ed25519PublicKey, ed25519Sign } from "../wasm/reference.ts";

/** The largest batch that the module takes at once. */
export const BATCH = 64;

interface PinCase {
  readonly pinKey: Uint8Array;
  readonly body: Uint8Array;
  readonly proof: Uint8Array;
}

export interface Inputs {
  /** Each with a key of its own; messages are those of lane stickers, 22 bytes. */
  readonly distinctKeys: readonly SignedMessage[];
  readonly oneKey: readonly SignedMessage[];
  /** As `distinctKeys`, with one signature of something else. */
  readonly oneBad: readonly SignedMessage[];
  readonly badAt: number;
  /** Payloads of lane stickers, all under `switchKey`, in the order of their scans. */
  readonly scans: readonly Uint8Array[];
  readonly switchKey: Uint8Array;
  readonly approvals: readonly Uint8Array[];
  readonly pins: readonly PinCase[];
}

const LANES = 256;
const SCANS = 4_096;
const APPROVALS = 16;

export function makeInputs(): Inputs {
  const distinctKeys = Array.from({ length: BATCH }, (_, at) => signed(at, secretOf(at)));
  const switchSecret = secretOf(BATCH);
  const oneKey = Array.from({ length: BATCH }, (_, at) => signed(at, switchSecret));
  const badAt = 41;
  const oneBad = distinctKeys.map((item, at) =>
    at === badAt ? { ...item, message: stickerMessage(BATCH) } : item,
  );
  const approvals = Array.from({ length: APPROVALS }, (_, at) => encodeApproval(approvalOf(at)));
  const pins = approvals.map((body, at) => {
    const pinKey = digest(`PIN key ${at}`);
    return { pinKey, body, proof: hmacSha256(pinKey, body) };
  });
  return {
    distinctKeys,
    oneKey,
    oneBad,
    badAt,
    scans: scansOf(switchSecret),
    switchKey: ed25519PublicKey(switchSecret),
    approvals,
    pins,
  };
}

function digest(text: string): Uint8Array {
  return sha256(asciiBytes(text));
}

function secretOf(number: number): Uint8Array {
  return digest(`bench key ${number}`);
}

function stickerBody(lane: number): Uint8Array {
  const laneNumber = lane + 1;
  return encodeQrBody({ kind: "lane_sticker", kid: 7, merchantNumber: 1_001, laneNumber });
}

function stickerMessage(lane: number): Uint8Array {
  return qrSigningMessage(stickerBody(lane));
}

function signed(lane: number, secret: Uint8Array): SignedMessage {
  const message = stickerMessage(lane);
  const publicKey = ed25519PublicKey(secret);
  return { signature: ed25519Sign(message, secret), message, publicKey };
}

/**
 * Busy lanes are scanned often and quiet ones seldom: the lane of rank n, from 1, in proportion to
 * 1 / n. Drawn by a hash of the scan's number, so that every run has the same ones.
 */
function scansOf(secret: Uint8Array): readonly Uint8Array[] {
  const stickers = Array.from({ length: LANES }, (_, lane) =>
    qrPayload(stickerBody(lane), ed25519Sign(stickerMessage(lane), secret)),
  );
  const weights = stickers.map((_, lane) => 1 / (lane + 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return Array.from({ length: SCANS }, (_, scan) => {
    const drawn = new DataView(digest(`scan ${scan}`).buffer).getUint32(0) / 2 ** 32;
    let rest = drawn * total;
    const lane = weights.findIndex((weight) => {
      rest -= weight;
      return rest < 0;
    });
    // A copy for each: a phone's scan is no object that was seen before.
    return present(stickers[lane], "a sticker per lane").slice();
  });
}

function approvalOf(at: number): ApprovalFields {
  const id = (what: string): Uint8Array => digest(`${what} ${at}`).slice(0, 16);
  return {
    kind: "purchase",
    pinVersion: 1,
    accountId: id("account"),
    deviceId: id("device"),
    subject: id("payment request"),
    subjectVersion: 3,
    amountCents: 1_250 + at,
    currency: 840,
    payeeTag: id("payee"),
    counter: 17 + at,
    clientTimeMs: 1_795_000_000_000 + at,
    nonce: digest(`nonce ${at}`).slice(0, 12),
  };
}
