package store

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
)

// Idempotency marks a write whose repeat is to have the first one's answer.
type Idempotency struct {
	Route, Key string
	Request    []byte // a hash of what was asked for
}

// maxBody is how many bytes of an answer are kept.
const maxBody = 64 << 10

// remembered is how long an outcome is known.
const remembered = "24 hours"

// errRepeated says that the write was done by an earlier request.
var errRepeated = errors.New("store: written before")

// claim takes the idempotency key for the transaction. A key whose first
// request is still running is not waited for.
func (t *transaction) claim(ctx context.Context, w Write, d draft) error {
	i := w.Idempotency
	var free, known bool
	for try := 0; try < 5 && !free; try++ {
		if try > 0 { // a transaction that has just ended lets go of this lock a moment after the others
			time.Sleep(10 * time.Millisecond)
		}
		batch := &pgx.Batch{}
		batch.Queue(`SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))`, w.Principal+"\n"+i.Route+"\n"+i.Key).
			QueryRow(func(row pgx.Row) error { return row.Scan(&free) })
		batch.Queue(`SELECT EXISTS (SELECT FROM idempotency WHERE principal = $1 AND route = $2 AND key = $3 AND at > now() - $4::interval)`,
			w.Principal, i.Route, i.Key, remembered).QueryRow(func(row pgx.Row) error { return row.Scan(&known) })
		if err := t.SendBatch(ctx, batch).Close(); err != nil {
			return err
		}
	}
	switch {
	case !free:
		return failure(InFlight, "the first request with this Idempotency-Key is still running")
	case known:
		return errRepeated
	}
	t.batch.Queue(`INSERT INTO idempotency (principal, route, key, request, tx, kind, id, at) VALUES ($1, $2, $3, $4, $5, $6, $7, now())
		ON CONFLICT (principal, route, key) DO UPDATE SET request = $4, tx = $5, kind = $6, id = $7, at = now()`,
		w.Principal, i.Route, i.Key, i.Request, t.number, d.resource.kind, d.id)
	return nil
}

// replay is the first answer to the request, as it was kept, or the record as
// of its commit where it was too large to keep.
func (s *Store) replay(ctx context.Context, w Write, r *resource) (Written, error) {
	i := w.Idempotency
	var first struct {
		request []byte
		seq     int64
		at      time.Time
		id      string
		version int
		body    []byte
	}
	err := s.write.QueryRow(ctx, `SELECT i.request, c.seq, c.at, i.id, ch.version, i.body FROM idempotency i JOIN commits c USING (tx)
		JOIN changes ch ON ch.tx = i.tx AND ch.kind = i.kind AND ch.id = i.id
		WHERE i.principal = $1 AND i.route = $2 AND i.key = $3`, w.Principal, i.Route, i.Key).
		Scan(&first.request, &first.seq, &first.at, &first.id, &first.version, &first.body)
	if err != nil {
		return Written{}, translate(err)
	}
	if !bytes.Equal(first.request, i.Request) {
		return Written{}, failure(Mismatch, "this Idempotency-Key was used for another request")
	}
	if first.body != nil {
		return Written{Record: Record{ID: first.id, Version: first.version, JSON: first.body, Seq: first.seq}, At: first.at, Replayed: true}, nil
	}
	record, err := s.one(ctx, r, true, nil, &first.seq, first.id)
	return Written{Record: record, At: first.at, Replayed: true}, err
}

// Forget drops outcomes that are no longer remembered.
func (s *Store) Forget(ctx context.Context) error {
	_, err := s.write.Exec(ctx, `DELETE FROM idempotency WHERE at < now() - $1::interval`, remembered)
	return translate(err)
}
