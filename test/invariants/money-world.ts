/** What the audits of the money suite know in common. */
import type { BankDate } from "../../actors/banking-calendar.ts";
import { demand } from "./demand.ts";
import type { Bank, BankEntry } from "./money-bank.ts";
import type { MoneyRare, Retries } from "./money-town.ts";
import type { Rare } from "./rare.ts";

/** A ledger account and cents, debit positive. */
export type Delta = readonly [account: string, cents: number];

export interface Attempt {
  readonly fileId: string;
  readonly trace: number;
  readonly amount: number;
  readonly on: BankDate;
  readonly bankAccount: number;
  readonly wasAllowed: boolean;
  /** What it came back with. */
  code: string | undefined;
}

export type LossKind = "bad_debt" | "unauthorised" | "merchant";

/** A captured purchase and its life. */
export interface Life {
  readonly paymentId: string;
  readonly amount: number;
  readonly fee: number;
  /** Number of the merchant. */
  readonly shop: number;
  /** What is or will be debited, or what of it is still owed. */
  left: number;
  stage: "due" | "in flight" | "returned" | "disputed" | "collected" | "nothing left" | "given up";
  readonly attempts: Attempt[];
  /** Of refunds that were granted, and that were asked for. */
  refunded: number;
  asked: number;
  feeBack: number;
  /** A part was paid by hand. */
  isReduced: boolean;
  wasCollected: boolean;
  hadFee: boolean;
  /** A person allowed another attempt. */
  isAllowed: boolean;
  /** Who bears what was never collected. */
  loss: { readonly kind: LossKind; readonly number: number; amount: number } | undefined;
  proposedBy: string | undefined;
}

export interface RefundAudit {
  readonly refundId: string;
  /** Undefined: what was paid by hand beyond the debt. */
  readonly life: Life | undefined;
  left: number;
  stage: "owed" | "filed" | "paid" | "set off" | "unclaimed";
  /** What one person said to do about it. */
  proposal?: { readonly resolution: string; readonly by: string } | undefined;
  /** Who said that it is paid by hand. */
  byHandBy?: string;
  fileId: string | undefined;
  /** The entry that was wrong, as long as its money goes back as a reversal. */
  reverses?: BankEntry | undefined;
  wasReversal?: true;
  /** Nobody's here: a person finds whose. */
  isStopped?: boolean;
}

/** A return fee that is owed. */
export interface FeeAudit {
  readonly life: Life;
  left: number;
  /** The last date of a debit; null: by hand only. */
  by: BankDate | null;
  stage: "owed" | "filed";
  /** Who said that it is given up. */
  waiverBy?: string;
  /** It came back once. */
  isTried: boolean;
  fileId: string | undefined;
  trace: number;
}

/** What a merchant gave of a refund. */
export interface Share {
  readonly payable: number;
  readonly receivable: number;
  readonly fee: number;
}

/** What a merchant's payers know of it. */
export interface ShopBooks {
  /** Booked to it by its payers, refunds not taken off. */
  credited: number;
  /** Booked by accounts, and the word of it is on its way. */
  toNote: number;
}

export interface World {
  readonly bank: Bank;
  readonly rare: Rare<MoneyRare>;
  readonly retriesMax: Retries;
  readonly lives: Map<string, { readonly life: Life; readonly customer: CustomerBooks }>;
  /** By the id of the command that carries it to the account. */
  readonly shares: Map<string, Share>;
  /** What a customer is paying by hand at this moment. */
  byHand: number;
  /** What was said to have been paid so, before anything was taken of it. */
  byHandSaid: number;
  shop(merchantNumber: number): ShopBooks;
  feeOf(merchantNumber: number, amount: number): number;
  /** An entry was put into a file. */
  enter(entry: BankEntry): void;
  /** The entry that came back to this owner and was not heard of before. */
  heardBack(trace: number, ownerId: string): BankEntry;
  refundEntry(fileId: string, refundId: string): BankEntry;
  demandWindow(fileId: string): void;
  /** Of a file that is made now. */
  nextEffectiveOn(): BankDate;
  /** Whether a retry is in time for a debit whose first attempt was on this date. */
  mayRetryOn(first: BankDate): boolean;
}

export const CAP_CENTS = 10_000;

type BankAccount =
  | { readonly kind: "unchecked" | "invalid" }
  | { readonly kind: "asked"; readonly fileId: string; readonly usableFrom: string };

/** What is known of one customer. */
export class CustomerBooks {
  personId = "";
  /** In the order in which their debts are paid. */
  lives: Life[] = [];
  readonly refunds: RefundAudit[] = [];
  readonly holds = new Map<string, number>();
  readonly blocks = new Set<string>();
  bankAccount: BankAccount = { kind: "unchecked" };
  /** How often it was replaced. */
  bankAccounts = 0;
  token = "";
  isMandateEnded = false;
  /** Debts that were given up. */
  losses = 0;
  /** Oldest first. */
  feesOwed: FeeAudit[] = [];
  /** The mandate says what a fee is, and that it may be debited. */
  hasNotice = false;
  /** Paid by hand above the debt: said by one person. */
  payment: { readonly amount: number; readonly by: string } | undefined;
  /** What the newest return was about, while its decision is read. */
  returned: { readonly entry: BankEntry; readonly life: Life | undefined } | undefined;

  constructor(
    readonly id: string,
    readonly world: World,
  ) {}

  sum(stage: Life["stage"]): number {
    return this.lives.reduce((sum, life) => (life.stage === stage ? sum + life.left : sum), 0);
  }

  get exposure(): number {
    return this.sum("due") + this.sum("in flight") + this.sum("returned") + this.sum("disputed");
  }

  get held(): number {
    return [...this.holds.values()].reduce((sum, amount) => sum + amount, 0);
  }

  get writtenOff(): number {
    return this.lives.reduce((sum, { loss }) => {
      return loss?.kind === "bad_debt" ? sum + loss.amount : sum;
    }, 0);
  }

  get fees(): number {
    return this.feesOwed.reduce((sum, { left }) => sum + left, 0);
  }

  get openFees(): number {
    return this.feesOwed.reduce((sum, { stage, left }) => sum + (stage === "owed" ? left : 0), 0);
  }

  get debt(): number {
    return this.sum("returned") + this.fees + this.writtenOff;
  }

  get room(): number {
    return CAP_CENTS - this.exposure - this.held;
  }

  get available(): number {
    return Math.min(Math.max(this.room, 0), CAP_CENTS);
  }

  get isTried(): boolean {
    return this.lives.some(({ stage, attempts }) => stage === "in flight" && attempts.length > 1);
  }

  /** What is owed to the customer and not on its way. */
  get owed(): number {
    return this.refunds.reduce((sum, { stage, left }) => (stage === "owed" ? sum + left : sum), 0);
  }

  life(paymentId: string): Life {
    const life = this.lives.find((other) => other.paymentId === paymentId);
    demand(life !== undefined, "a purchase that is known", () => paymentId);
    return life;
  }

  refund(refundId: string): RefundAudit {
    const refund = this.refunds.find((other) => other.refundId === refundId);
    demand(refund !== undefined, "a refund that is known", () => refundId);
    return refund;
  }

  fee(paymentId: string, stage: FeeAudit["stage"]): FeeAudit {
    const fee = this.feesOwed.find((one) => one.life.paymentId === paymentId);
    demand(fee?.stage === stage, "a fee that is known", () => [paymentId, stage, fee]);
    return fee;
  }

  feesIn(fileId: string): readonly FeeAudit[] {
    return this.feesOwed.filter((fee) => fee.stage === "filed" && fee.fileId === fileId);
  }

  account(part: string): string {
    return `cust:${this.personId}:${part}`;
  }
}
