package store

import (
	"slices"

	"onrecord/internal/claims"
)

var reports = &resource{
	kind:    claims.KindReport,
	path:    "reports",
	columns: columns("statement>statement article>article match match_note credibility credibility_by credibility_on credibility_reason"),
	parts: []part{
		{table: "report_cites", field: "cites", columns: columns("source>source article>article words")},
		{table: "renderings", field: "renderings", columns: slices.Concat(columns("part text form attribution attribution_verb hedge content_hedge condition"),
			[]column{{name: "names_as_given", sql: "coalesce(p.names_as_given, '[]')"}}, columns("time_as_given locator translated"))},
	},
	joins: "JOIN {articles} a ON a.id = t.article JOIN {sources} s ON s.id = a.source",
	fields: append([]field{{name: "statement"}, {name: "article"}, label("article_title", "a.title"), label("published_on", "a.published_on"), label("source_name", "s.name")},
		shown("match match_note credibility credibility_by credibility_on credibility_reason")...),
	filters: []filter{
		{name: "statement", kind: references, refs: claims.KindStatement, sql: "t.statement = ANY(?)", doc: "the statement reported"},
		{name: "article", kind: references, refs: claims.KindArticle, sql: "t.article = ANY(?)", doc: "the article that reports it"},
		{name: "source", kind: references, refs: claims.KindSource, sql: "t.article IN (SELECT x.id FROM {articles} x WHERE x.source = ANY(?))", doc: "the outlet that reports it"},
		{name: "match", kind: terms, terms: claims.Matches, sql: "t.match = ANY(?)", doc: "whether the article itself says which act of speech it is"},
		{name: "form", kind: terms, terms: claims.RenderingForms, sql: "EXISTS (SELECT FROM {@renderings p} AND p.form = ANY(?))", doc: "a rendering has this form"},
		{name: "part", kind: terms, terms: claims.RenderingParts, sql: "EXISTS (SELECT FROM {@renderings p} AND p.part = ANY(?))", doc: "a rendering stands in this part of the article"},
		{name: "cites", kind: references, refs: claims.KindSource, sql: "EXISTS (SELECT FROM {@report_cites p} AND p.source = ANY(?))", doc: "a source it cites"},
		{name: "speaker", kind: references, refs: claims.KindSpeaker, sql: "t.statement IN (SELECT x.id FROM {statements} x WHERE x.speaker = ANY(?))", doc: "who said what it reports"},
		{name: "outlet_country", kind: references, refs: claims.KindCountry, sql: "t.article IN (SELECT x.id FROM {articles} x JOIN {sources} o ON o.id = x.source WHERE o.country = ANY(?))", doc: "the country of the outlet that reports it"},
		{name: "attribution", kind: terms, terms: claims.Attributions, sql: "EXISTS (SELECT FROM {@renderings p} AND p.attribution = ANY(?))", doc: "how a rendering says who speaks"},
		{name: "attribution_verb", kind: words, sql: "EXISTS (SELECT FROM {@renderings p} AND p.attribution_verb = ANY(?))", doc: "the verb of a rendering, exactly"},
		yesNo("hedged", "EXISTS (SELECT FROM {@renderings p} AND (p.hedge IS NOT NULL OR p.content_hedge IS NOT NULL))", "whether a rendering hedges, on the saying or on what is said", false),
		yesNo("conditional", "EXISTS (SELECT FROM {@renderings p} AND p.condition IS NOT NULL)", "whether a rendering gives a condition", false),
		{name: "credibility", kind: choices, choices: []string{"1", "2", "3", "4", "5", "6"}, doc: "rating that it was said so",
			sql: "1 => t.credibility = 1; 2 => t.credibility = 2; 3 => t.credibility = 3; 4 => t.credibility = 4; 5 => t.credibility = 5; 6 => t.credibility = 6"},
	},
	include: []relation{
		{name: "statement", kind: claims.KindStatement, from: "statement"}, {name: "article", kind: claims.KindArticle, from: "article"},
	},
}
