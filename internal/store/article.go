package store

import "onrecord/internal/claims"

var articles = &resource{
	kind: claims.KindArticle,
	path: "articles",
	columns: columns("source>source title url archive_url published_on published_from published_to published_days published_qualified published_at language section dateline author label " +
		"syndicated_from>article seen_via>article content_hash retrieved_at"),
	joins: "JOIN {sources} s ON s.id = t.source",
	fields: append([]field{{name: "source"}, label("source_name", "s.name")},
		append(shown("title url archive_url published_on published_at language section dateline author label syndicated_from seen_via content_hash retrieved_at"),
			label("date_match", matchToken))...),
	filters: []filter{
		searched(claims.KindArticle, "words of its title, section, dateline, author or label"),
		{name: "source", kind: references, refs: claims.KindSource, sql: "t.source = ANY(?)", doc: "the outlet"},
		{name: "url", kind: words, sql: "t.url = ANY(?)", doc: "URL, exactly"},
		{name: "language", kind: words, sql: "t.language = ANY(?)", doc: "BCP 47 tag, exactly"},
		{name: "syndicated_from", kind: references, refs: claims.KindArticle, sql: "t.syndicated_from = ANY(?)", doc: "the article taken over"},
		{name: "seen_via", kind: references, refs: claims.KindArticle, sql: "t.seen_via = ANY(?)", doc: "the article through which alone it is known"},
		{name: "label", kind: words, sql: "t.label = ANY(?)", doc: "printed label, exactly"},
		{name: "section", kind: words, sql: "t.section = ANY(?)", doc: "section of the outlet, exactly"},
		{name: "author", kind: words, sql: "t.author = ANY(?)", doc: "author as printed, exactly"},
		{name: "outlet_country", kind: references, refs: claims.KindCountry, sql: "t.source IN (SELECT x.id FROM {sources} x WHERE x.country = ANY(?))", doc: "the outlet's country"},
		{name: "statement", kind: references, refs: claims.KindStatement, sql: "EXISTS (SELECT FROM {reports} p WHERE p.article = t.id AND p.statement = ANY(?))", doc: "a statement that it carries"},
		{name: "event", kind: references, refs: claims.KindEvent, sql: "EXISTS (SELECT FROM {mentions} m WHERE m.article = t.id AND m.event = ANY(?))", doc: "an event that it mentions"},
	},
	sorts: []ordering{{name: "published_on", keys: []sortKey{{"t.published_from", "date"}}, date: "t.published_from"}},
	include: []relation{
		{name: "source", kind: claims.KindSource, from: "source"}, {name: "reports", kind: claims.KindReport, to: "article"},
		{name: "syndicated_from", kind: claims.KindArticle, from: "syndicated_from"}, {name: "seen_via", kind: claims.KindArticle, from: "seen_via"},
	},
	trees: []string{"syndicated_from", "seen_via"},
}
