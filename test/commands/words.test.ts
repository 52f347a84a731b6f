/** The words of the command line: help, versions, and what is none of its words. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { coreName } from "../../wasm/core.ts";
import { hasStackTrace, seqr } from "./cli.ts";

setDefaultTimeout(40_000);
const COMMANDS = [
  "demo",
  "serve",
  "init",
  "operator",
  "keys",
  "clock",
  "collect",
  "files",
  "inbound",
  "exceptions",
  "debts",
  "proposals",
  "returns",
  "merchants",
  "doctor",
  "evidence",
  "ledger",
  "ach",
  "bench",
  "version",
];

describe("help", () => {
  test("lists every command with what it does", async () => {
    const runs = [["help"], ["--help"], ["-h"]].map((words) => seqr(words));
    for (const { code, stdout, stderr } of await Promise.all(runs)) {
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      for (const name of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${name} +[a-z].*`, "m"));
    }
  });

  test("of no command at all is shown, and is no success", async () => {
    const { code, stdout } = await seqr([]);
    expect(code).toBe(2);
    expect(stdout).toContain("seqr COMMAND --help");
  });

  test.each(COMMANDS)("of %s says how it is used, and does nothing else", async (name) => {
    const runs = ["--help", "-h"].map((flag) => seqr([name, flag]));
    for (const { code, stdout, stderr } of await Promise.all(runs)) {
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toStartWith(`seqr ${name}`);
      expect(blocksOfOptions(stdout).filter(({ columns }) => columns.size > 1)).toEqual([]);
    }
  });
});

/** Options that are told one below the other, and the columns where what they do is told. */
function blocksOfOptions(help: string) {
  const blocks = help.split("\n\n").filter((block) => block.startsWith("--"));
  return blocks.map((block) => {
    const lines = block.split("\n").filter((line) => line.startsWith("--"));
    return { block, columns: new Set(lines.map((line) => /^.+? {2,}/.exec(line)?.[0].length)) };
  });
}

describe("what is no word of the command line ends with code 2 and the usage", () => {
  test("an unknown command", async () => {
    const { code, stdout, stderr } = await seqr(["sreve", "--data", "x"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("seqr: no such command: sreve");
    for (const name of COMMANDS) expect(stderr).toContain(`  ${name} `);
  });

  test.each(COMMANDS)("an unknown option, a missing value, a word too many of %s", async (name) => {
    const wrong = [["--colour"], ["one", "two", "three", "four", "five"]];
    if (!["bench", "version"].includes(name)) wrong.push(["--data"]);
    const runs = wrong.map((words) => seqr([name, ...words]));
    for (const { code, stdout, stderr } of await Promise.all(runs)) {
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toStartWith(`seqr ${name}: `);
      expect(stderr).toContain(`\n\nseqr ${name}`);
      expect(hasStackTrace(stderr)).toBe(false);
    }
  });

  test("a benchmark without a name, or of another name", async () => {
    const runs = [["bench"], ["bench", "everything"], ["bench", "--quick"]].map((words) =>
      seqr(words),
    );
    for (const { code, stdout, stderr } of await Promise.all(runs)) {
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toContain("name a benchmark");
      expect(stderr).toContain("NAME: crypto, payments");
    }
  });

  test("a size of a benchmark that is none, or too small to tell anything", async () => {
    const sizes = [
      ["--accounts", "1000,many"],
      ["--accounts", "999"],
      ["--payments", "1e6"],
      ["--minutes", "0"],
      ["--keep", ""],
    ];
    const runs = sizes.map((words) => seqr(["bench", "growth", ...words]));
    for (const { code, stdout, stderr } of await Promise.all(runs)) {
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toMatch(/^seqr bench: (not a number|--keep is empty)/);
    }
  }, 30_000);
});

test("what the parser says is one sentence", async () => {
  const runs = [["--prot", "1"], ["--data"], ["--data", "--port", "1"], ["--port", "-1"]];
  for (const words of runs) {
    const { stderr } = await seqr(["serve", ...words]);
    expect(stderr).toMatch(/^seqr serve: .+\n\nseqr serve --data DIR/);
    expect(stderr).not.toMatch(/positional|ambiguous/);
  }
});

test("version is asked as an option, too", async () => {
  const [word, option] = await Promise.all([seqr(["version"]), seqr(["--version"])]);
  expect(option).toEqual(word);
});

test("version tells program, schema, core and runtime", async () => {
  const { code, stdout, stderr } = await seqr(["version"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^seqr \d+\.\d+\.\d+\nschema [1-9]\d*\ncore .+\nbun \d+\.\d+\.\d+\n$/);
  expect(stdout).toMatch(new RegExp(`\ncore ${coreName()}( \\(.+\\))?\n`));
});
