package store

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// EachOfTimeline hands on all entries, page by page, from one snapshot and in
// constant memory.
func (s *Store) EachOfTimeline(ctx context.Context, line Timeline, emit func(Page) error) error {
	if line.Limited { // one page, read before it is handed on
		page, err := s.Timeline(ctx, line)
		if err != nil {
			return err
		}
		return emit(page)
	}
	return s.throughout(ctx, s.exports, line, func(tx pgx.Tx, pinned *int64) error {
		if err := patiently(ctx, tx); err != nil {
			return err
		}
		line.limit, line.statements.limit, line.events.limit = MaxLimit, MaxLimit, MaxLimit
		for {
			page, after, err := s.linePage(ctx, tx, &line, pinned)
			if err != nil {
				return err
			}
			more := page.Next != ""
			page.Next = ""
			if err := emit(page); err != nil || !more {
				return err
			}
			line.statements.after, line.events.after = &after, &after
		}
	})
}
