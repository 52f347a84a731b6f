-- Remembered replies stand in the order in which they were given, so that writing one touches the
-- end of the table and a small index, and yesterday's are forgotten from the front.
CREATE TABLE replies (
  number INTEGER PRIMARY KEY,
  day INTEGER NOT NULL,
  command_id TEXT NOT NULL UNIQUE,
  fingerprint TEXT NOT NULL,
  reply TEXT NOT NULL,
  request_id TEXT NOT NULL
) STRICT;
INSERT INTO replies (day, command_id, fingerprint, reply, request_id)
  SELECT day, command_id, fingerprint, reply, request_id FROM remembered ORDER BY day;
DROP TABLE remembered;
