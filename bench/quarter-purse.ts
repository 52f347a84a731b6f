/** What the books of a simulated quarter know of one customer: purchases, refunds, fees, debts. */
import type { AccountEvent } from "../actors/account-messages.ts";
import type { AccountId, LaneId, PaymentId, PaymentRequestId, PersonId } from "../actors/ids.ts";
import type { Cents } from "../actors/money.ts";
import { demand } from "./quarter-demand.ts";

/** A purchase that is open is a part of the exposure. */
export type OpenStage = "due" | "in_flight" | "returned" | "disputed";
export type Stage = OpenStage | "collected" | "ended";

/** A captured purchase. */
export interface Life {
  readonly paymentId: PaymentId;
  readonly accountId: AccountId;
  readonly laneId: LaneId;
  readonly requestId: PaymentRequestId;
  readonly merchantNumber: number;
  readonly amountCents: Cents;
  readonly feeCents: Cents;
  /** What of it is owed to us, in whatever stage. */
  leftCents: number;
  stage: Stage;
  /** Where it goes back to when its file is not sent. */
  before: "due" | "returned";
  fileId: string;
  trace: number;
  refundedCents: number;
}

interface Owed {
  cents: number;
  /** File and trace of one that is on its way. */
  sent: { readonly fileId: string; readonly trace: number } | undefined;
}

type Of<Kind extends AccountEvent["kind"]> = Extract<AccountEvent, { kind: Kind }>;

export class Purse {
  /** Those that are not collected. */
  readonly open = new Map<string, Life>();
  readonly refunds = new Map<string, Owed>();
  /** Since when, Unix milliseconds. */
  readonly blocks = new Map<string, number>();
  holds = 0;
  feesCents = 0;
  readonly capCents: number;

  constructor(
    readonly accountId: AccountId,
    readonly personId: PersonId,
    capCents: number,
  ) {
    this.capCents = capCents;
  }

  /** What is owed to us, by stage. */
  sums(): Record<OpenStage, number> {
    const sums = { due: 0, in_flight: 0, returned: 0, disputed: 0 };
    for (const { stage, leftCents } of this.open.values()) sums[stage as OpenStage] += leftCents;
    return sums;
  }

  get exposureCents(): number {
    let cents = 0;
    for (const { leftCents } of this.open.values()) cents += leftCents;
    return cents;
  }

  /** Owed to the customer and not on its way. */
  get owedCents(): number {
    let cents = 0;
    for (const owed of this.refunds.values()) if (owed.sent === undefined) cents += owed.cents;
    return cents;
  }

  life(paymentId: string, ...stages: readonly Stage[]): Life {
    const life = this.open.get(paymentId);
    const isRight = life !== undefined && stages.includes(life.stage);
    demand(isRight, "once", () => `${paymentId} is ${life?.stage ?? "closed"}, not ${stages}`);
    return life;
  }

  /** A part of it, or all, is no longer owed by the customer. */
  lower(life: Life, cents: number): void {
    life.leftCents -= cents;
    demand(life.leftCents >= 0, "I3", () => `${life.paymentId} is below zero`);
    if (life.leftCents === 0) this.close(life, "ended");
  }

  close(life: Life, stage: "collected" | "ended"): void {
    life.stage = stage;
    life.leftCents = 0;
    this.open.delete(life.paymentId);
  }

  reopen(life: Life, stage: "returned" | "disputed", cents: number): void {
    life.stage = stage;
    life.leftCents = cents;
    this.open.set(life.paymentId, life);
  }

  /** Debts that people deal with. */
  hearDebt(
    event: Of<
      | "ReturnFeeCharged"
      | "PaidByHand"
      | "RefundSetOff"
      | "DebtWrittenOff"
      | "DisputeDecided"
      | "RefundGranted"
    >,
  ): void {
    switch (event.kind) {
      case "ReturnFeeCharged":
        this.feesCents += event.feeCents;
        return;
      case "PaidByHand": {
        for (const { paymentId, cents } of event.principal) {
          this.lower(this.life(paymentId, "returned"), cents);
        }
        this.feesCents -= event.feesCents;
        const { excess } = event;
        if (excess !== null) this.owe(excess.refundId, excess.cents);
        return;
      }
      case "RefundSetOff": {
        const { refundId, paymentId, amountCents } = event;
        this.owe(refundId, -amountCents);
        const life = this.open.get(paymentId);
        // Of a debt that was given up it lowers the loss, which is nobody's exposure.
        if (life !== undefined) this.lower(life, amountCents);
        return;
      }
      case "DebtWrittenOff":
        this.#giveUp(this.life(event.paymentId, event.from), event.amountCents);
        return;
      case "DisputeDecided":
        this.#giveUp(this.life(event.paymentId, "disputed"), event.amountCents);
        return;
      case "RefundGranted": {
        const { paymentId, refundId, dueCents, owedCents } = event;
        if (dueCents > 0) this.lower(this.life(paymentId, "due"), dueCents);
        if (owedCents > 0) this.owe(refundId, owedCents);
        return;
      }
    }
  }

  #giveUp(life: Life, cents: number): void {
    demand(life.leftCents === cents, "I3", () => `${life.paymentId} is given up in part`);
    this.close(life, "ended");
  }

  owe(refundId: string, cents: number): void {
    const owed = this.refunds.get(refundId) ?? { cents: 0, sent: undefined };
    owed.cents += cents;
    demand(owed.cents >= 0 && owed.sent === undefined, "once", () => `${refundId} is paid twice`);
    if (owed.cents === 0) this.refunds.delete(refundId);
    else this.refunds.set(refundId, owed);
  }
}
