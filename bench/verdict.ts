/** What the event log says after a run: every payment exactly once, and the log itself whole. */
import { DEFAULT_POLICY } from "../actors/policy.ts";
import { checkLog } from "../src/commands/log-check.ts";
import type { StoredEvent } from "../src/runtime/event-log.ts";
import { SqliteLogReader } from "../src/storage/sqlite/log-reader.ts";
import { actorsOf } from "../src/switch.ts";
import { checkExactlyOnce, type OnceVerdict, type Told } from "./exactly-once.ts";

/** The exactly-once check, and the one that `seqr doctor` makes, of an event log at rest. */
export function verdictOn(told: readonly Told[], file: string): OnceVerdict {
  const reader = new SqliteLogReader(file);
  try {
    const verdict = checkExactlyOnce(told, eventsOf(reader));
    const { fault } = checkLog(reader, actorsOf(DEFAULT_POLICY));
    return fault === undefined ? verdict : { ...verdict, faults: [...verdict.faults, fault] };
  } finally {
    reader.close();
  }
}

function* eventsOf(reader: SqliteLogReader): Generator<StoredEvent> {
  for (const { event } of reader.events()) yield event;
}
