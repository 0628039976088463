package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// A panel is the same few questions asked again and again by many, as by the
// viewers of a dashboard, held against the same bytes from memory.
type panel struct {
	cell
	connections int
}

// Goal: the share of the bare HTTP stack's rate, at the connections named.
const (
	panelGoal        = 0.65
	panelConnections = 64
)

// panelPaths are the questions of a dashboard.
var panelPaths = []string{
	"/v1/statements",
	"/v1/statements?kind=threat",
	"/v1/statements?limit=20&include=speaker",
	"/v1/statements/counts?by=kind&bucket=year",
	"/v1/statements/counts?by=on_behalf_of,target_country&top=10",
	"/v1/statements/facets?by=kind,language",
}

// panels measures the service and the bare stack in turn, several times, with
// more and more connections.
func (b *bench) panels(ctx context.Context) ([]*panel, error) {
	run := func() (*service, error) {
		return b.start(ctx, "DATABASE_URL="+b.database.url, "MAX_CONNS="+strconv.Itoa(b.maxConns))
	}
	if b.profile != "" {
		run = func() (*service, error) { return b.within(ctx, 64<<20) }
	}
	s, err := run()
	if err != nil {
		return nil, err
	}
	var requests []request
	for _, path := range panelPaths {
		var body []byte
		for range 2 { // what is asked once is not kept
			if body, err = b.answer(ctx, s.address+path); err != nil {
				return nil, err
			}
		}
		requests = append(requests, request{path: path, body: body})
	}
	var list []*panel
	for _, connections := range []int{16, panelConnections, 256} {
		list = append(list, &panel{cell{name: fmt.Sprintf("panel-%d", connections), requests: requests}, connections})
	}
	bare, stop, err := serve(list[0].bare())
	if err != nil {
		return nil, err
	}
	defer func() { _ = stop() }() // its port goes with this program
	for n := range rounds {
		for _, p := range list {
			if err := b.panel(ctx, s, p, bare, n); err != nil {
				return nil, err
			}
		}
	}
	return list, s.stop()
}

func (b *bench) panel(ctx context.Context, s *service, p *panel, bare string, n int) error {
	var now round
	floor, err := b.wrk(ctx, bare, panelPaths, p.connections, n)
	if err != nil {
		return err
	}
	now.bare = floor.rate()
	if err := b.profiled(fmt.Sprintf("%s-%d", p.name, n), func() error {
		now.service, err = b.wrk(ctx, s.address, panelPaths, p.connections, n)
		return err
	}); err != nil {
		return err
	}
	b.sound(&p.cell, "the bare HTTP stack", floor)
	b.sound(&p.cell, "the service", now.service)
	p.rounds = append(p.rounds, now)
	b.say("%-9s bare %8.0f/s   service %8.0f/s", p.name, now.bare, now.service.rate())
	return nil
}

// answer is the body of an answer of 200.
func (b *bench) answer(ctx context.Context, address string) ([]byte, error) {
	asked, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(asked)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	b.check(answer.StatusCode == http.StatusOK, "%s: status %d: %.200s", address, answer.StatusCode, body)
	return body, err
}

// printPanels writes the table.
func (b *bench) printPanels(list []*panel) {
	if list == nil {
		return
	}
	fmt.Fprintf(b.stdout, "\n| the same panel again, connections | bare HTTP | service | of bare HTTP | goal | | p50 ms | p99 ms |\n|--:|--:|--:|--:|---|---|--:|--:|\n")
	for _, p := range list {
		of := func(f func(round) float64) float64 { return median(p.rounds, f) }
		share := of(func(r round) float64 { return r.service.rate() / r.bare })
		goal, met := "", ""
		if p.connections == panelConnections {
			goal, met = fmt.Sprintf("≥ %.0f %%", 100*panelGoal), verdict(share >= panelGoal)
		}
		fmt.Fprintf(b.stdout, "| %d | %.0f | %.0f | **%.0f %%** | %s | %s | %.2f | %.2f |\n", p.connections, of(func(r round) float64 { return r.bare }),
			of(func(r round) float64 { return r.service.rate() }), 100*share, goal, met, of(func(r round) float64 { return r.service.P50 / 1000 }), of(func(r round) float64 { return r.service.P99 / 1000 }))
	}
}
