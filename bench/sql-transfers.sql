-- A transfer between two accounts and nothing else: what the event log is compared with.
CREATE TABLE accounts (
  id INTEGER PRIMARY KEY,
  cap_cents INTEGER NOT NULL,
  balance_cents INTEGER NOT NULL
) STRICT;

CREATE TABLE entries (
  payment TEXT NOT NULL PRIMARY KEY,
  payer INTEGER NOT NULL,
  payee INTEGER NOT NULL,
  amount_cents INTEGER NOT NULL,
  at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
