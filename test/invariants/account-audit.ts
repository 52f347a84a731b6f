/**
 * An account as its events tell it, counted by rules of our own: nothing here is shared with the
 * actor, so that a mistake in the one is a difference from the other.
 */

import type { AccountEvent, ApprovePayment } from "../../actors/account-messages.ts";
import { OUTCOMES_MAX } from "../../actors/approval.ts";
import type { DeviceId } from "../../actors/ids.ts";
import { demand } from "./demand.ts";
import type { Rare } from "./rare.ts";
import { POLICY } from "./town.ts";

/** `available`, the independent twin: what the payer may still spend. */
export function clampedRoom(cap: number, exposure: number, holds: number): number {
  return Math.min(Math.max(cap - exposure - holds, 0), cap);
}

export class AccountAudit {
  opened = false;
  verified = false;
  cap = 0;
  due = 0;
  counter = 0;
  failures = 0;
  device: DeviceId | undefined;
  readonly blocks = new Set<string>();
  readonly holds = new Map<string, number>();
  readonly purchases = new Map<string, number>();
  /** Payments that ended in neither hold nor purchase, oldest first. */
  readonly outcomes: string[] = [];
  /** The third wrong PIN was counted; the block must follow at once. */
  mustBlock = false;

  constructor(
    readonly id: string,
    private readonly rare: Rare,
  ) {}

  get held(): number {
    let sum = 0;
    for (const amount of this.holds.values()) sum += amount;
    return sum;
  }

  /** What the next approval may take; negative under a lowered cap. */
  get room(): number {
    return this.cap - this.due - this.held;
  }

  get available(): number {
    return clampedRoom(this.cap, this.due, this.held);
  }

  /**
   * A repeat of this payment's approval is answered from state, though `margin` more end before.
   */
  knows(paymentId: string, margin = 0): boolean {
    if (this.holds.has(paymentId) || this.purchases.has(paymentId)) return true;
    return this.outcomes.slice(margin - OUTCOMES_MAX).includes(paymentId);
  }

  /** This payment came to something here, however long ago. */
  knew(paymentId: string): boolean {
    return this.knows(paymentId) || this.outcomes.includes(paymentId);
  }

  /** The refusal that the ladder of docs/protocol.md demands now; undefined: authorised. */
  refusalOf(approval: ApprovePayment): string | undefined {
    if (!this.opened) return "account_not_open";
    if (this.blocks.size > 0) return "account_blocked";
    if (approval.deviceId !== this.device) return "device_not_active";
    if (approval.pinVersion !== 1) return "verdict_stale";
    if (approval.counter <= this.counter) return "device_cloned";
    if (approval.counter > this.counter + 1) return "counter_out_of_step";
    if (!approval.pinProofValid) return "pin_wrong";
    if (!this.verified) return "identity_not_verified";
    if (this.holds.size >= POLICY.holdsMax) return "too_many_holds";
    if (this.purchases.size >= POLICY.purchasesMax) return "too_many_purchases";
    return approval.amountCents > this.room ? "limit_exceeded" : undefined;
  }

  hear(event: AccountEvent): void {
    demand(!this.mustBlock || event.kind === "AccountBlocked", "R19", () => this.id);
    demand(this.opened !== (event.kind === "AccountOpened"), "opened once, first", () => event);
    switch (event.kind) {
      case "AccountOpened":
        this.opened = true;
        this.cap = event.capCents;
        this.device = event.device.deviceId;
        return;
      case "IdentityVerified":
        this.verified = true;
        return;
      case "CapSet":
        this.cap = event.capCents;
        if (this.room < 0) this.rare.reach("cap lowered below exposure");
        return;
      case "AccountBlocked":
        this.#blocked(event.reason);
        return;
      case "BlockLifted":
        demand(this.blocks.delete(event.reason), "only an open block is lifted", () => event);
        if (event.reason === "pin_failures") this.failures = 0;
        return;
      case "PinFailuresCleared":
        demand(this.failures > 0, "R19", () => "nothing to clear");
        this.failures = 0;
        this.rare.reach("wrong PINs forgiven");
        return;
      case "WrongPinEntered":
        this.#wrongPin(event);
        return;
      case "PaymentAuthorised":
        this.#authorised(event);
        return;
      case "PaymentCaptured":
        this.#captured(event.receipt.paymentId, event.receipt.amountCents);
        return;
      case "PaymentReleased":
        demand(this.holds.delete(event.paymentId), "a hold ends once", () => event);
        this.outcomes.push(event.paymentId);
        return;
      default:
    }
  }

  #blocked(reason: string): void {
    demand(!this.blocks.has(reason), "a block is opened once", () => reason);
    this.blocks.add(reason);
    if (reason === "device_cloned") this.rare.reach("device cloned");
    if (!this.mustBlock) return;
    demand(reason === "pin_failures", "R19", () => reason);
    this.rare.reach("third wrong PIN");
    this.mustBlock = false;
  }

  #wrongPin(event: Extract<AccountEvent, { kind: "WrongPinEntered" }>): void {
    demand(this.blocks.size === 0, "a blocked account counts no PIN", () => event);
    this.#useCounter(event.counter);
    this.failures++;
    const left = Math.max(POLICY.pinFailuresMax - this.failures, 0);
    demand(event.attemptsLeft === left, "R19", () => ({ event, left }));
    this.mustBlock = left === 0;
    this.outcomes.push(event.paymentId);
  }

  #authorised(event: Extract<AccountEvent, { kind: "PaymentAuthorised" }>): void {
    const { paymentId, amountCents } = event;
    demand(this.blocks.size === 0, "I9", () => event);
    demand(this.verified, "R9", () => event);
    this.#useCounter(event.counter);
    demand(amountCents <= this.room, "I5", () => ({ event, room: this.room }));
    demand(event.availableBeforeCents === this.available, "I4", () => [event, this.available]);
    if (amountCents === this.room) this.rare.reach("limit reached to the cent");
    if (this.failures > 0) this.rare.reach("wrong PINs forgiven");
    this.failures = 0;
    this.holds.set(paymentId, amountCents);
  }

  #captured(paymentId: string, amount: number): void {
    const held = this.holds.get(paymentId);
    demand(held === amount, "what is captured is what was held", () => [paymentId, held, amount]);
    this.holds.delete(paymentId);
    this.due += amount;
    this.purchases.set(paymentId, amount);
    if (this.blocks.size > 0) this.rare.reach("captured while blocked");
  }

  #useCounter(counter: number): void {
    demand(counter === this.counter + 1, "R12", () => `${counter} after ${this.counter}`);
    this.counter = counter;
  }
}
