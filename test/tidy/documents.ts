/**
 * What a document or a comment sends its reader to is there: the documents of the repository, and
 * the source files that documents name.
 */
import { linesOf } from "./shape.ts";
import { type Token, tokenize } from "./tokens.ts";
import { type Finding, isTypeScript, type Rule, type SourceFile } from "./tree.ts";

/** `docs/money.md` or `README.md`, in a comment or in a document. */
const DOCUMENT = /(?<![\w/.-])(?:docs\/)?[\w-]+\.md\b/g;
/** A source file between backticks: whole, or from some folder on (`http/lanes.ts`). */
const SOURCE = /`((?:[\w.-]+\/)*[\w.-]+\.ts)`/g;

export const documents: Rule = {
  name: "documents",
  sentence: "every document and every source file that is named is there",
  check(files) {
    const paths = files.map(({ path }) => path);
    return files
      .filter(({ path }) => isTypeScript(path) || path.endsWith(".md"))
      .flatMap((file) => missingIn(file, paths));
  },
};

function missingIn({ path, text }: SourceFile, paths: readonly string[]): Finding[] {
  const has = (name: string): boolean => paths.includes(name) || paths.includes(`docs/${name}`);
  const lost = (name: string): boolean => !paths.some((other) => `/${other}`.endsWith(`/${name}`));
  const isDocument = path.endsWith(".md");
  const read = isDocument ? [{ text, line: 1 }] : tokenize(text).filter(isComment);
  return read.flatMap(({ text: part, line: from }) =>
    linesOf(part).flatMap((line, at) => {
      const named = [...line.matchAll(DOCUMENT)].map(([name]) => name).filter((name) => !has(name));
      const sources = isDocument ? [...line.matchAll(SOURCE)].map(([, name = ""]) => name) : [];
      return [...named, ...sources.filter(lost)].map((name): Finding => {
        return { path, line: from + at, fault: `there is no ${name}` };
      });
    }),
  );
}

function isComment({ kind }: Token): boolean {
  return kind === "comment";
}
