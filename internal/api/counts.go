package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"onrecord/internal/claims"
	"onrecord/internal/store"
)

// counts answers GET on the counts of a collection.
func counts(kind claims.Kind, path string) handle {
	return func(s *Server, w http.ResponseWriter, r *http.Request) error {
		given, err := questionOf(r, store.Formats(""))
		if err != nil {
			return err
		}
		q, err := store.ParseCounts(kind, given)
		if err != nil {
			return parameterError{err}
		}
		found, err := s.store.Counts(r.Context(), q)
		if err != nil {
			return parameterError{err}
		}
		about := append([]member{{"by", q.By}, {"bucket", optional(q.Bucket)}}, totals(&q, &found, kind)...)
		if q.Format != "json" {
			a := stream{form: q.Form, columns: columnsOf(countColumns(&q)), scope: q.Scope, derived: q.Derived, address: formed(r.URL, q.Format)}
			return a.whole(w, r, found.Seq, found.Pending, about, rows(&q, &found, path))
		}
		body, err := members(append([]member{{"data", rows(&q, &found, path)}}, about...))
		if err != nil {
			return err
		}
		return writeAnswer(w, r, body, q.Scope, found.Pending, found.Seq, q.Derived)
	}
}

// facets answers GET on the facets of a collection.
func facets(kind claims.Kind, path string) handle {
	return func(s *Server, w http.ResponseWriter, r *http.Request) error {
		given, err := questionOf(r, store.Formats(""))
		if err != nil {
			return err
		}
		list, scope, err := store.ParseFacets(kind, given)
		if err != nil {
			return parameterError{err}
		}
		found, err := s.store.Facets(r.Context(), list)
		if err != nil {
			return parameterError{err}
		}
		derived := false
		for i := range list {
			derived = derived || list[i].Derived
		}
		if form := list[0].Form; form.Format != "json" {
			a := stream{form: form, columns: columnsOf(facetColumns), scope: scope, derived: derived, address: formed(r.URL, form.Format)}
			about, lines := facetLines(list, found, path)
			return a.whole(w, r, found[0].Seq, found[0].Pending, about, lines)
		}
		all := make([]json.RawMessage, len(list))
		for i := range list {
			one, err := members(append([]member{{"dimension", list[i].By[0]}, {"data", rows(&list[i], &found[i], path)}}, totals(&list[i], &found[i], "")...))
			if err != nil {
				return err
			}
			all[i] = append(one, '}')
		}
		body, err := members([]member{{"data", all}})
		if err != nil {
			return err
		}
		return writeAnswer(w, r, body, scope, found[0].Pending, found[0].Seq, derived)
	}
}

// timeline answers GET on the timeline.
func (s *Server) timeline(w http.ResponseWriter, r *http.Request) error {
	given, err := questionOf(r, store.Formats(""))
	if err != nil {
		return err
	}
	q, err := store.ParseTimeline(given)
	if err != nil {
		return parameterError{err}
	}
	if q.Format != "json" {
		a := stream{form: q.Form, columns: timelineColumns(&q), scope: q.Scope, derived: q.Derived, address: formed(r.URL, q.Format)}
		return s.stream(w, r, a, func(emit func(store.Page) error) error { return s.store.EachOfTimeline(r.Context(), q, emit) })
	}
	ctx, cancel := context.WithTimeout(r.Context(), s.config.Deadline)
	defer cancel()
	page, err := s.store.Timeline(ctx, q)
	if err != nil {
		return parameterError{err}
	}
	return writePage(w, r, page, q.Scope, q.Derived)
}

// A member is one of an object, in its place.
type member struct {
	name  string
	value any
}

// members begins an object.
func members(list []member) (json.RawMessage, error) {
	body := []byte{'{'}
	for i, m := range list {
		if i > 0 {
			body = append(body, ',')
		}
		value, err := json.Marshal(m.value)
		if err != nil {
			return nil, err
		}
		body = append(append(strconv.AppendQuote(body, m.name), ':'), value...)
	}
	return body, nil
}

// totals are what counts say of all that they count.
func totals(q *store.Counting, found *store.Counts, kind claims.Kind) []member {
	list := []member{{"measure", q.Measure}, {"several", q.Several}, {"total", found.Total}, {"possible", possible(found, found.Possible)}}
	if kind == claims.KindEvent {
		list = append(list, member{"figures", figures(found.Figures)})
	}
	return list
}

// rows are the cells as objects.
func rows(q *store.Counting, found *store.Counts, path string) []json.RawMessage {
	list := make([]json.RawMessage, len(found.Rows))
	for i, row := range found.Rows {
		var m []member
		if q.Bucket != "" {
			m = append(m, member{"time", row.Time})
		}
		others := []string{}
		for j, v := range row.Values {
			m = append(m, member{q.By[j], v.ID}, member{q.By[j] + "_label", v.Label})
			if v.Other {
				others = append(others, q.By[j])
			}
		}
		m = append(m, member{"other", others}, member{"count", row.Count}, member{"possible", possible(found, row.Possible)})
		if q.Figures {
			m = append(m, member{"figures", figures(row.Figures)})
		}
		m = append(m, member{"href", path + "?" + row.Filters.Encode()})
		body, _ := members(m) // text and numbers always marshal
		list[i] = append(body, '}')
	}
	return list
}

// possible is a number where a window is asked for.
func possible(found *store.Counts, n int64) *int64 {
	if !found.Windowed {
		return nil
	}
	return &n
}

func figures(list []store.Sum) []store.Sum {
	if list == nil {
		return []store.Sum{}
	}
	return list
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// writeAnswer ends an object with what all answers about many records say, and
// sends it.
func writeAnswer(w http.ResponseWriter, r *http.Request, body []byte, scope map[string]string, pending bool, seq int64, derived bool) error {
	said, err := json.Marshal(scope)
	if err != nil {
		return err
	}
	body = append(append(append(body, `,"scope":`...), said...), `,"derived_pending":`...)
	body = strconv.AppendBool(body, pending)
	// The seq moves with every commit, whatever it changes: the validator
	// leaves it out, so that an unchanged page stays valid.
	tag := `"` + hash(body) + `"`
	commit := "seq:" + strconv.FormatInt(seq, 10)
	cite := []byte("null")
	if !derived {
		if cite, err = json.Marshal(with(r.URL, "as_of", commit)); err != nil {
			return err
		}
		citeAs(w, r, seq)
	}
	body = append(append(append(append(body, `,"as_of":"`...), commit...), `","cite":`...), cite...)
	w.Header().Set("X-Seq", strconv.FormatInt(seq, 10))
	return write(w, r, http.StatusOK, tag, append(body, '}', '\n'))
}
