/** `seqr bench soak` as people and programs read it. */

import { soakCharts } from "./charts.ts";
import { type BenchOptions, progress } from "./output.ts";
import { runBench } from "./report.ts";
import { FLAT_MAX, FULL, measureSoak, QUICK, type SoakReport, type SoakScale } from "./soak.ts";
import { brief, machineLine, verdictText, whole } from "./table.ts";

/** True when every payment was made exactly once and the memory stayed flat. */
export function benchSoak(options: BenchOptions): Promise<boolean> {
  const measure = () => measureSoak(scaleOf(options), progress);
  return runBench({ name: "soak", measure, render, charts: soakCharts, holds }, options);
}

function scaleOf({ quick, minutes }: BenchOptions): SoakScale {
  return { ...(quick ? QUICK : FULL), ...(minutes === undefined ? {} : { minutes }) };
}

/** A short one is over before memory has settled; what is not told is not seen to be flat. */
export function holds({ scale, verdict, memoryRatio }: SoakReport): boolean {
  const isShort = scale.minutes < FULL.minutes;
  const isFlat = isShort || (memoryRatio !== undefined && memoryRatio <= FLAT_MAX);
  return isFlat && verdict.faults.length === 0 && verdict.refused === 0;
}

export function render(report: SoakReport): string {
  const { machine, scale, saturation, offeredPerSecond, visits, samples } = report;
  const { p50Ms, p99Ms, maxMs, lateP99Ms, memoryRatio, verdict } = report;
  const most = samples.reduce((bytes, sample) => Math.max(bytes, sample.residentBytes), 0);
  const isLong = scale.minutes >= FULL.minutes;
  const flat = !isLong ? "too short to tell" : (memoryRatio ?? 0) <= FLAT_MAX ? "flat" : "NOT flat";
  const memory =
    memoryRatio === undefined
      ? "memory: not told by this system\n"
      : `memory: ${whole(most / 1e6)} MB at most; last fifth ${memoryRatio.toFixed(2)} of the ` +
        `second: ${flat}\n`;
  return [
    `${machineLine(machine)}\n`,
    `${scale.minutes} minutes, ${whole(visits)} whole visits over HTTP (ask, scan, approve)\n\n`,
    `saturation ${whole(saturation)} visits per s, offered ${whole(offeredPerSecond)}\n`,
    `from the intended time: p50 ${brief(p50Ms)} ms, p99 ${brief(p99Ms)} ms, `,
    `max ${whole(maxMs)} ms; driver late p99 ${brief(lateP99Ms)} ms\n`,
    memory,
    verdictText("visits", verdict),
  ].join("");
}
