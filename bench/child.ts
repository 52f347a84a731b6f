/** Servers under measurement: each a process of this same program, with its processor time. */
import { join } from "node:path";
import { cpuMicrosOf, residentBytesOf } from "./process-figures.ts";

/** True in the single binary, where the program itself is the first word of a command. */
export const isBinary = Bun.isStandaloneExecutable;

/** How this program is started again with other words: from source, or as the single binary. */
export function commandOf(words: readonly string[]): string[] {
  if (isBinary) return [process.execPath, ...words];
  return [process.execPath, "run", join(import.meta.dir, "../src/main.ts"), ...words];
}

export interface Child {
  readonly name: string;
  readonly url: string;
  /** Processor time of the whole process so far, in microseconds; undefined where not told. */
  cpuMicros(): number | undefined;
  /** Memory of the process that is in RAM, in bytes; undefined where not told. */
  residentBytes(): number | undefined;
  /** Asks it to end, and waits until it has. */
  stop(): Promise<void>;
  /** Ends it at once (kill -9): what it acknowledged is in the log, or the check fails. */
  kill(): Promise<void>;
}

const START_MS_MAX = 30_000;

/** Starts a script of this folder by itself; the single binary has none, and gives it a word. */
export function startScript(name: string, script: "bare-hono"): Promise<Child> {
  if (isBinary) return startChild(name, ["bench", script]);
  return startCommand(name, [process.execPath, join(import.meta.dir, `${script}.ts`)]);
}

/**
 * Starts `seqr WORDS...` and waits for the line in which it says where it serves. `settings` are
 * `SEQR_*` variables; those of the shell are not passed on. `flags` are the runtime's.
 */
export function startChild(
  name: string,
  words: readonly string[],
  settings: Readonly<Record<string, string>> = {},
  flags: readonly string[] = [],
): Promise<Child> {
  return startCommand(name, commandOf(words), settings, flags);
}

async function startCommand(
  name: string,
  command: string[],
  settings: Readonly<Record<string, string>> = {},
  flags: readonly string[] = [],
): Promise<Child> {
  const child = Bun.spawn(command, {
    env: { ...childEnvironment(flags), ...settings },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  const end = (): void => child.kill("SIGKILL");
  const deadline = setTimeout(end, START_MS_MAX);
  const url = await urlFrom(child.stdout);
  clearTimeout(deadline);
  if (url === undefined) {
    end();
    throw new Error(`${name} did not start: exit code ${await child.exited}`);
  }
  return {
    name,
    url,
    cpuMicros: () => cpuMicrosOf(child.pid),
    residentBytes: () => residentBytesOf(child.pid),
    async stop() {
      child.kill("SIGTERM");
      await child.exited;
    },
    async kill() {
      end();
      await child.exited;
    },
  };
}

/** A measurement must not depend on how the shell that starts it is configured. */
export function childEnvironment(
  flags: readonly string[] = [],
): Record<string, string | undefined> {
  const all = Object.entries(process.env);
  const ours = Object.fromEntries(all.filter(([name]) => !name.startsWith("SEQR_")));
  // However this process ends, its children end with it.
  const options = [process.env["BUN_OPTIONS"] ?? "", "--no-orphans", ...flags];
  return { ...ours, BUN_OPTIONS: options.join(" ").trim() };
}

const LINE_CHARACTERS_MAX = 65_536;

/** The address in the first line `{"event":"serving","url":...}`; undefined when output ends. */
function urlFrom(output: ReadableStream<Uint8Array>): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  void readOn(output, resolve);
  return promise;
}

/**
 * Reads until the process ends: a pipe that nobody reads would stop it. What comes after the
 * address is told, because a server under measurement has no good news.
 */
async function readOn(
  output: ReadableStream<Uint8Array>,
  found: (url: string | undefined) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let head: string | undefined = "";
  for await (const chunk of output) {
    if (head === undefined) {
      process.stderr.write(chunk);
      continue;
    }
    head += decoder.decode(chunk, { stream: true });
    const url = /^\{"event":"serving","url":"([^"]+)".*\}$/m.exec(head)?.[1];
    if (url === undefined && head.length < LINE_CHARACTERS_MAX) continue;
    head = undefined;
    found(url);
  }
  found(undefined);
}
