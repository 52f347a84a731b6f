/**
 * The second set of books of a simulated quarter. It hears every event as it is committed, keeps
 * its own account of every purchase, file and ledger account, and is compared with what the switch
 * says of itself and with what the bank holds (docs/money.md). It shares no code with the actors
 * but the shapes of their events.
 */
import type { AccountEvent } from "../actors/account-messages.ts";
import type { AchEntryEvent } from "../actors/ach-entry.ts";
import type { AchFileEvent } from "../actors/ach-file-messages.ts";
import type { AchInboundEvent } from "../actors/ach-inbound.ts";
import type { Message } from "../actors/actor.ts";
import type { AccountId } from "../actors/ids.ts";
import type { LaneEvent } from "../actors/lane-messages.ts";
import type { JournalEntry } from "../actors/ledger.ts";
import type { MerchantEvent } from "../actors/merchant.ts";
import type { PurchaseEvent } from "../actors/purchase.ts";
import type { StoredEvent } from "../src/runtime/event-log.ts";
import { hearCollection } from "./quarter-collecting.ts";
import { demand, InvariantBroken } from "./quarter-demand.ts";
import { FileBooks } from "./quarter-file.ts";
import { type Life, Purse } from "./quarter-purse.ts";
import { Tally } from "./tally.ts";

/** Events that move no money and change no limit. */
const UNREAD: ReadonlySet<string> = new Set([
  "PaymentRequestOpened",
  "PaymentRequestScanned",
  "PaymentRequestCancelled",
  "PaymentRequestSuperseded",
  "PaymentRequestExpired",
  "LaneSetUp",
  "PhoneBound",
  "IdentityDocumentSubmitted",
]);

type Of<Kind extends AccountEvent["kind"]> = Extract<AccountEvent, { kind: Kind }>;

/** A return that matches nothing, by its inbound file and its number there. */
export interface Suspended {
  readonly inbound: string;
  readonly number: number;
  /** What the bank will give back once it is understood. */
  readonly debitCents: number;
}

export class QuarterBooks {
  /** Debit positive, by ledger account. */
  readonly booked = new Map<string, number>();
  readonly purses = new Map<string, Purse>();
  readonly lives = new Map<string, Life>();
  readonly files = new Map<string, FileBooks>();
  /** What was sent under a trace number; a quarter uses none twice. */
  readonly fileOf = new Map<number, FileBooks>();
  /** Customers that something happened to since the last check. */
  readonly touched = new Set<Purse>();
  readonly seen = new Tally();
  /** Credited to each merchant by its payers. */
  readonly credited = new Map<number, number>();
  /** Returns that wait in suspense for a person. */
  readonly suspense: Suspended[] = [];
  /** What moved at the bank without a file: paid by hand, won in a dispute, cleared. */
  byHandCents = 0;
  events = 0;
  postings = 0;
  capturedCents = 0;
  /** All ledger accounts together. */
  sumCents = 0;
  /** The first invariant that did not hold. */
  broken: InvariantBroken | undefined;
  /** Payments that a lane took and no account has captured yet. */
  readonly paid = new Map<string, number>();
  readonly acknowledged = new Set<string>();
  /** Heard, and not booked yet. */
  #later: (readonly StoredEvent[])[] | undefined;
  readonly #payouts = new Map<string, { readonly file: FileBooks; readonly trace: number }>();

  /** Never throws: the feed goes on, and whoever drives the quarter looks at `broken`. */
  hear(events: readonly StoredEvent[]): void {
    if (this.#later === undefined) this.#hearAll(events);
    else this.#later.push(events);
  }

  /** While something is measured nothing is booked here: that is no work of the switch. */
  async afterwards(work: () => Promise<void>): Promise<void> {
    this.#later = [];
    try {
      await work();
    } finally {
      const later = this.#later;
      this.#later = undefined;
      for (const events of later) this.#hearAll(events);
    }
  }

  #hearAll(events: readonly StoredEvent[]): void {
    for (const event of events) {
      if (this.broken !== undefined) return;
      try {
        this.#hear(event);
      } catch (error) {
        if (!(error instanceof InvariantBroken)) throw error;
        this.broken = error;
      }
    }
  }

  #hear(stored: StoredEvent): void {
    this.events++;
    this.seen.add(stored.kind);
    if (UNREAD.has(stored.kind)) return;
    const event = JSON.parse(stored.data) as Message & { readonly entry?: JournalEntry | null };
    if (event.entry) this.#post(event.entry);
    const { kind, id } = stored.ref;
    if (kind === "account") this.#account(id, event as AccountEvent);
    else if (kind === "lane") this.#lane(event as LaneEvent);
    else if (kind === "merchant") this.#merchant(event as MerchantEvent);
    else if (kind === "ach-file") this.#file(id, event as AchFileEvent);
    else if (kind === "ach-entry") this.#entry(id, event as AchEntryEvent);
    else if (kind === "ach-inbound") this.#inbound(id, event as AchInboundEvent);
    else if (kind === "purchase") this.#refunded(event as PurchaseEvent);
  }

  #post({ name, postings }: JournalEntry): void {
    let sum = 0;
    for (const { account, side, amountCents } of postings) {
      const cents = side === "debit" ? amountCents : -amountCents;
      sum += cents;
      this.postings++;
      this.booked.set(account, (this.booked.get(account) ?? 0) + cents);
    }
    this.sumCents += sum;
    demand(sum === 0, "I1", () => `${name} is ${sum} cents out of balance`);
  }

  /** The phone has its receipt: from here the payment is in the log, once. */
  acknowledge(paymentId: string, amountCents: number): void {
    const isHeard = this.lives.get(paymentId)?.amountCents === amountCents;
    demand(isHeard, "once", () => `${paymentId} was acknowledged and is not captured`);
    demand(!this.acknowledged.has(paymentId), "once", () => `${paymentId} acknowledged twice`);
    this.acknowledged.add(paymentId);
  }

  #account(id: string, event: AccountEvent): void {
    if (event.kind === "AccountOpened") {
      this.purses.set(id, new Purse(id as AccountId, event.personId, event.capCents));
      return;
    }
    const purse = this.purses.get(id);
    demand(purse !== undefined, "I3", () => `${id} was never opened`);
    this.touched.add(purse);
    switch (event.kind) {
      case "PaymentAuthorised":
        purse.holds++;
        return;
      case "PaymentReleased":
        purse.holds--;
        this.seen.add(`released: ${event.refusal.kind}`);
        return;
      case "PaymentCaptured":
        this.#captured(purse, event);
        return;
      case "AccountBlocked":
        purse.blocks.set(event.reason, event.atMs);
        this.seen.add(`block: ${event.reason}`);
        return;
      case "BlockLifted":
        purse.blocks.delete(event.reason);
        return;
      default:
        hearCollection(this, purse, event);
    }
  }

  #captured(purse: Purse, { receipt, feeCents }: Of<"PaymentCaptured">): void {
    const { paymentId, amountCents, payee } = receipt;
    demand(!this.lives.has(paymentId), "once", () => `${paymentId} is captured twice`);
    const paid = this.paid.get(paymentId);
    demand(paid === amountCents, "once", () => `${paymentId}: a lane was paid ${paid}`);
    this.paid.delete(paymentId);
    const { merchantNumber } = payee;
    const life: Life = {
      ...{ paymentId, accountId: purse.accountId, merchantNumber, amountCents, feeCents },
      ...{ laneId: payee.laneId, requestId: receipt.requestId },
      ...{ leftCents: amountCents, stage: "due", before: "due" },
      ...{ fileId: "", trace: 0, refundedCents: 0 },
    };
    this.lives.set(paymentId, life);
    purse.open.set(paymentId, life);
    purse.holds--;
    this.capturedCents += amountCents;
    this.credit(merchantNumber, amountCents - feeCents);
  }

  credit(merchantNumber: number, cents: number): void {
    this.credited.set(merchantNumber, (this.credited.get(merchantNumber) ?? 0) + cents);
  }

  file(id: string): FileBooks {
    const known = this.files.get(id) ?? new FileBooks(id);
    this.files.set(id, known);
    return known;
  }

  enter(fileId: string, trace: number, direction: "debit" | "credit", cents: number): FileBooks {
    const file = this.file(fileId);
    file.enter(trace, direction, cents);
    this.fileOf.set(trace, file);
    return file;
  }

  #lane(event: LaneEvent): void {
    if (event.kind !== "PaymentRequestPaid") return;
    const { paymentId, amountCents } = event;
    const isNew = !this.paid.has(paymentId) && !this.lives.has(paymentId);
    demand(isNew, "once", () => `${paymentId} paid two requests`);
    this.paid.set(paymentId, amountCents);
  }

  #merchant(event: MerchantEvent): void {
    switch (event.kind) {
      case "PayoutFiled": {
        const { payoutId, fileId, trace, amountCents, entry } = event;
        const file = this.enter(fileId, trace, "credit", amountCents);
        file.filedCents += amountCents;
        file.clear(entry);
        this.#payouts.set(payoutId, { file, trace });
        return;
      }
      case "PayoutUnfiled":
      case "PayoutArrived": {
        const sent = this.#payouts.get(event.payoutId);
        sent?.file.end(sent.trace, "over");
        if (event.kind === "PayoutUnfiled") sent?.file.clear(event.entry);
        return;
      }
      case "PayoutReturned": {
        const sent = this.#payouts.get(event.payoutId);
        sent?.file.end(event.trace, "back");
        sent?.file.clear(event.entry);
        this.seen.add(`payout return ${event.code}`);
        return;
      }
      default:
    }
  }

  #file(id: string, event: AchFileEvent): void {
    const file = this.file(id);
    if (event.kind === "FileSettled") file.clear(event.entry);
    // The name of one that stayed empty is used again.
    if (event.kind === "FileOpened") file.isOpen = true;
    if (event.kind === "FileBuilt" || event.kind === "FileLeftEmpty") file.isOpen = false;
    if (event.kind === "FileClosed") file.close();
  }

  /** One answer of the bank to an entry is acted on; all others wait for a person. */
  #entry(id: string, event: AchEntryEvent): void {
    const [fileId = "", trace = ""] = id.split("/");
    if (event.kind === "ReturnDoubted") {
      this.seen.add(`doubt: ${event.doubt}`);
      return;
    }
    const entry = this.file(fileId).entry(Number(trace));
    demand(!entry.isAnswered, "once", () => `the return of ${id} is acted on twice`);
    entry.isAnswered = true;
  }

  #inbound(inbound: string, event: AchInboundEvent): void {
    if (event.kind !== "ExceptionKept") return;
    const { number, money, reason } = event.exception;
    this.seen.add(`exception: ${reason}`);
    if (money === null) return;
    const debitCents = money.direction === "debit" ? money.amountCents : -money.amountCents;
    this.suspense.push({ inbound, number, debitCents });
  }

  #refunded(event: PurchaseEvent): void {
    if (event.kind !== "PurchaseRefunded") return;
    const { facts, amountCents } = event;
    const life = this.lives.get(facts.paymentId);
    demand(life !== undefined, "I8", () => `${facts.paymentId} is refunded and unknown`);
    life.refundedCents += amountCents;
    const isWithin = life.refundedCents <= life.amountCents;
    demand(isWithin, "I8", () => `${facts.paymentId} is refunded beyond its amount`);
  }
}
