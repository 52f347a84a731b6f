/** Refunds that cannot be sent: two people find the way, and the account need not wait for ever. */
import { describe, expect, test } from "bun:test";
import type { AccountCommand } from "../../actors/account-messages.ts";
import { cents } from "../../actors/money.ts";
import type { ReturnCode } from "../../actors/return-codes.ts";
import type { Reverses } from "../../actors/reversal-messages.ts";
import type { RefundResolution } from "../../actors/stopped-refund-messages.ts";
import {
  bought,
  checkedAccount,
  collect,
  date,
  file,
  fileId,
  refund,
  refundId,
  returnDebit,
} from "./collecting.ts";
import { paymentId } from "./samples.ts";
import {
  type Account,
  APPLIED,
  at,
  by,
  collection,
  lastPostings,
  NOTHING,
} from "./told-account.ts";

const SENT = { entries: 1, debitCents: 0, creditCents: 900 };

type Way = RefundResolution | "by_hand";

const resolve = (way: Way): AccountCommand =>
  way === "by_hand"
    ? { kind: "PayRefund", refundId: refundId(1), evidence: "check 17" }
    : { kind: "ResolveRefund", refundId: refundId(1), resolution: way, note: "a call at noon" };

function byBoth(account: Account, way: Way): Account {
  const proposed = way === "by_hand" ? "refund_by_hand_proposed" : "refund_resolution_proposed";
  expect(by(account, "alice", resolve(way))).toEqual({ kind: proposed });
  expect(by(account, "bob", resolve(way))).toEqual({ kind: "collection_changed" });
  return account;
}

/** A refund of $9 of a purchase of $25 came back, for that reason. */
function stopped(code: ReturnCode = "R23"): Account {
  const account = checkedAccount();
  for (const command of bought(1, 2_500)) account.tell(command);
  const subject = { kind: "refund", refundId: refundId(1), paymentId: paymentId(1) } as const;
  const back: AccountCommand = {
    ...{ kind: "ReturnEntry", subject, fileId: fileId(2), trace: 200, code, merchantNumber: 3 },
    ...{ amountCents: cents(900), isSettled: true },
  };
  return account.table([
    [file(1, "2026-06-09"), { debitCents: 2_500 }],
    [collect(1), { debitCents: 2_500 }],
    [refund(1, 1, 900), "refund_granted"],
    [file(2, "2026-06-12"), SENT],
    [back, APPLIED],
    [file(3, "2026-06-15"), NOTHING],
  ]);
}

/** $25 was debited from somebody else, and could not be given back in time. */
function strangers(): Account {
  const account = checkedAccount();
  for (const command of bought(1, 2_500)) account.tell(command);
  account.table([[file(1, "2026-06-08"), { debitCents: 2_500 }]]);
  const reverses: Reverses = {
    ...{ fileId: fileId(1), trace: 100, bankAccount: "vault-bank" },
    ...{ lastOn: date("2026-06-15"), reason: "wrong_receiver" },
  };
  const reverse: AccountCommand = {
    ...{ kind: "ReverseDebit", refundId: refundId(1), paymentId: paymentId(1), merchantNumber: 3 },
    ...{ amountCents: cents(2_500), note: "digits turned round", reverses },
  };
  return account.table([
    [reverse, { kind: "debit_reversed", outcome: "applied" }],
    [file(2, "2026-06-16"), NOTHING],
  ]);
}

describe("a refund that cannot be sent", () => {
  test("is sent again when two people say the same", () => {
    const account = stopped();
    expect(by(account, "alice", resolve("send_again"))).toEqual({
      kind: "refund_resolution_proposed",
    });
    expect(by(account, "alice", resolve("send_again"))).toEqual({ kind: "second_person_needed" });
    account.table([[file(4, "2026-06-16"), NOTHING]]);
    // Another way is another proposal.
    expect(by(account, "bob", resolve("unclaimed"))).toEqual({
      kind: "refund_resolution_proposed",
    });
    expect(by(account, "bob", resolve("send_again"))).toEqual({
      kind: "refund_resolution_proposed",
    });
    expect(collection(account).refunds).toMatchObject([
      { stage: "stopped", proposal: { resolution: "send_again", by: "desk:bob" } },
    ]);
    expect(by(account, "alice", resolve("send_again"))).toEqual({ kind: "collection_changed" });
    expect(collection(account).refunds[0]?.proposal).toBeUndefined();
    account.table([
      [resolve("send_again"), "refund_not_stuck"],
      [file(5, "2026-06-17"), SENT],
    ]);
  });

  test("that nobody claims keeps no account from closing, and can still be paid", () => {
    const leave = { kind: "CloseAccount", by: "customer", note: "", signature: "s" } as const;
    const account = stopped().table([[leave, { isClosed: false, waitsFor: ["refunds"] }]]);
    byBoth(account, "unclaimed");
    expect(account.events.findLast((one) => "entry" in one)).toMatchObject({
      ...{ kind: "RefundUnclaimed", note: "a call at noon" },
    });
    expect(lastPostings(account)).toEqual([
      "debit cust:P:refund_payable 900",
      "credit owed:unclaimed 900",
    ]);
    expect([account.state.kind, account.eventKinds.at(-1)]).toEqual(["closed", "AccountClosed"]);
    account.table([
      [resolve("send_again"), "refund_not_stuck"],
      [resolve("unclaimed"), "refund_not_stuck"],
    ]);
    byBoth(account, "by_hand");
    expect(lastPostings(account)).toEqual(["debit owed:unclaimed 900", "credit cash:bank 900"]);
    expect(collection(account).unclaimed).toEqual([]);
    account.table([[resolve("by_hand"), "refund_not_stuck"]]);
  });

  test("is nobody's to claim while its debit is open again: it lowers the debt", () => {
    const account = stopped().table([[returnDebit(1, 2_500, "R10", at(1)), APPLIED]]);
    account.table([[resolve("unclaimed"), "resolution_does_not_fit"]]);
    byBoth(account, "send_again");
    account.table([[file(4, "2026-06-16"), NOTHING]]);
    expect(collection(account).refunds).toMatchObject([{ stage: "payable" }]);
  });

  test("of a customer whom the law freezes waits", () => {
    const list = { kind: "BlockAccount", reason: "compliance", note: "list" } as const;
    const frozen = { kind: "account_blocked", reasons: ["compliance"] };
    stopped().table([
      [list, "blocks_changed"],
      [resolve("send_again"), frozen],
      [resolve("unclaimed"), frozen],
    ]);
  });
});

test("one that waits for no person is not resolved", () => {
  const account = checkedAccount();
  for (const command of bought(1, 2_500)) account.tell(command);
  account.table([
    [resolve("send_again"), "refund_not_stuck"],
    [file(1, "2026-06-09"), { debitCents: 2_500 }],
    [collect(1), { debitCents: 2_500 }],
    [refund(1, 1, 900), "refund_granted"],
    [resolve("unclaimed"), "refund_not_stuck"],
    [file(2, "2026-06-12"), SENT],
    [resolve("unclaimed"), "refund_not_stuck"],
  ]);
});

test("one that waits for another bank account need not wait for ever", () => {
  // R03: the customer has left without naming one.
  const leave = { kind: "CloseAccount", by: "customer", note: "", signature: "s" } as const;
  const account = stopped("R03").table([
    [leave, { isClosed: false, waitsFor: ["refunds"] }],
    [resolve("send_again"), "resolution_does_not_fit"],
  ]);
  byBoth(account, "unclaimed");
  expect(account.state.kind).toBe("closed");
});

test("what was taken from a wrong receiver is never the customer's", () => {
  const account = strangers().table([[resolve("send_again"), "resolution_does_not_fit"]]);
  byBoth(account, "unclaimed");
  expect(collection(account).unclaimed).toMatchObject([{ isStrangers: true, merchantNumber: 3 }]);
  byBoth(account, "by_hand");
  expect(lastPostings(account)[0]).toBe("debit owed:unclaimed 2500");
});
