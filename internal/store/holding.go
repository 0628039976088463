package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"onrecord/internal/claims"
)

// heldCells are the cells in memory, while they are asked for.
type heldCells struct {
	mu      sync.Mutex
	most    int // bytes; more are left to the database
	now     *held
	reading bool
	rest    time.Time // not before then is it read anew
	idle    *time.Timer
	answers atomic.Int64
	limits  sumLimits
}

const (
	standardHeld = 256 << 20 // bytes
	heldFor      = 10 * time.Minute
	restEach     = 4 // times as long as reading took, before it is done again
	changesRead  = 20_000
	readFor      = 5 * time.Minute // at most
)

// held is what is in memory, nil if nothing is: then it is read for those who
// ask later.
func (s *Store) held() *held {
	h := &s.cells
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.most <= 0 {
		return nil
	}
	if h.idle == nil {
		h.idle = time.AfterFunc(heldFor, func() { s.letGo(nil) })
	}
	h.idle.Reset(heldFor)
	if h.now == nil && !h.reading && time.Now().After(h.rest) && s.alive.Err() == nil { //nolint:forbidigo // how long this process rests
		h.reading = true
		s.background.Go(func() { _ = s.Hold(s.alive) }) // who asks next sees whether it was read
	}
	return h.now
}

// standardLimits bound what a question may gather.
var standardLimits = sumLimits{few: 1 << 19, many: 10 * MaxRows}

// letGo forgets what is held: all, or only if it still is this.
func (s *Store) letGo(old *held) {
	s.cells.mu.Lock()
	defer s.cells.mu.Unlock()
	if old == nil || s.cells.now == old {
		s.cells.now = nil
	}
}

// Hold reads the cells into memory, as counts do by themselves.
func (s *Store) Hold(ctx context.Context) error {
	began := time.Now() //nolint:forbidigo // how long this process reads
	ctx, cancel := context.WithTimeout(ctx, readFor)
	defer cancel()
	now, err := s.gather(ctx, s.cells.most)
	took := time.Since(began)
	s.cells.mu.Lock()
	defer s.cells.mu.Unlock()
	s.cells.reading = false
	s.cells.rest = began.Add((1 + restEach) * took)
	if errors.Is(err, errManyRows) {
		s.cells.rest = began.Add(heldFor)
	}
	s.cells.now = now
	return translate(err)
}

// Held is about how many bytes of memory cells take.
func (s *Store) Held() int64 {
	s.cells.mu.Lock()
	defer s.cells.mu.Unlock()
	if s.cells.now == nil {
		return 0
	}
	return int64(s.cells.now.bytes)
}

// CountedInMemory is how many counts were answered from memory.
func (s *Store) CountedInMemory() int64 { return s.cells.answers.Load() }

// A view is what is held, with what has changed since, in one snapshot.
type view struct {
	*cellRows
	above    map[string][]string // what stands above a topic, itself included
	outlets  *outlets
	speakers *speakerTraits
	seq      int64
	pending  bool
}

// view brings what is held up to the transaction's snapshot; nil if that can't
// be done.
func (h *held) view(ctx context.Context, tx pgx.Tx, reads columnSet) (*view, error) {
	v := &view{cellRows: h.with(reads), above: map[string][]string{}}
	var mark string
	batch := &pgx.Batch{}
	batch.Queue(`SELECT mark::text, (SELECT max(seq) FROM commits), EXISTS (SELECT FROM stale) FROM cell_folds`).
		QueryRow(func(row pgx.Row) error { return row.Scan(&mark, &v.seq, &v.pending) })
	if reads.has(heldTopics) {
		batch.Queue(resources[claims.KindTopic].relations(`SELECT id, v FROM `+topicsAbove+` x`, false)).Query(func(rows pgx.Rows) error {
			var id, above string
			_, err := pgx.ForEachRow(rows, []any{&id, &above}, func() error { v.above[id] = append(v.above[id], above); return nil })
			return err
		})
	}
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return nil, err
	}
	if mark != h.mark {
		return nil, nil
	}
	rows, err := tx.Query(ctx, fmt.Sprintf(heldSQL, "n", "cell_changes")+" LIMIT $1", pgx.QueryResultFormats{pgx.BinaryFormatCode}, changesRead+1)
	if err == nil {
		err = v.add(rows, func() bool { return len(v.weights) == len(h.weights)+changesRead })
	}
	if errors.Is(err, errManyRows) {
		return nil, nil
	}
	if err == nil && (reads.has(heldSources) || reads.has(heldOutlets)) {
		v.outlets, err = h.outletsOf(ctx, tx, v.cellRows)
	}
	if err == nil && (reads.has(heldSpeakerKind) || reads.has(heldNationality)) {
		v.speakers, err = speakersOf(ctx, tx, &v.columns[heldSpeaker].values)
	}
	return v, err
}
