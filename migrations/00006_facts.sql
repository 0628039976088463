-- Derived values that are filtered or sorted by, and the search document: one
-- side table for each kind that has any, written by the store with what they
-- follow from. They have no history; they follow from what has.

-- +goose Up
CREATE TABLE source_facts (
    source uuid PRIMARY KEY REFERENCES sources ON DELETE CASCADE,
    family uuid NOT NULL
);
CREATE INDEX source_facts_family_idx ON source_facts (family);
COMMENT ON COLUMN source_facts.family IS 'The root of the chain of owners: sources of one family are one publisher.';

CREATE TABLE article_facts (
    article uuid PRIMARY KEY REFERENCES articles ON DELETE CASCADE,
    origin  uuid NOT NULL
);
CREATE INDEX article_facts_origin_idx ON article_facts (origin);
COMMENT ON COLUMN article_facts.origin IS 'The root of the chain of syndication.';

CREATE TABLE claim_facts (
    claim  uuid PRIMARY KEY REFERENCES claims ON DELETE CASCADE,
    status text NOT NULL CHECK (status IN ('open', 'asserted', 'withdrawn', 'denied', 'contested', 'conceded'))
);
CREATE INDEX claim_facts_status_idx ON claim_facts (status, claim);

CREATE TABLE statement_facts (
    statement        uuid PRIMARY KEY REFERENCES statements ON DELETE CASCADE,
    report_count     int NOT NULL,
    publishers_low   int NOT NULL,
    publishers_high  int NOT NULL,
    origins_low      int NOT NULL,
    origins_high     int NOT NULL,
    first_carried_on date,
    carried_by       date,
    min_reliability  text,
    max_reliability  text,
    denied_by_others boolean NOT NULL,
    second_hand      boolean NOT NULL,
    medium           text NOT NULL,
    doc              tsvector NOT NULL
);
CREATE INDEX statement_facts_doc_idx ON statement_facts USING gin (doc);
CREATE INDEX statement_facts_publishers_idx ON statement_facts (publishers_high, statement);
CREATE INDEX statement_facts_origins_idx ON statement_facts (origins_high, statement);
CREATE INDEX statement_facts_first_carried_idx ON statement_facts (first_carried_on, statement);
CREATE INDEX statement_facts_denied_idx ON statement_facts (statement) WHERE denied_by_others;

CREATE TABLE stale (
    statement uuid PRIMARY KEY
);
COMMENT ON TABLE stale IS 'Statements whose facts wait to be computed again after a wide change: an owner, a rating, a syndication.';

ALTER TABLE idempotency ADD body bytea;
COMMENT ON COLUMN idempotency.body IS 'The record as first answered, up to 64 KiB; a larger one is read as of its commit.';

-- The stemmer for a language, as BCP 47; none for those PostgreSQL has none for.
-- +goose StatementBegin
CREATE FUNCTION search_config(language text) RETURNS regconfig LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE split_part(lower(language), '-', 1)
        WHEN 'ar' THEN 'arabic' WHEN 'da' THEN 'danish' WHEN 'nl' THEN 'dutch' WHEN 'en' THEN 'english'
        WHEN 'fi' THEN 'finnish' WHEN 'fr' THEN 'french' WHEN 'de' THEN 'german' WHEN 'hi' THEN 'hindi'
        WHEN 'hu' THEN 'hungarian' WHEN 'id' THEN 'indonesian' WHEN 'it' THEN 'italian' WHEN 'no' THEN 'norwegian'
        WHEN 'nb' THEN 'norwegian' WHEN 'pt' THEN 'portuguese' WHEN 'ro' THEN 'romanian' WHEN 'ru' THEN 'russian'
        WHEN 'sr' THEN 'serbian' WHEN 'es' THEN 'spanish' WHEN 'sv' THEN 'swedish' WHEN 'tr' THEN 'turkish'
        ELSE 'simple' END::regconfig
$$;
-- +goose StatementEnd

-- +goose Down
ALTER TABLE idempotency DROP body;
DROP FUNCTION search_config;
DROP TABLE stale, statement_facts, claim_facts, article_facts, source_facts;
