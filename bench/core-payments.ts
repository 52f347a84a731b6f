/**
 * Payments through the host, as the gateway asks for them when its own checks are done: no HTTP and
 * no signatures, everything else. Customers pay in turn, so that with many of them each one comes
 * from the log, and none pays twice before all have paid.
 */
import { createHash } from "node:crypto";
import type { ApprovePayment, DeviceView, PaymentCaptured } from "../actors/account-messages.ts";
import { assert, present } from "../actors/assert.ts";
import { encodeId, ID_BYTES, type LaneId, makePaymentRequestId } from "../actors/ids.ts";
import type { PaymentRequestView } from "../actors/lane-messages.ts";
import { type Cents, cents } from "../actors/money.ts";
import type { SwitchCommand } from "../src/http/once.ts";
import type { Clock } from "../src/runtime/clock.ts";
import type { Host } from "../src/runtime/host.ts";
import type { Told } from "./exactly-once.ts";
import { eachOf } from "./load.ts";
import { customerId } from "./town.ts";

/** Requests that are opened at once before a round. */
const OPENING = 256;
const AMOUNT_CENTS_MAX = 500;
/** 132 bytes in base64url. */
const SIGNED_LETTERS = 176;
/** A prime, so coprime to every number of customers but its own multiples: it visits them all. */
const STEP = 7_368_787;

/** Payments that one customer can make within the limit of $100, whatever the amounts. */
export const PAYMENTS_PER_CUSTOMER_MAX = 20;

/** An open payment request, and who will pay it. */
export interface Asked {
  /** The number of the payment in this directory: 0, 1, 2 ... */
  readonly payment: number;
  readonly lane: LaneId;
  readonly request: PaymentRequestView["request"];
}

/** What a round of payments took. */
export interface Paid {
  readonly elapsedMs: number;
  /** Processor time of this process. */
  readonly cpuMicros: number;
  readonly latenciesMs: Float64Array;
  readonly told: readonly Told[];
}

/** The command, and whose it is. */
interface Approval extends ApprovePayment {
  readonly account: string;
}

export class CorePayments {
  #opened: number;

  /** `made` payments were made in this directory before, by `customers` who are registered. */
  constructor(
    private readonly host: Host,
    private readonly clock: Clock,
    private readonly customers: number,
    private readonly madeBefore = 0,
  ) {
    assert(customers % STEP !== 0, "the step visits every customer");
    this.#opened = madeBefore;
  }

  /** Opened so far, and paid where the rounds are over. */
  get made(): number {
    return this.#opened;
  }

  /** Different customers who have paid since the town was opened. */
  get payers(): number {
    return Math.min(this.#opened - this.madeBefore, this.customers);
  }

  /** Tills ask: one request at each of the lanes. Throws where customers have no room for it. */
  open(lanes: readonly LaneId[]): Promise<readonly Asked[]> {
    const first = this.#take(lanes.length);
    return eachOf(lanes, OPENING, (lane, at) => this.#ask(first + at, lane));
  }

  /**
   * Makes `count` payments, nothing of which is timed: `inFlight` tills, each asks again when it
   * was paid. Throws where one is refused, or customers have no room for them.
   */
  async fill(count: number, lanes: readonly LaneId[], inFlight: number): Promise<void> {
    const first = this.#take(count);
    const numbers = Array.from({ length: count }, (_, at) => first + at);
    await this.#payEach(numbers, lanes, inFlight);
  }

  /**
   * A process was killed while it made the next `count` payments: makes those that it did not, so
   * that the counters of all phones follow from the numbers of the payments again.
   */
  async mend(count: number, lanes: readonly LaneId[]): Promise<void> {
    const first = this.#take(count);
    const numbers = Array.from({ length: count }, (_, at) => first + at);
    const counters = await eachOf(numbers, OPENING, (payment) => this.#counterBefore(payment));
    const left = numbers.filter((payment, at) => (counters[at] ?? 0) < this.#counterOf(payment));
    await this.#payEach(left, lanes, OPENING);
  }

  /** The number of the first of `count` payments. */
  #take(count: number): number {
    assert(count <= this.customers, "no customer pays twice at once");
    const first = this.#opened;
    if (first + count > this.customers * PAYMENTS_PER_CUSTOMER_MAX) {
      throw new Error(
        `the ${this.customers} customers of this town have made ${first} payments and have no ` +
          `room for ${count} more within their limits: remove the town, and it is made anew`,
      );
    }
    this.#opened += count;
    return first;
  }

  async #ask(payment: number, lane: LaneId): Promise<Asked> {
    const random = Buffer.from(crypto.getRandomValues(new Uint8Array(ID_BYTES)));
    const command: SwitchCommand = {
      kind: "OpenPaymentRequest",
      requestId: makePaymentRequestId(lane, this.clock.nowMs(), random),
      amountCents: amountOf(payment),
      title: "Purchase",
      clientInvoiceId: "",
      cashierId: "",
    };
    const principal = `lane:${lane.slice(lane.indexOf("_") + 1)}`;
    const reply = await this.host.ask({ kind: "lane", id: lane }, command, { principal });
    if (reply.kind !== "payment_request") throw new Error(`OpenPaymentRequest: ${reply.kind}`);
    return { payment, lane, request: (reply as PaymentRequestView).request };
  }

  /** Every till has lanes of its own: a request at a lane takes the place of the one before it. */
  async #payEach(
    numbers: readonly number[],
    lanes: readonly LaneId[],
    inFlight: number,
  ): Promise<void> {
    const tills = Math.min(inFlight, lanes.length);
    let next = 0;
    const till = async (first: number): Promise<void> => {
      const own = lanes.filter((_, at) => at % tills === first);
      for (let at = 0; next < numbers.length; at++) {
        const payment = present(numbers[next++], "a payment to make");
        const lane = present(own[at % own.length], "a lane of this till");
        await this.#approve(this.#approvalOf(await this.#ask(payment, lane)));
      }
    };
    await Promise.all(Array.from({ length: tills }, (_, first) => till(first)));
  }

  /**
   * Pays all of them, `inFlight` at a time, and tells of each one when it is acknowledged. Throws
   * where one is refused.
   */
  async pay(
    asked: readonly Asked[],
    inFlight: number,
    tell: (told: Told) => void = () => {},
  ): Promise<Paid> {
    const commands = asked.map((one) => this.#approvalOf(one));
    const latenciesMs = new Float64Array(asked.length);
    const cpu = process.cpuUsage();
    const startedMs = performance.now();
    const told = await eachOf(commands, inFlight, async (command, at) => {
      const sentMs = performance.now();
      const reply = await this.#approve(command);
      latenciesMs[at] = performance.now() - sentMs;
      const told = toldOf(present(asked[at], "what was paid"), reply);
      tell(told);
      return told;
    });
    const elapsedMs = performance.now() - startedMs;
    const { user, system } = process.cpuUsage(cpu);
    return { elapsedMs, cpuMicros: user + system, latenciesMs, told };
  }

  /** What the phone that makes this payment has counted to. */
  async #counterBefore(payment: number): Promise<number> {
    const account = customerId("account", this.#customerOf(payment));
    const principal = `wallet:${account}`;
    const ref = { kind: "account", id: account };
    const view = await this.host.ask(ref, { kind: "DescribeDevice" }, { principal });
    return (view as DeviceView).device.counter;
  }

  /** Everybody has paid once when all have paid once. */
  #counterOf(payment: number): number {
    return Math.floor(payment / this.customers) + 1;
  }

  #customerOf(payment: number): number {
    return (payment * STEP) % this.customers;
  }

  /** Under an id of its own, as the gateway does: a repeat would get the same answer. */
  async #approve(command: Approval): Promise<PaymentCaptured> {
    const { account, ...approval } = command;
    const answer = await this.host.askOnce({ kind: "account", id: account }, approval, {
      commandId: approval.paymentId.slice("pay_".length),
      fingerprint: approval.requestId,
      principal: `wallet:${account}`,
    });
    const kind = answer.kind === "answered" ? answer.reply.kind : answer.kind;
    if (answer.kind !== "answered" || kind !== "payment_captured") {
      throw new Error(`ApprovePayment: ${kind}`);
    }
    return answer.reply as PaymentCaptured;
  }

  #approvalOf({ payment, lane, request }: Asked): Approval {
    const customer = this.#customerOf(payment);
    const bytes = createHash("sha256").update(request.requestId).digest().subarray(0, ID_BYTES);
    return {
      account: customerId("account", customer),
      kind: "ApprovePayment",
      paymentId: encodeId("payment", new Uint8Array(bytes)),
      requestId: request.requestId,
      laneId: lane,
      version: request.version,
      amountCents: request.amountCents,
      deviceId: customerId("device", customer),
      counter: this.#counterOf(payment),
      pinVersion: 1,
      pinProofValid: true,
      // As long as a real one.
      signed: "s".repeat(SIGNED_LETTERS),
    };
  }
}

function amountOf(payment: number): Cents {
  return cents(1 + ((payment * 7) % AMOUNT_CENTS_MAX));
}

function toldOf({ request }: Asked, { paymentId, receipt }: PaymentCaptured): Told {
  const { requestId, amountCents } = request;
  const paid = present(receipt, "a payment of this round has its receipt");
  return {
    requestId,
    amountCents,
    outcome: {
      kind: "acknowledged",
      paymentId,
      requestId: paid.requestId,
      amountCents: paid.amountCents,
    },
  };
}
