/**
 * The steps of a run of the money suite: small numbers that are read against the state of affairs
 * when the step is taken, so that every list of steps makes sense and can be made smaller.
 */
import fc from "fast-check";
import { RETURN_CODES, type ReturnCode } from "../../actors/return-codes.ts";
import { REVERSAL_REASONS, type ReversalReason } from "../../actors/reversal-messages.ts";

/** What is odd about a return that the bank sends, or that we read. */
export type ReturnSlip =
  | "none"
  | "same again"
  | "own trace again"
  | "other amount"
  | "other direction"
  | "unknown code";

export type ByHand = "part" | "exact" | "too much";

export type MoneyStep =
  | { readonly kind: "buy"; readonly account: number; readonly shop: number; readonly pick: number }
  | {
      readonly kind: "refund";
      readonly pick: number;
      readonly part: "all" | "half" | "one" | "too much";
      readonly lags: boolean;
      readonly again: boolean;
    }
  | { readonly kind: "deliver"; readonly pick: number; readonly stays: boolean }
  | {
      readonly kind: "file";
      readonly count: number;
      readonly outcome: "accepted" | "rejected" | "unknown, taken" | "unknown, lost";
      readonly again: boolean;
      /** A new bank account between the entries and the bytes. */
      readonly replaces: number | undefined;
    }
  | { readonly kind: "bank"; readonly pick: number; readonly acts: number; readonly again: boolean }
  | {
      readonly kind: "return";
      readonly pick: number;
      readonly code: ReturnCode;
      readonly slip: ReturnSlip;
      /** Of a file that was collected. */
      readonly late: boolean;
      /** Booked in time by the bank, and read when the window is over. */
      readonly readLate: boolean;
    }
  | { readonly kind: "pay"; readonly account: number; readonly part: ByHand }
  | { readonly kind: "retry"; readonly pick: number }
  | { readonly kind: "write off"; readonly pick: number; readonly by: "alice" | "bob" }
  | {
      readonly kind: "dispute";
      readonly pick: number;
      readonly outcome: "merchant_pays" | "lost" | "won";
    }
  /** By one person, or by both. */
  | {
      readonly kind: "reverse";
      readonly pick: number;
      readonly reason: ReversalReason;
      readonly by: "alice" | "bob" | "both";
      readonly again: boolean;
    }
  | { readonly kind: "replace"; readonly account: number }
  | { readonly kind: "correct"; readonly account: number }
  | { readonly kind: "shop bank"; readonly shop: number }
  | {
      readonly kind: "settle";
      readonly shop: number;
      readonly lags: boolean;
      readonly least: number;
    }
  | { readonly kind: "lift"; readonly account: number }
  | { readonly kind: "pass"; readonly days: number }
  /** So many days as they should be: everything arrives, the bank does its part, a file a day. */
  | { readonly kind: "days"; readonly days: number }
  | { readonly kind: "restart" };

const nat = fc.nat(1_000);
const account = fc.nat(2);
const shop = fc.nat(1);
const oneIn = (times: number) => fc.nat(times - 1).map((value) => value === 0);
const CODES = Object.keys(RETURN_CODES) as ReturnCode[];
/** The usual ones more often, so that second attempts and late returns are many. */
const code = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<ReturnCode>("R01", "R09") },
  { weight: 1, arbitrary: fc.constantFrom<ReturnCode>("R10", "R08", "R08") },
  { weight: 2, arbitrary: fc.constantFrom(...CODES) },
);
const slip: fc.Arbitrary<ReturnSlip> = fc.constantFrom<ReturnSlip[]>(
  ...(["none", "none", "none", "none", "none", "none", "none", "same again"] as const),
  ...(["own trace again", "other amount", "other direction", "unknown code"] as const),
);

const steps = {
  buy: fc.record({ kind: fc.constant("buy"), account, shop, pick: nat }),
  refund: fc.record({
    kind: fc.constant("refund"),
    pick: nat,
    part: fc.constantFrom("all", "half", "half", "one", "too much"),
    lags: fc.boolean(),
    again: oneIn(4),
  }),
  deliver: fc.record({ kind: fc.constant("deliver"), pick: nat, stays: oneIn(4) }),
  file: fc.record({
    kind: fc.constant("file"),
    count: fc.constantFrom(1, 2, 3, 8),
    outcome: fc.constantFrom(
      ...(["accepted", "accepted", "accepted", "accepted", "accepted"] as const),
      ...(["rejected", "unknown, taken", "unknown, lost"] as const),
    ),
    again: oneIn(3),
    replaces: fc.oneof(
      { weight: 9, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: account },
    ),
  }),
  bank: fc.record({
    kind: fc.constant("bank"),
    pick: nat,
    acts: fc.constantFrom(1, 2, 4, 12, 12),
    again: oneIn(4),
  }),
  return: fc.record({
    kind: fc.constant("return"),
    pick: nat,
    code,
    slip,
    late: oneIn(3),
    readLate: oneIn(2),
  }),
  pay: fc.record({
    kind: fc.constant("pay"),
    account,
    part: fc.constantFrom("part", "exact", "exact", "too much"),
  }),
  retry: fc.record({ kind: fc.constant("retry"), pick: nat }),
  "write off": fc.record({
    kind: fc.constant("write off"),
    pick: nat,
    by: fc.constantFrom("alice", "bob"),
  }),
  dispute: fc.record({
    kind: fc.constant("dispute"),
    pick: nat,
    outcome: fc.constantFrom("merchant_pays", "lost", "won"),
  }),
  reverse: fc.record({
    kind: fc.constant("reverse"),
    pick: nat,
    reason: fc.constantFrom<ReversalReason[]>(...REVERSAL_REASONS),
    by: fc.constantFrom("alice", "bob", "both", "both", "both"),
    again: oneIn(4),
  }),
  replace: fc.record({ kind: fc.constant("replace"), account }),
  correct: fc.record({ kind: fc.constant("correct"), account }),
  "shop bank": fc.record({ kind: fc.constant("shop bank"), shop }),
  settle: fc.record({
    kind: fc.constant("settle"),
    shop,
    lags: oneIn(3),
    least: fc.constantFrom(1, 1, 5_000),
  }),
  lift: fc.record({ kind: fc.constant("lift"), account }),
  pass: fc.record({
    kind: fc.constant("pass"),
    days: fc.constantFrom(1, 1, 1, 1, 2, 3, 5, 40, 190),
  }),
  days: fc.record({ kind: fc.constant("days"), days: fc.constantFrom(1, 4, 7) }),
  restart: fc.record({ kind: fc.constant("restart") }),
} satisfies Record<MoneyStep["kind"], fc.Arbitrary<MoneyStep>>;

const WEIGHTS: Readonly<Record<MoneyStep["kind"], number>> = {
  buy: 16,
  refund: 7,
  deliver: 14,
  file: 12,
  bank: 22,
  return: 12,
  pay: 4,
  retry: 2,
  "write off": 3,
  dispute: 3,
  reverse: 5,
  replace: 4,
  correct: 1,
  "shop bank": 2,
  settle: 4,
  lift: 6,
  pass: 10,
  days: 4,
  restart: 1,
};

const anyStep: fc.Arbitrary<MoneyStep> = fc.oneof(
  ...(Object.keys(steps) as MoneyStep["kind"][]).map((kind) => ({
    weight: WEIGHTS[kind],
    arbitrary: steps[kind] as fc.Arbitrary<MoneyStep>,
  })),
);

/** `size: "max"`, or a list would be short: many false laws need long ones to be found out. */
export function moneySteps(length: number): fc.Arbitrary<MoneyStep[]> {
  return fc.array(anyStep, { minLength: length / 2, maxLength: length, size: "max" });
}
