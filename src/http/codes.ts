/**
 * The codes on stickers and tills: signed QR texts, the short forms of the SEQR-compatible
 * interface, and the payment reference. All of them are renderings of a merchant number, a lane
 * number and the number of a payment request at its lane, so none of them needs a table.
 */
import { assert } from "../../actors/assert.ts";
import { idBytes, type LaneId, laneId, numberOf } from "../../actors/ids.ts";
import type { PaymentRequest } from "../../actors/lane-messages.ts";
import { CURRENCY_NUMERIC } from "../../actors/money.ts";
import type { Payee, Receipt } from "../../actors/receipt.ts";
import { base32Encode } from "../../wasm/base32.ts";
import { base32Decode } from "../../wasm/core.ts";
import {
  encodeQrBody,
  type QrPayload,
  qrPayload,
  qrSigningMessage,
  qrText,
} from "../../wasm/qr.ts";
import type { KeyRing } from "../vault/key-ring.ts";

/** Lanes and requests per lane that a reference of 15 digits can tell apart. */
const LANES_MAX = 10_000_000;
const REQUESTS_MAX = 100_000_000;
const ROUNDS = 8;
const STICKER_TAG_BYTES = 5;
const CACHE_MAX = 10_000;

export class Codes {
  readonly #cache = new Map<string, string>();

  constructor(
    private readonly keys: KeyRing,
    private readonly publicHost: string,
    /** Longest life of a payment request: what its QR code says, whatever scans add to it. */
    private readonly requestMsMax: number,
  ) {}

  /** The signed text of a lane's sticker. */
  stickerText({ merchantNumber, laneId: lane }: Payee): string {
    return this.#cached(`sticker/${lane}`, () =>
      this.#signed({
        kind: "lane_sticker",
        kid: this.keys.kid,
        merchantNumber,
        laneNumber: numberOf(lane),
      }),
    );
  }

  /** The signed text of one version of a payment request. */
  requestText(payee: Payee, request: PaymentRequest): string {
    const { requestId, version, amountCents, openedAtMs } = request;
    return this.#cached(`request/${requestId}/${version}`, () =>
      this.#signed({
        kind: "payment_request",
        kid: this.keys.kid,
        merchantNumber: payee.merchantNumber,
        laneNumber: numberOf(payee.laneId),
        reference: this.reference(payee.laneId, request.requestNumber),
        version,
        amountCents,
        currency: CURRENCY_NUMERIC,
        expiresAtSeconds: Math.floor((openedAtMs + this.requestMsMax) / 1000),
      }),
    );
  }

  /** The code that proves a payment to a till whose line is down. */
  outcomeText(receipt: Receipt, version: number): string {
    const { payee, requestNumber, amountCents, paidAtMs, paymentId } = receipt;
    return this.#signed({
      kind: "outcome_receipt",
      kid: this.keys.kid,
      merchantNumber: payee.merchantNumber,
      laneNumber: numberOf(payee.laneId),
      reference: this.reference(payee.laneId, requestNumber),
      version,
      amountCents,
      currency: CURRENCY_NUMERIC,
      paidAtSeconds: Math.floor(paidAtMs / 1000),
      paymentId: idBytes(paymentId),
    });
  }

  /** `HTTP://<HOST>/Q<id>`: what is printed; id = lane number and 40 bits of keyed hash. */
  stickerId(lane: LaneId): string {
    const bytes = new Uint8Array(4 + STICKER_TAG_BYTES);
    new DataView(bytes.buffer).setUint32(0, numberOf(lane));
    bytes.set(this.keys.tag("reference", "sticker", lane).subarray(0, STICKER_TAG_BYTES), 4);
    return base32Encode(bytes);
  }

  stickerShortText({ laneId: lane }: Payee): string {
    return `HTTP://${this.publicHost.toUpperCase()}/Q${this.stickerId(lane)}`;
  }

  laneOfStickerId(id: string): LaneId | undefined {
    const bytes = base32Decode(id.toUpperCase());
    if (bytes?.length !== 4 + STICKER_TAG_BYTES) return undefined;
    const number = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
    if (number === 0) return undefined;
    const lane = laneId(number);
    return this.stickerId(lane) === id.toUpperCase() ? lane : undefined;
  }

  /**
   * 15 digits that tell nobody how busy a shop is: a keyed permutation of lane and request number
   * (an alternating Feistel network over two residues, as in NIST SP 800-38G FF1).
   */
  reference(lane: LaneId, requestNumber: number): string {
    return this.#cached(`reference/${lane}/${requestNumber}`, () => {
      let left = numberOf(lane);
      let right = requestNumber;
      assert(left < LANES_MAX && right < REQUESTS_MAX, "a reference has room for lane and request");
      for (let round = 0; round < ROUNDS; round++) {
        if (round % 2 === 0) left = (left + this.#mix(round, right, LANES_MAX)) % LANES_MAX;
        else right = (right + this.#mix(round, left, REQUESTS_MAX)) % REQUESTS_MAX;
      }
      return String(left * REQUESTS_MAX + right).padStart(15, "0");
    });
  }

  /** The lane and request number behind a reference; undefined for a number that we never gave. */
  resolveReference(
    reference: string,
  ): { readonly lane: LaneId; readonly requestNumber: number } | undefined {
    if (!/^[0-9]{15}$/.test(reference)) return undefined;
    let left = Math.floor(Number(reference) / REQUESTS_MAX);
    let right = Number(reference) % REQUESTS_MAX;
    for (let round = ROUNDS - 1; round >= 0; round--) {
      if (round % 2 === 0) {
        left = (left - this.#mix(round, right, LANES_MAX) + LANES_MAX) % LANES_MAX;
      } else {
        right = (right - this.#mix(round, left, REQUESTS_MAX) + REQUESTS_MAX) % REQUESTS_MAX;
      }
    }
    if (left === 0 || right === 0) return undefined;
    return { lane: laneId(left), requestNumber: right };
  }

  #mix(round: number, value: number, modulus: number): number {
    const tag = this.keys.tag("reference", `round ${round}`, String(value));
    // The first 64 bits, big-endian: the rest of a whole byte more stays far below 2^53.
    let rest = 0;
    for (let at = 0; at < 8; at++) rest = (rest * 256 + (tag[at] ?? 0)) % modulus;
    return rest;
  }

  #signed(payload: QrPayload): string {
    const body = encodeQrBody(payload);
    const signature = this.keys.signQr(qrSigningMessage(body));
    return qrText(this.publicHost, qrPayload(body, signature));
  }

  /** Ed25519 and the reference are deterministic: what was made once is the same again. */
  #cached(key: string, make: () => string): string {
    const known = this.#cache.get(key);
    if (known !== undefined) return known;
    if (this.#cache.size >= CACHE_MAX) this.#cache.clear();
    const made = make();
    this.#cache.set(key, made);
    return made;
  }
}
