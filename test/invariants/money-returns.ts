/** What comes back to a customer, and what it means. */
import type { AccountEvent } from "../../actors/account-messages.ts";
import { demand } from "./demand.ts";
import { mayComeLate, meaningOfCode } from "./money-codes.ts";
import { reversalReturned } from "./money-reversals.ts";
import type { CustomerBooks, Delta, Life } from "./money-world.ts";

type Of<Kind extends AccountEvent["kind"]> = Extract<AccountEvent, { kind: Kind }>;

export function hearReturn(
  customer: CustomerBooks,
  event: Of<
    | "PrenoteReturned"
    | "DebitReturned"
    | "DebitReopened"
    | "RefundReturned"
    | "MandateEnded"
    | "BankAccountRejected"
  >,
): readonly Delta[] {
  switch (event.kind) {
    case "PrenoteReturned": {
      const { bankAccount } = customer;
      demand(bankAccount.kind === "asked", "a prenote is under way", () => bankAccount);
      customer.returned = {
        entry: customer.world.heardBack(event.trace, customer.id),
        life: undefined,
      };
      customer.bankAccount = { kind: "invalid" };
      customer.world.rare.reach("return of a prenote");
      return [];
    }
    case "DebitReturned":
      return debitReturned(customer, event);
    case "DebitReopened":
      return reopened(customer, event);
    case "RefundReturned":
      return refundReturned(customer, event);
    case "MandateEnded": {
      const meaning = meaningOfCode(customer.returned?.entry.back?.code ?? "");
      demand(meaning === "revoked", "a mandate ends by its code", () => event);
      customer.isMandateEnded = true;
      customer.world.rare.reach("mandate ended");
      return [];
    }
    case "BankAccountRejected": {
      const { entry } = customer.returned ?? {};
      const isSame = entry === undefined || entry.bankAccount === customer.bankAccounts;
      demand(isSame, "the bank account of today is not the one that failed", () => event);
      customer.bankAccount = { kind: "invalid" };
      return [];
    }
  }
}

/** Whether a debit that came back will be presented again by itself. */
export function mayRetry(customer: CustomerBooks, { attempts, isReduced }: Life): boolean {
  const last = attempts.at(-1);
  const isAgain = meaningOfCode(last?.code ?? "") === "again";
  const isSame = last?.bankAccount === customer.bankAccounts;
  const isEarly = last !== undefined && customer.world.mayRetryOn(attempts[0]?.on ?? last.on);
  return isAgain && isSame && isEarly && !isReduced && attempts.length <= customer.world.retriesMax;
}

function debitReturned(customer: CustomerBooks, event: Of<"DebitReturned">): readonly Delta[] {
  const { paymentId, fileId, trace, code, to, retryFrom } = event;
  const life = customer.life(paymentId);
  const attempt = life.attempts.at(-1);
  demand(life.stage === "in flight", "what is under way comes back", () => [event, life]);
  demand(attempt?.trace === trace && attempt.fileId === fileId, "its entry", () => [event, life]);
  const entry = customer.world.heardBack(trace, customer.id);
  customer.returned = { entry, life };
  demand(entry.back?.code === code, "its code", () => [event, entry]);
  const meaning = meaningOfCode(code);
  const isDisputed = meaning === "revoked" || meaning === "disputed";
  demand(to === (isDisputed ? "disputed" : "returned"), "where a return goes", () => event);
  attempt.code = code;
  life.stage = to;
  demand((retryFrom !== null) === mayRetry(customer, life), "I12", () => ["retry", event, life]);
  customer.world.rare.reach(`return ${code}`);
  if (entry.back?.isCounted === "early") customer.world.rare.reach("return before settlement");
  const cash = entry.back?.isCounted === "settled" ? life.left : 0;
  return [
    [customer.account(to), life.left],
    [customer.account("in_flight"), -life.left],
    ["ach:provisional", cash],
    ["cash:bank", -cash],
  ];
}

function reopened(customer: CustomerBooks, event: Of<"DebitReopened">): readonly Delta[] {
  const { paymentId, trace, code, amountCents } = event;
  const life = customer.life(paymentId);
  demand(life.stage === "collected", "only what was collected is reopened", () => [event, life]);
  const entry = customer.world.heardBack(trace, customer.id);
  demand(entry.back?.isCounted === "settled", "what was never paid is not lost", () => [
    event,
    entry,
  ]);
  demand(amountCents === entry.amount, "the amount of the entry", () => event);
  customer.returned = { entry, life };
  demand(entry.back?.code === code, "its code", () => [event, entry]);
  const meaning = meaningOfCode(code);
  life.stage = meaning === "revoked" || meaning === "disputed" ? "disputed" : "returned";
  life.left = entry.amount;
  const attempt = life.attempts.at(-1);
  if (attempt !== undefined) attempt.code = code;
  toEnd(customer, life);
  customer.world.rare.reach("return after collection");
  if (!mayComeLate(code)) customer.world.rare.reach("return read after its entry was collected");
  return [
    [customer.account(life.stage), life.left],
    ["cash:bank", -life.left],
  ];
}

/** Debts are paid in the order in which they were opened. */
function toEnd(customer: CustomerBooks, life: Life): void {
  customer.lives = [...customer.lives.filter((other) => other !== life), life];
}

function refundReturned(customer: CustomerBooks, event: Of<"RefundReturned">): readonly Delta[] {
  const { refundId, trace, amountCents } = event;
  const refund = customer.refund(refundId);
  demand(refund.stage !== "owed" && refund.left === amountCents, "what was sent", () => refund);
  const entry = customer.world.heardBack(trace, customer.id);
  customer.returned = { entry, life: undefined };
  refund.stage = "owed";
  reversalReturned(customer, refund);
  customer.world.rare.reach("return of a refund");
  return [
    [entry.back?.isCounted === "settled" ? "cash:bank" : "ach:out", amountCents],
    [customer.account("refund_payable"), -amountCents],
  ];
}
