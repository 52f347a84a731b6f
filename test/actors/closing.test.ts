/** De-registration: it ends what is new at once, and never a debt. */
import { describe, expect, test } from "bun:test";
import type {
  AccountCommand,
  AccountView,
  CloseAccount,
  ClosingWait,
} from "../../actors/account-messages.ts";
import { AssertionFailed } from "../../actors/assert.ts";
import type { BlockReason } from "../../actors/block.ts";
import { ZERO_CENTS } from "../../actors/money.ts";
import {
  bought,
  checkedAccount,
  collect,
  file,
  payByHand,
  refund,
  returnDebit,
} from "./collecting.ts";
import {
  accountId,
  approve,
  capture,
  front,
  NOON_MS,
  openAccount,
  openedAccount,
  paymentId,
  rear,
  vacantAccount,
  verifiedAccount,
} from "./samples.ts";

const leave: CloseAccount = {
  ...{ kind: "CloseAccount", by: "customer", note: "", signature: "signed" },
};
const sentHome: CloseAccount = {
  ...{ kind: "CloseAccount", by: "operator", note: "the phone is lost", signature: null },
};
const closing = (...waitsFor: ClosingWait[]) => ({ kind: "closing", isClosed: false, waitsFor });
const closed = { kind: "closing", isClosed: true, waitsFor: [] };
const block = (reason: BlockReason): AccountCommand => ({
  ...{ kind: "BlockAccount", reason, note: "a letter" },
});
const view: AccountCommand = { kind: "DescribeAccount" };

describe("an account that owes nothing", () => {
  test("is closed at once: number free, PIN key destroyed, mandate ended", () => {
    const account = verifiedAccount().table([[leave, closed]]);
    expect(account.eventKinds.slice(-2)).toEqual(["ClosingBegun", "AccountClosed"]);
    expect(account.sent).toEqual([
      { kind: "FreePhone", accountId: accountId(1), to: "directory:phone-1" },
      { kind: "DestroySealed", to: "vault:vault-pin" },
    ]);
    expect(account.tell(view)).toMatchObject({
      status: "closed",
      mandate: { ended: { by: "customer", code: null, atMs: NOON_MS } },
      collection: { isMandateEnded: true },
    });
  });

  test("takes pictures that wait for somebody with it", () => {
    const account = openedAccount().table([
      [front, "identity_changed"],
      [rear, "identity_changed"],
      [leave, closed],
    ]);
    const tokens = ["documents:picture-front", "documents:picture-rear"];
    expect(account.sent.slice(-2).map((sent) => (sent as { to: string }).to)).toEqual(tokens);
    expect((account.tell(view) as AccountView).identity).toEqual({
      kind: "none",
      documents: undefined,
    });
  });

  test("is closed by an operator for a customer who calls, whatever the phone did", () => {
    for (const reason of ["pin_failures", "device_cloned", "reported_lost"] as const) {
      const account = verifiedAccount().table([
        [block(reason), "blocks_changed"],
        [sentHome, closed],
      ]);
      expect(account.tell(view)).toMatchObject({
        status: "closed",
        blocks: [{ reason }],
        mandate: { ended: { by: "operator" } },
      });
    }
  });
});

describe("an account that is not done", () => {
  test("waits for the lane's word, then for the money, and pays nothing new meanwhile", () => {
    const account = checkedAccount().table([
      [approve(1, 1_000), "later"],
      [leave, closing("payments")],
      [leave, closing("payments")],
      [approve(2, 100, { counter: 2 }), "account_closing"],
      // The lane was paid: nothing can refuse that any more.
      [capture(1, 1_000), "noted"],
      [leave, closing("collection")],
      [file(1, "2026-06-08"), { debitCents: 1_000 }],
      [view, { status: "open", mandate: { ended: { by: "customer" } } }],
      [collect(1), "entries_collected"],
      [view, { status: "closed" }],
      [leave, closed],
    ]);
    expect(account.eventKinds.slice(-2)).toEqual(["DebitsCollected", "AccountClosed"]);
    expect(account.eventKinds.filter((kind) => kind === "ClosingBegun")).toHaveLength(1);
  });

  test("is closed when a payment is released, and not by anything before", () => {
    const released: AccountCommand = {
      ...{ kind: "ReleasePayment", paymentId: paymentId(1) },
      refusal: { kind: "request_cancelled" },
    };
    const account = checkedAccount().table([
      [approve(1, 1_000), "later"],
      [leave, closing("payments")],
      [{ kind: "HoldOverdue", paymentId: paymentId(1) }, "noted"],
      [view, { status: "open" }],
      [released, "noted"],
      [view, { status: "closed" }],
    ]);
    expect(account.eventKinds.at(-1)).toBe("AccountClosed");
  });

  test("never escapes a debt: what came back, with its fee, is paid first", () => {
    const account = checkedAccount({ retriesMax: 0 }).table([
      ...bought(1, 1_000).map((command) => [command, {}] as const),
      [file(1, "2026-06-08"), {}],
      [leave, closing("collection")],
      [returnDebit(1, 1_000, "R01", { file: 1, trace: 100 }), "entry_returned"],
      [leave, closing("collection", "debts")],
      [payByHand(1_000), "payment_recorded"],
      [leave, closing("debts")],
      [payByHand(2_500), { debtCents: 0 }],
      [view, { status: "closed", blocks: [] }],
    ]);
    expect(account.eventKinds.slice(-3)).toEqual(["PaidByHand", "BlockLifted", "AccountClosed"]);
  });

  test("waits for money that is owed to the customer", () => {
    checkedAccount().table([
      ...bought(1, 1_000).map((command) => [command, {}] as const),
      [file(1, "2026-06-08"), {}],
      [collect(1), {}],
      [refund(1, 1, 400), "refund_granted"],
      [leave, closing("refunds")],
      [file(2, "2026-06-15"), { creditCents: 400 }],
      [view, { status: "open" }],
      [collect(2), {}],
      [view, { status: "closed" }],
    ]);
  });

  test("keeps a block that follows the person until somebody lifts it", () => {
    for (const reason of ["compliance", "operator", "disputed"] as const) {
      verifiedAccount().table([
        [block(reason), "blocks_changed"],
        [sentHome, closing("blocks")],
        [view, { status: "blocked" }],
        [{ kind: "LiftBlock", reason, note: "settled" }, { blocks: [] }],
        [view, { status: "closed" }],
      ]);
    }
  });
});

test("an account is left behind with a bank account that is closed, once nothing is owed", () => {
  checkedAccount().table([
    ...bought(1, 1_000).map((command) => [command, {}] as const),
    [file(1, "2026-06-08"), {}],
    [returnDebit(1, 1_000, "R02", { file: 1, trace: 100 }), "entry_returned"],
    [leave, closing("collection", "debts")],
    [payByHand(1_000), { debtCents: 0 }],
    // FAQ: another bank account is another registration.
    [view, { status: "closed", blocks: [{ reason: "collection_failed" }] }],
  ]);
});

describe("a closed account", () => {
  const gone = () =>
    checkedAccount().table([
      ...bought(1, 1_000).map((command) => [command, {}] as const),
      [file(1, "2026-06-08"), {}],
      [collect(1), {}],
      [leave, closed],
    ]);

  test("is not registered for anything that is new", () => {
    gone().table([
      [approve(2, 100), "account_not_open"],
      [{ kind: "DescribeDevice" }, "account_not_open"],
      [front, "account_not_open"],
      [{ kind: "VerifyIdentity" }, "account_not_open"],
      [block("operator"), "account_not_open"],
      [{ kind: "SetCap", capCents: ZERO_CENTS, note: "x" }, "account_not_open"],
      [openAccount, "account_already_open"],
    ]);
  });

  test("owes again what comes back from the bank, and is debited no more", () => {
    const account = gone().table([
      [returnDebit(1, 1_000, "R10", { file: 1, trace: 100 }), { outcome: "applied" }],
      [view, { status: "closed", blocks: [{ reason: "disputed" }] }],
      [file(2, "2026-07-20"), { entries: 0 }],
      [
        {
          ...{ kind: "DecideDispute", paymentId: paymentId(1), note: "lost" },
          outcome: "merchant_pays",
        },
        "collection_changed",
      ],
    ]);
    const after = account.tell(view) as AccountView;
    expect(after.collection.purchases).toEqual([]);
    // Whoever ended it first.
    expect(after.mandate.ended).toMatchObject({ by: "customer" });
  });

  test("is paid a refund that its merchant gives later", () => {
    gone().table([
      [refund(1, 1, 300), "refund_granted"],
      [file(2, "2026-07-20"), { entries: 1, creditCents: 300 }],
      [collect(2), { creditCents: 300 }],
    ]);
  });
});

test("a customer signs it, an operator does not, and nobody closes what is not open", () => {
  const account = verifiedAccount();
  expect(() => account.tell({ ...leave, signature: null })).toThrow(AssertionFailed);
  expect(() => account.tell({ ...sentHome, signature: "x" })).toThrow(AssertionFailed);
  vacantAccount().table([[leave, "account_not_open"]]);
});

test("a mandate that the bank has ended stays ended by it", () => {
  const account = checkedAccount().table([
    ...bought(1, 1_000).map((command) => [command, {}] as const),
    [file(1, "2026-06-08"), {}],
    [returnDebit(1, 1_000, "R07", { file: 1, trace: 100 }), {}],
    [leave, closing("collection", "blocks")],
  ]);
  expect(account.tell(view)).toMatchObject({
    mandate: { ended: { by: "bank", code: "R07", atMs: NOON_MS } },
  });
});
