/**
 * What is checked of every answer, from outside: it is compared with what was answered before, with
 * what was approved and agreed, and with what the bank has done.
 */
import { addBankingDays, instantOf } from "../../actors/banking-calendar.ts";
import { DEFAULT_POLICY } from "../../actors/policy.ts";
import type { Account, Money, Payment } from "../../src/client/shapes.ts";
import { isFee } from "./bank-side.ts";
import type { Person, Sale } from "./books.ts";
import { expectFact } from "./finding.ts";
import type { Answer, Call } from "./network.ts";
import type { World } from "./world.ts";

/** Their keys are kept in memory: after a restart they are answered anew (docs/api.md). */
const OF_MEMORY = /^\/v1\/(sessions|scans|test_helpers)/;
const DAY_MS = 86_400_000;
/** Answers are remembered for a week (docs/api.md). */
const REMEMBERED_MS = 7 * DAY_MS;

export class Checks {
  /** The first final answer to each keyed call. */
  readonly first = new Map<string, Answer>();
  answers = 0;

  constructor(private readonly world: World) {
    world.onAnswer = (answer) => this.hear(answer);
  }

  hear(answer: Answer): void {
    this.answers++;
    const { call, status, text } = answer;
    expectFact(status !== 500, "the switch fails by itself", () => [call.method, call.path, text]);
    // Nothing was said of the call itself: the switch is busy, or a session is over.
    if (status === 503 || status === 401) return;
    if (call.key !== undefined && call.method !== "GET") this.#compare(answer);
    if (call.method === "POST" && call.path === "/v1/payments") this.#payment(answer);
    if (status !== 200) return;
    if (/^\/v1\/(account|desk\/accounts\/[^/]+)$/.test(call.path)) this.#account(answer);
    if (call.path === "/v1/desk/ledger") this.#ledger(answer);
  }

  /** I6: a yes is the same yes for as long as it is remembered; a no stays a no. */
  #compare(answer: Answer): void {
    const { call, status, text } = answer;
    if (OF_MEMORY.test(call.path)) return;
    const id = idOf(call);
    const first = this.first.get(id);
    if (first === undefined) {
      this.first.set(id, answer);
      return;
    }
    if (!isSameBody(first.call, call)) {
      expectFact(status === 422, "I6: another body under a key is refused", () => [id, status]);
      return;
    }
    const isRemembered = answer.atMs - first.atMs < REMEMBERED_MS - DAY_MS;
    const isYes = first.status < 300;
    if (!isYes) {
      const isNo = status >= 300 || call.path === "/v1/payments" || !isRemembered;
      expectFact(isNo, "I6: a no stays a no", () => [id, first.text, text]);
      return;
    }
    // A payment that was made is that payment for ever, also when its account has closed since.
    if (!isRemembered && call.path !== "/v1/payments") return;
    const isSame = first.status === status && (first.text === text || isSameThing(first, answer));
    expectFact(isSame, "I6: a yes stays the same yes", () => [id, first.text, status, text]);
  }

  #payment({ call, status, text, atMs }: Answer): void {
    const { approval } = JSON.parse(new TextDecoder().decode(call.body ?? undefined)) as {
      readonly approval: string;
    };
    const sale = this.world.books.byApproval.get(approval);
    expectFact(sale !== undefined, "only what was approved is answered", () => call.path);
    if (status !== 200) {
      // Of a body that differs, or said of an earlier approval: it says nothing of the sale.
      if (sale.state === "unknown" && isNotTaken(text)) sale.state = "refused";
      this.world.tell(`${sale.person.name} is refused ${sale.amountCents}: ${codeIn(text)}`);
      this.#refused(codeIn(text));
      return;
    }
    const payment = JSON.parse(text) as Payment;
    const { receipt } = payment;
    if (sale.paid !== undefined) {
      const isSame = payment.id === sale.paid.payment && isSameReceipt(receipt, sale.paid.receipt);
      expectFact(isSame, "one approval is one payment", () => [sale.paid, payment]);
      return;
    }
    expectFact(receipt.amount.amount === sale.amountCents, "a receipt is of what was approved");
    expectFact(receipt.payment_request === sale.request, "a receipt is of what was approved");
    const { books } = this.world;
    const other = books.byReference.get(receipt.reference);
    expectFact(other === undefined, "one request is paid once", () => receipt.reference);
    const { leftAtMs = Number.POSITIVE_INFINITY } = sale.person;
    expectFact(sale.approvedAtMs <= leftAtMs, "who has left pays nothing", () => payment);
    this.#limits(sale, payment);
    sale.state = "paid";
    const { reference } = receipt;
    sale.paid = { payment: payment.id, reference, receipt, answeredAtMs: atMs };
    books.byReference.set(reference, sale);
    this.world.tell(`${sale.person.name} pays ${sale.amountCents}: ${payment.id}`);
  }

  #refused(code: string): void {
    const { rare } = this.world;
    const states: Readonly<Record<string, string>> = {
      limit_exceeded: "limit exceeded",
      account_blocked: "blocked account approves",
      device_cloned: "copied phone",
      pin_wrong: "wrong PIN",
      request_expired: "request expired",
      request_superseded: "request superseded",
    };
    const state = states[code];
    if (state !== undefined) rare.reach(state);
  }

  /** I5 and I9, as far as the world outside knows. */
  #limits(sale: Sale, { limit_before: before, limit_after: after }: Payment): void {
    const { person } = sale;
    const capMax = Math.max(...person.capsCents);
    const isInside = ({ amount }: Money): boolean => amount >= 0 && amount <= capMax;
    expectFact(isInside(before) && isInside(after), "I4", () => [before, after, capMax]);
    const least = leastExposureCents(this.world, person, sale.approvedAtMs);
    const isWithin = least + sale.amountCents <= capMax;
    expectFact(isWithin, "I5", () => [person.name, least, sale.amountCents, capMax]);
    const standing = [...person.blocks.values()];
    const isBlocked = sale.blocksBefore.some((block) => standing.includes(block));
    expectFact(!isBlocked, "I9", () => [person.name, sale.blocksBefore]);
  }

  /** I4 of every limit that is answered, and what must be in it by now. */
  #account({ call, text }: Answer): void {
    const account = JSON.parse(text) as Account;
    const person = this.world.books.byAccount.get(account.id);
    const { limit } = account;
    if (person === undefined || limit === null) return;
    const [cap, available] = [limit.cap.amount, limit.available.amount];
    const [exposure, holds] = [limit.exposure.amount, limit.holds.amount];
    expectFact(exposure >= 0 && holds >= 0, "I3", () => limit);
    const right = Math.min(Math.max(cap - exposure - holds, 0), cap);
    expectFact(available === right, "I4", () => limit);
    expectFact(person.capsCents.includes(cap), "a cap that was set", () => [person.capsCents, cap]);
    const least = leastExposureCents(this.world, person, call.sentAtMs);
    expectFact(exposure + holds >= least, "the limit grows by what was collected", () => {
      return [person.name, limit, least, this.world.nowMs];
    });
    const most = person.sales.reduce((sum, sale) => {
      return sum + (sale.state === "refused" ? 0 : sale.amountCents);
    }, 0);
    expectFact(exposure + holds <= most, "nobody owes more than was bought", () => [limit, most]);
    if (exposure > cap) this.world.rare.reach("exposure above the cap");
  }

  #ledger({ text }: Answer): void {
    const { sum, accounts } = JSON.parse(text) as {
      readonly sum: Money;
      readonly accounts: readonly { readonly account: string; readonly balance: Money }[];
    };
    expectFact(sum.amount === 0, "I2", () => sum);
    for (const { account, balance } of accounts) {
      const side = sideOf(account);
      const isRight = side === "none" || balance.amount * (side === "debit" ? 1 : -1) >= 0;
      expectFact(isRight, side === "debit" ? "I3" : "I13", () => [account, balance]);
    }
  }
}

/** What a person owes for sure: sales that were answered and that nobody can have collected yet. */
export function leastExposureCents(world: World, person: Person, atMs: number): number {
  let least = 0;
  for (const sale of person.sales) {
    const { paid } = sale;
    if (paid === undefined || paid.answeredAtMs > atMs || world.books.isDecided(sale)) continue;
    if (mayBeCollected(world, paid.reference)) continue;
    least += sale.amountCents - sale.refundedCents;
  }
  return Math.max(0, least - person.byHandCents);
}

/** A debit of it was settled, and the day has come on which it counts as collected. */
function mayBeCollected({ bank, nowMs }: World, reference: string): boolean {
  return bank.entries.some((entry) => {
    const { isDebit, individualId, effectiveOn, file } = entry;
    if (!isDebit || individualId !== reference || isFee(entry)) return false;
    const windowOn = addBankingDays(effectiveOn, DEFAULT_POLICY.returnDays);
    return nowMs >= instantOf(windowOn, 8, 30) && bank.settledOn(file) !== undefined;
  });
}

const DEBIT_PARTS = [
  "due",
  "in_flight",
  "returned",
  "disputed",
  "fees",
  "fees_in_flight",
  "receivable",
];

/** docs/money.md: the side on which an account of the books grows. */
function sideOf(account: string): "debit" | "credit" | "none" {
  const [section = "", , part = ""] = account.split(":");
  // Our account at the bank may be overdrawn, what waits in suspense is not understood yet, and a
  // return may be read before the statement that it takes from.
  if (section === "cash" || section === "ach") return "none";
  if (section === "expense" || DEBIT_PARTS.includes(part)) return "debit";
  return "credit";
}

export function idOf({ method, path, key, headers }: Call): string {
  return `${method} ${path} ${key} ${headers["authorization"] ?? ""}`;
}

function isSameBody(one: Call, other: Call): boolean {
  return Bun.deepEquals(one.body, other.body);
}

/**
 * A repeat may tell how things stand by now: the limit after a payment, how far a refund is, which
 * bank account was named since.
 */
function isSameThing({ call, text }: Answer, other: Answer): boolean {
  const [one, two] = [JSON.parse(text) as object, JSON.parse(other.text) as object];
  if (call.path === "/v1/payments") {
    const [first, second] = [one as Payment, two as Payment];
    return first.id === second.id && isSameReceipt(first.receipt, second.receipt);
  }
  if (call.path.endsWith("/bank-account")) return true;
  // Asked under a second key, it says that the account is open, and the limit as it is.
  if (call.path.endsWith("/completion")) {
    return (one as { account: string }).account === (two as { account: string }).account;
  }
  if (!call.path.endsWith("/refunds")) return false;
  return JSON.stringify({ ...one, status: "" }) === JSON.stringify({ ...two, status: "" });
}

/** Refunds come later; all else of a receipt is as it was. */
export function isSameReceipt(one: object | undefined, other: object): boolean {
  const asMade = (receipt: object | undefined): string => {
    return JSON.stringify({ ...receipt, refunds: [], reversals: [] });
  };
  return asMade(one) === asMade(other);
}

function codeIn(text: string): string {
  return (JSON.parse(text) as { readonly code?: string }).code ?? "";
}

function isNotTaken(text: string): boolean {
  return (JSON.parse(text) as { readonly money_taken?: string }).money_taken === "no";
}
