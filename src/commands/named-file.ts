/** Files that are named on the command line: why one cannot be read or written, in one sentence. */
import { type Stats, statSync } from "node:fs";

/** What the operating system says (errno(3)), for people. */
const WHY: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "there is no such file",
  EISDIR: "it is a folder",
  EACCES: "permission denied",
  EPERM: "permission denied",
};

/** What is told of a file that could not be read. */
export function unreadable(path: string, error: unknown): Error {
  const code = codeOf(error);
  return new Error(`${path} cannot be read: ${WHY[code] ?? code}`);
}

/** What is told of a file that could not be made. */
export function unwritable(path: string, error: unknown): Error {
  const code = codeOf(error);
  if (code === "EEXIST") return new Error(`${path} is there already: nothing was written`);
  const why = code === "ENOENT" || code === "ENOTDIR" ? "there is no such folder" : WHY[code];
  return new Error(`${path} cannot be written: ${why ?? code}`);
}

/** Of a file, or of what is read like one: a pipe. Throws with why it cannot be read. */
export function statNamed(path: string): Stats {
  let found: Stats;
  try {
    found = statSync(path);
  } catch (error) {
    throw unreadable(path, error);
  }
  if (found.isDirectory()) throw unreadable(path, { code: "EISDIR" });
  return found;
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown }).code;
  return typeof code === "string" ? code : "failed";
}
