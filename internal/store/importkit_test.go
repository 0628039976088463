package store_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"onrecord/internal/claims"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

// imported imports lines for a loader; the report is there in either case.
func imported(t *testing.T, s *store.Store, o store.ImportOptions, lines ...string) (*store.Import, error) {
	t.Helper()
	report, err := s.Import(t.Context(), testkit.By("loader"), o, claims.NDJSON(strings.NewReader(strings.Join(lines, "\n"))))
	if report == nil {
		t.Fatalf("no report: %v", err)
	}
	if sum := report.Inserted + report.Updated + report.Unchanged + report.Skipped + report.Conflicts; err == nil && report.Failed == 0 && o.OnConflict != "overwrite" && sum != report.Received {
		t.Errorf("%d records were received, the report accounts for %d: %s", report.Received, sum, counts(report))
	}
	return report, err
}

// mustImport is imported where nothing may go wrong.
func mustImport(t *testing.T, s *store.Store, lines ...string) *store.Import {
	t.Helper()
	report, err := imported(t, s, store.ImportOptions{}, lines...)
	if err != nil || report.State != "done" {
		t.Fatalf("%s, %v: %+v", report.State, err, report.Errors)
	}
	return report
}

// counts is what a report says in numbers, those that are not zero.
func counts(r *store.Import) string {
	text := r.State
	for _, n := range []struct {
		name string
		n    int
	}{{"inserted", r.Inserted}, {"updated", r.Updated}, {"unchanged", r.Unchanged}, {"skipped", r.Skipped}, {"conflicts", r.Conflicts}, {"failed", r.Failed}} {
		if n.n > 0 {
			text += fmt.Sprintf(" %s %d", n.name, n.n)
		}
	}
	return text
}

// failures are the lines that failed, each with where and why.
func failures(r *store.Import) (list []string) {
	for _, e := range r.Errors {
		list = append(list, fmt.Sprintf("%d %s %s", e.Line, e.Pointer, e.Code))
	}
	return list
}

// exported is everything as an import stream.
func exported(t *testing.T, s *store.Store, kinds ...claims.Kind) string {
	t.Helper()
	var all bytes.Buffer
	if _, err := s.Export(t.Context(), store.ExportQuery{Kinds: kinds}, func(lines []byte) error { all.Write(lines); return nil }); err != nil {
		t.Fatal(err)
	}
	return all.String()
}

// edit replaces the present input of a record, as a person.
func edit(t *testing.T, s *store.Store, kind claims.Kind, ref string, change func(claims.Input)) {
	t.Helper()
	record, err := read(t, s, kind, ref)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Update(t.Context(), testkit.By("editor"), kind, record.ID, record.Version, func(current []byte) (claims.Input, error) {
		in := claims.New(kind)
		err := claims.Decode(current, in)
		change(in)
		return in, err
	}); err != nil {
		t.Fatal(err)
	}
}

// erase deletes a record, as a person.
func erase(t *testing.T, s *store.Store, kind claims.Kind, ref string) {
	t.Helper()
	record, err := read(t, s, kind, ref)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Delete(t.Context(), testkit.By("editor"), kind, record.ID, record.Version); err != nil {
		t.Fatal(err)
	}
}

// versions are those of all statements and reports, by key.
func versions(t *testing.T, s *store.Store) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, kind := range []claims.Kind{claims.KindStatement, claims.KindReport} {
		page, err := s.List(t.Context(), query(t, kind, map[string]string{"limit": "1000"}))
		if err != nil {
			t.Fatal(err)
		}
		var records []struct {
			Key     string
			Version int
		}
		if err := json.Unmarshal(page.Records, &records); err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			all[r.Key] = strconv.Itoa(r.Version)
		}
	}
	return all
}

// factsOf is what is derived of all statements, as JSON.
func factsOf(t *testing.T, s *store.Store) string {
	t.Helper()
	if _, err := s.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	page, err := s.List(t.Context(), query(t, claims.KindStatement, map[string]string{"limit": "1000", "sort": "id", "second_hand": "include", "voice": "any"}))
	if err != nil {
		t.Fatal(err)
	}
	var f []facts
	if err := json.Unmarshal(page.Records, &f); err != nil {
		t.Fatal(err)
	}
	data, err := json.MarshalIndent(f, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
