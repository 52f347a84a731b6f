/** One word per meaning (house-style rule 8): the list of words.ts over the product's source. */
import { linesOf } from "./shape.ts";
import { type Finding, liesInAny, type Rule } from "./tree.ts";
import { SOURCES, WORDS } from "./words.ts";

export const vocabulary: Rule = {
  name: "vocabulary",
  sentence: "the words are those of the house style",
  check: (files) =>
    files
      .filter(({ path }) => liesInAny(path, ["actors", "src", "wasm"]))
      .flatMap(({ path, text }) =>
        linesOf(text).flatMap((line, at) =>
          faultsOf(path, line).map((fault): Finding => ({ path, line: at + 1, fault })),
        ),
      ),
};

function faultsOf(path: string, line: string): string[] {
  if (SOURCES.test(line)) return [];
  return WORDS.flatMap(({ not, say, why, except = [], outside, inside }) => {
    if (outside?.test(path) || inside?.test(path) === false) return [];
    const ours = except.reduce((rest, theirs) => rest.replaceAll(theirs, ""), line);
    const found = not.map((word) => word.exec(ours)?.[0]).find((word) => word !== undefined);
    return found === undefined ? [] : [`"${found}": say ${say} (${why})`];
  });
}
