package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"

	"onrecord/internal/store"
)

// Counts, facets and timelines in the forms that lists have.

// whole answers with rows that are at hand, in a form other than JSON.
func (s *stream) whole(w http.ResponseWriter, r *http.Request, seq int64, pending bool, about []member, rows []json.RawMessage) error {
	array, err := json.Marshal(rows)
	if err != nil {
		return err
	}
	totals, err := members(about)
	if err != nil {
		return err
	}
	totals = append(totals, '}')
	var out bytes.Buffer
	form := s.layout(&out, store.Page{})
	for _, step := range []func() error{form.begin, func() error { return form.write(array) }, form.end} {
		if err := step(); err != nil {
			return err
		}
	}
	s.tell(w, seq, pending)
	w.Header().Set("X-Totals", inHeader(totals))
	if !s.derived {
		citeAs(w, &http.Request{URL: s.address}, seq)
	}
	return send(w, r, http.StatusOK, media[s.form.Format], `"`+hash(append(totals, out.Bytes()...))+`"`, out.Bytes())
}

// countColumns are the members of a row of counts.
func countColumns(q *store.Counting) []string {
	var list []string
	if q.Bucket != "" {
		list = append(list, "time")
	}
	for _, name := range q.By {
		list = append(list, name, name+"_label")
	}
	list = append(list, "other", "count", "possible")
	if q.Figures {
		list = append(list, "figures")
	}
	return append(list, "href")
}

// facetColumns are the members of a row of facets, which has the same for all
// dimensions.
var facetColumns = []string{"dimension", "value", "label", "other", "count", "possible", "href"}

// facetLines are the rows of all facets, one facet after the other, and what is
// said of each.
func facetLines(list []store.Counting, found []store.Counts, path string) ([]member, []json.RawMessage) {
	var about []member
	var lines []json.RawMessage
	for i := range list {
		q, counts := &list[i], &found[i]
		said, _ := members(totals(q, counts, "")) // text and numbers always marshal
		about = append(about, member{q.By[0], append(said, '}')})
		for _, row := range counts.Rows {
			v := row.Values[0]
			line, _ := members([]member{{"dimension", q.By[0]}, {"value", v.ID}, {"label", v.Label}, {"other", v.Other}, // likewise
				{"count", row.Count}, {"possible", possible(counts, row.Possible)}, {"href", path + "?" + row.Filters.Encode()}})
			lines = append(lines, append(line, '}'))
		}
	}
	return about, lines
}

// timelineColumns are those of statements and of events; what both have is one.
func timelineColumns(line *store.Timeline) columns {
	names, paths := line.Columns()
	c := columns{names, &place{under: map[string]*place{}}}
	for path, name := range paths {
		c.add(path, slices.Index(names, name))
	}
	return c
}
