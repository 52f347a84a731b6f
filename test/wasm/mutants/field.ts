// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are sources as text.
/** Faults in both forms of the field, and in what is made of them. */
import { mutantsOf, type Row } from "./mutant.ts";

const PORTABLE: readonly Row[] = [
  [
    "a product drops a carry between limbs",
    "t = a * b3 + (t >> 32);\n  let r3 = t & MASK;",
    "t = a * b3;\n  let r3 = t & MASK;",
    "field",
  ],
  [
    "a product drops its highest carry",
    "t = a * b7 + r14 + (t >> 32);\n  r14 = t & MASK;\n  let r15 = t >> 32;",
    "t = a * b7 + r14 + (t >> 32);\n  r14 = t & MASK;\n  let r15: u64 = 0;",
    "field",
  ],
  ["a square drops a carry", "t = a0 * a3 + (t >> 32);", "t = a0 * a3;", "field"],
  [
    "a square drops the carry of its last doubling",
    "t = (r14 << 1) + (s7 & MASK) + (t >> 32);",
    "t = (r14 << 1) + (s7 & MASK);",
    "field",
  ],
  [
    "a folded product forgets what is above 2^256",
    "t = s0 + (t >> 32) * FOLD;",
    "t = s0;",
    "field",
  ],
  [
    "the carry that runs on once in a hundred million products stops",
    "carry runs on.\n  t = s1 + (t >> 32);",
    "carry runs on.\n  t = s1;",
    "field",
  ],
  [
    "the carry that runs on stops in the middle",
    "carry runs on.\n  t = s1 + (t >> 32);\n  store<u32>(out, <u32>t, 4);\n  t = s2 + (t >> 32);",
    "carry runs on.\n  t = s1 + (t >> 32);\n  store<u32>(out, <u32>t, 4);\n  t = s2;",
    "field",
  ],
  [
    "the carry that runs through a product is lost at the top",
    "(t >> 32) * FOLD));\n}\n\n/** out = left + right",
    "0));\n}\n\n/** out = left + right",
    "field",
  ],
  [
    "a sum drops a carry",
    "t = limb(left, 12) + limb(right, 12) + (t >> 32);",
    "t = limb(left, 12) + limb(right, 12);",
    "field",
  ],
  ["a sum forgets what is above 2^256", "settle(out, (t >> 32) * FOLD,", "settle(out, 0,", "field"],
  [
    "a sum does not let its last carry run on",
    "return;\n  }\n  t = s1 + (t >> 32);",
    "return;\n  }\n  t = s1;",
    "field",
  ],
  [
    "the carry that runs through a sum is lost at the top",
    "  store<u32>(out, <u32>(<u64>load<u32>(out) + (t >> 32) * FOLD));\n}\n\n/** Reads 32",
    "}\n\n/** Reads 32",
    "field",
  ],
  [
    "a difference drops a borrow",
    "t = <i64>limb(left, 16) - <i64>limb(right, 16) + (t >> 32);",
    "t = <i64>limb(left, 16) - <i64>limb(right, 16);",
    "field",
  ],
  [
    "a difference below 0 stays below 0",
    "let d = <i64>s0 + (t >> 32) * <i64>FOLD;",
    "let d = <i64>s0;",
    "field",
  ],
  [
    "a difference does not let its last borrow run on",
    "d = <i64>s1 + (d >> 32);",
    "d = <i64>s1;",
    "field",
  ],
  [
    "the borrow that runs through a difference is lost at the top",
    "  store<u32>(out, <u32>(<i64>limb(out, 0) + (d >> 32) * <i64>FOLD));\n",
    "",
    "field",
  ],
  ["bit 255 is forgotten when bytes are written", " + (limb(value, 28) >> 31) * 19;", ";", "field"],
  [
    "p and more is written as it is",
    "const over = (t >> 31) & 1;",
    "const over: u64 = 0;",
    "field",
    "point",
  ],
  [
    "the comparison with p drops its carries",
    "at < 32; at += 4) t = limb(value, at) + (t >> 32);",
    "at < 32; at += 4) t = limb(value, at);",
    "field",
  ],
  [
    "p is taken away without the borrow of its top",
    "store<u32>(value, <u32>t & 0x7fffffff, 28);",
    "store<u32>(value, <u32>t, 28);",
    "field",
  ],
  [
    "bytes are read with the sign in bit 255",
    "load<u32>(out, 28) & 0x7fffffff, 28);",
    "load<u32>(out, 28), 28);",
    "field",
  ],
];

const WIDE: readonly Row[] = [
  [
    "a sum drops a limb",
    "store<u64>(out, load<u64>(left, 24) + load<u64>(right, 24), 24);",
    "store<u64>(out, load<u64>(left, 24), 24);",
    "field",
  ],
  [
    "a difference adds something else than 4p",
    "FOUR_P_LOW: u64 = 0x1fffffffffffb4;",
    "FOUR_P_LOW: u64 = 0x1fffffffffffb0;",
    "field",
  ],
  [
    "a difference adds 2p, which a sum of two may exceed",
    "FOUR_P_LOW: u64 = 0x1fffffffffffb4;\nconst FOUR_P: u64 = 0x1ffffffffffffc;",
    "FOUR_P_LOW: u64 = 0xfffffffffffda;\nconst FOUR_P: u64 = 0xffffffffffffe;",
    "field",
  ],
  ["a carry is dropped when bytes are written", "    t3 += t2 >> 51;\n", "", "field"],
  [
    "what is above 2^255 counts once when bytes are written",
    "t0 += (t4 >> 51) * 19;",
    "t0 += t4 >> 51;",
    "field",
  ],
  [
    "p and more is written as it is",
    "let over = (t0 + 19) >> 51;",
    "let over = t0 >> 51;",
    "field",
    "point",
  ],
  [
    "the last carry is dropped when bytes are written",
    "  t4 += t3 >> 51;\n  t3 &= MASK;\n  t4 &= MASK;",
    "  t3 &= MASK;\n  t4 &= MASK;",
    "field",
  ],
  [
    "bytes are read with the sign in bit 255",
    "(load<u64>(bytes, 24) >> 12) & MASK, 32);",
    "load<u64>(bytes, 24) >> 12, 32);",
    "field",
  ],
  [
    "bytes are read with bits of the next limb",
    "(load<u64>(bytes, 6) >> 3) & MASK, 8);",
    "load<u64>(bytes, 6) >> 3, 8);",
    "field",
  ],
];

const WIDE_TEXT: readonly Row[] = [
  [
    "the carry around into limb 1 is dropped",
    '  code.push(set("r1", `(i64.add ${get("r1")} ${over})`));\n',
    "",
    "field",
  ],
  ["the carry into column 1 is dropped", "if (column > 0) {", "if (column > 1) {", "field"],
  [
    "the high word of a column is dropped",
    'set("c", `(i64.or ${carried} ${kept})`)',
    'set("c", kept)',
    "field",
  ],
  [
    "the carry around counts 18-fold",
    '(i64.mul ${get("c")} (i64.const 19))',
    '(i64.mul ${get("c")} (i64.const 18))',
    "field",
  ],
  [
    "a mixed product of a square counts once",
    'set("d3", twice("q3"))',
    'set("d3", get("q3"))',
    "field",
  ],
  [
    "a sum of products drops the carry between its words",
    'const added = `(i64.add128 ${low(sum)} ${high(sum)} ${low("m")} ${high("m")})`;',
    'const added = `(i64.add128 ${low(sum)} ${high(sum)} ${low("m")} (i64.const 0))`;',
    "field",
  ],
];

const FIELD: readonly Row[] = [
  [
    "p itself passes as canonical",
    "return load<u8>(bytes) < load<u8>(P);",
    "return load<u8>(bytes) <= load<u8>(P);",
    "field",
    "point",
  ],
  [
    "a byte of the canonical check is not looked at",
    "for (let at: usize = 30; at > 0; at--)",
    "for (let at: usize = 30; at > 1; at--)",
    "field",
  ],
  [
    "with a sign every y passes as canonical",
    "const top = load<u8>(bytes, 31) & 0x7f;",
    "const top = load<u8>(bytes, 31);",
    "field",
    "point",
  ],
  [
    "a number that ends in zeros passes as 0",
    "load<u64>(LEFT, 16) | load<u64>(LEFT, 24)) == 0",
    "load<u64>(LEFT, 16)) == 0",
    "field",
  ],
  [
    "equality looks at 31 bytes",
    "memory.compare(LEFT, RIGHT, 32)",
    "memory.compare(LEFT, RIGHT, 31)",
    "field",
  ],
  ["an inverse is a power too low", "squareTimes(T2, 50);", "squareTimes(T2, 49);", "field"],
];

const SCALAR: readonly Row[] = [
  [
    "S = L passes as canonical",
    "return limb < bound;\n  }\n  return false;",
    "return limb < bound;\n  }\n  return true;",
    "scalar",
  ],
  [
    "a remainder of L and more stays",
    "load<u32>(REST, 32) != 0 || !scalarIsCanonical(REST)",
    "load<u32>(REST, 32) != 0",
    "scalar",
  ],
  [
    "a sum of L and more stays",
    "  if (!scalarIsCanonical(sum)) subtractFrom(sum, L_BYTES, LIMBS);\n",
    "",
    "scalar",
  ],
  [
    "a product drops its highest limb",
    "store<u32>(out + ((i + rightLimbs) << 2), <u32>(t >> 32));",
    "store<u32>(out + ((i + rightLimbs) << 2), 0);",
    "scalar",
  ],
  ["a split scalar has always the same sign", "negative = !negative;", "", "scalar"],
  [
    "a borrow that passes through a limb of a split is dropped",
    "borrow = u64(a1 < s1) | (u64(a1 == s1) & borrow);",
    "borrow = u64(a1 < s1);",
    "scalar",
  ],
  [
    "a carry in the cofactor of a split is dropped",
    "c1 += e1 + u64(c0 < e0);",
    "c1 += e1;",
    "scalar",
  ],
  ["a split shifts by more than a word", "if (gap > 62) break;", "if (gap > 64) break;", "scalar"],
  [
    "a split stops one bit early",
    "while ((b3 | b2 | (b1 >> 63)) != 0) {",
    "while ((b3 | b2) != 0) {",
    "scalar",
  ],
  ["a digit's carry is dropped", "carry = isHigh ? 1 : 0;", "carry = 0;", "scalar"],
  [
    "digits of the last bytes are read from beyond",
    "load<u64>(bytes, 24) >> ((byte - 24) << 3);",
    "load<u64>(bytes, 24) >> ((byte - 25) << 3);",
    "scalar",
  ],
];

export const FIELD_MUTANTS = [
  ...mutantsOf("assembly/field-portable.ts", PORTABLE),
  ...mutantsOf("assembly/field-wide.ts", WIDE),
  ...mutantsOf("wide-field.ts", WIDE_TEXT),
  ...mutantsOf("assembly/field.ts", FIELD),
  ...mutantsOf("assembly/scalar.ts", SCALAR),
];
