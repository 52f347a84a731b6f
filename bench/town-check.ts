/**
 * What the event log of a grown town says at the end: as many payments as were made there, each
 * once, at the account and at the lane. Read as a stream, so that ten million can be counted; of a
 * small log everything is folded again.
 */
import { assert, present } from "../actors/assert.ts";
import { DEFAULT_POLICY } from "../actors/policy.ts";
import { checkLog } from "../src/commands/log-check.ts";
import { dataFiles } from "../src/data-directory.ts";
import { SqliteLogReader } from "../src/storage/sqlite/log-reader.ts";
import { integer, openReadOnly } from "../src/storage/sqlite/open.ts";
import { actorsOf } from "../src/switch.ts";
import { readTown } from "./grown-town.ts";

/** Events that the check of `seqr doctor` takes a few seconds for. */
const FOLDED_MAX = 100_000;
const PAYMENT_EVENTS = `SELECT CASE kind WHEN 'PaymentCaptured'
  THEN json_extract(data, '$.receipt.paymentId') END AS id
  FROM events WHERE kind IN ('PaymentCaptured', 'PaymentRequestPaid')`;

export interface TownCheck {
  /** Payments in the log. */
  readonly payments: number;
  /** What does not hold; empty when all is well. */
  readonly faults: readonly string[];
}

/** Of a town at rest. Takes 8 bytes for each payment, and ten seconds or so for each million. */
export function checkTown(dataDir: string): TownCheck {
  const made = present(readTown(dataDir), "a town to check").payments;
  const { captured, paid, distinct } = countPayments(dataFiles(dataDir).events, made);
  const faults: string[] = [];
  if (distinct < captured) faults.push(`${captured - distinct} payments are in the log twice`);
  if (distinct !== made) faults.push(`${distinct} payments in the log, ${made} were made`);
  if (paid !== captured) faults.push(`${captured} payments at accounts, ${paid} at lanes`);
  const fault = foldFault(dataFiles(dataDir).events);
  return { payments: distinct, faults: fault === undefined ? faults : [...faults, fault] };
}

interface Counts {
  /** Events of payments at accounts, and at lanes. */
  readonly captured: number;
  readonly paid: number;
  readonly distinct: number;
}

/** `made` is how many there should be: what is far beyond is not told apart any more. */
function countPayments(file: string, made: number): Counts {
  const database = openReadOnly(file);
  // Hashes of 64 bits: two of ten million are the same in one of 300,000 runs.
  const hashes = new BigUint64Array(2 * made + 1);
  let captured = 0;
  let paid = 0;
  try {
    for (const { id } of database.query<{ id: string | null }, []>(PAYMENT_EVENTS).iterate()) {
      if (id === null) paid++;
      else hashes[captured++] = BigInt(Bun.hash(id));
    }
  } finally {
    database.close();
  }
  const known = hashes.subarray(0, captured).sort();
  let distinct = 0;
  for (const [at, hash] of known.entries()) if (at === 0 || hash !== known[at - 1]) distinct++;
  assert(distinct <= captured, "a payment is at least one event");
  return { captured, paid, distinct };
}

/** What `seqr doctor` finds, of a log that is small enough. */
function foldFault(file: string): string | undefined {
  const reader = new SqliteLogReader(file);
  try {
    if (integer(reader.lastPosition()) > FOLDED_MAX) return undefined;
    return checkLog(reader, actorsOf(DEFAULT_POLICY)).fault;
  } finally {
    reader.close();
  }
}
