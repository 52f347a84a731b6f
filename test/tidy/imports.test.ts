// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these strings are samples of source.
import { describe, expect, test } from "bun:test";
import { importsOf, resolve, UNREADABLE } from "./imports.ts";
import { isTypeScript, readTree } from "./tree.ts";

/** The imports of a file as `how specifier`. */
function found(text: string, path = "src/a.ts"): string[] {
  return importsOf({ path, text }).map(({ how, specifier }) => `${how} ${specifier}`);
}

describe("every form of import is found", () => {
  test.each([
    ['import a from "x"', "static x"],
    ['import * as a from "x"', "static x"],
    ['import a, { b as from, type C } from "x"', "static x"],
    ['import { type A } from "x"', "static x"],
    ['import "x"', "static x"],
    ["import'x'", "static x"],
    ['import type { A } from "x"', "type x"],
    ['import type A from "x"', "type x"],
    ['import type * as A from "x"', "type x"],
    ['import type from "x"', "static x"],
    ['import type from from "x"', "type x"],
    ['import {\n  a, // from "y"\n  b,\n} from "x"', "static x"],
    ['import text from "./a.sql" with { type: "text" }', "static ./a.sql"],
    ['import path from "./core.wasm" with { type: "file" }', "static ./core.wasm"],
    ['export * from "x"', "static x"],
    ['export * as a from "x"', "static x"],
    ['export { a, default as b } from "x"', "static x"],
    ['export type { A } from "x"', "type x"],
    ['export type * from "x"', "type x"],
    ['await import("x")', "dynamic x"],
    ['import(/* why */ "x", { with: { type: "json" } })', "dynamic x"],
    ['let a: import("x").A<string>', "type x"],
    ['type A = typeof import("x")', "type x"],
    ['import a = require("x")', "static x"],
    ['const a = require("x")', "static x"],
    ['import.meta.require("x")', "dynamic x"],
    ['import.meta.resolve("x")', "dynamic x"],
    ['new Worker(new URL("./w.ts", import.meta.url))', "dynamic ./w.ts"],
    ['new Worker("./w.ts")', "dynamic ./w.ts"],
    ['/// <reference path="./a.d.ts" />', "type ./a.d.ts"],
    ['/// <reference types="x" />', "type x"],
    ['const a = `${await import("x")}`', "dynamic x"],
    ["await import(`x`)", `dynamic ${UNREADABLE}`],
    ["await import(x)", `dynamic ${UNREADABLE}`],
    ['await import("x" + y)', `dynamic ${UNREADABLE}`],
    ['import "\\x78"', `static ${UNREADABLE}`],
  ])("%s", (text, expected) => {
    expect(found(text)).toEqual([expected]);
    expect(found(`const a = /'/;\n${text};\nconst b = 1 / 2;`)).toEqual([expected]);
  });

  test("scripts and styles of a page", () => {
    const page = '<link href="./a.css">\n<a href="/paid">\n<script src="../b.tsx"></script>';
    expect(found(page, "src/web/index.html")).toEqual(["static ./a.css", "static ../b.tsx"]);
    expect(importsOf({ path: "src/web/index.html", text: page })[1]?.line).toBe(3);
  });
});

describe("nothing else is", () => {
  test.each([
    '// import "x"',
    '/* export * from "x" */',
    "const a = 'import \"x\"';",
    'const a = `import "x" ${b} from "y"`;',
    'const a = /import "x"/;',
    "export { a, b };",
    'export const from = "x";',
    'export default "x";',
    'export type A = "x";\nconst from = "y";',
    "import.meta.url;",
    'table.import("x"); table?.require("y");',
    'new URL("../", import.meta.url);',
    'new URL("./rates.json", import.meta.url);',
    'new URL("/paid", base);',
    'declare module "*.wasm" {}',
  ])("%s", (text) => {
    expect(found(text)).toEqual([]);
  });
});

test("a path is resolved from the folder of its file", () => {
  expect(resolve("src/http/a.ts", "../../actors/lane.ts")).toBe("actors/lane.ts");
  expect(resolve("src/http/a.ts", "./b.ts")).toBe("src/http/b.ts");
  expect(resolve("src/http/a.ts", "./b.css?inline")).toBe("src/http/b.css");
  expect(resolve("actors/a.ts", "..")).toBe("");
  expect(resolve("actors/a.ts", "hono")).toBeUndefined();
});

test("Bun's own scanner knows no import that this one misses", async () => {
  for (const file of (await readTree()).filter(({ path }) => isTypeScript(path))) {
    // AssemblyScript decorates functions, which Bun's scanner cannot read.
    if (file.path.startsWith("wasm/assembly/")) continue;
    const loader = file.path.endsWith(".tsx") ? "tsx" : "ts";
    const text = file.text.replace(/^#!.*/, ""); // Bun runs that line but does not scan it
    const theirs = new Bun.Transpiler({ loader }).scanImports(text).map(({ path }) => path);
    const ours = new Set(importsOf(file).map(({ specifier }) => specifier));
    expect([file.path, ...theirs.filter((path) => !ours.has(path))]).toEqual([file.path]);
  }
});
