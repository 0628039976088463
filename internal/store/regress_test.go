package store_test

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"

	"onrecord/internal/claims"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

func TestWhatIsDeletedComesBackAndGoesAgain(t *testing.T) {
	t.Parallel()
	s := testkit.Store(t)
	version := 0
	for range 3 {
		written := testkit.Create(t, s, `{"type":"topic","slug":"x","name":"X"}`)
		if written.Version != version+1 {
			t.Fatalf("came back as v%d after v%d", written.Version, version)
		}
		version = written.Version
		if _, err := s.Delete(t.Context(), testkit.By("x"), claims.KindTopic, "x", version); err != nil {
			t.Fatal(err)
		}
	}
}

// A failing write takes no second connection while it holds one.
func TestFailingWritesDoNotStarveThePool(t *testing.T) {
	t.Parallel()
	s := testkit.StoreAt(t, store.Config{URL: testkit.Database(t), MaxConns: 1})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			if _, err := s.Delete(t.Context(), testkit.By("x"), claims.KindTopic, fmt.Sprintf("none%d", i), 1); store.CodeOf(err) != store.NotFound {
				t.Errorf("%v, want not found", err)
			}
		})
	}
	wg.Wait()
}

func TestALoadDoesNotUndoADeletion(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	if _, err := s.Delete(t.Context(), testkit.By("editor"), claims.KindArticle, "key:article:two", 1); err != nil {
		t.Fatal(err)
	}
	testkit.WithCast(t, s)
	if _, err := read(t, s, claims.KindArticle, "key:article:two"); store.CodeOf(err) != store.Gone {
		t.Errorf("what an editor deleted is there again: %v", err)
	}
}

func TestArticlesWithAVagueDateMatchAsSuch(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	for key, date := range map[string]string{"exact": "2025-05", "about": "2025-05~", "wide": "202X", "other": "2025-07"} {
		testkit.Create(t, s, fmt.Sprintf(`{"type":"article","key":"vague:%s","source":{"key":"outlet:one"},"title":"T","published_on":%q}`, key, date))
	}
	for mode, want := range map[string]int{"certain": 1, "possible": 3} {
		page, err := s.List(t.Context(), query(t, claims.KindArticle, map[string]string{"published_from": "2025-05", "published_to": "2025-06", "date_match": mode}))
		if err != nil || page.Count != want {
			t.Errorf("%s: %d articles, %v; want %d", mode, page.Count, err, want)
		}
	}
}

// What an address answers as of a commit doesn't depend on what came later.
func TestAsOfACommitNothingLaterShows(t *testing.T) {
	t.Parallel()
	s := testkit.Store(t)
	before := testkit.Create(t, s, `{"type":"topic","slug":"other","name":"O"}`).Seq
	created := testkit.Create(t, s, `{"type":"topic","slug":"x","name":"X"}`)
	deleted, err := s.Delete(t.Context(), testkit.By("x"), claims.KindTopic, "x", 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, again := range []bool{false, true} {
		if again {
			testkit.Create(t, s, `{"type":"topic","slug":"x","name":"X"}`)
		}
		for seq, want := range map[int64]store.Code{before: store.NotFound, created.Seq: "", deleted.Seq: store.Gone} {
			_, err := read(t, s, claims.KindTopic, "x", fmt.Sprintf("seq:%d", seq))
			if err == nil && want != "" || err != nil && store.CodeOf(err) != want {
				t.Errorf("as of seq:%d, recreated %t: %v, want %q", seq, again, err, want)
			}
		}
	}
}

// A record that is deleted and created at the same time is one or the other,
// and can still be changed and deleted.
func TestDeletionAndCreationRace(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	for kind, line := range map[claims.Kind]string{claims.KindTopic: `{"type":"topic","slug":"x","name":"X"}`,
		claims.KindStatement: testkit.Statement("s:1", "x", `"reports":[{"article":{"key":"article:one"}}]`)} {
		for range testkit.Scale(30, 300) {
			written := testkit.Create(t, s, line)
			var wg sync.WaitGroup
			wg.Go(func() { _, _ = s.Delete(t.Context(), testkit.By("x"), kind, written.ID, written.Version) })
			wg.Go(func() { _, _ = s.Create(t.Context(), testkit.By("y"), testkit.Input(t, line)) })
			wg.Wait()
			record, err := read(t, s, kind, written.ID)
			if store.CodeOf(err) == store.Gone {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Delete(t.Context(), testkit.By("x"), kind, record.ID, record.Version); err != nil {
				t.Fatalf("%s v%d can't be deleted: %v", kind, record.Version, err)
			}
		}
	}
}

func TestEmbeddingIsBounded(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	for i := range 60 {
		testkit.Create(t, s, testkit.Statement(fmt.Sprintf("s:%d", i), "x", `"reports":[{"article":{"key":"article:one"}}]`))
	}
	_, err := s.List(t.Context(), query(t, claims.KindReport, map[string]string{"limit": "1000", "include": "article.reports.article.reports"}))
	if store.CodeOf(err) != store.Invalid {
		t.Errorf("60 reports of one article in each other: %v, want invalid", err)
	}
}

// A wide change says that derived values are pending until they are computed.
func TestWideChangesArePendingUntilDrained(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	testkit.Create(t, s, testkit.Statement("s:1", "x", `"reports":[{"article":{"key":"article:one"}},{"article":{"key":"article:two"}}]`))
	publishers := func() (int, bool) {
		t.Helper()
		page, err := s.List(t.Context(), query(t, claims.KindStatement, nil))
		if err != nil {
			t.Fatal(err)
		}
		var f []facts
		if err := json.Unmarshal(page.Records, &f); err != nil {
			t.Fatal(err)
		}
		return f[0].PublishersHigh, page.Pending
	}
	if n, pending := publishers(); n != 1 || pending {
		t.Fatalf("%d publishers of two sources of one owner, pending %t", n, pending)
	}
	_, err := s.Update(t.Context(), testkit.By("editor"), claims.KindSource, "key:outlet:two", 1, func(current []byte) (claims.Input, error) {
		in := new(claims.SourceInput)
		err := claims.Decode(current, in)
		in.Owner = claims.Ref{}
		return in, err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, pending := publishers(); !pending {
		t.Error("after a wide change nothing is pending")
	}
	if n, err := s.Drain(t.Context()); n != 1 || err != nil {
		t.Errorf("%d statements drained, %v", n, err)
	}
	if n, pending := publishers(); n != 2 || pending {
		t.Errorf("%d publishers of two owners, pending %t", n, pending)
	}
}
