/** Runs that people asked for: numbered, with name and reason, and with one good end. */
import { expect, test } from "bun:test";
import { collectionRunsActor, PROPOSALS_MAX, RUNS_KEPT_MAX } from "../../actors/collection-runs.ts";
import type { AchFileId } from "../../actors/ids.ts";
import { Drive } from "./drive.ts";
import { NOON_MS } from "./samples.ts";

const FILE = "ach_20261123_A" as AchFileId;
const runs = () => new Drive(collectionRunsActor, "desk", NOON_MS);
const said = { kind: "AskRun", note: "a phone call" } as const;
const ask = { ...said, order: { run: "cut_off" }, persons: "one" } as const;
const importing = (inbound: string, persons: "one" | "two" = "two") => {
  return { ...said, order: { run: "import", inbound }, persons } as const;
};
const describe = { kind: "DescribeRuns" } as const;
const end = (number: number, fault: string | null, fileId: AchFileId | null = null) => {
  return { kind: "EndRun", number, fault, fileId } as const;
};

test("each has its number, who asked and why, and how it ended", () => {
  const drive = runs();
  drive.principal = "desk:alice";
  drive.table([
    [ask, { number: 1 }],
    [importing("abc", "one"), { number: 2 }],
    1_000,
    [end(1, null, FILE), "noted"],
    [
      describe,
      {
        runs: [
          {
            ...{ number: 1, order: { run: "cut_off" }, note: "a phone call", by: "desk:alice" },
            ...{ askedAtMs: NOON_MS, end: { fileId: FILE, fault: null, atMs: NOON_MS + 1_000 } },
          },
          { number: 2, order: { run: "import", inbound: "abc" }, end: null },
        ],
      },
    ],
  ]);
});

test("one that failed may end well later, and one that ended well stays so", () => {
  const drive = runs().table([
    [ask, { number: 1 }],
    [end(1, "Fault"), "noted"],
    [describe, { runs: [{ end: { fault: "Fault" } }] }],
    [end(1, null, FILE), "noted"],
    [end(1, "Fault"), "noted"],
    [end(7, null), "noted"],
    [describe, { runs: [{ end: { fault: null, fileId: FILE } }] }],
  ]);
  expect(drive.eventKinds).toEqual(["RunAsked", "RunEnded", "RunEnded"]);
});

test("what is imported is read when another person imports the same", () => {
  const drive = runs();
  const as = (name: string) => {
    drive.principal = `desk:${name}`;
    return drive;
  };
  as("alice").table([
    [importing("abc"), "import_proposed"],
    [importing("abc"), "second_person_needed"],
    [importing("def"), "import_proposed"],
  ]);
  as("bob").table([
    [importing("abc"), { kind: "run_asked", number: 1 }],
    // Agreed to once: the same bytes again are another proposal.
    [importing("abc"), "import_proposed"],
  ]);
  as("alice").table([
    [importing("def"), "second_person_needed"],
    [importing("abc"), { kind: "run_asked", number: 2 }],
  ]);
  for (let count = 0; count < PROPOSALS_MAX; count++) drive.tell(importing(`${count}`));
  as("bob").table([[importing("def"), "import_proposed"]]);
  expect(drive.state.proposals).toHaveLength(PROPOSALS_MAX);
});

test("the newest are kept", () => {
  const drive = runs();
  for (let count = 0; count < RUNS_KEPT_MAX + 3; count++) drive.tell(ask);
  const { runs: kept } = drive.state;
  expect([kept.length, kept[0]?.number, kept.at(-1)?.number]).toEqual([
    RUNS_KEPT_MAX,
    4,
    RUNS_KEPT_MAX + 3,
  ]);
});
