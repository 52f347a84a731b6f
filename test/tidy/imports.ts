/**
 * Every way in which one file can name another: import and re-export declarations, type-only ones
 * included; `import()` as a value and as a type; `import x = require()`; `new Worker()` and
 * `new URL(..., import.meta.url)`; `import.meta.resolve()`; triple-slash references; scripts and
 * styles of a page.
 */
import { type Token, tokenize, withoutComments } from "./tokens.ts";
import type { SourceFile } from "./tree.ts";

export interface Import {
  /** As written between the quotes. */
  readonly specifier: string;
  readonly line: number;
  /**
   * `type` leaves nothing at run time; `dynamic` runs only when reached; `static` always runs.
   * `import { type A }` counts as static: under verbatimModuleSyntax it still loads the file.
   */
  readonly how: "static" | "type" | "dynamic";
}

/** The specifier of an import whose file is not named by a plain string. */
export const UNREADABLE = "(not a plain string)";

export function importsOf(file: SourceFile): Import[] {
  if (file.path.endsWith(".html")) return importsOfPage(file.text);
  if (file.path.endsWith(".css") || file.path.endsWith(".sql")) return [];
  const all = tokenize(file.text);
  const tokens = withoutComments(all);
  const found = [...references(all)];
  tokens.forEach((token, at) => {
    if (token.kind !== "word" || isMember(tokens, at)) return;
    const one = importAt(tokens, at);
    if (one !== undefined) found.push(one);
  });
  return found;
}

/** All branches: what the word at `at` begins, if that names a file. */
function importAt(tokens: readonly Token[], at: number): Import | undefined {
  const word = tokens[at]?.text;
  if (word === "export") return reExport(tokens, at);
  if (word === "require") return called(tokens, at + 1, "static");
  if (word === "new") return location(tokens, at + 1);
  if (word !== "import") return undefined;
  const next = tokens[at + 1];
  if (next?.text === "(") return importCall(tokens, at);
  if (next?.text === ".") {
    // import.meta.resolve("x"): five tokens before the parenthesis
    const name = tokens[at + 4]?.text;
    return name === "resolve" || name === "require" ? called(tokens, at + 5, "dynamic") : undefined;
  }
  if (next?.kind === "string") return plain(next, "static");
  return declaration(tokens, at);
}

/** `import [type] clause from "x"`, up to the word `from`, or `import x = require("x")`. */
function declaration(tokens: readonly Token[], at: number): Import | undefined {
  // `import type from "x"` imports a default named type; `import type X from` a type.
  const typeOnly = tokens[at + 1]?.text === "type" && tokens[at + 2]?.text !== "from";
  const how = typeOnly || typeNamed(tokens, at) ? "type" : "static";
  for (let next = at + 1; next < tokens.length; next++) {
    const token = tokens[next];
    if (token?.text === "=") return undefined; // `require` is found by itself
    const string = tokens[next + 1];
    if (token?.text === "from" && string?.kind === "string") return plain(string, how);
    if (token?.text === ";") return undefined;
  }
  return undefined;
}

/** `import type from from "x"`: a type named `from`. */
function typeNamed(tokens: readonly Token[], at: number): boolean {
  return (
    tokens[at + 1]?.text === "type" &&
    tokens[at + 2]?.text === "from" &&
    tokens[at + 3]?.text === "from"
  );
}

/** `export * from`, `export * as ns from`, `export [type] { a, b as c } from`. */
function reExport(tokens: readonly Token[], at: number): Import | undefined {
  const typeOnly = tokens[at + 1]?.text === "type";
  let next = at + (typeOnly ? 2 : 1);
  if (tokens[next]?.text === "*") {
    next += tokens[next + 1]?.text === "as" ? 3 : 1;
  } else if (tokens[next]?.text === "{") {
    while (next < tokens.length && tokens[next]?.text !== "}") next++;
    next++;
  } else {
    return undefined;
  }
  const string = tokens[next + 1];
  if (tokens[next]?.text !== "from" || string?.kind !== "string") return undefined;
  return plain(string, typeOnly ? "type" : "static");
}

/** `import("x")`: a type after `typeof` or before `.Name`, otherwise a value. */
function importCall(tokens: readonly Token[], at: number): Import | undefined {
  const closed = tokens.findIndex((token, index) => index > at && token.text === ")");
  const member = tokens[closed + 1]?.text === "." ? (tokens[closed + 2]?.text ?? "") : "";
  const typeOnly = tokens[at - 1]?.text === "typeof" || /^[A-Z]/.test(member);
  return called(tokens, at + 1, typeOnly ? "type" : "dynamic");
}

/** Worker entries: `new URL("./x.ts", import.meta.url)` and `new Worker("./x.ts")`. */
function location(tokens: readonly Token[], at: number): Import | undefined {
  const name = tokens[at]?.text;
  const string = tokens[at + 2];
  if (tokens[at + 1]?.text !== "(" || string?.kind !== "string") return undefined;
  // An address may also name a folder or data; only source and pages are imported through it.
  const source = /\.(ts|tsx|js|html|wasm)["']$/.test(string.text);
  const beside = source && tokens[at + 3]?.text === "," && tokens[at + 4]?.text === "import";
  if (name !== "Worker" && !(name === "URL" && beside)) return undefined;
  return plain(string, "dynamic");
}

/** The one argument of a call; anything but a string cannot be checked and says so. */
function called(tokens: readonly Token[], at: number, how: Import["how"]): Import | undefined {
  const open = tokens[at];
  const argument = tokens[at + 1];
  if (open?.text !== "(" || argument === undefined) return undefined;
  const follows = tokens[at + 2]?.text;
  const alone = argument.kind === "string" && (follows === ")" || follows === ",");
  return alone ? plain(argument, how) : { specifier: UNREADABLE, line: open.line, how };
}

function plain(token: Token, how: Import["how"]): Import {
  const specifier = token.text.slice(1, -1);
  return { specifier: specifier.includes("\\") ? UNREADABLE : specifier, line: token.line, how };
}

/** A word after a dot is a member, whatever its name; after `...` it is not. */
function isMember(tokens: readonly Token[], at: number): boolean {
  const before = tokens[at - 1]?.text;
  return before === "." || before === "?.";
}

function* references(tokens: readonly Token[]): Generator<Import> {
  for (const { kind, text, line } of tokens) {
    if (kind !== "comment") continue;
    const found = /^\/\/\/\s*<reference\s+(path|types)\s*=\s*["']([^"']+)["']/.exec(text);
    const specifier = found?.[2];
    if (specifier !== undefined) yield { specifier, line, how: "type" };
  }
}

function importsOfPage(text: string): Import[] {
  return [...text.matchAll(/\s(?:src|href)\s*=\s*["'](\.{1,2}\/[^"']+)["']/g)].map((match) => ({
    specifier: match[1] ?? UNREADABLE,
    line: text.slice(0, match.index).split("\n").length,
    how: "static",
  }));
}

/** The path that a relative specifier names, from the root; undefined for a package. */
export function resolve(from: string, specifier: string): string | undefined {
  if (!/^\.{1,2}(\/|$)/.test(specifier)) return undefined;
  const parts = from.split("/").slice(0, -1);
  for (const part of specifier.replace(/[?#].*$/, "").split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  return parts.join("/");
}
