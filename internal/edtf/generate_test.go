package edtf_test

import (
	"fmt"
	"time"

	"pgregory.net/rapid"

	"onrecord/internal/edtf"
)

// sample is a date together with what it means, worked out from its parts with
// the time package and not by parsing.
type sample struct {
	text        string
	first, last time.Time // both included
	qualified   bool
}

func (s sample) days() edtf.Range {
	return edtf.Range{From: edtf.DayOf(s.first), To: edtf.DayOf(s.last) + 1}
}

func utc(year, month, day int) time.Time {
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
}

// anyDay draws a real day of the years from first to last.
func anyDay(first, last int) *rapid.Generator[time.Time] {
	return rapid.Custom(func(t *rapid.T) time.Time {
		days := int(utc(last+1, 1, 1).Sub(utc(first, 1, 1)).Hours()) / 24
		return utc(first, 1, 1).AddDate(0, 0, rapid.IntRange(0, days-1).Draw(t, "day"))
	})
}

// forms writes the day at in every form that covers it, from the most precise
// to the vaguest of each line.
func forms(at time.Time) (calendar, season []sample) {
	year, month := at.Year(), int(at.Month())
	yearFirst, yearLast := utc(year, 1, 1), utc(year, 12, 31)
	monthFirst, monthLast := utc(year, month, 1), utc(year, month+1, 0)
	decade, century := max(year/10*10, 1), max(year/100*100, 1)
	calendar = []sample{
		{at.Format("2006-01-02"), at, at, false},
		{at.Format("2006-01"), monthFirst, monthLast, false},
		{at.Format("2006-01-XX"), monthFirst, monthLast, false},
		{at.Format("2006"), yearFirst, yearLast, false},
		{at.Format("2006-XX"), yearFirst, yearLast, false},
		{at.Format("2006-XX-XX"), yearFirst, yearLast, false},
		{fmt.Sprintf("%03dX", year/10), utc(decade, 1, 1), utc(year/10*10+9, 12, 31), false},
		{fmt.Sprintf("%02dXX", year/100), utc(century, 1, 1), utc(year/100*100+99, 12, 31), false},
	}
	seasonYear, seasonMonth := year, month/3*3
	if seasonMonth == 0 { // January and February belong to the winter before
		seasonYear, seasonMonth = year-1, 12
	}
	if seasonYear > 0 {
		season = append(season, sample{
			fmt.Sprintf("%04d-%d", seasonYear, 20+seasonMonth/3),
			utc(seasonYear, seasonMonth, 1), utc(seasonYear, seasonMonth+3, 0), false,
		})
	}
	return calendar, season
}

// simpleDate draws a date of one part: no interval, set or time of day.
func simpleDate(first, last int) *rapid.Generator[sample] {
	return rapid.Custom(func(t *rapid.T) sample {
		calendar, season := forms(anyDay(first, last).Draw(t, "at"))
		s := rapid.SampledFrom(append(calendar, season...)).Draw(t, "form")
		if mark := rapid.SampledFrom([]string{"", "", "?", "~", "%"}).Draw(t, "qualifier"); mark != "" {
			s.text, s.qualified = s.text+mark, true
		}
		return s
	})
}

// universe bounds the days that an open end reaches in generated dates, so that
// properties can be checked day by day.
var universe = sample{first: utc(1800, 1, 1), last: utc(2199, 12, 31)}

// anyDate draws a date of any form whose days lie in the universe.
func anyDate() *rapid.Generator[sample] {
	simple := simpleDate(1900, 2099)
	return rapid.OneOf(simple, dateTime(), interval(simple), set(simple))
}

func dateTime() *rapid.Generator[sample] {
	return rapid.Custom(func(t *rapid.T) sample {
		at := anyDay(1900, 2099).Draw(t, "at")
		clock := time.Duration(rapid.IntRange(0, 24*60*60-1).Draw(t, "second")) * time.Second
		zone := rapid.SampledFrom([]string{"", "Z", "+05:00", "-03:30", "+14", "-12:00"}).Draw(t, "zone")
		return sample{at.Add(clock).Format("2006-01-02T15:04:05") + zone, at, at, false}
	})
}

// span draws two ends around a separator; where the first is open, or the last,
// the span reaches the end of the universe.
func span(t *rapid.T, simple *rapid.Generator[sample], separator string, openFirst, openLast bool) sample {
	a, b := simple.Draw(t, "start"), simple.Draw(t, "end")
	if a.first.After(b.last) {
		a, b = b, a
	}
	s := sample{a.text + separator + b.text, a.first, b.last, a.qualified || b.qualified}
	switch {
	case openFirst:
		s = sample{separator + b.text, universe.first, b.last, b.qualified}
	case openLast:
		s = sample{a.text + separator, a.first, universe.last, a.qualified}
	}
	return s
}

func interval(simple *rapid.Generator[sample]) *rapid.Generator[sample] {
	return rapid.Custom(func(t *rapid.T) sample {
		open := rapid.SampledFrom([]string{"", "", "first", "last"}).Draw(t, "open")
		s := span(t, simple, "/", open == "first", open == "last")
		if rapid.Bool().Draw(t, "dots") {
			switch open {
			case "first":
				s.text = ".." + s.text
			case "last":
				s.text += ".."
			}
		}
		return s
	})
}

func set(simple *rapid.Generator[sample]) *rapid.Generator[sample] {
	return rapid.Custom(func(t *rapid.T) sample {
		n := rapid.IntRange(1, 4).Draw(t, "members")
		whole := sample{text: "[", first: universe.last, last: universe.first}
		for i := range n {
			member := simple.Draw(t, "member")
			if rapid.Bool().Draw(t, "run") {
				openFirst := i == 0 && rapid.Bool().Draw(t, "openFirst")
				openLast := i == n-1 && rapid.Bool().Draw(t, "openLast")
				member = span(t, simple, "..", openFirst, openLast)
			}
			if i > 0 {
				whole.text += ","
			}
			whole.text += member.text
			whole.qualified = whole.qualified || member.qualified
			if member.first.Before(whole.first) {
				whole.first = member.first
			}
			if member.last.After(whole.last) {
				whole.last = member.last
			}
		}
		whole.text += "]"
		return whole
	})
}
