package main

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"onrecord/internal/claims"
	"onrecord/internal/store"
)

// A cell is one kind of request with many values, and what was measured of it.
type cell struct {
	name, what string
	goal       float64 // share of pgbench
	measured   bool    // or made for the memory's load alone
	requests   []request
	rounds     []round
}

// A request is an address and the SQL that answers it.
type request struct {
	path string
	sql  string
	args []any
	rows int      // that the service shows
	body []byte   // the service's answer
	ids  []string // of the records in it
}

// A round is one measurement of a cell.
type round struct {
	plain, pgbench, bare float64
	service              load
}

// Goals: shares of the database's own rate.
const (
	getGoal  = 0.40
	listGoal = 0.55
)

// questions are the cells. The SQL gives parameter values to try, as rows of
// values of the parameters named; without parameters there is one request.
var questions = []struct {
	name, what string
	goal       float64
	parameters []string
	values     string // SQL; $1 is the share of statements to look at, in percent
}{
	{"get", "one statement by id", getGoal, []string{"id"},
		`SELECT id::text FROM statements TABLESAMPLE BERNOULLI ($1) REPEATABLE (1)`},
	{"list", "50 newest", listGoal, nil, ""},
	{"speaker", "50 newest of a speaker", listGoal, []string{"speaker"},
		`SELECT DISTINCT speaker::text FROM statements TABLESAMPLE BERNOULLI ($1) REPEATABLE (2)`},
	{"behalf", "50 newest on behalf of a country", listGoal, []string{"on_behalf_of"},
		`SELECT DISTINCT on_behalf_of FROM statements TABLESAMPLE BERNOULLI ($1) REPEATABLE (3) WHERE on_behalf_of IS NOT NULL`},
	{"kind", "50 newest on behalf of a country, of a kind", listGoal, []string{"on_behalf_of", "kind"},
		`SELECT DISTINCT on_behalf_of, kind FROM statements TABLESAMPLE BERNOULLI ($1) REPEATABLE (3) WHERE on_behalf_of IS NOT NULL`},
	{"target", "50 newest against a speaker", listGoal, []string{"target"},
		`SELECT DISTINCT speaker::text FROM statement_targets TABLESAMPLE BERNOULLI ($1) REPEATABLE (4) WHERE speaker IS NOT NULL`},
	{"country", "50 newest against a country, its government or bodies", listGoal, []string{"target_country"},
		`SELECT DISTINCT country FROM statement_targets TABLESAMPLE BERNOULLI ($1) REPEATABLE (5) WHERE country IS NOT NULL`},
	{"month", "50 newest against a country, in a month", listGoal, []string{"target_country", "said_from", "said_to"},
		`SELECT DISTINCT t.country, to_char(s.said_from, 'YYYY-MM'), to_char(s.said_from + interval '1 month', 'YYYY-MM')
		FROM statements s TABLESAMPLE BERNOULLI ($1) REPEATABLE (4) JOIN statement_targets t ON t.statement = s.id AND t.country IS NOT NULL WHERE s.said_days BETWEEN 1 AND 366`},
	{"topic", "50 newest on a topic or any below it", listGoal, []string{"topic"}, `SELECT id FROM topics WHERE $1::float8 > 0`},
	{"first", "50, pages 1 to 64", listGoal, nil, ""},
	{"deep", "50, page 1,000 and on", listGoal, nil, ""},
}

func cellNames() []string {
	list := make([]string, len(questions))
	for i, q := range questions {
		list[i] = q.name
	}
	return list
}

const (
	manyIDs    = 10_000 // different requests of the get cell
	manyLists  = 100    // of a list cell
	triedLists = 1_000
	triedTime  = 30 * time.Second
	deepPage   = 1_000
)

// cells makes the requests of the cells that are wanted: from values that occur
// in the data, those whose page is full, or, in a small database, not empty.
func (b *bench) cells(ctx context.Context) ([]*cell, error) {
	s, err := store.Open(ctx, store.Config{URL: b.database.url, MaxConns: 2})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	conn, err := pgx.Connect(ctx, b.database.url)
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var list []*cell
	for _, q := range questions {
		c := &cell{name: q.name, what: q.what, goal: q.goal, measured: b.wants(q.name)}
		if !c.measured && !(b.wants("memory") && (q.name == "get" || q.name == "list")) && !(b.wants("siege") && slices.Contains(lightCells, q.name)) {
			continue
		}
		values := [][]string{{}}
		if q.values != "" {
			rows, _ := conn.Query(ctx, q.values+" LIMIT "+strconv.Itoa(manyIDs), min(100, 2_000_000/float64(b.world.Statements)))
			if values, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) ([]string, error) {
				texts := make([]string, len(q.parameters))
				into := make([]any, len(texts))
				for i := range texts {
					into[i] = &texts[i]
				}
				return texts, row.Scan(into...)
			}); err != nil {
				return nil, fmt.Errorf("%s: %w", q.name, err)
			}
		}
		switch q.name {
		case "get":
			err = c.items(values)
		case "first":
			err = c.pages(ctx, s, 0)
		case "deep":
			err = c.pages(ctx, s, min(deepPage, b.world.Statements/store.DefaultLimit/2))
		default:
			err = c.lists(ctx, s, q.parameters, values)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", q.name, err)
		}
		if len(c.requests) == 0 {
			return nil, fmt.Errorf("%s: the data have nothing to ask for", q.name)
		}
		list = append(list, c)
	}
	return list, nil
}

func (c *cell) items(ids [][]string) error {
	for _, v := range ids {
		sql, args := store.ItemSQL(claims.KindStatement, v[0])
		c.requests = append(c.requests, request{path: "/v1/statements/" + v[0], sql: sql, args: args, rows: 1})
	}
	return nil
}

func (c *cell) lists(ctx context.Context, s *store.Store, parameters []string, values [][]string) error {
	var fair []request // pages that are not full
	end := time.Now().Add(triedTime)
	for i, v := range values {
		if i == triedLists || time.Now().After(end) || len(c.requests) == manyLists {
			break
		}
		given := url.Values{}
		for j, name := range parameters {
			given.Set(name, v[j])
		}
		made, _, err := ask(ctx, s, given)
		switch {
		case err != nil:
			return err
		case made.rows == store.DefaultLimit:
			c.requests = append(c.requests, made)
		case made.rows > 0:
			fair = append(fair, made)
		}
	}
	if len(c.requests) < 8 {
		c.requests = append(c.requests, fair[:min(len(fair), manyLists)]...)
	}
	return nil
}

// ask makes the request for a page, and gives the cursor of the next.
func ask(ctx context.Context, s *store.Store, given url.Values) (request, string, error) {
	q, err := store.Parse(claims.KindStatement, given)
	if err != nil {
		return request{}, "", fmt.Errorf("%v: %w", given, err)
	}
	page, err := s.List(ctx, q)
	if err != nil {
		return request{}, "", fmt.Errorf("%v: %w", given, err)
	}
	made := request{path: strings.TrimSuffix("/v1/statements?"+given.Encode(), "?"), rows: page.Count}
	made.sql, made.args = q.SQL()
	return made, page.Next, nil
}

// pages walks over some pages and takes 64 from there on.
func (c *cell) pages(ctx context.Context, s *store.Store, over int) error {
	var cursor string
	for walked := 0; walked < over; {
		step := min(store.MaxLimit, (over-walked)*store.DefaultLimit)
		given := url.Values{"limit": {strconv.Itoa(step)}}
		if cursor != "" {
			given.Set("cursor", cursor)
		}
		var err error
		if _, cursor, err = ask(ctx, s, given); err != nil {
			return err
		}
		walked += step / store.DefaultLimit
	}
	for range 64 {
		given := url.Values{}
		if cursor != "" {
			given.Set("cursor", cursor)
		}
		made, next, err := ask(ctx, s, given)
		if err != nil {
			return err
		}
		if c.requests, cursor = append(c.requests, made), next; cursor == "" {
			break
		}
	}
	return nil
}
