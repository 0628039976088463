package store

import "onrecord/internal/claims"

var claimed = &resource{
	kind:    claims.KindClaim,
	path:    "claims",
	columns: columns("text sort period period_from period_to"),
	parts: []part{
		{table: "claim_topics", field: "topics", columns: columns("topic>topic"), scalar: true},
		{table: "claim_about", field: "about", columns: columns("role country>country speaker>speaker")},
	},
	joins: "LEFT JOIN claim_facts f ON f.claim = t.id AND {now}",
	fields: append(shown("text sort period"), label("status", "f.status"), labels("about_names", `ARRAY(SELECT coalesce((SELECT c.name FROM {countries} c WHERE c.id = p.country),
		(SELECT s.name FROM {speakers} s WHERE s.id = p.speaker)) FROM {@claim_about p} ORDER BY p.n)`)),
	filters: []filter{
		searched(claims.KindClaim, "words of it"),
		{name: "status", kind: terms, terms: claims.ClaimStatuses, derived: true, sql: "EXISTS (SELECT FROM claim_facts f WHERE f.claim = t.id AND f.status = ANY(?))", by: only("(SELECT f.status FROM claim_facts f WHERE f.claim = t.id)"), doc: "what follows from the positions on it"},
		{name: "sort_of", kind: terms, terms: claims.ClaimSorts, sql: "t.sort = ANY(?)", by: only("t.sort"), doc: "sort of claim"},
		{name: "about", kind: references, refs: claims.KindSpeaker, sql: "EXISTS (SELECT FROM {@claim_about p} AND p.speaker = ANY(?))", by: several("SELECT p.speaker AS v FROM {@claim_about p}"), doc: "a speaker it is about"},
		{name: "about_country", kind: references, refs: claims.KindCountry, by: several("SELECT " + partyCountry + " AS v FROM {@claim_about p}"), doc: "a country it is about: itself, its government or its state bodies",
			sql: "EXISTS (SELECT FROM {@claim_about p} AND (p.country = ANY(?) OR p.speaker IN (SELECT s.id FROM {speakers} s WHERE s.country = ANY(?) AND s.kind IN " + stateBodies + ")))"},
		{name: "about_role", kind: terms, terms: claims.ClaimRoles, sql: "EXISTS (SELECT FROM {@claim_about p} AND p.role = ANY(?))", by: several("SELECT p.role AS v FROM {@claim_about p}"), doc: "somebody has this role in it"},
		{name: "topic", kind: references, refs: claims.KindTopic, sql: "EXISTS (SELECT FROM {@claim_topics p} AND p.topic IN " + underTopic + ")", by: &dimension{values: "SELECT x.v FROM (SELECT * FROM {@claim_topics p}) p JOIN " + topicsAbove + " x ON x.id = p.topic", empty: true, below: underTopic}, doc: "a topic or any below it"},
		{name: "speaker", kind: references, refs: claims.KindSpeaker, by: several("SELECT s.speaker AS v FROM {positions} p JOIN {statements} s ON s.id = p.statement WHERE p.claim = t.id AND s.within IS NULL AND s.voice = 'attributed'"), doc: "somebody who takes a position on it, first-hand",
			sql: "EXISTS (SELECT FROM {positions} p JOIN {statements} s ON s.id = p.statement WHERE p.claim = t.id AND s.within IS NULL AND s.voice = 'attributed' AND s.speaker = ANY(?))"},
		takenBy("asserted_by", "('asserts', 'commits')", "somebody who asserts it or commits to it, by the position that counts: first-hand, attributed, their latest"),
		takenBy("denied_by", "('denies')", "somebody who denies it, by the position that counts, as for asserted_by"),
		takenBy("conceded_by", "('concedes')", "somebody who concedes it, by the position that counts, as for asserted_by"),
		yesNo("contested", contested, "whether its status is contested: asserted by one, denied by another", true),
		{name: "no_answer_on_record", kind: choices, choices: []string{"true", "false"}, by: optional("CASE WHEN " + accuses + " THEN CASE WHEN " + answered + " THEN 'false' ELSE 'true' END END"),
			sql: "true => " + accuses + " AND NOT " + answered + "; false => " + accuses + " AND " + answered,
			doc: "of claims that accuse: whether nobody accused, nor anybody who speaks for an accused country, takes a first-hand position on it; to decline is no answer"},
		{name: "older_than", kind: bounds, doc: "asserted or committed to, first-hand, certainly before this date",
			sql: "EXISTS (SELECT FROM {positions} p JOIN {statements} s ON s.id = p.statement WHERE p.claim = t.id AND p.stance IN ('asserts', 'commits') AND " + firstHand +
				" AND s.said_days > 0 AND NOT s.said_qualified AND s.said_to <= ANY(?::text[]::date[]))"},
	},
	sorts:   []ordering{{name: "text", keys: []sortKey{{"left(t.text, 200)", "text"}}}},
	include: []relation{{name: "positions", kind: claims.KindPosition, to: "claim"}, {name: "assessments", kind: claims.KindAssessment, to: "claim"}},
	rules: []rule{{
		sql:  `SELECT c.id::text FROM claims c WHERE c.id IN ({written}) AND c.sort <> 'fact' AND EXISTS (SELECT FROM assessments a WHERE a.claim = c.id AND a.normalised IS NOT NULL)`,
		code: Invalid, pointer: "/sort", problem: "assessed", detail: "has been assessed as true or false, which only a fact can be",
	}},
}

var positions = &resource{
	kind:    claims.KindPosition,
	path:    "positions",
	columns: columns("statement>statement claim>claim stance withdraws>position"),
	joins:   "JOIN {statements} s ON s.id = t.statement JOIN {speakers} sp ON sp.id = s.speaker JOIN {claims} c ON c.id = t.claim",
	fields: []field{{name: "statement"}, label("speaker", "s.speaker"), label("speaker_name", "sp.name"), label("said_on", "s.said_on"),
		{name: "claim"}, label("claim_text", "c.text"), {name: "stance"}, {name: "withdraws"}, label("second_hand", "s.within IS NOT NULL"), label("voice", "s.voice")},
	filters: []filter{
		{name: "statement", kind: references, refs: claims.KindStatement, sql: "t.statement = ANY(?)", doc: "the statement"},
		{name: "claim", kind: references, refs: claims.KindClaim, sql: "t.claim = ANY(?)", doc: "the claim"},
		{name: "stance", kind: terms, terms: claims.Stances, sql: "t.stance = ANY(?)", doc: "what is said of it"},
		{name: "speaker", kind: references, refs: claims.KindSpeaker, sql: "t.statement IN (SELECT x.id FROM {statements} x WHERE x.speaker = ANY(?))", doc: "who takes it"},
		{name: "on_behalf_of", kind: references, refs: claims.KindCountry, sql: "t.statement IN (SELECT x.id FROM {statements} x WHERE x.on_behalf_of = ANY(?))", doc: "the country for which it is taken"},
		{name: "second_hand", kind: choices, choices: []string{"exclude", "include", "only"}, standard: "exclude", doc: "positions of statements that somebody says another made",
			sql: "exclude => t.statement IN (SELECT x.id FROM {statements} x WHERE x.within IS NULL); include => ; only => t.statement IN (SELECT x.id FROM {statements} x WHERE x.within IS NOT NULL)"},
		{name: "voice", kind: terms, terms: claims.Voices, standard: "attributed", sql: "t.statement IN (SELECT x.id FROM {statements} x WHERE x.voice = ANY(?))", doc: "taken by a speaker, or by the outlet itself"},
	},
	include: []relation{{name: "statement", kind: claims.KindStatement, from: "statement"}, {name: "claim", kind: claims.KindClaim, from: "claim"}},
	rules: []rule{{
		sql: `SELECT w.id::text FROM positions w JOIN statements s ON s.id = w.statement LEFT JOIN positions p ON p.id = w.withdraws LEFT JOIN statements ps ON ps.id = p.statement
			WHERE w.id IN ({written}) AND w.withdraws IS NOT NULL AND (p.id IS NULL OR p.id = w.id OR p.claim <> w.claim OR ps.speaker <> s.speaker)`,
		code: Invalid, pointer: "/withdraws", problem: "reference", detail: "names no earlier position of the same speaker on the same claim",
	}},
}

var claimLinks = &resource{
	kind:    claims.KindClaimLink,
	path:    "claim-links",
	table:   "claim_links",
	columns: columns("from>claim to>claim relation"),
	joins:   `JOIN {claims} cf ON cf.id = t."from" JOIN {claims} ct ON ct.id = t."to"`,
	fields:  []field{{name: "from"}, label("from_text", "cf.text"), {name: "to"}, label("to_text", "ct.text"), {name: "relation"}},
	filters: []filter{
		{name: "from", kind: references, refs: claims.KindClaim, sql: `t."from" = ANY(?)`, doc: "the first claim"},
		{name: "to", kind: references, refs: claims.KindClaim, sql: `t."to" = ANY(?)`, doc: "the second claim"},
		{name: "claim", kind: references, refs: claims.KindClaim, sql: `(t."from" = ANY(?) OR t."to" = ANY(?))`, doc: "either claim"},
		{name: "relation", kind: terms, terms: claims.ClaimRelations, sql: "t.relation = ANY(?)", doc: "how the first stands to the second"},
	},
	include: []relation{{name: "from", kind: claims.KindClaim, from: "from"}, {name: "to", kind: claims.KindClaim, from: "to"}},
	rules: []rule{{
		sql: `WITH RECURSIVE reach(id, start, relation, link) AS (
			SELECT l."to", l."from", l.relation, l.id FROM claim_links l WHERE l.id IN ({written}) AND l.relation <> 'negates'
			UNION SELECT l."to", r.start, r.relation, r.link FROM reach r JOIN claim_links l ON l."from" = r.id AND l.relation = r.relation)
			SELECT link::text FROM reach WHERE id = start`,
		code: Cycle, pointer: "/to", problem: "cycle", detail: "leads back to the first claim",
	}, {
		sql:  `SELECT l.id::text FROM claim_links l JOIN claim_links r ON r."from" = l."to" AND r."to" = l."from" AND r.relation = l.relation WHERE l.id IN ({written}) AND l.relation = 'negates'`,
		code: Exists, pointer: "/to", problem: "exists", detail: "is linked so already, the other way round",
	}},
}
