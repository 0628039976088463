package store

import (
	"context"
	"slices"

	"onrecord/internal/claims"
)

// ParseFacets reads the query parameters of facets: several questions for
// counts by one dimension each, and their scope. Errors are Invalid, with the parameter's name
// as pointer.
func ParseFacets(kind claims.Kind, given map[string][]string) ([]Counting, map[string]string, error) {
	p := &parameters{resource: resources[kind], given: given, used: map[string]bool{}}
	by := p.dimensions(maxFacets)
	leaveOut := p.word("own", "keep", "keep", "exclude") == "exclude"
	all := p.counting(nil)
	if len(by) == 0 && len(p.problems) == 0 {
		p.refuse("by", "required", "names what to count by, one after the other")
	}
	p.unknownParameters()
	var list []Counting
	for _, f := range by {
		one := &parameters{resource: p.resource, given: given, used: map[string]bool{}}
		if leaveOut {
			one.given = f.leftOut(given)
		}
		list = append(list, one.counting([]*filter{f}))
		for _, problem := range one.problems {
			if !slices.Contains(p.problems, problem) {
				p.problems = append(p.problems, problem)
			}
		}
	}
	if len(p.problems) > 0 {
		return nil, nil, &Error{Code: Invalid, Detail: "a parameter is not valid", Problems: p.problems}
	}
	for i := range list {
		list[i].Derived = list[i].Derived || all.Derived
	}
	return list, all.Scope, nil
}

// leftOut are the parameters without those of the filter; one that has a
// standard then allows all.
func (f *filter) leftOut(given map[string][]string) map[string][]string {
	rest := map[string][]string{}
	for name, values := range given {
		if name != f.name && name != "not_"+f.name {
			rest[name] = values
		}
	}
	switch {
	case f.standard == "":
	case f.kind == choices: // second_hand
		rest[f.name] = []string{"include"}
	default:
		rest[f.name] = []string{anyValue}
	}
	return rest
}

// Facets answers several questions from one snapshot. Errors are those of
// Counts.
func (s *Store) Facets(ctx context.Context, list []Counting) ([]Counts, error) {
	return s.count(ctx, list)
}
