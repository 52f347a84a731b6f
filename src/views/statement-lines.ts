/**
 * The lines of a settlement statement, their sums, and how they are read. Payments are credited by
 * the accounts of their payers, so they stand on a statement by their place in the feed; everything
 * else is said by the merchant's own actor. Both are kept apart, by merchant and position.
 */
import type { LaneId, PaymentId, RefundId } from "../../actors/ids.ts";
import { addCents, type Cents, cents, ZERO_CENTS } from "../../actors/money.ts";
import type { ViewRows, ViewTable } from "../runtime/view.ts";
import { sortable } from "./event-body.ts";

export const LINE_KINDS = [
  /** What a payer paid, less our fee. */
  "payment",
  /** What was given back, with its part of the fee. */
  "refund",
  /** A disputed payment that the merchant pays for. */
  "dispute",
  /** Given twice, as a refund and for a dispute: owed to the merchant again. */
  "set_off",
  /** A debt of the merchant, taken off what is owed to it. */
  "netted",
  /** A payout that came back from the bank: owed again. */
  "payout_returned",
] as const;

export type LineKind = (typeof LINE_KINDS)[number];

/** Amounts have the sign of what they are to the merchant: amount + fee = payable - debt. */
interface Sums {
  /** Before the fee. */
  readonly amountCents: Cents;
  /** Negative for what we take, positive for what goes back with a refund. */
  readonly feeCents: Cents;
  /** Change of what is owed to the merchant: of `merch:payable` (docs/money.md). */
  readonly payableCents: Cents;
  /** Change of what the merchant owes: of `merch:receivable`. */
  readonly debtCents: Cents;
}

export interface StatementLine extends Sums {
  readonly kind: LineKind;
  /** Of its event in the feed. */
  readonly position: number;
  readonly atMs: number;
  readonly paymentId?: PaymentId;
  readonly refundId?: RefundId;
  readonly payoutId?: string;
  /** Of a payment: where it was made, and the number of its payment request there. */
  readonly laneId?: LaneId;
  readonly requestNumber?: number;
}

export interface KindTotal extends Sums {
  readonly count: number;
}

export type Totals = Readonly<Record<LineKind, KindTotal>>;

export interface Balance {
  readonly payableCents: Cents;
  readonly debtCents: Cents;
}

/** Positions in the feed: payments in (paymentsAfter, paymentsUpto], all else in the other two. */
export interface Span {
  readonly paymentsAfter: number;
  readonly paymentsUpto: number;
  readonly othersAfter: number;
  readonly othersUpto: number;
}

const CREDIT = "credit/";
const OTHER = "other/";
const PAGE_MAX = 1_000;

export const NO_SUMS: Sums = {
  ...{ amountCents: ZERO_CENTS, feeCents: ZERO_CENTS },
  ...{ payableCents: ZERO_CENTS, debtCents: ZERO_CENTS },
};
export const NO_TOTALS = Object.fromEntries(
  LINE_KINDS.map((kind) => [kind, { count: 0, ...NO_SUMS }]),
) as Totals;

/** Totals that are added to in place: a batch of events has many lines. */
export class Sum {
  readonly #totals: Record<LineKind, { -readonly [Name in keyof KindTotal]: KindTotal[Name] }>;

  constructor(totals: Totals) {
    this.#totals = structuredClone(totals);
  }

  add(line: StatementLine, times: 1 | -1 = 1): void {
    const total = this.#totals[line.kind];
    total.count += times;
    total.amountCents = cents(total.amountCents + times * line.amountCents);
    total.feeCents = cents(total.feeCents + times * line.feeCents);
    total.payableCents = cents(total.payableCents + times * line.payableCents);
    total.debtCents = cents(total.debtCents + times * line.debtCents);
  }

  get totals(): Totals {
    return this.#totals;
  }
}

export function balanceAfter(opening: Balance, totals: Totals): Balance {
  let { payableCents, debtCents } = opening;
  for (const kind of LINE_KINDS) {
    payableCents = addCents(payableCents, totals[kind].payableCents);
    debtCents = addCents(debtCents, totals[kind].debtCents);
  }
  return { payableCents, debtCents };
}

export type Family = "credit" | "other";

/** Keeps a line: `credit` where the merchant was credited by an account. */
export function putLine(
  table: ViewTable,
  family: Family,
  merchantNumber: number,
  line: StatementLine,
): void {
  table.put(linesKey(family, merchantNumber) + sortable(line.position), packed(line));
}

/** Of payments there are many: their rows hold no names. */
type PackedPayment = readonly [number, PaymentId, LaneId, number, number, number];

function packed(line: StatementLine): string {
  const { kind, position: _, atMs, paymentId, laneId, requestNumber, ...rest } = line;
  if (kind !== "payment") return JSON.stringify({ kind, atMs, paymentId, ...rest });
  return JSON.stringify([atMs, paymentId, laneId, requestNumber, line.amountCents, line.feeCents]);
}

function unpacked(position: number, value: string): StatementLine {
  const row = JSON.parse(value) as PackedPayment | Omit<StatementLine, "position">;
  if (!Array.isArray(row)) return { position, ...(row as Omit<StatementLine, "position">) };
  const [atMs, paymentId, laneId, requestNumber, amount, fee] = row as PackedPayment;
  return {
    ...{ kind: "payment", position, atMs, paymentId, laneId, requestNumber },
    ...{ amountCents: cents(amount), feeCents: cents(fee) },
    ...{ payableCents: cents(amount + fee), debtCents: ZERO_CENTS },
  };
}

/** What the merchant was credited with behind a position, in order. */
export function* creditsAfter(
  table: ViewRows,
  merchantNumber: number,
  position: number,
): Generator<StatementLine> {
  yield* spanned(table, linesKey("credit", merchantNumber), position, Infinity);
}

function linesKey(family: Family, merchantNumber: number): string {
  return `${family === "credit" ? CREDIT : OTHER}${sortable(merchantNumber)}/`;
}

/** The lines of a statement in the order of the feed, behind position `after`. */
export function* linesOf(
  table: ViewRows,
  merchantNumber: number,
  { paymentsAfter, paymentsUpto, othersAfter, othersUpto }: Span,
  after = 0,
): Generator<StatementLine> {
  const credits = linesKey("credit", merchantNumber);
  const ours = linesKey("other", merchantNumber);
  const others = spanned(table, ours, Math.max(after, othersAfter), othersUpto);
  let other = others.next();
  const begin = Math.max(after, paymentsAfter);
  for (const line of spanned(table, credits, begin, paymentsUpto)) {
    for (; other.done !== true && other.value.position < line.position; other = others.next()) {
      yield other.value;
    }
    yield line;
  }
  for (; other.done !== true; other = others.next()) yield other.value;
}

function* spanned(
  table: ViewRows,
  prefix: string,
  after: number,
  upto: number,
): Generator<StatementLine> {
  for (const { key, value } of rows(table, prefix, after)) {
    const position = Number(key.slice(prefix.length));
    if (position > upto) return;
    yield unpacked(position, value);
  }
}

/** Rows by key, page by page, behind the number `begin`. */
export function* rows(table: ViewRows, prefix: string, begin?: number) {
  let after = begin === undefined ? undefined : prefix + sortable(begin);
  for (;;) {
    const page = table.range({
      ...{ prefix, max: PAGE_MAX },
      ...(after === undefined ? {} : { after }),
    });
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE_MAX) return;
    after = last.key;
  }
}
