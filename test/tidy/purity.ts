/**
 * An actor is two pure, synchronous functions (house-style rule 1): time, randomness and ids arrive
 * in `meta` and the command, and nothing is kept between two calls.
 */
import { type Token, tokenize, withoutComments } from "./tokens.ts";
import { type Finding, isTypeScript, liesIn, type Rule, type SourceFile } from "./tree.ts";

/** Free words that reach outside. A member or a key of the same name is no fault. */
const OUTSIDE: Readonly<Record<string, string>> = {
  ...named("Date performance", "the time is `meta.nowMs`"),
  ...named("crypto", "randomness and verdicts arrive in the command"),
  ...named("process Bun global globalThis require eval", "an actor knows no runtime"),
  ...named("fetch WebSocket console", "what leaves an actor is an effect"),
  ...named("setTimeout setInterval setImmediate queueMicrotask", "ask for a timer by an effect"),
  ...named("async await Promise", "an actor never waits"),
};
/** These read the clock, the time zone or the language of the machine. */
const MEMBERS: Readonly<Record<string, string>> = {
  ...named("resolvedOptions", "the machine's time zone is not the customer's"),
  ...named("toLocaleString toLocaleDateString toLocaleTimeString", "formatting is for src/"),
};

export const purity: Rule = {
  name: "purity",
  sentence:
    "actors have no clock, no randomness, no runtime, no waiting and no memory of their own",
  check: (files) =>
    files
      .filter(({ path }) => liesIn(path, "actors") && isTypeScript(path))
      .flatMap((file) => checkFile(file)),
};

function checkFile({ path, text }: SourceFile): Finding[] {
  const tokens = withoutComments(tokenize(text));
  const findings: Finding[] = [];
  let depth = 0;
  tokens.forEach((token, at) => {
    if (token.kind === "template") depth += opens(token.text) - closes(token.text);
    if (token.kind === "punctuation") {
      if ("{([".includes(token.text)) depth++;
      if ("})]".includes(token.text)) depth--;
    }
    const fault = token.kind === "word" ? faultOf(tokens, at, depth) : undefined;
    if (fault !== undefined) findings.push({ path, line: token.line, fault });
  });
  return findings;
}

function faultOf(tokens: readonly Token[], at: number, depth: number): string | undefined {
  const word = tokens[at]?.text ?? "";
  const next = tokens[at + 1]?.text;
  const member = tokens[at - 1]?.text === "." || tokens[at - 1]?.text === "?.";
  if (member) {
    if (Object.hasOwn(MEMBERS, word)) return `${word}: ${MEMBERS[word]}`;
    const clock = word === "format" && next === "(" && tokens[at + 2]?.text === ")";
    if (clock) return "format() of no date formats the present: pass the time";
    if (word === "DateTimeFormat" && !names(tokens, at + 1, "timeZone")) {
      return "DateTimeFormat without a timeZone takes the machine's";
    }
    return undefined;
  }
  if (isKey(tokens, at)) return undefined;
  if (Object.hasOwn(OUTSIDE, word)) return `${word}: ${OUTSIDE[word]}`;
  if (word === "import" && next === ".") return "import.meta: an actor knows no runtime";
  const of = tokens[at + 2]?.text;
  if (word === "Math" && (next !== "." || of === "random"))
    return "Math is used by its pure members";
  if (word === "Temporal" && (next !== "." || of === "Now")) return "the time is `meta.nowMs`";
  if ((word === "let" || word === "var") && depth === 0)
    return "an actor keeps no state of its own";
  return undefined;
}

/** Does the call that opens at `at` mention this word? */
function names(tokens: readonly Token[], at: number, word: string): boolean {
  let depth = 0;
  for (const token of tokens.slice(at)) {
    if (token.text === "(") depth++;
    if (token.text === ")" && --depth <= 0) return false;
    if (token.text === word) return true;
    if (depth === 0) return false;
  }
  return false;
}

/** `{ process: 1 }`, `readonly date?: X`: the name of a field, not a use. */
function isKey(tokens: readonly Token[], at: number): boolean {
  const before = tokens[at - 1]?.text ?? "";
  const after = tokens[at + 1]?.text;
  const named = after === ":" || (after === "?" && tokens[at + 2]?.text === ":");
  return named && ["{", ",", ";", "(", "readonly"].includes(before);
}

function opens(template: string): number {
  return template.endsWith("${") ? 1 : 0;
}

function closes(template: string): number {
  return template.startsWith("}") ? 1 : 0;
}

function named(words: string, why: string): Record<string, string> {
  return Object.fromEntries(words.split(" ").map((word) => [word, why]));
}
