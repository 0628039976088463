package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"onrecord/internal/claims"
	"onrecord/internal/store"
)

// A sought is a search for the newest statements with some words, under a
// filter, and how long each way to them took.
type sought struct {
	class, words, filter string
	matches              int64 // without the filter
	rows                 int
	times                map[string]time.Duration // by way; "" is the service's own choice
	gave                 map[string][]byte
}

const (
	searchGoal   = 2.0 // times the better plan
	searchRounds = 7
	searchedPage = "20"
	slow         = time.Second      // what takes longer is measured once
	givenUp      = 10 * time.Second // and this is the most

	// heldWord stands in documents of one period only.
	heldWord, heldFrom, heldTo = "zzheldword", "2020-03-01", "2020-09-01"
)

// ways are the plans that the service chooses from.
var ways = []string{"index", "walk", ""}

// searching measures in a copy of the database, in which a word is put into the
// documents of one period.
func (b *bench) searching(ctx context.Context) (list []*sought, err error) {
	err = b.database.copied(ctx, "onrecord_bench_search", "onrecord", func(url string) error {
		list, err = b.searched(ctx, url)
		return err
	})
	return list, err
}

func (b *bench) searched(ctx context.Context, address string) ([]*sought, error) {
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for _, sql := range []string{
		fmt.Sprintf(`UPDATE statement_docs d SET doc = d.doc || '%s:1'::tsvector FROM statements s WHERE s.id = d.statement AND s.said_days > 0 AND s.said_from >= '%s' AND s.said_to <= '%s'`, heldWord, heldFrom, heldTo),
		`VACUUM ANALYZE statement_docs`,
	} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return nil, err
		}
	}
	classes, err := wordClasses(ctx, conn)
	if err != nil {
		return nil, err
	}
	var country string
	if err := conn.QueryRow(ctx, `SELECT on_behalf_of FROM statements TABLESAMPLE BERNOULLI (2) REPEATABLE (1) WHERE on_behalf_of IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC OFFSET 3 LIMIT 1`).Scan(&country); err != nil {
		return nil, err
	}
	s, err := store.Open(ctx, store.Config{URL: address, MaxConns: 2})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	var list []*sought
	for _, filter := range []string{"", "on_behalf_of=" + country, "said_from=2023&said_to=2024"} {
		for _, class := range classes {
			one := &sought{class: class[0], words: class[1], filter: filter, times: map[string]time.Duration{}, gave: map[string][]byte{}}
			if err := conn.QueryRow(ctx, `SELECT count(*) FROM statement_docs WHERE doc @@ search_query(ARRAY[$1])`, one.words).Scan(&one.matches); err != nil {
				return list, err
			}
			if err := one.measure(ctx, s); err != nil {
				return list, fmt.Errorf("%s, %s: %w", one.words, filter, err)
			}
			list = append(list, one)
			better, ratio := one.ratio()
			b.say("%-14s %-40s %-26s %8d matches  index %v, walk %v, chosen %v: %.2f of %s", one.class, one.words, filter, one.matches, one.times["index"], one.times["walk"], one.times[""], ratio, better)
			b.check((one.class == "absent") == (one.matches == 0), "search: %s has %d matches", one.class, one.matches)
			for _, way := range ways {
				b.check(one.gave[way] == nil || bytes.Equal(one.gave[way], one.gave[""]), "search for %s, %s: %q gives another page than the service", one.words, filter, way)
			}
		}
	}
	return list, nil
}

// wordClasses are searches from the most common word to none.
func wordClasses(ctx context.Context, conn *pgx.Conn) ([][2]string, error) {
	rows, err := conn.Query(ctx, `SELECT word FROM ts_stat('SELECT doc FROM statement_docs TABLESAMPLE BERNOULLI (1) REPEATABLE (1) WHERE stemmer = ''english''')
		WHERE word ~ '^[a-z]{4,}$' AND word <> $1 AND to_tsvector('english', word) = to_tsvector('simple', word) ORDER BY ndoc DESC, word`, heldWord)
	if err != nil {
		return nil, err
	}
	words, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	if len(words) < 3000 {
		return nil, errors.New("the world has too few words: take more rows")
	}
	var phrase string
	if err := conn.QueryRow(ctx, `SELECT '"' || substring(text from '^\w+ (\w+ \w+)') || '"' FROM statements WHERE text ~ '^\w+ [a-z]{4,} [a-z]{4,} ' AND language = 'en' ORDER BY id LIMIT 1`).Scan(&phrase); err != nil {
		return nil, err
	}
	return [][2]string{
		{"most common", words[0]}, {"common", words[20]}, {"middling", words[200]}, {"uncommon", words[1000]}, {"rare", words[len(words)-1]}, {"absent", "qqabsentqq"},
		{"phrase", phrase}, {"of one period", heldWord}, {"OR", words[300] + " OR " + words[310]}, {"minus", words[5] + " -" + words[0]},
	}, nil
}

// measure takes the ways in turn, and the medians.
func (o *sought) measure(ctx context.Context, s *store.Store) error {
	given, err := url.ParseQuery(o.filter)
	if err != nil {
		return err
	}
	given.Set("q", o.words)
	given.Set("limit", searchedPage)
	times, late := map[string][]time.Duration{}, map[string]bool{}
	for n := range searchRounds + 1 {
		for _, way := range ways {
			if late[way] {
				continue
			}
			q, err := store.Parse(claims.KindStatement, given)
			if err != nil {
				return err
			}
			bounded, cancel := context.WithTimeout(ctx, givenUp)
			if way == "" { // which has to end
				cancel()
				bounded, cancel = context.WithTimeout(ctx, time.Minute)
			}
			began := time.Now()
			page, err := s.List(bounded, q.By(way))
			took := time.Since(began)
			cancel()
			if err != nil && way != "" && ctx.Err() == nil {
				late[way], o.times[way] = true, took
				continue
			}
			if err != nil {
				return err
			}
			if took > slow && n > 0 {
				late[way], o.times[way] = true, took
			}
			if o.gave[way], o.rows = page.Records, page.Count; n > 0 { // the first finds the cache cold
				times[way] = append(times[way], took)
			}
		}
	}
	for way, list := range times {
		slices.Sort(list)
		if !late[way] {
			o.times[way] = list[len(list)/2].Round(10 * time.Microsecond)
		}
	}
	return nil
}

// ratio is how long the service takes, in times of the better plan.
func (o *sought) ratio() (string, float64) {
	better := "index"
	if o.times["walk"] < o.times["index"] {
		better = "walk"
	}
	return better, float64(o.times[""]) / float64(o.times[better])
}

// printSearches writes the table.
func (b *bench) printSearches(list []*sought) {
	if list == nil {
		return
	}
	fmt.Fprintf(b.stdout, "\n| newest %s with words | | statements that have them | by the index of words, ms | by a walk in order | service | of the better | ≤ %.0f |\n|---|---|--:|--:|--:|--:|--:|---|\n", searchedPage, searchGoal)
	within := 0
	for _, o := range list {
		_, ratio := o.ratio()
		if ratio <= searchGoal {
			within++
		}
		ms := func(way string) float64 { return float64(o.times[way].Microseconds()) / 1000 }
		fmt.Fprintf(b.stdout, "| %s | %s | %d | %.1f | %.1f | %.1f | %.2f | %s |\n", o.class, o.filter, o.matches, ms("index"), ms("walk"), ms(""), ratio, verdict(ratio <= searchGoal))
	}
	fmt.Fprintf(b.stdout, "\n%d of %d are within %.0f times the better plan. A plan that took %v was given up.\n", within, len(list), searchGoal, givenUp)
}
