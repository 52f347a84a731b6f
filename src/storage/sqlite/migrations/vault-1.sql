-- Sealed personal data. Rows are destroyed when they are no longer needed; the page is overwritten.
CREATE TABLE sealed (
  token TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  owner TEXT NOT NULL,
  kek_id TEXT NOT NULL,
  sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
