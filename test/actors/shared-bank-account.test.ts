/** A bank account that another customer has too is recorded, refused to nobody, and looked at. */
import { expect, test } from "bun:test";
import type { AccountCommand, AccountView } from "../../actors/account-messages.ts";
import { AssertionFailed } from "../../actors/assert.ts";
import { SHARERS_MAX } from "../../actors/shared-bank-account.ts";
import { accountId, NOON_MS, openAccount, openedAccount, vacantAccount } from "./samples.ts";

const view: AccountCommand = { kind: "DescribeAccount" };
const review: AccountCommand = { kind: "ReviewSharedBankAccount", note: "a couple" };
const correct = (others: readonly string[]): AccountCommand => ({
  ...{ kind: "CorrectBankAccount", of: "vault-bank", token: "vault-bank-2", code: "C01", others },
});

test("an account whose bank account others have opens, says so, and is looked at once", () => {
  const account = vacantAccount().table([
    [{ ...openAccount, sharedWith: [accountId(2), accountId(3)] }, "account_opened"],
    [view, { status: "open", sharedWith: [accountId(2), accountId(3)] }],
    [review, "noted"],
    [view, { sharedWith: [] }],
    [review, "bank_account_not_shared"],
  ]);
  expect(account.events.slice(1)).toEqual([
    { kind: "BankAccountShared", others: [accountId(2), accountId(3)], atMs: NOON_MS },
    { kind: "SharedBankAccountReviewed", note: "a couple" },
  ]);
});

test("one that nobody else has says nothing", () => {
  for (const sharedWith of [[], undefined]) {
    const account = vacantAccount().table([
      [{ ...openAccount, ...(sharedWith === undefined ? {} : { sharedWith }) }, "account_opened"],
      [review, "bank_account_not_shared"],
    ]);
    expect(account.eventKinds).toEqual(["AccountOpened"]);
  }
});

test("a correction that makes it another customer's says so too; a merchant's is no matter", () => {
  const account = openedAccount().table([
    [correct(["17"]), "collection_changed"],
    [view, { sharedWith: [] }],
    [{ ...correct([accountId(5), "17"]), of: "vault-bank-2" } as AccountCommand, {}],
  ]);
  expect((account.tell(view) as AccountView).sharedWith).toEqual([accountId(5)]);
  expect(() => account.tell(correct([accountId(1)]))).not.toThrow();
  const own = { ...correct([accountId(1)]), of: "vault-bank-2" } as AccountCommand;
  expect(() => account.tell(own)).toThrow(AssertionFailed);
});

test("a bank account of a crowd names so many of it and no more", () => {
  const crowd = Array.from({ length: SHARERS_MAX + 5 }, (_, at) => accountId(at + 2));
  const account = vacantAccount().table([[{ ...openAccount, sharedWith: crowd }, {}]]);
  expect((account.tell(view) as AccountView).sharedWith).toEqual(crowd.slice(0, SHARERS_MAX));
});
