package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"onrecord/internal/claims"
)

// Rebuild computes anew everything that follows from the records: facts, search
// documents, names, cells and roll-ups. Writers may go on meanwhile: it goes in
// batches, each of which holds what it computes, as writers do. Answers that
// services have in memory are forgotten when it is over.
func (s *Store) Rebuild(ctx context.Context) error {
	return s.RebuildTelling(ctx, func(claims.Kind, int) {})
}

// RebuildTelling is Rebuild, and tells of how many records of a kind what
// follows is done.
func (s *Store) RebuildTelling(ctx context.Context, tell func(claims.Kind, int)) error {
	run := func(list ...string) error {
		return s.inBatch(ctx, func(tx pgx.Tx) error {
			for _, sql := range list {
				if _, err := tx.Exec(ctx, sql); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := run(lockRoots,
		strings.Replace(rootsSQL("source_facts", "source", "family", "sources", "owner"), "unnest($1::uuid[])", "id FROM sources", 1),
		strings.Replace(rootsSQL("article_facts", "article", "origin", "articles", "syndicated_from"), "unnest($1::uuid[])", "id FROM articles", 1)); err != nil {
		return translate(err)
	}
	for _, d := range slices.Backward(documents) { // statements last, which follow from the others
		n, err := s.rebuildKind(ctx, d.kind)
		if err != nil {
			return translate(err)
		}
		tell(d.kind, n)
	}
	for _, kind := range claims.Named {
		if err := s.inBatch(ctx, func(tx pgx.Tx) error { return resources[kind].respell(ctx, tx, true) }); err != nil {
			return translate(err)
		}
	}
	if err := run(fmt.Sprintf(cellsSQL, `SELECT c.id FROM statement_cells c WHERE NOT EXISTS (SELECT FROM statements s WHERE s.id = c.id)`)); err != nil {
		return translate(err)
	}
	return translate(s.rollUp(ctx))
}

// inBatch runs a transaction of a rebuild, again where a writer was in its way.
func (s *Store) inBatch(ctx context.Context, do func(pgx.Tx) error) error {
	for attempt := 1; ; attempt++ {
		err := pgx.BeginFunc(ctx, s.write, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, untimed); err != nil {
				return err
			}
			return do(tx)
		})
		if !again(err) || attempt == attempts || ctx.Err() != nil {
			return err
		}
	}
}

// rebuildKind computes what follows from all records of a kind that has
// documents, and returns how many they are.
func (s *Store) rebuildKind(ctx context.Context, kind claims.Kind) (total int, err error) {
	r := resources[kind]
	all := "SELECT unnest($1::" + r.idType() + "[])"
	steps := []string{fmt.Sprintf(`SELECT id FROM %s WHERE id IN (%s) ORDER BY id FOR SHARE`, r.table, all), docsSQL(kind, all)}
	switch kind {
	case claims.KindClaim:
		steps = []string{`SELECT id FROM claims WHERE id IN (` + all + `) ORDER BY id FOR NO KEY UPDATE`, fmt.Sprintf(claimFactsSQL, all, "0"), docsSQL(kind, all)}
	case claims.KindStatement:
		steps = []string{lackingFactsSQL, holdFactsSQL, fmt.Sprintf(statementFactsSQL, all), docsSQL(kind, all), fmt.Sprintf(cellsSQL, all)}
	}
	var ids []string
	for args := []any{drained}; ; args = []any{drained, ids[len(ids)-1]} {
		next := "SELECT id::text FROM " + r.table
		if len(args) > 1 {
			next += " WHERE id > $2::" + r.idType()
		}
		err := s.inBatch(ctx, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, genericPlans); err != nil {
				return err
			}
			rows, err := tx.Query(ctx, next+" ORDER BY id LIMIT $1", args...)
			if err != nil {
				return err
			}
			if ids, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
				return err
			}
			for _, step := range steps {
				if _, err := tx.Exec(ctx, step, ids); err != nil {
					return err
				}
			}
			return nil
		})
		if total += len(ids); err != nil || len(ids) < drained {
			return total, err
		}
	}
}
