/**
 * The auditor reads the event log as it grows and holds it to the invariants of docs/money.md,
 * event by event, so that every prefix of the log has been looked at. What it knows of the state
 * of affairs is what the runs decide their next commands by.
 */
import type { AccountEvent } from "../../actors/account-messages.ts";
import type { LaneEvent } from "../../actors/lane-messages.ts";
import type { JournalEntry } from "../../actors/ledger.ts";
import type { StoredEvent } from "../../src/runtime/event-log.ts";
import { AccountAudit } from "./account-audit.ts";
import { demand } from "./demand.ts";
import { LaneAudit, type PaymentTerms } from "./lane-audit.ts";
import type { Rare, RareState } from "./rare.ts";
import { rateOf } from "./town.ts";

export interface PaymentAudit extends PaymentTerms {
  readonly accountId: string;
  readonly laneId: string;
  status: "held" | "captured" | "released";
  /** The account asked the lane about it. */
  queried: boolean;
  refusal: string | undefined;
}

const RARE_RELEASES: Readonly<Record<string, RareState>> = {
  request_superseded: "superseded request approved",
  request_cancelled: "payment lost to a cancel",
  request_paid: "request paid by another",
  request_not_found: "request forgotten by its lane",
};

export class Auditor {
  readonly accounts = new Map<string, AccountAudit>();
  readonly lanes = new Map<string, LaneAudit>();
  readonly payments = new Map<string, PaymentAudit>();
  readonly balances = new Map<string, number>();
  /** Accounts and lanes that something happened to since the last look. */
  readonly touched = new Set<string>();
  position = 0;

  constructor(readonly rare: Rare) {}

  account(id: string): AccountAudit {
    const known = this.accounts.get(id) ?? new AccountAudit(id, this.rare);
    this.accounts.set(id, known);
    return known;
  }

  lane(id: string): LaneAudit {
    const known = this.lanes.get(id) ?? new LaneAudit(id, this.rare);
    this.lanes.set(id, known);
    return known;
  }

  hear(stored: StoredEvent): void {
    demand(stored.position === this.position + 1, "the feed has no gap", () => stored);
    this.position = stored.position;
    const { kind, id } = stored.ref;
    this.touched.add(`${kind}:${id}`);
    const event: unknown = JSON.parse(stored.data);
    const { atMs = stored.atMs } = event as { readonly atMs?: number };
    demand(atMs === stored.atMs, "I16", () => stored);
    if (kind === "account") this.#hearAccount(id, event as AccountEvent);
    if (kind === "lane") this.#hearLane(id, event as LaneEvent);
  }

  get held(): number {
    let count = 0;
    for (const { status } of this.payments.values()) if (status === "held") count++;
    return count;
  }

  /** What a person owes by the books: the independent side of I3. */
  dueOf(personId: string): number {
    return this.balances.get(`cust:${personId}:due`) ?? 0;
  }

  /** Once the clock has passed all holds: every payment ended in exactly one of two ways. */
  demandAllEnded(): void {
    for (const payment of this.payments.values()) {
      demand(payment.status !== "held", "captured or released, in the end", () => payment);
      const request = this.lane(payment.laneId).find(payment.requestId);
      const isPaid = request?.paidBy === payment.paymentId;
      demand(isPaid === (payment.status === "captured"), "one truth", () => [payment, request]);
    }
  }

  #hearAccount(accountId: string, event: AccountEvent): void {
    this.account(accountId).hear(event);
    switch (event.kind) {
      case "PaymentAuthorised": {
        const { paymentId, requestId, laneId, version, amountCents } = event;
        demand(!this.payments.has(paymentId), "authorised once", () => event);
        const terms = { paymentId, requestId, version, amountCents, accountId, laneId };
        const fresh = { status: "held", queried: false, refusal: undefined } as const;
        this.payments.set(paymentId, { ...terms, ...fresh });
        return;
      }
      case "HoldQueried":
        this.#payment(event.paymentId).queried = true;
        return;
      case "PaymentCaptured":
        this.#captured(event);
        return;
      case "PaymentReleased":
        this.#released(event.paymentId, event.refusal.kind);
        return;
      default:
    }
  }

  #captured({
    receipt,
    feeCents,
    entry,
  }: Extract<AccountEvent, { kind: "PaymentCaptured" }>): void {
    const payment = this.#payment(receipt.paymentId);
    demand(payment.status === "held", "captured or released, once", () => payment);
    payment.status = "captured";
    const request = this.lane(payment.laneId).find(payment.requestId);
    demand(request?.paidBy === payment.paymentId, "captured means paid", () => [payment, request]);
    demand(request.status === "paid", "never cancelled and captured", () => [payment, request]);
    demand(receipt.amountCents === request.amount, "captured as asked", () => [receipt, request]);
    const rate = rateOf(receipt.payee.merchantNumber);
    const fee = Math.floor((receipt.amountCents * rate) / 10_000);
    demand(feeCents === fee, "the fee is the rate, rounded down", () => [feeCents, fee]);
    this.#post(entry);
    if (payment.queried) this.rare.reach("hold overdue, then captured");
  }

  #released(paymentId: string, refusal: string): void {
    const payment = this.#payment(paymentId);
    demand(payment.status === "held", "captured or released, once", () => payment);
    payment.status = "released";
    payment.refusal = refusal;
    const request = this.lane(payment.laneId).find(payment.requestId);
    demand(request?.paidBy !== paymentId, "released means not paid", () => [payment, request]);
    const rare = RARE_RELEASES[refusal];
    if (rare !== undefined) this.rare.reach(rare);
    if (refusal === "request_expired" && request?.scanned === true) {
      this.rare.reach("expired between scan and approval");
    }
    if (refusal === "request_changed" && request !== undefined) {
      const versions = request.version !== payment.version;
      this.rare.reach(
        versions ? "version changed under an approval" : "amount other than the request's",
      );
    }
    if (refusal === "payment_barred" && payment.queried) {
      this.rare.reach("hold overdue, then barred");
    }
  }

  #hearLane(laneId: string, event: LaneEvent): void {
    this.lane(laneId).hear(event);
    if (event.kind !== "PaymentRequestPaid") return;
    const payment = this.#payment(event.paymentId);
    const request = this.lane(laneId).find(event.requestId);
    demand(payment.status === "held", "paid by held money", () => payment);
    demand(payment.requestId === event.requestId, "paid as approved", () => [payment, event]);
    demand(payment.amountCents === event.amountCents, "paid as approved", () => [payment, event]);
    demand(payment.version === request?.version, "paid as approved", () => [payment, request]);
  }

  #payment(paymentId: string): PaymentAudit {
    const payment = this.payments.get(paymentId);
    demand(payment !== undefined, "authorised first", () => paymentId);
    return payment;
  }

  /** I1 and I2, by arithmetic of our own. */
  #post(entry: JournalEntry): void {
    let imbalance = 0;
    for (const { account, side, amountCents } of entry.postings) {
      demand(Number.isSafeInteger(amountCents) && amountCents > 0, "I1", () => entry);
      const signed = side === "debit" ? amountCents : -amountCents;
      imbalance += signed;
      this.balances.set(account, (this.balances.get(account) ?? 0) + signed);
    }
    demand(imbalance === 0, "I1", () => entry);
    let sum = 0;
    for (const balance of this.balances.values()) sum += balance;
    demand(sum === 0, "I2", () => [...this.balances]);
  }
}
