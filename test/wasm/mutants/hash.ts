/** Faults in hashes, keyed hashes, derived keys and argon2id. */
import { mutantsOf, type Row } from "./mutant.ts";

const SHA256: readonly Row[] = [
  [
    "a message of 55 bytes is padded into a second block",
    "if (filled >= 56) {",
    "if (filled >= 55) {",
    "fuzz",
  ],
  [
    "a message of 56 bytes is padded into one block",
    "if (filled >= 56) {",
    "if (filled >= 57) {",
    "fuzz",
  ],
  [
    "the second block of a padding keeps the first",
    "    compress();\n    memory.fill(BUFFER, 0, BLOCK);\n",
    "    compress();\n",
    "fuzz",
  ],
  [
    "the length counts the last block only",
    "bswap<u64>(total << 3)",
    "bswap<u64>((total & 63) << 3)",
    "fuzz",
  ],
  [
    "the length is that of all messages so far",
    "  filled = 0;\n  total = 0;\n}",
    "  filled = 0;\n}",
    "fuzz",
  ],
  [
    "the padding keeps what the message before left",
    "memory.fill(BUFFER + filled + 1, 0, BLOCK - filled - 1);",
    "",
    "fuzz",
  ],
];

const SHA512: readonly Row[] = [
  [
    "a message of 111 bytes is padded into a second block",
    "if (filled >= 112) {",
    "if (filled >= 111) {",
    "fuzz",
  ],
  [
    "a message of 112 bytes is padded into one block",
    "if (filled >= 112) {",
    "if (filled >= 113) {",
    "fuzz",
  ],
  [
    "the second block of a padding keeps the first",
    "    compress();\n    memory.fill(BUFFER, 0, BLOCK);\n",
    "    compress();\n",
    "fuzz",
  ],
  [
    "the length counts the last block only",
    "bswap<u64>(total << 3)",
    "bswap<u64>((total & 127) << 3)",
    "fuzz",
  ],
];

const HMAC: readonly Row[] = [
  ["a key of 64 bytes is hashed", "if (length <= BLOCK) {", "if (length < BLOCK) {", "fuzz"],
  [
    "a key keeps what the key before left",
    "  memory.fill(PAD, 0, BLOCK);\n  if (length",
    "  if (length",
    "fuzz",
  ],
  ["the counter of HKDF stays 1", "store<u8>(COUNTER, n);", "store<u8>(COUNTER, 1);", "fuzz"],
  [
    "the counter of HKDF starts at 0",
    "store<u8>(COUNTER, n);",
    "store<u8>(COUNTER, n - 1);",
    "fuzz",
  ],
  [
    "the second piece of HKDF is made without the first",
    "if (n > 1) sha256Update",
    "if (n > 2) sha256Update",
    "fuzz",
  ],
  ["HKDF leaves the info out", "    sha256Update(info, infoLength);\n", "", "fuzz"],
  [
    "HKDF writes whole pieces",
    "const take = min(HASH, length - done);",
    "const take = HASH;",
    "memory",
  ],
];

const ARGON2: readonly Row[] = [
  [
    "later passes replace blocks",
    "compress(blockAt(lane, column), previous, reference, pass > 0);",
    "compress(blockAt(lane, column), previous, reference, false);",
    "fuzz",
  ],
  ["one pass too few is made", "pass < passes; pass++", "pass + 1 < passes; pass++", "fuzz"],
  [
    "the first slice of later passes keeps to its lane",
    "const other = pass == 0 && slice == 0 ? lane",
    "const other = slice == 0 ? lane",
    "fuzz",
  ],
  [
    "lane 1 is left out at the end",
    "for (let lane: u32 = 1; lane < lanes; lane++) xorBlock",
    "for (let lane: u32 = 2; lane < lanes; lane++) xorBlock",
    "fuzz",
  ],
  [
    "another lane's last block is read before it is written",
    "  else if (index == 0) area--;\n",
    "",
    "fuzz",
  ],
  [
    "the third slice is data-independent too",
    "const independent = pass == 0 && slice < 2;",
    "const independent = pass == 0 && slice < 3;",
    "fuzz",
  ],
  [
    "addresses are drawn for 128 blocks only",
    "if (independent && (index & 127) == 0) nextAddresses();",
    "if (independent && index == 0) nextAddresses();",
    "fuzz",
  ],
  [
    "the addresses of the first slice are missing",
    "  if (independent && start != 0) nextAddresses();\n",
    "",
    "fuzz",
  ],
  [
    "the memory that is named is the memory that is used",
    "hashNumber(memoryKib);",
    "hashNumber(blocks);",
    "fuzz",
  ],
  ["the version is 1.0", "const VERSION: u32 = 0x13;", "const VERSION: u32 = 0x10;", "fuzz"],
  [
    "the secret is left out",
    "for (let at: usize = 0; at < 32; at += 8) {\n    hashNumber",
    "for (let at: usize = 0; at < 16; at += 8) {\n    hashNumber",
    "fuzz",
  ],
  ["a long hash makes a piece too many", "while (left > 64) {", "while (left >= 64) {", "fuzz"],
  [
    "the window of later passes begins a segment late",
    "(slice + 1) * segmentLength;",
    "(slice + 2) * segmentLength;",
    "fuzz",
  ],
  [
    "the product of BlaMka is not doubled",
    "(b & 0xffffffff)) << 1);",
    "(b & 0xffffffff)));",
    "fuzz",
  ],
];

const BLAKE2B: readonly Row[] = [
  [
    "a full last block counts as one before the last",
    "total += BLOCK;\n      compress(false);",
    "total += BLOCK;\n      compress(true);",
    "fuzz",
  ],
  [
    "the last block is not marked",
    "  compress(true);\n  memory.copy(out",
    "  compress(false);\n  memory.copy(out",
    "fuzz",
  ],
  ["the length of the hash is not hashed", " ^ 0x01010000 ^ <u64>length", " ^ 0x01010000", "fuzz"],
  [
    "the last block keeps what was before",
    "  memory.fill(BUFFER + filled, 0, BLOCK - filled);\n",
    "",
    "fuzz",
  ],
];

export const HASH_MUTANTS = [
  ...mutantsOf("assembly/sha256.ts", SHA256),
  ...mutantsOf("assembly/sha512.ts", SHA512),
  ...mutantsOf("assembly/hmac.ts", HMAC),
  ...mutantsOf("assembly/argon2id.ts", ARGON2),
  ...mutantsOf("assembly/blake2b.ts", BLAKE2B),
];
