/**
 * Files of others (moov-io/ach, Apache License 2.0). They are data that lie beside the repository,
 * not in it; where they are absent the test is reported as skipped. None is a file that we would
 * send, so each is refused, and here is why; the five that a lenient reader accepts are sound in
 * their sums, hashes, traces and check digits.
 */
import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkAch } from "../../../src/rails/ach-check/check.ts";

const FOLDER = join(import.meta.dir, "../../../../shared/data/ach");
const absent = !existsSync(FOLDER);
if (absent) console.log("ACH samples are absent: their tests are skipped.");

/** What others do and we do not: names in lower case, no SEQR, other descriptions and ids. */
const FOREIGN = ["company_name", "company_id", "description", "discretionary_data"] as const;
/** The last line does not end. */
const OPEN_END = "line_ending";

const REASONS: Readonly<Record<string, readonly string[]>> = {
  "accept/ccd-debit.ach": [...FOREIGN, OPEN_END, "payment_type"],
  "accept/pos-debit-addenda02.ach": [...FOREIGN, OPEN_END, "individual_id"],
  "accept/ppd-debit.ach": [...FOREIGN, OPEN_END, "line_short"],
  "accept/ppd-mixed-debit-credit.ach": [...FOREIGN, OPEN_END],
  "accept/web-credit-p2p-2entries.ach": ["description", "discretionary_data", OPEN_END],
  // What a bank sends back is no forward file: record types, return codes, dates of the bank.
  "inbound/dishonored-R68.ach": [...FOREIGN, "effective_date", "record_type"],
  "inbound/noc-C01.ach": [
    ...["company_name", "company_id", "discretionary_data", "effective_date", "record_type"],
    ...["sec", "transaction_code"],
  ],
  "inbound/return-fragment-R02-R03.ach": [
    ...["company_name", "company_id", "discretionary_data", OPEN_END, "batch_number", "odfi"],
    ...["payment_type", "record_order", "record_type", "settlement_day", "transaction_code"],
  ],
  "inbound/return-ppd-unknown-code-R97.ach": [
    ...["company_name", "company_id", "discretionary_data", "control_credits", "file_credits"],
    ...["effective_date_past", "line_short", "payment_type", "record_type", "transaction_code"],
  ],
  "inbound/return-web-R01-R03.ach": [
    ...["banking_day", "control_company_id", "control_credits", "control_debits"],
    ...["discretionary_data", "effective_date_past", "file_credits", "file_debits", OPEN_END],
    ...["odfi", "record_type", "transaction_code"],
  ],
  "reject/batch-debit-total-mismatch.ach": [
    ...[...FOREIGN, "addenda_trace", "addenda_type", "control_debits", "file_debits"],
    ...["number", "payment_type"],
  ],
  "reject/crasher-5.ach": [
    ...["batch_number", "character", "company_id", "discretionary_data", "effective_date"],
    ...["line_length", OPEN_END, "odfi", "originator_status", "record_order", "sec"],
    ...["settlement_day"],
  ],
  "reject/rdfi-check-digit.ach": [...FOREIGN, OPEN_END, "line_short", "rdfi"],
  "reject/trace-not-odfi.ach": [...FOREIGN, OPEN_END, "line_short", "trace_odfi"],
};

const read = (name: string) => new Uint8Array(readFileSync(join(FOLDER, name)));

describe("a sample of others is refused for what it is", () => {
  test.skipIf(absent)("there are no others", () => {
    const names = ["accept", "inbound", "reject"].flatMap((folder) =>
      readdirSync(join(FOLDER, folder)).map((name) => `${folder}/${name}`),
    );
    expect(names.sort()).toEqual(Object.keys(REASONS).sort());
  });

  test.skipIf(absent).each(Object.entries(REASONS))("%s", (name, reasons) => {
    const { findings } = checkAch(read(name));
    const rules = new Set<string>(findings.map(({ rule }) => rule));
    expect([...rules].sort()).toEqual([...new Set(reasons)].sort());
  });

  test.skipIf(absent).each(Object.keys(REASONS))("%s, as somebody else's", (name) => {
    const { ok, isOwn, findings } = checkAch(read(name), {}, "foreign");
    expect([name, ok]).toEqual([name, name.startsWith("accept/")]);
    // Nothing is hidden: what is no fault is told all the same.
    expect(findings).toEqual(checkAch(read(name)).findings);
    if (ok) expect(isOwn).toBe(false);
  });

  test.skipIf(absent).each([
    ["reject/rdfi-check-digit.ach", "rdfi", 3, 4, 12],
    ["reject/trace-not-odfi.ach", "trace_odfi", 3, 80, 87],
    ["reject/batch-debit-total-mismatch.ach", "number", 15, 30, 39],
    ["reject/batch-debit-total-mismatch.ach", "number", 15, 88, 94],
    ["reject/batch-debit-total-mismatch.ach", "control_debits", 17, 21, 32],
    ["reject/crasher-5.ach", "line_length", 1, 95, 188],
    ["inbound/return-ppd-unknown-code-R97.ach", "record_type", 4, 1, 3],
  ] as const)("%s: %s in line %d, columns %d to %d", (name, rule, line, from, to) => {
    const { findings } = checkAch(read(name));
    expect(findings).toContainEqual({ rule, line, from, to, message: expect.any(String) });
  });
});
