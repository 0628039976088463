package store

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"onrecord/internal/claims"
)

// A wide change is one of what follows for statements that its transaction
// doesn't write: of a source, a rating, an article, an event. Its commit waits
// in stale until its statements are looked up, which then wait there themselves
// until their facts are computed again. Both is done after the commit, so that
// it sees every statement that was committed before. Who writes statements and
// finds, where every earlier commit is visible, that a wide one came since it
// began to compute, lets that one wait once more.

// wides holds of the changes that make a commit wide, carries of those of what
// wide ones are about.
const (
	wides   = `kind IN ('source', 'article', 'event') AND op = 'update' OR kind = 'rating'`
	carries = `kind IN ('statement', 'report')`
)

// since notes the last commit that a transaction sees before it computes facts:
// the first time that it is asked.
const since = `set_config('onrecord.since', coalesce(nullif(current_setting('onrecord.since', true), ''), (SELECT max(seq)::text FROM commits)), true)`

// waitSQL lets the wide commits wait that transaction $1 has to: its own, and
// those that it may have missed. It runs behind the head lock, where it waits
// for nobody: rows for commits are never in each other's way.
const waitSQL = `INSERT INTO stale (tx) SELECT $1::bigint WHERE current_setting('onrecord.wide')::bool
	UNION ALL SELECT tx FROM commits WHERE wide AND seq > current_setting('onrecord.since')::bigint AND current_setting('onrecord.carries')::bool`

// staleSQL marks the statements that the wide commits of the transactions $1
// concern: those carried, cited or syndicated by sources of the families that
// they change or rate, by the articles that they change and those taken over
// from them; those said at the events that they change. The language of an
// article is that of what it quotes: search documents wait with it.
const staleSQL = `WITH RECURSIVE changed AS MATERIALIZED (
		SELECT DISTINCT kind, id::uuid AS id FROM changes WHERE tx = ANY($1::bigint[]) AND (` + wides + `)
	), family(id) AS (
		SELECT id FROM changed WHERE kind = 'source'
		UNION SELECT source FROM ratings WHERE id IN (SELECT id FROM changed WHERE kind = 'rating')
		UNION SELECT source FROM ratings_history WHERE id IN (SELECT id FROM changed WHERE kind = 'rating')
		UNION SELECT s.id FROM family JOIN sources s ON s.owner = family.id
	), copies(id) AS (
		SELECT id FROM changed WHERE kind = 'article' UNION SELECT a.id FROM articles a WHERE a.source IN (SELECT id FROM family)
		UNION SELECT a.id FROM copies JOIN articles a ON a.syndicated_from = copies.id
	)
	INSERT INTO stale AS f (statement, docs) SELECT statement, bool_or(docs) FROM (
		SELECT r.statement, true FROM changed w JOIN reports r ON r.article = w.id WHERE w.kind = 'article'
		UNION ALL SELECT r.statement, false FROM copies w JOIN reports r ON r.article = w.id
		UNION ALL SELECT c.statement, false FROM copies w JOIN report_cites c ON c.article = w.id
		UNION ALL SELECT c.statement, false FROM family w JOIN report_cites c ON c.source = w.id
		UNION ALL SELECT s.id, false FROM changed w JOIN statements s ON s.occasion = w.id WHERE w.kind = 'event'
	) w(statement, docs) GROUP BY statement ORDER BY statement
	ON CONFLICT (statement) DO UPDATE SET docs = f.docs OR excluded.docs`

const (
	drained  = 2500 // stale statements that are computed in one transaction
	drainers = 2    // such transactions at a time
)

// Drain computes stale facts until none is left, in batches that writers hardly
// notice, and returns how many there were.
func (s *Store) Drain(ctx context.Context) (int, error) {
	if err := s.lookUp(ctx); err != nil {
		return 0, translate(err)
	}
	var total atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	for range drainers {
		group.Go(func() error {
			for {
				n, err := s.drain(ctx)
				if total.Add(int64(n)); err != nil || n < drained {
					return err
				}
			}
		})
	}
	err := group.Wait()
	return int(total.Load()), translate(err)
}

// lookUp marks the statements of the wide commits that wait.
func (s *Store) lookUp(ctx context.Context) error {
	return pgx.BeginFunc(ctx, s.write, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `DELETE FROM stale WHERE ctid = ANY(ARRAY(SELECT ctid FROM stale WHERE tx IS NOT NULL FOR UPDATE SKIP LOCKED)) RETURNING tx`)
		if err != nil {
			return err
		}
		waiting, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if err != nil || len(waiting) == 0 {
			return err
		}
		for _, sql := range []string{untimed, genericPlans, indexWalks} {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return err
			}
		}
		_, err = tx.Exec(ctx, staleSQL, waiting)
		return err
	})
}

// indexWalks is for looking up: how far a wide change goes is known to nobody
// before, and most go to a few statements, for which no table should be read.
const indexWalks = `SELECT set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)`

// drain computes one batch.
func (s *Store) drain(ctx context.Context) (n int, err error) {
	err = pgx.BeginFunc(ctx, s.write, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, genericPlans); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `DELETE FROM stale WHERE statement = ANY(ARRAY(SELECT statement FROM stale WHERE statement IS NOT NULL ORDER BY statement LIMIT $1 FOR UPDATE SKIP LOCKED)) RETURNING statement, docs`, drained)
		if err != nil {
			return err
		}
		var ids, worded []uuid.UUID
		var id uuid.UUID
		var docs bool
		_, err = pgx.ForEachRow(rows, []any{&id, &docs}, func() error {
			if ids = append(ids, id); docs {
				worded = append(worded, id)
			}
			return nil
		})
		if n = len(ids); err != nil || n == 0 {
			return err
		}
		if _, err := tx.Exec(ctx, holdFactsSQL, ids); err != nil {
			return err
		}
		rows, _ = tx.Query(ctx, fmt.Sprintf(carriageFactsSQL, unnested), ids)
		moved, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		if err == nil && len(moved) > 0 {
			_, err = tx.Exec(ctx, fmt.Sprintf(cellsSQL, unnested), moved)
		}
		if err != nil || worded == nil {
			return err
		}
		_, err = tx.Exec(ctx, docsSQL(claims.KindStatement, unnested), worded)
		return err
	})
	return n, err
}

// holdFactsSQL makes whoever writes the facts of the same statements wait.
const holdFactsSQL = `SELECT statement FROM statement_facts WHERE statement = ANY($1::uuid[]) ORDER BY statement FOR NO KEY UPDATE`
