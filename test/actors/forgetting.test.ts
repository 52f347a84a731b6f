/** Forgetting a customer: never before the law allows it, once, and then nothing is sent to it. */
import { describe, expect, test } from "bun:test";
import type { AccountCommand, AccountView } from "../../actors/account-messages.ts";
import { endOfKeeping, type RetentionFacts } from "../../actors/retention.ts";
import { bought, checkedAccount, collect, file, refund, returnDebit } from "./collecting.ts";
import {
  accountId,
  front,
  NOON_MS,
  openedAccount,
  paymentId,
  personId,
  rear,
  VERIFY,
  vacantAccount,
  verifiedAccount,
} from "./samples.ts";

const YEAR_MS = 365 * 86_400_000;
const OLD: RetentionFacts = { mandate: NOON_MS - 3 * YEAR_MS, reg_e: NOON_MS - 4 * YEAR_MS };
const leave: AccountCommand = {
  ...{ kind: "CloseAccount", by: "customer", note: "", signature: "signed" },
};
const forget = (facts: RetentionFacts): AccountCommand => ({
  ...{ kind: "ForgetPerson", facts, note: null },
});
const view: AccountCommand = { kind: "DescribeAccount" };
const expire: AccountCommand = { kind: "ExpireDocuments" };

describe("a customer", () => {
  test("who has left is forgotten once nothing keeps the data: the data key goes", () => {
    const account = verifiedAccount().table([
      [leave, "closing"],
      [forget(OLD), "noted"],
    ]);
    const to = account.sent.map((sent) => (sent as { to: string }).to);
    expect(to).toEqual([
      `data-key:${personId(1)}`,
      `data-key:${accountId(1)}`,
      "vault:vault-person",
      "vault:vault-bank",
      "vault:vault-address",
    ]);
    account.table([
      [forget(OLD), "noted"],
      [view, { status: "closed", forgottenAtMs: NOON_MS }],
    ]);
    expect(account.eventKinds.filter((kind) => kind === "PersonForgotten")).toHaveLength(1);
  });

  test("is refused with the classes that keep the data, whoever asks", () => {
    const facts = { ...OLD, paid_failure: NOON_MS - YEAR_MS };
    const keepings = [
      { name: "paid_failure", untilMs: endOfKeeping("paid_failure", NOON_MS - YEAR_MS) },
    ];
    const account = verifiedAccount().table([
      [forget(OLD), { kind: "data_kept", isOpen: true, keepings: [] }],
      [leave, "closing"],
      [forget(facts), { kind: "data_kept", isOpen: false, keepings }],
      [view, { forgottenAtMs: null }],
    ]);
    expect(account.eventKinds).not.toContain("PersonForgotten");
    vacantAccount().table([[forget(OLD), "account_not_open"]]);
  });

  test("to whom something came back after leaving is found for as long as it is open", () => {
    const account = checkedAccount().table([
      ...bought(1, 1_000).map((command) => [command, {}] as const),
      [file(1, "2026-06-08"), {}],
      [collect(1), {}],
      [leave, "closing"],
      [returnDebit(1, 1_000, "R10", { file: 1, trace: 100 }), {}],
      [forget(OLD), { kind: "data_kept", isOpen: true }],
      [
        {
          ...{ kind: "DecideDispute", paymentId: paymentId(1), note: "ours" },
          outcome: "lost",
        },
        {},
      ],
      [forget(OLD), { kind: "data_kept", isOpen: true }],
      [{ kind: "LiftBlock", reason: "disputed", note: "settled" }, { blocks: [] }],
      [forget(OLD), "noted"],
    ]);
    expect((account.tell(view) as AccountView).status).toBe("closed");
  });

  test("who is forgotten is sent nothing: a late refund waits in the books", () => {
    checkedAccount().table([
      ...bought(1, 1_000).map((command) => [command, {}] as const),
      [file(1, "2026-06-08"), {}],
      [collect(1), {}],
      [leave, "closing"],
      [forget(OLD), "noted"],
      [refund(1, 1, 300), "refund_granted"],
      [file(2, "2029-01-08"), { entries: 0, creditCents: 0 }],
    ]);
  });
});

describe("pictures that nobody decided on", () => {
  test("go when their time is over, complete or not, and are taken again", () => {
    for (const pictures of [[front], [front, rear]]) {
      const account = openedAccount().table(pictures.map((one) => [one, {}] as const));
      account.table([[expire, "noted"]]);
      const tokens = pictures.map((one) => ("token" in one ? `documents:${one.token}` : ""));
      expect(account.sent.map((sent) => (sent as { to: string }).to)).toEqual(tokens);
      account.table([
        [view, { identity: { kind: "none" } }],
        [expire, "noted"],
        [front, {}],
        [rear, { identity: { kind: "pending" } }],
      ]);
      expect(account.eventKinds.filter((kind) => kind === "IdentityDocumentsExpired")).toHaveLength(
        1,
      );
    }
  });

  test("and those that somebody decided on are not spoken of any more", () => {
    const account = openedAccount().table([
      [front, {}],
      [rear, {}],
      [VERIFY, {}],
      [expire, "noted"],
    ]);
    expect(account.eventKinds.at(-1)).toBe("IdentityVerified");
  });
});
