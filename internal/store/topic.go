package store

import "onrecord/internal/claims"

// underTopic holds for the topics given and all below them.
const underTopic = `(WITH RECURSIVE below(id) AS (SELECT unnest(?::text[]) UNION SELECT c.id FROM {topics} c JOIN below ON c.parent = below.id) SELECT id FROM below)`

// topicsAbove pairs each topic with itself and all above it.
const topicsAbove = `(WITH RECURSIVE above(id, v) AS (SELECT c.id, c.id FROM {topics} c UNION SELECT above.id, c.parent FROM above JOIN {topics} c ON c.id = above.v WHERE c.parent IS NOT NULL) SELECT id, v FROM above)`

var topics = &resource{
	kind:    claims.KindTopic,
	path:    "topics",
	columns: columns("name parent>topic"),
	fields:  shown("name parent"),
	filters: []filter{
		searched(claims.KindTopic, "words of its name"),
		{name: "name", kind: words, sql: "t.name = ANY(?)", doc: "name, exactly"},
		{name: "parent", kind: references, refs: claims.KindTopic, sql: "t.parent = ANY(?)", doc: "the topic directly above"},
		{name: "under", kind: references, refs: claims.KindTopic, sql: "t.id IN " + underTopic, doc: "these topics and all below them"},
	},
	sorts:   []ordering{{name: "name", keys: []sortKey{{"t.name", "text"}}}},
	include: []relation{{name: "parent", kind: claims.KindTopic, from: "parent"}},
	trees:   []string{"parent"},
}
