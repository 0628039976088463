-- Wide changes reach statements that are being written at the same time
-- (docs/decisions/0007): commits say that they are wide, and what waits for one
-- is looked up after it.

-- +goose Up
SET LOCAL lock_timeout = '5s';

ALTER TABLE commits ADD wide boolean NOT NULL DEFAULT false;
ALTER TABLE commits ALTER wide SET DEFAULT true; -- of writers that don't know of it
CREATE INDEX commits_wide_idx ON commits (seq) WHERE wide;
COMMENT ON COLUMN commits.wide IS 'Whether it changes what follows for statements that it does not write: a source, an article, a rating, an occasion.';

ALTER TABLE stale DROP CONSTRAINT stale_pkey;
ALTER TABLE stale ALTER statement DROP NOT NULL;
ALTER TABLE stale ADD CONSTRAINT stale_statement_key UNIQUE (statement);
ALTER TABLE stale ADD tx bigint;
ALTER TABLE stale ADD CONSTRAINT stale_one_check CHECK (num_nonnulls(statement, tx) = 1);
CREATE INDEX stale_tx_idx ON stale (tx) WHERE tx IS NOT NULL;
COMMENT ON TABLE stale IS 'Statements whose facts wait to be computed again after a wide change, and wide commits whose statements wait to be looked up.';
COMMENT ON COLUMN stale.tx IS 'Instead of a statement: the wide commit. It may wait several times.';

-- +goose Down
DELETE FROM stale WHERE statement IS NULL;
ALTER TABLE stale DROP tx;
ALTER TABLE stale DROP CONSTRAINT stale_statement_key;
ALTER TABLE stale ADD CONSTRAINT stale_pkey PRIMARY KEY (statement);
COMMENT ON TABLE stale IS 'Statements whose facts wait to be computed again after a wide change: an owner, a rating, a syndication.';
ALTER TABLE commits DROP wide;
