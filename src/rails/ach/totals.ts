/**
 * What a control record adds up: entries with their addenda, hash, debits, credits. Nacha Operating
 * Rules, Appendix Three. The writer computes it; the reader computes it again and compares.
 */
import { addCents, type Cents, ZERO_CENTS } from "../../../actors/money.ts";
import type { Direction } from "./transaction-codes.ts";

export interface Totals {
  readonly entriesAndAddenda: number;
  /** Sum of the eight-digit RDFI numbers, low ten digits: the check digit is left out. */
  readonly hash: number;
  readonly debitCents: Cents;
  readonly creditCents: Cents;
}

/** The hash has ten digits; what it carries beyond them is dropped. */
const HASH_MODULUS = 10_000_000_000;

export class Adder implements Totals {
  entriesAndAddenda = 0;
  hash = 0;
  debitCents: Cents = ZERO_CENTS;
  creditCents: Cents = ZERO_CENTS;

  addLine(): void {
    this.entriesAndAddenda++;
  }

  /** `rdfi` eight digits. */
  addBank(rdfi: string): void {
    this.hash = (this.hash + Number(rdfi)) % HASH_MODULUS;
  }

  addAmount(direction: Direction, amount: Cents): void {
    if (direction === "debit") this.debitCents = addCents(this.debitCents, amount);
    else this.creditCents = addCents(this.creditCents, amount);
  }

  /** A batch into its file. */
  addBatch(batch: Totals): void {
    this.entriesAndAddenda += batch.entriesAndAddenda;
    this.hash = (this.hash + batch.hash) % HASH_MODULUS;
    this.addAmount("debit", batch.debitCents);
    this.addAmount("credit", batch.creditCents);
  }
}
