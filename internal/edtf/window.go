package edtf

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A number of minEpochDigits or more is epoch milliseconds. Five digits more
// than a year leave no doubt: 2026 is a year, and 20260218, which is neither, is
// refused instead of being read as a morning in 1970.
const minEpochDigits = 4 + 5

// Window turns the two bounds of a filter into the half-open window [from, to).
//
// Each bound counts by the START of what it names, to as well as from: windows
// are half open, so from=2026-02 and to=2026-03 is exactly February, and windows
// that share a bound neither overlap nor leave a gap. to=2026-02-18 therefore
// leaves the 18th out.
//
// A bound is an EDTF date that has a start, an RFC 3339 time (its date as
// written, whatever its zone; fractions of a second are dropped) or epoch
// milliseconds (their day in UTC; digits only, at least nine, so a plain
// four-digit number is a year). An empty bound is open.
//
// An error names the bound and wraps a *ParseError; a window that would hold no
// day is an error too.
func Window(from, to string) (Range, error) {
	window := Range{NegInf, PosInf}
	var err error
	if from != "" {
		if window.From, err = bound(from); err != nil {
			return Range{}, fmt.Errorf("from: %w", err)
		}
	}
	if to != "" {
		if window.To, err = bound(to); err != nil {
			return Range{}, fmt.Errorf("to: %w", err)
		}
	}
	if window.IsEmpty() {
		err := refuse("the window holds no day: its end (%s) is not after its start (%s), and the end is left out", window.To, window.From)
		return Range{}, parseError(from+"/"+to, err)
	}
	return window, nil
}

func bound(s string) (Day, error) {
	if _, isNumber := digits(s); isNumber && len(s) >= minEpochDigits {
		ms, err := strconv.ParseInt(s, 10, 64)
		if t := time.UnixMilli(ms).UTC(); err == nil && t.Year() <= maxYear {
			return DayOf(t), nil
		}
		return 0, parseError(s, reason("as epoch milliseconds it lies after the year 9999"))
	}
	date, err := Parse(withoutFraction(s))
	if err != nil {
		return 0, err
	}
	if date.Range().From == NegInf {
		return 0, parseError(s, reason("it has no start; leave the bound out to keep the window open"))
	}
	return date.Range().From, nil
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
