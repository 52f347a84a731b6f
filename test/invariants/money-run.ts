/** A run of the money suite: takes the steps, as the runner of files, the bank and people would. */
import type { AccountView } from "../../actors/account-messages.ts";
import type { ActorRef, Message } from "../../actors/actor.ts";
import { feesCents } from "../../actors/collection-state.ts";
import { laneId, type PaymentId } from "../../actors/ids.ts";
import { cents } from "../../actors/money.ts";
import { demand } from "./demand.ts";
import { meaningOfCode } from "./money-codes.ts";
import type { CustomerAudit } from "./money-customer.ts";
import { isStuck } from "./money-debts.ts";
import { MoneyFiles } from "./money-files.ts";
import { MoneyResolving } from "./money-resolving.ts";
import { MoneyReturning } from "./money-returning.ts";
import { isStrangers } from "./money-reversals.ts";
import { MoneyReversing } from "./money-reversing.ts";
import type { MoneyStep } from "./money-steps.ts";
import { MoneyTeller } from "./money-teller.ts";
import {
  CUSTOMERS,
  type MoneyRare,
  type MoneyTown,
  purchaseRef,
  type Retries,
  refundOf,
  SHOPS,
  shopRef,
  TRACES,
} from "./money-town.ts";
import type { Life } from "./money-world.ts";
import type { Rare } from "./rare.ts";
import { accountRef, deviceOf, paymentOf, requestOf, setUpCommands } from "./town.ts";

type Of<Kind extends MoneyStep["kind"]> = Extract<MoneyStep, { kind: Kind }>;

const DAY_MS = 86_400_000;
/** Who has no dispute to decide looks after what cannot be sent. */
const RESOLUTION_OF = {
  won: "send_again",
  lost: "by_hand",
  merchant_pays: "unclaimed",
} as const;
const LANE = laneId(1);
/** How many traces are left before they begin anew. */
const SPARE_TRACES = 60;
const TRACE_MAX = 9_999_999;
/** One in so many who give something up begins with the fee. */
const WAIVED_EVERY = 4;
/** More than a file and its owners need. */
const ACTS_OF_A_DAY = 12;
/** Rounds of days within which every file comes to its end. */
const END_ROUNDS_MAX = 60;

export class MoneyRun {
  readonly #teller: MoneyTeller;
  readonly #files: MoneyFiles;
  readonly #returning: MoneyReturning;
  readonly #reversing: MoneyReversing;
  readonly #resolving: MoneyResolving;
  /** What each shop was credited with when it was last looked at. */
  readonly #seen = new Map<number, number>();
  #payments = 0;
  #refunds = 0;

  constructor(
    town: MoneyTown,
    private readonly rare: Rare<MoneyRare>,
    retriesMax: Retries,
  ) {
    this.#teller = new MoneyTeller(town, rare, retriesMax);
    const customers = Array.from({ length: CUSTOMERS }, (_, at) => accountRef(at));
    const shops = Array.from({ length: SHOPS }, (_, at) => shopRef(at));
    this.#files = new MoneyFiles(this.#teller, [...customers, ...shops]);
    this.#returning = new MoneyReturning(this.#teller);
    this.#reversing = new MoneyReversing(this.#teller);
    this.#resolving = new MoneyResolving(this.#teller);
  }

  all(steps: readonly MoneyStep[]): string {
    for (const round of setUpCommands(CUSTOMERS + 1)) {
      for (const { ref, command } of round) this.#teller.tell(ref, command);
    }
    this.#teller.tell(TRACES, { kind: "TakeTraces", count: TRACE_MAX - SPARE_TRACES } as Message);
    for (let shop = 0; shop < SHOPS; shop++) this.#setShopBank(shop);
    for (const step of steps) {
      this.#take(step);
      this.#check();
    }
    this.#end();
    return this.#teller.engine.hash.toString(16);
  }

  #take(step: MoneyStep): void {
    switch (step.kind) {
      case "buy":
        this.#buy(step);
        return;
      case "refund":
        this.#refund(step);
        return;
      case "deliver":
        this.#deliver(step);
        return;
      case "file":
        this.#files.make(step);
        return;
      case "bank":
        this.#files.bank(step);
        return;
      case "return":
        this.#returning.take(step);
        return;
      case "reverse":
        this.#reversing.take(step);
        return;
      case "pass":
        this.#teller.engine.nowMs += step.days * DAY_MS;
        return;
      case "days":
        for (let day = 0; day < step.days; day++) this.#day();
        return;
      case "restart":
        this.#teller.engine.restart();
        this.rare.reach("restart");
        return;
      case "settle":
        this.#settle(step);
        return;
      case "shop bank":
        this.#setShopBank(step.shop);
        return;
      case "replace":
      case "correct":
      case "lift":
      case "pay":
        this.#people(step);
        return;
      default:
        this.#desk(step);
        return;
    }
  }

  #day(): void {
    const { engine, auditor } = this.#teller;
    engine.nowMs += DAY_MS;
    for (const file of auditor.bank.files) {
      engine.deliverAll();
      for (let act = 0; act < ACTS_OF_A_DAY && file.stage !== "closed"; act++) {
        this.#files.act(file, false);
      }
    }
    const file = { kind: "file", count: 8, outcome: "accepted" } as const;
    this.#files.make({ ...file, again: false, replaces: undefined });
  }

  #customer(account: number): CustomerAudit {
    return this.#teller.auditor.customer(accountRef(account).id);
  }

  #buy({ account, shop, pick }: Of<"buy">): void {
    const customer = this.#customer(account);
    const amount = pick % 10 === 0 ? customer.room : 1 + ((pick * 37) % 3_500);
    if (amount < 1) return;
    const number = ++this.#payments;
    const requestId = requestOf(LANE, number, this.#teller.engine.nowMs);
    const paymentId = paymentOf(number);
    const { device } = this.#describe(customer);
    const terms = { requestId, laneId: LANE, version: 1, amountCents: cents(amount) };
    const approval = {
      deviceId: deviceOf(account),
      pinVersion: 1,
      pinProofValid: true,
      signed: "s",
    };
    const counter = device.counter + 1;
    const ref = accountRef(account);
    this.#teller.tell(ref, {
      kind: "ApprovePayment",
      paymentId,
      ...terms,
      ...approval,
      counter,
    } as Message);
    if (!customer.holds.has(paymentId)) return;
    const place = { laneName: "Lane", street: "1 Main Street", city: "Denver", state: "CO" };
    const payee = { merchantNumber: shop + 1, merchantName: "Shop", laneId: LANE, ...place };
    const receipt = {
      ...{ paymentId, requestId, requestNumber: number, version: 1, amountCents: amount },
      ...{ title: "x", payee, paidAtMs: this.#teller.engine.nowMs },
    };
    const feeCents = this.#teller.auditor.feeOf(shop + 1, amount);
    const terminal = { laneKind: "till", code: "000001" };
    this.#teller.tell(ref, {
      kind: "CapturePayment",
      paymentId,
      receipt,
      feeCents,
      terminal,
    } as Message);
    demand(this.#teller.auditor.lives.has(paymentId), "what is held is captured", () => receipt);
  }

  #describe(customer: CustomerAudit): AccountView {
    const reply = this.#teller.engine.ask(
      { kind: "account", id: customer.id },
      { kind: "DescribeAccount" },
    );
    demand(reply.kind === "account", "an account describes itself", () => reply);
    return reply as AccountView;
  }

  #refund({ pick, part, lags, again }: Of<"refund">): void {
    const all = [...this.#teller.auditor.lives.values()];
    const chosen = all[all.length - 1 - (pick % Math.max(all.length, 1))];
    if (chosen === undefined) return;
    const { life, customer } = chosen;
    const left = life.amount - life.asked;
    const amounts = { all: left, half: Math.ceil(left / 2), one: 1, "too much": left + 1 };
    const amount = amounts[part];
    if (amount < 1) return;
    const facts = {
      ...{ paymentId: life.paymentId, accountId: customer.id, merchantNumber: life.shop },
      ...{ amountCents: life.amount, feeCents: life.fee },
      ...{ laneId: "lane_1", requestId: "preq_1" },
    };
    const command = {
      ...{ kind: "RefundPurchase", refundId: refundOf(++this.#refunds), facts },
      ...{ amountCents: amount, creditedCents: this.#credited(life.shop, lags) },
      ...{ reason: "other", note: null, persons: "one" },
    } as Message;
    const ref = purchaseRef(life.paymentId);
    const reply = again ? this.#teller.tellTwice(ref, command) : this.#teller.tell(ref, command);
    const expected = amount > left ? "refund_too_high" : "purchase_refunded";
    demand(reply.kind === expected, "I8", () => [command, reply, life]);
    if (amount > left) this.rare.reach("refund too high");
  }

  /** What a view says of a shop: it may lag, and is never too much. */
  #credited(shop: number, lags: boolean): number {
    const { credited } = this.#teller.auditor.shop(shop);
    const told = lags ? (this.#seen.get(shop) ?? 0) : credited;
    this.#seen.set(shop, credited);
    return told;
  }

  #deliver({ pick, stays }: Of<"deliver">): void {
    const waiting = this.#teller.engine.letters.length;
    const letter = this.#teller.engine.deliver(pick, stays);
    if (letter === undefined) return;
    if (letter.arrivals > 1) this.rare.reach("message delivered twice");
    if (pick % waiting > 0) this.rare.reach("messages out of order");
  }

  #settle({ shop, lags, least }: Of<"settle">): void {
    const credited = this.#credited(shop + 1, lags);
    const command = {
      ...{
        kind: "SettleMerchant",
        creditedCents: credited,
        uptoPosition: this.#teller.auditor.events,
      },
      leastCents: least,
    } as Message;
    const reply = this.#teller.tell(shopRef(shop), command) as Message & { payoutCents: number };
    const { taken, token } = this.#teller.auditor.shop(shop + 1);
    const isLow = reply.payoutCents === 0 && credited > taken && token !== null;
    if (isLow) this.rare.reach("payout below the least");
  }

  #setShopBank(shop: number): void {
    const token = this.#teller.token();
    this.#teller.tell(shopRef(shop), {
      kind: "SetBankAccount",
      token,
      ending: token,
      ...{ note: null, persons: "one", sameAs: [] },
    } as Message);
  }

  #people(step: Of<"replace" | "correct" | "lift" | "pay">): void {
    const account = step.kind === "pay" ? this.#payer(step) : step.account;
    const ref = accountRef(account);
    const customer = this.#customer(account);
    if (step.kind === "replace") {
      this.#teller.replaceBankAccount(step.account);
      return;
    }
    if (step.kind === "correct") {
      const { token: of } = customer;
      const token = this.#teller.token();
      this.#teller.tell(ref, { kind: "CorrectBankAccount", of, token, code: "C01" } as Message);
      return;
    }
    if (step.kind === "lift") {
      for (const reason of [...customer.blocks]) {
        this.#teller.tell(ref, { kind: "LiftBlock", reason, note: "heard" } as Message);
      }
      return;
    }
    const { debt } = customer;
    const amounts = { part: Math.floor(debt / 2), exact: debt, "too much": debt + 111 };
    const amount = amounts[step.part];
    if (amount < 1) return;
    const excessId = refundOf(++this.#refunds);
    const command = { kind: "RecordPayment", amountCents: amount, evidence: "check", excessId };
    const sayBy = (by: string) => {
      this.#teller.auditor.byHand = amount;
      this.#teller.auditor.byHandSaid = amount;
      const reply = this.#teller.tell(ref, command as Message, by);
      return reply as Message & { debtCents: number };
    };
    let reply = sayBy("desk:alice");
    if (reply.kind === "payment_proposed") {
      demand(sayBy("desk:alice").kind === "second_person_needed", "two people", () => command);
      reply = sayBy("desk:bob");
    }
    this.#teller.auditor.bank.held += amount;
    demand(reply.kind === "payment_recorded", "a payment is recorded", () => [command, reply]);
    demand(reply.debtCents === customer.debt, "what is still owed", () => [command, reply]);
  }

  /** Who pays the whole debt is often somebody whose fee is under way. */
  #payer({ account, part }: Of<"pay">): number {
    const all = Array.from({ length: CUSTOMERS }, (_, at) => at);
    const found = all.find((at) => {
      return this.#customer(at).feesOwed.some(({ stage }) => stage === "filed");
    });
    return part === "exact" ? (found ?? account) : account;
  }

  #desk(step: Of<"retry" | "write off" | "dispute">): void {
    const stage = step.kind === "dispute" ? "disputed" : "returned";
    const { auditor } = this.#teller;
    const stuck = auditor.livesIn("due").filter((life) => {
      const { customer } = auditor.lives.get(life.paymentId) ?? {};
      return step.kind === "write off" && customer !== undefined && isStuck(customer, life);
    });
    const lives = [...auditor.livesIn(stage), ...stuck];
    const life = lives[step.pick % Math.max(lives.length, 1)];
    const owner = this.#teller.auditor.lives.get(life?.paymentId ?? "")?.customer;
    if (step.kind === "dispute" && life === undefined) {
      this.#resolving.take(step.pick, RESOLUTION_OF[step.outcome]);
      return;
    }
    const isFee = life === undefined || step.pick % WAIVED_EVERY === 0;
    if (step.kind === "write off" && isFee && this.#waive(step)) return;
    if (life === undefined || owner === undefined) return;
    const ref: ActorRef = { kind: "account", id: owner.id };
    const paymentId = life.paymentId as PaymentId;
    if (step.kind === "dispute") {
      this.#dispute(ref, life, step.outcome);
      return;
    }
    const kind = step.kind === "retry" ? "AllowRetry" : "WriteOff";
    const { proposedBy } = life;
    const by = step.kind === "retry" ? "desk:alice" : `desk:${step.by}`;
    const reply = this.#teller.tell(ref, { kind, paymentId, note: "x" } as Message, by);
    if (reply.kind === "no_retry_left") this.rare.reach("no retry left");
    if (step.kind === "retry") return;
    const expected =
      proposedBy === undefined
        ? "write_off_proposed"
        : proposedBy === by
          ? "second_person_needed"
          : "collection_changed";
    demand(reply.kind === expected, "two people write off", () => [life, by, reply]);
    if (expected === "second_person_needed") this.rare.reach("second person needed");
  }

  /** What is given up is a fee, where one is owed. */
  #waive({ pick, by: name }: Of<"write off">): boolean {
    const { customers } = this.#teller.auditor;
    const all = [...customers.values()].flatMap((owner) => {
      return owner.feesOwed.map((fee) => ({ owner, fee }));
    });
    const by = `desk:${name}`;
    // Two people rarely say the same by chance.
    const proposed = all.find(({ fee: { waiverBy = by } }) => waiverBy !== by);
    const { owner, fee } = proposed ?? all[pick % Math.max(all.length, 1)] ?? {};
    if (owner === undefined || fee === undefined) return false;
    const { stage, waiverBy } = fee;
    const expected =
      stage === "filed"
        ? "fee_under_way"
        : waiverBy === undefined
          ? "fee_waiver_proposed"
          : waiverBy === by
            ? "second_person_needed"
            : "collection_changed";
    const paymentId = fee.life.paymentId as PaymentId;
    const command = { kind: "WaiveFee", paymentId, note: "x" } as Message;
    const reply = this.#teller.tell({ kind: "account", id: owner.id }, command, by);
    demand(reply.kind === expected, "two people waive a fee", () => [fee, by, reply]);
    if (stage === "filed") this.rare.reach("no waiver: fee_under_way");
    return true;
  }

  #dispute(ref: ActorRef, life: Life, outcome: Of<"dispute">["outcome"]): void {
    const isReopened = life.attempts.length > 0;
    const { paymentId } = life;
    const { left } = life;
    const { bank } = this.#teller.auditor;
    const waiting = this.#teller.auditor.customer(ref.id).refunds.filter((refund) => {
      return refund.life === life && refund.stage === "owed" && !isStrangers(refund);
    });
    const setOff = Math.min(
      waiting.reduce((all, refund) => all + refund.left, 0),
      left,
    );
    if (outcome === "won") bank.held += left - setOff;
    const command = { kind: "DecideDispute", paymentId, outcome, note: "x" } as Message;
    const reply = this.#teller.tell(ref, command, "desk:alice");
    demand(reply.kind === "collection_changed", "a dispute is decided", () => [life, reply]);
    const isLate = isReopened && meaningOfCode(life.attempts.at(-1)?.code ?? "") !== undefined;
    if (isLate && life.wasCollected) this.rare.reach("dispute after collection");
  }

  /** What the actors say of themselves, the bank's books, and ours. */
  #check(): void {
    const { auditor } = this.#teller;
    for (const customer of auditor.touched) this.#checkCustomer(customer);
    auditor.touched.clear();
    let sum = 0;
    for (const booked of auditor.booked.values()) sum += booked;
    demand(sum === 0, "I2", () => sum);
    let cash = auditor.booked.get("cash:bank") ?? 0;
    const isQuiet = this.#teller.engine.letters.length === 0;
    for (const file of auditor.bank.files) {
      const kept = auditor.bank.kept(file);
      const isKnown = isQuiet && (file.isHeard || file.moved === undefined);
      demand(!isKnown || file.cash === kept, "the bank's books", () => [file, kept]);
      cash += kept - file.cash;
    }
    demand(cash === auditor.bank.held, "the bank's books", () => [cash, auditor.bank.held]);
  }

  #checkCustomer(customer: CustomerAudit): void {
    const { limit, collection, blocks } = this.#describe(customer);
    const told = [limit.availableCents, limit.exposureCents, limit.holdsCents].map(Number);
    const { available, exposure, held, personId } = customer;
    demand(Bun.deepEquals(told, [available, exposure, held]), "I4", () => [told, customer.lives]);
    demand(blocks.length === customer.blocks.size, "blocks", () => [blocks, customer.blocks]);
    demand(Number(feesCents(collection)) === customer.fees, "I3", () => collection.fees);
    const parts = [
      ["due", customer.sum("due")],
      ["in_flight", customer.sum("in flight")],
      ["returned", customer.sum("returned")],
      ["disputed", customer.sum("disputed")],
      ["fees", customer.openFees],
      ["fees_in_flight", customer.fees - customer.openFees],
      ["refund_payable", -customer.owed],
    ] as const;
    for (const [part, own] of parts) {
      const booked = this.#teller.auditor.booked.get(`cust:${personId}:${part}`) ?? 0;
      demand(booked === own, "I3", () => [part, booked, own, customer.lives]);
    }
    const isBlocked = customer.blocks.has("collection_failed");
    const isUsable = customer.bankAccount.kind !== "invalid";
    const isFree = customer.debt === 0 && isUsable && !customer.isTried;
    demand(!(isBlocked && isFree), "a block ends with the debt", () => [customer.id, blocks]);
  }

  /** Everything arrives, every file ends, and the books are closed. */
  #end(): void {
    const { files } = this.#teller.auditor.bank;
    for (let round = 0; round < END_ROUNDS_MAX; round++) {
      this.#teller.engine.deliverAll();
      const open = files.filter(({ stage }) => stage !== "closed" && stage !== "empty");
      if (open.length === 0) break;
      for (const file of open) this.#files.act(file, false);
      this.#teller.engine.nowMs += DAY_MS;
      this.#check();
    }
    this.#teller.engine.restart();
    this.#check();
    for (const { id, stage, entries } of files) {
      demand(stage === "closed" || stage === "empty", "every file closes", () => [id, stage]);
      for (const { back, subject, reversal } of entries) {
        const isToldOf = reversal.stage !== "agreed" || reversal.isHeard;
        demand(isToldOf, "every reversal arrives", () => [id, subject]);
        // That of a bank account which was replaced means nothing any more.
        const isHeard = back?.isHeard !== false || subject.kind === "prenote";
        demand(isHeard, "nothing is lost", () => [id, subject, back]);
      }
    }
    for (const account of ["ach:provisional", "ach:out"]) {
      const booked = this.#teller.auditor.booked.get(account) ?? 0;
      demand(booked === 0, "I10", () => [account, booked]);
    }
    const cash = this.#teller.auditor.booked.get("cash:bank") ?? 0;
    demand(cash === this.#teller.auditor.bank.held, "the bank's books", () => cash);
    demand(this.#teller.auditor.shares.size === 0, "every refund arrives", () => [
      ...this.#teller.auditor.shares,
    ]);
    for (const { number, toNote } of this.#teller.auditor.shops.values()) {
      demand(toNote === 0, "every debt is noted", () => [number, toNote]);
    }
  }
}
