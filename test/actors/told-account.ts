/** What tests of the money side ask of an account, and how an operator tells it something. */
import type { AccountCommand } from "../../actors/account-messages.ts";
import type { checkedAccount } from "./collecting.ts";

export type Account = ReturnType<typeof checkedAccount>;

export const APPLIED = { outcome: "applied" };
export const UNMATCHED = { outcome: "unmatched" };
export const NOTHING = { entries: 0, debitCents: 0, creditCents: 0 };

/** Where the entry of file `number` stands: each file of a test has one. */
export const at = (number: number) => ({ file: number, trace: number * 100 });

export function customer({ state }: Account) {
  if (state.kind === "vacant") throw new Error("the account is open");
  return state.customer;
}

export function collection(account: Account) {
  return customer(account).collection;
}

export function reasons({ state }: Account): readonly string[] {
  return state.kind === "blocked" ? state.blocks.map(({ reason }) => reason) : [];
}

/** The postings of the last event that bears some, or of the last of that kind; `P` is a person. */
export function lastPostings(account: Account, kind?: string): readonly string[] {
  const event = account.events.findLast((one) => {
    return kind === undefined ? "entry" in one : one.kind === kind;
  });
  if (event === undefined || !("entry" in event) || event.entry === null) {
    throw new Error("something was posted");
  }
  return event.entry.postings.map(({ side, account: name, amountCents }) => {
    return `${side} ${name.replace(/per_\w+/, "P")} ${amountCents}`;
  });
}

/** That operator tells it. */
export function by(account: Account, operator: string, command: AccountCommand) {
  const { principal } = account;
  account.principal = `desk:${operator}`;
  const reply = account.tell(command);
  account.principal = principal;
  return reply;
}
