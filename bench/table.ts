/** Tables for the terminal, and the line that says which machine the figures are of. */
import { statfsSync } from "node:fs";
import { availableParallelism, cpus, loadavg, tmpdir } from "node:os";
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
  /** The commit that was measured, with `+` where its files were changed; unknown in the binary. */
  readonly source?: string;
  /** The temporary folder is in memory: nothing there is durable, and no flush takes time. */
  readonly isVolatile?: boolean;
}

/** Linux, `TMPFS_MAGIC` in statfs(2). */
const TMPFS = 0x01021994;

export function thisMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown CPU",
    cores: availableParallelism(),
    system: `${process.platform} ${process.arch}`,
    bun: Bun.version,
    loadAverage: loadavg()[0] ?? 0,
    source: sourceOf(import.meta.dir),
    isVolatile: statfsSync(tmpdir()).type === TMPFS,
  };
}

/** What the benchmarks write themselves is no change of the source. */
const WRITTEN = [":(top,exclude)bench/results", ":(top,exclude)docs/performance.md"];

/** Of a folder of the project; empty where there is no repository, or nothing to ask it with. */
function sourceOf(folder: string): string {
  const git = (...words: string[]): string => {
    const { exitCode, stdout } = Bun.spawnSync(["git", "-C", folder, ...words]);
    return exitCode === 0 ? stdout.toString().trim() : "";
  };
  try {
    const commit = git("rev-parse", "--short", "HEAD");
    const isChanged = git("status", "--porcelain", "--", ...WRITTEN) !== "";
    return commit !== "" && isChanged ? `${commit}+` : commit;
  } catch {
    return "";
  }
}

export function machineLine(machine: Machine): string {
  const { cpu, cores, system, bun, loadAverage, source = "", isVolatile = false } = machine;
  return [
    ...[cpu, `${cores} cores`, system, `Bun ${bun}`, `load ${loadAverage.toFixed(2)}`],
    ...(source === "" ? [] : [`source ${source}`]),
    ...(isVolatile ? ["files in memory: nothing is durable, set TMPDIR to a disk"] : []),
  ].join(", ");
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
