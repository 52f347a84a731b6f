/**
 * A captured purchase, as far as money goes back to its payer. It has an actor only once somebody
 * asks for a refund: the facts come from the event that captured it and never change. It holds the
 * sum of refunds to the amount (docs/money.md, I8), and gives the merchant's fee back by its part.
 * What the desk refunds is not the desk's money: one operator proposes, another one asks for the
 * same amount for the same reason; the words of both stand beside the refund.
 */
import {
  type ActorDefinition,
  answerOnly,
  type Decision,
  decided,
  type Meta,
  type StoredBody,
  send,
} from "./actor.ts";
import { assert, unreachable } from "./assert.ts";
import type { AccountId, LaneId, PaymentId, PaymentRequestId, RefundId } from "./ids.ts";
import { addCents, type Cents, cents, subtractCents, ZERO_CENTS } from "./money.ts";
import type { Refusal } from "./refusals.ts";
import type { GiveShare } from "./settlement-messages.ts";

/** What the event that captured the purchase says. */
export interface PurchaseFacts {
  readonly paymentId: PaymentId;
  readonly accountId: AccountId;
  readonly merchantNumber: number;
  readonly laneId: LaneId;
  readonly requestId: PaymentRequestId;
  readonly amountCents: Cents;
  readonly feeCents: Cents;
}

/** Why money is given back; a choice and no text, so that nobody writes about a payer. */
export const REFUND_REASONS = [
  "goods_returned",
  "not_delivered",
  "wrong_amount",
  "paid_twice",
  "goodwill",
  "other",
] as const;

export type RefundReason = (typeof REFUND_REASONS)[number];

interface RefundTerms {
  readonly refundId: RefundId;
  readonly facts: PurchaseFacts;
  readonly amountCents: Cents;
  readonly reason: RefundReason;
  /** The desk's; null where the merchant refunds. */
  readonly note: string | null;
}

export type PurchaseCommand =
  | (RefundTerms & {
      readonly kind: "RefundPurchase";
      /** Credited to the merchant so far, by a view that may lag: never too much. */
      readonly creditedCents: Cents;
      /** `two`: the first to ask proposes, and another one who asks for the same agrees. */
      readonly persons: "one" | "two";
    })
  | { readonly kind: "DescribePurchase" };

export type PurchaseEvent =
  | (RefundTerms & {
      readonly kind: "PurchaseRefunded";
      /** The part of the merchant's fee that goes back with it. */
      readonly feeCents: Cents;
      /** Who asked for it first, and why; null where one may refund alone, and before version 2. */
      readonly proposed: Pick<RefundProposal, "by" | "note"> | null;
    })
  | ({ readonly kind: "RefundProposed" } & RefundProposal);

export interface RefundProposal {
  readonly refundId: RefundId;
  readonly amountCents: Cents;
  readonly reason: RefundReason;
  readonly note: string | null;
  readonly by: string;
}

export interface PurchaseState {
  readonly refundedCents: Cents;
  readonly feeBackCents: Cents;
  readonly refunds: readonly { readonly refundId: RefundId; readonly amountCents: Cents }[];
  /** The newest one that waits for a second person. */
  readonly proposal: RefundProposal | null;
}

export type PurchaseReply =
  | Refusal
  | {
      readonly kind: "purchase_refunded";
      readonly refundId: RefundId;
      readonly amountCents: Cents;
      /** Of the purchase, with this refund. */
      readonly refundedCents: Cents;
    }
  | { readonly kind: "refund_proposed"; readonly proposal: RefundProposal }
  | { readonly kind: "purchase"; readonly state: PurchaseState };

/** Refunds of one purchase. */
export const REFUNDS_MAX = 50;

type PurchaseDecision = Decision<PurchaseEvent, PurchaseReply>;
type RefundPurchase = Extract<PurchaseCommand, { kind: "RefundPurchase" }>;

export const purchaseActor: ActorDefinition<
  PurchaseState,
  PurchaseCommand,
  PurchaseEvent,
  PurchaseReply
> = {
  kind: "purchase",
  schemaVersion: 2,
  eventKinds: ["PurchaseRefunded", "RefundProposed"],
  init: () => ({
    ...{ refundedCents: ZERO_CENTS, feeBackCents: ZERO_CENTS, refunds: [], proposal: null },
  }),
  decide(state, command, meta) {
    switch (command.kind) {
      case "DescribePurchase":
        return answerOnly({ kind: "purchase", state });
      case "RefundPurchase":
        return refund(state, command, meta);
      default:
        return unreachable(command);
    }
  },
  apply,
  upcast(stored: StoredBody) {
    assert(stored.version === 1 || stored.version === 2, "purchase events have versions 1 and 2");
    const event = stored.body as PurchaseEvent;
    const isOld = stored.version === 1 && event.kind === "PurchaseRefunded";
    return isOld ? { ...event, proposed: null } : event;
  },
};

function refund(state: PurchaseState, command: RefundPurchase, meta: Meta): PurchaseDecision {
  const { refundId, facts, amountCents, creditedCents, reason, note } = command;
  assert(amountCents > 0, "a refund has an amount");
  const { refundedCents } = state;
  const known = state.refunds.find((other) => other.refundId === refundId);
  if (known !== undefined) {
    return answerOnly({ kind: "purchase_refunded", ...known, refundedCents });
  }
  const leftCents = subtractCents(facts.amountCents, refundedCents);
  if (amountCents > leftCents) return answerOnly({ kind: "refund_too_high", leftCents });
  if (state.refunds.length >= REFUNDS_MAX) return answerOnly({ kind: "too_many_refunds" });
  const missing = command.persons === "two" ? secondPerson(state, command, meta) : undefined;
  if (missing !== undefined) return missing;
  // From here the refund succeeds.
  const sumCents = addCents(refundedCents, amountCents);
  const feeCents = subtractCents(feeBack(facts, sumCents), state.feeBackCents);
  const { accountId, paymentId, merchantNumber } = facts;
  const give: GiveShare = {
    ...{ kind: "GiveShare", refundId, accountId, paymentId, amountCents, feeCents, creditedCents },
  };
  const { proposal } = state;
  const isAgreed = command.persons === "two" && proposal !== null;
  const event: PurchaseEvent = {
    ...{ kind: "PurchaseRefunded", refundId, facts, amountCents, feeCents, reason, note },
    proposed: isAgreed ? { by: proposal.by, note: proposal.note } : null,
  };
  const reply = { kind: "purchase_refunded", refundId, amountCents } as const;
  return decided([event], { ...reply, refundedCents: sumCents }, [
    send({ kind: "merchant", id: String(merchantNumber) }, give),
  ]);
}

/** The word of one person; undefined where another one has proposed the same before. */
function secondPerson(
  { proposal }: PurchaseState,
  { refundId, amountCents, reason, note }: RefundPurchase,
  { principal: by }: Meta,
): PurchaseDecision | undefined {
  if (proposal?.refundId === refundId) return answerOnly({ kind: "refund_proposed", proposal });
  if (proposal?.amountCents === amountCents && proposal.reason === reason) {
    return proposal.by === by ? answerOnly({ kind: "second_person_needed" }) : undefined;
  }
  const proposed = { refundId, amountCents, reason, note, by };
  return decided([{ kind: "RefundProposed", ...proposed }], {
    kind: "refund_proposed",
    proposal: proposed,
  });
}

function apply(state: PurchaseState, event: PurchaseEvent): PurchaseState {
  switch (event.kind) {
    case "RefundProposed": {
      const { refundId, amountCents, reason, note, by } = event;
      return { ...state, proposal: { refundId, amountCents, reason, note, by } };
    }
    case "PurchaseRefunded": {
      const { refundId, facts, amountCents, feeCents } = event;
      const refundedCents = addCents(state.refundedCents, amountCents);
      assert(refundedCents <= facts.amountCents, "refunds never exceed the purchase");
      return {
        refundedCents,
        feeBackCents: addCents(state.feeBackCents, feeCents),
        refunds: [...state.refunds, { refundId, amountCents }],
        proposal: null,
      };
    }
    default:
      return unreachable(event);
  }
}

/** floor(fee x refunded / amount): a full refund gives back all of it. Exact: below 2^53. */
function feeBack({ amountCents, feeCents }: PurchaseFacts, refundedCents: Cents): Cents {
  const product = BigInt(feeCents) * BigInt(refundedCents);
  return cents(Number(product / BigInt(amountCents)));
}
