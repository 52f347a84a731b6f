/** `seqr bench recovery` as people and programs read it. */
import { isBinary } from "./child.ts";
import { type BenchOptions, progress, publish } from "./output.ts";
import { writePage } from "./performance-doc.ts";
import {
  BARE_HONO,
  FULL,
  measureRecovery,
  QUICK,
  type RecoveryReport,
  type RecoveryScale,
} from "./recovery.ts";
import { brief, machineLine, table, whole } from "./table.ts";

/** True when after every kill the log held each payment that had been told, once. */
export async function benchRecovery(options: BenchOptions): Promise<boolean> {
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
  const report = await measureRecovery(scaleOf(options), progress);
  progress("");
  publish("recovery", report, render(report), options);
  if (options.save && !options.quick && !isBinary) writePage();
  return report.faults.length === 0;
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
