/** The planted faults of `npm run mutants:crypto` fit the sources as they are. */
import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { MUTANTS } from "./mutants/all.ts";

const WASM = join(import.meta.dir, "../../wasm");

test("each stands exactly once in its file, changes it, and names tests that exist", () => {
  expect(MUTANTS.length).toBeGreaterThan(100);
  for (const { what, file, from, to, tests } of MUTANTS) {
    const places = readFileSync(join(WASM, file), "utf8").split(from).length - 1;
    expect([file, what, places]).toEqual([file, what, 1]);
    expect(to).not.toBe(from);
    expect(tests.length).toBeGreaterThan(0);
    for (const name of tests) {
      expect([name, existsSync(join(import.meta.dir, `${name}.test.ts`))]).toEqual([name, true]);
    }
  }
  const names = MUTANTS.map(({ file, what }) => `${file}: ${what}`);
  expect(new Set(names).size).toBe(names.length);
});
