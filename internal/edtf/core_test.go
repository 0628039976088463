package edtf_test

import (
	"testing"

	"pgregory.net/rapid"

	"onrecord/internal/edtf"
)

func TestCore(t *testing.T) {
	for date, want := range map[string]string{
		"2024-03-11/2025-02-01": "2024-03-11 2025-02-02",
		"2024-03/2025-02":       "2024-03-31 2025-02-02",
		"2024-03-11/..":         "2024-03-11 infinity",
		"../2025-02":            "-infinity 2025-02-02",
		"2024-03/":              "2024-03-31 2024-04-01", // held at its beginning, whenever it ended
		"/2025-02":              "2025-02-01 2025-02-02",
		"2024/2024":             "infinity infinity", // may have ended before it can be sure to have begun
		"2024-03~/..":           "infinity infinity",
		"2024":                  "infinity infinity",
		"2024-03-11":            "2024-03-11 2024-03-12",
		"[2024..2025]":          "infinity infinity",
	} {
		core := edtf.MustParse(date).Core()
		if got := core.From.String() + " " + core.To.String(); got != want {
			t.Errorf("%s is sure on %s, want %s", date, got, want)
		}
	}
	if !(edtf.Date{}).Core().IsEmpty() {
		t.Error("no date has a core")
	}
}

// Whatever the true start and end were, the interval lasted on its core.
func TestCoreHoldsWhateverTheTruth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		forms := []string{"2024", "2024-03", "2024-03-11", "2025-02", "2026", "202X", "2025-02-XX"}
		start, end := rapid.SampledFrom(forms).Draw(t, "start"), rapid.SampledFrom(forms).Draw(t, "end")
		interval, err := edtf.Parse(start + "/" + end)
		if err != nil {
			t.Skip("inverted")
		}
		first, last := edtf.MustParse(start).Range(), edtf.MustParse(end).Range()
		begun := first.From + edtf.Day(rapid.IntRange(0, first.Days()-1).Draw(t, "begun"))
		ended := last.From + edtf.Day(rapid.IntRange(0, last.Days()-1).Draw(t, "ended"))
		if core := interval.Core(); begun <= ended && !core.IsEmpty() && (core.From < begun || core.To > ended+1) {
			t.Fatalf("%v is sure from %v to %v, but lasted from %v to %v", interval, core.From, core.To, begun, ended)
		}
	})
}
