/** `seqr bench payments` as people and programs read it. */

import { present } from "../actors/assert.ts";
import { type BenchOptions, progress, publish } from "./output.ts";
import {
  ENTRIES,
  type Figures,
  FULL,
  measurePayments,
  type PaymentsReport,
  QUICK,
  type Scale,
} from "./payments.ts";
import { brief, machineLine, table, verdictText, whole } from "./table.ts";

/** True when every payment was made exactly once, and none was refused. */
export async function benchPayments(options: BenchOptions): Promise<boolean> {
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
  const report = await measurePayments(options.quick ? QUICK : FULL, ENTRIES, progress);
  progress("");
  publish("payments", report, render(report), options);
  return holds(report);
}

export function holds({ entries }: PaymentsReport): boolean {
  return entries.every(({ verdict }) => verdict.faults.length === 0 && verdict.refused === 0);
}

export function render(report: PaymentsReport): string {
  const { machine, scale, echo, entries } = report;
  const head = ["", "per s", "p50 ms", "p99 ms", "CPU us/op", "driver us/op"];
  const rows = entries.map(({ name, figures }) => rowOf(name, figures));
  return [
    `${machineLine(machine)}\n`,
    `${scaleLine(scale)}\n\n`,
    table([head, rowOf("echo", echo), ...rows]),
    `\n${ratioLine(report)}\n`,
    ...entries.map(({ name, verdict }) => verdictText(name, verdict)),
  ].join("");
}

function scaleLine({ customers, rounds, clients }: Scale): string {
  return (
    `${clients} clients in flight; ${rounds} rounds of ${whole(customers)} approvals, each of ` +
    "another customer;\nsignature, PIN proof, limit and postings; fsync before every reply"
  );
}

function rowOf(name: string, figures: Figures): readonly string[] {
  const { perSecond, p50Ms, p99Ms, cpuMicros, driverMicros } = figures;
  const cpu = cpuMicros === undefined ? "not available" : whole(cpuMicros);
  return [name, whole(perSecond), brief(p50Ms), brief(p99Ms), cpu, whole(driverMicros)];
}

/** Medians of rounds that took turns: what slows the machine slows all. */
function ratioLine({ echo, entries }: PaymentsReport): string {
  const payments = present(entries[0], "a benchmark measures something").figures;
  const line = `ratio: ${brief(payments.perSecond / echo.perSecond)} approvals per echo`;
  if (echo.cpuMicros === undefined || payments.cpuMicros === undefined) return line;
  return `${line}; CPU of an approval: ${brief(payments.cpuMicros / echo.cpuMicros)} echoes`;
}
