package store_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"onrecord/internal/claims"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

var leaveOut = store.ImportOptions{OnError: "continue", Duplicates: "off"}

// A faulty stream is a random world, with events that statements are said at
// and that statements tell of, and with lines that can't be stored.
type faulty struct {
	*maker
	bad map[string]bool // lines at fault by themselves
}

func (f *faulty) fault(format string, args ...any) {
	f.line(format, args...)
	f.bad[f.lines[len(f.lines)-1]] = true
}

func faultyWorld(seed uint64) *faulty {
	f := &faulty{randomWorld(seed), map[string]bool{}}
	for i := range 6 { // events and statements refer to each other, in circles too
		f.line(`{"type":"event","key":"ev:%d","kind":"other","title":"t","figures":[{"metric":"killed","as_given":"several","given_by_statement":{"key":"sx:%d"}}]}`, i, f.random.IntN(8))
		f.line(`{"type":"statement","key":"sx:%d","kind":"other","text":"t","speaker":{"key":"person:asif"},"occasion":{"key":"ev:%d"},"said_on":"2026-05-%02d","positions":[{"claim":{"key":"cl:%d"},"stance":"asserts"}]}`,
			i, f.random.IntN(7), 10+i, f.random.IntN(4))
		f.line(`{"type":"mention","key":"me:%d","article":{"key":"art:%d"},"event":{"key":"ev:%d"},"role":"background"}`, i, f.random.IntN(25), i)
		f.line(`{"type":"assessment","key":"as:%d","statement":{"key":"st:%d"},"reviewer":{"key":"src:%d"},"verdict":"x"}`, i, f.random.IntN(40), f.random.IntN(10))
	}
	for i, line := range f.lines { // what else refers to it fails with it
		switch f.random.IntN(24) {
		case 0:
			f.lines[i] = strings.Replace(line, `"type":`, `"no_field":1,"type":`, 1)
		case 1:
			f.lines[i] = strings.Replace(line, `"key":`, `"review":"maybe","key":`, 1)
		case 2:
			f.lines[i] = strings.TrimSuffix(line, "}")
		default:
			continue
		}
		f.bad[f.lines[i]] = true
	}
	f.line(`{"type":"topic","slug":"fine","name":"Fine","parent":"none-such"}`)
	f.line(`{"type":"topic","slug":"below","name":"Below","parent":"fine"}`)
	f.fault(`{"type":"source","key":"cy:a","name":"a","kind":"online","owner":{"key":"cy:b"}}`)
	f.fault(`{"type":"source","key":"cy:b","name":"b","kind":"online","owner":{"key":"cy:a"}}`)
	f.line(`{"type":"source","key":"cy:c","name":"c","kind":"online","owner":{"key":"cy:b"}}`)
	f.line(`{"type":"claim","key":"cl:promise","text":"c","sort":"commitment"}`)
	f.fault(`{"type":"assessment","key":"as:promise","claim":{"key":"cl:promise"},"reviewer":{"key":"outlet:one"},"verdict":"x","normalised":"false"}`)
	f.line(`{"type":"office","key":"of:1","title":"o"}`)
	f.fault(`{"type":"tenure","key":"te:1","speaker":{"key":"gov:PK"},"office":{"key":"of:1"},"held":"2020/2022"}`)
	f.fault(`{"type":"tenure","key":"te:2","speaker":{"key":"gov:AF"},"office":{"key":"of:1"},"held":"2021/2023"}`)
	f.line(`{"type":"tenure","key":"te:3","speaker":{"key":"gov:AF"},"office":{"key":"of:1"},"held":"2024/2025"}`)
	f.line(`%s`, testkit.Statement("w:1", "one", `"said_on":"2026-06-01"`, `"positions":[{"claim":{"key":"cl:promise"},"stance":"asserts"}]`))
	f.fault(`{"type":"statement","key":"w:2","kind":"other","text":"t","speaker":{"key":"gov:AF"},"positions":[{"claim":{"key":"cl:promise"},"stance":"withdraws","withdraws":{"key":"w:1/cl:promise"}}]}`)
	f.line(`%s`, testkit.Statement("w:3", "below", `"within":{"key":"w:2"}`))
	f.line(`%s`, testkit.Statement("w:4", "links", `"links":[{"to":{"key":"w:3"},"relation":"repeats"}]`))
	f.random.Shuffle(len(f.lines), func(i, j int) { f.lines[i], f.lines[j] = f.lines[j], f.lines[i] })
	return f
}

// good are the lines that can be stored, found by nothing but their
// references: those that are not at fault and refer to such, or to the cast.
func (f *faulty) good(t *testing.T) (lines []string, records int) {
	t.Helper()
	type part struct {
		line     string
		refs, is []string
	}
	name := func(kind claims.Kind, id string) string { return string(kind) + " " + id }
	parse := func(line string) (p part, ok bool) {
		l, err := claims.NDJSON(strings.NewReader(line)).Next()
		if err != nil {
			t.Fatal(err)
		}
		if l.Err != nil {
			return p, false
		}
		c := &claims.Check{Stream: true}
		if l.Input.Check(c); len(c.Problems) > 0 {
			return p, false
		}
		p.line = line
		for _, r := range c.References {
			p.refs = append(p.refs, name(r.Kind, r.ID))
		}
		p.is = append(p.is, name(l.Type, claims.GivenID(l.Input)))
		for _, nested := range l.Input.Nested(claims.GivenID(l.Input)) {
			p.is = append(p.is, name(nested.Kind(), claims.GivenID(nested)))
		}
		return p, true
	}
	there := map[string]bool{}
	for line := range strings.Lines(strings.TrimSpace(testkit.Cast)) {
		p, _ := parse(line)
		there[p.is[0]] = true
	}
	var parts []part
	for _, line := range f.lines {
		if p, ok := parse(line); ok && !f.bad[line] {
			parts = append(parts, p)
		}
	}
	for before := -1; before != len(parts); {
		before = len(parts)
		present := map[string]bool{}
		for _, p := range parts {
			for _, is := range p.is {
				present[is] = true
			}
		}
		parts = slices.DeleteFunc(parts, func(p part) bool {
			return slices.ContainsFunc(p.refs, func(r string) bool { return !there[r] && !present[r] })
		})
	}
	for _, p := range parts {
		lines = append(lines, p.line)
		records += len(p.is)
	}
	return lines, records
}

// With on_error=continue the lines that can't be stored, and those that depend
// on them, are left out; all others are stored, in one commit.
func TestImportLeavesOutWhatFailsAndWhatDependsOnItAndNothingElse(t *testing.T) {
	t.Parallel()
	for seed := range uint64(testkit.Scale(3, 60)) {
		f := faultyWorld(seed)
		good, records := f.good(t)
		s, clean := testkit.WithCast(t, testkit.Store(t)), testkit.WithCast(t, testkit.Store(t))
		report, err := imported(t, s, leaveOut, f.lines...)
		if err != nil || report.State != "partial" || report.Seq == nil || *report.Seq != 2 {
			t.Fatalf("seed %d: %v, %s, commit %v", seed, err, counts(report), report.Seq)
		}
		if report.Lines != len(f.lines) || report.Failed != len(f.lines)-len(good) || report.Inserted != records || report.Updated+report.Unchanged+report.Skipped+report.Conflicts != 0 {
			t.Errorf("seed %d: %s of %d lines; %d lines with %d records can be stored of %d", seed, counts(report), report.Lines, len(good), records, len(f.lines))
		}
		told := 0
		for _, g := range report.ErrorGroups {
			told += g.Count
		}
		if told < report.Failed {
			t.Errorf("seed %d: %d errors are told of %d lines that failed", seed, told, report.Failed)
		}
		for _, e := range report.Errors {
			if e.Line < 1 || e.Line > len(f.lines) || slices.Contains(good, f.lines[e.Line-1]) || e.Code == "" || e.Detail == "" {
				t.Errorf("seed %d: %+v of a good line", seed, e)
			}
		}
		mustImport(t, clean, good...)
		if diff := cmp.Diff(exported(t, clean), exported(t, s)); diff != "" {
			t.Errorf("seed %d: not what the good lines alone give (-good +all):\n%s", seed, diff)
		}
		if again, err := imported(t, s, leaveOut, f.lines...); err != nil || again.Unchanged != records || again.Failed != report.Failed || again.Seq != nil {
			t.Errorf("seed %d: the same again: %v, %s", seed, err, counts(again))
		}
	}
}

// With on_error=abort nothing at all is written, wherever the bad line stands.
func TestImportAbortsWholeWhereverTheBadLineStands(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	k := randomWorld(5)
	mustImport(t, s, testkit.Statement("s:1", "one"))
	before := exported(t, s)
	bad := []string{`{`, `{"type":"topic","slug":"b"}`, testkit.Statement("b:1", "b", `"occasion":{"key":"no:ne"}`), testkit.Statement("s:1", "other"),
		`{"type":"source","key":"st:1","name":"B","kind":"online"}`, `{"type":"source","key":"person:asif","name":"B","kind":"online"}`,
		testkit.Statement("st:1", "something else"), testkit.Statement("b:1", "b", `"text_from":{"key":"article:one"}`)}
	for n, line := range bad {
		for _, at := range []int{0, len(k.lines) / 2, len(k.lines)} {
			lines := slices.Insert(slices.Clone(k.lines), at, line)
			report, err := imported(t, s, store.ImportOptions{Mode: "insert"}, lines...)
			if store.CodeOf(err) != store.Invalid || report.State != "failed" || report.Seq != nil || report.Inserted+report.Updated != 0 || len(report.Errors) == 0 {
				t.Errorf("%s at %d: %v, %s", line, at, err, counts(report))
			}
			if first := report.Errors[0].Line; n != 4 && n != 6 && first != at+1 || report.Failed != 1 {
				t.Errorf("%s: %+v, want line %d", line, report.Errors, at+1)
			}
		}
	}
	if diff := cmp.Diff(before, exported(t, s)); diff != "" {
		t.Errorf("something was written:\n%s", diff)
	}
}

// In whatever order and portions records come in, they are the same records
// with the same facts.
func TestImportInAnyOrderAndPortionsGivesTheSame(t *testing.T) {
	t.Parallel()
	for seed := range uint64(testkit.Scale(1, 20)) {
		k := randomWorld(100 + seed)
		shuffled := slices.Clone(k.lines)
		rand.New(rand.NewPCG(seed, 1)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		first, facts := "", ""
		for _, way := range []struct {
			name string
			load func(s *store.Store)
		}{
			{"in one stream", func(s *store.Store) { mustImport(t, s, k.lines...) }},
			{"shuffled", func(s *store.Store) { mustImport(t, s, shuffled...) }},
			{"backward, twice", func(s *store.Store) {
				slices.Reverse(shuffled)
				mustImport(t, s, append(slices.Clone(shuffled), shuffled...)...)
			}},
			{"in portions", func(s *store.Store) {
				for portion := range slices.Chunk(k.lines, 13) {
					mustImport(t, s, portion...)
				}
			}},
			{"one by one", func(s *store.Store) {
				for _, line := range k.lines {
					testkit.Create(t, s, line)
				}
			}},
			{"by what can be stored each time", func(s *store.Store) {
				for range 20 {
					for portion := range slices.Chunk(shuffled, 40) {
						if _, err := imported(t, s, leaveOut, portion...); err != nil {
							t.Fatal(err)
						}
					}
				}
			}},
		} {
			s := testkit.WithCast(t, testkit.Store(t))
			way.load(s)
			k.compare(t, s)
			export, derived := exported(t, s), factsOf(t, s)
			if first == "" {
				first, facts = export, derived
			}
			if diff := cmp.Diff(first, export) + cmp.Diff(facts, derived); diff != "" {
				t.Errorf("seed %d, %s (-in one stream +so):\n%s", seed, way.name, diff)
			}
		}
	}
}

// An export imports into an empty database and exports the same.
func TestImportOfAnExportExportsTheSame(t *testing.T) {
	t.Parallel()
	for name, load := range map[string]func() (*store.Store, *maker){
		"the sample": func() (*store.Store, *maker) { return sampled(t), nil },
		"a random world": func() (*store.Store, *maker) {
			k := randomWorld(7)
			s := testkit.WithCast(t, testkit.Store(t))
			k.load(t, s)
			return s, k
		},
	} {
		s, k := load()
		first := exported(t, s)
		empty := testkit.Store(t)
		report, err := imported(t, empty, store.ImportOptions{}, first)
		if err != nil || report.Inserted != report.Received || report.Lines != strings.Count(first, "\n") {
			t.Errorf("%s: %v, %s", name, err, counts(report))
		}
		if second := exported(t, empty); second != first {
			t.Errorf("%s: another export:\n%s", name, cmp.Diff(first, second))
		}
		if again, err := imported(t, empty, store.ImportOptions{}, first); err != nil || again.Unchanged != again.Received || again.Seq != nil {
			t.Errorf("%s, imported again: %v, %s", name, err, counts(again))
		}
		if again, err := imported(t, s, store.ImportOptions{}, first); err != nil || again.Unchanged != again.Received {
			t.Errorf("%s, imported where it comes from: %v, %s", name, err, counts(again))
		}
		if k != nil {
			k.compare(t, empty)
		}
	}
}
