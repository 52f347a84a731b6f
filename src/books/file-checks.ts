/**
 * One file against itself: what was built, what its owners put in, what the bank said and sent
 * back, and what was posted because of it (docs/money.md). Originated = settled by the bank +
 * returned + in flight; the bank's statement = the file less its returns.
 */
import { NO_TOTALS } from "../../actors/ach-file-totals.ts";
import {
  addCents,
  type Cents,
  cents,
  clampCents,
  formatCents,
  subtractCents,
  sumCents,
  ZERO_CENTS,
} from "../../actors/money.ts";
import type { PostingName } from "../../actors/postings.ts";
import type { StatedMoney } from "./bank-words.ts";
import { ACCOUNT_OF, type BooksPart, debitsUnderWay, NOTHING_MOVED } from "./clearing.ts";
import type { Difference, DifferenceKind } from "./difference.ts";
import type { FileRecord, FileStage } from "./file-record.ts";
import { less, net, SIDES, type Sides, sidesText, WORD_OF } from "./sides.ts";

export interface FileFacts {
  readonly record: FileRecord;
  readonly stated: StatedMoney | undefined;
  /** A return of it is on its way between two actors: what they say of it differs until then. */
  readonly isUnderWay: boolean;
}

/** Everything that does not agree; age is checked elsewhere. */
export function checkFile(facts: FileFacts): readonly Difference[] {
  const { record } = facts;
  const found = [
    ...checkFiled(record),
    ...checkAcknowledgement(record),
    ...checkStatement(facts),
    ...checkSettled(record),
    ...(facts.isUnderWay ? [] : checkReturns(record)),
  ];
  // These follow from the others: alone they say that a posting is not like its neighbours.
  if (found.length > 0 || facts.isUnderWay) return found;
  return [...checkCash(record), ...checkCleared(record)];
}

/** What its owners put in is what was built: entries and amounts. */
function checkFiled(record: FileRecord): readonly Difference[] {
  const { totals, filed, leftOut, stage } = record;
  const built = stage === "empty" ? NO_TOTALS : totals;
  if (built === undefined) return [];
  const booked: Sides = {
    debitCents: subtractCents(
      addCents(
        posted(record, "in_flight", "debits_filed"),
        posted(record, "fees_in_flight", "fees_filed"),
      ),
      leftOut.debitCents,
    ),
    creditCents: subtractCents(
      cents(-posted(record, "out", "refunds_filed", "payout_filed")),
      leftOut.creditCents,
    ),
  };
  const entries = filed.entries - leftOut.entries;
  const found = compare(record, "filed_differs", built, booked, "in the file", "in the books");
  if (found.length > 0 || built.entries === entries) return found;
  const says = `${built.entries} entries in the file, ${entries} by their owners`;
  return [difference(record, "filed_differs", NO_TOTALS.debitCents, says)];
}

/** What the bank moved beyond entries and returns is in the books as that, to the cent. */
function checkStatement({ record, stated }: FileFacts): readonly Difference[] {
  const { totals, stage, steps } = record;
  // Of one that was never handed over the bank cannot know: see report.ts.
  if (totals === undefined || steps.handing_over === undefined) return [];
  const isSettled = steps.settled !== undefined;
  if (stated === undefined) {
    if (!isSettled) return [];
    const says = "settled in the books, and no statement of the bank speaks of it";
    return [difference(record, "statement_missing", net(totals), says)];
  }
  const lastLine = stated.lines.at(-1);
  const place = { date: lastLine?.date ?? null, events: stated.lines.map((line) => line.position) };
  const booked = record.stated?.unexplainedCents ?? ZERO_CENTS;
  const beyond = beyondBounds(record, totals, stated);
  const amountCents = subtractCents(net(beyond), booked);
  // In suspense, where a person has put it.
  if (amountCents === 0) return [];
  if (steps.rejected !== undefined) {
    const says = `the statement says ${sidesText(stated)}, and the file is ${stage} in the books`;
    return [{ ...difference(record, "statement_not_booked", net(stated), says), ...place }];
  }
  const sides = SIDES.filter((side) => beyond[side] !== 0).map((side) => {
    const back = record.early.perhaps[side];
    const returned = back === 0 ? "" : `, of which ${formatCents(back)} came back`;
    const file = `the file ${formatCents(totals[side])}${returned}`;
    return `${WORD_OF[side]}: the statement says ${formatCents(stated[side])}, ${file}`;
  });
  const waiting = booked === 0 ? "" : `${formatCents(booked)} of it in suspense`;
  const says = [...sides, waiting].filter((text) => text !== "").join("; ");
  return [{ ...difference(record, "statement_differs", amountCents, says), ...place }];
}

/** What the statement says beyond the file and those returns that it may or may not have. */
function beyondBounds({ early, steps }: FileRecord, totals: Sides, stated: Sides): Sides {
  const isRejected = steps.rejected !== undefined;
  const least = isRejected ? NO_TOTALS : less(totals, early.perhaps);
  const most = isRejected ? NO_TOTALS : less(totals, early.sure);
  const beyond = (side: (typeof SIDES)[number]): Cents =>
    subtractCents(stated[side], clampCents(stated[side], least[side], most[side]));
  return { debitCents: beyond("debitCents"), creditCents: beyond("creditCents") };
}

/** The bank said both that it has the file and that it has not. */
function checkAcknowledgement(record: FileRecord): readonly Difference[] {
  const { contradiction, moved } = record;
  if (contradiction === undefined) return [];
  const amountCents = subtractCents(debitsUnderWay(moved), moved.out);
  const says = `the bank says ${contradiction.outcome} of a file that is ${record.stage}`;
  const events = [contradiction.since.position];
  return [{ ...difference(record, "acknowledgement_differs", amountCents, says), events }];
}

/** What was booked as settled is the file, less what had come back before the bank moved it. */
function checkSettled(record: FileRecord): readonly Difference[] {
  const { totals, early, steps, moved, stated } = record;
  if (totals === undefined || steps.settled === undefined) return [];
  const expected = less(totals, early.booked);
  const booked: Sides = {
    debitCents: cents(-posted(record, "provisional", "file_settled")),
    creditCents: posted(record, "out", "file_settled"),
  };
  const found = compare(
    record,
    "settled_differs",
    expected,
    booked,
    "to be settled",
    "in the books",
  );
  if (found.length > 0 || stated === undefined) return found;
  // As the file says that the bank says: what is beyond its entries is in suspense.
  const beyond = net(beyondBounds(record, totals, stated.said));
  const suspended = cents(-moved.suspense);
  const wrong = [stated.unexplainedCents, suspended].find((one) => one !== beyond);
  if (wrong === undefined) return [];
  const figures = `${formatCents(suspended)} in suspense, as it says of ${sidesText(stated.said)}`;
  const says = `${formatCents(beyond)} of it have no entry: ${figures}`;
  return [difference(record, "settled_differs", subtractCents(wrong, beyond), says)];
}

/** What the bank sent back, what the file counted of it, and what its owners booked. */
function checkReturns(record: FileRecord): readonly Difference[] {
  const { sentBack, returned } = record;
  const countedCents = addCents(returned.debitCents, returned.creditCents);
  const missing = subtractCents(sentBack.amountCents, countedCents);
  if (missing !== 0 || sentBack.entries !== returned.entries) {
    const bank = `the bank sent back ${sentBack.entries} of ${formatCents(sentBack.amountCents)}`;
    const says = `${bank}, the file counted ${returned.entries} of ${formatCents(countedCents)}`;
    return [difference(record, "returns_not_counted", missing, says)];
  }
  const back = addCents(
    posted(record, "in_flight", "debit_returned", "debit_disputed"),
    posted(record, "fees_in_flight", "fee_returned"),
  );
  const reopened = posted(record, "cash", "debit_reopened", "fee_reopened");
  const names = ["refund_returned", "payout_returned"] as const;
  const booked: Sides = {
    debitCents: cents(-addCents(back, reopened)),
    creditCents: addCents(posted(record, "out", ...names), posted(record, "cash", ...names)),
  };
  return compare(record, "returns_not_booked", returned, booked, "came back", "in the books");
}

/** The bank's statement, and what it took back: a return may be booked before the statement. */
function checkCash(record: FileRecord): readonly Difference[] {
  const { totals = NO_TOTALS, early, returned, steps, moved, stated } = record;
  const settled = steps.settled === undefined ? NO_TOTALS : less(totals, early.booked);
  const takenBack = steps.rejected === undefined ? less(returned, early.booked) : NO_TOTALS;
  const explained = net(less(settled, takenBack));
  const expected = addCents(explained, stated?.unexplainedCents ?? ZERO_CENTS);
  const amountCents = subtractCents(moved.cash, expected);
  if (amountCents === 0) return [];
  const bank = `the bank ${formatCents(expected)}`;
  const says = `${ACCOUNT_OF.cash} moved ${formatCents(moved.cash)} for it, and ${bank}`;
  return [difference(record, "cash_differs", amountCents, says)];
}

/** Originated = settled + returned + in flight; nothing is left of a file that is closed (I10). */
function checkCleared(record: FileRecord): readonly Difference[] {
  return leftOver(record).flatMap(([account, amountCents]): Difference[] => {
    if (amountCents === 0) return [];
    const says = `${formatCents(amountCents)} too much in ${account}, the file is ${record.stage}`;
    return [difference(record, "not_cleared", amountCents, says)];
  });
}

/** What should be zero of a file at this stage, by ledger account. */
function leftOver(record: FileRecord): readonly (readonly [account: string, cents: Cents])[] {
  const { totals = NO_TOTALS, early, returned, stage, moved, steps } = record;
  // While it is gathered, and while one that is not sent is taken back, owners follow one another.
  if (stage === undefined || MOVING.includes(stage)) return [];
  const { in_flight, fees_in_flight, provisional, out } = moved;
  const underWay = debitsUnderWay(moved);
  if (stage === "closed" || stage === "empty") {
    return [
      [ACCOUNT_OF.in_flight, in_flight],
      [ACCOUNT_OF.fees_in_flight, fees_in_flight],
      [ACCOUNT_OF.provisional, provisional],
      [ACCOUNT_OF.out, out],
    ];
  }
  const debits = `${ACCOUNT_OF.in_flight} and ${ACCOUNT_OF.fees_in_flight}`;
  const both = `${debits} and ${ACCOUNT_OF.provisional}`;
  if (steps.settled !== undefined) {
    return [
      [both, addCents(underWay, provisional)],
      [ACCOUNT_OF.out, out],
    ];
  }
  const settles = less(totals, early.booked);
  return [
    [debits, subtractCents(underWay, less(totals, returned).debitCents)],
    [both, subtractCents(addCents(underWay, provisional), settles.debitCents)],
    [ACCOUNT_OF.out, addCents(out, settles.creditCents)],
  ];
}

const MOVING: readonly FileStage[] = ["open", "rejected", "abandoned"];

function posted(record: FileRecord, part: BooksPart, ...names: readonly PostingName[]): Cents {
  return sumCents(names.map((name) => (record.postings.get(name) ?? NOTHING_MOVED)[part]));
}

/** One difference for each direction in which the two are not the same. */
function compare(
  record: FileRecord,
  kind: DifferenceKind,
  one: Sides,
  other: Sides,
  ofOne: string,
  ofOther: string,
): readonly Difference[] {
  return SIDES.flatMap((side): Difference[] => {
    const amountCents = subtractCents(other[side], one[side]);
    if (amountCents === 0) return [];
    const theirs = `${formatCents(other[side])} ${ofOther}`;
    const says = `${WORD_OF[side]}: ${formatCents(one[side])} ${ofOne}, ${theirs}`;
    return [difference(record, kind, amountCents, says)];
  });
}

const NAMED: readonly FileStage[] = ["built", "empty", "settled", "closed"];

/** The events of the file itself: those of its owners may be thousands. */
function difference(
  { fileId, steps, terms }: FileRecord,
  kind: DifferenceKind,
  amountCents: Cents,
  says: string,
): Difference {
  const events = NAMED.flatMap((stage) => steps[stage]?.position ?? []);
  return { kind, file: fileId, date: terms?.createdOn ?? null, amountCents, events, says };
}
