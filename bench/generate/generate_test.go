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
	"onrecord/reference"
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

// A stream has as many records as it says, follows from its seed, and is stored
// whole.
func TestAStreamIsImported(t *testing.T) {
	t.Parallel()
	const records = 3_000
	stream := func(seed uint64) (string, Tally) {
		var b strings.Builder
		tally, err := Stream(&b, seed, records)
		if err != nil {
			t.Fatal(err)
		}
		return b.String(), tally
	}
	text, tally := stream(1)
	if again, _ := stream(1); text != again {
		t.Error("the same seed gives another stream")
	}
	if other, _ := stream(2); text == other {
		t.Error("another seed gives the same stream")
	}
	if n := strings.Count(text, "\n"); n != tally.Lines || tally.Records != records {
		t.Errorf("%d lines, told are %+v", n, tally)
	}
	s := testkit.Store(t)
	countries, err := claims.ReadStream(reference.Countries)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Import(t.Context(), testkit.By("reference"), store.ImportOptions{Shipped: true}, claims.Inputs(countries)); err != nil {
		t.Fatal(err)
	}
	report, err := s.Import(t.Context(), testkit.By("importer"), store.ImportOptions{}, claims.NDJSON(strings.NewReader(text)))
	if err != nil || report.Inserted != records || report.Lines != tally.Lines {
		t.Fatalf("%v: %+v", err, report)
	}
	kinds := map[claims.Kind]int{}
	if _, err := s.Export(t.Context(), store.ExportQuery{Kinds: []claims.Kind{claims.KindClaim, claims.KindPosition, claims.KindStatement, claims.KindReport, claims.KindArticle}}, func(lines []byte) error {
		list, err := claims.ReadStream(lines)
		for _, in := range list {
			kinds[in.Kind()]++
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for kind, least := range map[claims.Kind]int{claims.KindClaim: tally.Statements / 10, claims.KindPosition: tally.Statements / 4, claims.KindReport: tally.Statements, claims.KindArticle: 100} {
		if kinds[kind] < least {
			t.Errorf("%d %ss of %d statements, want at least %d", kinds[kind], kind, tally.Statements, least)
		}
	}
	if kinds[claims.KindStatement] != tally.Statements {
		t.Errorf("%d statements, told are %d", kinds[claims.KindStatement], tally.Statements)
	}
}
