import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { readForward } from "../../../src/rails/ach/reader.ts";
import { writeAchFile } from "../../../src/rails/ach/writer.ts";
import { cut, fileOf, ORIGINATED, type PlainFile, plain, RETURNED } from "./arbitraries.ts";

setDefaultTimeout(120_000);

/** What the reader must give for a file, without what the writer itself computed. */
function expected({ header, batches }: PlainFile): unknown {
  return plain({
    header,
    batches: batches.map(({ header: head, entries }, at) => ({
      header: { ...head, batchNumber: at + 1 },
      entries,
    })),
  });
}

/** Entries that came back as returns or corrections, as they were written. */
function entriesOf(file: Extract<Awaited<ReturnType<typeof readForward>>, { kind: "whole" }>) {
  return file.file.batches.map(({ header, entries, answers }) => {
    const answered = answers.map((answer) => {
      const { hasAddenda: _, ...entry } = answer.entry ?? { hasAddenda: true };
      return { ...entry, addenda: answer.kind === "return" ? answer.records : [answer.record] };
    });
    return { header, entries: [...entries, ...answered] };
  });
}

const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 });

describe("what is written is read back equal", () => {
  test.each([
    ["entries", ORIGINATED],
    ["returns and corrections", RETURNED],
    ["both in one file", [...ORIGINATED, ...RETURNED]],
  ])("%s", async (_, classes) => {
    await fc.assert(
      fc.asyncProperty(fileOf(classes), shares, async (file, at) => {
        const { bytes, written } = await writeAchFile(file.header, file.batches, file.lineEnd);
        const result = await readForward(cut(bytes, at));
        if (result.kind === "refused") throw new Error(JSON.stringify(result.faults));
        const { header, control } = result.file;
        expect(plain({ header, batches: entriesOf(result) })).toEqual(expected(file));
        expect(control).toEqual(written.control);
        const width = file.lineEnd === "CRLF" ? 96 : 95;
        expect(bytes.length).toBe(written.lines * width);
        expect(written.bytes).toBe(bytes.length);
        expect(written.lines).toBe(control.blocks * 10);
      }),
      { numRuns: 60 },
    );
  });
});
