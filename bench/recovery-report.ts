/** `seqr bench recovery` as people and programs read it. */
import { isBinary } from "./child.ts";
import { type BenchOptions, progress, publish } from "./output.ts";
import { writePage } from "./performance-doc.ts";
import {
  FULL,
  measureRecovery,
  QUICK,
  type RecoveryReport,
  type RecoveryScale,
} from "./recovery.ts";
import { brief, machineLine, table, whole } from "./table.ts";

/** True when after every kill the log held what had been acknowledged, each payment once. */
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
    whole(p50Ms),
    whole(cpuMicros / 1_000),
  ]);
  return [
    `${machineLine(machine)}\n`,
    `${scale.rounds} rounds; ${whole(payments)} payments in the log, `,
    `${whole(fileBytes / 1e6)} MB of files\n\n`,
    table([["from the start to the first answer", "ms", "CPU ms"], ...rows]),
    `\nratio to a bare start: ${brief(stopRatio)} after a stop, ${brief(killRatio)} after a kill\n`,
    faults.length === 0
      ? `after every kill: all ${whole(acknowledged)} acknowledged payments are in the log, once\n`
      : `after a kill: ${faults.join("; ")}\n`,
  ].join("");
}
