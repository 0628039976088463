package store_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"

	"onrecord/internal/claims"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

// A world of one record of each kind with the word zaranj.
const zaranj = `
{"type":"country","code":"ZZ","name":"Zaranj Republic","official_name":"Republic of Zaranj","status":"former"}
{"type":"topic","slug":"zaranj","name":"Zaranj affairs"}
{"type":"source","key":"outlet:zaranj","name":"Zaranj Post","kind":"newspaper","domain":"post.example.org"}
{"type":"speaker","key":"person:zaranj","name":"Ülkü Çelik","kind":"person","aliases":[{"name":"Zaranj Bey","kind":"alternative"}]}
{"type":"office","key":"office:zaranj","title":"Governor of Zaranj","country":"AF"}
{"type":"article","key":"article:zaranj","source":{"key":"outlet:one"},"title":"Calm","section":"Zaranj","published_on":"2026-01-05","language":"en"}
{"type":"claim","key":"claim:zaranj","text":"Zaranj was shelled.","sort":"fact"}
{"type":"event","key":"event:zaranj","kind":"shelling","title":"Shelling","occurred":"2026-01-04","places":[{"name":"Zaranj","precision":"city"}]}
{"type":"statement","key":"s:zaranj","speaker":{"key":"person:asif"},"kind":"assertion","text":"Nothing happened","said_on":"2026-01-06","language":"en","reports":[{"article":{"key":"article:zaranj"},"renderings":[{"part":"body","form":"paraphrase","text":"Nothing happened in <b>Zaranj</b> & elsewhere"}]}]}
`

func search(t *testing.T, s *store.Store, query string) store.Hits {
	t.Helper()
	given, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	q, err := store.ParseSearch(given)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	found, err := s.Search(t.Context(), q)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return found
}

func kindsOf(hits []store.Hit) string {
	var kinds []string
	for _, h := range hits {
		kinds = append(kinds, string(h.Kind))
	}
	slices.Sort(kinds)
	return strings.Join(kinds, " ")
}

func TestASearchFindsAllKinds(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	inputs, err := claims.ReadStream([]byte(zaranj))
	if err != nil {
		t.Fatal(err)
	}
	testkit.Load(t, s, "world", inputs)
	all := search(t, s, "q=zaranj")
	if got := kindsOf(all.Hits); got != "article claim country event office source speaker statement topic" {
		t.Errorf("found are %s", got)
	}
	if len(all.Counts) != 9 {
		t.Errorf("%d kinds are counted", len(all.Counts))
	}
	for _, m := range all.Counts {
		if m.Count != 1 || m.More {
			t.Errorf("%s: %d, more %t", m.Kind, m.Count, m.More)
		}
	}
	for _, h := range all.Hits {
		if !strings.Contains(h.Snippet, "<mark>Zaranj</mark>") {
			t.Errorf("%s: nothing is marked in %q", h.Kind, h.Snippet)
		}
		if h.Kind == claims.KindStatement && h.Snippet != "Nothing happened in &lt;b&gt;<mark>Zaranj</mark>&lt;/b&gt; &amp; elsewhere" {
			t.Errorf("the snippet of the statement is %q", h.Snippet)
		}
	}
	for query, want := range map[string]string{
		"q=zaranj&kind=event,claim":         "claim event",
		"q=shelling+zaranj":                 "claim event", // in title and place; by form
		"q=zaranj&second_hand=only":         "article claim country event office source speaker topic",
		"q=zaranj&kind=statement&voice=any": "statement",
		"q=zaranj&dataset=other":            "",
		"q=zaranj+-post":                    "article claim country event office speaker statement topic",
		`q="governor+of+zaranj"`:            "office",
		"q=ulku+celik":                      "speaker",
		"q=ÜLKÜ":                            "speaker",
		"q=post&q=governor":                 "office source",
		"q=elsewhere":                       "statement",
		"q=absent":                          "",
		"q=the":                             "", // English knows it for no word
	} {
		if got := kindsOf(search(t, s, query).Hits); got != want {
			t.Errorf("%s finds %s, want %s", query, got, want)
		}
	}
	like := search(t, s, "q=zarranj").Hits
	for _, h := range like {
		if h.Match == "words" || !strings.Contains(h.Snippet, "Zaranj") || strings.Contains(h.Snippet, "<mark>") {
			t.Errorf("a name like the word is shown as %+v", h)
		}
	}
	if len(like) == 0 || kindsOf(search(t, s, "q=zarranj&kind=statement").Hits) != "" || kindsOf(search(t, s, `q="zarranj"`).Hits) != "" {
		t.Errorf("names like the word are %+v, and none is wanted of statements or where the word is quoted", like)
	}
	newest := search(t, s, "q=zaranj&sort=-date").Hits
	if newest[0].Kind != claims.KindStatement || newest[1].Kind != claims.KindArticle || newest[2].Kind != claims.KindEvent {
		t.Errorf("the latest are not first: %+v", newest)
	}
	for _, kind := range []claims.Kind{claims.KindEvent, claims.KindClaim, claims.KindSpeaker, claims.KindCountry, claims.KindSource, claims.KindTopic, claims.KindOffice, claims.KindArticle} {
		page, err := s.List(t.Context(), query(t, kind, map[string]string{"q": "zaranj"}))
		if err != nil || page.Count != 1 {
			t.Errorf("the list of %s: %d, %v", kind, page.Count, err)
		}
	}
}

// Documents follow their records: what is changed, deleted or taken back is
// found as it is now.
func TestDocumentsFollowTheirRecords(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	found := func(want string) {
		t.Helper()
		if got := kindsOf(search(t, s, "q=farah").Hits); got != want {
			t.Errorf("found are %q, want %q", got, want)
		}
	}
	event := testkit.Create(t, s, `{"type":"event","key":"event:x","kind":"attack","title":"Attack","places":[{"name":"Farah","precision":"city"}]}`)
	speaker := testkit.Create(t, s, `{"type":"speaker","key":"person:x","name":"Farah","kind":"person"}`)
	found("event speaker")
	if _, err := s.Update(t.Context(), testkit.By("editor"), claims.KindEvent, event.ID, 1, func(current []byte) (claims.Input, error) {
		in := new(claims.EventInput)
		err := claims.Decode(current, in)
		in.Places = nil
		return in, err
	}); err != nil {
		t.Fatal(err)
	}
	found("speaker")
	if _, err := s.Delete(t.Context(), testkit.By("editor"), claims.KindSpeaker, speaker.ID, 1); err != nil {
		t.Fatal(err)
	}
	found("")
}

// Every page of a search or of a list is part of one order, whichever plan finds
// it, and holds what a reader of all texts would choose.
func TestPagesOfSearchesAreTheWhole(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	r := rand.New(rand.NewPCG(3, 1))
	words := strings.Fields("alpha bravo charlie delta echo foxtrot golf hotel india juliett")
	texts := map[string]string{}
	var lines []string
	for i := range testkit.Scale(400, 4000) {
		var said []string
		for w, word := range words {
			if r.IntN(2<<w) == 0 {
				said = append(said, word)
			}
		}
		r.Shuffle(len(said), func(i, j int) { said[i], said[j] = said[j], said[i] })
		key, fields := fmt.Sprintf("s:%d", i), []string{`"language":"en"`}
		switch n := r.IntN(10); {
		case n < 7:
			fields = append(fields, fmt.Sprintf(`"said_on":"2026-%02d-%02d"`, 1+r.IntN(3), 1+r.IntN(28)))
		case n < 8:
			fields = append(fields, `"said_on":"202X"`)
		}
		if r.IntN(3) == 0 {
			fields = append(fields, `"on_behalf_of":"PK"`, `"targets":[{"country":"AF","role":"object"}]`)
		}
		texts[key] = strings.Join(said, " ") + " end"
		lines = append(lines, testkit.Statement(key, texts[key], fields...))
	}
	inputs, err := claims.ReadStream([]byte(strings.Join(lines, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	testkit.Load(t, s, "world", inputs)
	has := func(text, word string) bool { return slices.Contains(strings.Fields(text), word) }
	for q, holds := range map[string]func(string) bool{
		"alpha":              func(s string) bool { return has(s, "alpha") },
		"juliett":            func(s string) bool { return has(s, "juliett") },
		"alpha -bravo":       func(s string) bool { return has(s, "alpha") && !has(s, "bravo") },
		"-alpha":             func(s string) bool { return !has(s, "alpha") },
		"golf OR hotel":      func(s string) bool { return has(s, "golf") || has(s, "hotel") },
		`"bravo alpha"`:      func(s string) bool { return strings.Contains(s, "bravo alpha") },
		`alpha -"bravo end"`: func(s string) bool { return has(s, "alpha") && !strings.Contains(s, "bravo end") },
		"echo foxtrot":       func(s string) bool { return has(s, "echo") && has(s, "foxtrot") },
	} {
		for _, filter := range []map[string]string{{}, {"on_behalf_of": "PK"}, {"target_country": "AF"}, {"said_from": "2026-02", "said_to": "2026-03"}, {"sort": "said_on"}, {"kind": "threatening", "not_on_behalf_of": "PK"}} {
			filter["limit"] = "1000"
			all := foundKeys(t, s, filter)
			var want []string
			for _, key := range all {
				if holds(texts[key]) {
					want = append(want, key)
				}
			}
			filter["q"] = q
			for _, way := range []string{"", "index", "walk"} {
				var got []string
				filter["limit"] = fmt.Sprint(40 + r.IntN(200))
				given := query(t, claims.KindStatement, filter)
				for {
					page, err := s.List(t.Context(), given.By(way))
					if err != nil {
						t.Fatalf("%s %v: %v", q, filter, err)
					}
					got = append(got, keysIn(t, page.Records)...)
					if page.Next == "" {
						break
					}
					next := map[string]string{"cursor": page.Next}
					for name, value := range filter {
						next[name] = value
					}
					given = query(t, claims.KindStatement, next)
				}
				if !slices.Equal(got, want) {
					t.Errorf("%s %v by %q: %d records, want %d: %.200v, want %.200v", q, filter, way, len(got), len(want), got, want)
				}
			}
			delete(filter, "q")
		}
		pagesOfSearch(t, s, q)
	}
}

// pagesOfSearch compares a search page by page with the same at once.
func pagesOfSearch(t *testing.T, s *store.Store, q string) {
	t.Helper()
	for _, sort := range []string{"rank", "-date"} {
		base := url.Values{"q": {q}, "kind": {"statement"}, "sort": {sort}}
		base.Set("format", "ndjson")
		whole := search(t, s, base.Encode()).Hits
		base.Del("format")
		base.Set("limit", "37")
		var pages []store.Hit
		for n := 0; n <= len(whole); n++ {
			found := search(t, s, base.Encode())
			if pages = append(pages, found.Hits...); found.Next == "" {
				break
			}
			base.Set("cursor", found.Next)
		}
		if !slices.EqualFunc(pages, whole, func(a, b store.Hit) bool { return a.ID == b.ID && a.Score == b.Score }) {
			t.Errorf("%s by %s: pages of %d hits are not the whole of %d", q, sort, len(pages), len(whole))
		}
		if sort == "rank" && !slices.IsSortedFunc(whole, func(a, b store.Hit) int { return b.Score - a.Score }) {
			t.Errorf("%s: the best are not first", q)
		}
	}
}

func foundKeys(t *testing.T, s *store.Store, filter map[string]string) []string {
	t.Helper()
	var all []string
	given := query(t, claims.KindStatement, filter)
	if err := s.Each(t.Context(), given, func(page store.Page) error {
		all = append(all, keysIn(t, page.Records)...)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

func keysIn(t *testing.T, records []byte) []string {
	t.Helper()
	var list []struct{ Key string }
	if err := json.Unmarshal(records, &list); err != nil {
		t.Fatal(err)
	}
	out := make([]string, len(list))
	for i, r := range list {
		out[i] = r.Key
	}
	return out
}

// Whatever is typed is an answer, or refused.
func TestHostileSearches(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	testkit.Create(t, s, testkit.Statement("s:1", "Strike", `"language":"en"`))
	for _, q := range []string{
		"the of and", "\"", "\"\"", "-", "- - -", "OR", "OR OR -OR", ":*", "strike:*", "a & b | !c <-> d", "(((", "\\", "'", "''; DROP TABLE x", "%", "_", "<b>", "\u200c", "́", "🚀", "@", "@english", "!@",
		strings.Repeat("-", 20), strings.Repeat("- ", 20), strings.Repeat(`-""`, 20), strings.Repeat(`-"-`, 10), strings.Repeat("-!", 20), strings.Repeat("-OR ", 20), strings.Repeat("-a OR ", 20),
		strings.Repeat("a ", 999), strings.Repeat("\"a", 999), strings.Repeat("a-", 999), strings.Repeat("\U0001E900-", 100), strings.Repeat("a OR ", 399), strings.Repeat("ü", 999),
	} {
		for _, kind := range store.SearchedKinds() {
			if _, err := s.List(t.Context(), query(t, kind, map[string]string{"q": q})); err != nil {
				t.Errorf("%.20q in %s: %v", q, kind, err)
			}
		}
		search(t, s, url.Values{"q": {q}}.Encode())
	}
	for _, q := range []string{"", strings.Repeat("word ", 2000), "a\x00b", strings.Repeat("-", 50), strings.Repeat("-!", 50), strings.Repeat("-a ", 50)} {
		_, list := store.Parse(claims.KindStatement, map[string][]string{"q": {q}})
		_, all := store.ParseSearch(map[string][]string{"q": {q}})
		if store.CodeOf(list) != store.Invalid || store.CodeOf(all) != store.Invalid {
			t.Errorf("%.20q: %v, %v, want both invalid", q, list, all)
		}
	}
}

// A word that is too long for the database doesn't keep the others from being
// marked.
func TestSnippetsOfTextsWithVeryLongWords(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	for i, long := range []string{strings.Repeat("x", 2046), strings.Repeat("x", 2047), strings.Repeat("é", 3000), strings.Repeat("ж", 1024), "https://one.example/" + strings.Repeat("y", 3000), strings.Repeat("میں", 700), "closed-" + strings.Repeat("z", 2047)} {
		testkit.Create(t, s, testkit.Statement(fmt.Sprintf("s:%d", i), "The bórder "+long+" is not open", `"language":"en"`))
	}
	hits := search(t, s, "q=border+open&limit=100").Hits
	for _, h := range hits {
		if !strings.Contains(h.Snippet, "The <mark>bórder</mark> ") {
			t.Errorf("nothing is marked in %.80q", h.Snippet)
		}
	}
	if len(hits) != 7 {
		t.Errorf("%d hits", len(hits))
	}
}
