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
/** Coprime to any number of customers that has no such factor: a step that visits all of them. */
/** 132 bytes in base64url. */
const SIGNED_LETTERS = 176;
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
interface Approval extends Omit<ApprovePayment, "counter"> {
  readonly account: string;
  counter: number;
}

export class CorePayments {
  #opened: number;

  /** `made` payments were made in this directory before, by `customers` who are registered. */
  constructor(
    private readonly host: Host,
    private readonly clock: Clock,
    private readonly customers: number,
    made = 0,
  ) {
    assert(customers % STEP !== 0, "the step visits every customer");
    this.#opened = made;
  }

  /** Opened so far, and paid where the rounds are over. */
  get made(): number {
    return this.#opened;
  }

  /** Tills ask: one request at each of the lanes. */
  open(lanes: readonly LaneId[]): Promise<readonly Asked[]> {
    const isPossible = this.#opened + lanes.length <= this.customers * PAYMENTS_PER_CUSTOMER_MAX;
    assert(isPossible, "customers have room within their limits");
    assert(lanes.length <= this.customers, "no customer pays twice at once");
    const first = this.#opened;
    this.#opened += lanes.length;
    return eachOf(lanes, OPENING, async (lane, at) => {
      const payment = first + at;
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
    });
  }

  /**
   * Pays all of them, `inFlight` at a time. Throws where one is refused. The counters of the phones
   * follow from the numbers of the payments; where a process was killed they must be `asked` for.
   */
  async pay(
    asked: readonly Asked[],
    inFlight: number,
    counters: "known" | "asked" = "known",
  ): Promise<Paid> {
    const commands = asked.map((one) => this.#approvalOf(one));
    if (counters === "asked") for (const command of commands) await this.#askCounter(command);
    const latenciesMs = new Float64Array(asked.length);
    const cpu = process.cpuUsage();
    const startedMs = performance.now();
    const replies = await eachOf(commands, inFlight, async (command, at) => {
      const sentMs = performance.now();
      const reply = await this.#approve(command);
      latenciesMs[at] = performance.now() - sentMs;
      return reply;
    });
    const elapsedMs = performance.now() - startedMs;
    const { user, system } = process.cpuUsage(cpu);
    const told = replies.map((reply, at) => toldOf(present(asked[at], "what was paid"), reply));
    return { elapsedMs, cpuMicros: user + system, latenciesMs, told };
  }

  async #askCounter(command: Approval): Promise<void> {
    const { account } = command;
    const principal = `wallet:${account}`;
    const ref = { kind: "account", id: account };
    const view = await this.host.ask(ref, { kind: "DescribeDevice" }, { principal });
    command.counter = (view as DeviceView).device.counter + 1;
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
    const customer = (payment * STEP) % this.customers;
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
      // Everybody has paid once when all have paid once.
      counter: Math.floor(payment / this.customers) + 1,
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
