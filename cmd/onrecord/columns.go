package main

import (
	"regexp"
	"slices"
	"strings"
)

// first are columns that a reader looks at first, wherever they stand; what is
// long stands at their end.
var first = []string{"said_on", "occurred", "published_on", "rated_on", "reviewed_on", "held",
	"speaker_name", "source_name", "reviewer_name", "name", "code", "office_title", "article_title", "kind", "stance", "relation",
	"verdict", "reliability", "status", "title", "event_title", "text", "claim_text", "target_names", "about_names"}

// last are columns that one asks for when one needs them.
var last = []string{"key", "slug", "id", "dataset", "review", "version", "created_at", "updated_at"}

// choose puts the columns of rows in the order of their interest: labels
// before ids. Columns without a value are left out, and so are ids beside
// which there is a label. The first main of them are what a reader looks at
// first.
func choose(rows []row) (names []string, main int) {
	var head, middle, tail, rest []string
	all := flatColumns(rows)
	for _, name := range all {
		stem, _, _ := strings.Cut(name, "_")
		said := contents(rows, name)
		switch {
		case slices.Contains(all, name+"_name") || slices.Contains(all, name+"_title") || slices.Contains(all, name+"_text"):
		case said.none || name == "id" && (slices.Contains(all, "code") || slices.Contains(all, "slug")):
		case slices.Contains(first, name):
			head = append(head, name)
		case slices.Contains(last, name):
			tail = append(tail, name)
		case said.ids || said.no || slices.Contains([]string{stem + "_from", stem + "_to"}, name):
			rest = append(rest, name)
		case strings.HasSuffix(name, "_name") || strings.HasSuffix(name, "_title"):
			middle = slices.Insert(middle, 0, name)
		default:
			middle = append(middle, name)
		}
	}
	byPlace := func(order []string) func(a, b string) int {
		return func(a, b string) int { return slices.Index(order, a) - slices.Index(order, b) }
	}
	slices.SortStableFunc(head, byPlace(first))
	slices.SortStableFunc(tail, byPlace(last))
	return slices.Concat(head, middle, tail, rest), len(head)
}

// content says what there is in a column: nothing at all, nothing but false,
// nothing but ids.
type content struct{ none, no, ids bool }

var id = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

func contents(rows []row, name string) content {
	c := content{true, true, true}
	for _, r := range rows {
		text, _ := r.text(name, "")
		c.none = c.none && text == ""
		c.no = c.no && text == "false"
		c.ids = c.ids && (text == "" || id.MatchString(text))
	}
	return c
}
