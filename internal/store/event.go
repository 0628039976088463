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
	},
	sorts: []ordering{{name: "occurred", keys: []sortKey{{"t.occurred_from", "date"}, {"t.occurred_days", "int"}}, date: "t.occurred_from"}},
	include: []relation{{name: "country", kind: claims.KindCountry, from: "country"}, {name: "part_of", kind: claims.KindEvent, from: "part_of"},
		{name: "mentions", kind: claims.KindMention, to: "event"}, {name: "statements", kind: claims.KindStatement, to: "occasion"}},
	trees: []string{"part_of"},
}

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
	},
	include: []relation{{name: "article", kind: claims.KindArticle, from: "article"}, {name: "event", kind: claims.KindEvent, from: "event"}, {name: "statement", kind: claims.KindStatement, from: "statement"}},
}
