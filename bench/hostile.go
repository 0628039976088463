package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// A siege is light traffic, alone and beside clients that ask for what costs
// most, without a memory of answers.
type siege struct {
	cell
	rounds  []besieged
	answers map[int]int // what the hostile clients got, by status
}

// lightCells are the requests of light traffic.
var lightCells = []string{"get", "list", "speaker", "target"}

type besieged struct{ alone, beside load }

const (
	hostileClients = 64
	hostilePause   = 100 * time.Millisecond // after a refusal: floods are for limits of rates
	siegeGoal      = 2                      // times as slow, at most
)

// hostilePaths are what the service can be asked for that reads most; %d makes
// each another question.
var hostilePaths = []string{
	"/v1/statements/counts?by=on_behalf_of,target_country&measure=occasions&date_match=certain&said_from=1900&top=%d",
	"/v1/statements/facets?by=kind,speaker,on_behalf_of,target_country,topic,source&top=%d",
	"/v1/statements?count=exact&not_kind=threat&limit=%d",
	"/v1/statements?offset=9%03d&sort=said_on",
	"/v1/statements?q=the&not_language=ps&limit=%d",
	"/v1/statements?voice=editorial&review=second_read&language=xx&limit=%d", // a walk that finds nothing
	"/v1/statements?as_of=seq:1&offset=9%03d",
	"/v1/timeline?between=PK,AF&limit=%d",
}

func (b *bench) siege(ctx context.Context) (*siege, error) {
	cells, err := b.cells(ctx)
	if err != nil {
		return nil, err
	}
	s, err := b.start(ctx, "DATABASE_URL="+b.database.url, "MAX_CONNS="+strconv.Itoa(b.maxConns), "CACHE_BYTES=0")
	if err != nil {
		return nil, err
	}
	g := &siege{answers: map[int]int{}}
	g.name = "siege"
	var paths []string
	for _, c := range cells {
		if slices.Contains(lightCells, c.name) {
			if err := b.fetch(ctx, s, c); err != nil {
				return nil, err
			}
			for _, r := range c.requests[:min(100, len(c.requests))] {
				paths, g.requests = append(paths, r.path), append(g.requests, r)
			}
		}
	}
	for n := range rounds {
		var now besieged
		if now.alone, err = b.wrk(ctx, s.address, paths, b.connections, n); err != nil {
			return nil, err
		}
		stop := g.beset(ctx, s.address)
		err := pause(ctx, time.Second)
		if err == nil {
			now.beside, err = b.wrk(ctx, s.address, paths, b.connections, n)
		}
		stop()
		if err != nil {
			return nil, err
		}
		b.sound(&g.cell, "the service, alone", now.alone)
		b.sound(&g.cell, "the service, besieged", now.beside)
		g.rounds = append(g.rounds, now)
		b.say("siege    alone %8.0f/s   beside hostile queries %8.0f/s", now.alone.rate(), now.beside.rate())
	}
	b.check(g.answers[200] > 0 && g.answers[500] == 0 && g.answers[400] == 0, "siege: hostile clients got %v", g.answers)
	return g, s.stop()
}

// beset keeps the hostile clients asking until it is told to stop.
func (g *siege) beset(ctx context.Context, address string) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var clients sync.WaitGroup
	var asked atomic.Int64
	var mu sync.Mutex
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: hostileClients}}
	for range hostileClients {
		clients.Go(func() {
			for ctx.Err() == nil {
				n := asked.Add(1)
				path := fmt.Sprintf(hostilePaths[n%int64(len(hostilePaths))], 1+n/int64(len(hostilePaths))%100)
				request, err := http.NewRequestWithContext(ctx, http.MethodGet, address+path, nil)
				if err != nil {
					return
				}
				answer, err := client.Do(request)
				if err != nil {
					continue
				}
				_, _ = io.Copy(io.Discard, answer.Body) // ends with the context
				answer.Body.Close()
				mu.Lock()
				g.answers[answer.StatusCode]++
				mu.Unlock()
				if answer.StatusCode != http.StatusOK {
					_ = pause(ctx, hostilePause) // ends with the context
				}
			}
		})
	}
	return func() {
		cancel()
		clients.Wait()
		client.CloseIdleConnections()
	}
}

// printSiege writes the table.
func (b *bench) printSiege(g *siege) {
	if g == nil {
		return
	}
	of := func(f func(besieged) float64) float64 { return median(g.rounds, f) }
	slower := of(func(r besieged) float64 { return r.alone.rate() / r.beside.rate() })
	fmt.Fprintf(b.stdout, "\n| light traffic, %d connections | requests/s | p50 ms | p99 ms |\n|---|--:|--:|--:|\n", b.connections)
	fmt.Fprintf(b.stdout, "| alone | %.0f | %.2f | %.2f |\n", of(func(r besieged) float64 { return r.alone.rate() }), of(func(r besieged) float64 { return r.alone.P50 / 1000 }), of(func(r besieged) float64 { return r.alone.P99 / 1000 }))
	fmt.Fprintf(b.stdout, "| beside %d clients that ask for what costs most | %.0f | %.2f | %.2f |\n", hostileClients, of(func(r besieged) float64 { return r.beside.rate() }), of(func(r besieged) float64 { return r.beside.P50 / 1000 }), of(func(r besieged) float64 { return r.beside.P99 / 1000 }))
	fmt.Fprintf(b.stdout, "\n%.1f times as slow (goal ≤ %d: %s); the hostile clients got %v by status.\n", slower, siegeGoal, verdict(slower <= siegeGoal), g.answers)
}
