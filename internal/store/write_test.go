package store_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"onrecord/internal/claims"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

func query(t *testing.T, kind claims.Kind, params map[string]string) store.Query {
	t.Helper()
	given := map[string][]string{}
	for name, value := range params {
		given[name] = []string{value}
	}
	q, err := store.Parse(kind, given)
	if err != nil {
		t.Fatalf("parse %v: %+v", params, err)
	}
	return q
}

func read(t *testing.T, s *store.Store, kind claims.Kind, ref string, asOf ...string) (store.Record, error) {
	t.Helper()
	given := map[string][]string{}
	if asOf != nil {
		given["as_of"] = asOf
	}
	q, err := store.ParseItem(kind, given)
	if err != nil {
		t.Fatal(err)
	}
	return s.Read(t.Context(), q, ref)
}

// setText makes an update that changes a statement's text.
func setText(text string) func([]byte) (claims.Input, error) {
	return func(current []byte) (claims.Input, error) {
		in := new(claims.StatementInput)
		if err := claims.Decode(current, in); err != nil {
			return nil, err
		}
		in.Text = text
		return in, nil
	}
}

func TestVersionsAreKeptAndReadAsOfTheirCommit(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	first := testkit.Create(t, s, testkit.Statement("s:1", "first", `"said_on":"2026-02"`, `"targets":[{"role":"object","country":"AF"}]`, `"topics":["air-strikes"]`))
	second, err := s.Update(t.Context(), testkit.By("editor"), claims.KindStatement, "key:s:1", 1, setText("second"))
	if err != nil {
		t.Fatal(err)
	}
	deleted, err := s.Delete(t.Context(), testkit.By("editor"), claims.KindStatement, "key:s:1", 2)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := read(t, s, claims.KindStatement, "key:s:1"); store.CodeOf(err) != store.Gone {
		t.Errorf("after the deletion: %v, want gone", err)
	}
	again := testkit.Create(t, s, testkit.Statement("s:1", "again"))
	if again.ID != first.ID || again.Version != 3 {
		t.Errorf("the key came back as %s v%d, want %s v3", again.ID, again.Version, first.ID)
	}
	for _, then := range []struct {
		written store.Written
		texts   []string
	}{{first, []string{"first"}}, {second, []string{"second"}}, {deleted, nil}, {again, []string{"again"}}} {
		q := query(t, claims.KindStatement, map[string]string{"as_of": fmt.Sprintf("seq:%d", then.written.Seq), "include": "speaker,reports"})
		page, err := s.List(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if page.Count != len(then.texts) || page.Seq != then.written.Seq {
			t.Errorf("as of seq:%d: %d records as of seq:%d, want %v", then.written.Seq, page.Count, page.Seq, then.texts)
		}
		for _, text := range then.texts {
			if !strings.Contains(string(page.Records), `"text":"`+text+`"`) {
				t.Errorf("as of seq:%d: %s, want text %q", then.written.Seq, page.Records, text)
			}
			record, err := read(t, s, claims.KindStatement, first.ID, fmt.Sprintf("seq:%d", then.written.Seq))
			if err != nil || timeless(t, record.JSON) != timeless(t, then.written.JSON) {
				t.Errorf("as of seq:%d the record is not what the write answered:\n%s", then.written.Seq, cmp.Diff(string(then.written.JSON), string(record.JSON)))
			}
		}
	}
}

// timeless is a record without what is derived, which is kept for the present
// only.
func timeless(t *testing.T, record []byte) string {
	t.Helper()
	var members map[string]json.RawMessage
	if err := json.Unmarshal(record, &members); err != nil {
		t.Fatal(err)
	}
	for _, derived := range []string{"medium_of", "report_count", "publishers_low", "publishers_high", "origins_low", "origins_high", "denied_by_others"} {
		delete(members, derived)
	}
	bare, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	return string(bare)
}

func TestDeleteTakesWhatItOwnsAndRefusesWhatIsInUse(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	report := `"reports":[{"article":{"key":"article:one"},"renderings":[{"part":"body","form":"quotation","text":"first"}]}]`
	testkit.Create(t, s, testkit.Statement("s:1", "first", report))
	_, err := s.Delete(t.Context(), testkit.By("editor"), claims.KindArticle, "key:article:one", 1)
	var e *store.Error
	if !errors.As(err, &e) || e.Code != store.InUse || len(e.Dependents) != 1 || e.Dependents[0].Kind != claims.KindReport {
		t.Errorf("delete an article with a report: %v, want in_use by the report", err)
	}
	if _, err := s.Delete(t.Context(), testkit.By("editor"), claims.KindStatement, "key:s:1", 1); err != nil {
		t.Errorf("delete a statement with a report: %v", err)
	}
	if _, err := read(t, s, claims.KindReport, "key:s:1/article:one"); store.CodeOf(err) != store.Gone {
		t.Errorf("the report of a deleted statement: %v, want gone", err)
	}
	if _, err := s.Delete(t.Context(), testkit.By("editor"), claims.KindArticle, "key:article:one", 1); err != nil {
		t.Errorf("delete the article then: %v", err)
	}
}

func TestAKeyNamesOneRecordOverAllKindsForLife(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	testkit.Create(t, s, `{"type":"source","key":"x:1","name":"X","kind":"other"}`)
	for _, line := range []string{
		`{"type":"source","key":"x:1","name":"Y","kind":"other"}`,
		`{"type":"speaker","key":"x:1","name":"X","kind":"company"}`,
	} {
		_, err := s.Create(t.Context(), testkit.By("tester"), testkit.Input(t, line))
		if store.CodeOf(err) != store.Exists {
			t.Errorf("create %s: %v, want exists", line, err)
		}
	}
	if _, err := s.Delete(t.Context(), testkit.By("tester"), claims.KindSource, "key:x:1", 1); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Create(t.Context(), testkit.By("tester"), testkit.Input(t, `{"type":"speaker","key":"x:1","name":"X","kind":"company"}`)); store.CodeOf(err) != store.Exists {
		t.Errorf("the key of a deleted source for a speaker: %v, want exists", err)
	}
	testkit.Create(t, s, testkit.Statement("s:1", "one"))
	testkit.Create(t, s, testkit.Statement("s:2", "two"))
	testkit.Create(t, s, `{"type":"report","key":"r:1","statement":{"key":"s:1"},"article":{"key":"article:one"}}`)
	_, err := s.Create(t.Context(), testkit.By("tester"), testkit.Input(t, `{"type":"report","key":"r:1","statement":{"key":"s:2"},"article":{"key":"article:one"}}`))
	if store.CodeOf(err) != store.Exists {
		t.Errorf("a report's key for a report of another statement: %v, want exists", err)
	}
}

func TestCyclesAreRefused(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	for _, k := range []string{"a", "b", "c"} {
		testkit.Create(t, s, fmt.Sprintf(`{"type":"speaker","key":"x:%s","name":%q,"kind":"ngo"}`, k, k))
		testkit.Create(t, s, testkit.Statement("s:"+k, k))
	}
	join := func(kind claims.Kind, child, parent string, version int) error {
		_, err := s.Update(t.Context(), testkit.By("tester"), kind, "key:"+child, version, func(current []byte) (claims.Input, error) {
			in := claims.New(kind)
			if err := claims.Decode(current, in); err != nil {
				return nil, err
			}
			switch in := in.(type) {
			case *claims.SpeakerInput:
				in.PartOf = claims.RefKey(parent)
			case *claims.StatementInput:
				in.Within = claims.RefKey(parent)
			}
			return in, nil
		})
		return err
	}
	for kind, prefix := range map[claims.Kind]string{claims.KindSpeaker: "x:", claims.KindStatement: "s:"} {
		if err := join(kind, prefix+"a", prefix+"b", 1); err != nil {
			t.Fatal(err)
		}
		if err := join(kind, prefix+"b", prefix+"c", 1); err != nil {
			t.Fatal(err)
		}
		if err := join(kind, prefix+"c", prefix+"a", 1); store.CodeOf(err) != store.Cycle {
			t.Errorf("%s c → a closes a cycle: %v, want cycle", kind, err)
		}
		if err := join(kind, prefix+"c", prefix+"c", 1); err == nil {
			t.Errorf("%s its own parent was accepted", kind)
		}
	}
}

// Two writers who each close half of a cycle can't both win: the check runs
// where every earlier commit is visible.
func TestConcurrentWritersCanNotCloseACycle(t *testing.T) {
	t.Parallel()
	s := testkit.Store(t)
	for round := range 50 {
		a, b := fmt.Sprintf("x:a%d", round), fmt.Sprintf("x:b%d", round)
		for _, k := range []string{a, b} {
			testkit.Create(t, s, fmt.Sprintf(`{"type":"source","key":%q,"name":%q,"kind":"other"}`, k, k))
		}
		var wg sync.WaitGroup
		errs := make([]error, 2)
		for i, pair := range [][2]string{{a, b}, {b, a}} {
			wg.Go(func() {
				_, errs[i] = s.Update(t.Context(), testkit.By("tester"), claims.KindSource, "key:"+pair[0], 1, func(current []byte) (claims.Input, error) {
					in := new(claims.SourceInput)
					err := claims.Decode(current, in)
					in.Owner = claims.RefKey(pair[1])
					return in, err
				})
			})
		}
		wg.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("round %d: %v and %v, want one winner", round, errs[0], errs[1])
		}
	}
}

func TestReferencesToNothingAreNamedOneByOne(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	in := testkit.Input(t, testkit.Statement("s:1", "text", `"on_behalf_of":"XX"`, `"topics":["air-strikes","nothing"]`,
		`"targets":[{"role":"object","country":"AF"},{"role":"object","speaker":{"key":"no:body"}}]`,
		`"reports":[{"article":{"key":"article:one"},"cites":[{"source":{"key":"no:source"}}]}]`))
	_, err := s.Create(t.Context(), testkit.By("tester"), in)
	var e *store.Error
	if !errors.As(err, &e) || e.Code != store.Invalid {
		t.Fatalf("%v, want invalid", err)
	}
	var pointers []string
	for _, p := range e.Problems {
		pointers = append(pointers, p.Pointer)
	}
	want := []string{"/on_behalf_of", "/topics/1", "/targets/1/speaker", "/reports/0/cites/0/source"}
	if diff := cmp.Diff(want, pointers); diff != "" {
		t.Error(diff)
	}
	if _, err := read(t, s, claims.KindStatement, "key:s:1"); store.CodeOf(err) != store.NotFound {
		t.Errorf("something was written: %v", err)
	}
}

func TestAnUpdateThatChangesNothingWritesNothing(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	first := testkit.Create(t, s, testkit.Statement("s:1", "same"))
	same, err := s.Update(t.Context(), testkit.By("editor"), claims.KindStatement, first.ID, 1, setText("same"))
	if err != nil || same.Version != 1 || same.Seq != first.Seq {
		t.Errorf("v%d at seq:%d, %v; want v1 at seq:%d", same.Version, same.Seq, err, first.Seq)
	}
}

// Of two writers with one ETag exactly one wins, each time.
func TestTwoWritersRaceOnOneVersion(t *testing.T) {
	t.Parallel()
	rounds := testkit.Scale(500, 10_000)
	s := testkit.WithCast(t, testkit.Store(t))
	id := testkit.Create(t, s, testkit.Statement("s:1", "start")).ID
	for version := 1; version <= rounds; version++ {
		errs := make([]error, 2)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() {
				_, errs[i] = s.Update(t.Context(), testkit.By(fmt.Sprint(i)), claims.KindStatement, id, version, setText(fmt.Sprintf("%d by %d", version, i)))
			})
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			switch {
			case err == nil:
				won++
			case store.CodeOf(err) != store.Stale:
				t.Fatalf("version %d: %v, want stale", version, err)
			}
		}
		if won != 1 {
			t.Fatalf("version %d: %d winners", version, won)
		}
	}
}

// Many writers at once leave no gap in seq; the audit at the end of the test
// accounts for every row.
func TestManyWritersLeaveNoGap(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.StoreAt(t, store.Config{URL: testkit.Database(t), MaxConns: 16}))
	deadline := time.Now().Add(time.Duration(testkit.Scale(2, 60)) * time.Second)
	var wg sync.WaitGroup
	var mu sync.Mutex
	seen := map[int64]bool{}
	for writer := range 16 {
		wg.Go(func() {
			for n := 0; time.Now().Before(deadline); n++ {
				key := fmt.Sprintf("s:%d-%d", writer, n)
				written, err := s.Create(t.Context(), testkit.By("tester"), testkit.Input(t, testkit.Statement(key, "text")))
				if err != nil {
					t.Errorf("create: %v", err)
					return
				}
				if n%3 == 0 {
					if written, err = s.Update(t.Context(), testkit.By("tester"), claims.KindStatement, written.ID, 1, setText("changed")); err != nil {
						t.Errorf("update: %v", err)
					}
				}
				mu.Lock()
				if seen[written.Seq] {
					t.Errorf("seq %d was given twice", written.Seq)
				}
				seen[written.Seq] = true
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(seen) < 16 {
		t.Errorf("only %d commits by 16 writers", len(seen))
	}
}

func TestLoadingTwiceWritesNothingAndKeepsWhatAnEditorChanged(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	stream := testkit.Statement("s:1", "one", `"reports":[{"article":{"key":"article:one"}}]`) + "\n" + testkit.Statement("s:2", "two")
	load := func(stream string) [4]int {
		t.Helper()
		done, err := s.Import(t.Context(), testkit.By("loader"), store.ImportOptions{}, claims.NDJSON(strings.NewReader(stream)))
		if err != nil {
			t.Fatal(err)
		}
		return [4]int{done.Inserted, done.Updated, done.Unchanged, done.Conflicts}
	}
	if done := load(stream); done != [4]int{3, 0, 0, 0} {
		t.Errorf("first load: %+v", done)
	}
	if done := load(stream); done != [4]int{0, 0, 3, 0} {
		t.Errorf("second load: %+v", done)
	}
	if _, err := s.Update(t.Context(), testkit.By("editor"), claims.KindStatement, "key:s:1", 1, setText("corrected")); err != nil {
		t.Fatal(err)
	}
	if done := load(strings.ReplaceAll(stream, `"two"`, `"deux"`)); done != [4]int{0, 1, 2, 0} {
		t.Errorf("load after an editor: %+v", done)
	}
	if done := load(strings.ReplaceAll(stream, `"one"`, `"un"`)); done != [4]int{0, 1, 1, 1} {
		t.Errorf("load of something else after an editor: %+v", done)
	}
	record, err := read(t, s, claims.KindStatement, "key:s:1")
	if err != nil || !strings.Contains(string(record.JSON), `"corrected"`) {
		t.Errorf("the editor's text is gone: %s, %v", record.JSON, err)
	}
}
