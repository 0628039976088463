package store

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"onrecord/internal/claims"
)

// Loaded counts what became of the records of a load.
type Loaded struct{ Created, Updated, Unchanged, Kept int }

// Load stores records in one commit: new ones are created, those that the same
// principal wrote last are brought up to date, those that somebody else has
// changed or deleted since are kept as they are. Loading the same again writes nothing.
func (s *Store) Load(ctx context.Context, w Write, inputs []claims.Input) (Loaded, error) {
	var list []draft
	for i, in := range inputs {
		drafts, _, err := s.drafts(in, "")
		if err != nil {
			var e *Error
			if errors.As(err, &e) {
				return Loaded{}, fmt.Errorf("record %d (%s %s): %v", i+1, in.Kind(), in.Head().Key, e.Problems)
			}
			return Loaded{}, err
		}
		list = append(list, drafts...)
	}
	known, err := s.lastWrites(ctx, list)
	if err != nil {
		return Loaded{}, translate(err)
	}
	var done Loaded
	var fresh, changed []draft
	for _, d := range list {
		last, ok := known[d.resource.kind][d.id]
		switch {
		case ok && last.deleted && last.principal != w.Principal:
			done.Kept++
		case !ok || last.deleted:
			fresh = append(fresh, d)
			done.Created++
		case last.digest == hex.EncodeToString(claims.Digest(d.input, d.id)):
			done.Unchanged++
		case last.principal != w.Principal:
			done.Kept++
		default:
			changed = append(changed, d)
			done.Updated++
		}
	}
	if len(fresh)+len(changed) == 0 {
		return done, nil
	}
	w.Kind = "imports"
	_, _, err = s.inTx(ctx, w, func(t *transaction) (*answer, error) {
		t.create(fresh)
		for _, d := range changed {
			t.replace(d, known[d.resource.kind][d.id].version)
		}
		return nil, nil
	})
	return done, err
}

// A lastWrite is by whom and as what a record was last written.
type lastWrite struct {
	version           int
	digest, principal string
	deleted           bool
}

func (s *Store) lastWrites(ctx context.Context, list []draft) (map[claims.Kind]map[string]lastWrite, error) {
	ids := map[claims.Kind][]string{}
	for _, d := range list {
		ids[d.resource.kind] = append(ids[d.resource.kind], d.id)
	}
	known, batch := map[claims.Kind]map[string]lastWrite{}, &pgx.Batch{}
	for kind, of := range ids {
		r := resources[kind]
		known[kind] = map[string]lastWrite{}
		batch.Queue(fmt.Sprintf(`SELECT t.id::text, t.version, encode(ch.digest, 'hex'), c.principal FROM %s t
			JOIN commits c ON c.tx = t.tx JOIN changes ch ON ch.tx = t.tx AND ch.kind = $2 AND ch.id = t.id::text
			WHERE t.id = ANY($1::%s[])`, r.table, r.idType()), of, kind).Query(func(rows pgx.Rows) error {
			var id string
			var last lastWrite
			_, err := pgx.ForEachRow(rows, []any{&id, &last.version, &last.digest, &last.principal}, func() error {
				known[kind][id] = last
				return nil
			})
			return err
		})
		batch.Queue(`SELECT s.id, c.principal FROM tombstones s JOIN commits c USING (tx) WHERE s.kind = $2 AND s.id = ANY($1)`, of, kind).Query(func(rows pgx.Rows) error {
			var id string
			last := lastWrite{deleted: true}
			_, err := pgx.ForEachRow(rows, []any{&id, &last.principal}, func() error {
				known[kind][id] = last
				return nil
			})
			return err
		})
	}
	return known, s.write.SendBatch(ctx, batch).Close()
}
