package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"onrecord/bench/generate"
	"onrecord/internal/claims"
	"onrecord/internal/store"
)

// A writing is what commits cost with so many writers: small statements with
// one report, each a commit of its own, in commits per second.
type writing struct {
	writers int
	rounds  []written
}

// A written is one round: commits per second, and, of one writer, how often the
// database can flush its log at all.
type written struct{ flushes, sealed, unsealed, service float64 }

// commits measures, in a copy of the database, the service's writes and the
// same inserts as plain SQL: with the statements that give a transaction its
// commit number, and without them.
func (b *bench) commits(ctx context.Context) ([]*writing, error) {
	list := []*writing{{writers: 1}, {writers: 16}}
	err := b.database.clone(ctx, func(url string) error {
		w := &writer{bench: b, url: url, stores: map[int]*store.Store{}}
		defer func() {
			for _, s := range w.stores {
				s.Close()
			}
		}()
		if err := w.prepare(ctx); err != nil {
			return err
		}
		for range rounds {
			for _, l := range list {
				var now written
				var err error
				if now.flushes, err = w.flush(ctx); err != nil {
					return err
				}
				if now.sealed, err = w.plain(ctx, l.writers, true); err != nil {
					return err
				}
				if now.unsealed, err = w.plain(ctx, l.writers, false); err != nil {
					return err
				}
				if now.service, err = w.through(ctx, l.writers); err != nil {
					return err
				}
				l.rounds = append(l.rounds, now)
				b.say("commits  %2d writers: flushes %6.0f/s   unsealed %6.0f/s   sealed %6.0f/s   service %6.0f/s", l.writers, now.flushes, now.unsealed, now.sealed, now.service)
			}
		}
		return w.verify(ctx)
	})
	return list, err
}

type writer struct {
	*bench
	url     string
	world   *generate.World
	next    atomic.Int64 // statement of the world to write again, as a new one
	queries []query      // that one write sends
	from    int          // of those that give the commit number …
	to      int          // … the first and the one behind the last
	numbers int64        // transaction numbers given out to pgbench
	before  int64        // seq
	sealed  float64      // commits that pgbench should have made, roughly
	made    int64        // by the store
	stores  map[int]*store.Store
}

type query struct {
	sql   string
	args  []any
	types []string
}

// input is a small statement with one report.
func (w *writer) input() claims.Input {
	for {
		in := w.world.Statement(int(w.next.Add(1)) % w.world.Statements)
		if len(in.Reports) == 0 {
			continue
		}
		in.Key, in.Within, in.Condition, in.Reports = "", claims.Ref{}, nil, in.Reports[:1]
		return in
	}
}

// prepare catches what the store sends for one write.
func (w *writer) prepare(ctx context.Context) (err error) {
	if w.world, err = generate.New(w.bench.world); err != nil {
		return err
	}
	s, err := store.Open(ctx, store.Config{URL: w.url, MaxConns: 1, Configure: func(c *pgx.ConnConfig) { c.Tracer = (*catcher)(w) }})
	if err != nil {
		return err
	}
	defer s.Close()
	first, err := s.Create(ctx, store.Write{Principal: "bench"}, w.input())
	if err != nil {
		return err
	}
	w.before = first.Seq
	for i, q := range w.queries {
		if strings.Contains(q.sql, "onrecord.digest") && w.from == 0 {
			w.from = i
		}
		if strings.Contains(q.sql, "INSERT INTO commits") {
			w.to = i + 1
		}
	}
	if w.from == 0 || w.to <= w.from {
		return fmt.Errorf("of %d statements of a write none gives the commit number: the store seals otherwise than this program knows", len(w.queries))
	}
	conn, err := pgx.Connect(ctx, w.url)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for i, q := range w.queries {
		prepared, err := conn.Prepare(ctx, "", q.sql)
		if err != nil {
			return err
		}
		for _, oid := range prepared.ParamOIDs {
			var typ string
			if err := conn.QueryRow(ctx, "SELECT format_type($1, NULL)", oid).Scan(&typ); err != nil {
				return err
			}
			w.queries[i].types = append(w.queries[i].types, typ)
		}
	}
	return nil
}

// A catcher notes what is queued in batches.
type catcher writer

// TraceQueryStart does nothing.
func (c *catcher) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return ctx
}

// TraceQueryEnd does nothing.
func (c *catcher) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TraceBatchStart notes all of a batch.
func (c *catcher) TraceBatchStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	for _, q := range data.Batch.QueuedQueries {
		c.queries = append(c.queries, query{sql: q.SQL, args: q.Arguments})
	}
	return ctx
}

// TraceBatchQuery does nothing.
func (c *catcher) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

// TraceBatchEnd does nothing.
func (c *catcher) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// through writes by the store, as the service does. The connections stay from
// round to round, as a service's do.
func (w *writer) through(ctx context.Context, writers int) (float64, error) {
	s := w.stores[writers]
	if s == nil {
		var err error
		if s, err = store.Open(ctx, store.Config{URL: w.url, MaxConns: int32(writers)}); err != nil {
			return 0, err
		}
		w.stores[writers] = s
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	began, made := time.Now(), atomic.Int64{}
	end := began.Add(time.Duration(w.seconds) * time.Second)
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			for time.Now().Before(end) {
				if _, err := s.Create(ctx, store.Write{Principal: "bench"}, w.input()); err != nil {
					cancel(err)
					return
				}
				made.Add(1)
			}
		})
	}
	all.Wait()
	w.made += made.Load()
	return float64(made.Load()) / time.Since(began).Seconds(), context.Cause(ctx)
}

// flush commits next to nothing, one after the other: a commit under the head
// lock can't be faster.
func (w *writer) flush(ctx context.Context) (float64, error) {
	file := w.file("flush.sql")
	if err := os.WriteFile(file, []byte("SELECT pg_logical_emit_message(true, 'bench', 'flush');\n"), 0o600); err != nil {
		return 0, err
	}
	return w.pgbench(ctx, w.url, 1, "-f", file)
}

// plain writes the caught inserts by pgbench, with new ids and numbers: one
// transaction of the same round trips as the service's. What runs under the
// head lock or for it counts as sealing, the rules that need its order too. The
// last statement of a write, which reads the record again, is left out.
func (w *writer) plain(ctx context.Context, writers int, sealed bool) (float64, error) {
	const each = 10_000_000 // transaction numbers for each client
	w.numbers++
	args := []string{"-D", "n=0", "-D", fmt.Sprintf("base=%d", w.numbers*1_000_000_000)}
	text := fmt.Sprintf("\\set n :n + 1\n\\set tx :base + :client_id * %d + :n\nBEGIN;\n\\startpipeline\n", each)
	ids, err := w.ids()
	if err != nil {
		return 0, err
	}
	variables := 0
	for i, q := range w.queries[:w.to] {
		if !sealed && i >= w.from {
			break
		}
		places := make([]string, len(q.args))
		for k, arg := range q.args {
			if _, number := arg.(int64); number {
				places[k] = ":tx"
				continue
			}
			value, err := literal(arg)
			if err != nil {
				return 0, err
			}
			if value == "" { // which pgbench doesn't take for a variable
				places[k] = "''"
				continue
			}
			args = append(args, "-D", fmt.Sprintf("v%d=%s", variables, ids.Replace(value)))
			places[k] = fmt.Sprintf(":v%d", variables)
			if strings.Contains(ids.Replace(value), "@") {
				places[k] = fmt.Sprintf("(replace(%s, '@', lpad(:tx::text, 12, '0'))::%s)", places[k], q.types[k])
			}
			variables++
		}
		text += parameter.ReplaceAllStringFunc(q.sql, func(m string) string {
			k, _ := strconv.Atoi(m[1:])
			return places[k-1]
		}) + ";\n"
	}
	file := w.file("write.sql")
	if err := os.WriteFile(file, []byte(text+"\\endpipeline\nCOMMIT;\n"), 0o600); err != nil {
		return 0, err
	}
	rate, err := w.pgbench(ctx, w.url, writers, append(args, "-f", file)...)
	if sealed {
		w.sealed += rate * float64(w.seconds)
	}
	return rate, err
}

// ids replaces the ids of the caught write by such as hold the transaction's
// number, for which @ stands.
func (w *writer) ids() (*strings.Replacer, error) {
	var pairs []string
	for _, q := range w.queries[:w.from] {
		for _, arg := range q.args {
			text, ok := arg.(string)
			if !ok {
				continue
			}
			_, after, found := strings.Cut(text, `"id":"`)
			if id, _, ended := strings.Cut(after, `"`); found && ended && len(id) == 36 {
				pairs = append(pairs, id, id[:24]+"@")
			}
		}
	}
	if pairs == nil {
		return nil, errors.New("the caught write has no ids")
	}
	return strings.NewReplacer(pairs...), nil
}

// verify makes sure that every commit has its place: no gap, an unbroken chain,
// and as many as were made.
func (w *writer) verify(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, w.url)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var made, span, broken int64
	err = conn.QueryRow(ctx, `SELECT count(*), max(seq) - $1, count(*) FILTER (WHERE seq <> before + 1 OR at <= earlier
			OR hash <> sha256(link || digest || int8send(seq) || int8send((extract(epoch FROM at) * 1000000)::bigint)
				|| sha256(convert_to(principal || E'\n' || kind || E'\n' || coalesce(reason, ''), 'UTF8'))))
		FROM (SELECT c.*, lag(seq) OVER o AS before, lag(at) OVER o AS earlier, lag(hash) OVER o AS link FROM commits c WHERE seq >= $1 WINDOW o AS (ORDER BY seq)) c WHERE seq > $1`, w.before).
		Scan(&made, &span, &broken)
	if err != nil {
		return err
	}
	w.check(made == span && broken == 0, "commits: %d commits over %d numbers, %d of them out of place", made, span, broken)
	w.check(made >= w.made && float64(made) < float64(w.made)+1.5*w.sealed+1000, "commits: %d in the database, %d made by the service and about %.0f by pgbench", made, w.made, w.sealed)
	w.say("commits  %d commits, seq without a gap, chain unbroken", made)
	return nil
}
