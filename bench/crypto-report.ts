/** `seqr bench crypto` as people and programs read it. */
import { type Pace, WrongAnswer } from "./contest.ts";
import { type CryptoReport, FULL, measureCrypto, QUICK, type Row } from "./crypto.ts";
import { document } from "./crypto-doc.ts";
import { RIVALS } from "./crypto-jobs.ts";
import type { Judgement } from "./crypto-targets.ts";
import { type BenchOptions, progress } from "./output.ts";
import { runBench } from "./report.ts";
import { brief, machineLine, table, whole } from "./table.ts";

/** True when every answer was right, whatever the speed. */
export async function benchCrypto(
  options: BenchOptions,
  measureIt: typeof measureCrypto = measureCrypto,
): Promise<boolean> {
  const measure = () => measureIt(options.quick ? QUICK : FULL, progress);
  try {
    return await runBench(
      { name: "crypto", measure, render, document, holds: () => true },
      options,
    );
  } catch (error) {
    if (!(error instanceof WrongAnswer)) throw error;
    process.stderr.write(`wrong answer: ${error.message}\n`);
    return false;
  }
}

export function render(report: CryptoReport): string {
  const { machine, version, date, pace, rows, targets, leftOut } = report;
  return [
    `seqr ${version}, ${date}\n${machineLine(machine)}\n${paceLine(pace)}\n\n`,
    table(groupsOf(rows)),
    "\n",
    table(targets.map(targetCells)),
    ...leftOut.map((line) => `\nleft out: ${line}`),
    leftOut.length === 0 ? "" : "\n",
  ].join("");
}

function paceLine({ rounds }: Pace): string {
  return (
    `${rounds} rounds in turns, every answer checked; microseconds of processor time per item: ` +
    "median\nof the rounds, quarters, on the clock; then how many times as fast as others"
  );
}

const HEAD = ["", "us", "quarters", "clock", ...RIVALS.map((rival) => `x ${rival}`)];

/** A line per job, and under it one for each who does it. */
function groupsOf(rows: readonly Row[]): string[][] {
  const jobs = [...new Set(rows.map(({ job }) => job))];
  const groups = jobs.map((job) => [[job], ...rows.filter((row) => row.job === job).map(cellsOf)]);
  return [HEAD, ...groups.flat()];
}

function cellsOf({ who, micros, lowMicros, highMicros, wallMicros, ratios }: Row): string[] {
  const quarters = `${micro(lowMicros)}-${micro(highMicros)}`;
  const times = RIVALS.map((rival) => {
    const ratio = ratios[rival];
    return ratio === undefined ? "" : brief(ratio);
  });
  return [`  ${who}`, micro(micros), quarters, micro(wallMicros), ...times];
}

function micro(micros: number): string {
  return micros >= 1_000 ? whole(micros) : brief(micros);
}

function targetCells({ what, target, reached, isReached }: Judgement): string[] {
  if (reached === undefined) return [what, target, "not measured", ""];
  return [what, target, reached.toFixed(2), isReached ? "yes" : "NO"];
}
