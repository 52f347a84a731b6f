/** The customer names another bank account, with a mandate of its own. */
import { describe, expect, test } from "bun:test";
import type { AccountCommand } from "../../actors/account-messages.ts";
import { blocksOf } from "../../actors/account-state.ts";
import {
  bought,
  checkedAccount,
  file,
  payByHand,
  replaceBankAccount,
  returnDebit,
} from "./collecting.ts";
import { accountId, vacantAccount } from "./samples.ts";
import type { Account } from "./told-account.ts";

const DESCRIBE: AccountCommand = { kind: "DescribeAccount" };
const back = (code: "R02" | "R10") => returnDebit(1, 700, code, { file: 1, trace: 100 });
const block = (reason: "operator" | "reported_lost"): AccountCommand => ({
  ...{ kind: "BlockAccount", reason, note: "x" },
});

/** A debit of $7 that came back with this code. */
function returned(code: "R02" | "R10"): Account {
  const account = checkedAccount();
  for (const command of bought(1, 700)) account.tell(command);
  account.tell(file(1, "2026-06-08"));
  account.tell(back(code));
  return account;
}

const reasons = ({ state }: Account) => blocksOf(state).map(({ reason }) => reason);

describe("another bank account", () => {
  test("is asked about like the first one, under a mandate of its own", () => {
    const account = checkedAccount().table([
      [replaceBankAccount(), "collection_changed"],
      [
        DESCRIBE,
        {
          mandate: { bankAccount: "vault-bank-2", textHash: "hash-2", signature: "signed" },
          vault: { bankAccount: "vault-bank-2", person: "person-2" },
          collection: { bankAccount: { kind: "unchecked" }, bankAccountNumber: 2 },
        },
      ],
      [file(1, "2026-06-10"), { entries: 1, debitCents: 0 }],
    ]);
    expect(account.eventKinds.at(-1)).toBe("PrenoteFiled");
  });

  test("lifts the block of a bank account that was closed, once nothing is owed", () => {
    const account = returned("R02").table([[replaceBankAccount(), "collection_changed"]]);
    expect(reasons(account)).toEqual(["collection_failed"]);
    account.table([[payByHand(700), { debtCents: 0 }]]);
    expect(reasons(account)).toEqual([]);
    const paid = returned("R02").table([[payByHand(700), { debtCents: 0 }]]);
    expect(reasons(paid)).toEqual(["collection_failed"]);
    paid.table([[replaceBankAccount(), "collection_changed"]]);
    expect(reasons(paid)).toEqual([]);
  });

  test("gives a mandate anew after one has ended, once the desk has lifted the block", () => {
    const account = returned("R10").table([
      [replaceBankAccount(), { kind: "account_blocked", reasons: ["disputed"] }],
      [{ kind: "LiftBlock", reason: "disputed", note: "heard" }, "blocks_changed"],
      [DESCRIBE, { collection: { isMandateEnded: true } }],
      [replaceBankAccount(), "collection_changed"],
      [DESCRIBE, { mandate: { ended: null }, collection: { isMandateEnded: false } }],
    ]);
    expect(account.state.kind).toBe("open");
  });

  test("is named once under its number: an old message brings no old one back", () => {
    checkedAccount().table([
      [replaceBankAccount(3), { kind: "bank_account_out_of_step", expected: 2 }],
      [replaceBankAccount(2), "collection_changed"],
      [replaceBankAccount(2), { kind: "bank_account_out_of_step", expected: 3 }],
      [replaceBankAccount(3), "collection_changed"],
    ]);
  });
});

describe("it", () => {
  test("is refused from a phone that may be somebody else's, and from who leaves", () => {
    for (const reason of ["operator", "reported_lost"] as const) {
      checkedAccount().table([
        [block(reason), "blocks_changed"],
        [replaceBankAccount(), { kind: "account_blocked", reasons: [reason] }],
      ]);
    }
    const leave = { kind: "CloseAccount", by: "operator", note: "x", signature: null } as const;
    const leaving = checkedAccount();
    for (const command of bought(1, 700)) leaving.tell(command);
    leaving.table([
      [leave, { isClosed: false }],
      [replaceBankAccount(), "account_closing"],
    ]);
    checkedAccount().table([
      [leave, { isClosed: true }],
      [replaceBankAccount(), "account_not_open"],
    ]);
  });

  test("that somebody else has too is looked at by the desk", () => {
    const others = [accountId(7)];
    const account = checkedAccount().table([
      [{ ...replaceBankAccount(), others } as AccountCommand, "collection_changed"],
    ]);
    expect(account.events.at(-1)).toMatchObject({ kind: "BankAccountShared", others });
  });

  test("had the mandate of the one before it, before version 5", () => {
    const { actor } = vacantAccount();
    const body = { kind: "BankAccountReplaced", token: "t" };
    const old = actor.upcast({ kind: body.kind, version: 4, body });
    expect(old).toEqual({ ...body, person: null, mandate: null } as never);
    const account = checkedAccount();
    const before = account.tell(DESCRIBE);
    account.apply(old);
    const { mandate, vault } = before as { mandate: object; vault: object };
    account.table([[DESCRIBE, { mandate, vault: { ...vault, bankAccount: "t" } }]]);
  });
});
