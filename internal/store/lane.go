package store

import (
	"context"
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Queries have connections by how much they may read, so that those that read
// much never take the places of those that read little:
//
//   - light: a record, a page that walks an index. They have the pool of reads,
//     and a moment each.
//   - heavy: what counts, and pages for which the database may have to look at
//     many rows (Query.heavy). They have few connections of their own.
//   - exports, which take as long as their readers do.
//
// A light one whose moment is over goes on as a heavy one, and so do those of
// the same form from then on, for a while: which filters have no rows in common
// is known to nobody before.

// A lane is few connections, for which not too many wait and not too long.
type lane struct {
	*pgxpool.Pool
	places  chan struct{}
	waiting atomic.Int32
	busy    string // what one is told who gets none
}

const (
	waitingEach  = 128             // for each place
	lanePatience = 5 * time.Second // of those who wait
)

// newLane has as many places as the pool has connections.
func newLane(pool *pgxpool.Pool, busy string) *lane {
	return &lane{Pool: pool, places: make(chan struct{}, pool.Config().MaxConns), busy: busy}
}

// enter waits for a place. Errors: Unavailable, where too many wait or it takes
// too long.
func (l *lane) enter(ctx context.Context) (leave func(), err error) {
	leave = func() { <-l.places }
	select {
	case l.places <- struct{}{}:
		return leave, nil
	default:
	}
	defer l.waiting.Add(-1)
	if l.waiting.Add(1) > int32(waitingEach*cap(l.places)) {
		return nil, failure(Unavailable, l.busy)
	}
	timer := time.NewTimer(lanePatience)
	defer timer.Stop()
	select {
	case l.places <- struct{}{}:
		return leave, nil
	case <-timer.C:
		return nil, failure(Unavailable, l.busy)
	case <-ctx.Done():
		return nil, translate(ctx.Err())
	}
}

// heavy reports whether the database may have to look at many rows for the
// page, or counts them.
func (q *Query) heavy() bool {
	return q.valued || q.offset > 0 || q.count.mode == "exact" || !q.asOf.IsZero()
}

// slow are the forms of light queries that took longer than a moment, lately.
type slow struct {
	sync.Mutex
	until map[uint64]time.Time
	seed  maphash.Seed
}

const (
	slowFor  = 5 * time.Minute
	slowMost = 1000 // forms; beyond, all are forgotten
)

func (s *slow) note(sql string) {
	s.Lock()
	defer s.Unlock()
	if s.until == nil || len(s.until) >= slowMost {
		s.until, s.seed = map[uint64]time.Time{}, maphash.MakeSeed()
	}
	s.until[maphash.String(s.seed, sql)] = time.Now().Add(slowFor) //nolint:forbidigo // how long this process has known it
}

func (s *slow) has(sql string) bool {
	s.Lock()
	defer s.Unlock()
	return s.until != nil && time.Now().Before(s.until[maphash.String(s.seed, sql)]) //nolint:forbidigo // as above
}
