import { describe, expect, test } from "bun:test";
import {
  addBankingDays,
  type BankDate,
  bankDateAt,
  instantOf,
} from "../../actors/banking-calendar.ts";
import { type MerchantCommand, merchantActor } from "../../actors/merchant.ts";
import { cents } from "../../actors/money.ts";
import { DEFAULT_POLICY } from "../../actors/policy.ts";
import { fileId, refundId } from "./collecting.ts";
import { Drive } from "./drive.ts";
import { accountId, NOON_MS, paymentId } from "./samples.ts";

const SET_UP: MerchantCommand = {
  kind: "SetUpMerchant",
  terms: {
    ...{ merchantNumber: 3, name: "Blue Bottle", statementName: "BLUE BOTTLE" },
    ...{ street: "1 Main Street", city: "Denver", state: "CO" },
    ...{ feeBasisPoints: 150, keyTag: "merchant-key" },
  },
};
const bankAccount = (number: number): MerchantCommand => ({
  kind: "SetBankAccount",
  token: `vault-bank-${number}`,
  ending: `vault-ending-${number}`,
  note: null,
  persons: "one",
  sameAs: [],
});
const correct = (of: number, number: number): MerchantCommand => ({
  ...{ kind: "CorrectBankAccount", of: `vault-bank-${of}`, token: `vault-bank-${number}` },
  ...{ ending: `vault-ending-${number}`, code: "C01" },
});
const settle = (credited: number, least = 1, uptoPosition = 40): MerchantCommand => ({
  kind: "SettleMerchant",
  creditedCents: cents(credited),
  uptoPosition,
  leastCents: cents(least),
});
const share = (amount: number, credited: number, fee = 0): MerchantCommand => ({
  ...{ kind: "GiveShare", refundId: refundId(1), accountId: accountId(1), paymentId: paymentId(1) },
  ...{ amountCents: cents(amount), feeCents: cents(fee), creditedCents: cents(credited) },
});
const debt = (amount: number): MerchantCommand => ({
  ...{ kind: "NoteDebt", paymentId: paymentId(1), amountCents: cents(amount) },
});
const file = (number: number, count = 10): MerchantCommand => ({
  kind: "FileEntries",
  fileId: fileId(number),
  effectiveOn: "2026-06-09" as BankDate,
  traces: { first: number * 100, count },
});
const unfile = (number: number): MerchantCommand => ({
  kind: "UnfileEntries",
  fileId: fileId(number),
});
const collect = (number: number): MerchantCommand => ({
  kind: "CollectEntries",
  fileId: fileId(number),
});
const back = (payout: number, number: number, amount: number, isSettled = true) =>
  ({
    kind: "ReturnEntry",
    subject: { kind: "payout", payoutId: `3-${payout}` },
    ...{ fileId: fileId(number), trace: number * 100, code: "R03" },
    ...{ amountCents: cents(amount), isSettled },
  }) satisfies MerchantCommand;

/** Of a switch where a changed bank account is paid to at once, unless it is about that. */
function merchant(payoutHoldDays = 0) {
  const policy = { ...DEFAULT_POLICY, payoutHoldDays };
  const drive = new Drive(merchantActor(policy), "3", NOON_MS);
  return drive.table([
    [SET_UP, "merchant"],
    [bankAccount(1), "noted"],
  ]);
}
type Shop = ReturnType<typeof merchant>;

function settlement({ state }: Shop) {
  if (state.kind === "vacant") throw new Error("the merchant was set up");
  return state.settlement;
}
const given = (drive: Shop) => {
  const event = drive.events.at(-1);
  if (event?.kind !== "ShareGiven") throw new Error("a share was given");
  const { payableCents, receivableCents } = event.share;
  return [Number(payableCents), Number(receivableCents)];
};
const postings = (drive: Shop) => {
  const event = drive.events.at(-1);
  if (event === undefined || !("entry" in event)) throw new Error("something was posted");
  return event.entry.postings.map(({ side, account, amountCents }) => {
    return `${side} ${account} ${amountCents}`;
  });
};
const paid = (payoutCents: number) => ({ kind: "merchant_settled", payoutCents });
const filed = (entries: number, creditCents: number) => ({
  ...{ kind: "entries_filed", entries, debitCents: 0, creditCents },
});
const noted = (amountCents: number) => ({
  ...{ to: "ach-file:ach_1", kind: "NoteReturn", direction: "credit", amountCents },
});

test("a merchant that nobody set up neither gives nor gets", () => {
  const vacant = new Drive(merchantActor(DEFAULT_POLICY), "3", NOON_MS);
  const commands = [bankAccount(1), correct(1, 2), settle(100), share(1, 1), debt(1), file(1)];
  for (const command of [...commands, collect(1)]) {
    vacant.table([[command, "merchant_not_found"]]);
  }
});

describe("a payout", () => {
  test("is what was credited and not taken, once", () => {
    merchant().table([
      [settle(5_000), paid(5_000)],
      [settle(5_000), paid(0)],
      [settle(6_200), paid(1_200)],
      // A view that lags says less than was taken already.
      [settle(5_000), paid(0)],
    ]);
  });

  test("waits below the least, and without a bank account", () => {
    const drive = new Drive(merchantActor(DEFAULT_POLICY), "3", NOON_MS);
    drive.table([
      [SET_UP, "merchant"],
      [settle(5_000), paid(0)],
      [bankAccount(1), "noted"],
      [settle(5_000, 5_001), paid(0)],
      [settle(5_000, 5_000), paid(5_000)],
    ]);
  });

  test("is in one file, however often it asks", () => {
    const drive = merchant().table([
      [settle(5_000), paid(5_000)],
      [file(1, 0), filed(0, 0)],
      [file(1), filed(1, 5_000)],
    ]);
    expect(postings(drive)).toEqual(["debit merch:3:payable 5000", "credit ach:out 5000"]);
    expect(drive.events.at(-1)).toMatchObject({ trace: 100, bankAccount: "vault-bank-1" });
    drive.table([
      [file(1), filed(1, 5_000)],
      [file(2), filed(0, 0)],
    ]);
  });

  test("is made, and gets into a file, one after the other as traces allow", () => {
    merchant().table([
      [settle(5_000), paid(5_000)],
      [settle(5_700), paid(700)],
      [file(1, 1), filed(1, 5_000)],
      [file(2), filed(1, 700)],
    ]);
  });

  test("whose file was not sent goes into the next", () => {
    const drive = merchant().table([
      [settle(5_000), paid(5_000)],
      [file(1), filed(1, 5_000)],
      [unfile(1), "entries_unfiled"],
    ]);
    expect(postings(drive)).toEqual(["debit ach:out 5000", "credit merch:3:payable 5000"]);
    const { length } = drive.events;
    drive.table([[unfile(1), "entries_unfiled"]]);
    expect(drive.events).toHaveLength(length);
    drive.table([
      [file(2), filed(1, 5_000)],
      // The rejected file proves to be at the bank after all: nobody believes it.
      [back(1, 1, 5_000, false), { outcome: "unmatched" }],
    ]);
  });

  test("arrives once", () => {
    const drive = merchant().table([
      [settle(5_000), paid(5_000)],
      [file(1), filed(1, 5_000)],
      [collect(2), { creditCents: 0 }],
      [collect(1), { kind: "entries_collected", debitCents: 0, creditCents: 5_000 }],
      [collect(1), { creditCents: 0 }],
    ]);
    expect(settlement(drive).payouts).toEqual([]);
  });
});

test("a payout is not made by a view that was built anew and is behind the last one", () => {
  const drive = merchant().table([
    [settle(5_000, 1, 40), paid(5_000)],
    [file(1), filed(1, 5_000)],
    [back(1, 1, 5_000), { outcome: "applied" }],
    [bankAccount(2), "noted"],
    // Of what it has seen a part is left; the payments behind it are on a statement already.
    [settle(4_000, 1, 39), paid(0)],
    [settle(5_000, 1, 40), paid(5_000)],
  ]);
  expect(settlement(drive).settledPosition).toBe(40);
});

describe("a payout that comes back", () => {
  const away = () =>
    merchant().table([
      [settle(5_000), paid(5_000)],
      [file(1), filed(1, 5_000)],
    ]);

  test("is owed again, and waits for another bank account", () => {
    const drive = away().table([[back(1, 1, 5_000), { outcome: "applied" }]]);
    expect(postings(drive)).toEqual(["debit cash:bank 5000", "credit merch:3:payable 5000"]);
    expect(drive.sent).toEqual([noted(5_000)]);
    drive.table([
      [settle(5_000), paid(0)],
      [bankAccount(2), "noted"],
      [settle(5_000), paid(5_000)],
      [file(2), filed(1, 5_000)],
    ]);
    expect(drive.events.at(-1)).toMatchObject({ payoutId: "3-2", bankAccount: "vault-bank-2" });
  });

  test("before the bank settled never left", () => {
    const drive = away().table([[back(1, 1, 5_000, false), { outcome: "applied" }]]);
    expect(postings(drive)).toEqual(["debit ach:out 5000", "credit merch:3:payable 5000"]);
  });

  test("from a bank account that was replaced since says nothing of the new one", () => {
    const drive = away().table([
      [bankAccount(2), "noted"],
      [back(1, 1, 5_000), { outcome: "applied" }],
      [settle(5_000), paid(5_000)],
    ]);
    expect(settlement(drive)).toMatchObject({ bankAccount: "vault-bank-2", rejectedBy: null });
  });

  test("after it had arrived is owed again, and its file is not asked to be whole again", () => {
    const drive = away().table([
      [collect(1), { creditCents: 5_000 }],
      [back(1, 1, 5_000), { outcome: "applied" }],
    ]);
    expect(drive.sent).toEqual([noted(0)]);
    const none = { bankAccount: null, ending: null, rejectedBy: "R03" };
    expect(settlement(drive)).toMatchObject(none);
    drive.table([[bankAccount(2), "noted"]]);
    const named = { bankAccount: "vault-bank-2", ending: "vault-ending-2", rejectedBy: null };
    expect(settlement(drive)).toMatchObject(named);
  });

  test("from a file that it is not in is not believed, and its file hears so", () => {
    const drive = away();
    const before = JSON.stringify(drive.state);
    for (const wrong of [
      { ...back(1, 1, 5_000), trace: 101 },
      { ...back(1, 1, 5_000), fileId: fileId(2) },
      back(7, 1, 5_000, false),
    ]) {
      drive.table([[wrong, { outcome: "unmatched" }]]);
      expect(drive.sent).toMatchObject([{ kind: "NoteReturn", amountCents: 0 }]);
    }
    expect(JSON.stringify(drive.state)).toBe(before);
    expect(() => drive.tell({ ...back(1, 1, 5_000), code: "R99" })).toThrow("known codes");
  });
});

describe("a bank account that takes another one's place", () => {
  test("is not paid to for three banking days: neither what is new, nor what waited", () => {
    const drive = merchant(DEFAULT_POLICY.payoutHoldDays).table([
      [settle(5_000), paid(5_000)],
      [bankAccount(2), "noted"],
      [file(1), filed(0, 0)],
      [settle(6_000), paid(0)],
    ]);
    const { payableFrom } = settlement(drive);
    expect(payableFrom).toBe(addBankingDays(bankDateAt(NOON_MS), 3));
    drive.nowMs = instantOf(addBankingDays(bankDateAt(NOON_MS), 2), 23, 59);
    drive.table([
      [settle(6_000), paid(0)],
      [file(1), filed(0, 0)],
    ]);
    drive.nowMs = instantOf(payableFrom ?? addBankingDays(bankDateAt(NOON_MS), 9), 0);
    drive.table([
      [settle(6_000), paid(1_000)],
      [file(1), filed(2, 6_000)],
    ]);
    expect(drive.events.at(-1)).toMatchObject({ bankAccount: "vault-bank-2" });
  });

  test("waits as well after a payout came back, and the first one does not", () => {
    const drive = merchant(DEFAULT_POLICY.payoutHoldDays).table([
      [settle(5_000), paid(5_000)],
      [file(1), filed(1, 5_000)],
      [back(1, 1, 5_000), { outcome: "applied" }],
      [bankAccount(2), "noted"],
      [settle(5_000), paid(0)],
    ]);
    expect(settlement(drive).payableFrom).not.toBeNull();
  });

  test("is no other one when it is the same: nobody waits for it anew", () => {
    const drive = merchant(DEFAULT_POLICY.payoutHoldDays);
    const same = { ...bankAccount(2), sameAs: ["vault-bank-1"] } as MerchantCommand;
    const before = drive.events.length;
    drive.table([[same, "noted"]]);
    expect(drive.sent).toMatchObject([
      { kind: "DestroySealed", to: "vault:vault-bank-2" },
      { kind: "DestroySealed", to: "vault:vault-ending-2" },
    ]);
    drive.table([[settle(5_000), paid(5_000)]]);
    expect(drive.eventKinds.slice(before)).toEqual(["PayoutMade"]);
  });
});

describe("a bank account that the desk names", () => {
  const byDesk = (number: number, sameAs: readonly string[] = []) =>
    ({ ...bankAccount(number), note: `why ${number}`, persons: "two", sameAs }) as MerchantCommand;
  const as = (drive: Shop, name: string): Shop => {
    drive.principal = `desk:${name}`;
    return drive;
  };
  const gone = (number: number) => [
    { kind: "DestroySealed", to: `vault:vault-bank-${number}` },
    { kind: "DestroySealed", to: `vault:vault-ending-${number}` },
  ];

  test("counts when another operator names the same", () => {
    const drive = as(merchant(), "alice").table([
      [byDesk(2), "bank_account_proposed"],
      [byDesk(3, ["vault-bank-2"]), "second_person_needed"],
    ]);
    expect(settlement(drive)).toMatchObject({ bankAccount: "vault-bank-1" });
    as(drive, "bert").table([[byDesk(4, ["vault-bank-2"]), "noted"]]);
    expect(drive.sent).toEqual(gone(4));
    expect(settlement(drive)).toMatchObject({ bankAccount: "vault-bank-2", proposal: null });
    expect(drive.events.at(-1)).toMatchObject({
      ...{ kind: "BankAccountSet", note: "why 4", proposed: { by: "desk:alice", note: "why 2" } },
    });
  });

  test("is another proposal when it is another one, and goes when the merchant names one", () => {
    const drive = as(merchant(), "alice").table([[byDesk(2), "bank_account_proposed"]]);
    as(drive, "bert").table([[byDesk(3), "bank_account_proposed"]]);
    expect(drive.sent).toEqual(gone(2));
    as(drive, "alice").table([[byDesk(4, ["vault-bank-2"]), "bank_account_proposed"]]);
    expect(drive.sent).toEqual(gone(3));
    drive.table([[bankAccount(5), "noted"]]);
    expect(drive.sent).toEqual(gone(4));
    expect(settlement(drive)).toMatchObject({ bankAccount: "vault-bank-5", proposal: null });
  });

  test("was named by one person, and paid to at once, before version 4", () => {
    const { actor } = merchant();
    const body = { kind: "BankAccountSet", token: "t", ending: "e", note: null };
    expect(actor.upcast({ kind: body.kind, version: 3, body })).toEqual({
      ...{ ...body, payableFrom: null, proposed: null },
    } as never);
  });
});

describe("a notification of change", () => {
  test("goes on with the token of the same bank account, for payouts on their way, too", () => {
    const drive = merchant().table([
      [settle(5_000), paid(5_000)],
      [file(1), filed(1, 5_000)],
      [correct(1, 2), "noted"],
    ]);
    const corrected = { bankAccount: "vault-bank-2", ending: "vault-ending-2" };
    expect(settlement(drive)).toMatchObject(corrected);
    // It comes back from the account that we pay to still.
    drive.table([[back(1, 1, 5_000), { outcome: "applied" }]]);
    expect(settlement(drive)).toMatchObject({ bankAccount: null, rejectedBy: "R03" });
  });

  test("of one that the merchant has replaced, or that nothing arrives at, changes nothing", () => {
    const drive = merchant().table([
      [settle(5_000), paid(5_000)],
      [file(1), filed(1, 5_000)],
      [bankAccount(2), "noted"],
      [correct(1, 3), "noted"],
    ]);
    expect(settlement(drive).bankAccount).toBe("vault-bank-2");
    expect(drive.eventKinds.at(-1)).toBe("BankAccountSet");
    drive.table([
      [settle(6_000), paid(1_000)],
      [file(2), filed(1, 1_000)],
      [back(2, 2, 1_000), { outcome: "applied" }],
      [correct(2, 4), "noted"],
    ]);
    expect(settlement(drive).bankAccount).toBeNull();
  });
});

describe("a share of a refund", () => {
  test("is taken from what is owed to the merchant, and what is missing is a debt (I13)", () => {
    const drive = merchant().table([[share(1_000, 900, 15), "noted"]]);
    expect(given(drive)).toEqual([900, 85]);
    expect(drive.sent).toEqual([
      {
        ...{ to: `account:${accountId(1)}`, kind: "ApplyRefund", refundId: refundId(1) },
        ...{ paymentId: paymentId(1), amountCents: 1_000, feeCents: 15 },
        share: { merchantNumber: 3, payableCents: 900, receivableCents: 85 },
      },
    ]);
    // Nothing is left, and a lagging view cannot make it negative.
    drive.table([[share(300, 900), "noted"]]);
    expect(given(drive)).toEqual([0, 300]);
    drive.table([[share(300, 100), "noted"]]);
    expect(given(drive)).toEqual([0, 300]);
    expect(() => drive.tell(share(10, 0, 11))).toThrow("a fee is a part of its amount");
  });

  test("after the payout is a debt, too", () => {
    const drive = merchant().table([
      [settle(5_000), paid(5_000)],
      [share(1_000, 5_400), "noted"],
    ]);
    expect(given(drive)).toEqual([400, 600]);
  });
});

describe("a debt of the merchant", () => {
  test("is netted before anything is paid out", () => {
    const drive = merchant().table([
      [debt(600), "noted"],
      [settle(500), paid(0)],
    ]);
    expect(postings(drive)).toEqual(["debit merch:3:payable 500", "credit merch:3:receivable 500"]);
    drive.table([
      [settle(500), paid(0)],
      [settle(1_500), paid(900)],
    ]);
    expect(drive.eventKinds.slice(-3)).toEqual([
      "ReceivableNetted",
      "ReceivableNetted",
      "PayoutMade",
    ]);
    expect(Number(settlement(drive).receivableCents)).toBe(0);
  });

  test("of a dispute and of refunds is one debt", () => {
    const drive = merchant().table([
      [debt(600), "noted"],
      [share(400, 100), "noted"],
    ]);
    expect(Number(settlement(drive).receivableCents)).toBe(900);
  });
});
