/**
 * A queue in a view's rows: who waits for somebody to look, each once, in the order of places.
 * Nobody is searched for: the place of each is kept by name.
 */
import type { ViewRows, ViewTable } from "../runtime/view.ts";

const QUEUE = "queue/";
const PLACE = "place/";

/** Queues `name` at the place, whose text sorts, and nowhere else. `row` is JSON data. */
export function enqueue(table: ViewTable, name: string, place: string, row: unknown): void {
  leave(table, name);
  table.put(QUEUE + place, JSON.stringify(row));
  table.put(PLACE + name, place);
}

export function leave(table: ViewTable, name: string): void {
  const place = table.get(PLACE + name);
  if (place === undefined) return;
  table.remove(QUEUE + place);
  table.remove(PLACE + name);
}

/** The place of `name`; undefined where it does not wait. */
export function placeOf(table: ViewRows, name: string): string | undefined {
  return table.get(PLACE + name);
}

/** Those behind `name`, or all; undefined where `name` does not wait. */
export function waiting<Row>(
  table: ViewRows,
  max: number,
  name?: string,
): readonly Row[] | undefined {
  if (name === undefined) return waitingBehind(table, max, "");
  const place = placeOf(table, name);
  return place === undefined ? undefined : waitingBehind(table, max, place);
}

/** Those whose places sort behind this one. */
export function waitingBehind<Row>(table: ViewRows, max: number, place: string): readonly Row[] {
  const rows = table.range({ prefix: QUEUE, max, after: QUEUE + place });
  return rows.map(({ value }) => JSON.parse(value) as Row);
}
