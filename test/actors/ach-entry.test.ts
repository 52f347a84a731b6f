import { describe, expect, test } from "bun:test";
import { accountRef } from "../../actors/account-state.ts";
import {
  type AchEntryCommand,
  achEntryActor,
  achEntryRef,
  type ReceivedReturn,
  type SentInFile,
  unknownEntryRef,
} from "../../actors/ach-entry.ts";
import { AssertionFailed } from "../../actors/assert.ts";
import { cents } from "../../actors/money.ts";
import { RETURN_CODES, type ReturnCode } from "../../actors/return-codes.ts";
import { date, fileId, refundId } from "./collecting.ts";
import { Drive } from "./drive.ts";
import { accountId, NOON_MS, paymentId } from "./samples.ts";

const DEBIT: SentInFile = {
  fileId: fileId(1),
  trace: 17,
  owner: accountRef(accountId(1)),
  subject: { kind: "debit", paymentId: paymentId(1) },
  direction: "debit",
  amountCents: cents(2_500),
  merchantNumber: 3,
  windowOn: date("2026-06-04"),
};
const CREDIT: SentInFile = {
  ...DEBIT,
  subject: { kind: "refund", refundId: refundId(1), paymentId: paymentId(1) },
  direction: "credit",
};
const RETURN: ReceivedReturn = {
  code: "R01",
  ownTrace: "876543210000001",
  amountCents: cents(2_500),
  direction: "debit",
  bookedOn: date("2026-06-04"),
};
/** A day after the window. */
const LATE = { bookedOn: date("2026-06-05") };

function back(
  changes: Partial<ReceivedReturn> = {},
  more: { sent?: SentInFile | null; inbound?: string } = {},
): AchEntryCommand {
  const { sent = DEBIT, inbound = "file-1" } = more;
  const received = { ...RETURN, ...changes };
  return { kind: "ReceiveReturn", sent, received, inbound };
}

const entry = () => new Drive(achEntryActor, achEntryRef(DEBIT).id, NOON_MS);
const doubted = (doubt: string) => ({ kind: "return_doubted", doubt });

describe("a return", () => {
  test("goes to its file once, with what the owner must know", () => {
    const drive = entry().table([[back(), "return_applied"]]);
    const { owner, subject, trace, merchantNumber } = DEBIT;
    const { fileId } = DEBIT;
    const code = "R01";
    const amountCents = 2_500;
    expect(drive.sent).toEqual([
      {
        ...{ to: "ach-file:ach_1", kind: "CountReturn", direction: "debit", amountCents, owner },
        bookedOn: "2026-06-04",
        command: {
          ...{ kind: "ReturnEntry", subject, fileId, trace, code, merchantNumber, amountCents },
          ...{ isSettled: false, bookedOn: "2026-06-04" },
        },
      },
    ]);
    drive.table([[back(), "return_known"]]);
    expect(drive.sent).toEqual([]);
    // The same return in another inbound file is the same return.
    drive.table([[back({}, { inbound: "file-2" }), "return_known"]]);
    expect(drive.eventKinds).toEqual(["ReturnReceived"]);
  });

  test("with a trace of its own, or another code, may be a duplicate: a person looks", () => {
    const other = { ownTrace: "876543210000002" };
    const drive = entry().table([
      [back(), "return_applied"],
      [back(other), doubted("possible_duplicate")],
      [back({ code: "R10" }), doubted("possible_duplicate")],
      // Read again it gets the same answer; in another file it is known.
      [back(other), doubted("possible_duplicate")],
      [back(other, { inbound: "file-2" }), "return_known"],
      [back(), "return_known"],
    ]);
    expect(drive.eventKinds).toEqual(["ReturnReceived", "ReturnDoubted", "ReturnDoubted"]);
    expect(drive.sent).toEqual([]);
  });

  // In the order in which they are asked: each line is wrong in all that follows, too.
  test.each<[string, AchEntryCommand]>([
    ["unmatched", back({ code: "R99", amountCents: cents(1) }, { sent: null })],
    ["unknown_code", back({ code: "R99", direction: "credit", amountCents: cents(1) })],
    ["direction_differs", back({ direction: "credit", amountCents: cents(1) })],
    ["amount_differs", back({ ...LATE, amountCents: cents(1) })],
    ["too_late", back(LATE)],
  ])("that is %s is for a person", (doubt, command) => {
    const drive = entry().table([[command, doubted(doubt)]]);
    expect([drive.sent, drive.eventKinds]).toEqual([[], ["ReturnDoubted"]]);
  });

  test("that is right is acted on though a wrong one came before", () => {
    entry().table([
      [back({ amountCents: cents(1) }), doubted("amount_differs")],
      [back({ ownTrace: "876543210000009" }), "return_applied"],
    ]);
  });

  test.each(Object.keys(RETURN_CODES) as ReturnCode[])("%s after the window", (code) => {
    const { isLate } = RETURN_CODES[code];
    const expected = isLate ? "return_applied" : doubted("too_late");
    entry().table([[back({ code, ...LATE }), expected]]);
    entry().table([[back({ code }), "return_applied"]]);
  });

  test("of a credit is never too late", () => {
    const late = { ...LATE, code: "R03", direction: "credit" } as const;
    entry().table([[back(late, { sent: CREDIT }), "return_applied"]]);
  });
});

test("an entry describes itself, and one that nobody sent has a place, too", () => {
  const drive = entry().table([
    [{ kind: "DescribeEntry" }, { kind: "entry", state: { returned: null, doubted: [] } }],
    [back(), "return_applied"],
    [{ kind: "DescribeEntry" }, { state: { returned: { code: "R01" } } }],
  ]);
  expect(achEntryRef(DEBIT)).toEqual({ kind: "ach-entry", id: "ach_1/17" });
  expect(unknownEntryRef("1")).toEqual({ kind: "ach-entry", id: "unknown/1" });
  expect(() => achEntryRef({ ...DEBIT, trace: 1.5 })).toThrow(AssertionFailed);
  const [event] = drive.events;
  if (event === undefined) throw new Error("it came back");
  expect(() => drive.actor.apply(drive.state, event)).toThrow("an entry comes back once");
  expect(() => drive.actor.upcast({ kind: event.kind, version: 3, body: event })).toThrow(
    AssertionFailed,
  );
});

describe("a return that a person applies", () => {
  const accept = (code: string) => {
    const received = { ...RETURN, code };
    const exception = { inbound: "0f", number: 3 };
    return { kind: "AcceptReturn" as const, sent: DEBIT, received, exception };
  };
  const answered = (isAccepted: boolean) => ({
    ...{ kind: "AnswerException", number: 3, isAccepted, amountCents: DEBIT.amountCents },
    to: "ach-inbound:0f",
  });

  test("goes to its file, and whoever kept it hears of it", () => {
    const drive = entry().table([[accept("R01"), "return_applied"]]);
    expect(drive.eventKinds).toEqual(["ReturnReceived"]);
    expect(drive.sent).toEqual([
      expect.objectContaining({ kind: "CountReturn", to: `ach-file:${DEBIT.fileId}` }),
      answered(true),
    ]);
  });

  test("is not taken by an entry that came back already", () => {
    const drive = entry().table([
      [accept("R01"), "return_applied"],
      [accept("R02"), "return_known"],
    ]);
    expect(drive.eventKinds).toEqual(["ReturnReceived"]);
    expect(drive.sent).toEqual([answered(false)]);
  });
});
