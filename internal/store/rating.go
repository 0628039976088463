package store

import "onrecord/internal/claims"

var ratings = &resource{
	kind:    claims.KindRating,
	path:    "ratings",
	columns: columns("source>source reliability rated_on rated_from rated_to rated_by reason"),
	joins:   "JOIN {sources} s ON s.id = t.source",
	fields:  append([]field{{name: "source"}, label("source_name", "s.name")}, shown("reliability rated_on rated_by reason")...),
	filters: []filter{
		{name: "source", kind: references, refs: claims.KindSource, sql: "t.source = ANY(?)", doc: "the source rated"},
		{name: "reliability", kind: terms, terms: claims.Reliabilities, sql: "t.reliability = ANY(?)", doc: "the rating"},
		{name: "rated_by", kind: words, sql: "t.rated_by = ANY(?)", doc: "who rated, exactly"},
		{name: "rated_on", kind: periods, sql: "daterange(t.rated_from, t.rated_to) && ANY(?::text[]::daterange[])", doc: "rated then, certainly or possibly"},
	},
	sorts:   []ordering{{name: "rated_on", keys: []sortKey{{"t.rated_from", "date"}}}},
	include: []relation{{name: "source", kind: claims.KindSource, from: "source"}},
}
