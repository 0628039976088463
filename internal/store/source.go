package store

import "onrecord/internal/claims"

var sources = &resource{
	kind:    claims.KindSource,
	path:    "sources",
	columns: columns("name kind country>country domain languages owner>source identified"),
	joins:   "LEFT JOIN {sources} o ON o.id = t.owner",
	fields: append(shown("name kind country domain"), field{name: "languages", sql: "coalesce(t.languages, '{}')"},
		field{name: "owner"}, label("owner_name", "o.name"), field{name: "identified"}),
	filters: []filter{
		searched(claims.KindSource, "words of its name or domain"),
		{name: "name", kind: words, sql: "t.name = ANY(?)", doc: "name, exactly"},
		{name: "kind", kind: terms, terms: claims.SourceKinds, sql: "t.kind = ANY(?)", doc: "sort of outlet"},
		{name: "country", kind: references, refs: claims.KindCountry, sql: "t.country = ANY(?)", doc: "the outlet's country"},
		{name: "domain", kind: words, sql: "t.domain = ANY(?)", doc: "host name"},
		{name: "language", kind: words, sql: "t.languages && ?::text[]", doc: "BCP 47 tag of a language that it publishes in, exactly"},
		{name: "owner", kind: references, refs: claims.KindSource, sql: "t.owner = ANY(?)", doc: "who owns it"},
		{name: "identified", kind: choices, choices: []string{"true", "false"}, sql: "true => t.identified; false => NOT t.identified", doc: "whether it is known which outlet it is"},
	},
	sorts:   []ordering{{name: "name", keys: []sortKey{{"t.name", "text"}}}},
	include: []relation{{name: "country", kind: claims.KindCountry, from: "country"}, {name: "owner", kind: claims.KindSource, from: "owner"}},
	trees:   []string{"owner"},
}
