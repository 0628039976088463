package edtf_test

import (
	"encoding/json"
	"testing"

	"onrecord/internal/edtf"
)

var benchmarks = []struct{ name, text string }{
	{"day", "2026-02-18"},
	{"month", "2025-05~"},
	{"decade", "196X"},
	{"instant", "2026-02-18T14:30:00+05:00"},
	{"interval", "2026-02-16/2026-02-18"},
	{"set", "[1667,1668,1670..1672]"},
}

func BenchmarkParse(b *testing.B) {
	for _, bench := range benchmarks {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := edtf.Parse(bench.text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkRefuse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := edtf.Parse("2025-02-30"); err == nil {
			b.Fatal("accepted")
		}
	}
}

func BenchmarkUnmarshalJSON(b *testing.B) {
	data := []byte(`"2026-02-18"`)
	b.ReportAllocs()
	for b.Loop() {
		var date edtf.Date
		if err := date.UnmarshalJSON(data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMarshalJSON(b *testing.B) {
	date := edtf.MustParse("2026-02-18")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := json.Marshal(date); err != nil {
			b.Fatal(err)
		}
	}
}

// Imports parse a date or two for every line, so a good date costs no
// allocation, in any form.
func TestParseAllocatesNothing(t *testing.T) {
	for _, bench := range benchmarks {
		allocs := testing.AllocsPerRun(100, func() { _, _ = edtf.Parse(bench.text) })
		if allocs != 0 {
			t.Errorf("%s: %v allocations", bench.text, allocs)
		}
	}
}
