import { describe, expect, test } from "bun:test";
import { AssertionFailed } from "../../wasm/assert.ts";
import { argon2id } from "../../wasm/core.ts";
import { derivePinKey, PIN_COST, pinProof, weakPin } from "../../wasm/pin.ts";
import vectors from "../vectors/protocol.json";

const { pin } = vectors;
const digits = (text: string) => new TextEncoder().encode(text);

function input() {
  return {
    pin: digits(pin.pin),
    salt: Uint8Array.fromHex(pin.salt),
    deviceSecret: Uint8Array.fromHex(pin.deviceSecret),
    accountId: Uint8Array.fromHex(pin.accountId),
    deviceId: Uint8Array.fromHex(pin.deviceId),
    pinVersion: pin.pinVersion,
  };
}

describe("PIN key", () => {
  test("the worked example gives this key, and the PIN is overwritten", () => {
    const given = input();
    expect(derivePinKey(given).toHex()).toBe(pin.kpin);
    expect([...given.pin]).toEqual([0, 0, 0, 0]);
    expect(given.salt.toHex()).toBe(pin.salt);
    expect(given.deviceSecret.toHex()).toBe(pin.deviceSecret);
  });

  test("a native argon2 agrees with the stretched PIN at the real cost", async () => {
    const base64 = (bytes: Uint8Array) => bytes.toBase64({ omitPadding: true });
    const stretched = argon2id(digits(pin.pin), Uint8Array.fromHex(pin.salt), PIN_COST);
    expect(stretched.toHex()).toBe(pin.stretched);
    const salt = base64(Uint8Array.fromHex(pin.salt));
    const phc = `$argon2id$v=19$m=19456,t=2,p=1$${salt}$${base64(stretched)}`;
    expect(await Bun.password.verify(pin.pin, phc)).toBe(true);
    expect(await Bun.password.verify("2581", phc)).toBe(false);
  });

  test("a caller that breaks the contract is stopped, and the PIN is still overwritten", () => {
    const wrong = [
      { pin: digits("258") },
      { pin: digits("2580258") },
      { pin: digits("25 0") },
      { salt: new Uint8Array(15) },
      { deviceSecret: new Uint8Array(16) },
      { accountId: new Uint8Array(15) },
      { deviceId: new Uint8Array(17) },
      { pinVersion: 65_536 },
    ];
    for (const part of wrong) {
      const given = { ...input(), ...part };
      expect(() => derivePinKey(given)).toThrow(AssertionFailed);
      expect(given.pin.every((byte) => byte === 0)).toBe(true);
    }
  });

  test("a proof is made with a whole key over a whole approval body only", () => {
    const [kpin, body] = [new Uint8Array(32), new Uint8Array(116)];
    expect(pinProof(kpin, body).length).toBe(32);
    expect(() => pinProof(kpin.subarray(1), body)).toThrow(AssertionFailed);
    expect(() => pinProof(kpin, body.subarray(1))).toThrow(AssertionFailed);
  });
});

describe("weak PIN", () => {
  const birthDate = { year: 1987, month: 3, day: 25 };
  const rows: [string, ReturnType<typeof weakPin>][] = [
    ["", "not_4_to_6_digits"],
    ["123", "not_4_to_6_digits"],
    ["1357913", "not_4_to_6_digits"],
    ["13a7", "not_4_to_6_digits"],
    ["٣٤٥٦", "not_4_to_6_digits"],
    ["0000", "all_equal"],
    ["777777", "all_equal"],
    ["1234", "run"],
    ["4321", "run"],
    ["34567", "run"],
    ["7890", "run"],
    ["0987", "run"],
    ["987654", "run"],
    ["1987", "birth_date"],
    ["0325", "birth_date"],
    ["2503", "birth_date"],
    ["032587", "birth_date"],
    ["250387", "birth_date"],
    ["870325", "birth_date"],
    ["2580", undefined],
    ["1235", undefined],
    ["1212", undefined],
    ["1988", undefined],
    ["03251", undefined],
    ["246802", undefined],
  ];

  test("each reason is named, and other PINs pass", () => {
    for (const [text, reason] of rows) expect(weakPin(digits(text), birthDate)).toBe(reason);
  });

  test("without a birth date the birth date rule is left out", () => {
    expect(weakPin(digits("1987"))).toBeUndefined();
    expect(weakPin(digits("1111"))).toBe("all_equal");
  });
});
