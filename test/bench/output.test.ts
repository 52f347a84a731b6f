/** What `--save` keeps: figures that can be compared by eye, and counts as they are. */
import { expect, test } from "bun:test";
import { rounded } from "../../bench/output.ts";

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
