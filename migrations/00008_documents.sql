-- The search document apart from the other facts, so that a change of counts
-- doesn't write it again; who denies a claim kept with its facts, so that
-- statements need not look at all positions on it.

-- +goose Up
SET LOCAL lock_timeout = '5s';

CREATE TABLE statement_docs (
    statement uuid PRIMARY KEY REFERENCES statements ON DELETE CASCADE,
    doc       tsvector NOT NULL
);
INSERT INTO statement_docs SELECT statement, doc FROM statement_facts;
CREATE INDEX statement_docs_doc_idx ON statement_docs USING gin (doc);
COMMENT ON COLUMN statement_docs.doc IS 'The statement''s text, weight A, and its renderings, weight B, each in its own language.';
ALTER TABLE statement_facts DROP doc;

ALTER TABLE claim_facts ADD denied_by uuid[] NOT NULL DEFAULT '{}', ADD denied_tx bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN claim_facts.denied_by IS 'Up to two speakers whose position that counts is a denial: enough to know of any speaker whether another denies.';
COMMENT ON COLUMN claim_facts.denied_tx IS 'The transaction that last changed denied_by.';
WITH latest AS (
    SELECT DISTINCT ON (p.claim, s.speaker) p.claim, s.speaker, p.stance
    FROM positions p JOIN statements s ON s.id = p.statement WHERE s.within IS NULL AND s.voice = 'attributed'
    ORDER BY p.claim, s.speaker, s.said_days > 0 DESC, s.said_to DESC, s.said_from DESC, p.id DESC
), denials AS (
    SELECT claim, (array_agg(speaker ORDER BY speaker))[1:2] AS by FROM latest WHERE stance = 'denies' GROUP BY claim
)
UPDATE claim_facts f SET denied_by = d.by FROM denials d WHERE d.claim = f.claim;

-- Constants, so that no name is looked up for each text.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION search_config(language text) RETURNS regconfig LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE split_part(lower(language), '-', 1)
        WHEN 'en' THEN 'english'::regconfig WHEN 'ar' THEN 'arabic'::regconfig WHEN 'da' THEN 'danish'::regconfig WHEN 'nl' THEN 'dutch'::regconfig
        WHEN 'fi' THEN 'finnish'::regconfig WHEN 'fr' THEN 'french'::regconfig WHEN 'de' THEN 'german'::regconfig WHEN 'hi' THEN 'hindi'::regconfig
        WHEN 'hu' THEN 'hungarian'::regconfig WHEN 'id' THEN 'indonesian'::regconfig WHEN 'it' THEN 'italian'::regconfig WHEN 'no' THEN 'norwegian'::regconfig
        WHEN 'nb' THEN 'norwegian'::regconfig WHEN 'pt' THEN 'portuguese'::regconfig WHEN 'ro' THEN 'romanian'::regconfig WHEN 'ru' THEN 'russian'::regconfig
        WHEN 'sr' THEN 'serbian'::regconfig WHEN 'es' THEN 'spanish'::regconfig WHEN 'sv' THEN 'swedish'::regconfig WHEN 'tr' THEN 'turkish'::regconfig
        ELSE 'simple'::regconfig END
$$;
-- +goose StatementEnd

-- +goose Down
ALTER TABLE claim_facts DROP denied_tx, DROP denied_by;
ALTER TABLE statement_facts ADD doc tsvector;
UPDATE statement_facts f SET doc = d.doc FROM statement_docs d WHERE d.statement = f.statement;
ALTER TABLE statement_facts ALTER doc SET NOT NULL;
CREATE INDEX statement_facts_doc_idx ON statement_facts USING gin (doc);
DROP TABLE statement_docs;
