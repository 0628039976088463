package edtf_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"onrecord/internal/edtf"
)

// day is the Day of a date written in full, read without this package.
func day(t testing.TB, s string) edtf.Day {
	t.Helper()
	at, err := time.Parse(time.DateOnly, s)
	if err != nil {
		t.Fatal(err)
	}
	return edtf.DayOf(at)
}

func TestParseAccepts(t *testing.T) {
	const qualified, plain = true, false
	tests := []struct {
		text      string
		from, to  string // half open, "" for an open end
		precision edtf.Precision
		qualified bool
	}{
		{"2026-02-18", "2026-02-18", "2026-02-19", "day", plain},
		{"2024-02-29", "2024-02-29", "2024-03-01", "day", plain},
		{"2000-02-29", "2000-02-29", "2000-03-01", "day", plain},
		{"0001-01-01", "0001-01-01", "0001-01-02", "day", plain},
		{"1969-12-31", "1969-12-31", "1970-01-01", "day", plain},
		{"2025-10", "2025-10-01", "2025-11-01", "month", plain},
		{"2025-12", "2025-12-01", "2026-01-01", "month", plain},
		{"2025", "2025-01-01", "2026-01-01", "year", plain},

		{"2025?", "2025-01-01", "2026-01-01", "year", qualified},
		{"2025-05~", "2025-05-01", "2025-06-01", "month", qualified},
		{"2026-02-18%", "2026-02-18", "2026-02-19", "day", qualified},
		{"196X~", "1960-01-01", "1970-01-01", "decade", qualified},
		{"2025-21?", "2025-03-01", "2025-06-01", "season", qualified},

		{"196X", "1960-01-01", "1970-01-01", "decade", plain},
		{"19XX", "1900-01-01", "2000-01-01", "century", plain},
		{"000X", "0001-01-01", "0010-01-01", "decade", plain}, // there is no year 0000
		{"00XX", "0001-01-01", "0100-01-01", "century", plain},
		{"2025-XX", "2025-01-01", "2026-01-01", "year", plain},
		{"2025-XX-XX", "2025-01-01", "2026-01-01", "year", plain},
		{"2025-02-XX", "2025-02-01", "2025-03-01", "month", plain},

		{"2025-21", "2025-03-01", "2025-06-01", "season", plain},
		{"2025-22", "2025-06-01", "2025-09-01", "season", plain},
		{"2025-23", "2025-09-01", "2025-12-01", "season", plain},
		{"2025-24", "2025-12-01", "2026-03-01", "season", plain},

		{"2026-02-16/2026-02-18", "2026-02-16", "2026-02-19", "interval", plain},
		{"2025/2025", "2025-01-01", "2026-01-01", "interval", plain},
		{"2025/2026-02", "2025-01-01", "2026-03-01", "interval", plain},
		{"2026-02-10/2026-02", "2026-02-10", "2026-03-01", "interval", plain},
		{"2026-02/2026-02-10", "2026-02-01", "2026-02-11", "interval", plain},
		{"196X/1975-24", "1960-01-01", "1976-03-01", "interval", plain},
		{"2025~/2026", "2025-01-01", "2027-01-01", "interval", qualified},
		{"2025/2026?", "2025-01-01", "2027-01-01", "interval", qualified},
		{"2025-10/..", "2025-10-01", "", "interval", plain},
		{"../2025-10", "", "2025-11-01", "interval", plain},
		{"2025-10/", "2025-10-01", "", "interval", plain},
		{"/2025-10", "", "2025-11-01", "interval", plain},
		{"2025-10%/", "2025-10-01", "", "interval", qualified},

		{"[2025]", "2025-01-01", "2026-01-01", "set", plain},
		{"[2023,2025]", "2023-01-01", "2026-01-01", "set", plain},
		{"[2025-06-02,2023-01,2024]", "2023-01-01", "2025-06-03", "set", plain},
		{"[2025-05..2025-06]", "2025-05-01", "2025-07-01", "set", plain},
		{"[1667,1668,1670..1672]", "1667-01-01", "1673-01-01", "set", plain},
		{"[..2026-02-19]", "", "2026-02-20", "set", plain},
		{"[2026-02..]", "2026-02-01", "", "set", plain},
		{"[..2024,2026..]", "", "", "set", plain},
		{"[2023,2025~]", "2023-01-01", "2026-01-01", "set", qualified},
		{"[2025?..2026]", "2025-01-01", "2027-01-01", "set", qualified},

		{"2026-02-18T14:30:00", "2026-02-18", "2026-02-19", "instant", plain},
		{"2026-02-18T14:30:00Z", "2026-02-18", "2026-02-19", "instant", plain},
		{"2026-02-18T00:30:00+05:00", "2026-02-18", "2026-02-19", "instant", plain},
		{"2026-02-18T23:30:00-05", "2026-02-18", "2026-02-19", "instant", plain},
	}
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			t.Parallel()
			date, err := edtf.Parse(test.text)
			if err != nil {
				t.Fatal(err)
			}
			want := edtf.Range{From: edtf.NegInf, To: edtf.PosInf}
			if test.from != "" {
				want.From = day(t, test.from)
			}
			if test.to != "" {
				want.To = day(t, test.to)
			}
			if diff := cmp.Diff(want, date.Range()); diff != "" {
				t.Errorf("Range (-want +got):\n%s", diff)
			}
			if date.Precision() != test.precision || date.Qualified() != test.qualified {
				t.Errorf("precision %q, qualified %t; want %q, %t", date.Precision(), date.Qualified(), test.precision, test.qualified)
			}
			if date.IsSet() != (test.precision == "set") || date.IsInterval() != (test.precision == "interval") {
				t.Errorf("IsSet %t, IsInterval %t for a %s", date.IsSet(), date.IsInterval(), test.precision)
			}
			if date.IsZero() || date.String() != test.text {
				t.Errorf("String %q, IsZero %t", date, date.IsZero())
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	tests := []struct{ text, reason string }{
		{"", "empty"},
		{strings.Repeat("[2025]", 40), "longer than 200 bytes"},
		{" 2025", "white space"},
		{"2025\n", "white space"},
		{"18 February 2026", "white space"},
		{"2026-02-18 14:30:00", "joined by T"},
		{"2026–02–18", "plain hyphen"},
		{"\xff025", "UTF-8"},
		{"yesterday", "write a year, month or day"},
		{"25", "write a year, month or day"},
		{"2026-2-18", "write a year, month or day"},
		{"２０２５", "write a year, month or day"},
		{"18.02.2026", "write a year, month or day"},
		{"20260218", "with hyphens: 2026-02-18"},
		{"2026/02/18", "written with hyphens"},

		{"2025-02-30", "2025-02 has no day 30; its last is 28"},
		{"2025-02-29", "its last is 28"},
		{"1900-02-29", "its last is 28"},
		{"2025-04-31", "its last is 30"},
		{"2025-04-00", "no day 00"},
		{"2025-00", "no month 00"},
		{"2025-13", "no month 13"},
		{"2025-13-01", "no month 13"},
		{"2025-20", "no month 20"},
		{"2025-33", "level 2"},
		{"2025-21-05", "season 21 has no days"},
		{"2025-21-XX", "season 21 has no days"},

		{"0000", "0001 to 9999"},
		{"0000-01", "0001 to 9999"},
		{"0000-XX", "0001 to 9999"},
		{"-0044-03-15", "negative years are not supported"},
		{"Y17000", "long years"},
		{"Y-17E7", "long years"},
		{"1950S2", "significant digits"},
		{"{2025,2026}", "all-of sets"},
		{"{2025..2026}", "all-of sets"},
		{"P1Y", "durations"},
		{"2025/P1Y", "durations"},

		{"196x", "capital X"},
		{"199u", "capital X"},
		{"1XXX", "X can stand only"},
		{"XXXX", "X can stand only"},
		{"19X5", "X can stand only"},
		{"196X-05", "X can stand only"},
		{"2025-XX-05", "X can stand only"},
		{"2025-1X", "X can stand only"},
		{"2025-02-1X", "X can stand only"},

		{"2025?~", "one qualifier"},
		{"?2025", "level 2"},
		{"2025?-05", "level 2"},
		{"2025-~05", "level 2"},
		{"?", "write a year, month or day"},

		{"2026/2025", "its end, 2025, is before its start, 2026"},
		{"2026-02-18/2026-02-17", "before its start"},
		{"2026~/2025~", "before its start"},
		{"2025/2025-13", `end "2025-13": there is no month 13`},
		{"2025-02-30/2026", `start "2025-02-30"`},
		{"2024/2025/2026", "one slash"},
		{"/", "not both"},
		{"../..", "not both"},
		{"/..", "not both"},
		{"..~/2025", "stands in brackets"},
		{"2025/open", "open end"},
		{"2025..2026", "stands in brackets"},
		{"2023,2025", "in brackets"},
		{"2025T10:00:00/2026", "no place in intervals"},
		{"2026-02-18T10:00:00/2026-02-18T11:00:00", "no place in intervals"},

		{"[", "ends with ]"},
		{"[2025", "ends with ]"},
		{"2025]", "starts with ["},
		{"[2025]?", "qualified as a whole"},
		{"[]", "between its brackets"},
		{"[2025,]", "between its brackets"},
		{"[2025,,2026]", "between its brackets"},
		{"[..]", "not both"},
		{"[2023, 2025]", "white space"},
		{"[2026..2025]", "before its start"},
		{"[2023,..2025]", "only the first member"},
		{"[2023..,2025]", "only the last member"},
		{"[2025-13]", `member "2025-13": there is no month 13`},
		{"[2025..2026..2027]", "stands in brackets"},
		{"[2025...2026]", "write a year, month or day"},
		{"[2025/2026]", "not intervals"},
		{"[[2025]]", "no other set"},
		{"[2026-02-18T10:00:00Z]", "no place in intervals and sets"},

		{"2026-02-18T", "a time of day is written"},
		{"2026-02-18T14", "a time of day is written"},
		{"2026-02-18T14:30", "a time of day is written"},
		{"2026-02-18T1a:30:00", "a time of day is written"},
		{"2026-02-18T14:30:00+0500", "a time of day is written"},
		{"2026-02-18T14:30:00+5:00", "a time of day is written"},
		{"2026-02-18T14:30:00+05:", "a time of day is written"},
		{"2026-02-18T14:30:00+a5:00", "a time of day is written"},
		{"2026-02-18T14:30:00UTC", "a time of day is written"},
		{"2026-02-18T14:30:00z", "capital Z"},
		{"2026-02-18T14:30:00.5Z", "fractions"},
		{"2026-02-18T14:30:00 05:00", "%2B"},
		{"2026-02-18T24:00:00", "no time 24:00:00"},
		{"2026-02-18T23:59:60Z", "no time 23:59:60"},
		{"2026-02-18T14:30:00+24:00", "no time zone"},
		{"2026-02-18T14:30:00+05:60", "no time zone"},
		{"2026-02-18T14:30:00Z~", "takes no qualifier"},
		{"2026-02-30T14:30:00Z", "no day 30"},
		{"2026-02-XXT14:30:00Z", "whole day"},
		{"2026-02?-1T14:30:00", "level 2"},
		{"0001-01-01T00:00:00+01:00", "outside the years"},
		{"9999-12-31T23:30:00-01:00", "outside the years"},
	}
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			t.Parallel()
			date, err := edtf.Parse(test.text)
			var parseError *edtf.ParseError
			if !errors.As(err, &parseError) {
				t.Fatalf("got %v, %v; want a *ParseError", date, err)
			}
			if !strings.Contains(parseError.Reason, test.reason) {
				t.Errorf("reason %q; want one with %q", parseError.Reason, test.reason)
			}
			if !strings.HasPrefix(test.text, parseError.Input) || len(parseError.Input) > 200 {
				t.Errorf("input %q", parseError.Input)
			}
			if !date.IsZero() {
				t.Errorf("a refused text gave %v", date)
			}
		})
	}
}

func TestParseErrorMessage(t *testing.T) {
	_, err := edtf.Parse("2025-02-30")
	if got, want := err.Error(), `invalid date "2025-02-30": 2025-02 has no day 30; its last is 28`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestMustParsePanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	edtf.MustParse("2025-13")
}
