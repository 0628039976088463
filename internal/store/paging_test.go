package store_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"onrecord/internal/claims"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

// Pages one after the other, while others write: every record that was there
// throughout and kept its place comes exactly once, and none twice.
func TestPagesUnderWritesHaveEverythingOnce(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	random := rand.New(rand.NewPCG(1, 3))
	lines := map[claims.Kind]func(key, text string, r *rand.Rand) string{
		claims.KindStatement: func(key, text string, r *rand.Rand) string {
			fields := []string{`"topics":["security"]`, `"targets":[{"role":"object","country":"AF"},{"role":"addressee","speaker":{"key":"gov:AF"}}]`}
			if day := dates[r.IntN(len(dates))]; day != "" {
				fields = append(fields, fmt.Sprintf(`"said_on":%q`, day))
			}
			return testkit.Statement(key, text, fields...)
		},
		claims.KindEvent: func(key, text string, r *rand.Rand) string {
			day := ""
			if d := dates[r.IntN(len(dates))]; d != "" {
				day = fmt.Sprintf(`,"occurred":%q`, d)
			}
			return fmt.Sprintf(`{"type":"event","key":%q,"kind":"attack","title":"t","description":%q%s}`, key, text, day)
		},
		claims.KindClaim: func(key, text string, r *rand.Rand) string {
			topics := ""
			if strings.HasPrefix(text, "changed") {
				topics = `,"topics":["security"]`
			}
			return fmt.Sprintf(`{"type":"claim","key":%q,"text":"c%d","sort":"fact"%s}`, key, r.IntN(20), topics)
		},
		claims.KindArticle: func(key, text string, r *rand.Rand) string {
			day := ""
			if d := dates[r.IntN(len(dates))]; d != "" {
				day = fmt.Sprintf(`,"published_on":%q`, d)
			}
			return fmt.Sprintf(`{"type":"article","key":%q,"source":{"key":"outlet:one"},"title":%q%s}`, key, text, day)
		},
	}
	questions := map[claims.Kind][]url.Values{
		claims.KindStatement: {{}, {"sort": {"said_on"}}, {"sort": {"-id"}}, {"target_country": {"AF"}}, {"topic": {"security"}}, {"said_from": {"2026-02"}}, {"kind": {"threat"}, "not_language": {"en"}}},
		claims.KindEvent:     {{}, {"sort": {"occurred"}, "kind": {"violence"}}, {"occurred_to": {"2027"}}},
		claims.KindClaim:     {{}, {"sort": {"-text"}}, {"status": {"open"}}},
		claims.KindArticle:   {{}, {"sort": {"published_on"}}, {"source": {"key:outlet:one"}}},
	}
	for kind, line := range lines {
		for i := range 60 {
			// The same seed gives a record the same sort keys whenever it is written.
			testkit.Create(t, s, line(fmt.Sprintf("k:%s-%d", kind, i), "text", rand.New(rand.NewPCG(uint64(i), 5))))
		}
		for _, question := range questions[kind] {
			before := ids(listing(t, s, kind, with(question, "limit", "1000")))
			gone := map[string]bool{} // deleted on the way
			var pages []string
			cursor := ""
			for n := 0; ; n++ {
				q := with(question, "limit", strconv.Itoa(1+random.IntN(9)))
				if cursor != "" {
					q.Set("cursor", cursor)
				}
				parsed, err := store.Parse(kind, q)
				if err != nil {
					t.Fatal(err)
				}
				var page store.Page
				var wg sync.WaitGroup
				wg.Go(func() { // one reads while another writes
					if page, err = s.List(t.Context(), parsed); err != nil {
						t.Error(err)
					}
				})
				i := random.IntN(60)
				key := fmt.Sprintf("k:%s-%d", kind, i)
				text := fmt.Sprintf("changed %d", n)
				wg.Go(func() {
					switch n % 3 {
					case 0:
						testkit.Create(t, s, line(fmt.Sprintf("n:%s-%s-%d", kind, strings.ReplaceAll(question.Encode(), "=", "-"), n), "new", rand.New(rand.NewPCG(uint64(n), 6))))
					case 1:
						if r, err := read(t, s, kind, "key:"+key); err == nil {
							in := testkit.Input(t, line(key, text, rand.New(rand.NewPCG(uint64(i), 5))))
							if _, err := s.Update(t.Context(), testkit.By("x"), kind, r.ID, r.Version, func([]byte) (claims.Input, error) { return in, nil }); err != nil {
								t.Error(err)
							}
						}
					case 2:
						if r, err := read(t, s, kind, "key:"+key); err == nil && n%9 == 2 {
							if _, err := s.Delete(t.Context(), testkit.By("x"), kind, r.ID, r.Version); err != nil {
								t.Error(err)
							}
							gone[r.ID] = true
						}
					}
				})
				wg.Wait()
				if t.Failed() {
					t.FailNow()
				}
				pages = append(pages, ids(shownRecords(t, page))...)
				if cursor = page.Next; cursor == "" {
					break
				}
			}
			seen := map[string]int{}
			for _, id := range pages {
				if seen[id]++; seen[id] > 1 {
					t.Errorf("%s?%s: %s came twice", kind, question.Encode(), id)
				}
			}
			for _, id := range before {
				if seen[id] == 0 && !gone[id] {
					t.Errorf("%s?%s: %s was there throughout and never came", kind, question.Encode(), id)
				}
			}
			if len(gone) == 0 || len(before) < 20 {
				t.Errorf("%s?%s: %d records, %d deleted: too little to tell", kind, question.Encode(), len(before), len(gone))
			}
			for id := range gone { // and there again, for the next question
				for i := range 60 {
					if key := fmt.Sprintf("k:%s-%d", kind, i); claims.ID(key) == id {
						testkit.Create(t, s, line(key, "text", rand.New(rand.NewPCG(uint64(i), 5))))
					}
				}
			}
		}
	}
}

func with(q url.Values, name, value string) url.Values {
	out := maps.Clone(q)
	out.Set(name, value)
	return out
}

func shownRecords(t *testing.T, page store.Page) (list []rec) {
	t.Helper()
	if err := json.Unmarshal(page.Records, &list); err != nil {
		t.Fatal(err)
	}
	return list
}

func ids(list []rec) []string {
	out := make([]string, 0, len(list))
	for _, r := range list {
		out = append(out, r.id())
	}
	return out
}
