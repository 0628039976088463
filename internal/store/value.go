package store

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"onrecord/internal/claims"
	"onrecord/internal/edtf"
)

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
	amounts    valueKind = "amount"    // decimal numbers from 0
	moments    valueKind = "moment"    // points in time: their start, as a timestamptz
	bounds     valueKind = "bound"     // dates: the first day of what they name
	periods    valueKind = "period"    // dates: all that they can mean, as a daterange
	areas      valueKind = "area"      // west,south,east,north, together one value
	spots      valueKind = "spot"      // latitude,longitude, together one value
)

// anyValue switches a standard filter off; noValue selects the records that
// have no value of a dimension that may be empty.
const (
	anyValue = "any"
	noValue  = "none"
)

// check reads what a parameter was given and turns it into what SQL compares
// with: always a list of strings.
func (p *parameters) check(f *filter, name string, given []string) any {
	if len(given) == 0 {
		return nil
	}
	if f.least > 0 && len(slices.Compact(slices.Sorted(slices.Values(given)))) < f.least {
		p.refuse(name, "too_few", fmt.Sprintf("takes %d values at least, each another", f.least))
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
		if v, ok := p.value(f, name, v); ok {
			list = append(list, v...)
		}
	}
	return list
}

// value turns one value into what SQL compares with, several where it stands
// for several.
func (p *parameters) value(f *filter, name, v string) ([]string, bool) {
	refuse := func(code, detail string) ([]string, bool) {
		p.refuse(name, code, detail)
		return nil, false
	}
	switch f.kind {
	case references:
		id, err := referenceID(f.refs, v)
		if err != nil {
			return refuse("reference", err.Error())
		}
		return []string{id}, true
	case keys:
		if err := checkGivenKey(v); err != nil {
			return refuse("key", err.Error())
		}
		return []string{claims.ID(v)}, true
	case terms:
		if list := f.termsOf(v); list != nil {
			return list, true
		}
		return refuse("unknown_value", fmt.Sprintf("%q is none of %s", v, strings.Join(f.allowed(), ", ")))
	case choices:
		if !slices.Contains(f.choices, v) {
			return refuse("unknown_value", fmt.Sprintf("%q is none of %s", v, strings.Join(f.allowed(), ", ")))
		}
	case numbers:
		if n, err := strconv.Atoi(v); err != nil || n < 0 || n > maxNumber || v[0] == '+' {
			return refuse("range", fmt.Sprintf("is not a whole number from 0 to %d", maxNumber))
		}
	case amounts:
		if n, ok := decimal(v); !ok || n < 0 || n > f.most {
			return refuse("range", fmt.Sprintf("is not a decimal number from 0 to %.0f", f.most))
		}
	case moments:
		at, err := edtf.Moment(v)
		if err != nil {
			return refuse("time", "is neither an RFC 3339 time, epoch milliseconds nor a date with a start: "+err.Error())
		}
		return []string{at.Format(time.RFC3339Nano)}, true
	case bounds:
		window, err := edtf.Window(v, "")
		if err != nil {
			return refuse("date", err.Error())
		}
		return []string{window.From.String()}, true
	case periods:
		days, err := edtf.Period(v)
		if err != nil {
			return refuse("date", err.Error())
		}
		return []string{fmt.Sprintf("[%s,%s)", days.From, days.To)}, true
	case areas:
		return p.area(name, v)
	case spots:
		return p.spot(name, v)
	case search:
		if len(exclusions.FindAllString(v, -1)) > maxExclusions {
			return refuse("too_many", fmt.Sprintf("excludes more than %d words", maxExclusions))
		}
		fallthrough
	case datasets, words:
		if len(v) > 2000 || strings.ContainsRune(v, 0) {
			return refuse("text", "is too long or has a NUL character")
		}
	}
	return []string{v}, true
}

// termsOf are the terms that a value stands for: itself, or those of a group.
func (f *filter) termsOf(v string) []string {
	switch {
	case v == anyValue && f.standard != "":
		return f.terms.Values()
	case f.groups[v] != nil:
		return f.groups[v]
	case f.terms.Has(v) && !slices.Contains(f.except, v):
		return []string{v}
	}
	return nil
}

// allowed are the words that a filter of few takes.
func (f *filter) allowed() []string {
	list := slices.Clone(f.choices)
	if f.terms != nil {
		list = slices.DeleteFunc(f.terms.Values(), func(v string) bool { return slices.Contains(f.except, v) })
		list = append(list, slices.Sorted(maps.Keys(f.groups))...)
		if f.standard != "" {
			list = append(list, anyValue)
		}
	}
	if f.by != nil && f.by.empty {
		list = append(list, noValue)
	}
	return list
}

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

// exclusions are the hyphens that may be read as without: those behind no word.
// The database fails where too many stand in a row.
var exclusions = regexp.MustCompile(`(^|[^\pL\pN])-`)
