import { beforeEach, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { VerifiedCodes } from "../../src/http/verified-codes.ts";
import { verifyQr } from "../../wasm/core.ts";
import { encodeQrBody, type QrPayload, qrPayload, qrSigningMessage } from "../../wasm/qr.ts";
import { ed25519PublicKey, ed25519Sign } from "../../wasm/reference.ts";
import { qrPayloads, sticker } from "../wasm/codes.ts";

const secretKey = new Uint8Array(32).fill(9);
const publicKey = ed25519PublicKey(secretKey);

function issue(payload: QrPayload): Uint8Array {
  const body = encodeQrBody(payload);
  return qrPayload(body, ed25519Sign(qrSigningMessage(body), secretKey));
}

let keys: Map<number, Uint8Array>;
let counted: string[];
const publicKeyOf = (kid: number) => keys.get(kid);

function make(keptMax?: number): VerifiedCodes {
  return new VerifiedCodes(publicKeyOf, { code: (how) => void counted.push(how) }, keptMax);
}

beforeEach(() => {
  keys = new Map([[sticker.kid, publicKey]]);
  counted = [];
});

describe("verified codes", () => {
  test("a code is verified once, and the answer is the same", () => {
    const codes = make();
    const first = codes.verify(issue(sticker));
    expect(first).toEqual({ kind: "valid", payload: sticker });
    expect(codes.verify(issue(sticker))).toEqual(first);
    expect(counted).toEqual(["verified", "kept"]);
  });

  test("the answers are those of verifyQr, for anything and in any order", () => {
    const kinds = fc.constantFrom("good", "changed", "cut");
    const asked = fc.array(fc.tuple(qrPayloads, kinds, fc.nat(200)), { maxLength: 12 });
    fc.assert(
      fc.property(asked, (list) => {
        const codes = make(4);
        for (const [payload, how, place] of [...list, ...list]) {
          keys.set(payload.kid, publicKey);
          const bytes = issue(payload);
          const at = place % bytes.length;
          if (how === "changed") bytes[at] = (bytes[at] ?? 0) ^ 1;
          const given = how === "cut" ? bytes.subarray(0, at) : bytes;
          expect(codes.verify(given)).toEqual(verifyQr(given, publicKeyOf));
        }
      }),
      { numRuns: 40 },
    );
  });

  test("a changed copy of a kept code is refused", () => {
    const codes = make();
    const bytes = issue(sticker);
    codes.verify(bytes);
    for (let at = 0; at < bytes.length; at++) {
      const copy = bytes.slice();
      copy[at] = (copy[at] ?? 0) ^ 0x80;
      expect(codes.verify(copy).kind).not.toBe("valid");
    }
    expect(codes.verify(bytes).kind).toBe("valid");
  });

  test("a key that is revoked or replaced ends what was verified under it", () => {
    const codes = make();
    codes.verify(issue(sticker));
    keys.delete(sticker.kid);
    expect(codes.verify(issue(sticker)).kind).toBe("key_unknown");
    keys.set(sticker.kid, ed25519PublicKey(new Uint8Array(32).fill(1)));
    expect(codes.verify(issue(sticker)).kind).toBe("signature_invalid");
    keys.set(sticker.kid, publicKey);
    expect(codes.verify(issue(sticker)).kind).toBe("valid");
  });

  test("what is refused is not kept, and the least recently scanned goes first", () => {
    const codes = make(2);
    const [a, b, c] = [1, 2, 3].map((laneNumber) => issue({ ...sticker, laneNumber })) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    const forged = a.slice();
    forged[20] = (forged[20] ?? 0) ^ 1;
    for (const bytes of [a, forged, b, forged, a, c, a, b]) codes.verify(bytes);
    const times = ["verified", "refused", "verified", "refused", "kept", "verified", "kept"];
    expect(counted).toEqual([...times, "verified"]);
  });
});
