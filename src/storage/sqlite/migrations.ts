/** The schema of the event log, step by step. */
import eventsSchema from "./migrations/events-1.sql" with { type: "text" };
import stateVersions from "./migrations/events-2.sql" with { type: "text" };
import repliesInOrder from "./migrations/events-3.sql" with { type: "text" };
import statesApart from "./migrations/events-4.sql" with { type: "text" };

export const EVENT_MIGRATIONS = [
  { version: 1, sql: eventsSchema },
  { version: 2, sql: stateVersions },
  { version: 3, sql: repliesInOrder },
  { version: 4, sql: statesApart },
];
