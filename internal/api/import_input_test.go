package api_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"onrecord/internal/testkit"
)

const arrayType, tableType = "Content-Type: application/json", "Content-Type: text/csv"

// What an attacker may send is refused to the line, with a status that the
// contract knows, and nothing is written.
func TestImportRefusesWhatAnAttackerSends(t *testing.T) {
	t.Parallel()
	c := serve(t)
	claim := func(key string) string {
		return fmt.Sprintf(`{"type":"claim","key":%q,"text":"c","sort":"fact"}`, key) + "\n"
	}
	link := func(key, from, to, relation string) string {
		return fmt.Sprintf(`{"type":"claim_link","key":%q,"from":{"key":%q},"to":{"key":%q},"relation":%q}`, key, from, to, relation) + "\n"
	}
	tenure := func(key, held string) string {
		return fmt.Sprintf(`{"type":"tenure","key":%q,"speaker":{"key":"person:asif"},"office":{"key":"of:1"},"held":%q}`, key, held) + "\n"
	}
	office := `{"type":"office","key":"of:1","title":"o"}` + "\n"
	claims3 := claim("c:1") + claim("c:2") + claim("c:3")
	upper := `{"type":"source","id":"0197A3C2-5B1E-7C55-9D3A-4F1F6F1F0A11","name":"B","kind":"online"}`
	before := string(c.get("/v1/export").body)
	for _, tt := range []struct{ name, body, media, says string }{
		{"deep nesting", `{"type":"topic","x":` + strings.Repeat("[", 1<<20), ndjson, `"depth"`},
		{"deep nesting in an array", strings.Repeat("[", 1<<20), arrayType, `is not JSON`},
		{"deep nesting in a cell", "type,slug,x\ntopic,a,\"" + strings.Repeat("[", 1<<20) + "\"\n", tableType, `"line":2`},
		{"a huge number", `{"type":"country","code":"ZZ","name":"Z","status":"state","latitude":1e400}`, ndjson, `"/latitude"`},
		{"a huge exponent", `{"type":"country","code":"ZZ","name":"Z","status":"state","latitude":1` + strings.Repeat("0", 100_000) + `}`, ndjson, `"/latitude"`},
		{"a number above the range of a figure", `{"type":"event","key":"e:1","kind":"other","title":"t","figures":[{"metric":"killed","as_given":"x","low":1e300,"given_by_article":{"key":"article:one"}}]}`, ndjson, `"range"`},
		{"a name twice", `{"type":"topic","slug":"a","name":"A","name":"B"}`, ndjson, `"duplicate_name"`},
		{"NUL in a name", `{"type":"topic","slug":"a","name":"A\u0000"}`, ndjson, `"/name"`},
		{"NUL in a text", testkit.Statement("s:1", "a") + "\n" + strings.Replace(testkit.Statement("s:2", "a"), `"text":"a"`, `"text":"a\u0000"`, 1), ndjson, `"nul"`},
		{"NUL as a byte", "{\"type\":\"topic\",\"slug\":\"a\",\"name\":\"\x00\"}", ndjson, `"line":1`},
		{"a lone surrogate", `{"type":"topic","slug":"a","name":"\ud800"}`, ndjson, `"line":1`},
		{"a swapped pair of surrogates", `{"type":"topic","slug":"a","name":"\udc00\ud800"}`, ndjson, `"line":1`},
		{"invalid UTF-8 in a cell", "type,slug,name\ntopic,a,\xff\n", tableType, `"/name"`},
		{"a text of only spaces", strings.Replace(testkit.Statement("s:1", "x"), `"x"`, `"\u2003 "`, 1), ndjson, `"blank"`},
		{"a name that reads backwards", `{"type":"topic","slug":"a","name":"A\u202eB"}`, ndjson, `"invisible"`},
		{"10,000 columns", "type,slug,name," + strings.Repeat("x", 3) + strings.Join(numbered(10_000), "") + "\ntopic,a,A,x" + strings.Repeat(",", 10_000) + "\n", tableType, `"unknown_field"`},
		{"a type in another case", `{"type":"TOPIC","slug":"a","name":"A"}`, ndjson, `"/type"`},
		{"a type of SQL", `{"type":"topic'; DROP TABLE topics; --","slug":"a"}`, ndjson, `"/type"`},
		{"a namespace in upper case", `{"type":"source","key":"Outlet:b","name":"B","kind":"online"}`, ndjson, `"/key"`},
		{"a key without a namespace", `{"type":"source","key":"b","name":"B","kind":"online"}`, ndjson, `"/key"`},
		{"a key that is not NFC", `{"type":"source","key":"a:e\u0301","name":"B","kind":"online"}`, ndjson, `"/key"`},
		{"a long key", `{"type":"source","key":"a:` + strings.Repeat("b", 200) + `","name":"B","kind":"online"}`, ndjson, `"/key"`},
		{"an id in upper case", upper, ndjson, `"/id"`},
		{"an id that is none", `{"type":"source","id":"1","name":"B","kind":"online"}`, ndjson, `"/id"`},
		{"an id for a topic", `{"type":"topic","id":"a","slug":"a","name":"A"}`, ndjson, `"/id"`},
		{"a reference in upper case", testkit.Statement("s:1", "a", `"occasion":"0197A3C2-5B1E-7C55-9D3A-4F1F6F1F0A11"`), ndjson, `"/occasion"`},
		{"a country by a key", testkit.Statement("s:1", "a", `"on_behalf_of":{"key":"country:PK"}`), ndjson, `"/on_behalf_of"`},
		{"fields of the server", testkit.Statement("s:1", "a", `"version":7`), ndjson, `"/version"`},
		{"a circle of claims", claims3 + link("l:1", "c:1", "c:2", "implies") + link("l:2", "c:2", "c:3", "implies") + link("l:3", "c:3", "c:1", "implies"), ndjson, `"cycle"`},
		{"a claim linked to itself", claims3 + link("l:1", "c:1", "c:1", "implies"), ndjson, `"self"`},
		{"a negation both ways", claims3 + link("l:1", "c:1", "c:2", "negates") + link("l:2", "c:2", "c:1", "negates"), ndjson, `the other way round`},
		{"the same link twice", claims3 + link("l:1", "c:1", "c:2", "implies") + link("l:2", "c:1", "c:2", "implies"), ndjson, `"line":5`},
		{"two in one office", office + tenure("te:1", "2020/2022") + tenure("te:2", "2021/2023"), ndjson, `"overlap"`},
		{"a withdrawal of another's position", claim("c:1") + testkit.Statement("s:1", "a", `"positions":[{"claim":{"key":"c:1"},"stance":"asserts"}]`) + "\n" +
			`{"type":"statement","key":"s:2","kind":"other","text":"t","speaker":{"key":"gov:AF"},"positions":[{"claim":{"key":"c:1"},"stance":"withdraws","withdraws":{"key":"s:1/c:1"}}]}`, ndjson, `"/positions/0/withdraws"`},
		{"a withdrawal of itself", claim("c:1") + testkit.Statement("s:1", "a", `"positions":[{"claim":{"key":"c:1"},"stance":"withdraws","withdraws":{"key":"s:1/c:1"}}]`), ndjson, `withdraws"`},
		{"statements within each other", testkit.Statement("s:1", "a", `"within":{"key":"s:2"}`) + "\n" + testkit.Statement("s:2", "b", `"within":{"key":"s:1"}`), ndjson, `"cycle"`},
		{"wording from an article without report", testkit.Statement("s:1", "a", `"text_from":{"key":"article:one"}`), ndjson, `"not_reported"`},
		{"events part of each other", `{"type":"event","key":"e:1","kind":"other","title":"t","part_of":{"key":"e:2"}}` + "\n" + `{"type":"event","key":"e:2","kind":"other","title":"t","part_of":{"key":"e:1"}}`, ndjson, `"cycle"`},
		{"201 reports", testkit.Statement("s:1", "a", `"reports":[`+strings.TrimSuffix(strings.Repeat(`{"article":{"key":"article:one"}},`, 201), ",")+`]`), ndjson, `"too_many"`},
		{"a report twice within", testkit.Statement("s:1", "a", `"reports":[{"article":{"key":"article:one"}},{"article":{"key":"article:one"}}]`), ndjson, `"duplicate"`},
		{"a nested report of another statement", testkit.Statement("s:1", "a", `"reports":[{"statement":{"key":"s:2"},"article":{"key":"article:one"}}]`), ndjson, `"nested"`},
		{"a day that is none", testkit.Statement("s:1", "a", `"said_on":"2026-02-30"`), ndjson, `"edtf"`},
		{"a year beyond all years", testkit.Statement("s:1", "a", `"said_on":"Y170000002"`), ndjson, `"/said_on"`},
		{"a time beyond all times", `{"type":"article","key":"a:b","source":{"key":"outlet:one"},"title":"t","published_at":"9999-12-31T23:59:59-23:59"}`, ndjson, `"/published_at"`},
	} {
		answer := c.post("/v1/imports", tt.body, tt.media)
		if answer.StatusCode != 422 || !strings.Contains(string(answer.body), tt.says) {
			t.Errorf("%s: %d, want 422 that says %s: %.600s", tt.name, answer.StatusCode, tt.says, answer.body)
		}
		if diff := cmp.Diff(before, string(c.get("/v1/export").body)); diff != "" {
			t.Errorf("%s: something was written:\n%s", tt.name, diff)
		}
	}
}

func numbered(n int) (list []string) {
	for i := range n {
		list = append(list, fmt.Sprintf(",c%d", i))
	}
	return list
}

// What is unusual and right is stored as it is.
func TestImportTakesWhatIsUnusual(t *testing.T) {
	t.Parallel()
	c := serve(t)
	for name, tt := range map[string]struct{ body, media, says string }{
		"a header only":                 {"type,slug,name\n", tableType, `"received":0`},
		"no line":                       {"\n\n", ndjson, `"received":0`},
		"an empty array":                {"[]", arrayType, `"received":0`},
		"escapes":                       {`{"type":"topic","slug":"esc","name":"\u0041\ud83d\ude42"}`, ndjson, `"inserted":1`},
		"Dari with joiners":             {`{"type":"topic","slug":"dari","name":"می\u200cخواهم"}`, ndjson, `"inserted":1`},
		"a reference by the other form": {testkit.Statement("u:1", "a", `"topics":["security"]`, `"within":null`), ndjson, `"inserted":1`},
		"the same line twice":           {testkit.Statement("u:2", "a") + "\n" + testkit.Statement("u:2", "a"), ndjson, `"unchanged":1`},
		"whole numbers as fractions":    {`{"type":"event","key":"u:3","kind":"other","title":"t","places":[{"name":"x","latitude":-0.0,"longitude":1.0e1,"precision":"exact"}]}`, ndjson, `"inserted":1`},
	} {
		answer := c.want(c.post("/v1/imports", tt.body, tt.media), 201)
		if !strings.Contains(string(answer.body), tt.says) {
			t.Errorf("%s: does not say %s: %s", name, tt.says, answer.body)
		}
	}
}
