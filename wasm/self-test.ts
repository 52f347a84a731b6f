/**
 * Known answers that an implementation must give before it is used, right ones and refusals: a
 * compiler or an engine that gets one instruction wrong is found here and not at a till. The long
 * tests are in test/wasm.
 */
import type { Implementation } from "./implementation.ts";

const bytes = (hex: string): Uint8Array => {
  const pairs = hex.match(/../g) ?? [];
  return Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16));
};

/** RFC 8032 section 7.1, TEST 2 and TEST 3. */
const SECOND = {
  publicKey: bytes("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"),
  message: bytes("72"),
  signature: bytes(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da" +
      "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  ),
};
const THIRD = {
  publicKey: bytes("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"),
  message: bytes("af82"),
  signature: bytes(
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac" +
      "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
  ),
};
/** R with a part of order 8: valid, because the equation is taken eightfold. */
const SHIFTED = {
  publicKey: bytes("b862409fb5c4c4123df2abf7462b88f041ad36dd6864ce872fd5472be363c5b1"),
  message: bytes("72"),
  signature: bytes(
    "c891dd2fc0ca87a7460193895e046a914c11b66fdffa8e6b7c3ba83138499c70" +
      "14ba4d6b36963e9a2604cca1670696316b8cba5a0e0bc7e3da7f9c730c64d400",
  ),
};
/** The signature of TEST 2 with S + L. */
const RAISED = bytes(
  "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da" +
    "f52db7415978abc61b2c2eb6aeebfca0387b2eaeb4302aeeb00d291612bb0c10",
);
/** The identity: of small order. With R the identity and S = 0 the equation alone would hold. */
const IDENTITY = bytes(`01${"00".repeat(31)}`);
/** The same point with y + p: a second spelling. */
const IDENTITY_AGAIN = bytes(`ee${"ff".repeat(30)}7f`);
const FORGED = bytes(`01${"00".repeat(63)}`);

/** The lane sticker of docs/protocol.md section 2 and its switch key (RFC 8032 TEST 1). */
const STICKER = bytes(
  "010107000003e90000002a6aaa8b1413c10bbe9cfadd16e1e17277f1efafd1e512b4a1c939ad9b0447ee7c" +
    "315f8e4221b635870b53c860bf3a934fda23cf47caef8355da19e7c357e55401",
);
const STICKER_KEY = bytes("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
/** The approval of docs/protocol.md section 5. */
const BODY = bytes(
  "534551524150563101000001a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1" +
    "707172737475767778797a7b7c7d7e7f00030000000004e2034800004e495e17917d1c0459cf4aafd1b19671" +
    "0000000000000011000001a229f0ede3e0e1e2e3e4e5e6e7e8e9eaeb",
);
const PIN_KEY = bytes("dc3882372fa4b26a01ca43b0412b48fdf1f008bc9410aada47a44ec24cb6ff9b");
const PROOF = bytes("78a9637c68bd53ea1c26b8031af5485ca0c66d9738957013e8c70474742ab2ae");

type Check = (core: Implementation) => boolean;

const CHECKS: Readonly<Record<string, Check>> = {
  "a signature": (core) => [SECOND, THIRD, SHIFTED].every((item) => verify(core, item)),
  "a changed signature": (core) =>
    [0, 20, 40, 60].every((at) => {
      return !verify(core, { ...SECOND, signature: flipped(SECOND.signature, at) });
    }),
  "a signature of something else": (core) =>
    !verify(core, { ...SECOND, message: THIRD.message }) &&
    !verify(core, { ...SECOND, publicKey: THIRD.publicKey }),
  "S + L": (core) => !verify(core, { ...SECOND, signature: RAISED }),
  "a key of small order": (core) =>
    [IDENTITY, IDENTITY_AGAIN].every((publicKey) => {
      return !verify(core, { ...SECOND, publicKey, signature: FORGED });
    }),
  "a batch": (core) => core.ed25519VerifyBatch([SECOND, THIRD, SHIFTED, SECOND]).ok,
  "a batch with a bad member": (core) => {
    const bad = { ...THIRD, signature: flipped(THIRD.signature, 33) };
    const verdict = core.ed25519VerifyBatch([SECOND, bad, SHIFTED]);
    return !verdict.ok && verdict.bad.length === 1 && verdict.bad[0] === 1;
  },
  "a payload": (core) => core.verifyQr(STICKER, STICKER_KEY) === undefined,
  "a changed payload": (core) =>
    core.verifyQr(flipped(STICKER, 6), STICKER_KEY)?.kind === "signature_invalid" &&
    core.verifyQr(flipped(STICKER, 0), STICKER_KEY)?.kind === "version_unknown" &&
    core.qrFault(STICKER.subarray(1))?.kind === "length_wrong",
  "an approval": (core) =>
    core.approvalFault(BODY) === undefined && core.approvalFault(flipped(BODY, 9))?.at === 9,
  "a PIN proof": (core) =>
    core.verifyPinProof(PIN_KEY, BODY, PROOF) &&
    !core.verifyPinProof(PIN_KEY, BODY, flipped(PROOF, 31)) &&
    !core.verifyPinProof(flipped(PIN_KEY, 0), BODY, PROOF),
  // RFC 6234: "abc".
  "the hashes": (core) =>
    isHex(
      core.sha256(bytes("616263")),
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    ) &&
    isHex(core.sha512(bytes("616263")).subarray(0, 16), "ddaf35a193617abacc417349ae204131") &&
    // RFC 4231 test case 2, RFC 5869 test case 3.
    isHex(
      core.hmacSha256(
        bytes("4a656665"),
        bytes("7768617420646f2079612077616e7420666f72206e6f7468696e673f"),
      ),
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ) &&
    isHex(
      core.hkdfSha256(bytes("0b".repeat(22)), bytes(""), bytes(""), 42),
      "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
    ),
  // RFC 9106 section 5.3.
  argon2id: (core) =>
    isHex(
      core.argon2id(bytes("01".repeat(32)), bytes("02".repeat(16)), {
        memoryKiB: 32,
        passes: 3,
        lanes: 4,
        length: 32,
        secret: bytes("03".repeat(8)),
        associatedData: bytes("04".repeat(12)),
      }),
      "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659",
    ),
  base32: (core) =>
    isHex(core.base32Decode("MZXW6YTBOI") ?? bytes(""), "666f6f626172") &&
    core.base32Decode("MZXW6YTBOJ") === undefined &&
    core.base32Decode("mzxw6") === undefined,
};

/** The name of the first check that fails; undefined when the implementation may be used. */
export function selfTest(core: Implementation): string | undefined {
  return Object.entries(CHECKS).find(([, check]) => !check(core))?.[0];
}

function verify(core: Implementation, { signature, message, publicKey }: typeof SECOND): boolean {
  return core.ed25519Verify(signature, message, publicKey);
}

function flipped(given: Uint8Array, at: number): Uint8Array {
  const copy = given.slice();
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

function isHex(given: Uint8Array, hex: string): boolean {
  const expected = bytes(hex);
  return given.length === expected.length && given.every((byte, at) => byte === expected[at]);
}
