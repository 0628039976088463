-- Changes of cells say all that cells in memory are made from, and folding them
-- leaves a mark by which memory is known to be of before (docs/decisions/0017).

-- +goose Up
SET LOCAL lock_timeout = '5s';
LOCK TABLE cell_changes IN ACCESS EXCLUSIVE MODE;

INSERT INTO cells_by_speaker AS r SELECT speaker, sum(n) FROM cell_changes GROUP BY 1 ON CONFLICT (speaker) DO UPDATE SET n = r.n + excluded.n;
INSERT INTO cells_by_kind AS r SELECT kind, said_from, said_to, sum(n) FROM cell_changes GROUP BY 1, 2, 3 ON CONFLICT (kind, said_from, said_to) DO UPDATE SET n = r.n + excluded.n;
INSERT INTO cells_by_topics AS r SELECT topics, sum(n) FROM cell_changes GROUP BY 1 ON CONFLICT (md5(topics)) DO UPDATE SET n = r.n + excluded.n;
INSERT INTO cells_by_behalf AS r SELECT on_behalf_of, kind, sum(n) FROM cell_changes GROUP BY 1, 2 ON CONFLICT (on_behalf_of, kind) DO UPDATE SET n = r.n + excluded.n;
INSERT INTO cells_by_article AS r SELECT x, sum(n) FROM cell_changes, unnest(articles) x GROUP BY 1 ON CONFLICT (article) DO UPDATE SET n = r.n + excluded.n;
INSERT INTO cells_by_behalf_time AS r SELECT on_behalf_of, said_from, said_to, sum(n) FROM cell_changes GROUP BY 1, 2, 3 ON CONFLICT (on_behalf_of, said_from, said_to) DO UPDATE SET n = r.n + excluded.n;
INSERT INTO cells_by_targets AS r SELECT target_countries, sum(n) FROM cell_changes GROUP BY 1 ON CONFLICT (target_countries) DO UPDATE SET n = r.n + excluded.n;
INSERT INTO cells_by_pair AS r SELECT on_behalf_of, target_countries, sum(n) FROM cell_changes GROUP BY 1, 2 ON CONFLICT (on_behalf_of, target_countries) DO UPDATE SET n = r.n + excluded.n;
TRUNCATE cell_changes;

ALTER TABLE cell_changes ADD COLUMN said_days int NOT NULL, ADD COLUMN said_qualified boolean NOT NULL, ADD COLUMN occasion uuid;
COMMENT ON COLUMN cell_changes.said_from IS NULL;

CREATE TABLE cell_folds (
    one  boolean PRIMARY KEY DEFAULT true CHECK (one),
    mark uuid NOT NULL DEFAULT gen_random_uuid()
);
COMMENT ON TABLE cell_folds IS 'One row, of which the mark is another after each folding.';
INSERT INTO cell_folds DEFAULT VALUES;

-- +goose Down
DROP TABLE cell_folds;
TRUNCATE cell_changes, cells_by_kind, cells_by_behalf, cells_by_behalf_time, cells_by_speaker, cells_by_topics, cells_by_targets, cells_by_pair, cells_by_article;
ALTER TABLE cell_changes DROP COLUMN said_days, DROP COLUMN said_qualified, DROP COLUMN occasion;
INSERT INTO cell_changes
SELECT 1, CASE WHEN period IS NULL THEN '-infinity' ELSE date_trunc(period, said_from::timestamp)::date END,
    CASE WHEN period IS NULL THEN '-infinity' ELSE (date_trunc(period, said_from::timestamp) + CASE period WHEN 'month' THEN interval '1 month' WHEN 'quarter' THEN interval '3 months' ELSE interval '1 year' END)::date END,
    speaker, kind, on_behalf_of, target_countries, topics, articles
FROM (SELECT *, CASE WHEN said_qualified OR said_days NOT BETWEEN 1 AND 366 THEN NULL
        WHEN date_trunc('month', said_from::timestamp) = date_trunc('month', (said_to - 1)::timestamp) THEN 'month'
        WHEN date_trunc('quarter', said_from::timestamp) = date_trunc('quarter', (said_to - 1)::timestamp) THEN 'quarter'
        WHEN date_trunc('year', said_from::timestamp) = date_trunc('year', (said_to - 1)::timestamp) THEN 'year' END AS period
    FROM statement_cells WHERE dataset = 'own' AND voice = 'attributed' AND "within" IS NULL) s;
