package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/go-json-experiment/json"
	"github.com/jackc/pgx/v5"

	"onrecord/internal/store"
)

// reading measures the cells and the memory of the service meanwhile.
func (b *bench) reading(ctx context.Context) ([]*cell, *footprint, error) {
	cells, err := b.cells(ctx)
	if err != nil {
		return nil, nil, err
	}
	run := func() (*service, error) {
		return b.start(ctx, "DATABASE_URL="+b.database.url, "MAX_CONNS="+strconv.Itoa(b.maxConns), "CACHE_BYTES=0") // else most would come from memory
	}
	if b.profile != "" {
		run = func() (*service, error) { return b.within(ctx, 0) }
	}
	s, err := run()
	if err != nil {
		return nil, nil, err
	}
	memory, err := b.readFrom(ctx, s, cells)
	if stopping := s.stop(); err == nil {
		err = stopping
	}
	return cells, memory, err
}

func (b *bench) readFrom(ctx context.Context, s *service, cells []*cell) (*footprint, error) {
	var memory *footprint
	if b.wants("memory") && b.profile == "" {
		memory = &footprint{}
		if err := memory.idle(ctx, s); err != nil {
			return nil, err
		}
	}
	for _, c := range cells {
		if !c.measured {
			continue
		}
		if err := b.cell(ctx, s, c); err != nil {
			return nil, fmt.Errorf("%s: %w", c.name, err)
		}
	}
	if memory != nil {
		if err := memory.loaded(ctx, b, s, cells); err != nil {
			return nil, err
		}
	}
	return memory, nil
}

// cell verifies and measures one cell: the database, the bare HTTP stack and
// the service in turn, several times.
func (b *bench) cell(ctx context.Context, s *service, c *cell) error {
	if err := b.fetch(ctx, s, c); err != nil {
		return err
	}
	own, plain, err := b.floors(ctx, c)
	if err != nil {
		return err
	}
	bare, stop, err := serve(c.bare())
	if err != nil {
		return err
	}
	defer func() { _ = stop() }() // its port goes with this program
	paths := make([]string, len(c.requests))
	for i, r := range c.requests {
		paths[i] = r.path
	}
	reading, err := asReader(b.database.url)
	if err != nil {
		return err
	}
	for n := range rounds {
		var now round
		if now.plain, err = b.pgbench(ctx, reading, b.connections, plain...); err != nil {
			return err
		}
		if now.pgbench, err = b.pgbench(ctx, reading, b.connections, own...); err != nil {
			return err
		}
		floor, err := b.wrk(ctx, bare, paths, b.connections, n)
		if err != nil {
			return err
		}
		now.bare = floor.rate()
		if err := b.profiled(fmt.Sprintf("%s-%d", c.name, n), func() error {
			now.service, err = b.wrk(ctx, s.address, paths, b.connections, n)
			return err
		}); err != nil {
			return err
		}
		b.sound(c, "the bare HTTP stack", floor)
		b.sound(c, "the service", now.service)
		c.rounds = append(c.rounds, now)
		b.say("%-8s plain %8.0f/s   pgbench %8.0f/s   bare %8.0f/s   service %8.0f/s", c.name, now.plain, now.pgbench, now.bare, now.service.rate())
	}
	return nil
}

// asReader is the URL with the settings that the service reads with.
func asReader(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	var options []string
	for name, value := range store.ReadSettings {
		options = append(options, "-c "+name+"="+value)
	}
	u.RawQuery += "&options=" + strings.ReplaceAll(url.QueryEscape(strings.Join(options, " ")), "+", "%20") // libpq takes + for itself
	return u.String(), nil
}

// sound checks that a load was answered as it should be: without an error, and
// with as many bytes as the answers have, headers apart.
func (b *bench) sound(c *cell, what string, l load) {
	b.check(l.Errors == 0, "%s: %d errors from %s", c.name, l.Errors, what)
	mean := 0.0
	for _, r := range c.requests {
		mean += float64(len(r.body)) / float64(len(c.requests))
	}
	each := l.Bytes / float64(l.Requests)
	b.check(each > 0.9*mean && each < 1.1*mean+1_000, "%s: %.0f bytes for an answer from %s, of %.0f with its headers expected", c.name, each, what, mean)
}

// fetch asks for everything once, keeps the answers, and checks them.
func (b *bench) fetch(ctx context.Context, s *service, c *cell) error {
	for i := range c.requests {
		r := &c.requests[i]
		asked, err := http.NewRequestWithContext(ctx, http.MethodGet, s.address+r.path, nil)
		if err != nil {
			return err
		}
		answer, err := http.DefaultClient.Do(asked)
		if err != nil {
			return err
		}
		r.body, err = io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil {
			return err
		}
		if r.ids, err = idsIn(r.body); err != nil {
			return fmt.Errorf("%s: status %d: %w", r.path, answer.StatusCode, err)
		}
		b.check(answer.StatusCode == http.StatusOK && len(r.ids) == r.rows,
			"%s: status %d, %d rows; expected 200 and %d rows", r.path, answer.StatusCode, len(r.ids), r.rows)
	}
	return nil
}

// idsIn are the ids of the records in an answer: a page or a record.
func idsIn(body []byte) ([]string, error) {
	type record struct {
		ID string `json:"id"`
	}
	var answer struct {
		record
		Data []record `json:"data"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, err
	}
	if answer.ID != "" {
		return []string{answer.ID}, nil
	}
	ids := make([]string, len(answer.Data))
	for i, r := range answer.Data {
		ids[i] = r.ID
	}
	return ids, nil
}

// checked is for how many requests of a cell pgbench's SQL is run to see that
// it gives the rows that the service shows.
const checked = 100

// floors makes the scripts of a cell for pgbench: the service's own SQL, and
// the plainest way to the same rows, by their ids and without what is joined to
// them. The one is what the service's Go is held against, the other what its
// SQL is.
func (b *bench) floors(ctx context.Context, c *cell) (own, plain []string, err error) {
	conn, err := pgx.Connect(ctx, b.database.url)
	if err != nil {
		return nil, nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	bare := &cell{name: c.name + "-plain", requests: slices.Clone(c.requests)}
	for i, r := range c.requests {
		bare.requests[i].sql, bare.requests[i].args = "SELECT * FROM statements WHERE id = ANY($1)", []any{r.ids}
		if c.name == "get" {
			bare.requests[i].sql, bare.requests[i].args = "SELECT * FROM statements WHERE id = $1", []any{r.ids[0]}
		}
	}
	if own, err = b.floor(ctx, conn, c); err != nil {
		return nil, nil, err
	}
	plain, err = b.floor(ctx, conn, bare)
	return own, plain, err
}

func (b *bench) floor(ctx context.Context, conn *pgx.Conn, c *cell) ([]string, error) {
	script, err := c.script(ctx, conn)
	if err != nil {
		return nil, err
	}
	for i, r := range c.requests[:min(checked, len(c.requests))] {
		rows, err := script.rows(ctx, conn, i)
		if err != nil {
			return nil, err
		}
		// One more says that there are more, and one without an id ends each page.
		b.check(rows >= r.rows && rows <= r.rows+2, "%s: %d rows from pgbench's SQL, %d from the service", r.path, rows, r.rows)
	}
	return script.arguments(b.file(c.name + ".sql"))
}

// bare is a router that answers with the same bytes from memory.
func (c *cell) bare() http.Handler {
	bodies := make(map[string][]byte, len(c.requests))
	for _, r := range c.requests {
		bodies[r.path] = r.body
	}
	answer := func(w http.ResponseWriter, r *http.Request) {
		body, ok := bodies[r.URL.RequestURI()]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = io.Copy(w, bytes.NewReader(body)) // the client may have gone
	}
	router := chi.NewRouter()
	router.Get("/v1/statements", answer)
	router.Get("/v1/statements/{id}", answer)
	return router
}

// median of what a function takes from each round.
func median[T any](list []T, of func(T) float64) float64 {
	if len(list) == 0 {
		return math.NaN()
	}
	values := make([]float64, len(list))
	for i, v := range list {
		values[i] = of(v)
	}
	slices.Sort(values)
	return values[len(values)/2]
}
