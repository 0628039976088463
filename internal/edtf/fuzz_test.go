package edtf_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"onrecord/internal/edtf"
)

// FuzzParse feeds arbitrary text and checks what Parse promises of all of it.
// Its seeds are in testdata/fuzz/FuzzParse, one for each form and each refusal.
func FuzzParse(f *testing.F) {
	f.Fuzz(func(t *testing.T, text string) {
		if window, err := edtf.Window(text, ""); err == nil && (window.IsEmpty() || window.From == edtf.NegInf && text != "") {
			t.Errorf("Window(%q): %v", text, window)
		}
		date, err := edtf.Parse(text)
		if err != nil {
			checkRefusal(t, text, date, err)
			return
		}
		checkDate(t, text, date)
	})
}

func checkRefusal(t *testing.T, text string, date edtf.Date, err error) {
	t.Helper()
	var parseError *edtf.ParseError
	if !errors.As(err, &parseError) || parseError.Reason == "" || !strings.HasPrefix(text, parseError.Input) {
		t.Errorf("%q: error %#v", text, err)
	}
	if !date.IsZero() {
		t.Errorf("%q: refused, and yet %v", text, date)
	}
	if at, err := time.Parse(time.DateOnly, text); err == nil && at.Year() > 0 {
		t.Errorf("%q is a day and was refused: %v", text, parseError)
	}
}

func checkDate(t *testing.T, text string, date edtf.Date) {
	t.Helper()
	if text == "" || len(text) > 200 || strings.Trim(text, "0123456789-XT:Z+?~%/.,[]") != "" {
		t.Errorf("%q was accepted", text)
	}
	if date.String() != text || date.IsZero() || date.Precision() == "" {
		t.Errorf("%q: printed as %q, precision %q", text, date, date.Precision())
	}
	if date.Qualified() != strings.ContainsAny(text, "?~%") {
		t.Errorf("%q: qualified %t", text, date.Qualified())
	}
	if date.IsSet() != strings.HasPrefix(text, "[") || date.IsInterval() != strings.Contains(text, "/") {
		t.Errorf("%q: IsSet %t, IsInterval %t", text, date.IsSet(), date.IsInterval())
	}
	days := date.Range()
	if days.IsEmpty() || days.Days() < 1 {
		t.Errorf("%q: range %v", text, days)
	}
	if days.From != edtf.NegInf && days.From.Time().Year() < 1 || days.To != edtf.PosInf && days.To.Time().Year() > 10000 {
		t.Errorf("%q: range %v to %v", text, days.From, days.To)
	}
	if want := map[bool]edtf.Certainty{false: edtf.Certain, true: edtf.Possible}[date.Qualified()]; date.Match(days) != want {
		t.Errorf("%q: matches its own range as %v", text, date.Match(days))
	}

	data, err := json.Marshal(date)
	var back edtf.Date
	if err != nil || json.Unmarshal(data, &back) != nil || back != date {
		t.Errorf("%q: through JSON as %s to %v, %v", text, data, back, err)
	}

	at, isInstant := date.Instant()
	if want, err := time.Parse(time.RFC3339, text); err == nil && (!isInstant || !at.Equal(want)) {
		t.Errorf("%q: instant %v, %t; want %v", text, at, isInstant, want)
	}
	if isInstant && (date.Precision() != edtf.PrecisionInstant || days.Days() != 1 || days.From.String() != text[:10]) {
		t.Errorf("%q: an instant of %s on %v to %v", text, date.Precision(), days.From, days.To)
	}
	if _, err := json.Marshal(at); err != nil {
		t.Errorf("%q: %v", text, err)
	}
}
