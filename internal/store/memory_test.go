package store_test

import (
	"encoding/json"
	"maps"
	"testing"

	"onrecord/internal/claims"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

// patched changes some members of a record.
func patched(t *testing.T, s *store.Store, kind claims.Kind, key, members string) {
	t.Helper()
	ref := key
	if kind.Keyed() {
		ref = "key:" + key
	}
	record, err := read(t, s, kind, ref)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Update(t.Context(), testkit.By("editor"), kind, ref, record.Version, func(current []byte) (claims.Input, error) {
		var old, with map[string]json.RawMessage
		if err := json.Unmarshal(current, &old); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(members), &with); err != nil {
			return nil, err
		}
		maps.Copy(old, with)
		merged, err := json.Marshal(old)
		if err != nil {
			return nil, err
		}
		in := claims.New(kind)
		return in, claims.Decode(merged, in)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func removed(t *testing.T, s *store.Store, kind claims.Kind, key string) {
	t.Helper()
	record, err := read(t, s, kind, "key:"+key)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Delete(t.Context(), testkit.By("editor"), kind, record.ID, record.Version); err != nil {
		t.Fatal(err)
	}
}

// What a store remembers of statements never shows: whatever changes, it answers
// as one that remembers nothing.
func TestMemoryIsNeverStale(t *testing.T) {
	t.Parallel()
	url := testkit.Database(t)
	s := testkit.WithCast(t, testkit.StoreAt(t, store.Config{URL: url}))
	forgetful := testkit.StoreAt(t, store.Config{URL: url, Memory: -1})
	for _, line := range []string{
		`{"type":"event","key":"e:1","kind":"interview","title":"The interview"}`,
		`{"type":"office","key":"o:1","title":"Minister","country":"PK"}`,
		`{"type":"claim","key":"c:1","text":"They allow it.","sort":"fact"}`,
		testkit.Statement("s:1", "one", `"said_on":"2026-02-18","occasion":{"key":"e:1"},"on_behalf_of":"PK","topics":["security"],
			"targets":[{"role":"object","country":"AF"},{"role":"addressee","speaker":{"key":"gov:AF"}},{"role":"mentioned","event":{"key":"e:1"}}],
			"reports":[{"key":"r:1","article":{"key":"article:one"}}],"positions":[{"key":"p:1","claim":{"key":"c:1"},"stance":"asserts"}]`),
		testkit.Statement("s:2", "two", `"said_on":"2026-02"`),
		testkit.Statement("s:3", "three"),
	} {
		testkit.Create(t, s, line)
	}
	questions := []map[string]string{
		nil,
		{"said_from": "2026-02-10", "said_to": "2026-02-20"},
		{"target_country": "AF", "sort": "said_on"},
		{"limit": "1", "offset": "1"},
	}
	answers := func(s *store.Store) string {
		t.Helper()
		var all string
		for _, question := range questions {
			page, err := s.List(t.Context(), query(t, claims.KindStatement, question))
			if err != nil {
				t.Fatal(err)
			}
			all += string(page.Records) + page.Next
		}
		return all
	}
	create := func(line string) func() { return func() { testkit.Create(t, s, line) } }
	patch := func(kind claims.Kind, key, members string) func() {
		return func() { patched(t, s, kind, key, members) }
	}
	changes := []struct {
		what string
		do   func()
	}{
		{"the speaker's name", patch(claims.KindSpeaker, "person:asif", `{"name":"Khawaja M. Asif"}`)},
		{"a target's name", patch(claims.KindSpeaker, "gov:AF", `{"name":"Islamic Emirate"}`)},
		{"a country's name", patch(claims.KindCountry, "AF", `{"name":"Afghanistan, the"}`)},
		{"the country spoken for", patch(claims.KindCountry, "PK", `{"name":"Islamic Republic of Pakistan"}`)},
		{"the occasion's title", patch(claims.KindEvent, "e:1", `{"title":"An interview"}`)},
		{"a tenure", create(`{"type":"tenure","key":"t:1","speaker":{"key":"person:asif"},"office":{"key":"o:1"},"held":"2024-03-11/.."}`)},
		{"its capacity", patch(claims.KindTenure, "t:1", `{"capacity":"acting"}`)},
		{"the office's title", patch(claims.KindOffice, "o:1", `{"title":"Minister of Defence"}`)},
		{"no tenure", func() { removed(t, s, claims.KindTenure, "t:1") }},
		{"a report", create(`{"type":"report","key":"r:2","statement":{"key":"s:1"},"article":{"key":"article:two"}}`)},
		{"a rating of the source", create(`{"type":"rating","key":"rt:1","source":{"key":"outlet:one"},"reliability":"B","rated_on":"2020-01-01","rated_by":"us","reason":"read"}`)},
		{"an owner", patch(claims.KindSource, "outlet:two", `{"owner":null}`)},
		{"when an article was published", patch(claims.KindArticle, "article:one", `{"published_on":"2026-02-20"}`)},
		{"a denial by another", create(`{"type":"statement","key":"s:4","speaker":{"key":"person:mujahid"},"kind":"denial","text":"four","said_on":"2026-02-19","positions":[{"key":"p:4","claim":{"key":"c:1"},"stance":"denies"}]}`)},
		{"no denial", patch(claims.KindPosition, "p:4", `{"stance":"questions"}`)},
		{"the words", patch(claims.KindStatement, "s:1", `{"text":"once more"}`)},
		{"the day", patch(claims.KindStatement, "s:2", `{"said_on":"2026-02-12"}`)},
		{"a statement less", func() { removed(t, s, claims.KindStatement, "s:3") }},
		{"and again", create(testkit.Statement("s:3", "three"))},
	}
	before := answers(s)
	if s.Remembered() == 0 || forgetful.Remembered() != 0 {
		t.Fatalf("%d and %d bytes are remembered", s.Remembered(), forgetful.Remembered())
	}
	for _, change := range changes {
		change.do()
		if _, err := s.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		after := answers(s)
		if after == before {
			t.Errorf("%s: nothing of it shows", change.what)
		}
		if want := answers(forgetful); want != after {
			t.Errorf("%s: remembered\n%s\ninstead of\n%s", change.what, after, want)
		}
		before = after
	}
}

// A memory of next to nothing forgets, and answers the same.
func TestMemoryForgets(t *testing.T) {
	t.Parallel()
	url := testkit.Database(t)
	s := testkit.WithCast(t, testkit.StoreAt(t, store.Config{URL: url, Memory: -1}))
	small := testkit.StoreAt(t, store.Config{URL: url, Memory: 4000})
	populate(t, s, 40, 7)
	for _, limit := range []string{"50", "3", "50", "7"} {
		question := query(t, claims.KindStatement, map[string]string{"limit": limit, "second_hand": "include"})
		want, err := s.List(t.Context(), question)
		if err != nil {
			t.Fatal(err)
		}
		got, err := small.List(t.Context(), question)
		if err != nil {
			t.Fatal(err)
		}
		if string(got.Records) != string(want.Records) || got.Next != want.Next {
			t.Errorf("limit %s: %s\ninstead of %s", limit, got.Records, want.Records)
		}
		if kept := small.Remembered(); kept == 0 || kept > 8000 {
			t.Errorf("it keeps %d bytes", kept)
		}
	}
}
