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
  /** Where growth and recovery keep their towns, to be used again. */
  readonly keepIn?: string;
}

/** One line that is written over, where somebody watches on a terminal that can do so. */
export function progress(text: string): void {
  if (!process.stderr.isTTY || process.env["TERM"] === "dumb") return;
  process.stderr.write(`\r\x1b[K${text}`);
}

/** Prints the report as asked for, and keeps it where it is to be kept. */
export function publish(
  name: string,
  report: object,
  text: string,
  { quick, json, save }: BenchOptions,
): void {
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : text);
  if (save) keep(quick ? `${name}-quick` : name, report);
}

/** Four digits are more than any measurement here repeats; counts are whole and stay so. */
export function rounded(_: string, value: unknown): unknown {
  const isMeasured = typeof value === "number" && !Number.isInteger(value);
  return isMeasured ? Number(value.toPrecision(4)) : value;
}

function keep(name: string, report: object): void {
  const folder = isBinary ? process.cwd() : join(import.meta.dir, "results");
  const file = join(folder, isBinary ? `seqr-bench-${name}.json` : `${name}.json`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, `${JSON.stringify({ version: VERSION, ...report }, rounded, 2)}\n`);
  process.stderr.write(`kept in ${relative(process.cwd(), file)}\n`);
}
