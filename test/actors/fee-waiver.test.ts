/** Return fees that two people give up, and what the bank says of fees as not authorised. */
import { describe, expect, test } from "bun:test";
import type { AccountCommand } from "../../actors/account-messages.ts";
import type { ReturnCode } from "../../actors/return-codes.ts";
import { charged, noticed, open, owed, returnFee } from "./charging.ts";
import { bought, collect, file, payByHand, replaceBankAccount, returnDebit } from "./collecting.ts";
import { paymentId } from "./samples.ts";
import {
  type Account,
  APPLIED,
  by,
  collection,
  lastPostings,
  NOTHING,
  reasons,
} from "./told-account.ts";

const waive = (number = 1): AccountCommand => {
  return { kind: "WaiveFee", paymentId: paymentId(number), note: "a death in the family" };
};

function waived(account: Account): Account {
  expect(by(account, "alice", waive())).toEqual({ kind: "fee_waiver_proposed" });
  expect(by(account, "bob", waive())).toEqual({ kind: "collection_changed" });
  return account;
}

describe("the waiver of a fee", () => {
  test("takes two people, and nothing has happened before", () => {
    const account = charged();
    expect(by(account, "alice", waive())).toEqual({ kind: "fee_waiver_proposed" });
    expect(account.events.at(-1)).toEqual({
      ...{ kind: "FeeWaiverProposed", paymentId: paymentId(1) },
      ...{ by: "desk:alice", note: "a death in the family" },
    });
    expect([owed(account), collection(account).fees[0]?.waiverProposedBy]).toEqual([
      ...[2_500, "desk:alice"],
    ]);
    expect(by(account, "alice", waive())).toEqual({ kind: "second_person_needed" });
    expect(by(account, "bob", waive())).toEqual({ kind: "collection_changed" });
    expect(lastPostings(account)).toEqual([
      "debit income:return_fee 2500",
      "credit cust:P:fees 2500",
    ]);
    expect([owed(account), reasons(account)]).toEqual([0, ["collection_failed"]]);
    expect(by(account, "carol", waive())).toEqual({ kind: "fee_not_owed" });
  });

  test("leaves the principal, and the block ends with that", () => {
    const account = waived(charged()).table([
      [file(2, "2026-06-11"), NOTHING],
      [payByHand(2_500), { debtCents: 0 }],
    ]);
    expect(reasons(account)).toEqual([]);
  });

  test("lifts the block where nothing else is owed, and says why", () => {
    const account = charged().table([[payByHand(2_500), { debtCents: 2_500 }]]);
    waived(account);
    expect(account.events.at(-1)).toMatchObject({
      ...{ kind: "BlockLifted", reason: "collection_failed", note: "the fee was waived" },
    });
    expect(reasons(account)).toEqual([]);
  });

  test("is of what is left of it", () => {
    const account = charged().table([[payByHand(4_000), { debtCents: 1_000 }]]);
    waived(account);
    expect(lastPostings(account)[0]).toBe("debit income:return_fee 1000");
    expect(owed(account)).toBe(0);
  });
});

describe("only what is owed is waived:", () => {
  test("not where none was charged, nor where it was paid, which would be a refund", () => {
    const account = charged().table([[waive(2), "fee_not_owed"]]);
    account.table([
      [payByHand(5_000), { debtCents: 0 }],
      [waive(), "fee_not_owed"],
    ]);
    const debited = charged().table([
      [file(2, "2026-06-11"), { entries: 1 }],
      [collect(2), { debitCents: 2_500 }],
      [waive(), "fee_not_owed"],
    ]);
    expect(debited.eventKinds).not.toContain("FeeWaiverProposed");
  });

  test("what a file holds waits for the bank, also when somebody proposed it before", () => {
    const account = charged();
    expect(by(account, "alice", waive())).toEqual({ kind: "fee_waiver_proposed" });
    account.table([
      [file(2, "2026-06-11"), { entries: 1, debitCents: 2_500 }],
      [waive(), "fee_under_way"],
      [returnFee(1, "R01", 2), APPLIED],
    ]);
    expect(by(account, "alice", waive())).toEqual({ kind: "second_person_needed" });
    expect(by(account, "bob", waive())).toEqual({ kind: "collection_changed" });
    expect([owed(account), open(account)]).toEqual([0, 0]);
  });

  test("one fee of two", () => {
    const account = noticed();
    for (const number of [1, 2]) {
      for (const command of bought(number, 2_500)) account.tell(command);
    }
    account.table([
      [file(1, "2026-06-09"), { entries: 2 }],
      [returnDebit(1, 2_500, "R01", { file: 1, trace: 100 }), APPLIED],
      [returnDebit(2, 2_500, "R01", { file: 1, trace: 101 }), APPLIED],
    ]);
    expect(owed(account)).toBe(5_000);
    waived(account);
    expect(collection(account).fees).toMatchObject([{ paymentId: paymentId(2) }]);
    expect(collection(account).fees[0]?.waiverProposedBy).toBeUndefined();
  });
});

describe("a fee that came back as", () => {
  const codes: readonly ReturnCode[] = ["R05", "R07", "R08", "R10", "R11", "R29"];
  for (const code of codes) {
    test(`${code} is never debited again, and is owed until it is waived or paid`, () => {
      const account = charged().table([
        [file(2, "2026-06-11"), { entries: 1, debitCents: 2_500 }],
        [returnFee(1, code, 2), APPLIED],
        [file(3, "2026-06-15"), NOTHING],
      ]);
      // What the code blocked is lifted, and the customer gives a mandate anew.
      const lift = { kind: "LiftBlock", reason: "disputed", note: "heard" } as const;
      if (reasons(account).includes("disputed")) account.table([[lift, "blocks_changed"]]);
      account.table([
        [replaceBankAccount(2), "collection_changed"],
        [file(4, "2026-06-16"), { entries: 1, debitCents: 0 }],
        [file(5, "2026-06-25"), NOTHING],
      ]);
      expect(owed(account)).toBe(2_500);
      expect(account.eventKinds.filter((kind) => kind === "FeesFiled")).toHaveLength(1);
      account.table([[payByHand(2_500), { debtCents: 2_500 }]]);
      waived(account);
      expect([owed(account), reasons(account)]).toEqual([0, []]);
    });
  }

  test("R10 after it was collected is owed again, never debited, and can be waived", () => {
    const account = charged().table([
      [file(2, "2026-06-11"), { entries: 1, debitCents: 2_500 }],
      [payByHand(2_500), { debtCents: 2_500 }],
      [collect(2), { debitCents: 2_500 }],
      [returnFee(1, "R10", 2), APPLIED],
      [file(3, "2026-06-20"), NOTHING],
    ]);
    expect([owed(account), reasons(account)]).toEqual([2_500, ["disputed"]]);
    waived(account);
    // What was taken is back with the customer, and was no income of ours.
    expect(lastPostings(account)).toEqual([
      "debit income:return_fee 2500",
      "credit cust:P:fees 2500",
    ]);
    expect([owed(account), reasons(account)]).toEqual([0, ["disputed"]]);
  });
});
