package store_test

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"onrecord/internal/claims"
	"onrecord/internal/edtf"
)

// meanings are the filters of all kinds, read naively.
var meanings = map[claims.Kind]map[string]meaning{}

func init() {
	for kind, own := range map[claims.Kind]map[string]meaning{
		claims.KindStatement: ofStatements, claims.KindClaim: ofClaims, claims.KindEvent: ofEvents,
		claims.KindReport: {
			"statement": field("statement", "key:st:1 key:st:2"), "article": field("article", "key:art:1"), "match": field("match", "explicit inferred"),
			"source": through("article", "source", "key:src:1"), "speaker": through("statement", "speaker", "key:gov:PK"),
			"outlet_country": path("article source", "country", "PK AF"),
			"form":           member("renderings", "form", "quotation paraphrase"), "part": member("renderings", "part", "headline body"), "cites": member("cites", "source", "key:src:1"),
			"attribution": member("renderings", "attribution", "explicit unclear"), "attribution_verb": member("renderings", "attribution_verb", "alleged said"),
			"hedged": told("true false", func(_ *records, r rec) bool {
				return slices.ContainsFunc(r.list("renderings"), func(p rec) bool { return p["hedge"] != nil || p["content_hedge"] != nil })
			}),
			"conditional": told("true false", func(_ *records, r rec) bool {
				return slices.ContainsFunc(r.list("renderings"), func(p rec) bool { return p["condition"] != nil })
			}),
			"credibility": field("credibility", "1 2,3"),
		},
		claims.KindArticle: {
			"q":      wordedBy("world reporter", "title", "section", "dateline", "author", "label"),
			"source": field("source", "key:src:1"), "url": field("url", "https://example.org/1"), "language": field("language", "en ps"), "syndicated_from": field("syndicated_from", "key:art:0"),
			"seen_via": field("seen_via", "key:art:0"), "label": field("label", "Reliable"), "section": field("section", "World"), "author": field("author", "Reporter"),
			"outlet_country": through("source", "country", "PK AF"), "statement": referring(claims.KindReport, "article", "statement", "key:st:1 key:st:2 key:st:3"),
			"event": referring(claims.KindMention, "article", "event", "key:ev:0 key:ev:1 key:ev:2"),
		},
		claims.KindSource: {
			"q":    wordedBy("one s", "name"),
			"name": field("name", "s One"), "kind": field("kind", "online newspaper"), "country": field("country", "PK AF"), "domain": field("domain", "one.example"),
			"owner": field("owner", "key:src:0 key:outlet:one"), "identified": field("identified", "true false"),
			"language": {values: func(_ *records, r rec, _ url.Values) []string { return r.strs("languages") }, try: "en ps,en"},
		},
		claims.KindRating: {
			"source": field("source", "key:src:0"), "reliability": field("reliability", "A F"), "rated_by": field("rated_by", "x"),
			"rated_on": {holds: func(_ *records, r rec, given []string, _ url.Values) bool { return meets(r.str("rated_on"), given) }, try: "2026 2026-01 2025-12,2026-02-15 1771200000000"},
		},
		claims.KindSpeaker: {
			"q": wordedBy("ministry mod", "name"),
			"name": {values: func(_ *records, r rec, _ url.Values) []string {
				return append(each(r, "aliases", "name"), r.str("name"))
			}, try: "Ministry MoD"},
			"kind": field("kind", "ministry person"), "nationality": field("nationality", "PK AF"), "country": field("country", "AF PK"), "wikidata_id": field("wikidata_id", "Q1"),
			"part_of": {values: func(w *records, r rec, _ url.Values) []string { return w.above(r.id(), "part_of") }, try: "key:gov:PK key:body:ministry"},
			"source":  field("source", "key:src:0"), "office": referring(claims.KindTenure, "speaker", "office", "key:office:one key:office:two"),
		},
		claims.KindCountry: {
			"q": wordedBy("bharat pakistan", "name", "official_name"),
			"name": {values: func(_ *records, r rec, _ url.Values) []string {
				return append(each(r, "aliases", "name"), r.str("name"))
			}, try: "Bharat Pakistan"},
			"alpha3": field("alpha3", "IND"), "region": field("region", "Asia"), "subregion": field("subregion", "South"), "status": field("status", "state disputed"),
		},
		claims.KindTopic: {
			"q":    wordedBy("deep air", "name"),
			"name": field("name", "Deep"), "parent": field("parent", "security"),
			"under": {values: func(w *records, r rec, _ url.Values) []string { return w.above(r.id(), "parent") }, try: "security air-strikes"},
		},
		claims.KindOffice: {
			"q":     wordedBy("one two", "title"),
			"title": field("title", "One"), "country": field("country", "PK"), "body": field("body", "key:gov:PK"), "shared": field("shared", "true false"),
		},
		claims.KindTenure: {
			"speaker": field("speaker", "key:person:asif"), "office": field("office", "key:office:one"), "country": through("office", "country", "PK"), "capacity": field("capacity", "acting substantive"),
			"held_on": {holds: func(_ *records, r rec, given []string, _ url.Values) bool {
				return meets(r.str("held"), given) || slices.ContainsFunc(each(r, "observed_on", "on"), func(on string) bool { return meets(on, given) })
			}, try: "2026-02-18 2026-02-17 2020 2024-12-31T23:00:00Z 1771372800000 1999,2020-05-05"},
		},
		claims.KindPosition: {
			"statement": field("statement", "key:st:1 key:st:2 key:st:3 key:st:4"), "claim": field("claim", "key:cl:0"), "stance": field("stance", "asserts denies"),
			"speaker": through("statement", "speaker", "key:gov:PK"), "on_behalf_of": through("statement", "on_behalf_of", "PK"),
			"second_hand": standing("exclude", "exclude only include", func(w *records, r rec) string { return hand(w.ids[r.str("statement")]) }),
			"voice":       standing("attributed", "attributed editorial any", func(w *records, r rec) string { return w.ids[r.str("statement")].str("voice") }),
		},
		claims.KindClaimLink: {"from": field("from", "key:cl:0"), "to": field("to", "key:cl:1"), "claim": either("from", "to", "key:cl:1"), "relation": field("relation", "implies narrows")},
		claims.KindLink:      {"statement": field("statement", "key:st:1"), "to": field("to", "key:st:0"), "relation": field("relation", "responds_to repeats")},
		claims.KindEventLink: {"from": field("from", "key:ev:1"), "to": field("to", "key:ev:0"), "event": either("from", "to", "key:ev:1"), "relation": field("relation", "follows prompted_by")},
		claims.KindMention: {
			"article": field("article", "key:art:1"), "event": field("event", "key:ev:1"), "role": field("role", "subject background"),
			"statement": field("statement", "key:st:1 key:st:2 key:st:3 key:st:4 key:st:5"), "source": through("article", "source", "key:src:1"),
		},
		claims.KindAssessment: {
			"claim": field("claim", "key:cl:0"), "statement": field("statement", "key:st:1"), "reviewer": field("reviewer", "key:src:1"), "normalised": field("normalised", "false mixed"), "verdict": field("verdict", "Wrong"),
		},
		claims.KindTip: {"status": field("status", "new rejected"), "record": field("record", "AF")},
	} {
		maps.Copy(own, map[string]meaning{
			"id":      {values: func(_ *records, r rec, _ url.Values) []string { return []string{r.id()} }},
			"dataset": standing("own", "own other any", func(_ *records, r rec) string { return r.str("dataset") }),
			"review":  field("review", "machine single"),
			"updated_since": {holds: func(_ *records, r rec, given []string, _ url.Values) bool {
				return slices.ContainsFunc(given, func(v string) bool { return !instant(r.str("updated_at")).Before(instant(v)) })
			}},
		})
		if kind.Keyed() {
			own["key"] = field("key", "")
		}
		meanings[kind] = own
	}
}

func instant(s string) time.Time {
	at, err := edtf.Moment(s)
	if err != nil {
		panic(err)
	}
	return at
}

// meets reports whether a date can mean a day of one of the periods.
func meets(date string, given []string) bool {
	return date != "" && slices.ContainsFunc(given, func(v string) bool {
		days, err := edtf.Period(v)
		if err != nil {
			panic(err)
		}
		return edtf.MustParse(date).Match(days) != edtf.None
	})
}

// each are the values of a member of the parts of a record.
func each(r rec, list, name string) (values []string) {
	for _, p := range r.list(list) {
		if v := p.str(name); v != "" {
			values = append(values, v)
		}
	}
	return values
}

func present(v string) []string {
	if v == "" {
		return nil
	}
	return []string{v}
}

func field(name, try string) meaning {
	return meaning{values: func(_ *records, r rec, _ url.Values) []string { return present(r.str(name)) }, try: try}
}

func member(list, name, try string) meaning {
	return meaning{values: func(_ *records, r rec, _ url.Values) []string { return each(r, list, name) }, try: try}
}

// through is a field of the record that another field names.
func through(ref, name, try string) meaning { return path(ref, name, try) }

func path(refs, name, try string) meaning {
	return meaning{values: func(w *records, r rec, _ url.Values) []string {
		for ref := range strings.FieldsSeq(refs) {
			r = w.ids[r.str(ref)]
		}
		return present(r.str(name))
	}, try: try}
}

func either(a, b, try string) meaning {
	return meaning{values: func(_ *records, r rec, _ url.Values) []string { return []string{r.str(a), r.str(b)} }, try: try}
}

// referring is a field of the records that refer to this one.
func referring(kind claims.Kind, ref, name, try string) meaning {
	return meaning{values: func(w *records, r rec, _ url.Values) (list []string) {
		for _, other := range w.of(kind, ref, r) {
			list = append(list, present(other.str(name))...)
		}
		return list
	}, try: try}
}

func told(try string, is func(w *records, r rec) bool) meaning {
	return meaning{values: func(w *records, r rec, _ url.Values) []string { return []string{strconv.FormatBool(is(w, r))} }, try: try}
}

// standing is a filter that is in force when nobody gives it.
func standing(every, try string, value func(w *records, r rec) string) meaning {
	return meaning{values: func(w *records, r rec, _ url.Values) []string { return []string{value(w, r), "include"} }, try: try, every: every}
}

func hand(statement rec) string {
	if statement["within"] != nil {
		return "only"
	}
	return "exclude"
}

// bound is a filter by a number of the record.
func bound(name, try string, meets func(has, given float64) bool) meaning {
	return meaning{holds: func(_ *records, r rec, given []string, _ url.Values) bool {
		return slices.ContainsFunc(given, func(v string) bool { return meets(number(r.str(name)), number(v)) })
	}, try: try}
}

func number(s string) float64 {
	n, err := strconv.ParseFloat(s, 64)
	if err != nil {
		panic(err)
	}
	return n
}

func least(has, given float64) bool { return has >= given }
func most(has, given float64) bool  { return has <= given }

var bodies = strings.Fields("government ministry military security_service legislature court")

// country is the country that a party is: itself, or whose state it is.
func (w *records) country(party rec) string {
	if c := party.str("country"); c != "" {
		return c
	}
	if s := w.ids[party.str("speaker")]; slices.Contains(bodies, s.str("kind")) {
		return s.str("country")
	}
	return ""
}

// parties are values of a record's parties in roles.
func parties(w *records, list []rec, roles []string, value func(party rec) string) (values []string) {
	for _, p := range list {
		if slices.Contains(roles, p.str("role")) {
			values = append(values, present(value(p))...)
		}
	}
	return values
}
