package main

import (
	"context"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/jackc/pgx/v5"

	"onrecord/bench/generate"
	"onrecord/internal/claims"
	"onrecord/internal/store"
)

// A draining is what a wide change costs: the sources of many statements get
// one owner, and what is derived of those statements is computed again while a
// writer goes on.
type draining struct {
	statements    int
	rate          float64 // statements a second
	alone, beside float64 // commits a second of one writer, with nothing else going on and while it is computed
}

const (
	drainWanted = 100_000 // statements, if there are so many
	drainGoal   = 20_000  // a second
)

// drain measures it in a copy of the database.
func (b *bench) drain(ctx context.Context) (*draining, error) {
	d := &draining{}
	err := b.database.clone(ctx, func(url string) error {
		s, err := store.Open(ctx, store.Config{URL: url})
		if err != nil {
			return err
		}
		defer s.Close()
		conn, err := pgx.Connect(ctx, url)
		if err != nil {
			return err
		}
		defer conn.Close(ctx)
		if d.statements, err = oneOwner(ctx, s, conn); err != nil {
			return err
		}
		w := &writer{bench: b, url: url, stores: map[int]*store.Store{1: s}}
		if w.world, err = generate.New(b.world); err != nil {
			return err
		}
		write := func(ctx context.Context) (n int) {
			for ctx.Err() == nil {
				if _, err := s.Create(ctx, store.Write{Principal: "bench"}, w.input()); err == nil {
					n++
				}
			}
			return n
		}
		calm, cancel := context.WithTimeout(ctx, time.Duration(b.seconds)*time.Second)
		defer cancel()
		d.alone = float64(write(calm)) / float64(b.seconds)
		busy, stop := context.WithCancel(ctx)
		written := make(chan int, 1)
		go func() { written <- write(busy) }()
		began := time.Now()
		n, err := s.Drain(ctx)
		took := time.Since(began).Seconds()
		stop()
		d.rate, d.beside = float64(n)/took, float64(<-written)/took
		b.say("drain    %d statements: %.0f/s   one writer alone: %.0f commits/s   meanwhile: %.0f", n, d.rate, d.alone, d.beside)
		if err != nil {
			return err
		}
		b.check(n >= d.statements, "drain: %d of %d statements", n, d.statements)
		var looked, wrong int
		err = conn.QueryRow(ctx, `SELECT count(*), count(*) FILTER (WHERE f.publishers_high <> (
				SELECT count(DISTINCT coalesce(o.owner, o.id)) FROM reports r JOIN articles a ON a.id = r.article JOIN sources o ON o.id = a.source WHERE r.statement = f.statement))
			FROM (SELECT * FROM statement_facts ORDER BY statement LIMIT 2000) f WHERE NOT EXISTS (SELECT FROM reports r JOIN articles a ON a.id = r.article JOIN sources o ON o.id = a.source
				JOIN sources up ON up.id = o.owner WHERE r.statement = f.statement AND up.owner IS NOT NULL)`).Scan(&looked, &wrong)
		b.check(looked > 0 && wrong == 0, "drain: %d of %d statements have another number of publishers than their sources have owners", wrong, looked)
		return err
	})
	return d, err
}

func (d *draining) print(out func(string, ...any)) {
	out("\n| | | goal | |\n|---|--:|--:|---|")
	out("| facts of %d statements after a change of owner, statements/s | %.0f | ≥ %d | %s |", d.statements, d.rate, drainGoal, verdict(d.rate >= drainGoal))
	out("| commits of one writer meanwhile, and alone, commits/s | %.0f, %.0f | | |", d.beside, d.alone)
}

// oneOwner gives sources one owner until enough statements are concerned, and
// returns how many these carry.
func oneOwner(ctx context.Context, s *store.Store, conn *pgx.Conn) (waiting int, err error) {
	rows, _ := conn.Query(ctx, `SELECT id::text, version FROM sources WHERE owner IS NULL ORDER BY id`)
	type source struct {
		ID      string
		Version int
	}
	sources, err := pgx.CollectRows(rows, pgx.RowToStructByPos[source])
	if err != nil || len(sources) < 2 {
		return 0, fmt.Errorf("the world has too few sources: %w", err)
	}
	for _, other := range sources[1:] {
		_, err := s.Update(ctx, store.Write{Principal: "bench"}, claims.KindSource, other.ID, other.Version, func(current []byte) (claims.Input, error) {
			in := new(claims.SourceInput)
			if err := json.Unmarshal(current, in); err != nil {
				return nil, err
			}
			in.Owner = claims.RefID(sources[0].ID)
			return in, nil
		})
		if err != nil {
			return 0, err
		}
		if err := conn.QueryRow(ctx, `SELECT count(DISTINCT r.statement) FROM sources o JOIN articles a ON a.source = o.id JOIN reports r ON r.article = a.id WHERE o.owner = $1`,
			sources[0].ID).Scan(&waiting); err != nil || waiting >= drainWanted {
			return waiting, err
		}
	}
	return waiting, nil
}
