/** Where the figures of a benchmark go: the terminal, a program that reads them, bench/results. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { VERSION } from "../src/version.ts";
import { isBinary } from "./child.ts";

export interface BenchOptions {
  readonly quick: boolean;
  /** One JSON object on standard output, and nothing else. */
  readonly json: boolean;
  /** Keeps the figures: from source in bench/results, from the single binary where it is run. */
  readonly save: boolean;
  /** Sizes of growth, by registered customers. */
  readonly accounts?: readonly number[];
  /** Payments in the log of growth and recovery. */
  readonly payments?: number;
  /** Entries of the cut-off of ach. */
  readonly entries?: number;
  /** How long a soak lasts. */
  readonly minutes?: number;
  /** Where growth and recovery keep their towns, to be used again. */
  readonly keepIn?: string;
}

/** Where figures and charts are kept. */
export const RESULTS = join(import.meta.dir, "results");

/** One line that is written over, where somebody watches on a terminal that can do so. */
export function progress(text: string): void {
  if (!process.stderr.isTTY || process.env["TERM"] === "dumb") return;
  process.stderr.write(`\r\x1b[K${text}`);
}

/** Whether figures are those of the whole benchmark: all others are kept beside them. */
export type KeptAs = "full" | "quick" | "smaller" | "failed";

export function keptAs(options: BenchOptions, isGood: boolean): KeptAs {
  if (!isGood) return "failed";
  if (options.quick) return "quick";
  const { accounts, payments, entries, minutes } = options;
  const isSized = [accounts, payments, entries, minutes].some((size) => size !== undefined);
  return isSized ? "smaller" : "full";
}

/** Prints the report as asked for, and keeps it where it is to be kept. */
export function publish(
  name: string,
  report: object,
  text: string,
  { as, json, save }: Pick<BenchOptions, "json" | "save"> & { readonly as: KeptAs },
  charts: Readonly<Record<string, string>> = {},
): void {
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : text);
  if (!save) return;
  const date = new Date().toISOString().slice(0, 10);
  const files = filesOf(name, { version: VERSION, date, ...report }, charts, as);
  for (const [file, content] of Object.entries(files)) keep(file, content);
}

/** What is kept, by the names of the files: no other run takes the place of a full one. */
export function filesOf(
  name: string,
  report: object,
  charts: Readonly<Record<string, string>>,
  as: KeptAs,
): Readonly<Record<string, string>> {
  const suffix = as === "full" ? "" : `-${as}`;
  const drawn = Object.entries(charts).map(([chart, svg]) => [`${chart}${suffix}.svg`, svg]);
  const figures = `${JSON.stringify(report, rounded, 2)}\n`;
  return { [`${name}${suffix}.json`]: figures, ...Object.fromEntries(drawn) };
}

/** Four digits are more than any measurement here repeats; counts are whole and stay so. */
export function rounded(_: string, value: unknown): unknown {
  const isMeasured = typeof value === "number" && !Number.isInteger(value);
  return isMeasured ? Number(value.toPrecision(4)) : value;
}

/** From source in bench/results, from the single binary where it is run. */
function keep(name: string, content: string): void {
  const folder = isBinary ? process.cwd() : RESULTS;
  const file = join(folder, isBinary ? `seqr-bench-${name}` : name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, content);
  process.stderr.write(`kept in ${relative(process.cwd(), file)}\n`);
}
