/** `seqr bench payments` as people and programs read it. */
import { type BenchOptions, progress, publish } from "./output.ts";
import {
  type Figures,
  FULL,
  measurePayments,
  type PaymentsReport,
  QUICK,
  type Scale,
} from "./payments.ts";
import { brief, machineLine, table, whole } from "./table.ts";

/** True when every payment was made exactly once, and none was refused. */
export async function benchPayments(options: BenchOptions): Promise<boolean> {
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
  const report = await measurePayments(options.quick ? QUICK : FULL, progress);
  progress("");
  publish("payments", report, render(report), options);
  return holds(report);
}

export function holds({ verdict }: PaymentsReport): boolean {
  return verdict.faults.length === 0 && verdict.refused === 0;
}

export function render(report: PaymentsReport): string {
  const { machine, scale, echo, payments } = report;
  const head = ["", "per s", "p50 ms", "p99 ms", "CPU us/op", "driver us/op"];
  const rows = [head, rowOf("echo", echo), rowOf("approvals", payments)];
  return [
    `${machineLine(machine)}\n`,
    `${scaleLine(scale)}\n\n`,
    table(rows),
    `\n${ratioLine(report)}\n`,
    verdictText(report),
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

/** Medians of rounds that took turns: what slows the machine slows both. */
function ratioLine({ echo, payments }: PaymentsReport): string {
  const line = `ratio: ${brief(payments.perSecond / echo.perSecond)} approvals per echo`;
  if (echo.cpuMicros === undefined || payments.cpuMicros === undefined) return line;
  return `${line}; CPU of an approval: ${brief(payments.cpuMicros / echo.cpuMicros)} echoes`;
}

function verdictText({ verdict }: PaymentsReport): string {
  const { acknowledged, captured, refused, ledgerSum, faults } = verdict;
  const counts =
    `${whole(acknowledged)} acknowledged, ${whole(captured)} in the log, ${refused} refused, ` +
    `ledger sum ${ledgerSum}`;
  if (faults.length === 0) return `exactly once: yes (${counts})\n`;
  return `exactly once: NO (${counts})\n${faults.map((fault) => `  ${fault}\n`).join("")}`;
}
