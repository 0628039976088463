package edtf

import "time"

// Period is the time that a filter names with one value: an EDTF date, an RFC
// 3339 time (its day as written) or epoch milliseconds (their day in UTC).
func Period(s string) (Range, error) {
	if t, is, err := epoch(s); is {
		day := DayOf(t)
		return Range{day, day + 1}, err
	}
	date, err := Parse(withoutFraction(s))
	return date.Range(), err
}

// Moment is the time at which a filter's value begins: an RFC 3339 time and
// epoch milliseconds are exact, an EDTF date begins at midnight in UTC.
func Moment(s string) (time.Time, error) {
	if t, is, err := epoch(s); is {
		return t, err
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil && t.UTC().Year() >= minYear && t.UTC().Year() <= maxYear {
		return t.UTC(), nil
	}
	day, err := bound(s, false)
	if err != nil {
		return time.Time{}, err
	}
	return day.Time(), nil
}
