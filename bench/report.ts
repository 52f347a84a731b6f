/** One benchmark from its start to its exit code: measured, told, and kept where that is asked. */
import { isBinary } from "./child.ts";
import { type BenchOptions, keptAs, progress, publish } from "./output.ts";
import { writePage } from "./performance-doc.ts";

export interface Bench<Report extends object> {
  readonly name: string;
  measure(): Promise<Report>;
  render(report: Report): string;
  /** By the names of their files, without ending. */
  charts?(report: Report): Readonly<Record<string, string>>;
  /** Writes the figures of a full run into their document. Default: docs/performance.md. */
  document?(report: Report): void;
  /** Nothing was lost, doubled or otherwise wrong. Figures below a target are no fault. */
  holds(report: Report): boolean;
}

/** Gives what `holds` says. A report that does not hold never takes the place of one that did. */
export async function runBench<Report extends object>(
  { name, measure, render, charts, document = writePage, holds }: Bench<Report>,
  options: BenchOptions,
): Promise<boolean> {
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
  const report = await measure();
  progress("");
  const isGood = holds(report);
  const as = keptAs(options, isGood);
  publish(name, report, render(report), { ...options, as }, charts?.(report));
  if (options.save && as === "full" && !isBinary) document(report);
  return isGood;
}
