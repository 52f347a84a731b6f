-- Rows of all views; rebuildable from the event log.
CREATE TABLE rows (
  view TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (view, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE progress (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  position INTEGER NOT NULL,
  versions TEXT NOT NULL
) STRICT;
INSERT INTO progress (id, position, versions) VALUES (1, 0, '');
