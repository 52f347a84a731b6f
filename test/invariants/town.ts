/** The people, shops and lanes of a run, and the commands that set them up. */
import { accountActor } from "../../actors/account.ts";
import type { AccountCommand, AccountEvent, AccountReply } from "../../actors/account-messages.ts";
import type { AccountState } from "../../actors/account-state.ts";
import type { ActorDefinition, ActorRef, AnyActor, Message } from "../../actors/actor.ts";
import { directoryActor } from "../../actors/directory.ts";
import {
  type AccountId,
  type DeviceId,
  encodeId,
  type LaneId,
  laneId,
  makePaymentRequestId,
  type PaymentId,
  type PaymentRequestId,
} from "../../actors/ids.ts";
import { laneActor } from "../../actors/lane.ts";
import type { LaneCommand, LaneEvent, LaneKind, LaneReply } from "../../actors/lane-messages.ts";
import type { LaneState } from "../../actors/lane-state.ts";
import { merchantActor } from "../../actors/merchant.ts";
import { cents } from "../../actors/money.ts";
import { DEFAULT_POLICY, type Policy } from "../../actors/policy.ts";

export type AccountDefinition = ActorDefinition<
  AccountState,
  AccountCommand,
  AccountEvent,
  AccountReply
>;
export type LaneDefinition = ActorDefinition<LaneState, LaneCommand, LaneEvent, LaneReply>;

/** What a suite is a function of: the real actors, or ones with a planted bug. */
export interface Definitions {
  readonly account: AccountDefinition;
  readonly lane: LaneDefinition;
}

/** Small enough maxima to be reached; caps rise with what is owed, as high as that may be. */
export const POLICY: Policy = {
  ...DEFAULT_POLICY,
  holdsMax: 3,
  capCentsMax: cents(Number.MAX_SAFE_INTEGER),
};
/** Fewer than in the switch, so that lanes forget often. */
export const CLOSED_MAX = 4;

export const REAL: Definitions = {
  account: accountActor(POLICY),
  lane: laneActor(POLICY, CLOSED_MAX),
};

export function actorsOf({ account, lane }: Definitions): readonly AnyActor[] {
  return [account, lane, merchantActor(POLICY), directoryActor(POLICY)];
}

/** Monday, 1 June 2026, noon in New York. */
export const START_MS = Date.UTC(2026, 5, 1, 16);
export const LANES = 5;
/** Till or web by lane, so that both are many. */
const laneKindOf = (lane: number): LaneKind => (lane % 5 < 3 ? "till" : "web");
/** Basis points by merchant: none, and a rate that rounds. */
export const rateOf = (merchantNumber: number): number => (merchantNumber === 1 ? 0 : 175);
export const merchantOf = (lane: number): number => 1 + (lane % 2);

const bytes = (tag: number, number: number): Uint8Array => {
  const made = new Uint8Array(16).fill(tag);
  new DataView(made.buffer).setUint32(12, number);
  return made;
};
export const accountOf = (number: number): AccountId => encodeId("account", bytes(1, number));
export const deviceOf = (number: number): DeviceId => encodeId("device", bytes(3, number));
export const laneOf = (number: number): LaneId => laneId(number + 1);
export const paymentOf = (number: number): PaymentId => encodeId("payment", bytes(4, number));
export const requestOf = (lane: LaneId, number: number, nowMs: number): PaymentRequestId =>
  makePaymentRequestId(lane, nowMs, bytes(5, number));

export const accountRef = (number: number): ActorRef => ({
  kind: "account",
  id: accountOf(number),
});
export const laneRef = (number: number): ActorRef => ({ kind: "lane", id: laneOf(number) });

export interface SetUp {
  readonly ref: ActorRef;
  readonly command: Message;
}

/** In rounds: what is in one round may be said at once. The last account stays unverified. */
export function setUpCommands(accounts: number): readonly (readonly SetUp[])[] {
  const all = Array.from({ length: accounts }, (_, number) => number);
  const verified = all.slice(0, -1);
  const tell = (numbers: readonly number[], command: AccountCommand): readonly SetUp[] =>
    numbers.map((number) => ({ ref: accountRef(number), command }));
  return [
    [1, 2].map(merchantSetUp),
    Array.from({ length: LANES }, (_, lane) => registerLane(lane)),
    all.map((number) => ({ ref: accountRef(number), command: openAccount(number) })),
    tell(verified, document("front")),
    tell(verified, document("rear")),
    tell(verified, { kind: "VerifyIdentity" }),
  ];
}

export function document(side: "front" | "rear"): AccountCommand {
  return { kind: "SubmitIdentityDocument", documentKind: "passport", side, token: side };
}

function merchantSetUp(merchantNumber: number): SetUp {
  const terms = {
    merchantNumber,
    name: `Shop ${merchantNumber}`,
    statementName: `SHOP ${merchantNumber}`,
    street: "1 Main Street",
    city: "Denver",
    state: "CO",
    feeBasisPoints: rateOf(merchantNumber),
    keyTag: "merchant-key",
  };
  const ref = { kind: "merchant", id: String(merchantNumber) };
  return { ref, command: { kind: "SetUpMerchant", terms } as Message };
}

function registerLane(lane: number): SetUp {
  const command = {
    kind: "RegisterLane",
    laneNumber: lane + 1,
    laneName: `Lane ${lane + 1}`,
    laneKind: laneKindOf(lane),
    terminalCode: String(lane + 1).padStart(6, "0"),
    keyTag: "lane-key",
  };
  return { ref: { kind: "merchant", id: String(merchantOf(lane)) }, command };
}

function openAccount(number: number): AccountCommand {
  return {
    kind: "OpenAccount",
    personId: encodeId("person", bytes(2, number)),
    phoneTag: `phone-${number}`,
    deviceId: deviceOf(number),
    algorithm: "p256",
    publicKey: `key-${number}`,
    pinVersion: 1,
    // The first one's has no notice of a fee.
    mandateTextVersion: number === 0 ? "2026-01" : "2026-01+fee700",
    mandateTextHash: "00",
    mandateSignature: "s",
    addressToken: null,
    vault: { person: "p", bankAccount: "b", pinKey: "k" },
    birthDate: { year: 1990, month: 1, day: 1 },
  };
}
