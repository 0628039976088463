package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"onrecord/internal/claims"
)

// MaxLookup is how many rows a lookup has at most.
const MaxLookup = 20_000

// lookupTexts are what records are called where they are chosen from.
var lookupTexts = map[claims.Kind]string{
	claims.KindCountry: "t.name", claims.KindTopic: "t.name", claims.KindSource: "t.name", claims.KindSpeaker: "t.name",
	claims.KindOffice:  "coalesce(t.title || ' (' || c.name || ')', t.title)",
	claims.KindArticle: "t.title", claims.KindEvent: "t.title", claims.KindClaim: "left(t.text, 200)", claims.KindStatement: "left(t.text, 200)",
}

// Lookups lists what can be looked up: collections, then vocabularies.
func Lookups() []string {
	var list []string
	for _, kind := range claims.Kinds {
		if lookupTexts[kind] != "" {
			list = append(list, resources[kind].path)
		}
	}
	for _, v := range claims.Vocabularies {
		list = append(list, v.Plural())
	}
	return list
}

// A Lookup is a question for rows to choose from, made by ParseLookup.
type Lookup struct {
	query Query
	rows  []LookupRow // of a vocabulary
}

// A LookupRow is one of them, as Grafana's variables want it.
type LookupRow struct {
	Text  string `json:"__text"`
	Value string `json:"__value"`
}

// ParseLookup reads the query parameters of a lookup: q, limit, sort and the
// filters of the collection. Errors: NotFound, and Invalid with the parameter's
// name as pointer.
func ParseLookup(name string, given map[string][]string) (Lookup, error) {
	for _, kind := range claims.Kinds {
		if lookupTexts[kind] != "" && resources[kind].path == name {
			return parseLookup(kind, given)
		}
	}
	for _, v := range claims.Vocabularies {
		if v.Plural() == name {
			return parseTerms(v, given)
		}
	}
	return Lookup{}, failure(NotFound, "there are lookups of "+strings.Join(Lookups(), ", "))
}

func parseLookup(kind claims.Kind, given map[string][]string) (Lookup, error) {
	p := &parameters{resource: resources[kind], given: given, used: map[string]bool{}}
	q := Query{resource: p.resource}
	named := slices.Contains(claims.Named, kind)
	if named { // what is typed is the beginning of a name, not its words
		p.given = maps.Clone(given)
		delete(p.given, "q")
	}
	p.filter(&q)
	if p.given = given; named {
		if text := p.single("q"); text != "" {
			q.where = append(q.where, p.called(text))
			q.valued = true
		}
	}
	p.sort(&q)
	_, q.Limited = given["limit"]
	q.limit = p.number("limit", MaxLookup, 1, MaxLookup)
	q.asOf = p.asOf()
	if named && len(given["q"]) > 0 && !q.asOf.IsZero() {
		p.refuse("as_of", "derived", "does not go with q, which finds names of the present only")
	}
	p.unknownParameters()
	if len(p.problems) > 0 {
		return Lookup{}, &Error{Code: Invalid, Detail: "a parameter is not valid", Problems: p.problems}
	}
	narrow := *q.resource
	if kind != claims.KindOffice { // whose text names the country
		narrow.joins = ""
	}
	narrow.fields = []field{{name: "__text", sql: lookupTexts[kind]}, {name: "__value", sql: "t.id::text"}}
	q.resource = &narrow
	return Lookup{query: q}, nil
}

// called is the condition of records with a name of which a word begins so, or
// that is like it.
func (p *parameters) called(text string) condition {
	var c claims.Check
	if c.Asked("q", text); len(c.Problems) > 0 {
		p.refuse("q", c.Problems[0].Code, c.Problems[0].Detail)
		return condition{}
	}
	r := p.resource
	s := claims.Spell(text)
	return condition{fmt.Sprintf(`t.id IN (SELECT s.denotes::%s FROM spellings s WHERE s.denotes_kind = '%s'
		AND (starts_with(s.folded, ?) OR strpos(s.folded, ?) > 0 OR s.ways && ?::int[]))`, r.idType(), r.kind), []any{s.Folded, " " + s.Folded, s.Alike()}}
}

// parseTerms reads the parameters of a vocabulary's lookup.
func parseTerms(v *claims.Vocabulary, given map[string][]string) (Lookup, error) {
	p := &parameters{given: given, used: map[string]bool{}}
	limit, text := p.number("limit", MaxLookup, 1, MaxLookup), strings.ToLower(p.single("q"))
	p.unknownParameters()
	if len(p.problems) > 0 {
		return Lookup{}, &Error{Code: Invalid, Detail: "a parameter is not valid", Problems: p.problems}
	}
	rows := []LookupRow{}
	for _, value := range v.Values() {
		if words := strings.ReplaceAll(value, "_", " "); strings.Contains(strings.ToLower(words), text) && len(rows) < limit {
			rows = append(rows, LookupRow{words, value})
		}
	}
	return Lookup{rows: rows}, nil
}

// Derived reports whether a filter reads what is derived. No order does.
func (l *Lookup) Derived() bool { return l.query.Derived }

// Terms are the rows of a vocabulary, nil where records are looked up.
func (l *Lookup) Terms() []LookupRow { return l.rows }

// Rows answers a lookup of records: a JSON array, and the seq at which it was
// so. What does not fit is refused unless a limit is given, so that nothing is
// missing unseen. Errors: Invalid.
func (s *Store) Rows(ctx context.Context, l Lookup) (Page, error) {
	page, err := s.List(ctx, l.query)
	if err == nil && page.Next != "" && !l.query.Limited {
		return page, &Error{Code: Invalid, Detail: "a parameter is not valid", Problems: []claims.Problem{{Pointer: "limit", Code: "too_many",
			Detail: fmt.Sprintf("is missing, and there are more than %d rows: give one, or narrow by q or a filter", MaxLookup)}}}
	}
	return page, err
}
