/**
 * Keeps the house (docs/house-style.md): one test per rule over the whole tree, and for every rule
 * the planted offences that it must find and the innocent lines that it must leave alone.
 */
import { describe, expect, test } from "bun:test";
import { densities, PER_1000_LINES_AIM } from "./assertions.ts";
import { PLANTED } from "./planted.ts";
import { RULES } from "./rules.ts";
import { readTree, render } from "./tree.ts";
import { WORDS } from "./words.ts";

const tree = await readTree();

describe("the tree", () => {
  test("is not empty", () => {
    expect(tree.length).toBeGreaterThan(10);
  });

  test.each(RULES.map((rule) => [rule.sentence, rule] as const))("%s", (_, rule) => {
    expect(render(rule.check(tree))).toEqual([]);
  });

  test("its assertion density is printed", () => {
    for (const { folder, lines, assertions, per1000Lines } of densities(tree)) {
      const figure = `${assertions} in ${lines} lines, ${per1000Lines} per 1,000`;
      console.log(`assertions in ${folder}: ${figure} (aim ${PER_1000_LINES_AIM})`);
    }
  });
});

describe("planted", () => {
  test("every rule has offences to catch and innocents to spare", () => {
    for (const { name } of RULES) {
      const samples = PLANTED.filter(({ rule }) => rule === name);
      expect([name, samples.some(({ finds }) => finds > 0)]).toEqual([name, true]);
      expect([name, samples.some(({ finds }) => finds === 0)]).toEqual([name, true]);
    }
  });

  test("every word of the list has its offence", () => {
    const texts = PLANTED.filter(({ rule, finds }) => rule === "vocabulary" && finds > 0)
      .flatMap(({ files }) => Object.values(files))
      .join("\n");
    for (const { not, say } of WORDS) {
      expect([say, not.some((word) => word.test(texts))]).toEqual([say, true]);
    }
  });

  test.each(PLANTED.map((one) => [`${one.rule}: ${one.what}`, one] as const))("%s", (_, one) => {
    const rule = RULES.find(({ name }) => name === one.rule);
    const files = Object.entries(one.files).map(([path, text]) => ({ path, text }));
    expect(render(rule?.check(files) ?? [])).toHaveLength(one.finds);
  });
});
