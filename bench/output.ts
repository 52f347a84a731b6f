/** Where the figures of a benchmark go: the terminal, a program that reads them, bench/results. */
import { mkdirSync, writeFileSync } from "node:fs";
import { isBinary } from "./child.ts";

export interface BenchOptions {
  readonly quick: boolean;
  /** One JSON object on standard output, and nothing else. */
  readonly json: boolean;
  /** Keeps the figures in bench/results; from source only. */
  readonly save: boolean;
}

/** One line that is written over, where somebody watches. */
export function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

/** Prints the report as asked for, and keeps it where it is to be kept. */
export function publish(
  name: string,
  report: object,
  text: string,
  { quick, json, save }: BenchOptions,
): void {
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : text);
  if (save && !isBinary) keep(quick ? `${name}-quick` : name, report);
}

function keep(name: string, report: object): void {
  const folder = new URL("results/", import.meta.url).pathname;
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}${name}.json`, `${JSON.stringify(report, null, 2)}\n`);
}
