/** What a command of the command line is. */
import type { ParseArgsConfig } from "node:util";

export type Values = Readonly<Record<string, unknown>>;

export interface Command {
  readonly usage: string;
  readonly options: NonNullable<ParseArgsConfig["options"]>;
  /** How many words it takes beside its options. Default: none. */
  readonly wordsMax?: number;
  /** Gives the exit code. */
  run(values: Values, positionals: readonly string[]): Promise<number>;
}

/** The words are off: the usage is shown with it. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Throws UsageError for an option that was given and left empty: an unset shell variable. */
export function textOf(values: Values, name: string): string | undefined {
  const value = values[name];
  if (value === "") throw new UsageError(`--${name} is empty`);
  return typeof value === "string" ? value : undefined;
}

export function isSet(values: Values, name: string): boolean {
  return values[name] === true;
}

/** Where a sandbox lives unless it is told otherwise. */
export const SANDBOX_DIR = ".seqr/sandbox";
