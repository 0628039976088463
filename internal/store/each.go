package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"onrecord/internal/claims"
)

// Formats are what a list can be asked for as; json, the first, has pages, the
// others have all records, unless a limit is given.
var Formats = []string{"json", "csv", "ndjson"}

// format reads the form of the answer.
func (p *parameters) format(q *Query) {
	q.Format = Formats[0]
	if given := p.single("format"); given != "" {
		q.Format = given
	}
	switch {
	case q.Format != "json" && q.Format != "csv" && q.Format != "ndjson":
		p.refuse("format", "unknown_value", "is none of json, csv, ndjson")
	case q.Format != "json" && p.single("count") != "":
		p.refuse("count", "contradiction", "goes with format=json")
	}
	_, q.Limited = p.given["limit"]
	switch excel := p.single("excel"); {
	case excel == "" || excel == "0":
	case excel != "1":
		p.refuse("excel", "unknown_value", "is 0 or 1")
	case q.Format != "csv":
		p.refuse("excel", "contradiction", "goes with format=csv")
	default:
		q.Excel = true
	}
}

// Columns are the members of a kind's records as lists show them, in their
// documented order.
func Columns(kind claims.Kind) []string {
	var list []string
	for _, f := range resources[kind].fields {
		list = append(list, f.name)
	}
	return list
}

// Each hands on all records that a query finds, page by page, from one
// snapshot and in constant memory.
func (s *Store) Each(ctx context.Context, q Query, emit func(Page) error) error {
	var pinned *int64
	if !q.asOf.IsZero() {
		seq, err := s.resolve(ctx, q.asOf)
		if err != nil {
			return err
		}
		pinned = &seq
	}
	if !q.Limited {
		q.limit = MaxLimit
	}
	err := pgx.BeginTxFunc(ctx, s.read, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		// A client that reads slowly is waited for as long as the service does.
		if _, err := tx.Exec(ctx, `SELECT set_config('idle_in_transaction_session_timeout', '90000', true)`); err != nil {
			return err
		}
		for {
			a := answer{resource: q.resource, include: q.include, pinned: pinned, valued: q.valued, lead: len(q.sort.keys) + 4, limit: q.limit}
			if err := s.pageIn(ctx, tx, &q, &a); err != nil {
				return err
			}
			if err := emit(Page{Records: a.json, Count: a.count, Seq: a.seq, Pending: a.pending}); err != nil {
				return err
			}
			if !a.more || q.Limited {
				return nil
			}
			after := q.ended(a.last)
			q.after, q.offset = &after, 0
		}
	})
	return translate(err)
}
