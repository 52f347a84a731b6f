/** What `--save` keeps: figures that can be compared by eye, and counts as they are. */
import { expect, test } from "bun:test";
import { filesOf, type KeptAs, keptAs, rounded } from "../../bench/output.ts";

test("measured figures keep four digits, counts and texts all of theirs", () => {
  const report = {
    perSecond: 19_159.299481,
    micros: 0.044_449_9,
    requests: 28_672,
    cpu: "1.23456",
  };
  expect(JSON.parse(JSON.stringify(report, rounded))).toEqual({
    perSecond: 19_160,
    micros: 0.04445,
    requests: 28_672,
    cpu: "1.23456",
  });
});

test("a report is kept with its charts, and all others beside the full one", () => {
  const kept = (as: KeptAs) => filesOf("growth", { payments: 3 }, { cost: "<svg/>" }, as);
  expect(kept("full")).toEqual({
    "growth.json": '{\n  "payments": 3\n}\n',
    "cost.svg": "<svg/>",
  });
  expect(Object.keys(kept("quick"))).toEqual(["growth-quick.json", "cost-quick.svg"]);
  expect(Object.keys(kept("failed"))).toEqual(["growth-failed.json", "cost-failed.svg"]);
});

test("only a whole run that holds is full", () => {
  const whole = { quick: false, json: false, save: true };
  expect(keptAs(whole, true)).toBe("full");
  expect(keptAs(whole, false)).toBe("failed");
  expect(keptAs({ ...whole, quick: true }, true)).toBe("quick");
  expect(keptAs({ ...whole, quick: true }, false)).toBe("failed");
  for (const size of [{ accounts: [1_000] }, { payments: 1_000 }, { entries: 1 }, { minutes: 1 }]) {
    expect(keptAs({ ...whole, ...size }, true)).toBe("smaller");
  }
});
