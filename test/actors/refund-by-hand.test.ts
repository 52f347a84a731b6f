/** What no file can take is paid by hand, by two people, and once. */
import { describe, expect, test } from "bun:test";
import type { AccountCommand } from "../../actors/account-messages.ts";
import { cents } from "../../actors/money.ts";
import type { ReturnCode } from "../../actors/return-codes.ts";
import type { ReverseDebit } from "../../actors/reversal-messages.ts";
import {
  bought,
  checkedAccount,
  collect,
  date,
  file,
  fileId,
  payByHand,
  payTooMuch,
  refund,
  refundId,
  replaceBankAccount,
  returnDebit,
} from "./collecting.ts";
import { paymentId } from "./samples.ts";
import { type Account, by, collection } from "./told-account.ts";

const LEAVE = { kind: "CloseAccount", by: "operator", note: "x", signature: null } as const;
const NOT_STUCK = { kind: "refund_not_stuck" } as const;

const pay = (account: Account, operator: string, id = 1) =>
  by(account, operator, { kind: "PayRefund", refundId: refundId(id), evidence: "check 4711" });

/** A refund of $10 of a purchase of $25 that was collected. */
function refunded(): Account {
  const account = checkedAccount();
  for (const command of [...bought(1, 2_500), file(1, "2026-06-08"), collect(1)]) {
    account.tell(command);
  }
  account.tell(refund(1, 1, 1_000));
  return account;
}
const back = (code: ReturnCode): AccountCommand => ({
  kind: "ReturnEntry",
  subject: { kind: "refund", refundId: refundId(1), paymentId: paymentId(1) },
  ...{ fileId: fileId(2), trace: 200, code, merchantNumber: 3 },
  ...{ amountCents: cents(1_000), isSettled: true },
});
function cameBack(code: ReturnCode): Account {
  return refunded().table([
    [file(2, "2026-06-10"), { creditCents: 1_000 }],
    [back(code), { outcome: "applied" }],
  ]);
}
describe("a refund that no file can take", () => {
  test("is paid by hand by two people, and nothing has happened before", () => {
    for (const code of ["R03", "R16"] as const) {
      const account = cameBack(code);
      expect(pay(account, "alice")).toEqual({ kind: "refund_by_hand_proposed" });
      expect(pay(account, "alice")).toEqual({ kind: "second_person_needed" });
      expect(collection(account).refunds).toMatchObject([{ byHandProposedBy: "desk:alice" }]);
      expect(pay(account, "bob")).toEqual({ kind: "collection_changed" });
      const event = account.events.findLast(({ kind }) => kind === "RefundPaidByHand");
      expect(event).toMatchObject({
        ...{ amountCents: 1_000, paymentId: paymentId(1), evidence: "check 4711" },
        entry: {
          postings: [
            { side: "debit", amountCents: 1_000 },
            { side: "credit", account: "cash:bank", amountCents: 1_000 },
          ],
        },
      });
      expect(collection(account).refunds).toEqual([]);
      expect(pay(account, "carol")).toEqual(NOT_STUCK);
    }
  });

  test("lets a customer leave who waits for nothing else", () => {
    const account = cameBack("R03").table([
      [LEAVE, { isClosed: false }],
      [replaceBankAccount(), "account_closing"],
    ]);
    pay(account, "alice");
    pay(account, "bob");
    expect(account.state.kind).toBe("closed");
  });

  test("of a customer who has left finds its way, too", () => {
    const account = refunded().table([
      [file(2, "2026-06-10"), { creditCents: 1_000 }],
      [collect(2), { creditCents: 1_000 }],
      [LEAVE, { isClosed: true }],
      [back("R02"), { outcome: "applied" }],
    ]);
    pay(account, "alice");
    expect(pay(account, "bob")).toEqual({ kind: "collection_changed" });
  });

  test("is a stranger's, where the wrong receiver cannot be given back", () => {
    const account = checkedAccount();
    for (const command of [...bought(1, 2_500), file(1, "2026-06-08")]) account.tell(command);
    const { bankAccount } = collection(account).purchases.flatMap((one) =>
      one.stage === "in_flight" ? [one.sent] : [],
    )[0] ?? { bankAccount: "" };
    const wrong: ReverseDebit = {
      ...{ kind: "ReverseDebit", refundId: refundId(1), paymentId: paymentId(1) },
      ...{ merchantNumber: 3, amountCents: cents(2_500), note: "not the customer's" },
      reverses: {
        ...{ fileId: fileId(1), trace: 100, bankAccount },
        ...{ lastOn: date("2026-06-15"), reason: "wrong_receiver" },
      },
    };
    account.table([[wrong, { outcome: "applied" }]]);
    // It has its days: a file may take it yet.
    expect(pay(account, "alice")).toEqual(NOT_STUCK);
    account.table([[file(2, "2026-06-16"), { entries: 0 }]]);
    pay(account, "alice");
    expect(pay(account, "bob")).toEqual({ kind: "collection_changed" });
    // The customer owes the purchase all the same.
    expect(collection(account)).toMatchObject({ refunds: [], purchases: [{ stage: "due" }] });
  });
});

describe("a refund", () => {
  test.each<[string, () => Account]>([
    ["that the next file takes", refunded],
    ["that a file holds", () => refunded().table([[file(2, "2026-06-10"), { entries: 1 }]])],
    [
      "that another bank account gets",
      () => cameBack("R03").table([[replaceBankAccount(), "collection_changed"]]),
    ],
  ])("%s is not paid by hand", (_, made) => {
    const account = made();
    expect(pay(account, "alice")).toEqual(NOT_STUCK);
  });

  test("of what was paid too much is not, while something is due and cannot be debited", () => {
    const account = checkedAccount();
    for (const command of [...bought(1, 2_500), file(1, "2026-06-08")]) account.tell(command);
    payTooMuch(account, 1_000, 1);
    const subject = { kind: "refund", refundId: refundId(51), paymentId: null } as const;
    account.table([
      [file(2, "2026-06-09"), { creditCents: 1_000 }],
      [{ ...back("R16"), subject, merchantNumber: 0 } as AccountCommand, { outcome: "applied" }],
    ]);
    for (const command of bought(2, 700)) account.tell(command);
    account.tell(returnDebit(1, 2_500, "R10", { file: 1, trace: 100 }));
    expect(pay(account, "alice", 51)).toEqual(NOT_STUCK);
    account.tell(payByHand(700));
    expect(pay(account, "alice", 51)).toEqual({ kind: "refund_by_hand_proposed" });
  });

  test("is paid to nobody whom the law has frozen", () => {
    const account = cameBack("R03").table([
      [{ kind: "BlockAccount", reason: "compliance", note: "a list" }, "blocks_changed"],
    ]);
    expect(pay(account, "alice")).toEqual({ kind: "account_blocked", reasons: ["compliance"] });
  });
});
