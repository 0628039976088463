package store_test

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"onrecord/internal/claims"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

// fromMemory are questions, and whether memory has all that they read.
var fromMemory = map[string]bool{
	"by=kind": true,
	"by=on_behalf_of,target_country,kind&bucket=day": true,
	"by=topic,speaker,occasion&bucket=week":          true,
	"by=target_country&measure=occasions":            true,
	"bucket=year&said_from=2026&date_match=certain":  true,
	"by=kind&said_on=unknown":                        true,
	"by=kind&topic=security&not_target_country=AF":   true,
	"by=source&measure=reports":                      true,
	"by=source,article&outlet_country=AF,none":       true,
	"by=kind&source=key:outlet:one&measure=reports":  true,
	"by=language,medium,stance&conditional=open":     true,
	"by=speaker_kind,speaker_nationality,recurrence": true,
	"by=claim&stance=denies&measure=occasions":       true,

	"by=kind&said_bucket=2026":             false,
	"by=kind&voice=any":                    false, // held is the standard scope
	"by=target_country&target_exact=true":  false,
	"by=target_country&target_role=victim": false,
	"by=kind&as_of=seq:1":                  false,
	"by=source,article&measure=reports":    false, // of one report
	"by=source&measure=articles":           false,
	"by=form&measure=reports":              false,
	"by=part_of":                           false,
	"by=claim&measure=claims":              false,
	"by=office":                            false,
	"by=kind&q=word":                       false,
	"by=kind&carried_from=2026":            false,
	"by=kind&between=AF,PK":                false,
}

func TestCountsAreAnsweredFromMemoryThatHasAll(t *testing.T) {
	t.Parallel()
	for query, want := range fromMemory {
		if got := counting(t, query).InMemory(); got != want {
			t.Errorf("%s: %v", query, got)
		}
	}
}

// inColumns are the filters of which all values are in memory.
var inColumns = []string{"speaker", "speaker_kind", "speaker_nationality", "kind", "on_behalf_of", "target_country", "topic", "occasion", "claim", "stance",
	"language", "medium", "recurrence", "conditional", "source", "article", "outlet_country"}

func ofReports(dimension string) bool {
	return slices.Contains([]string{"source", "article", "outlet_country"}, dimension)
}

// heldQuestion is a random one that memory has the answer of.
func (k *maker) heldQuestion() url.Values {
	q := url.Values{}
	for _, name := range inColumns {
		if k.random.IntN(14) > 0 {
			continue
		}
		list := k.pick(k.values(claims.KindStatement)[name]...)
		if k.random.IntN(2) == 0 {
			list += "," + k.pick(k.values(claims.KindStatement)[name]...)
		}
		q.Set(k.pick("", "", "not_")+name, list)
	}
	switch k.random.IntN(5) {
	case 0:
		q.Set("said_on", "unknown")
	case 1, 2:
		q.Set("said_from", k.pick("2026-02", "2026-01-20", "2025"))
		q.Set("date_match", k.pick("certain", "possible"))
	case 3:
		q.Set("said_to", k.pick("2026-02", "2026-01-20", "2025"))
	}
	var by []string
	measure := k.pick("statements", "occasions", "reports")
	for _, i := range k.random.Perm(len(inColumns)) {
		if d := inColumns[i]; len(by) < 3 && k.random.IntN(4) == 0 && (measure != "reports" || !slices.ContainsFunc(by, ofReports) || !ofReports(d)) {
			by = append(by, d)
		}
	}
	if by != nil {
		q.Set("by", strings.Join(by, ","))
	}
	if by == nil || k.random.IntN(2) == 0 {
		q.Set("bucket", k.pick("day", "week", "month", "quarter", "year"))
	}
	q.Set("measure", measure)
	q.Set("top", k.pick("1", "2", "3", "20"))
	return q
}

// What is counted in memory is what the database counts, whatever is asked.
func TestMemoryCountsAsTheDatabaseDoes(t *testing.T) {
	t.Parallel()
	for seed := range uint64(testkit.Scale(3, 60)) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			url := testkit.Database(t)
			holding, asking := testkit.StoreAt(t, store.Config{URL: url}), testkit.StoreAt(t, store.Config{URL: url, Cells: -1})
			k := questionable(seed)
			k.load(t, testkit.WithCast(t, holding))
			if err := holding.Rebuild(t.Context()); err != nil {
				t.Fatal(err)
			}
			gone := testkit.Create(t, holding, testkit.Statement("later:gone", "t", `"said_on":"2026-02-04","topics":["security"]`)) // held less a change that isn't folded
			if err := holding.Hold(t.Context()); err != nil {
				t.Fatal(err)
			}
			k.revise(t, holding)
			for i := range 6 { // what changes after is read beside it
				testkit.Create(t, holding, testkit.Statement(fmt.Sprintf("later:%d", i), "t", fmt.Sprintf(`"said_on":%q,"topics":["%s"],"targets":[{"role":"object","country":%q}]`,
					k.pick("2026-02-03", "2026-02", "2024~", "2031-05"), k.pick("security", "trade"), k.pick("AF", "PK"))))
			}
			testkit.Create(t, holding, `{"type":"report","key":"later:r","statement":{"key":"later:0"},"article":{"key":"article:two"}}`)
			testkit.Create(t, holding, `{"type":"position","key":"later:p","statement":{"key":"later:0"},"claim":{"key":"cl:0"},"stance":"denies"}`)
			edit(t, holding, claims.KindSpeaker, "key:person:asif", func(in claims.Input) { in.(*claims.SpeakerInput).Nationality = claims.RefID("IN") })
			edit(t, holding, claims.KindEvent, "key:ev:1", func(in claims.Input) { in.(*claims.EventInput).EventKind = "press_conference" })
			if _, err := holding.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, err := holding.Delete(t.Context(), testkit.By("x"), claims.KindStatement, gone.ID, gone.Version); err != nil {
				t.Fatal(err)
			}
			const most = 20
			if seed%2 == 1 { // none in a list, and few in a map
				store.LimitSums(holding, 0, most)
			}
			asked, rows, vague, refused := testkit.Scale(150, 400), 0, int64(0), 0
			for i := range asked {
				if i == asked/2 {
					k.moveArticles(t, holding)
				}
				c := counting(t, k.heldQuestion().Encode())
				want, err := asking.Counts(t.Context(), c)
				if err != nil {
					t.Fatal(err)
				}
				got, err := holding.Counts(t.Context(), c)
				if seed%2 == 1 && len(want.Rows) > most {
					if refused++; err == nil {
						t.Errorf("%v: %d rows are given for %d", c.By, len(got.Rows), len(want.Rows))
					}
					continue
				}
				if err != nil {
					t.Fatalf("%v, %d rows: %v", c.By, len(want.Rows), err)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					sql, _ := c.SQL()
					t.Fatalf("%v: %s\n%s", c.By, diff, sql)
				}
				rows, vague = rows+len(got.Rows), vague+got.Possible
			}
			if n := holding.CountedInMemory(); n != int64(asked-refused)+2 || asking.CountedInMemory() != 0 || rows < 100 || vague == 0 {
				t.Errorf("%d of %d in memory, %d rows, %d possible matches", n, asked, rows, vague)
			}
			if seed%2 == 1 && refused == 0 {
				t.Error("no answer was too large")
			}
		})
	}
}

// Among many values those that get rows are found as the database finds them.
func TestMemoryFindsTheFirstOfMany(t *testing.T) {
	t.Parallel()
	url := testkit.Database(t)
	holding, asking := testkit.StoreAt(t, store.Config{URL: url}), testkit.StoreAt(t, store.Config{URL: url, Cells: -1})
	testkit.WithCast(t, holding)
	var lines []string
	for i := range 300 {
		lines = append(lines, fmt.Sprintf(`{"type":"claim","key":"c:%d","text":"t","sort":"fact"}`, i))
	}
	random := rand.New(rand.NewPCG(1, 1))
	for i := range 600 {
		lines = append(lines, testkit.Statement(fmt.Sprintf("s:%d", i), "t", fmt.Sprintf(`"positions":[{"claim":{"key":"c:%d"},"stance":"asserts"}]`, random.IntN(1+random.IntN(300)))))
	}
	mustImport(t, holding, lines...)
	if err := holding.Hold(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, top := range []int{1, 2, 20, 50, 100} {
		c := counting(t, fmt.Sprintf("by=claim&top=%d", top))
		want, err := asking.Counts(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		got, err := holding.Counts(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" || len(got.Rows) != top+1 {
			t.Errorf("top %d, %d rows: %s", top, len(got.Rows), diff)
		}
	}
	if holding.CountedInMemory() != 5 {
		t.Errorf("%d were counted in memory", holding.CountedInMemory())
	}
}

// What takes more room than there is for it is not held, and the database counts.
func TestMemoryThatIsTooSmallHoldsNothing(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.StoreAt(t, store.Config{URL: testkit.Database(t), Cells: 20_000}))
	hold := func() bool {
		t.Helper()
		err := s.Hold(t.Context())
		if _, err := s.Counts(t.Context(), counting(t, "by=claim,article")); err != nil {
			t.Fatal(err)
		}
		return err == nil && s.Held() > 0 && s.Held() <= 20_000
	}
	testkit.Create(t, s, testkit.Statement("s:one", "t"))
	if !hold() || s.CountedInMemory() != 1 {
		t.Errorf("%d bytes are held of a statement", s.Held())
	}
	for i := range 100 {
		testkit.Create(t, s, fmt.Sprintf(`{"type":"claim","key":"c:%d","text":"t","sort":"fact"}`, i))
		testkit.Create(t, s, testkit.Statement(fmt.Sprintf("s:%d", i), "t", fmt.Sprintf(`"positions":[{"claim":{"key":"c:%d"},"stance":"asserts"}]`, i)))
	}
	if hold() || s.Held() != 0 || s.CountedInMemory() != 1 {
		t.Errorf("%d bytes are held of a hundred statements", s.Held())
	}
}

// moveArticles gives articles other outlets, and outlets other countries; one
// article is deleted and made anew.
func (k *maker) moveArticles(t *testing.T, s *store.Store) {
	t.Helper()
	update := func(kind claims.Kind, version int, line string) {
		in := claims.New(kind)
		if err := claims.Decode([]byte(line), in); err != nil {
			t.Fatal(err)
		}
		id := "key:" + in.Head().Key
		if _, err := s.Update(t.Context(), testkit.By("x"), kind, id, version, func([]byte) (claims.Input, error) { return in, nil }); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	update(claims.KindArticle, 1, `{"key":"art:1","title":"t","source":{"key":"src:2"},"published_on":"2026-02-01"}`)
	update(claims.KindArticle, 1, `{"key":"art:2","title":"t","source":{"key":"src:3"}}`)
	update(claims.KindSource, 1, `{"key":"src:2","name":"s","kind":"online","country":"AF"}`)
	update(claims.KindSource, 1, `{"key":"src:3","name":"s","kind":"online"}`)
	for i, source := range []string{"src:1", "src:2"} {
		article := testkit.Create(t, s, fmt.Sprintf(`{"type":"article","key":"art:anew","title":"t","source":{"key":%q}}`, source))
		report := testkit.Create(t, s, `{"type":"report","key":"rep:anew","statement":{"key":"later:1"},"article":{"key":"art:anew"}}`)
		if _, err := s.Counts(t.Context(), counting(t, "by=source")); err != nil {
			t.Fatal(err)
		}
		if i > 0 {
			break
		}
		if _, err := s.Delete(t.Context(), testkit.By("x"), claims.KindReport, report.ID, report.Version); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Delete(t.Context(), testkit.By("x"), claims.KindArticle, article.ID, article.Version); err != nil {
			t.Fatal(err)
		}
	}
}

// Whoever writes and folds meanwhile, what memory says is what the record says as
// of the commit that the answer names.
func TestMemoryIsExactInAnySnapshot(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.StoreAt(t, store.Config{URL: testkit.Database(t), MaxConns: 24, Heavy: 4}))
	var working, folding sync.WaitGroup
	var over atomic.Bool
	for w := range 8 {
		working.Go(func() {
			random := rand.New(rand.NewPCG(uint64(w), 5))
			pick := func(list ...string) string { return list[random.IntN(len(list))] }
			for n := range testkit.Scale(25, 200) {
				created := testkit.Create(t, s, fmt.Sprintf(`{"type":"statement","key":"w%d:%d","text":"t","recurrence":%q,"speaker":{"key":%q},"kind":%q,"said_on":%q,"targets":[{"role":"object","country":%q}]}`,
					w, n, pick("once", "standing"), pick("person:asif", "gov:PK"), pick("threat", "denial", "offer"), pick("2026-02-03", "2026-02", "2026"), pick("PK", "AF")))
				if random.IntN(3) == 0 {
					if _, err := s.Delete(t.Context(), testkit.By("x"), claims.KindStatement, created.ID, created.Version); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	folding.Go(func() {
		for !over.Load() {
			if _, err := s.Fold(t.Context(), 40); err != nil {
				t.Error(err)
			}
			if err := s.Hold(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
	folding.Go(func() {
		for n := 0; !over.Load(); n++ {
			edit(t, s, claims.KindSpeaker, "key:person:asif", func(in claims.Input) { in.(*claims.SpeakerInput).Nationality = claims.RefID([]string{"AF", "PK"}[n%2]) })
		}
	})
	go func() { working.Wait(); over.Store(true) }()
	for last := false; !last; {
		last = over.Load()
		for _, query := range []string{"by=kind&bucket=month", "by=target_country,speaker", "by=kind&said_from=2026-02", "by=recurrence,speaker_nationality&language=none"} {
			now, err := s.Counts(t.Context(), counting(t, query))
			if err != nil {
				t.Fatal(err)
			}
			then, err := s.Counts(t.Context(), counting(t, fmt.Sprintf("%s&as_of=seq:%d", query, now.Seq)))
			if err != nil {
				t.Fatal(err)
			}
			for i := range then.Rows {
				delete(then.Rows[i].Filters, "as_of")
			}
			if now.Pending = false; !cmp.Equal(now, then) {
				t.Errorf("%s: %s", query, cmp.Diff(then, now))
			}
		}
	}
	folding.Wait()
	if n := s.CountedInMemory(); n < 20 {
		t.Errorf("only %d answers came from memory", n)
	}
}
