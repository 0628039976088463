package edtf

import "strings"

// Core returns the days on which d certainly lasted: from the last day on which
// it can have begun to the first on which it can have ended, both included. An
// open end (..) lasts on; an unknown end, a qualifier, a set or a single date
// that is vaguer than a day leave no more than is sure, which may be nothing.
// It lies within Range, and is empty for no date.
func (d Date) Core() Range {
	nothing := Range{PosInf, PosInf}
	switch {
	case d.IsZero() || d.qualified || d.IsSet():
		return nothing
	case !d.IsInterval():
		if d.days.Days() == 1 {
			return d.days
		}
		return nothing
	}
	start, end, _ := strings.Cut(d.text, "/")
	core := Range{NegInf, PosInf}
	if begun, err := parsePart("start", start); err == nil {
		core.From = begun.days.To - 1
		if end == "" {
			core.To = begun.days.To
		}
	}
	if ended, err := parsePart("end", end); err == nil {
		core.To = ended.days.From + 1
		if start == "" {
			core.From = ended.days.From
		}
	}
	if core.IsEmpty() {
		return nothing
	}
	return core
}
