package store_test

import (
	"fmt"
	"maps"
	"net/url"
	"testing"

	"onrecord/internal/claims"
	"onrecord/internal/store"
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
