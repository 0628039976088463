package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"onrecord/internal/claims"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

func revert(t *testing.T, s *store.Store, id string) {
	t.Helper()
	report, err := s.Revert(t.Context(), testkit.By("editor"), id)
	if err != nil || report.State != "reverted" || report.ID != id {
		t.Fatalf("revert: %v, %+v", err, report)
	}
}

// A revert restores what was there, byte for byte, and importing the same again
// gives what the import gave.
func TestRevertRestoresTheExport(t *testing.T) {
	t.Parallel()
	for seed := range uint64(testkit.Scale(2, 30)) {
		s := testkit.WithCast(t, testkit.Store(t))
		k := randomWorld(200 + seed)
		k.load(t, s)
		for _, key := range []string{"st:1", "st:2"} {
			edit(t, s, claims.KindStatement, "key:"+key, func(in claims.Input) { in.(*claims.StatementInput).Language = "en" })
		}
		testkit.Create(t, s, testkit.Statement("gone:1", "gone", `"reports":[{"article":{"key":"art:1"}}]`))
		erase(t, s, claims.KindStatement, "key:gone:1")
		without, derived := exported(t, s), factsOf(t, s)

		lines := []string{testkit.Statement("gone:1", "back", `"reports":[{"article":{"key":"art:2"}}]`, `"positions":[{"claim":{"key":"cl:0"},"stance":"denies"}]`)} // resurrected
		for i, line := range k.lines {
			switch { // updated: sources lose their owners, articles and statements change
			case strings.HasPrefix(line, `{"type":"source"`):
				line = strings.Replace(line, `"name":"`, `"name":"new `, 1)
				if i%2 == 0 {
					line, _, _ = strings.Cut(line, `,"owner"`)
					line = strings.TrimSuffix(line, "}") + "}"
				}
			case strings.HasPrefix(line, `{"type":"article"`):
				line = strings.Replace(line, `"title":"t"`, `"title":"new"`, 1)
			case strings.HasPrefix(line, `{"type":"statement"`) && k.random.IntN(2) == 0:
				line = strings.Replace(strings.Replace(line, `"text":"t"`, `"text":"new","topics":["security"],"targets":[{"role":"object","country":"AF"}]`, 1), `"asserts"`, `"denies"`, 1)
			}
			lines = append(lines, line)
		}
		lines = append(lines, `{"type":"source","key":"new:1","name":"n","kind":"online","owner":{"key":"src:1"}}`, `{"type":"article","key":"new:2","title":"n","source":{"key":"new:1"}}`,
			testkit.Statement("new:3", "n", `"within":{"key":"st:3"}`, `"reports":[{"article":{"key":"new:2"},"cites":[{"source":{"key":"src:2"}}]}]`),
			`{"type":"report","key":"new:4","statement":{"key":"st:4"},"article":{"key":"new:2"}}`, `{"type":"rating","key":"new:5","source":{"key":"src:3"},"reliability":"D","rated_on":"2026-01-01","rated_by":"x","reason":"y"}`,
			`{"type":"event","key":"new:6","kind":"other","title":"t","figures":[{"metric":"killed","as_given":"some","given_by_statement":{"key":"new:7"}}]}`, testkit.Statement("new:7", "n", `"occasion":{"key":"new:6"}`))
		var with string
		for round := range 2 {
			report, err := imported(t, s, store.ImportOptions{OnConflict: "overwrite"}, lines...)
			if err != nil || report.Inserted < 9 || report.Updated < 40 {
				t.Fatalf("seed %d: %v, %s, %v", seed, err, counts(report), failures(report))
			}
			after := exported(t, s)
			if round == 0 {
				with = after
			}
			if diff := cmp.Diff(with, after); diff != "" {
				t.Errorf("seed %d: imported again after the revert it is something else:\n%s", seed, diff)
			}
			factsOf(t, s)
			revert(t, s, report.ID)
			if diff := cmp.Diff(without, exported(t, s)) + cmp.Diff(derived, factsOf(t, s)); diff != "" {
				t.Errorf("seed %d: reverted, it is not as it was (-before +after):\n%s", seed, diff)
			}
		}
		if _, err := read(t, s, claims.KindStatement, "key:gone:1"); store.CodeOf(err) != store.Gone {
			t.Errorf("seed %d: what was deleted before is %v", seed, err)
		}
	}
}

// An import can't be taken back where something stands in the way; it says what,
// and changes nothing.
func TestRevertIsRefusedWhereSomethingIsInTheWay(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	for n, tt := range []struct {
		name  string
		since func(key string)
		want  string // the kinds in the way
	}{
		{"what was inserted was edited", func(key string) {
			edit(t, s, claims.KindStatement, "key:"+key, func(in claims.Input) { in.(*claims.StatementInput).Text = "E" })
		}, "statement"},
		{"what was inserted was edited and edited back", func(key string) {
			for _, text := range []string{"E", "new"} {
				edit(t, s, claims.KindStatement, "key:"+key, func(in claims.Input) { in.(*claims.StatementInput).Text = text })
			}
		}, "statement"},
		{"what was inserted was deleted", func(key string) { erase(t, s, claims.KindReport, "key:"+key+"/article:one") }, "report"},
		{"what was updated was edited", func(key string) {
			edit(t, s, claims.KindStatement, "key:old:"+key, func(in claims.Input) { in.(*claims.StatementInput).Text = "E" })
		}, "statement"},
		{"what was updated was deleted", func(key string) { erase(t, s, claims.KindStatement, "key:old:"+key) }, "statement"},
		{"a later import changed it", func(key string) { mustImport(t, s, testkit.Statement(key, "newer")) }, "statement"},
		{"a record refers to it", func(key string) {
			testkit.Create(t, s, testkit.Statement("r1:"+key, "r", `"within":{"key":"`+key+`"}`))
		}, "statement"},
		{"a report of a person is of it", func(key string) {
			testkit.Create(t, s, `{"type":"report","key":"r2:`+key+`","statement":{"key":"`+key+`"},"article":{"key":"article:two"}}`)
		}, "report"},
		{"a part refers to it", func(key string) {
			testkit.Create(t, s, testkit.Statement("r3:"+key, "r", `"targets":[{"role":"object","speaker":{"key":"p:`+key+`"}}]`))
		}, "statement"},
		{"a link leads to it", func(key string) {
			testkit.Create(t, s, testkit.Statement("r4:"+key, "r", `"links":[{"to":{"key":"`+key+`"},"relation":"repeats"}]`))
		}, "link"},
		{"a name as given stands for it", func(key string) {
			testkit.Create(t, s, testkit.Statement("r5:"+key, "r", `"reports":[{"article":{"key":"article:one"},"renderings":[{"part":"body","form":"paraphrase","names_as_given":[{"name":"x","speaker":{"key":"p:`+key+`"}}]}]}]`))
		}, "report"},
	} {
		key := fmt.Sprintf("s:%d", n)
		mustImport(t, s, testkit.Statement("old:"+key, "old"))
		report := mustImport(t, s, testkit.Statement(key, "new", `"reports":[{"article":{"key":"article:one"}}]`), testkit.Statement("old:"+key, "newer"), `{"type":"speaker","key":"p:`+key+`","name":"n","kind":"ngo"}`)
		tt.since(key)
		before := exported(t, s)
		_, err := s.Revert(t.Context(), testkit.By("editor"), report.ID)
		var e *store.Error
		if !errors.As(err, &e) || e.Code != store.InUse || len(e.Dependents) != 1 || string(e.Dependents[0].Kind) != tt.want {
			t.Errorf("%s: %v, want in_use by a %s", tt.name, err, tt.want)
		}
		if diff := cmp.Diff(before, exported(t, s)); diff != "" {
			t.Errorf("%s: a refused revert changed something:\n%s", tt.name, diff)
		}
		if now, err := s.ReadImport(t.Context(), report.ID); err != nil || now.State != "done" {
			t.Errorf("%s: the import is %s, %v", tt.name, now.State, err)
		}
	}
}

// Only an import that wrote something can be taken back, once.
func TestRevertNeedsAnImportThatWroteSomething(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	line := testkit.Statement("s:1", "one")
	dry, _ := imported(t, s, store.ImportOptions{DryRun: true}, line)
	failed, _ := imported(t, s, store.ImportOptions{}, "{")
	done := mustImport(t, s, line)
	nothing := mustImport(t, s, line)
	revert(t, s, done.ID)
	for _, tt := range []struct {
		name, id string
		want     store.Code
	}{{"a dry run", dry.ID, store.InUse}, {"one that failed", failed.ID, store.InUse}, {"one that changed nothing", nothing.ID, store.InUse}, {"one that was reverted", done.ID, store.InUse},
		{"one that never was", "0197a3c2-5b1e-7c55-9d3a-4f1f6f1f0a11", store.NotFound}, {"no id", "x", store.NotFound}} {
		if _, err := s.Revert(t.Context(), testkit.By("editor"), tt.id); store.CodeOf(err) != tt.want {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
	}
	if text := textOf(t, s, "s:1"); text != "gone" {
		t.Errorf("the statement is %s", text)
	}
}

// Nothing that a write would be refused for comes in by a revert: what it
// restores has to fit what was written since.
func TestRevertKeepsTheRules(t *testing.T) {
	t.Parallel()
	source := func(key, owner string) string {
		return fmt.Sprintf(`{"type":"source","key":%q,"name":"n","kind":"online"%s}`, key, refTo("owner", owner))
	}
	tenure := func(key, held string) string {
		return fmt.Sprintf(`{"type":"tenure","key":%q,"speaker":{"key":"gov:PK"},"office":{"key":"of:1"},"held":%q}`, key, held)
	}
	named := `,"renderings":[{"part":"body","form":"paraphrase","names_as_given":[{"name":"x","speaker":{"key":"person:mujahid"}}]}]`
	report := `{"type":"report","key":"r:1","statement":{"key":"s:1"},"article":{"key":"article:one"}%s}`
	for _, tt := range []struct {
		name          string
		first, second []string // imports; the second is to be taken back
		since         func(s *store.Store)
	}{
		{"a cycle", []string{source("x:b", ""), source("x:a", "x:b")}, []string{source("x:a", "")}, func(s *store.Store) {
			edit(t, s, claims.KindSource, "key:x:b", func(in claims.Input) { in.(*claims.SourceInput).Owner = claims.RefKey("x:a") })
		}},
		{"two holders of an office", []string{`{"type":"office","key":"of:1","title":"o"}`, tenure("te:1", "2020/2025")}, []string{tenure("te:1", "2020/2021")}, func(s *store.Store) {
			testkit.Create(t, s, tenure("te:2", "2023/2024"))
		}},
		{"a verdict on a value", []string{`{"type":"claim","key":"c:1","text":"c","sort":"value"}`}, []string{`{"type":"claim","key":"c:1","text":"c","sort":"fact"}`}, func(s *store.Store) {
			testkit.Create(t, s, `{"type":"assessment","key":"as:1","claim":{"key":"c:1"},"reviewer":{"key":"outlet:one"},"verdict":"x","normalised":"true"}`)
		}},
		{"a wording copied from a report that goes", []string{testkit.Statement("s:1", "s")}, []string{fmt.Sprintf(report, "")}, func(s *store.Store) {
			edit(t, s, claims.KindStatement, "key:s:1", func(in claims.Input) { in.(*claims.StatementInput).TextFrom = claims.RefKey("article:one") })
		}},
		{"a name as given of somebody who is gone", []string{testkit.Statement("s:1", "s"), fmt.Sprintf(report, named)}, []string{fmt.Sprintf(report, "")}, func(s *store.Store) {
			erase(t, s, claims.KindSpeaker, "key:person:mujahid")
		}},
		{"a reference to what is gone", []string{source("x:b", ""), source("x:a", "x:b")}, []string{source("x:a", "")}, func(s *store.Store) {
			erase(t, s, claims.KindSource, "key:x:b")
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := testkit.WithCast(t, testkit.Store(t))
			mustImport(t, s, tt.first...)
			second := mustImport(t, s, tt.second...)
			tt.since(s)
			before := exported(t, s)
			if _, err := s.Revert(t.Context(), testkit.By("editor"), second.ID); err == nil {
				t.Errorf("it was reverted:\n%s", cmp.Diff(before, exported(t, s)))
			}
		})
	}
}

// Imports are taken back one after the other, the last first: what a later one
// changed is as the earlier wrote it, once the later is gone.
func TestRevertOfOneImportAfterAnother(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	mustImport(t, s, testkit.Statement("old:1", "before"))
	bare := exported(t, s)
	version := func(text string, more ...string) []string {
		return append(more, testkit.Statement("old:1", text), testkit.Statement("st:1", text, `"topics":["security"]`, `"reports":[{"article":{"key":"art:1"},"renderings":[{"part":"body","form":"paraphrase","text":"`+text+`","names_as_given":[{"speaker":{"key":"sp:1"},"name":"n"}]}]}]`))
	}
	first := mustImport(t, s, version("A", `{"type":"article","key":"art:1","title":"A","source":{"key":"outlet:one"}}`, `{"type":"speaker","key":"sp:1","name":"n","kind":"person"}`)...)
	a := exported(t, s)
	second := mustImport(t, s, version("B", `{"type":"article","key":"art:1","title":"B","source":{"key":"outlet:one"}}`, testkit.Statement("st:2", "B"))...)
	b := exported(t, s)
	if _, err := s.Revert(t.Context(), testkit.By("editor"), first.ID); store.CodeOf(err) != store.InUse {
		t.Errorf("the earlier import is taken back before the later one: %v", err)
	}
	if diff := cmp.Diff(b, exported(t, s)); diff != "" {
		t.Error(diff)
	}
	revert(t, s, second.ID)
	if diff := cmp.Diff(a, exported(t, s)); diff != "" {
		t.Errorf("without the later import it is not as the earlier left it:\n%s", diff)
	}
	revert(t, s, first.ID)
	if diff := cmp.Diff(bare, exported(t, s)); diff != "" {
		t.Errorf("without both it is not as before them:\n%s", diff)
	}

	first = mustImport(t, s, version("A", `{"type":"article","key":"art:1","title":"A","source":{"key":"outlet:one"}}`, `{"type":"speaker","key":"sp:1","name":"n","kind":"person"}`)...)
	second = mustImport(t, s, version("B")...)
	revert(t, s, second.ID)
	edit(t, s, claims.KindStatement, "key:st:1", func(in claims.Input) { in.(*claims.StatementInput).Text = "C" })
	if _, err := s.Revert(t.Context(), testkit.By("editor"), first.ID); store.CodeOf(err) != store.InUse {
		t.Errorf("what a person has changed since is taken back: %v", err)
	}
}
