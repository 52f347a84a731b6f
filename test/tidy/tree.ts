/**
 * The source tree as the tidy rules see it: paths from the root of the repository, and texts. Rules
 * are functions from files to findings, so a test can plant an offence in memory.
 */
import { join } from "node:path";
import { Glob } from "bun";

export interface SourceFile {
  /** From the root, with forward slashes: `src/http/lanes.ts`. */
  readonly path: string;
  readonly text: string;
}

export interface Finding {
  readonly path: string;
  /** From 1; 0 speaks of the whole file. */
  readonly line: number;
  /** What is wrong, and what to do instead. */
  readonly fault: string;
}

export interface Rule {
  readonly name: string;
  /** The sentence that the test proves. */
  readonly sentence: string;
  check(files: readonly SourceFile[]): Finding[];
}

export const ROOT = join(import.meta.dir, "../../");
const FOLDERS = "{actors,bench,src,test,wasm}";
/** Source that people write; vectors and built artefacts are data and are not read. */
const SOURCES = new Glob(`${FOLDERS}/**/*.{ts,tsx,mts,cts,js,jsx,mjs,cjs,css,html,sql}`);
const [OF_ROOT, OF_DOCS] = [new Glob("*.md"), new Glob("docs/*.md")];
const ROOT_FILES = ["package.json", "package-lock.json", ".npmrc"];

/** Every source file below the five folders, and the files of the root that have rules. */
export async function readTree(root = ROOT): Promise<SourceFile[]> {
  const found = [SOURCES, OF_ROOT, OF_DOCS].flatMap((glob) => [...glob.scanSync({ cwd: root })]);
  const paths = found.filter((path) => !path.includes("node_modules/"));
  const files = [...ROOT_FILES, ...paths.sort()];
  return Promise.all(
    files.map(async (path) => ({ path, text: await Bun.file(`${root}${path}`).text() })),
  );
}

/** JavaScript counts: no rule is escaped by another ending. */
export function isTypeScript(path: string): boolean {
  return /\.[cm]?[jt]sx?$/.test(path);
}

/** `src/http/lanes.ts` lies in `src/http`; a file itself counts as its own folder. */
export function liesIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

export function liesInAny(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => liesIn(path, folder));
}

/** One line per finding, as an editor can open it. */
export function render(findings: readonly Finding[]): string[] {
  return findings.map(({ path, line, fault }) => `${path}:${line} ${fault}`);
}
