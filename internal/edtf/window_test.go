package edtf_test

import (
	"errors"
	"strings"
	"testing"

	"onrecord/internal/edtf"
)

func TestWindow(t *testing.T) {
	tests := []struct{ from, to, want string }{
		{"2026-02", "2026-03", "2026-02-01 2026-03-01"},
		{"2026-02-18", "2026-02-19", "2026-02-18 2026-02-19"},
		{"2025", "2026", "2025-01-01 2026-01-01"},
		{"2026-02", "", "2026-02-01 infinity"},
		{"", "2026-02", "-infinity 2026-02-01"},
		{"", "", "-infinity infinity"},

		// any date that has a start, and by its start
		{"196X", "2025-21~", "1960-01-01 2025-03-01"},
		{"2026-02-16/2026-02-18", "[2026-03-01,2026-05]", "2026-02-16 2026-03-01"},
		{"2025/..", "", "2025-01-01 infinity"},

		// times: the date as written, in whatever zone
		{"2026-02-18T23:30:00-05:00", "2026-02-19T00:30:00+05:00", "2026-02-18 2026-02-20"},
		{"2026-02-18T14:30:00.123456Z", "2026-02-20T14:30:00.5", "2026-02-18 2026-02-21"},
		{"2026-02-18T00:00:00Z", "2026-02-20T00:00:00Z", "2026-02-18 2026-02-20"},

		// epoch milliseconds: the day in UTC
		{"1771372800000", "1771459200000", "2026-02-18 2026-02-19"},
		{"1771459199999", "", "2026-02-18 infinity"},
		{"1771372800000", "1771372800001", "2026-02-18 2026-02-19"},
		{"-1771372800000", "1771372800000", "1913-11-14 2026-02-18"},
		{"10000000000", "", "1970-04-26 infinity"},
		{"2025", "1771372800000", "2025-01-01 2026-02-18"},
		{"", "253402300799999", "-infinity 10000-01-01"},
	}
	for _, test := range tests {
		window, err := edtf.Window(test.from, test.to)
		if err != nil {
			t.Errorf("%q to %q: %v", test.from, test.to, err)
			continue
		}
		if got := window.From.String() + " " + window.To.String(); got != test.want {
			t.Errorf("%q to %q: got %s, want %s", test.from, test.to, got, test.want)
		}
	}
}

func TestWindowRefuses(t *testing.T) {
	tests := []struct{ from, to, message string }{
		{"2026-13", "", "from: invalid date \"2026-13\": there is no month 13"},
		{"", "last week", "to: invalid date \"last week\""},
		{"2026-03", "2026-02", "holds no day"},
		{"2026-02-18", "2026-02-18", "holds no day"},
		{"2026-02", "2026-02-01", "holds no day"},
		{"1771372800000", "1771372800000", "holds no day"},
		{"1771372800", "", "write a year"}, // epoch seconds
		{"../2025", "", "from: invalid date \"../2025\": it has no start"},
		{"", "[..2025]", "to: invalid date \"[..2025]\": it has no start"},
		{"20260218", "", "with hyphens: 2026-02-18"}, // not the morning of 1 January 1970
		{"20260", "", "write a year"},
		{"253402300800000", "", "outside the years"},
		{strings.Repeat("9", 40), "", "outside the years"},
		{"2026-02-18T14:30:00 05:00", "", "%2B"},
		{"2026-02-18T14:30:00,5Z", "", "fractions"},
		{"2026-02-18T14:30:00.5z", "", "capital Z"},
		{"2026-02-18T14:30:00.Z", "", "fractions"},
		{"0000-01-01T00:00:00Z", "", "0001 to 9999"},
		{"2026-02-18T14:30:00." + strings.Repeat("0", 200) + "Z", "", "longer than 200 bytes"},
	}
	for _, test := range tests {
		window, err := edtf.Window(test.from, test.to)
		var parseError *edtf.ParseError
		if !errors.As(err, &parseError) {
			t.Errorf("%q to %q: got %v, %v; want a *ParseError", test.from, test.to, window, err)
			continue
		}
		if !strings.Contains(err.Error(), test.message) {
			t.Errorf("%q to %q: got %q; want %q in it", test.from, test.to, err, test.message)
		}
	}
}
