package store

import "onrecord/internal/claims"

var events = &resource{
	kind:    claims.KindEvent,
	path:    "events",
	columns: columns("kind title description occurred occurred_from occurred_to occurred_days occurred_qualified country>country part_of>event ordinal"),
	parts: []part{
		{table: "event_codes", field: "codes", columns: columns("scheme code")},
		{table: "event_topics", field: "topics", columns: columns("topic>topic"), scalar: true},
		{table: "event_places", field: "places", columns: columns("name latitude longitude precision")},
		{table: "event_participants", field: "participants", columns: columns("role country>country speaker>speaker given_by_article>article given_by_statement>statement")},
		{table: "event_figures", field: "figures", columns: columns("metric unit of civilian as_given low high approximate given_by_article>article given_by_statement>statement as_of")},
	},
	joins: "LEFT JOIN {countries} c ON c.id = t.country LEFT JOIN {events} whole ON whole.id = t.part_of",
	fields: []field{{name: "kind"}, {name: "title"}, {name: "description"}, {name: "occurred"},
		label("occurred_from", "CASE WHEN t.occurred_days > 0 THEN t.occurred_from END"), label("occurred_to", "CASE WHEN t.occurred_days > 0 THEN t.occurred_to END"),
		label("date_match", matchToken), {name: "country"}, label("country_name", "c.name"), {name: "part_of"}, label("part_of_title", "whole.title"), {name: "ordinal"}},
	filters: []filter{
		searched(claims.KindEvent, "words of its title, its description or the names of its places"),
		{name: "kind", kind: terms, terms: claims.EventKinds, groups: eventGroups, sql: "t.kind = ANY(?)", by: only("t.kind"), doc: "kind of event, or a group of kinds"},
		{name: "country", kind: references, refs: claims.KindCountry, sql: "t.country = ANY(?)", by: optional("t.country"), doc: "where it happened"},
		{name: "part_of", kind: references, refs: claims.KindEvent, sql: "t.part_of = ANY(?)", by: optional("t.part_of"), doc: "the event it is part of"},
		{name: "participant_role", kind: terms, terms: claims.ParticipantRoles, standard: anyValue, inert: true,
			sql: "EXISTS (SELECT FROM {@event_participants p} AND p.role = ANY(?))", by: &dimension{values: "SELECT p.role AS v FROM {@event_participants p}", empty: true, roles: true}, doc: "role of a participant, for participant and participant_country too"},
		{name: "participant", kind: references, refs: claims.KindSpeaker, by: several("SELECT p.speaker AS v FROM {@event_participants p} AND p.role = ANY(:participant_role)"), doc: "a speaker who had a part",
			sql: "EXISTS (SELECT FROM {@event_participants p} AND p.speaker = ANY(?) AND p.role = ANY(:participant_role))"},
		{name: "participant_country", kind: references, refs: claims.KindCountry, by: several(participating), doc: "a country that had a part: itself, its government or its state bodies",
			sql: "EXISTS (SELECT FROM {@event_participants p} AND p.role = ANY(:participant_role) AND (p.country = ANY(?) OR p.speaker IN (SELECT s.id FROM {speakers} s WHERE s.country = ANY(?) AND s.kind IN " + stateBodies + ")))"},
		{name: "between", kind: references, refs: claims.KindCountry, least: 2, doc: "two of these countries at least had a part, or it happened there",
			sql: "(SELECT count(DISTINCT x.v) FROM (SELECT t.country AS v UNION ALL " + participating + ") x WHERE x.v = ANY(?)) > 1"},
		{name: "topic", kind: references, refs: claims.KindTopic, sql: "EXISTS (SELECT FROM {@event_topics p} AND p.topic IN " + underTopic + ")", by: &dimension{values: "SELECT x.v FROM (SELECT * FROM {@event_topics p}) p JOIN " + topicsAbove + " x ON x.id = p.topic", empty: true, below: underTopic}, doc: "a topic or any below it"},
		{name: "metric", kind: terms, terms: claims.Metrics, sql: "EXISTS (SELECT FROM {@event_figures p} AND p.metric = ANY(?))", by: several("SELECT p.metric AS v FROM {@event_figures p}"), doc: "has a figure of this metric"},
		{name: "article", kind: references, refs: claims.KindArticle, sql: "EXISTS (SELECT FROM {mentions} m WHERE m.event = t.id AND m.article = ANY(?))", by: several("SELECT m.article AS v FROM {mentions} m WHERE m.event = t.id"), doc: "an article that mentions it"},
		{name: "source", kind: references, refs: claims.KindSource, sql: "EXISTS (SELECT FROM {mentions} m JOIN {articles} a ON a.id = m.article WHERE m.event = t.id AND a.source = ANY(?))",
			by: several("SELECT a.source AS v FROM {mentions} m JOIN {articles} a ON a.id = m.article WHERE m.event = t.id"), doc: "an outlet that mentions it"},
		{name: "background_of", kind: references, refs: claims.KindStatement, sql: "EXISTS (SELECT FROM {mentions} m WHERE m.event = t.id AND m.role = 'background' AND m.statement = ANY(?))",
			by: several("SELECT m.statement AS v FROM {mentions} m WHERE m.event = t.id AND m.role = 'background'"), doc: "a statement behind which an article puts it as background"},
		{name: "min_low", kind: amounts, most: 1e15, needs: "metric", doc: "the low bound of a figure of the metric is at least so much",
			sql: "EXISTS (SELECT FROM {@event_figures p} AND p.metric = ANY(:metric) AND p.low >= ANY(?::text[]::float8[]))"},
		yesNo("figures_disagree", disagreeing, "whether two accounts give figures of the same whose ranges don't meet", false),
		{name: "bbox", kind: areas, whole: true, sql: inBox, doc: "a place lies in this box"},
		{name: "radius_km", kind: amounts, most: halfEarth, aside: true, needs: "near", doc: "the radius of near, in kilometres"},
		{name: "near", kind: spots, whole: true, needs: "radius_km", sql: nearby, doc: "a place lies within the radius of this spot"},
	},
	sorts: []ordering{{name: "occurred", keys: []sortKey{{"t.occurred_from", "date"}, {"t.occurred_days", "int"}}, date: "t.occurred_from"}},
	include: []relation{{name: "country", kind: claims.KindCountry, from: "country"}, {name: "part_of", kind: claims.KindEvent, from: "part_of"},
		{name: "mentions", kind: claims.KindMention, to: "event"}, {name: "statements", kind: claims.KindStatement, to: "occasion"}},
	trees: []string{"part_of"},
}

// disagreeing holds of events of which two accounts give figures of the same
// thing that can't both be right. One that names no bound disagrees with none.
const disagreeing = `EXISTS (SELECT FROM {event_figures} p JOIN {event_figures} o ON o.event = p.event AND o.metric = p.metric AND p.high < o.low
	AND o.unit IS NOT DISTINCT FROM p.unit AND o.of IS NOT DISTINCT FROM p.of AND o.civilian IS NOT DISTINCT FROM p.civilian
	AND coalesce(o.given_by_article, o.given_by_statement) <> coalesce(p.given_by_article, p.given_by_statement)
	WHERE p.event = t.id)`

// participating are the countries that had a part.
const participating = "SELECT " + partyCountry + " AS v FROM {@event_participants p} AND p.role = ANY(:participant_role)"

// eventGroups are the kinds of events by field.
var eventGroups = map[string][]string{
	"communication": {"interview", "press_conference", "speech", "publication"},
	"diplomacy":     {"meeting", "talks", "mediation", "agreement", "ceasefire", "visit", "handover", "release", "recognition"},
	"violence":      {"attack", "airstrike", "shelling", "bombing", "clash", "incursion", "assassination", "capture"},
	"security":      {"raid", "arrest", "seizure", "deployment", "exercise", "withdrawal", "border_closure", "expulsion"},
	"politics":      {"election", "vote", "ruling", "appointment", "protest", "ceremony", "sanction", "trade_measure"},
}

var eventLinks = &resource{
	kind:    claims.KindEventLink,
	path:    "event-links",
	table:   "event_links",
	columns: columns("from>event to>event relation given_by_article>article given_by_statement>statement"),
	joins:   `JOIN {events} ef ON ef.id = t."from" JOIN {events} et ON et.id = t."to"`,
	fields: []field{{name: "from"}, label("from_title", "ef.title"), {name: "to"}, label("to_title", "et.title"), {name: "relation"},
		{name: "given_by_article"}, {name: "given_by_statement"}},
	filters: []filter{
		{name: "from", kind: references, refs: claims.KindEvent, sql: `t."from" = ANY(?)`, doc: "the first event"},
		{name: "to", kind: references, refs: claims.KindEvent, sql: `t."to" = ANY(?)`, doc: "the second event"},
		{name: "event", kind: references, refs: claims.KindEvent, sql: `(t."from" = ANY(?) OR t."to" = ANY(?))`, doc: "either event"},
		{name: "relation", kind: terms, terms: claims.EventRelations, sql: "t.relation = ANY(?)", doc: "how the first stands to the second"},
	},
	include: []relation{{name: "from", kind: claims.KindEvent, from: "from"}, {name: "to", kind: claims.KindEvent, from: "to"}},
}

var mentions = &resource{
	kind:    claims.KindMention,
	path:    "mentions",
	columns: columns("article>article event>event role statement>statement time_as_given locator"),
	joins:   "JOIN {articles} a ON a.id = t.article JOIN {events} e ON e.id = t.event",
	fields:  append([]field{{name: "article"}, label("article_title", "a.title"), {name: "event"}, label("event_title", "e.title")}, shown("role statement time_as_given locator")...),
	filters: []filter{
		{name: "article", kind: references, refs: claims.KindArticle, sql: "t.article = ANY(?)", doc: "the article"},
		{name: "event", kind: references, refs: claims.KindEvent, sql: "t.event = ANY(?)", doc: "the event"},
		{name: "role", kind: terms, terms: claims.MentionRoles, sql: "t.role = ANY(?)", doc: "what it is mentioned for"},
		{name: "statement", kind: references, refs: claims.KindStatement, sql: "t.statement = ANY(?)", doc: "the statement it stands behind"},
		{name: "source", kind: references, refs: claims.KindSource, sql: "t.article IN (SELECT x.id FROM {articles} x WHERE x.source = ANY(?))", doc: "the outlet that mentions it"},
	},
	include: []relation{{name: "article", kind: claims.KindArticle, from: "article"}, {name: "event", kind: claims.KindEvent, from: "event"}, {name: "statement", kind: claims.KindStatement, from: "statement"}},
}
