/**
 * One customer, by the events of the account alone and by what the bank did: each purchase with its
 * life, each refund, each debt. What an event must post is worked out here anew, and every event
 * that the life of a purchase does not allow is a broken invariant.
 */
import type { AccountEvent } from "../../actors/account-messages.ts";
import { demand } from "./demand.ts";
import { BLOCK_OF, meaningOfCode } from "./money-codes.ts";
import { hearDebt, hearGranted, hearSetOff } from "./money-debts.ts";
import type { Heard } from "./money-engine.ts";
import { hearFee, isFeeEvent } from "./money-fees.ts";
import { hearFiling } from "./money-filing.ts";
import { hearReturn } from "./money-returns.ts";
import { hearReversal } from "./money-reversals.ts";
import { hearStopped, isStoppedEvent } from "./money-stopped.ts";
import { NOTICED } from "./money-town.ts";
import { CAP_CENTS, CustomerBooks, type Delta, type Life } from "./money-world.ts";

type Of<Kind extends AccountEvent["kind"]> = Extract<AccountEvent, { kind: Kind }>;

/** What may raise the limit: money that came, or a debt that somebody bears. */
const MAY_GROW: ReadonlySet<string> = new Set([
  "DebitsCollected",
  "RefundGranted",
  "PaidByHand",
  "DuePaidByHand",
  "RefundSetOff",
  "DebtWrittenOff",
  "DisputeDecided",
  // Of what was debited twice: nobody owes it any more.
  "DebitReversed",
]);

export class CustomerAudit extends CustomerBooks {
  #command = "";

  hear({ event, commandId, principal }: Heard): readonly Delta[] {
    if (commandId !== this.#command) this.#endCommand();
    this.#command = commandId;
    const before = this.available;
    const deltas = this.#handle(event as AccountEvent, commandId, principal);
    if (this.available > before) {
      demand(MAY_GROW.has(event.kind), "limits grow when money comes", () => event);
    }
    if (this.exposure > CAP_CENTS) this.world.rare.reach("exposure above cap");
    return deltas;
  }

  #endCommand(): void {
    this.returned = undefined;
  }

  #handle(event: AccountEvent, commandId: string, principal: string): readonly Delta[] {
    switch (event.kind) {
      case "AccountOpened":
        this.personId = event.personId;
        this.token = event.vault.bankAccount;
        this.hasNotice = event.mandate.textVersion === NOTICED;
        return [];
      case "PaymentAuthorised":
        demand(this.blocks.size === 0, "I9", () => event);
        demand(event.amountCents <= this.room, "I5", () => [event, this.room]);
        this.holds.set(event.paymentId, event.amountCents);
        return [];
      case "PaymentCaptured":
        return this.#captured(event);
      case "AccountBlocked":
        demand(!this.blocks.has(event.reason), "a block is opened once", () => event);
        this.#demandBlock(event.reason);
        this.blocks.add(event.reason);
        return [];
      case "BlockLifted":
        demand(this.blocks.delete(event.reason), "only an open block is lifted", () => event);
        return this.#lifted(event);
      case "PrenoteFiled":
      case "DebitsFiled":
      case "RefundsFiled":
      case "PrenoteUnfiled":
      case "DebitsUnfiled":
      case "RefundsUnfiled":
      case "DebitsCollected":
      case "RefundsPaid":
        return hearFiling(this, event);
      case "PrenoteReturned":
      case "DebitReturned":
      case "DebitReopened":
      case "RefundReturned":
      case "MandateEnded":
      case "BankAccountRejected":
        return hearReturn(this, event);
      case "PaymentProposed":
      case "PaidByHand":
      case "DuePaidByHand":
      case "DebtRecovered":
      case "RetryAllowed":
      case "WriteOffProposed":
      case "DebtWrittenOff":
      case "DisputeDecided":
        return hearDebt(this, event, principal);
      case "RefundGranted":
        return hearGranted(this, event, commandId);
      case "DebitReversed":
      case "ReversalLapsed":
        return hearReversal(this, event);
      case "RefundSetOff":
        return hearSetOff(this, event);
      case "BankAccountReplaced":
        if (this.sum("in flight") > 0) this.world.rare.reach("bank account replaced in flight");
        // With a mandate of its own.
        if (this.isMandateEnded) this.world.rare.reach("mandate given anew");
        this.isMandateEnded = false;
        this.hasNotice = event.mandate?.textVersion === NOTICED;
        for (const fee of this.feesOwed) fee.by = null;
        this.bankAccount = { kind: "unchecked" };
        this.bankAccounts++;
        this.token = event.token;
        return [];
      case "BankAccountCorrected":
        this.token = event.token;
        return [];
      default:
        if (isStoppedEvent(event)) return hearStopped(this, event, principal);
        return isFeeEvent(event) ? hearFee(this, event, principal) : [];
    }
  }

  #captured({ receipt, feeCents }: Of<"PaymentCaptured">): readonly Delta[] {
    const { paymentId, amountCents: amount, payee } = receipt;
    demand(this.holds.get(paymentId) === amount, "what is captured was held", () => receipt);
    this.holds.delete(paymentId);
    const fee = this.world.feeOf(payee.merchantNumber, amount);
    demand(feeCents === fee, "the fee", () => [receipt, feeCents, fee]);
    const terms = { paymentId, amount, fee, shop: payee.merchantNumber, left: amount };
    const counts = {
      attempts: [],
      refunded: 0,
      asked: 0,
      feeBack: 0,
      loss: undefined,
      proposedBy: undefined,
    };
    const life: Life = {
      ...terms,
      ...counts,
      stage: "due",
      isReduced: false,
      hadFee: false,
      isAllowed: false,
      wasCollected: false,
    };
    this.lives.push(life);
    this.world.lives.set(paymentId, { life, customer: this });
    this.world.shop(life.shop).credited += amount - fee;
    return [
      [this.account("due"), amount],
      [`merch:${life.shop}:payable`, fee - amount],
      ["income:merchant_fee", -fee],
    ];
  }

  /** A block that no return and no customer asked for harms somebody. */
  #demandBlock(reason: string): void {
    if (this.returned === undefined) return;
    const meaning = meaningOfCode(this.returned.entry.back?.code ?? "");
    const expected = meaning === undefined ? undefined : BLOCK_OF[meaning];
    demand(expected === reason, "a return blocks by its code", () => [reason, meaning]);
  }

  #lifted({ reason }: Of<"BlockLifted">): readonly Delta[] {
    if (reason !== "collection_failed") return [];
    demand(this.debt === 0, "a block ends with the debt, principal and fee", () => this.debt);
    demand(!this.isTried, "a retry that is under way is no payment", () => this.lives);
    return [];
  }
}
