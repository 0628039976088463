-- Loading (docs/decisions/0008): what is being imported, and the reports; and
-- offices that several hold at once, of which imports have many.

-- +goose Up
SET LOCAL lock_timeout = '5s';

CREATE TABLE imports (
    id         uuid PRIMARY KEY,
    principal  text NOT NULL,
    key        text,
    request    bytea,
    state      text NOT NULL CHECK (state IN ('queued', 'running', 'done', 'partial', 'failed', 'reverted')),
    tx         bigint,
    alive_at   timestamptz NOT NULL,
    report     jsonb NOT NULL,
    UNIQUE (principal, key)
);
CREATE INDEX imports_tx_idx ON imports (tx);
CREATE INDEX imports_waiting_idx ON imports (alive_at) WHERE state IN ('queued', 'running');
COMMENT ON COLUMN imports.key IS 'The Idempotency-Key; request is the SHA-256 of what was sent with it.';
COMMENT ON COLUMN imports.tx IS 'The transaction that wrote it, of which commits has the seq.';
COMMENT ON COLUMN imports.alive_at IS 'When its process last said that it is at work; one that has fallen silent is failed.';

CREATE UNLOGGED TABLE staging (
    import  uuid NOT NULL,
    n       int NOT NULL,
    line    int NOT NULL,
    kind    text NOT NULL,
    id      text NOT NULL,
    key     text,
    pointer text NOT NULL,
    action  text NOT NULL,
    version int NOT NULL,
    digest  bytea NOT NULL,
    doc     jsonb,
    refs    text[]
);
ALTER TABLE staging SET (autovacuum_enabled = false);
CREATE INDEX staging_import_idx ON staging (import, kind, action, n);
COMMENT ON TABLE staging IS 'Records of imports under way, one row each, those within others too; gone when the import is over.';
COMMENT ON COLUMN staging.action IS 'What is to be done: create, update, unchanged, skip, conflict, fail.';
COMMENT ON COLUMN staging.version IS 'The version that an update expects to replace.';
COMMENT ON COLUMN staging.refs IS 'Each reference of the line as "kind id pointer", with its first record.';

ALTER TABLE stale ADD docs boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN stale.docs IS 'Whether its search document waits too, after a change of an article.';

ALTER TABLE offices ADD shared boolean NOT NULL DEFAULT false;
ALTER TABLE offices ALTER shared DROP DEFAULT;
ALTER TABLE offices_history RENAME TO offices_before;
ALTER INDEX offices_history_pkey RENAME TO offices_before_pkey;
CREATE TABLE offices_history (LIKE offices, to_tx bigint NOT NULL, PRIMARY KEY (id, version));
INSERT INTO offices_history SELECT b.id, b.key, b.version, b.dataset, b.review, b.created_tx, b.tx, b.title, b.country, b.body, false, b.to_tx FROM offices_before b;
DROP TABLE offices_before;

-- +goose Down
ALTER TABLE stale DROP docs;
ALTER TABLE offices DROP shared;
ALTER TABLE offices_history DROP shared;
DROP TABLE staging, imports;
