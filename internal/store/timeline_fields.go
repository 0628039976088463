package store

import (
	"fmt"
	"slices"
	"strings"
)

// fields trims the entries to the members that are asked for: those of a
// statement and those of an event, each shown by the records that have it.
func (line *Timeline) fields(p *parameters) {
	for _, path := range p.many("fields") {
		switch {
		case path == "": // refused already
		case slices.Contains(line.named, path):
			p.refuse("fields", "repeated", path+" stands twice")
		default:
			line.named = append(line.named, path)
			line.field(p, path)
		}
	}
	for _, q := range []*Query{&line.statements, &line.events} {
		if branches(q.include) > maxIncludes {
			p.refuse("fields", "too_many", fmt.Sprintf("embeds more than %d relations", maxIncludes))
		}
		if len(p.problems) == 0 && line.named != nil {
			q.resource = q.resource.trimmed(q.named, q.include)
			if q.named == nil {
				q.resource = q.resource.without()
			}
		}
	}
}

// field reads one path: of either kind, or of both.
func (line *Timeline) field(p *parameters, path string) {
	var details []string
	for _, q := range []*Query{&line.statements, &line.events} {
		try := &parameters{}
		if try.field(path, &Query{resource: q.resource}); len(try.problems) > 0 {
			details = append(details, try.problems[0].Detail)
			continue
		}
		p.field(path, q)
	}
	if len(details) == 2 {
		p.refuse("fields", "unknown_value", strings.Join(slices.Compact(details), "; and "))
	}
}

// without is the resource with no member to show.
func (r *resource) without() *resource {
	bare, id := *r, r.fields[0]
	id.hidden = true
	bare.fields, bare.joins = []field{id}, ""
	return &bare
}

// Columns are the columns of the timeline as a table, each with the paths of the
// members that it shows: those that statements and events share are one.
func (line *Timeline) Columns() (names []string, paths map[string]string) {
	paths = map[string]string{}
	for _, q := range []*Query{&line.statements, &line.events} {
		if line.named != nil && q.named == nil {
			continue
		}
		for _, name := range q.Columns() {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
			paths[string(q.resource.kind)+"."+name] = name
		}
	}
	slices.SortStableFunc(names, func(a, b string) int { return line.asked(a) - line.asked(b) })
	paths["type"] = "type"
	return append([]string{"type"}, names...), paths
}

// asked is the place of a column among the members asked for.
func (line *Timeline) asked(column string) int {
	return slices.IndexFunc(line.named, func(path string) bool { return path == column || strings.HasPrefix(path, column+".") })
}
