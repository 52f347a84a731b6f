/** Wipes left out: each leaves a secret, or something made of one, in memory. */
import { mutantsOf, type Row } from "./mutant.ts";

const left = (what: string, line: string): Row => [`leaves ${what}`, line, "", "memory"];

export const WIPE_MUTANTS = [
  ...mutantsOf("assembly/index.ts", [
    [
      "leaves the message of a keyed hash",
      "memory.fill(INPUT, 0, keyLength + length);",
      "memory.fill(INPUT, 0, keyLength);",
      "memory",
    ],
    left("the key of a keyed hash", "  memory.fill(INPUT, 0, keyLength + length);\n"),
    [
      "leaves the states of a keyed hash",
      "keyLength, length);\n  hmacWipe();\n",
      "keyLength, length);\n",
      "memory",
    ],
    [
      "leaves the salt of HKDF",
      "memory.fill(INPUT, 0, materialLength + saltLength + infoLength);",
      "memory.fill(INPUT, 0, materialLength);",
      "memory",
    ],
    [
      "leaves the states of HKDF",
      "info, infoLength);\n  hmacWipe();\n",
      "info, infoLength);\n",
      "memory",
    ],
    left("the password of argon2id", "  memory.fill(INPUT, 0, <usize>at - INPUT);\n"),
    [
      "leaves a proof",
      "memory.fill(INPUT, 0, 32 + APPROVAL_BYTES + 32);",
      "memory.fill(INPUT, 0, 32 + APPROVAL_BYTES);",
      "memory",
    ],
    left("the PIN key", "  memory.fill(INPUT, 0, 32 + APPROVAL_BYTES + 32);\n"),
  ]),
  ...mutantsOf("assembly/approval.ts", [
    left("the expected proof", "  memory.fill(EXPECTED, 0, PROOF_BYTES);\n"),
    left("the states of a PIN proof", "  hmacWipe();\n"),
    [
      "wipes after a right proof only",
      "  hmacWipe();\n  return difference == 0;",
      "  if (difference == 0) hmacWipe();\n  return difference == 0;",
      "memory",
    ],
  ]),
  ...mutantsOf("assembly/hmac.ts", [
    left("the pseudo random key of HKDF", "  memory.fill(PSEUDO_RANDOM_KEY, 0, HASH);\n"),
    left("the last piece of HKDF", "  memory.fill(PIECE, 0, HASH);\n"),
    [
      "leaves the padded key",
      "  memory.fill(PAD, 0, BLOCK);\n  memory.fill(INNER",
      "  memory.fill(INNER",
      "memory",
    ],
    left("the inner hash", "  memory.fill(INNER, 0, HASH);\n"),
    left("the states of SHA-256", "  sha256Wipe();\n"),
  ]),
  ...mutantsOf("assembly/sha256.ts", [
    left("the state of SHA-256", "  memory.fill(STATE, 0, 32);\n"),
    left("the last block of SHA-256", "  memory.fill(BUFFER, 0, 64);\n"),
    left("the schedule of SHA-256", "  memory.fill(SCHEDULE, 0, 256);\n"),
    [
      "leaves the end of the schedule of SHA-256",
      "memory.fill(SCHEDULE, 0, 256);",
      "memory.fill(SCHEDULE, 0, 248);",
      "memory",
    ],
  ]),
  ...mutantsOf("assembly/argon2id.ts", [
    left("the blocks", "  memory.fill(BLOCKS, 0, <usize>blocks * BLOCK);\n"),
    [
      "leaves the last block",
      "memory.fill(BLOCKS, 0, <usize>blocks * BLOCK);",
      "memory.fill(BLOCKS, 0, <usize>(blocks - 1) * BLOCK);",
      "memory",
    ],
    left("the first hash", "  memory.fill(H0, 0, 72);\n"),
    left("the chain of a long hash", "  memory.fill(CHAIN, 0, 64);\n"),
    left("the block that was mixed last", "  memory.fill(REST, 0, BLOCK);\n"),
    left("the sum of the blocks mixed last", "  memory.fill(XORED, 0, BLOCK);\n"),
    left("the states of BLAKE2b", "  blake2bWipe();\n"),
  ]),
  ...mutantsOf("assembly/blake2b.ts", [
    left("the state of BLAKE2b", "  memory.fill(STATE, 0, 64);\n"),
    left("the words of BLAKE2b", "  memory.fill(WORK, 0, 128);\n"),
    left("the last block of BLAKE2b", "  memory.fill(BUFFER, 0, 128);\n"),
  ]),
  ...mutantsOf("module.ts", [
    left("the output", "    this.memory.fill(0, this.#output, end);\n"),
    [
      "leaves the end of the output",
      "this.memory.fill(0, this.#output, end);",
      "this.memory.fill(0, this.#output, this.#output + 16);",
      "memory",
    ],
  ]),
];
