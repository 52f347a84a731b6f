/** What clients were told: the same to every repeat, and never anything that did not happen. */
import type { ApprovePayment, PaymentCaptured } from "../../actors/account-messages.ts";
import type { Message } from "../../actors/actor.ts";
import type { PaymentRequestView } from "../../actors/lane-messages.ts";
import type { Auditor } from "./auditor.ts";
import { demand } from "./demand.ts";
import type { Call } from "./engine.ts";
import type { Rare, RareState } from "./rare.ts";

const RARE_REPLIES: Readonly<Record<string, RareState>> = {
  limit_exceeded: "limit exceeded",
  too_many_holds: "too many holds",
  device_not_active: "wrong device",
  verdict_stale: "stale verdict",
  counter_out_of_step: "counter ahead",
  identity_not_verified: "identity not verified",
  account_blocked: "blocked account approves",
};
/** Refusals of the lane: the money was held before, and was given back. */
const OF_THE_LANE = /^(request_|payment_barred)/;

export class Answers {
  readonly #first = new Map<string, string>();

  constructor(
    private readonly auditor: Auditor,
    private readonly rare: Rare,
  ) {}

  has(commandId: string): boolean {
    return this.#first.has(commandId);
  }

  hear(call: Call, reply: Message): void {
    const text = JSON.stringify(reply);
    const first = this.#first.get(call.commandId);
    if (first !== undefined) {
      demand(text === first, "I6", () => ({ command: call.command, first, again: text }));
      this.rare.reach("repeated command under its id");
      return;
    }
    this.#first.set(call.commandId, text);
    demand(reply.kind !== "later", "the truth comes in the end", () => call);
    if (call.command.kind === "ApprovePayment") this.#ofApproval(call, reply);
    if (call.command.kind === "CancelPaymentRequest") this.#ofCancel(call, reply);
  }

  #ofApproval({ command }: Call, reply: Message): void {
    const { paymentId } = command as ApprovePayment;
    const payment = this.auditor.payments.get(paymentId);
    if (reply.kind === "payment_captured") {
      const { receipt } = reply as PaymentCaptured;
      demand(payment?.status === "captured", "nothing acknowledged is lost", () => reply);
      if (receipt === undefined) return;
      demand(receipt.amountCents === payment.amountCents, "the receipt is true", () => reply);
      demand(receipt.requestId === payment.requestId, "the receipt is true", () => reply);
      return;
    }
    if (OF_THE_LANE.test(reply.kind)) {
      demand(payment?.status === "released", "a refused payment holds nothing", () => reply);
      demand(payment.refusal === reply.kind, "one truth", () => [reply, payment]);
      return;
    }
    demand(payment === undefined, "a refused approval holds nothing", () => [reply, payment]);
    const rare = RARE_REPLIES[reply.kind];
    if (rare !== undefined) this.rare.reach(rare);
    if (reply.kind !== "limit_exceeded") return;
    const { missingCents } = reply as Message & { missingCents: number };
    demand(missingCents > 0, "R28", () => reply);
    if (missingCents === 1) this.rare.reach("limit exceeded by one cent");
  }

  /** Never "cancelled" at the till and money taken. */
  #ofCancel({ ref, command }: Call, reply: Message): void {
    const { requestId } = command as Message & { requestId: string };
    const request = this.auditor.lane(ref.id).find(requestId);
    if (reply.kind === "request_paid") {
      demand(request?.status === "paid", "both get the truth", () => [reply, request]);
      this.rare.reach("cancel lost to a payment");
    }
    if (reply.kind !== "payment_request") return;
    const { status } = (reply as PaymentRequestView).request;
    demand(status === "cancelled", "both get the truth", () => reply);
    demand(request?.status === "cancelled", "both get the truth", () => [reply, request]);
  }
}
