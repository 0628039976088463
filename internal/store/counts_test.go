package store_test

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"onrecord/internal/claims"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

// The law: every cell of every aggregate is what count=exact says of the list
// behind it, whatever is asked of whatever record.
func TestEveryCellIsTheCountOfItsList(t *testing.T) {
	t.Parallel()
	for seed := range uint64(testkit.Scale(2, 40)) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			held := int64(seed%2*2) - 1 // of every other world nothing is in memory
			s := testkit.WithCast(t, testkit.StoreAt(t, store.Config{URL: testkit.Database(t), Cells: held << 20}))
			k := questionable(seed)
			k.load(t, s)
			if err := s.Rebuild(t.Context()); err != nil { // roll-ups too, of which what is revised is then not a part
				t.Fatal(err)
			}
			if _, err := s.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			if held > 0 {
				if err := s.Hold(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			k.past = k.revise(t, s)
			cells := map[claims.Kind]int{}
			for _, kind := range counted {
				for range testkit.Scale(30, 300) {
					q := k.question(kind)
					c, err := store.ParseCounts(kind, q)
					if err != nil {
						t.Fatalf("%s %v: %v", kind, q, err)
					}
					counts, err := s.Counts(t.Context(), c)
					if err != nil {
						sql, _ := c.SQL()
						t.Fatalf("%s %v: %v\n%s", kind, q, err, sql)
					}
					cells[kind] += len(counts.Rows)
					k.lawful(t, s, kind, q, c, counts)
				}
				k.facets(t, s, kind)
			}
			for query := range readFrom {
				q, err := url.ParseQuery(query + "&top=2")
				if err != nil {
					t.Fatal(err)
				}
				c := counting(t, q.Encode())
				counts, err := s.Counts(t.Context(), c)
				if err != nil {
					t.Fatalf("%s: %v", query, err)
				}
				k.lawful(t, s, claims.KindStatement, q, c, counts)
			}
			if inMemory := s.CountedInMemory() > 0; inMemory != (held > 0) {
				t.Errorf("answered from memory: %v", inMemory)
			}
			for _, kind := range counted {
				if cells[kind] < 20 {
					t.Errorf("%s: only %d cells were compared", kind, cells[kind])
				}
			}
		})
	}
}

var counted = []claims.Kind{claims.KindStatement, claims.KindEvent, claims.KindClaim}

// lawful holds an answer against lists.
func (k *maker) lawful(t *testing.T, s *store.Store, kind claims.Kind, q url.Values, c store.Counting, counts store.Counts) {
	t.Helper()
	whole := url.Values{"count": {"exact"}}
	for name, values := range q {
		if !slices.Contains([]string{"by", "bucket", "top", "fill", "figures"}, name) {
			whole[name] = values
		}
	}
	if total := k.listed(t, s, kind, whole); total != counts.Total {
		t.Errorf("%s %v: total %d, the list counts %d", kind, q, counts.Total, total)
	}
	rows := counts.Rows
	if len(rows) > 12 {
		k.random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		rows = rows[:12]
	}
	for _, row := range rows {
		n := k.listed(t, s, kind, row.Filters)
		if n != row.Count {
			sql, args := c.SQL()
			t.Fatalf("%s?%s: %v counts %d, the list %s counts %d\n%s\n%v", kind, q.Encode(), row.Values, row.Count, row.Filters.Encode(), n, sql, args)
		}
		if counts.Windowed {
			sure := url.Values{}
			for name, values := range row.Filters {
				sure[name] = values
			}
			sure.Set("date_match", "certain")
			if n := k.listed(t, s, kind, sure); n != row.Count-row.Possible {
				t.Fatalf("%s?%s: of %d %d match only possibly, the list %s counts %d", kind, q.Encode(), row.Count, row.Possible, sure.Encode(), n)
			}
		}
	}
	if len(c.Several) == 0 {
		sum := int64(0)
		for _, row := range counts.Rows {
			sum += row.Count
		}
		if sum != counts.Total {
			t.Errorf("%s %v: rows add up to %d of %d", kind, q, sum, counts.Total)
		}
	}
}

// listed is what a list says that it counts, which is the number of its records
// where these are counted.
func (k *maker) listed(t *testing.T, s *store.Store, kind claims.Kind, q url.Values) int64 {
	t.Helper()
	given := url.Values{"limit": {"1000"}}
	for name, values := range q {
		given[name] = values
	}
	parsed, err := store.Parse(kind, given)
	if err != nil {
		t.Fatalf("%s %v: %v", kind, q, err)
	}
	page, err := s.List(t.Context(), parsed)
	if err != nil {
		t.Fatalf("%s %v: %v", kind, q, err)
	}
	if measure := q.Get("measure"); (measure == "" || measure == "statements") && *page.Total != int64(page.Count) {
		t.Fatalf("%s %v: says %d and shows %d", kind, q, *page.Total, page.Count)
	}
	return *page.Total
}

// facets holds facets against counts by one dimension.
func (k *maker) facets(t *testing.T, s *store.Store, kind claims.Kind) {
	t.Helper()
	q := k.filters(kind)
	q.Set("by", strings.Join(store.Dimensions(kind)[:6], ","))
	q.Set("own", k.pick("keep", "exclude"))
	q.Set("top", k.pick("1", "2", "20"))
	list, _, err := store.ParseFacets(kind, q)
	if err != nil {
		t.Fatalf("%v: %v", q, err)
	}
	answers, err := s.Facets(t.Context(), list)
	if err != nil {
		t.Fatalf("%v: %v", q, err)
	}
	for i, counts := range answers {
		for _, row := range counts.Rows {
			if n := k.listed(t, s, kind, row.Filters); n != row.Count {
				t.Errorf("%s facet %s of %v: %v counts %d, the list %s counts %d", kind, list[i].By[0], q, row.Values, row.Count, row.Filters.Encode(), n)
			}
		}
	}
}

// question is a random one: dimensions, period, measure, filters.
func (k *maker) question(kind claims.Kind) url.Values {
	q := k.filters(kind)
	dimensions := store.Dimensions(kind)
	var by []string
	for range k.random.IntN(4) {
		if d := k.pick(dimensions...); !slices.Contains(by, d) {
			by = append(by, d)
		}
	}
	if len(by) > 0 {
		q.Set("by", strings.Join(by, ","))
	}
	if kind == claims.KindClaim || k.random.IntN(3) == 0 {
		if len(by) == 0 {
			q.Set("by", k.pick(dimensions...))
		}
	} else {
		q.Set("bucket", k.pick("day", "week", "month", "quarter", "year"))
		if len(by) == 0 && k.random.IntN(3) == 0 && q.Get("bucket") != "day" && q.Get("bucket") != "week" {
			q.Set("fill", "zero")
		}
	}
	if kind == claims.KindStatement && k.random.IntN(2) == 0 {
		q.Set("measure", k.pick("statements", "occasions", "reports", "articles", "claims"))
	}
	if kind == claims.KindEvent && k.random.IntN(3) == 0 {
		q.Set("figures", "killed,injured")
	}
	if k.random.IntN(3) > 0 {
		q.Set("top", k.pick("1", "2", "3"))
	}
	derived := regexp.MustCompile(`medium|status|contested|denied_by_others|publishers|origins|reliability`)
	if k.random.IntN(4) == 0 && !derived.MatchString(q.Encode()) {
		q.Set("as_of", k.past)
	}
	return q
}

// revise changes some records, and gives the state before.
func (k *maker) revise(t *testing.T, s *store.Store) string {
	t.Helper()
	page, err := s.List(t.Context(), query(t, claims.KindTopic, nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{`{"key":"st:7","speaker":{"key":"gov:PK"},"kind":"offer","text":"b","topics":["trade"],"targets":[{"role":"object","country":"PK"}]}`,
		`{"key":"st:8","speaker":{"key":"body:desk"},"kind":"threat","text":"b","said_on":"2026-02-03"}`} {
		var in claims.StatementInput
		if err := claims.Decode([]byte(line), &in); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Update(t.Context(), testkit.By("x"), claims.KindStatement, "key:"+in.Key, 1, func([]byte) (claims.Input, error) { return &in, nil }); err != nil {
			t.Fatal(err)
		}
	}
	return fmt.Sprintf("seq:%d", page.Seq)
}

// Figures are summed over the events of a row as ranges: an event counts with
// the widest range of its accounts, and what is open stays open.
func TestFiguresAreSummedAsRanges(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	figure := func(list ...string) string {
		for i, f := range list {
			list[i] = `{"metric":"killed","as_given":"x","given_by_article":{"key":"article:one"}` + f + `}`
		}
		return `"figures":[` + strings.Join(list, ",") + `]`
	}
	for i, fields := range []string{
		`"kind":"bombing",` + figure(`,"low":30,"high":36`, `,"low":33,"high":40`), `"kind":"bombing",` + figure(`,"low":5,"high":5`, ""),
		`"kind":"raid",` + figure(`,"low":161`), `"kind":"raid",` + figure(`,"low":2,"high":3`), `"kind":"talks",` + figure(""), `"kind":"clash",` + figure(`,"low":4,"high":4`, `,"high":9`),
	} {
		testkit.Create(t, s, fmt.Sprintf(`{"type":"event","key":"event:%d","title":"t",%s}`, i, fields))
	}
	c, err := store.ParseCounts(claims.KindEvent, url.Values{"by": {"kind"}, "figures": {"killed,injured"}})
	if err != nil {
		t.Fatal(err)
	}
	counts, err := s.Counts(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	bound := func(v *float64) string {
		if v == nil {
			return ""
		}
		return fmt.Sprint(*v)
	}
	got := map[string]string{}
	for _, row := range append(counts.Rows, store.Row{Values: []store.Value{{Label: "all"}}, Figures: counts.Figures}) {
		for _, sum := range row.Figures {
			got[row.Values[0].Label] += fmt.Sprintf("%s %s–%s of %d", *sum.Metric, bound(sum.Low), bound(sum.High), *sum.Events)
		}
	}
	want := map[string]string{"bombing": "killed 35–45 of 2", "raid": "killed 163– of 2", "clash": "killed –9 of 1", "all": "killed – of 5"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Zero-filled periods run through the window, or from the first to the last.
func TestPeriodsAreFilled(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	for i, day := range []string{"2025-12-29", "2026-01-04", "2026-01-20", "2026-01", "2026-02~"} {
		testkit.Create(t, s, testkit.Statement(fmt.Sprintf("s:%d", i), "t", fmt.Sprintf(`"said_on":%q`, day)))
	}
	for query, want := range map[string]string{
		"bucket=month&fill=zero": "2025-12-01=1 2026-01-01=3 =1",
		"bucket=month":           "2025-12-01=1 2026-01-01=3 =1",
		"bucket=year":            "2025-01-01=1 2026-01-01=3 =1",
		"bucket=week&fill=zero":  "2025-12-29=2 2026-01-05=0 2026-01-12=0 2026-01-19=1 =2", // 29 December lies in the first week of 2026
		"bucket=month&fill=zero&said_from=2026-01-15&said_to=2026-03-02":                  "2026-01-01=2 2026-02-01=0 2026-03-01=0 =1",
		"bucket=day&fill=zero&said_from=2026-01-03&said_to=2026-01-06&date_match=certain": "2026-01-03=0 2026-01-04=1 2026-01-05=0",
	} {
		q, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		c, err := store.ParseCounts(claims.KindStatement, q)
		if err != nil {
			t.Fatal(err)
		}
		counts, err := s.Counts(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, row := range counts.Rows {
			at := ""
			if row.Time != nil {
				at = *row.Time
			}
			got = append(got, fmt.Sprintf("%s=%d", at, row.Count))
		}
		if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s: %s", query, diff)
		}
	}
}

// An estimate is what the planner expects, which is near for what it has
// statistics of, and costs no counting.
func TestACountCanBeEstimated(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	for i := range 5 {
		testkit.Create(t, s, testkit.Statement(fmt.Sprintf("s:%d", i), "t"))
	}
	for _, params := range []map[string]string{{"count": "estimated"}, {"count": "estimated", "said_from": "2026", "kind": "threat"}, {"count": "estimated", "as_of": "seq:2"}} {
		page, err := s.List(t.Context(), query(t, claims.KindStatement, params))
		if err != nil || page.Total == nil || *page.Total < 0 {
			t.Errorf("%v: %v, %v", params, page.Total, err)
		}
	}
	page, err := s.List(t.Context(), query(t, claims.KindStatement, map[string]string{"count": "exact", "limit": "2", "include": "speaker"}))
	if err != nil || *page.Total != 5 || page.Count != 2 {
		t.Errorf("%v, %v", page, err)
	}
}
