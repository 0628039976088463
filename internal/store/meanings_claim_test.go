package store_test

import (
	"net/url"
	"slices"
	"strconv"

	"onrecord/internal/claims"
	"onrecord/internal/edtf"
)

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
	"q":             wordedBy("c0 c1", "text"),
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
