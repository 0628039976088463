package store

import "onrecord/internal/claims"

var assessments = &resource{
	kind:    claims.KindAssessment,
	path:    "assessments",
	columns: columns("claim>claim statement>statement verdict scale normalised reviewer>source url reviewed_on rationale evidence"),
	joins:   "JOIN {sources} s ON s.id = t.reviewer",
	fields: append(shown("claim statement verdict scale normalised reviewer"), append([]field{label("reviewer_name", "s.name")},
		append(shown("url reviewed_on rationale"), field{name: "evidence", sql: "coalesce(t.evidence, '{}')"})...)...),
	filters: []filter{
		{name: "claim", kind: references, refs: claims.KindClaim, sql: "t.claim = ANY(?)", doc: "the claim assessed"},
		{name: "statement", kind: references, refs: claims.KindStatement, sql: "t.statement = ANY(?)", doc: "the statement assessed"},
		{name: "reviewer", kind: references, refs: claims.KindSource, sql: "t.reviewer = ANY(?)", doc: "who assessed it"},
		{name: "normalised", kind: terms, terms: claims.Verdicts, sql: "t.normalised = ANY(?)", doc: "the verdict on the common scale"},
		{name: "verdict", kind: words, sql: "t.verdict = ANY(?)", doc: "the verdict as published, exactly"},
	},
	include: []relation{{name: "claim", kind: claims.KindClaim, from: "claim"}, {name: "statement", kind: claims.KindStatement, from: "statement"}, {name: "reviewer", kind: claims.KindSource, from: "reviewer"}},
	rules: []rule{{
		sql:  `SELECT a.id::text FROM assessments a JOIN claims c ON c.id = a.claim WHERE a.id IN ({written}) AND a.normalised IS NOT NULL AND c.sort <> 'fact'`,
		code: Invalid, pointer: "/normalised", problem: "not_a_fact", detail: "goes with claims of sort fact only: nothing else is true or false",
	}},
}

// The contact of a tip is stored and never shown.
var tips = &resource{
	kind:    claims.KindTip,
	path:    "tips",
	columns: columns("on record text contact status change response"),
	fields:  append(shown("on record text"), append([]field{{name: "contact", secret: true}}, shown("status change response")...)...),
	filters: []filter{
		{name: "status", kind: terms, terms: claims.TipStatuses, sql: "t.status = ANY(?)", doc: "whether it has been dealt with"},
		{name: "record", kind: words, sql: "t.record = ANY(?)", doc: "the id of the record it is about"},
	},
	soft: true,
	rules: []rule{{
		sql:  `SELECT t.id::text FROM tips t WHERE t.id IN ({written}) AND t.change IS NOT NULL AND NOT EXISTS (SELECT FROM commits c WHERE c.seq = t.change)`,
		code: Invalid, pointer: "/change", problem: "reference", detail: "is the seq of no commit",
	}},
}
