import { describe, expect, test } from "bun:test";
import { brief, machineLine, table, whole } from "../../bench/table.ts";

describe("figures", () => {
  test.each([
    [0.4, "0"],
    [999.6, "1,000"],
    [14_322.7, "14,323"],
    [1_234_567, "1,234,567"],
  ])("%p in whole is %p", (figure, text) => expect(whole(figure)).toBe(text));

  test.each([
    [0.0712, "0.07"],
    [1.564, "1.56"],
    [8.44, "8.4"],
    [38.6, "39"],
    [120.4, "120"],
  ])("%p in brief is %p", (figure, text) => expect(brief(figure)).toBe(text));
});

test("a table has its names to the left and its figures to the right", () => {
  const rows = [
    ["", "per s"],
    ["echo", "9"],
    ["approvals", "12,345"],
  ];
  expect(table(rows)).toBe("            per s\necho            9\napprovals  12,345\n");
});

test("the machine is told in one line", () => {
  const machine = {
    ...{ cpu: "CPU", cores: 2, system: "linux x64", bun: "1.2.3", loadAverage: 0.456 },
    ...{ source: "", isVolatile: false },
  };
  const line = "CPU, 2 cores, linux x64, Bun 1.2.3, load 0.46";
  expect(machineLine(machine)).toBe(line);
  const measured = { ...machine, source: "1a2b3c4+", isVolatile: true };
  expect(machineLine(measured)).toBe(
    `${line}, source 1a2b3c4+, files in memory: nothing is durable, set TMPDIR to a disk`,
  );
});
