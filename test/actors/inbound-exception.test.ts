/** How a person clears up what nobody could act on: each way out, and what none of them is. */
import { describe, expect, test } from "bun:test";
import type { SentInFile } from "../../actors/ach-entry.ts";
import { type AchInboundCommand, achInboundActor } from "../../actors/ach-inbound.ts";
import { type BankDate, bankDateAt } from "../../actors/banking-calendar.ts";
import type { AchFileId, PaymentId } from "../../actors/ids.ts";
import type {
  InboundException,
  MovedMoney,
  ReadReturn,
  Resolution,
} from "../../actors/inbound-exception.ts";
import { entryOf } from "../../actors/ledger.ts";
import { cents } from "../../actors/money.ts";
import { Drive } from "./drive.ts";
import { NOON_MS } from "./samples.ts";

const HASH = "0f".repeat(32);
const BOOKED = "2026-06-01" as BankDate;
const READ: ReadReturn = {
  ...{ originalTrace: "123456780000007", code: "R97", ownTrace: "021000020000001" },
  bookedOn: BOOKED,
};
const SENT: SentInFile = {
  ...{ fileId: "ach_20260529_A" as AchFileId, trace: 7, owner: { kind: "account", id: "acc_1" } },
  ...{ subject: { kind: "debit", paymentId: "pay_1" as PaymentId }, direction: "debit" },
  ...{ amountCents: cents(1_000), merchantNumber: 3, windowOn: BOOKED },
};
const taken = (amountCents: number): MovedMoney => {
  return { of: "return", direction: "debit", amountCents: cents(amountCents) };
};

/** A piece with one exception. */
function piece(money: MovedMoney | null, received: ReadReturn | null = READ) {
  const exception: InboundException = {
    ...{ number: 1, line: 4, reason: "unmatched", sealed: null, received, money },
  };
  const drive = new Drive(achInboundActor, HASH, NOON_MS);
  drive.table([
    [{ kind: "ReceiveInbound", bytes: 940 }, "inbound"],
    [{ kind: "KeepException", exception }, "noted"],
  ]);
  return drive;
}

const resolve = (resolution: Resolution, note = "asked the bank"): AchInboundCommand => {
  return { kind: "ResolveException", number: 1, resolution, note };
};
const NOTED = resolve({ kind: "noted" });
const BACK = resolve({ kind: "back_to_bank" });
const GIVE_UP = resolve({ kind: "written_off" });
const apply = (sent: SentInFile = SENT) => resolve({ kind: "applied", sent, code: "R01" });
const answer = (isAccepted: boolean, amountCents = 1_000): AchInboundCommand => {
  return { kind: "AnswerException", number: 1, isAccepted, amountCents: cents(amountCents) };
};

function postings(drive: ReturnType<typeof piece>): readonly string[] {
  const { postings: all = [] } = entryOf(drive.events.at(-1) ?? {}) ?? {};
  return all.map(({ account, side, amountCents }) => `${side} ${account} ${amountCents}`);
}

describe("an exception without money", () => {
  test("is noted, and nothing else", () => {
    const drive = piece(null).table([
      [BACK, "resolution_does_not_fit"],
      [GIVE_UP, "resolution_does_not_fit"],
      [NOTED, { kind: "exception_resolved", leftCents: 0 }],
      [NOTED, "exception_not_open"],
    ]);
    expect(postings(drive)).toEqual([]);
  });

  test("may be a return of an entry whose amount could not be read", () => {
    const drive = piece(null, null);
    drive.tell(apply());
    expect(drive.sent).toMatchObject([
      {
        ...{ kind: "AcceptReturn", to: "ach-entry:ach_20260529_A/7" },
        received: {
          ...{ code: "R01", amountCents: 1_000, direction: "debit" },
          ...{ ownTrace: `exception 1 of ${HASH}`, bookedOn: bankDateAt(NOON_MS) },
        },
      },
    ]);
    drive.tell(answer(true));
    expect(drive.state).toMatchObject({ open: [] });
    expect(postings(drive)).toEqual([]);
  });
});

describe("money in suspense", () => {
  test("goes back to the bank", () => {
    const drive = piece(taken(700)).table([
      [NOTED, "resolution_does_not_fit"],
      [BACK, { kind: "exception_resolved", leftCents: 0 }],
    ]);
    expect(postings(drive)).toEqual(["debit cash:bank 700", "credit ach:suspense 700"]);
  });

  test("is given up by two people", () => {
    const drive = piece(taken(700));
    drive.principal = "desk:alice";
    drive.table([
      [GIVE_UP, "give_up_proposed"],
      [GIVE_UP, "second_person_needed"],
    ]);
    drive.principal = "desk:bob";
    drive.table([[GIVE_UP, { kind: "exception_resolved", leftCents: 0 }]]);
    expect(postings(drive)).toEqual(["debit expense:unmatched 700", "credit ach:suspense 700"]);
    expect(drive.events.slice(2)).toMatchObject([
      { kind: "ExceptionGiveUpProposed", by: "desk:alice", note: "asked the bank" },
      { kind: "ExceptionResolved", how: "written_off", note: "asked the bank" },
    ]);
  });
});

describe("a credit of ours that came back is paid again", () => {
  const given: MovedMoney = { ...taken(1_000), direction: "credit" };
  const payout = (trace: number): SentInFile => ({
    ...{ ...SENT, trace, direction: "credit", owner: { kind: "merchant", id: "3" } },
    subject: { kind: "payout", payoutId: "3-1" },
  });

  test.each<[string, MovedMoney | null, ReadReturn | null, number]>([
    ["nothing of it can be read", null, null, 7],
    ["its amount cannot be read", null, READ, 7],
    ["the bank names another one", given, READ, 8],
  ])("where %s, two people say which it is", (_, money, received, trace) => {
    const drive = piece(money, received);
    drive.principal = "desk:alice";
    drive.table([
      [apply(payout(trace)), "match_proposed"],
      [apply(payout(trace)), "second_person_needed"],
      [apply(payout(9)), "match_proposed"],
    ]);
    drive.principal = "desk:bob";
    // Another one than the first person has said at last.
    drive.table([[apply(payout(trace)), "match_proposed"]]);
    expect(drive.sent).toEqual([]);
    drive.principal = "desk:alice";
    expect(drive.tell(apply(payout(trace)))).toEqual({ kind: "later", key: "exception/1" });
    expect(drive.sent).toMatchObject([{ kind: "AcceptReturn" }]);
  });

  test("where the bank names it and its money, one person does", () => {
    const drive = piece(given);
    expect(drive.tell(apply(payout(7)))).toEqual({ kind: "later", key: "exception/1" });
  });
});

describe("money that belongs to an entry", () => {
  test("is the entry's to take", () => {
    const drive = piece(taken(1_000));
    expect(drive.tell(apply())).toEqual({ kind: "later", key: "exception/1" });
    expect(drive.events.at(-1)).toEqual({
      ...{ kind: "ExceptionMatched", number: 1, to: "ach_20260529_A/7", code: "R01" },
      note: "asked the bank",
    });
    expect(drive.sent).toEqual([
      {
        ...{ kind: "AcceptReturn", to: "ach-entry:ach_20260529_A/7", sent: SENT },
        received: {
          ...{ code: "R01", direction: "debit", amountCents: 1_000, bookedOn: BOOKED },
          ownTrace: "021000020000001",
        },
        exception: { inbound: HASH, number: 1 },
      },
    ]);
    // Until it has answered, nobody does anything else with it.
    drive.table([[BACK, "exception_not_open"]]);
    drive.tell(answer(true));
    expect(postings(drive)).toEqual(["debit cash:bank 1000", "credit ach:suspense 1000"]);
    expect(drive.effects).toEqual([
      {
        ...{ kind: "answer", key: "exception/1" },
        reply: { kind: "exception_resolved", leftCents: 0 },
      },
    ]);
    drive.table([
      [answer(true), "noted"],
      [BACK, "exception_not_open"],
    ]);
  });

  test("stays where the entry says no", () => {
    const drive = piece(taken(1_000));
    drive.tell(apply());
    drive.tell(answer(false));
    expect(drive.effects).toMatchObject([{ reply: { kind: "resolution_does_not_fit" } }]);
    drive.table([[BACK, "exception_resolved"]]);
  });

  test("beyond the amount of the entry stays open", () => {
    const drive = piece(taken(1_001)).table([[GIVE_UP, "give_up_proposed"]]);
    drive.tell(apply());
    drive.tell(answer(true));
    expect(postings(drive)).toEqual(["debit cash:bank 1000", "credit ach:suspense 1000"]);
    expect(drive.effects).toMatchObject([{ reply: { leftCents: 1 } }]);
    // What was proposed was of all of it.
    expect(drive.state).toMatchObject({ open: [{ money: taken(1), proposedBy: null }] });
    drive.table([[BACK, "exception_resolved"]]);
    expect(postings(drive)).toEqual(["debit cash:bank 1", "credit ach:suspense 1"]);
  });

  test.each([
    ["less than the entry's", taken(999), SENT],
    ["of the other direction", taken(1_000), { ...SENT, direction: "credit" as const }],
    ["of a settlement", { ...taken(1_000), of: "settlement" as const }, SENT],
  ])("that is %s is no return of it", (_, money, sent) => {
    const drive = piece(money).table([[apply(sent), "resolution_does_not_fit"]]);
    expect(drive.eventKinds).toEqual(["InboundReceived", "ExceptionKept"]);
  });
});

test("what an older version resolved is read as it was meant", () => {
  const { upcast } = achInboundActor;
  const resolved = (entry: unknown) => {
    const body = { kind: "ExceptionResolved", number: 1, note: "x", entry };
    return upcast({ kind: body.kind, version: 2, body });
  };
  expect(resolved(null)).toMatchObject({ how: "noted" });
  expect(resolved({ name: "suspense_cleared", postings: [] })).toMatchObject({
    how: "back_to_bank",
  });
});
