/** What an account is: vacant, open, blocked or closed; and the customer it belongs to. */
import type { Block } from "./block.ts";
import { type Collection, exposureOf } from "./collection-state.ts";
import type { Identity } from "./identity.ts";
import type { AccountId, DeviceId, LaneId, PaymentId, PaymentRequestId, PersonId } from "./ids.ts";
import { exposureTotal, type LimitView, limitView } from "./limit.ts";
import type { Mandate } from "./mandate.ts";
import { type Cents, sumCents } from "./money.ts";
import type { Refusal } from "./refusals.ts";

export type DeviceAlgorithm = "p256" | "ed25519";

/** FAQ: the account is tied to one phone. */
export interface Device {
  readonly deviceId: DeviceId;
  readonly algorithm: DeviceAlgorithm;
  /** Base64url, raw point: 65 bytes for P-256, 32 for Ed25519. */
  readonly publicKey: string;
  readonly pinVersion: number;
  /** The last device counter that was used up; the next approval carries one more. */
  readonly counter: number;
}

/** Tokens of sealed data; nothing personal is in the state itself. */
export interface VaultTokens {
  readonly person: string;
  readonly bankAccount: string;
  readonly pinKey: string;
}

/** Money held for a payment whose lane has not answered yet. */
export interface Hold {
  readonly paymentId: PaymentId;
  readonly requestId: PaymentRequestId;
  readonly laneId: LaneId;
  readonly version: number;
  readonly amountCents: Cents;
  readonly availableBeforeCents: Cents;
  readonly authorisedAtMs: number;
}

/**
 * How an approval ended that left neither hold nor purchase: a repeat of it gets the same answer.
 */
export interface Outcome {
  readonly paymentId: PaymentId;
  readonly refusal: Refusal;
}

/** De-registration has begun. */
export interface Closing {
  readonly by: "customer" | "operator";
  readonly sinceMs: number;
}

export interface Customer {
  readonly personId: PersonId;
  readonly phoneTag: string;
  readonly device: Device;
  readonly mandate: Mandate;
  readonly vault: VaultTokens;
  readonly identity: Identity;
  readonly capCents: Cents;
  readonly holds: readonly Hold[];
  readonly collection: Collection;
  /** Newest last, bounded. */
  readonly outcomes: readonly Outcome[];
  /** Consecutive wrong PINs. */
  readonly pinFailures: number;
  readonly openedAtMs: number;
  readonly closing: Closing | null;
  /** Accounts with the same bank account, until the desk has looked. */
  readonly sharedWith: readonly AccountId[];
}

export interface VacantAccount {
  readonly kind: "vacant";
}
export interface OpenAccount {
  readonly kind: "open";
  readonly customer: Customer;
}
export interface BlockedAccount {
  readonly kind: "blocked";
  readonly blocks: readonly [Block, ...Block[]];
  readonly customer: Customer;
}
/** De-registered: it pays nothing, but money may come back to it, and its blocks stand. */
export interface ClosedAccount {
  readonly kind: "closed";
  readonly blocks: readonly Block[];
  readonly customer: Customer;
  readonly closedAtMs: number;
  /** Nothing of the person can be read any more. */
  readonly forgottenAtMs: number | null;
}
/** One that has, or had, a customer. */
export type HeldAccount = OpenAccount | BlockedAccount | ClosedAccount;
export type AccountState = VacantAccount | HeldAccount;

export function accountRef(id: AccountId): { readonly kind: "account"; readonly id: AccountId } {
  return { kind: "account", id };
}

export function holdsCents(customer: Customer): Cents {
  return sumCents(customer.holds.map(({ amountCents }) => amountCents));
}

export function limitOf(customer: Customer): LimitView {
  return limitView(customer.capCents, exposureOf(customer.collection), holdsCents(customer));
}

/** What the customer owes, all four parts (docs/money.md). */
export function exposureTotalOf({ collection }: Customer): Cents {
  return exposureTotal(exposureOf(collection));
}

export function blocksOf(state: AccountState): readonly Block[] {
  return state.kind === "blocked" || state.kind === "closed" ? state.blocks : [];
}

/** The account with these blocks: open when there is none, unless it is closed. */
export function withBlocks(
  state: HeldAccount,
  customer: Customer,
  blocks: readonly Block[],
): HeldAccount {
  if (state.kind === "closed") return { ...state, customer, blocks };
  const [first, ...rest] = blocks;
  if (first === undefined) return { kind: "open", customer };
  return { kind: "blocked", blocks: [first, ...rest], customer };
}

export function withCustomer(state: HeldAccount, customer: Customer): HeldAccount {
  return { ...state, customer };
}
