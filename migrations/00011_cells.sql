-- What statements are counted by, in one narrow table, and roll-ups of it that
-- are kept by what changes there (docs/decisions/0010).

-- +goose Up
SET LOCAL lock_timeout = '5s';

CREATE TABLE statement_cells (
    id               uuid PRIMARY KEY,
    speaker          uuid NOT NULL,
    said_from        date NOT NULL,
    said_to          date NOT NULL,
    said_days        int NOT NULL,
    said_qualified   boolean NOT NULL,
    dataset          text NOT NULL,
    voice            text NOT NULL,
    kind             text NOT NULL,
    on_behalf_of     text,
    target_countries text NOT NULL,
    topics           text NOT NULL,
    "within"         uuid,
    occasion         uuid,
    articles         uuid[] NOT NULL
);
COMMENT ON TABLE statement_cells IS 'What statements are counted by: one row each, written with its facts.';
COMMENT ON COLUMN statement_cells.id IS 'The statement. No foreign key, which would cost as much as the row.';
COMMENT ON COLUMN statement_cells.target_countries IS 'Countries targeted in the standard roles, in order, with a comma between them.';
COMMENT ON COLUMN statement_cells.topics IS 'Its own topics, in order, with a comma between them.';
COMMENT ON COLUMN statement_cells.articles IS 'Of its reports, in order.';

INSERT INTO statement_cells
SELECT s.id, s.speaker, s.said_from, s.said_to, s.said_days, s.said_qualified, s.dataset, s.voice, s.kind, s.on_behalf_of,
    coalesce(t.list, ''), coalesce(p.list, ''), s."within", s.occasion, coalesce(r.list, '{}')
FROM statements s
    LEFT JOIN (SELECT p.statement, string_agg(DISTINCT coalesce(p.country, b.country), ',' ORDER BY coalesce(p.country, b.country)) AS list
        FROM statement_targets p LEFT JOIN speakers b ON b.id = p.speaker AND b.kind IN ('government', 'ministry', 'military', 'security_service', 'legislature', 'court')
        WHERE p.role IN ('object', 'addressee') GROUP BY 1) t ON t.statement = s.id
    LEFT JOIN (SELECT statement, string_agg(topic, ',' ORDER BY topic) AS list FROM statement_topics GROUP BY 1) p ON p.statement = s.id
    LEFT JOIN (SELECT statement, array_agg(article ORDER BY article) AS list FROM reports GROUP BY 1) r ON r.statement = s.id
ORDER BY s.id;
CREATE INDEX statement_cells_speaker_idx ON statement_cells (speaker);
CREATE INDEX statement_cells_on_behalf_of_idx ON statement_cells (on_behalf_of, kind);

-- Who changes the country of a speaker, and who writes a statement against it,
-- wait for each other by its row there.
INSERT INTO names (id, kind) SELECT id, 'speaker' FROM speakers ON CONFLICT DO NOTHING;

CREATE TABLE cell_changes (
    n                int NOT NULL,
    said_from        date NOT NULL,
    said_to          date NOT NULL,
    speaker          uuid NOT NULL,
    kind             text NOT NULL,
    on_behalf_of     text,
    target_countries text NOT NULL,
    topics           text NOT NULL,
    articles         uuid[] NOT NULL
);
ALTER TABLE cell_changes SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
COMMENT ON TABLE cell_changes IS 'What was added to the cells of the standard scope (n = 1) and taken from them (-1) and is not in the roll-ups yet.';
COMMENT ON COLUMN cell_changes.said_from IS 'The month, quarter or year that it was certainly said in, the shortest; where in none both bounds are -infinity.';

INSERT INTO cell_changes
SELECT 1, CASE WHEN period IS NULL THEN '-infinity' ELSE date_trunc(period, said_from::timestamp)::date END,
    CASE WHEN period IS NULL THEN '-infinity' ELSE (date_trunc(period, said_from::timestamp) + CASE period WHEN 'month' THEN interval '1 month' WHEN 'quarter' THEN interval '3 months' ELSE interval '1 year' END)::date END,
    speaker, kind, on_behalf_of, target_countries, topics, articles
FROM (SELECT *, CASE WHEN said_qualified OR said_days NOT BETWEEN 1 AND 366 THEN NULL
        WHEN date_trunc('month', said_from::timestamp) = date_trunc('month', (said_to - 1)::timestamp) THEN 'month'
        WHEN date_trunc('quarter', said_from::timestamp) = date_trunc('quarter', (said_to - 1)::timestamp) THEN 'quarter'
        WHEN date_trunc('year', said_from::timestamp) = date_trunc('year', (said_to - 1)::timestamp) THEN 'year' END AS period
    FROM statement_cells WHERE dataset = 'own' AND voice = 'attributed' AND "within" IS NULL) s;

-- Roll-ups: how many statements of the standard scope have these values; rows of
-- none stay.
CREATE TABLE cells_by_kind (kind text, said_from date, said_to date, n bigint NOT NULL, UNIQUE NULLS NOT DISTINCT (kind, said_from, said_to));
CREATE TABLE cells_by_behalf (on_behalf_of text, kind text, n bigint NOT NULL, UNIQUE NULLS NOT DISTINCT (on_behalf_of, kind));
CREATE TABLE cells_by_behalf_time (on_behalf_of text, said_from date, said_to date, n bigint NOT NULL, UNIQUE NULLS NOT DISTINCT (on_behalf_of, said_from, said_to));
CREATE TABLE cells_by_speaker (speaker uuid, n bigint NOT NULL, UNIQUE NULLS NOT DISTINCT (speaker));
CREATE TABLE cells_by_topics (topics text, n bigint NOT NULL);
CREATE UNIQUE INDEX cells_by_topics_idx ON cells_by_topics (md5(topics)); -- many topics are more than an index row takes
CREATE TABLE cells_by_targets (target_countries text, n bigint NOT NULL, UNIQUE NULLS NOT DISTINCT (target_countries));
CREATE TABLE cells_by_pair (on_behalf_of text, target_countries text, n bigint NOT NULL, UNIQUE NULLS NOT DISTINCT (on_behalf_of, target_countries));
CREATE TABLE cells_by_article (article uuid, n bigint NOT NULL, UNIQUE NULLS NOT DISTINCT (article));

-- +goose Down
DROP TABLE statement_cells, cell_changes, cells_by_kind, cells_by_behalf, cells_by_behalf_time, cells_by_speaker, cells_by_topics, cells_by_targets, cells_by_pair, cells_by_article;
