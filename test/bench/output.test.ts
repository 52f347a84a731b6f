/** What `--save` keeps: figures that can be compared by eye, and counts as they are. */
import { expect, test } from "bun:test";
import { filesOf, rounded } from "../../bench/output.ts";

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

test("a report is kept with its charts, and a quick one beside the full one", () => {
  const kept = (quick: boolean) => filesOf("growth", { payments: 3 }, { cost: "<svg/>" }, quick);
  expect(kept(false)).toEqual({
    "growth.json": '{\n  "payments": 3\n}\n',
    "cost.svg": "<svg/>",
  });
  expect(Object.keys(kept(true))).toEqual(["growth-quick.json", "cost-quick.svg"]);
});
