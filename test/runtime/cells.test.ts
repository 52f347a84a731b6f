/** Which actors leave memory, and how many are looked at for it. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { achEntryActor } from "../../actors/ach-entry.ts";
import { type Cell, Cells, cellFrom } from "../../src/runtime/cells.ts";

function cell(id: string): Cell {
  const loaded = { seq: 0, lastPosition: 0, state: undefined, events: [] };
  return cellFrom(achEntryActor, { kind: achEntryActor.kind, id }, loaded);
}

type Step = { readonly put: number } | { readonly get: number } | { readonly evict: number };

const some = fc.integer({ min: 0, max: 60 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ put: some }),
  fc.record({ get: some }),
  fc.record({ evict: fc.integer({ min: 1, max: 40 }) }),
);

test("what has provisional state stays, and enough looks bring the rest within the bound", () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 400 }),
      fc.integer({ min: 1, max: 20 }),
      (steps, max) => {
        const cells = new Cells(max);
        const held = new Set<string>();
        for (const one of steps) {
          if ("put" in one) {
            const made = cell(String(one.put));
            if (cells.get(made.key) !== undefined) continue;
            if (one.put % 7 === 0) {
              made.uncommitted = 1;
              held.add(made.key);
            }
            cells.put(made);
          } else if ("get" in one) cells.get(cell(String(one.get)).key);
          else {
            const before = cells.size;
            cells.evict(one.evict);
            expect(before - cells.size).toBeLessThanOrEqual(Math.min(one.evict, before));
          }
        }
        // Twice round and to the end: once to cool what is warm, once to take it.
        cells.evict(3 * cells.size + 3);
        expect(cells.size).toBeLessThanOrEqual(Math.max(max, held.size));
        for (const key of held) expect(cells.get(key)).toBeDefined();
      },
    ),
  );
});

test("what is used each time outlives what is used once, however little is looked at", () => {
  const cells = new Cells(100);
  const often = cell("often");
  cells.put(often);
  for (let at = 0; at < 10_000; at++) {
    cells.put(cell(`once/${at}`));
    expect(cells.get(often.key)).toBe(often);
    cells.evict(4);
  }
  expect(cells.size).toBeLessThanOrEqual(102);
});
