/**
 * People at the desk and at home in a simulated quarter: what they do about debits that came back.
 * Debts are paid by hand, exactly, in part or too much; some are written off by two people, and
 * paid later after all. Disputes are decided, bank accounts replaced, purchases refunded, and what
 * the bank sent and nobody understood is cleared.
 */
import type { AccountCommand, AccountView } from "../actors/account-messages.ts";
import type { AchInboundCommand } from "../actors/ach-inbound.ts";
import type { BlockReason } from "../actors/block.ts";
import { debtCents, type Purchase } from "../actors/collection-state.ts";
import { encodeId, ID_BYTES } from "../actors/ids.ts";
import { cents } from "../actors/money.ts";
import type { PurchaseCommand } from "../actors/purchase.ts";
import type { Services } from "../src/http/services.ts";
import { AMOUNT_ACCOUNT, GOOD_ACCOUNT } from "../src/rails/bank-twin/reactions.ts";
import type { Dice } from "./dice.ts";
import type { QuarterBooks } from "./quarter-books.ts";
import type { Life, Purse } from "./quarter-purse.ts";
import { type Citizen, sealBankAccount } from "./quarter-town.ts";

const DAY_MS = 86_400_000;
/** Credits of a class that refunds are sent with come back (docs/sandbox.md). */
const REFUNDS_COME_BACK = "9990000043";
/** Returns in suspense that are cleared with the bank in a morning. */
const CLEARED_A_DAY = 8;
/** How long a customer takes to call. */
const CALL_AFTER_MS = 2 * DAY_MS;
const RECOVERED_AFTER_MS = 12 * DAY_MS;
/** Of disputes, so that each outcome is met with and without. */
const GIVEN_IN = 4;
const OUTCOMES = ["merchant_pays", "lost", "won"] as const;
const ALICE: string = "desk:alice";
const BOB = "desk:bob";

type Returned = Extract<Purchase, { stage: "returned" }>;

export class QuarterDesk {
  /** Debits for which the customer has agreed anew. */
  readonly #allowed = new Set<string>();
  readonly #citizens: ReadonlyMap<string, Citizen>;
  #disputes = 0;
  #paid = 0;

  constructor(
    private readonly services: Pick<Services, "host" | "vault" | "clock">,
    citizens: readonly Citizen[],
    private readonly books: QuarterBooks,
    private readonly dice: Dice,
  ) {
    this.#citizens = new Map(citizens.map((one) => [one.accountId, one]));
  }

  /** A banking day's work on those who have been blocked for a while. */
  async morning(): Promise<void> {
    const nowMs = this.services.clock.nowMs();
    for (const purse of this.books.purses.values()) {
      for (const sinceMs of purse.blocks.values()) {
        if (nowMs - sinceMs < CALL_AFTER_MS) continue;
        await this.#call(purse, nowMs - sinceMs);
        break;
      }
    }
    await this.#clearSuspense();
  }

  async #call(purse: Purse, blockedMs: number): Promise<void> {
    const view = await this.#describe(purse);
    const reasons = view.blocks.map(({ reason }) => reason);
    for (const reason of reasons) {
      if (reason === "collection_failed") await this.#debt(purse, view, blockedMs);
      else if (reason === "disputed") await this.#disputed(purse, view);
      else await this.#lift(purse, reason);
    }
  }

  async #describe({ accountId }: Purse): Promise<AccountView> {
    const ref = { kind: "account", id: accountId };
    const reply = await this.services.host.ask(
      ref,
      { kind: "DescribeAccount" },
      { principal: ALICE },
    );
    if (reply.kind !== "account") throw new Error(`an account describes itself: ${reply.kind}`);
    return reply as AccountView;
  }

  async #tell({ accountId }: Purse, command: AccountCommand, principal = ALICE): Promise<void> {
    await this.services.host.ask({ kind: "account", id: accountId }, command, { principal });
  }

  #lift(purse: Purse, reason: BlockReason): Promise<void> {
    return this.#tell(purse, { kind: "LiftBlock", reason, note: "heard" });
  }

  /** Who has ended the mandate stays blocked: nothing can be collected any more. */
  async #disputed(purse: Purse, { collection }: AccountView): Promise<void> {
    for (const { paymentId, stage } of collection.purchases) {
      if (stage !== "disputed") continue;
      const life = this.books.lives.get(paymentId);
      // Some shops give in before it is decided.
      if (life !== undefined && this.#disputes % GIVEN_IN === 0) await this.#refund(life);
      const outcome = OUTCOMES[this.#disputes++ % OUTCOMES.length] ?? "lost";
      await this.#tell(purse, { kind: "DecideDispute", paymentId, outcome, note: "decided" });
    }
    if (!collection.isMandateEnded) await this.#lift(purse, "disputed");
  }

  async #debt(purse: Purse, view: AccountView, blockedMs: number): Promise<void> {
    const { collection } = view;
    const returned = collection.purchases.filter(
      (one): one is Returned => one.stage === "returned",
    );
    if (collection.bankAccount.kind === "invalid") await this.#replace(purse, view);
    const isTried = collection.purchases.some((one) => {
      return one.stage === "in_flight" && one.sent.attempt > 1;
    });
    const isWaiting = isTried || returned.some(({ returned: back }) => back.retryFrom !== null);
    // Most wait for the second attempt; some pay beside it, and get it back.
    if (isWaiting && !this.dice.perMille(30)) return;
    const stopped = returned.find(({ paymentId, returned: back }) => {
      return back.code === "R08" && !back.isFinal && !this.#allowed.has(paymentId);
    });
    if (stopped !== undefined && !isWaiting) {
      this.#allowed.add(stopped.paymentId);
      const { paymentId } = stopped;
      await this.#tell(purse, { kind: "AllowRetry", paymentId, note: "agreed anew" });
      return;
    }
    await this.#pay(purse, debtCents(collection), returned, blockedMs);
  }

  async #pay(
    purse: Purse,
    debt: number,
    returned: readonly Returned[],
    blockedMs: number,
  ): Promise<void> {
    if (debt === 0) return;
    const isUnpaying = this.dice.perMille(100);
    if (isUnpaying && returned.length > 0) {
      for (const { paymentId } of returned) {
        for (const by of [ALICE, BOB]) {
          await this.#tell(purse, { kind: "WriteOff", paymentId, note: "no hope" }, by);
        }
      }
      return;
    }
    if (returned.length === 0 && blockedMs < RECOVERED_AFTER_MS) return;
    const how = this.#paid++ % 6;
    if (how === 0) return await this.#payByHand(purse, Math.ceil(debt / 2), debt);
    await this.#payByHand(purse, how === 1 ? debt + 111 : debt, debt);
  }

  async #payByHand(purse: Purse, amount: number, debt: number): Promise<void> {
    const excessId = encodeId("refund", this.dice.bytes(ID_BYTES));
    this.books.byHandCents += amount;
    const paid = { amountCents: cents(amount), evidence: `receipt ${this.#paid}`, excessId };
    // Who pays too much is believed when two people say so: the other one's word is the same.
    for (const by of amount > debt ? [ALICE, BOB] : [ALICE]) {
      await this.#tell(purse, { kind: "RecordPayment", ...paid }, by);
    }
  }

  async #replace(purse: Purse, { collection, vault }: AccountView): Promise<void> {
    const { accountId } = purse;
    const citizen = this.#citizens.get(accountId);
    if (citizen === undefined) throw new Error(`${accountId} lives in the town`);
    citizen.bankNumber = this.dice.perMille(500) ? GOOD_ACCOUNT : AMOUNT_ACCOUNT;
    const token = sealBankAccount(this.services, accountId, citizen.personId, citizen.bankNumber);
    const number = collection.bankAccountNumber + 1;
    const mandate = { textVersion: "1", textHash: "anew", signature: null, address: null };
    const named = { token, person: vault.person, number, mandate, others: [] };
    await this.#tell(purse, { kind: "ReplaceBankAccount", ...named });
  }

  /** Merchants give back so many of these purchases. */
  async refunds(paymentIds: readonly string[], count: number): Promise<void> {
    if (paymentIds.length === 0) return;
    const picked = Array.from({ length: count }, () => this.dice.pick(paymentIds));
    const odd = paymentIds.filter((paymentId) => this.#comesBack(paymentId));
    if (odd.length > 0) picked.push(this.dice.pick(odd));
    for (const paymentId of picked) {
      const life = this.books.lives.get(paymentId);
      if (life !== undefined) await this.#refund(life);
    }
  }

  /** The bank sends a refund of it back. */
  #comesBack(paymentId: string): boolean {
    const { accountId = "" } = this.books.lives.get(paymentId) ?? {};
    return this.#citizens.get(accountId)?.bankNumber === REFUNDS_COME_BACK;
  }

  /** All of it, or a part. */
  async #refund(life: Life): Promise<void> {
    const { paymentId, accountId, merchantNumber, laneId, requestId, amountCents, feeCents } = life;
    const left = amountCents - life.refundedCents;
    if (left === 0) return;
    const facts = {
      paymentId,
      accountId,
      merchantNumber,
      laneId,
      requestId,
      amountCents,
      feeCents,
    };
    const part = this.dice.perMille(600) ? left : Math.ceil(left / 3);
    const creditedCents = cents(this.books.credited.get(merchantNumber) ?? 0);
    const refundId = encodeId("refund", this.dice.bytes(ID_BYTES));
    const command: PurchaseCommand = {
      ...{ kind: "RefundPurchase", refundId, facts, amountCents: cents(part), creditedCents },
      ...{ reason: "goods_returned", note: null, persons: "one" },
    };
    const principal = `merchant:${merchantNumber}`;
    await this.services.host.ask({ kind: "purchase", id: paymentId }, command, { principal });
  }

  /** The bank has looked and put it right. */
  async #clearSuspense(): Promise<void> {
    for (const { inbound, number, debitCents } of this.books.suspense.splice(0, CLEARED_A_DAY)) {
      this.books.byHandCents += debitCents;
      const note = "cleared with the bank";
      const resolution = { kind: "back_to_bank" } as const;
      const command: AchInboundCommand = { kind: "ResolveException", number, resolution, note };
      const ref = { kind: "ach-inbound", id: inbound };
      await this.services.host.ask(ref, command, { principal: ALICE });
    }
  }
}
