/**
 * A debit of ours that was wrong, on the customer's account: it counts as collected, its amount is
 * owed to the customer and goes back to the bank account that it was taken from; the purchase is
 * owed again, and is debited anew when the reversal is final (docs/money.md).
 */
import type { AccountEvent, AccountReply } from "./account-messages.ts";
import type { Customer, HeldAccount } from "./account-state.ts";
import { type Decision, decided, type Meta } from "./actor.ts";
import { assert } from "./assert.ts";
import type { BankDate } from "./banking-calendar.ts";
import type { CollectionEvent } from "./collection-messages.ts";
import {
  type Collection,
  closed,
  findLoss,
  findPurchase,
  type RefundOwed,
  withPurchase,
} from "./collection-state.ts";
import { type FileScope, takes } from "./file-scope.ts";
import { ZERO_CENTS } from "./money.ts";
import { consequences } from "./returned-entry.ts";
import { isStrangers, type ReversalEvent, type ReverseDebit } from "./reversal-messages.ts";
import { debitReversed } from "./reversal-postings.ts";
import { setOffReversed } from "./set-off.ts";

type DebitReversed = Extract<ReversalEvent, { kind: "DebitReversed" }>;

export function reverseDebit(
  state: HeldAccount,
  { kind: _, ...command }: ReverseDebit,
  meta: Meta,
): Decision<AccountEvent, AccountReply> {
  const { customer } = state;
  const { amountCents, reverses } = command;
  const from = stageOf(customer.collection, command);
  // Under way again under another trace, or owed again: the entry has come back before.
  if (from === undefined) return decided([], { kind: "debit_reversed", outcome: "unmatched" });
  const isDueAgain = reverses.reason !== "duplicate";
  const event: DebitReversed = {
    ...{ kind: "DebitReversed", ...command, fileId: reverses.fileId, from, isDueAgain },
    entry: debitReversed(customer.personId, from, isDueAgain, amountCents),
  };
  const isToday = isPresent(customer, reverses.bankAccount);
  // R03: the bank account is not that of the customer. Nothing more is debited from it.
  const isRejected = isStrangers(reverses) && isToday;
  const after = isRejected ? consequences(state, "R03", meta) : [];
  return decided([event, ...after], { kind: "debit_reversed", outcome: "applied" });
}

/** Also of one that the bank has corrected since: it is the same, written otherwise. */
function isPresent({ vault, mandate }: Customer, token: string): boolean {
  return token === vault.bankAccount || token === mandate.bankAccount;
}

function stageOf(
  collection: Collection,
  { paymentId, amountCents, reverses }: Omit<ReverseDebit, "kind">,
): DebitReversed["from"] | undefined {
  const purchase = findPurchase(collection, paymentId);
  if (purchase === undefined) {
    return findLoss(collection, paymentId) === undefined ? "collected" : undefined;
  }
  if (purchase.stage !== "in_flight" || purchase.amountCents !== amountCents) return undefined;
  const { fileId, trace } = purchase.sent;
  return fileId === reverses.fileId && trace === reverses.trace ? "in_flight" : undefined;
}

/**
 * What no file took in time was not given back: the debit was good after all, and pays what is due
 * for it. The rest is an ordinary refund; what a stranger paid is for a person.
 */
export function lapses(
  customer: Customer,
  { effectiveOn, scope }: { readonly effectiveOn: BankDate; readonly scope?: FileScope | null },
): readonly CollectionEvent[] {
  // Of debits that the bank settles later: the file of the credits may be in time.
  if (!takes(scope, "reversal", ZERO_CENTS)) return [];
  return customer.collection.refunds.flatMap((refund): readonly CollectionEvent[] => {
    const { refundId, paymentId, reverses, stage } = refund;
    const isOver = reverses !== undefined && effectiveOn > reverses.lastOn;
    if (stage !== "payable" || !isOver) return [];
    assert(paymentId !== null, "what is reversed was a purchase");
    const isStopped = isStrangers(reverses);
    const lapsed = { kind: "ReversalLapsed", refundId, paymentId, isStopped } as const;
    return [lapsed, ...setOffReversed(customer, refund)];
  });
}

export function applyReversal(collection: Collection, event: ReversalEvent): Collection {
  const { refundId, paymentId } = event;
  if (event.kind === "ReversalLapsed") {
    const refunds = collection.refunds.map((refund): RefundOwed => {
      if (refund.refundId !== refundId) return refund;
      const { reverses: _, ...rest } = refund;
      return event.isStopped ? { ...refund, stage: "stopped" } : rest;
    });
    return { ...collection, refunds };
  }
  const { merchantNumber, amountCents, reverses, isDueAgain, from } = event;
  const isOpen = findPurchase(collection, paymentId) !== undefined;
  assert(isOpen === (from === "in_flight"), "what is reversed is under way, or was collected");
  const owed: RefundOwed = {
    ...{ refundId, paymentId, merchantNumber, amountCents, stage: "payable", sent: null },
    reverses,
  };
  const terms = { paymentId, merchantNumber, amountCents };
  const after = isDueAgain
    ? withPurchase(collection, { ...terms, stage: "due" })
    : closed(collection, paymentId);
  return { ...after, refunds: [...after.refunds, owed] };
}
