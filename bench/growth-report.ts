/** `seqr bench growth` as people and programs read it. */

import { growthCharts } from "./charts.ts";
import { isBinary } from "./child.ts";
import type { SizeFigures } from "./growth.ts";
import { FULL, type GrowthReport, type GrowthScale, measureGrowth, QUICK } from "./growth.ts";
import { type BenchOptions, progress, publish } from "./output.ts";
import { writePage } from "./performance-doc.ts";
import { brief, machineLine, table, whole } from "./table.ts";

/** True when it came to its end: a payment that is refused ends it before. */
export async function benchGrowth(options: BenchOptions): Promise<boolean> {
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
  const report = await measureGrowth(scaleOf(options), progress);
  progress("");
  publish("growth", report, render(report), options, growthCharts(report));
  if (options.save && !options.quick && !isBinary) writePage();
  return true;
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
  "idle MB",
  "then MB",
  "in use MB",
  "files MB",
];

export function render({ machine, scale, bySize, byPayments }: GrowthReport): string {
  return [
    `${machineLine(machine)}\n`,
    `${scale.rounds} rounds of ${whole(scale.lanes)} payments without HTTP, 64 in flight, views `,
    "included;\nratio: to the smallest, and to a log that stays small\n\n",
    table([
      ["registered customers", ...HEAD.slice(1)],
      ...bySize.map((one) => rowOf(whole(one.customers), one)),
    ]),
    "\n",
    table([
      ["payments in the log", ...HEAD.slice(1)],
      ...byPayments.map((one) => rowOf(whole(one.payments), one)),
    ]),
  ].join("");
}

function rowOf(name: string, figures: SizeFigures): readonly string[] {
  const { standing, costRatio, idleBytes, residentBytes, liveBytes, fileBytes } = figures;
  const { cpuMicros = 0, p50Ms = 0, p99Ms = 0 } = standing;
  return [
    name,
    whole(cpuMicros),
    costRatio.toFixed(2),
    brief(p50Ms),
    brief(p99Ms),
    whole(idleBytes / 1e6),
    whole(residentBytes / 1e6),
    whole(liveBytes / 1e6),
    whole(fileBytes / 1e6),
  ];
}
