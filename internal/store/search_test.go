package store_test

import (
	"encoding/json"
	"sort"
	"strings"
	"testing"

	"onrecord/internal/claims"
	"onrecord/internal/testkit"
)

// q finds words in whatever form their language gives them, in the statement
// and in its renderings.
func TestSearch(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	for _, line := range []string{
		testkit.Statement("en:1", "Pakistan threatened airstrikes on camps", `"language":"en"`),
		testkit.Statement("en:2", "Talks will continue; no strike is planned", `"language":"en"`, `"reports":[{"article":{"key":"article:one"},"renderings":[{"part":"body","form":"paraphrase","text":"Negotiations go on in Doha"}]}]`),
		testkit.Statement("fr:1", "Les frappes continueront", `"language":"fr"`),
		testkit.Statement("de:1", "Die Gespräche gehen weiter", `"language":"de-AT"`),
		testkit.Statement("ps:1", "خبرې روانې دي", `"language":"ps"`),
		testkit.Statement("no:1", "Strike, nobody says in which language"),
	} {
		testkit.Create(t, s, line)
	}
	for q, want := range map[string]string{
		"airstrike":              "en:1",
		"AIRSTRIKES camp":        "en:1",
		"strikes":                "en:2",
		"strike":                 "en:2 no:1",
		"strike -talks":          "no:1",
		"negotiation":            "en:2",
		`"will continue"`:        "en:2",
		`"planned strike"`:       "",
		"airstrikes OR talks":    "en:1 en:2",
		"airstrikes, camps":      "en:1",
		"\"planned, strike\"":    "",
		"frappe":                 "fr:1",
		"Gespräch":               "de:1",
		"روانې":                  "ps:1",
		"absent":                 "",
		`a "quote left open -`:   "",
		"talks & ( ! : * <-> \\": "en:2",
	} {
		page, err := s.List(t.Context(), query(t, claims.KindStatement, map[string]string{"q": q}))
		if err != nil {
			t.Errorf("%s: %v", q, err)
			continue
		}
		var list []struct{ Key string }
		if err := json.Unmarshal(page.Records, &list); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range list {
			got = append(got, r.Key)
		}
		sort.Strings(got)
		if strings.Join(got, " ") != want {
			t.Errorf("%s finds %v, want %s", q, got, want)
		}
	}
	rest, err := s.List(t.Context(), query(t, claims.KindStatement, map[string]string{"not_q": "talks"}))
	if err != nil || rest.Count != 5 {
		t.Errorf("not_q: %d, %v", rest.Count, err)
	}
}
