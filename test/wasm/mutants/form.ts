/** Faults in the forms: payloads, approvals, PIN proofs, base32, and how wasm/module.ts asks. */
import { mutantsOf, type Row } from "./mutant.ts";

const QR: readonly Row[] = [
  [
    "the first reserved byte is not looked at",
    "for (let at: usize = 3; at < HEADER; at++) {",
    "for (let at: usize = 4; at < HEADER; at++) {",
    "fuzz",
  ],
  [
    "reserved bytes are not looked at",
    "if (load<u8>(payload + at) != 0) return fault(RESERVED_NOT_ZERO, at);",
    "",
    "fuzz",
  ],
  [
    "a reserved byte is told at the wrong offset",
    "fault(RESERVED_NOT_ZERO, at)",
    "fault(RESERVED_NOT_ZERO, 3)",
    "fuzz",
  ],
  [
    "any version passes",
    "  if (load<u8>(payload) != VERSION) return fault(VERSION_UNKNOWN, 0);\n",
    "",
    "fuzz",
  ],
  [
    "lane 0 passes",
    "  if (load<u32>(payload, 7) == 0) return fault(NUMBER_ZERO, 7);\n",
    "",
    "fuzz",
  ],
  [
    "a reference of 16 digits passes",
    "reference >= REFERENCE_LIMIT",
    "reference > REFERENCE_LIMIT",
    "fuzz",
  ],
  [
    "an amount is read without its lowest bytes",
    "<u64>load<u32>(payload, 21) | <u64>load<u16>(payload, 25);",
    "<u64>load<u32>(payload, 21);",
    "fuzz",
  ],
  ["currency 1000 passes", "currency > CURRENCY_MAX", "currency > CURRENCY_MAX + 1", "fuzz"],
  [
    "a wrong length is told at the wrong offset",
    "fault(LENGTH_WRONG, min(end, expected))",
    "fault(LENGTH_WRONG, end)",
    "fuzz",
  ],
  ["a longer payload passes", "if (end != expected) return", "if (end < expected) return", "fuzz"],
  [
    "the fields of a receipt are not looked at",
    "return kind == 2 || kind == 5 ? requestForm(payload) : 0;",
    "return kind == 2 ? requestForm(payload) : 0;",
    "fuzz",
  ],
  [
    "a wrong signature is told at the wrong offset",
    "fault(SIGNATURE_INVALID, end)",
    "fault(SIGNATURE_INVALID, length)",
    "fuzz",
  ],
  ["any signature passes", "return isValid ? 0 :", "return isValid || true ? 0 :", "qr-bytes"],
  [
    "the last byte of the body is not signed",
    "MESSAGE, TAG_BYTES + end);",
    "MESSAGE, TAG_BYTES + end - 1);",
    "qr-bytes",
  ],
];

const APPROVAL: readonly Row[] = [
  [
    "a PIN proof is compared on 31 bytes",
    "for (let at: usize = 0; at < PROOF_BYTES; at += 8) {\n" +
      "    difference |= load<u64>(EXPECTED + at) ^ load<u64>(proof + at);",
    "for (let at: usize = 0; at < 31; at += 1) {\n" +
      "    difference |= load<u8>(EXPECTED + at) ^ load<u8>(proof + at);",
    "memory",
    "fuzz",
  ],
  [
    "two equal differences in a PIN proof cancel",
    "difference |= load<u64>(EXPECTED + at)",
    "difference ^= load<u64>(EXPECTED + at)",
    "fuzz",
  ],
  ["any PIN proof passes", "return difference == 0;", "return true;", "fuzz"],
  [
    "the last byte of an approval is not proven",
    "hmacSha256(EXPECTED, pinKey, 32, body, APPROVAL_BYTES);",
    "hmacSha256(EXPECTED, pinKey, 32, body, APPROVAL_BYTES - 1);",
    "fuzz",
  ],
  [
    "the first reserved byte is not looked at",
    "  if (load<u8>(body, 9) != 0) return fault(RESERVED_NOT_ZERO, 9);\n",
    "",
    "fuzz",
  ],
  [
    "the second reserved field is looked at by half",
    "if (load<u16>(body, 70) != 0)",
    "if (load<u8>(body, 70) != 0)",
    "fuzz",
  ],
  ["the last letter of the tag is not looked at", "at < 8; at++", "at < 7; at++", "fuzz"],
  ["a wrong tag is told at its start", "fault(TAG_WRONG, at)", "fault(TAG_WRONG, 0)", "fuzz"],
  ["kind 5 passes", "const KIND_MAX: u32 = 4;", "const KIND_MAX: u32 = 5;", "fuzz"],
  [
    "a counter that no number holds passes",
    "SAFE_MAX: u64 = 0x1fffffffffffff;",
    "SAFE_MAX: u64 = 0x20000000000000;",
    "fuzz",
  ],
  [
    "the time of the client is not looked at",
    "if (bswap<u64>(load<u64>(body, 96)) > SAFE_MAX)",
    "if (false)",
    "fuzz",
  ],
  [
    "an amount is looked at by two thirds",
    "(<u64>load<u32>(body, 62) | <u64>load<u16>(body, 66)) == 0",
    "<u64>load<u32>(body, 62) == 0",
    "fuzz",
  ],
];

const BASE32: readonly Row[] = [
  [
    "unused bits need not be zero",
    "return bits >= 5 || value != 0 ? -1 : written;",
    "return bits >= 5 ? -1 : written;",
    "fuzz",
  ],
  [
    "a letter too many passes",
    "return bits >= 5 || value != 0 ? -1 : written;",
    "return value != 0 ? -1 : written;",
    "fuzz",
  ],
  ["8 is a letter", "letter <= 0x37", "letter <= 0x38", "fuzz"],
  ["[ is a letter", "letter <= 0x5a", "letter <= 0x5b", "fuzz"],
];

const MODULE: readonly Row[] = [
  [
    "what is behind an approval is cut off",
    "const FORM_BYTES_MAX = 255;",
    "const FORM_BYTES_MAX = 116;",
    "fuzz",
  ],
  ["offsets lose their upper bits", "at: status >>> 8 }", "at: (status >>> 8) & 31 }", "fuzz"],
  [
    "a proof of another length is looked at",
    "    if (proof.length !== PROOF_BYTES) return false;\n",
    "",
    "primitives",
  ],
  [
    "a key of another length is looked at",
    "    if (publicKey.length !== PUBLIC_KEY_BYTES) {\n",
    "    if (publicKey.length < PUBLIC_KEY_BYTES) {\n",
    "fuzz",
  ],
];

export const FORM_MUTANTS = [
  ...mutantsOf("assembly/qr.ts", QR),
  ...mutantsOf("assembly/approval.ts", APPROVAL),
  ...mutantsOf("assembly/base32.ts", BASE32),
  ...mutantsOf("module.ts", MODULE),
];
