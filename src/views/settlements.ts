/**
 * What each merchant has been credited, and its settlement statements: for each payout the lines
 * that it is made of. Payments are credited by the accounts of their payers, so they stand on a
 * statement by their place in the feed, up to the position that the payout names; everything else
 * is said by the merchant's own actor, and stands on the statement of its next payout. So each line
 * is on one statement, and opening, lines, payout and closing add up to the cent.
 */
import type { AccountEvent } from "../../actors/account-messages.ts";
import type { BankDate } from "../../actors/banking-calendar.ts";
import type { AchFileId } from "../../actors/ids.ts";
import { merchantAccount, type Posting } from "../../actors/ledger.ts";
import type { MerchantEvent } from "../../actors/merchant.ts";
import { addCents, type Cents, subtractCents, ZERO_CENTS } from "../../actors/money.ts";
import type { StoredEvent } from "../runtime/event-log.ts";
import type { View, ViewRows, ViewTable } from "../runtime/view.ts";
import { bodyOf, sortable } from "./event-body.ts";
import {
  type Balance,
  balanceAfter,
  creditsAfter,
  type Family,
  NO_SUMS,
  NO_TOTALS,
  putLine,
  rows,
  type Span,
  type StatementLine,
  Sum,
  type Totals,
} from "./statement-lines.ts";

/** A payout with the head of its statement. */
export interface SettlementRow {
  readonly payoutId: string;
  readonly number: number;
  readonly amountCents: Cents;
  readonly status: "pending" | "sent" | "paid" | "returned";
  readonly madeAtMs: number;
  readonly fileId: AchFileId | null;
  /** When the bank is to credit it. */
  readonly effectiveOn: BankDate | null;
  readonly returnCode: string | null;
  readonly span: Span;
  readonly opening: Balance;
  readonly closing: Balance;
  readonly totals: Totals;
}

/** What has gathered since the last payout. */
interface Gathering {
  /** Ever: what the merchant's actor settles from. */
  readonly creditedCents: Cents;
  readonly payouts: number;
  readonly opening: Balance;
  readonly paymentsAfter: number;
  readonly othersAfter: number;
  readonly totals: Totals;
}

const GATHERING = "gathering/";
const DUE = "due/";
const PAYOUT = "payout/";

const NO_GATHERING: Gathering = {
  ...{ creditedCents: ZERO_CENTS, payouts: 0, paymentsAfter: 0, othersAfter: 0 },
  opening: { payableCents: ZERO_CENTS, debtCents: ZERO_CENTS },
  totals: NO_TOTALS,
};

export const settlements: View = {
  name: "settlements",
  version: 2,
  apply(events, table) {
    const books = new Books(table);
    for (const event of events) {
      if (event.ref.kind === "account") applyAccount(event, books);
      else if (event.ref.kind === "merchant") applyMerchant(event, books);
    }
    books.flush();
  },
};

type AccountEventOf<Kind extends AccountEvent["kind"]> = Extract<AccountEvent, { kind: Kind }>;
type EventOf<Kind extends MerchantEvent["kind"]> = Extract<MerchantEvent, { kind: Kind }>;

function applyAccount(stored: StoredEvent, books: Books): void {
  const { position, atMs, kind } = stored;
  if (kind === "PaymentCaptured") {
    const { receipt, feeCents } = bodyOf<AccountEventOf<"PaymentCaptured">>(stored);
    const { paymentId, amountCents, payee, requestNumber } = receipt;
    const { merchantNumber, laneId } = payee;
    const payableCents = subtractCents(amountCents, feeCents);
    books.credit(merchantNumber, {
      ...{ kind: "payment", position, atMs, paymentId, laneId, requestNumber },
      ...{ amountCents, feeCents: subtractCents(ZERO_CENTS, feeCents), payableCents },
      debtCents: ZERO_CENTS,
    });
  } else if (kind === "RefundSetOff") {
    const { paymentId, refundId, amountCents, entry } =
      bodyOf<AccountEventOf<"RefundSetOff">>(stored);
    const merchantNumber = entry.postings.map(creditedMerchant).find((one) => one !== undefined);
    if (merchantNumber === undefined) return;
    const sums = { ...NO_SUMS, amountCents, payableCents: amountCents };
    books.credit(merchantNumber, { kind: "set_off", position, atMs, paymentId, refundId, ...sums });
  }
}

/** Whose `merch:payable` the posting credits. */
function creditedMerchant({ account, side }: Posting): number | undefined {
  const number = Number(/^merch:([0-9]+):payable$/.exec(account)?.[1]);
  const isCredited = side === "credit" && account === merchantAccount(number, "payable");
  return isCredited ? number : undefined;
}

function applyMerchant(stored: StoredEvent, books: Books): void {
  const merchantNumber = Number(stored.ref.id);
  const line = lineOf(stored);
  if (line !== undefined) books.other(merchantNumber, line);
  switch (stored.kind as MerchantEvent["kind"]) {
    case "PayoutMade":
      books.payOut(merchantNumber, stored, bodyOf<EventOf<"PayoutMade">>(stored));
      return;
    case "PayoutFiled": {
      const { payoutId, fileId, effectiveOn } = bodyOf<EventOf<"PayoutFiled">>(stored);
      books.change(payoutId, { status: "sent", fileId, effectiveOn });
      return;
    }
    case "PayoutUnfiled": {
      const { payoutId } = bodyOf<EventOf<"PayoutUnfiled">>(stored);
      books.change(payoutId, { status: "pending", fileId: null, effectiveOn: null });
      return;
    }
    case "PayoutArrived":
      books.change(bodyOf<EventOf<"PayoutArrived">>(stored).payoutId, { status: "paid" });
      return;
    case "PayoutReturned": {
      const { payoutId, code } = bodyOf<EventOf<"PayoutReturned">>(stored);
      books.change(payoutId, { status: "returned", returnCode: code });
      return;
    }
    default:
  }
}

/** What an event of the merchant says on its statement. */
function lineOf(stored: StoredEvent): StatementLine | undefined {
  const { position, atMs } = stored;
  const blank = { ...NO_SUMS, position, atMs };
  switch (stored.kind as MerchantEvent["kind"]) {
    case "ShareGiven": {
      const { refundId, paymentId, amountCents, share } = bodyOf<EventOf<"ShareGiven">>(stored);
      const { payableCents, receivableCents: debtCents } = share;
      return {
        ...{ ...blank, kind: "refund", refundId, paymentId, debtCents },
        amountCents: negative(amountCents),
        feeCents: subtractCents(amountCents, addCents(payableCents, debtCents)),
        payableCents: negative(payableCents),
      };
    }
    case "DebtNoted": {
      const { paymentId, amountCents: debtCents } = bodyOf<EventOf<"DebtNoted">>(stored);
      const amountCents = negative(debtCents);
      return { ...blank, kind: "dispute", paymentId, amountCents, debtCents };
    }
    case "ReceivableNetted": {
      const netted = negative(bodyOf<EventOf<"ReceivableNetted">>(stored).amountCents);
      return { ...blank, kind: "netted", payableCents: netted, debtCents: netted };
    }
    case "PayoutReturned": {
      const { payoutId, amountCents } = bodyOf<EventOf<"PayoutReturned">>(stored);
      const sums = { amountCents, payableCents: amountCents };
      return { ...blank, kind: "payout_returned", payoutId, ...sums };
    }
    default:
      return undefined;
  }
}

function negative(amountCents: Cents): Cents {
  return subtractCents(ZERO_CENTS, amountCents);
}

/** What has gathered, while a batch of events adds to it. */
interface Open extends Omit<Gathering, "totals" | "creditedCents"> {
  creditedCents: Cents;
  readonly sum: Sum;
}

/** The rows that a batch of events changes; what has gathered is written once, at its end. */
class Books {
  readonly #open = new Map<number, Open>();

  constructor(private readonly table: ViewTable) {}

  credit(merchantNumber: number, line: StatementLine): void {
    const open = this.#add("credit", merchantNumber, line);
    open.creditedCents = addCents(open.creditedCents, line.payableCents);
  }

  other(merchantNumber: number, line: StatementLine): void {
    this.#add("other", merchantNumber, line);
  }

  #add(family: Family, merchantNumber: number, line: StatementLine): Open {
    putLine(this.table, family, merchantNumber, line);
    const open = this.#of(merchantNumber);
    open.sum.add(line);
    return open;
  }

  /** Closes the statement. What was credited behind the payout's position begins the next one. */
  payOut(
    merchantNumber: number,
    { position, atMs }: StoredEvent,
    { payoutId, amountCents, uptoPosition }: EventOf<"PayoutMade">,
  ): void {
    const { sum, ...open } = this.#of(merchantNumber);
    const behind = new Sum(NO_TOTALS);
    for (const line of creditsAfter(this.table, merchantNumber, uptoPosition)) {
      sum.add(line, -1);
      behind.add(line);
    }
    const { opening, paymentsAfter, othersAfter, creditedCents } = open;
    const before = balanceAfter(opening, sum.totals);
    const closing = { ...before, payableCents: subtractCents(before.payableCents, amountCents) };
    const number = open.payouts + 1;
    this.#put(merchantNumber, {
      ...{ payoutId, number, amountCents, status: "pending", madeAtMs: atMs },
      ...{ fileId: null, effectiveOn: null, returnCode: null },
      span: { paymentsAfter, paymentsUpto: uptoPosition, othersAfter, othersUpto: position },
      ...{ opening, closing, totals: sum.totals },
    });
    this.#open.set(merchantNumber, {
      ...{ creditedCents, payouts: number, opening: closing, sum: behind },
      ...{ paymentsAfter: uptoPosition, othersAfter: position },
    });
  }

  change(payoutId: string, change: Partial<SettlementRow>): void {
    const row = findSettlement(this.table, payoutId);
    if (row === undefined) return;
    this.#put(merchantOf(payoutId), { ...row, ...change });
  }

  #put(merchantNumber: number, row: SettlementRow): void {
    this.table.put(payoutKey(merchantNumber, row.number), JSON.stringify(row));
  }

  #of(merchantNumber: number): Open {
    const known = this.#open.get(merchantNumber);
    if (known !== undefined) return known;
    const { totals, ...gathering } = gatheringOf(this.table, merchantNumber);
    const open = { ...gathering, sum: new Sum(totals) };
    this.#open.set(merchantNumber, open);
    return open;
  }

  flush(): void {
    for (const [merchantNumber, { sum, ...open }] of this.#open) {
      const key = sortable(merchantNumber);
      const gathering: Gathering = { ...open, totals: sum.totals };
      this.table.put(GATHERING + key, JSON.stringify(gathering));
      const { payableCents } = balanceAfter(open.opening, sum.totals);
      if (payableCents > 0) this.table.put(DUE + key, "1");
      else this.table.remove(DUE + key);
    }
  }
}

function gatheringOf(table: ViewRows, merchantNumber: number): Gathering {
  const value = table.get(GATHERING + sortable(merchantNumber));
  return value === undefined ? NO_GATHERING : (JSON.parse(value) as Gathering);
}

/** What the merchant was credited with up to the view's position, ever. */
export function creditedCents(table: ViewRows, merchantNumber: number): Cents {
  return gatheringOf(table, merchantNumber).creditedCents;
}

/** Numbers of the merchants to whom something is owed, page by page. */
export function* merchantsDue(table: ViewRows): Generator<number> {
  for (const { key } of rows(table, DUE)) yield Number(key.slice(DUE.length));
}

/** `payoutId` is the merchant's number, a dash and the number of the payout (settlement.ts). */
function merchantOf(payoutId: string): number {
  return Number(payoutId.slice(0, payoutId.indexOf("-")));
}

function payoutKey(merchantNumber: number, number: number): string {
  return `${PAYOUT}${sortable(merchantNumber)}/${sortable(number)}`;
}

export function findSettlement(table: ViewRows, payoutId: string): SettlementRow | undefined {
  const number = Number(payoutId.slice(payoutId.indexOf("-") + 1));
  const value = table.get(payoutKey(merchantOf(payoutId), number));
  return value === undefined ? undefined : (JSON.parse(value) as SettlementRow);
}

/** Newest first; `before` is the number of the payout to continue after. */
export function settlementsOf(
  table: ViewRows,
  merchantNumber: number,
  before: number | undefined,
  max: number,
): readonly SettlementRow[] {
  const prefix = `${PAYOUT}${sortable(merchantNumber)}/`;
  const after = before === undefined ? {} : { after: prefix + sortable(before) };
  const found = table.range({ prefix, max, newestFirst: true, ...after });
  return found.map(({ value }) => JSON.parse(value) as SettlementRow);
}
