/** Runs the real command line in processes of its own, as an operator's shell would. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const ROOT = join(import.meta.dir, "../../");
const MAIN = join(ROOT, "src/main.ts");
/** A command that has not ended by then hangs. */
const RUN_MS_MAX = 30_000;

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** What is typed; nothing where it is left out. */
  readonly input?: string;
}

/**
 * Only what a program needs: no SEQR_ variable of the developer gets in. How the engine runs is the
 * same for the tests and for what they start.
 */
export function cleanEnvironment(more: Readonly<Record<string, string>> = {}) {
  const { PATH = "", HOME = "/" } = process.env;
  const engine = Object.entries(process.env).flatMap(([name, value]): [string, string][] => {
    return name.startsWith("BUN_JSC_") && value !== undefined ? [[name, value]] : [];
  });
  return { PATH, HOME, TMPDIR: tmpdir(), ...Object.fromEntries(engine), ...more };
}

export function spawnSeqr(words: readonly string[], { cwd, environment, input }: RunOptions = {}) {
  return Bun.spawn([process.execPath, MAIN, ...words], {
    cwd: cwd ?? ROOT,
    env: cleanEnvironment(environment),
    stdin: input === undefined ? "ignore" : new TextEncoder().encode(input),
    stdout: "pipe",
    stderr: "pipe",
  });
}

/** Runs a command to its end. The code is 137 (killed) where it does not end by itself. */
export async function seqr(words: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const child = spawnSeqr(words, options);
  const tooLong = setTimeout(() => child.kill("SIGKILL"), RUN_MS_MAX);
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  clearTimeout(tooLong);
  return { code, stdout, stderr };
}

/** Asserts nothing but fails loudly: for the steps that lead to what is tested. */
export async function seqrOk(words: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await seqr(words, options);
  if (code !== 0) throw new Error(`seqr ${words.join(" ")} ended with ${code}: ${stderr}`);
  return stdout.trim();
}

export interface Folder {
  readonly path: string;
  remove(): void;
}

export function temporaryFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), "seqr-test-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A data directory made by the commands themselves, and the desk key of its operator. */
export async function makeDataDir(dataDir: string): Promise<string> {
  await seqrOk(["init", "--data", dataDir]);
  return await seqrOk(["operator", "add", "alice", "--data", dataDir]);
}

/** True for the marks of a crash that nobody caught. */
export function hasStackTrace(text: string): boolean {
  return /^\s+at .*:\d+:\d+/m.test(text) || /\bBun v\d/.test(text);
}
