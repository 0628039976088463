package store

import (
	"fmt"
	"slices"
	"strings"

	"onrecord/internal/claims"
)

// parameters reads query parameters and notes which of them it has understood.
type parameters struct {
	resource *resource
	given    map[string][]string
	used     map[string]bool
	derived  bool // a filter on facts is in use
	walk     *walking
	search   *searching
	valued   bool // a filter may select few rows or many, and has no index in their order
	problems []claims.Problem

	unit   string          // what is counted belongs to a record: filters on it choose it, not the record
	units  []condition     // what they demand of it
	split  map[string]raw  // filters that others read and that records are counted by: what stands for their values
	late   []condition     // conditions that read these
	plain  []condition     // the same with the values in force
	none   map[string]bool // parameters that ask for records without a value
	values map[string]any  // the values in force of all filters
	spans  []condition     // what the window demands of parts w that carry the date
}

func (p *parameters) refuse(name, code, detail string) {
	p.problems = append(p.problems, claims.Problem{Pointer: name, Code: code, Detail: detail})
}

// single is the only value of a parameter that may stand once, "" if absent.
func (p *parameters) single(name string) string {
	p.used[name] = true
	values := p.given[name]
	switch {
	case len(values) == 0:
		return ""
	case len(values) > 1:
		p.refuse(name, "repeated", "may be given once")
	case values[0] == "":
		p.refuse(name, "empty", "is empty")
	}
	return values[0]
}

// many are the values of a parameter, separated by comma or repetition.
func (p *parameters) many(name string) []string {
	p.used[name] = true
	var values []string
	for _, v := range p.given[name] {
		values = append(values, split(v)...)
	}
	if slices.Contains(values, "") {
		p.refuse(name, "empty", "has an empty value")
	}
	if len(values) > maxValues {
		p.refuse(name, "too_many", fmt.Sprintf("has more than %d values", maxValues))
		return values[:1] // what is wrong with the others isn't told too
	}
	return values
}

// all are the values of a filter, or of its complement.
func (p *parameters) all(f *filter, name string) []string {
	switch {
	case f.kind == search:
		return p.searches(name)
	case !f.whole && !f.aside:
		return p.many(name)
	}
	if v := p.single(name); v != "" {
		return []string{v}
	}
	return nil
}

// searches are the values of a search's parameter, each of them whole.
func (p *parameters) searches(name string) []string {
	p.used[name] = true
	values := p.given[name]
	if slices.Contains(values, "") {
		p.refuse(name, "empty", "has an empty value")
	}
	if len(values) > maxSearches {
		p.refuse(name, "too_many", fmt.Sprintf("is given more than %d times", maxSearches))
	}
	return values
}

// split cuts at commas; a comma, or a backslash, after a backslash stands for
// itself.
func split(s string) []string {
	if !strings.Contains(s, `\`) {
		return strings.Split(s, ",")
	}
	var list []string
	var value strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == ',' || s[i+1] == '\\'):
			i++
			value.WriteByte(s[i])
		case s[i] == ',':
			list = append(list, value.String())
			value.Reset()
		default:
			value.WriteByte(s[i])
		}
	}
	return append(list, value.String())
}

// Limits of a filter: how many values it takes, and the largest number.
const (
	maxValues     = 500
	maxSearches   = 10
	maxExclusions = 20
	maxNumber     = 1_000_000
)

// unknownParameters refuses what no filter or control has read, naming what
// there is: a typo must never widen an answer.
func (p *parameters) unknownParameters() {
	var allowed []string
	for name := range p.used {
		if !strings.HasPrefix(name, "not_") {
			allowed = append(allowed, name)
		}
	}
	slices.Sort(allowed)
	for name := range p.given {
		if !p.used[name] {
			p.refuse(name, "unknown_parameter", "is none of "+strings.Join(allowed, ", ")+" (each filter also as not_…)")
		}
	}
}
