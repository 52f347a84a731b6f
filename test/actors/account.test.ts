import { describe, expect, test } from "bun:test";
import type { AccountCommand, AccountView } from "../../actors/account-messages.ts";
import { AssertionFailed } from "../../actors/assert.ts";
import { BLOCK_REASONS } from "../../actors/block.ts";
import { NO_COLLECTION } from "../../actors/collection-state.ts";
import { cents } from "../../actors/money.ts";
import {
  accountId,
  approve,
  capture,
  deviceId,
  front,
  NOON_MS,
  openAccount,
  openedAccount,
  paymentId,
  personId,
  rear,
  VERIFY,
  vacantAccount,
  verifiedAccount,
} from "./samples.ts";

const born = (year: number, month: number, day: number): AccountCommand => ({
  ...openAccount,
  birthDate: { year, month, day },
});
const blockFor = (reason: (typeof BLOCK_REASONS)[number]): AccountCommand => ({
  kind: "BlockAccount",
  reason,
  note: "a phone call",
});
const liftOf = (reason: (typeof BLOCK_REASONS)[number]): AccountCommand => ({
  kind: "LiftBlock",
  reason,
  note: "another phone call",
});
const setCap = (amount: number): AccountCommand => ({
  kind: "SetCap",
  capCents: cents(amount),
  note: "asked for",
});

test("an account is opened with the limit of $100 and asks for its phone number", () => {
  const limit = { capCents: 10_000, availableCents: 10_000, exposureCents: 0, holdsCents: 0 };
  const account = vacantAccount().table([[openAccount, { kind: "account_opened", limit }]]);
  expect(account.sent).toEqual([
    { to: "directory:phone-1", kind: "BindPhone", accountId: accountId(1) },
  ]);
  expect(account.tell({ kind: "DescribeAccount" })).toMatchObject({
    kind: "account",
    status: "open",
    personId: personId(1),
    blocks: [],
    identity: { kind: "none" },
    device: { deviceId: deviceId(1), counter: 0, pinVersion: 1 },
    mandate: { textVersion: "2026-01", acceptedAtMs: NOON_MS },
    limit,
    collection: NO_COLLECTION,
    openedAtMs: NOON_MS,
  });
});

test("the gateway learns with which phone and PIN key to check an approval", () => {
  const device = { deviceId: deviceId(1), publicKey: "key-1", pinVersion: 1, counter: 0 };
  openedAccount().table([
    [{ kind: "DescribeDevice" }, { kind: "device", device, pinKey: "vault-pin" }],
    [blockFor("operator"), "blocks_changed"],
    [{ kind: "DescribeDevice" }, { kind: "device", device, pinKey: "vault-pin" }],
  ]);
});

test("the birth date is checked and never stored", () => {
  const account = openedAccount();
  expect(JSON.stringify([account.events, account.state])).not.toContain("1990");
});

test("an account is refused in this order: open already, born in the future, under age", () => {
  openedAccount().table([[born(2030, 1, 1), "account_already_open"]]);
  vacantAccount().table([
    [born(2026, 6, 2), "birth_date_in_future"],
    [born(2030, 1, 1), "birth_date_in_future"],
    [born(2026, 6, 1), "under_age"],
    [born(2008, 6, 2), "under_age"],
    [born(2008, 6, 1), "account_opened"],
  ]);
});

test("the 18th birthday counts from its first moment in the account's time zone", () => {
  const account = vacantAccount();
  account.nowMs = Date.UTC(2026, 5, 1, 3, 59, 59, 999); // 31 May, a moment before midnight
  account.table([[born(2008, 6, 1), "under_age"], 1, [born(2008, 6, 1), "account_opened"]]);
});

test("someone born on 29 February is 18 on 1 March, not on the day before", () => {
  const account = vacantAccount();
  account.nowMs = Date.UTC(2026, 1, 28, 17);
  account.table([
    [born(2008, 2, 29), "under_age"],
    12 * 3_600_000,
    [born(2008, 2, 29), "account_opened"],
  ]);
});

test("a vacant account refuses everything but being opened", () => {
  vacantAccount().table([
    [{ kind: "DescribeAccount" }, "account_not_open"],
    [{ kind: "DescribeDevice" }, "account_not_open"],
    [front, "account_not_open"],
    [VERIFY, "account_not_open"],
    [{ kind: "RejectIdentity", reason: "glare" }, "account_not_open"],
    [blockFor("operator"), "account_not_open"],
    [liftOf("operator"), "account_not_open"],
    [setCap(1), "account_not_open"],
    [approve(1, 100), "account_not_open"],
    [capture(1, 100), "account_not_open"],
    [
      { kind: "ReleasePayment", paymentId: paymentId(1), refusal: { kind: "request_paid" } },
      "account_not_open",
    ],
    [{ kind: "HoldOverdue", paymentId: paymentId(1) }, "account_not_open"],
  ]);
});

test("identity goes from none over pending to verified, and is decided once", () => {
  openedAccount().table([
    [VERIFY, "identity_not_pending"],
    [{ kind: "RejectIdentity", reason: "glare" }, "identity_not_pending"],
    [front, { identity: { kind: "none" } }],
    [VERIFY, "identity_not_pending"],
    [rear, { identity: { kind: "pending", sinceMs: NOON_MS } }],
    [VERIFY, { identity: { kind: "verified", atMs: NOON_MS } }],
    [VERIFY, "identity_already_verified"],
    [{ kind: "RejectIdentity", reason: "no_match" }, "identity_already_verified"],
    [front, "identity_already_verified"],
  ]);
});

test("a rejected identity names its reason, destroys the pictures and starts anew", () => {
  openedAccount().table([
    [rear, { identity: { kind: "none" } }],
    [front, { identity: { kind: "pending" } }],
    [
      { kind: "RejectIdentity", reason: "not_sharp" },
      { identity: { kind: "rejected", reason: "not_sharp", documents: undefined } },
    ],
    [VERIFY, "identity_not_pending"],
    [front, { identity: { kind: "none" } }],
    [rear, { identity: { kind: "pending" } }],
    [VERIFY, { identity: { kind: "verified" } }],
  ]);
});

describe("a picture that nobody needs any more is destroyed, whoever is told of it", () => {
  const destroyed = (...tokens: readonly string[]) =>
    tokens.map((token) => ({ kind: "DestroySealed", to: `documents:${token}` }));

  test("taken again, or of another document", () => {
    const sharper = { ...front, token: "picture-sharper" } as AccountCommand;
    const licence = { ...rear, documentKind: "driving_licence", token: "licence" };
    const account = openedAccount();
    for (const [command, expected] of [
      [front, []],
      [sharper, ["picture-front"]],
      [rear, []],
      [licence as AccountCommand, ["picture-sharper", "picture-rear"]],
    ] as const) {
      account.table([[command, "identity_changed"]]);
      expect(account.sent).toEqual(destroyed(...expected));
    }
  });

  test.each([VERIFY, { kind: "RejectIdentity", reason: "glare" } as AccountCommand])(
    "with the decision on it",
    (decision) => {
      const account = openedAccount().table([
        [front, "identity_changed"],
        [rear, "identity_changed"],
        [decision, "identity_changed"],
      ]);
      expect(account.sent).toEqual(destroyed("picture-front", "picture-rear"));
    },
  );
});

test("every reason blocks by itself, once, and says since when", () => {
  const account = verifiedAccount();
  const blocks = BLOCK_REASONS.map((reason) => ({ reason, sinceMs: NOON_MS }));
  for (const [at, reason] of BLOCK_REASONS.entries()) {
    account.table([
      [blockFor(reason), { kind: "blocks_changed", blocks: blocks.slice(0, at + 1) }],
      [blockFor(reason), "block_already_open"],
      [approve(1, 1), { kind: "account_blocked", reasons: BLOCK_REASONS.slice(0, at + 1) }],
    ]);
  }
  expect(account.tell({ kind: "DescribeAccount" })).toMatchObject({ status: "blocked", blocks });
});

test("customer service lifts every block but that of a failed collection", () => {
  const account = verifiedAccount();
  for (const reason of BLOCK_REASONS) account.tell(blockFor(reason));
  for (const reason of BLOCK_REASONS) {
    const mayLift = reason !== "collection_failed";
    account.table([[liftOf(reason), mayLift ? "blocks_changed" : "block_not_open"]]);
  }
  account.table([
    [liftOf("operator"), "block_not_open"],
    [approve(1, 1), { kind: "account_blocked", reasons: ["collection_failed"] }],
  ]);
});

test("a block that the log has twice is one block, lifted once", () => {
  const { actor, state } = verifiedAccount();
  const block = { kind: "AccountBlocked", reason: "operator", note: "", atMs: NOON_MS } as const;
  const twice = actor.apply(actor.apply(state, block), { ...block, atMs: NOON_MS + 1 });
  expect(twice).toMatchObject({ blocks: [{ reason: "operator", sinceMs: NOON_MS }] });
  const lifted = { kind: "BlockLifted", reason: "operator", note: "" } as const;
  expect(actor.apply(twice, lifted).kind).toBe("open");
});

test("an account pays again when its last block is lifted", () => {
  verifiedAccount().table([
    [blockFor("reported_lost"), "blocks_changed"],
    [blockFor("operator"), "blocks_changed"],
    [liftOf("reported_lost"), { blocks: [{ reason: "operator" }] }],
    [approve(1, 1), "account_blocked"],
    [liftOf("operator"), { blocks: [] }],
    [{ kind: "DescribeAccount" }, { status: "open" }],
    [approve(1, 1), "later"],
  ]);
});

test("an account is blocked and lifted whether or not it is verified", () => {
  openedAccount().table([
    [blockFor("compliance"), "blocks_changed"],
    [front, "identity_changed"],
    [rear, "identity_changed"],
    [VERIFY, "identity_changed"],
    [{ kind: "DescribeAccount" }, { status: "blocked", identity: { kind: "verified" } }],
    [liftOf("compliance"), "blocks_changed"],
    [{ kind: "DescribeAccount" }, { status: "open" }],
  ]);
});

test("what is available follows the cap down to zero and back, and never leaves [0, cap]", () => {
  const account = verifiedAccount().table([
    [approve(1, 6_000), "later"],
    [capture(1, 6_000), "noted"],
    [approve(2, 1_000), "later"],
    [setCap(7_001), { kind: "cap_set", limit: { capCents: 7_001, availableCents: 1 } }],
    [setCap(7_000), { limit: { availableCents: 0 } }],
    [setCap(6_999), { limit: { availableCents: 0 } }],
    [setCap(0), { limit: { capCents: 0, availableCents: 0 } }],
    [setCap(20_000), { limit: { availableCents: 13_000 } }],
  ]);
  const view = account.tell({ kind: "DescribeAccount" }) as AccountView;
  expect(view.limit).toMatchObject({ exposureCents: 6_000, holdsCents: 1_000 });
  expect(() => account.tell(setCap(-1))).toThrow("a cap is not negative");
  account.table([[setCap(100_000), "cap_set"]]);
  expect(() => account.tell(setCap(100_001))).toThrow("a cap is within what may be given");
});

describe("events of older versions", () => {
  const { actor } = vacantAccount();
  const of = (version: number, body: { readonly kind: string }) =>
    actor.upcast({ kind: body.kind, version, body });

  test("are read as what they were, and unknown versions are refused", () => {
    const body = { kind: "CapSet", capCents: 1, note: "" };
    for (const version of [1, 2, 3, 4, 5, 6, 7]) expect(of(version, body)).toEqual(body as never);
    for (const version of [0, 8]) expect(() => of(version, body)).toThrow(AssertionFailed);
  });

  test("say less of a mandate: who signed it from where, and when a bank ended it", () => {
    const { events } = openedAccount();
    const [opened] = events;
    if (opened?.kind !== "AccountOpened") throw new Error("an account was opened");
    const { textVersion, textHash, acceptedAtMs } = opened.mandate;
    const old = { ...opened, mandate: { textVersion, textHash, acceptedAtMs } };
    expect(of(2, old)).toEqual({
      ...opened,
      mandate: { ...opened.mandate, signature: null, address: null },
    });
    const ended = { kind: "MandateEnded", code: "R07" };
    expect(of(2, ended)).toEqual({ ...ended, atMs: null } as never);
  });

  test("had no fee that is debited", () => {
    const fee = { kind: "ReturnFeeCharged", feeCents: 7 };
    expect(of(5, fee)).toEqual({ ...fee, merchantNumber: 0, debitBy: null } as never);
    expect(of(6, fee)).toEqual(fee as never);
    expect(of(7, fee)).toEqual(fee as never);
  });

  test("wrote off only what had come back", () => {
    const off = { kind: "DebtWrittenOff", amountCents: 7 };
    expect(of(3, off)).toEqual({ ...off, from: "returned" } as never);
  });
});

test("events in an impossible order stop the actor", () => {
  const { actor, state: opened, events } = openedAccount();
  const [first] = events;
  if (first === undefined) throw new Error("an account was opened");
  expect(() => actor.apply(opened, first)).toThrow("an account is opened once");
  const note = "x";
  const cap = { kind: "CapSet", capCents: cents(1), note } as const;
  expect(() => actor.apply(actor.init("x"), cap)).toThrow(AssertionFailed);
  const captured = { kind: "PaymentReleased", paymentId: paymentId(1) } as const;
  const released = { ...captured, refusal: { kind: "request_paid" } } as const;
  expect(() => actor.apply(opened, released)).toThrow("a hold ends once");
});
