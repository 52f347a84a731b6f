/** Whatever becomes of entries, their traces lead to them: against a list of all of them. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import type { ViewTable } from "../../src/runtime/view.ts";
import { keysOfTrace, leadNoMore, leadTo } from "../../src/views/entry-traces.ts";

class Rows implements ViewTable {
  readonly #rows = new Map<string, string>();
  get = (key: string) => this.#rows.get(key);
  put = (key: string, value: string) => void this.#rows.set(key, value);
  remove = (key: string) => void this.#rows.delete(key);
  range = () => [];
}

const TRACES = 12;
const trace = fc.integer({ min: 0, max: TRACES });
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("noted" as const), trace }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("again" as const), trace }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("left out" as const), trace }) },
);

test("a trace leads to all that had it, newest first, in whatever order traces come", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const rows = new Rows();
      const expected = new Map<number, string[]>();
      for (const [at, { kind, trace: of }] of steps.entries()) {
        const keys = expected.get(of) ?? [];
        const [newest] = keys;
        if (kind === "noted") {
          const key = `file_${at}/debit/first/till/0000000001/${of}`;
          leadTo(rows, of, key);
          expected.set(of, [key, ...keys]);
        } else if (newest === undefined) continue;
        else if (kind === "again") leadTo(rows, of, newest);
        else {
          leadNoMore(rows, of, newest);
          expected.set(of, keys.slice(1));
        }
      }
      for (let of = 0; of <= TRACES; of++) {
        expect(keysOfTrace(rows, of)).toEqual(expected.get(of) ?? []);
      }
    }),
    { numRuns: 300 },
  );
});
