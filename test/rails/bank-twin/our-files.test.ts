/** Two readings of the record layouts meet: what our writer makes, the bank takes. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { achFileId } from "../../../actors/ach-file.ts";
import { traceNumber } from "../../../actors/trace-number.ts";
import { writeAchFile } from "../../../src/rails/ach/writer.ts";
import { fileOf, ORIGINATED, type PlainFile } from "../ach/arbitraries.ts";
import { BANK } from "./file-maker.ts";
import { MONDAY, Rig } from "./rig.ts";

const SEED = Number(process.env["SEQR_SEED"] ?? 20_261_123);
const RUNS = Number(process.env["SEQR_RUNS"] ?? 150);

/** The same file as one of this bank's, with traces that occur once. */
function ofBank({ header, batches, lineEnd }: PlainFile): PlainFile {
  const odfi = BANK.slice(0, 8);
  let sequence = 0;
  return {
    header: { ...header, immediateDestination: BANK },
    lineEnd,
    batches: batches.map((batch) => ({
      ...batch,
      header: { ...batch.header, odfi },
      entries: batch.entries.map((entry) => {
        return { ...entry, traceNumber: traceNumber(odfi, ++sequence) };
      }),
    })),
  };
}

test("every file that our writer makes is accepted, and its totals are settled", async () => {
  await fc.assert(
    fc.asyncProperty(fileOf(ORIGINATED), async (plain) => {
      const { header, batches, lineEnd } = ofBank(plain);
      const { bytes, written } = await writeAchFile(header, batches, lineEnd);
      const rig = new Rig();
      expect(await rig.bank.handOver(achFileId(MONDAY, "A"), [bytes])).toBe("accepted");
      rig.clock.advance(30 * 86_400_000);
      const { balanceCents } = rig.bank.books();
      expect(balanceCents as number).toBe(written.control.debitCents - written.control.creditCents);
    }),
    { seed: SEED, numRuns: RUNS },
  );
});
