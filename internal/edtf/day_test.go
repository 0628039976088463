package edtf_test

import (
	"math"
	"testing"
	"time"

	"onrecord/internal/edtf"
)

func TestDay(t *testing.T) {
	tests := []struct {
		day  edtf.Day
		want string
	}{
		{0, "1970-01-01"},
		{-1, "1969-12-31"},
		{20502, "2026-02-18"},
		{edtf.NegInf, "-infinity"},
		{edtf.PosInf, "infinity"},
		{edtf.MustParse("9999").Range().To, "10000-01-01"},
		{edtf.MustParse("0001").Range().From, "0001-01-01"},
		{edtf.MustParse("0001").Range().From - 1, "0001-12-31 BC"},
	}
	for _, test := range tests {
		if got := test.day.String(); got != test.want {
			t.Errorf("Day(%d) is %q; want %q", int32(test.day), got, test.want)
		}
		if got := edtf.DayOf(test.day.Time()); got != test.day {
			t.Errorf("Day(%d) comes back from its time as %d", int32(test.day), int32(got))
		}
	}
	karachi := time.FixedZone("PKT", 5*60*60)
	if got := edtf.DayOf(time.Date(2026, 2, 18, 0, 30, 0, 0, karachi)).String(); got != "2026-02-18" {
		t.Errorf("half past midnight in Karachi is %s", got)
	}
	if got := edtf.DayOf(time.Date(90_000_000, 1, 1, 0, 0, 0, 0, time.UTC)); got != edtf.PosInf {
		t.Errorf("a time out of reach is %v", got)
	}
}

func TestRangeDays(t *testing.T) {
	tests := []struct {
		r    edtf.Range
		want int
	}{
		{edtf.Range{From: 3, To: 3}, 0},
		{edtf.Range{From: 4, To: 3}, 0},
		{edtf.Range{From: edtf.PosInf, To: edtf.PosInf}, 0},
		{edtf.Range{From: 3, To: 10}, 7},
		{edtf.Range{From: -3, To: 4}, 7},
		{edtf.Range{From: edtf.NegInf, To: 3}, math.MaxInt32},
		{edtf.Range{From: 3, To: edtf.PosInf}, math.MaxInt32},
		{edtf.Range{From: edtf.NegInf + 1, To: edtf.PosInf - 1}, math.MaxInt32},
	}
	for _, test := range tests {
		if got := test.r.Days(); got != test.want || test.r.IsEmpty() != (test.want == 0) {
			t.Errorf("%v has %d days, empty %t; want %d", test.r, got, test.r.IsEmpty(), test.want)
		}
	}
}
