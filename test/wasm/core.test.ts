import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { coreNameOf } from "../../wasm/choice.ts";
import { coreName, coreRefused, hmacSha256, verifyPinProof, verifyQr } from "../../wasm/core.ts";
import { pinProof } from "../../wasm/pin.ts";
import { encodeQrBody, type QrPayload, qrPayload, qrSigningMessage } from "../../wasm/qr.ts";
import * as reference from "../../wasm/reference.ts";
import vectors from "../vectors/protocol.json";
import { qrPayloads, request42, sticker } from "./codes.ts";
import { CORES } from "./cores.ts";
import { raiseS } from "./points.ts";

const secretKey = Uint8Array.fromHex(vectors.qr.secretKey);
const publicKey = reference.ed25519PublicKey(secretKey);
const publicKeyOf = () => publicKey;

function issue(payload: QrPayload): Uint8Array {
  const body = encodeQrBody(payload);
  return qrPayload(body, reference.ed25519Sign(qrSigningMessage(body), secretKey));
}

describe("verifyQr", () => {
  test("the worked examples are valid, and signing gives their signatures", () => {
    for (const { body, signature, kind } of vectors.qr.codes) {
      const bytes = Uint8Array.fromHex(body + signature);
      const verdict = verifyQr(bytes, (kid) => (kid === 7 ? publicKey : undefined));
      expect(verdict.kind).toBe("valid");
      if (verdict.kind !== "valid") continue;
      expect<string>(verdict.payload.kind).toBe(kind);
      expect(issue(verdict.payload)).toEqual(bytes);
    }
  });

  test("every issued payload is valid and says what was issued", () => {
    fc.assert(
      fc.property(qrPayloads, (payload) => {
        expect(verifyQr(issue(payload), publicKeyOf)).toEqual({ kind: "valid", payload });
      }),
      { numRuns: 30 },
    );
  });

  test("a payload with any single bit flipped is refused", () => {
    for (const payload of [sticker, request42]) {
      const bytes = issue(payload);
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        const at = bit >> 3;
        bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
        expect(verifyQr(bytes, publicKeyOf).kind).not.toBe("valid");
        bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
      }
      expect(verifyQr(bytes, publicKeyOf).kind).toBe("valid");
    }
  });

  test("a payload with any byte changed, cut or added is refused", () => {
    const change = fc.tuple(fc.nat(200), fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(qrPayloads, change, (payload, [place, mask]) => {
        const bytes = issue(payload);
        const at = place % bytes.length;
        bytes[at] = (bytes[at] ?? 0) ^ mask;
        expect(verifyQr(bytes, publicKeyOf).kind).not.toBe("valid");
        bytes[at] = (bytes[at] ?? 0) ^ mask;
        expect(verifyQr(bytes.slice(0, at), publicKeyOf).kind).not.toBe("valid");
        const longer = new Uint8Array(bytes.length + 1);
        longer.set(bytes);
        expect(verifyQr(longer, publicKeyOf).kind).not.toBe("valid");
      }),
      { numRuns: 100 },
    );
  });
});

describe("verifyQr refuses", () => {
  test("a fault of the body before it asks for a key", () => {
    const bytes = issue(sticker);
    bytes[1] = 9;
    const asked: number[] = [];
    const verdict = verifyQr(bytes, (kid) => {
      asked.push(kid);
      return publicKey;
    });
    expect(verdict).toEqual({ kind: "kind_unknown", at: 1 });
    expect(asked).toEqual([]);
  });

  test("a kid without a key, another key, a key of wrong length, and S + L", () => {
    const bytes = issue(sticker);
    const other = reference.ed25519PublicKey(new Uint8Array(32));
    const raised = raiseS(bytes.subarray(11), 1n) ?? new Uint8Array(64);
    const invalid = { kind: "signature_invalid", at: 11 } as const;
    expect(verifyQr(bytes, () => undefined)).toEqual({ kind: "key_unknown", at: 2 });
    expect(verifyQr(bytes, () => other)).toEqual(invalid);
    expect(verifyQr(bytes, () => publicKey.subarray(1))).toEqual(invalid);
    expect(verifyQr(qrPayload(bytes.subarray(0, 11), raised), publicKeyOf)).toEqual(invalid);
  });

  test("a signature over the body without the tag", () => {
    const body = encodeQrBody(sticker);
    const untagged = qrPayload(body, reference.ed25519Sign(body, secretKey));
    expect(verifyQr(untagged, publicKeyOf).kind).toBe("signature_invalid");
  });

  test("any bytes, without a throw", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(verifyQr(bytes, publicKeyOf).kind).not.toBe("valid");
      }),
    );
  });
});

describe("verifyPinProof", () => {
  const kpin = Uint8Array.fromHex(vectors.pin.kpin);
  const body = Uint8Array.fromHex(vectors.approval.body);
  const proof = Uint8Array.fromHex(vectors.pin.proof);

  test("the proof of the worked example is right", () => {
    expect(pinProof(kpin, body)).toEqual(proof);
    expect(verifyPinProof(kpin, body, proof)).toBe(true);
  });

  test("any flipped bit in the proof, the body or the key is refused", () => {
    for (const bytes of [proof, body, kpin]) {
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        const at = bit >> 3;
        bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
        expect(verifyPinProof(kpin, body, proof)).toBe(false);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
      }
    }
    expect(verifyPinProof(kpin, body, proof)).toBe(true);
  });

  test("a proof, body or key of another length is refused without a throw", () => {
    for (const length of [0, 1, 16, 31, 33, 64, 115, 117]) {
      const other = new Uint8Array(length);
      expect(verifyPinProof(kpin, body, other)).toBe(false);
      expect(verifyPinProof(kpin, other, proof)).toBe(false);
      expect(verifyPinProof(other, body, proof)).toBe(false);
    }
    expect(verifyPinProof(kpin, body, proof.subarray(0, 16))).toBe(false);
  });

  test("a right HMAC under a key or over a body of another length is refused", () => {
    for (const length of [0, 16, 31, 33, 64, 115, 117]) {
      const other = new Uint8Array(length).fill(1);
      expect(verifyPinProof(other, body, hmacSha256(other, body))).toBe(false);
      expect(verifyPinProof(kpin, other, hmacSha256(kpin, other))).toBe(false);
    }
  });
});

describe("coreName", () => {
  test("tells the first core that runs here, and why those before it do not", () => {
    const [first] = CORES;
    expect(coreName()).toBe(coreNameOf(process.env["SEQR_CORE"]) ?? first?.name ?? "reference");
    for (const { name, why } of coreRefused()) {
      expect(CORES.map((core) => core.name)).not.toContain(name);
      expect(why).toBe("this engine does not compile it");
    }
  });
});
