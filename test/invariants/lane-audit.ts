/** A lane as its events tell it: every payment request from its opening to its one end. */
import type { LaneEvent } from "../../actors/lane-messages.ts";
import { demand } from "./demand.ts";
import type { Rare } from "./rare.ts";
import { CLOSED_MAX, POLICY } from "./town.ts";

export interface RequestAudit {
  readonly requestId: string;
  readonly number: number;
  readonly openedAtMs: number;
  status: "open" | "paid" | "cancelled" | "superseded" | "expired";
  version: number;
  revision: number;
  amount: number;
  expiresAtMs: number;
  scanned: boolean;
  paidBy: string | undefined;
  readonly barred: Set<string>;
}

type Told<Kind extends LaneEvent["kind"]> = Extract<LaneEvent, { kind: Kind }>;

export class LaneAudit {
  /** Oldest first. */
  readonly requests: RequestAudit[] = [];
  /** In the order in which they ended. */
  readonly ended: string[] = [];
  kind: "till" | "web" | undefined;

  constructor(
    readonly id: string,
    private readonly rare: Rare,
  ) {}

  find(requestId: string): RequestAudit | undefined {
    return this.requests.findLast((request) => request.requestId === requestId);
  }

  /** The lane itself remembers only its newest closed requests. */
  knows(requestId: string): boolean {
    const isOpen = this.find(requestId)?.status === "open";
    return isOpen || this.ended.slice(-CLOSED_MAX).includes(requestId);
  }

  get open(): readonly RequestAudit[] {
    return this.requests.filter(({ status }) => status === "open");
  }

  /** The refusal that the lane's ladder demands at `nowMs`; undefined: paid. */
  refusalOf(payment: PaymentTerms, nowMs: number): string | undefined {
    const request = this.find(payment.requestId);
    if (request === undefined || !this.knows(payment.requestId)) return "request_not_found";
    if (request.status !== "open") return `request_${request.status}`;
    if (request.barred.has(payment.paymentId)) return "payment_barred";
    if (request.version !== payment.version) return "request_changed";
    if (request.amount !== payment.amountCents) return "request_changed";
    return nowMs >= request.expiresAtMs ? "request_expired" : undefined;
  }

  hear(event: LaneEvent): void {
    if (event.kind === "LaneSetUp") {
      demand(this.kind === undefined, "a lane is set up once", () => event);
      this.kind = event.terms.laneKind;
      return;
    }
    if (event.kind === "PaymentRequestOpened") {
      this.#opened(event);
      return;
    }
    const request = this.find(event.requestId);
    demand(request?.status === "open", "a request ends once", () => [event, request]);
    switch (event.kind) {
      case "PaymentRequestUpdated":
        update(request, event);
        return;
      case "PaymentRequestScanned":
        this.#scanned(request, event);
        return;
      case "PaymentBarred":
        demand(!request.barred.has(event.paymentId), "barred once", () => event);
        request.barred.add(event.paymentId);
        return;
      case "PaymentRequestPaid":
        demand(event.atMs < request.expiresAtMs, "paid before it expired", () => [event, request]);
        demand(!request.barred.has(event.paymentId), "a bar is for good", () => event);
        demand(event.amountCents === request.amount, "paid as asked", () => [event, request]);
        request.paidBy = event.paymentId;
        this.#end(request, "paid");
        return;
      case "PaymentRequestExpired":
        demand(event.atMs >= request.expiresAtMs, "never expired early", () => [event, request]);
        this.#end(request, "expired");
        return;
      case "PaymentRequestCancelled":
        this.#end(request, "cancelled");
        return;
      default:
        this.#end(request, "superseded");
        return;
    }
  }

  #end(request: RequestAudit, status: RequestAudit["status"]): void {
    request.status = status;
    this.ended.push(request.requestId);
  }

  #opened(event: Told<"PaymentRequestOpened">): void {
    const { requestId, requestNumber: number, amountCents: amount, atMs, expiresAtMs } = event;
    demand(this.find(requestId) === undefined, "a request is opened once", () => event);
    demand(number === this.requests.length + 1, "numbers have no gap", () => event);
    demand(this.kind === "web" || this.open.length === 0, "a till holds one request", () => event);
    this.requests.push({
      requestId,
      number,
      openedAtMs: atMs,
      status: "open",
      version: 1,
      revision: 1,
      amount,
      expiresAtMs,
      scanned: false,
      paidBy: undefined,
      barred: new Set(),
    });
  }

  #scanned(request: RequestAudit, { expiresAtMs, atMs }: Told<"PaymentRequestScanned">): void {
    const latestMs = request.openedAtMs + POLICY.requestMsMax;
    demand(atMs < request.expiresAtMs, "scanned before it expired", () => request);
    demand(expiresAtMs >= request.expiresAtMs, "a scan shortens nothing", () => request);
    demand(expiresAtMs <= latestMs, "a request has a longest time", () => request);
    if (expiresAtMs > request.expiresAtMs) this.rare.reach("scan extended a request");
    if (expiresAtMs === latestMs) this.rare.reach("scan at the longest time");
    request.scanned = true;
    request.expiresAtMs = expiresAtMs;
    request.revision++;
  }
}

/** What an approval names; the lane compares it with what is open. */
export interface PaymentTerms {
  readonly paymentId: string;
  readonly requestId: string;
  readonly version: number;
  readonly amountCents: number;
}

function update(request: RequestAudit, event: Told<"PaymentRequestUpdated">): void {
  demand(event.version === request.version + 1, "versions rise by one", () => [event, request]);
  demand(event.atMs < request.expiresAtMs, "updated before it expired", () => request);
  request.version = event.version;
  request.amount = event.amountCents;
  request.revision++;
}
