/** The reader against broken files: it answers, keeps what can be kept, and is quick. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { readForward, scanAch } from "../../../src/rails/ach/reader.ts";
import { writeAchFile } from "../../../src/rails/ach/writer.ts";
import { cut, fileOf, ORIGINATED, plain, RETURNED } from "./arbitraries.ts";
import { bytesOf } from "./files.ts";
import { inbound } from "./samples.ts";

setDefaultTimeout(120_000);

const share = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const shares = fc.array(share, { maxLength: 6 });

type Edit =
  | { readonly kind: "replace"; readonly at: number; readonly byte: number }
  | { readonly kind: "insert"; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: "remove"; readonly at: number; readonly length: number }
  | { readonly kind: "repeat"; readonly at: number; readonly length: number };

const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ kind: fc.constant("replace" as const), at: share, byte: fc.nat(255) }),
  fc.record({
    kind: fc.constant("insert" as const),
    at: share,
    bytes: fc.uint8Array({ maxLength: 200, size: "max" }),
  }),
  fc.record({ kind: fc.constant("remove" as const), at: share, length: fc.nat(400) }),
  fc.record({ kind: fc.constant("repeat" as const), at: share, length: fc.nat(1_000) }),
);

function apply(bytes: Uint8Array, change: Edit): Uint8Array {
  const at = Math.floor(change.at * bytes.length);
  const [before, after] = [bytes.slice(0, at), bytes.slice(at)];
  switch (change.kind) {
    case "replace":
      return Uint8Array.from(bytes, (byte, index) => (index === at ? change.byte : byte));
    case "insert":
      return joined(before, change.bytes, after);
    case "remove":
      return joined(before, after.slice(change.length));
    case "repeat":
      return joined(before, after.slice(0, change.length), after);
  }
}

function joined(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** Everything that the reader says of these chunks. */
async function everything(chunks: Iterable<Uint8Array>): Promise<unknown> {
  const stream = scanAch(chunks);
  const items: unknown[] = [];
  for (;;) {
    const { done, value } = await stream.next();
    items.push(done ? value : plain(value));
    if (done) return items;
  }
}

const broken = fc
  .tuple(fileOf([...ORIGINATED, ...RETURNED], { batchesMax: 3, entriesMax: 8 }), fc.array(edit))
  .filter(([, edits]) => edits.length > 0);

describe("however a file is broken", () => {
  test("the reader answers, and says the same in whatever chunks it comes", async () => {
    await fc.assert(
      fc.asyncProperty(broken, shares, async ([{ header, batches, lineEnd }, edits], at) => {
        const { bytes } = await writeAchFile(header, batches, lineEnd);
        const spoilt = edits.reduce(apply, bytes);
        const whole = await everything([spoilt]);
        expect(await everything(cut(spoilt, at))).toEqual(whole);
        const verdict = await readForward([spoilt]);
        expect(["whole", "refused"]).toContain(verdict.kind);
      }),
      { numRuns: 150 },
    );
  });

  test("it answers to any bytes, one by one", async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 2_000, size: "max" }),
      fc
        .string({ unit: fc.constantFrom(..."156789 \r\n0RC?"), maxLength: 2_000, size: "max" })
        .map(bytesOf),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (some) => {
        const single = Array.from(some, (byte) => Uint8Array.of(byte));
        expect(await everything(single)).toEqual(await everything([some]));
      }),
      { numRuns: 150 },
    );
  });
});

/** Spoils a line without making it longer than a record. */
const lineEdit = fc.record({
  line: share,
  column: fc.nat(93),
  what: fc.constantFrom("write", "cut", "drop", "double", "swap"),
  text: fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 20 }),
});

test("no return whose original trace can be read is lost, and no line of no type", async () => {
  const returned = fileOf(RETURNED, { batchesMax: 4, entriesMax: 20 });
  const edits = fc.array(lineEdit, { maxLength: 30, size: "max" });
  await fc.assert(
    fc.asyncProperty(returned, edits, async ({ header, batches }, changes) => {
      const { bytes } = await writeAchFile(header, batches);
      const lines = changes.reduce(spoilLine, Buffer.from(bytes).toString("latin1").split("\n"));
      const file = await inbound(bytesOf(lines.join("\n")));
      const traces = (type: string) =>
        lines
          .filter((line) => line.startsWith(type))
          .flatMap((line) => {
            return /^.{6}([0-9]{15})/s.exec(line)?.[1] ?? [];
          });
      const kept = file
        .of("return")
        .flatMap(({ records }) => records.map((one) => one.originalTrace));
      expect(kept.sort()).toEqual(traces("799").sort() as typeof kept);
      const changed = file.of("correction").map(({ record }) => record.originalTrace);
      expect(changed.sort()).toEqual(traces("798").sort() as typeof changed);
      const told = new Set(
        file.of("exception").map((one) => Buffer.from(one.bytes.expose()).toString("latin1")),
      );
      const untyped = lines.filter((line) => line.trim() !== "" && !/^[156789]/.test(line));
      expect(untyped.filter((line) => !told.has(line.replace(/\r$/, "")))).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

type LineEdit = typeof lineEdit extends fc.Arbitrary<infer T> ? T : never;

function spoilLine(lines: string[], { line: at, column, what, text }: LineEdit): string[] {
  const index = Math.floor(at * lines.length);
  const line = lines[index] ?? "";
  const without = lines.filter((_, other) => other !== index);
  const written =
    line.slice(0, column) + text.replaceAll("\n", " ") + line.slice(column + text.length);
  switch (what) {
    case "write":
      return lines.with(index, written.slice(0, 94));
    case "cut":
      return lines.with(index, line.slice(0, column));
    case "drop":
      return without;
    case "double":
      return lines.toSpliced(index, 0, line);
    default:
      return without.toSpliced(Math.floor(at * 7) % (without.length + 1), 0, line);
  }
}

describe("time grows with the size and no faster", () => {
  const LINES = 30_000;
  const entry = `6262313801040001${"1".repeat(78)}`;
  const orphan = `${"799R01021000020000001      23138010".padEnd(79)}121042880000001`;
  test.each<[string, (count: number) => string]>([
    ["lines of junk", (count) => `${"x".repeat(94)}\n`.repeat(count)],
    ["blank lines", (count) => "\n".repeat(count * 4)],
    ["one line of sevens", (count) => "7".repeat(count * 94)],
    ["one line of blanks", (count) => " ".repeat(count * 94)],
    ["nothing but padding", (count) => `${"9".repeat(94)}\n`.repeat(count)],
    ["batch headers", (count) => `${"5225".padEnd(94)}\n`.repeat(count)],
    ["entries", (count) => `${entry}\n`.repeat(count)],
    ["one entry with all returns", (count) => `${entry}\n${`${orphan}\n`.repeat(count)}`],
    ["returns without entries", (count) => `${orphan}\n`.repeat(count)],
    ["bytes outside ASCII", (count) => "é".repeat(count * 47)],
  ])("%s", async (_, make) => {
    const small = bytesOf(make(LINES / 4));
    const large = bytesOf(make(LINES));
    await shortest(small, 1);
    // Four times the size; time that grew with its square would be sixteen times.
    const ratio = (await shortest(large, 3)) / (await shortest(small, 3));
    expect(ratio).toBeLessThan(10);
  });

  /** Milliseconds of the quickest of some runs. */
  async function shortest(bytes: Uint8Array, runs: number): Promise<number> {
    let best = Number.POSITIVE_INFINITY;
    for (let run = 0; run < runs; run++) {
      const start = performance.now();
      await readForward([bytes]);
      best = Math.min(best, performance.now() - start);
    }
    return best;
  }
});
