package api

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"onrecord/internal/claims"
	"onrecord/internal/store"
)

// hitColumns are the members of what a search finds, in their order.
var hitColumns = []string{"kind", "id", "label", "detail", "date", "score", "match", "snippet", "href"}

// search answers GET on the search of all kinds.
func (s *Server) search(w http.ResponseWriter, r *http.Request) error {
	given, err := questionOf(r, store.Formats(""))
	if err != nil {
		return err
	}
	q, err := store.ParseSearch(given)
	if err != nil {
		return parameterError{err}
	}
	found, err := s.store.Search(r.Context(), q)
	if err != nil {
		return parameterError{err}
	}
	records, err := json.Marshal(hits(found.Hits)) // which leaves < as it is
	if err != nil {
		return err
	}
	if q.Format != "json" {
		page := store.Page{Records: records, Count: len(found.Hits), Next: found.Next, Seq: found.Seq, Pending: found.Pending}
		form := stream{form: q.Form, columns: columnsOf(hitColumns), scope: q.Scope, derived: true, address: formed(r.URL, q.Format)}
		return s.stream(w, r, form, func(emit func(store.Page) error) error { return emit(page) })
	}
	next := optional(found.Next)
	if next != nil {
		w.Header().Add("Link", "<"+with(r.URL, "cursor", *next)+`>; rel="next"`)
	}
	rest, err := members([]member{{"next_cursor", next}, {"counts", matched(found.Counts, given)}, {"bound", store.MaxRanked}})
	if err != nil {
		return err
	}
	body := slices.Concat([]byte(`{"data":`), records, []byte(","), rest[1:])
	return writeAnswer(w, r, body, q.Scope, found.Pending, found.Seq, true)
}

// A hit is what was found with its address.
type hit struct {
	store.Hit
	Href string `json:"href"`
}

func hits(list []store.Hit) []hit {
	out := make([]hit, len(list))
	for i, one := range list {
		out[i] = hit{one, pathOf(one.Kind) + "/" + url.PathEscape(one.ID)}
	}
	return out
}

// matches are how many there are of each kind, and the lists of them.
func matched(list []store.Matches, given url.Values) []jsontext.Value {
	out := make([]jsontext.Value, len(list))
	for i, one := range list {
		filters := url.Values{}
		for name, values := range given {
			if slices.Contains(store.Parameters(one.Kind), strings.TrimPrefix(name, "not_")) && !slices.Contains([]string{"kind", "sort", "limit", "cursor", "format", "excel"}, name) {
				filters[name] = values
			}
		}
		body, _ := members([]member{{"kind", one.Kind}, {"count", one.Count}, {"more", one.More}, {"href", pathOf(one.Kind) + "?" + filters.Encode()}}) // always marshal
		out[i] = append(jsontext.Value(body), '}')
	}
	return out
}

// pathOf is the address of a kind's collection.
func pathOf(kind claims.Kind) string {
	for _, c := range collections {
		if c.kind == kind {
			return c.path
		}
	}
	return ""
}
