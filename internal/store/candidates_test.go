package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"onrecord/internal/claims"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

// meant is what the name means, the first candidates as "kind id why", "≡"
// before them where several stand equally.
func meant(t *testing.T, s *store.Store, name string, options ...string) (list []store.Candidate, text string) {
	t.Helper()
	q := store.Question{Name: name}
	for _, o := range options {
		if kind := claims.Kind(o); claims.New(kind) != nil {
			q.Kinds = append(q.Kinds, kind)
			continue
		}
		day := testkit.Date(o).Range()
		q.On = &day
	}
	got, _, err := s.Candidates(t.Context(), store.Naming{Datasets: []string{"own"}, Limit: 10}, []store.Question{q})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	var words []string
	if got[0].Ambiguous {
		words = append(words, "≡")
	}
	for _, c := range got[0].Candidates {
		id := c.ID
		if c.Key != nil {
			id = *c.Key
		}
		word := fmt.Sprintf("%s %s", id, c.Why)
		if c.InUse != nil && !*c.InUse {
			word += " then"
		}
		words = append(words, word)
	}
	return got[0].Candidates, strings.Join(words, ", ")
}

// The names that the model's page calls hard, on what ships.
func TestHardNames(t *testing.T) {
	t.Parallel()
	s := sampled(t)
	for _, tt := range []struct{ name, options, want string }{
		{"Kabul", "", "gov:AF metonym"}, // and the country only by its name
		{"Kabul", "country", ""},
		{"New Delhi", "", "gov:IN metonym"},
		{"Delhi", "", "gov:IN metonym"},
		{"Tel Aviv", "", "gov:IL metonym"},
		{"Astana", "2026", "gov:KZ metonym, gov:SG similar"}, // Istana
		{"Astana", "2020", "gov:KZ metonym then, gov:SG similar"},
		{"Nur-Sultan", "2020", "gov:KZ metonym"},
		{"Moscow", "", "≡, gov:RU metonym, gov:SUHH metonym"},
		{"Moscow", "2026-02-18", "gov:RU metonym, gov:SUHH metonym then"},
		{"Afghanistan", "country", "AF exact"},
		{"افغانستان", "", "AF alias"},
		{"پاكستان", "", "PK alias"}, // with an Arabic kaf
		{"Taliban administration", "2026-02-18", "gov:AF alias"},
		{"Taliban administration", "2019", "gov:AF alias then"},
		{"Taliban", "", "body:taliban-movement exact, gov:AF similar, body:ttp similar"},
		{"the Taliban movement", "speaker", "body:taliban-movement alias"},
		{"Islamic Emirate", "speaker", "gov:AF alias"},
		{"the establishment", "", "collective:pakistan-establishment alias"},
		{"Tehrik-i-Taliban Pakistan", "", "body:ttp exact"},
		{"Tehreek e Taliban Pakistan", "", "body:ttp transliteration"},
		{"Tahreek-i-Taleban Pakistan", "", "body:ttp transliteration"}, // on record in no such form
		{"TTP", "", "body:ttp acronym"},
		{"T.T.P.", "", "body:ttp acronym"},
		{"ttp", "", "body:ttp acronym"},
		{"Daesh", "", "body:islamic-state acronym"},
		{"Da'esh", "", "body:islamic-state acronym"},
		{"ISIS", "speaker", "body:islamic-state acronym"},
		{"KHAWAJA ASIF", "", "person:khawaja-asif exact"},
		{"Khwaja Asif", "", "person:khawaja-asif similar"},
		{"Khawaja Mohammed Asif", "", "person:khawaja-asif transliteration"},
		{"Asif", "", "person:khawaja-asif similar"},
		{"Congo", "country", "≡, CD alias, CG alias"},
		{"Cote d’Ivoire", "country", "CI exact"},
		{"U.S.", "", "US acronym"},
		{"Pakitsan", "", "PK similar"},
		{"Soviet Union", "2026 country", "SUHH exact then"},
		{"Defence Minister", "office", "office:pk-defence-minister exact"},
		{"???", "", ""},
		{"Nobody of that name", "", ""},
	} {
		_, got := meant(t, s, tt.name, strings.Fields(tt.options)...)
		if got != tt.want {
			t.Errorf("%s %s: %s, want %s", tt.name, tt.options, got, tt.want)
		}
	}
}

// A name is found by its record's latest wording, in whichever way this was
// written, and by nothing that has gone.
func TestNamesFollowTheirRecords(t *testing.T) {
	t.Parallel()
	s := testkit.Store(t)
	means := func(name, want string) {
		t.Helper()
		if _, got := meant(t, s, name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	testkit.Create(t, s, `{"type":"country","code":"AF","name":"Afghanistan","status":"state","aliases":[{"name":"Kabul","kind":"metonym"}]}`)
	means("Kabul", "") // the government is on no record
	testkit.Create(t, s, `{"type":"speaker","key":"gov:AF","name":"Afghan side","kind":"government","country":"AF"}`)
	means("Kabul", "gov:AF metonym")
	mustImport(t, s, `{"type":"speaker","key":"person:one","name":"Zabihullah Mujahid","kind":"person"}`)
	mustImport(t, s, `{"type":"speaker","key":"person:one","name":"Zabihullah Mujahid","kind":"person","aliases":[{"name":"The Spokesman"}]}`,
		`{"type":"source","key":"outlet:f24","name":"France 24","kind":"broadcaster","domain":"france24.com"}`,
		`{"type":"office","key":"office:x","title":"Chief of Protocol"}`, `{"type":"topic","slug":"water","name":"Water sharing"}`)
	means("spokesman", "person:one alias")
	means("france24", "outlet:f24 exact")
	means("www france24.com", "")
	means("France24.com", "outlet:f24 alias")
	means("Chief of protocol", "office:x exact")
	means("water-sharing", "water exact")
	report := mustImport(t, s, `{"type":"speaker","key":"person:one","name":"Somebody Else","kind":"person"}`, `{"type":"topic","slug":"grain","name":"Grain exports"}`)
	means("Zabihullah Mujahid", "")
	means("Somebody Else", "person:one exact")
	means("Grain exports", "grain exact")
	if _, err := s.Revert(t.Context(), testkit.By("tester"), report.ID); err != nil {
		t.Fatal(err)
	}
	means("Somebody Else", "")
	means("Grain exports", "")
	means("Spokesman", "person:one alias")
	if _, err := s.Delete(t.Context(), testkit.By("tester"), claims.KindSpeaker, "key:gov:AF", 1); err != nil {
		t.Fatal(err)
	}
	means("Kabul", "")
	means("Afghan side", "")
}

// Names of another data set are found where it is asked for.
func TestNamesKeepToTheirDataset(t *testing.T) {
	t.Parallel()
	s := testkit.Store(t)
	testkit.Create(t, s, `{"type":"topic","slug":"water","name":"Water sharing","dataset":"other"}`)
	for _, tt := range []struct {
		datasets []string
		want     int
	}{{[]string{"own"}, 0}, {[]string{"other"}, 1}, {nil, 1}, {[]string{"own", "other"}, 1}} {
		got, seq, err := s.Candidates(t.Context(), store.Naming{Datasets: tt.datasets, Limit: 5}, []store.Question{{Name: "Water sharing"}})
		if err != nil || len(got[0].Candidates) != tt.want || seq != 1 {
			t.Errorf("%v: %+v at %d, %v", tt.datasets, got, seq, err)
		}
	}
}

// What was spelt by other rules is spelt anew, once.
func TestRespell(t *testing.T) {
	t.Parallel()
	url := testkit.Database(t)
	s := testkit.StoreAt(t, store.Config{URL: url})
	testkit.Create(t, s, `{"type":"topic","slug":"water","name":"Water sharing"}`)
	conn := connect(t, url)
	if _, err := conn.Exec(t.Context(), `UPDATE spellings SET ways = '{}', folded = ''`); err != nil {
		t.Fatal(err)
	}
	if _, got := meant(t, s, "Water sharing"); got != "" {
		t.Fatalf("%s is found without a way to it", got)
	}
	for range 2 {
		if err := s.Respell(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if _, got := meant(t, s, "Water sharing"); got != "water exact" {
		t.Error(got)
	}
	if got := lines(t, conn, `SELECT rules::text FROM spelling_rules`); got[0] != fmt.Sprint(claims.SpellingRules) {
		t.Error(got)
	}
}

// A name is found first by itself, and among the first with one slip of the
// pen in it, from six letters on: however many names there are like it.
func TestANameWithASlipIsFound(t *testing.T) {
	t.Parallel()
	s := testkit.Store(t)
	random := rand.New(rand.NewPCG(1, 2)) // a fixed list: what is asked of it is not
	parts := strings.Fields("ka mo ham ra sul ti bek na zir shah far hu sei ni ab dul gha kha wa ja sif ma li ibr him yu suf é ön šč по ров خان")
	word := func() (w string) {
		for range 2 + random.IntN(2) {
			w += parts[random.IntN(len(parts))]
		}
		return w
	}
	var names, lines []string
	for i := range 400 {
		name := word()
		for range i % 5 {
			name += " " + word()
		}
		names = append(names, name)
		lines = append(lines, fmt.Sprintf(`{"type":"speaker","key":"person:%d","name":%q,"kind":"person"}`, i, norm.NFC.String(name)))
	}
	mustImport(t, s, lines...)
	rapid.Check(t, func(rt *rapid.T) {
		i := rapid.IntRange(0, len(names)-1).Draw(rt, "name")
		letters := []rune(names[i])
		if len([]rune(claims.Spell(names[i]).Solid)) < 6 {
			return
		}
		at := rapid.IntRange(0, len(letters)-2).Draw(rt, "at")
		switch rapid.IntRange(0, 3).Draw(rt, "slip") {
		case 0:
			letters = slices.Delete(letters, at, at+1)
		case 1:
			letters = slices.Insert(letters, at, 'x')
		case 2:
			letters[at] = 'q'
		default:
			letters[at], letters[at+1] = letters[at+1], letters[at]
		}
		got, _, err := s.Candidates(context.Background(), store.Naming{Limit: 10}, []store.Question{{Name: names[i]}, {Name: string(letters)}, {Name: strings.ToUpper(names[i])}})
		if err != nil {
			rt.Fatal(err)
		}
		id := claims.ID(fmt.Sprintf("person:%d", i))
		for k, m := range got {
			at := slices.IndexFunc(m.Candidates, func(c store.Candidate) bool { return c.ID == id })
			switch {
			case at < 0:
				rt.Fatalf("%q is not found by %q: %+v", names[i], []string{names[i], string(letters), strings.ToUpper(names[i])}[k], m.Candidates)
			case k != 1 && (m.Candidates[at].Score != 1 || m.Candidates[at].Why != "exact" || m.Candidates[0].Score != 1):
				rt.Fatalf("%q by itself: %+v", names[i], m.Candidates)
			}
			for j := range m.Candidates {
				if c := m.Candidates[j]; c.Score <= 0 || c.Score > 1 || j > 0 && c.Score > m.Candidates[j-1].Score {
					rt.Fatalf("%+v", m.Candidates)
				}
			}
		}
	})
}
