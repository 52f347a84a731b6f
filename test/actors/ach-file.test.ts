import { describe, expect, test } from "bun:test";
import { achFileActor, achFileId } from "../../actors/ach-file.ts";
import type { AchFileCommand } from "../../actors/ach-file-messages.ts";
import { AssertionFailed } from "../../actors/assert.ts";
import { DEFAULT_POLICY } from "../../actors/policy.ts";
import { date } from "./collecting.ts";
import { Drive } from "./drive.ts";
import {
  ABANDON,
  ACCEPT,
  build,
  close,
  count,
  fileAt,
  HAND_OVER,
  LEAVE_OUT,
  NOTED,
  note,
  OPEN,
  REJECT,
  type Stage,
  settle,
  WRONG,
} from "./filing.ts";
import { NOON_MS } from "./samples.ts";

const OPPOSITE = "file_contradicted";

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
    ["empty", "file", WRONG, WRONG, WRONG, WRONG, WRONG, WRONG],
    ["abandoned", WRONG, WRONG, WRONG, WRONG, WRONG, WRONG, NOTED],
    ["built", WRONG, NOTED, NOTED, WRONG, WRONG, WRONG, WRONG],
    // Handing over has begun: whoever asks again must not send it again.
    ["handing_over", WRONG, WRONG, WRONG, NOTED, NOTED, NOTED, WRONG],
    ["acknowledged", WRONG, WRONG, WRONG, NOTED, OPPOSITE, NOTED, WRONG],
    ["rejected", WRONG, WRONG, WRONG, OPPOSITE, NOTED, "statement_differs", NOTED],
    ["settled", WRONG, WRONG, WRONG, NOTED, OPPOSITE, NOTED, NOTED],
    ["closed", WRONG, WRONG, WRONG, NOTED, OPPOSITE, NOTED, NOTED],
  ])("that is %s answers", (stage, ...answers) => {
    const isTakenBack = stage === "rejected" || stage === "abandoned";
    const nothing = isTakenBack ? close(0, 0) : close();
    const commands = [OPEN, build(), HAND_OVER, ACCEPT, REJECT, settle(), nothing];
    const told = commands.map((command): string => fileAt(stage).tell(command).kind);
    expect(told).toEqual(answers);
  });

  test("says a repeated step again and writes nothing", () => {
    const repeats: readonly [Stage, AchFileCommand][] = [
      ["open", OPEN],
      ["built", build()],
      ["acknowledged", ACCEPT],
      ["settled", ACCEPT],
      ["closed", ACCEPT],
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

describe("a file that is not sent", () => {
  test.each<[Stage, typeof NOTED | typeof WRONG]>([
    ["vacant", WRONG],
    ["open", NOTED],
    ["empty", WRONG],
    ["built", NOTED],
    ["abandoned", NOTED],
    ["handing_over", WRONG],
    ["acknowledged", WRONG],
    ["settled", WRONG],
  ])("is given up where it is %s", (stage, answer) => {
    expect(fileAt(stage).tell(ABANDON).kind).toBe(answer);
  });

  test("is closed once, when its owners have taken back what was in it", () => {
    const file = fileAt("abandoned").table([
      [close(0, 0), NOTED],
      [close(0, 0), NOTED],
      [ABANDON, NOTED],
      [OPEN, WRONG],
    ]);
    expect(file.eventKinds.slice(-2)).toEqual(["FileAbandoned", "FileClosed"]);
    expect(() => fileAt("abandoned").tell(close(1, 0))).toThrow("is collected");
  });

  test("gives its name to the next one where it stayed empty, and nobody was in it", () => {
    const file = fileAt("empty").table([
      [OPEN, "file"],
      [build(), NOTED],
    ]);
    expect(file.state.kind).toBe("built");
    fileAt("open").table([
      [LEAVE_OUT, NOTED],
      [build(0, 0, 0), NOTED],
      [OPEN, WRONG],
    ]);
  });
});

describe("an owner of whom an entry cannot be written", () => {
  test("is left out once, and stands in the file until it is built", () => {
    const file = fileAt("open").table([
      [LEAVE_OUT, NOTED],
      [LEAVE_OUT, NOTED],
      [OPEN, { kind: "file", state: { file: { leftOut: [{ rule: "amount: does_not_fit" }] } } }],
      [build(), NOTED],
      [LEAVE_OUT, WRONG],
    ]);
    expect(file.eventKinds).toEqual(["FileOpened", "OwnerLeftOut", "FileBuilt"]);
    expect(() => fileAt("open").tell({ ...LEAVE_OUT, traces: [] } as AchFileCommand)).toThrow();
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
  expect(() => actor.upcast({ kind: "FileClosed", version: 6, body: {} })).toThrow(AssertionFailed);
});
