package store_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"onrecord/internal/claims"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

// batchOf is a small data set: statements with reports and positions, in an
// order of its own.
func batchOf(prefix string, n int, seed uint64) []string {
	lines := []string{fmt.Sprintf(`{"type":"claim","key":"%s:claim","text":"c","sort":"fact"}`, prefix), fmt.Sprintf(`{"type":"source","key":"%s:source","name":"s","kind":"online"}`, prefix),
		fmt.Sprintf(`{"type":"article","key":"%[1]s:article","title":"t","source":{"key":"%[1]s:source"}}`, prefix)}
	for i := range n {
		lines = append(lines, testkit.Statement(fmt.Sprintf("%s:%d", prefix, i), fmt.Sprint("text ", i), fmt.Sprintf(`"reports":[{"article":{"key":"%[1]s:article"}}],"positions":[{"claim":{"key":"%[1]s:claim"},"stance":"asserts"}]`, prefix)))
	}
	rand.New(rand.NewPCG(seed, 3)).Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	return lines
}

// Two imports of the same records at one time end well, or are told to send
// again; nothing is there twice.
func TestImportRaceOfTwoOverlapping(t *testing.T) {
	t.Parallel()
	s, calm := testkit.WithCast(t, testkit.StoreAt(t, store.Config{URL: testkit.Database(t), MaxConns: 8})), testkit.WithCast(t, testkit.Store(t))
	for round := range testkit.Scale(3, 50) {
		prefix := fmt.Sprintf("r%d", round)
		var wg sync.WaitGroup
		for i := range uint64(3) {
			wg.Go(func() {
				for {
					lines := batchOf(prefix, 60, i)
					o := store.ImportOptions{Duplicates: "off", OnError: store.OnErrors[i%2]}
					report, err := s.Import(context.Background(), testkit.By("loader"), o, claims.NDJSON(strings.NewReader(strings.Join(lines, "\n"))))
					if err == nil && report.Failed == 0 {
						return
					}
					if code := store.CodeOf(err); err != nil && code != store.Invalid && code != store.Unavailable && code != store.Exists {
						t.Errorf("%v", err)
						return
					}
					for _, e := range report.Errors {
						if e.Code != "stale" && e.Code != "exists" {
							t.Errorf("%+v", e)
							return
						}
					}
				}
			})
		}
		wg.Wait()
		mustImport(t, calm, batchOf(prefix, 60, 0)...)
	}
	if diff := cmp.Diff(exported(t, calm), exported(t, s)); diff != "" {
		t.Errorf("not what one import gives:\n%s", diff)
	}
}

// An import at the same time as writes and deletions of the same records by a
// person either sees them or tells the lines that it could not write.
func TestImportRaceWithSingleWrites(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.StoreAt(t, store.Config{URL: testkit.Database(t), MaxConns: 8}))
	mustImport(t, s, batchOf("r", 30, 0)...)
	var wg sync.WaitGroup
	stop := make(chan struct{})
	for w := range 2 {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(uint64(w), 9))
			for {
				select {
				case <-stop:
					return
				default:
				}
				ref := fmt.Sprintf("key:r:%d", random.IntN(30))
				record, err := read(t, s, claims.KindStatement, ref)
				switch {
				case store.CodeOf(err) == store.Gone:
					_, err = s.Create(context.Background(), testkit.By("editor"), testkit.Input(t, testkit.Statement(strings.TrimPrefix(ref, "key:"), "back")))
				case err == nil && random.IntN(4) == 0:
					_, err = s.Delete(context.Background(), testkit.By("editor"), claims.KindStatement, ref, record.Version)
				case err == nil:
					_, err = s.Update(context.Background(), testkit.By("editor"), claims.KindStatement, ref, record.Version, setText(fmt.Sprint("edited ", random.IntN(1000))))
				}
				if code := store.CodeOf(err); err != nil && !slices.Contains([]store.Code{store.Stale, store.Gone, store.Exists, store.Unavailable, store.NotFound}, code) {
					t.Errorf("%s: %v", ref, err)
					return
				}
			}
		})
	}
	for round := range testkit.Scale(12, 200) {
		lines := batchOf("r", 30, uint64(round))
		for i := range lines {
			lines[i] = strings.Replace(lines[i], `"text":"text`, fmt.Sprintf(`"text":"round %d`, round), 1)
		}
		o := store.ImportOptions{Duplicates: "off", OnError: store.OnErrors[round%2], OnConflict: store.OnConflicts[round/2%2]}
		report, err := imported(t, s, o, lines...)
		if code := store.CodeOf(err); err != nil && code != store.Invalid && code != store.Unavailable {
			t.Errorf("round %d: %v", round, err)
		}
		for _, e := range report.Errors {
			if e.Code != "stale" && e.Code != "exists" && e.Code != "reference" {
				t.Errorf("round %d: %+v", round, e)
			}
		}
	}
	close(stop)
	wg.Wait()
}

// Of imports with the same Idempotency-Key at one time one is done; the others
// are told that it is in flight, or get its report.
func TestImportRaceOfOneIdempotencyKey(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.StoreAt(t, store.Config{URL: testkit.Database(t), MaxConns: 8}))
	for round := range testkit.Scale(8, 100) {
		stream := strings.Join(batchOf(fmt.Sprintf("r%d", round), 3, 0), "\n")
		sum := sha256.Sum256([]byte(stream))
		var wg sync.WaitGroup
		var mu sync.Mutex
		first := 0
		for range 4 {
			wg.Go(func() {
				w := testkit.By("loader")
				w.Idempotency = &store.Idempotency{Route: "POST /v1/imports", Key: fmt.Sprint("key", round), Request: sum[:]}
				report, err := s.Import(context.Background(), w, store.ImportOptions{}, claims.NDJSON(strings.NewReader(stream)))
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil && !report.Replayed:
					first++
				case err != nil && store.CodeOf(err) != store.InFlight:
					t.Errorf("round %d: %v, want in flight", round, err)
				}
			})
		}
		wg.Wait()
		if first != 1 {
			t.Errorf("round %d: %d imports were done with one key", round, first)
		}
	}
}

// Connections that end while an import is staged, written or committed leave
// all or nothing; sent again, it is as if nothing had happened.
func TestImportKilledConnectionsLeaveAllOrNothing(t *testing.T) {
	t.Parallel()
	url := testkit.Database(t)
	s, calm := testkit.WithCast(t, testkit.StoreAt(t, store.Config{URL: url})), testkit.WithCast(t, testkit.Store(t))
	conn := connect(t, url)
	random := rand.New(rand.NewPCG(1, 1))
	cut := 0
	for round := range testkit.Scale(6, 50) {
		lines := batchOf(fmt.Sprintf("k%d", round), 150, uint64(round))
		stream := strings.Join(lines, "\n")
		sum := sha256.Sum256([]byte(stream))
		began := time.Now()
		if _, err := imported(t, calm, store.ImportOptions{Duplicates: "off"}, lines...); err != nil {
			t.Fatal(err)
		}
		after := time.Duration(random.Int64N(int64(time.Since(began))))
		before := exported(t, s)
		w := testkit.By("loader")
		if round%2 == 0 {
			w.Idempotency = &store.Idempotency{Route: "POST /v1/imports", Key: fmt.Sprint("key", round), Request: sum[:]}
		}
		send := func() (*store.Import, error) {
			return s.Import(context.Background(), w, store.ImportOptions{Duplicates: "off"}, claims.NDJSON(strings.NewReader(stream)))
		}
		done := make(chan error, 1)
		go func() {
			_, err := send()
			done <- err
		}()
		time.Sleep(after)
		if _, err := conn.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`); err != nil {
			t.Fatal(err)
		}
		err := <-done
		if err != nil {
			cut++
			if code := store.CodeOf(err); code != store.Unavailable && code != store.Unknown {
				t.Errorf("round %d, after %v: %v, want unavailable", round, after, err)
			}
		}
		alive(t, s)
		now := exported(t, s)
		if all := exported(t, calm); now != all && now != before || err == nil && now != all {
			t.Errorf("round %d, after %v: neither all nor nothing, after %v", round, after, err)
		}
		interrupt(t, conn, s)
		report, err := send()
		for range 8 { // as a client would
			if store.CodeOf(err) == store.Unavailable {
				report, err = send()
			}
		}
		if err != nil || report.Inserted+report.Unchanged != report.Received {
			t.Fatalf("round %d: sent again: %v", round, err)
		}
		if diff := cmp.Diff(exported(t, calm), exported(t, s)); diff != "" {
			t.Fatalf("round %d, after %v: sent again it is not as undisturbed:\n%s", round, after, diff)
		}
	}
	t.Logf("%d imports were cut", cut)
	interrupt(t, conn, s)
	settled(t, conn)
}

// alive waits until no pool has a connection that is gone, which is found by
// using it.
func alive(t *testing.T, s *store.Store) {
	t.Helper()
	for good := 0; good < 8; good++ {
		_, read := s.Export(t.Context(), store.ExportQuery{Kinds: []claims.Kind{claims.KindTopic}}, func([]byte) error { return nil })
		_, write := s.Drain(t.Context())
		if errors.Join(read, write, s.Ping(t.Context())) != nil {
			good = -1
		}
	}
}

// interrupt ends imports that nobody is at work on any more, and drops what is
// left of those that are over: as time would.
func interrupt(t *testing.T, conn *pgx.Conn, s *store.Store) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), `UPDATE imports SET alive_at = alive_at - interval '1 hour'`); err != nil {
		t.Fatal(err)
	}
	if err := s.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// settled checks that no import is at work and that nothing is staged.
func settled(t *testing.T, conn *pgx.Conn) {
	t.Helper()
	if left := lines(t, conn, `SELECT 'staged: ' || count(*) FROM staging HAVING count(*) > 0 UNION ALL SELECT id || ' is ' || state FROM imports WHERE state IN ('queued', 'running')
		UNION ALL SELECT 'no commit: ' || id FROM imports WHERE state IN ('done', 'partial') AND tx IS NOT NULL AND tx NOT IN (SELECT tx FROM commits)`); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// paused is a stream that waits in its middle.
func paused(lines []string, meanwhile func()) claims.Stream {
	reader, writer := io.Pipe()
	go func() {
		_, _ = io.WriteString(writer, strings.Join(lines[:len(lines)/2], "\n")+"\n")
		meanwhile()
		_, _ = io.WriteString(writer, strings.Join(lines[len(lines)/2:], "\n"))
		_ = writer.Close()
	}()
	return claims.NDJSON(reader)
}

// An import whose staged records are lost while it is at work (the database
// crashed, which empties unlogged tables; it was silent too long and was swept)
// never stores the rest as if it were the whole.
func TestImportGapInWhatIsStagedIsNotStored(t *testing.T) {
	t.Parallel()
	url := testkit.Database(t)
	s := testkit.WithCast(t, testkit.StoreAt(t, store.Config{URL: url}))
	conn := connect(t, url)
	before := exported(t, s)
	for name, lose := range map[string]func(){
		"the table is emptied": func() {
			if _, err := conn.Exec(t.Context(), `TRUNCATE staging`); err != nil {
				t.Error(err)
			}
		},
		"it is swept": func() { interrupt(t, conn, s) },
	} {
		var all []string
		for i := range 5000 {
			all = append(all, fmt.Sprintf(`{"type":"topic","slug":"t%d","name":"T"}`, i))
		}
		report, err := s.Import(t.Context(), testkit.By("loader"), store.ImportOptions{}, paused(all, func() {
			testkit.Until(t, func() bool { return len(lines(t, conn, `SELECT 'x' FROM staging LIMIT 1`)) > 0 })
			lose()
		}))
		if n := strings.Count(exported(t, s), "\n") - strings.Count(before, "\n"); n != 0 && n != len(all) || err == nil && n != len(all) {
			t.Errorf("%s: %v, %s; %d of %d records are stored", name, err, counts(report), n, len(all))
		}
		if report.Seq != nil {
			_, _ = s.Revert(t.Context(), testkit.By("editor"), report.ID)
		}
	}
}

// A blocked stream gives its line once it may.
type blocked struct {
	claims.Stream
	until chan struct{}
}

func (b *blocked) Next() (claims.Line, error) {
	<-b.until
	return b.Stream.Next()
}

// Clients that send slowly keep nobody from importing.
func TestImportDoesNotWaitForSlowClients(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	var slow sync.WaitGroup
	until := make(chan struct{})
	for i := range 4 {
		slow.Go(func() {
			stream := &blocked{claims.NDJSON(strings.NewReader(testkit.Statement(fmt.Sprint("slow:", i), "slow"))), until}
			if report, err := s.Import(t.Context(), testkit.By("loader"), store.ImportOptions{}, stream); err != nil || report.Inserted != 1 {
				t.Errorf("slow: %v", err)
			}
		})
	}
	for begun := 0; begun < 4; {
		list, err := s.Imports(t.Context(), "", 10)
		if err != nil {
			t.Fatal(err)
		}
		begun = len(list)
	}
	if report := mustImport(t, s, testkit.Statement("quick:1", "quick")); report.Inserted != 1 {
		t.Error(counts(report))
	}
	close(until)
	slow.Wait()
}

// An import for which there is no room to be written is queued, and written
// when there is.
func TestImportIsQueued(t *testing.T) {
	t.Parallel()
	url := testkit.Database(t)
	s, conn := testkit.WithCast(t, testkit.StoreAt(t, store.Config{URL: url})), connect(t, url)
	held, err := conn.Begin(t.Context()) // no commit gets through
	if err != nil {
		t.Fatal(err)
	}
	if _, err := held.Exec(t.Context(), `SELECT FROM head FOR UPDATE`); err != nil {
		t.Fatal(err)
	}
	var ids, states []string
	for i := range 3 {
		report, err := s.Import(t.Context(), testkit.By("loader"), store.ImportOptions{Async: true}, claims.NDJSON(strings.NewReader(testkit.Statement(fmt.Sprint("turn:", i), "t"))))
		if err != nil {
			t.Fatal(err)
		}
		ids, states = append(ids, report.ID), append(states, report.State)
	}
	if diff := cmp.Diff([]string{"running", "running", "queued"}, states); diff != "" {
		t.Error(diff)
	}
	if report, err := s.ReadImport(t.Context(), ids[2]); err != nil || report.State != "queued" {
		t.Errorf("%v, %+v", err, report)
	}
	if err := held.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		report, err := s.ReadImport(t.Context(), id)
		for deadline := time.Now().Add(time.Minute); err == nil && (report.State == "queued" || report.State == "running") && time.Now().Before(deadline); report, err = s.ReadImport(t.Context(), id) {
			time.Sleep(20 * time.Millisecond)
		}
		if err != nil || report.State != "done" || report.Inserted != 1 {
			t.Errorf("%v, %+v", err, report)
		}
	}
}
