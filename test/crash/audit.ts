/**
 * The audit from outside: the event log, read event by event with nothing of the host, against what
 * phones and tills were told. Every line of `faults` is money that is lost, doubled or unexplained.
 */
import type { AccountEvent } from "../../actors/account-messages.ts";
import type { LaneEvent } from "../../actors/lane-messages.ts";
import { type Balances, entryOf, post } from "../../actors/ledger.ts";
import { sumCents } from "../../actors/money.ts";
import { refKey, type StoredEvent } from "../../src/runtime/event-log.ts";
import { SqliteLogReader } from "../../src/storage/sqlite/log-reader.ts";
import type { Answered } from "./recorder.ts";

export interface Audit {
  readonly events: number;
  readonly payments: number;
  /** Acknowledged calls that were compared. */
  readonly acknowledged: number;
  /** Acknowledged, and not in the log. */
  readonly lost: readonly string[];
  /** In the log more often than once. */
  readonly doubled: readonly string[];
  /** Everything else that must not be. */
  readonly faults: readonly string[];
}

/** What the log says of one payment request. */
interface RequestFate {
  amountCents: number;
  opened: number;
  paid: number;
  cancelled: number;
  paymentId: string | undefined;
}

interface AccountFold {
  capCents: number;
  exposureCents: number;
  readonly holds: Map<string, number>;
}

/** Compares the log of a directory with the answers that were there when the audit began. */
export function auditLog(eventsFile: string, answers: readonly Answered[]): Audit {
  // Taken before the log is opened: what is acknowledged later may be missing from the snapshot.
  const known = [...answers];
  const folded = foldLog(eventsFile);
  const audit = new Comparison(folded);
  for (const answer of known) audit.compare(answer);
  const { balances, events, faults, doubled } = folded;
  const sum = sumCents([...balances.values()]);
  if (sum !== 0) faults.push(`the ledger sums to ${sum}`);
  return {
    events,
    payments: folded.captured.size,
    acknowledged: audit.acknowledged,
    lost: audit.lost,
    doubled,
    faults: [...faults, ...audit.faults],
  };
}

/** Payments that are held and neither captured nor released: none, once all have ended. */
export function openHolds(eventsFile: string): number {
  let holds = 0;
  for (const account of foldLog(eventsFile).accounts.values()) holds += account.holds.size;
  return holds;
}

function foldLog(eventsFile: string): LogFold {
  const reader = new SqliteLogReader(eventsFile);
  try {
    const fold = new LogFold();
    for (const { event } of reader.events()) fold.take(event);
    return fold;
  } finally {
    reader.close();
  }
}

class LogFold {
  readonly requests = new Map<string, RequestFate>();
  readonly accounts = new Map<string, AccountFold>();
  readonly balances: Balances = new Map();
  /** Amounts by payment id. */
  readonly captured = new Map<string, number>();
  readonly faults: string[] = [];
  readonly doubled: string[] = [];
  events = 0;
  readonly #seqs = new Map<string, number>();
  /** Command ids that opened a payment request: an idempotency key opens one. */
  readonly #opens = new Set<string>();

  take(event: StoredEvent): void {
    this.events++;
    if (event.position !== this.events) this.faults.push(`a gap before event ${event.position}`);
    const key = refKey(event.ref);
    const seq = (this.#seqs.get(key) ?? 0) + 1;
    if (event.seq !== seq) this.faults.push(`${key}: event ${event.seq} where ${seq} belongs`);
    this.#seqs.set(key, seq);
    const body: unknown = JSON.parse(event.data);
    const entry = entryOf(body as object);
    if (entry !== undefined) post(this.balances, entry);
    if (event.ref.kind === "lane") this.#takeLane(body as LaneEvent, event);
    if (event.ref.kind === "account") this.#takeAccount(body as AccountEvent, event.ref.id);
  }

  #takeLane(body: LaneEvent, { commandId, position }: StoredEvent): void {
    if (body.kind === "PaymentRequestOpened") {
      const { requestId, amountCents } = body;
      if (this.#opens.has(commandId)) this.doubled.push(`one key opened two: ${requestId}`);
      this.#opens.add(commandId);
      const known = this.requests.get(requestId);
      if (known !== undefined) this.doubled.push(`opened twice: ${requestId}`);
      const fresh = { amountCents, opened: 1, paid: 0, cancelled: 0, paymentId: undefined };
      this.requests.set(requestId, fresh);
      return;
    }
    const isEnd = body.kind === "PaymentRequestPaid" || body.kind === "PaymentRequestCancelled";
    if (!isEnd) return;
    const request = this.requests.get(body.requestId);
    if (request === undefined) {
      this.faults.push(`event ${position}: ${body.kind} of a request that was never opened`);
      return;
    }
    if (body.kind === "PaymentRequestCancelled") request.cancelled++;
    else {
      request.paid++;
      request.paymentId = body.paymentId;
    }
    if (request.paid > 1) this.doubled.push(`paid twice: ${body.requestId}`);
    if (request.paid > 0 && request.cancelled > 0) {
      this.faults.push(`both paid and cancelled: ${body.requestId}`);
    }
  }

  #takeAccount(body: AccountEvent, id: string): void {
    if (body.kind === "AccountOpened") {
      this.accounts.set(id, { capCents: body.capCents, exposureCents: 0, holds: new Map() });
      return;
    }
    const account = this.accounts.get(id);
    if (account === undefined) {
      this.faults.push(`${body.kind} of an account that was never opened: ${id}`);
      return;
    }
    if (body.kind === "CapSet") account.capCents = body.capCents;
    if (body.kind === "PaymentAuthorised") account.holds.set(body.paymentId, body.amountCents);
    if (body.kind === "PaymentReleased") this.#endHold(account, body.paymentId);
    if (body.kind === "PaymentCaptured") {
      const { paymentId, amountCents } = body.receipt;
      if (this.captured.has(paymentId)) this.doubled.push(`captured twice: ${paymentId}`);
      this.captured.set(paymentId, amountCents);
      this.#endHold(account, paymentId);
      account.exposureCents += amountCents;
    }
    const holdsCents = [...account.holds.values()].reduce((sum, held) => sum + held, 0);
    if (account.exposureCents + holdsCents > account.capCents) {
      this.faults.push(`${id}: above the cap after ${body.kind}`);
    }
  }

  #endHold(account: AccountFold, paymentId: string): void {
    if (!account.holds.delete(paymentId)) this.faults.push(`no hold to end: ${paymentId}`);
  }
}

/** What was told against what is in the log. */
class Comparison {
  readonly lost: string[] = [];
  readonly faults: string[] = [];
  acknowledged = 0;
  /** The first answer to each call. */
  readonly #first = new Map<string, Answered>();

  constructor(private readonly log: LogFold) {}

  compare(answer: Answered): void {
    const { id, path } = answer.sent;
    const first = this.#first.get(id);
    if (first !== undefined) {
      this.#compareRepeat(first, answer);
      return;
    }
    this.#first.set(id, answer);
    if (answer.status >= 500) this.faults.push(`${id}: ${answer.status} ${answer.body}`);
    if (answer.status >= 300) return;
    this.acknowledged++;
    if (path === "/v1/payments") this.#comparePayment(answer);
    else if (path.endsWith("/payment-requests")) this.#compareRequest(answer, "opened");
    else if (path.endsWith("/cancel")) this.#compareRequest(answer, "cancelled");
  }

  /** A yes is the same yes for ever. A no of the edge may change its reason; it stays a no. */
  #compareRepeat(first: Answered, answer: Answered): void {
    const wasYes = first.status < 300;
    const isSame = wasYes
      ? first.status === answer.status && first.body === answer.body
      : answer.status >= 300;
    if (isSame) return;
    this.faults.push(`two answers to ${first.sent.id}: ${told(first)} and ${told(answer)}`);
  }

  #comparePayment({ sent, body }: Answered): void {
    type Paid = {
      id: string;
      receipt: { payment_request: string; amount: { amount: number } };
    };
    const { id, receipt } = JSON.parse(body) as Paid;
    const request = this.log.requests.get(receipt.payment_request);
    const capturedCents = this.log.captured.get(id);
    if (capturedCents === undefined || request?.paid !== 1 || request.paymentId !== id) {
      this.lost.push(`payment ${id} (${sent.id})`);
      return;
    }
    if (capturedCents !== receipt.amount.amount || request.amountCents !== capturedCents) {
      this.faults.push(`payment ${id}: told ${receipt.amount.amount}, captured ${capturedCents}`);
    }
  }

  #compareRequest({ sent, body }: Answered, end: "opened" | "cancelled"): void {
    const { id } = JSON.parse(body) as { id: string };
    const request = this.log.requests.get(id);
    if (request?.[end] !== 1) this.lost.push(`${end} ${id} (${sent.id})`);
    if (end === "cancelled" && request !== undefined && request.paid > 0) {
      this.faults.push(`acknowledged as cancelled, and paid: ${id}`);
    }
  }
}

function told({ status, body }: Answered): string {
  return `${status} ${body.slice(0, 200)}`;
}
