/** The actors of money, the people and shops of a run, and the policy they live under. */
import { accountActor } from "../../actors/account.ts";
import { achEntryActor } from "../../actors/ach-entry.ts";
import { achFileActor } from "../../actors/ach-file.ts";
import type { ActorRef, AnyActor } from "../../actors/actor.ts";
import { encodeId, type RefundId } from "../../actors/ids.ts";
import { merchantActor } from "../../actors/merchant.ts";
import { cents } from "../../actors/money.ts";
import { DEFAULT_POLICY, type Policy } from "../../actors/policy.ts";
import { purchaseActor } from "../../actors/purchase.ts";
import { RETURN_CODES, type ReturnCode } from "../../actors/return-codes.ts";
import { tracesActor } from "../../actors/traces.ts";

/** FAQ: a second time; a third attempt is the most that Nacha allows, and none is the least. */
export type Retries = 0 | 1 | 2;

export const FEE_CENTS = 700;
/** The version of a mandate that gives notice of the fee. */
export const NOTICED = "2026-01+fee700";

export const moneyPolicy = (retriesMax: Retries): Policy => ({
  ...DEFAULT_POLICY,
  retriesMax,
  returnFeeCents: cents(FEE_CENTS),
  returnFeesByAch: true,
});

/** What the suite is a function of: the real actors, or ones with a planted bug. */
export interface MoneyActors {
  readonly account: ReturnType<typeof accountActor>;
  readonly merchant: ReturnType<typeof merchantActor>;
  readonly file: ReturnType<typeof achFileActor>;
  readonly entry: typeof achEntryActor;
  readonly traces: typeof tracesActor;
  readonly purchase: typeof purchaseActor;
}

export type MoneyTown = (retriesMax: Retries) => MoneyActors;

export const REAL_MONEY: MoneyTown = (retriesMax) => {
  const policy = moneyPolicy(retriesMax);
  return {
    account: accountActor(policy),
    merchant: merchantActor(policy),
    file: achFileActor(policy),
    entry: achEntryActor,
    traces: tracesActor,
    purchase: purchaseActor,
  };
};

export function allOf(actors: MoneyActors): readonly AnyActor[] {
  return Object.values(actors);
}

export const CUSTOMERS = 3;
export const SHOPS = 2;
export const TRACES: ActorRef = { kind: "traces", id: "12345678" };
export const shopRef = (shop: number): ActorRef => ({ kind: "merchant", id: String(shop + 1) });
export const fileRef = (id: string): ActorRef => ({ kind: "ach-file", id });
export const purchaseRef = (id: string): ActorRef => ({ kind: "purchase", id });

export function refundOf(number: number): RefundId {
  const bytes = new Uint8Array(16).fill(9);
  new DataView(bytes.buffer).setUint32(12, number);
  return encodeId("refund", bytes);
}

/** What must have been seen before a silence means anything; every return code comes to these. */
const STATES = [
  "return of a prenote",
  "return of a refund",
  "return of a payout",
  "return before settlement",
  "same return again",
  "possible duplicate",
  "amount differs",
  "direction differs",
  "unknown code",
  "late return refused",
  "return after collection",
  "return read after its entry was collected",
  "return read too late",
  "refund before filing",
  "refund to nothing",
  "refund while in flight",
  "refund while returned",
  "refund after collection",
  "refund after a debt was given up",
  "refund too high",
  "refund set off",
  "reversed in its window",
  "reversed after collection",
  "reversed: duplicate",
  "reversed: wrong_receiver",
  "reversed: wrong_amount",
  "reversed: wrong_date",
  "reversal filed",
  "reversal paid",
  "reversal set off",
  "reversal too late for a file",
  "return of a reversal",
  "return of what was reversed",
  "no reversal: entry_not_reversible",
  "no reversal: entry_came_back",
  "no reversal: entry_already_reversed",
  "no reversal: file_not_at_this_stage",
  "no reversal: reversal_too_late",
  "no reversal: second_person_needed",
  "refund paid",
  "refund send_again",
  "refund paid by hand",
  "refund unclaimed",
  "no resolution: resolution_does_not_fit",
  "no resolution: refund_not_stuck",
  "dispute after collection",
  "dispute merchant_pays",
  "dispute lost",
  "dispute won",
  "exposure above cap",
  "merchant receivable",
  "receivable netted",
  "failed last attempt",
  "fee by hand only",
  "fee filed",
  "fee in a rejected file",
  "fee collected",
  "fee returned",
  "fee returned after collection",
  "paid while a fee is under way",
  "fee set off",
  "fee waived",
  "no waiver: fee_under_way",
  "second attempt collected",
  "third attempt",
  "retry allowed",
  "no retry left",
  "paid in part",
  "paid exactly",
  "paid too much",
  "payment proposed",
  "stuck debit written off",
  "due paid by hand",
  "paid while a retry is under way",
  "written off",
  "recovered write-off",
  "second person needed",
  "rejected file",
  "rejected file with a retry inside",
  "returned, then said to be rejected",
  "handed over, outcome unknown",
  "file that stays empty",
  "nothing but zero amounts",
  "statement differs",
  "statement before its returns",
  "file not whole",
  "trace wrap",
  "payout made",
  "payout below the least",
  "bank account replaced in flight",
  "bank account replaced before the bytes",
  "mandate ended",
  "mandate given anew",
  "message delivered twice",
  "messages out of order",
  "asked twice",
  "restart",
] as const;

export type MoneyRare = (typeof STATES)[number] | `return ${ReturnCode}`;

export const MONEY_STATES: readonly MoneyRare[] = [
  ...STATES,
  ...(Object.keys(RETURN_CODES) as ReturnCode[]).map((code) => `return ${code}` as const),
];
