/** Refunds that cannot be sent: who may resolve what, and where the money goes. */
import type { AccountEvent } from "../../actors/account-messages.ts";
import type { RefundByHandEvent } from "../../actors/refund-by-hand-messages.ts";
import {
  STOPPED_REFUND_EVENT_KINDS,
  type StoppedRefundEvent,
} from "../../actors/stopped-refund-messages.ts";
import { demand } from "./demand.ts";
import { isStrangers } from "./money-reversals.ts";
import type { CustomerBooks, Delta, RefundAudit } from "./money-world.ts";

type StoppedEvent = StoppedRefundEvent | RefundByHandEvent;

const KINDS: ReadonlySet<string> = new Set([
  ...STOPPED_REFUND_EVENT_KINDS,
  ...(["RefundByHandProposed", "RefundPaidByHand"] satisfies RefundByHandEvent["kind"][]),
]);

export function isStoppedEvent(event: AccountEvent): event is StoppedEvent {
  return KINDS.has(event.kind);
}

export function hearStopped(
  customer: CustomerBooks,
  event: StoppedEvent,
  principal: string,
): readonly Delta[] {
  const refund = customer.refund(event.refundId);
  switch (event.kind) {
    case "RefundResolutionProposed":
      demand(event.by === principal, "who proposes", () => [event, principal]);
      refund.proposal = { resolution: event.resolution, by: principal };
      return [];
    case "RefundByHandProposed":
      demand(event.by === principal, "who proposes", () => [event, principal]);
      refund.byHandBy = principal;
      return [];
    case "RefundSentAgain":
      agreed(customer, refund, "send_again", principal);
      demand(refund.stage === "owed" && !isStrangers(refund), "whose money it is", () => refund);
      return [];
    case "RefundUnclaimed": {
      agreed(customer, refund, "unclaimed", principal);
      const from = takenFrom(customer, refund, event.amountCents);
      demand(refund.stage === "owed", "what waits is resolved", () => [event, refund]);
      refund.stage = "unclaimed";
      return [
        [from, refund.left],
        ["owed:unclaimed", -refund.left],
      ];
    }
    case "RefundPaidByHand": {
      const { byHandBy } = refund;
      const isAgreed = byHandBy !== undefined && byHandBy !== principal;
      demand(isAgreed, "two people pay a refund by hand", () => [event, refund, principal]);
      const from = takenFrom(customer, refund, event.amountCents);
      refund.stage = "paid";
      customer.world.rare.reach("refund paid by hand");
      return [
        [from, refund.left],
        ["cash:bank", -refund.left],
      ];
    }
  }
}

function agreed(
  { world }: CustomerBooks,
  refund: RefundAudit,
  resolution: "send_again" | "unclaimed",
  principal: string,
): void {
  const { proposal } = refund;
  const isAgreed = proposal?.resolution === resolution && proposal.by !== principal;
  demand(isAgreed, "two people resolve a refund", () => [refund, principal]);
  refund.proposal = undefined;
  world.rare.reach(`refund ${resolution}`);
}

/** The ledger account that it was owed in. */
function takenFrom(customer: CustomerBooks, refund: RefundAudit, amountCents: number): string {
  demand(amountCents === refund.left, "what is owed", () => [refund, amountCents]);
  if (refund.stage === "unclaimed") return "owed:unclaimed";
  demand(refund.stage === "owed", "what waits is resolved", () => refund);
  if (!isStrangers(refund)) demandFree(customer, refund);
  return customer.account("refund_payable");
}

/** I8, and nothing moves under compliance. */
function demandFree(customer: CustomerBooks, refund: RefundAudit): void {
  const { life } = refund;
  demand(!customer.blocks.has("compliance"), "nothing moves under compliance", () => refund);
  if (life === undefined) {
    demand(customer.debt === 0 && !customer.isTried, "a debt is paid first", () => refund);
    return;
  }
  const isKept = refund.wasReversal === true && life.stage === "nothing left";
  demand(life.stage === "collected" || isKept, "I8", () => refund);
}
