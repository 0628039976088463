package edtf

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A number of minEpochDigits or more, with or without a minus sign, is epoch
// milliseconds: shorter ones would be epoch seconds or a date without dashes,
// which are refused instead of being read as a morning in 1970. The price is
// the 116 days before and after 1 January 1970, which take a date.
const minEpochDigits = 11

// Window turns the two bounds of a filter into the half-open window [from, to).
//
// A date counts by the START of what it names, in to as well as in from:
// windows are half open, so from=2026-02 and to=2026-03 is exactly February,
// and windows that share a bound neither overlap nor leave a gap.
// to=2026-02-18 therefore leaves the 18th out. A time in to that is after
// midnight takes its day in: what dashboards send as "now" means today too.
//
// A bound is an EDTF date that has a start, an RFC 3339 time (its date as
// written, whatever its zone) or epoch milliseconds (their day in UTC, at
// least eleven digits). An empty bound is open.
//
// An error names the bound and wraps a *ParseError; a window that would hold no
// day is an error too.
func Window(from, to string) (Range, error) {
	window := Range{NegInf, PosInf}
	var err error
	if from != "" {
		if window.From, err = bound(from, false); err != nil {
			return Range{}, fmt.Errorf("from: %w", err)
		}
	}
	if to != "" {
		if window.To, err = bound(to, true); err != nil {
			return Range{}, fmt.Errorf("to: %w", err)
		}
	}
	if window.IsEmpty() {
		err := refuse("the window holds no day: its end (%s) is not after its start (%s), and the end is left out", window.To, window.From)
		return Range{}, parseError(from+"/"+to, err)
	}
	return window, nil
}

func bound(s string, end bool) (Day, error) {
	if t, is, err := epoch(s); is {
		return dayAt(t, end), err
	}
	date, err := Parse(withoutFraction(s))
	if err != nil {
		return 0, err
	}
	if date.Range().From == NegInf {
		return 0, parseError(s, noStart)
	}
	if date.Precision() == PrecisionInstant && end && !strings.Contains(s, "T00:00:00") {
		return date.Range().To, nil
	}
	return date.Range().From, nil
}

const noStart = reason("it has no start; leave the bound out to keep the window open")

// epoch reads milliseconds since 1970, and tells whether it is such a number.
func epoch(s string) (t time.Time, is bool, err error) {
	number := strings.TrimPrefix(s, "-")
	if _, is = digits(number); !is || len(number) < minEpochDigits {
		return t, false, nil
	}
	ms, err := strconv.ParseInt(s, 10, 64)
	if t = time.UnixMilli(ms).UTC(); err != nil || t.Year() < minYear || t.Year() > maxYear {
		return t, true, parseError(s, reason("as epoch milliseconds it lies outside the years 0001 to 9999"))
	}
	return t, true, nil
}

// dayAt is the day of a moment; as the end of a window the day after, unless
// the moment is midnight.
func dayAt(t time.Time, end bool) Day {
	day := DayOf(t)
	if end && !t.Equal(day.Time()) {
		day++
	}
	return day
}

// withoutFraction drops the fraction of a second that RFC 3339 allows and EDTF
// does not.
func withoutFraction(s string) string {
	const whole = len("2006-01-02T15:04:05")
	if len(s) > maxLength || len(s) < whole+2 || s[10] != 'T' || s[whole] != '.' {
		return s
	}
	zone := strings.TrimLeft(s[whole+1:], "0123456789")
	if len(zone) == len(s)-whole-1 {
		return s
	}
	return s[:whole] + zone
}
