/**
 * What the periods of retention begin with, from an owner's own events: the log says when each of
 * them was, which the states do not.
 */
import type { AccountEvent } from "../../actors/account-messages.ts";
import type { Message } from "../../actors/actor.ts";
import { type BankDate, instantOf } from "../../actors/banking-calendar.ts";
import type { RetentionFacts } from "../../actors/retention.ts";
import type { SettlementEvent } from "../../actors/settlement-messages.ts";
import type { StoredEvent } from "../runtime/event-log.ts";
import { bodyOf } from "../views/event-body.ts";

type OfAccount<Kind extends AccountEvent["kind"]> = Extract<AccountEvent, { kind: Kind }>;

/** From $3,000 on a payout is a transmittal that has to be traceable (31 CFR 1010.410(e)). */
const TRANSMISSION_CENTS_MIN = 300_000;
/** The Federal Reserve settles by then at the latest: 18:00 ET of the effective date. */
const SETTLED_HOUR = 18;

/** Receipts, returns, disputes, refunds, and what was paid by hand. */
const OF_REG_E: ReadonlySet<string> = new Set([
  "PaymentCaptured",
  "DebitReturned",
  "DebitReopened",
  "RefundGranted",
  "RefundsPaid",
  "RefundReturned",
  "RefundPaidByHand",
  "RefundUnclaimed",
  "DebitReversed",
  "ReturnFeeCharged",
  "FeesCollected",
  "FeeReturned",
  "FeeReopened",
  "FeeWaived",
  "PaidByHand",
  "DuePaidByHand",
  "RefundSetOff",
  "DebtRecovered",
  "DisputeDecided",
  "DebtWrittenOff",
] satisfies AccountEvent["kind"][]);

/** Of an account, from all its events in whatever order. */
export function personFacts(events: Iterable<StoredEvent>): RetentionFacts {
  let facts: RetentionFacts = {};
  const returned = new Set<string>();
  const inOrder = [...events].sort((a, b) => a.position - b.position);
  for (const event of inOrder) {
    const { kind, atMs } = event;
    if (OF_REG_E.has(kind)) facts = { ...facts, reg_e: later(facts.reg_e, atMs) };
    switch (kind as AccountEvent["kind"]) {
      case "MandateEnded":
      case "ClosingBegun":
        // Whoever ended it first.
        facts = { ...facts, mandate: facts.mandate ?? atMs };
        break;
      case "BankAccountReplaced": {
        // With a mandate of its own: the one before is over, and this one is not.
        const { mandate: _, ...others } = facts;
        facts = others;
        break;
      }
      case "DebitsFiled":
      case "FeesFiled":
      case "RefundsFiled": {
        const { effectiveOn } = bodyOf<OfAccount<"DebitsFiled">>(event);
        facts = { ...facts, approval: later(facts.approval, settledMs(effectiveOn)) };
        break;
      }
      case "DebitReturned":
      case "DebitReopened":
        returned.add(bodyOf<OfAccount<"DebitReturned">>(event).paymentId);
        break;
      case "RefundsPaid":
        facts = { ...facts, approval: later(facts.approval, atMs) };
        break;
      case "DebitsCollected":
        // The bank may settle later than it was asked to.
        facts = { ...facts, approval: later(facts.approval, atMs) };
        if (bodyOf<OfAccount<"DebitsCollected">>(event).paymentIds.some((id) => returned.has(id))) {
          facts = { ...facts, paid_failure: later(facts.paid_failure, atMs) };
        }
        break;
      case "FeesCollected":
        facts = { ...facts, approval: later(facts.approval, atMs) };
        facts = { ...facts, paid_failure: later(facts.paid_failure, atMs) };
        break;
      case "PaidByHand":
      case "DebtRecovered":
        facts = { ...facts, paid_failure: later(facts.paid_failure, atMs) };
        break;
      default:
    }
  }
  return facts;
}

/**
 * Of one bank account, or of the name or the address that went with it, from all events of its
 * owner; it was replaced at `replacedMs`.
 */
export function bankAccountFacts(
  events: Iterable<StoredEvent>,
  token: string,
  replacedMs: number,
): RetentionFacts {
  let facts: RetentionFacts = { approval: replacedMs };
  for (const event of events) {
    switch (event.kind) {
      case "PrenoteFiled":
      case "DebitsFiled":
      case "FeesFiled":
      case "RefundsFiled": {
        type Filed = Omit<OfAccount<"RefundsFiled">, "kind" | "refunds"> &
          Partial<Pick<OfAccount<"RefundsFiled">, "refunds">>;
        const { effectiveOn, vault, refunds = [] } = bodyOf<Filed & Message>(event);
        // A reversal goes to the bank account of its debit.
        const isBack = refunds.some(({ reverses }) => reverses?.bankAccount === token);
        if (vault.bankAccount !== token && vault.person !== token && !isBack) break;
        facts = { ...facts, approval: later(facts.approval, settledMs(effectiveOn)) };
        break;
      }
      case "PayoutFiled": {
        type Filed = Extract<SettlementEvent, { kind: "PayoutFiled" }>;
        const { effectiveOn, bankAccount, amountCents } = bodyOf<Filed>(event);
        if (bankAccount !== token) break;
        const settled = settledMs(effectiveOn);
        facts = { ...facts, approval: later(facts.approval, settled) };
        if (amountCents < TRANSMISSION_CENTS_MIN) break;
        facts = { ...facts, transmission: later(facts.transmission, settled) };
        break;
      }
      default:
    }
  }
  return facts;
}

function settledMs(effectiveOn: BankDate): number {
  return instantOf(effectiveOn, SETTLED_HOUR);
}

function later(one: number | undefined, other: number): number {
  return Math.max(one ?? other, other);
}
