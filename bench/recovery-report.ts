/** `seqr bench recovery` as people and programs read it. */
import { type BenchOptions, progress } from "./output.ts";
import {
  BARE_HONO,
  FULL,
  measureRecovery,
  QUICK,
  type RecoveryReport,
  type RecoveryScale,
} from "./recovery.ts";
import { runBench } from "./report.ts";
import { brief, machineLine, table, whole } from "./table.ts";

/** True when after every kill the log held each payment that had been told, once. */
export function benchRecovery(options: BenchOptions): Promise<boolean> {
  const measure = () => measureRecovery(scaleOf(options), progress);
  return runBench({ name: "recovery", measure, render, holds }, options);
}

function holds({ faults }: RecoveryReport): boolean {
  return faults.length === 0;
}

function scaleOf({ quick, payments, keepIn }: BenchOptions): RecoveryScale {
  return {
    ...(quick ? QUICK : FULL),
    ...(payments === undefined ? {} : { payments }),
    ...(keepIn === undefined ? {} : { keepIn }),
  };
}

export function render(report: RecoveryReport): string {
  const { machine, scale, payments, fileBytes, standings } = report;
  const { stopRatio, killRatio, acknowledged, faults } = report;
  const rows = standings.map(({ name, p50Ms = 0, cpuMicros = 0 }) => [
    name,
    name === BARE_HONO ? "-" : whole(payments),
    whole(p50Ms),
    whole(cpuMicros / 1_000),
  ]);
  return [
    `${machineLine(machine)}\n`,
    `${scale.rounds} rounds; ${whole(fileBytes / 1e6)} MB of files; payments in the log before `,
    "the first round,\neach kill adds some\n\n",
    table([["from the start to the first answer", "payments in the log", "ms", "CPU ms"], ...rows]),
    `\nratio to a bare start: ${brief(stopRatio)} after a stop, ${brief(killRatio)} after a kill\n`,
    faults.length === 0
      ? `after every kill: all ${whole(acknowledged)} payments that were told are there, once\n`
      : `in the log: ${faults.join("; ")}\n`,
  ].join("");
}
