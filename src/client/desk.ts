/** The desk: what customer service and operators do, as the demo and the tests need it. */
import type { Caller } from "./call.ts";
import type { Account, Deregistration, List, Money } from "./shapes.ts";

export interface NewMerchant {
  readonly name: string;
  readonly statementName: string;
  readonly street: string;
  readonly city: string;
  readonly state: string;
  readonly feeBasisPoints: number;
}

export interface Ledger {
  readonly entries: number;
  readonly sum: Money;
  readonly position: number;
  readonly accounts: readonly { readonly account: string; readonly balance: Money }[];
}

export class Desk {
  constructor(
    private readonly caller: Caller,
    private readonly key: string,
  ) {}

  /** Gives the merchant's API key. */
  async setUpMerchant(
    merchant: NewMerchant,
    idempotencyKey: string = crypto.randomUUID(),
  ): Promise<{ readonly id: string; readonly api_key: string }> {
    const { name, street, city, state } = merchant;
    return await this.#call("POST", "/v1/desk/merchants", {
      idempotencyKey,
      body: {
        name,
        statement_name: merchant.statementName,
        street,
        city,
        state,
        fee_basis_points: merchant.feeBasisPoints,
      },
    });
  }

  account(account: string): Promise<Account> {
    return this.#call("GET", accountPath(account));
  }

  async verifyIdentity(account: string): Promise<void> {
    await this.#call("POST", `${accountPath(account)}/identity/verify`);
  }

  /** For a customer who calls: the phone or the PIN is lost (FAQ). */
  async deregister(account: string, note: string): Promise<Deregistration> {
    return await this.#call("POST", `${accountPath(account)}/deregistration`, { body: { note } });
  }

  async block(account: string, reason: string, note: string): Promise<void> {
    await this.#call("POST", `${accountPath(account)}/blocks`, { body: { reason, note } });
  }

  async lift(account: string, reason: string, note: string): Promise<void> {
    const path = `${accountPath(account)}/blocks/${encodeURIComponent(reason)}/lift`;
    await this.#call("POST", path, { body: { note } });
  }

  async setCap(account: string, capCents: number, note: string): Promise<void> {
    const cap = { amount: capCents, currency: "USD" };
    await this.#call("POST", `${accountPath(account)}/cap`, { body: { cap, note } });
  }

  ledger(): Promise<Ledger> {
    return this.#call("GET", "/v1/desk/ledger");
  }

  /** Sandbox: what time it is there. */
  async clock(): Promise<string> {
    return (await this.#call<{ readonly now: string }>("GET", "/v1/test_helpers/clock")).now;
  }

  /** Sandbox: moves time ahead, through everything that falls due; gives the time afterwards. */
  async advanceClock(toMs: number): Promise<string> {
    const path = "/v1/test_helpers/clock/advance";
    const body = { to: new Date(toMs).toISOString() };
    return (await this.#call<{ readonly now: string }>("POST", path, { body })).now;
  }

  /** Sandbox: the latest message to a phone number, once there is one. */
  async smsTo(phone: string): Promise<string> {
    const TRIES_MAX = 100;
    const TRY_MS = 20;
    for (let attempt = 0; attempt < TRIES_MAX; attempt++) {
      const { data } = await this.#call<List<{ to: string; text: string }>>("GET", "/v1/desk/sms");
      const message = data.findLast(({ to }) => to === phone);
      if (message !== undefined) return message.text;
      await new Promise((resolve) => setTimeout(resolve, TRY_MS));
    }
    throw new Error("no message arrived");
  }

  async #call<Body>(
    method: string,
    path: string,
    options: { readonly idempotencyKey?: string; readonly body?: unknown } = {},
  ): Promise<Body> {
    const idempotencyKey = crypto.randomUUID();
    const sent = { token: this.key, idempotencyKey, ...options };
    return (await this.caller.call<Body>(method, path, sent)).body;
  }
}

/** What is typed as an account names one, or nothing: never another path. */
function accountPath(account: string): string {
  return `/v1/desk/accounts/${encodeURIComponent(account)}`;
}
