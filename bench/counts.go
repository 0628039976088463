package main

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"onrecord/internal/claims"
	"onrecord/internal/store"
)

// A counting is a question for counts, asked with several values, and how long
// its answers took.
type counting struct {
	query  string // %s stands for the values
	values string // SQL that gives them; "" for a question about everything
	goal   time.Duration
	times  []time.Duration
	rows   int
	cold   time.Duration // of a question about everything: by the database, while memory holds nothing
}

// Goals: medians, with a selective filter and over everything; and the most
// that any answer may take.
const (
	selectiveGoal  = 10 * time.Millisecond
	everythingGoal = 25 * time.Millisecond
	worstGoal      = 150 * time.Millisecond
	askedValues    = 20
	askedEach      = 3  // times, a question with a value; the first doesn't count
	askedWhole     = 12 // times, one about everything
)

// countings are the questions: with a filter, from its rarest value to its most
// frequent, then about everything.
func countings() []*counting {
	const speaker = `SELECT speaker::text FROM statements TABLESAMPLE BERNOULLI (0.1) REPEATABLE (5) GROUP BY 1 ORDER BY count(*), 1`
	const behalf = `SELECT on_behalf_of FROM statements TABLESAMPLE BERNOULLI (0.1) REPEATABLE (6) WHERE on_behalf_of IS NOT NULL GROUP BY 1 ORDER BY count(*), 1`
	const target = `SELECT country FROM statement_targets TABLESAMPLE BERNOULLI (0.1) REPEATABLE (7) WHERE country IS NOT NULL GROUP BY 1 ORDER BY count(*), 1`
	return []*counting{
		{query: "speaker=%s&by=kind&bucket=month", values: speaker, goal: selectiveGoal},
		{query: "speaker=%s&by=target_country", values: speaker, goal: selectiveGoal},
		{query: "on_behalf_of=%s&kind=threatening&by=target_country&bucket=year", values: behalf, goal: selectiveGoal},
		{query: "target_country=%s&said_from=2024-03&said_to=2024-04&by=on_behalf_of,kind", values: target, goal: selectiveGoal},
		{query: "target_country=%s&by=source&measure=reports", values: target, goal: selectiveGoal},
		{query: "said_from=2024-03&said_to=2024-04&by=%s", values: `SELECT unnest(ARRAY['kind', 'topic', 'source'])`, goal: selectiveGoal},
		{query: "by=kind", goal: everythingGoal},
		{query: "by=speaker", goal: everythingGoal},
		{query: "by=kind&bucket=month", goal: everythingGoal},
		{query: "by=target_country", goal: everythingGoal},
		{query: "by=topic", goal: everythingGoal},
		{query: "by=language,medium", goal: everythingGoal},
		{query: "by=speaker_nationality,recurrence", goal: everythingGoal},
		{query: "conditional=open&recurrence=standing,repeated&by=speaker_kind&bucket=month", goal: everythingGoal},
		{query: "by=on_behalf_of,target_country,kind&bucket=year&top=5", goal: everythingGoal},
		{query: "by=on_behalf_of,target_country&measure=occasions", goal: everythingGoal},
		{query: "by=source&measure=reports", goal: everythingGoal},
		{query: "by=source,kind", goal: everythingGoal},
		{query: "said_from=2020&by=target_country&bucket=month", goal: everythingGoal},
	}
}

// counts asks each question several times with each value.
func (b *bench) counts(ctx context.Context) ([]*counting, error) {
	s, err := store.Open(ctx, store.Config{URL: b.database.url, MaxConns: 2})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	cold, err := store.Open(ctx, store.Config{URL: b.database.url, MaxConns: 2, Cells: -1})
	if err != nil {
		return nil, err
	}
	defer cold.Close()
	began := time.Now()
	if err := s.Hold(ctx); err != nil {
		return nil, err
	}
	b.say("%.0f MB of cells were read into memory in %s", float64(s.Held())/1e6, time.Since(began).Round(time.Millisecond))
	conn, err := pgx.Connect(ctx, b.database.url)
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	list := countings()
	for _, c := range list {
		values := []string{""}
		if c.values != "" {
			rows, _ := conn.Query(ctx, c.values)
			if values, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
				return list, fmt.Errorf("%s: %w", c.query, err)
			}
			values = spread(values, askedValues)
		}
		for _, v := range values {
			times := askedEach
			if c.values == "" {
				times = askedWhole
			}
			if err := b.count(ctx, s, c, v, times); err != nil {
				return list, fmt.Errorf("%s: %w", c.query, err)
			}
		}
		if c.values == "" {
			once := &counting{query: c.query}
			if err := b.count(ctx, cold, once, "", askedEach); err != nil {
				return list, fmt.Errorf("%s: %w", c.query, err)
			}
			c.cold = once.median()
			b.check(once.rows == c.rows, "%s: %d rows from memory, %d from the database", c.query, c.rows, once.rows)
		}
		b.say("%-70s %v, most %v, %d rows", c.query, c.median().Round(100*time.Microsecond), slices.Max(c.times).Round(100*time.Microsecond), c.rows)
	}
	return list, nil
}

// spread takes so many of a list, the first and the last among them.
func spread(list []string, most int) []string {
	if len(list) <= most {
		return list
	}
	out := make([]string, most)
	for i := range out {
		out[i] = list[i*(len(list)-1)/(most-1)]
	}
	return out
}

func (b *bench) count(ctx context.Context, s *store.Store, c *counting, value string, times int) error {
	query := c.query
	if c.values != "" {
		query = fmt.Sprintf(query, url.QueryEscape(value))
	}
	given, err := url.ParseQuery(query)
	if err != nil {
		return err
	}
	q, err := store.ParseCounts(claims.KindStatement, given)
	if err != nil {
		return err
	}
	for n := range times {
		began := time.Now()
		found, err := s.Counts(ctx, q)
		if err != nil {
			return err
		}
		if n > 0 { // the first finds the cache cold
			c.times = append(c.times, time.Since(began))
		}
		c.rows = max(c.rows, len(found.Rows))
	}
	return nil
}

func (c *counting) median() time.Duration {
	times := slices.Sorted(slices.Values(c.times))
	if len(times) == 0 {
		return 0
	}
	return times[len(times)/2]
}

// printCounts writes the table.
func (b *bench) printCounts(list []*counting) {
	if list == nil {
		return
	}
	fmt.Fprintf(b.stdout, "\n| counts | rows | median ms | goal | | most ms | ≤ %d | nothing in memory, ms |\n|---|--:|--:|--:|---|--:|---|--:|\n", worstGoal.Milliseconds())
	for _, c := range list {
		if len(c.times) == 0 {
			continue
		}
		most := slices.Max(c.times)
		cold := ""
		if c.cold > 0 {
			cold = fmt.Sprintf("%.0f", float64(c.cold.Microseconds())/1000)
		}
		fmt.Fprintf(b.stdout, "| `%s` | %d | %.1f | ≤ %d | %s | %.1f | %s | %s |\n", c.query, c.rows, float64(c.median().Microseconds())/1000, c.goal.Milliseconds(), verdict(c.median() <= c.goal),
			float64(most.Microseconds())/1000, verdict(most <= worstGoal), cold)
	}
}
