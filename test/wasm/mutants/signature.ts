/** Faults in points, in single signatures and in batches. */
import { mutantsOf, type Row } from "./mutant.ts";

const POINT: readonly Row[] = [
  ["A and R need not be canonical", "  if (!isCanonical(bytes)) return false;\n", "", "primitives"],
  [
    "a negative zero is a point",
    "  if (fieldIsZero(out) && sign) return false;\n",
    "",
    "primitives",
  ],
  [
    "the sign of a point is not read",
    "if (fieldIsOdd(out) != sign) fieldNegate(out, out);",
    "if (fieldIsOdd(out)) fieldNegate(out, out);",
    "primitives",
  ],
  ["y without an x is a point", "    if (!fieldIsZero(D)) return false;\n", "", "point"],
  ["x is not turned to the other root", "    fieldMultiply(out, out, ROOT);\n", "", "point"],
];

const SINGLE: readonly Row[] = [
  [
    "S may be L or more",
    "  if (!scalarIsCanonical(signature + 32)) return false;\n",
    "",
    "primitives",
  ],
  [
    "the key may be of small order, alone and in batches",
    "return !pointIsIdentity(TWICE);",
    "return true;",
    "primitives",
  ],
  [
    "the key of a single signature may be of small order or malformed",
    "  if (!readKey(publicKey)) return false;\n  if (!pointDecompress(POINT_R, signature))",
    "  readKey(publicKey);\n  if (!pointDecompress(POINT_R, signature))",
    "primitives",
  ],
  [
    "a malformed key is taken for the key before",
    "  if (!pointDecompress(POINT_A, publicKey)) return false;\n",
    "  pointDecompress(POINT_A, publicKey);\n",
    "primitives",
    "batch",
  ],
  [
    "the key may have order 8",
    "  pointDouble(TWICE, POINT_A, false);\n  pointDouble(TWICE, TWICE, false);\n",
    "  pointDouble(TWICE, POINT_A, false);\n",
    "primitives",
  ],
  [
    "R of a single signature may be malformed",
    "if (!pointDecompress(POINT_R, signature)) return false;",
    "pointDecompress(POINT_R, signature);",
    "primitives",
    "fuzz",
  ],
  [
    "no cofactor",
    "function isTorsion(): bool {\n  pointDouble(SUM, SUM, false);\n" +
      "  pointDouble(SUM, SUM, false);\n  pointDouble(SUM, SUM, false);\n",
    "function isTorsion(): bool {\n",
    "primitives",
  ],
  [
    "the cofactor is 4",
    "function isTorsion(): bool {\n  pointDouble(SUM, SUM, false);\n",
    "function isTorsion(): bool {\n",
    "primitives",
  ],
  [
    "no cofactor in single signatures",
    "sumAddAffine(HALF, BASE_WIDTH, BASE_HIGH);\n  sumFinish(SUM);\n  return isTorsion();",
    "sumAddAffine(HALF, BASE_WIDTH, BASE_HIGH);\n  sumFinish(SUM);\n  return pointIsIdentity(SUM);",
    "primitives",
  ],
  [
    "no cofactor in batches",
    "sumAddAffine(SCALAR_E, BASE_WIDTH, BASE_LOW);\n  sumFinish(SUM);\n  return isTorsion();",
    "sumAddAffine(SCALAR_E, BASE_WIDTH, BASE_LOW);\n  sumFinish(SUM);\n" +
      "  return pointIsIdentity(SUM);",
    "batch",
  ],
  [
    "the sign of a split scalar is the wrong one",
    "if (!negative) pointNegate(POINT_A);",
    "if (negative) pointNegate(POINT_A);",
    "primitives",
  ],
  [
    "the upper half of S is left out",
    "  sumAddAffine(HALF, BASE_WIDTH, BASE_HIGH);\n",
    "",
    "primitives",
  ],
];

const BATCH: readonly Row[] = [
  [
    "S of a member may be L or more",
    "    if (!scalarIsCanonical(item + 32)) return false;\n",
    "",
    "batch",
  ],
  [
    "the key of a member may be of small order or malformed",
    "if (!readKey(publicKey)) return false;\n      memory.copy",
    "readKey(publicKey);\n      memory.copy",
    "batch",
  ],
  [
    "R of a member may be malformed",
    "if (!pointDecompress(POINT_R, item)) return false;",
    "pointDecompress(POINT_R, item);",
    "batch",
  ],
  [
    "all coefficients are the first",
    "const coefficient = item + 96;",
    "const coefficient = items + 96;",
    "batch",
  ],
  [
    "all coefficients are 1",
    "memory.copy(SCALAR_V, coefficient, 16);",
    "store<u8>(SCALAR_V, 1);",
    "batch",
  ],
  [
    "coefficients have 64 bits",
    "memory.copy(SCALAR_V, coefficient, 16);",
    "memory.copy(SCALAR_V, coefficient, 8);",
    "batch",
  ],
  [
    "R of the first member stands for all",
    "sumAdd(SCALAR_V, POINT_WIDTH, table);",
    "sumAdd(SCALAR_V, POINT_WIDTH, BATCH_TABLES);",
    "batch",
  ],
  [
    "the coefficient of S is dropped",
    "    scalarMultiply(PRODUCT, SCALAR_V, item + 32);\n    scalarAccumulate(SCALAR_E, PRODUCT);",
    "    scalarAccumulate(SCALAR_E, item + 32);",
    "batch",
  ],
  [
    "the coefficient of A is dropped",
    "    scalarMultiply(PRODUCT, SCALAR_V, SCALAR_K);\n",
    "    memory.copy(PRODUCT, SCALAR_K, 32);\n",
    "batch",
  ],
  ["S of the members is left out", "    scalarAccumulate(SCALAR_E, PRODUCT);\n", "", "batch"],
  [
    "keys that share 31 bytes are one",
    "memory.compare(KEY_BYTES + n * 32, publicKey, 32) == 0",
    "memory.compare(KEY_BYTES + n * 32, publicKey, 31) == 0",
    "batch",
  ],
  [
    "keys that share their last bytes are one",
    "memory.compare(KEY_BYTES + n * 32, publicKey, 32) == 0",
    "memory.compare(KEY_BYTES + n * 32 + 1, publicKey + 1, 31) == 0",
    "batch",
  ],
  [
    "the scalar of a key keeps what the batch before left",
    "      memory.fill(KEY_SCALARS + key * 32, 0, 32);\n",
    "",
    "batch",
  ],
  [
    "the sum of S keeps what the batch before left",
    "  memory.fill(SCALAR_E, 0, 32);\n  sumStart();",
    "  sumStart();",
    "batch",
  ],
  [
    "the last member is left out",
    "for (let n: usize = 0; n < count; n++) {\n    const publicKey",
    "for (let n: usize = 0; n + 1 < count; n++) {\n    const publicKey",
    "batch",
  ],
];

const SUM: readonly Row[] = [
  [
    "digits of the sum before are added again",
    "  memory.fill(HEADS, 0, DIGITS_MAX << 2);\n",
    "",
    "primitives",
  ],
  ["negative digits are added", "flags | (digit < 0 ? MINUS : 0)", "flags", "primitives"],
  [
    "T is missing where an addition follows",
    "pointDouble(out, out, node != 0);",
    "pointDouble(out, out, false);",
    "primitives",
  ],
];

const INDEX: readonly Row[] = [
  [
    "more members are taken than there is room for",
    "count <= BATCH_ITEMS_MAX && ed25519VerifyBatch(INPUT, count)",
    "ed25519VerifyBatch(INPUT, count)",
    "batch",
  ],
];

const MODULE: readonly Row[] = [
  [
    "one coefficient is drawn for all",
    "const start = (index - from) * COEFFICIENT_BYTES;",
    "const start = 0;",
    "batch",
  ],
  [
    "coefficients are 1",
    "const bytes = crypto.getRandomValues(new Uint8Array(count * COEFFICIENT_BYTES));",
    "const bytes = Uint8Array.from({ length: 16 * count }, (_, n) => (n % 16 === 0 ? 1 : 0));",
    "batch",
  ],
  [
    "half of each coefficient is drawn",
    "coefficients.subarray(start, start + COEFFICIENT_BYTES), at + 96",
    "coefficients.subarray(start, start + COEFFICIENT_BYTES / 2), at + 96",
    "batch",
  ],
  [
    "coefficients are drawn once for ever",
    "const coefficients = randomCoefficients(end - from);",
    "const coefficients = (globalThis.drawn ??= randomCoefficients(MODULE_ITEMS_MAX));",
    "batch",
  ],
  [
    "a batch that fails names nobody of the later pieces",
    "bad.push(at);",
    "bad.push(at - from);",
    "batch",
  ],
  [
    "a batch that fails passes",
    "end - from < 2 || !this.#verifyPiece(items, from, end)",
    "end - from < 2 || this.#verifyPiece(items, from, end)",
    "batch",
  ],
  [
    "a piece takes a member that does not fit",
    "        this.#fits(bytes);\n",
    "        this.#fits(bytes - ITEM_HEAD_BYTES);\n",
    "batch",
  ],
  [
    "a signature may be longer",
    "signature.length !== SIGNATURE_BYTES || publicKey.length !== PUBLIC_KEY_BYTES) return",
    "signature.length < SIGNATURE_BYTES || publicKey.length !== PUBLIC_KEY_BYTES) return",
    "primitives",
    "fuzz",
  ],
  [
    "a key may be longer",
    "signature.length !== SIGNATURE_BYTES || publicKey.length !== PUBLIC_KEY_BYTES) return",
    "signature.length !== SIGNATURE_BYTES || publicKey.length < PUBLIC_KEY_BYTES) return",
    "primitives",
    "fuzz",
  ],
];

export const SIGNATURE_MUTANTS = [
  ...mutantsOf("assembly/point.ts", POINT),
  ...mutantsOf("assembly/ed25519.ts", [...SINGLE, ...BATCH]),
  ...mutantsOf("assembly/sum.ts", SUM),
  ...mutantsOf("assembly/index.ts", INDEX),
  ...mutantsOf("module.ts", MODULE),
];
