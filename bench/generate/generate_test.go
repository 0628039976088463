package generate

import (
	"regexp"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"onrecord/internal/claims"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

var small = Config{Seed: 1, Statements: 2_000, Speakers: 200, Sources: 30, Articles: 500}

func world(t testing.TB, c Config) *World {
	t.Helper()
	w, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestAWorldFollowsFromItsConfig(t *testing.T) {
	t.Parallel()
	text := func(w *World, n int) string {
		data, err := json.Marshal(w.Statement(n))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	a, b := world(t, small), world(t, small)
	for n := range 100 {
		if diff := cmp.Diff(text(a, 99-n), text(b, 99-n)); diff != "" {
			t.Fatalf("statement %d differs between two worlds of one seed:\n%s", 99-n, diff)
		}
	}
	other := small
	other.Seed = 2
	if c := world(t, other); text(a, 7) == text(c, 7) {
		t.Error("another seed gives the same statement")
	}
}

func TestEveryRecordIsValidAndCopiedAsTheStoreWouldWriteIt(t *testing.T) {
	t.Parallel()
	w := world(t, small)
	for _, in := range w.Dimensions() {
		var c claims.Check
		if in.Check(&c); len(c.Problems) > 0 {
			t.Fatalf("%s %s: %v", in.Kind(), in.Head().Key, c.Problems)
		}
	}
	for n := range w.Statements {
		in := w.Statement(n)
		var c claims.Check
		if in.Check(&c); len(c.Problems) > 0 {
			t.Fatalf("statement %d: %v", n, c.Problems)
		}
		if err := compare(in); err != nil {
			t.Fatalf("statement %d: %v", n, err)
		}
	}
}

// The shares that the package comment promises.
func TestTheMixIsAsPromised(t *testing.T) {
	t.Parallel()
	c := small
	c.Statements = 20_000
	w := world(t, c)
	counts := map[string]float64{}
	for n := range w.Statements {
		in := w.Statement(n)
		for name, is := range map[string]bool{"undated": in.SaidOn.IsZero(), "wide": in.SaidOn.Range().Days() > 366, "second-hand": !in.Within.IsZero(),
			"editorial": in.Voice == "editorial", "conditional": in.Condition != nil} {
			if is {
				counts[name]++
			}
		}
		counts["targets"] += float64(len(in.Targets))
		counts["topics"] += float64(len(in.Topics))
		counts["reports"] += float64(len(in.Reports))
	}
	for name, want := range map[string]float64{"undated": 0.03, "wide": 0.02, "second-hand": 0.02, "editorial": 0.02, "conditional": 0.06, "targets": 1.6, "topics": 1.4, "reports": 1.2} {
		if got := counts[name] / float64(w.Statements); got < want*0.85 || got > want*1.15 {
			t.Errorf("%s: %.3f of a statement, want about %.2f", name, got, want)
		}
	}
}

// The audit finds nothing but that changes were left out.
func TestAFilledDatabaseServes(t *testing.T) {
	t.Parallel()
	url := testkit.Database(t)
	w := world(t, small)
	if err := w.Fill(t.Context(), url, 2, func(line string) { t.Log(line) }); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), store.Config{URL: url, MaxConns: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	found, err := s.Audit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	expected := regexp.MustCompile(`^(commit without change: \d+|(statements|reports): a version is not one change: .*)$`)
	for _, f := range found {
		if !expected.MatchString(f) {
			t.Errorf("audit: %s", f)
		}
	}
	q, err := store.Parse(claims.KindStatement, map[string][]string{"include": {"reports"}})
	if err != nil {
		t.Fatal(err)
	}
	page, err := s.List(t.Context(), q)
	if err != nil || page.Count != store.DefaultLimit || !strings.Contains(string(page.Records), `"renderings":[{`) {
		t.Errorf("a page of %d records, %v: %.200s", page.Count, err, page.Records)
	}
	in := testkit.Input(t, testkit.Statement(w.Key(3), "again"))
	in.(*claims.StatementInput).Speaker = w.speakers[0].ref
	if _, err := s.Create(t.Context(), testkit.By("tester"), in); store.CodeOf(err) != store.Exists {
		t.Errorf("a generated key, again: %v, want exists", err)
	}
	in.Head().Key = ""
	if _, err := s.Create(t.Context(), testkit.By("tester"), in); err != nil {
		t.Errorf("a new statement: %v", err)
	}
}
