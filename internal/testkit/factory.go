package testkit

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"onrecord/internal/claims"
	"onrecord/internal/edtf"
	"onrecord/internal/store"
)

// Scale is how often a test does what it does: a little in every run, in full
// where ONRECORD_PROVE is set (make prove).
func Scale(little, full int) int {
	if os.Getenv("ONRECORD_PROVE") != "" {
		return full
	}
	return little
}

// Until waits, a minute at most, for what goes on elsewhere. It doesn't end the
// test, so that any goroutine may wait.
func Until(t testing.TB, holds func() bool) {
	t.Helper()
	for range 12_000 {
		if holds() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Error("waited in vain")
}

// Input reads a line of an import stream.
func Input(t testing.TB, line string) claims.Input {
	t.Helper()
	inputs, err := claims.ReadStream([]byte(strings.ReplaceAll(line, "\n", " ")))
	if err != nil || len(inputs) != 1 {
		t.Fatalf("testkit: %d records, %v, in %s", len(inputs), err, line)
	}
	return inputs[0]
}

// Create stores a record given as a line of an import stream.
func Create(t testing.TB, s *store.Store, line string) store.Written {
	t.Helper()
	written, err := s.Create(t.Context(), By("tester"), Input(t, line))
	if err != nil {
		t.Fatalf("testkit: create %s: %v", line, err)
	}
	return written
}

// By is a write of a principal.
func By(principal string) store.Write { return store.Write{Principal: principal} }

// Cast is what statements need to exist: two countries with governments, a
// speaker of each, two outlets and an article of each.
const Cast = `
{"type":"country","code":"PK","name":"Pakistan","status":"state"}
{"type":"country","code":"AF","name":"Afghanistan","status":"state"}
{"type":"topic","slug":"security","name":"Security"}
{"type":"topic","slug":"air-strikes","name":"Air strikes","parent":"security"}
{"type":"source","key":"outlet:one","name":"One","kind":"newspaper","country":"PK"}
{"type":"source","key":"outlet:two","name":"Two","kind":"online","country":"AF","owner":{"key":"outlet:one"}}
{"type":"speaker","key":"gov:PK","name":"Government of Pakistan","kind":"government","country":"PK"}
{"type":"speaker","key":"gov:AF","name":"Government of Afghanistan","kind":"government","country":"AF"}
{"type":"speaker","key":"person:asif","name":"Khawaja Asif","kind":"person","nationality":"PK"}
{"type":"speaker","key":"person:mujahid","name":"Zabihullah Mujahid","kind":"person","nationality":"AF"}
{"type":"article","key":"article:one","source":{"key":"outlet:one"},"title":"One","published_on":"2026-02-18"}
{"type":"article","key":"article:two","source":{"key":"outlet:two"},"title":"Two","published_on":"2026-02-19"}
`

// WithCast loads the cast.
func WithCast(t testing.TB, s *store.Store) *store.Store {
	t.Helper()
	inputs, err := claims.ReadStream([]byte(Cast))
	if err != nil {
		t.Fatalf("testkit: %v", err)
	}
	Load(t, s, "cast", inputs)
	return s
}

// Load imports records.
func Load(t testing.TB, s *store.Store, principal string, inputs []claims.Input) {
	t.Helper()
	if report, err := s.Import(context.Background(), By(principal), store.ImportOptions{}, claims.Inputs(inputs)); err != nil {
		t.Fatalf("testkit: %v: %+v", err, report.Errors)
	}
}

// Statement is a line for a statement of the cast; fields are added as they
// are: `"said_on":"2026-02-18"`.
func Statement(key, text string, fields ...string) string {
	line := fmt.Sprintf(`{"type":"statement","key":%q,"speaker":{"key":"person:asif"},"kind":"threat","text":%q`, key, text)
	for _, f := range fields {
		line += "," + f
	}
	return line + "}"
}

// Date is a date known to be good.
func Date(s string) edtf.Date { return edtf.MustParse(s) }
