package store_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"onrecord/internal/claims"
	"onrecord/internal/formats"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

// made is a stream that makes its lines as it is read.
type made struct {
	n, next int
	line    func(i int) string
	rest    []byte
	read    func(total int)
	total   int
}

func (m *made) Read(p []byte) (int, error) {
	for len(m.rest) == 0 {
		if m.next == m.n {
			return 0, io.EOF
		}
		m.rest = append(m.rest[:0], m.line(m.next)+"\n"...)
		m.next++
	}
	n := copy(p, m.rest)
	m.rest = m.rest[n:]
	if m.total += n; m.read != nil {
		m.read(m.total)
	}
	return n, nil
}

// roomy is a store whose tables are analyzed before the audit at the end, which
// would take very long without.
func roomy(t *testing.T) *store.Store {
	t.Helper()
	url := testkit.Database(t)
	s := testkit.StoreAt(t, store.Config{URL: url})
	conn := connect(t, url)
	t.Cleanup(func() {
		if _, err := conn.Exec(context.Background(), "ANALYZE"); err != nil {
			t.Error(err)
		}
	})
	return s
}

func tiny(prefix string) func(int) string {
	return func(i int) string {
		return fmt.Sprintf(`{"type":"speaker","key":"%s:%d","name":"T","kind":"ngo"}`, prefix, i)
	}
}

// Numbers of records around the bounds of a batch and of what a statement of
// SQL can take as parameters are stored as they are, and found again.
func TestImportOfAnyNumberOfRecords(t *testing.T) {
	t.Parallel()
	s := roomy(t)
	total := 0
	for _, n := range []int{0, 1, 1999, 2000, 2001, 65_536} {
		prefix := fmt.Sprintf("t%d", n)
		for round, want := range []string{fmt.Sprintf("done inserted %d", n), fmt.Sprintf("done unchanged %d", n)} {
			report, err := s.Import(t.Context(), testkit.By("loader"), store.ImportOptions{}, claims.NDJSON(&made{n: n, line: tiny(prefix)}))
			if n == 0 {
				want = "done"
			}
			if err != nil || counts(report) != want || report.Lines != n || report.Received != n {
				t.Errorf("%d records, round %d: %v, %s of %d", n, round, err, counts(report), report.Received)
			}
		}
		total += n
	}
	if got := strings.Count(exported(t, s), "\n"); got != total {
		t.Errorf("%d records are there, want %d", got, total)
	}
}

// An import takes a bounded number of the locks that all transactions of the
// server share.
func TestImportTakesFewLocks(t *testing.T) {
	t.Parallel()
	url := testkit.Database(t)
	counter := &atSQL{text: "SET CONSTRAINTS ALL IMMEDIATE"}
	s := testkit.StoreAt(t, store.Config{URL: url, Configure: func(c *pgx.ConnConfig) { c.Tracer = counter }})
	conn := connect(t, url)
	for _, line := range []func(int) string{tiny("few"), func(i int) string { return fmt.Sprintf(`{"type":"topic","slug":"t%d","name":"T"}`, i) }} {
		var held []string
		counter.do = func() {
			held = lines(t, conn, `SELECT count(*)::text FROM pg_locks WHERE database = (SELECT oid FROM pg_database WHERE datname = current_database()) HAVING count(*) > 500`)
		}
		report, err := s.Import(t.Context(), testkit.By("loader"), store.ImportOptions{}, claims.NDJSON(&made{n: 2000, line: line}))
		if err != nil || report.Inserted != 2000 || len(held) > 0 {
			t.Errorf("%v, %s, %v locks were held for 2,000 records like %s", err, counts(report), held, line(0))
		}
	}
}

// atSQL does something in front of a statement of SQL.
type atSQL struct {
	text string
	do   func()
}

func (a *atSQL) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	if strings.HasPrefix(q.SQL, a.text) {
		a.do()
	}
	return ctx
}

func (*atSQL) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// A record that stands in several batches is one record: the same again is
// unchanged, something else an error of the later line.
func TestImportOfARecordInSeveralBatches(t *testing.T) {
	t.Parallel()
	s := roomy(t)
	for n, tt := range []struct {
		line func(i int) string
		want string
	}{
		{func(i int) string { return tiny("a")(i % 3000) }, "done inserted 3000 unchanged 3001"},
		{func(i int) string {
			if i == 6000 {
				return strings.Replace(tiny("b")(0), `"T"`, `"other"`, 1)
			}
			return tiny("b")(i)
		}, "partial inserted 6000 failed 1"},
	} {
		report, err := s.Import(t.Context(), testkit.By("loader"), leaveOut, claims.NDJSON(&made{n: 6001, line: tt.line}))
		if err != nil || counts(report) != tt.want {
			t.Errorf("%d: %v, %s, want %s", n, err, counts(report), tt.want)
		}
		if report.Failed > 0 && report.Errors[0].Line != 6001 {
			t.Errorf("%d: %+v", n, report.Errors)
		}
	}
}

// One record may have nearly 4 MiB.
func TestImportOfALargeRecord(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	var lines, reports []string
	for i := range 200 {
		lines = append(lines, fmt.Sprintf(`{"type":"article","key":"art:%d","title":"t","source":{"key":"outlet:one"}}`, i))
		reports = append(reports, fmt.Sprintf(`{"article":{"key":"art:%d"},"renderings":[{"part":"body","form":"paraphrase","text":"%s %d"}]}`, i, strings.Repeat("many words ", 1800), i))
	}
	large := testkit.Statement("s:1", "large", `"reports":[`+strings.Join(reports, ",")+`]`)
	if len(large) < claims.MaxLine*9/10 || len(large) > claims.MaxLine {
		t.Fatalf("the record has %d bytes", len(large))
	}
	if report := mustImport(t, s, append(lines, large)...); report.Inserted != 401 {
		t.Error(counts(report))
	}
	export := exported(t, s, claims.KindReport)
	if n := strings.Count(export, "\n"); n != 200 || len(export) < len(large) {
		t.Errorf("%d reports in %d bytes come out", n, len(export))
	}
	if report := mustImport(t, s, large); report.Unchanged != 201 {
		t.Error(counts(report))
	}
}

// However long a stream is, an import holds little of it in memory.
func TestImportHoldsLittleInMemory(t *testing.T) { // alone: what others do would count
	s := testkit.WithCast(t, testkit.Store(t))
	text := strings.Repeat("many words ", 1700)
	size, n := len(text), testkit.Scale(32, 512)<<20/len(text)
	var before runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	most, seen := uint64(0), 0
	stream := &made{n: n, line: func(i int) string {
		return fmt.Sprintf(`{"type":"event","key":"m:%d","kind":"other","title":"t","description":"%s"}`, i, text)
	}, read: func(total int) {
		if total/(4<<20) > seen {
			seen = total / (4 << 20)
			var now runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapAlloc)
		}
	}}
	report, err := s.Import(t.Context(), testkit.By("loader"), store.ImportOptions{}, claims.NDJSON(stream))
	if err != nil || report.Inserted != n {
		t.Fatalf("%v, %s", err, counts(report))
	}
	if held := int64(most) - int64(before.HeapAlloc); held > 24<<20 {
		t.Errorf("%d MiB are held of a stream of %d MiB", held>>20, n*size>>20)
	}
}

// LIAR's validation split: 1,284 statements with the raw texts, twice the same,
// and exported the same.
func TestImportOfLIAR(t *testing.T) {
	t.Parallel()
	path := testkit.Shared(t, "data/liar/valid.tsv")
	var stream bytes.Buffer
	if _, err := formats.Lookup("liar").Convert(t.Context(), []formats.Source{formats.File(path)}, nil, &stream); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{}
	for line := range strings.Lines(string(raw)) {
		want[strings.Split(strings.TrimRight(line, "\r\n"), "\t")[2]]++
	}
	s, empty := testkit.Store(t), testkit.Store(t)
	report, err := imported(t, s, store.ImportOptions{Duplicates: "off"}, stream.String())
	if err != nil || report.Inserted != report.Received {
		t.Fatalf("%v, %s, %v", err, counts(report), failures(report))
	}
	if again, err := imported(t, s, store.ImportOptions{}, stream.String()); err != nil || again.Unchanged != report.Received || again.Seq != nil {
		t.Errorf("twice: %v, %s", err, counts(again))
	}
	first := exported(t, s)
	got, n := map[string]int{}, 0
	inputs, err := claims.ReadStream([]byte(first))
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range inputs {
		if statement, ok := in.(*claims.StatementInput); ok {
			got[statement.Text]++
			n++
		}
	}
	if diff := cmp.Diff(want, got); n != 1284 || diff != "" {
		t.Errorf("%d statements, other texts (-raw +stored):\n%s", n, diff)
	}
	if report, err := imported(t, empty, store.ImportOptions{Duplicates: "off"}, first); err != nil || report.Inserted != report.Received {
		t.Errorf("%v, %s", err, counts(report))
	}
	if second := exported(t, empty); first != second {
		t.Errorf("another export:\n%s", cmp.Diff(first, second))
	}
}

// Generated records go out and in and out the same.
func TestImportOfManyExportsTheSame(t *testing.T) {
	t.Parallel()
	s, empty := testkit.WithCast(t, roomy(t)), roomy(t)
	n := testkit.Scale(1000, 100_000)
	kinds, days := []string{"threat", "denial", "other", "promise"}, []string{"", `,"said_on":"2026-02-18"`, `,"said_on":"2026-02~"`, `,"said_on":"[..2026-02-18]"`}
	line := func(i int) string {
		return fmt.Sprintf(`{"type":"statement","key":"g:%d","speaker":{"key":"person:asif"},"kind":%q,"text":"text %d “quoted” \\\"\\n\\u0001\\u2028 ۱"%s,"reports":[{"article":{"key":"article:one"}}]}`, i, kinds[i%4], i, days[i/4%4])
	}
	o := store.ImportOptions{Duplicates: "off"}
	if report, err := s.Import(t.Context(), testkit.By("loader"), o, claims.NDJSON(&made{n: n, line: line})); err != nil || report.Inserted != 2*n {
		t.Fatalf("%v, %s", err, counts(report))
	}
	first := exported(t, s)
	if report, err := imported(t, empty, o, first); err != nil || report.Inserted != report.Received {
		t.Fatalf("%v, %s", err, counts(report))
	}
	if second := exported(t, empty); second != first {
		t.Error("another export")
	}
}

// A table says the same as lines do, whatever is in its cells.
func TestImportOfATableIsThatOfItsLines(t *testing.T) {
	t.Parallel()
	texts := []string{"plain", `"quoted"`, "two\nlines", "two\r\nlines", "\r\n\"\r\n\"\r", "semi;colon, comma", " spaces ", "=1+1", "key:not:a reference", "🙂 ۱", "{\"a\":1}", "null", "true"}
	var table bytes.Buffer
	w := csv.NewWriter(&table)
	_ = w.Write([]string{"type", "key", "speaker", "kind", "text", "topics", "condition"})
	var lines []string
	for i, text := range texts {
		_ = w.Write([]string{"statement", fmt.Sprintf("s:%d", i), "key:person:asif", "threat", text, `["security"]`, `{"text":"c","sense":"if"}`})
		lines = append(lines, testkit.Statement(fmt.Sprintf("s:%d", i), text, `"topics":["security"]`, `"condition":{"text":"c","sense":"if"}`))
	}
	w.Flush()
	one, other := testkit.WithCast(t, testkit.Store(t)), testkit.WithCast(t, testkit.Store(t))
	mustImport(t, one, lines...)
	if _, err := other.Import(t.Context(), testkit.By("loader"), store.ImportOptions{}, claims.CSV(&table)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(exported(t, one), exported(t, other)); diff != "" {
		t.Errorf("other records (-lines +table):\n%s", diff)
	}
}
