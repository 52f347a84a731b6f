-- States in a table of their own, written now and then: every commit moves the rows of its actors,
-- and of those that are small many share a page.
CREATE TABLE states (
  actor INTEGER PRIMARY KEY,
  -- A cache of the fold over the actor's events up to this one.
  seq INTEGER NOT NULL,
  -- Which version of the actor's definition made it.
  version INTEGER NOT NULL,
  state TEXT NOT NULL
) STRICT;
INSERT INTO states (actor, seq, version, state)
  SELECT id, state_seq, state_version, state FROM actors WHERE state IS NOT NULL;
ALTER TABLE actors DROP COLUMN state;
ALTER TABLE actors DROP COLUMN state_seq;
ALTER TABLE actors DROP COLUMN state_version;
