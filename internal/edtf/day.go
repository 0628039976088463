package edtf

import (
	"fmt"
	"math"
	"time"
)

// Day counts local calendar days from 1970-01-01, in the proleptic Gregorian
// calendar. NegInf and PosInf stand for open ends and sort before and after
// every other day.
type Day int32

const (
	NegInf Day = math.MinInt32
	PosInf Day = math.MaxInt32
)

const secondsPerDay = 24 * 60 * 60

// DayOf returns the day t falls on in t's own location: the date as it would be
// written there. Times too far away for a Day give NegInf or PosInf.
func DayOf(t time.Time) Day {
	year, month, day := t.Date()
	days := time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / secondsPerDay
	return Day(min(max(days, int64(NegInf)), int64(PosInf)))
}

// firstOf is the first day of a month; a month above 12 runs into the next year.
func firstOf(year, month int) Day {
	return Day(time.Date(year, time.Month(month), 1, 0, 0, 0, 0, time.UTC).Unix() / secondsPerDay)
}

// Time returns midnight UTC of d. The open ends give times millions of years
// away, so order is kept.
func (d Day) Time() time.Time {
	return time.Unix(int64(d)*secondsPerDay, 0).UTC()
}

// String returns d as a PostgreSQL date literal: "2026-02-18", "-infinity",
// "infinity". Years before 1 are written "0044-03-15 BC".
func (d Day) String() string {
	switch d {
	case NegInf:
		return "-infinity"
	case PosInf:
		return "infinity"
	}
	t := d.Time()
	if year, month, day := t.Date(); year < 1 {
		return fmt.Sprintf("%04d-%02d-%02d BC", 1-year, month, day)
	}
	return t.Format(time.DateOnly)
}

// MarshalText writes d as String does.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// Range is the half-open run of days [From, To). From may be NegInf and To PosInf.
type Range struct{ From, To Day }

// Days returns the number of days in r, math.MaxInt32 when an end is open and 0
// when r is empty.
func (r Range) Days() int {
	switch {
	case r.IsEmpty():
		return 0
	case r.From == NegInf || r.To == PosInf:
		return math.MaxInt32
	}
	return min(int(r.To)-int(r.From), math.MaxInt32)
}

// IsEmpty reports whether r holds no day.
func (r Range) IsEmpty() bool { return r.From >= r.To }

// hull is the smallest range that covers both.
func (r Range) hull(other Range) Range {
	return Range{min(r.From, other.From), max(r.To, other.To)}
}
