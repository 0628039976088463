package store

import (
	"fmt"
	"strings"

	"onrecord/internal/claims"
	"onrecord/internal/edtf"
)

// A window is a pair of bounds on a fuzzy date, <name>_from and <name>_to, kept
// in the columns <name>_from and <name>_to.
type window struct {
	name      string
	days      string // expression for the width in days
	qualified string // expression: the date is approximate or uncertain
}

// The widest date that counts as narrow, in days: a narrow one that overlaps a
// window starts at most so long before it, which bounds the walk of the index.
const narrow = 366

// windows are the fuzzy dates that kinds are filtered by.
var windows = map[claims.Kind]window{
	claims.KindStatement: {"said", "t.said_days", "t.said_qualified"},
	claims.KindEvent:     {"occurred", "t.occurred_days", "t.occurred_qualified"},
	claims.KindArticle:   {"published", "t.published_days", "t.published_qualified"},
}

// bounds reads the window of the resource's fuzzy date, if it has one: the
// branches that together hold the matching rows, and how a row matches. What each
// branch demands of a part that carries the date is kept in spans.
func (p *parameters) bounds(scope map[string]string) (branches []condition, match string, matchArgs []any) {
	w, ok := windows[p.resource.kind]
	if !ok {
		return nil, "", nil
	}
	r, given := p.window(w.name)
	unknown := p.single(w.name + "_on")
	mode := p.single("date_match")
	if mode == "" {
		mode = "possible"
	}
	scope["date_match"] = mode
	if mode != "possible" && mode != "certain" {
		p.refuse("date_match", "unknown_value", fmt.Sprintf("%q is none of possible, certain", mode))
	}
	lo, hi := "t."+w.name+"_from", "t."+w.name+"_to"
	part := "w." + w.name + "_from"
	if unknown != "" {
		if unknown != "unknown" {
			p.refuse(w.name+"_on", "unknown_value", "takes only unknown; for a period use "+w.name+"_from and "+w.name+"_to")
		}
		if given {
			p.refuse(w.name+"_on", "contradiction", "an unknown date lies in no period")
		}
		p.spans = []condition{{sql: part + " = 'infinity'"}}
		return []condition{{sql: lo + " = 'infinity'"}}, "", nil
	}
	if !given {
		return nil, "", nil
	}
	first, end := r.From.String(), r.To.String()
	certain := fmt.Sprintf("%s >= ?::date AND %s <= ?::date AND %s < 'infinity' AND NOT %s", lo, hi, lo, w.qualified)
	match, matchArgs = "CASE WHEN "+certain+" THEN 'certain' ELSE 'possible' END", []any{first, end}
	if mode == "certain" {
		p.spans = []condition{{part + " >= ?::date AND " + part + " < ?::date", []any{first, end}}}
		return []condition{{certain, []any{first, end}}}, match, matchArgs
	}
	overlap := fmt.Sprintf("%s < ?::date AND %s > ?::date", lo, hi)
	before := condition{part + " < ?::date", []any{end}}
	if r.From == edtf.NegInf {
		p.spans = []condition{before}
		return []condition{{overlap, []any{end, first}}}, match, matchArgs
	}
	days := "w." + w.name + "_days"
	p.spans = []condition{
		{fmt.Sprintf("%[1]s <= %[2]d AND %[3]s >= ?::date - %[2]d AND %[3]s < ?::date AND %[3]s + %[1]s > ?::date", days, narrow, part), []any{first, end, first}},
		{fmt.Sprintf("%s > %d AND %s", days, narrow, before.sql), before.args},
	}
	return []condition{
		{fmt.Sprintf("%s <= %d AND %s >= ?::date - %d AND %s", w.days, narrow, lo, narrow, overlap), []any{first, end, first}},
		{fmt.Sprintf("%s > %d AND %s", w.days, narrow, overlap), []any{end, first}},
	}, match, matchArgs
}

// window reads the bounds <name>_from and <name>_to; false if neither is given.
func (p *parameters) window(name string) (edtf.Range, bool) {
	first, last := name+"_from", name+"_to"
	from, to := p.single(first), p.single(last)
	if from == "" && to == "" {
		return edtf.Range{}, false
	}
	sound := true
	for _, bound := range [][3]string{{first, from, ""}, {last, "", to}} {
		if _, err := edtf.Window(bound[1], bound[2]); err != nil {
			sound = false
			p.refuse(bound[0], "period", err.Error())
		}
	}
	r, err := edtf.Window(from, to)
	if sound && err != nil {
		p.refuse(first, "period", err.Error())
	}
	return r, true
}

// carriedThen reads carried_from and carried_to: an article that carries the
// statement was published then, or may have been, whatever date_match says of
// the day on which it was said.
func (p *parameters) carriedThen() (conds []condition) {
	if p.resource.kind != claims.KindStatement {
		return nil
	}
	r, given := p.window("carried")
	if !given {
		return nil
	}
	then := condition{fmt.Sprintf("a.published_from < ?::date AND a.published_to > ?::date AND (a.published_days > %d OR a.published_from >= ?::date - %d)", narrow, narrow),
		[]any{r.To.String(), r.From.String(), r.From.String()}}
	if r.From == edtf.NegInf {
		then = condition{"a.published_from < ?::date", []any{r.To.String()}}
	}
	if p.unit == "reports" {
		p.units = append(p.units, condition{strings.ReplaceAll(then.sql, "a.", "ua."), then.args})
		return nil
	}
	return []condition{{"EXISTS (SELECT FROM {reports} p JOIN {articles} a ON a.id = p.article WHERE p.statement = t.id AND " + then.sql + ")", then.args}}
}
