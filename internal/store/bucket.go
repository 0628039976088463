package store

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// buckets are the periods that dates are counted by. A date is in one if it
// certainly is: every day it can mean lies in it, and it is neither approximate
// nor uncertain. Weeks are those of ISO 8601, from Monday.
var buckets = []string{"day", "week", "month", "quarter", "year"}

// Buckets lists the periods that dates are counted by.
func Buckets() []string { return slices.Clone(buckets) }

// longest are the days that a date within one can span at most.
var longest = map[string]int{"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}

var bucketForm = map[string]*regexp.Regexp{
	"day":     regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`),
	"week":    regexp.MustCompile(`^(\d{4})-W(\d{2})$`),
	"month":   regexp.MustCompile(`^\d{4}-\d{2}$`),
	"quarter": regexp.MustCompile(`^(\d{4})-Q([1-4])$`),
	"year":    regexp.MustCompile(`^\d{4}$`),
}

// bucketAt is the first day of a bucket and its unit, from its name: 2026,
// 2026-Q1, 2026-02, 2026-W08 or 2026-02-18.
func bucketAt(name string) (start time.Time, unit string, ok bool) {
	for unit, form := range bucketForm {
		m := form.FindStringSubmatch(name)
		if m == nil {
			continue
		}
		var err error
		switch unit {
		case "week":
			year, _ := strconv.Atoi(m[1]) // two and four digits
			week, _ := strconv.Atoi(m[2])
			fourth := time.Date(year, 1, 4, 0, 0, 0, 0, time.UTC) // in week 1, always
			start = fourth.AddDate(0, 0, 7*(week-1)-(int(fourth.Weekday())+6)%7)
		case "quarter":
			year, _ := strconv.Atoi(m[1])
			start = time.Date(year, time.Month(3*int(m[2][0]-'1')+1), 1, 0, 0, 0, 0, time.UTC)
		default:
			start, err = time.Parse(time.DateOnly[:len(name)], name)
		}
		return start, unit, err == nil && start.Year() > 0 && bucketName(start, unit) == name
	}
	return start, "", false
}

// bucketName is the name of the bucket that starts on a day.
func bucketName(start time.Time, unit string) string {
	switch unit {
	case "week":
		year, week := start.ISOWeek()
		return fmt.Sprintf("%04d-W%02d", year, week)
	case "quarter":
		return fmt.Sprintf("%04d-Q%d", start.Year(), (int(start.Month())+2)/3)
	}
	return start.Format(time.DateOnly[:map[string]int{"day": 10, "month": 7, "year": 4}[unit]])
}

// nextBucket is the first day of the one after.
func nextBucket(start time.Time, unit string) time.Time {
	switch unit {
	case "day":
		return start.AddDate(0, 0, 1)
	case "week":
		return start.AddDate(0, 0, 7)
	case "month":
		return start.AddDate(0, 1, 0)
	case "quarter":
		return start.AddDate(0, 3, 0)
	}
	return start.AddDate(1, 0, 0)
}

// startOf is the first day of the bucket that a day lies in.
func startOf(day time.Time, unit string) time.Time {
	switch unit {
	case "week":
		return day.AddDate(0, 0, -(int(day.Weekday())+6)%7)
	case "month":
		return time.Date(day.Year(), day.Month(), 1, 0, 0, 0, 0, time.UTC)
	case "quarter":
		return time.Date(day.Year(), (day.Month()-1)/3*3+1, 1, 0, 0, 0, 0, time.UTC)
	case "year":
		return time.Date(day.Year(), 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return day
}

// nests reports whether each bucket of the one unit lies within one of the
// other.
func nests(in, of string) bool {
	return in == of || in == "day" || in != "week" && of != "week" && slices.Index(buckets, in) < slices.Index(buckets, of)
}

// within is the condition that a date is in some bucket of the unit.
func (w window) within(unit string) string {
	sure := fmt.Sprintf("%s BETWEEN 1 AND %d AND NOT %s", w.days, longest[unit], w.qualified)
	if unit == "day" {
		return "(" + sure + ")"
	}
	// The first day's bucket is never after the last day's. That it isn't before it
	// either is thought likely by the planner, that they are equal very rare.
	return fmt.Sprintf("(%s AND %s >= %s)", sure, w.start(unit, "_from"), strings.Replace(w.start(unit, "_to"), "_to", "_to - 1", 1))
}

// start is the first day of the bucket that a bound lies in.
func (w window) start(unit, bound string) string {
	day := "t." + w.name + bound
	if unit == "day" {
		return day
	}
	return fmt.Sprintf("date_trunc('%s', (%s)::timestamp)::date", unit, day)
}

// bucket is the bucket of the unit that a date is in, null for none.
func (w window) bucket(unit string) string {
	return fmt.Sprintf("CASE WHEN %s THEN %s END", w.within(unit), w.start(unit, "_from"))
}

// rolled is the bucket of a month, quarter or year, the shortest that a date is
// in, which lies in a longer one whole.
func (w window) rolled(unit string) string {
	return fmt.Sprintf("CASE WHEN %s BETWEEN 1 AND %d THEN %s END", w.days, longest[unit], w.start(unit, "_from"))
}

// columns are those that a bucket is told by.
func (w window) columns() []string {
	return []string{w.name + "_from", w.name + "_to", w.name + "_days", w.name + "_qualified"}
}

// inBuckets reads the filter <name>_bucket: names of buckets that the date is
// in, or units, for dates that are in some bucket of it.
func (p *parameters) inBuckets() (conds []condition) {
	w, ok := windows[p.resource.kind]
	if !ok {
		return nil
	}
	for _, name := range []string{w.name + "_bucket", "not_" + w.name + "_bucket"} {
		var or []string
		var args []any
		for _, v := range p.many(name) {
			if slices.Contains(buckets, v) {
				or = append(or, w.within(v))
				continue
			}
			start, unit, ok := bucketAt(v)
			if !ok {
				p.refuse(name, "unknown_value", fmt.Sprintf("%q is none of %s, nor one of these, as 2026, 2026-Q1, 2026-02, 2026-W08 or 2026-02-18", v, strings.Join(buckets, ", ")))
				continue
			}
			or = append(or, fmt.Sprintf("(t.%[1]s_from >= ?::date AND t.%[1]s_from < ?::date AND t.%[1]s_to <= ?::date AND NOT %[2]s)", w.name, w.qualified))
			end := nextBucket(start, unit).Format(time.DateOnly)
			args = append(args, start.Format(time.DateOnly), end, end)
		}
		if or == nil {
			continue
		}
		sql := "(" + strings.Join(or, " OR ") + ")"
		if name[:4] == "not_" {
			sql += " IS NOT TRUE"
		}
		conds = append(conds, condition{sql, args})
	}
	return conds
}
