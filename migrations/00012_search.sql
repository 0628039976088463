-- Search documents of all that has words or names. A document is read by one
-- stemmer, whose name stands beside it, so that a query is asked of it as that
-- stemmer reads it; letters are folded before, in documents and queries alike.

-- +goose Up
SET LOCAL lock_timeout = '5s';

-- +goose StatementBegin
CREATE FUNCTION search_fold(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN octet_length(words) = char_length(words) THEN translate(words, '<>/', '   ') ELSE normalize(translate(regexp_replace(normalize(words, NFKD),
        '(?<![иИ])[\u0300-\u036f]|[\u00ad\u0640\u064b-\u065f\u0670\u200b-\u200f]', '', 'g'),
        '<>/øØłŁđĐıæÆœŒ’یىکگګہھە٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹', '   oOlLdDiaAoO''ييكگگههه01234567890123456789'), NFC) END
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION search_fold IS 'Without accents, and with one form of the letters that Arabic, Persian, Pashto and Urdu keyboards write differently; < > / are spaces, as they would make tags and paths of words. internal/store/mark.go has the same in Go.';

-- The name of the stemmer for a language, as BCP 47; search_config has the same.
-- +goose StatementBegin
CREATE FUNCTION search_stemmer(language text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE split_part(lower(language), '-', 1)
        WHEN 'en' THEN 'english' WHEN 'ar' THEN 'arabic' WHEN 'da' THEN 'danish' WHEN 'nl' THEN 'dutch' WHEN 'fi' THEN 'finnish'
        WHEN 'fr' THEN 'french' WHEN 'de' THEN 'german' WHEN 'hi' THEN 'hindi' WHEN 'hu' THEN 'hungarian' WHEN 'id' THEN 'indonesian'
        WHEN 'it' THEN 'italian' WHEN 'no' THEN 'norwegian' WHEN 'nb' THEN 'norwegian' WHEN 'pt' THEN 'portuguese' WHEN 'ro' THEN 'romanian'
        WHEN 'ru' THEN 'russian' WHEN 'sr' THEN 'serbian' WHEN 'es' THEN 'spanish' WHEN 'sv' THEN 'swedish' WHEN 'tr' THEN 'turkish'
        ELSE 'simple' END
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION search_doc(language text, title text, body text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT setweight(to_tsvector(search_config(language), search_fold(coalesce(title, ''))), 'A')
        || setweight(to_tsvector(search_config(language), search_fold(coalesce(body, ''))), 'B')
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION search_doc IS 'A search document: the title, weight A, and the body, weight B.';

-- How each stemmer reads what is typed into a search box; several texts are
-- alternatives. Not there is a stemmer to which nothing of it is a word.
-- +goose StatementBegin
CREATE FUNCTION search_readings(words text[]) RETURNS TABLE (stemmer text, reading tsquery) LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 20 AS $$
    SELECT stemmer, string_agg('(' || read || ')', ' | ')::tsquery FROM (
        SELECT c.stemmer, websearch_to_tsquery(c.config, search_fold(w))::text AS read FROM unnest(words) w, (VALUES
            ('simple', 'simple'::regconfig), ('english', 'english'::regconfig), ('arabic', 'arabic'::regconfig), ('danish', 'danish'::regconfig),
            ('dutch', 'dutch'::regconfig), ('finnish', 'finnish'::regconfig), ('french', 'french'::regconfig), ('german', 'german'::regconfig),
            ('hindi', 'hindi'::regconfig), ('hungarian', 'hungarian'::regconfig), ('indonesian', 'indonesian'::regconfig), ('italian', 'italian'::regconfig),
            ('norwegian', 'norwegian'::regconfig), ('portuguese', 'portuguese'::regconfig), ('romanian', 'romanian'::regconfig), ('russian', 'russian'::regconfig),
            ('serbian', 'serbian'::regconfig), ('spanish', 'spanish'::regconfig), ('swedish', 'swedish'::regconfig), ('turkish', 'turkish'::regconfig)
        ) c(stemmer, config)
    ) each WHERE read <> '' GROUP BY stemmer OFFSET 0
$$;
-- +goose StatementEnd

-- What is looked for in the index: at least what all stemmers look for, without
-- what is not wanted. Each document is then asked as its own stemmer reads it.
-- +goose StatementBegin
CREATE FUNCTION search_query(words text[]) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 100000 AS $$
    SELECT CASE WHEN count(*) = 0 THEN '''@'''::tsquery WHEN bool_or(tree = 'T') THEN '!''@'''::tsquery ELSE string_agg('(' || tree || ')', ' | ')::tsquery END
    FROM (SELECT DISTINCT querytree(reading) AS tree FROM search_readings(words)) trees
$$;
-- +goose StatementEnd

-- Of statements that don't say in which language they are, that of an article
-- that carries them; renderings are read as their statement is.
DROP INDEX statement_docs_doc_idx;
TRUNCATE statement_docs;
ALTER TABLE statement_docs ADD stemmer text NOT NULL;
INSERT INTO statement_docs (statement, stemmer, doc)
    SELECT t.id, search_stemmer(d.language), search_doc(d.language, left(t.text, 20000), left(d.body, 60000))
    FROM statements t CROSS JOIN LATERAL (SELECT
        coalesce(t.language, (SELECT max(a.language) FROM reports r JOIN articles a ON a.id = r.article WHERE r.statement = t.id)) AS language,
        (SELECT string_agg(w.text, E'\n' ORDER BY w.report, w.n) FROM renderings w WHERE w.statement = t.id) AS body OFFSET 0) d;
COMMENT ON COLUMN statement_docs.doc IS 'The statement''s text, weight A, and its renderings, weight B.';

CREATE TABLE claim_docs (claim uuid PRIMARY KEY REFERENCES claims ON DELETE CASCADE, stemmer text NOT NULL, doc tsvector NOT NULL);
CREATE TABLE event_docs (event uuid PRIMARY KEY REFERENCES events ON DELETE CASCADE, stemmer text NOT NULL, doc tsvector NOT NULL);
CREATE TABLE article_docs (article uuid PRIMARY KEY REFERENCES articles ON DELETE CASCADE, stemmer text NOT NULL, doc tsvector NOT NULL);
CREATE TABLE speaker_docs (speaker uuid PRIMARY KEY REFERENCES speakers ON DELETE CASCADE, stemmer text NOT NULL, doc tsvector NOT NULL);
CREATE TABLE source_docs (source uuid PRIMARY KEY REFERENCES sources ON DELETE CASCADE, stemmer text NOT NULL, doc tsvector NOT NULL);
CREATE TABLE office_docs (office uuid PRIMARY KEY REFERENCES offices ON DELETE CASCADE, stemmer text NOT NULL, doc tsvector NOT NULL);
CREATE TABLE country_docs (country text PRIMARY KEY REFERENCES countries ON DELETE CASCADE, stemmer text NOT NULL, doc tsvector NOT NULL);
CREATE TABLE topic_docs (topic text PRIMARY KEY REFERENCES topics ON DELETE CASCADE, stemmer text NOT NULL, doc tsvector NOT NULL);
INSERT INTO claim_docs SELECT t.id, search_stemmer(d.language), search_doc(d.language, left(t.text, 20000), d.body)
    FROM claims t CROSS JOIN LATERAL (SELECT 'en'::text AS language, NULL::text AS body OFFSET 0) d;
INSERT INTO event_docs SELECT t.id, search_stemmer(d.language), search_doc(d.language, t.title, d.body)
    FROM events t CROSS JOIN LATERAL (SELECT 'en'::text AS language, left(concat_ws(E'\n', t.description, (SELECT string_agg(p.name, E'\n' ORDER BY p.n) FROM event_places p WHERE p.event = t.id)), 60000)::text AS body OFFSET 0) d;
INSERT INTO article_docs SELECT t.id, search_stemmer(d.language), search_doc(d.language, t.title, d.body)
    FROM articles t CROSS JOIN LATERAL (SELECT t.language::text AS language, concat_ws(E'\n', t.section, t.dateline, t.author, t.label)::text AS body OFFSET 0) d;
INSERT INTO speaker_docs SELECT t.id, search_stemmer(d.language), search_doc(d.language, t.name, d.body)
    FROM speakers t CROSS JOIN LATERAL (SELECT NULL::text AS language, (SELECT string_agg(p.name, E'\n' ORDER BY p.n) FROM speaker_aliases p WHERE p.speaker = t.id)::text AS body OFFSET 0) d;
INSERT INTO source_docs SELECT t.id, search_stemmer(d.language), search_doc(d.language, t.name, d.body)
    FROM sources t CROSS JOIN LATERAL (SELECT NULL::text AS language, t.domain::text AS body OFFSET 0) d;
INSERT INTO office_docs SELECT t.id, search_stemmer(d.language), search_doc(d.language, t.title, d.body)
    FROM offices t CROSS JOIN LATERAL (SELECT NULL::text AS language, NULL::text AS body OFFSET 0) d;
INSERT INTO country_docs SELECT t.id, search_stemmer(d.language), search_doc(d.language, t.name, d.body)
    FROM countries t CROSS JOIN LATERAL (SELECT NULL::text AS language, concat_ws(E'\n', t.official_name, (SELECT string_agg(p.name, E'\n' ORDER BY p.n) FROM country_aliases p WHERE p.country = t.id))::text AS body OFFSET 0) d;
INSERT INTO topic_docs SELECT t.id, search_stemmer(d.language), search_doc(d.language, t.name, d.body)
    FROM topics t CROSS JOIN LATERAL (SELECT NULL::text AS language, NULL::text AS body OFFSET 0) d;

CREATE INDEX statement_docs_doc_idx ON statement_docs USING gin (doc);
CREATE INDEX claim_docs_doc_idx ON claim_docs USING gin (doc);
CREATE INDEX event_docs_doc_idx ON event_docs USING gin (doc);
CREATE INDEX article_docs_doc_idx ON article_docs USING gin (doc);
CREATE INDEX speaker_docs_doc_idx ON speaker_docs USING gin (doc);
CREATE INDEX source_docs_doc_idx ON source_docs USING gin (doc);
CREATE INDEX office_docs_doc_idx ON office_docs USING gin (doc);
CREATE INDEX country_docs_doc_idx ON country_docs USING gin (doc);
CREATE INDEX topic_docs_doc_idx ON topic_docs USING gin (doc);

-- Which plan is right for a word hangs on how many have it.
ALTER TABLE statement_docs ALTER doc SET STATISTICS 1000;
ALTER TABLE article_docs ALTER doc SET STATISTICS 1000;
ALTER TABLE event_docs ALTER doc SET STATISTICS 1000;

-- +goose Down
DROP TABLE topic_docs, country_docs, office_docs, source_docs, speaker_docs, article_docs, event_docs, claim_docs;
ALTER TABLE statement_docs DROP stemmer, ALTER doc SET STATISTICS -1;
DROP FUNCTION search_query, search_readings, search_doc, search_stemmer, search_fold;
