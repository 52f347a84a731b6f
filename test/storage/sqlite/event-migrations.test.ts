/** A log that an older program wrote is brought up to date, and tells the same afterwards. */
import { Database } from "bun:sqlite";
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SqliteEventLog } from "../../../src/storage/sqlite/event-log.ts";
import { migrate } from "../../../src/storage/sqlite/migrate.ts";
import { EVENT_MIGRATIONS } from "../../../src/storage/sqlite/migrations.ts";

const folder = mkdtempSync(join(tmpdir(), "seqr-migrations-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const VERSION_OF_STATE = 5;
const stored = { id: "one", seq: 3, lastPosition: 3, stateSeq: 2, state: '{"n":2}' };
const bare = { id: "two", seq: 1, lastPosition: 4, stateSeq: 0, state: null };

/** Two actors of three events and one, in the schema of `steps` steps. */
function writeOld(file: string, steps: number): void {
  const database = new Database(file, { create: true, strict: true });
  migrate(database, EVENT_MIGRATIONS.slice(0, steps));
  for (const { id, seq, lastPosition, stateSeq, state } of [stored, bare]) {
    database
      .query(
        `INSERT INTO actors (kind, name, seq, last_position, state_seq, state)
         VALUES ('counter', ?, ?, ?, ?, ?)`,
      )
      .run(id, seq, lastPosition, stateSeq, state);
  }
  if (steps > 1) database.query("UPDATE actors SET state_version = ?").run(VERSION_OF_STATE);
  const event = database.query(
    `INSERT INTO events (position, actor, seq, previous, kind, version, at_ms, principal,
     command_id, data, hash) VALUES (?, ?, ?, ?, 'Counted', 1, 0, 'nobody', 'c', '{}', ?)`,
  );
  event.run(1, 1, 1, 0, new Uint8Array(32));
  event.run(2, 1, 2, 1, new Uint8Array(32));
  event.run(3, 1, 3, 2, new Uint8Array(32));
  event.run(4, 2, 1, 0, new Uint8Array(32));
  database.close();
}

test.each([1, 2, 3])("states of a log of schema %d are kept with their sequence", (steps) => {
  const file = join(folder, `events-${steps}.db`);
  writeOld(file, steps);
  const log = new SqliteEventLog(file);
  const refs = [stored, bare].map(({ id }) => ({ kind: "counter", id }));
  const [one, two] = log.load(refs);
  // Before step 2 nobody noted which definition made a state: that is version 0, and not believed.
  const version = steps > 1 ? VERSION_OF_STATE : 0;
  expect(one).toMatchObject({
    seq: 3,
    lastPosition: 3,
    state: { seq: 2, json: stored.state, version },
  });
  expect(one?.events.map(({ seq }) => seq)).toEqual([3]);
  expect(two).toMatchObject({ seq: 1, lastPosition: 4, state: undefined });
  expect(two?.events.map(({ seq }) => seq)).toEqual([1]);
  log.close();
  // A second start finds nothing to do.
  new SqliteEventLog(file).close();
});
