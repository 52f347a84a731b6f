import { expect, test } from "bun:test";
import { accountActor } from "../../actors/account.ts";
import type { AccountCommand, ApprovePayment } from "../../actors/account-messages.ts";
import type { AccountState, Customer } from "../../actors/account-state.ts";
import { AssertionFailed } from "../../actors/assert.ts";
import type { Block } from "../../actors/block.ts";
import { cents } from "../../actors/money.ts";
import { DEFAULT_POLICY, type Policy } from "../../actors/policy.ts";
import { REFUSAL_KINDS, type Refusal } from "../../actors/refusals.ts";
import {
  accountId,
  approve,
  capture,
  deviceId,
  LANE,
  MINUTE_MS,
  NOON_MS,
  openedAccount,
  paymentId,
  receipt,
  requestId,
  vacantAccount,
  verifiedAccount,
} from "./samples.ts";

const release = (number: number, refusal: Refusal): AccountCommand => ({
  kind: "ReleasePayment",
  paymentId: paymentId(number),
  refusal,
});
const overdue = (number: number): AccountCommand => ({
  kind: "HoldOverdue",
  paymentId: paymentId(number),
});
const setCap = (amount: number): AccountCommand => ({
  kind: "SetCap",
  capCents: cents(amount),
  note: "asked for",
});
const wrongPin = (number: number, changes: Partial<ApprovePayment> = {}): ApprovePayment =>
  approve(number, 100, { pinProofValid: false, ...changes });
const lift = (reason: "pin_failures" | "device_cloned"): AccountCommand => ({
  kind: "LiftBlock",
  reason,
  note: "the customer called",
});

/** Everything that can be wrong with an approval at once; each rung takes one thing away. */
interface Situation {
  readonly vacant: boolean;
  readonly closing: Customer["closing"];
  readonly blocks: readonly [] | readonly [Block];
  readonly approval: ApprovePayment;
  readonly policy: Policy;
  readonly verified: boolean;
  readonly revoked: boolean;
  readonly cap: number;
}

const HOPELESS: Situation = {
  vacant: true,
  closing: { by: "customer", sinceMs: NOON_MS },
  blocks: [{ reason: "operator", sinceMs: NOON_MS }],
  approval: approve(9, 5_000, {
    deviceId: deviceId(2),
    pinVersion: 2,
    counter: 0,
    pinProofValid: false,
  }),
  policy: { ...DEFAULT_POLICY, holdsMax: 1, purchasesMax: 1 },
  verified: false,
  revoked: true,
  cap: 3_000,
};

type Rung = readonly [refusal: string, cure: (was: Situation) => Situation];
const cureApproval =
  (changes: Partial<ApprovePayment>) =>
  (was: Situation): Situation => ({ ...was, approval: { ...was.approval, ...changes } });

const LADDER: readonly Rung[] = [
  ["account_not_open", (was) => ({ ...was, vacant: false })],
  ["account_closing", (was) => ({ ...was, closing: null })],
  ["account_blocked", (was) => ({ ...was, blocks: [] })],
  ["device_not_active", cureApproval({ deviceId: deviceId(1) })],
  ["verdict_stale", cureApproval({ pinVersion: 1 })],
  ["device_cloned", cureApproval({ counter: 4 })],
  ["counter_out_of_step", cureApproval({ counter: 3 })],
  ["pin_wrong", cureApproval({ pinProofValid: true })],
  ["identity_not_verified", (was) => ({ ...was, verified: true })],
  ["bank_account_needed", (was) => ({ ...was, revoked: false })],
  ["too_many_holds", (was) => ({ ...was, policy: { ...was.policy, holdsMax: 2 } })],
  ["too_many_purchases", (was) => ({ ...was, policy: { ...was.policy, purchasesMax: 2 } })],
  ["limit_exceeded", (was) => ({ ...was, cap: 8_000 })],
];

/** A customer with a purchase of $10 and a hold of $20, counter 2, in this situation. */
function stateOf({ vacant, closing, blocks, verified, revoked, cap }: Situation): AccountState {
  if (vacant) return { kind: "vacant" };
  const { state } = verifiedAccount().table([
    [approve(1, 1_000), "later"],
    [capture(1, 1_000), "noted"],
    [approve(2, 2_000), "later"],
    [setCap(cap), "cap_set"],
  ]);
  if (state.kind !== "open") throw new Error("the sample account is open");
  const identity: Customer["identity"] = verified
    ? state.customer.identity
    : { kind: "none", documents: undefined };
  const collection = { ...state.customer.collection, isMandateEnded: revoked };
  const customer = { ...state.customer, identity, closing, collection };
  const [block] = blocks;
  if (block === undefined) return { kind: "open", customer };
  return { kind: "blocked", blocks: [block], customer };
}

function replyIn(situation: Situation): string {
  const meta = {
    actor: { kind: "account", id: accountId(1) },
    commandId: "command",
    nowMs: NOON_MS,
    principal: "test",
  };
  const actor = accountActor(situation.policy);
  return actor.decide(stateOf(situation), situation.approval, meta).reply.kind;
}

test("the refusals of an approval come in ladder order, each before all later ones", () => {
  let situation = HOPELESS;
  const replies: string[] = [];
  for (const [, cure] of LADDER) {
    replies.push(replyIn(situation));
    situation = cure(situation);
  }
  expect(replies).toEqual(LADDER.map(([refusal]) => refusal));
  expect(replyIn(situation)).toBe("later");
});

test("the ladder of an approval is the order in which the refusals are listed", () => {
  const listed: readonly string[] = REFUSAL_KINDS.slice(0, LADDER.length);
  expect(LADDER.map(([refusal]) => refusal)).toEqual([...listed]);
});

test("an authorised payment holds its amount and tells the lane", () => {
  const account = verifiedAccount().table([[approve(1, 2_500), { kind: "later" }]]);
  expect(account.effects).toEqual([
    {
      kind: "timer",
      id: paymentId(1),
      atMs: NOON_MS + 2 * MINUTE_MS,
      command: { kind: "HoldOverdue", paymentId: paymentId(1) },
    },
    {
      kind: "send",
      to: { kind: "lane", id: LANE },
      command: {
        kind: "SettlePaymentRequest",
        paymentId: paymentId(1),
        accountId: accountId(1),
        requestId: requestId(1),
        version: 1,
        amountCents: cents(2_500),
      },
    },
  ]);
  const limit = { availableCents: 7_500, exposureCents: 0, holdsCents: 2_500 };
  account.table([[{ kind: "DescribeAccount" }, { limit, device: { counter: 1 } }]]);
});

test("a payment of exactly the limit passes; one cent more is refused with what is missing", () => {
  verifiedAccount().table([
    [approve(1, 10_001), { kind: "limit_exceeded", missingCents: 1, availableCents: 10_000 }],
    [approve(1, 10_000), "later"],
    [approve(2, 1), { kind: "limit_exceeded", missingCents: 1, availableCents: 0 }],
  ]);
});

test("holds and purchases that are not collected both use the limit up, to the cent", () => {
  verifiedAccount().table([
    [approve(1, 2_350), "later"],
    [capture(1, 2_350), "noted"],
    [approve(2, 1_810), "later"],
    [approve(3, 5_841), { kind: "limit_exceeded", missingCents: 1, availableCents: 5_840 }],
    [approve(3, 5_840), "later"],
    [release(2, { kind: "request_cancelled" }), "noted"],
    [approve(4, 1_811), { kind: "limit_exceeded", missingCents: 1, availableCents: 1_810 }],
    [approve(4, 1_810), "later"],
  ]);
});

test("below a lowered cap the missing amount says how much more would have passed", () => {
  verifiedAccount().table([
    [approve(1, 6_000), "later"],
    [capture(1, 6_000), "noted"],
    [setCap(5_000), { limit: { availableCents: 0 } }],
    [approve(2, 200), { kind: "limit_exceeded", missingCents: 1_200, availableCents: 0 }],
    [setCap(6_199), "cap_set"],
    [approve(2, 200), { kind: "limit_exceeded", missingCents: 1, availableCents: 199 }],
    [setCap(6_200), "cap_set"],
    [approve(2, 200), "later"],
  ]);
});

test("a captured payment becomes exposure and a balanced entry; what is available stays", () => {
  const account = verifiedAccount().table([
    [approve(1, 2_500), "later"],
    [capture(1, 2_500, 37), "noted"],
  ]);
  expect(account.effects).toEqual([
    { kind: "cancel", id: paymentId(1) },
    {
      kind: "answer",
      key: paymentId(1),
      reply: {
        kind: "payment_captured",
        paymentId: paymentId(1),
        receipt: receipt(1, 2_500),
        limitBeforeCents: cents(10_000),
        limitAfterCents: cents(7_500),
        counter: 1,
      },
    },
  ]);
  const limit = { availableCents: 7_500, exposureCents: 2_500, holdsCents: 0 };
  account.table([
    [{ kind: "DescribeAccount" }, { limit, collection: { purchases: [{ stage: "due" }] } }],
  ]);
});

test("a released payment gives the limit back and answers why", () => {
  const account = verifiedAccount().table([
    [approve(1, 2_500), "later"],
    [release(1, { kind: "request_cancelled" }), "noted"],
  ]);
  const reply = { kind: "request_cancelled" };
  expect(account.effects).toEqual([
    { kind: "cancel", id: paymentId(1) },
    { kind: "answer", key: paymentId(1), reply },
  ]);
  account.table([[{ kind: "DescribeAccount" }, { limit: { availableCents: 10_000 } }]]);
});

test("an approval that comes again is told what became of the first, and changes nothing", () => {
  const account = verifiedAccount().table([
    [approve(1, 100), { kind: "later", key: paymentId(1) }],
    [approve(1, 100), { kind: "later", key: paymentId(1) }],
    [capture(1, 100), "noted"],
    [approve(1, 100), { kind: "payment_captured", receipt: undefined }],
    [approve(2, 100), "later"],
    [release(2, { kind: "request_superseded" }), "noted"],
    [approve(2, 100), "request_superseded"],
    [wrongPin(3), { kind: "pin_wrong", attemptsLeft: 2 }],
  ]);
  const written = account.events.length;
  account.table([
    [wrongPin(3), { kind: "pin_wrong", attemptsLeft: 2 }],
    [approve(3, 100), { kind: "pin_wrong", attemptsLeft: 2 }],
    [approve(2, 100), "request_superseded"],
    [approve(1, 100), "payment_captured"],
  ]);
  expect(account.events.length).toBe(written);
});

test("an answer of the lane that comes again changes nothing", () => {
  const account = verifiedAccount().table([
    [approve(1, 100), "later"],
    [capture(1, 100), "noted"],
    [approve(2, 100), "later"],
    [release(2, { kind: "request_paid" }), "noted"],
  ]);
  const written = account.events.length;
  account.table([
    [capture(1, 100), "noted"],
    [release(1, { kind: "payment_barred" }), "noted"],
    [release(2, { kind: "request_paid" }), "noted"],
    [release(3, { kind: "request_paid" }), "noted"],
    [overdue(1), "noted"],
    [overdue(2), "noted"],
  ]);
  expect(account.events.length).toBe(written);
  expect(() => account.tell(capture(2, 100))).toThrow("a released payment is never captured");
});

test("three wrong PINs in a row block, and a right one starts the count anew", () => {
  const account = verifiedAccount().table([
    [wrongPin(1), { kind: "pin_wrong", attemptsLeft: 2 }],
    [wrongPin(2), { kind: "pin_wrong", attemptsLeft: 1 }],
    [approve(3, 100), "later"],
    [wrongPin(4), { kind: "pin_wrong", attemptsLeft: 2 }],
    [wrongPin(5), { kind: "pin_wrong", attemptsLeft: 1 }],
    [wrongPin(6), { kind: "pin_wrong", attemptsLeft: 0 }],
    [approve(7, 100), { kind: "account_blocked", reasons: ["pin_failures"] }],
    [lift("pin_failures"), { blocks: [] }],
    [wrongPin(7), { kind: "pin_wrong", attemptsLeft: 2 }],
  ]);
  expect(account.eventKinds.slice(-4)).toEqual([
    "WrongPinEntered",
    "AccountBlocked",
    "BlockLifted",
    "WrongPinEntered",
  ]);
});

test("a right PIN clears the count even when the payment is refused", () => {
  const account = verifiedAccount().table([
    [wrongPin(1), { attemptsLeft: 2 }],
    [wrongPin(2), { attemptsLeft: 1 }],
    [approve(3, 10_001), "limit_exceeded"],
    [wrongPin(3), { kind: "pin_wrong", attemptsLeft: 2 }],
  ]);
  expect(account.eventKinds).toContain("PinFailuresCleared");
  openedAccount().table([
    [wrongPin(1), { attemptsLeft: 2 }],
    [approve(2, 100), "identity_not_verified"],
    [wrongPin(2), { attemptsLeft: 2 }],
  ]);
});

test("the PIN counts only with the right phone, key and counter and without a block", () => {
  const account = verifiedAccount();
  const before = JSON.stringify(account.state);
  account.table([
    [wrongPin(1, { deviceId: deviceId(2) }), "device_not_active"],
    [wrongPin(1, { pinVersion: 2 }), "verdict_stale"],
    [wrongPin(1, { pinVersion: 0 }), "verdict_stale"],
    [wrongPin(2), { kind: "counter_out_of_step", expected: 1 }],
  ]);
  expect(JSON.stringify(account.state)).toBe(before);
  account.table([
    [{ kind: "BlockAccount", reason: "operator", note: "" }, "blocks_changed"],
    [wrongPin(1), "account_blocked"],
    [wrongPin(1), "account_blocked"],
    [wrongPin(1), "account_blocked"],
    [{ kind: "LiftBlock", reason: "operator", note: "" }, "blocks_changed"],
    [wrongPin(1), { kind: "pin_wrong", attemptsLeft: 2 }],
  ]);
});

test("a refused approval with the right PIN leaves the counter to the next one", () => {
  const account = verifiedAccount();
  const written = account.events.length;
  account.table([[approve(1, 10_001), "limit_exceeded"]]);
  expect(account.events.length).toBe(written);
  account.table([
    [{ kind: "DescribeAccount" }, { device: { counter: 0 } }],
    [approve(2, 10_000, { counter: 1 }), "later"],
    [{ kind: "DescribeAccount" }, { device: { counter: 1 } }],
  ]);
});

test("a counter used by another approval means a copied phone and blocks", () => {
  const account = verifiedAccount().table([
    [approve(1, 100), "later"],
    [approve(2, 100, { counter: 1, pinProofValid: false }), "device_cloned"],
    [approve(3, 100), { kind: "account_blocked", reasons: ["device_cloned"] }],
    [capture(1, 100), "noted"],
    [lift("device_cloned"), "blocks_changed"],
    [approve(3, 100, { counter: 2 }), "later"],
    [wrongPin(4, { counter: 3 }), "pin_wrong"],
    [approve(5, 100, { counter: 3 }), "device_cloned"],
  ]);
  expect(account.eventKinds.filter((kind) => kind === "AccountBlocked")).toHaveLength(2);
});

test("a payment that the lane took is captured though the account is blocked meanwhile", () => {
  verifiedAccount().table([
    [approve(1, 100), "later"],
    [approve(2, 200), "later"],
    [{ kind: "BlockAccount", reason: "reported_lost", note: "" }, "blocks_changed"],
    [approve(1, 100), { kind: "later", key: paymentId(1) }],
    [overdue(1), "noted"],
    [capture(1, 100), "noted"],
    [release(2, { kind: "request_expired" }), "noted"],
    [
      { kind: "DescribeAccount" },
      { status: "blocked", limit: { exposureCents: 100, holdsCents: 0, availableCents: 9_900 } },
    ],
    [approve(1, 100), "payment_captured"],
    [approve(2, 200), "request_expired"],
  ]);
});

test("an overdue hold asks the lane, again and again, and never ends by itself", () => {
  const account = verifiedAccount().table([[approve(1, 100), "later"], 2 * MINUTE_MS]);
  for (let round = 1; round <= 3; round++) {
    account.table([[overdue(1), "noted"]]);
    const atMs = account.nowMs + 2 * MINUTE_MS;
    expect(account.effects).toMatchObject([{ kind: "timer", id: paymentId(1), atMs }, {}]);
    expect(account.sent).toEqual([
      {
        to: `lane:${LANE}`,
        kind: "ResolvePayment",
        paymentId: paymentId(1),
        accountId: accountId(1),
        requestId: requestId(1),
      },
    ]);
    account.table([2 * MINUTE_MS]);
  }
  account.table([
    [{ kind: "DescribeAccount" }, { limit: { holdsCents: 100 } }],
    [capture(1, 100), "noted"],
    [overdue(1), "noted"],
  ]);
  expect(account.effects).toEqual([]);
});

test("as many payments wait for their lanes, and for collection, as the policy says", () => {
  const account = verifiedAccount({ holdsMax: 2, purchasesMax: 2 }).table([
    [approve(1, 1), "later"],
    [approve(2, 1), "later"],
    [approve(3, 1), "too_many_holds"],
    [capture(1, 1), "noted"],
    [approve(3, 1), "later"],
    [capture(2, 1), "noted"],
    [approve(4, 1), "too_many_purchases"],
  ]);
  // A hold that was given before is captured whatever the number.
  account.table([
    [capture(3, 1), "noted"],
    [approve(4, 1), "too_many_purchases"],
  ]);
});

test("what is impossible stops the actor before it writes", () => {
  const account = verifiedAccount().table([[approve(1, 100), "later"]]);
  expect(() => account.tell(approve(2, 0))).toThrow(AssertionFailed);
  expect(() => account.tell(approve(2, -1))).toThrow(AssertionFailed);
  expect(() => account.tell(capture(1, 101))).toThrow("what is captured is what was held");
  expect(() => account.tell(capture(1, 100, 101))).toThrow("the fee is a part of the amount");
  vacantAccount().table([[overdue(1), "account_not_open"]]);
});
