package store

import "onrecord/internal/claims"

var speakers = &resource{
	kind:    claims.KindSpeaker,
	path:    "speakers",
	columns: columns("name kind nationality>country country>country part_of>speaker source>source wikidata_id de_facto"),
	parts:   []part{{table: "speaker_aliases", field: "aliases", columns: columns(aliasColumns), hidden: columns("valid_from valid_to")}},
	joins:   "LEFT JOIN {speakers} whole ON whole.id = t.part_of",
	fields:  append(shown("name kind nationality country part_of"), append([]field{label("part_of_name", "whole.name")}, shown("source wikidata_id de_facto")...)...),
	filters: []filter{
		searched(claims.KindSpeaker, "words of its name or an alias"),
		{name: "name", kind: words, sql: "(t.name = ANY(?) OR EXISTS (SELECT FROM {@speaker_aliases a} AND a.name = ANY(?)))", doc: "a name or alias, exactly"},
		{name: "kind", kind: terms, terms: claims.SpeakerKinds, sql: "t.kind = ANY(?)", doc: "sort of speaker"},
		{name: "nationality", kind: references, refs: claims.KindCountry, sql: "t.nationality = ANY(?)", doc: "a person's nationality"},
		{name: "country", kind: references, refs: claims.KindCountry, sql: "t.country = ANY(?)", doc: "a body's country"},
		{name: "part_of", kind: references, refs: claims.KindSpeaker, sql: "t.id IN " + withinSpeaker, doc: "parts of these speakers, at any depth, and themselves"},
		{name: "wikidata_id", kind: words, sql: "t.wikidata_id = ANY(?)", doc: "Wikidata item"},
		{name: "source", kind: references, refs: claims.KindSource, sql: "t.source = ANY(?)", doc: "the outlet that it is"},
		{name: "office", kind: references, refs: claims.KindOffice, sql: "EXISTS (SELECT FROM {tenures} n WHERE n.speaker = t.id AND n.office = ANY(?))", doc: "an office held at any time"},
	},
	sorts: []ordering{{name: "name", keys: []sortKey{{"t.name", "text"}}}},
	include: []relation{
		{name: "nationality", kind: claims.KindCountry, from: "nationality"}, {name: "country", kind: claims.KindCountry, from: "country"},
		{name: "part_of", kind: claims.KindSpeaker, from: "part_of"}, {name: "source", kind: claims.KindSource, from: "source"},
	},
	trees: []string{"part_of"},
}

// withinSpeaker holds the speakers given and all their parts.
const withinSpeaker = `(WITH RECURSIVE below(id) AS (SELECT unnest(?::uuid[]) UNION SELECT c.id FROM {speakers} c JOIN below ON c.part_of = below.id) SELECT id FROM below)`

// wholes pairs each speaker with itself and all that it is part of.
const wholes = `(WITH RECURSIVE above(id, v) AS (SELECT c.id, c.id FROM {speakers} c UNION SELECT above.id, c.part_of FROM above JOIN {speakers} c ON c.id = above.v WHERE c.part_of IS NOT NULL) SELECT id, v FROM above)`

// stateBodies are the kinds of speakers that are the state when their country
// is asked for.
const stateBodies = `('government', 'ministry', 'military', 'security_service', 'legislature', 'court')`

// partyCountry is the country that a party p is: itself, or whose state it is.
// No join, so that the planner can join parties to records as it likes.
const partyCountry = "coalesce(p.country, (SELECT s.country FROM {speakers} s WHERE s.id = p.speaker AND s.kind IN " + stateBodies + "))"
