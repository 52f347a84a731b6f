-- What people would pick instead: a transfer between two accounts as one function in PostgreSQL.
CREATE TABLE accounts (
  id integer PRIMARY KEY,
  cap_cents bigint NOT NULL,
  balance_cents bigint NOT NULL
);

-- Both legs in one row: the leanest form that a repeat cannot enter twice.
CREATE TABLE entries (
  payment uuid PRIMARY KEY,
  payer integer NOT NULL,
  payee integer NOT NULL,
  amount_cents bigint NOT NULL,
  at timestamptz NOT NULL DEFAULT now()
);

CREATE FUNCTION transfer(payer_id integer, payee_id integer, amount bigint, payment uuid)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  available bigint;
BEGIN
  -- Locks in the order of ids: two transfers never wait for one another.
  PERFORM 1 FROM accounts WHERE id IN (payer_id, payee_id) ORDER BY id FOR NO KEY UPDATE;
  SELECT cap_cents + balance_cents INTO available FROM accounts WHERE id = payer_id;
  IF available < amount THEN
    RAISE EXCEPTION 'limit exceeded';
  END IF;
  INSERT INTO entries (payment, payer, payee, amount_cents)
    VALUES (payment, payer_id, payee_id, amount);
  UPDATE accounts SET balance_cents = balance_cents - amount WHERE id = payer_id;
  UPDATE accounts SET balance_cents = balance_cents + amount WHERE id = payee_id;
  RETURN available - amount;
END
$$;
