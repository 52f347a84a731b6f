-- The event log. Rows of `events` are only ever inserted.
CREATE TABLE actors (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  seq INTEGER NOT NULL,
  last_position INTEGER NOT NULL,
  -- The state is a cache of the fold over the actor's events up to state_seq.
  state_seq INTEGER NOT NULL,
  state TEXT,
  UNIQUE (kind, name)
) STRICT;

-- `previous` is the position of the same actor's event before this one: an actor's history is read
-- backwards along it, and the table needs no second index.
CREATE TABLE events (
  position INTEGER PRIMARY KEY,
  actor INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  previous INTEGER NOT NULL,
  kind TEXT NOT NULL,
  version INTEGER NOT NULL,
  at_ms INTEGER NOT NULL,
  principal TEXT NOT NULL,
  command_id TEXT NOT NULL,
  data TEXT NOT NULL,
  hash BLOB NOT NULL
) STRICT;

CREATE TRIGGER events_are_not_updated BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events are only inserted'); END;
CREATE TRIGGER events_are_not_deleted BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are only inserted'); END;

CREATE TABLE outbox (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  to_kind TEXT NOT NULL,
  to_name TEXT NOT NULL,
  command TEXT NOT NULL
) STRICT;

CREATE TABLE timers (
  actor INTEGER NOT NULL,
  id TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  command TEXT NOT NULL,
  PRIMARY KEY (actor, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX timers_by_time ON timers (at_ms);

-- The day comes first, so that yesterday is forgotten as one range.
CREATE TABLE remembered (
  day INTEGER NOT NULL,
  command_id TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  reply TEXT NOT NULL,
  request_id TEXT NOT NULL,
  PRIMARY KEY (day, command_id)
) STRICT, WITHOUT ROWID;
