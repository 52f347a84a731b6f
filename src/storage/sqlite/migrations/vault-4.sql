-- Rows that nothing was seen to name yet: a crash between sealing and the event that names the token
-- leaves one here for ever. `noted_at_ms` is when a sweep first found it so; 0 before that.
CREATE TABLE unnamed (
  token TEXT NOT NULL PRIMARY KEY,
  owner TEXT NOT NULL,
  noted_at_ms INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
