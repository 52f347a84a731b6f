/** Assertion density (house-style rule 16): what is known is asserted, in the code that decides. */
import { linesOf } from "./shape.ts";
import { tokenize, withoutComments } from "./tokens.ts";
import { type Finding, isTypeScript, liesIn, type Rule, type SourceFile } from "./tree.ts";

const FOLDERS = ["actors", "src/runtime"];
const PER_1000_LINES_MIN = 15;
export const PER_1000_LINES_AIM = 30;
const ASSERTIONS = new Set(["assert", "present", "unreachable"]);

export interface Density {
  readonly folder: string;
  readonly lines: number;
  readonly assertions: number;
  /** Zero for a folder without lines. */
  readonly per1000Lines: number;
}

export const assertions: Rule = {
  name: "assertions",
  sentence: `actors and the runtime assert what they know, ${PER_1000_LINES_MIN} in 1,000 lines`,
  check: (files) =>
    densities(files).flatMap(({ folder, lines, per1000Lines }): Finding[] => {
      if (lines === 0 || per1000Lines >= PER_1000_LINES_MIN) return [];
      const fault = `${per1000Lines} assertions in 1,000 lines, at least ${PER_1000_LINES_MIN}`;
      return [{ path: folder, line: 0, fault }];
    }),
};

export function densities(files: readonly SourceFile[]): Density[] {
  return FOLDERS.map((folder) => {
    const own = files.filter(({ path }) => liesIn(path, folder) && isTypeScript(path));
    const lines = own.reduce((sum, { text }) => sum + linesOf(text).length, 0);
    const count = own.reduce((sum, { text }) => sum + countIn(text), 0);
    const per1000Lines = lines === 0 ? 0 : Math.round((count * 10_000) / lines) / 10;
    return { folder, lines, assertions: count, per1000Lines };
  });
}

/** Calls, not the three definitions. */
function countIn(text: string): number {
  const tokens = withoutComments(tokenize(text));
  return tokens.filter(
    ({ kind, text: word }, at) =>
      kind === "word" &&
      ASSERTIONS.has(word) &&
      tokens[at + 1]?.text === "(" &&
      tokens[at - 1]?.text !== "function",
  ).length;
}
