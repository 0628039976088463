package store_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"onrecord/internal/claims"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

// A past does to a statement what its words say: "import A" (with the text A),
// "create A" and "edit A" by a person, "delete", "overwrite A" (an import that
// does), "kept A" (one that meets a conflict), "revert" (of the last import),
// "ship A" (what ships with the service).
func past(t *testing.T, s *store.Store, key string, steps ...string) {
	t.Helper()
	last := ""
	for _, step := range steps {
		verb, text, _ := strings.Cut(step, " ")
		line := testkit.Statement(key, text)
		switch verb {
		case "import":
			last = mustImport(t, s, line).ID
		case "create":
			testkit.Create(t, s, line)
		case "edit":
			edit(t, s, claims.KindStatement, "key:"+key, func(in claims.Input) { in.(*claims.StatementInput).Text = text })
		case "delete":
			erase(t, s, claims.KindStatement, "key:"+key)
		case "overwrite":
			report, err := imported(t, s, store.ImportOptions{OnConflict: "overwrite"}, line)
			if err != nil {
				t.Fatal(err)
			}
			last = report.ID
		case "kept":
			if report, err := imported(t, s, store.ImportOptions{}, line); err != nil || report.Conflicts != 1 {
				t.Fatalf("%v: %s", err, counts(report))
			}
		case "ship":
			if _, err := s.Import(t.Context(), testkit.By("ships"), store.ImportOptions{Shipped: true}, claims.NDJSON(strings.NewReader(line))); err != nil {
				t.Fatal(err)
			}
		case "revert":
			if _, err := s.Revert(t.Context(), testkit.By("editor"), last); err != nil {
				t.Fatal(err)
			}
		default:
			t.Fatal(step)
		}
	}
}

// textOf is a statement's text, "gone" where it was deleted, "none" where it
// never was.
func textOf(t *testing.T, s *store.Store, key string) string {
	t.Helper()
	record, err := read(t, s, claims.KindStatement, "key:"+key)
	switch store.CodeOf(err) {
	case store.Gone:
		return "gone"
	case store.NotFound:
		return "none"
	}
	if err != nil {
		t.Fatal(err)
	}
	var in struct{ Text string }
	if err := json.Unmarshal(record.JSON, &in); err != nil {
		t.Fatal(err)
	}
	return in.Text
}

// The table of docs/decisions/0008: what becomes of a record, by what was done
// to it before and what the stream says.
func TestImportActsOnWhatHappenedToTheRecordBefore(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	const (
		upsert, insert, skip = "upsert", "insert", "skip"
		overwrite            = "overwrite"
	)
	type row struct {
		past string // steps, with a comma between
		how  string // mode, or overwrite
		says string
		want string // the report
		text string // of the record then
	}
	rows := []row{
		{"import A", upsert, "A", "unchanged", "A"},
		{"import A", insert, "A", "unchanged", "A"},
		{"import A", skip, "A", "unchanged", "A"},
		{"import A", upsert, "B", "updated", "B"},
		{"import A", insert, "B", "failed", "A"},
		{"import A", skip, "B", "skipped", "A"},
		{"import A", overwrite, "B", "updated", "B"},
		{"import A,import B", upsert, "A", "updated", "A"},
		{"import A,import B,revert", upsert, "A", "unchanged", "A"},
		{"import A,import B,revert", upsert, "B", "updated", "B"},
		{"import A,import B,revert", insert, "B", "failed", "A"},
		{"import A,import B,revert", skip, "B", "skipped", "A"},

		{"import A,edit E", upsert, "A", "unchanged", "E"},
		{"import A,edit E", insert, "A", "unchanged", "E"},
		{"import A,edit E", overwrite, "A", "unchanged", "E"},
		{"import A,edit E", upsert, "E", "unchanged", "E"},
		{"import A,edit E", upsert, "B", "conflicts", "E"},
		{"import A,edit E", insert, "B", "failed", "E"},
		{"import A,edit E", skip, "B", "skipped", "E"},
		{"import A,edit E", overwrite, "B", "updated", "B"},
		{"import A,edit E,edit A", upsert, "A", "unchanged", "A"},
		{"import A,edit E,edit A", upsert, "B", "conflicts", "A"},
		{"import A,edit E,kept B", upsert, "A", "unchanged", "E"},
		{"import A,edit E,kept B", upsert, "B", "conflicts", "E"},
		{"import A,edit E,overwrite B", upsert, "B", "unchanged", "B"},
		{"import A,edit E,overwrite B", upsert, "E", "updated", "E"},
		{"import A,edit E,overwrite B", upsert, "C", "updated", "C"},
		{"import A,edit E,overwrite B,edit F", upsert, "B", "unchanged", "F"},
		{"import A,edit E,overwrite B,edit F", upsert, "A", "conflicts", "F"},

		{"import A,delete", upsert, "A", "unchanged", "gone"},
		{"import A,delete", insert, "A", "unchanged", "gone"},
		{"import A,delete", overwrite, "A", "unchanged", "gone"},
		{"import A,delete", upsert, "B", "conflicts", "gone"},
		{"import A,delete", insert, "B", "conflicts", "gone"},
		{"import A,delete", skip, "B", "conflicts", "gone"},
		{"import A,delete", overwrite, "B", "inserted", "B"},
		{"import A,delete,overwrite B", upsert, "B", "unchanged", "B"},
		{"import A,delete,overwrite B", upsert, "C", "updated", "C"},
		{"import A,delete,overwrite B,delete", upsert, "B", "unchanged", "gone"},
		{"import A,delete,create P", upsert, "A", "unchanged", "P"},
		{"import A,delete,create P", upsert, "P", "unchanged", "P"},
		{"import A,delete,create P", upsert, "B", "conflicts", "P"},

		{"create P", upsert, "P", "unchanged", "P"},
		{"create P", upsert, "B", "conflicts", "P"},
		{"create P", insert, "B", "failed", "P"},
		{"create P", skip, "B", "skipped", "P"},
		{"create P", overwrite, "B", "updated", "B"},
		{"create P,delete", upsert, "B", "conflicts", "gone"},
		{"create P,delete", overwrite, "B", "inserted", "B"},
		{"create P,overwrite B", upsert, "C", "updated", "C"},

		{"ship A", upsert, "A", "unchanged", "A"},
		{"ship A", upsert, "B", "updated", "B"},
	}
	for _, how := range []string{upsert, insert, skip, overwrite} {
		for _, before := range []string{"", "import A,revert", "import A,revert,import B,revert", "import A,delete,overwrite B,revert"} {
			rows = append(rows, row{before, how, "A", "inserted", "A"}, row{before, how, "C", "inserted", "C"})
		}
	}
	for n, r := range rows {
		key := fmt.Sprintf("s:%d", n)
		steps := strings.FieldsFunc(r.past, func(c rune) bool { return c == ',' })
		past(t, s, key, steps...)
		o := store.ImportOptions{Mode: r.how}
		if r.how == overwrite {
			o = store.ImportOptions{OnConflict: r.how}
		}
		report, _ := imported(t, s, o, testkit.Statement(key, r.says))
		got := counts(report)
		if text := textOf(t, s, key); !strings.Contains(got, r.want+" 1") || text != r.text {
			t.Errorf("%q, then %s says %s: %s and the text is %s, want %s and %s", r.past, r.how, r.says, got, text, r.want, r.text)
		}
		if listed := len(report.ConflictList) > 0; listed != (report.Conflicts > 0) || listed && report.ConflictList[0].Key != key {
			t.Errorf("%q, then %s says %s: conflicts %+v", r.past, r.how, r.says, report.ConflictList)
		}
	}
}

// For what ships with the service, imports by others are as good as a person's
// changes.
func TestImportOfWhatShipsKeepsImportsByOthers(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	for n, r := range []struct{ past, says, want, text string }{
		{"ship A", "A", "unchanged", "A"},
		{"ship A", "B", "updated", "B"},
		{"ship A,import X", "A", "unchanged", "X"},
		{"ship A,import X", "X", "unchanged", "X"},
		{"ship A,import X", "B", "conflicts", "X"},
		{"ship A,edit X", "B", "conflicts", "X"},
		{"ship A,import X,revert", "B", "conflicts", "A"},
		{"import X", "B", "conflicts", "X"},
	} {
		key := fmt.Sprintf("s:%d", n)
		past(t, s, key, strings.Split(r.past, ",")...)
		report, err := s.Import(t.Context(), testkit.By("ships"), store.ImportOptions{Shipped: true}, claims.NDJSON(strings.NewReader(testkit.Statement(key, r.says))))
		if text := textOf(t, s, key); err != nil || !strings.Contains(counts(report), r.want+" 1") || text != r.text {
			t.Errorf("%q, then it ships %s: %s and the text is %s, want %s and %s", r.past, r.says, counts(report), text, r.want, r.text)
		}
	}
}

// A newer snapshot updates what differs; an editor's corrections survive it and
// are told; the version of everything else stays.
func TestImportOfANewerSnapshotUpdatesJustWhatDiffers(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	line := func(i int, text string) string {
		return testkit.Statement(fmt.Sprintf("s:%d", i), text, `"reports":[{"article":{"key":"article:one"}},{"article":{"key":"article:two"}}]`)
	}
	var first, second []string
	for i := range 40 {
		first, second = append(first, line(i, "first")), append(second, line(i, "first"))
	}
	mustImport(t, s, first...)
	edit(t, s, claims.KindStatement, "key:s:1", func(in claims.Input) { in.(*claims.StatementInput).Text = "corrected" })
	edit(t, s, claims.KindStatement, "key:s:2", func(in claims.Input) { in.(*claims.StatementInput).Text = "corrected" })
	edit(t, s, claims.KindReport, "key:s:3/article:one", func(in claims.Input) { in.(*claims.ReportInput).MatchNote = "corrected" })
	erase(t, s, claims.KindReport, "key:s:4/article:two")
	erase(t, s, claims.KindStatement, "key:s:5")
	second[1] = line(1, "second")  // conflict
	second[3] = line(3, "second")  // its report stays corrected
	second[10] = line(10, "newer") // update
	second[11] = strings.Replace(line(11, "first"), `"article:two"}`, `"article:two"},"match_note":"newer"`, 1)
	second = append(second, line(40, "new"))
	slices.Reverse(second)
	before := versions(t, s)
	for round, want := range []string{"done inserted 3 updated 3 unchanged 116 conflicts 1", "done unchanged 122 conflicts 1"} {
		report, err := imported(t, s, store.ImportOptions{}, second...)
		if err != nil || counts(report) != want {
			t.Errorf("%d: %v, %s, want %s", round, err, counts(report), want)
		}
		if len(report.ConflictList) != 1 || report.ConflictList[0].Key != "s:1" || report.ConflictList[0].Line != 40 {
			t.Errorf("%d: conflicts %+v", round, report.ConflictList)
		}
	}
	after := versions(t, s)
	for key, want := range map[string]string{"s:10": "2", "s:3": "2", "s:11/article:two": "2", "s:40": "1", "s:40/article:one": "1", "s:40/article:two": "1"} {
		if after[key] != want {
			t.Errorf("%s has version %s, want %s", key, after[key], want)
		}
		delete(after, key)
		delete(before, key)
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("other versions changed (-before +after):\n%s", diff)
	}
	if text := textOf(t, s, "s:1"); text != "corrected" {
		t.Errorf("the correction is now %s", text)
	}
}
