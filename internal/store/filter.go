package store

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"onrecord/internal/claims"
)

// A filter is one query parameter: what it accepts and the condition it makes.
// In its SQL ? stands for its values as an array, :name for those of another
// filter. Each has a complement, not_<name>, which holds wherever it doesn't,
// nulls included.
type filter struct {
	name     string
	kind     valueKind
	refs     claims.Kind         // of references
	terms    *claims.Vocabulary  // of terms
	groups   map[string][]string // names for several terms
	except   []string            // terms that it doesn't take
	choices  []string            // of choices
	most     float64             // of amounts
	sql      string
	standard string     // the value when none is given
	inert    bool       // its standard makes no condition; others read it
	aside    bool       // it makes none at all and has no complement; others read it
	whole    bool       // commas don't part its values: it takes one, as those aside do
	needs    string     // the filter that it reads and can't go without
	derived  bool       // reads facts, which have no history
	least    int        // values it takes at least; 0: one
	walks    []walk     // ways to the records it selects, in the order of the default sort
	by       *dimension // how records are counted by its values
	doc      string
}

// conditions reads all filters: those given, and the standard ones. It also
// returns the scope: the values in force of the filters that have a standard.
func (p *parameters) conditions() ([]condition, map[string]string) {
	scope := map[string]string{}
	values := map[string]any{}
	p.values = values
	for i := range p.resource.filters {
		f := &p.resource.filters[i]
		given := p.all(f, f.name)
		if f.standard != "" {
			scope[f.name] = strings.Join(given, ",")
			if len(given) == 0 {
				scope[f.name] = f.standard
				given = strings.Split(f.standard, ",")
			}
		}
		values[f.name] = p.check(f, f.name, given)
	}
	var conds []condition
	for i := range p.resource.filters {
		f := &p.resource.filters[i]
		given := len(p.given[f.name]) > 0
		if f.derived && len(p.given["as_of"]) > 0 && (given || len(p.given["not_"+f.name]) > 0) {
			p.refuse("as_of", "derived", "does not go with "+f.name+", which is derived and kept for the present only")
		}
		var not []string
		if !f.aside {
			not = p.all(f, "not_"+f.name)
		}
		if (given || len(not) > 0) && f.needs != "" && len(p.given[f.needs]) == 0 && (!f.aside || len(p.given["not_"+f.needs]) == 0) {
			p.refuse(f.needs, "required", "is needed by "+f.name)
		}
		if f.derived && (given || len(not) > 0) {
			p.derived = true
		}
		if f.standard != "" && len(not) > 0 {
			excluded := "not " + strings.Join(not, ",")
			if given {
				excluded = scope[f.name] + ", " + excluded
			}
			scope[f.name] = excluded
		}
		if f.aside {
			continue
		}
		if given || f.standard != "" && !f.inert && len(not) == 0 { // a complement stands instead of the default
			conds = append(conds, p.demand(f, f.name, values[f.name], false)...)
		}
		if len(not) > 0 {
			p.notAll(f, not)
			conds = append(conds, p.demand(f, "not_"+f.name, p.check(f, "not_"+f.name, not), true)...)
		}
	}
	return conds, scope
}

// plain is a condition that a column has one value.
var plain = regexp.MustCompile(`^t\.[a-z_]+ = \?$`)

// demand is what a filter's values, or their complement, demand of a record.
// What they demand of what is counted, or of each value of a filter that
// records are counted by, is kept apart, and so is the first that has walks.
func (p *parameters) demand(f *filter, name string, v any, complement bool) []condition {
	if p.reads(f) {
		p.late = append(p.late, p.demanded(f, name, v, complement, p.split)...)
		p.plain = append(p.plain, p.demanded(f, name, v, complement, nil)...)
		return nil
	}
	conds := p.demanded(f, name, v, complement, nil)
	switch {
	case p.chooses(f):
		p.units = append(p.units, conds...)
		return nil
	case f.kind == search && !complement:
		p.search = &searching{condition: conds[0], words: v.([]string)}
		return nil
	case p.walk == nil && f.walks != nil && !complement && !p.none[name]:
		p.walk = f.walking(conds[0], v, p.values)
		return nil
	case len(p.given[name]) == 0:
		return literal(conds)
	}
	p.valued = p.valued || complement || len(conds) == 1 && !plain.MatchString(conds[0].sql)
	return conds
}

// reads reports whether the filter reads one that records are counted by.
func (p *parameters) reads(f *filter) bool {
	for other := range p.split {
		if strings.Contains(f.sql, ":"+other+")") {
			return true
		}
	}
	return false
}

// chooses reports whether the filter is on what is counted, which belongs to a
// record.
func (p *parameters) chooses(f *filter) bool {
	return f.by != nil && f.by.unit != "" && f.by.unit == p.unit
}

func (p *parameters) demanded(f *filter, name string, v any, complement bool, split map[string]raw) []condition {
	if list, _ := v.([]string); complement && f.always() {
		rest := slices.DeleteFunc(f.terms.Values(), func(term string) bool { return slices.Contains(list, term) })
		v, complement = rest, false
	}
	conds := f.condition(v, p.values, split)
	if p.chooses(f) {
		conds = []condition{bind(f.by.holds(), v, p.values, split)}
	}
	if p.none[name] {
		absent := bind(f.by.absent(p.unit), v, p.values, split)
		if list, _ := v.([]string); len(list) > 0 {
			absent = condition{"(" + conds[0].sql + " OR " + absent.sql + ")", append(slices.Clone(conds[0].args), absent.args...)}
		}
		conds = []condition{absent}
	}
	if complement {
		for i, c := range conds {
			conds[i] = c.not()
		}
	}
	return conds
}

// always reports whether each record has one of the filter's terms, so that a
// complement is the rest of them, which an index has.
func (f *filter) always() bool {
	return f.kind == terms && f.by != nil && f.by.value != "" && !f.by.empty && f.sql == f.by.value+" "+anyOf
}

// notAll refuses the complement of everything.
func (p *parameters) notAll(f *filter, not []string) {
	for _, word := range not {
		if word == noValue && f.by != nil && f.by.empty {
			continue
		}
		if f.standard != "" && word == anyValue || f.kind == choices && f.chosen([]string{word}) == nil {
			p.refuse("not_"+f.name, "unknown_value", fmt.Sprintf("%q allows all, so that nothing is left", word))
		}
	}
}

// condition is what the values of a filter demand; nothing if they allow all.
func (f *filter) condition(v any, others map[string]any, split map[string]raw) []condition {
	list, _ := v.([]string)
	if f.kind == choices {
		return f.chosen(list)
	}
	if f.kind == datasets && slices.Contains(list, anyValue) || v == nil {
		return nil
	}
	return []condition{bind(f.sql, v, others, split)}
}

// walking binds the walks of a filter whose condition this is.
func (f *filter) walking(c condition, v any, others map[string]any) *walking {
	w := &walking{condition: c}
	for _, each := range f.walks {
		w.walks = append(w.walks, boundWalk{each.table, bind(each.over, v, others, nil), bind(each.on, v, others, nil)})
	}
	return w
}

// chosen joins the conditions of the chosen words; a word without one allows all.
func (f *filter) chosen(list []string) []condition {
	var or []string
	for branch := range strings.SplitSeq(f.sql, ";") {
		word, sql, _ := strings.Cut(branch, "=>")
		if slices.Contains(list, strings.TrimSpace(word)) {
			if strings.TrimSpace(sql) == "" {
				return nil
			}
			or = append(or, strings.TrimSpace(sql))
		}
	}
	switch len(or) {
	case 0:
		return nil
	case 1:
		return []condition{{sql: or[0]}}
	}
	return []condition{{sql: "(" + strings.Join(or, " OR ") + ")"}}
}
