package store

import (
	"slices"

	"onrecord/internal/claims"
)

// A dimension says which values of a filter a record has: those by which the
// filter selects it, so that a count by them is the count of a list. It stands
// in the filter's declaration.
type dimension struct {
	name   string // if it isn't the filter's
	value  string // the only value: an expression over the record t
	values string // or a query for several, as v; repeated ones do no harm
	unit   string // both are over u, one of the record's rows of this relation
	empty  bool   // a record may have none: the filter takes the value none
	below  string // where a value stands for others too: the values that those given stand for
	roles  bool   // other filters read its values, so it is counted by each on its own
}

func only(value string) *dimension     { return &dimension{value: value} }
func optional(value string) *dimension { return &dimension{value: value, empty: true} }
func several(values string) *dimension { return &dimension{values: values, empty: true} }

// single reports whether what is counted has at most one value.
func (d *dimension) single(unit string) bool {
	return d.value != "" && (d.unit == "" || d.unit == unit)
}

// query gives all values of what is counted.
func (d *dimension) query(unit string) string {
	switch {
	case d.unit == "" || d.unit == unit:
		return d.values
	case d.value != "":
		return "SELECT " + d.value + " AS v FROM " + units[d.unit] + " WHERE u.statement = t.id"
	}
	return "SELECT x.v FROM " + units[d.unit] + " CROSS JOIN LATERAL (" + d.values + ") x WHERE u.statement = t.id"
}

// holds is the condition that one of the values is among those of the filter.
func (d *dimension) holds() string {
	if d.value != "" {
		return "(" + d.value + ") = ANY(?)"
	}
	return "EXISTS (SELECT FROM (" + d.values + ") x WHERE x.v = ANY(?))"
}

// absent is the condition that there is no value.
func (d *dimension) absent(unit string) string {
	if d.single(unit) {
		return "(" + d.value + ") IS NULL"
	}
	return "NOT EXISTS (SELECT FROM (" + d.query(unit) + ") x WHERE x.v IS NOT NULL)"
}

// units are the relations whose rows belong to a statement and can be counted.
var units = map[string]string{
	"reports":   "({reports} u LEFT JOIN {articles} ua ON ua.id = u.article LEFT JOIN {sources} us ON us.id = ua.source)",
	"positions": "{positions} u",
}

// A measure is what is counted: the first of a kind are its records.
type measure struct {
	name string
	unit string   // the relation that it is counted in; "" is the records themselves
	key  string   // what tells one from another
	one  []string // dimensions of which each has at most one value; nil: those of its unit
}

// measures are what can be counted of the kinds that have counts.
var measures = map[claims.Kind][]measure{
	claims.KindStatement: {
		{name: "statements", key: "t.id"},
		{name: "occasions", key: "coalesce(t.occasion, t.id)", one: []string{"occasion"}},
		{name: "reports", unit: "reports", key: "u.id"},
		{name: "articles", unit: "reports", key: "u.article", one: []string{"article", "source", "outlet_country"}},
		{name: "claims", unit: "positions", key: "u.claim", one: []string{"claim"}},
	},
	claims.KindEvent: {{name: "events", key: "t.id"}},
	claims.KindClaim: {{name: "claims", key: "t.id"}},
}

// Measures lists what can be counted of a kind, the default first.
func Measures(kind claims.Kind) []string {
	names := make([]string, len(measures[kind]))
	for i, m := range measures[kind] {
		names[i] = m.name
	}
	return names
}

// sum reports whether counts of parts that share no record add up to that of
// the whole.
func (m *measure) sum() bool { return m.one == nil }

// dimensionName is the filter's name as a dimension.
func (f *filter) dimensionName() string {
	if f.by.name != "" {
		return f.by.name
	}
	return f.name
}

// Dimensions lists what records of a kind can be counted by, in the order in
// which the filters are declared; nil where there are no counts.
func Dimensions(kind claims.Kind) []string {
	if measures[kind] == nil {
		return nil
	}
	var list []string
	for i := range resources[kind].filters {
		if f := &resources[kind].filters[i]; f.by != nil {
			list = append(list, f.dimensionName())
		}
	}
	return list
}

// CountParameters lists the query parameters that a kind's counts understand,
// FacetParameters those of its facets; complements (not_…) left out.
func CountParameters(kind claims.Kind) []string {
	list := append(choosing(kind), "by", "top", "as_of", "format", "excel")
	if len(measures[kind]) > 1 {
		list = append(list, "measure")
	}
	if _, ok := windows[kind]; ok {
		list = append(list, "bucket", "fill")
	}
	if kind == claims.KindEvent {
		list = append(list, "figures")
	}
	slices.Sort(list)
	return list
}

// FacetParameters is as CountParameters says.
func FacetParameters(kind claims.Kind) []string {
	list := append(choosing(kind), "by", "own", "top", "as_of", "format", "excel")
	if len(measures[kind]) > 1 {
		list = append(list, "measure")
	}
	slices.Sort(list)
	return list
}

// called are the fields that name records where they are a dimension's values.
var called = map[claims.Kind]string{
	claims.KindSpeaker: "name", claims.KindSource: "name", claims.KindCountry: "name", claims.KindTopic: "name",
	claims.KindArticle: "title", claims.KindEvent: "title", claims.KindOffice: "title", claims.KindClaim: "text", claims.KindStatement: "text",
}
