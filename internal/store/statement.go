package store

import (
	"strings"

	"onrecord/internal/claims"
)

// sayingDate is what targets and topics carry of their statement, to be walked in
// its order.
const sayingDate = "said_from said_days"

var statements = &resource{
	kind: claims.KindStatement,
	path: "statements",
	columns: columns("speaker>speaker on_behalf_of>country kind voice text text_from>article language spoken_language " +
		"said_on said_from said_to said_days said_qualified recurrence medium occasion>event " +
		"condition_text condition_sense condition_outcome condition_event>event condition_statement>statement condition_given_by>article within>statement"),
	parts: []part{
		{table: "statement_targets", field: "targets", columns: columns("role country>country speaker>speaker event>event"), carried: columns(sayingDate)},
		{table: "statement_topics", field: "topics", columns: columns("topic>topic"), carried: columns(sayingDate), scalar: true},
	},
	owned: []owned{{claims.KindReport, "statement"}, {claims.KindPosition, "statement"}, {claims.KindLink, "statement"}},
	joins: "JOIN {speakers} sp ON sp.id = t.speaker LEFT JOIN {countries} ob ON ob.id = t.on_behalf_of LEFT JOIN {events} oc ON oc.id = t.occasion LEFT JOIN statement_facts f ON f.statement = t.id AND {now}",
	fields: []field{
		{name: "speaker"}, label("speaker_name", "sp.name"),
		{name: "on_behalf_of"}, label("on_behalf_of_name", "ob.name"),
		{name: "kind"}, {name: "voice"}, {name: "text"}, {name: "text_from"}, label("composed", "t.text_from IS NULL"),
		{name: "language"}, {name: "spoken_language"},
		{name: "said_on"}, label("said_from", "CASE WHEN t.said_days > 0 THEN t.said_from END"), label("said_to", "CASE WHEN t.said_days > 0 THEN t.said_to END"),
		label("date_match", matchToken),
		{name: "recurrence"}, {name: "occasion"}, label("occasion_title", "oc.title"), {name: "medium"}, label("medium_of", "f.medium"),
		{name: "condition", sql: "CASE WHEN t.condition_text IS NOT NULL THEN ROW(t.condition_text, t.condition_sense, t.condition_outcome, t.condition_event, t.condition_statement, t.condition_given_by) END",
			members: strings.Fields("text sense outcome outcome_event outcome_statement given_by")},
		{name: "within"}, label("second_hand", "t.within IS NOT NULL"),
		{name: "office_on_the_day", sql: officeOnTheDay, members: strings.Fields("office title capacity certainty"), label: true},
		label("report_count", "f.report_count"), label("publishers_low", "f.publishers_low"), label("publishers_high", "f.publishers_high"),
		label("origins_low", "f.origins_low"), label("origins_high", "f.origins_high"), label("first_carried_on", "f.first_carried_on"),
		label("said_bound", "CASE WHEN t.said_on IS NULL THEN '[..' || f.carried_by || ']' END"),
		label("min_reliability", "f.min_reliability"), label("max_reliability", "f.max_reliability"), label("denied_by_others", "f.denied_by_others"),
		labels("target_names", `ARRAY(SELECT coalesce((SELECT c.name FROM {countries} c WHERE c.id = p.country), (SELECT s.name FROM {speakers} s WHERE s.id = p.speaker),
			(SELECT e.title FROM {events} e WHERE e.id = p.event)) FROM {@statement_targets p} ORDER BY p.n)`),
	},
	filters: []filter{
		searched(claims.KindStatement, "words of it or of a rendering"),
		{name: "speaker", kind: references, refs: claims.KindSpeaker, sql: "t.speaker = ANY(?)", by: only("t.speaker"), doc: "who said it"},
		{name: "speaker_kind", kind: terms, terms: claims.SpeakerKinds, sql: "t.speaker IN (SELECT s.id FROM {speakers} s WHERE s.kind = ANY(?))", by: only(speakerKind), doc: "sort of speaker"},
		{name: "speaker_nationality", kind: references, refs: claims.KindCountry, sql: "t.speaker IN (SELECT s.id FROM {speakers} s WHERE s.nationality = ANY(?))", by: optional(speakerNationality), doc: "nationality of the person who said it"},
		{name: "part_of", kind: references, refs: claims.KindSpeaker, sql: "t.speaker IN " + withinSpeaker, by: &dimension{values: "SELECT x.v FROM " + wholes + " x WHERE x.id = t.speaker", below: withinSpeaker, cell: "speaker", above: wholes}, doc: "said by these speakers or any part of them"},
		{name: "office", kind: references, refs: claims.KindOffice, doc: "the office held on the day, certainly or likely", sql: holding,
			walks: []walk{{"", "(SELECT DISTINCT n.speaker FROM {tenures} n WHERE n.office = ANY(?)) v(v)", "t.speaker = v.v AND " + holding}},
			by:    several("SELECT n.office AS v FROM {tenures} n WHERE " + inOffice)},
		{name: "on_behalf_of", kind: references, refs: claims.KindCountry, sql: "t.on_behalf_of = ANY(?)", by: optional("t.on_behalf_of"), doc: "the country spoken for"},
		{name: "target_role", kind: terms, terms: claims.TargetRoles, standard: "object,addressee", inert: true,
			sql: "EXISTS (SELECT FROM {@statement_targets p} AND p.role = ANY(?))", by: &dimension{values: "SELECT p.role AS v FROM {@statement_targets p}", empty: true, roles: true}, doc: "role in which a target counts, for target and target_country too"},
		{name: "target", kind: references, refs: claims.KindSpeaker, by: several("SELECT p.speaker AS v FROM {@statement_targets p} AND p.role = ANY(:target_role)"), doc: "a speaker targeted",
			sql:   "EXISTS (SELECT FROM {@statement_targets p} AND p.speaker = ANY(?) AND p.role = ANY(:target_role))",
			walks: []walk{{"statement_targets", "unnest(?::uuid[]) v(v)", "w.speaker = v.v AND w.role = ANY(:target_role)"}}},
		{name: "target_exact", kind: choices, choices: []string{"true", "false"}, aside: true, doc: "true: target_country and between mean the country itself alone, not its government and state bodies"},
		{name: "target_country", kind: references, refs: claims.KindCountry, by: &dimension{values: "SELECT CASE WHEN p.country IS NOT NULL OR " + withBodies + " THEN " + partyCountry + " END AS v FROM {@statement_targets p} AND p.role = ANY(:target_role)", empty: true, cell: "target_countries"}, doc: "a country targeted: itself, its government or its state bodies",
			sql: "EXISTS (SELECT FROM {@statement_targets p} AND p.role = ANY(:target_role) AND (p.country = ANY(?) OR " + withBodies + " AND p.speaker IN (SELECT s.id FROM {speakers} s WHERE s.country = ANY(?) AND s.kind IN " + stateBodies + ")))",
			walks: []walk{{"statement_targets", "unnest(?::text[]) v(v)", "w.country = v.v AND w.role = ANY(:target_role)"},
				{"statement_targets", "(SELECT s.id FROM {speakers} s WHERE s.country = ANY(?) AND s.kind IN " + stateBodies + " AND " + withBodies + ") v(v)", "w.speaker = v.v AND w.role = ANY(:target_role)"}}},
		{name: "target_event", kind: references, refs: claims.KindEvent, by: several("SELECT p.event AS v FROM {@statement_targets p} AND p.role = ANY(:target_role)"), doc: "an event targeted",
			sql:   "EXISTS (SELECT FROM {@statement_targets p} AND p.event = ANY(?) AND p.role = ANY(:target_role))",
			walks: []walk{{"statement_targets", "unnest(?::uuid[]) v(v)", "w.event = v.v AND w.role = ANY(:target_role)"}}},
		{name: "between", kind: references, refs: claims.KindCountry, least: 2, doc: "on behalf of one of these countries and against another of them",
			sql: "t.on_behalf_of = ANY(?) AND EXISTS (SELECT FROM {@statement_targets p} AND p.role = ANY(:target_role) AND (p.country = ANY(?) AND p.country <> t.on_behalf_of OR " + withBodies + " AND p.speaker IN (SELECT s.id FROM {speakers} s WHERE s.country = ANY(?) AND s.country <> t.on_behalf_of AND s.kind IN " + stateBodies + ")))"},
		{name: "occasion", kind: references, refs: claims.KindEvent, sql: "t.occasion = ANY(?)", by: optional("t.occasion"), doc: "the event at which it was said"},
		{name: "claim", kind: references, refs: claims.KindClaim, by: &dimension{value: "u.claim", unit: "positions", empty: true, cell: "claims"}, doc: "a claim that it takes a position on",
			sql: "EXISTS (SELECT FROM {positions} p WHERE p.statement = t.id AND p.claim = ANY(?))"},
		{name: "stance", kind: terms, terms: claims.Stances, sql: "EXISTS (SELECT FROM {positions} p WHERE p.statement = t.id AND p.stance = ANY(?))", by: &dimension{value: "u.stance", unit: "positions", empty: true, cell: "stances"}, doc: "its position on a claim"},
		{name: "kind", kind: terms, terms: claims.StatementKinds, sql: "t.kind = ANY(?)", groups: statementGroups, by: only("t.kind"), doc: "kind of act, or a group of kinds"},
		{name: "topic", kind: references, refs: claims.KindTopic, by: &dimension{values: "SELECT x.v FROM (SELECT * FROM {@statement_topics p}) p JOIN " + topicsAbove + " x ON x.id = p.topic", empty: true, below: underTopic, cell: "topics", above: topicsAbove}, doc: "a topic or any below it",
			sql:   "EXISTS (SELECT FROM {@statement_topics p} AND p.topic IN " + underTopic + ")",
			walks: []walk{{"statement_topics", underTopic + " v(v)", "w.topic = v.v"}}},
		{name: "medium", kind: terms, terms: claims.Media, derived: true, sql: "EXISTS (SELECT FROM statement_facts f WHERE f.statement = t.id AND f.medium = ANY(?))", by: only(mediumOf), doc: "through which it was said"},
		{name: "conditional", kind: choices, choices: []string{"true", "false", "open"}, by: &dimension{values: "SELECT unnest(CASE WHEN t.condition_text IS NULL THEN ARRAY['false'] WHEN t.condition_outcome IS NULL THEN ARRAY['true', 'open'] ELSE ARRAY['true'] END) AS v", cell: "conditional"}, doc: "whether it hangs on a condition; open: on one without an outcome",
			sql: "true => t.condition_text IS NOT NULL; false => t.condition_text IS NULL; open => t.condition_text IS NOT NULL AND t.condition_outcome IS NULL"},
		{name: "second_hand", kind: choices, choices: []string{"exclude", "include", "only"}, standard: "exclude", by: only("CASE WHEN t.within IS NULL THEN 'exclude' ELSE 'only' END"), doc: "what somebody says that another said",
			sql: "exclude => t.within IS NULL; include => ; only => t.within IS NOT NULL"},
		{name: "within", kind: references, refs: claims.KindStatement, sql: "t.within = ANY(?)", by: optional("t.within"), doc: "the statement that reports it; needs second_hand=include or only"},
		{name: "voice", kind: terms, terms: claims.Voices, standard: "attributed", sql: "t.voice = ANY(?)", by: only("t.voice"), doc: "said by a speaker, or by the outlet itself"},
		{name: "recurrence", kind: terms, terms: claims.Recurrences, sql: "t.recurrence = ANY(?)", by: only("t.recurrence"), doc: "once, repeated or standing"},
		{name: "language", kind: words, sql: "t.language = ANY(?)", by: optional("t.language"), doc: "BCP 47 tag of the wording, exactly"},
		{name: "form", kind: terms, terms: claims.RenderingForms, sql: "EXISTS (SELECT FROM {renderings} p WHERE p.statement = t.id AND p.form = ANY(?))", by: &dimension{values: "SELECT p.form AS v FROM {renderings} p WHERE p.statement = u.statement AND p.report = u.id", unit: "reports", empty: true}, doc: "a rendering has this form"},
		{name: "article", kind: references, refs: claims.KindArticle, sql: "EXISTS (SELECT FROM {reports} p WHERE p.statement = t.id AND p.article = ANY(?))", by: &dimension{value: "u.article", unit: "reports", empty: true}, doc: "an article that carries it"},
		{name: "source", kind: references, refs: claims.KindSource, by: &dimension{value: "ua.source", unit: "reports", empty: true}, doc: "an outlet that carries it",
			sql: "EXISTS (SELECT FROM {reports} p JOIN {articles} a ON a.id = p.article WHERE p.statement = t.id AND a.source = ANY(?))"},
		{name: "outlet_country", kind: references, refs: claims.KindCountry, by: &dimension{value: "us.country", unit: "reports", empty: true}, doc: "the country of an outlet that carries it",
			sql: "EXISTS (SELECT FROM {reports} p JOIN {articles} a ON a.id = p.article JOIN {sources} o ON o.id = a.source WHERE p.statement = t.id AND o.country = ANY(?))"},
		{name: "min_publishers", kind: numbers, derived: true, sql: "EXISTS (SELECT FROM statement_facts f WHERE f.statement = t.id AND f.publishers_low >= ANY(?::int[]))", doc: "carried by at least so many publishers, by the low bound"},
		{name: "max_publishers", kind: numbers, derived: true, sql: "EXISTS (SELECT FROM statement_facts f WHERE f.statement = t.id AND f.publishers_high <= ANY(?::int[]))", doc: "carried by at most so many publishers, by the high bound"},
		{name: "min_origins", kind: numbers, derived: true, sql: "EXISTS (SELECT FROM statement_facts f WHERE f.statement = t.id AND f.origins_low >= ANY(?::int[]))", doc: "rests on at least so many origins, by the low bound"},
		{name: "max_origins", kind: numbers, derived: true, sql: "EXISTS (SELECT FROM statement_facts f WHERE f.statement = t.id AND f.origins_high <= ANY(?::int[]))", doc: "rests on at most so many origins, by the high bound"},
		{name: "min_reliability", kind: terms, terms: claims.Reliabilities, except: []string{"F"}, derived: true, doc: "a source that carries it was rated so or better on the day; one that can't be judged never is",
			sql: "EXISTS (SELECT FROM statement_facts f WHERE f.statement = t.id AND f.max_reliability <= ANY(?))"},
		yesNo("denied_by_others", deniedByOthers, "whether another speaker denies a claim that it asserts", true),
	},
	sorts: []ordering{{name: "said_on", keys: []sortKey{{"t.said_from", "date"}, {"t.said_days", "int"}}, date: "t.said_from"}},
	include: []relation{
		{name: "speaker", kind: claims.KindSpeaker, from: "speaker"}, {name: "on_behalf_of", kind: claims.KindCountry, from: "on_behalf_of"},
		{name: "text_from", kind: claims.KindArticle, from: "text_from"}, {name: "within", kind: claims.KindStatement, from: "within"},
		{name: "occasion", kind: claims.KindEvent, from: "occasion"},
		{name: "reports", kind: claims.KindReport, to: "statement"}, {name: "positions", kind: claims.KindPosition, to: "statement"},
		{name: "links", kind: claims.KindLink, to: "statement"},
	},
	trees: []string{"within"},
	rules: []rule{{
		sql: `SELECT s.id::text FROM statements s WHERE s.id IN ({written}) AND s.text_from IS NOT NULL
			AND NOT EXISTS (SELECT FROM reports r WHERE r.statement = s.id AND r.article = s.text_from)`,
		code: Invalid, pointer: "/text_from", problem: "not_reported", detail: "names an article without a report of this statement",
	}},
}

// What follows from the statement's speaker, and from its facts.
const (
	speakerKind        = "(SELECT s.kind FROM {speakers} s WHERE s.id = t.speaker)"
	speakerNationality = "(SELECT s.nationality FROM {speakers} s WHERE s.id = t.speaker)"
	mediumOf           = "(SELECT f.medium FROM statement_facts f WHERE f.statement = t.id)"
)

// deniedByOthers is a fact of the statement.
const deniedByOthers = "EXISTS (SELECT FROM statement_facts f WHERE f.statement = t.id AND f.denied_by_others)"

// withBodies stands for whether a country means its state's bodies too, which
// target_exact says. It is written into the SQL, so that plans are made for it.
const withBodies = "{bodies}"

// officeOnTheDay lists the offices that the speaker held when it was said, as
// far as tenures tell: certain where the day lies in what is sure of a tenure
// or an article attests the holder on it, likely between two such days.
const officeOnTheDay = `CASE WHEN EXISTS (SELECT FROM {tenures} n WHERE n.speaker = t.speaker) THEN ARRAY(
	SELECT ROW(o.id, o.title, n.capacity, CASE
		WHEN n.sure_from <= t.said_from AND n.sure_to >= t.said_to OR EXISTS (SELECT FROM {tenure_observations} b WHERE b.tenure = n.id AND b.on_from <= t.said_from AND b.on_to >= t.said_to) THEN 'certain'
		ELSE 'likely' END)
	FROM {tenures} n JOIN {offices} o ON o.id = n.office
	WHERE ` + inOffice + `
	ORDER BY o.title) ELSE '{}' END`

// inOffice is the condition that the speaker held the office of a tenure n.
const inOffice = `n.speaker = t.speaker AND t.said_days BETWEEN 1 AND 366 AND NOT t.said_qualified AND (
		n.sure_from <= t.said_from AND n.sure_to >= t.said_to
		OR EXISTS (SELECT FROM {tenure_observations} b WHERE b.tenure = n.id AND b.on_from <= t.said_from AND b.on_to >= t.said_to)
		OR EXISTS (SELECT FROM {tenure_observations} b WHERE b.tenure = n.id AND b.on_to <= t.said_from) AND EXISTS (SELECT FROM {tenure_observations} b WHERE b.tenure = n.id AND b.on_from >= t.said_to))`

// holding is the condition that the speaker held one of the offices given.
const holding = "EXISTS (SELECT FROM {tenures} n WHERE " + inOffice + " AND n.office = ANY(?))"

// statementGroups are what an analyst means by accusing, threatening, courting
// and informing.
var statementGroups = map[string][]string{
	"accusing":    {"allegation", "condemnation", "demand"},
	"threatening": {"threat", "warning", "refusal"},
	"courting":    {"offer", "promise", "praise", "support", "appeal", "apology"},
	"informing": {"announcement", "assertion", "denial", "prediction", "request", "order", "acknowledgement", "justification", "assessment",
		"confirmation", "retraction", "courtesy", "claim_of_responsibility", "no_comment", "other"},
}
