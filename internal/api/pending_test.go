package api_test

import (
	"testing"

	"onrecord/internal/testkit"
)

// While derived values wait to be computed, records that show some say so, and so
// do rows to choose from that hang on some; others don't mention it. Where the
// waiting ends without a change, what the client has still holds, and the answer
// tells that nothing waits any more.
func TestRecordsSayThatDerivedValuesWait(t *testing.T) {
	t.Parallel()
	c := serve(t)
	for _, line := range []string{
		`{"type":"claim","key":"c:1","text":"c","sort":"fact"}`,
		testkit.Statement("s:1", "We will act", `"reports":[{"article":{"key":"article:one"}}]`, `"positions":[{"claim":{"key":"c:1"},"stance":"asserts"}]`),
	} {
		testkit.Create(t, c.store, line)
	}
	telling := []string{
		"/v1/statements/key:s:1", "/v1/statements/key:s:1?fields=text,publishers_low", "/v1/claims/key:c:1", "/v1/articles/key:article:one?include=reports.statement", "/v1/claims/key:c:1?fields=text&include=positions.statement",
		"/v1/lookups/statements?min_publishers=1", "/v1/lookups/statements?not_medium=interview", "/v1/lookups/claims?contested=false", "/v1/lookups/statements?q=act",
	}
	silent := []string{
		"/v1/statements/key:s:1?fields=text,speaker_name", "/v1/articles/key:article:one", "/v1/claims/key:c:1?fields=text", "/v1/claims/key:c:1?fields=text,positions.statement.text", "/v1/articles/key:article:one?include=source",
		"/v1/lookups/statements?kind=threat", "/v1/lookups/speakers?q=asif", "/v1/lookups/statement-kinds",
	}
	tags := map[string]string{}
	hold := func(when, pending string) {
		t.Helper()
		for range 3 { // the third from memory, where answers are kept
			for _, path := range telling {
				a := c.want(c.get(path), 200)
				if got := a.Header.Get("X-Derived-Pending"); got != pending {
					t.Errorf("%s, %s: %q, want %s", when, path, got, pending)
				}
				tags[path] = a.Header.Get("ETag")
			}
			for _, path := range silent {
				if got := c.want(c.get(path), 200).Header.Values("X-Derived-Pending"); len(got) > 0 {
					t.Errorf("%s, %s: %q, though nothing of it is derived", when, path, got)
				}
			}
		}
	}
	hold("at first", "false")
	c.want(c.do("PATCH", "/v1/sources/key:outlet:one", `{"name":"The One"}`, `If-Match: "1"`), 200)
	hold("after a wide change", "true")
	waiting := map[string]string{}
	for _, path := range telling {
		waiting[path] = tags[path]
	}
	past := "/v1/statements/key:s:1?as_of=seq:" + c.want(c.get("/v1/statements/key:s:1"), 200).Header.Get("X-Seq")
	if got := c.want(c.get(past), 200).Header.Get("X-Derived-Pending"); got != "false" {
		t.Errorf("%s: %q: what is derived isn't shown of the past", past, got)
	}
	if _, err := c.store.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, path := range telling {
		a := c.want(c.get(path, "If-None-Match: "+waiting[path]), 304)
		if got := a.Header.Get("X-Derived-Pending"); got != "false" {
			t.Errorf("%s: unchanged, and %q", path, got)
		}
	}
	hold("afterwards", "false")
}
