/** Both directions of a file: our debits and our credits. */
import { type Cents, formatCents, subtractCents } from "../../actors/money.ts";

export interface Sides {
  readonly debitCents: Cents;
  readonly creditCents: Cents;
}

export const SIDES = ["debitCents", "creditCents"] as const;
export const WORD_OF = { debitCents: "debits", creditCents: "credits" } as const;

export function less(one: Sides, other: Sides): Sides {
  return {
    debitCents: subtractCents(one.debitCents, other.debitCents),
    creditCents: subtractCents(one.creditCents, other.creditCents),
  };
}

/** What comes in less what goes out. */
export function net({ debitCents, creditCents }: Sides): Cents {
  return subtractCents(debitCents, creditCents);
}

export function sidesText({ debitCents, creditCents }: Sides): string {
  return `debits ${formatCents(debitCents)}, credits ${formatCents(creditCents)}`;
}
