package store

import (
	"context"
	"sync"
	"time"
)

// A Head is the state of the record at its last commit. Two that are equal
// allow the same answers: all that answers say follows from what is committed,
// from the day where a question is about today, from when all that is derived
// was last computed anew, and, while facts wait to be computed, from how far that
// is.
type Head struct {
	Seq     int64
	Pending bool   // facts wait to be computed, which is no commit
	mark    string // another after each rebuild, which is none either
	hash    string // of the commit: the same seq after a restore or a failover is another state
	day     string // the database's
}

// headSQL is true of the database that answers reads.
const headSQL = `SELECT seq, EXISTS (SELECT FROM stale), (SELECT mark::text FROM cell_folds), encode(hash, 'hex'), current_date::text FROM commits ORDER BY seq DESC LIMIT 1`

// headPatience bounds the read that many wait for.
const headPatience = 2 * time.Second

// heads are the reads of the head, which all who wait for one share: one is
// under way, and one is to follow it, which starts after all who wait for it
// have come.
type heads struct {
	sync.Mutex
	next  *headRead
	under bool // one is under way
}

type headRead struct {
	done chan struct{}
	head Head
	err  error
}

// Head reads the head, not before it is called: what it gives is at least as
// new as all that was acknowledged until then.
func (s *Store) Head(ctx context.Context) (Head, error) {
	s.heads.Lock()
	read := s.heads.next
	if read == nil {
		read = &headRead{done: make(chan struct{})}
		s.heads.next = read
	}
	if !s.heads.under {
		s.heads.under = true
		s.background.Go(s.readHeads)
	}
	s.heads.Unlock()
	select {
	case <-read.done:
		return read.head, read.err
	case <-ctx.Done():
		return Head{}, translate(ctx.Err())
	}
}

// readHeads reads one head after the other until nobody waits.
func (s *Store) readHeads() {
	for {
		s.heads.Lock()
		read := s.heads.next
		s.heads.next = nil
		s.heads.under = read != nil
		s.heads.Unlock()
		if read == nil {
			return
		}
		read.head, read.err = s.readHead()
		close(read.done)
	}
}

func (s *Store) readHead() (Head, error) {
	ctx, cancel := context.WithTimeout(s.alive, headPatience)
	defer cancel()
	var h Head
	err := s.head.QueryRow(ctx, headSQL).Scan(&h.Seq, &h.Pending, &h.mark, &h.hash, &h.day)
	return h, translate(err)
}
