/**
 * The steps of a run, as fast-check makes them: small numbers that are read against the state of
 * affairs when the step is taken (the newest request of a lane, what an account has left). So every
 * list of steps makes sense, and stays meaningful while a failing one is made smaller.
 */
import fc from "fast-check";
import { BLOCK_REASONS, type BlockReason, operatorMayLift } from "../../actors/block.ts";

export const MINUTE_MS = 60_000;

/** Cents, or what an account has left with a cent more or less. */
export type AmountChoice = number | { readonly of: number; readonly extra: number };

/** What is wrong with an approval, if anything. */
export type Slip =
  | "none"
  | "wrong pin"
  | "other device"
  | "stale verdict"
  | "used counter"
  | "counter ahead"
  | "old version"
  | "other amount";

export interface ApproveStep {
  readonly kind: "approve";
  readonly account: number;
  readonly lane: number;
  /** 0 is the newest request of the lane, 1 the one before. */
  readonly back: number;
  readonly slip: Slip;
}

export type SimpleStep =
  | { readonly kind: "open"; readonly lane: number; readonly amount: AmountChoice }
  | {
      readonly kind: "update";
      readonly lane: number;
      readonly back: number;
      readonly amount: AmountChoice;
      readonly match: "any" | "right" | "stale";
    }
  | { readonly kind: "cancel"; readonly lane: number; readonly back: number }
  /** `back` undefined: the sticker. */
  | { readonly kind: "scan"; readonly lane: number; readonly back: number | undefined }
  | ApproveStep
  | {
      readonly kind: "repeat";
      readonly back: number;
      readonly as: "same" | "under another id" | "another under its id";
    }
  | { readonly kind: "block"; readonly account: number; readonly reason: BlockReason }
  /** Without a reason: whatever block is open. */
  | {
      readonly kind: "lift";
      readonly account: number;
      readonly reason: BlockReason | undefined;
    }
  | { readonly kind: "identity"; readonly account: number; readonly act: number }
  | { readonly kind: "cap"; readonly account: number; readonly above: number };

export type Step =
  | SimpleStep
  /** Open, scan and approve, one after the other. */
  | {
      readonly kind: "buy";
      readonly account: number;
      readonly lane: number;
      readonly amount: AmountChoice;
    }
  /** Several at the same moment. */
  | { readonly kind: "together"; readonly steps: readonly SimpleStep[] }
  /** Payers at the same moment, and perhaps the till changes its mind. */
  | {
      readonly kind: "race";
      readonly lane: number;
      readonly payers: readonly number[];
      readonly till: "waits" | "cancels" | "updates" | "opens another";
      readonly place: number;
    }
  | { readonly kind: "pass"; readonly ms: number }
  /** One wrong PIN after the other. */
  | {
      readonly kind: "guess";
      readonly account: number;
      readonly lane: number;
      readonly tries: number;
    }
  /** Time passes while a request is open, from scan to scan. */
  | { readonly kind: "linger"; readonly lane: number; readonly scans: number }
  /** Sends to other actors are held back, or let go. */
  | { readonly kind: "post"; readonly open: boolean }
  | {
      readonly kind: "restart";
      readonly how: "drained" | "commit lost" | "nobody told";
      readonly steps: readonly SimpleStep[];
      /** The callers who heard nothing ask again, under the same ids. */
      readonly again: boolean;
    }
  /** Saga only: one of the waiting letters arrives; `stays`: it will arrive again. */
  | { readonly kind: "deliver"; readonly pick: number; readonly stays: boolean }
  /** Saga only: one of the timers that are due fires. */
  | { readonly kind: "fire"; readonly pick: number };

const account = fc.nat(7);
const lane = fc.nat(4);
const back = fc.constantFrom(0, 0, 0, 0, 1, 1, 2, 5);
const amount: fc.Arbitrary<AmountChoice> = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 1, max: 500 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 12_000 }) },
  { weight: 2, arbitrary: fc.record({ of: account, extra: fc.constantFrom(-1, 0, 0, 1) }) },
);
const SLIPS: readonly Slip[] = [
  "wrong pin",
  "wrong pin",
  "wrong pin",
  "other device",
  "stale verdict",
  "used counter",
  "counter ahead",
  "old version",
  "other amount",
];
const slip: fc.Arbitrary<Slip> = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Slip>("none") },
  { weight: 2, arbitrary: fc.constantFrom(...SLIPS) },
);
const approve: fc.Arbitrary<ApproveStep> = fc.record({
  kind: fc.constant("approve"),
  account,
  lane,
  back,
  slip,
});
/** Without that of a failed collection, which nobody lifts: accounts would run out. */
const reason = fc.constantFrom(...BLOCK_REASONS.filter(operatorMayLift));

const simple = {
  open: fc.record({ kind: fc.constant("open"), lane, amount }),
  update: fc.record({
    kind: fc.constant("update"),
    lane,
    back,
    amount,
    match: fc.constantFrom("any", "right", "stale"),
  }),
  cancel: fc.record({ kind: fc.constant("cancel"), lane, back }),
  scan: fc.record({
    kind: fc.constant("scan"),
    lane,
    back: fc.option(back, { nil: undefined }),
  }),
  repeat: fc.record({
    kind: fc.constant("repeat"),
    back: fc.nat(20),
    as: fc.constantFrom("same", "same", "under another id", "another under its id"),
  }),
  block: fc.record({ kind: fc.constant("block"), account, reason }),
  lift: fc.record({
    kind: fc.constant("lift"),
    account,
    reason: fc.oneof(
      { weight: 9, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: reason },
    ),
  }),
  identity: fc.record({ kind: fc.constant("identity"), account, act: fc.nat(3) }),
  cap: fc.record({
    kind: fc.constant("cap"),
    account,
    above: fc.constantFrom(-300, 1, 2_000, 10_000, 40_000, 100_000),
  }),
} satisfies Record<string, fc.Arbitrary<SimpleStep>>;

const simpleStep: fc.Arbitrary<SimpleStep> = fc.oneof(
  { weight: 5, arbitrary: simple.open },
  { weight: 2, arbitrary: simple.update },
  { weight: 3, arbitrary: simple.cancel },
  { weight: 2, arbitrary: simple.scan },
  { weight: 12, arbitrary: approve },
  { weight: 4, arbitrary: simple.repeat },
  { weight: 1, arbitrary: simple.block },
  { weight: 12, arbitrary: simple.lift },
  { weight: 1, arbitrary: simple.identity },
  { weight: 5, arbitrary: simple.cap },
);
const buy: fc.Arbitrary<Step> = fc
  .record({ account, lane, amount })
  // One who spends what is left spends what is left to himself, mostly.
  .map(({ account, lane, amount }) => ({
    kind: "buy",
    account,
    lane,
    amount: typeof amount === "number" ? amount : { ...amount, of: account },
  }));
const together: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant("together"),
  steps: fc.array(simpleStep, { minLength: 2, maxLength: 8, size: "max" }),
});
const race: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant("race"),
  lane,
  payers: fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7], { minLength: 2 }),
  till: fc.constantFrom("waits", "cancels", "updates", "opens another"),
  place: fc.nat(8),
});
const pass: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant("pass"),
  ms: fc.constantFrom(1, 900, 30_000, MINUTE_MS, 2 * MINUTE_MS, 2 * MINUTE_MS, 5 * MINUTE_MS),
});
const linger: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant("linger"),
  lane,
  scans: fc.constantFrom(2, 5, 22),
});
const guess: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant("guess"),
  account,
  lane,
  tries: fc.integer({ min: 2, max: 4 }),
});
const post: fc.Arbitrary<Step> = fc.record({ kind: fc.constant("post"), open: fc.boolean() });
const restart: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant("restart"),
  how: fc.constantFrom("drained", "commit lost", "nobody told"),
  steps: fc.array(simpleStep, { minLength: 0, maxLength: 4, size: "max" }),
  again: fc.boolean(),
});

const weighed = (steps: number) => [
  { weight: steps, arbitrary: simpleStep },
  { weight: 12, arbitrary: buy },
  { weight: 3, arbitrary: together },
  { weight: 2, arbitrary: race },
  { weight: 4, arbitrary: pass },
  { weight: 1, arbitrary: linger },
  { weight: 1, arbitrary: guess },
];

/** `size: "max"`, or a list would be short: many false laws need long ones to be found out. */
function list(step: fc.Arbitrary<Step>, length: number): fc.Arbitrary<Step[]> {
  return fc.array(step, { minLength: length / 2, maxLength: length, size: "max" });
}

/** For a host: restarts, crashes, and sends that are late. */
export function hostSteps(length: number): fc.Arbitrary<Step[]> {
  return list(
    fc.oneof(...weighed(30), { weight: 3, arbitrary: post }, { weight: 2, arbitrary: restart }),
    length,
  );
}

/** For actors without a host: every letter and every timer comes when fast-check says so. */
export function sagaSteps(length: number): fc.Arbitrary<Step[]> {
  const deliver: fc.Arbitrary<Step> = fc.record({
    kind: fc.constant("deliver"),
    pick: fc.nat(30),
    stays: fc.constantFrom(false, false, false, true),
  });
  const fire: fc.Arbitrary<Step> = fc.record({ kind: fc.constant("fire"), pick: fc.nat(10) });
  return list(
    fc.oneof(...weighed(20), { weight: 30, arbitrary: deliver }, { weight: 6, arbitrary: fire }),
    length,
  );
}
