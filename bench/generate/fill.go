package generate

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"onrecord/internal/claims"
	"onrecord/internal/store"
	"onrecord/reference"
)

const (
	chunk  = 5_000 // statements of one COPY
	sample = 100   // one in so many is held against what the store would write
)

// Fill puts the world into a migrated, empty database that nobody else uses.
//
// Dimensions take the one place of writing, store.Load. Statements and reports
// go around it, for speed: they are copied by as many streams as given, without
// foreign keys and indexes, which are checked and built after. What the store
// would have written is held against it all the same: every statement passes
// claims.Check, and of each hundredth every column is compared with Row. Facts
// are the store's own: all statements are marked stale and drained.
//
// Commits are whole: seq without gap, time moving forward, the hash chain
// unbroken, each row's tx in commits. They have no rows in changes, so that
// store.Audit reports them as commits without change and their records as
// versions without one; nothing else.
func (w *World) Fill(ctx context.Context, url string, streams int, progress func(string)) error {
	began := time.Now()
	say := func(format string, args ...any) {
		progress(fmt.Sprintf("%6.1f s  ", time.Since(began).Seconds()) + fmt.Sprintf(format, args...))
	}
	if err := w.load(ctx, url); err != nil {
		return fmt.Errorf("generate: %w", err)
	}
	say("%d records that statements refer to", len(w.inputs))
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return fmt.Errorf("generate: %w", err)
	}
	defer conn.Close(ctx)
	f := &filling{World: w, url: url, conn: conn, say: say}
	for _, step := range []func(context.Context) error{f.verify, f.number, f.dropIndexes,
		func(ctx context.Context) error { return f.copy(ctx, streams) },
		f.commits, f.buildIndexes, f.checkReferences, f.vacuum, f.facts} {
		if err := step(ctx); err != nil {
			return fmt.Errorf("generate: %w", err)
		}
	}
	return nil
}

// load stores the dimensions.
func (w *World) load(ctx context.Context, url string) error {
	s, err := store.Open(ctx, store.Config{URL: url, MaxConns: 2})
	if err != nil {
		return err
	}
	defer s.Close()
	countries, err := claims.ReadStream(reference.Countries)
	if err != nil {
		return err
	}
	if _, err := s.Import(ctx, store.Write{Principal: "onrecord:reference", Reason: "reference that ships with the service"}, store.ImportOptions{Shipped: true}, claims.Inputs(countries)); err != nil {
		return err
	}
	_, err = s.Import(ctx, store.Write{Principal: "generate", Reason: "generated"}, store.ImportOptions{}, claims.Inputs(w.inputs))
	return err
}

type filling struct {
	*World
	url     string
	conn    *pgx.Conn
	say     func(string, ...any)
	tx      int64    // number of the first commit
	indexes []string // dropped for the time of the copy
	derived []string // … and until facts are there
}

// verify makes sure that the tables are empty and have the columns known here.
func (f *filling) verify(ctx context.Context) error {
	for _, t := range tables {
		rows, _ := f.conn.Query(ctx, `SELECT attname::text FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''`, t.name)
		columns, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		slices.Sort(columns)
		if mine := slices.Sorted(slices.Values(t.columns)); !slices.Equal(mine, columns) {
			return fmt.Errorf("%s has the columns %v, and %v are written here: bring rows.go up to date", t.name, columns, mine)
		}
	}
	var some bool
	if err := f.conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM statements)`).Scan(&some); err != nil {
		return err
	}
	if some {
		return errors.New("the database has statements already")
	}
	return nil
}

// number reserves the transactions' numbers, in whole blocks of the sequence.
func (f *filling) number(ctx context.Context) error {
	n := (f.Statements + f.PerCommit - 1) / f.PerCommit
	if err := f.conn.QueryRow(ctx, `SELECT nextval('tx_numbers')`).Scan(&f.tx); err != nil {
		return err
	}
	_, err := f.conn.Exec(ctx, `SELECT setval('tx_numbers', $1::bigint + increment_by * ($2::bigint / increment_by + 1)) FROM pg_sequences WHERE sequencename = 'tx_numbers'`, f.tx, n)
	return err
}

func (f *filling) tableNames() []string {
	list := make([]string, len(tables))
	for i, t := range tables {
		list[i] = t.name
	}
	return list
}

// dropIndexes takes away all but those of constraints.
func (f *filling) dropIndexes(ctx context.Context) error {
	rows, _ := f.conn.Query(ctx, `SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid), i.indrelid = 'statement_facts'::regclass FROM pg_index i
		WHERE i.indrelid = ANY($1::text[]::regclass[]) AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)`, append(f.tableNames(), "statement_facts"))
	var name, definition string
	var derived bool
	var drop []string
	_, err := pgx.ForEachRow(rows, []any{&name, &definition, &derived}, func() error {
		drop = append(drop, name)
		if derived {
			f.derived = append(f.derived, definition)
		} else {
			f.indexes = append(f.indexes, definition)
		}
		return nil
	})
	if err != nil {
		return err
	}
	_, err = f.conn.Exec(ctx, "DROP INDEX "+strings.Join(drop, ", "))
	return err
}

// copy makes the statements and copies them.
func (f *filling) copy(ctx context.Context, streams int) error {
	var next, done atomic.Int64
	return f.parallel(ctx, streams, func(ctx context.Context, conn *pgx.Conn) error {
		if _, err := conn.Exec(ctx, `SET session_replication_role = replica`); err != nil { // no foreign keys
			return err
		}
		for {
			from := int(next.Add(chunk)) - chunk
			if from >= f.Statements {
				return nil
			}
			to := min(from+chunk, f.Statements)
			l, err := f.lines(from, to)
			if err != nil {
				return err
			}
			if err := l.send(ctx, conn); err != nil {
				return err
			}
			if n := done.Add(int64(to - from)); n/100_000 != (n-int64(to-from))/100_000 {
				f.say("%d statements", n)
			}
		}
	})
}

// lines are the rows of the statements from one to before another.
func (f *filling) lines(from, to int) (*lines, error) {
	l := new(lines)
	for n := from; n < to; n++ {
		in := f.Statement(n)
		var c claims.Check
		if in.Check(&c); len(c.Problems) > 0 {
			return nil, fmt.Errorf("statement %d: %v", n, c.Problems)
		}
		if n%sample == 0 {
			if err := compare(in); err != nil {
				return nil, fmt.Errorf("statement %d: %w", n, err)
			}
		}
		if err := l.write(in, f.tx+int64(n/f.PerCommit)); err != nil {
			return nil, err
		}
	}
	return l, nil
}

func (l *lines) send(ctx context.Context, conn *pgx.Conn) error {
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		for i, t := range tables {
			if _, err := tx.Conn().PgConn().CopyFrom(ctx, bytes.NewReader(l[i]), fmt.Sprintf("COPY %s (%s) FROM STDIN", t.name, strings.Join(t.columns, ", "))); err != nil {
				return fmt.Errorf("%s: %w", t.name, err)
			}
		}
		return nil
	})
}

// commits writes the commits that the rows name, as the store seals them.
func (f *filling) commits(ctx context.Context) error {
	var seq int64
	var last, now time.Time
	var hash []byte
	if err := f.conn.QueryRow(ctx, `SELECT seq, at, hash, clock_timestamp() FROM commits ORDER BY seq DESC LIMIT 1`).Scan(&seq, &last, &hash, &now); err != nil {
		return err
	}
	n := (f.Statements + f.PerCommit - 1) / f.PerCommit
	step := max(now.Sub(last)/time.Duration(n+1), time.Microsecond)
	none, who := sha256.Sum256(nil), sha256.Sum256([]byte("generate\nimports\n")) // the digest of no changes; principal, kind, reason
	var rows [][]any
	for i := range n {
		seq, last = seq+1, last.Add(step).Truncate(time.Microsecond)
		link := append(append(slices.Clone(hash), none[:]...), binary.BigEndian.AppendUint64(nil, uint64(seq))...)
		sum := sha256.Sum256(append(binary.BigEndian.AppendUint64(link, uint64(last.UnixMicro())), who[:]...))
		hash = sum[:]
		rows = append(rows, []any{seq, f.tx + int64(i), last, "generate", "imports", none[:], hash})
	}
	_, err := f.conn.CopyFrom(ctx, pgx.Identifier{"commits"}, []string{"seq", "tx", "at", "principal", "kind", "digest", "hash"}, pgx.CopyFromRows(rows))
	f.say("%d commits", n)
	return err
}

// buildIndexes builds what was dropped, two at a time.
func (f *filling) buildIndexes(ctx context.Context) error {
	if err := f.share(ctx, f.indexes); err != nil {
		return err
	}
	f.say("%d indexes", len(f.indexes))
	return nil
}

// checkReferences makes up for the foreign keys that were not checked row by
// row.
func (f *filling) checkReferences(ctx context.Context) error {
	rows, _ := f.conn.Query(ctx, `SELECT c.conname, c.conrelid::regclass::text, c.confrelid::regclass::text,
			(SELECT string_agg(format('t.%I = r.%I', a.attname, b.attname), ' AND ') FROM unnest(c.conkey, c.confkey) k(mine, theirs)
				JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.mine JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = k.theirs),
			(SELECT string_agg(format('t.%I IS NOT NULL', a.attname), ' AND ') FROM pg_attribute a WHERE a.attrelid = c.conrelid AND a.attnum = ANY(c.conkey))
		FROM pg_constraint c WHERE c.contype = 'f' AND c.conrelid = ANY($1::text[]::regclass[])`, f.tableNames())
	var name, child, parent, on, present string
	var checks [][2]string
	_, err := pgx.ForEachRow(rows, []any{&name, &child, &parent, &on, &present}, func() error {
		checks = append(checks, [2]string{name, fmt.Sprintf("SELECT EXISTS (SELECT FROM %s t WHERE %s AND NOT EXISTS (SELECT FROM %s r WHERE %s))", child, present, parent, on)})
		return nil
	})
	if err != nil {
		return err
	}
	for _, c := range checks {
		var broken bool
		if err := f.conn.QueryRow(ctx, c[1]).Scan(&broken); err != nil {
			return fmt.Errorf("%s: %w", c[0], err)
		}
		if broken {
			return fmt.Errorf("%s does not hold", c[0])
		}
	}
	f.say("%d foreign keys hold", len(checks))
	return nil
}

// vacuum leaves statistics and visibility as a settled database has them.
func (f *filling) vacuum(ctx context.Context) error {
	var work []string
	for _, t := range append(f.tableNames(), "commits", "changes", "speakers", "articles", "sources", "countries", "topics", "source_facts", "article_facts") {
		work = append(work, "VACUUM (ANALYZE) "+t)
	}
	if err := f.share(ctx, append(work, "CHECKPOINT")); err != nil {
		return err
	}
	f.say("vacuumed and analysed")
	return nil
}

// facts has the store derive what follows from the records, by two drains at a
// time, and builds the indexes on it.
func (f *filling) facts(ctx context.Context) error {
	s, err := store.Open(ctx, store.Config{URL: f.url, MaxConns: 2})
	if err != nil {
		return err
	}
	defer s.Close()
	began := time.Now()
	if err := s.Rebuild(ctx); err != nil {
		return err
	}
	drained := make(chan error, 2)
	for range cap(drained) {
		go func() {
			_, err := s.Drain(ctx)
			drained <- err
		}()
	}
	if err := errors.Join(<-drained, <-drained); err != nil {
		return err
	}
	f.say("facts of %d statements, %.0f a second", f.Statements, float64(f.Statements)/time.Since(began).Seconds())
	if err := f.share(ctx, f.derived); err != nil {
		return err
	}
	if err := f.share(ctx, []string{"VACUUM (ANALYZE) statement_facts", "VACUUM stale", "CHECKPOINT"}); err != nil {
		return err
	}
	f.say("%d indexes on them", len(f.derived))
	return nil
}

// share runs statements over two connections.
func (f *filling) share(ctx context.Context, work []string) error {
	var next atomic.Int64
	return f.parallel(ctx, 2, func(ctx context.Context, conn *pgx.Conn) error {
		if _, err := conn.Exec(ctx, `SET maintenance_work_mem = '256MB'`); err != nil {
			return err
		}
		for {
			i := int(next.Add(1)) - 1
			if i >= len(work) {
				return nil
			}
			if _, err := conn.Exec(ctx, work[i]); err != nil {
				return fmt.Errorf("%s: %w", work[i], err)
			}
		}
	})
}

// parallel runs do on n connections; the first error ends them all.
func (f *filling) parallel(ctx context.Context, n int, do func(context.Context, *pgx.Conn) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			conn, err := pgx.Connect(ctx, f.url)
			if err == nil {
				err = do(ctx, conn)
				_ = conn.Close(context.WithoutCancel(ctx))
			}
			if err != nil {
				cancel(err)
			}
		})
	}
	all.Wait()
	return context.Cause(ctx)
}
