/** The form of a mutation: what is done to a good file, and the finding that must come of it. */
import type { AchExpectations } from "../../../src/rails/ach-check/expectations.ts";
import type { AchRule } from "../../../src/rails/ach-check/rules.ts";
import { put } from "./file-maker.ts";

export interface Place {
  readonly line: number;
  readonly from: number;
  readonly to: number;
}

export interface Mutated {
  readonly lines: readonly string[];
  readonly at: Place;
  /** Default: each line ends with LF. */
  readonly ending?: string;
}

export interface Mutation {
  readonly what: string;
  readonly rule: AchRule;
  /** Rules that the same change breaks in some files; nothing else may be found. */
  readonly beside?: readonly AchRule[];
  readonly expectations?: AchExpectations;
  /** Undefined where a file has nothing that could be changed so. */
  make(lines: readonly string[]): Mutated | undefined;
}

/** The index of the first line that begins so; undefined for none. */
export function find(lines: readonly string[], start: string, from = 0): number | undefined {
  const at = lines.findIndex((line, index) => index >= from && line.startsWith(start));
  return at === -1 ? undefined : at;
}

/** The lines with another text in one of them. */
export function change(
  lines: readonly string[],
  index: number,
  column: number,
  text: string,
): string[] {
  return lines.with(index, put(lines[index] ?? "", column, text));
}

/** Puts a text into the first line that begins so; the finding names the field's columns. */
export function set(
  start: string,
  [from, to]: readonly [number, number],
  text: string | ((old: string, line: string) => string | undefined),
): Mutation["make"] {
  return (lines) => {
    const index = find(lines, start);
    if (index === undefined) return undefined;
    const line = lines[index] ?? "";
    const next = typeof text === "string" ? text : text(line.slice(from - 1, to), line);
    if (next === undefined) return undefined;
    const filled = next.padEnd(to - from + 1);
    return { lines: change(lines, index, from, filled), at: { line: index + 1, from, to } };
  };
}

/** One more in a numeric field. */
export function plusOne(old: string): string {
  return String(Number(old) + 1).padStart(old.length, "0");
}
