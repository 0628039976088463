package store_test

import (
	"net/url"
	"slices"
	"strings"

	"onrecord/internal/claims"
	"onrecord/internal/edtf"
)

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
	"q": worded("zebra kiwi", func(w *records, r rec) []string {
		texts := []string{r.str("text")}
		for _, report := range w.of(claims.KindReport, "statement", r) {
			texts = append(texts, each(report, "renderings", "text")...)
		}
		return texts
	}),
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
