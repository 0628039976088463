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

// What stays as it was at creation, an import can't change either: the line
// fails as a PUT of the same would.
func TestImportKeepsWhatIsForLife(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	mustImport(t, s, testkit.Statement("s:1", "1"), testkit.Statement("s:2", "2"), testkit.Statement("s:3", "3"),
		`{"type":"claim","key":"c:1","text":"c","sort":"fact"}`, `{"type":"claim","key":"c:2","text":"c","sort":"fact"}`)
	for n, tt := range []struct{ name, first, second, pointer string }{
		{"a report's statement", `{"type":"report","key":"r:1","statement":{"key":"s:1"},"article":{"key":"article:one"}}`,
			`{"type":"report","key":"r:1","statement":{"key":"s:2"},"article":{"key":"article:one"}}`, "/statement"},
		{"the statement of a report with renderings", `{"type":"report","key":"r:1","statement":{"key":"s:1"},"article":{"key":"article:one"},"renderings":[{"part":"body","form":"paraphrase"}]}`,
			`{"type":"report","key":"r:1","statement":{"key":"s:2"},"article":{"key":"article:one"}}`, "/statement"},
		{"a report's article", `{"type":"report","key":"r:1","statement":{"key":"s:1"},"article":{"key":"article:one"}}`,
			`{"type":"report","key":"r:1","statement":{"key":"s:1"},"article":{"key":"article:two"}}`, "/article"},
		{"a position's statement", `{"type":"position","key":"p:1","statement":{"key":"s:1"},"claim":{"key":"c:1"},"stance":"asserts"}`,
			`{"type":"position","key":"p:1","statement":{"key":"s:2"},"claim":{"key":"c:1"},"stance":"asserts"}`, "/statement"},
		{"a position's claim", `{"type":"position","key":"p:1","statement":{"key":"s:1"},"claim":{"key":"c:1"},"stance":"asserts"}`,
			`{"type":"position","key":"p:1","statement":{"key":"s:1"},"claim":{"key":"c:2"},"stance":"asserts"}`, "/claim"},
		{"a link's statement", `{"type":"link","key":"l:1","statement":{"key":"s:1"},"to":{"key":"s:3"},"relation":"repeats"}`,
			`{"type":"link","key":"l:1","statement":{"key":"s:2"},"to":{"key":"s:3"},"relation":"repeats"}`, "/statement"},
		{"a nested report's statement", `{"type":"report","key":"r:1","statement":{"key":"s:1"},"article":{"key":"article:one"}}`,
			testkit.Statement("s:2", "2", `"reports":[{"article":{"key":"article:one"},"key":"r:1"}]`), "/reports/0"},
		{"the key of a record that is named by its id", `{"type":"source","key":"x:1","name":"n","kind":"online"}`, fmt.Sprintf(`{"type":"source","id":%q,"name":"m","kind":"online"}`, claims.ID("x:1")), ""},
	} {
		own := strings.NewReplacer(`:1","st`, fmt.Sprintf(`:1%d","st`, n), `:1"}]`, fmt.Sprintf(`:1%d"}]`, n))
		first, second := own.Replace(tt.first), own.Replace(tt.second)
		written := mustImport(t, s, first)
		report, err := imported(t, s, leaveOut, second, testkit.Statement(fmt.Sprintf("s:good%d", n), "good"))
		switch {
		case tt.pointer == "": // the key is kept, or the line refused
			if after := exported(t, s, claims.KindSource); !strings.Contains(after, `"key":"x:1"`) {
				t.Errorf("%s: the key is lost: %s", tt.name, after)
			}
		case err != nil || report.Inserted != 1 || report.Failed != 1 || report.Errors[0].Line != 1 || !strings.HasPrefix(report.Errors[0].Pointer, tt.pointer):
			t.Errorf("%s: %v, %s, %v, want line 1 to fail at %s", tt.name, err, counts(report), failures(report), tt.pointer)
		}
		if report.Failed > 0 {
			revert(t, s, report.ID)
			revert(t, s, written.ID)
		}
	}
}

// A line fails with what is within it, whatever became of its first record.
func TestImportNamesTheLineOfANestedRecord(t *testing.T) {
	t.Parallel()
	nobody := `"reports":[{"article":{"key":"article:one"},"renderings":[{"part":"body","form":"paraphrase","names_as_given":[{"name":"x","speaker":{"key":"no:one"}}]}]}]`
	s := testkit.WithCast(t, testkit.Store(t))
	for n, tt := range []struct {
		name, past, line, pointer string
	}{
		{"new report of no article, statement unchanged", "import A", testkit.Statement("s:1", "A", `"reports":[{"article":{"key":"article:none"}}]`), "/reports/0/article"},
		{"new report of no article, statement updated", "import A", testkit.Statement("s:1", "B", `"reports":[{"article":{"key":"article:none"}}]`), "/reports/0/article"},
		{"new report of no article, statement kept", "import A,edit E", testkit.Statement("s:1", "B", `"reports":[{"article":{"key":"article:none"}}]`), "/reports/0/article"},
		{"new report of no article, statement deleted", "import A,delete", testkit.Statement("s:1", "A", `"reports":[{"article":{"key":"article:none"}}]`), "/reports/0"},
		{"new report, statement deleted", "import A,delete", testkit.Statement("s:1", "A", `"reports":[{"article":{"key":"article:one"}}]`), "/reports/0"},
		{"new report, statement deleted and changed", "import A,delete", testkit.Statement("s:1", "B", `"reports":[{"article":{"key":"article:one"}}]`), "/reports/0"},
		{"new position on no claim, statement unchanged", "import A", testkit.Statement("s:1", "A", `"positions":[{"claim":{"key":"no:ne"},"stance":"asserts"}]`), "/positions/0/claim"},
		{"new link to nothing, statement unchanged", "import A", testkit.Statement("s:1", "A", `"links":[{"to":{"key":"no:ne"},"relation":"repeats"}]`), "/links/0/to"},
		{"new report names nobody, statement unchanged", "import A", testkit.Statement("s:1", "A", nobody), "/reports/0/renderings/0/names_as_given/0/speaker"},
		{"new report names nobody, statement new", "", testkit.Statement("s:1", "A", nobody), "/reports/0/renderings/0/names_as_given/0/speaker"},
	} {
		key := fmt.Sprintf("n:%d", n)
		past(t, s, key, strings.FieldsFunc(tt.past, func(r rune) bool { return r == ',' })...)
		before := exported(t, s)
		for _, o := range []store.ImportOptions{{}, leaveOut} {
			report, err := imported(t, s, o, testkit.Statement("good:"+key, "good"), strings.Replace(tt.line, "s:1", key, 1))
			if report.Failed != 1 || len(report.Errors) == 0 || report.Errors[0].Line != 2 || !strings.HasPrefix(report.Errors[0].Pointer, tt.pointer) {
				t.Errorf("%s, %s: %v, %s, %v, want line 2 to fail at %s", tt.name, report.OnError, err, counts(report), failures(report), tt.pointer)
			}
			if diff := cmp.Diff(before, exported(t, s)); o.OnError == "" && diff != "" {
				t.Errorf("%s: something was written:\n%s", tt.name, diff)
			}
			if o.OnError != "" && (err != nil || report.Inserted != 1) {
				t.Errorf("%s: the good line is not stored: %v, %s", tt.name, err, counts(report))
			}
		}
	}
}

// However many lines break rules that only writing finds, they are left out and
// the others stored.
func TestImportLeavesOutAnyNumberOfLinesThatBreakRules(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 9, 12} {
		s := testkit.WithCast(t, testkit.Store(t))
		lines := []string{testkit.Statement("good:1", "good")}
		for i := range n {
			lines = append(lines, fmt.Sprintf(`{"type":"source","key":"a:%d","name":"A","kind":"online","owner":{"key":"b:%d"}}`, i, i),
				fmt.Sprintf(`{"type":"source","key":"b:%d","name":"A","kind":"online","owner":{"key":"a:%d"}}`, i, i))
		}
		report, err := imported(t, s, leaveOut, lines...)
		if err != nil || report.Inserted != 1 || report.Failed != 2*n {
			t.Errorf("%d cycles: %v, %s", n, err, counts(report))
		}
	}
}

// A bad line takes no good one with it that does not depend on it.
func TestImportOfAGoodLineIsNotFailedByABadOne(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	mustImport(t, s, testkit.Statement("s:1", "1"))
	for _, tt := range []struct{ name, bad, good string }{
		{"the same report by another key", `{"type":"report","key":"r:1","statement":{"key":"s:1"},"article":{"key":"article:one"},"cites":[{"source":{"key":"no:ne"}}]}`,
			`{"type":"report","key":"r:2","statement":{"key":"s:1"},"article":{"key":"article:one"}}`},
		{"the key of another kind", `{"type":"source","key":"x:1","name":"A","kind":"online","owner":{"key":"no:ne"}}`, `{"type":"speaker","key":"x:1","name":"A","kind":"ngo"}`},
		{"the same record again", testkit.Statement("s:9", "9", `"reports":[{"article":{"key":"article:none"}}]`), testkit.Statement("s:9", "9")},
	} {
		if report, err := imported(t, s, leaveOut, tt.bad, tt.good); err != nil || report.Inserted != 1 || report.Failed != 1 {
			t.Errorf("%s: %v, %s, %v", tt.name, err, counts(report), failures(report))
		}
	}
}

// Whatever stands in a line that fails, the report on it can be kept and read
// again, has a bounded length, and the other lines are stored.
func TestImportReportsEveryFailure(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	long := strings.Repeat("k", 1<<20)
	for n, line := range []string{
		`{"type":"source","key":"a:\u0000","name":"A","kind":"online"}`,
		`{"type":"so\u0000urce","key":"a:b","name":"A","kind":"online"}`,
		`{"type":"source","key":"a:b","na\u0000me":"A","kind":"online"}`,
		`{"type":"source","key":"a:b","name":"A\u0000","kind":"online"}`,
		`{"type":"source","key":"a:b","name":"A","kind":"\u0000"}`,
		`{"type":"source","key":"a:b","name":"A","kind":"online","languages":["\u0000"]}`,
		`{"type":"source","key":"a:\ud800","name":"A","kind":"online"}`,
		`{"type":"source","key":"a:\ufffd\ufffe","name":"A","kind":"online"}`,
		`{"type":"source","key":"a:` + long + `","name":"A","kind":"online"}`,
		`{"type":"` + long + `"}`,
		`{"type":"source","key":"a:b","name":"A","kind":"online","` + long + `":1}`,
		`{"type":"source","key":"a:b","name":"` + long + `","kind":"` + long + `"}`,
	} {
		for _, o := range []store.ImportOptions{{}, leaveOut} {
			report, err := imported(t, s, o, testkit.Statement(fmt.Sprintf("s:%d", n), "good"), line)
			if o.OnError == "" && store.CodeOf(err) != store.Invalid || o.OnError != "" && (err != nil || report.Inserted != 1) || report.Failed != 1 {
				t.Errorf("%.60s, %s: %v, %s", line, report.OnError, err, counts(report))
			}
			again, err := s.ReadImport(t.Context(), report.ID)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(failures(report), failures(again)); diff != "" || again.State != report.State {
				t.Errorf("%.60s, %s: read again it is %s, want %s: %s", line, report.OnError, again.State, report.State, diff)
			}
			for _, e := range report.Errors {
				if size := len(e.Key) + len(e.Type) + len(e.Pointer) + len(e.Detail); size > 16<<10 {
					t.Errorf("%.60s: an error is told in %d bytes", line, size)
				}
			}
		}
	}
}

// A table whose cells are not UTF-8 is an error to the line.
func TestImportReportsATypeThatIsNotUTF8(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	defer func() {
		if p := recover(); p != nil {
			t.Errorf("panic: %v", p)
		}
	}()
	report, err := s.Import(t.Context(), testkit.By("loader"), leaveOut, claims.CSV(strings.NewReader("type,slug,name\n\xff,a,A\ntopic,b,B\n")))
	if err != nil || report.Inserted != 1 || report.Failed != 1 {
		t.Errorf("%v, %+v", err, report)
	}
}

// Imports whose stream breaks off leave room for others.
func TestImportSlotsAreGivenBack(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	for range 5 {
		if _, err := s.Import(t.Context(), testkit.By("loader"), leaveOut, broken{}); err == nil {
			t.Error("a stream that can't be read was imported")
		}
	}
	mustImport(t, s, testkit.Statement("s:1", "1"))
}

type broken struct{}

func (broken) Next() (claims.Line, error) { return claims.Line{}, errors.New("broken") }
