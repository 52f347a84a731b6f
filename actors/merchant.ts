/**
 * The merchant: a payee with lanes. Its credits are not here: a merchant is paid by many lanes at
 * once, so what it is owed is a fold over the feed, and no payment waits for this actor. What is
 * taken from it is in settlement.ts.
 */
import {
  type ActorDefinition,
  answerOnly,
  type Decision,
  decided,
  type Meta,
  type StoredBody,
  send,
} from "./actor.ts";
import { assert } from "./assert.ts";
import { laneId } from "./ids.ts";
import type { LaneCommand, LaneKind } from "./lane-messages.ts";
import { assertBasisPoints } from "./money.ts";
import type { Policy } from "./policy.ts";
import type { Refusal } from "./refusals.ts";
import { applySettlement, decideSettlement } from "./settlement.ts";
import {
  NO_SETTLEMENT,
  SETTLEMENT_EVENT_KINDS,
  type Settlement,
  type SettlementCommand,
  type SettlementEvent,
  type SettlementReply,
} from "./settlement-messages.ts";

export interface MerchantTerms {
  readonly merchantNumber: number;
  /** What the payer reads. */
  readonly name: string;
  /** What the bank statement is sent with: 3 to 16 of `A-Z 0-9 space & . - *`. */
  readonly statementName: string;
  readonly street: string;
  readonly city: string;
  readonly state: string;
  readonly feeBasisPoints: number;
  /** Keyed hash of the API key. */
  readonly keyTag: string;
}

export type MerchantState =
  | { readonly kind: "vacant" }
  | {
      readonly kind: "active";
      readonly terms: MerchantTerms;
      readonly lanesCount: number;
      readonly settlement: Settlement;
    };

export type MerchantCommand =
  | { readonly kind: "SetUpMerchant"; readonly terms: MerchantTerms }
  | { readonly kind: "DescribeMerchant" }
  | SettlementCommand
  | {
      readonly kind: "RegisterLane";
      readonly laneNumber: number;
      readonly laneName: string;
      readonly laneKind: LaneKind;
      readonly terminalCode: string;
      readonly keyTag: string;
    };

export type MerchantEvent =
  | SettlementEvent
  | { readonly kind: "MerchantSetUp"; readonly terms: MerchantTerms; readonly atMs: number }
  | { readonly kind: "LaneRegistered"; readonly laneNumber: number; readonly laneName: string };

export type MerchantReply =
  | Refusal
  | SettlementReply
  | {
      readonly kind: "merchant";
      readonly terms: MerchantTerms;
      readonly lanesCount: number;
      readonly settlement: Settlement;
    }
  | { readonly kind: "lane_registered"; readonly laneNumber: number };

type MerchantDecision = Decision<MerchantEvent, MerchantReply>;
type Of<Kind extends MerchantCommand["kind"]> = Extract<MerchantCommand, { kind: Kind }>;

export function merchantActor(
  policy: Policy,
): ActorDefinition<MerchantState, MerchantCommand, MerchantEvent, MerchantReply> {
  return {
    kind: "merchant",
    schemaVersion: 4,
    eventKinds: ["MerchantSetUp", "LaneRegistered", ...SETTLEMENT_EVENT_KINDS],
    init: () => ({ kind: "vacant" }),
    decide: (state, command, meta) => decide(state, command, meta, policy),
    apply,
    upcast: upcastMerchant,
  };
}

function decide(
  state: MerchantState,
  command: MerchantCommand,
  meta: Meta,
  policy: Policy,
): MerchantDecision {
  switch (command.kind) {
    case "SetUpMerchant": {
      const { terms } = command;
      if (state.kind === "active") return answerOnly({ kind: "merchant_already_exists" });
      assert(String(terms.merchantNumber) === meta.actor.id, "the terms are this merchant's");
      assertBasisPoints(terms.feeBasisPoints);
      return decided([{ kind: "MerchantSetUp", terms, atMs: meta.nowMs }], {
        kind: "merchant",
        terms,
        lanesCount: 0,
        settlement: NO_SETTLEMENT,
      });
    }
    case "DescribeMerchant":
      if (state.kind === "vacant") return answerOnly({ kind: "merchant_not_found" });
      return answerOnly({
        kind: "merchant",
        terms: state.terms,
        lanesCount: state.lanesCount,
        settlement: state.settlement,
      });
    case "RegisterLane":
      if (state.kind === "vacant") return answerOnly({ kind: "merchant_not_found" });
      if (state.lanesCount >= policy.lanesPerMerchantMax) {
        return answerOnly({ kind: "too_many_lanes" });
      }
      return registerLane(state, command);
    default: {
      if (state.kind === "vacant") return answerOnly({ kind: "merchant_not_found" });
      return decideSettlement(state.terms.merchantNumber, state.settlement, command, meta, policy);
    }
  }
}

/** The lane gets what it needs to be paid without asking its merchant. */
function registerLane(
  { terms }: Extract<MerchantState, { kind: "active" }>,
  { laneNumber, laneName, laneKind, terminalCode, keyTag }: Of<"RegisterLane">,
): MerchantDecision {
  const { merchantNumber, name: merchantName, street, city, state, feeBasisPoints } = terms;
  const id = laneId(laneNumber);
  const payee = { merchantNumber, merchantName, laneId: id, laneName, street, city, state };
  const setUp: LaneCommand = {
    kind: "SetUpLane",
    terms: { laneKind, payee, feeBasisPoints, terminalCode, keyTag },
  };
  return decided(
    [{ kind: "LaneRegistered", laneNumber, laneName }],
    { kind: "lane_registered", laneNumber },
    [send({ kind: "lane", id }, setUp)],
  );
}

function apply(state: MerchantState, event: MerchantEvent): MerchantState {
  switch (event.kind) {
    case "MerchantSetUp":
      assert(state.kind === "vacant", "a merchant is set up once");
      return { kind: "active", terms: event.terms, lanesCount: 0, settlement: NO_SETTLEMENT };
    case "LaneRegistered":
      assert(state.kind === "active", "a merchant is set up before its lanes");
      return { ...state, lanesCount: state.lanesCount + 1 };
    default:
      assert(state.kind === "active", "a merchant is set up before it is settled with");
      return { ...state, settlement: applySettlement(state.settlement, event) };
  }
}

/** Before version 4 one person named a bank account, and it was paid to at once. */
function upcastMerchant(stored: StoredBody): MerchantEvent {
  assert(stored.version >= 1 && stored.version <= 4, "merchant events have versions 1 to 4");
  const event = stored.body as MerchantEvent;
  const isOld = stored.version < 4 && event.kind === "BankAccountSet";
  return isOld ? { ...event, payableFrom: null, proposed: null } : event;
}
