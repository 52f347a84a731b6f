/**
 * What the writer makes by the policy table, the independent checker finds good. The two share no
 * code: what they agree on was read twice.
 */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { cents } from "../../../actors/money.ts";
import { traceNumber } from "../../../actors/trace-number.ts";
import { odfiProfile } from "../../../src/rails/ach/odfi-profile.ts";
import {
  type Channel,
  codeOf,
  prenoted,
  represented,
  type SecRule,
  secRule,
} from "../../../src/rails/ach/sec-policy.ts";
import type { AchEntry } from "../../../src/rails/ach/write-rules.ts";
import { writeAchFile } from "../../../src/rails/ach/writer.ts";
import { checkAch } from "../../../src/rails/ach-check/check.ts";
import { fileOf, type PlainBatch, type PlainFile } from "./arbitraries.ts";

setDefaultTimeout(120_000);

const profile = odfiProfile({
  immediateDestination: "121042882",
  destinationName: "FIRST BANK",
  immediateOrigin: "1987654321",
  originName: "SEQR",
  odfi: "12104288",
  companyId: "1987654321",
});
const FIRST = [
  ...["in_store", "online_goods", "online_services", "refund_in_store", "refund_other"],
  ...["cashback", "friend", "settlement", "return_fee"],
] as Channel[];
const PURCHASES: readonly Channel[] = ["in_store", "online_goods", "online_services"];

/** Every rule of the policy: each channel, what follows a purchase, and what goes before it. */
const RULES: readonly SecRule[] = [
  ...FIRST.map((channel) => secRule(channel, profile)),
  ...PURCHASES.flatMap((channel) => {
    const rule = secRule(channel, profile);
    return [represented(rule), prenoted(rule, profile)];
  }),
];

/** A random batch as it is by a rule of the policy, its traces from `first` on. */
function byRule(batch: PlainBatch, rule: SecRule, first: number): PlainBatch {
  const header = {
    ...batch.header,
    serviceClass: rule.serviceClass,
    entryDescription: rule.description ?? "SETTLEMENT",
    companyDiscretionaryData: profile.companyDiscretionaryData,
    companyId: profile.companyId,
    odfi: profile.odfi,
  };
  const entries = batch.entries.map((entry, at): AchEntry => {
    const account = entry.transactionCode.startsWith("2") ? "checking" : "savings";
    const amount = rule.use === "prenote" ? 0 : Math.max(1, entry.amountCents);
    return {
      ...entry,
      transactionCode: codeOf(rule, account),
      amountCents: cents(amount),
      discretionary: rule.discretionary,
      traceNumber: traceNumber(profile.odfi, first + at),
    };
  });
  return { ...batch, header, entries };
}

/** A file of which each batch follows some rule of the policy. */
const policyFile: fc.Arbitrary<PlainFile> = fc
  .array(fc.constantFrom(...RULES), { minLength: 1, maxLength: 8, size: "max" })
  .chain((rules) =>
    fc
      .tuple(...rules.map((rule) => fileOf([rule.sec], { batchesMax: 1, entriesMax: 30 })))
      .map((files) => {
        let next = 1;
        const batches = files.flatMap(({ batches: [batch] }, at) => {
          const rule = rules[at];
          if (batch === undefined || rule === undefined) return [];
          const made = byRule(batch, rule, next);
          next += made.entries.length;
          return [made];
        });
        const { header, lineEnd } = files[0] as PlainFile;
        return { header, batches, lineEnd };
      }),
  );

describe("a file that the writer makes by the policy is good", () => {
  test("whatever is in it", async () => {
    await fc.assert(
      fc.asyncProperty(policyFile, async ({ header, batches, lineEnd }) => {
        const { bytes, written } = await writeAchFile(header, batches, lineEnd);
        const verdict = checkAch(bytes, {
          lineEnding: lineEnd === "CRLF" ? "crlf" : "lf",
          odfi: profile.odfi,
          companyId: profile.companyId,
          bankingDaysAheadMax: 6,
        });
        expect(verdict.findings).toEqual([]);
        const { debitCents, creditCents, batches: count } = written.control;
        const sums: object = { ok: true, entries: written.entries, lines: written.lines };
        expect(verdict).toMatchObject({ ...sums, debitCents, creditCents, batches: count });
      }),
      { numRuns: 200 },
    );
  });
});
