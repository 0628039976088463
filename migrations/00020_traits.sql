-- Cells have what else statements are counted by (docs/decisions/0017): language,
-- medium, recurrence, whether on a condition, and the claims that they take a
-- position on.

-- +goose Up
SET LOCAL lock_timeout = '5s';
LOCK TABLE statement_cells, cell_changes IN ACCESS EXCLUSIVE MODE;

ALTER TABLE statement_cells
    ADD language text,
    ADD recurrence text NOT NULL DEFAULT '',
    ADD conditional text NOT NULL DEFAULT '',
    ADD claims text NOT NULL DEFAULT '',
    ADD stances text NOT NULL DEFAULT '',
    ADD medium_of text NOT NULL DEFAULT '';
UPDATE statement_cells c SET language = t.language, recurrence = t.recurrence,
    conditional = CASE WHEN t.condition_text IS NULL THEN 'false' WHEN t.condition_outcome IS NULL THEN 'true,open' ELSE 'true' END,
    claims = coalesce(p.claims, ''), stances = coalesce(p.stances, ''), medium_of = coalesce(f.medium, 'unknown')
FROM statements t
    LEFT JOIN statement_facts f ON f.statement = t.id
    LEFT JOIN (SELECT statement, string_agg(DISTINCT claim::text, ',' ORDER BY claim::text) AS claims, string_agg(DISTINCT stance, ',' ORDER BY stance) AS stances
        FROM positions GROUP BY 1) p ON p.statement = t.id
WHERE t.id = c.id;
ALTER TABLE statement_cells
    ALTER recurrence DROP DEFAULT, ALTER conditional DROP DEFAULT, ALTER claims DROP DEFAULT, ALTER stances DROP DEFAULT, ALTER medium_of DROP DEFAULT;
COMMENT ON COLUMN statement_cells.medium_of IS 'That of statement_facts.';

-- What waits to be folded doesn't say so much: all of it is noted anew.
TRUNCATE cell_changes, cells_by_kind, cells_by_behalf, cells_by_behalf_time, cells_by_speaker, cells_by_topics, cells_by_targets, cells_by_pair, cells_by_article;
ALTER TABLE cell_changes
    ADD language text,
    ADD recurrence text NOT NULL,
    ADD conditional text NOT NULL,
    ADD claims text NOT NULL,
    ADD stances text NOT NULL,
    ADD medium_of text NOT NULL;
INSERT INTO cell_changes (n, said_from, said_to, said_days, said_qualified, speaker, kind, on_behalf_of, target_countries, topics, occasion, articles,
    language, recurrence, conditional, claims, stances, medium_of)
SELECT 1, said_from, said_to, said_days, said_qualified, speaker, kind, on_behalf_of, target_countries, topics, occasion, articles,
    language, recurrence, conditional, claims, stances, medium_of
FROM statement_cells WHERE dataset = 'own' AND voice = 'attributed' AND "within" IS NULL;
UPDATE cell_folds SET mark = gen_random_uuid();

-- +goose Down
ALTER TABLE statement_cells DROP language, DROP recurrence, DROP conditional, DROP claims, DROP stances, DROP medium_of;
ALTER TABLE cell_changes DROP language, DROP recurrence, DROP conditional, DROP claims, DROP stances, DROP medium_of;
