/** What the documents say of commands, variables, figures and examples is what the program has. */
import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ALARMS } from "../../src/http/alarms.ts";
import { seqrOk } from "./cli.ts";

const ROOT = join(import.meta.dir, "../..");
const textOf = (path: string): Promise<string> => Bun.file(join(ROOT, path)).text();

async function sources(pattern: string): Promise<string> {
  const paths = [...new Bun.Glob(pattern).scanSync({ cwd: ROOT })];
  return (await Promise.all(paths.map(textOf))).join("\n");
}

function wordsIn(text: string, form: RegExp): readonly string[] {
  return [...new Set([...text.matchAll(form)].map(([word]) => word))].sort();
}

test("README.md lists every command, and no other", async () => {
  const help = await seqrOk(["help"]);
  const commands = [...help.matchAll(/^ {2}([a-z]+) /gm)].map(([, name = ""]) => name);
  const readme = await textOf("README.md");
  const listed = [...readme.matchAll(/`npx seqr ([a-z]+)/g)].map(([, name = ""]) => name);
  expect([...new Set(listed)].sort()).toEqual(commands.toSorted());
});

test("docs/operations.md tells every variable of the configuration, and no other", async () => {
  const form = /\bSEQR_[A-Z_]+\b/g;
  const places = ["src/config.ts", "src/commands/desk-call.ts", "wasm/*.ts"];
  const known = wordsIn((await Promise.all(places.map(sources))).join("\n"), form);
  expect(wordsIn(await textOf("docs/operations.md"), form)).toEqual(known);
});

test("every figure that a document speaks of is one of the metrics", async () => {
  const form = /\bseqr_[a-z0-9_]+\b/g;
  const known = new Set(wordsIn(await sources("src/**/*.ts"), form));
  const told = wordsIn(await sources("docs/*.md"), form).filter((name) => name !== "seqr_code");
  expect(told.length).toBeGreaterThan(3);
  expect(told.filter((name) => !known.has(name))).toEqual([]);
});

test("docs/operations.md says of every alarm what to do", async () => {
  const told = wordsIn(await textOf("docs/operations.md"), /(?<=^\| .*)(?<=`)[a-z_]+(?=`)/gm);
  expect(Object.keys(ALARMS).filter((kind) => !told.includes(kind))).toEqual([]);
});

test("what documents call in node_modules/.bin is there", async () => {
  const documents = [await textOf("README.md"), await sources("docs/*.md")].join("\n");
  const called = wordsIn(documents, /node_modules\/\.bin\/[a-z0-9-]+/g);
  expect(called).toContain("node_modules/.bin/bun");
  expect(called.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

test("the examples of docs/protocol.md are the vectors that the tests run", async () => {
  const vectors = await textOf("test/vectors/protocol.json");
  // An example that does not fit its line goes on below, further in than its name.
  const doc = (await textOf("docs/protocol.md")).replace(/(?<=[0-9a-fA-Z])\n {10,}(?=\S)/g, "");
  const examples = wordsIn(doc, /\b[0-9a-f]{20,}\b|\bHTTP:\/\/PAY\.EXAMPLE\/\S+/g);
  expect(examples.length).toBeGreaterThan(10);
  expect(examples.filter((example) => !vectors.includes(example))).toEqual([]);
});
