/** No file reaches itself through its imports, types and workers included. */
import { importsOf, resolve } from "./imports.ts";
import { type Finding, isTypeScript, type Rule, type SourceFile } from "./tree.ts";

export const cycles: Rule = {
  name: "cycles",
  sentence: "no import cycle exists, type-only imports included",
  check: (files) => new Walk(edges(files)).run(),
};

/** AssemblyScript leaves the extension out. */
const ENDINGS = ["", ".ts", "/index.ts"];

function edges(files: readonly SourceFile[]): Map<string, string[]> {
  const paths = new Set(files.map(({ path }) => path));
  return new Map(
    files.map((file) => {
      const targets = isSource(file.path) ? importsOf(file) : [];
      return [file.path, targets.flatMap(({ specifier }) => found(file.path, specifier))];
    }),
  );

  function found(from: string, specifier: string): string[] {
    const target = resolve(from, specifier);
    if (target === undefined) return [];
    return ENDINGS.map((ending) => target + ending).filter((path) => paths.has(path));
  }
}

function isSource(path: string): boolean {
  return isTypeScript(path) || path.endsWith(".html");
}

/** Depth first; an import of a file that is still open closes a cycle. */
class Walk {
  readonly #edges: ReadonlyMap<string, readonly string[]>;
  readonly #done = new Set<string>();
  readonly #open: string[] = [];
  readonly #findings: Finding[] = [];

  constructor(edges: ReadonlyMap<string, readonly string[]>) {
    this.#edges = edges;
  }

  run(): Finding[] {
    for (const path of this.#edges.keys()) this.#visit(path);
    return this.#findings;
  }

  #visit(path: string): void {
    const openedAt = this.#open.indexOf(path);
    if (openedAt !== -1) {
      const cycle = [...this.#open.slice(openedAt), path].join(" -> ");
      this.#findings.push({ path, line: 0, fault: `import cycle: ${cycle}` });
      return;
    }
    if (this.#done.has(path)) return;
    this.#open.push(path);
    for (const target of this.#edges.get(path) ?? []) this.#visit(target);
    this.#open.pop();
    this.#done.add(path);
  }
}
