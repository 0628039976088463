package store_test

import (
	"fmt"
	"maps"
	"math"
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
			"source": field("source", "key:src:1"), "url": field("url", "https://example.org/1"), "language": field("language", "en ps"), "syndicated_from": field("syndicated_from", "key:art:0"),
			"seen_via": field("seen_via", "key:art:0"), "label": field("label", "Reliable"), "section": field("section", "World"), "author": field("author", "Reporter"),
			"outlet_country": through("source", "country", "PK AF"), "statement": referring(claims.KindReport, "article", "statement", "key:st:1 key:st:2 key:st:3"),
			"event": referring(claims.KindMention, "article", "event", "key:ev:0 key:ev:1 key:ev:2"),
		},
		claims.KindSource: {
			"name": field("name", "s One"), "kind": field("kind", "online newspaper"), "country": field("country", "PK AF"), "domain": field("domain", "one.example"),
			"owner": field("owner", "key:src:0 key:outlet:one"), "identified": field("identified", "true false"),
			"language": {values: func(_ *records, r rec, _ url.Values) []string { return r.strs("languages") }, try: "en ps,en"},
		},
		claims.KindRating: {
			"source": field("source", "key:src:0"), "reliability": field("reliability", "A F"), "rated_by": field("rated_by", "x"),
			"rated_on": {holds: func(_ *records, r rec, given []string, _ url.Values) bool { return meets(r.str("rated_on"), given) }, try: "2026 2026-01 2025-12,2026-02-15 1771200000000"},
		},
		claims.KindSpeaker: {
			"name": {values: func(_ *records, r rec, _ url.Values) []string {
				return append(each(r, "aliases", "name"), r.str("name"))
			}, try: "Ministry MoD"},
			"kind": field("kind", "ministry person"), "nationality": field("nationality", "PK AF"), "country": field("country", "AF PK"), "wikidata_id": field("wikidata_id", "Q1"),
			"part_of": {values: func(w *records, r rec, _ url.Values) []string { return w.above(r.id(), "part_of") }, try: "key:gov:PK key:body:ministry"},
			"source":  field("source", "key:src:0"), "office": referring(claims.KindTenure, "speaker", "office", "key:office:one key:office:two"),
		},
		claims.KindCountry: {
			"name": {values: func(_ *records, r rec, _ url.Values) []string {
				return append(each(r, "aliases", "name"), r.str("name"))
			}, try: "Bharat Pakistan"},
			"alpha3": field("alpha3", "IND"), "region": field("region", "Asia"), "subregion": field("subregion", "South"), "status": field("status", "state disputed"),
		},
		claims.KindTopic: {
			"name": field("name", "Deep"), "parent": field("parent", "security"),
			"under": {values: func(w *records, r rec, _ url.Values) []string { return w.above(r.id(), "parent") }, try: "security air-strikes"},
		},
		claims.KindOffice: {
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

func topics(try string) meaning {
	return meaning{values: func(w *records, r rec, _ url.Values) (list []string) {
		for _, topic := range r.strs("topics") {
			list = append(list, w.above(topic, "parent")...)
		}
		return list
	}, try: try}
}

// rolesIn are the roles in force.
func rolesIn(q url.Values, name, standard string, all []string) []string {
	given := q.Get(name)
	if given == "" {
		given = standard
	}
	if slices.Contains(strings.Split(given, ","), "any") {
		return all
	}
	return strings.Split(given, ",")
}

func targetRoles(q url.Values) []string {
	return rolesIn(q, "target_role", "object,addressee", claims.TargetRoles.Values())
}

func participantRoles(q url.Values) []string {
	return rolesIn(q, "participant_role", "any", claims.ParticipantRoles.Values())
}

func targets(try string, value func(w *records, p rec, q url.Values) string) meaning {
	return meaning{values: func(w *records, r rec, q url.Values) []string {
		return parties(w, r.list("targets"), targetRoles(q), func(p rec) string { return value(w, p, q) })
	}, try: try}
}

// targetCountry is the country of a target, by what target_exact says.
func targetCountry(w *records, p rec, q url.Values) string {
	if q.Get("target_exact") == "true" {
		return p.str("country")
	}
	return w.country(p)
}

// reported are values of a statement's reports.
func reported(try string, value func(w *records, report rec) []string) meaning {
	return meaning{values: func(w *records, r rec, _ url.Values) (list []string) {
		for _, report := range w.of(claims.KindReport, "statement", r) {
			list = append(list, value(w, report)...)
		}
		return list
	}, try: try}
}

var ofStatements = map[string]meaning{
	"q": {holds: func(w *records, r rec, given []string, _ url.Values) bool {
		text := " " + r.str("text") + " "
		for _, report := range w.of(claims.KindReport, "statement", r) {
			text += strings.Join(each(report, "renderings", "text"), " ") + " "
		}
		return slices.ContainsFunc(given, func(v string) bool { return strings.Contains(text, " "+v+" ") })
	}, try: "zebra kiwi zebra,kiwi"},
	"speaker":             field("speaker", "key:person:asif key:gov:PK,key:body:desk"),
	"speaker_kind":        through("speaker", "kind", "person ministry,government"),
	"speaker_nationality": through("speaker", "nationality", "PK AF none"),
	"part_of":             {values: func(w *records, r rec, _ url.Values) []string { return w.above(r.str("speaker"), "part_of") }, try: "key:gov:PK key:body:desk"},
	"office":              member("office_on_the_day", "office", "key:office:one key:office:two none key:office:one,none"),
	"on_behalf_of":        field("on_behalf_of", "PK AF none PK,none"),
	"target_role":         {values: func(_ *records, r rec, _ url.Values) []string { return each(r, "targets", "role") }, try: "object victim,mentioned any none", every: "object,addressee", inert: true},
	"target":              targets("key:gov:AF key:person:asif none", func(_ *records, p rec, _ url.Values) string { return p.str("speaker") }),
	"target_exact":        {try: "true false"},
	"target_country":      targets("AF PK AF,PK none", targetCountry),
	"target_event":        targets("key:ev:1 none", func(_ *records, p rec, _ url.Values) string { return p.str("event") }),
	"between": {holds: func(w *records, r rec, given []string, q url.Values) bool {
		by := r.str("on_behalf_of")
		return slices.Contains(given, by) && slices.ContainsFunc(parties(w, r.list("targets"), targetRoles(q), func(p rec) string { return targetCountry(w, p, q) }),
			func(c string) bool { return c != by && slices.Contains(given, c) })
	}, try: "PK,AF"},
	"occasion":    field("occasion", "key:ev:0 key:ev:1,none"),
	"claim":       referring(claims.KindPosition, "statement", "claim", "key:cl:0 none"),
	"stance":      referring(claims.KindPosition, "statement", "stance", "asserts denies,none"),
	"kind":        {values: func(_ *records, r rec, _ url.Values) []string { return present(r.str("kind")) }, try: "threat accusing denial,courting", groups: map[string][]string{"accusing": {"allegation", "condemnation", "demand"}, "courting": {"offer", "promise", "praise", "support", "appeal", "apology"}}},
	"topic":       topics("security air-strikes trade,none"),
	"medium":      field("medium_of", "interview unknown"),
	"second_hand": standing("exclude", "exclude only include", func(_ *records, r rec) string { return hand(r) }),
	"voice":       standing("attributed", "attributed editorial any", func(_ *records, r rec) string { return r.str("voice") }),
	"within":      field("within", "key:st:1 none"),
	"recurrence":  field("recurrence", "once standing"),
	"language":    field("language", "en none"),
	"form":        reported("quotation paraphrase,none", func(_ *records, r rec) []string { return each(r, "renderings", "form") }),
	"article":     reported("key:art:1 none", func(_ *records, r rec) []string { return []string{r.str("article")} }),
	"source":      reported("key:src:1 none", func(w *records, r rec) []string { return []string{w.ids[r.str("article")].str("source")} }),
	"outlet_country": reported("PK AF,none", func(w *records, r rec) []string {
		return present(w.ids[w.ids[r.str("article")].str("source")].str("country"))
	}),
	"min_publishers":   bound("publishers_low", "1 2", least),
	"max_publishers":   bound("publishers_high", "1 2", most),
	"min_origins":      bound("origins_low", "1 2", least),
	"max_origins":      bound("origins_high", "1 2", most),
	"denied_by_others": field("denied_by_others", "true false"),
	"min_reliability": {holds: func(w *records, r rec, given []string, _ url.Values) bool {
		for _, report := range w.of(claims.KindReport, "statement", r) {
			rated := w.rated(w.ids[report.str("article")])
			if rated != "" && rated != "F" && slices.ContainsFunc(given, func(v string) bool { return rated <= v }) {
				return true
			}
		}
		return false
	}, try: "A B C E"},
	"conditional": {values: func(_ *records, r rec, _ url.Values) []string {
		condition, ok := r["condition"].(map[string]any)
		switch {
		case !ok:
			return []string{"false"}
		case condition["outcome"] == nil:
			return []string{"true", "open"}
		}
		return []string{"true"}
	}, try: "true false open false,open"},
}

// rated is how the outlet of an article was rated on the day it was published:
// by the last rating that had begun. Of an article without a date it is the last.
func (w *records) rated(article rec) (reliability string) {
	day := edtf.PosInf
	if on := article.str("published_on"); on != "" {
		day = edtf.MustParse(on).Range().From
	}
	last := ""
	at := edtf.NegInf
	for _, r := range w.of(claims.KindRating, "source", w.ids[article.str("source")]) {
		from := edtf.MustParse(r.str("rated_on")).Range().From
		if from <= day && (from > at || from == at && r.id() > last) {
			at, last, reliability = from, r.id(), r.str("reliability")
		}
	}
	return reliability
}

// taken are the positions on a claim that count: each speaker's latest,
// first-hand and attributed.
func (w *records) taken(claim rec) map[string]string {
	type latest struct {
		dated    bool
		to, from edtf.Day
		id       string
		stance   string
	}
	last := map[string]latest{}
	for _, p := range w.of(claims.KindPosition, "claim", claim) {
		s := w.ids[p.str("statement")]
		if hand(s) == "only" || s.str("voice") != "attributed" {
			continue
		}
		date := dated(s, "said")
		one := latest{!date.IsZero(), date.Range().To, date.Range().From, p.id(), p.str("stance")}
		before, ok := last[s.str("speaker")]
		later := one.dated && !before.dated
		if one.dated == before.dated {
			later = one.to > before.to || one.to == before.to && (one.from > before.from || one.from == before.from && one.id > before.id)
		}
		if !ok || later {
			last[s.str("speaker")] = one
		}
	}
	stances := map[string]string{}
	for speaker, l := range last {
		stances[speaker] = l.stance
	}
	return stances
}

func takenBy(stances ...string) meaning {
	return meaning{values: func(w *records, r rec, _ url.Values) (list []string) {
		for speaker, stance := range w.taken(r) {
			if slices.Contains(stances, stance) {
				list = append(list, speaker)
			}
		}
		return list
	}, try: "key:person:asif key:gov:PK key:person:mujahid,key:body:desk key:gov:AF none"}
}

func about(try string, value func(w *records, p rec) string) meaning {
	return meaning{values: func(w *records, r rec, _ url.Values) (list []string) {
		for _, p := range r.list("about") {
			list = append(list, present(value(w, p))...)
		}
		return list
	}, try: try}
}

var ofClaims = map[string]meaning{
	"status":        field("status", "open asserted contested"),
	"contested":     told("true false", func(_ *records, r rec) bool { return r.str("status") == "contested" }),
	"sort_of":       field("sort", "fact value"),
	"about":         about("key:gov:AF none", func(_ *records, p rec) string { return p.str("speaker") }),
	"about_country": about("AF PK,none", (*records).country),
	"about_role":    about("accused none", func(_ *records, p rec) string { return p.str("role") }),
	"topic":         topics("security none"),
	"asserted_by":   takenBy("asserts", "commits"),
	"denied_by":     takenBy("denies"),
	"conceded_by":   takenBy("concedes"),
	"speaker": {values: func(w *records, r rec, _ url.Values) (list []string) {
		for speaker := range w.taken(r) {
			list = append(list, speaker)
		}
		return list
	}, try: "key:person:asif none"},
	"no_answer_on_record": {values: func(w *records, r rec, _ url.Values) []string {
		accused, answered := false, false
		for _, p := range r.list("about") {
			if p.str("role") != "accused" {
				continue
			}
			accused = true
			for _, position := range w.of(claims.KindPosition, "claim", r) {
				s := w.ids[position.str("statement")]
				if position.str("stance") == "declines" || hand(s) == "only" || s.str("voice") != "attributed" {
					continue
				}
				country := w.country(p)
				answered = answered || s.str("speaker") == p.str("speaker") || country != "" && s.str("on_behalf_of") == country
			}
		}
		if !accused {
			return nil
		}
		return []string{strconv.FormatBool(!answered)}
	}, try: "true false none true,none"},
	"older_than": {holds: func(w *records, r rec, given []string, _ url.Values) bool {
		for _, p := range w.of(claims.KindPosition, "claim", r) {
			s := w.ids[p.str("statement")]
			if hand(s) == "only" || s.str("voice") != "attributed" || p.str("stance") != "asserts" && p.str("stance") != "commits" {
				continue
			}
			for _, v := range given {
				before, err := edtf.Window("", v)
				if err != nil {
					panic(err)
				}
				if dated(s, "said").Match(before) == edtf.Certain {
					return true
				}
			}
		}
		return false
	}, try: "2026-02-18 2026-03 2000,2027"},
}

func participants(try string, value func(w *records, p rec) string) meaning {
	return meaning{values: func(w *records, r rec, q url.Values) []string {
		return parties(w, r.list("participants"), participantRoles(q), func(p rec) string { return value(w, p) })
	}, try: try}
}

// mentioned are values of the mentions of an event.
func mentioned(try string, value func(w *records, mention rec) string) meaning {
	return meaning{values: func(w *records, r rec, _ url.Values) (list []string) {
		for _, m := range w.of(claims.KindMention, "event", r) {
			list = append(list, present(value(w, m))...)
		}
		return list
	}, try: try}
}

// somewhere reports whether a place of the event lies where it should.
func somewhere(r rec, lies func(latitude, longitude float64) bool) bool {
	return slices.ContainsFunc(r.list("places"), func(p rec) bool {
		return p["latitude"] != nil && lies(number(p.str("latitude")), number(p.str("longitude")))
	})
}

func degrees(v string) (list []float64) {
	for part := range strings.SplitSeq(v, ",") {
		list = append(list, number(part))
	}
	return list
}

// apart is the distance of two spots in kilometres, by the angle between them
// as seen from the middle of the Earth.
func apart(lat1, lon1, lat2, lon2 float64) float64 {
	vector := func(lat, lon float64) (x, y, z float64) {
		lat, lon = lat*math.Pi/180, lon*math.Pi/180
		return math.Cos(lat) * math.Cos(lon), math.Cos(lat) * math.Sin(lon), math.Sin(lat)
	}
	ax, ay, az := vector(lat1, lon1)
	bx, by, bz := vector(lat2, lon2)
	cross := math.Hypot(math.Hypot(ay*bz-az*by, az*bx-ax*bz), ax*by-ay*bx)
	return 6371.0088 * math.Atan2(cross, ax*bx+ay*by+az*bz)
}

var ofEvents = map[string]meaning{
	"kind":                {values: func(_ *records, r rec, _ url.Values) []string { return present(r.str("kind")) }, try: "bombing violence talks,violence", groups: map[string][]string{"violence": strings.Fields("attack airstrike shelling bombing clash incursion assassination capture")}},
	"country":             field("country", "PK AF none"),
	"part_of":             field("part_of", "key:ev:0 key:ev:1 none"),
	"participant_role":    {values: func(_ *records, r rec, _ url.Values) []string { return each(r, "participants", "role") }, try: "victim host,perpetrator any none", every: "any", inert: true},
	"participant":         participants("key:gov:AF none", func(_ *records, p rec) string { return p.str("speaker") }),
	"participant_country": participants("AF PK,none", (*records).country),
	"between": {holds: func(w *records, r rec, given []string, q url.Values) bool {
		in := map[string]bool{}
		for _, c := range append(parties(w, r.list("participants"), participantRoles(q), w.country), r.str("country")) {
			in[c] = slices.Contains(given, c)
		}
		n := 0
		for _, is := range in {
			if is {
				n++
			}
		}
		return n > 1
	}, try: "PK,AF"},
	"topic":   topics("security none"),
	"metric":  member("figures", "metric", "killed injured none"),
	"article": mentioned("key:art:1 none", func(_ *records, m rec) string { return m.str("article") }),
	"source":  mentioned("key:src:1 none", func(w *records, m rec) string { return w.ids[m.str("article")].str("source") }),
	"background_of": mentioned("key:st:1 key:st:2,key:st:3,key:st:4,key:st:5 none", func(_ *records, m rec) string {
		if m.str("role") != "background" {
			return ""
		}
		return m.str("statement")
	}),
	"min_low": {holds: func(_ *records, r rec, given []string, q url.Values) bool {
		return slices.ContainsFunc(r.list("figures"), func(f rec) bool {
			return slices.Contains(strings.Split(q.Get("metric"), ","), f.str("metric")) && f["low"] != nil &&
				slices.ContainsFunc(given, func(v string) bool { return number(f.str("low")) >= number(v) })
		})
	}, try: "3 4 3.5 9999"},
	"figures_disagree": told("true false", func(_ *records, r rec) bool {
		account := func(f rec) string { return f.str("given_by_article") + f.str("given_by_statement") }
		for _, a := range r.list("figures") {
			for _, b := range r.list("figures") {
				same := fmt.Sprint(a["metric"], a["unit"], a["of"], a["civilian"]) == fmt.Sprint(b["metric"], b["unit"], b["of"], b["civilian"])
				if same && account(a) != account(b) && a["high"] != nil && b["low"] != nil && number(a.str("high")) < number(b.str("low")) {
					return true
				}
			}
		}
		return false
	}),
	"bbox": {holds: func(_ *records, r rec, given []string, _ url.Values) bool {
		b := degrees(given[0])
		return somewhere(r, func(latitude, longitude float64) bool {
			if latitude < b[1] || latitude > b[3] {
				return false
			}
			for _, turn := range []float64{-360, 0, 360} { // the box laid out on an endless map
				east := b[2]
				if b[0] > b[2] {
					east += 360
				}
				if l := longitude + turn; b[0] <= l && l <= east {
					return true
				}
			}
			return false
		})
	}, try: "60,29,75,38 170,-30,-170,30 -180,-90,180,90 170,-90,180,90 -180,-90,-175,90 73.05,33.69,73.05,33.69 75,29,60,38"},
	"near": {holds: func(_ *records, r rec, given []string, q url.Values) bool {
		at, radius := degrees(given[0]), number(q.Get("radius_km"))
		return somewhere(r, func(latitude, longitude float64) bool { return apart(at[0], at[1], latitude, longitude) <= radius })
	}, try: "33.69,73.05 0,180 0,-179.5 90,0 -89,20"},
	"radius_km": {},
}
