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
// at least 7 of 10 words in common.
const duplicatesSQL = `SELECT s.line, s.id, coalesce(s.key, ''), array_agg(o.id::text ORDER BY o.id)
	FROM staging s JOIN statements t ON t.id = s.id::uuid
		CROSS JOIN LATERAL (SELECT trim(regexp_replace(lower(t.text), '[^[:alnum:]]+', ' ', 'g')) AS text) a
		JOIN LATERAL (
			SELECT x.id FROM statements x
				CROSS JOIN LATERAL (SELECT trim(regexp_replace(lower(x.text), '[^[:alnum:]]+', ' ', 'g')) AS text) b
				CROSS JOIN LATERAL (SELECT string_to_array(a.text, ' ') AS a, string_to_array(b.text, ' ') AS b) w
			WHERE x.speaker = t.speaker AND x.id <> t.id AND (x.tx <> t.tx OR x.id < t.id) AND x.within IS NOT DISTINCT FROM t.within
				AND (x.said_from < t.said_to AND t.said_from < x.said_to OR x.said_days = 0 AND t.said_days = 0)
				AND (a.text = b.text OR (SELECT count(*) FROM (SELECT unnest(w.a) INTERSECT SELECT unnest(w.b)) both_have) * 10
					>= (SELECT count(*) FROM (SELECT unnest(w.a) UNION SELECT unnest(w.b)) either_has) * 7)
			LIMIT 5
		) o ON true
	WHERE s.import = $1 AND s.kind = 'statement' AND s.action = 'create' GROUP BY s.n, s.line, s.id, s.key ORDER BY s.n LIMIT $2`

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
