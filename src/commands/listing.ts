/** How lists of the desk look on a terminal, and how what is typed becomes what the API takes. */
import { cents, formatCents } from "../../actors/money.ts";
import type { Money } from "../client/shapes.ts";
import { textOf, UsageError, type Values } from "./command.ts";

const GAP = "  ";

/** Rows below one another; columns that are named in `right` hold figures. */
export function columns(
  rows: readonly (readonly string[])[],
  right: ReadonlySet<number> = new Set(),
): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, cell.length);
  }
  const line = (row: readonly string[]): string => {
    const cells = row.map((cell, at) => {
      return right.has(at) ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0);
    });
    return cells.join(GAP).trimEnd();
  };
  return rows.map((row) => `${line(row)}\n`).join("");
}

/** `1 entry`, `2 entries`. */
export function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

export function dollars({ amount }: Money): string {
  return formatCents(cents(amount));
}

/** `2026-11-22T16:00:00.000Z` as `2026-11-22 16:00`, in UTC. */
export function minute(time: string): string {
  return time.slice(0, 16).replace("T", " ");
}

/** `12.34` or `12`, in dollars, as cents. Throws UsageError. */
export function centsOf(text: string): number {
  const [, whole, fraction = "00"] = /^([0-9]{1,7})(?:\.([0-9]{2}))?$/.exec(text) ?? [];
  if (whole === undefined) throw new UsageError("an amount is dollars and cents: 12.34");
  return Number(whole + fraction);
}

/** Why it is done: every act that changes something has a reason in the log. */
export function noteOf(values: Values, name: "note" | "evidence" = "note"): string {
  const note = textOf(values, name);
  if (note === undefined) throw new UsageError(`say why: --${name} "..."`);
  return note;
}

/** A page of a list, and where it goes on. */
export function pageOf(values: Values) {
  const after = textOf(values, "after");
  return { limit: 100, ...(after === undefined ? {} : { startingAfter: after }) };
}

/** Where the next page begins; nothing at the end of the list. */
export function more(hasMore: boolean, last: string | undefined): string {
  return hasMore ? `\nmore: --after ${last}\n` : "";
}

/** As the API says it, on one line. */
export function printJson(body: unknown): void {
  process.stdout.write(`${JSON.stringify(body)}\n`);
}
