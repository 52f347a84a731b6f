/** Sizes, names and unfinished work: what a reader meets before the first line of logic. */
import { type Token, tokenize, withoutComments } from "./tokens.ts";
import { type Finding, isTypeScript, liesIn, type Rule, type SourceFile } from "./tree.ts";

/** House-style rule 4: what fits on a screen gets checked. The first folder that fits counts. */
const LINES_MAX: readonly (readonly [folder: string, lines: number])[] = [
  ["wasm/assembly", 700],
  ["test", 600],
  ["actors", 400],
  ["bench", 400],
  ["src", 400],
  ["wasm", 400],
];
const COLUMNS_MAX = 100;

export const ceilings: Rule = {
  name: "ceilings",
  sentence: "no file is longer than its ceiling",
  check: (files) =>
    files.flatMap(({ path, text }): Finding[] => {
      const max = LINES_MAX.find(([folder]) => liesIn(path, folder))?.[1];
      const lines = linesOf(text).length;
      if (max === undefined || lines <= max) return [];
      return [{ path, line: max + 1, fault: `${lines} lines, at most ${max}: split it by noun` }];
    }),
};

export const columns: Rule = {
  name: "columns",
  sentence: "no line of TypeScript is wider than 100 columns",
  check: (files) =>
    files
      .filter(({ path }) => isTypeScript(path))
      .flatMap(({ path, text }) =>
        linesOf(text).flatMap((line, at): Finding[] => {
          const width = line.length > COLUMNS_MAX ? [...line].length : line.length;
          if (width <= COLUMNS_MAX) return [];
          return [{ path, line: at + 1, fault: `${width} columns, at most ${COLUMNS_MAX}` }];
        }),
      ),
};

const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;

export const names: Rule = {
  name: "names",
  sentence: "files and folders of source are named in kebab-case",
  check: (files) =>
    files
      .filter(({ path }) => path.includes("/"))
      .flatMap(({ path }): Finding[] => {
        const odd = path.split("/").find((part) => !KEBAB.test(part));
        return odd === undefined ? [] : [{ path, line: 0, fault: `${odd} is not in kebab-case` }];
      }),
};

/** The marks of open work, taken apart so that this file holds none. */
const MARKS = new RegExp(`\\b(${["TO" + "DO", "FIX" + "ME", "HA" + "CK"].join("|")})\\b`);
/** Three crosses are also an ACH entry class: a mark where a comment begins, or before a colon. */
const CROSSES = new RegExp(`^[/*\\s]*${"X".repeat(3)}\\b|\\b${"X".repeat(3)}:`);

export const marks: Rule = {
  name: "marks",
  sentence: "no comment promises work: open questions are issues",
  check: (files) => files.flatMap((file) => comments(file).flatMap((token) => markIn(file, token))),
};

function markIn({ path }: SourceFile, comment: Token): Finding[] {
  return linesOf(comment.text).flatMap((text, at) => {
    const mark = MARKS.exec(text)?.[0] ?? CROSSES.exec(text)?.[0];
    if (mark === undefined) return [];
    return [{ path, line: comment.line + at, fault: "an open mark: finish it or open an issue" }];
  });
}

/** Comments of TypeScript; of other files every line, since a mark there is in no string. */
function comments({ path, text }: SourceFile): Token[] {
  if (isTypeScript(path)) return tokenize(text).filter(({ kind }) => kind === "comment");
  return path.includes("/") ? [{ kind: "comment", text, line: 1 }] : [];
}

const TEST_WORDS = new Set(["test", "it", "describe"]);
const SWITCHED_OFF = new Set(["xtest", "xit", "xdescribe"]);

export const focus: Rule = {
  name: "focus",
  sentence: "no test is singled out, postponed, or skipped without a condition",
  check: (files) =>
    files
      .filter(({ path }) => liesIn(path, "test") && isTypeScript(path))
      .flatMap((file) => {
        const tokens = withoutComments(tokenize(file.text));
        return tokens.flatMap((_, at) => focusAt(file.path, tokens, at));
      }),
};

/** Looks along `test.concurrent.only` and stops at the first word that is a fault. */
function focusAt(path: string, tokens: readonly Token[], at: number): Finding[] {
  const start = tokens[at];
  if (start?.kind !== "word" || tokens[at - 1]?.text === ".") return [];
  const { line } = start;
  if (SWITCHED_OFF.has(start.text) && tokens[at + 1]?.text === "(") {
    return [{ path, line, fault: `${start.text}: delete the test or mend it` }];
  }
  if (!TEST_WORDS.has(start.text)) return [];
  for (let next = at + 1; tokens[next]?.text === "."; next += 2) {
    const word = tokens[next + 1]?.text ?? "";
    const called = tokens[next + 2]?.text === "(";
    const always = tokens[next + 3]?.text === "true" && tokens[next + 4]?.text === ")";
    if (word === "only" || word === "todo") {
      return [{ path, line, fault: `${start.text}.${word} does not stay` }];
    }
    // `(hasBrowser ? test : test.skip)(...)` and `test.skipIf(...)` have a condition.
    if ((word === "skip" && called) || (word === "skipIf" && called && always)) {
      return [{ path, line, fault: `${start.text}.${word}: skip only where a condition says why` }];
    }
  }
  return [];
}

export const waits: Rule = {
  name: "waits",
  sentence: "no promise is waited for in a loop of the test runner's own (test/failure.ts)",
  check: (files) =>
    files
      .filter(({ path }) => liesIn(path, "test") && isTypeScript(path))
      .flatMap(({ path, text }) => {
        const tokens = withoutComments(tokenize(text));
        return tokens.flatMap(({ text: word, line }, at): Finding[] => {
          const isOdd = word === "rejects" || word === "resolves";
          if (!isOdd || tokens[at - 1]?.text !== "." || tokens[at - 2]?.text !== ")") return [];
          return [{ path, line, fault: `.${word}: take settled() or failureOf()` }];
        });
      }),
};

export const paths: Rule = {
  name: "paths",
  sentence: "no file is sought by the pathname of a URL: a folder's name may hold a blank",
  check: (files) =>
    files
      .filter(({ path }) => isTypeScript(path))
      .flatMap(({ path, text }) => {
        const tokens = withoutComments(tokenize(text));
        const isOdd = (at: number): boolean =>
          ["meta", ".", "url", ")", ".", "pathname"].every(
            (word, step) => tokens[at + step]?.text === word,
          );
        const fault = "take import.meta.dir and join()";
        return tokens.flatMap(({ line }, at) => (isOdd(at) ? [{ path, line, fault }] : []));
      }),
};

export function linesOf(text: string): string[] {
  return text.replace(/\n$/, "").split("\n");
}
