/**
 * A captured purchase, as far as money goes back to its payer. It has an actor only once somebody
 * asks for a refund: the facts come from the event that captured it and never change. It holds the
 * sum of refunds to the amount (docs/money.md, I8), and gives the merchant's fee back by its part.
 */
import {
  type ActorDefinition,
  answerOnly,
  type Decision,
  decided,
  type StoredBody,
  send,
} from "./actor.ts";
import { assert, unreachable } from "./assert.ts";
import type { AccountId, PaymentId, RefundId } from "./ids.ts";
import { addCents, type Cents, cents, subtractCents, ZERO_CENTS } from "./money.ts";
import type { Refusal } from "./refusals.ts";
import type { GiveShare } from "./settlement.ts";

/** What the event that captured the purchase says. */
export interface PurchaseFacts {
  readonly paymentId: PaymentId;
  readonly accountId: AccountId;
  readonly merchantNumber: number;
  readonly amountCents: Cents;
  readonly feeCents: Cents;
}

export type PurchaseCommand =
  | {
      readonly kind: "RefundPurchase";
      readonly refundId: RefundId;
      readonly facts: PurchaseFacts;
      readonly amountCents: Cents;
      /** Credited to the merchant so far, by a view that may lag: never too much. */
      readonly creditedCents: Cents;
    }
  | { readonly kind: "DescribePurchase" };

export interface PurchaseRefunded {
  readonly kind: "PurchaseRefunded";
  readonly refundId: RefundId;
  readonly facts: PurchaseFacts;
  readonly amountCents: Cents;
  /** The part of the merchant's fee that goes back with it. */
  readonly feeCents: Cents;
}

export interface PurchaseState {
  readonly refundedCents: Cents;
  readonly feeBackCents: Cents;
  readonly refunds: readonly { readonly refundId: RefundId; readonly amountCents: Cents }[];
}

export type PurchaseReply =
  | Refusal
  | { readonly kind: "purchase_refunded"; readonly refundedCents: Cents }
  | { readonly kind: "purchase"; readonly state: PurchaseState };

/** Refunds of one purchase. */
const REFUNDS_MAX = 50;

export const purchaseActor: ActorDefinition<
  PurchaseState,
  PurchaseCommand,
  PurchaseRefunded,
  PurchaseReply
> = {
  kind: "purchase",
  schemaVersion: 1,
  eventKinds: ["PurchaseRefunded"],
  init: () => ({ refundedCents: ZERO_CENTS, feeBackCents: ZERO_CENTS, refunds: [] }),
  decide(state, command) {
    switch (command.kind) {
      case "DescribePurchase":
        return answerOnly({ kind: "purchase", state });
      case "RefundPurchase":
        return refund(state, command);
      default:
        return unreachable(command);
    }
  },
  apply(state, { refundId, facts, amountCents, feeCents }) {
    const refundedCents = addCents(state.refundedCents, amountCents);
    assert(refundedCents <= facts.amountCents, "refunds never exceed the purchase");
    return {
      refundedCents,
      feeBackCents: addCents(state.feeBackCents, feeCents),
      refunds: [...state.refunds, { refundId, amountCents }],
    };
  },
  upcast(stored: StoredBody) {
    assert(stored.version === 1, "purchase events are of version 1");
    return stored.body as PurchaseRefunded;
  },
};

function refund(
  state: PurchaseState,
  command: Extract<PurchaseCommand, { kind: "RefundPurchase" }>,
): Decision<PurchaseRefunded, PurchaseReply> {
  const { refundId, facts, amountCents, creditedCents } = command;
  assert(amountCents > 0, "a refund has an amount");
  const { refundedCents } = state;
  const known = state.refunds.find((other) => other.refundId === refundId);
  if (known !== undefined) return answerOnly({ kind: "purchase_refunded", refundedCents });
  const leftCents = subtractCents(facts.amountCents, refundedCents);
  if (amountCents > leftCents) return answerOnly({ kind: "refund_too_high", leftCents });
  if (state.refunds.length >= REFUNDS_MAX) return answerOnly({ kind: "too_many_refunds" });
  const sumCents = addCents(refundedCents, amountCents);
  const feeCents = subtractCents(feeBack(facts, sumCents), state.feeBackCents);
  const give: GiveShare = {
    kind: "GiveShare",
    refundId,
    accountId: facts.accountId,
    paymentId: facts.paymentId,
    amountCents,
    feeCents,
    creditedCents,
  };
  const event: PurchaseRefunded = {
    ...{ kind: "PurchaseRefunded", refundId, facts, amountCents, feeCents },
  };
  return decided([event], { kind: "purchase_refunded", refundedCents: sumCents }, [
    send({ kind: "merchant", id: String(facts.merchantNumber) }, give),
  ]);
}

/** floor(fee x refunded / amount): a full refund gives back all of it. Exact: below 2^53. */
function feeBack({ amountCents, feeCents }: PurchaseFacts, refundedCents: Cents): Cents {
  const product = BigInt(feeCents) * BigInt(refundedCents);
  return cents(Number(product / BigInt(amountCents)));
}
