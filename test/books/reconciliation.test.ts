/** The reconciliation finds nothing in any life, and every cent that is changed in one. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { JournalEntry, Posting } from "../../actors/ledger.ts";
import type { PostingName } from "../../actors/postings.ts";
import { movedBy, NOTHING_MOVED } from "../../src/books/clearing.ts";
import { Reconciliation } from "../../src/books/reconciliation.ts";
import { type ReconciliationReport, reportOf } from "../../src/books/report.ts";
import type { StoredEvent } from "../../src/runtime/event-log.ts";
import { moneySteps } from "../invariants/money-steps.ts";
import { isRepresentative, parameters } from "../invariants/seeds.ts";
import { ACTORS, logOf } from "./recorded-log.ts";

const RUNS = 40;
const LENGTH = 60;
const NOBODY: ReadonlySet<string> = new Set();

function reconcile(events: readonly StoredEvent[]): ReconciliationReport {
  const books = new Reconciliation(ACTORS);
  for (const event of events) books.hear(event);
  return reportOf(books, { nowMs: 0, open: undefined, underWay: NOBODY });
}

interface Booked {
  readonly entry?: JournalEntry | null;
}

/** Without these, silence means nothing; the rarer entries are in own-figures.test.ts. */
const DEMANDED: readonly PostingName[] = [
  "debit_returned",
  "debits_collected",
  "debits_filed",
  "debits_unfiled",
  "file_settled",
  "manual_payment",
  "payout_filed",
  "purchase_captured",
  "refunded",
  "refunds_filed",
];

const told = ({ differences }: ReconciliationReport) => differences.map(({ says }) => says);

/** A cent more on both sides of one pair: an entry that balances as before. */
function oneCentMore(entry: JournalEntry, pick: number): JournalEntry {
  const debits = entry.postings.filter(({ side }) => side === "debit");
  const credits = entry.postings.filter(({ side }) => side === "credit");
  const chosen = [debits[pick % debits.length], credits[pick % credits.length]];
  const postings = entry.postings.map((posting): Posting => {
    const isChosen = chosen.includes(posting);
    return { ...posting, amountCents: (posting.amountCents + (isChosen ? 1 : 0)) as never };
  });
  return { ...entry, postings };
}

describe("after any life", () => {
  test("files, bank and books agree, and nothing is left in a clearing account", () => {
    let files = 0;
    const property = fc.property(moneySteps(LENGTH), (steps) => {
      const report = reconcile(logOf(steps, 2));
      expect(told(report)).toEqual([]);
      files += report.files.length;
      for (const { balanceCents, explainedCents } of report.clearing) {
        expect([balanceCents, explainedCents].map(Number)).toEqual([0, 0]);
      }
    });
    fc.assert(property, parameters(RUNS));
    expect(files).toBeGreaterThan(RUNS);
  }, 60_000);

  test("a cent that is changed in an entry of file, bank or purchase is found", () => {
    const changed = new Set<string>();
    const property = fc.property(moneySteps(LENGTH), fc.nat(), fc.nat(), (steps, at, pick) => {
      const events = logOf(steps, 1);
      const named = Map.groupBy(events, ({ data }) => (JSON.parse(data) as Booked).entry?.name);
      // By name, for some entries are rare.
      const names = [...named.keys()].filter((name) => name !== undefined).sort();
      const victims = named.get(names[at % Math.max(names.length, 1)]) ?? [];
      const victim = names.length === 0 ? undefined : victims[pick % victims.length];
      if (victim === undefined) return;
      const body = JSON.parse(victim.data) as { readonly entry: JournalEntry };
      const entry = oneCentMore(body.entry, pick);
      // What moves other accounts only is between an owner and its own events: the doctor's part.
      const moved = movedBy({ ...entry, postings: differenceOf(body.entry, entry) });
      if (Bun.deepEquals(moved, NOTHING_MOVED)) return;
      changed.add(entry.name);
      const data = JSON.stringify({ ...body, entry });
      const report = reconcile(events.map((one) => (one === victim ? { ...one, data } : one)));
      if (report.differences.length === 0) throw new Error(`not found: ${data}`);
    });
    fc.assert(property, parameters(RUNS * 5));
    if (!isRepresentative(RUNS * 5)) return;
    expect(DEMANDED.filter((name) => !changed.has(name))).toEqual([]);
  }, 120_000);
});

/** What was added, as an entry of its own. */
function differenceOf(before: JournalEntry, after: JournalEntry): readonly Posting[] {
  return after.postings.flatMap((posting, at): Posting[] => {
    const more = posting.amountCents - (before.postings[at]?.amountCents ?? 0);
    return more === 0 ? [] : [{ ...posting, amountCents: more as never }];
  });
}
