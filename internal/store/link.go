package store

import "onrecord/internal/claims"

var links = &resource{
	kind:    claims.KindLink,
	path:    "links",
	columns: columns("statement>statement to>statement relation"),
	fields:  shown("statement to relation"),
	filters: []filter{
		{name: "statement", kind: references, refs: claims.KindStatement, sql: "t.statement = ANY(?)", doc: "the later statement"},
		{name: "to", kind: references, refs: claims.KindStatement, sql: `t."to" = ANY(?)`, doc: "the statement it looks back on"},
		{name: "relation", kind: terms, terms: claims.StatementRelations, sql: "t.relation = ANY(?)", doc: "how it stands to the other"},
	},
	include: []relation{{name: "statement", kind: claims.KindStatement, from: "statement"}, {name: "to", kind: claims.KindStatement, from: "to"}},
}
