/** The hash tree: the known roots, and no place for anything that is not in it. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { LogTree } from "../../src/evidence/log-tree.ts";
import { isIncluded, leafHash, rootOf } from "../../src/evidence/merkle.ts";
import type { ProofLog } from "../../src/runtime/proof-log.ts";
import { sha256 } from "../../wasm/core.ts";

/** Inputs and roots of the reference tests of Certificate Transparency (RFC 6962, RFC 9162). */
const INPUTS = [
  "",
  "00",
  "10",
  "2021",
  "3031",
  "40414243",
  "5051525354555657",
  "606162636465666768696a6b6c6d6e6f",
];
const ROOTS = [
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

/** A log that consists of its hashes. */
function logOf(size: number) {
  const hashes = Array.from({ length: size }, (_, at) => sha256(Uint8Array.of(at >> 8, at & 255)));
  const asked = { hashes: 0 };
  const log = {
    hashes(from: number, to: number) {
      asked.hashes += to - from + 1;
      return hashes.slice(from - 1, to);
    },
  } as unknown as ProofLog;
  return { hashes, asked, tree: new LogTree(log) };
}

test("roots are those of RFC 9162", () => {
  const leaves = INPUTS.map((input) => leafHash(Uint8Array.fromHex(input)));
  const roots = ROOTS.map((_, at) => rootOf(leaves.slice(0, at + 1)).toHex());
  expect(roots).toEqual(ROOTS);
});

describe("a path", () => {
  test("proves every event of every log, and only in its place", async () => {
    for (let size = 1; size <= 40; size++) {
      const { hashes, tree } = logOf(size);
      const root = await tree.root(size);
      expect(root).toEqual(rootOf(hashes.map(leafHash)));
      for (const [at, hash] of hashes.entries()) {
        const path = await tree.path(at + 1, size);
        const leaf = leafHash(hash);
        const places = hashes.map((_, index) => isIncluded(leaf, index, size, path, root));
        expect(places).toEqual(hashes.map((_, index) => index === at));
        expect(isIncluded(leaf, at, size, [...path, root], root)).toBe(false);
        if (path.length > 0) {
          expect(isIncluded(leaf, at, size, path.slice(1), root)).toBe(false);
          expect(isIncluded(leaf, at, size, path.slice(0, -1), root)).toBe(false);
        }
      }
    }
  });

  test("of many segments is twenty hashes at most, and reads the log once", async () => {
    const size = 10 * 1_024 + 77;
    const { hashes, asked, tree } = logOf(size);
    const root = await tree.root(size);
    expect(asked.hashes).toBe(size);
    for (const position of [1, 1_024, 1_025, 5_000, 10_240, 10_241, size]) {
      asked.hashes = 0;
      const path = await tree.path(position, size);
      const leaf = leafHash(hashes[position - 1] ?? new Uint8Array());
      expect(isIncluded(leaf, position - 1, size, path, root)).toBe(true);
      expect(path.length).toBeLessThanOrEqual(14);
      expect(asked.hashes).toBeLessThan(2 * 1_024);
    }
  });

  test("proves nothing when any of it is changed", async () => {
    const { hashes, tree } = logOf(200);
    const root = await tree.root(200);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(199),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (at, w, c) => {
          const path = await tree.path(at + 1, 200);
          const changed = path.map((step) => step.slice());
          const step = changed[w % changed.length];
          if (step === undefined) throw new Error("the path has steps");
          step[w % 32] = (step[w % 32] ?? 0) ^ c;
          const leaf = leafHash(hashes[at] ?? new Uint8Array());
          expect(isIncluded(leaf, at, 200, changed, root)).toBe(false);
          expect(isIncluded(leaf, at, 200, path, root)).toBe(true);
        },
      ),
    );
  });
});

test("what is no place is none", () => {
  const leaf = leafHash(new Uint8Array());
  const places = [
    [-1, 1],
    [1, 1],
    [0, 0],
    [0.5, 1],
    [Number.NaN, 1],
    [0, 2 ** 60],
  ] as const;
  for (const [index, size] of places) expect(isIncluded(leaf, index, size, [], leaf)).toBe(false);
  expect(isIncluded(leaf, 0, 1, [], leaf)).toBe(true);
});
