/** `seqr bench ach` as people and programs read it. */
import { type AchReport, type AchScale, FULL, measureAch, QUICK, RETURNS_MAX } from "./ach.ts";
import type { AchStep } from "./ach-file.ts";
import { type BenchOptions, progress } from "./output.ts";
import { runBench } from "./report.ts";
import { brief, machineLine, table, whole } from "./table.ts";

/** A million entries written and checked; and a hundred thousand returns applied. */
const FILE_SECONDS_MAX = 60;
const FILE_MEGABYTES_MAX = 512;
const RETURNS_SECONDS_MAX = 30;

/** True when every file was right to the last entry and every invariant held. */
export function benchAch(options: BenchOptions): Promise<boolean> {
  const measure = () => measureAch(scaleOf(options), progress);
  return runBench({ name: "ach", measure, render, holds }, options);
}

function scaleOf({ quick, entries }: BenchOptions): AchScale {
  const scale = quick ? QUICK : FULL;
  if (entries === undefined) return scale;
  return { ...scale, run: { entries, returns: Math.min(entries, RETURNS_MAX) } };
}

/** Every reading of the file finds the same in it, and nothing wrong. */
export function holds({ scale, written, checked, read, run }: AchReport): boolean {
  const steps = [written, checked, read];
  const isWhole = steps.every(({ entries, bytes, faults }) => {
    return entries === scale.fileEntries && bytes === written.bytes && faults === 0;
  });
  return isWhole && run.cutOff.entries > 0 && run.back.returns > 0;
}

export function render(report: AchReport): string {
  const { machine, scale, written, checked, read, run } = report;
  const { cutOff, back, seedSeconds, peakMegabytes, facts } = run;
  const perEntry = (seconds: number): string => brief((seconds * 1e6) / cutOff.entries);
  return [
    `${machineLine(machine)}\n\n`,
    `a file of ${whole(scale.fileEntries)} purchases at tills with their addenda, `,
    `${whole(written.bytes / 1e6)} MB\n\n`,
    table([
      ["", "seconds", "CPU us/entry", "at most MB"],
      stepRow("written", written),
      stepRow("checked", checked),
      stepRow("read", read),
    ]),
    fileVerdict(report),
    `\nthrough the switch: ${whole(cutOff.entries)} entries of ${whole(cutOff.owners)} owners, `,
    `${brief(cutOff.fileBytes / 1e6)} MB; seeded in ${whole(seedSeconds)} s\n\n`,
    table([
      ["cut-off", "seconds", "us/entry"],
      ["owners are asked", brief(cutOff.askedSeconds), perEntry(cutOff.askedSeconds)],
      [
        "views, written, checked, sealed",
        brief(cutOff.builtSeconds),
        perEntry(cutOff.builtSeconds),
      ],
      [
        "handed over, read by the bank",
        brief(cutOff.handedSeconds),
        perEntry(cutOff.handedSeconds),
      ],
    ]),
    `CPU of all of it ${perEntry(cutOff.cpuSeconds)} us per entry; until it is built, who pays `,
    `waits ${whole(cutOff.longestWaitMs)} ms at most\n`,
    `\n${whole(back.returns)} returns imported and applied in ${brief(back.seconds)} s, `,
    `${brief((back.seconds * 1e6) / back.returns)} us each, `,
    `${brief((back.cpuSeconds * 1e6) / back.returns)} us of CPU; `,
    `${whole(back.events)} events, ${whole(back.postings)} postings`,
    returnsVerdict(report),
    `the process of all this took at most ${whole(peakMegabytes)} MB; ${whole(facts)} comparisons `,
    "with books of their own held\n",
    holds(report) ? "" : "NOT all is well: the readings of the file differ\n",
  ].join("");
}

function stepRow(name: string, { seconds, cpuSeconds, entries, peakMegabytes }: AchStep) {
  const micros = (cpuSeconds * 1e6) / Math.max(entries, 1);
  return [name, brief(seconds), brief(micros), whole(peakMegabytes)];
}

function fileVerdict({ scale, written, checked }: AchReport): string {
  const seconds = written.seconds + checked.seconds;
  const megabytes = Math.max(written.peakMegabytes, checked.peakMegabytes);
  const said = `written and checked in ${brief(seconds)} s with ${whole(megabytes)} MB`;
  if (scale.fileEntries < FULL.fileEntries) return `${said}\n`;
  const isReached = seconds <= FILE_SECONDS_MAX && megabytes <= FILE_MEGABYTES_MAX;
  const target = `${FILE_SECONDS_MAX} s and ${FILE_MEGABYTES_MAX} MB`;
  return `${said}: ${isReached ? "within" : "NOT within"} ${target}\n`;
}

function returnsVerdict({ scale, run: { back } }: AchReport): string {
  if (scale.run.returns < FULL.run.returns) return "\n";
  const isReached = back.seconds <= RETURNS_SECONDS_MAX;
  return `: ${isReached ? "within" : "NOT within"} ${RETURNS_SECONDS_MAX} s\n`;
}
