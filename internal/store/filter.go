package store

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
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
	choices  []string            // of choices
	sql      string
	standard string     // the value when none is given
	inert    bool       // its standard makes no condition; others read it
	derived  bool       // reads facts, which have no history
	least    int        // values it takes at least; 0: one
	walks    []walk     // ways to the records it selects, in the order of the default sort
	by       *dimension // how records are counted by its values
	doc      string
}

// A valueKind says what values a filter accepts.
type valueKind string

const (
	references valueKind = "reference" // ids, codes, slugs or key:…
	keys       valueKind = "key"       // keys, turned into the ids they give
	terms      valueKind = "term"      // values of a vocabulary
	datasets   valueKind = "dataset"   // names of data sets, or any
	choices    valueKind = "choice"    // one of few words; their conditions are in sql, "word => condition" joined by ;
	words      valueKind = "text"      // any text, compared exactly
	search     valueKind = "search"    // what is typed into a search box, commas included
	numbers    valueKind = "number"    // whole numbers from 0
)

// anyValue switches a standard filter off; noValue selects the records that
// have no value of a dimension that may be empty.
const (
	anyValue = "any"
	noValue  = "none"
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
	}
	return values
}

// listed are the values of a filter's parameter: of a search each is whole.
func (p *parameters) listed(f *filter, name string) []string {
	if f.kind != search {
		return p.many(name)
	}
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

// conditions reads all filters: those given, and the standard ones. It also
// returns the scope: the values in force of the filters that have a standard.
func (p *parameters) conditions() ([]condition, map[string]string) {
	scope := map[string]string{}
	values := map[string]any{}
	p.values = values
	for i := range p.resource.filters {
		f := &p.resource.filters[i]
		given := p.listed(f, f.name)
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
		not := p.listed(f, "not_"+f.name)
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
			conds[i] = condition{"(" + c.sql + ") IS NOT TRUE", c.args}
		}
	}
	return conds
}

// notAll refuses the complement of everything.
func (p *parameters) notAll(f *filter, not []string) {
	for _, word := range not {
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
			or = append(or, "("+strings.TrimSpace(sql)+")")
		}
	}
	if or == nil {
		return nil
	}
	return []condition{{sql: "(" + strings.Join(or, " OR ") + ")"}}
}

// check reads what a parameter was given and turns it into what SQL compares
// with: always a list of strings.
func (p *parameters) check(f *filter, name string, given []string) any {
	if len(given) == 0 {
		return nil
	}
	if len(given) < f.least {
		p.refuse(name, "too_few", fmt.Sprintf("takes %d values at least", f.least))
	}
	list := make([]string, 0, len(given))
	for _, v := range given {
		if v == "" {
			continue
		}
		if v == noValue && f.by != nil && f.by.empty {
			if p.none == nil {
				p.none = map[string]bool{}
			}
			p.none[name] = true
			continue
		}
		switch f.kind {
		case references:
			id, err := referenceID(f.refs, v)
			if err != nil {
				p.refuse(name, "reference", err.Error())
				continue
			}
			v = id
		case keys:
			if err := checkGivenKey(v); err != nil {
				p.refuse(name, "key", err.Error())
				continue
			}
			v = claims.ID(v)
		case terms:
			if v == anyValue && f.standard != "" {
				list = append(list, f.terms.Values()...)
				continue
			}
			if group := f.groups[v]; group != nil {
				list = append(list, group...)
				continue
			}
			if !f.terms.Has(v) {
				allowed := append(f.terms.Values(), slices.Sorted(maps.Keys(f.groups))...)
				if f.standard != "" {
					allowed = append(allowed, anyValue)
				}
				if f.by != nil && f.by.empty {
					allowed = append(allowed, noValue)
				}
				p.refuse(name, "unknown_value", fmt.Sprintf("%q is none of %s", v, strings.Join(allowed, ", ")))
				continue
			}
		case choices:
			if !slices.Contains(f.choices, v) {
				p.refuse(name, "unknown_value", fmt.Sprintf("%q is none of %s", v, strings.Join(f.choices, ", ")))
				continue
			}
		case numbers:
			if n, err := strconv.Atoi(v); err != nil || n < 0 || n > maxNumber || v[0] == '+' {
				p.refuse(name, "range", fmt.Sprintf("is not a whole number from 0 to %d", maxNumber))
				continue
			}
		case search:
			switch {
			case len(v) > 2000 || strings.ContainsRune(v, 0):
				p.refuse(name, "text", "is too long or has a NUL character")
				continue
			case len(exclusions.FindAllString(v, -1)) > maxExclusions:
				p.refuse(name, "too_many", fmt.Sprintf("excludes more than %d words", maxExclusions))
				continue
			}
		case datasets, words:
			if len(v) > 2000 || strings.ContainsRune(v, 0) {
				p.refuse(name, "text", "is too long or has a NUL character")
				continue
			}
		}
		list = append(list, v)
	}
	return list
}

// exclusions are the hyphens that may be read as without: those behind no word.
// The database fails where too many stand in a row.
var exclusions = regexp.MustCompile(`(^|[^\pL\pN])-`)

// referenceID is the id that a reference in a path or filter names: an id,
// code or slug, or key:namespace:name.
func referenceID(kind claims.Kind, ref string) (string, error) {
	if key, ok := strings.CutPrefix(ref, "key:"); ok {
		if !kind.Keyed() {
			return "", fmt.Errorf("a %s has no key", kind)
		}
		if err := checkGivenKey(key); err != nil {
			return "", err
		}
		return claims.ID(key), nil
	}
	return ref, claims.CheckID(kind, ref)
}

func checkGivenKey(key string) error {
	_, err := claims.ParseKey(key)
	return err
}

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
