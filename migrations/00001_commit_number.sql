-- The commit number (docs/decisions/0001): the order in which things became
-- true. Everything that needs an order (as-of, feed, validators, the tamper
-- chain, read-your-writes) takes it from commits.seq.

-- +goose Up
CREATE TABLE head (
    one boolean PRIMARY KEY DEFAULT true CHECK (one)
);
COMMENT ON TABLE head IS 'A lock row: taken last before COMMIT, never updated, so that commits become visible in the order of their seq.';
INSERT INTO head DEFAULT VALUES;

CREATE TABLE commits (
    seq       bigint PRIMARY KEY,
    tx        bigint NOT NULL UNIQUE,
    at        timestamptz NOT NULL,
    principal text NOT NULL,
    reason    text,
    kind      text NOT NULL CHECK (kind IN ('creates', 'revises', 'corrects', 'retracts', 'merges', 'unmerges', 'splits', 'deletes', 'imports', 'reverts')),
    import_id uuid,
    digest    bytea NOT NULL,
    hash      bytea NOT NULL
);
CREATE INDEX commits_at_idx ON commits (at);
COMMENT ON COLUMN commits.seq IS 'Gapless, in the order of visibility; 0 is the genesis.';
COMMENT ON COLUMN commits.hash IS 'SHA-256 of the hash before, the digest, the seq, the time in microseconds and the SHA-256 of principal, kind and reason, one a line.';
INSERT INTO commits (seq, tx, at, principal, kind, digest, hash)
VALUES (0, 0, '2000-01-01 00:00:00Z', 'genesis', 'creates', sha256(''), sha256(''));

CREATE SEQUENCE tx_numbers MINVALUE 1 INCREMENT 64;
COMMENT ON SEQUENCE tx_numbers IS 'Hands out blocks of 64 private transaction numbers. They promise no order.';

CREATE TABLE changes (
    tx      bigint NOT NULL,
    n       int NOT NULL,
    kind    text NOT NULL,
    id      text NOT NULL,
    version int NOT NULL,
    op      text NOT NULL CHECK (op IN ('create', 'update', 'delete')),
    digest  bytea NOT NULL,
    PRIMARY KEY (tx, n)
);
CREATE INDEX changes_record_idx ON changes (id, kind, version);
COMMENT ON COLUMN changes.digest IS 'SHA-256 of the record''s kind, id and canonical form; empty for a deletion.';

CREATE TABLE tombstones (
    kind        text NOT NULL,
    id          text NOT NULL,
    version     int NOT NULL,
    tx          bigint NOT NULL,
    merged_into text,
    PRIMARY KEY (kind, id)
);

CREATE TABLE names (
    id   uuid PRIMARY KEY,
    kind text NOT NULL
);
COMMENT ON TABLE names IS 'Which kind of record a key''s id belongs to, for life: a key names one record over all kinds.';

-- +goose Down
DROP TABLE names, tombstones, changes, commits, head;
DROP SEQUENCE tx_numbers;
