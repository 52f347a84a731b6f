-- Wrapped data keys, one a subject. In a file of its own: only its newest copy is ever kept, so that
-- a key which is destroyed here is destroyed (docs/privacy.md). Pages are overwritten.
CREATE TABLE data_keys (
  subject TEXT NOT NULL PRIMARY KEY,
  kek_id TEXT NOT NULL,
  wrapped BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX data_keys_by_kek ON data_keys (kek_id);
