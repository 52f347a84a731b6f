import { describe, expect, test } from "bun:test";
import { accountRef } from "../../actors/account-state.ts";
import {
  type AchFileCommand,
  achFileActor,
  achFileId,
  isEveryReturnNoted,
  type SentFile,
} from "../../actors/ach-file.ts";
import { AssertionFailed } from "../../actors/assert.ts";
import { cents } from "../../actors/money.ts";
import { DEFAULT_POLICY } from "../../actors/policy.ts";
import { date } from "./collecting.ts";
import { Drive } from "./drive.ts";
import { accountId, NOON_MS } from "./samples.ts";

const ID = achFileId(date("2026-06-01"), "A");
const OPEN: AchFileCommand = {
  kind: "OpenFile",
  createdOn: date("2026-06-01"),
  modifier: "A",
  effectiveOn: date("2026-06-02"),
};
const SHA = "0f".repeat(32);

const build = (debit = 2_500, credit = 400, entries = 3, sha256 = SHA): AchFileCommand => ({
  kind: "BuildFile",
  totals: { entries, debitCents: cents(debit), creditCents: cents(credit) },
  sha256,
  sealed: "vault-file",
});
const HAND_OVER: AchFileCommand = { kind: "HandOverFile" };
const ACCEPT: AchFileCommand = { kind: "AcknowledgeFile", outcome: "accepted", note: "bank" };
const REJECT: AchFileCommand = { kind: "AcknowledgeFile", outcome: "rejected", note: "bank" };
const settle = (debit = 2_500, credit = 400): AchFileCommand => ({
  kind: "SettleFile",
  debitCents: cents(debit),
  creditCents: cents(credit),
});
const close = (debit = 2_500, credit = 400): AchFileCommand => ({
  kind: "CloseFile",
  debitCents: cents(debit),
  creditCents: cents(credit),
});
const OWNER = accountRef(accountId(1));
const count = (amount: number, direction: "debit" | "credit" = "debit"): AchFileCommand => ({
  kind: "CountReturn",
  direction,
  amountCents: cents(amount),
  owner: OWNER,
  command: { kind: "ReturnEntry", isSettled: false },
});
const note = (amount: number, direction: "debit" | "credit" = "debit"): AchFileCommand => ({
  kind: "NoteReturn",
  direction,
  amountCents: cents(amount),
});
const forwarded = (isSettled: boolean) => ({
  kind: "ReturnEntry",
  isSettled,
  to: `account:${OWNER.id}`,
});

const NOTED = "noted";
const WRONG = "file_not_at_this_stage";

type Stage =
  | "vacant"
  | "open"
  | "empty"
  | "built"
  | "handing_over"
  | "acknowledged"
  | "rejected"
  | "settled"
  | "closed";

const WAY: Readonly<Record<Stage, readonly AchFileCommand[]>> = {
  vacant: [],
  open: [OPEN],
  empty: [OPEN, build(0, 0, 0)],
  built: [OPEN, build()],
  handing_over: [OPEN, build(), HAND_OVER],
  acknowledged: [OPEN, build(), HAND_OVER, ACCEPT],
  rejected: [OPEN, build(), HAND_OVER, REJECT],
  settled: [OPEN, build(), HAND_OVER, ACCEPT, settle()],
  closed: [OPEN, build(), HAND_OVER, ACCEPT, settle(), close()],
};

function fileAt(stage: Stage) {
  const file = new Drive(achFileActor(DEFAULT_POLICY), ID, NOON_MS);
  for (const command of WAY[stage]) file.tell(command);
  expect(file.state.kind).toBe(stage);
  return file;
}

function sent(file: ReturnType<typeof fileAt>): SentFile {
  if (!("file" in file.state) || !("totals" in file.state.file)) throw new Error("it was built");
  return file.state.file;
}

describe("a file", () => {
  test("goes from step to step, and tells where it stands", () => {
    const file = fileAt("closed");
    expect(file.eventKinds).toEqual([
      "FileOpened",
      "FileBuilt",
      "FileHandedOver",
      "FileAcknowledged",
      "FileSettled",
      "FileClosed",
    ]);
    // Two banking days after settlement: the last day of ordinary returns.
    expect(file.events[0]).toMatchObject({ effectiveOn: "2026-06-02", windowOn: "2026-06-04" });
    file.table([[{ kind: "DescribeFile" }, { kind: "file", state: { kind: "closed" } }]]);
  });

  // Rows are stages, columns commands: what each is answered.
  test.each<[Stage, ...string[]]>([
    ["vacant", "file", WRONG, WRONG, WRONG, WRONG, WRONG, WRONG],
    ["open", "file", NOTED, WRONG, WRONG, WRONG, WRONG, WRONG],
    ["empty", WRONG, WRONG, WRONG, WRONG, WRONG, WRONG, WRONG],
    ["built", WRONG, NOTED, NOTED, WRONG, WRONG, WRONG, WRONG],
    // Handing over has begun: whoever asks again must not send it again.
    ["handing_over", WRONG, WRONG, WRONG, NOTED, NOTED, WRONG, WRONG],
    ["acknowledged", WRONG, WRONG, WRONG, NOTED, WRONG, NOTED, WRONG],
    ["rejected", WRONG, WRONG, WRONG, WRONG, NOTED, WRONG, NOTED],
    ["settled", WRONG, WRONG, WRONG, WRONG, WRONG, NOTED, NOTED],
    ["closed", WRONG, WRONG, WRONG, WRONG, WRONG, NOTED, NOTED],
  ])("that is %s answers", (stage, ...answers) => {
    const nothing = stage === "rejected" ? close(0, 0) : close();
    const commands = [OPEN, build(), HAND_OVER, ACCEPT, REJECT, settle(), nothing];
    const told = commands.map((command): string => fileAt(stage).tell(command).kind);
    expect(told).toEqual(answers);
  });

  test("says a repeated step again and writes nothing", () => {
    const repeats: readonly [Stage, AchFileCommand][] = [
      ["open", OPEN],
      ["built", build()],
      ["acknowledged", ACCEPT],
      ["rejected", REJECT],
      ["settled", settle()],
      ["closed", settle()],
      ["closed", close()],
    ];
    for (const [stage, command] of repeats) {
      const file = fileAt(stage);
      const { length } = file.events;
      file.tell(command);
      expect([stage, file.events.length]).toEqual([stage, length]);
    }
  });

  test("is built once: other bytes come too late", () => {
    fileAt("built").table([[build(2_500, 400, 3, "1e".repeat(32)), WRONG]]);
  });

  test("of nothing is left empty, whatever its hash", () => {
    const file = fileAt("open").table([[build(0, 0, 0, ""), NOTED]]);
    expect(file.eventKinds.at(-1)).toBe("FileLeftEmpty");
  });
});

describe("the bank's statement", () => {
  const postings = (file: ReturnType<typeof fileAt>) => {
    const last = file.events.at(-1);
    if (last?.kind !== "FileSettled") throw new Error("it was settled");
    return last.entry.postings.map(({ account, side, amountCents }) => {
      return `${side} ${account} ${amountCents}`;
    });
  };

  test("is what was sent, to the cent, and is booked", () => {
    const file = fileAt("acknowledged").table([
      [settle(2_499, 400), { kind: "statement_differs", debitCents: 2_500, creditCents: 400 }],
      [settle(2_501, 400), "statement_differs"],
      [settle(2_500, 399), "statement_differs"],
      [settle(2_500, 401), "statement_differs"],
      [settle(), NOTED],
    ]);
    expect(postings(file)).toEqual([
      "debit cash:bank 2500",
      "credit ach:provisional 2500",
      "debit ach:out 400",
      "credit cash:bank 400",
    ]);
  });

  test("is less what came back before it: that never moved", () => {
    const file = fileAt("acknowledged").table([
      [count(1_000), NOTED],
      [count(400, "credit"), NOTED],
      [settle(1_499, 0), "statement_differs"],
      [settle(1_500, 0), NOTED],
    ]);
    expect(postings(file)).toEqual(["debit cash:bank 1500", "credit ach:provisional 1500"]);
  });

  test("may come after returns that the bank made later: in the end it holds the same", () => {
    const file = fileAt("acknowledged").table([
      [count(1_000), NOTED],
      [settle(2_501), "statement_differs"],
      [settle(2_500), NOTED],
    ]);
    expect(postings(file).slice(0, 2)).toEqual([
      "debit cash:bank 1500",
      "credit ach:provisional 1500",
    ]);
  });
});

describe("a return", () => {
  test.each<[Stage, boolean]>([
    ["handing_over", false],
    ["acknowledged", false],
    ["settled", true],
    ["closed", true],
    ["rejected", false],
  ])("of a file that is %s goes to its owner, settled: %p", (stage, isSettled) => {
    const file = fileAt(stage).table([[count(500), NOTED]]);
    expect(file.sent).toEqual([forwarded(isSettled)]);
    expect(file.state.kind).toBe(stage);
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
      [REJECT, WRONG],
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

describe("a file closes", () => {
  test("when collected and returned together are all of it", () => {
    const whole = { kind: "file_not_whole", debitCents: 2_000, creditCents: 400 };
    fileAt("settled").table([
      [count(500), NOTED],
      [close(2_000, 400), whole],
      [note(500), NOTED],
      [close(2_500, 400), "file_not_whole"],
      [close(1_999, 400), "file_not_whole"],
      [close(2_000, 399), "file_not_whole"],
      [close(2_000, 400), NOTED],
    ]);
  });

  test("also when a collection overtook a return, which its owner then does not take back", () => {
    fileAt("settled").table([
      [count(500), NOTED],
      [note(0), NOTED],
      [close(2_500, 400), NOTED],
    ]);
  });

  test("of nothing, when the bank took it back whole", () => {
    expect(() => fileAt("rejected").tell(close(1, 0))).toThrow(
      "nothing of a rejected file is collected",
    );
  });
});

test("what a file must be told is asserted", () => {
  const other = new Drive(achFileActor(DEFAULT_POLICY), "ach_20260601_B", NOON_MS);
  expect(() => other.tell(OPEN)).toThrow("a file is opened under its own name");
  expect(() => fileAt("open").tell(build(1, 0, 1, "short"))).toThrow(
    "a file is known by the hash of its bytes",
  );
  expect(() => achFileId(date("2026-06-01"), "AA")).toThrow("one letter or digit");
  const { actor } = other;
  const opened = fileAt("open").events[0];
  if (opened === undefined) throw new Error("it was opened");
  expect(() => actor.apply(fileAt("open").state, opened)).toThrow("a file is opened once");
  expect(() => actor.upcast({ kind: "FileClosed", version: 2, body: {} })).toThrow(AssertionFailed);
});
