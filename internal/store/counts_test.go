package store_test

import (
	"fmt"
	"math/rand/v2"
	"net/url"
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
			s := testkit.WithCast(t, testkit.Store(t))
			k := questionable(seed)
			k.load(t, s)
			if err := s.Rebuild(t.Context()); err != nil { // roll-ups too, of which what is revised is then not a part
				t.Fatal(err)
			}
			if _, err := s.Drain(t.Context()); err != nil {
				t.Fatal(err)
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
			t.Log(cells)
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
	if text := q.Encode(); k.random.IntN(4) == 0 && !strings.Contains(text, "medium") && !strings.Contains(text, "status") {
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

// filters are some, random ones.
func (k *maker) filters(kind claims.Kind) url.Values {
	q := url.Values{}
	window := map[claims.Kind]string{claims.KindStatement: "said", claims.KindEvent: "occurred"}[kind]
	if window != "" {
		switch k.random.IntN(4) {
		case 0:
			q.Set(window+"_from", k.pick("2026-02", "2026-01-20", "2025"))
			if k.random.IntN(2) == 0 {
				q.Set(window+"_to", k.pick("2026-03", "2026-02-20", "2027"))
			}
			if k.random.IntN(3) == 0 {
				q.Set("date_match", k.pick("certain", "possible"))
			}
		case 1:
			q.Set(k.pick("", "not_")+window+"_bucket", k.pick("year", "2026", "2026,2025", "2025-10,2026"))
			if strings.HasPrefix(q.Get(window+"_bucket"), "2") {
				q.Set(window+"_bucket", k.pick("year", "2026"))
			}
		}
	}
	values := k.values(kind)
	for range k.random.IntN(3) {
		name := k.pick(names(values)...)
		list := k.pick(values[name]...)
		if k.random.IntN(2) == 0 {
			list += "," + k.pick(values[name]...)
		}
		if not := k.random.IntN(3) == 0; not {
			if !strings.Contains(list, "any") && !strings.Contains(list, "include") {
				q.Set("not_"+name, list)
			}
			continue
		}
		q.Set(name, list)
	}
	if bucket := q.Get(window + "_bucket"); bucket != "" && window != "" {
		delete(q, window+"_bucket") // goes only with shorter periods, which another test holds
	}
	return q
}

func names(values map[string][]string) []string {
	var list []string
	for name := range values {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

// values that filters of a kind may be given.
func (k *maker) values(kind claims.Kind) map[string][]string {
	switch kind {
	case claims.KindEvent:
		return map[string][]string{"kind": {"violence", "bombing", "talks", "attack"}, "country": {"PK", "AF", "none"}, "part_of": {"key:ev:0", "none"}, "participant_role": {"victim", "host", "any", "perpetrator"},
			"participant": {"key:gov:AF", "key:person:asif", "none"}, "participant_country": {"AF", "PK", "none"}, "topic": {"security", "air-strikes", "none"}, "metric": {"killed", "injured", "none"},
			"article": {"key:art:1", "key:art:2", "none"}, "dataset": {"own", "other", "any"}, "review": {"machine", "single"}}
	case claims.KindClaim:
		return map[string][]string{"status": {"open", "asserted", "contested"}, "sort_of": {"fact", "value"}, "about": {"key:gov:AF", "key:person:mujahid", "none"}, "about_country": {"AF", "PK", "none"},
			"about_role": {"accused", "none"}, "topic": {"security", "air-strikes", "none"}, "speaker": {"key:person:asif", "key:gov:PK", "none"}, "dataset": {"any", "own"}}
	}
	return map[string][]string{"speaker": {"key:person:asif", "key:gov:PK", "key:body:desk"}, "speaker_kind": {"person", "government", "ministry"}, "speaker_nationality": {"PK", "none"},
		"part_of": {"key:gov:PK", "key:body:desk"}, "office": {"key:office:one", "none"}, "on_behalf_of": {"PK", "AF", "none"}, "target_role": {"object", "victim", "mentioned", "any", "addressee"},
		"target": {"key:gov:AF", "key:person:asif", "none"}, "target_country": {"AF", "PK", "none"}, "target_event": {"key:ev:1", "none"}, "occasion": {"key:ev:0", "key:ev:1", "none"},
		"claim": {"key:cl:0", "key:cl:1", "none"}, "stance": {"asserts", "denies", "none"}, "kind": {"accusing", "threat", "denial"}, "topic": {"security", "air-strikes", "none"}, "medium": {"interview", "unknown"},
		"conditional": {"true", "open", "false"}, "second_hand": {"include", "only", "exclude"}, "within": {"key:st:1", "none"}, "voice": {"any", "editorial", "attributed"}, "recurrence": {"once", "standing"},
		"language": {"en", "ps", "none"}, "form": {"quotation", "paraphrase", "none"}, "article": {"key:art:1", "key:art:2", "none"}, "source": {"key:src:1", "key:src:2", "none"},
		"outlet_country": {"PK", "AF", "none"}, "dataset": {"any", "other", "own"}, "review": {"single", "machine"}}
}

// questionable is a random world in which every filter tells records apart.
func questionable(seed uint64) *maker {
	k := &maker{random: rand.New(rand.NewPCG(seed, 11))}
	maybe := func(format string, values ...string) string {
		v := k.pick(append(values, "", "")...)
		if v == "" {
			return ""
		}
		return fmt.Sprintf(format, v)
	}
	k.line(`{"type":"topic","slug":"deep","name":"Deep","parent":"air-strikes"}`)
	k.line(`{"type":"topic","slug":"trade","name":"Trade"}`)
	k.line(`{"type":"speaker","key":"body:ministry","name":"Ministry","kind":"ministry","country":"PK","part_of":{"key":"gov:PK"}}`)
	k.line(`{"type":"speaker","key":"body:desk","name":"Desk","kind":"ministry","country":"AF","part_of":{"key":"body:ministry"}}`)
	k.line(`{"type":"office","key":"office:one","title":"One"}`)
	k.line(`{"type":"office","key":"office:two","title":"Two"}`)
	k.line(`{"type":"tenure","key":"te:1","speaker":{"key":"person:asif"},"office":{"key":"office:one"},"held":"2026-02-01/.."}`)
	k.line(`{"type":"tenure","key":"te:2","speaker":{"key":"person:asif"},"office":{"key":"office:two"},"held":"2025-01-01/2026-02-18"}`)
	k.line(`{"type":"tenure","key":"te:3","speaker":{"key":"person:mujahid"},"office":{"key":"office:one"},"capacity":"acting","held":"2025-01-01/2026-02-18"}`)
	for i := range 4 {
		k.line(`{"type":"source","key":"src:%d","name":"s","kind":"online"%s}`, i, maybe(`,"country":%q`, "PK", "AF"))
	}
	for i := range 8 {
		k.line(`{"type":"article","key":"art:%d","title":"t","source":{"key":"src:%d"}}`, i, k.random.IntN(4))
	}
	speakers := []string{"person:asif", "person:mujahid", "gov:PK", "gov:AF", "body:desk", "body:ministry"}
	party := func() string {
		return k.pick(`"country":"AF"`, `"country":"PK"`, `"speaker":{"key":"gov:AF"}`, `"speaker":{"key":"gov:PK"}`, `"speaker":{"key":"person:asif"}`, `"speaker":{"key":"body:desk"}`)
	}
	several := func(most int, make func() string) string {
		var list []string
		for range k.random.IntN(most + 1) {
			if one := make(); !slices.Contains(list, one) {
				list = append(list, one)
			}
		}
		return strings.Join(list, ",")
	}
	topics := func() string {
		return several(2, func() string { return k.pick(`"security"`, `"air-strikes"`, `"deep"`, `"trade"`) })
	}
	events := 14
	for i := range events {
		part := ""
		if i > 0 {
			part = maybe(`,"part_of":{"key":"ev:%s"}`, fmt.Sprint(k.random.IntN(i)))
		}
		k.line(`{"type":"event","key":"ev:%d","title":"t","kind":%q%s%s%s%s,"topics":[%s],"participants":[%s],"figures":[%s]}`, i, k.pick("bombing", "talks", "interview", "attack"), part,
			maybe(`,"occurred":%q`, dates[2:]...), maybe(`,"country":%q`, "PK", "AF"), maybe(`,"dataset":%q`, "other"), topics(),
			several(3, func() string {
				return fmt.Sprintf(`{"role":%q,%s,"given_by_article":{"key":"art:1"}}`, k.pick("victim", "host", "perpetrator"), party())
			}),
			several(3, func() string {
				return fmt.Sprintf(`{"metric":%q,"as_given":"x"%s,"given_by_article":{"key":"art:%d"}}`, k.pick("killed", "injured"), k.pick("", `,"low":3`, `,"high":9`, `,"low":4,"high":6`), k.random.IntN(8))
			}))
		for range k.random.IntN(3) {
			k.line(`{"type":"mention","key":"me:%d","article":{"key":"art:%d"},"event":{"key":"ev:%d"},"role":"subject"}`, len(k.lines), k.random.IntN(8), i)
		}
	}
	for i := range 8 {
		k.line(`{"type":"claim","key":"cl:%d","text":"c%d","sort":%q,"topics":[%s],"about":[%s]%s}`, i, i, k.pick("fact", "value"), topics(),
			several(2, func() string { return fmt.Sprintf(`{"role":%q,%s}`, k.pick("accused", "subject"), party()) }), maybe(`,"dataset":%q`, "other"))
	}
	for i := range 60 {
		within := ""
		if i > 0 {
			within = maybe(`,"within":{"key":"st:%s"}`, fmt.Sprint(k.random.IntN(i)))
			if k.random.IntN(2) == 0 {
				within = ""
			}
		}
		used := map[int]bool{}
		report := func() string {
			a := k.random.IntN(8)
			for used[a] {
				a = (a + 1) % 8
			}
			used[a] = true
			return fmt.Sprintf(`{"article":{"key":"art:%d"},"renderings":[%s]}`, a, several(2, func() string {
				return fmt.Sprintf(`{"part":"body","form":%q,"text":"x"}`, k.pick("quotation", "paraphrase", "partial_quotation"))
			}))
		}
		taken := map[int]bool{}
		position := func() string {
			c := k.random.IntN(8)
			for taken[c] {
				c = (c + 1) % 8
			}
			taken[c] = true
			return fmt.Sprintf(`{"claim":{"key":"cl:%d"},"stance":%q}`, c, k.pick("asserts", "denies", "questions"))
		}
		k.line(`{"type":"statement","key":"st:%d","text":"t","speaker":{"key":%q},"kind":%q%s%s%s%s%s%s%s%s%s%s,"topics":[%s],"targets":[%s],"reports":[%s],"positions":[%s]}`, i, k.pick(speakers...), k.pick("threat", "denial", "allegation", "demand", "offer"), within,
			maybe(`,"said_on":%q`, dates[2:]...), maybe(`,"on_behalf_of":%q`, "PK", "AF"), maybe(`,"voice":%q`, "editorial"), maybe(`,"recurrence":%q`, "standing"),
			k.pick("", `,"medium":"interview"`, `,"occasion":{"key":"ev:0"}`, `,"occasion":{"key":"ev:1"}`, `,"occasion":{"key":"ev:2"}`),
			maybe(`,"dataset":%q`, "other"), maybe(`,"review":%q`, "single"), maybe(`,"language":%q`, "en", "ps"),
			k.pick("", "", `,"condition":{"text":"x","sense":"if"}`, `,"condition":{"text":"x","sense":"unless","outcome":"met","given_by":{"key":"art:1"}}`), topics(),
			several(4, func() string {
				return fmt.Sprintf(`{"role":%q,%s}`, k.pick("object", "addressee", "victim", "mentioned"), k.pick(party(), `"event":{"key":"ev:1"}`, `"event":{"key":"ev:2"}`))
			}), several(3, report), several(2, position))
	}
	return k
}
