import { afterEach, expect, spyOn, test } from "bun:test";
import { ProgressBar, type ProgressOptions } from "../../src/commands/progress-bar.ts";

const LONG: ProgressOptions = {
  ...{ what: "events", shownMin: 1_000 },
  ...{ isPlainToo: true, isBesideListing: false },
};
const streams = [process.stdout, process.stderr] as const;
const were = streams.map((stream) => stream.isTTY);
afterEach(() => {
  for (const [at, stream] of streams.entries()) stream.isTTY = were[at] ?? false;
});

/** What is written on standard error while all of it is done in steps. */
function said(total: number, options: ProgressOptions | undefined, isTerminal: boolean): string {
  for (const stream of streams) stream.isTTY = isTerminal;
  let text = "";
  const write = spyOn(process.stderr, "write").mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  try {
    const bar = new ProgressBar(total, options);
    for (let step = 0; step < 1_000; step++) bar.add(total / 1_000);
    bar.end();
  } finally {
    write.mockRestore();
  }
  return text;
}

test("a long run draws a bar on a terminal, and wipes it out", () => {
  const text = said(5_000, LONG, true);
  expect(text).toContain(`\r\x1b[K[${"#".repeat(20)}${" ".repeat(20)}] 50 %`);
  expect(text).toEndWith("100 %\r\x1b[K");
  expect(text.match(/\r/g)?.length).toBe(102);
});

test("where nobody watches, it says a plain line now and then", () => {
  const lines = said(5_000, LONG, false).split("\n");
  expect(lines.length).toBe(11);
  expect(lines[0]).toBe("10 % of 5000 events");
  expect(lines.at(-2)).toBe("100 % of 5000 events");
});

test("a short run says nothing, and neither does one of nothing", () => {
  for (const isTerminal of [true, false]) {
    expect(said(999, LONG, isTerminal)).toBe("");
    expect(said(0, { ...LONG, shownMin: 0 }, isTerminal)).toBe("");
  }
});

test("a listing and a bar do not share a terminal", () => {
  expect(said(5_000, { ...LONG, isBesideListing: true }, true)).toBe("");
});

test("bytes are told by a bar or not at all", () => {
  expect(said(64 * 1024 * 1024, undefined, false)).toBe("");
});
