package store_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"onrecord/internal/claims"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

func counting(t *testing.T, query string) store.Counting {
	t.Helper()
	given, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	c, err := store.ParseCounts(claims.KindStatement, given)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// readFrom are questions, and the smallest relation that has what they read: a
// roll-up has few columns and the standard scope, cells have what is asked most,
// records have everything.
var readFrom = map[string]string{
	"by=kind":                                "cells_by_kind",
	"by=kind&bucket=month":                   "cells_by_kind",
	"bucket=quarter":                         "cells_by_kind",
	"by=kind&kind=threat,denial&bucket=year": "cells_by_kind",
	"by=speaker":                             "cells_by_speaker",
	"by=speaker_kind&not_speaker=00000000-0000-0000-0000-000000000001": "cells_by_speaker",
	"by=on_behalf_of":                   "cells_by_behalf",
	"by=on_behalf_of&bucket=month":      "cells_by_behalf_time",
	"by=target_country":                 "cells_by_targets",
	"by=target_country&on_behalf_of=AF": "cells_by_pair",
	"by=topic":                          "cells_by_topics",
	"by=source&measure=reports":         "cells_by_article",
	"by=outlet_country&measure=reports&source=key:outlet:one": "cells_by_article",

	"by=kind&bucket=day":                                    "statement_cells", // roll-ups have no days
	"by=kind&said_from=2026":                                "statement_cells",
	"by=kind&said_bucket=2026":                              "statement_cells",
	"by=kind&voice=any":                                     "statement_cells", // roll-ups have one scope
	"by=kind&not_second_hand=only":                          "statement_cells",
	"by=target_country&bucket=year":                         "statement_cells",
	"by=topic&speaker=00000000-0000-0000-0000-000000000001": "statement_cells",
	"by=kind&target_country=AF":                             "statement_cells",
	"by=kind&stance=denies":                                 "statement_cells",
	"by=language,recurrence":                                "statement_cells",
	"by=claim,conditional,stance":                           "statement_cells",
	"by=claim&measure=reports":                              "statement_cells",
	"by=on_behalf_of,target_country&measure=occasions":      "statement_cells",
	"by=source,kind&measure=reports":                        "statement_cells",

	"by=target_country&target_role=victim": "statement_targets", // cells have those of the standard roles
	"by=target_country&target_exact=true":  "statement_targets",
	"by=target":                            "statement_targets",
	"by=medium":                            "statement_facts",
	"by=kind&review=single":                "statements t",
	"by=form&measure=reports":              "statements t",
	"by=source&measure=articles":           "statements t",
}

func TestCountsAreReadFromTheSmallestThatHasThem(t *testing.T) {
	t.Parallel()
	for query, want := range readFrom {
		sql, _ := counting(t, query).SQL()
		if !strings.Contains(sql, want+" ") || !strings.HasPrefix(want, "statement_cells") && !strings.HasPrefix(want, "cells_by") && strings.Contains(sql, "cells_by_") {
			t.Errorf("%s is not read from %s:\n%s", query, want, sql)
		}
		if strings.HasPrefix(want, "cells_by") && strings.Contains(sql, "statement_cells") {
			t.Errorf("%s is read from all cells:\n%s", query, sql)
		}
	}
}

// Roll-ups are exact in every snapshot, whoever writes and folds meanwhile: they
// say what a naive count of the statements in the same snapshot says.
func TestRollUpsAreExactInAnySnapshot(t *testing.T) {
	t.Parallel()
	url := testkit.Database(t)
	s := testkit.WithCast(t, testkit.StoreAt(t, store.Config{URL: url, MaxConns: 24}))
	naive := map[string]string{
		"by=kind": `SELECT s.kind, count(*) FROM statements s WHERE %s GROUP BY 1`,
		"by=kind&bucket=month": `SELECT s.kind || coalesce(to_char(CASE WHEN NOT s.said_qualified AND s.said_days BETWEEN 1 AND 31
			AND to_char(s.said_from, 'YYYYMM') = to_char(s.said_to - 1, 'YYYYMM') THEN s.said_from END, 'YYYY-MM-01'), ''), count(*) FROM statements s WHERE %s GROUP BY 1`,
		"by=on_behalf_of": `SELECT coalesce(s.on_behalf_of, ''), count(*) FROM statements s WHERE %s GROUP BY 1`,
		"by=target_country": `SELECT coalesce(c.v, ''), count(DISTINCT s.id) FROM statements s LEFT JOIN (
			SELECT p.statement, coalesce(p.country, b.country) AS v FROM statement_targets p LEFT JOIN speakers b ON b.id = p.speaker AND b.kind IN ('government', 'ministry')
			WHERE p.role IN ('object', 'addressee') AND (p.country IS NOT NULL OR b.country IS NOT NULL)) c ON c.statement = s.id WHERE %s GROUP BY 1`,
		"by=source&measure=reports": `SELECT a.source::text, count(*) FROM statements s JOIN reports r ON r.statement = s.id JOIN articles a ON a.id = r.article WHERE %s GROUP BY 1`,
	}
	var working, folding sync.WaitGroup
	var over atomic.Bool
	for w := range 16 {
		working.Go(func() {
			random := rand.New(rand.NewPCG(uint64(w), 3))
			pick := func(list ...string) string { return list[random.IntN(len(list))] }
			line := func(n int) string {
				return fmt.Sprintf(`{"type":"statement","key":"w%d:%d","text":"t","speaker":{"key":%q},"kind":%q,"said_on":%q,"voice":%q,"targets":[%s]%s}`, w, n, pick("person:asif", "gov:PK"),
					pick("threat", "denial", "offer"), pick("2026-02-03", "2026-02", "2026", "2025-12-01~"), pick("attributed", "attributed", "editorial"),
					pick(`{"role":"object","country":"PK"}`, `{"role":"addressee","speaker":{"key":"gov:AF"}},{"role":"object","country":"PK"}`, `{"role":"victim","country":"PK"}`), pick(`,"on_behalf_of":"PK"`, ""))
			}
			for n := range testkit.Scale(12, 60) {
				created := testkit.Create(t, s, line(n))
				switch random.IntN(4) {
				case 0:
					var in claims.StatementInput
					if err := claims.Decode([]byte(line(n)), &in); err != nil {
						t.Error(err)
					}
					if _, err := s.Update(t.Context(), testkit.By("x"), claims.KindStatement, created.ID, created.Version, func([]byte) (claims.Input, error) { return &in, nil }); err != nil {
						t.Error(err)
					}
				case 1:
					if _, err := s.Delete(t.Context(), testkit.By("x"), claims.KindStatement, created.ID, created.Version); err != nil {
						t.Error(err)
					}
				case 2:
					testkit.Create(t, s, fmt.Sprintf(`{"type":"report","key":"r%d:%d","statement":%q,"article":{"key":"article:two"}}`, w, n, created.ID))
				}
			}
		})
	}
	folding.Go(func() {
		for !over.Load() {
			if _, err := s.Fold(t.Context(), 1); err != nil {
				t.Error(err)
			}
		}
	})
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	go func() { working.Wait(); over.Store(true) }()
	snapshots, counted := 0, int64(0)
	for last := false; !last; snapshots++ {
		last = over.Load()
		err := pgx.BeginTxFunc(t.Context(), conn, pgx.TxOptions{IsoLevel: pgx.RepeatableRead}, func(tx pgx.Tx) error {
			for query, sql := range naive {
				want := pairs(t, tx, fmt.Sprintf(sql, `s.dataset = 'own' AND s.voice = 'attributed' AND s.within IS NULL`))
				made, args := counting(t, query+"&top=100").SQL()
				if !strings.Contains(made, "cells_by_") {
					t.Fatalf("%s is read from no roll-up", query)
				}
				got := pairs(t, tx, fmt.Sprintf(`SELECT coalesce(values[1], '') || coalesce(time::text, ''), count FROM (%s) x WHERE part = 1`, made), args...)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s in snapshot %d: %s", query, snapshots, diff)
				}
				for _, n := range got {
					counted = max(counted, n)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	folding.Wait()
	if snapshots < 3 || counted == 0 {
		t.Errorf("%d snapshots, at most %d of a value", snapshots, counted)
	}
}

// pairs are rows of a name and a number.
func pairs(t *testing.T, tx pgx.Tx, sql string, args ...any) map[string]int64 {
	t.Helper()
	rows, err := tx.Query(t.Context(), sql, args...)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]int64{}
	var name string
	var n int64
	if _, err := pgx.ForEachRow(rows, []any{&name, &n}, func() error { found[name] = n; return nil }); err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
	return maps.Clone(found)
}

// A speaker that moves to another country, or becomes its government, takes the
// statements against it along.
func TestCountsByCountryFollowTheSpeakerTargeted(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	speaker := testkit.Create(t, s, `{"type":"speaker","key":"body:moving","name":"M","kind":"party","country":"AF"}`)
	testkit.Create(t, s, testkit.Statement("moving:1", "t", `"targets":[{"role":"object","speaker":{"key":"body:moving"}}]`))
	for i, step := range []struct{ line, want string }{
		{`{"key":"body:moving","name":"M","kind":"party","country":"AF"}`, "(none)"},
		{`{"key":"body:moving","name":"M","kind":"ministry","country":"AF"}`, "AF"},
		{`{"key":"body:moving","name":"N","kind":"ministry","country":"AF"}`, "AF"},
		{`{"key":"body:moving","name":"N","kind":"ministry","country":"PK"}`, "PK"},
	} {
		var in claims.SpeakerInput
		if err := claims.Decode([]byte(step.line), &in); err != nil {
			t.Fatal(err)
		}
		written, err := s.Update(t.Context(), testkit.By("x"), claims.KindSpeaker, speaker.ID, speaker.Version, func([]byte) (claims.Input, error) { return &in, nil })
		if err != nil {
			t.Fatal(err)
		}
		speaker.Version = written.Version
		counts, err := s.Counts(t.Context(), counting(t, "by=target_country"))
		if err != nil {
			t.Fatal(err)
		}
		row := counts.Rows[0]
		got := row.Values[0].Label
		if row.Values[0].ID != nil {
			got = *row.Values[0].ID
		}
		if len(counts.Rows) != 1 || got != step.want || row.Count != 1 {
			t.Errorf("step %d: counts under %s, want %s: %v", i, got, step.want, counts.Rows)
		}
	}
}
