package store_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"onrecord/internal/claims"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

// A step is a write, and the imports before it that make what it needs.
type step struct {
	needs []string
	do    func(t *testing.T, s *store.Store, by store.Write) error
}

func creating(line string) step {
	return step{do: func(t *testing.T, s *store.Store, by store.Write) error {
		_, err := s.Create(t.Context(), by, testkit.Input(t, line))
		return err
	}}
}

func changing(kind claims.Kind, key string, change func(claims.Input)) step {
	return step{do: func(t *testing.T, s *store.Store, by store.Write) error {
		record, err := read(t, s, kind, "key:"+key)
		if err != nil {
			return err
		}
		_, err = s.Update(t.Context(), by, kind, record.ID, record.Version, func(current []byte) (claims.Input, error) {
			in := claims.New(kind)
			err := claims.Decode(current, in)
			change(in)
			return in, err
		})
		return err
	}}
}

func importing(lines ...string) step {
	return step{do: func(t *testing.T, s *store.Store, by store.Write) error {
		_, err := s.Import(t.Context(), by, store.ImportOptions{}, claims.NDJSON(strings.NewReader(strings.Join(lines, "\n"))))
		return err
	}}
}

// reverting takes the last import back.
func reverting(needs ...string) step {
	return step{needs, func(t *testing.T, s *store.Store, by store.Write) error {
		last, err := s.Imports(t.Context(), "", 1)
		if err == nil {
			_, err = s.Revert(t.Context(), by, last[0].ID)
		}
		return err
	}}
}

func (s step) after(needs ...string) step {
	s.needs = needs
	return s
}

const (
	aRating   = `{"type":"rating","key":"rating:1","source":{"key":"outlet:one"},"reliability":"B","rated_on":"2026-01-01","rated_by":"x","reason":"y"}`
	theTalks  = `{"type":"event","key":"event:one","kind":"talks","title":"Talks"}`
	interview = `{"type":"event","key":"event:one","kind":"interview","title":"Talks"}`
	unowned   = `{"type":"source","key":"outlet:two","name":"Two","kind":"online","country":"AF"}`
	inGerman  = `{"type":"article","key":"article:one","source":{"key":"outlet:one"},"title":"One","published_on":"2026-02-11","language":"de"}`

	// carried is of a statement what the wide changes below concern.
	carried = `"occasion":{"key":"event:one"},"reports":[{"article":{"key":"article:one"}},{"article":{"key":"article:two"}}]`
)

// wideChanges are changes of what follows for statements that they don't write.
var wideChanges = map[string]step{
	"an owner": changing(claims.KindSource, "outlet:two", func(in claims.Input) { in.(*claims.SourceInput).Owner = claims.Ref{} }),
	"a rating": creating(aRating),
	"a rating of another source": changing(claims.KindRating, "rating:1", func(in claims.Input) {
		in.(*claims.RatingInput).Source = claims.RefKey("outlet:two")
	}).after(aRating),
	"no rating": step{do: func(t *testing.T, s *store.Store, by store.Write) error {
		_, err := s.Delete(t.Context(), by, claims.KindRating, claims.ID("rating:1"), 1)
		return err
	}}.after(aRating),
	"an article's day and language": changing(claims.KindArticle, "article:one", func(in claims.Input) {
		in.(*claims.ArticleInput).PublishedOn, in.(*claims.ArticleInput).Language = testkit.Date("2026-02-11"), "de"
	}),
	"an article taken over":   changing(claims.KindArticle, "article:two", func(in claims.Input) { in.(*claims.ArticleInput).SyndicatedFrom = claims.RefKey("article:one") }),
	"the kind of an occasion": changing(claims.KindEvent, "event:one", func(in claims.Input) { in.(*claims.EventInput).EventKind = "interview" }),
	"an import":               importing(unowned, aRating, inGerman, interview, testkit.Statement("s:imported", "dogs were running", carried)),
	"an import taken back":    reverting(unowned + "\n" + aRating + "\n" + inGerman + "\n" + interview),
}

// writesOfStatements are writes of statements that these concern.
var writesOfStatements = []step{
	creating(testkit.Statement("s:1", "dogs were running", carried)),
	creating(`{"type":"report","key":"r:2","statement":{"key":"s:2"},"article":{"key":"article:one"}}`).after(testkit.Statement("s:2", "dogs were running")),
	changing(claims.KindReport, "r:3", func(in claims.Input) {
		in.(*claims.ReportInput).Cites = []claims.Citation{{Source: claims.RefKey("outlet:one")}}
	}).after(testkit.Statement("s:3", "dogs were running", `"reports":[{"key":"r:3","article":{"key":"article:two"}}]`)),
	changing(claims.KindStatement, "s:4", func(in claims.Input) { in.(*claims.StatementInput).Occasion = claims.RefKey("event:one") }).after(testkit.Statement("s:4", "dogs were running")),
	importing(`{"type":"report","key":"r:5","statement":{"key":"s:5"},"article":{"key":"article:one"}}`, testkit.Statement("s:6", "dogs were running", carried),
		testkit.Statement("s:7", "dogs", `"occasion":{"key":"event:one"}`)).after(testkit.Statement("s:5", "dogs were running")),
}

// A wide change reaches the statements that other transactions are writing at
// the same time, whichever is committed first: all have computed what they
// compute before any is.
func TestWideChangesReachStatementsThatAreBeingWritten(t *testing.T) {
	t.Parallel()
	for _, change := range slices.Sorted(maps.Keys(wideChanges)) {
		for _, place := range []int{0, len(writesOfStatements)} {
			t.Run(fmt.Sprintf("%s committed after %d others", change, place), func(t *testing.T) {
				t.Parallel()
				url := testkit.Database(t)
				s, conn, watch := testkit.WithCast(t, testkit.StoreAt(t, store.Config{URL: url, MaxConns: 12})), connect(t, url), connect(t, url)
				mustImport(t, s, theTalks)
				steps := slices.Insert(slices.Clone(writesOfStatements), place, wideChanges[change])
				for _, step := range append(slices.Clone(writesOfStatements), wideChanges[change]) { // what is reverted was imported last
					for _, lines := range step.needs {
						mustImport(t, s, lines)
					}
				}
				mustDrain(t, s)
				held, err := conn.Begin(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if _, err := held.Exec(t.Context(), `SELECT FROM head FOR UPDATE`); err != nil {
					t.Fatal(err)
				}
				var all sync.WaitGroup
				for n, step := range steps {
					by := fmt.Sprint("writer ", n)
					all.Go(func() {
						if err := step.do(t, s, testkit.By(by)); err != nil {
							t.Errorf("%s: %v", by, err)
						}
					})
					for deadline := time.Now().Add(time.Minute); len(lines(t, watch, `SELECT 'waits' FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)) <= n; time.Sleep(time.Millisecond) {
						if time.Now().After(deadline) {
							t.Fatalf("%s does not come to its commit", by)
						}
					}
				}
				if err := held.Commit(t.Context()); err != nil {
					t.Fatal(err)
				}
				all.Wait()
				committed := lines(t, conn, `SELECT principal FROM (SELECT seq, principal FROM commits ORDER BY seq DESC LIMIT $1) c ORDER BY seq`, len(steps))
				if slices.Index(committed, fmt.Sprint("writer ", place)) != place {
					t.Errorf("writer %d is not in its place: %v", place, committed)
				}
				audited(t, s)
				mustDrain(t, s)
				if waiting := lines(t, conn, `SELECT f::text FROM stale f`); len(waiting) > 0 {
					t.Errorf("still stale: %v", waiting)
				}
			})
		}
	}
}

// What is written after a wide change has the facts of it at once.
func TestNothingWaitsForAWideChangeThatIsOver(t *testing.T) {
	t.Parallel()
	url := testkit.Database(t)
	s, conn := testkit.WithCast(t, testkit.StoreAt(t, store.Config{URL: url})), connect(t, url)
	mustImport(t, s, theTalks)
	for _, change := range slices.Sorted(maps.Keys(wideChanges)) {
		if len(wideChanges[change].needs) > 0 || change == "an import" {
			continue
		}
		if err := wideChanges[change].do(t, s, testkit.By("editor")); err != nil {
			t.Fatal(err)
		}
	}
	mustDrain(t, s)
	testkit.Create(t, s, testkit.Statement("s:1", "dogs were running", carried))
	mustImport(t, s, testkit.Statement("s:2", "dogs were running", carried))
	if waiting := lines(t, conn, `SELECT f::text FROM stale f`); len(waiting) > 0 {
		t.Errorf("stale: %v", waiting)
	}
}

// Whoever writes statements and changes what they follow from at the same time,
// in any order, and drains meanwhile: in the end all facts are what the records
// give. What a round changes no later one changes again.
func TestWideChangesAmongManyWriters(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.StoreAt(t, store.Config{URL: testkit.Database(t), MaxConns: 12}))
	random := rand.New(rand.NewPCG(5, 17))
	for round := range testkit.Scale(15, 300) {
		source, article, event := fmt.Sprint("source:", round), fmt.Sprint("article:", round), fmt.Sprint("event:", round)
		mustImport(t, s, fmt.Sprintf(`{"type":"source","key":%q,"name":"S","kind":"online"}`, source), fmt.Sprintf(`{"type":"event","key":%q,"kind":"talks","title":"Talks"}`, event),
			fmt.Sprintf(`{"type":"article","key":%q,"source":{"key":%q},"title":"A","published_on":"2026-02-18"}`, article, source))
		statement := func(n int) string {
			return testkit.Statement(fmt.Sprintf("s:%d:%d", round, n), "dogs were running", fmt.Sprintf(`"occasion":{"key":%q},"reports":[{"article":{"key":%q}},{"article":{"key":"article:one"}}]`, event, article))
		}
		steps := []step{
			creating(statement(0)), creating(statement(1)), creating(statement(2)), importing(statement(3), statement(4)),
			changing(claims.KindSource, source, func(in claims.Input) { in.(*claims.SourceInput).Owner = claims.RefKey("outlet:one") }),
			changing(claims.KindArticle, article, func(in claims.Input) { in.(*claims.ArticleInput).Language = "de" }),
			importing(fmt.Sprintf(`{"type":"event","key":%q,"kind":"interview","title":"Talks"}`, event)),
			{do: func(t *testing.T, s *store.Store, _ store.Write) error {
				_, err := s.Drain(t.Context())
				return err
			}},
		}
		random.Shuffle(len(steps), func(i, j int) { steps[i], steps[j] = steps[j], steps[i] })
		var all sync.WaitGroup
		for n, step := range steps {
			pause := time.Duration(random.IntN(8)) * time.Millisecond
			all.Go(func() {
				time.Sleep(pause)
				if err := step.do(t, s, testkit.By(fmt.Sprint("writer ", n))); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
	mustDrain(t, s)
}

func mustDrain(t *testing.T, s *store.Store) {
	t.Helper()
	if _, err := s.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// audited holds everything that is kept against what the records give.
func audited(t *testing.T, s *store.Store) {
	t.Helper()
	found, err := s.Audit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		t.Errorf("audit: %s", f)
	}
}
