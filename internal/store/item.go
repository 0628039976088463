package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Read answers for one record. Errors: NotFound, Gone, Invalid (as_of).
func (s *Store) Read(ctx context.Context, q Query, ref string) (Record, error) {
	id, err := referenceID(q.resource.kind, ref)
	if err != nil {
		return Record{}, failure(NotFound, "no "+string(q.resource.kind)+" has this id")
	}
	var pinned *int64
	if !q.asOf.IsZero() {
		seq, err := s.resolve(ctx, q.asOf)
		if err != nil {
			return Record{}, err
		}
		pinned = &seq
	}
	record, err := s.one(ctx, q.resource, false, q.include, pinned, id)
	record.Derived = q.resource.showsFacts(q.include)
	return record, err
}

// one reads a record; from the primary where a write depends on it.
func (s *Store) one(ctx context.Context, r *resource, primary bool, include []*branch, pinned *int64, id string) (Record, error) {
	sql, args := r.oneSQL(pinned, id)
	a := r.view(id)
	a.include, a.pinned, a.primary = include, pinned, primary
	if err := s.ask(ctx, a, sql, args); err != nil {
		return Record{}, err
	}
	if a.count == 0 {
		return Record{}, s.missing(ctx, s.pool(&answer{primary: primary}), r, id, pinned)
	}
	return a.record(), nil
}

// oneSQL reads a single record: seq, version, whether facts are pending, id as
// text, fields.
func (r *resource) oneSQL(pinned *int64, id string) (string, []any) {
	if pinned != nil {
		return fmt.Sprintf("SELECT $1::bigint, t.version, false, t.id::text, %s FROM %s t %s WHERE t.id = $2", r.selectList(true), from(r.table, true), r.join(true)), []any{*pinned, id}
	}
	return fmt.Sprintf("SELECT (SELECT max(seq) FROM commits), t.version, EXISTS (SELECT FROM stale), t.id::text, %s FROM %s t %s WHERE t.id = $1", r.selectList(false), r.table, r.join(false)), []any{id}
}

// missing says why a record isn't there, now or as of a commit: it never was,
// or it was deleted.
func (s *Store) missing(ctx context.Context, q querier, r *resource, id string, pinned *int64) error {
	rows, err := q.Query(ctx, `SELECT ch.version, c.seq, c.at, c.reason FROM changes ch JOIN commits c USING (tx)
		WHERE ch.kind = $1 AND ch.id = $2 AND ch.op = 'delete' AND c.seq <= coalesce($3, c.seq) ORDER BY c.seq DESC LIMIT 1`, r.kind, id, pinned)
	if err != nil {
		return translate(err)
	}
	stone, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByName[Tombstone])
	switch {
	case err == nil:
		return &Error{Code: Gone, Detail: "this " + string(r.kind) + " was deleted", Tombstone: stone}
	case errors.Is(err, pgx.ErrNoRows):
		return failure(NotFound, "no "+string(r.kind)+" has this id")
	}
	return translate(err)
}
