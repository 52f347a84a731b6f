/** The bank's word on a file, whatever comes first. */
import { describe, expect, test } from "bun:test";
import type { AchFileCommand, AchFileEvent } from "../../actors/ach-file-messages.ts";
import { isEveryReturnNoted } from "../../actors/ach-file-messages.ts";
import { AssertionFailed } from "../../actors/assert.ts";
import { type Balances, entryOf, post } from "../../actors/ledger.ts";
import { cents } from "../../actors/money.ts";
import {
  ACCEPT,
  AFTER,
  BEFORE,
  byHand,
  close,
  count,
  fileAt,
  forwarded,
  NOTED,
  note,
  REJECT,
  REJECT_BY_HAND,
  resolve,
  SAME,
  type Stage,
  sent,
  settle,
  settledByTwo,
  WRONG,
} from "./filing.ts";

type File = ReturnType<typeof fileAt>;
const DIFFERS = "statement_differs";
const OPPOSITE = "file_contradicted";

/** What the events of the file have posted, debit positive. */
function booked({ events }: File): Readonly<Record<string, number>> {
  const balances: Balances = new Map();
  for (const event of events) {
    const entry = entryOf(event);
    if (entry !== undefined) post(balances, entry);
  }
  return Object.fromEntries([...balances].filter(([, cents]) => cents !== 0));
}

const WHOLE = { "cash:bank": 2_100, "ach:provisional": -2_500, "ach:out": 400 };

describe("the bank's statement", () => {
  test("is what was sent, to the cent, and is booked", () => {
    const file = fileAt("acknowledged").table([
      [settle(2_499, 400), { kind: DIFFERS, debitCents: 2_500, creditCents: 400 }],
      [settle(2_501, 400), DIFFERS],
      [settle(2_500, 399), DIFFERS],
      [settle(2_500, 401), DIFFERS],
      [settle(), NOTED],
    ]);
    expect(booked(file)).toEqual(WHOLE);
    expect(sent(file).differing).toBeNull();
  });

  test("is less what the bank booked back before the effective date: that never moved", () => {
    const file = fileAt("acknowledged").table([
      [count(1_000, "debit", BEFORE), NOTED],
      [count(400, "credit", BEFORE), NOTED],
      [settle(1_499, 0), DIFFERS],
      [settle(2_500, 400), DIFFERS],
      [settle(1_500, 0), NOTED],
    ]);
    expect(booked(file)).toEqual({ "cash:bank": 1_500, "ach:provisional": -1_500 });
  });

  test("may be read after returns that the bank booked later: it is the whole file", () => {
    const file = fileAt("acknowledged").table([
      [count(1_000), NOTED],
      [settle(1_500), DIFFERS],
      [settle(2_500), NOTED],
    ]);
    expect(booked(file)).toEqual(WHOLE);
  });

  test("of a return on the day itself may say either: in the end the bank holds the same", () => {
    for (const debit of [2_500, 1_500]) {
      const file = fileAt("acknowledged").table([
        [count(1_000, "debit", SAME), NOTED],
        [settle(debit), NOTED],
      ]);
      expect(file.events.at(-1)?.kind).toBe("FileSettled");
      expect(booked(file)).toEqual(WHOLE);
    }
  });

  test("proves that the bank has the file", () => {
    for (const [command, last] of [
      [settle(), "FileSettled"],
      [settle(1, 1), "StatementDiffered"],
      [byHand(), "FileSettled"],
    ] as const) {
      const file = fileAt("handing_over");
      file.tell(command);
      expect(file.eventKinds.slice(-2)).toEqual(["FileAcknowledged", last]);
      file.table([
        [ACCEPT, NOTED],
        [REJECT, OPPOSITE],
      ]);
    }
  });
});

describe("a statement that differs", () => {
  test("waits for the return that explains it", () => {
    const file = fileAt("acknowledged").table([
      [settle(1_500), DIFFERS],
      [count(900, "debit", BEFORE), NOTED],
    ]);
    expect(file.state.kind).toBe("acknowledged");
    file.table([[count(100, "debit", BEFORE), NOTED]]);
    expect(file.sent).toEqual([forwarded(false)]);
    expect(file.state.kind).toBe("settled");
    expect(booked(file)).toEqual({ "cash:bank": 1_100, "ach:provisional": -1_500, "ach:out": 400 });
  });

  test("is written once, and a right one ends it", () => {
    const file = fileAt("acknowledged").table([
      [settle(1), DIFFERS],
      [settle(1), DIFFERS],
    ]);
    expect(file.eventKinds.filter((kind) => kind === "StatementDiffered")).toHaveLength(1);
    expect(sent(file).differing).toMatchObject({ debitCents: 1, creditCents: 400, on: SAME });
    file.table([
      [settle(), NOTED],
      [settle(), NOTED],
    ]);
    expect(sent(file).differing).toBeNull();
  });
});

describe("a statement in pieces", () => {
  test("of several days is their sum, in any order", () => {
    for (const days of [
      ["2026-06-02", "2026-06-03"],
      ["2026-06-03", "2026-06-02"],
    ]) {
      const [one = "", other = ""] = days;
      const file = fileAt("acknowledged").table([
        [settle(1_500, 400, one), DIFFERS],
        [settle(1_500, 400, one), DIFFERS],
        [settle(1_000, 0, other), NOTED],
      ]);
      expect(booked(file)).toEqual(WHOLE);
      expect(sent(file)).toMatchObject({ stated: { debitCents: 2_500, creditCents: 400 } });
      // Two banking days after the last of them.
      expect(sent(file).windowOn as string).toBe("2026-06-04");
      const { length } = file.events;
      file.table([
        [settle(1_500, 400, one), NOTED],
        [settle(1_000, 0, other), NOTED],
      ]);
      expect(file.events.length).toBe(length);
    }
  });

  test("has one word for each day: a correction of a day takes the place of that day's", () => {
    const file = fileAt("acknowledged").table([
      [settle(1_400, 400), DIFFERS],
      [settle(1_000, 0, AFTER), DIFFERS],
      [settle(1_500, 400), NOTED],
      [settle(1_001, 0, AFTER), DIFFERS],
      [settle(1_000, 0, AFTER), NOTED],
    ]);
    expect(booked(file)).toEqual(WHOLE);
    expect(sent(file).differing).toBeNull();
  });

  test("says more than the file when a whole one is followed by another day's", () => {
    const file = fileAt("settled").table([[settle(700, 0, AFTER), DIFFERS]]);
    expect(sent(file).differing).toMatchObject({ debitCents: 3_200, creditCents: 400 });
    file.table([[byHand(3_200, 400), NOTED]]);
    expect(booked(file)).toEqual({ ...WHOLE, "cash:bank": 2_800, "ach:suspense": -700 });
    // The bank takes it back: that day's word is nothing.
    file.table([[settle(0, 0, AFTER), NOTED]]);
    expect(booked(file)).toEqual(WHOLE);
  });

  test("is remembered by day also where a person had settled with that figure", () => {
    const file = settledByTwo(fileAt("acknowledged"), 2_507).table([
      [settle(2_507), NOTED],
      [settle(3, 0, AFTER), DIFFERS],
    ]);
    expect(sent(file).differing).toMatchObject({ debitCents: 2_510 });
  });

  test("of version 3 was its newest word alone", () => {
    const file = fileAt("acknowledged");
    const body = { kind: "StatementDiffered", debitCents: 1_500, creditCents: 400, on: SAME };
    file.apply(file.actor.upcast({ kind: body.kind, version: 3, body }));
    file.table([[settle(1_000, 0, AFTER), NOTED]]);
    expect(booked(file)).toEqual(WHOLE);
  });
});

describe("the day of a statement", () => {
  test("when it is later than the file's moves the end of its window", () => {
    const file = fileAt("acknowledged");
    file.nowMs += 5 * 86_400_000;
    file.table([[settle(2_500, 400, "2026-06-03"), NOTED]]);
    expect(sent(file).windowOn as string).toBe("2026-06-05");
  });

  test("when it is still to come, or the file's own, does not", () => {
    const file = fileAt("acknowledged").table([[settle(2_500, 400, "2026-09-01"), NOTED]]);
    expect(sent(file).windowOn as string).toBe("2026-06-04");
  });

  test("is what it speaks of: what came back since is not taken off", () => {
    for (const stage of ["settled", "closed"] as const) {
      const file = fileAt(stage).table([
        [count(1_000), NOTED],
        [settle(), NOTED],
        [settle(1_500), DIFFERS],
        [settle(), NOTED],
      ]);
      expect(booked(file)).toEqual(WHOLE);
      expect(sent(file).differing).toBeNull();
    }
  });
});

describe("a person settles by hand", () => {
  test("with the bank's figure: what nothing explains waits in suspense", () => {
    const file = fileAt("acknowledged").table([
      [settle(2_507), DIFFERS],
      [byHand(2_507), NOTED],
      [byHand(2_507), NOTED],
      [settle(2_507), NOTED],
    ]);
    expect(file.eventKinds.filter((kind) => kind === "FileSettled")).toHaveLength(1);
    expect(booked(file)).toEqual({ ...WHOLE, "cash:bank": 2_107, "ach:suspense": -7 });
    expect(sent(file)).toMatchObject({ unexplainedCents: 7, differing: null });
  });

  test("with figures that nobody else gives: it takes two, who say the same", () => {
    const file = fileAt("acknowledged");
    file.principal = "desk:alice";
    file.table([
      [byHand(2_000), "settlement_proposed"],
      [byHand(2_000), "second_person_needed"],
    ]);
    expect(file.events.at(-1)).toEqual({
      ...{ kind: "SettlementProposed", debitCents: cents(2_000), creditCents: cents(400) },
      ...{ by: "desk:alice", note: "asked the bank" },
    });
    expect([booked(file), file.state.kind]).toEqual([{}, "acknowledged"]);
    // Another figure is another proposal.
    file.principal = "desk:bob";
    file.table([[byHand(2_100), "settlement_proposed"]]);
    file.principal = "desk:alice";
    file.table([[byHand(2_100), NOTED]]);
    expect(booked(file)).toEqual({ ...WHOLE, "cash:bank": 1_700, "ach:suspense": 400 });
    expect(sent(file).settlementProposal).toBeNull();
    // So does another figure of a file that is settled; what the file says takes one.
    file.table([
      [byHand(2_200), "settlement_proposed"],
      [byHand(), NOTED],
    ]);
    expect(booked(file)).toEqual(WHOLE);
    expect(sent(file).settlementProposal).toBeNull();
  });
});

describe("what a person settled by hand", () => {
  test("is corrected by a right statement after it, which clears the suspense", () => {
    const file = settledByTwo(fileAt("acknowledged"), 2_000, 401);
    file.table([[settle(), NOTED]]);
    expect(booked(file)).toEqual(WHOLE);
    expect(file.eventKinds.at(-1)).toBe("StatementCorrected");
    file.table([[settle(), NOTED]]);
    expect(file.eventKinds.filter((kind) => kind === "StatementCorrected")).toHaveLength(1);
  });

  test("and by a return that had been missing", () => {
    const file = settledByTwo(fileAt("acknowledged"), 1_500);
    file.table([[count(1_000, "debit", BEFORE), NOTED]]);
    // The owner takes it back out of what was settled.
    expect(file.sent).toEqual([forwarded(true)]);
    expect(booked(file)).toEqual(WHOLE);
  });

  test("and not by a return that explains nothing", () => {
    const file = settledByTwo(fileAt("acknowledged"), 2_507);
    file.table([[count(1_000), NOTED]]);
    expect(booked(file)).toMatchObject({ "ach:suspense": -7 });
    expect(file.eventKinds.at(-1)).toBe("ReturnCounted");
  });

  test("may be a file that is settled, or was rejected", () => {
    const settled = fileAt("closed").table([
      [settle(2_400), DIFFERS],
      [byHand(2_400), NOTED],
      [byHand(2_400), NOTED],
    ]);
    expect(booked(settled)).toEqual({ ...WHOLE, "cash:bank": 2_000, "ach:suspense": 100 });
    expect(settled.eventKinds.filter((kind) => kind === "StatementCorrected")).toHaveLength(1);
    const rejected = fileAt("rejected").table([
      [settle(), DIFFERS],
      [byHand(), NOTED],
      [settle(0, 0), NOTED],
    ]);
    expect(booked(rejected)).toEqual({});
    expect(rejected.state.kind).toBe("rejected");
  });

  test("ends what differed without a posting when it is right after all", () => {
    const file = fileAt("settled").table([
      [settle(1), DIFFERS],
      [byHand(), NOTED],
    ]);
    expect(file.events.at(-1)).toMatchObject({ kind: "StatementCorrected", entry: null });
    expect(sent(file).differing).toBeNull();
  });
});

describe("a return", () => {
  test.each<[Stage, string, boolean]>([
    ["handing_over", BEFORE, false],
    ["handing_over", SAME, true],
    ["handing_over", AFTER, true],
    ["acknowledged", BEFORE, false],
    ["acknowledged", SAME, true],
    ["acknowledged", AFTER, true],
    // Our books say that the whole file has moved.
    ["settled", BEFORE, true],
    ["settled", AFTER, true],
    ["closed", AFTER, true],
    ["rejected", BEFORE, false],
    ["rejected", AFTER, false],
  ])("of a file that is %s, booked on %s, is of settled money: %p", (stage, on, isSettled) => {
    const file = fileAt(stage).table([[count(500, "debit", on), NOTED]]);
    expect(file.sent).toEqual([forwarded(isSettled)]);
    expect(file.state.kind).toBe(stage === "handing_over" ? "acknowledged" : stage);
  });

  test("of a rejected file is never of settled money, closed or not", () => {
    const file = fileAt("rejected").table([
      [close(0, 0), NOTED],
      [count(500), NOTED],
    ]);
    expect(file.sent).toEqual([forwarded(false)]);
  });

  test("proves that the bank has the file: it cannot be rejected any more", () => {
    fileAt("handing_over").table([
      [count(500), NOTED],
      [REJECT, OPPOSITE],
      [ACCEPT, NOTED],
    ]);
  });

  test.each<Stage>(["vacant", "open", "empty", "built"])(
    "of a file that is %s cannot be",
    (stage) => {
      expect(() => fileAt(stage).tell(count(500))).toThrow(AssertionFailed);
      expect(() => fileAt(stage).tell(note(500))).toThrow(AssertionFailed);
    },
  );

  test("keeps the file from being collected until its owner knows", () => {
    const file = fileAt("settled");
    expect(isEveryReturnNoted(sent(file))).toBe(true);
    file.tell(count(500));
    expect(isEveryReturnNoted(sent(file))).toBe(false);
    file.tell(note(500));
    expect(isEveryReturnNoted(sent(file))).toBe(true);
  });
});

describe("the bank contradicts itself", () => {
  const contradicted = (stage: Stage, command: AchFileCommand): File => {
    const file = fileAt(stage).table([
      [command, OPPOSITE],
      [command, OPPOSITE],
    ]);
    expect(file.eventKinds.filter((kind) => kind === "BankContradicted")).toHaveLength(1);
    expect(file.state.kind).toBe(stage);
    return file;
  };

  test("and a person says that it stands as it was", () => {
    for (const [stage, command, outcome] of [
      ["acknowledged", REJECT, "accepted"],
      ["settled", REJECT, "accepted"],
      ["closed", REJECT, "accepted"],
      ["rejected", ACCEPT, "rejected"],
    ] as const) {
      const file = contradicted(stage, command).table([
        [resolve(outcome), NOTED],
        [resolve(outcome), "exception_not_open"],
      ]);
      expect(sent(file).contradiction).toBeNull();
      expect(file.state.kind).toBe(stage);
    }
  });

  test("or that the file was rejected after all, as long as nothing of it has moved", () => {
    const file = contradicted("acknowledged", REJECT).table([
      [resolve("rejected"), "rejection_proposed"],
      [resolve("rejected"), "second_person_needed"],
    ]);
    file.principal = "desk:bob";
    file.table([
      [resolve("rejected"), NOTED],
      [close(0, 0), NOTED],
    ]);
    expect(sent(file)).toMatchObject({ isRejected: true, contradiction: null });
    contradicted("settled", REJECT).table([[resolve("rejected"), WRONG]]);
    contradicted("rejected", ACCEPT).table([[resolve("accepted"), WRONG]]);
    contradicted("acknowledged", REJECT).table([
      [count(500), NOTED],
      [resolve("rejected"), WRONG],
    ]);
    contradicted("acknowledged", REJECT).table([
      [settle(1), DIFFERS],
      [resolve("rejected"), WRONG],
    ]);
  });
});

describe("a person says that the bank has not got the file", () => {
  const said = () => {
    const file = fileAt("handing_over");
    file.principal = "desk:alice";
    return file.table([[REJECT_BY_HAND, "rejection_proposed"]]);
  };

  test("which takes another one: what is rejected is debited again", () => {
    const file = said().table([[REJECT_BY_HAND, "second_person_needed"]]);
    expect([file.state.kind, sent(file).rejectionProposedBy]).toEqual([
      ...["handing_over", "desk:alice"],
    ]);
    file.principal = "desk:bob";
    file.table([[REJECT_BY_HAND, NOTED]]);
    expect(file.eventKinds.slice(-2)).toEqual(["RejectionProposed", "FileRejected"]);
    expect(sent(file)).toMatchObject({ isRejected: true, rejectionProposedBy: null });
  });

  test("unless the bank says so, too", () => {
    expect(said().table([[REJECT, NOTED]]).state.kind).toBe("rejected");
  });

  test("and is forgotten when the bank has it, by its word or by a return", () => {
    for (const word of [ACCEPT, settle(), count(500)]) {
      const file = said().table([[word, NOTED]]);
      expect(sent(file).rejectionProposedBy).toBeNull();
      file.principal = "desk:bob";
      file.table([[REJECT_BY_HAND, OPPOSITE]]);
    }
  });
});

describe("events of version 1", () => {
  /** As that version wrote them, byte for byte. */
  const GOLDEN: Readonly<Record<string, string>> = {
    settled:
      '{"kind":"FileSettled","entry":{"name":"file_settled","postings":[{"account":"cash:bank",' +
      '"side":"debit","amountCents":1500},{"account":"ach:provisional","side":"credit",' +
      '"amountCents":1500},{"account":"ach:out","side":"debit","amountCents":400},{"account":' +
      '"cash:bank","side":"credit","amountCents":400}]}}',
    counted: '{"kind":"ReturnCounted","direction":"debit","amountCents":1000}',
    noted: '{"kind":"ReturnNoted","direction":"debit","amountCents":1000}',
  };
  const read = (file: File, name: keyof typeof GOLDEN): AchFileEvent => {
    const body = JSON.parse(GOLDEN[name] ?? "") as AchFileEvent;
    return file.actor.upcast({ kind: body.kind, version: 1, body });
  };

  test("mean what they meant: a return before the statement never moved", () => {
    const file = fileAt("acknowledged");
    for (const name of ["counted", "settled", "noted"]) file.apply(read(file, name));
    expect(sent(file)).toMatchObject({
      stated: { debitCents: 1_500, creditCents: 400 },
      windowOn: "2026-06-04",
      returned: {
        sureEarly: { debitCents: 0 },
        early: { debitCents: 1_000 },
        perhapsEarly: { debitCents: 1_000 },
        all: { entries: 1 },
        noted: { entries: 1, debitCents: 1_000 },
      },
    });
    // The bank had said either then.
    file.table([
      [settle(2_500), NOTED],
      [settle(1_500), NOTED],
      [close(1_500, 400), NOTED],
    ]);
    expect(file.eventKinds.at(-1)).toBe("FileClosed");
  });

  test("and one after the statement was of settled money", () => {
    const file = fileAt("settled");
    file.apply(read(file, "counted"));
    expect(sent(file).returned).toMatchObject({
      perhapsEarly: { debitCents: 0 },
      all: { entries: 1 },
    });
  });
});
