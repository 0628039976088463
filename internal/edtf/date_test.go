package edtf_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"onrecord/internal/edtf"
)

func TestInstant(t *testing.T) {
	tests := []struct {
		text string
		want string // RFC 3339, "" for none
	}{
		{"2026-02-18T14:30:00Z", "2026-02-18T14:30:00Z"},
		{"2026-02-18T00:30:00+05:00", "2026-02-17T19:30:00Z"},
		{"2026-02-18T23:30:00-05", "2026-02-19T04:30:00Z"},
		{"2026-02-18T12:00:00-03:30", "2026-02-18T15:30:00Z"},
		{"1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z"},
		{"2026-02-18T14:30:00", ""},
		{"2026-02-18", ""},
		{"2025/2026", ""},
	}
	for _, test := range tests {
		got, ok := edtf.MustParse(test.text).Instant()
		if ok != (test.want != "") || ok && got.Format(time.RFC3339) != test.want {
			t.Errorf("%s: got %v, %t; want %q", test.text, got, ok, test.want)
		}
	}
	early, _ := edtf.MustParse("2026-02-18T00:30:00+05:00").Instant()
	late, _ := edtf.MustParse("2026-02-17T19:30:00Z").Instant()
	if early != late {
		t.Errorf("one moment in two zones: %v and %v", early, late)
	}
}

func TestNoDate(t *testing.T) {
	var none edtf.Date
	if !none.IsZero() || none.String() != "" || none.Precision() != "" || none.Qualified() || none.IsSet() || none.IsInterval() {
		t.Errorf("the zero Date is not empty: %#v", none)
	}
	if _, ok := none.Instant(); ok {
		t.Error("no date has an instant")
	}
	if got, want := none.Range(), (edtf.Range{From: edtf.PosInf, To: edtf.PosInf}); got != want || !got.IsEmpty() {
		t.Errorf("range %v; want %v", got, want)
	}
	if got := none.Match(edtf.Range{From: edtf.NegInf, To: edtf.PosInf}); got != edtf.None {
		t.Errorf("no date matches everything: %v", got)
	}
}

func TestDatesCompare(t *testing.T) {
	if a, b := edtf.MustParse("2025-05~"), edtf.MustParse(strings.Clone("2025-05~")); a != b || !cmp.Equal(a, b) {
		t.Error("dates written alike differ")
	}
	if a, b := edtf.MustParse("2025"), edtf.MustParse("2025-XX"); a == b || cmp.Equal(a, b) {
		t.Error("dates written differently are equal")
	}
}

func TestMatch(t *testing.T) {
	february, err := edtf.Window("2026-02", "2026-03")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		text string
		want edtf.Certainty
	}{
		{"2026-02-01", edtf.Certain},
		{"2026-02-28", edtf.Certain},
		{"2026-02", edtf.Certain},
		{"2026-02-16/2026-02-18", edtf.Certain},
		{"2026-02-18T23:30:00-05:00", edtf.Certain}, // March nowhere: the day is as written
		{"2026-02-28T23:30:00-05:00", edtf.Certain},
		{"2026-02-18~", edtf.Possible},
		{"2026", edtf.Possible},
		{"2025-24", edtf.Possible},
		{"2026-01-31/2026-02-01", edtf.Possible},
		{"[..2026-02-19]", edtf.Possible},
		{"[2025,2027]", edtf.Possible}, // a set is judged by its span
		{"2026-02-10/..", edtf.Possible},
		{"2026-01-31", edtf.None},
		{"2026-03-01", edtf.None},
		{"2026-03-01T00:30:00+05:00", edtf.None}, // 28 February in UTC
		{"[2026-03..]", edtf.None},
		{"2026-01~", edtf.None},
	}
	for _, test := range tests {
		if got := edtf.MustParse(test.text).Match(february); got != test.want {
			t.Errorf("%s: got %v, want %v", test.text, got, test.want)
		}
	}
	everything := edtf.Range{From: edtf.NegInf, To: edtf.PosInf}
	if got := edtf.MustParse("../2025").Match(everything); got != edtf.Certain {
		t.Errorf("an open date in an open window: %v", got)
	}
	if got := edtf.MustParse("2026").Match(edtf.Range{From: 20500, To: 20500}); got != edtf.None {
		t.Errorf("a date in an empty window: %v", got)
	}
}

func TestCertaintyOrderAndNames(t *testing.T) {
	if !(edtf.None < edtf.Possible && edtf.Possible < edtf.Certain) {
		t.Error("certainties are out of order")
	}
	want := []string{"none", "possible", "certain"}
	if diff := cmp.Diff(want, []string{edtf.None.String(), edtf.Possible.String(), edtf.Certain.String()}); diff != "" {
		t.Error(diff)
	}
}
