package store

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// What statements are counted by is kept once more, narrowly, so that a count
// is a scan of few bytes: statement_cells has a row for each statement. What
// changes there is noted in cell_changes, in the same transaction, and folded
// into the roll-ups later; roll-ups and what is not folded yet are read
// together, so they are exact in any snapshot, and writers never wait for each
// other's rows.

// cellColumns are those of statement_cells. They have the names of the columns of
// statements that they are, so that conditions on a statement t hold of its cell.
const cellColumns = `id, speaker, said_from, said_to, said_days, said_qualified, dataset, voice, kind, on_behalf_of, target_countries, topics, "within", occasion, articles, ` +
	`language, recurrence, conditional, claims, stances, medium_of`

// standardScope holds of the cells that roll-ups count: filters that have a
// standard are at it.
const standardScope = `s.dataset = 'own' AND s.voice = 'attributed' AND s."within" IS NULL`

// standardRoles are those of the countries kept: the standard of target_role.
const standardRoles = `('object', 'addressee')`

// cellsSQL keeps the cells of the statements %[1]s, also of those that are gone,
// and notes what that changes.
var cellsSQL = `WITH now AS MATERIALIZED (
		SELECT t.id, t.speaker, t.said_from, t.said_to, t.said_days, t.said_qualified, t.dataset, t.voice, t.kind, t.on_behalf_of,
			coalesce((SELECT string_agg(DISTINCT x.v, ',' ORDER BY x.v) FROM (SELECT ` + strings.ReplaceAll(partyCountry, "{speakers}", "speakers") + ` AS v
				FROM statement_targets p WHERE p.statement = t.id AND p.role IN ` + standardRoles + `) x), '') AS target_countries,
			coalesce((SELECT string_agg(p.topic, ',' ORDER BY p.topic) FROM statement_topics p WHERE p.statement = t.id), '') AS topics,
			t."within", t.occasion, ARRAY(SELECT r.article FROM reports r WHERE r.statement = t.id ORDER BY 1) AS articles,
			t.language, t.recurrence, CASE WHEN t.condition_text IS NULL THEN 'false' WHEN t.condition_outcome IS NULL THEN 'true,open' ELSE 'true' END AS conditional,
			coalesce(p.claims, '') AS claims, coalesce(p.stances, '') AS stances, coalesce((SELECT f.medium FROM statement_facts f WHERE f.statement = t.id), 'unknown') AS medium_of
		FROM statements t CROSS JOIN LATERAL (SELECT string_agg(DISTINCT p.claim::text, ',' ORDER BY p.claim::text) AS claims, string_agg(DISTINCT p.stance, ',' ORDER BY p.stance) AS stances
			FROM positions p WHERE p.statement = t.id) p
		WHERE t.id IN (%[1]s)
	), before AS MATERIALIZED (SELECT ` + cellColumns + ` FROM statement_cells WHERE id IN (%[1]s)
	), gone AS (DELETE FROM statement_cells WHERE id IN (SELECT id FROM before EXCEPT SELECT id FROM now)
	), kept AS (
		INSERT INTO statement_cells AS c (` + cellColumns + `) SELECT ` + cellColumns + ` FROM now
		ON CONFLICT (id) DO UPDATE SET (` + cellColumns + `) = (SELECT ` + prefixed("excluded.", cellColumns) + `)
		WHERE (` + prefixed("c.", cellColumns) + `) IS DISTINCT FROM (` + prefixed("excluded.", cellColumns) + `)
	)
	INSERT INTO cell_changes (n, ` + changedColumns + `) ` + changesSQL(`SELECT 1 AS n, now.* FROM now WHERE NOT EXISTS (SELECT FROM before WHERE before.id = now.id AND before.* IS NOT DISTINCT FROM now.*)
		UNION ALL SELECT -1, before.* FROM before WHERE NOT EXISTS (SELECT FROM now WHERE now.id = before.id AND before.* IS NOT DISTINCT FROM now.*)`)

const changedColumns = `said_from, said_to, said_days, said_qualified, speaker, kind, on_behalf_of, target_countries, topics, occasion, articles, language, recurrence, conditional, claims, stances, medium_of`

// changesSQL makes rows of cell_changes of n and cells.
func changesSQL(cells string) string {
	return "SELECT n, " + changedColumns + " FROM (" + cells + ") s WHERE " + standardScope
}

// inPeriods are changes with the month, quarter or year that was certainly meant,
// the shortest, in place of the day; where none was, both bounds are -infinity.
func inPeriods(changes string) string {
	return `(SELECT *, coalesce(date_trunc(period, day_from::timestamp)::date, '-infinity') AS said_from,
			coalesce((date_trunc(period, day_from::timestamp) + CASE period WHEN 'month' THEN interval '1 month' WHEN 'quarter' THEN interval '3 months' ELSE interval '1 year' END)::date, '-infinity') AS said_to
		FROM (SELECT n, kind, on_behalf_of, said_from AS day_from, CASE WHEN said_qualified OR said_days NOT BETWEEN 1 AND 366 THEN NULL
				WHEN date_trunc('month', said_from::timestamp) = date_trunc('month', (said_to - 1)::timestamp) THEN 'month'
				WHEN date_trunc('quarter', said_from::timestamp) = date_trunc('quarter', (said_to - 1)::timestamp) THEN 'quarter'
				WHEN date_trunc('year', said_from::timestamp) = date_trunc('year', (said_to - 1)::timestamp) THEN 'year' END AS period
			FROM ` + changes + ` d) d)`
}

// prefixed puts a row's name before each column of a list.
func prefixed(row, columns string) string {
	return row + strings.ReplaceAll(columns, ", ", ", "+row)
}

// A speaker that changes its country, or becomes or ceases to be a body of its
// state, changes what the statements against it are counted by. It waits for who
// writes such a statement at the same time, and the other way round, by the
// speaker's row in names: other changes of a speaker wait for nobody.
const (
	holdTargetsSQL   = `SELECT id FROM names WHERE id IN (SELECT p.speaker FROM statement_targets p WHERE p.statement IN (%s) AND p.speaker IS NOT NULL) ORDER BY id FOR SHARE`
	holdSpeakersSQL  = `SELECT id FROM names WHERE id IN (` + movedSpeakers + `) ORDER BY id FOR UPDATE`
	holdAgainstSQL   = `SELECT statement FROM statement_facts WHERE statement IN (` + againstSpeakers + `) ORDER BY statement FOR NO KEY UPDATE`
	againstSpeakers  = `SELECT p.statement FROM statement_targets p WHERE p.speaker IN (` + movedSpeakers + `)`
	movedSpeakers    = `SELECT h.id FROM speakers_history h JOIN speakers s ON s.id = h.id WHERE h.id IN (%[1]s) AND h.to_tx = $2 AND (` + stateOf + `) IS DISTINCT FROM (` + stateOfBefore + `)`
	stateOf          = `CASE WHEN s.kind IN ` + stateBodies + ` THEN s.country END`
	stateOfBefore    = `CASE WHEN h.kind IN ` + stateBodies + ` THEN h.country END`
	foldedAtOnce     = 50_000                                           // changes folded in one transaction
	markFold         = `UPDATE cell_folds SET mark = gen_random_uuid()` // what memory holds is of before
	foldingExclusive = `SELECT pg_try_advisory_xact_lock(hashtextextended('onrecord fold', 0))`
)

// A rollup counts the cells of the standard scope by some of their columns.
type rollup struct {
	table   string
	columns string
	unique  string // what tells its rows apart; "" is the columns
	unit    string // what it counts of statements; "" is themselves
	from    string // a relation of that over changes c
}

// rollups are all of them, the smallest first: the first that has what a
// question needs answers it.
var rollups = []rollup{
	{table: "cells_by_speaker", columns: "speaker"},
	{table: "cells_by_kind", columns: "kind, said_from, said_to"},
	{table: "cells_by_topics", columns: "topics", unique: "md5(topics)"},
	{table: "cells_by_behalf", columns: "on_behalf_of, kind"},
	{table: "cells_by_article", columns: "article", unit: "reports", from: "CROSS JOIN LATERAL unnest(c.articles) x(article)"},
	{table: "cells_by_behalf_time", columns: "on_behalf_of, said_from, said_to"},
	{table: "cells_by_targets", columns: "target_countries"},
	{table: "cells_by_pair", columns: "on_behalf_of, target_countries"},
}

// Rollups lists their tables, and that of the changes that are not in them yet.
func Rollups() []string {
	list := []string{"cell_changes"}
	for _, r := range rollups {
		list = append(list, r.table)
	}
	return list
}

// FoldFrom is how many changes are worth folding: fewer cost who reads nothing.
const FoldFrom = 1_000

// Fold adds what has changed to the roll-ups, unless there is less or another
// process is at it, and returns how many changes there were.
func (s *Store) Fold(ctx context.Context, least int) (int, error) {
	for total := 0; ; {
		n, err := s.fold(ctx, least)
		if total += n; err != nil || n < foldedAtOnce {
			return total, translate(err)
		}
	}
}

// fold folds one batch, if there are at least so many. It is one statement, in
// which changes leave and roll-ups grow.
func (s *Store) fold(ctx context.Context, least int) (n int, err error) {
	err = pgx.BeginFunc(ctx, s.write, func(tx pgx.Tx) error {
		var alone, enough bool
		if err := tx.QueryRow(ctx, foldingExclusive).Scan(&alone); err != nil || !alone {
			return err
		}
		if err := tx.QueryRow(ctx, `SELECT count(*) >= $1 FROM (SELECT FROM cell_changes LIMIT $1) c`, least).Scan(&enough); err != nil || !enough {
			return err
		}
		return tx.QueryRow(ctx, foldSQL(), foldedAtOnce).Scan(&n)
	})
	return n, err
}

func foldSQL() string {
	with := []string{`c AS MATERIALIZED (DELETE FROM cell_changes WHERE ctid = ANY(ARRAY(SELECT ctid FROM cell_changes LIMIT $1)) RETURNING *)`}
	for _, r := range rollups {
		with = append(with, fmt.Sprintf(`in_%[1]s AS (INSERT INTO %[1]s AS r (%[2]s, n) SELECT * FROM (%[3]s) d WHERE n <> 0 ON CONFLICT (%[4]s) DO UPDATE SET n = r.n + excluded.n)`,
			r.table, r.columns, r.changes("c"), cmp.Or(r.unique, r.columns)))
	}
	return "WITH " + strings.Join(with, ",\n") + ",\nmark AS (" + markFold + ")\nSELECT count(*) FROM c"
}

// changes is what a relation of changes adds to the roll-up.
func (r *rollup) changes(of string) string {
	if strings.Contains(r.columns, "said_from") {
		of = inPeriods(of)
	}
	return fmt.Sprintf("SELECT %[1]s, sum(c.n)::bigint AS n FROM %[2]s c %[3]s GROUP BY %[1]s", r.columns, of, r.from)
}

// relation is the roll-up with what is not folded yet; a value may have several
// rows, and rows that add up to none.
func (r *rollup) relation() string {
	return fmt.Sprintf("(SELECT %s, n FROM %s UNION ALL %s)", r.columns, r.table, r.changes("cell_changes"))
}

// rollUp makes the roll-ups anew, from the cells as they are: in one statement,
// so that writers need not stop.
func (s *Store) rollUp(ctx context.Context) error {
	err := pgx.BeginFunc(ctx, s.write, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, strings.Replace(foldingExclusive, "pg_try_", "pg_", 1)); err != nil {
			return err
		}
		with := []string{`c AS (DELETE FROM cell_changes)`, `mark AS (` + markFold + `)`}
		for _, r := range rollups {
			with = append(with, fmt.Sprintf(`from_%[1]s AS (DELETE FROM %[1]s)`, r.table))
		}
		_, err := tx.Exec(ctx, "WITH "+strings.Join(with, ", ")+" INSERT INTO cell_changes (n, "+changedColumns+") "+changesSQL("SELECT 1 AS n, * FROM statement_cells"))
		return err
	})
	for n := foldedAtOnce; err == nil && n == foldedAtOnce; {
		n, err = s.fold(ctx, 1)
	}
	return err
}

// strayed lists the values of which the roll-up counts more or fewer than there
// are cells.
func (r *rollup) strayed() string {
	return fmt.Sprintf(`SELECT x::text FROM (SELECT %[1]s, sum(n) AS n FROM (SELECT * FROM %[2]s r UNION ALL SELECT %[1]s, -n FROM (%[3]s) c) d GROUP BY %[1]s HAVING sum(n) <> 0) x`,
		r.columns, r.relation(), r.changes("("+changesSQL("SELECT 1 AS n, * FROM statement_cells")+")"))
}
