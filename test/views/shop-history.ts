/**
 * Random histories of merchants: payers' accounts credit them, and the real merchant actor gives
 * refunds, nets, pays out, files and hears of returns, told by a view that lags as it likes.
 */
import fc from "fast-check";
import type { BankDate } from "../../actors/banking-calendar.ts";
import { laneId } from "../../actors/ids.ts";
import { type MerchantCommand, type MerchantState, merchantActor } from "../../actors/merchant.ts";
import { cents } from "../../actors/money.ts";
import { DEFAULT_POLICY } from "../../actors/policy.ts";
import { purchaseCaptured, refundSetOff } from "../../actors/postings.ts";
import type { StoredEvent } from "../../src/runtime/event-log.ts";
import type { View } from "../../src/runtime/view.ts";
import { creditedCents } from "../../src/views/settlements.ts";
import { fileId, refundId } from "../actors/collecting.ts";
import { Drive } from "../actors/drive.ts";
import { accountId, NOON_MS, paymentId, personId, requestId } from "../actors/samples.ts";
import { MemoryTable } from "./history.ts";

export const SHOPS = 3;

const shop = fc.integer({ min: 1, max: SHOPS });
const amount = fc.integer({ min: 1, max: 5_000 });
const pick = fc.nat();

export const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("pay"), shop, amount }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("refund"), pick, amount }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("dispute"), shop, amount }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("set off"), shop, amount }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("see"), pick }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("settle"), shop, amount }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("file"), shop }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("unfile"), shop }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("arrive"), shop }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("return"), shop }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("bank"), shop }) },
  ),
  { minLength: 20, maxLength: 160, size: "max" },
);

interface Step {
  readonly kind: string;
  readonly shop?: number;
  readonly amount?: number;
  readonly pick?: number;
}

interface Paid {
  readonly number: number;
  readonly shop: number;
  amount: number;
}

type Shop = ReturnType<typeof newShop>;

function newShop(merchantNumber: number) {
  const drive = new Drive(
    merchantActor({ ...DEFAULT_POLICY, payoutHoldDays: 0 }),
    String(merchantNumber),
    NOON_MS,
  );
  const terms = {
    ...{ merchantNumber, name: "Blue Bottle", statementName: "BLUE BOTTLE" },
    ...{ street: "1 Main Street", city: "Denver", state: "CO", feeBasisPoints: 150 },
    keyTag: "merchant-key",
  };
  return drive.table([
    [{ kind: "SetUpMerchant", terms }, "merchant"],
    [
      {
        ...{ kind: "SetBankAccount", token: "vault-bank-0", ending: "vault-ending-0" },
        ...{ note: null, persons: "one", sameAs: [] },
      },
      "noted",
    ],
  ]);
}

export class ShopHistory {
  readonly events: StoredEvent[] = [];
  readonly shops = new Map<number, Shop>();
  readonly payments: Paid[] = [];
  readonly table = new MemoryTable();
  #seen = 0;
  #files = 0;
  #tokens = 0;
  #refunds = 0;

  /** `changed`: how a planted view reads an event. */
  constructor(
    private readonly view: View,
    private readonly changed: (event: StoredEvent) => StoredEvent | undefined = (event) => event,
  ) {
    for (let number = 1; number <= SHOPS; number++) this.shops.set(number, newShop(number));
  }

  run(all: readonly Step[]): void {
    for (const step of all) this.#step(step);
    this.see(this.events.length);
  }

  /** Lets the view see so many more events, one batch. */
  see(count: number): void {
    const batch = this.events.slice(this.#seen, this.#seen + count);
    this.#seen += batch.length;
    this.view.apply(
      batch.flatMap((event) => this.changed(event) ?? []),
      this.table,
    );
  }

  state(number: number): Extract<MerchantState, { kind: "active" }>["settlement"] {
    const state = this.shops.get(number)?.state;
    if (state?.kind !== "active") throw new Error("the merchant was set up");
    return state.settlement;
  }

  #step({ kind, shop = 1, amount = 1, pick = 0 }: Step): void {
    switch (kind) {
      case "pay":
        this.#pay(shop, amount);
        break;
      case "refund":
        this.#refund(pick, amount);
        break;
      case "set off":
        this.#setOff(shop, amount);
        break;
      case "see":
        this.see(pick % 20);
        break;
      default: {
        const command = this.#commandOf(kind, shop, amount);
        if (command !== undefined) this.#tell(shop, command);
      }
    }
  }

  #commandOf(kind: string, shop: number, amount: number): MerchantCommand | undefined {
    switch (kind) {
      case "dispute":
        return { kind: "NoteDebt", paymentId: paymentId(1), amountCents: cents(amount) };
      case "settle":
        return this.#settle(shop, amount);
      case "file": {
        const traces = { first: 1, count: 1 };
        const file = { fileId: fileId(++this.#files), effectiveOn: "2026-06-09" as BankDate };
        return { kind: "FileEntries", ...file, traces };
      }
      case "bank":
        return {
          ...{ kind: "SetBankAccount", token: `vault-bank-${++this.#tokens}` },
          ...{ ending: `vault-ending-${this.#tokens}`, note: null },
          ...{ persons: "one", sameAs: [] },
        };
      default:
        return this.#ofFirstPayout(kind, shop);
    }
  }

  #ofFirstPayout(kind: string, shop: number): MerchantCommand | undefined {
    const { payoutId = "", amountCents = cents(0), sent } = this.state(shop).payouts[0] ?? {};
    if (sent === undefined || sent === null) return undefined;
    if (kind === "unfile") return { kind: "UnfileEntries", fileId: sent.fileId };
    if (kind === "arrive") return { kind: "CollectEntries", fileId: sent.fileId };
    const subject = { kind: "payout", payoutId } as const;
    const returned = { fileId: sent.fileId, trace: sent.trace, code: "R03" };
    return { kind: "ReturnEntry", subject, ...returned, amountCents, isSettled: true };
  }

  #pay(number: number, amount: number): void {
    const paid = this.payments.length + 1;
    const fee = Math.floor(amount / 60);
    this.payments.push({ number: paid, shop: number, amount });
    const payee = { merchantNumber: number, laneId: laneId(number), laneName: "Lane" };
    const place = { merchantName: "Shop", street: "Street", city: "City", state: "CO" };
    this.#store("account", accountId(1), {
      kind: "PaymentCaptured",
      receipt: {
        ...{ paymentId: paymentId(paid), requestId: requestId(paid), requestNumber: paid },
        ...{ version: 1, amountCents: amount, title: "", payee: { ...payee, ...place } },
        paidAtMs: NOON_MS,
      },
      feeCents: fee,
      terminal: { laneKind: "till", code: "000001" },
      entry: purchaseCaptured(personId(1), number, cents(amount), cents(fee)),
    });
  }

  #refund(pick: number, asked: number): void {
    const payment = this.payments[pick % Math.max(this.payments.length, 1)];
    if (payment === undefined || payment.amount === 0) return;
    const amount = Math.min(asked, payment.amount);
    payment.amount -= amount;
    this.#tell(payment.shop, {
      ...{ kind: "GiveShare", refundId: refundId(++this.#refunds), accountId: accountId(1) },
      ...{ paymentId: paymentId(payment.number), amountCents: cents(amount) },
      ...{ feeCents: cents(Math.floor(amount / 60)), creditedCents: this.#credited(payment.shop) },
    });
  }

  #setOff(number: number, amount: number): void {
    this.#store("account", accountId(1), {
      ...{ kind: "RefundSetOff", refundId: refundId(900), paymentId: paymentId(900) },
      amountCents: amount,
      entry: refundSetOff(personId(1), `merch:${number}:payable`, cents(amount)),
    });
    // Against a debt of the customer it is nothing to any merchant.
    this.#store("account", accountId(1), {
      ...{ kind: "RefundSetOff", refundId: refundId(901), paymentId: paymentId(901) },
      amountCents: amount,
      entry: refundSetOff(personId(1), `cust:${personId(1)}:returned`, cents(amount)),
    });
  }

  #settle(number: number, least: number): MerchantCommand {
    const [uptoPosition, credited] = [this.#seen, this.#credited(number)];
    const leastCents = cents(least % 7 === 0 ? least : 1);
    return { kind: "SettleMerchant", creditedCents: credited, uptoPosition, leastCents };
  }

  #credited(number: number) {
    return creditedCents(this.table, number);
  }

  #tell(number: number, command: MerchantCommand): void {
    const drive = this.shops.get(number);
    if (drive === undefined) throw new Error("there is such a shop");
    const { length } = drive.events;
    drive.tell(command);
    for (const event of drive.events.slice(length)) this.#store("merchant", String(number), event);
  }

  #store<Event extends { readonly kind: string }>(kind: string, id: string, event: Event): void {
    const position = this.events.length + 1;
    this.events.push({
      ...{ position, ref: { kind, id }, seq: position, previous: 0, atMs: NOON_MS + position },
      ...{ principal: "test", commandId: `${position}`, kind: event.kind, version: 1 },
      data: JSON.stringify(event),
    });
  }
}
