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
	"onrecord/internal/edtf"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

// A rec is a record as the store shows it.
type rec map[string]any

func (r rec) str(name string) string {
	switch v := r[name].(type) {
	case nil:
		return ""
	case string:
		return v
	default:
		return fmt.Sprint(v)
	}
}

func (r rec) list(name string) (list []rec) {
	values, _ := r[name].([]any)
	for _, v := range values {
		list = append(list, v.(map[string]any))
	}
	return list
}

func (r rec) strs(name string) (list []string) {
	values, _ := r[name].([]any)
	for _, v := range values {
		list = append(list, v.(string))
	}
	return list
}

// records are all that a store shows at one time.
type records struct {
	kinds map[claims.Kind][]rec
	ids   map[string]rec
}

// wide is a scope that leaves nothing out.
var wide = map[claims.Kind]url.Values{
	claims.KindStatement: {"second_hand": {"include"}, "voice": {"any"}},
	claims.KindPosition:  {"second_hand": {"include"}, "voice": {"any"}},
}

func fetch(t *testing.T, s *store.Store, asOf string) *records {
	t.Helper()
	w := &records{kinds: map[claims.Kind][]rec{}, ids: map[string]rec{}}
	for _, kind := range claims.Kinds {
		q := url.Values{"dataset": {"any"}, "limit": {"1000"}, "sort": {"id"}}
		maps.Copy(q, wide[kind])
		if asOf != "" {
			q.Set("as_of", asOf)
		}
		w.kinds[kind] = listing(t, s, kind, q)
		for _, r := range w.kinds[kind] {
			w.ids[r.id()] = r
		}
	}
	return w
}

func listing(t *testing.T, s *store.Store, kind claims.Kind, q url.Values) []rec {
	t.Helper()
	parsed, err := store.Parse(kind, q)
	if err != nil {
		t.Fatalf("%s?%s: %v", kind, q.Encode(), err)
	}
	page, err := s.List(t.Context(), parsed)
	if err != nil {
		sql, args := parsed.SQL()
		t.Fatalf("%s?%s: %v\n%s\n%v", kind, q.Encode(), err, sql, args)
	}
	return shownRecords(t, page)
}

// of are the records of a kind that refer to r in a field.
func (w *records) of(kind claims.Kind, field string, r rec) (list []rec) {
	for _, other := range w.kinds[kind] {
		if other.str(field) == r.id() {
			list = append(list, other)
		}
	}
	return list
}

func (r rec) id() string { return r.str("id") }

// above are a record and all that it belongs to by a field.
func (w *records) above(id, field string) (list []string) {
	for ; id != ""; id = w.ids[id].str(field) {
		list = append(list, id)
	}
	return list
}

// A meaning is what a filter says, read naively: the values by which it selects
// a record, or whether a record is one of those for the values given.
type meaning struct {
	values func(w *records, r rec, q url.Values) []string
	holds  func(w *records, r rec, given []string, q url.Values) bool
	groups map[string][]string
	try    string // values to ask for, separated by space
	every  string // what is in force when none is given
	inert  bool   // … for others to read, not as a demand
}

// aside is a parameter that says how others are meant.
var aside = meaning{}

// asked are the values of a parameter as records have them.
func (m meaning) asked(kind claims.Kind, name string, q url.Values) (list []string) {
	given := q.Get(name)
	if name == "bbox" || name == "near" {
		return []string{given}
	}
	for v := range strings.SplitSeq(given, ",") {
		key, isKey := strings.CutPrefix(v, "key:")
		switch {
		case m.groups[v] != nil:
			list = append(list, m.groups[v]...)
		case isKey && name != "key":
			list = append(list, claims.ID(key))
		default:
			list = append(list, v)
		}
	}
	return list
}

func (m meaning) selects(w *records, kind claims.Kind, r rec, name string, q url.Values) bool {
	given := m.asked(kind, name, q)
	if m.holds != nil {
		return m.holds(w, r, given, q)
	}
	has := m.values(w, r, q)
	for _, v := range given {
		if v == "none" && len(has) == 0 || v == "any" && m.every != "" && len(has) > 0 || slices.Contains(has, v) {
			return true
		}
	}
	return false
}

// selected reads a whole question naively.
func (w *records) selected(kind claims.Kind, q url.Values) (ids []string) {
	for _, r := range w.kinds[kind] {
		all := true
		for name, m := range meanings[kind] {
			if m.values == nil && m.holds == nil {
				continue
			}
			if q.Has(name) {
				all = all && m.selects(w, kind, r, name, q)
			} else if m.every != "" && !m.inert && !q.Has("not_"+name) {
				all = all && m.selects(w, kind, r, name, url.Values{name: {m.every}})
			}
			if q.Has("not_" + name) {
				inverse := maps.Clone(q)
				inverse.Set(name, q.Get("not_"+name))
				// What others read is what stands beside it, not the complement.
				all = all && !m.complement(w, kind, r, name, q, inverse)
			}
		}
		if window := windowsOf[kind]; window != "" {
			all = all && inWindow(r, window, q)
		}
		if kind == claims.KindStatement {
			all = all && w.carried(r, q)
		}
		if all {
			ids = append(ids, r.id())
		}
	}
	slices.Sort(ids)
	return ids
}

func (m meaning) complement(w *records, kind claims.Kind, r rec, name string, q, inverse url.Values) bool {
	if m.holds != nil {
		return m.holds(w, r, m.asked(kind, name, inverse), q)
	}
	has := m.values(w, r, q)
	for _, v := range m.asked(kind, name, inverse) {
		if v == "none" && len(has) == 0 || slices.Contains(has, v) {
			return true
		}
	}
	return false
}

// windowsOf are the dates that kinds are filtered by.
var windowsOf = map[claims.Kind]string{claims.KindStatement: "said", claims.KindEvent: "occurred", claims.KindArticle: "published"}

// dated is the field of a window's date.
func dated(r rec, window string) edtf.Date {
	text := r.str(window + "_on")
	if window == "occurred" {
		text = r.str("occurred")
	}
	if text == "" {
		return edtf.Date{}
	}
	return edtf.MustParse(text)
}

func inWindow(r rec, window string, q url.Values) bool {
	date := dated(r, window)
	if q.Has(window + "_on") {
		return date.IsZero()
	}
	if q.Has(window+"_from") || q.Has(window+"_to") {
		days, err := edtf.Window(q.Get(window+"_from"), q.Get(window+"_to"))
		if err != nil {
			panic(err)
		}
		match := date.Match(days)
		if match == edtf.None || q.Get("date_match") == "certain" && match != edtf.Certain {
			return false
		}
	}
	for name, want := range map[string]bool{window + "_bucket": true, "not_" + window + "_bucket": false} {
		if q.Has(name) && inBucket(date, q.Get(name)) != want {
			return false
		}
	}
	return true
}

func inBucket(date edtf.Date, bucket string) bool {
	days := date.Range()
	if date.IsZero() || date.Qualified() || days.From == edtf.NegInf || days.To == edtf.PosInf {
		return false
	}
	first, last := days.From.Time(), (days.To - 1).Time()
	switch bucket {
	case "year":
		return first.Year() == last.Year()
	case "month":
		return first.Format("2006-01") == last.Format("2006-01")
	case "week":
		y, w := first.ISOWeek()
		ly, lw := last.ISOWeek()
		return y == ly && w == lw
	case "day":
		return first.Equal(last)
	}
	return date.Match(edtf.MustParse(bucket).Range()) == edtf.Certain
}

// carried reads carried_from and carried_to.
func (w *records) carried(r rec, q url.Values) bool {
	if !q.Has("carried_from") && !q.Has("carried_to") {
		return true
	}
	days, err := edtf.Window(q.Get("carried_from"), q.Get("carried_to"))
	if err != nil {
		panic(err)
	}
	for _, report := range w.of(claims.KindReport, "statement", r) {
		if dated(w.ids[report.str("article")], "published").Match(days) != edtf.None {
			return true
		}
	}
	return false
}

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
	var single []url.Values // all questions of one filter
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
	ask := func(q url.Values) {
		if asOf != "" {
			q.Set("as_of", asOf)
		}
		_, err := store.Parse(kind, q)
		var refused *store.Error
		if errors.As(err, &refused) && refused.Problems[0].Code == "derived" && asOf != "" {
			return
		}
		want := w.selected(kind, q)
		given := maps.Clone(q)
		given.Set("limit", "1000")
		got := []string{}
		for _, r := range listing(t, s, kind, given) {
			got = append(got, r.id())
		}
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" && len(want)+len(got) > 0 {
			t.Errorf("%s?%s (-naive +store):\n%s", kind, q.Encode(), diff)
		}
		if len(got) > 0 && len(q) < 4 {
			for name := range q {
				told[strings.TrimPrefix(name, "not_")]++
			}
		}
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
	for name, m := range known {
		if told[name] == 0 && (m.values != nil || m.holds != nil) {
			t.Errorf("%s: no question with %s found anything", kind, name)
		}
	}
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
		window := windowsOf[kind]
		for _, name := range store.Parameters(kind) {
			_, ok := known[name]
			control := slices.Contains([]string{"sort", "limit", "offset", "cursor", "as_of", "include", "count", "format", "excel", "measure"}, name)
			bound := window != "" && slices.Contains([]string{window + "_from", window + "_to", window + "_on", window + "_bucket", "date_match"}, name) || strings.HasPrefix(name, "carried_")
			if !ok && !control && !bound {
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
