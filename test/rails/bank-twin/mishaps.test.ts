import { describe, expect, test } from "bun:test";
import { cents } from "../../../actors/money.ts";
import type { HandOverOutcome, InboundItem } from "../../../src/collection/bank-gateway.ts";
import type { Mishap } from "../../../src/rails/bank-twin/state.ts";
import { answersIn, FRIDAY, NEXT_MONDAY, Rig, TUESDAY, WEDNESDAY } from "./rig.ts";

const R02 = "9990000002";

/** What comes in by the opening of each day, after one file with a debit that is returned. */
async function courseWith(...mishaps: readonly Mishap[]) {
  const rig = new Rig();
  for (const mishap of mishaps) rig.bank.plan(mishap);
  const { outcome } = await rig.sendEntries({ cents: 1_000 }, { account: R02, cents: 50 });
  const days: string[][] = [];
  for (const day of [TUESDAY, WEDNESDAY, FRIDAY, NEXT_MONDAY]) {
    rig.openingOf(day);
    days.push((await rig.take()).map(describeItem));
  }
  return { outcome, days, balanceCents: rig.bank.books().balanceCents as number };
}

function describeItem(item: InboundItem): string {
  if (item.kind === "acknowledgement") return item.outcome;
  if (item.kind === "returns") return `${item.bytes.length} bytes`;
  return `${item.date} ${item.lines.map(({ debitCents }) => debitCents).join(" ")}`;
}

const ACCEPTED = "accepted";
const STATEMENT = `${TUESDAY} 1050`;
const WHOLE = "950 bytes";

// biome-ignore format: a table is read by its columns.
const COURSES: readonly (readonly [
  what: string, outcome: HandOverOutcome, days: string[][],
  mishaps: readonly Mishap[], balance?: number,
])[] = [
  ["nothing", ACCEPTED, [[ACCEPTED, STATEMENT], [WHOLE], [], []], []],
  ["the file is rejected", "rejected", [["rejected"], [], [], []],
    [{ kind: "file_rejected" }], 0],
  ["the file is lost", "unknown", [[], [], [], []], [{ kind: "file_lost" }], 0],
  ["the answer is lost, and the acknowledgement accepts", "unknown",
    [[ACCEPTED, STATEMENT], [WHOLE], [], []], [{ kind: "outcome_unknown" }]],
  ["the answer is lost, and the acknowledgement rejects", "unknown", [["rejected"], [], [], []],
    [{ kind: "outcome_unknown" }, { kind: "file_rejected" }], 0],
  ["the acknowledgement is lost", ACCEPTED, [[STATEMENT], [WHOLE], [], []],
    [{ kind: "acknowledgement_lost" }]],
  ["both are lost, and the statement tells", "unknown", [[STATEMENT], [WHOLE], [], []],
    [{ kind: "acknowledgement_lost" }, { kind: "outcome_unknown" }]],
  ["the statement is late", ACCEPTED, [[ACCEPTED], [WHOLE, STATEMENT], [], []],
    [{ kind: "statement_late", bankingDays: 1 }]],
  ["the statement is very late", ACCEPTED, [[ACCEPTED], [WHOLE], [], [STATEMENT]],
    [{ kind: "statement_late", bankingDays: 3 }]],
  ["the statement differs", ACCEPTED, [[ACCEPTED, `${TUESDAY} 1051`], [WHOLE, STATEMENT], [], []],
    [{ kind: "statement_differs", byCents: cents(1) }]],
  ["the statement comes in pieces", ACCEPTED,
    [[ACCEPTED, `${TUESDAY} 525`], [WHOLE, `${WEDNESDAY} 525`], [], []],
    [{ kind: "statement_split" }]],
  ["the returns are cut off", ACCEPTED, [[ACCEPTED, STATEMENT], ["300 bytes"], [WHOLE], []],
    [{ kind: "returns_truncated", bytesKept: 300 }]],
  ["the returns come twice", ACCEPTED, [[ACCEPTED, STATEMENT], [WHOLE], [WHOLE], []],
    [{ kind: "returns_twice" }]],
  ["the returns are held back", ACCEPTED, [[ACCEPTED, STATEMENT], [], [WHOLE], []],
    [{ kind: "returns_out_of_order" }]],
];

describe("a mishap changes what is told, and no money but that of a file that is not taken", () => {
  test.each(COURSES)("%s", async (_, outcome, days, mishaps, balanceCents = 1_000) => {
    expect(await courseWith(...mishaps)).toEqual({ outcome, days, balanceCents });
  });
});

test("a mishap happens once, and those of a kind take turns", async () => {
  const rig = new Rig();
  rig.bank.plan({ kind: "file_rejected" });
  rig.bank.plan({ kind: "file_lost" });
  const outcomes: string[] = [];
  for (let file = 0; file < 3; file++) outcomes.push((await rig.sendEntries({})).outcome);
  expect(outcomes).toEqual(["rejected", "unknown", "accepted"]);
});

test("planned twice, it happens twice", async () => {
  const rig = new Rig();
  const mishap: Mishap = { kind: "file_rejected" };
  rig.bank.plan(mishap);
  rig.bank.plan(mishap);
  const outcomes: string[] = [];
  for (let file = 0; file < 3; file++) outcomes.push((await rig.sendEntries({})).outcome);
  expect(outcomes).toEqual(["rejected", "rejected", "accepted"]);
});

test("a file that was lost may be handed over again", async () => {
  const rig = new Rig();
  rig.bank.plan({ kind: "file_lost" });
  const { name, bytes } = await rig.sendEntries({});
  expect(await rig.bank.handOver(name, [bytes])).toBe("accepted");
  expect(rig.bank.books().duplicates).toBe(0);
});

test("a file whose answer was lost is a duplicate the second time, and told of", async () => {
  const rig = new Rig();
  rig.bank.plan({ kind: "outcome_unknown" });
  const { name, bytes, outcome } = await rig.sendEntries({});
  expect(outcome).toBe("unknown");
  expect(await rig.bank.handOver(name, [bytes])).toBe("accepted");
  expect(rig.bank.books().duplicates).toBe(1);
});

test("a planned mishap spares what happened before it", async () => {
  const rig = new Rig();
  await rig.sendEntries({ account: R02 });
  rig.openingOf(WEDNESDAY);
  rig.bank.plan({ kind: "returns_out_of_order" });
  expect(await rig.takeAnswers()).toHaveLength(1);
});

test("held back, a file comes behind that of the next banking day", async () => {
  const rig = new Rig();
  rig.bank.plan({ kind: "returns_out_of_order" });
  await rig.sendEntries({ account: R02 });
  rig.openingOf(TUESDAY);
  await rig.sendEntries({ account: R02 });
  rig.openingOf(FRIDAY);
  expect(await rig.takeAnswers()).toEqual(["R02 26 1299 of 2 by 2", "R02 26 1299 of 1 by 1"]);
});

test("the same bytes come twice, under two ids", async () => {
  const rig = new Rig();
  rig.bank.plan({ kind: "returns_twice" });
  await rig.sendEntries({ account: R02 });
  rig.openingOf(FRIDAY);
  const files = (await rig.take()).filter((item) => item.kind === "returns");
  expect(files).toHaveLength(2);
  expect(files[1]?.bytes).toEqual(files[0]?.bytes ?? new Uint8Array(0));
  expect(files[1]?.id).not.toBe(files[0]?.id ?? "");
});

test("of a file that is cut off, what is left is the beginning, and can be read", async () => {
  const rig = new Rig();
  rig.bank.plan({ kind: "returns_truncated", bytesKept: 95 * 4 + 40 });
  await rig.sendEntries({ account: R02 }, { account: R02 });
  rig.openingOf(FRIDAY);
  const [cut, whole] = (await rig.take()).filter((item) => item.kind === "returns");
  if (cut === undefined || whole === undefined) throw new Error("two files came");
  expect(cut.bytes).toEqual(whole.bytes.subarray(0, cut.bytes.length));
  const first = "R02 26 1299 of 1 by 1";
  expect((await answersIn(cut.bytes)).filter((answer) => answer.startsWith("R"))).toEqual([first]);
  expect(await answersIn(whole.bytes)).toEqual([first, "R02 26 1299 of 2 by 2"]);
});
