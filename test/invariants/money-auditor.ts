/**
 * The second opinion on the books: every event of the money actors is heard here, what it must post
 * is worked out anew, and the two sets of books are compared event by event (docs/money.md).
 */

import type { AchEntryEvent } from "../../actors/ach-entry.ts";
import type { AchFileEvent } from "../../actors/ach-file-messages.ts";
import { addBankingDays, type BankDate, daysBetween } from "../../actors/banking-calendar.ts";
import type { JournalEntry } from "../../actors/ledger.ts";
import type { MerchantEvent } from "../../actors/merchant.ts";
import type { PurchaseEvent } from "../../actors/purchase.ts";
import type { EntryReversalEvent } from "../../actors/reversed-entry.ts";
import type { TracesTaken } from "../../actors/traces.ts";
import { demand } from "./demand.ts";
import { Bank, type BankEntry } from "./money-bank.ts";
import { CustomerAudit } from "./money-customer.ts";
import type { Heard } from "./money-engine.ts";
import { ShopAudit } from "./money-shop.ts";
import type { MoneyRare, Retries } from "./money-town.ts";
import type { Delta, Life, Share, World } from "./money-world.ts";
import type { Rare } from "./rare.ts";
import { rateOf } from "./town.ts";

const RETRY_DAYS = 3;
const RETRY_DAYS_MAX = 180;
const BASIS_POINTS = 10_000;
const TRACE_MAX = 9_999_999;

export class MoneyAuditor implements World {
  readonly bank = new Bank();
  readonly lives: World["lives"] = new Map();
  readonly shares = new Map<string, Share>();
  readonly customers = new Map<string, CustomerAudit>();
  readonly shops = new Map<number, ShopAudit>();
  /** What the journal entries say, and what they should: debit positive. */
  readonly booked = new Map<string, number>();
  readonly #own = new Map<string, number>();
  readonly touched = new Set<CustomerAudit>();
  /** Returns that an entry let through, and that a file counted. */
  readonly #received = new Set<string>();
  readonly #counted = new Set<string>();
  /** Returns on their way to their file, by the id of the command that brings them. */
  readonly #letters = new Map<string, BankEntry>();
  byHand = 0;
  byHandSaid = 0;
  events = 0;
  #lastTrace = 0;

  constructor(
    readonly rare: Rare<MoneyRare>,
    readonly retriesMax: Retries,
    private readonly today: () => BankDate,
  ) {}

  customer(id: string): CustomerAudit {
    const known = this.customers.get(id) ?? new CustomerAudit(id, this);
    this.customers.set(id, known);
    return known;
  }

  shop(merchantNumber: number): ShopAudit {
    const known = this.shops.get(merchantNumber) ?? new ShopAudit(merchantNumber, this);
    this.shops.set(merchantNumber, known);
    return known;
  }

  feeOf(merchantNumber: number, amount: number): number {
    return Math.floor((amount * rateOf(merchantNumber)) / BASIS_POINTS);
  }

  hear(heard: Heard): void {
    this.events++;
    const { entry } = heard.event as { readonly entry?: JournalEntry };
    const touched = new Set<string>();
    let sum = 0;
    for (const { account, side, amountCents } of entry?.postings ?? []) {
      const signed = side === "debit" ? amountCents : -amountCents;
      demand(Number.isSafeInteger(signed) && amountCents > 0, "whole cents", () => entry);
      sum += signed;
      add(this.booked, account, signed);
      touched.add(account);
    }
    demand(sum === 0, "I1", () => heard.event);
    for (const [account, cents] of this.#deltas(heard)) {
      add(this.#own, account, cents);
      touched.add(account);
    }
    for (const account of touched) {
      const [booked, own] = [this.booked.get(account) ?? 0, this.#own.get(account) ?? 0];
      demand(booked === own, "the books", () => [account, booked, own, heard.event]);
      this.#demandSide(account, booked, heard);
    }
  }

  /** Nothing is owed that was not lent, and nothing is paid that is not there. */
  #demandSide(account: string, booked: number, { event }: Heard): void {
    const [section = "", number, part = ""] = account.split(":");
    if (account === "cash:bank" || section === "expense") return;
    if (part === "receivable") {
      const onTheWay = [...this.shares].reduce((all, [, share]) => all + share.receivable, 0);
      const isOwn = booked + (Number.isNaN(Number(number)) ? 0 : onTheWay) >= 0;
      demand(isOwn, "I13", () => [account, booked, event]);
      return;
    }
    const isDebit = section === "cust" && part !== "refund_payable";
    // What has come back of a file whose statement is still to be read.
    const ahead = account === "ach:provisional" ? this.bank.takenBackUnheard() : 0;
    demand(isDebit ? booked >= 0 : booked <= ahead, isDebit ? "I3" : "I13", () => {
      return [account, booked, event];
    });
  }

  #deltas(heard: Heard): readonly Delta[] {
    const { ref, event, commandId } = heard;
    switch (ref.kind) {
      case "account": {
        const customer = this.customer(ref.id);
        this.touched.add(customer);
        return customer.hear(heard);
      }
      case "merchant":
        return this.shop(Number(ref.id)).hear(event as MerchantEvent, commandId);
      case "ach-file":
        return this.#file(ref.id, event as AchFileEvent, commandId);
      case "ach-entry":
        return this.#entry(ref.id, event as AchEntryEvent, heard);
      case "purchase":
        return this.#refunded(event as PurchaseEvent, commandId);
      case "traces":
        return this.#tracesTaken(event as TracesTaken);
      default:
        return [];
    }
  }

  #file(id: string, event: AchFileEvent, commandId: string): readonly Delta[] {
    switch (event.kind) {
      case "FileOpened":
        return [];
      case "FileBuilt": {
        const { entries } = this.bank.file(id);
        const sum = (direction: BankEntry["direction"]): number =>
          entries.reduce(
            (all, entry) => (entry.direction === direction ? all + entry.amount : all),
            0,
          );
        const { totals } = event;
        const told = [totals.entries, totals.debitCents, totals.creditCents].map(Number);
        const counted = [entries.length, sum("debit"), sum("credit")];
        demand(Bun.deepEquals(told, counted), "I11", () => [id, told, counted]);
        return [];
      }
      case "FileSettled": {
        const file = this.bank.file(id);
        const { moved } = file;
        demand(moved !== undefined && !file.isHeard, "what the bank says", () => [id, event]);
        file.isHeard = true;
        const left = { debit: 0, credit: 0 };
        // Of what came back on the day itself a statement may say either.
        const doubtful = { debit: 0, credit: 0 };
        for (const { back, direction, amount } of file.entries) {
          if (back?.isCounted !== "early") left[direction] += amount;
          if (back?.bookedOn === file.effectiveOn) doubtful[direction] += amount;
        }
        const isRight = (["debit", "credit"] as const).every((side) => {
          const missing = left[side] - moved[side];
          return missing >= 0 && missing <= doubtful[side];
        });
        demand(isRight, "what the bank says", () => [moved, left]);
        file.cash += left.debit - left.credit;
        return [
          ["cash:bank", left.debit - left.credit],
          ["ach:provisional", -left.debit],
          ["ach:out", left.credit],
        ];
      }
      case "ReturnCounted": {
        const back = this.#letters.get(commandId)?.back;
        demand(back?.isCounted === undefined, "a return is counted once", () => [id, event]);
        demand(back !== undefined, "a return is counted once", () => [id, event]);
        const file = this.bank.file(id);
        const isEarly = back.bookedOn < file.effectiveOn && !file.isHeard;
        back.isCounted = isEarly ? "early" : "settled";
        this.#counted.add(id);
        return [];
      }
      case "FileClosed": {
        const { entries, isTaken } = this.bank.file(id);
        const open = entries.filter(({ isDone, amount }) => !isDone && amount > 0);
        demand(open.length === 0, "I10", () => [id, open]);
        const isOver = isTaken === false || this.bank.file(id).isHeard;
        demand(isOver, "a file ends with the bank's word", () => id);
        return [];
      }
      default:
        return [];
    }
  }

  /** Whether a return of it was acted on. */
  hasReceived(fileId: string, trace: number): boolean {
    return this.#received.has(`${fileId}/${trace}`);
  }

  /** Whether the file itself has heard of a return. */
  hasCounted(id: string): boolean {
    return this.#counted.has(id);
  }

  /** One return of an entry is acted on, once, and only what the bank gave back. */
  #entry(
    id: string,
    event: AchEntryEvent,
    { commandId, principal }: Pick<Heard, "commandId" | "principal">,
  ): readonly Delta[] {
    const [fileId = "", trace = ""] = id.split("/");
    const entry = this.bank.entry(fileId, Number(trace));
    const { back } = entry;
    if (event.kind === "ReversalProposed" || event.kind === "EntryReversed") {
      noteReversal(entry, event, principal);
      return [];
    }
    const isGiven = back !== undefined && back.ownTrace === event.ownTrace;
    if (event.kind === "ReturnReceived") {
      demand(isGiven, "only what the bank gave back", () => [id, event, back]);
      demand(!this.#received.has(id), "a return is acted on once", () => [id, event]);
      this.#received.add(id);
      this.#letters.set(`${commandId}>0`, entry);
      return [];
    }
    demand(!isGiven, "a return that is right is acted on", () => [id, event, back]);
    if (event.doubt === "possible_duplicate") {
      demand(this.#received.has(id), "a doubt has its reason", () => event);
    }
    return [];
  }

  #refunded(event: PurchaseEvent, commandId: string): readonly Delta[] {
    if (event.kind === "RefundProposed") return [];
    const { facts, amountCents } = event;
    const life = this.lives.get(facts.paymentId)?.life;
    demand(life !== undefined, "a purchase that is known", () => event);
    life.asked += amountCents;
    demand(life.asked <= life.amount, "I8", () => [event, life]);
    const all = Math.floor((life.fee * life.asked) / life.amount);
    const fee = all - life.feeBack;
    life.feeBack = all;
    demand(event.feeCents === fee, "the fee goes back with its part", () => [event, fee]);
    this.shares.set(`${commandId}>0`, { payable: 0, receivable: 0, fee });
    return [];
  }

  #tracesTaken({ block }: TracesTaken): readonly Delta[] {
    const end = block.first + block.count - 1;
    demand(block.first >= 1 && end <= TRACE_MAX, "a trace has seven digits", () => block);
    const isWrapped = block.first === 1 && this.#lastTrace + block.count > TRACE_MAX;
    if (isWrapped) this.rare.reach("trace wrap");
    const isNext = block.first === this.#lastTrace + 1;
    demand(isNext || isWrapped, "traces are taken once", () => [block, this.#lastTrace]);
    this.#lastTrace = end;
    return [];
  }

  enter(entry: BankEntry): void {
    const file = this.bank.file(entry.fileId);
    demand(file.stage === "open", "a file that was built takes no more", () => entry);
    const isNew = file.entries.every(({ trace }) => trace !== entry.trace);
    demand(isNew && entry.trace >= 1, "a trace names one entry", () => entry);
    file.entries.push(entry);
  }

  heardBack(trace: number, ownerId: string): BankEntry {
    for (const { entries } of this.bank.files) {
      for (const entry of entries) {
        if (entry.trace !== trace || entry.owner.id !== ownerId) continue;
        demand(entry.back?.isHeard === false, "a return is acted on once", () => entry);
        entry.back.isHeard = true;
        entry.isDone = true;
        if (entry.back.isCounted === "settled") {
          const { direction, amount } = entry;
          this.bank.file(entry.fileId).cash += direction === "debit" ? -amount : amount;
        }
        return entry;
      }
    }
    throw new Error(`no entry ${trace} of ${ownerId} came back`);
  }

  refundEntry(fileId: string, refundId: string): BankEntry {
    const entry = this.bank.file(fileId).entries.find(({ subject }) => {
      return "refundId" in subject && subject.refundId === refundId;
    });
    demand(entry !== undefined, "an entry that was sent", () => [fileId, refundId]);
    return entry;
  }

  demandWindow(fileId: string): void {
    const { isHeard, windowOn } = this.bank.file(fileId);
    const isOver = isHeard && this.today() >= windowOn;
    demand(isOver, "collected is what is settled, after its window", () => [fileId, windowOn]);
  }

  nextEffectiveOn(): BankDate {
    return addBankingDays(addBankingDays(this.today(), 0), 1);
  }

  mayRetryOn(first: BankDate): boolean {
    return daysBetween(first, addBankingDays(this.today(), RETRY_DAYS)) <= RETRY_DAYS_MAX;
  }

  /** Every purchase with a stage in which the step is about something. */
  livesIn(...stages: readonly Life["stage"][]): readonly Life[] {
    return [...this.lives.values()].flatMap(({ life }) => {
      return stages.includes(life.stage) ? [life] : [];
    });
  }
}

/** Two people, and never of what came back. */
function noteReversal({ reversal }: BankEntry, event: EntryReversalEvent, principal: string): void {
  if (event.kind === "ReversalProposed") {
    demand(reversal.stage !== "agreed", "an entry is reversed once", () => event);
    Object.assign(reversal, { stage: "proposed", reason: event.reason, by: principal });
    return;
  }
  const isAgreed = reversal.stage === "proposed" && reversal.by !== principal;
  demand(isAgreed && reversal.reason === event.reason, "two people reverse", () => event);
  reversal.stage = "agreed";
}

function add(books: Map<string, number>, account: string, cents: number): void {
  books.set(account, (books.get(account) ?? 0) + cents);
}
