-- Who may write, and which writes were asked for before.

-- +goose Up
CREATE TABLE api_keys (
    id         text PRIMARY KEY,
    name       text NOT NULL,
    role       text NOT NULL CHECK (role IN ('reader', 'importer', 'editor', 'admin')),
    hash       bytea NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz
);
COMMENT ON COLUMN api_keys.hash IS 'SHA-256 of the secret; the key itself is shown once and never stored.';

CREATE TABLE idempotency (
    principal text NOT NULL,
    route     text NOT NULL,
    key       text NOT NULL,
    request   bytea NOT NULL,
    tx        bigint NOT NULL,
    kind      text NOT NULL,
    id        text NOT NULL,
    at        timestamptz NOT NULL,
    PRIMARY KEY (principal, route, key)
);
CREATE INDEX idempotency_at_idx ON idempotency (at);
COMMENT ON TABLE idempotency IS 'The outcome of a POST with an Idempotency-Key, written with it: its commit and record, from which the first answer is read again.';

-- +goose Down
DROP TABLE idempotency, api_keys;
