package store_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"onrecord/internal/claims"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

// Whatever derived rows say, or do not say, after a rebuild they are what the
// records give, and answers of before are no longer true by the head.
func TestRebuildPutsRightWhatIsDerived(t *testing.T) {
	t.Parallel()
	url := testkit.Database(t)
	s, conn := testkit.WithCast(t, testkit.StoreAt(t, store.Config{URL: url})), connect(t, url)
	mustImport(t, s, batchOf("b", 40, 1)...)
	testkit.Create(t, s, testkit.Statement("s:1", "dogs were running", `"targets":[{"role":"object","country":"AF"}]`, `"reports":[{"article":{"key":"article:one"}},{"article":{"key":"article:two"}}]`))
	mustDrain(t, s)
	for _, wrong := range []string{
		`UPDATE source_facts SET family = source`, `DELETE FROM article_facts`, `UPDATE claim_facts SET status = 'denied', denied_by = ARRAY[gen_random_uuid()]`,
		`UPDATE statement_facts SET report_count = 77, publishers_high = 5, denied_by_others = true`, `DELETE FROM statement_facts WHERE statement < '80000000-0000-0000-0000-000000000000'`,
		`UPDATE statement_docs SET doc = 'wrong'`, `DELETE FROM speaker_docs`, `UPDATE country_docs SET doc = 'wrong'`, `DELETE FROM claim_docs`,
		`UPDATE statement_cells SET kind = 'offer'`, `INSERT INTO statement_cells SELECT (jsonb_populate_record(c, jsonb_build_object('id', gen_random_uuid()))).* FROM statement_cells c LIMIT 1`,
		`DELETE FROM cell_changes`, `UPDATE cells_by_kind SET n = n + 3`, `DELETE FROM spellings WHERE kind = 'speaker'`,
		`INSERT INTO spellings SELECT (jsonb_populate_record(p, jsonb_build_object('record', gen_random_uuid()))).* FROM spellings p WHERE kind = 'source' LIMIT 1`,
	} {
		if tag, err := conn.Exec(t.Context(), wrong); err != nil || tag.RowsAffected() == 0 && !strings.Contains(wrong, "cells_by") {
			t.Fatalf("%s: %s, %v", wrong, tag, err)
		}
	}
	before, err := s.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if found, err := s.Audit(t.Context()); err != nil || len(found) < 100 {
		t.Fatalf("%d things are found wrong, %v", len(found), err)
	}
	records := map[claims.Kind]int{}
	if err := s.RebuildTelling(t.Context(), func(kind claims.Kind, n int) { records[kind] += n }); err != nil {
		t.Fatal(err)
	}
	if records[claims.KindStatement] != 41 || records[claims.KindClaim] != 1 || records[claims.KindCountry] != 2 || len(records) != 9 {
		t.Errorf("rebuilt %v", records)
	}
	if after, err := s.Head(t.Context()); err != nil || after == before || after.Seq != before.Seq {
		t.Errorf("the head was %+v, is %+v: %v", before, after, err)
	}
	audited(t, s)
}

// A rebuild beside writers keeps what they write.
func TestRebuildBesideWriters(t *testing.T) {
	t.Parallel()
	url := testkit.Database(t)
	s, conn := testkit.WithCast(t, testkit.StoreAt(t, store.Config{URL: url, MaxConns: 12})), connect(t, url)
	mustImport(t, s, theTalks)
	mustImport(t, s, batchOf("b", 60, 1)...)
	var writers sync.WaitGroup
	over := make(chan struct{})
	for w := range 4 {
		writers.Go(func() {
			for n := range testkit.Scale(12, 200) {
				key := fmt.Sprintf("b:%d", (n*4+w)%60)
				for _, step := range []step{
					creating(testkit.Statement(fmt.Sprintf("s:%d:%d", w, n), "dogs were running", carried, `"positions":[{"claim":{"key":"b:claim"},"stance":"denies"}]`)),
					creating(fmt.Sprintf(`{"type":"report","statement":{"key":%q},"article":{"key":"article:one"}}`, key)),
					changing(claims.KindStatement, key, func(in claims.Input) { in.(*claims.StatementInput).Text += " and again" }),
					changing(claims.KindSource, "outlet:two", func(in claims.Input) { in.(*claims.SourceInput).Name = fmt.Sprint("Two ", w, n) }),
				} {
					err := step.do(t, s, testkit.By("writer"))
					if code := store.CodeOf(err); err != nil && code != store.Stale && code != store.Exists && code != store.Unavailable {
						t.Error(err)
					}
				}
			}
		})
	}
	go func() { writers.Wait(); close(over) }()
	for working := true; working; {
		one := `UPDATE statement_facts SET report_count = 77 WHERE statement = (SELECT statement FROM statement_facts ORDER BY random() LIMIT 1)`
		for _, wrong := range []string{one, one, one, `UPDATE claim_facts SET status = 'open', denied_by = '{}'`} { // a row at a time, so that nobody waits for two
			if _, err := conn.Exec(t.Context(), wrong); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Rebuild(t.Context()); err != nil {
			t.Error(err)
		}
		select {
		case <-over: // no rebuild comes after the last write
			working = false
		default:
		}
	}
	mustDrain(t, s)
}
