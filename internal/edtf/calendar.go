package edtf

import (
	"errors"
	"strings"
)

const (
	minYear = 1
	maxYear = 9999
)

// parseDate reads a year, month, season or day, with its unspecified digits and
// its closing qualifier.
func parseDate(s string) (Date, error) {
	var date Date
	body := s
	if n := len(s); n > 0 && isQualifier(s[n-1]) {
		date.qualified, body = true, s[:n-1]
	}
	var err error
	switch {
	case len(body) == 4:
		err = date.readYear(body)
	case len(body) == 7 && body[4] == '-':
		err = date.readMonth(body[:4], body[5:])
	case len(body) == 10 && body[4] == '-' && body[7] == '-':
		err = date.readDay(body[:4], body[5:7], body[8:])
	default:
		err = errShape
	}
	if errors.Is(err, errShape) {
		err = explain(s)
	}
	if err != nil {
		return Date{}, err
	}
	return date, nil
}

// errShape marks a text whose form is wrong, as against a form with a wrong
// number in it; explain finds the words for it.
const errShape = reason("it has no known form")

func (d *Date) readYear(year string) error {
	d.precision = PrecisionYear
	span := 1
	switch {
	case strings.HasSuffix(year, "XX"):
		d.precision, span, year = PrecisionCentury, 100, year[:2]
	case strings.HasSuffix(year, "X"):
		d.precision, span, year = PrecisionDecade, 10, year[:3]
	}
	first, ok := digits(year)
	if !ok {
		return errShape
	}
	first *= span
	if first+span <= minYear {
		return errYear
	}
	d.days = Range{firstOf(max(first, minYear), 1), firstOf(first+span, 1)}
	return nil
}

const errYear = reason("years run from 0001 to 9999")

// readMonth reads what follows a whole year and one hyphen.
func (d *Date) readMonth(year, month string) error {
	y, ok := digits(year)
	if !ok {
		return errShape
	}
	if month == "XX" {
		return d.readYear(year)
	}
	m, ok := digits(month)
	switch {
	case !ok:
		return errShape
	case y < minYear:
		return errYear
	case m >= 1 && m <= 12:
		d.precision = PrecisionMonth
		d.days = Range{firstOf(y, m), firstOf(y, m+1)}
		return nil
	case m >= 21 && m <= 24:
		d.precision = PrecisionSeason
		m = 3 * (m - 20)
		d.days = Range{firstOf(y, m), firstOf(y, m+3)}
		return nil
	case m >= 25 && m <= 41:
		return refuse("code %s (quarters, halves and located seasons, EDTF level 2) is not supported; seasons are 21 to 24", month)
	}
	return refuse("there is no month %s; months are 01 to 12, seasons 21 to 24", month)
}

func (d *Date) readDay(year, month, day string) error {
	if month == "XX" && day != "XX" {
		return errShape
	}
	if err := d.readMonth(year, month); err != nil {
		return err
	}
	if d.precision == PrecisionSeason {
		return refuse("season %s has no days; write %s-%s", month, year, month)
	}
	if day == "XX" {
		return nil
	}
	n, ok := digits(day)
	if !ok {
		return errShape
	}
	if n < 1 || n > d.days.Days() {
		return refuse("%s-%s has no day %s; its last is %d", year, month, day, d.days.Days())
	}
	d.precision = PrecisionDay
	d.days.From += Day(n - 1)
	d.days.To = d.days.From + 1
	return nil
}

// digits reads a short run of decimal digits and nothing else.
func digits(s string) (n int, ok bool) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}

func isQualifier(c byte) bool { return c == '?' || c == '~' || c == '%' }
