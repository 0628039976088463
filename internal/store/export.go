package store

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"onrecord/internal/claims"
)

// An ExportQuery says what to export.
type ExportQuery struct {
	Kinds    []claims.Kind // none: all but tips
	Datasets []string      // none: all

	Begin func(seq int64) error // is told the seq before anything is read; an error of it ends the export
}

// Export hands the records to emit as an import stream, some lines at a time:
// kind by kind in the order of their dependence, each sorted by its primary key,
// as one snapshot. Loaded into an empty database it gives the same stream again.
// It has no version, time, derived value or contact. It returns the seq of the
// snapshot.
//
// The stream is read in chunks, by turns, on two connections that share the
// snapshot: what one reads is made into lines while the other waits for the
// database. Where no second connection is to be had, one does it all.
func (s *Store) Export(ctx context.Context, q ExportQuery, emit func([]byte) error) (seq int64, err error) {
	leave, err := s.exports.enter(ctx)
	if err != nil {
		return 0, err
	}
	defer leave()
	err = pgx.BeginTxFunc(ctx, s.exports, oneSnapshot, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, exporting); err != nil {
			return err
		}
		var snapshot string
		if err := tx.QueryRow(ctx, `SELECT max(seq), pg_export_snapshot() FROM commits`).Scan(&seq, &snapshot); err != nil {
			return err
		}
		if q.Begin != nil {
			if err := q.Begin(seq); err != nil {
				return err
			}
		}
		readers := []pgx.Tx{tx}
		if other, end := s.joined(ctx, snapshot); other != nil {
			defer end()
			readers = append(readers, other)
		}
		return newExporter(q).run(ctx, readers, emit)
	})
	return seq, translate(err)
}

var oneSnapshot = pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}

// exporting are the settings of an export's transactions: there is no bound on
// time, for the client may be slow, and every query walks a primary key.
const exporting = `SELECT set_config('statement_timeout', '0', true), set_config('idle_in_transaction_session_timeout', '0', true),
	set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true), set_config('enable_sort', 'off', true)`

// joined is a transaction with the snapshot, on a connection that is not of
// the pool, where another export would miss it; nil if there is none.
func (s *Store) joined(ctx context.Context, snapshot string) (tx pgx.Tx, end func()) {
	conn, err := pgx.ConnectConfig(ctx, s.exports.Config().ConnConfig)
	if err != nil {
		return nil, nil
	}
	end = func() { _ = conn.Close(context.WithoutCancel(ctx)) } // nothing hangs on it any more
	if tx, err = conn.BeginTx(ctx, oneSnapshot); err == nil {
		if _, err = tx.Exec(ctx, fmt.Sprintf("SET TRANSACTION SNAPSHOT '%s'", snapshot)); err == nil {
			_, err = tx.Exec(ctx, exporting)
		}
	}
	if err != nil { // it may be another server, behind one address
		end()
		return nil, nil
	}
	return tx, end
}

// An exporter deals out chunks to readers and hands on what they read in the
// order of dealing.
type exporter struct {
	datasets []string
	free     chan *chunk // there are so many, whoever is slow
	dealt    chan *chunk // closed behind the last

	sync.Mutex // while a chunk is dealt; it guards what follows
	kinds      []claims.Kind
	start      []string // the key where the next chunk begins; nil: at the kind's first
	size       int      // records in the next chunk
}

const (
	chunks       = 4
	chunkRecords = 2000    // at most
	chunkBytes   = 2 << 20 // about
)

func newExporter(q ExportQuery) *exporter {
	x := &exporter{datasets: q.Datasets, free: make(chan *chunk, chunks), dealt: make(chan *chunk, chunks), size: chunkRecords / 8}
	for range chunks {
		x.free <- &chunk{ready: make(chan struct{}, 1)}
	}
	for _, kind := range claims.Kinds {
		if slices.Contains(q.Kinds, kind) || len(q.Kinds) == 0 && kind != claims.KindTip {
			x.kinds = append(x.kinds, kind)
		}
	}
	if x.kinds == nil {
		close(x.dealt)
	}
	return x
}

func (x *exporter) run(ctx context.Context, readers []pgx.Tx, emit func([]byte) error) error {
	ctx, cancel := context.WithCancel(ctx)
	group, ctx := errgroup.WithContext(ctx)
	for _, tx := range readers {
		group.Go(guarded(func() error { return x.read(ctx, tx) }))
	}
	err := x.hand(ctx, emit)
	cancel()
	_ = group.Wait() // a reader that failed is the cause that hand gave
	return err
}

// hand hands on the chunks in order.
func (x *exporter) hand(ctx context.Context, emit func([]byte) error) error {
	for {
		var c *chunk
		select {
		case c = <-x.dealt:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if c == nil {
			return nil
		}
		select {
		case <-c.ready:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if err := emit(c.lines); err != nil {
			return err
		}
		x.free <- c
	}
}

// read reads chunks until there are none.
func (x *exporter) read(ctx context.Context, tx pgx.Tx) error {
	for {
		select {
		case c := <-x.free:
			if more, err := x.deal(ctx, tx, c); !more || err != nil {
				return err
			}
			if err := c.read(ctx, tx, x.datasets); err != nil {
				return err
			}
			x.adjust(len(c.lines))
			c.ready <- struct{}{}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// deal says what the chunk has to be, if anything is left.
func (x *exporter) deal(ctx context.Context, tx pgx.Tx, c *chunk) (more bool, err error) {
	x.Lock()
	defer x.Unlock()
	if len(x.kinds) == 0 {
		return false, nil
	}
	c.resource, c.from, c.to = resources[x.kinds[0]], x.start, nil
	if c.to, err = c.end(ctx, tx, x.size); err != nil {
		return false, err
	}
	x.dealt <- c
	if x.start = c.to; c.to == nil {
		if x.kinds = x.kinds[1:]; len(x.kinds) == 0 {
			close(x.dealt)
		}
	}
	return true, nil
}

// adjust keeps chunks of about the same size, in bytes, whatever the records are.
func (x *exporter) adjust(bytes int) {
	x.Lock()
	defer x.Unlock()
	switch {
	case bytes > chunkBytes:
		x.size = max(x.size/2, 1)
	case bytes < chunkBytes/2:
		x.size = min(x.size*2, chunkRecords)
	}
}
