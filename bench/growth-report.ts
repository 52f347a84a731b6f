/** `seqr bench growth` as people and programs read it. */

import { growthCharts } from "./charts.ts";
import {
  FULL,
  type GrowthReport,
  type GrowthScale,
  measureGrowth,
  QUICK,
  type SizeFigures,
} from "./growth.ts";
import { type BenchOptions, progress } from "./output.ts";
import { runBench } from "./report.ts";
import { brief, machineLine, table, whole } from "./table.ts";

/** True when every log holds as many payments as were made; one that is refused ends the run. */
export function benchGrowth(options: BenchOptions): Promise<boolean> {
  const measure = () => measureGrowth(scaleOf(options), progress);
  return runBench({ name: "growth", measure, render, charts: growthCharts, holds }, options);
}

function holds({ faults }: GrowthReport): boolean {
  return faults.length === 0;
}

function scaleOf({ quick, accounts, payments, keepIn }: BenchOptions): GrowthScale {
  const scale = quick ? QUICK : FULL;
  return {
    ...scale,
    ...(accounts === undefined ? {} : { sizes: accounts }),
    ...(payments === undefined ? {} : { payments }),
    ...(keepIn === undefined ? {} : { keepIn }),
  };
}

const HEAD = [
  "",
  "CPU us/payment",
  "ratio",
  "p50 ms",
  "p99 ms",
  "payers",
  "RAM MB",
  "heap MB",
  "files MB",
];

export function render(report: GrowthReport): string {
  const { machine, scale, bySize, byPayments, checked, faults } = report;
  return [
    `${machineLine(machine)}\n`,
    `${scale.rounds} rounds of ${whole(scale.lanes)} payments without HTTP, 64 in flight, views `,
    "included;\nratio: to the smallest, and to a like town whose log stays small; ",
    "RAM: of the whole process;\nheap: of the main thread, in use\n\n",
    table([
      ["registered customers", ...HEAD.slice(1), "idle RAM MB"],
      ...bySize.map((one) => [...rowOf(whole(one.customers), one), whole(one.idleBytes / 1e6)]),
    ]),
    "\n",
    table([
      ["payments in the log", ...HEAD.slice(1)],
      ...byPayments.map((one) => rowOf(whole(one.payments), one)),
    ]),
    faults.length === 0
      ? `\nall ${whole(checked)} payments that were made are in the logs, once\n`
      : `\nin the logs: ${faults.join("; ")}\n`,
  ].join("");
}

function rowOf(name: string, figures: SizeFigures): readonly string[] {
  const { standing, costRatio, payers, residentBytes, liveBytes, fileBytes } = figures;
  const { cpuMicros = 0, p50Ms = 0, p99Ms = 0 } = standing;
  return [
    name,
    whole(cpuMicros),
    costRatio?.toFixed(2) ?? "unknown",
    brief(p50Ms),
    brief(p99Ms),
    whole(payers),
    whole(residentBytes / 1e6),
    whole(liveBytes / 1e6),
    whole(fileBytes / 1e6),
  ];
}
