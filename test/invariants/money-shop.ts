/** One merchant, by its events and by those of its payers. */
import type { MerchantEvent } from "../../actors/merchant.ts";
import { demand } from "./demand.ts";
import { notReversed } from "./money-bank.ts";
import type { Delta, ShopBooks, World } from "./money-world.ts";

interface PayoutAudit {
  readonly amount: number;
  stage: "made" | "filed" | "arrived" | "returned";
  fileId: string | undefined;
}

export class ShopAudit implements ShopBooks {
  credited = 0;
  taken = 0;
  /** What the merchant itself knows that it owes. */
  receivable = 0;
  toNote = 0;
  token: string | null = null;
  bankAccounts = 0;
  readonly payouts = new Map<string, PayoutAudit>();

  constructor(
    readonly number: number,
    private readonly world: World,
  ) {}

  hear(event: MerchantEvent, commandId: string): readonly Delta[] {
    const payable = `merch:${this.number}:payable`;
    const { rare, bank } = this.world;
    switch (event.kind) {
      case "ShareGiven":
        return this.#shareGiven(event, commandId);
      case "DebtNoted":
        this.toNote -= event.amountCents;
        demand(this.toNote >= 0, "a debt is noted once", () => event);
        this.receivable += event.amountCents;
        return [];
      case "BankAccountSet":
        this.token = event.token;
        this.bankAccounts++;
        return [];
      case "ReceivableNetted":
        this.receivable -= event.amountCents;
        this.taken += event.amountCents;
        demand(this.receivable >= 0, "no more is netted than is owed", () => event);
        demand(this.taken <= this.credited, "I13", () => [event, this.taken, this.credited]);
        rare.reach("receivable netted");
        return [
          [payable, event.amountCents],
          [`merch:${this.number}:receivable`, -event.amountCents],
        ];
      case "PayoutMade":
        this.taken += event.amountCents;
        demand(this.taken <= this.credited, "I13", () => [event, this.taken, this.credited]);
        demand(this.receivable === 0, "a debt is netted first", () => [event, this.receivable]);
        demand(!this.payouts.has(event.payoutId), "a payout has a new id", () => event);
        this.payouts.set(event.payoutId, {
          ...{ amount: event.amountCents, stage: "made", fileId: undefined },
        });
        rare.reach("payout made");
        return [];
      case "PayoutFiled": {
        const { payoutId, fileId, trace, effectiveOn, amountCents: amount } = event;
        const payout = this.#payout(payoutId, "made");
        demand(payout.amount === amount, "the whole payout", () => event);
        demand(event.bankAccount === this.token, "the bank account of today", () => event);
        Object.assign(payout, { stage: "filed", fileId });
        this.world.enter({
          ...{ fileId, trace, effectiveOn, subject: { kind: "payout", payoutId } },
          ...{ direction: "credit", amount, merchantNumber: this.number },
          ...{ owner: { kind: "merchant", id: String(this.number) } },
          ...{ bankAccount: this.bankAccounts, attempt: 1, back: undefined, isDone: false },
          ...{ token: event.bankAccount, reversal: notReversed() },
        });
        return [
          [payable, amount],
          ["ach:out", -amount],
        ];
      }
      case "PayoutUnfiled": {
        const payout = this.#payout(event.payoutId, "filed");
        const file = bank.file(payout.fileId ?? "");
        demand(file.isTaken === false, "only what was not sent", () => event);
        this.#done(file.id, event.payoutId);
        payout.stage = "made";
        return [
          ["ach:out", payout.amount],
          [payable, -payout.amount],
        ];
      }
      case "PayoutArrived": {
        const payout = this.#payout(event.payoutId, "filed");
        payout.stage = "arrived";
        this.world.demandWindow(payout.fileId ?? "");
        this.#done(payout.fileId ?? "", event.payoutId);
        return [];
      }
      case "PayoutReturned":
        return this.#payoutReturned(event, payable);
      default:
        return [];
    }
  }

  #shareGiven(
    { paymentId, amountCents, share }: Extract<MerchantEvent, { kind: "ShareGiven" }>,
    commandId: string,
  ): readonly Delta[] {
    const life = this.world.lives.get(paymentId)?.life;
    demand(life?.shop === this.number, "whose purchase", () => [paymentId, life]);
    const { payableCents, receivableCents } = share;
    // A full refund gives back all of the fee, a part its part, rounded down.
    const key = `${commandId}>0`;
    const fee = this.world.shares.get(commandId)?.fee ?? -1;
    this.world.shares.delete(commandId);
    this.world.shares.set(key, { payable: payableCents, receivable: receivableCents, fee });
    const given = payableCents + receivableCents + fee;
    demand(given === amountCents, "merchant and fee give the refund", () => [share, fee]);
    this.taken += payableCents;
    demand(this.taken <= this.credited, "I13", () => [share, this.taken, this.credited]);
    this.receivable += receivableCents;
    if (receivableCents > 0) this.world.rare.reach("merchant receivable");
    return [];
  }

  #payoutReturned(
    { payoutId, amountCents, trace }: Extract<MerchantEvent, { kind: "PayoutReturned" }>,
    payable: string,
  ): readonly Delta[] {
    const payout = this.payouts.get(payoutId);
    const isSent = payout?.stage === "filed" || payout?.stage === "arrived";
    demand(isSent && payout.amount === amountCents, "what was sent", () => [payoutId, payout]);
    const entry = this.world.heardBack(trace, String(this.number));
    payout.stage = "returned";
    this.taken -= amountCents;
    // The bank account of today is to blame only when it went there.
    if (entry.bankAccount === this.bankAccounts) this.token = null;
    this.world.rare.reach("return of a payout");
    return [
      [entry.back?.isCounted === "settled" ? "cash:bank" : "ach:out", amountCents],
      [payable, -amountCents],
    ];
  }

  #payout(payoutId: string, stage: PayoutAudit["stage"]): PayoutAudit {
    const payout = this.payouts.get(payoutId);
    demand(payout?.stage === stage, "a payout goes from step to step", () => [payoutId, payout]);
    return payout;
  }

  #done(fileId: string, payoutId: string): void {
    const entry = this.world.bank.file(fileId).entries.find(({ subject }) => {
      return subject.kind === "payout" && subject.payoutId === payoutId;
    });
    demand(entry !== undefined, "an entry that was sent", () => payoutId);
    entry.isDone = true;
  }
}
