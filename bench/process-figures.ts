/** What Linux tells of a process: its processor time and its memory. Elsewhere: undefined. */
import { readdirSync, readFileSync } from "node:fs";

/** Linux counts processor time in hundredths of a second, whatever the kernel ticks at. */
const TICK_MICROS = 10_000;
/** proc(5), /proc/PID/stat, counted from the state behind the name: field 3 there, 0 here. */
const PARENT_AT = 1;
const USER_TIME_AT = 11;
const SYSTEM_TIME_AT = 12;
/** Of children that have ended and were waited for. */
const ENDED_USER_TIME_AT = 13;
const ENDED_SYSTEM_TIME_AT = 14;

/** Processor time of the process so far, all its threads, in microseconds. */
export function cpuMicrosOf(pid: number): number | undefined {
  const stat = statOf(pid);
  return stat === undefined ? undefined : cpuMicrosIn(stat);
}

/** The text of /proc/PID/stat; the name in it is in parentheses and may hold any character. */
export function cpuMicrosIn(stat: string): number {
  return ticksIn(stat, USER_TIME_AT, SYSTEM_TIME_AT) * TICK_MICROS;
}

/** The same of a process and its children, those that have ended included. */
export function familyCpuMicrosOf(pid: number): number | undefined {
  const stat = statOf(pid);
  if (stat === undefined) return undefined;
  const ended = ticksIn(stat, ENDED_USER_TIME_AT, ENDED_SYSTEM_TIME_AT) * TICK_MICROS;
  let micros = cpuMicrosIn(stat) + ended;
  for (const name of readdirSync("/proc")) {
    const child = /^[0-9]+$/.test(name) ? statOf(Number(name)) : undefined;
    if (child !== undefined && Number(fieldsOf(child)[PARENT_AT]) === pid) {
      micros += cpuMicrosIn(child);
    }
  }
  return micros;
}

/** Memory of the process that is in RAM, in bytes. */
export function residentBytesOf(pid: number): number | undefined {
  const text = textOf(`/proc/${pid}/status`);
  const kibibytes = text === undefined ? undefined : /^VmRSS:\s+([0-9]+) kB$/m.exec(text)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1_024;
}

function statOf(pid: number): string | undefined {
  return textOf(`/proc/${pid}/stat`);
}

/** Undefined for what is not there: another system, or a process that has ended. */
function textOf(file: string): string | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function ticksIn(stat: string, ...places: readonly number[]): number {
  const fields = fieldsOf(stat);
  return places.reduce((sum, at) => sum + Number(fields[at]), 0);
}

function fieldsOf(stat: string): readonly string[] {
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}
