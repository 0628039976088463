package store_test

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"onrecord/internal/claims"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

// windowed are questions for a window.
var windowed = []url.Values{
	{"_from": {"2026-02"}, "_to": {"2026-03"}}, {"_from": {"2026-02"}, "_to": {"2026-03"}, "date_match": {"certain"}}, {"_from": {"2026-02-18T09:00:00Z"}},
	{"_to": {"1771372800000"}}, {"_from": {"1771372800000"}, "_to": {"1771459200000"}}, {"_on": {"unknown"}}, {"_bucket": {"2026-02"}}, {"_bucket": {"month"}},
	{"_bucket": {"week"}}, {"_bucket": {"day"}}, {"not__bucket": {"2026"}}, {"_bucket": {"2026"}, "_from": {"2026-02-10"}},
}

// Every filter of every resource, its complement, and any of them together
// select what a naive reading of all records selects, now and as of a commit.
// A filter without a naive reading fails here.
func TestEveryFilterIsWhatANaiveReadingGives(t *testing.T) {
	t.Parallel()
	for seed := range uint64(testkit.Scale(1, 20)) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			s := testkit.WithCast(t, testkit.Store(t))
			k := questionable(seed + 100)
			k.load(t, s)
			past := k.revise(t, s)
			if _, err := s.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			for _, asOf := range []string{"", past} {
				w := fetch(t, s, asOf)
				for _, kind := range claims.Kinds {
					w.hold(t, s, k, kind, asOf)
				}
			}
		})
	}
}

// hold asks for all filters of a kind, one by one and together.
func (w *records) hold(t *testing.T, s *store.Store, k *maker, kind claims.Kind, asOf string) {
	t.Helper()
	known := meanings[kind]
	told := map[string]int{}
	found, left := map[string]int{}, map[string]int{} // questions of a window that found something, that left something out
	var single []url.Values                           // all questions of one filter
	for _, name := range names(known) {
		for v := range strings.FieldsSeq(w.tries(kind, name)) {
			for _, prefix := range []string{"", "not_"} {
				if prefix == "not_" && (known[name].values == nil && known[name].holds == nil || v == "any" && known[name].every != "" || v == "include") {
					continue
				}
				q := url.Values{prefix + name: {v}}
				switch name {
				case "min_low":
					q.Set("metric", k.pick("killed", "injured", "killed,injured"))
				case "near":
					q.Set("radius_km", k.pick("0.5", "150", "2000", "20016"))
				}
				single = append(single, q)
			}
		}
	}
	if window := windowsOf[kind]; window != "" {
		for _, q := range windowed {
			single = append(single, prefixed(window, q))
		}
	}
	if kind == claims.KindStatement {
		for _, q := range windowed[:5] {
			q = prefixed("carried", q)
			q.Del("date_match")
			single = append(single, q)
		}
	}
	ask := func(q url.Values) int {
		if asOf != "" {
			q.Set("as_of", asOf)
		}
		_, err := store.Parse(kind, q)
		var refused *store.Error
		if errors.As(err, &refused) && refused.Problems[0].Code == "derived" && asOf != "" {
			return 0
		}
		want := w.selected(kind, q)
		given := maps.Clone(q)
		given.Set("limit", "1000")
		got := []string{}
		for _, r := range listing(t, s, kind, given) {
			got = append(got, r.id())
			if window := windowsOf[kind]; window != "" && r.str("date_match") != matching(r, window, q) {
				t.Errorf("%s?%s: %s matches %q, want %q", kind, q.Encode(), r.id(), r.str("date_match"), matching(r, window, q))
			}
		}
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" && len(want)+len(got) > 0 {
			t.Errorf("%s?%s (-naive +store):\n%s", kind, q.Encode(), diff)
		}
		for name := range q {
			if bare := strings.TrimPrefix(name, "not_"); ofWindow(bare) {
				without := maps.Clone(q)
				without.Del(name)
				found[bare] += min(len(got), 1)
				left[bare] += min(len(w.selected(kind, without))-len(got), 1)
			}
		}
		if len(got) > 0 && len(q) < 4 {
			for name := range q {
				told[strings.TrimPrefix(name, "not_")]++
			}
		}
		return len(got)
	}
	for _, q := range single {
		if asOf != "" && k.random.IntN(testkit.Scale(4, 1)) > 0 {
			continue
		}
		with := maps.Clone(wide[kind])
		if with == nil || k.random.IntN(3) == 0 {
			with = url.Values{}
		}
		if k.random.IntN(2) == 0 {
			with.Set("dataset", "any")
		}
		maps.Copy(with, q)
		ask(with)
	}
	for range testkit.Scale(10, 200) {
		q := url.Values{}
		for range 1 + k.random.IntN(3) {
			maps.Copy(q, single[k.random.IntN(len(single))])
		}
		if sound(kind, q) {
			ask(q)
		}
	}
	if asOf != "" {
		return
	}
	for _, q := range single { // what found nothing is asked for again, as widely as can be
		for name := range q {
			if told[strings.TrimPrefix(name, "not_")] == 0 {
				with := url.Values{"dataset": {"any"}}
				maps.Copy(with, wide[kind])
				maps.Copy(with, q)
				told[strings.TrimPrefix(name, "not_")] += ask(with)
			}
		}
	}
	for _, name := range store.Parameters(kind) {
		if ofWindow(name) && (found[name] == 0 || left[name] == 0) {
			t.Errorf("%s: of the questions with %s %d found something and %d left something out", kind, name, found[name], left[name])
		}
	}
	for name, m := range known {
		if told[name] == 0 && (m.values != nil || m.holds != nil) {
			t.Errorf("%s: no question with %s found anything", kind, name)
		}
	}
}

// ofWindow reports whether a parameter bounds a date.
func ofWindow(name string) bool {
	stem, end, _ := strings.Cut(name, "_")
	return name == "date_match" || slices.Contains([]string{"said", "occurred", "published", "carried"}, stem) && slices.Contains([]string{"from", "to", "on", "bucket"}, end)
}

// sound leaves out questions that contradict themselves.
func sound(kind claims.Kind, q url.Values) bool {
	_, err := store.Parse(kind, q)
	var refused *store.Error
	if !errors.As(err, &refused) {
		return true
	}
	for _, p := range refused.Problems {
		if p.Code != "contradiction" && p.Code != "period" && p.Code != "required" {
			return true // and fails
		}
	}
	return false
}

func prefixed(window string, q url.Values) url.Values {
	out := url.Values{}
	for name, v := range q {
		switch {
		case strings.HasPrefix(name, "_"):
			name = window + name
		case strings.HasPrefix(name, "not_"):
			name = "not_" + window + strings.TrimPrefix(name, "not_")
		}
		out[name] = v
	}
	return out
}

// tries are values to ask for.
func (w *records) tries(kind claims.Kind, name string) string {
	some := w.kinds[kind][len(w.kinds[kind])/2]
	switch name {
	case "id":
		return some.id()
	case "key":
		return some.str("key")
	case "updated_since":
		return some.str("updated_at") + " 2001-01 4102444800000"
	}
	return meanings[kind][name].try
}

// None of the filters that are declared goes without a naive reading.
func TestEveryFilterHasANaiveReading(t *testing.T) {
	t.Parallel()
	for _, kind := range claims.Kinds {
		known := meanings[kind]
		for _, name := range store.Parameters(kind) {
			_, ok := known[name]
			control := slices.Contains([]string{"sort", "limit", "offset", "cursor", "as_of", "include", "count", "format", "excel", "measure", "fields"}, name)
			if !ok && !control && !ofWindow(name) {
				t.Errorf("%s: %s has no naive reading", kind, name)
			}
		}
		for name := range known {
			if !slices.Contains(store.Parameters(kind), name) {
				t.Errorf("%s: %s is no filter", kind, name)
			}
		}
	}
}
