package store_test

import (
	"net/url"
	"slices"
	"strings"
	"unicode"

	"onrecord/internal/claims"
	"onrecord/internal/edtf"
)

// A meaning is what a filter says, read naively: the values by which it selects
// a record, or whether a record is one of those for the values given.
type meaning struct {
	values func(w *records, r rec, q url.Values) []string
	holds  func(w *records, r rec, given []string, q url.Values) bool
	groups map[string][]string
	try    string // values to ask for, separated by space
	every  string // what is in force when none is given
	inert  bool   // … for others to read, not as a demand
}

// asked are the values of a parameter as records have them.
func (m meaning) asked(name, given string) (list []string) {
	if name == "bbox" || name == "near" {
		return []string{given}
	}
	for v := range strings.SplitSeq(given, ",") {
		key, isKey := strings.CutPrefix(v, "key:")
		switch {
		case m.groups[v] != nil:
			list = append(list, m.groups[v]...)
		case isKey && name != "key":
			list = append(list, claims.ID(key))
		default:
			list = append(list, v)
		}
	}
	return list
}

// worded reads a search for one word, which no stemmer changes, naively: it is
// one of the texts' words.
func worded(try string, texts func(w *records, r rec) []string) meaning {
	return meaning{holds: func(w *records, r rec, given []string, _ url.Values) bool {
		words := strings.FieldsFunc(strings.ToLower(strings.Join(texts(w, r), " ")), func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
		return slices.ContainsFunc(given, func(v string) bool { return slices.Contains(words, strings.ToLower(v)) })
	}, try: try}
}

// wordedBy reads it in fields of the record itself.
func wordedBy(try string, fields ...string) meaning {
	return worded(try, func(_ *records, r rec) []string {
		texts := each(r, "aliases", "name")
		for _, field := range fields {
			texts = append(texts, r.str(field))
		}
		return texts
	})
}

// selects reports whether one of the values given selects the record; q is what
// stands beside them.
func (m meaning) selects(w *records, r rec, given []string, q url.Values) bool {
	if m.holds != nil {
		return m.holds(w, r, given, q)
	}
	has := m.values(w, r, q)
	return slices.ContainsFunc(given, func(v string) bool {
		return v == "none" && len(has) == 0 || v == "any" && m.every != "" && len(has) > 0 || slices.Contains(has, v)
	})
}

// selected reads a whole question naively.
func (w *records) selected(kind claims.Kind, q url.Values) (ids []string) {
	for _, r := range w.kinds[kind] {
		all := true
		for name, m := range meanings[kind] {
			if m.values == nil && m.holds == nil {
				continue
			}
			switch not := q.Has("not_" + name); {
			case q.Has(name):
				all = all && m.selects(w, r, m.asked(name, q.Get(name)), q)
			case m.every != "" && !m.inert && !not:
				all = all && m.selects(w, r, []string{m.every}, q)
			}
			if q.Has("not_" + name) {
				all = all && !m.selects(w, r, m.asked(name, q.Get("not_"+name)), q)
			}
		}
		if window := windowsOf[kind]; window != "" {
			all = all && inWindow(r, window, q)
		}
		if kind == claims.KindStatement {
			all = all && w.carried(r, q)
		}
		if all {
			ids = append(ids, r.id())
		}
	}
	slices.Sort(ids)
	return ids
}

// windowsOf are the dates that kinds are filtered by.
var windowsOf = map[claims.Kind]string{claims.KindStatement: "said", claims.KindEvent: "occurred", claims.KindArticle: "published"}

// dated is the field of a window's date.
func dated(r rec, window string) edtf.Date {
	text := r.str(window + "_on")
	if window == "occurred" {
		text = r.str("occurred")
	}
	if text == "" {
		return edtf.Date{}
	}
	return edtf.MustParse(text)
}

func inWindow(r rec, window string, q url.Values) bool {
	date := dated(r, window)
	if q.Has(window + "_on") {
		return date.IsZero()
	}
	if q.Has(window+"_from") || q.Has(window+"_to") {
		days, err := edtf.Window(q.Get(window+"_from"), q.Get(window+"_to"))
		if err != nil {
			panic(err)
		}
		match := date.Match(days)
		if match == edtf.None || q.Get("date_match") == "certain" && match != edtf.Certain {
			return false
		}
	}
	for name, want := range map[string]bool{window + "_bucket": true, "not_" + window + "_bucket": false} {
		if q.Has(name) && inBucket(date, q.Get(name)) != want {
			return false
		}
	}
	return true
}

// matching is how a record that a window selects says that it matches it.
func matching(r rec, window string, q url.Values) string {
	if !q.Has(window+"_from") && !q.Has(window+"_to") {
		return ""
	}
	days, err := edtf.Window(q.Get(window+"_from"), q.Get(window+"_to"))
	if err != nil {
		panic(err)
	}
	return dated(r, window).Match(days).String()
}

func inBucket(date edtf.Date, bucket string) bool {
	days := date.Range()
	if date.IsZero() || date.Qualified() || days.From == edtf.NegInf || days.To == edtf.PosInf {
		return false
	}
	first, last := days.From.Time(), (days.To - 1).Time()
	switch bucket {
	case "year":
		return first.Year() == last.Year()
	case "month":
		return first.Format("2006-01") == last.Format("2006-01")
	case "week":
		y, w := first.ISOWeek()
		ly, lw := last.ISOWeek()
		return y == ly && w == lw
	case "day":
		return first.Equal(last)
	}
	return date.Match(edtf.MustParse(bucket).Range()) == edtf.Certain
}

// carried reads carried_from and carried_to.
func (w *records) carried(r rec, q url.Values) bool {
	if !q.Has("carried_from") && !q.Has("carried_to") {
		return true
	}
	days, err := edtf.Window(q.Get("carried_from"), q.Get("carried_to"))
	if err != nil {
		panic(err)
	}
	for _, report := range w.of(claims.KindReport, "statement", r) {
		if dated(w.ids[report.str("article")], "published").Match(days) != edtf.None {
			return true
		}
	}
	return false
}
