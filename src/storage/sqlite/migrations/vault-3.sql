-- The blind index: the keyed hash of a bank account beside the tokens that stand for it, so that two
-- who register the same one are noticed and nobody can read which it is. A row goes with its token.
CREATE TABLE bank_account_tags (
  tag BLOB NOT NULL,
  token TEXT NOT NULL,
  owner TEXT NOT NULL,
  PRIMARY KEY (tag, token)
) STRICT, WITHOUT ROWID;
CREATE INDEX bank_account_tags_by_token ON bank_account_tags (token);
