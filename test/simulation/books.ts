/**
 * What the world outside knows: who asked for what, what was answered, what was agreed at the desk.
 * Nothing here comes from the switch's memory or its log.
 */
import type { Phone } from "../../src/client/phone.ts";
import type { Receipt } from "../../src/client/shapes.ts";
import type { Till } from "../../src/client/till.ts";

export interface Person {
  readonly name: string;
  readonly phoneNumber: string;
  /** Where the debits of now go. */
  bankAccount: string;
  readonly phone: Phone;
  readonly account: string;
  /** Caps that were set or asked for; the first is everybody's. */
  readonly capsCents: number[];
  /** Blocks that only the desk lifts, and that were answered: a number of its own for each. */
  readonly blocks: Map<string, number>;
  /** When the account was said to be closing, or closed; undefined while its person stays. */
  leftAtMs: number | undefined;
  /** Paid by hand, or about to be. */
  byHandCents: number;
  readonly sales: Sale[];
}

export interface Shop {
  readonly number: number;
  readonly key: string;
  readonly feeBasisPoints: number;
  readonly tills: readonly Till[];
  /** Where its settlements go; undefined: nowhere yet. */
  bankAccount: string | undefined;
}

/** Somebody approved something; what became of it. */
export interface Sale {
  readonly person: Person;
  readonly shop: Shop;
  /** Base64url of the approval: the name of the payment as its phone knows it. */
  readonly approval: string;
  readonly request: string;
  readonly amountCents: number;
  readonly approvedAtMs: number;
  /** Blocks that stood, for sure, when it was approved: those that only the desk lifts. */
  readonly blocksBefore: readonly number[];
  state: "unknown" | "paid" | "refused";
  /** Of a paid one. */
  paid: PaidSale | undefined;
  /** Of its amount, what was asked back or agreed to be given back. */
  refundedCents: number;
  readonly refunds: Refund[];
}

export interface PaidSale {
  readonly payment: string;
  /** 15 digits. */
  readonly reference: string;
  /** As it was answered, for ever. */
  readonly receipt: Receipt;
  readonly answeredAtMs: number;
}

export interface Refund {
  readonly amountCents: number;
  state: "unknown" | "granted" | "refused";
}

/** What a till asked for, as it was answered. */
export interface Asked {
  readonly till: Till;
  readonly request: string;
}

export class Books {
  readonly people: Person[] = [];
  readonly shops: Shop[] = [];
  readonly sales: Sale[] = [];
  readonly asked: Asked[] = [];
  readonly byApproval = new Map<string, Sale>();
  readonly byReference = new Map<string, Sale>();
  readonly byAccount = new Map<string, Person>();
  /** Payments of which people decided: they may be closed without their debit. */
  readonly decided = new Set<string>();
  /** Debits that people said were wrong, by trace. */
  readonly reversed = new Set<string>();
  /** References of their sales: the answer to a payment may come later. */
  readonly reversedReferences = new Set<string>();
  /** What the world paid into our bank account outside ACH, less what it took. */
  byHandCents = 0;

  approved(sale: Sale): void {
    this.sales.push(sale);
    sale.person.sales.push(sale);
    this.byApproval.set(sale.approval, sale);
  }

  moved(person: Person): void {
    this.people.push(person);
    this.byAccount.set(person.account, person);
  }

  isDecided({ paid }: Sale): boolean {
    if (paid === undefined) return false;
    return this.decided.has(paid.payment) || this.reversedReferences.has(paid.reference);
  }

  get paid(): readonly Sale[] {
    return this.sales.filter(({ state }) => state === "paid");
  }
}
