/** Which entries are reversed, when, and by whom: the refusals in ladder order. */
import { describe, expect, test } from "bun:test";
import { accountRef } from "../../actors/account-state.ts";
import { type AchEntryCommand, achEntryActor, achEntryRef } from "../../actors/ach-entry.ts";
import { cents } from "../../actors/money.ts";
import type { ReverseEntry } from "../../actors/reversed-entry.ts";
import type { SentEntry } from "../../actors/sent-entry.ts";
import { date, fileId, refundId } from "./collecting.ts";
import { Drive } from "./drive.ts";
import { accountId, HOUR_MS, NOON_MS, paymentId } from "./samples.ts";

const SENT: SentEntry = {
  ...{ fileId: fileId(1), trace: 17, owner: accountRef(accountId(1)), direction: "debit" },
  subject: { kind: "debit", paymentId: paymentId(1) },
  ...{ amountCents: cents(2_500), merchantNumber: 3 },
};
/** Settled on the day of the tests, a Monday: five banking days later is the next one. */
const FILE = { effectiveOn: date("2026-06-01"), isSettled: true };
const DAY_MS = 24 * HOUR_MS;

function reverse(changes: Partial<ReverseEntry> = {}): AchEntryCommand {
  return {
    ...{ kind: "ReverseEntry", sent: SENT, file: FILE, bankAccount: "vault-bank-1" },
    ...{ refundId: refundId(1), reason: "wrong_amount", note: "12.50 and not 25" },
    ...changes,
  };
}
const comesBack: AchEntryCommand = {
  kind: "ReceiveReturn",
  sent: { ...SENT, windowOn: date("2026-06-03") },
  received: {
    ...{ code: "R01", ownTrace: "876543210000001", amountCents: cents(2_500) },
    ...{ direction: "debit", bookedOn: date("2026-06-02") },
  },
  inbound: "file-1",
};

function entry(by = "desk:alice") {
  const drive = new Drive(achEntryActor, achEntryRef(SENT).id, NOON_MS);
  drive.principal = by;
  return drive;
}

/** Said by both. */
function reversed() {
  const drive = entry().table([[reverse(), "reversal_proposed"]]);
  drive.principal = "desk:bob";
  return drive.table([[reverse(), "reversal_recorded"]]);
}

test("a debit is reversed when two people say so, and its owner is told", () => {
  const drive = entry().table([[reverse(), "reversal_proposed"]]);
  expect(drive.sent).toEqual([]);
  drive.table([[reverse(), "second_person_needed"]]);
  drive.principal = "desk:bob";
  drive.table([[reverse(), "reversal_recorded"]]);
  expect(drive.eventKinds).toEqual(["ReversalProposed", "EntryReversed"]);
  expect(drive.sent).toEqual([
    {
      ...{ to: `account:${accountId(1)}`, kind: "ReverseDebit", refundId: refundId(1) },
      ...{ paymentId: paymentId(1), merchantNumber: 3, amountCents: 2_500 },
      note: "12.50 and not 25",
      reverses: {
        ...{ fileId: fileId(1), trace: 17, bankAccount: "vault-bank-1" },
        ...{ lastOn: "2026-06-08", reason: "wrong_amount" },
      },
    },
  ]);
});

test("the reason decides about money: another one is another proposal", () => {
  const drive = entry().table([[reverse(), "reversal_proposed"]]);
  drive.principal = "desk:bob";
  drive.table([
    [reverse({ reason: "duplicate" }), "reversal_proposed"],
    [reverse({ reason: "duplicate" }), "second_person_needed"],
  ]);
  drive.principal = "desk:alice";
  drive.table([[reverse({ reason: "duplicate" }), "reversal_recorded"]]);
});

describe("refused", () => {
  const payout = { kind: "payout", payoutId: "3-1" } as const;
  const refund = { kind: "refund", refundId: refundId(1), paymentId: null } as const;
  const notSettled = { ...FILE, isSettled: false };

  // Each is wrong in what follows it in the ladder, too.
  test.each<[SentEntry["subject"], SentEntry["direction"]]>([
    [payout, "credit"],
    [refund, "credit"],
    [{ kind: "prenote" }, "debit"],
  ])("what is no debit of a purchase: %p", (subject, direction) => {
    const sent = { ...SENT, subject, direction };
    entry().table([[reverse({ sent, file: notSettled }), "entry_not_reversible"]]);
  });

  test("what came back", () => {
    entry().table([
      [comesBack, "return_applied"],
      [reverse({ file: notSettled }), "entry_came_back"],
    ]);
  });

  test("what is reversed", () => {
    reversed().table([[reverse({ file: notSettled }), "entry_already_reversed"]]);
  });

  test("what the bank has not settled, or never got", () => {
    entry().table([10 * DAY_MS, [reverse({ file: notSettled }), "file_not_at_this_stage"]]);
  });

  test("when no file can be settled by the fifth banking day", () => {
    // Friday: a file of today is settled on Monday.
    entry().table([4 * DAY_MS, [reverse(), "reversal_proposed"]]);
    entry().table([5 * DAY_MS, [reverse(), "reversal_proposed"]]);
    entry().table([7 * DAY_MS, [reverse(), { kind: "reversal_too_late", lastOn: "2026-06-08" }]]);
    const proposed = entry().table([[reverse(), "reversal_proposed"]]);
    proposed.principal = "desk:bob";
    proposed.table([7 * DAY_MS, [reverse(), "reversal_too_late"]]);
  });
});

test("a return of what was reversed is for a person, and nobody can apply it", () => {
  const drive = reversed().table([
    [comesBack, { kind: "return_doubted", doubt: "entry_reversed" }],
  ]);
  expect(drive.sent).toEqual([]);
  if (comesBack.kind !== "ReceiveReturn" || comesBack.sent === null) throw new Error("sent");
  const { sent, received } = comesBack;
  const exception = { inbound: "file-1", number: 1 };
  drive.table([[{ kind: "AcceptReturn", sent, received, exception }, "return_known"]]);
  expect(drive.sent).toMatchObject([{ kind: "AnswerException", isAccepted: false }]);
});

test("a log that reverses an entry twice is not believed", () => {
  const drive = reversed();
  const event = drive.events.at(-1);
  if (event === undefined) throw new Error("it was reversed");
  expect(() => drive.actor.apply(drive.state, event)).toThrow("an entry is reversed once");
});
