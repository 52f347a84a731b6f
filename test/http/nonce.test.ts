/** The server nonce: good for one request, version, account and device, until its time is over. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type AccountId, encodeId, ID_BYTES } from "../../actors/ids.ts";
import { checkNonce, makeNonce, NONCE_BYTES, type NonceSubject } from "../../src/http/nonce.ts";
import { KeyRing, makeKeyFile } from "../../src/vault/key-ring.ts";

const keys = new KeyRing(makeKeyFile());
const id = (byte: number): Uint8Array => new Uint8Array(ID_BYTES).fill(byte);
const subject: NonceSubject = {
  requestId: encodeId("paymentRequest", id(1)),
  version: 1,
  accountId: encodeId("account", id(2)),
  deviceId: encodeId("device", id(3)),
};
const NOW_MS = 1_795_000_000_000;
const UNTIL_MS = NOW_MS + 120_000;

describe("a nonce", () => {
  const nonce = makeNonce(keys, subject, UNTIL_MS);

  test("is twelve bytes, and the same from the same cause", () => {
    expect(nonce).toHaveLength(NONCE_BYTES);
    expect(makeNonce(keys, subject, UNTIL_MS)).toEqual(nonce);
    expect(makeNonce(keys, subject, UNTIL_MS + 999)).toEqual(nonce);
    expect(makeNonce(keys, subject, UNTIL_MS + 1_000)).not.toEqual(nonce);
  });

  test("is valid until its second, and expired from it on", () => {
    expect(checkNonce(keys, subject, nonce, NOW_MS)).toBe("valid");
    expect(checkNonce(keys, subject, nonce, UNTIL_MS - 1)).toBe("valid");
    expect(checkNonce(keys, subject, nonce, UNTIL_MS)).toBe("expired");
  });

  test("of anything else is invalid", () => {
    const strangers: readonly NonceSubject[] = [
      { ...subject, requestId: encodeId("paymentRequest", id(9)) },
      { ...subject, version: 2 },
      { ...subject, accountId: encodeId("account", id(9)) },
      { ...subject, deviceId: encodeId("device", id(9)) },
    ];
    for (const stranger of strangers) {
      expect(checkNonce(keys, stranger, nonce, NOW_MS)).toBe("invalid");
    }
    expect(checkNonce(new KeyRing(makeKeyFile()), subject, nonce, NOW_MS)).toBe("invalid");
  });

  test("with any bit changed is invalid, its time most of all", () => {
    for (let bit = 0; bit < NONCE_BYTES * 8; bit++) {
      const changed = nonce.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(checkNonce(keys, subject, changed, NOW_MS)).toBe("invalid");
    }
    for (const other of [nonce.subarray(1), new Uint8Array(13), new Uint8Array()]) {
      expect(checkNonce(keys, subject, other, NOW_MS)).toBe("invalid");
    }
  });

  test("does not run its parts together", () => {
    const digits = fc.stringMatching(/^[0-9]{1,4}$/);
    fc.assert(
      fc.property(digits, digits, digits, digits, (a, b, c, d) => {
        const made = (accountId: string, version: string): Uint8Array =>
          makeNonce(
            keys,
            { ...subject, accountId: accountId as AccountId, version: Number(version) },
            UNTIL_MS,
          );
        const isSame = a === c && Number(b) === Number(d);
        expect(Buffer.from(made(a, b)).equals(made(c, d))).toBe(isSame);
      }),
      { numRuns: 100 },
    );
  });
});
