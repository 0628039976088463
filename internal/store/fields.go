package store

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// This file trims records to the members that are asked for. What isn't shown
// isn't read either: neither its expression nor the relation it comes from.

// fields reads fields=a,b.c into the tree of what is embedded, and returns the
// resource as it is to be shown. A name with a dot embeds the record that holds
// the member; what include embeds is shown whole unless members of it are named.
func (p *parameters) fields(q *Query) {
	paths := p.many("fields")
	for i, path := range paths {
		switch {
		case path == "": // refused already
		case slices.Contains(paths[:i], path):
			p.refuse("fields", "repeated", path+" stands twice")
		default:
			p.field(path, q)
		}
	}
	if branches(q.include) > maxIncludes {
		p.refuse("fields", "too_many", fmt.Sprintf("embeds more than %d relations", maxIncludes))
	}
	if q.Format == "geojson" && len(q.named) > 0 {
		for _, name := range []string{"id", "places"} {
			if !slices.Contains(q.named, name) {
				q.named, q.Unasked = append(q.named, name), append(q.Unasked, name)
			}
		}
	}
	if len(p.problems) == 0 {
		q.resource = q.resource.trimmed(q.named, q.include)
	}
}

// field reads one path.
func (p *parameters) field(path string, q *Query) {
	r, named, level := q.resource, &q.named, &q.include
	steps := strings.Split(path, ".")
	if len(steps) > maxDepth+1 {
		p.refuse("fields", "too_deep", fmt.Sprintf("goes deeper than %d", maxDepth))
		return
	}
	for i, step := range steps {
		last := i == len(steps)-1
		related := slices.IndexFunc(r.include, func(rel relation) bool { return rel.name == step })
		isField := slices.ContainsFunc(r.fields, func(f field) bool { return f.name == step })
		if related < 0 && (!last || !isField) {
			p.refuse("fields", "unknown_value", r.noMember(step, last))
			return
		}
		if last && isField {
			mention(named, step)
			return
		}
		rel := r.include[related]
		if rel.to == "" {
			mention(named, rel.from)
		} else {
			mention(named, rel.name)
		}
		b := embedded(level, rel)
		r, named, level = resources[rel.kind], &b.named, &b.children
	}
}

func mention(named *[]string, name string) {
	if !slices.Contains(*named, name) {
		*named = append(*named, name)
	}
}

// noMember says what could have been named in place of a name.
func (r *resource) noMember(name string, last bool) string {
	var allowed []string
	if last {
		for _, f := range r.fields {
			allowed = append(allowed, f.name)
		}
	}
	for _, rel := range r.include {
		if rel.to != "" || !last {
			allowed = append(allowed, rel.name)
		}
	}
	if allowed == nil {
		return fmt.Sprintf("%q leads nowhere: nothing can be embedded in a %s", name, r.kind)
	}
	return fmt.Sprintf("%q is none of %s, of %s", name, strings.Join(allowed, ", "), r.path)
}

// embedded is the branch of a relation, new where there is none.
func embedded(level *[]*branch, rel relation) *branch {
	i := slices.IndexFunc(*level, func(b *branch) bool { return b.name == rel.name })
	if i < 0 {
		i = len(*level)
		*level = append(*level, &branch{relation: rel})
	}
	return (*level)[i]
}

// branches counts the relations of a tree.
func branches(tree []*branch) int {
	n := len(tree)
	for _, b := range tree {
		n += branches(b.children)
	}
	return n
}

// trimmed is the resource with the members named, in that order, and those that
// the tree embeds; with all of them where none is named. It decides the same for
// the records of the tree.
func (r *resource) trimmed(named []string, tree []*branch) *resource {
	for _, b := range tree {
		b.shown = resources[b.kind].trimmed(b.named, b.children)
	}
	if len(named) == 0 {
		return r
	}
	bare := *r
	bare.fields = nil
	show := func(name string) {
		if i := slices.IndexFunc(r.fields, func(f field) bool { return f.name == name }); i >= 0 {
			bare.fields = append(bare.fields, r.fields[i])
		}
	}
	for _, name := range named {
		show(name)
	}
	many := false
	for _, b := range tree {
		if many = many || b.to != ""; b.to == "" && !slices.Contains(named, b.from) {
			show(b.from)
		}
	}
	if many && !slices.Contains(named, "id") { // by which theirs are found
		id := r.fields[0]
		id.hidden = true
		bare.fields = append([]field{id}, bare.fields...)
	}
	bare.joins = r.joined(bare.fields)
	return &bare
}

var (
	joinClause = regexp.MustCompile(`(?:LEFT )?JOIN \S+ (\w+) ON `)
	qualified  = regexp.MustCompile(`\b(\w+)\.`)
)

// joined are those of the resource's joins that the fields read, or that others
// of them need. The rest can go: each finds one row or, on the left, none.
func (r *resource) joined(fields []field) string {
	read := map[string]bool{}
	reads := func(sql string) {
		for _, m := range qualified.FindAllStringSubmatch(sql, -1) {
			read[m[1]] = true
		}
	}
	for _, f := range fields {
		reads(f.sql)
	}
	starts := joinClause.FindAllStringSubmatchIndex(r.joins, -1)
	var kept []string
	end := len(r.joins)
	for i := len(starts) - 1; i >= 0; i-- { // a join reads those before it
		at := starts[i]
		if clause := r.joins[at[0]:end]; read[r.joins[at[2]:at[3]]] {
			kept = append([]string{strings.TrimSpace(clause)}, kept...)
			reads(clause)
		}
		end = at[0]
	}
	return strings.Join(kept, " ")
}

// showsFacts reports whether the resource, trimmed, or a record embedded by the
// tree shows what is derived.
func (r *resource) showsFacts(tree []*branch) bool {
	return strings.Contains(r.joins, "_facts ") || slices.ContainsFunc(tree, func(b *branch) bool { return b.shown.showsFacts(b.children) })
}

// Columns are the columns of the query's records in a table: their members in
// order, with those of an embedded record after a dot where they are named.
func (q *Query) Columns() []string { return columnsOf(q.resource, q.named, q.include, "") }

func columnsOf(r *resource, named []string, tree []*branch, prefix string) []string {
	var list []string
	order := named
	if len(named) == 0 {
		for _, f := range r.fields {
			order = append(order, f.name)
		}
	}
	for _, b := range tree {
		if name := b.member(); !slices.Contains(order, name) {
			order = append(order[:len(order):len(order)], name)
		}
	}
	for _, name := range order {
		i := slices.IndexFunc(tree, func(b *branch) bool { return b.member() == name })
		if i >= 0 && tree[i].to == "" && len(tree[i].named) > 0 {
			list = append(list, columnsOf(tree[i].shown, tree[i].named, tree[i].children, prefix+name+".")...)
			continue
		}
		list = append(list, prefix+name)
	}
	return list
}

// member is the name under which the branch is embedded.
func (b *branch) member() string {
	if b.to == "" {
		return b.from
	}
	return b.name
}
