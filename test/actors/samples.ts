/** People, shops and commands that the actor tests are told with. */

import { accountActor } from "../../actors/account.ts";
import type {
  AccountCommand,
  ApprovePayment,
  OpenAccountCommand,
} from "../../actors/account-messages.ts";
import type { PaymentId, PaymentRequestId, PersonId, RegistrationId } from "../../actors/ids.ts";
import { type AccountId, type DeviceId, encodeId, laneId } from "../../actors/ids.ts";
import { laneActor } from "../../actors/lane.ts";
import type { LaneCommand, LaneKind, LaneTerms } from "../../actors/lane-messages.ts";
import { cents } from "../../actors/money.ts";
import { DEFAULT_POLICY, type Policy } from "../../actors/policy.ts";
import type { Receipt } from "../../actors/receipt.ts";
import { Drive } from "./drive.ts";

/** Monday, 1 June 2026, noon in New York. */
export const NOON_MS = Date.UTC(2026, 5, 1, 16);
export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;

const bytes = (tag: number, number: number): Uint8Array => {
  const made = new Uint8Array(16).fill(tag);
  new DataView(made.buffer).setUint32(12, number);
  return made;
};
export const accountId = (number: number): AccountId => encodeId("account", bytes(1, number));
export const personId = (number: number): PersonId => encodeId("person", bytes(2, number));
export const deviceId = (number: number): DeviceId => encodeId("device", bytes(3, number));
export const paymentId = (number: number): PaymentId => encodeId("payment", bytes(4, number));
export const requestId = (number: number): PaymentRequestId =>
  encodeId("paymentRequest", bytes(5, number));
export const registrationId = (number: number): RegistrationId =>
  encodeId("registration", bytes(6, number));

export const LANE = laneId(7);

export const openAccount: OpenAccountCommand = {
  kind: "OpenAccount",
  personId: personId(1),
  phoneTag: "phone-1",
  deviceId: deviceId(1),
  algorithm: "p256",
  publicKey: "key-1",
  pinVersion: 1,
  mandateTextVersion: "2026-01",
  mandateTextHash: "ab".repeat(32),
  mandateSignature: "mandate-signature",
  vault: { person: "vault-person", bankAccount: "vault-bank", pinKey: "vault-pin" },
  addressToken: "vault-address",
  birthDate: { year: 1990, month: 5, day: 17 },
};

export const front: AccountCommand = {
  kind: "SubmitIdentityDocument",
  documentKind: "passport",
  side: "front",
  token: "picture-front",
};
export const rear: AccountCommand = { ...front, side: "rear", token: "picture-rear" };
export const VERIFY: AccountCommand = { kind: "VerifyIdentity" };

/** Payment `number` of `amount` cents for request `number` at LANE, all in order. */
export function approve(
  number: number,
  amount: number,
  changes: Partial<ApprovePayment> = {},
): ApprovePayment {
  return {
    kind: "ApprovePayment",
    paymentId: paymentId(number),
    requestId: requestId(number),
    laneId: LANE,
    version: 1,
    amountCents: cents(amount),
    deviceId: deviceId(1),
    counter: number,
    pinVersion: 1,
    pinProofValid: true,
    signed: "signed-approval",
    ...changes,
  };
}

export function receipt(number: number, amount: number): Receipt {
  return {
    paymentId: paymentId(number),
    requestId: requestId(number),
    requestNumber: number,
    version: 1,
    amountCents: cents(amount),
    title: "coffee",
    payee: TERMS.payee,
    paidAtMs: NOON_MS,
  };
}

export function capture(number: number, amount: number, fee = 0): AccountCommand {
  return {
    kind: "CapturePayment",
    paymentId: paymentId(number),
    receipt: receipt(number, amount),
    feeCents: cents(fee),
    terminal: { laneKind: "till", code: "000007" },
  };
}

/** An account that has been opened and verified, with the default limit of $100. */
export function verifiedAccount(policy: Partial<Policy> = {}) {
  return openedAccount(policy).table([
    [front, "identity_changed"],
    [rear, "identity_changed"],
    [VERIFY, "identity_changed"],
  ]);
}

export function openedAccount(policy: Partial<Policy> = {}) {
  return vacantAccount(policy).table([[openAccount, "account_opened"]]);
}

export function vacantAccount(policy: Partial<Policy> = {}) {
  return new Drive(accountActor({ ...DEFAULT_POLICY, ...policy }), accountId(1), NOON_MS);
}

export const TERMS: LaneTerms = {
  laneKind: "till",
  payee: {
    merchantNumber: 3,
    merchantName: "Blue Bottle",
    laneId: LANE,
    laneName: "Till 7",
    street: "1 Main Street",
    city: "Denver",
    state: "CO",
  },
  feeBasisPoints: 150,
  terminalCode: "000007",
  keyTag: "lane-key",
};

export function openRequest(number: number, amount: number): LaneCommand {
  return { kind: "OpenPaymentRequest", requestId: requestId(number), ...fields(amount) };
}

export function fields(amount: number) {
  return { amountCents: cents(amount), title: "coffee", clientInvoiceId: "", cashierId: "" };
}

export function vacantLane(policy: Partial<Policy> = {}, closedMax?: number) {
  return new Drive(laneActor({ ...DEFAULT_POLICY, ...policy }, closedMax), LANE, NOON_MS);
}

export function activeLane(
  laneKind: LaneKind = "till",
  policy: Partial<Policy> = {},
  closedMax?: number,
) {
  const terms = { ...TERMS, laneKind };
  return vacantLane(policy, closedMax).table([[{ kind: "SetUpLane", terms }, "lane_set_up"]]);
}

/** From account 1: payment `payment` for request `number`, version 1. */
export function settle(payment: number, number: number, amount: number, version = 1): LaneCommand {
  return {
    kind: "SettlePaymentRequest",
    paymentId: paymentId(payment),
    accountId: accountId(1),
    requestId: requestId(number),
    version,
    amountCents: cents(amount),
  };
}

export function resolve(payment: number, number: number): LaneCommand {
  return {
    kind: "ResolvePayment",
    paymentId: paymentId(payment),
    accountId: accountId(1),
    requestId: requestId(number),
  };
}
