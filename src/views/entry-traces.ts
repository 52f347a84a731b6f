/**
 * From the sequence number of a trace to the entries that had it, newest first: the sequence begins
 * anew after ten million. They stand in one row, because every return asks for it, and a range
 * costs several times as much as a row.
 */
import type { ViewRows, ViewTable } from "../runtime/view.ts";

const TRACE = "trace/";
const HIGHEST = "highest-trace";
const TRACE_DIGITS = 7;

/** The sequence number as keys have it: in its order, digit by digit. */
export function sortableTrace(trace: number): string {
  return String(trace).padStart(TRACE_DIGITS, "0");
}

/** What was noted of it, newest first. */
export function keysOfTrace(table: ViewRows, trace: number): readonly string[] {
  return table.get(TRACE + sortableTrace(trace))?.split(" ") ?? [];
}

/** Notes the key of an entry; the same one again changes nothing but its place. */
export function leadTo(table: ViewTable, trace: number, key: string): void {
  const older = isFirst(table, trace) ? [] : keysOfTrace(table, trace);
  put(table, trace, [key, ...older.filter((other) => other !== key)]);
}

export function leadNoMore(table: ViewTable, trace: number, key: string): void {
  const others = keysOfTrace(table, trace).filter((other) => other !== key);
  put(table, trace, others);
}

/** Traces rise until the sequence begins anew: most need no look at what they lead to already. */
function isFirst(table: ViewTable, trace: number): boolean {
  const isHigher = trace > Number(table.get(HIGHEST) ?? -1);
  if (isHigher) table.put(HIGHEST, String(trace));
  return isHigher;
}

function put(table: ViewTable, trace: number, keys: readonly string[]): void {
  if (keys.length === 0) table.remove(TRACE + sortableTrace(trace));
  else table.put(TRACE + sortableTrace(trace), keys.join(" "));
}
