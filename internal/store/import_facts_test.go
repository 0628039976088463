package store_test

import (
	"testing"

	"onrecord/internal/claims"
	"onrecord/internal/testkit"
)

// Facts follow the records whatever field of them an update changes. What they
// are when computed anew, the audit at the end compares.
func TestFactsFollowUpdates(t *testing.T) {
	t.Parallel()
	report := `"reports":[{"article":{"key":"article:one"},"renderings":[{"part":"body","form":"paraphrase","text":"the dogs were running"}]}]`
	for _, tt := range []struct {
		name   string
		before []string
		after  string
		kind   claims.Kind
		ref    string
		change func(claims.Input)
	}{
		{"a rating goes to another source", []string{testkit.Statement("s:1", "1", report), `{"type":"rating","key":"x:1","source":{"key":"outlet:one"},"reliability":"B","rated_on":"2026-01-01","rated_by":"x","reason":"y"}`},
			`{"type":"rating","key":"x:1","source":{"key":"outlet:two"},"reliability":"B","rated_on":"2026-01-01","rated_by":"x","reason":"y"}`,
			claims.KindRating, "key:x:1", func(in claims.Input) { in.(*claims.RatingInput).Source = claims.RefKey("outlet:two") }},
		{"an article is in another language", []string{testkit.Statement("s:1", "1", report)},
			`{"type":"article","key":"article:one","source":{"key":"outlet:one"},"title":"One","published_on":"2026-02-18","language":"de"}`,
			claims.KindArticle, "key:article:one", func(in claims.Input) { in.(*claims.ArticleInput).Language = "de" }},
		{"the accused is of another country", []string{`{"type":"claim","key":"c:1","text":"c","sort":"fact","about":[{"role":"accused","speaker":{"key":"gov:PK"}}]}`,
			testkit.Statement("s:1", "1", `"on_behalf_of":"PK"`, `"positions":[{"claim":{"key":"c:1"},"stance":"concedes"}]`)},
			`{"type":"speaker","key":"gov:PK","name":"Government of Pakistan","kind":"government","country":"AF"}`,
			claims.KindSpeaker, "key:gov:PK", func(in claims.Input) { in.(*claims.SpeakerInput).Country = claims.RefID("AF") }},
	} {
		for _, by := range []string{"an import", "a person"} {
			t.Run(tt.name+" by "+by, func(t *testing.T) {
				t.Parallel()
				s := testkit.WithCast(t, testkit.Store(t))
				mustImport(t, s, tt.before...)
				factsOf(t, s)
				if by == "an import" {
					mustImport(t, s, tt.after)
				} else {
					edit(t, s, tt.kind, tt.ref, tt.change)
				}
				factsOf(t, s)
			})
		}
	}
}
