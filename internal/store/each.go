package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"onrecord/internal/claims"
)

// forms are what an answer about many records can be asked for as: json, the
// first, has pages; the others have all records, unless a limit is given.
var forms = []string{"json", "csv", "ndjson"}

// Formats lists them for a kind of record; "" for answers about several kinds.
func Formats(kind claims.Kind) []string {
	if kind == claims.KindEvent {
		return append(forms[:len(forms):len(forms)], "geojson")
	}
	return forms
}

// A Form is how the records of an answer are written.
type Form struct {
	Format string // one of Formats
	Excel  bool   // CSV that Excel reads as it is meant
}

// form reads the form of the answer.
func (p *parameters) form(allowed []string) Form {
	f := Form{Format: p.word("format", allowed[0], allowed...)}
	f.Excel = p.word("excel", "0", "0", "1") == "1"
	if f.Excel && f.Format != "csv" {
		p.refuse("excel", "contradiction", "goes with format=csv")
	}
	return f
}

// format reads the form of a list.
func (p *parameters) format(q *Query) {
	q.Form = p.form(Formats(q.resource.kind))
	if q.Format != "json" && p.single("count") != "" {
		p.refuse("count", "contradiction", "goes with format=json")
	}
	_, q.Limited = p.given["limit"]
}

// Each hands on all records that a query finds, page by page, from one
// snapshot and in constant memory. With a limit that is one page, read like any
// other before it is handed on.
func (s *Store) Each(ctx context.Context, q Query, emit func(Page) error) error {
	if q.Limited {
		page, err := s.List(ctx, q)
		if err != nil {
			return err
		}
		return emit(page)
	}
	var pinned *int64
	if !q.asOf.IsZero() {
		seq, err := s.resolve(ctx, q.asOf)
		if err != nil {
			return err
		}
		pinned = &seq
	}
	q.limit = MaxLimit
	leave, err := s.exports.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	err = pgx.BeginTxFunc(ctx, s.exports, oneSnapshot, func(tx pgx.Tx) error {
		if err := patiently(ctx, tx); err != nil {
			return err
		}
		for {
			a := answer{resource: q.resource, include: q.include, pinned: pinned, valued: q.valued, lead: len(q.sort.keys) + 4, limit: q.limit}
			if err := s.pageIn(ctx, tx, &q, &a); err != nil {
				return err
			}
			page := Page{Records: a.json, Count: a.count, Seq: a.seq, Pending: a.pending}
			if err := emit(page); err != nil || !a.more {
				return err
			}
			after := q.ended(a.last)
			q.after, q.offset = &after, 0
		}
	})
	return translate(err)
}

// patiently lets the transaction wait for a client that reads slowly as long as
// the service does.
func patiently(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `SELECT set_config('idle_in_transaction_session_timeout', '600000', true)`)
	return err
}
