/** Money is whole cents, branded in one file (house-style rule 11). */
import { type Token, tokenize, withoutComments } from "./tokens.ts";
import { isTypeScript, liesInAny, type Rule } from "./tree.ts";

/** The one file that makes cents and writes them out. */
const MONEY = "actors/money.ts";

export const money: Rule = {
  name: "money",
  sentence: "money is never a float, and cents are branded in actors/money.ts alone",
  check: (files) =>
    files
      .filter(({ path }) => path !== MONEY && isTypeScript(path))
      .filter(({ path }) => liesInAny(path, ["actors", "src"]))
      .flatMap(({ path, text }) => {
        const tokens = withoutComments(tokenize(text));
        return tokens.flatMap((token, at) => {
          const fault = faultOf(tokens, at);
          return fault === undefined ? [] : [{ path, line: token.line, fault }];
        });
      }),
};

function faultOf(tokens: readonly Token[], at: number): string | undefined {
  const token = tokens[at];
  const before = tokens[at - 1];
  const after = tokens[at + 1]?.text;
  if (token?.kind === "word") {
    if (token.text === "parseFloat") return "parseFloat: parse whole cents";
    if (token.text === "toFixed") return "toFixed: use formatCents";
    if (token.text === "Cents" && isCast(before, tokens[at - 2], after)) {
      return "a cast to Cents: use cents(), which checks";
    }
  }
  const hundred = token?.kind === "number" && Number(token.text.replaceAll("_", "")) === 100;
  if (hundred && (before?.text === "*" || after === "*")) {
    return "times 100 makes cents of a float: parse whole cents, or name the constant";
  }
  return undefined;
}

/** `x as Cents`, `x as readonly Cents[]`, and `<Cents>x`, which is no generic argument. */
function isCast(before?: Token, beforeThat?: Token, after?: string): boolean {
  if (before?.text === "as") return true;
  if (before?.text === "readonly" && beforeThat?.text === "as") return true;
  const generic = beforeThat?.kind === "word" && beforeThat.text !== "return";
  return before?.text === "<" && after === ">" && !generic;
}
