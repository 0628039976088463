package store

import "onrecord/internal/claims"

var offices = &resource{
	kind:    claims.KindOffice,
	path:    "offices",
	columns: columns("title country>country body>speaker shared"),
	joins:   "LEFT JOIN {countries} c ON c.id = t.country LEFT JOIN {speakers} b ON b.id = t.body",
	fields:  []field{{name: "title"}, {name: "country"}, label("country_name", "c.name"), {name: "body"}, label("body_name", "b.name"), {name: "shared"}},
	filters: []filter{
		searched(claims.KindOffice, "words of its title"),
		{name: "title", kind: words, sql: "t.title = ANY(?)", doc: "title, exactly"},
		{name: "country", kind: references, refs: claims.KindCountry, sql: "t.country = ANY(?)", doc: "the country it is an office of"},
		{name: "body", kind: references, refs: claims.KindSpeaker, sql: "t.body = ANY(?)", doc: "the body it is an office of"},
		{name: "shared", kind: choices, choices: []string{"true", "false"}, sql: "true => t.shared; false => NOT t.shared", doc: "whether several hold it at once"},
	},
	sorts:   []ordering{{name: "title", keys: []sortKey{{"t.title", "text"}}}},
	include: []relation{{name: "country", kind: claims.KindCountry, from: "country"}, {name: "body", kind: claims.KindSpeaker, from: "body"}, {name: "tenures", kind: claims.KindTenure, to: "office"}},
	rules: []rule{{
		sql:  `SELECT o.id::text FROM offices o WHERE o.id IN ({written}) AND NOT o.shared AND EXISTS (SELECT FROM ` + overlaps + ` AND a.office = o.id)`,
		code: Overlap, pointer: "/shared", problem: "overlap", detail: "is held by several at once",
	}},
}

// overlaps are pairs of substantive tenures of one office at one time; the day
// of a handover may count for both.
const overlaps = `tenures a JOIN tenures b ON b.office = a.office AND b.id <> a.id AND a.sure_from + 1 < b.sure_to AND b.sure_from + 1 < a.sure_to
	WHERE a.capacity = 'substantive' AND b.capacity = 'substantive'`

var tenures = &resource{
	kind:    claims.KindTenure,
	path:    "tenures",
	columns: columns("speaker>speaker office>office held held_from held_to sure_from sure_to capacity"),
	parts:   []part{{table: "tenure_observations", field: "observed_on", columns: columns("on article>article"), hidden: columns("on_from on_to")}},
	joins:   "JOIN {speakers} s ON s.id = t.speaker JOIN {offices} o ON o.id = t.office",
	fields: []field{{name: "speaker"}, label("speaker_name", "s.name"), {name: "office"}, label("office_title", "o.title"), {name: "held"},
		label("held_from", "CASE WHEN t.held_from < t.held_to THEN t.held_from END"), label("held_to", "CASE WHEN t.held_from < t.held_to THEN t.held_to END"), {name: "capacity"}},
	filters: []filter{
		{name: "speaker", kind: references, refs: claims.KindSpeaker, sql: "t.speaker = ANY(?)", doc: "the holder"},
		{name: "office", kind: references, refs: claims.KindOffice, sql: "t.office = ANY(?)", doc: "the office"},
		{name: "country", kind: references, refs: claims.KindCountry, sql: "t.office IN (SELECT x.id FROM {offices} x WHERE x.country = ANY(?))", doc: "the office's country"},
		{name: "capacity", kind: terms, terms: claims.Capacities, sql: "t.capacity = ANY(?)", doc: "in which capacity it is held"},
		{name: "held_on", kind: periods, doc: "held then, certainly or possibly: by what is given of it, or by an article that attests the holder",
			sql: "(daterange(t.held_from, t.held_to) && ANY(?::text[]::daterange[]) OR EXISTS (SELECT FROM {@tenure_observations b} AND daterange(b.on_from, b.on_to) && ANY(?::text[]::daterange[])))"},
	},
	sorts:   []ordering{{name: "held", keys: []sortKey{{"t.held_from", "date"}}, date: "t.held_from"}},
	include: []relation{{name: "speaker", kind: claims.KindSpeaker, from: "speaker"}, {name: "office", kind: claims.KindOffice, from: "office"}},
	rules: []rule{{
		sql:  `SELECT a.id::text FROM ` + overlaps + ` AND a.id IN ({written}) AND NOT EXISTS (SELECT FROM offices o WHERE o.id = a.office AND o.shared)`,
		code: Overlap, pointer: "/held", problem: "overlap", detail: "overlaps another substantive tenure of the office",
	}},
}
