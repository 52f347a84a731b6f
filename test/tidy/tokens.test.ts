// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these strings are samples of source.
import { describe, expect, test } from "bun:test";
import { tokenize } from "./tokens.ts";

/** The tokens as `kind:text`, words and punctuation without their kind. */
function scan(text: string): string[] {
  return tokenize(text).map(({ kind, text: written }) =>
    kind === "word" || kind === "punctuation" ? written : `${kind}:${written}`,
  );
}

describe("strings, comments and templates hide what is in them", () => {
  test.each([
    ["quotes inside quotes", `"a'b" 'c"d'`, [`string:"a'b"`, `string:'c"d'`]],
    ["escaped quotes", '"a\\"b" c', ['string:"a\\"b"', "c"]],
    ["a comment mark in a string", '"//" /* "x" */ a', ['string:"//"', 'comment:/* "x" */', "a"]],
    ["a quote in a comment", "a // don't\nb", ["a", "comment:// don't", "b"]],
    ["a first line for the shell", "#!/usr/bin/env bun\na", ["comment:#!/usr/bin/env bun", "a"]],
    ["a string that its line ends", "'a\nb", ["string:'a", "b"]],
    ["a comment that the file ends", "a /* b", ["a", "comment:/* b"]],
    ["a plain template", "`a 'b` c", ["template:`a 'b`", "c"]],
  ])("%s", (_, text, tokens) => {
    expect(scan(text)).toEqual(tokens);
  });

  test("code inside a template is code, at any depth", () => {
    expect(scan("`a${b({c: `d${e}`})}f` + g")).toEqual([
      "template:`a${",
      ..."b ( { c :".split(" "),
      "template:`d${",
      "e",
      "template:}`",
      ..."} )".split(" "),
      "template:}f`",
      "+",
      "g",
    ]);
  });

  test("a template may escape its own marks", () => {
    expect(scan("`a\\`b\\${c}$` d")).toEqual(["template:`a\\`b\\${c}$`", "d"]);
  });
});

describe("a slash is a division or a regular expression", () => {
  test.each([
    ["after a value", "a / b / c", ["a", "/", "b", "/", "c"]],
    ["after a call", "f() / 2 / 3", ["f", "(", ")", "/", "number:2", "/", "number:3"]],
    ["after an index", "a[0] / 2 / b", ["a", "[", "number:0", "]", "/", "number:2", "/", "b"]],
    ["after a step", "a++ / b / c", ["a", "++", "/", "b", "/", "c"]],
    ["after an equals sign", "a = /b'c/g;", ["a", "=", "regex:/b'c/g", ";"]],
    ["after return", "return /`/.test(a)", ["return", "regex:/`/", ".", "test", "(", "a", ")"]],
    ["after a condition", "if (a) /'/.test(b)", ["if", "(", "a", ")", "regex:/'/", ".", "test"]],
    ["with a slash in a class", "(/[/'\\]]/)", ["(", "regex:/[/'\\]]/", ")"]],
    ["inside a template", "`${/}`/}`", ["template:`${", "regex:/}`/", "template:}`"]],
    ["ends of elements", "<b>c</b><d />", ["<", "b", ">", "c", "<", "/", "b", ">", "<", "d", "/"]],
  ])("%s", (_, text, tokens) => {
    expect(scan(text).slice(0, tokens.length)).toEqual(tokens);
  });
});

test("every token knows its line", () => {
  const lines = tokenize("a\n/* b\n */ `c\n${d}\n` e").map(({ text, line }) => [text[0], line]);
  expect(lines).toEqual([
    ["a", 1],
    ["/", 2],
    ["`", 3],
    ["d", 4],
    ["}", 4],
    ["e", 5],
  ]);
});

test("numbers of every spelling are one token", () => {
  const numbers = ["0xffff_ffff", "1_000", "1.5e-3", ".5", "10n", "0b101"];
  expect(scan(numbers.join(" "))).toEqual(numbers.map((number) => `number:${number}`));
  expect(scan("1..toFixed()")).toContain("toFixed");
});

test("nothing is lost: the tokens and the space between them are the text", async () => {
  const text = await Bun.file(new URL("./tokens.ts", import.meta.url)).text();
  let at = 0;
  for (const token of tokenize(text)) {
    const found = text.indexOf(token.text, at);
    expect(text.slice(at, found).trim()).toBe("");
    at = found + token.text.length;
  }
  expect(text.slice(at).trim()).toBe("");
});
