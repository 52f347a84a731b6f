/** `seqr bench quarter` as people and programs read it. */
import { type BenchOptions, progress } from "./output.ts";
import { FULL, measureQuarter, QUICK, type QuarterReport } from "./quarter.ts";
import { missingIn } from "./quarter-rare.ts";
import type { Week } from "./quarter-run.ts";
import { runBench } from "./report.ts";
import { machineLine, table, whole } from "./table.ts";

const BAR_COLUMNS = 30;
/** What a full quarter may take on a machine of two cores that has nothing else to do. */
const SECONDS_MAX = 300;

/** True when every invariant held every day, and everything rare has been met. */
export function benchQuarter(options: BenchOptions): Promise<boolean> {
  const write = (text: string): void => {
    progress("");
    if (!options.json) process.stdout.write(text);
  };
  const scale = options.quick ? QUICK : FULL;
  let weeks = 0;
  const hearWeek = (week: Week): void => {
    write(`${weeks++ === 0 ? WEEKS_HEAD : ""}${weekLine(week)}`);
  };
  const measure = () => measureQuarter(scale, tell, { hearWeek });
  const shown = (report: QuarterReport): string => `\n${render(report)}`;
  return runBench({ name: "quarter", measure, render: shown, holds }, options);
}

function tell(share: number, text: string): void {
  const bar = "#".repeat(Math.floor(share * BAR_COLUMNS)).padEnd(BAR_COLUMNS);
  progress(`[${bar}] ${Math.floor(share * 100)} % ${text}`);
}

export function holds({ fault, seen }: QuarterReport): boolean {
  return fault === undefined && missingIn(seen).length === 0;
}

const WEEK_WIDTHS = [4, 10, 12, 9, 8, 9, 11, 9] as const;
const WEEKS_HEAD = columns([
  ...["week", "payments", "dollars", "entries", "file MB", "returns", "compared", "seconds"],
]);

/** A line of a table that grows while it is read. */
function columns(cells: readonly string[]): string {
  const line = cells.map((cell, at) => cell.padStart(WEEK_WIDTHS[at] ?? 0)).join("");
  return `${line}\n`;
}

function weekLine(week: Week): string {
  const { number, payments, capturedCents, entries, fileBytes, returns, facts, seconds } = week;
  return columns([
    ...[String(number), whole(payments), whole(capturedCents / 100), whole(entries)],
    ...[(fileBytes / 1e6).toFixed(1), whole(returns), whole(facts), seconds.toFixed(1)],
  ]);
}

export function render(report: QuarterReport): string {
  const { machine, scale, payments, events, facts, seconds, times, peakMegabytes, seen } = report;
  const missing = missingIn(seen);
  const inTime = seconds <= SECONDS_MAX ? "within" : "NOT within";
  const isFull = scale.payments >= FULL.payments;
  return [
    `${machineLine(machine)}\n`,
    `${whole(scale.customers)} customers, ${scale.bankingDays} banking days and the days until `,
    "every file has ended; payments\nare said to the actors, not over HTTP; event log in SQLite, ",
    "fsync before every answer\n\n",
    table([
      ["phase", "seconds", "CPU s"],
      ...times.map(({ phase, seconds: wall, cpuSeconds }) => {
        return [phase, wall.toFixed(1), cpuSeconds.toFixed(1)];
      }),
    ]),
    `\n${whole(payments)} payments, ${whole(events)} events in ${whole(seconds)} s`,
    isFull ? `, ${inTime} ${SECONDS_MAX} s` : "",
    `; at most ${whole(peakMegabytes)} MB\n\n`,
    `what happened how often\n${counts(seen)}`,
    missing.length === 0 ? "" : `\nnever met: ${missing.join(", ")}\n`,
    `\n${verdict(report)}`,
  ].join("");

  function verdict({ fault }: QuarterReport): string {
    if (fault !== undefined) return `NOT all is well: ${fault}\n`;
    return `all invariants held at the end of every day: ${whole(facts)} comparisons\n`;
  }
}

const COUNT_COLUMNS = 3;

/** Names and times, a few on a line, down the columns. */
function counts(seen: QuarterReport["seen"]): string {
  const rows = Math.ceil(seen.length / COUNT_COLUMNS);
  const cells = seen.map(([name, times]) => `${name} ${whole(times)}`);
  const width = Math.max(...cells.map(({ length }) => length)) + 2;
  return Array.from({ length: rows }, (_, row) => {
    const line = Array.from({ length: COUNT_COLUMNS }, (_, column) => {
      return (cells[row + column * rows] ?? "").padEnd(width);
    });
    return `  ${line.join("").trimEnd()}\n`;
  }).join("");
}
