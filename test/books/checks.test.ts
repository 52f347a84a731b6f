/** Each difference in the plainest log that has it, beside the log that does not. */
import { describe, expect, test } from "bun:test";
import type { BankDate } from "../../actors/banking-calendar.ts";
import { date } from "../actors/collecting.ts";
import { AMOUNT, CREATED, EFFECTIVE, entryOf, FILE, nextDay, Story, WINDOW } from "./story.ts";

const HASH = "ab".repeat(32);

test("a file that goes its way from the first entry to the last is no difference anywhere", () => {
  const story = new Story();
  const steps: readonly ((story: Story) => unknown)[] = [
    (one) => one.opened(),
    (one) => one.filed(),
    (one) => one.built(),
    (one) => one.acknowledged(),
    (one) => one.on(EFFECTIVE).stated(),
    (one) => one.settled(),
    (one) => one.on(WINDOW).collected(),
    (one) => one.file("FileClosed"),
  ];
  for (const step of steps) {
    step(story);
    expect(story.found()).toEqual([]);
  }
  expect(story.found(date("2999-01-01"))).toEqual([]);
});

describe("a file of which is said", () => {
  const sent = () => new Story().opened().filed();

  test.each<[string, () => Story, readonly (readonly [string, number])[]]>([
    [
      "that it has another entry than its owners",
      () => sent().built({ entries: 2, debitCents: AMOUNT, creditCents: 0 }),
      [["filed_differs", 0]],
    ],
    [
      "that it has another amount",
      () => sent().built({ entries: 1, debitCents: AMOUNT + 1, creditCents: 0 }),
      [["filed_differs", -1]],
    ],
    ["that it was left empty", () => sent().file("FileLeftEmpty"), [["filed_differs", AMOUNT]]],
    ["nothing at all", () => new Story().filed(), [["file_unknown", AMOUNT]]],
    [
      "that the bank moved money, and that it was rejected",
      () => sent().built().file("FileHandedOver").file("FileRejected").stated(),
      [["statement_not_booked", AMOUNT]],
    ],
    [
      "that the bank moved money before it had it",
      () => sent().built().stated(),
      [["file_unknown", AMOUNT]],
    ],
    [
      "that it is rejected, after it was accepted",
      () =>
        sent().built().acknowledged().file("BankContradicted", { outcome: "rejected", note: "" }),
      [["acknowledgement_differs", AMOUNT]],
    ],
    [
      "that a person asked the bank what it meant",
      () => {
        const story = sent().built().acknowledged();
        story.file("BankContradicted", { outcome: "rejected", note: "" });
        return story.file("ContradictionResolved", { note: "" });
      },
      [],
    ],
    [
      "that it is settled, by nobody but us",
      () => sent().built().acknowledged().settled(),
      [["statement_missing", AMOUNT]],
    ],
    [
      "that another amount is settled",
      () =>
        sent()
          .built()
          .acknowledged()
          .stated()
          .settled(AMOUNT - 1),
      [["settled_differs", -1]],
    ],
    [
      "that it is closed, and its debits are under way",
      () => new Story().untilSettled().file("FileClosed"),
      [
        ["not_cleared", AMOUNT],
        ["not_cleared", -AMOUNT],
      ],
    ],
  ])("%s", (_, story, found) => {
    expect(story().found()).toEqual(found as never);
  });
});

describe("statements of one file", () => {
  const before = () => new Story().opened().filed().built().acknowledged().on(EFFECTIVE);

  test("add up over days: money that the bank moved twice is found", () => {
    const story = before().stated().settled().on(WINDOW).stated(AMOUNT, WINDOW, "s2");
    expect(story.found()).toEqual([["statement_differs", AMOUNT]]);
    expect(story.report().differences[0]).toMatchObject({ date: WINDOW, file: FILE });
  });

  test("replace one another within a day", () => {
    const story = before()
      .stated(AMOUNT + 1)
      .stated(AMOUNT, EFFECTIVE, "s2")
      .settled();
    expect(story.found()).toEqual([]);
    const [, day] = story.report().days;
    expect(Number(day?.statedDebitCents)).toBe(AMOUNT);
  });

  test("stand on their day, which ends as the day before where nothing was booked", () => {
    const { days } = before().stated().report();
    const shown = days.map((day) => [day.date, +day.statedDebitCents, +day.inFlightCents]);
    expect(shown).toEqual([
      [CREATED, 0, AMOUNT],
      [EFFECTIVE, AMOUNT, AMOUNT],
    ]);
  });

  test("have what came back as the day says on which the bank booked it", () => {
    // Before the effective date the bank had moved nothing, on it perhaps, after it all.
    const early = () => before().counted("before_settlement").returned(false);
    expect(early().stated(0).settled(0).found()).toEqual([]);
    expect(early().stated(AMOUNT).settled(0).found()).toEqual([["statement_differs", AMOUNT]]);
    const onTheDay = () => before().counted("on_the_day").returned(true);
    for (const said of [0, AMOUNT]) {
      expect(onTheDay().stated(said).settled(AMOUNT).found()).toEqual([]);
    }
    const late = () => before().counted("after_settlement").returned(true);
    expect(late().stated(AMOUNT).settled(AMOUNT).found()).toEqual([]);
    expect(late().stated(0).settled(AMOUNT).found()).toEqual([["statement_differs", -AMOUNT]]);
  });

  test("that nothing explains are in suspense by hand, and an alarm after five days", () => {
    const story = before()
      .stated(AMOUNT + 30)
      .settled(AMOUNT, 30);
    expect(story.found()).toEqual([]);
    expect(story.found(date("2026-12-02")).filter(([kind]) => kind !== "file_too_old")).toEqual([]);
    expect(story.found(date("2026-12-03"))).toContainEqual(["suspense_too_old", 30]);
    expect(
      before()
        .stated(AMOUNT + 31)
        .settled(AMOUNT, 30)
        .found(),
    ).toEqual([["statement_differs", 1]]);
  });

  test("that were corrected are as the books have them now", () => {
    const entry = entryOf("statement_corrected", ["suspense", "cash", 30]);
    const said = { debitCents: AMOUNT, creditCents: 0, note: null, entry };
    const story = before()
      .stated(AMOUNT + 30)
      .settled(AMOUNT, 30);
    story.stated(AMOUNT, EFFECTIVE, "s2");
    expect(story.found()).toEqual([["statement_differs", -30]]);
    expect(story.file("StatementCorrected", { ...said, unexplainedCents: 0 }).found()).toEqual([]);
    expect(story.file("StatementCorrected", { ...said, unexplainedCents: 0 }).found()).toEqual([
      ["settled_differs", -30],
    ]);
  });
});

describe("a return", () => {
  const sent = () => new Story().untilSettled().on(nextDay(EFFECTIVE));
  const received = { kind: "ReturnReceived", code: "R01", ownTrace: "1", amountCents: AMOUNT };

  test("that the bank sent and the file did not count is found, unless it is under way", () => {
    const story = sent().tell(`ach-entry/${FILE}/7`, received, "c");
    expect(story.found()).toEqual([["returns_not_counted", AMOUNT]]);
    expect(story.found(undefined, [FILE])).toEqual([]);
  });

  test("that its owner did not book is found, unless it is under way", () => {
    const story = sent().counted("after_settlement");
    expect(story.found()).toEqual([["returns_not_booked", -AMOUNT]]);
    expect(story.found(undefined, [FILE])).toEqual([]);
  });

  test("that was booked without the bank's money is found", () => {
    const story = sent().counted("after_settlement").returned(false);
    expect(story.found().map(([kind]) => kind)).toEqual(["cash_differs", "not_cleared"]);
    expect(sent().counted("after_settlement").returned(true).found()).toEqual([]);
  });
});

describe("money stands no longer than", () => {
  const rejected = () => new Story().opened().filed().built().file("FileHandedOver");

  test.each<[string, () => Story, by: BankDate]>([
    ["a file is gathered", () => new Story().opened().filed(), nextDay(CREATED)],
    ["a built one waits", () => new Story().opened().filed().built(), nextDay(CREATED)],
    ["the bank is silent", () => rejected(), nextDay(CREATED)],
    ["a rejected one is taken back", () => rejected().file("FileRejected"), nextDay(CREATED)],
    [
      "the bank settles",
      () => new Story().opened().filed().built().acknowledged(),
      nextDay(EFFECTIVE),
    ],
    ["returns may come", () => new Story().untilSettled(), nextDay(WINDOW)],
  ])("%s, and a banking day", (_, story, by) => {
    expect(story().found(by)).toEqual([]);
    expect(story().found(nextDay(by))).toEqual([["file_too_old", AMOUNT]]);
  });
});

describe("what nobody understands", () => {
  const money = { of: "return", direction: "debit", amountCents: AMOUNT };
  const exception = { number: 1, line: 3, reason: "unmatched", sealed: null, money };
  const inbound = (story: Story, kind: string, more: object = {}) =>
    story.tell(`ach-inbound/${HASH}`, { kind, ...more });
  const doubt = (amountCents = AMOUNT) => {
    const event = { doubt: "unmatched", code: "R01", ownTrace: "1", amountCents, inbound: HASH };
    const story = inbound(new Story(), "InboundReceived", { bytes: 1, atMs: 0 });
    return story.tell("ach-entry/unknown/1", { kind: "ReturnDoubted", ...event } as never);
  };
  const kept = (story: Story) => {
    const entry = entryOf("unmatched_return", ["suspense", "cash", AMOUNT]);
    return inbound(story, "ExceptionKept", { exception, entry });
  };
  const finished = (story: Story) => inbound(story, "InboundFinished", { applied: 0, known: 0 });

  test("is in suspense, and an alarm after five banking days", () => {
    const story = finished(kept(doubt()));
    expect(story.found()).toEqual([]);
    // Tuesday is the first of them, and Thursday is Thanksgiving.
    expect(story.found(date("2026-12-01"))).toEqual([]);
    expect(story.found(date("2026-12-02"))).toEqual([["suspense_too_old", AMOUNT]]);
    const [, , , , suspense] = story.report().clearing;
    expect(suspense).toEqual({
      ...{ account: "ach:suspense", balanceCents: AMOUNT, explainedCents: AMOUNT },
    } as never);
  });

  test("is over when it is resolved, with its own amount", () => {
    const resolve = (amountCents: number) => {
      const entry = entryOf("suspense_cleared", ["cash", "suspense", amountCents]);
      return inbound(finished(kept(doubt())), "ExceptionResolved", { number: 1, note: "", entry });
    };
    expect(resolve(AMOUNT).found(date("2027-01-04"))).toEqual([]);
    expect(resolve(AMOUNT - 2).found()).toEqual([["suspense_differs", 2]]);
  });

  test("stays in suspense as far as it belongs to no entry", () => {
    const apply = (amountCents: number, postedCents = amountCents) => {
      const entry = entryOf("suspense_cleared", ["cash", "suspense", postedCents]);
      const applied = { number: 1, amountCents, entry };
      return inbound(finished(kept(doubt())), "ExceptionApplied", applied);
    };
    const late = date("2027-01-04");
    expect(apply(AMOUNT).found(late)).toEqual([]);
    expect(apply(AMOUNT - 1).found(late)).toEqual([["suspense_too_old", 1]]);
    expect(apply(AMOUNT, AMOUNT - 2).found()).toEqual([["suspense_differs", 2]]);
  });

  test("is found where it is in no exception, or in one of another amount", () => {
    expect(finished(doubt()).found()).toEqual([["doubts_differ", AMOUNT]]);
    expect(finished(kept(doubt(AMOUNT + 1))).found()).toEqual([["doubts_differ", 1]]);
  });

  test("is named while its inbound file is not read to the end", () => {
    const story = kept(doubt());
    expect(story.found(nextDay(CREATED))).toEqual([]);
    expect(story.found(date("2026-11-25"))).toEqual([["inbound_too_old", 0]]);
  });
});

describe("a line of a statement for a file that is not ours", () => {
  const OTHER = "ach_20200101_Z";
  const money = { of: "settlement", direction: "debit", amountCents: AMOUNT };
  const exception = { number: 1, line: 1, reason: "unknown_file", sealed: null, money };
  const stated = () => {
    const lines = [{ fileName: OTHER, debitCents: AMOUNT, creditCents: 0 }];
    const event = { kind: "StatementReceived", itemId: "s", lines };
    return new Story().tell(`bank-statement/${CREATED}`, event as never);
  };
  const kept = (story: Story) => {
    const entry = entryOf("unmatched_settlement", ["cash", "suspense", AMOUNT]);
    return story.tell(`ach-inbound/${HASH}`, { kind: "ExceptionKept", ...{ exception, entry } });
  };

  test("is named until a person has looked at it", () => {
    expect(stated().found()).toEqual([["file_unknown", AMOUNT]]);
    expect(stated().report().differences[0]?.says).toEndWith("it is not in suspense either");
    const waiting = kept(stated());
    expect(waiting.found()).toEqual([["file_unknown", AMOUNT]]);
    expect(waiting.report().differences[0]).toMatchObject({ file: OTHER, events: [1] });
    expect(waiting.report().differences[0]?.says).toEndWith("it waits in suspense");
    const entry = entryOf("suspense_cleared", ["suspense", "cash", AMOUNT]);
    const resolved = { kind: "ExceptionResolved", ...{ number: 1, note: "", entry } };
    expect(waiting.tell(`ach-inbound/${HASH}`, resolved).found()).toEqual([]);
  });
});

test("a correction for a file that is not ours waits in suspense by what it changes", () => {
  const said = (itemId: string, debitCents: number) => ({
    ...{ kind: "StatementReceived", itemId },
    lines: [{ fileName: "ach_20200101_Z", debitCents, creditCents: 0 }],
  });
  const keep = (number: number, direction: "debit" | "credit", amountCents: number) => {
    const money = { of: "settlement", direction, amountCents };
    const exception = { number, line: 1, reason: "unknown_file", sealed: null, money };
    const parts = direction === "debit" ? ["cash", "suspense"] : ["suspense", "cash"];
    const [from = "", to = ""] = parts;
    const entry = entryOf("unmatched_settlement", [from, to, amountCents] as never);
    return { kind: "ExceptionKept", exception, entry } as never;
  };
  const story = new Story()
    .tell(`bank-statement/${CREATED}`, said("s1", 100) as never)
    .tell(`ach-inbound/${HASH}`, keep(1, "debit", 100))
    .tell(`bank-statement/${CREATED}`, said("s2", 80) as never);
  expect(story.report().differences.at(-1)?.says).toEndWith("it is not in suspense either");
  story.tell(`ach-inbound/${HASH}`, keep(2, "credit", 20));
  expect(story.found()).toEqual([["file_unknown", 80]]);
  expect(story.report().differences[0]?.says).toEndWith("it waits in suspense");
});

test("findings of single events are listed up to a bound, and counted beyond", () => {
  const story = new Story();
  for (let at = 0; at < 1_010; at++) {
    const entry = entryOf("recovered", ["suspense", "expense:bad_debt", 1]);
    story.tell("account/acc_1", { kind: "BlockLifted", reason: "x", note: "", entry } as never);
  }
  const { differences, unlisted } = story.report();
  expect([differences.length, unlisted]).toEqual([1_000, 10]);
  expect(new Set(differences.map(({ kind }) => kind))).toEqual(new Set(["cause_unknown"]));
});
