/** The books of a simulated quarter: what is filed, collected, returned and refunded. */
import type { AccountEvent } from "../actors/account-messages.ts";
import { demand } from "./quarter-demand.ts";
import type { FileBooks } from "./quarter-file.ts";
import type { Life, Purse } from "./quarter-purse.ts";
import type { Tally } from "./tally.ts";

/** What of the books is changed here. */
export interface CollectionBooks {
  readonly lives: ReadonlyMap<string, Life>;
  readonly fileOf: ReadonlyMap<number, FileBooks>;
  readonly seen: Tally;
  byHandCents: number;
  file(id: string): FileBooks;
  enter(fileId: string, trace: number, direction: "debit" | "credit", cents: number): FileBooks;
  credit(merchantNumber: number, cents: number): void;
}

type Of<Kind extends AccountEvent["kind"]> = Extract<AccountEvent, { kind: Kind }>;

export function hearCollection(books: CollectionBooks, purse: Purse, event: AccountEvent): void {
  switch (event.kind) {
    case "PrenoteFiled":
      books.enter(event.fileId, event.trace, "debit", 0);
      return;
    case "PrenoteReturned":
      books.fileOf.get(event.trace)?.end(event.trace, "back");
      books.seen.add(`prenote return ${event.code}`);
      return;
    case "DebitsFiled":
      debitsFiled(books, purse, event);
      return;
    case "DebitsUnfiled":
      for (const life of purse.open.values()) {
        if (life.stage !== "in_flight" || life.fileId !== event.fileId) continue;
        life.stage = life.before;
        books.file(life.fileId).end(life.trace, "over");
      }
      return;
    case "DebitsCollected":
      debitsCollected(books, purse, event);
      return;
    case "DebitReturned":
    case "DebitReopened":
      debitBack(books, purse, event);
      return;
    case "BankAccountCorrected":
      books.seen.add(`change ${event.code}`);
      return;
    case "RefundsFiled":
    case "RefundsUnfiled":
    case "RefundsPaid":
    case "RefundReturned":
      hearRefunds(books, purse, event);
      return;
    case "ReturnFeeCharged":
    case "PaidByHand":
    case "RefundSetOff":
    case "DebtWrittenOff":
    case "DisputeDecided":
    case "RefundGranted":
      purse.hearDebt(event);
      noteDebt(books, event);
      return;
    default:
  }
}

function noteDebt(books: CollectionBooks, event: AccountEvent): void {
  if (event.kind === "DisputeDecided") {
    books.seen.add(`dispute: ${event.outcome}`);
    if (event.outcome === "won") books.byHandCents += event.amountCents;
  }
  if (event.kind !== "RefundSetOff") return;
  // What a merchant bears twice is owed to it again.
  for (const { account, side, amountCents } of event.entry.postings) {
    const number = /^merch:([0-9]+):payable$/.exec(account)?.[1];
    if (number !== undefined && side === "credit") books.credit(Number(number), amountCents);
  }
}

function debitsFiled(books: CollectionBooks, purse: Purse, event: Of<"DebitsFiled">): void {
  const { fileId, debits, entry } = event;
  const file = books.file(fileId);
  for (const { paymentId, trace, amountCents, attempt } of debits) {
    const before = attempt === 1 ? "due" : "returned";
    const life = purse.life(paymentId, before);
    demand(life.leftCents === amountCents, "I11", () => `${paymentId} is filed in part`);
    Object.assign(life, { before, stage: "in_flight", fileId, trace });
    books.enter(fileId, trace, "debit", amountCents);
    if (attempt > 1) books.seen.add("presented again");
  }
  for (const { account, side, amountCents } of entry.postings) {
    if (account.endsWith(":in_flight") && side === "debit") file.filedCents += amountCents;
  }
}

function debitsCollected(books: CollectionBooks, purse: Purse, event: Of<"DebitsCollected">): void {
  const { fileId, paymentIds, amountCents, entry } = event;
  const file = books.file(fileId);
  let cents = 0;
  for (const paymentId of paymentIds) {
    const life = purse.life(paymentId, "in_flight");
    demand(life.fileId === fileId, "once", () => `${paymentId} is in another file`);
    cents += life.leftCents;
    if (life.before === "returned") books.seen.add("second attempt collected");
    file.end(life.trace, "over");
    purse.close(life, "collected");
  }
  demand(cents === amountCents, "I3", () => `${purse.accountId} collects ${amountCents}`);
  file.clear(entry);
}

function debitBack(
  books: CollectionBooks,
  purse: Purse,
  event: Of<"DebitReturned"> | Of<"DebitReopened">,
): void {
  const { paymentId, trace, to, code, entry } = event;
  const life = books.lives.get(paymentId);
  const stage = event.kind === "DebitReturned" ? "in_flight" : "collected";
  const isRight = life?.stage === stage && life.trace === trace;
  demand(isRight, "once", () => `${paymentId} came back and is ${life?.stage}`);
  const file = books.file(life.fileId);
  file.end(trace, "back");
  file.clear(entry);
  purse.reopen(life, to, event.kind === "DebitReturned" ? life.leftCents : event.amountCents);
  books.seen.add(`return ${code}${stage === "collected" ? " after collection" : ""}`);
  const isSettled = entry.postings.some(({ account }) => account === "cash:bank");
  if (!isSettled) books.seen.add("return before settlement");
}

function hearRefunds(
  books: CollectionBooks,
  purse: Purse,
  event: Of<"RefundsFiled" | "RefundsUnfiled" | "RefundsPaid" | "RefundReturned">,
): void {
  switch (event.kind) {
    case "RefundsFiled": {
      const { fileId } = event;
      for (const { refundId, trace, amountCents } of event.refunds) {
        const owed = purse.refunds.get(refundId);
        const isOwed = owed?.cents === amountCents && owed.sent === undefined;
        demand(isOwed, "once", () => `${refundId} is not owed`);
        owed.sent = { fileId, trace };
        books.enter(fileId, trace, "credit", amountCents).filedCents += amountCents;
      }
      books.file(fileId).clear(event.entry);
      return;
    }
    case "RefundsUnfiled": {
      const file = books.file(event.fileId);
      for (const owed of purse.refunds.values()) {
        if (owed.sent?.fileId !== event.fileId) continue;
        file.end(owed.sent.trace, "over");
        owed.sent = undefined;
      }
      file.clear(event.entry);
      return;
    }
    case "RefundsPaid":
      for (const refundId of event.refundIds) {
        const sent = purse.refunds.get(refundId)?.sent;
        demand(sent?.fileId === event.fileId, "once", () => `${refundId} was paid before`);
        books.file(event.fileId).end(sent.trace, "over");
        purse.refunds.delete(refundId);
        books.seen.add("refund paid");
      }
      return;
    case "RefundReturned": {
      const { refundId, trace, amountCents, code, entry } = event;
      purse.refunds.set(refundId, { cents: amountCents, sent: undefined });
      const file = books.fileOf.get(trace);
      file?.end(trace, "back");
      file?.clear(entry);
      books.seen.add(`refund return ${code}`);
      return;
    }
  }
}
