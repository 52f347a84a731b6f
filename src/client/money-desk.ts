/** The desk's side of the money: what is not collected, and what people do about it. */
import { sha256 } from "../../wasm/core.ts";
import type { Caller } from "./call.ts";
import { text64 } from "./phone.ts";
import type { List, Money } from "./shapes.ts";

export interface Debt {
  readonly account: string;
  readonly since: string;
  readonly returned: Money;
  readonly disputed: Money;
  readonly presented_again: Money;
  readonly fees: Money;
  readonly debits: number;
  readonly bank_account_rejected: { readonly code: string; readonly meaning: string } | null;
}

export interface DebitReturn {
  readonly code: string;
  readonly meaning: string;
  readonly file: string | null;
  readonly trace: number;
  readonly returned_at: string;
}

export interface Debit {
  readonly payment: string;
  readonly merchant: string;
  readonly amount: Money;
  readonly stage: "due" | "in_flight" | "returned" | "disputed";
  readonly attempt: number | null;
  readonly file: string | null;
  readonly retry_from: string | null;
  readonly returns: readonly DebitReturn[];
  readonly write_off_proposed_by: string | null;
}

export interface AccountDebts {
  readonly account: string;
  readonly block_reasons: readonly string[];
  readonly owed: Money;
  readonly fees: Money;
  readonly bank_account: "not_asked_about" | "prenote_sent" | "rejected";
  readonly mandate_ended: boolean;
  readonly debits: readonly Debit[];
  readonly given_up: readonly {
    readonly payment: string;
    readonly merchant: string;
    readonly amount: Money;
    readonly borne_by: "bad_debt" | "unauthorised" | "merchant";
  }[];
}

export interface FrozenAccount {
  readonly account: string;
  readonly since: string;
  readonly note: string;
}

export interface ReturnCounts {
  readonly originated: number;
  readonly unauthorised: number;
  readonly administrative: number;
  readonly overall: number;
}

export interface ReturnRates {
  readonly merchant: string | null;
  readonly from: string;
  readonly to: string;
  readonly originated: number;
  readonly rates: readonly {
    readonly kind: "unauthorised" | "administrative" | "overall";
    readonly returned: number;
    readonly basis_points: number | null;
    readonly threshold_basis_points: number;
    readonly level: "good" | "watch" | "above";
  }[];
  readonly days: readonly ({ readonly day: string } & ReturnCounts)[];
  readonly merchants: readonly ({ readonly merchant: string } & ReturnCounts)[];
}

export interface Recorded {
  /** When it was recorded. */
  readonly owed: Money;
  /** It had been recorded before. */
  readonly isRepeat: boolean;
}

/** Where a list goes on. */
export interface Page {
  readonly limit?: number;
  readonly startingAfter?: string;
}

export class MoneyDesk {
  constructor(
    private readonly caller: Caller,
    private readonly key: string,
  ) {}

  /** Accounts from which something is not collected, oldest first. */
  debts(page: Page = {}): Promise<List<Debt>> {
    return this.#get(`/v1/desk/debts${queryOf(page)}`);
  }

  /** Accounts that law or a sanctions list has frozen, oldest first. */
  frozen(page: Page = {}): Promise<List<FrozenAccount>> {
    return this.#get(`/v1/desk/frozen${queryOf(page)}`);
  }

  /** Of one merchant, or of all. */
  returnRates(merchant?: string): Promise<ReturnRates> {
    const query = merchant === undefined ? "" : `?merchant=${encodeURIComponent(merchant)}`;
    return this.#get(`/v1/desk/return-rates${query}`);
  }

  debtsOf(account: string): Promise<AccountDebts> {
    return this.#get(`${accountPath(account)}/debts`);
  }

  /** Paid outside ACH. The same amount with the same evidence is one payment. */
  async recordPayment(account: string, amountCents: number, evidence: string): Promise<Recorded> {
    const amount = { amount: amountCents, currency: "USD" };
    const path = `${accountPath(account)}/manual-payments`;
    const told = new TextEncoder().encode(`${amountCents}\n${evidence}`);
    const idempotencyKey = `by-hand/${text64(sha256(told))}`;
    const sent = { token: this.key, idempotencyKey, body: { amount, evidence } };
    type Answer = { readonly owed: Money };
    const { body, replayed } = await this.caller.call<Answer>("POST", path, sent);
    return { owed: body.owed, isRepeat: replayed };
  }

  async allowRetry(account: string, payment: string, note: string): Promise<void> {
    await this.#post(`${debitPath(account, payment)}/retry`, { note });
  }

  /** The first person proposes, another one agrees. */
  async writeOff(
    account: string,
    payment: string,
    note: string,
  ): Promise<"proposed" | "written_off"> {
    type Answer = { readonly status: "proposed" | "written_off" };
    return (await this.#post<Answer>(`${debitPath(account, payment)}/write-off`, { note })).status;
  }

  async decideDispute(
    account: string,
    payment: string,
    outcome: string,
    note: string,
  ): Promise<void> {
    await this.#post(`${debitPath(account, payment)}/dispute`, { outcome, note });
  }

  async #get<Body>(path: string): Promise<Body> {
    return (await this.caller.call<Body>("GET", path, { token: this.key })).body;
  }

  async #post<Body>(path: string, body: unknown): Promise<Body> {
    const sent = { token: this.key, idempotencyKey: crypto.randomUUID(), body };
    return (await this.caller.call<Body>("POST", path, sent)).body;
  }
}

/** What is typed as an account names one, or nothing: never another path. */
function accountPath(account: string): string {
  return `/v1/desk/accounts/${encodeURIComponent(account)}`;
}

function debitPath(account: string, payment: string): string {
  return `${accountPath(account)}/debits/${encodeURIComponent(payment)}`;
}

function queryOf({ limit, startingAfter }: Page): string {
  const query = new URLSearchParams();
  if (limit !== undefined) query.set("limit", String(limit));
  if (startingAfter !== undefined) query.set("starting_after", startingAfter);
  return query.size === 0 ? "" : `?${query}`;
}
