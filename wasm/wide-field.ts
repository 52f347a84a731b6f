/**
 * Multiply and square of the wide field form (assembly/field-wide.ts) as WebAssembly text. They use
 * the wide-arithmetic instructions i64.mul_wide_u and i64.add128, which AssemblyScript cannot
 * write; build.ts puts these two functions in place of its declarations.
 *
 * Five limbs of 51 bits: a product of limbs i and j belongs to column i + j, and what belongs to
 * column 5 + n counts 19-fold in column n, because 2^255 = 19. Each column is a sum of 128 bits.
 */

const LIMBS = 5;
const LIMB_BITS = 51;
const MASK = 2n ** 51n - 1n;

type Factors = readonly [string, string];

const get = (name: string): string => `(local.get $${name})`;
const low = (pair: string): string => `(tuple.extract 2 0 ${get(pair)})`;
const high = (pair: string): string => `(tuple.extract 2 1 ${get(pair)})`;
const set = (name: string, value: string): string => `(local.set $${name} ${value})`;
const limbs: readonly number[] = [0, 1, 2, 3, 4];

/** Sums the columns, carries once around, and stores. */
function reduce(columns: readonly (readonly Factors[])[]): string[] {
  const code: string[] = [];
  for (const [column, products] of columns.entries()) {
    const sum = `t${column}`;
    for (const [at, [left, right]] of products.entries()) {
      code.push(set("m", `(i64.mul_wide_u ${get(left)} ${get(right)})`));
      const added = `(i64.add128 ${low(sum)} ${high(sum)} ${low("m")} ${high("m")})`;
      code.push(set(sum, at === 0 ? get("m") : added));
    }
  }
  for (const column of limbs) {
    const sum = `t${column}`;
    if (column > 0) {
      code.push(set(sum, `(i64.add128 ${low(sum)} ${high(sum)} ${get("c")} (i64.const 0))`));
    }
    code.push(set(`r${column}`, `(i64.and ${low(sum)} (i64.const ${MASK}))`));
    const carried = `(i64.shl ${high(sum)} (i64.const ${64 - LIMB_BITS}))`;
    const kept = `(i64.shr_u ${low(sum)} (i64.const ${LIMB_BITS}))`;
    code.push(set("c", `(i64.or ${carried} ${kept})`));
  }
  code.push(set("r0", `(i64.add ${get("r0")} (i64.mul ${get("c")} (i64.const 19)))`));
  const over = `(i64.shr_u ${get("r0")} (i64.const ${LIMB_BITS}))`;
  code.push(set("r1", `(i64.add ${get("r1")} ${over})`));
  code.push(set("r0", `(i64.and ${get("r0")} (i64.const ${MASK}))`));
  for (const limb of limbs) {
    code.push(`(i64.store offset=${8 * limb} ${get("out")} ${get(`r${limb}`)})`);
  }
  return code;
}

function wrap(name: string, params: readonly string[], code: readonly string[]): string {
  const header = params.map((param) => `(param $${param} i32)`).join(" ");
  const singles = ["a", "b", "d", "q", "r"].flatMap((letter) => limbs.map((n) => letter + n));
  const locals = [...singles, "c"].map((local) => `(local $${local} i64)`).join(" ");
  const pairs = ["m", ...limbs.map((n) => `t${n}`)];
  const wide = pairs.map((local) => `(local $${local} (tuple i64 i64))`).join(" ");
  return `(func ${name} ${header} ${locals} ${wide}\n${code.join("\n")})`;
}

function load(letter: string, pointer: string): string[] {
  return limbs.map((n) => set(letter + n, `(i64.load offset=${8 * n} ${get(pointer)})`));
}

/** out = left x right, as a function of that name. */
export function wideMultiply(name: string): string {
  const code = [...load("a", "left"), ...load("b", "right")];
  for (const n of limbs.slice(1))
    code.push(set(`q${n}`, `(i64.mul ${get(`b${n}`)} (i64.const 19))`));
  const columns = limbs.map((column) =>
    limbs.map((i): Factors => {
      const j = (column - i + LIMBS) % LIMBS;
      return [`a${i}`, i + j === column ? `b${j}` : `q${j}`];
    }),
  );
  return wrap(name, ["out", "left", "right"], [...code, ...reduce(columns)]);
}

/** out = value x value: mixed products once, doubled. */
export function wideSquare(name: string): string {
  const twice = (from: string): string => `(i64.shl ${get(from)} (i64.const 1))`;
  const code = [
    ...load("a", "value"),
    ...["0", "1", "2"].map((n) => set(`d${n}`, twice(`a${n}`))),
    ...["3", "4"].map((n) => set(`q${n}`, `(i64.mul ${get(`a${n}`)} (i64.const 19))`)),
    set("d3", twice("q3")),
  ];
  const columns: Factors[][] = [
    [
      ["a0", "a0"],
      ["d1", "q4"],
      ["d2", "q3"],
    ],
    [
      ["d0", "a1"],
      ["d2", "q4"],
      ["a3", "q3"],
    ],
    [
      ["d0", "a2"],
      ["a1", "a1"],
      ["d3", "a4"],
    ],
    [
      ["d0", "a3"],
      ["d1", "a2"],
      ["a4", "q4"],
    ],
    [
      ["d0", "a4"],
      ["d1", "a3"],
      ["a2", "a2"],
    ],
  ];
  return wrap(name, ["out", "value"], [...code, ...reduce(columns)]);
}
