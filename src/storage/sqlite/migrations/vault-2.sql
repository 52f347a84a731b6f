-- Rows of version 1 are sealed under the key-encryption key that they name; those of version 2 under
-- the data key of their person, and name none. Moving the former is a part of `seqr keys rotate`.
ALTER TABLE sealed ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE sealed ADD COLUMN person TEXT NOT NULL DEFAULT '';
CREATE INDEX sealed_by_person ON sealed (person);
CREATE INDEX sealed_of_version_1 ON sealed (token) WHERE version = 1;
