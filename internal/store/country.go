package store

import "onrecord/internal/claims"

// aliasColumns are those of a part that gives another name.
const aliasColumns = "name kind language valid"

var countries = &resource{
	kind:    claims.KindCountry,
	path:    "countries",
	columns: columns("name official_name alpha3 numeric region subregion capital latitude longitude status valid valid_from valid_to"),
	parts:   []part{{table: "country_aliases", field: "aliases", columns: columns(aliasColumns), hidden: columns("valid_from valid_to")}},
	fields:  shown("name official_name alpha3 numeric region subregion capital latitude longitude status valid"),
	filters: []filter{
		searched(claims.KindCountry, "words of its name or an alias"),
		{name: "name", kind: words, sql: "(t.name = ANY(?) OR EXISTS (SELECT FROM {@country_aliases a} AND a.name = ANY(?)))", doc: "a name or alias, exactly"},
		{name: "alpha3", kind: words, sql: "t.alpha3 = ANY(?)", doc: "ISO 3166-1 alpha-3 code"},
		{name: "region", kind: words, sql: "t.region = ANY(?)", doc: "region, by name"},
		{name: "subregion", kind: words, sql: "t.subregion = ANY(?)", doc: "subregion, by name"},
		{name: "status", kind: terms, terms: claims.CountryStatuses, sql: "t.status = ANY(?)", doc: "standing as a state"},
	},
	sorts: []ordering{{name: "name", keys: []sortKey{{"t.name", "text"}}}},
}
