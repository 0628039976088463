package edtf

import "time"

// Precision names what a Date pins down: the calendar unit it is known to, or
// its form where it is an interval or a set. Unspecified digits don't add
// precision: "2025-XX" is known to the year.
type Precision string

const (
	PrecisionInstant  Precision = "instant" // a date-time, with or without a zone
	PrecisionDay      Precision = "day"
	PrecisionMonth    Precision = "month"
	PrecisionSeason   Precision = "season"
	PrecisionYear     Precision = "year"
	PrecisionDecade   Precision = "decade"
	PrecisionCentury  Precision = "century"
	PrecisionInterval Precision = "interval"
	PrecisionSet      Precision = "set"
)

// Certainty says how surely a date lies in a window. The values are ordered.
type Certainty int

const (
	None     Certainty = iota // no day of the date is in the window
	Possible                  // some day is, or all are but the date is qualified
	Certain                   // all days are
)

// String returns "none", "possible" or "certain".
func (c Certainty) String() string {
	switch c {
	case Certain:
		return "certain"
	case Possible:
		return "possible"
	}
	return "none"
}

// Date is a vague date as somebody wrote it. The zero value means no date.
// Dates can be compared with ==, which asks whether they were written alike:
// "2025" and "2025-XX" cover the same days and differ.
type Date struct {
	text      string
	days      Range
	precision Precision
	qualified bool
}

// String returns the date as written, and "" for no date.
func (d Date) String() string { return d.text }

// IsZero reports whether d is no date.
func (d Date) IsZero() bool { return d.text == "" }

// Equal is ==, under the name that go-cmp looks for.
func (d Date) Equal(other Date) bool { return d == other }

// Range returns the days that d can mean as written; a qualifier doesn't widen
// them, and a set gives the span from its first to its last day, gaps included.
// It is empty, {PosInf, PosInf}, for no date and never otherwise.
func (d Date) Range() Range {
	if d.IsZero() {
		return Range{PosInf, PosInf}
	}
	return d.days
}

// Qualified reports whether any part of d is marked uncertain (?), approximate
// (~) or both (%).
func (d Date) Qualified() bool { return d.qualified }

// Precision returns "" for no date.
func (d Date) Precision() Precision { return d.precision }

// IsSet reports whether d is one moment among several, like [2025-05..2025-06].
func (d Date) IsSet() bool { return d.precision == PrecisionSet }

// IsInterval reports whether d lasted, like 2026-02-16/2026-02-18.
func (d Date) IsInterval() bool { return d.precision == PrecisionInterval }

// Instant returns the moment of a date-time, in UTC. It reports false for
// everything else and for date-times without a zone, which name no moment.
func (d Date) Instant() (time.Time, bool) {
	if d.precision != PrecisionInstant {
		return time.Time{}, false
	}
	c, err := parseClock(d.text[len("2006-01-02T"):])
	if err != nil || !c.zoned {
		return time.Time{}, false
	}
	return c.on(d.days.From), true
}

// Match says how surely d lies in window: Certain when its whole range does and
// it is not qualified, Possible when the two overlap, None otherwise. No date
// and an empty window match nothing. Sets and intervals are judged by Range, as
// a query over stored bounds judges them.
func (d Date) Match(window Range) Certainty {
	days := d.Range()
	switch {
	case days.IsEmpty() || window.IsEmpty():
		return None
	case days.From >= window.To || days.To <= window.From:
		return None
	case d.qualified || days.From < window.From || days.To > window.To:
		return Possible
	}
	return Certain
}
