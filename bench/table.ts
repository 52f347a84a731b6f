/** Tables for the terminal, and the line that says which machine the figures are of. */
import { availableParallelism, cpus, loadavg } from "node:os";
import type { OnceVerdict } from "./exactly-once.ts";
import type { Standing } from "./rounds.ts";

const GAP = "  ";

/** Rows in columns: the first column to the left, the others, which are figures, to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, cell.length);
  }
  const lines = rows.map((row) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join(GAP)
      .trimEnd(),
  );
  return `${lines.join("\n")}\n`;
}

/** 14322.7 as `14,323`. */
export function whole(figure: number): string {
  return String(Math.round(figure)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Two digits that count: 0.84, 8.4, 84. */
export function brief(figure: number): string {
  const size = Math.abs(figure);
  return figure.toFixed(size >= 20 ? 0 : size >= 2 ? 1 : 2);
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly system: string;
  readonly bun: string;
  /** Runnable processes, mean of the last minute, before the benchmark began. */
  readonly loadAverage: number;
}

export function thisMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown CPU",
    cores: availableParallelism(),
    system: `${process.platform} ${process.arch}`,
    bun: Bun.version,
    loadAverage: loadavg()[0] ?? 0,
  };
}

export function machineLine({ cpu, cores, system, bun, loadAverage }: Machine): string {
  return `${cpu}, ${cores} cores, ${system}, Bun ${bun}, load ${loadAverage.toFixed(2)}`;
}

const STANDINGS_HEAD = ["", "per s", "p50 ms", "p99 ms", "CPU us/op", "driver us/op"];

/** Contenders one below the other; a figure that was not told is a hyphen. */
export function standingsTable(standings: readonly Standing[]): string {
  const told = (figure: number | undefined, text: (figure: number) => string): string =>
    figure === undefined ? "-" : text(figure);
  const rows = standings.map(({ name, perSecond, p50Ms, p99Ms, cpuMicros, driverMicros }) => [
    name,
    whole(perSecond),
    told(p50Ms, brief),
    told(p99Ms, brief),
    told(cpuMicros, whole),
    told(driverMicros, whole),
  ]);
  return table([STANDINGS_HEAD, ...rows]);
}

/** One line where all is well; otherwise what is not, one below the other. */
export function verdictText(name: string, verdict: OnceVerdict): string {
  const { acknowledged, captured, refused, ledgerSum, faults } = verdict;
  const counts =
    `${whole(acknowledged)} acknowledged, ${whole(captured)} in the log, ` +
    `${whole(refused)} refused, ledger sum ${ledgerSum}`;
  if (faults.length === 0) return `${name}: exactly once: yes (${counts})\n`;
  return `${name}: exactly once: NO (${counts})\n${faults.map((one) => `  ${one}\n`).join("")}`;
}
