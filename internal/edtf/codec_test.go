package edtf_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"onrecord/internal/edtf"
)

type record struct {
	SaidOn   edtf.Date  `json:"said_on"`
	Occurred *edtf.Date `json:"occurred,omitzero"`
	Until    edtf.Date  `json:"until,omitzero"`
}

func TestJSON(t *testing.T) {
	interval := edtf.MustParse("2026-02-16/2026-02-18")
	tests := []struct {
		in   string
		want record
		out  string // "" for the same as in
	}{
		{`{"said_on":"2025-05~"}`, record{SaidOn: edtf.MustParse("2025-05~")}, ""},
		{`{"said_on":null}`, record{}, ""},
		{`{}`, record{}, `{"said_on":null}`},
		{`{"said_on":null,"occurred":null,"until":null}`, record{}, `{"said_on":null}`},
		{`{"said_on":"[2023,2025]","occurred":"2026-02-16\/2026-02-18"}`,
			record{SaidOn: edtf.MustParse("[2023,2025]"), Occurred: &interval},
			`{"said_on":"[2023,2025]","occurred":"2026-02-16/2026-02-18"}`},
		{`{"said_on":"2026-02-18T14:30:00+05:00","until":"2026"}`,
			record{SaidOn: edtf.MustParse("2026-02-18T14:30:00+05:00"), Until: edtf.MustParse("2026")}, ""},
	}
	for _, test := range tests {
		var got record
		if err := json.Unmarshal([]byte(test.in), &got); err != nil {
			t.Errorf("%s: %v", test.in, err)
			continue
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.in, diff)
		}
		if test.out == "" {
			test.out = test.in
		}
		if out, err := json.Marshal(got); err != nil || string(out) != test.out {
			t.Errorf("%s comes out as %s, %v", test.in, out, err)
		}
	}
}

func TestJSONRefuses(t *testing.T) {
	for _, in := range []string{`""`, `"2025-13"`, `2025`, `true`, `{}`, `["2025"]`, `" 2025"`, `"\ud800"`, `"2025\n"`} {
		date := edtf.MustParse("2024")
		err := json.Unmarshal([]byte(in), &date)
		var parseError *edtf.ParseError
		if !errors.As(err, &parseError) {
			t.Errorf("%s: got %v, %v; want a *ParseError", in, date, err)
		}
		if date.String() != "2024" {
			t.Errorf("%s: a refused text changed the date to %q", in, date)
		}
	}
	var date edtf.Date
	for _, broken := range []string{``, `"`, `"2025`, `"2025\"`, `"20\q5"`} {
		if err := date.UnmarshalJSON([]byte(broken)); err == nil {
			t.Errorf("%s: accepted", broken)
		}
	}
}

func TestNullClearsDate(t *testing.T) {
	date := edtf.MustParse("2025")
	if err := json.Unmarshal([]byte(`null`), &date); err != nil || !date.IsZero() {
		t.Errorf("null gave %q, %v", date, err)
	}
}

func TestText(t *testing.T) {
	byDate := map[edtf.Date]int{edtf.MustParse("2025-05~"): 1}
	out, err := json.Marshal(byDate)
	if err != nil || string(out) != `{"2025-05~":1}` {
		t.Fatalf("as a map key: %s, %v", out, err)
	}
	var back map[edtf.Date]int
	if err := json.Unmarshal(out, &back); err != nil || !cmp.Equal(byDate, back) {
		t.Errorf("back from a map key: %v, %v", back, err)
	}

	text, err := edtf.Date{}.MarshalText()
	if err != nil || len(text) != 0 {
		t.Errorf("no date is written %q, %v", text, err)
	}
	date := edtf.MustParse("2025")
	if err := date.UnmarshalText(nil); err != nil || !date.IsZero() {
		t.Errorf("empty text gave %q, %v", date, err)
	}
	buffer := []byte("2025-10")
	if err := date.UnmarshalText(buffer); err != nil {
		t.Fatal(err)
	}
	copy(buffer, "1999-01")
	if date.String() != "2025-10" {
		t.Errorf("the date shares its caller's buffer: %s", date)
	}
	if err := date.UnmarshalText([]byte("2025-13")); err == nil || date.String() != "2025-10" {
		t.Errorf("a bad text gave %v, date %s", err, date)
	}
}

func TestSQL(t *testing.T) {
	october := edtf.MustParse("2025-10")
	tests := []struct {
		src  any
		want edtf.Date
	}{
		{"2025-10", october},
		{[]byte("2025-10"), october},
		{nil, edtf.Date{}},
	}
	for _, test := range tests {
		date := edtf.MustParse("1999")
		if err := date.Scan(test.src); err != nil || date != test.want {
			t.Errorf("Scan(%v): %v, %v; want %v", test.src, date, err, test.want)
		}
	}
	for _, src := range []any{"", "2025-13", []byte("x"), 2025, true} {
		date := october
		if err := date.Scan(src); err == nil || date != october {
			t.Errorf("Scan(%v): %v, %v; want an error and no change", src, date, err)
		}
	}
	if value, err := october.Value(); value != "2025-10" || err != nil {
		t.Errorf("Value: %v, %v", value, err)
	}
	if value, err := (edtf.Date{}).Value(); value != nil || err != nil {
		t.Errorf("Value of no date: %v, %v", value, err)
	}
}
