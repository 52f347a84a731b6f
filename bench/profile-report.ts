/** `seqr bench profile` as people and programs read it. */
import { isBinary } from "./child.ts";
import { type BenchOptions, progress } from "./output.ts";
import { FULL, measureProfile, type ProfileReport, QUICK } from "./profile.ts";
import { runBench } from "./report.ts";
import { machineLine, table, whole } from "./table.ts";

/** True when it came to its end; the single binary has no sources to tell stages by. */
export async function benchProfile(options: BenchOptions): Promise<boolean> {
  if (isBinary) {
    process.stderr.write("a profile is taken from source: bun run src/main.ts bench profile\n");
    return false;
  }
  const measure = () => measureProfile(options.quick ? QUICK : FULL, progress);
  return await runBench({ name: "profile", measure, render, holds: () => true }, options);
}

export function render({ machine, scale, payments, ...report }: ProfileReport): string {
  const { stages, threadMicros, cpuMicros, hottest } = report;
  const share = (micros: number): string => `${((micros / threadMicros) * 100).toFixed(1)} %`;
  const row = ([name, micros]: readonly [string, number]) => [name, whole(micros), share(micros)];
  const cpu = cpuMicros === undefined ? "" : `; processor of the process: ${whole(cpuMicros)} us`;
  return [
    `${machineLine(machine)}\n`,
    `${whole(payments)} approvals, ${scale.clients} clients in flight\n\n`,
    table([
      ["main thread, by stage", "us", ""],
      ...stages.map(row),
      ["all", whole(threadMicros), ""],
    ]),
    `\nwaiting for the disk included${cpu}\n\n`,
    table([["by function", "us", ""], ...hottest.map(row)]),
  ].join("");
}
