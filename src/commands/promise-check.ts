/**
 * What the switch has promised. A payment that a lane took is charged once, in full, to the payer
 * who approved it: by now, or by a message in the outbox. And nothing waits for ever: an open
 * payment request, a hold and a claim on a phone number each have the timer that ends them.
 */
import type { AccountEvent, CapturePayment } from "../../actors/account-messages.ts";
import type { AccountState } from "../../actors/account-state.ts";
import type { Message } from "../../actors/actor.ts";
import { CLAIM_TIMER, type DirectoryState } from "../../actors/directory.ts";
import type { LaneEvent } from "../../actors/lane-messages.ts";
import type { LaneState } from "../../actors/lane-state.ts";

interface Paid {
  readonly requestId: string;
  readonly amountCents: number;
}

export class PromiseCheck {
  /** Payments that a lane took and no account has captured, by id. */
  readonly #paid = new Map<string, Paid>();

  /** What is wrong with the event after all that came before it; undefined when nothing is. */
  hear(actorKind: string, body: Message): string | undefined {
    if (actorKind === "lane") return this.#hearLane(body as LaneEvent);
    if (actorKind === "account") return this.#hearAccount(body as AccountEvent);
    return undefined;
  }

  #hearLane(event: LaneEvent): string | undefined {
    if (event.kind !== "PaymentRequestPaid") return undefined;
    const { paymentId, requestId, amountCents } = event;
    if (this.#paid.has(paymentId)) return "its payment has paid another request";
    this.#paid.set(paymentId, { requestId, amountCents });
    return undefined;
  }

  #hearAccount(event: AccountEvent): string | undefined {
    if (event.kind === "PaymentReleased" && this.#paid.has(event.paymentId)) {
      return "gives back what a lane was paid with";
    }
    if (event.kind !== "PaymentCaptured") return undefined;
    const { paymentId, requestId, amountCents } = event.receipt;
    const paid = this.#paid.get(paymentId);
    if (paid?.requestId !== requestId) return "charges for a request that it has not paid";
    if (paid.amountCents !== amountCents) return "charges another amount than the lane was paid";
    this.#paid.delete(paymentId);
    return undefined;
  }

  /** What is wrong when the log ends, given what waits in the outbox. */
  atEnd(outbox: Iterable<Message>): string | undefined {
    for (const command of outbox) {
      if (command.kind === "CapturePayment")
        this.#paid.delete((command as CapturePayment).paymentId);
    }
    const [first] = this.#paid;
    return first === undefined ? undefined : `${first[0]}: a lane was paid, and nobody is charged`;
  }
}

/** Ids of the timers that an actor in this state rests on, with what they are to end. */
export function timersOf(
  actorKind: string,
  state: unknown,
): readonly { readonly id: string; readonly what: string }[] {
  if (actorKind === "account") {
    const account = state as AccountState;
    const holds = account.kind === "vacant" ? [] : account.customer.holds;
    return holds.map(({ paymentId: id }) => ({ id, what: "a hold" }));
  }
  if (actorKind === "lane") {
    const lane = state as LaneState;
    const open = lane.kind === "vacant" ? [] : lane.open;
    return open.map(({ requestId: id }) => ({ id, what: "an open payment request" }));
  }
  const isClaimed = actorKind === "directory" && (state as DirectoryState).kind === "claimed";
  return isClaimed ? [{ id: CLAIM_TIMER, what: "a claim on a number" }] : [];
}
