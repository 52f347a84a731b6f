/** Turns a step into the command that its client would send, as things stand. */
import type { AccountCommand, ApprovePayment } from "../../actors/account-messages.ts";
import type { ActorRef, Message } from "../../actors/actor.ts";
import type { LaneCommand } from "../../actors/lane-messages.ts";
import { cents } from "../../actors/money.ts";
import type { Auditor } from "./auditor.ts";
import type { LaneAudit, RequestAudit } from "./lane-audit.ts";
import type { AmountChoice, ApproveStep, SimpleStep, Slip } from "./steps.ts";
import {
  accountOf,
  accountRef,
  deviceOf,
  document,
  laneOf,
  laneRef,
  paymentOf,
  requestOf,
} from "./town.ts";

const COUNTER_STEPS: Partial<Record<Slip, number>> = { "used counter": 0, "counter ahead": 2 };

export interface Told {
  readonly ref: ActorRef;
  readonly command: Message;
}

export class Commands {
  #requests = 0;
  #payments = 0;

  constructor(private readonly auditor: Auditor) {}

  /** Undefined where there is nothing that the step could be about. */
  of(step: Exclude<SimpleStep, { kind: "repeat" }>, nowMs: number): Told | undefined {
    switch (step.kind) {
      case "open":
      case "update":
      case "cancel":
      case "scan": {
        const command = this.#ofLane(step, nowMs);
        return command === undefined ? undefined : { ref: laneRef(step.lane), command };
      }
      case "approve":
        return this.#approve(step);
      default:
        return { ref: accountRef(step.account), command: this.#ofAccount(step) };
    }
  }

  #ofLane(
    step: Extract<SimpleStep, { kind: "open" | "update" | "cancel" | "scan" }>,
    nowMs: number,
  ): LaneCommand | undefined {
    const lane = this.auditor.lane(laneOf(step.lane));
    if (step.kind === "open") {
      const requestId = requestOf(laneOf(step.lane), ++this.#requests, nowMs);
      return { kind: "OpenPaymentRequest", requestId, ...this.#fields(step.amount) };
    }
    if (step.kind === "scan" && step.back === undefined) {
      return { kind: "ScanPaymentRequest", requestNumber: undefined };
    }
    const request = requestAt(lane, step.back ?? 0);
    if (request === undefined) return undefined;
    const requestId = request.requestId as ApprovePayment["requestId"];
    if (step.kind === "scan") return { kind: "ScanPaymentRequest", requestNumber: request.number };
    if (step.kind === "cancel") return { kind: "CancelPaymentRequest", requestId };
    const { revision: seen } = request;
    const revision = { any: undefined, right: seen, stale: seen - 1 }[step.match];
    return { kind: "UpdatePaymentRequest", requestId, revision, ...this.#fields(step.amount) };
  }

  #approve({ account, lane, back, slip }: ApproveStep): Told | undefined {
    const request = requestAt(this.auditor.lane(laneOf(lane)), back);
    if (request === undefined) return undefined;
    const { counter } = this.auditor.account(accountOf(account));
    const command: ApprovePayment = {
      kind: "ApprovePayment",
      paymentId: paymentOf(++this.#payments),
      requestId: request.requestId as ApprovePayment["requestId"],
      laneId: laneOf(lane),
      version: request.version - (slip === "old version" ? 1 : 0),
      amountCents: cents(request.amount + (slip === "other amount" ? 1 : 0)),
      deviceId: deviceOf(slip === "other device" ? 1_000 + account : account),
      counter: counter + (COUNTER_STEPS[slip] ?? 1),
      pinVersion: slip === "stale verdict" ? 2 : 1,
      pinProofValid: slip !== "wrong pin",
      signed: "s",
    };
    return { ref: accountRef(account), command };
  }

  #ofAccount(
    step: Extract<SimpleStep, { kind: "block" | "lift" | "identity" | "cap" }>,
  ): AccountCommand {
    const account = this.auditor.account(accountOf(step.account));
    const note = "test";
    switch (step.kind) {
      case "block":
        return { kind: "BlockAccount", reason: step.reason, note };
      case "lift": {
        const [open = "operator"] = account.blocks;
        const reason = step.reason ?? (open as "operator");
        return { kind: "LiftBlock", reason, note };
      }
      case "cap": {
        const capCents = cents(Math.max(account.due + account.held + step.above, 0));
        return { kind: "SetCap", capCents, note };
      }
      default: {
        const acts: readonly AccountCommand[] = [
          document("front"),
          document("rear"),
          { kind: "VerifyIdentity" },
          { kind: "RejectIdentity", reason: "glare" },
        ];
        return acts[step.act % acts.length] ?? document("front");
      }
    }
  }

  #fields(choice: AmountChoice) {
    return { amountCents: this.#amount(choice), title: "x", clientInvoiceId: "", cashierId: "" };
  }

  #amount(choice: AmountChoice) {
    if (typeof choice === "number") return cents(choice);
    const { available } = this.auditor.account(accountOf(choice.of));
    return cents(Math.max(available + choice.extra, 1));
  }
}

/** The lane's request that was opened last, or `back` before it. */
function requestAt(lane: LaneAudit, back: number): RequestAudit | undefined {
  return lane.requests.at(-1 - (back % Math.max(lane.requests.length, 1)));
}
