/** The event log as the words of `seqr ledger` read it: beside a running switch. */
import { existsSync } from "node:fs";
import { addDays, instantOf, parseBankDate } from "../../actors/banking-calendar.ts";
import { dataFiles } from "../data-directory.ts";
import type { StoredEvent } from "../runtime/event-log.ts";
import { SqliteLogReader } from "../storage/sqlite/log-reader.ts";
import { SANDBOX_DIR, textOf, UsageError, type Values } from "./command.ts";
import { ProgressBar } from "./progress-bar.ts";

/** Fewer events than this are read before anybody looks at a bar. */
const SHOWN_EVENTS_MIN = 100_000;

export interface LedgerLog {
  readonly dataDir: string;
  readonly reader: SqliteLogReader;
  /** Events up to this position, with the bar that tells how far they have come. */
  events(upto: number, isBesideListing?: boolean): Generator<StoredEvent>;
}

export function dataDirOf(values: Values): string {
  return textOf(values, "data") ?? SANDBOX_DIR;
}

/** Opens the log, and closes it whatever `work` does. */
export async function withLog<Result>(
  dataDir: string,
  work: (log: LedgerLog) => Promise<Result>,
): Promise<Result> {
  const { events } = dataFiles(dataDir);
  if (!existsSync(events)) throw new Error(`${dataDir} holds no event log`);
  const reader = new SqliteLogReader(events);
  try {
    return await work({
      ...{ dataDir, reader },
      events: (upto, isBesideListing = false) => eventsOf(reader, upto, isBesideListing),
    });
  } finally {
    reader.close();
  }
}

function* eventsOf(
  reader: SqliteLogReader,
  upto: number,
  isBesideListing: boolean,
): Generator<StoredEvent> {
  const options = { what: "events", shownMin: SHOWN_EVENTS_MIN, isPlainToo: true };
  const bar = new ProgressBar(upto, { ...options, isBesideListing });
  try {
    for (const { event } of reader.events(upto)) {
      yield event;
      bar.add(1);
    }
  } finally {
    bar.end();
  }
}

/**
 * The position that `--at`, `--to` or `--from` means: a position, or a date in New York, which is
 * its last event, or, `first`, the first event of it. Default: the end, or the beginning.
 */
export function momentOf(
  { reader }: LedgerLog,
  values: Values,
  option: string,
  edge: "last" | "first",
): number {
  const text = textOf(values, option);
  const end = reader.lastPosition();
  if (text === undefined) return edge === "last" ? end : 1;
  if (/^[0-9]{1,15}$/.test(text)) {
    const position = Number(text);
    if (position <= end) return position;
    throw new Error(`--${option} ${text}: the log ends with event ${end}`);
  }
  const date = parseBankDate(text);
  if (date === undefined) throw new UsageError(`--${option} is a date, YYYY-MM-DD, or a position`);
  if (edge === "first") return reader.lastPosition(instantOf(date, 0)) + 1;
  return reader.lastPosition(instantOf(addDays(date, 1), 0));
}

/** Seconds do for people; null where there was nothing. */
export function timeText(atMs: number | null): string {
  return atMs === null ? "-" : `${new Date(atMs).toISOString().slice(0, 19)}Z`;
}

export function timeOrNull(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}
