package store_test

import (
	"fmt"
	"strings"
	"testing"

	"onrecord/internal/claims"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

func probe(t *testing.T, name string, do func(t *testing.T, s *store.Store)) {
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		s := testkit.WithCast(t, testkit.Store(t))
		do(t, s)
	})
}

func show(t *testing.T, r *store.Import, err error) {
	t.Logf("%s received %d err=%v failures=%v problem=%v", counts(r), r.Received, err, failures(r), r.Problem)
}

func TestProbe(t *testing.T) {
	cont := store.ImportOptions{OnError: "continue", Duplicates: "off"}
	probe(t, "report moved", func(t *testing.T, s *store.Store) {
		mustImport(t, s, testkit.Statement("s:1", "1"), testkit.Statement("s:2", "2"), `{"type":"report","key":"r:1","statement":{"key":"s:1"},"article":{"key":"article:one"}}`)
		r, err := imported(t, s, cont, `{"type":"report","key":"r:1","statement":{"key":"s:2"},"article":{"key":"article:one"}}`)
		show(t, r, err)
	})
	probe(t, "report with parts moved", func(t *testing.T, s *store.Store) {
		mustImport(t, s, testkit.Statement("s:1", "1"), testkit.Statement("s:2", "2"), `{"type":"report","key":"r:1","statement":{"key":"s:1"},"article":{"key":"article:one"},"renderings":[{"part":"body","form":"paraphrase"}]}`)
		r, err := imported(t, s, cont, `{"type":"report","key":"r:1","statement":{"key":"s:2"},"article":{"key":"article:one"}}`, testkit.Statement("s:3", "3"))
		show(t, r, err)
	})
	probe(t, "position moved to other claim", func(t *testing.T, s *store.Store) {
		mustImport(t, s, testkit.Statement("s:1", "1"), `{"type":"claim","key":"c:1","text":"c","sort":"fact"}`, `{"type":"claim","key":"c:2","text":"c","sort":"fact"}`, `{"type":"position","key":"p:1","statement":{"key":"s:1"},"claim":{"key":"c:1"},"stance":"asserts"}`)
		r, err := imported(t, s, cont, `{"type":"position","key":"p:1","statement":{"key":"s:1"},"claim":{"key":"c:2"},"stance":"asserts"}`)
		show(t, r, err)
	})
	probe(t, "new report in a deleted statement", func(t *testing.T, s *store.Store) {
		mustImport(t, s, testkit.Statement("s:1", "1"))
		erase(t, s, claims.KindStatement, "key:s:1")
		for _, o := range []store.ImportOptions{{}, cont} {
			r, err := imported(t, s, o, testkit.Statement("s:1", "1", `"reports":[{"article":{"key":"article:one"}}]`), testkit.Statement("s:3", "3"))
			show(t, r, err)
		}
	})
	probe(t, "new report refers to nothing, statement unchanged", func(t *testing.T, s *store.Store) {
		mustImport(t, s, testkit.Statement("s:1", "1"))
		for _, o := range []store.ImportOptions{{}, cont} {
			r, err := imported(t, s, o, testkit.Statement("s:1", "1", `"reports":[{"article":{"key":"article:none"}}]`), testkit.Statement("s:3", "3"))
			show(t, r, err)
		}
	})
	probe(t, "names nobody, statement unchanged", func(t *testing.T, s *store.Store) {
		mustImport(t, s, testkit.Statement("s:1", "1"))
		r, err := imported(t, s, store.ImportOptions{}, testkit.Statement("s:1", "1", `"reports":[{"article":{"key":"article:one"},"renderings":[{"part":"body","form":"paraphrase","names_as_given":[{"name":"x","speaker":{"key":"no:one"}}]}]}]`))
		show(t, r, err)
	})
	probe(t, "12 cycles", func(t *testing.T, s *store.Store) {
		var lines []string
		for i := range 12 {
			lines = append(lines, fmt.Sprintf(`{"type":"source","key":"a:%d","name":"A","kind":"online","owner":{"key":"b:%d"}}`, i, i), fmt.Sprintf(`{"type":"source","key":"b:%d","name":"A","kind":"online","owner":{"key":"a:%d"}}`, i, i))
		}
		r, err := imported(t, s, cont, append(lines, testkit.Statement("s:3", "3"))...)
		show(t, r, err)
	})
	probe(t, "NUL in key", func(t *testing.T, s *store.Store) {
		for _, o := range []store.ImportOptions{{}, cont} {
			r, err := imported(t, s, o, testkit.Statement("s:3", "3"), `{"type":"source","key":"a:\u0000","name":"A","kind":"online"}`)
			show(t, r, err)
			again, err := s.ReadImport(t.Context(), r.ID)
			t.Log(again.State, err)
		}
	})
	probe(t, "id of a keyed record", func(t *testing.T, s *store.Store) {
		r, err := imported(t, s, store.ImportOptions{}, fmt.Sprintf(`{"type":"source","id":%q,"name":"Changed","kind":"newspaper","country":"PK"}`, claims.ID("outlet:one")))
		show(t, r, err)
	})
	probe(t, "minus zero", func(t *testing.T, s *store.Store) {
		r, err := imported(t, s, store.ImportOptions{}, `{"type":"event","key":"e:1","kind":"other","title":"t","places":[{"name":"x","latitude":-0.0,"longitude":-0,"precision":"exact"}]}`)
		show(t, r, err)
	})
	probe(t, "rating moved", func(t *testing.T, s *store.Store) {
		mustImport(t, s, testkit.Statement("s:1", "1", `"reports":[{"article":{"key":"article:one"}}]`), `{"type":"rating","key":"x:1","source":{"key":"outlet:one"},"reliability":"B","rated_on":"2026-01-01","rated_by":"x","reason":"y"}`)
		if _, err := s.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		mustImport(t, s, `{"type":"rating","key":"x:1","source":{"key":"outlet:two"},"reliability":"B","rated_on":"2026-01-01","rated_by":"x","reason":"y"}`)
		if _, err := s.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
	probe(t, "article language", func(t *testing.T, s *store.Store) {
		mustImport(t, s, testkit.Statement("s:1", "1", `"reports":[{"article":{"key":"article:one"},"renderings":[{"part":"body","form":"paraphrase","text":"the dogs were running"}]}]`))
		mustImport(t, s, `{"type":"article","key":"article:one","source":{"key":"outlet:one"},"title":"One","published_on":"2026-02-18","language":"de"}`)
		if _, err := s.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
	probe(t, "speaker country of accused", func(t *testing.T, s *store.Store) {
		mustImport(t, s, `{"type":"claim","key":"c:1","text":"c","sort":"fact","about":[{"role":"accused","speaker":{"key":"gov:PK"}}]}`,
			testkit.Statement("s:1", "1", `"on_behalf_of":"PK"`, `"positions":[{"claim":{"key":"c:1"},"stance":"concedes"}]`))
		mustImport(t, s, `{"type":"speaker","key":"gov:PK","name":"Government of Pakistan","kind":"government","country":"AF"}`)
	})
	probe(t, "overwrite counts", func(t *testing.T, s *store.Store) {
		mustImport(t, s, testkit.Statement("s:1", "1"))
		edit(t, s, claims.KindStatement, "key:s:1", func(in claims.Input) { in.(*claims.StatementInput).Text = "e" })
		r, err := imported(t, s, store.ImportOptions{OnConflict: "overwrite"}, testkit.Statement("s:1", "2"), testkit.Statement("s:1", "2"))
		show(t, r, err)
	})
	probe(t, "repeat in failing line first", func(t *testing.T, s *store.Store) {
		r, err := imported(t, s, cont, testkit.Statement("s:1", "1", `"reports":[{"article":{"key":"article:none"}}]`), testkit.Statement("s:1", "1"), testkit.Statement("s:2", "1", `"within":{"key":"s:1"}`))
		show(t, r, err)
	})
	probe(t, "unique against a failing line", func(t *testing.T, s *store.Store) {
		r, err := imported(t, s, cont, testkit.Statement("s:1", "1"), `{"type":"report","key":"r:1","statement":{"key":"s:1"},"article":{"key":"article:one"},"cites":[{"source":{"key":"no:ne"}}]}`, `{"type":"report","key":"r:2","statement":{"key":"s:1"},"article":{"key":"article:one"}}`)
		show(t, r, err)
	})
	probe(t, "kinds against a failing line", func(t *testing.T, s *store.Store) {
		r, err := imported(t, s, cont, `{"type":"source","key":"x:1","name":"A","kind":"online","owner":{"key":"no:ne"}}`, `{"type":"speaker","key":"x:1","name":"A","kind":"ngo"}`)
		show(t, r, err)
	})
	probe(t, "long keys", func(t *testing.T, s *store.Store) {
		var lines []string
		for range 20 {
			lines = append(lines, `{"type":"source","key":"`+strings.Repeat("k", 1<<20)+`","name":"A","kind":"online"}`)
		}
		r, err := imported(t, s, cont, lines...)
		n := 0
		for _, e := range r.Errors {
			n += len(e.Key)
		}
		t.Log(n, err)
	})
	probe(t, "csv type not utf8", func(t *testing.T, s *store.Store) {
		defer func() { t.Log("recovered", recover()) }()
		r, err := s.Import(t.Context(), testkit.By("x"), cont, claims.CSV(strings.NewReader("type,slug,name\n\xff,a,A\n")))
		show(t, r, err)
	})
	probe(t, "revert twice stacked", func(t *testing.T, s *store.Store) {
		a := mustImport(t, s, testkit.Statement("s:1", "1"))
		b := mustImport(t, s, testkit.Statement("s:1", "2"))
		_, err := s.Revert(t.Context(), testkit.By("x"), b.ID)
		t.Log(err)
		_, err = s.Revert(t.Context(), testkit.By("x"), a.ID)
		t.Log(err)
	})
	probe(t, "revert cycle", func(t *testing.T, s *store.Store) {
		mustImport(t, s, `{"type":"source","key":"x:b","name":"A","kind":"online"}`, `{"type":"source","key":"x:a","name":"A","kind":"online","owner":{"key":"x:b"}}`)
		b := mustImport(t, s, `{"type":"source","key":"x:a","name":"A","kind":"online"}`)
		edit(t, s, claims.KindSource, "key:x:b", func(in claims.Input) { in.(*claims.SourceInput).Owner = claims.RefKey("x:a") })
		_, err := s.Revert(t.Context(), testkit.By("x"), b.ID)
		t.Log(err)
	})
	probe(t, "revert text_from", func(t *testing.T, s *store.Store) {
		mustImport(t, s, testkit.Statement("s:1", "1"))
		b := mustImport(t, s, `{"type":"report","key":"r:1","statement":{"key":"s:1"},"article":{"key":"article:one"}}`)
		edit(t, s, claims.KindStatement, "key:s:1", func(in claims.Input) { in.(*claims.StatementInput).TextFrom = claims.RefKey("article:one") })
		_, err := s.Revert(t.Context(), testkit.By("x"), b.ID)
		t.Log(err)
	})
	probe(t, "revert dangling", func(t *testing.T, s *store.Store) {
		mustImport(t, s, testkit.Statement("s:1", "1"), `{"type":"report","key":"r:1","statement":{"key":"s:1"},"article":{"key":"article:one"},"renderings":[{"part":"body","form":"paraphrase","names_as_given":[{"name":"x","speaker":{"key":"person:mujahid"}}]}]}`)
		b := mustImport(t, s, `{"type":"report","key":"r:1","statement":{"key":"s:1"},"article":{"key":"article:one"}}`)
		erase(t, s, claims.KindSpeaker, "key:person:mujahid")
		_, err := s.Revert(t.Context(), testkit.By("x"), b.ID)
		t.Log(err)
	})
	probe(t, "revert fk gone", func(t *testing.T, s *store.Store) {
		mustImport(t, s, `{"type":"source","key":"x:b","name":"A","kind":"online"}`, `{"type":"source","key":"x:a","name":"A","kind":"online","owner":{"key":"x:b"}}`)
		b := mustImport(t, s, `{"type":"source","key":"x:a","name":"A","kind":"online"}`)
		erase(t, s, claims.KindSource, "key:x:b")
		_, err := s.Revert(t.Context(), testkit.By("x"), b.ID)
		t.Log(err)
	})
	probe(t, "staging lost", func(t *testing.T, s *store.Store) {
	})
	probe(t, "update dup claim link swap", func(t *testing.T, s *store.Store) {
		mustImport(t, s, `{"type":"claim","key":"c:1","text":"c","sort":"fact"}`, `{"type":"claim","key":"c:2","text":"c","sort":"fact"}`, `{"type":"claim","key":"c:3","text":"c","sort":"fact"}`,
			`{"type":"claim_link","key":"l:1","from":{"key":"c:1"},"to":{"key":"c:2"},"relation":"implies"}`)
		r, err := imported(t, s, store.ImportOptions{}, `{"type":"claim_link","key":"l:1","from":{"key":"c:1"},"to":{"key":"c:3"},"relation":"implies"}`, `{"type":"claim_link","key":"l:2","from":{"key":"c:1"},"to":{"key":"c:2"},"relation":"implies"}`)
		show(t, r, err)
	})
}
