package store

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// comparable is up to how many new statements duplicates are looked for.
const comparable = 10_000

// duplicatesSQL finds statements that may be the same act of speech as one that
// an import has stored: of the same speaker, at a time that overlaps (or both
// at an unknown one), in the same words but for case and punctuation, or with
// at least 7 of 10 words in common. Words are taken apart once for each
// statement, and those compared that have about as many.
const duplicatesSQL = `WITH fresh AS MATERIALIZED (
		SELECT s.n, s.line, s.id AS record, coalesce(s.key, '') AS key, t.id, t.speaker, t.said_from, t.said_to, t.said_days
		FROM staging s JOIN statements t ON t.id = s.id::uuid WHERE s.import = $1 AND s.kind = 'statement' AND s.action = 'create'
	), said AS MATERIALIZED (
		SELECT x.id, x.tx, x.speaker, x.within, x.said_from, x.said_to, x.said_days, w.text, w.words, cardinality(w.words) AS many
		FROM statements x CROSS JOIN LATERAL (SELECT text, ARRAY(SELECT DISTINCT unnest(string_to_array(text, ' '))) AS words
			FROM (SELECT trim(regexp_replace(lower(x.text), '[^[:alnum:]]+', ' ', 'g')) AS text) t) w
		WHERE EXISTS (SELECT FROM fresh f WHERE f.speaker = x.speaker AND ` + overlapping + `)
	)
	SELECT f.line, f.record, f.key, (array_agg(x.id::text ORDER BY x.id))[1:5]
	FROM fresh f JOIN said t ON t.id = f.id JOIN said x ON x.speaker = f.speaker AND x.id <> t.id AND (x.tx <> t.tx OR x.id < t.id)
		AND x.within IS NOT DISTINCT FROM t.within AND ` + overlapping + `
		AND (x.text = t.text OR least(x.many, t.many) * 10 >= greatest(x.many, t.many) * 7
			AND (SELECT count(*) FROM unnest(x.words) w WHERE w = ANY(t.words)) * 17 >= (x.many + t.many) * 7)
	GROUP BY f.n, f.line, f.record, f.key ORDER BY f.n LIMIT $2`

const overlapping = `(x.said_from < f.said_to AND f.said_from < x.said_to OR x.said_days = 0 AND f.said_days = 0)`

// lookForDuplicates adds them to the report. Nothing is merged.
func (i *importing) lookForDuplicates(ctx context.Context) error {
	rows, err := i.Store.write.Query(ctx, duplicatesSQL, i.ID, told)
	if err != nil {
		return translate(err)
	}
	if i.Duplicates, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Duplicate]); err != nil {
		return translate(err)
	}
	_, err = i.Store.write.Exec(ctx, `UPDATE imports SET report = $2 WHERE id = $1`, i.ID, i.json())
	return translate(err)
}
