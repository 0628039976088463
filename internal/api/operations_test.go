package api_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"onrecord/internal/api"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

// Router and document list the same operations.
func TestRoutesAreTheContract(t *testing.T) {
	t.Parallel()
	var routes []string
	for _, r := range api.Routes() {
		patterns := []string{r.Pattern}
		if r.Pattern == "/docs/*" { // the page and its assets
			patterns = []string{"/docs/", "/docs/{asset}"}
		}
		for _, pattern := range patterns {
			routes = append(routes, r.Method+" "+pattern)
			if r.Method == http.MethodGet {
				routes = append(routes, "HEAD "+pattern)
			}
		}
	}
	documented := contract.Routes()
	for _, route := range routes {
		if !slices.Contains(documented, route) {
			t.Errorf("%s is answered and not documented", route)
		}
	}
	for _, route := range documented {
		if !slices.Contains(routes, route) {
			t.Errorf("%s is documented and not answered", route)
		}
	}
}

// bodies are a record of each collection and what it takes to go wrong.
var bodies = []struct {
	path, kind string
	create     string // with a name of its own for each %d
	replace    string // valid for what create made
	patch      string
	invalid    string // for POST
	exists     string // for POST: something there already
	inUse      string // an item that others depend on; "" where none can be
	conflict   string // "item patch" that closes a cycle, is taken or overlaps; "" where none can be
	whole      string // the same to PUT
	include    string // all that can be embedded
}{
	{
		path: "/v1/statements", kind: "Statement", create: `{"key":"s:%d","speaker":{"key":"person:asif"},"kind":"threat","text":"a"}`,
		replace: `{"speaker":{"key":"person:asif"},"kind":"denial","text":"b"}`, patch: `{"text":"c"}`, invalid: `{"text":"a"}`,
		exists: `{"key":"s:used","speaker":{"key":"person:asif"},"kind":"threat","text":"a"}`, inUse: "key:s:used",
		conflict: `key:s:used {"within":{"key":"s:within"}}`, whole: `{"speaker":{"key":"person:asif"},"kind":"threat","text":"a","within":{"key":"s:within"}}`,
		include: "speaker,on_behalf_of,text_from,within,occasion,reports.article,positions.claim,links.to",
	},
	{
		path: "/v1/reports", kind: "Report", create: `{"key":"r:%d","statement":{"key":"s:used"},"article":{"key":"article:free%d"}}`,
		replace: `{"match":"explicit"}`, patch: `{"match_note":"c"}`, invalid: `{"match":"guess"}`,
		exists: `{"key":"r:used","statement":{"key":"s:used"},"article":{"key":"article:one"}}`, inUse: "key:s:full%2Farticle:one", include: "statement,article",
	},
	{
		path: "/v1/articles", kind: "Article", create: `{"key":"a:%d","source":{"key":"outlet:one"},"title":"a"}`,
		replace: `{"source":{"key":"outlet:one"},"title":"b"}`, patch: `{"title":"c"}`, invalid: `{"title":"a"}`,
		exists: `{"key":"article:one","source":{"key":"outlet:one"},"title":"a"}`, inUse: "key:article:one",
		conflict: `key:article:one {"seen_via":{"key":"article:via"}}`, whole: `{"source":{"key":"outlet:one"},"title":"One","seen_via":{"key":"article:via"}}`,
		include: "source,syndicated_from,seen_via,reports",
	},
	{
		path: "/v1/sources", kind: "Source", create: `{"key":"o:%d","name":"a","kind":"other"}`,
		replace: `{"name":"b","kind":"other"}`, patch: `{"name":"c"}`, invalid: `{"name":"a"}`,
		exists: `{"key":"outlet:one","name":"a","kind":"other"}`, inUse: "key:outlet:one",
		conflict: `key:outlet:one {"owner":{"key":"outlet:two"}}`, whole: `{"name":"One","kind":"newspaper","owner":{"key":"outlet:two"}}`,
		include: "country,owner",
	},
	{
		path: "/v1/speakers", kind: "Speaker", create: `{"key":"p:%d","name":"a","kind":"ngo"}`,
		replace: `{"name":"b","kind":"ngo"}`, patch: `{"name":"c"}`, invalid: `{"name":"a"}`,
		exists: `{"key":"person:asif","name":"a","kind":"person"}`, inUse: "key:person:asif",
		conflict: `key:body:whole {"part_of":{"key":"body:part"}}`, whole: `{"name":"a","kind":"ngo","part_of":{"key":"body:part"}}`,
		include: "nationality,country,part_of,source",
	},
	{
		path: "/v1/countries", kind: "Country", create: `{"code":"X%c","name":"a","status":"state"}`,
		replace: `{"name":"b","status":"state"}`, patch: `{"name":"c"}`, invalid: `{"code":"XX"}`,
		exists: `{"code":"PK","name":"a","status":"state"}`, inUse: "PK",
	},
	{
		path: "/v1/topics", kind: "Topic", create: `{"slug":"t%d","name":"a"}`,
		replace: `{"name":"b"}`, patch: `{"name":"c"}`, invalid: `{"slug":"a"}`,
		exists: `{"slug":"security","name":"a"}`, inUse: "security",
		conflict: `security {"parent":"air-strikes"}`, whole: `{"name":"Security","parent":"air-strikes"}`, include: "parent",
	},
	{
		path: "/v1/claims", kind: "Claim", create: `{"key":"c:%d","text":"a","sort":"fact"}`,
		replace: `{"text":"b","sort":"value"}`, patch: `{"text":"c"}`, invalid: `{"text":"a","sort":"rumour"}`,
		exists: `{"key":"claim:a","text":"a","sort":"fact"}`, inUse: "key:claim:a", include: "positions.statement,assessments",
	},
	{
		path: "/v1/positions", kind: "Position", create: `{"key":"po:%d","statement":{"key":"s:used"},"claim":{"key":"claim:free%d"},"stance":"asserts"}`,
		replace: `{"stance":"denies"}`, patch: `{"stance":"questions"}`, invalid: `{"statement":{"key":"s:used"},"claim":{"key":"claim:b"},"stance":"withdraws"}`,
		exists: `{"statement":{"key":"s:used"},"claim":{"key":"claim:a"},"stance":"denies"}`, inUse: "key:position:used", include: "statement.speaker,claim",
	},
	{
		path: "/v1/claim-links", kind: "ClaimLink", create: `{"key":"cl:%d","from":{"key":"claim:a"},"to":{"key":"claim:free%d"},"relation":"narrows"}`,
		replace: `{"from":{"key":"claim:b"},"to":{"key":"claim:value"},"relation":"negates"}`, patch: `{"relation":"implies"}`, invalid: `{"from":{"key":"claim:a"},"to":{"key":"claim:a"},"relation":"implies"}`,
		exists:   `{"from":{"key":"claim:a"},"to":{"key":"claim:b"},"relation":"implies"}`,
		conflict: `key:claim-link:bc {"to":{"key":"claim:a"}}`, whole: `{"from":{"key":"claim:b"},"to":{"key":"claim:a"},"relation":"implies"}`, include: "from,to",
	},
	{
		path: "/v1/links", kind: "Link", create: `{"key":"l:%d","statement":{"key":"s:free%d"},"to":{"key":"s:used"},"relation":"repeats"}`,
		replace: `{"to":{"key":"s:used"},"relation":"quotes"}`, patch: `{"relation":"clarifies"}`, invalid: `{"statement":{"key":"s:used"},"to":{"key":"s:used"},"relation":"repeats"}`,
		exists:   `{"statement":{"key":"s:within"},"to":{"key":"s:used"},"relation":"repeats"}`,
		conflict: `key:link:other {"relation":"repeats"}`, whole: `{"to":{"key":"s:used"},"relation":"repeats"}`, include: "statement,to.speaker",
	},
	{
		path: "/v1/events", kind: "Event", create: `{"key":"e:%d","kind":"attack","title":"a"}`,
		replace: `{"kind":"bombing","title":"b"}`, patch: `{"title":"c"}`, invalid: `{"kind":"attack","title":"a","figures":[{"metric":"killed","as_given":"36"}]}`,
		exists: `{"key":"event:whole","kind":"attack","title":"a"}`, inUse: "key:event:whole",
		conflict: `key:event:whole {"part_of":{"key":"event:part"}}`, whole: `{"kind":"attack","title":"a","part_of":{"key":"event:part"}}`,
		include: "country,part_of,mentions.article,statements.speaker",
	},
	{
		path: "/v1/event-links", kind: "EventLink", create: `{"key":"el:%d","from":{"key":"event:part"},"to":{"key":"event:whole"},"relation":"follows","given_by_article":{"key":"article:one"}}`,
		replace: `{"from":{"key":"event:part"},"to":{"key":"event:whole"},"relation":"prompted_by","given_by_statement":{"key":"s:used"}}`, patch: `{"relation":"retaliates_for"}`,
		invalid: `{"from":{"key":"event:part"},"to":{"key":"event:whole"},"relation":"follows"}`,
		exists:  `{"key":"event-link:used","from":{"key":"event:part"},"to":{"key":"event:whole"},"relation":"follows","given_by_article":{"key":"article:one"}}`, include: "from,to",
	},
	{
		path: "/v1/mentions", kind: "Mention", create: `{"key":"m:%d","article":{"key":"article:one"},"event":{"key":"event:whole"},"role":"background"}`,
		replace: `{"article":{"key":"article:two"},"event":{"key":"event:part"},"role":"subject"}`, patch: `{"statement":{"key":"s:used"}}`, invalid: `{"article":{"key":"article:one"},"role":"subject"}`,
		exists: `{"key":"mention:used","article":{"key":"article:one"},"event":{"key":"event:whole"},"role":"background"}`, include: "article,event,statement",
	},
	{
		path: "/v1/offices", kind: "Office", create: `{"key":"of:%d","title":"a"}`,
		replace: `{"title":"b"}`, patch: `{"title":"c"}`, invalid: `{"country":"PK"}`,
		exists: `{"key":"office:used","title":"a"}`, inUse: "key:office:used", include: "country,body,tenures.speaker",
	},
	{
		path: "/v1/tenures", kind: "Tenure", create: `{"key":"te:%d","speaker":{"key":"person:asif"},"office":{"key":"office:used"},"capacity":"acting","held":"2024/.."}`,
		replace: `{"speaker":{"key":"person:asif"},"office":{"key":"office:used"},"observed_on":[{"on":"2024-05","article":{"key":"article:one"}}]}`, patch: `{"capacity":"disputed"}`,
		invalid:  `{"speaker":{"key":"person:asif"},"office":{"key":"office:used"},"held":"2024"}`,
		exists:   `{"speaker":{"key":"person:mujahid"},"office":{"key":"office:used"},"held":"2024-01/2024-06"}`,
		conflict: `key:tenure:second {"held":"2024-12-01/.."}`, whole: `{"speaker":{"key":"person:mujahid"},"office":{"key":"office:used"},"held":"2024-12-01/.."}`, include: "speaker,office",
	},
	{
		path: "/v1/ratings", kind: "Rating", create: `{"key":"ra:%d","source":{"key":"outlet:one"},"reliability":"B","rated_on":"2026-01","rated_by":"a","reason":"a"}`,
		replace: `{"source":{"key":"outlet:two"},"reliability":"F","rated_on":"2026","rated_by":"b","reason":"b"}`, patch: `{"reason":"c"}`, invalid: `{"source":{"key":"outlet:one"},"reliability":"G"}`,
		exists: `{"key":"rating:used","source":{"key":"outlet:one"},"reliability":"B","rated_on":"2026","rated_by":"a","reason":"a"}`, include: "source",
	},
	{
		path: "/v1/assessments", kind: "Assessment", create: `{"key":"as:%d","claim":{"key":"claim:a"},"verdict":"a","normalised":"mixed","reviewer":{"key":"outlet:two"}}`,
		replace: `{"statement":{"key":"s:used"},"verdict":"b","reviewer":{"key":"outlet:two"}}`, patch: `{"evidence":["https://example.org/a"]}`,
		invalid: `{"claim":{"key":"claim:value"},"verdict":"a","normalised":"mixed","reviewer":{"key":"outlet:two"}}`,
		exists:  `{"key":"assessment:used","claim":{"key":"claim:a"},"verdict":"a","reviewer":{"key":"outlet:two"}}`, include: "claim,statement,reviewer",
	},
	{
		path: "/v1/tips", kind: "Tip", create: `{"key":"ti:%d","on":"country","record":"PK","text":"a","contact":"reader@example.org"}`,
		replace: `{"on":"topic","record":"security","text":"b"}`, patch: `{"status":"rejected"}`, invalid: `{"on":"country","record":"ZZ","text":"a"}`,
		exists: `{"key":"tip:used","on":"country","record":"PK","text":"a"}`,
	},
}

// furniture is what the bodies refer to, beside the cast.
func furniture() []string {
	lines := []string{
		testkit.Statement("s:used", "a", `"reports":[{"article":{"key":"article:one"}}]`), testkit.Statement("s:within", "b", `"within":{"key":"s:used"}`),
		`{"type":"article","key":"article:via","source":{"key":"outlet:one"},"title":"a","seen_via":{"key":"article:one"}}`,
		`{"type":"speaker","key":"body:whole","name":"a","kind":"ngo"}`, `{"type":"speaker","key":"body:part","name":"a","kind":"ngo","part_of":{"key":"body:whole"}}`,
		`{"type":"claim","key":"claim:a","text":"a","sort":"fact"}`, `{"type":"claim","key":"claim:b","text":"b","sort":"fact"}`,
		`{"type":"claim","key":"claim:c","text":"c","sort":"fact"}`, `{"type":"claim","key":"claim:value","text":"d","sort":"value"}`,
		`{"type":"position","key":"position:used","statement":{"key":"s:used"},"claim":{"key":"claim:a"},"stance":"asserts"}`,
		`{"type":"position","statement":{"key":"s:within"},"claim":{"key":"claim:a"},"stance":"withdraws","withdraws":{"key":"position:used"}}`,
		`{"type":"claim_link","key":"claim-link:ab","from":{"key":"claim:a"},"to":{"key":"claim:b"},"relation":"implies"}`,
		`{"type":"claim_link","key":"claim-link:bc","from":{"key":"claim:b"},"to":{"key":"claim:c"},"relation":"implies"}`,
		`{"type":"link","statement":{"key":"s:within"},"to":{"key":"s:used"},"relation":"repeats"}`,
		`{"type":"link","key":"link:other","statement":{"key":"s:within"},"to":{"key":"s:used"},"relation":"quotes"}`,
		`{"type":"event","key":"event:whole","kind":"attack","title":"a"}`, `{"type":"event","key":"event:part","kind":"raid","title":"a","part_of":{"key":"event:whole"}}`,
		`{"type":"event_link","key":"event-link:used","from":{"key":"event:part"},"to":{"key":"event:whole"},"relation":"follows","given_by_article":{"key":"article:one"}}`,
		`{"type":"mention","key":"mention:used","article":{"key":"article:one"},"event":{"key":"event:whole"},"role":"subject","statement":{"key":"s:used"}}`,
		`{"type":"office","key":"office:used","title":"a","country":"PK","body":{"key":"gov:PK"}}`,
		`{"type":"tenure","speaker":{"key":"person:asif"},"office":{"key":"office:used"},"held":"2023-01-01/2025-01-01"}`,
		`{"type":"tenure","key":"tenure:second","speaker":{"key":"person:mujahid"},"office":{"key":"office:used"},"held":"2025-01-01/..","observed_on":[{"on":"2026-02-18","article":{"key":"article:one"}}]}`,
		`{"type":"rating","key":"rating:used","source":{"key":"outlet:one"},"reliability":"B","rated_on":"2026-01-01","rated_by":"a","reason":"a"}`,
		`{"type":"assessment","key":"assessment:used","statement":{"key":"s:used"},"verdict":"a","normalised":"unproven","reviewer":{"key":"outlet:two"},"evidence":["https://example.org"]}`,
		`{"type":"tip","key":"tip:used","on":"country","record":"PK","text":"a","contact":"reader@example.org"}`,
		testkit.Statement("s:full", "a", `"on_behalf_of":"PK"`, `"text_from":{"key":"article:one"}`, `"occasion":{"key":"event:whole"}`, `"said_on":"2026-02-18"`,
			`"condition":{"text":"a","sense":"if","outcome":"met","outcome_event":{"key":"event:part"},"given_by":{"key":"article:one"}}`,
			`"targets":[{"role":"object","event":{"key":"event:part"}},{"role":"object","country":"AF"}]`, `"topics":["security"]`,
			`"reports":[{"article":{"key":"article:one"}}]`, `"positions":[{"claim":{"key":"claim:b"},"stance":"denies"}]`, `"links":[{"to":{"key":"s:used"},"relation":"responds_to"}]`),
		`{"type":"event","key":"event:full","kind":"bombing","codes":[{"scheme":"CAMEO","code":"183"}],"title":"a","description":"b","occurred":"2026-02~","country":"PK","part_of":{"key":"event:whole"},
			"ordinal":8,"topics":["security"],"places":[{"name":"Islamabad","latitude":33.7,"longitude":73.1,"precision":"city"},{"name":"Pakistan","precision":"country"}],
			"participants":[{"role":"victim","country":"PK","given_by_article":{"key":"article:one"}},{"role":"speaker","speaker":{"key":"person:asif"},"given_by_statement":{"key":"s:used"}}],
			"figures":[{"metric":"killed","as_given":"36","low":36,"high":36,"given_by_article":{"key":"article:one"}},{"metric":"injured","as_given":"more than 160","low":161,"given_by_statement":{"key":"s:used"}},
			{"metric":"money","unit":"PKR","of":"damage","civilian":true,"as_given":"about 1.5 billion","high":1.5e9,"approximate":true,"given_by_article":{"key":"article:two"},"as_of":"2026-02-19"}]}`,
		`{"type":"claim","key":"claim:full","text":"a","sort":"commitment","period":"2025/..","topics":["security"],"about":[{"role":"accused","speaker":{"key":"gov:AF"}},{"role":"subject","country":"AF"}]}`,
	}
	for i := range 9 {
		lines = append(lines, fmt.Sprintf(`{"type":"article","key":"article:free%d","source":{"key":"outlet:one"},"title":"a"}`, i),
			fmt.Sprintf(`{"type":"claim","key":"claim:free%d","text":"a","sort":"fact"}`, i), testkit.Statement(fmt.Sprintf("s:free%d", i), "a"))
	}
	return lines
}

// asked are the questions that count.
var asked = []string{
	"/v1/statements/counts?by=kind,target_country&bucket=month", "/v1/statements/facets?by=kind,speaker&own=exclude",
	"/v1/events/counts?by=kind&figures=killed,injured,money", "/v1/events/facets?by=kind,country",
	"/v1/claims/counts?by=status", "/v1/claims/facets?by=status,about", "/v1/timeline?between=PK,AF",
	"/v1/search?q=security",
	"/v1/resolve?name=Kabul", "/v1/lookups/speakers?q=asif",
}

// Every operation answers with every status that the document gives it, but
// for the few that take a fault.
func TestEveryOperationSucceedsAndFails(t *testing.T) {
	t.Parallel()
	checked, err := testkit.LoadContract()
	if err != nil {
		t.Fatal(err)
	}
	s := testkit.WithCast(t, testkit.Store(t))
	c, closed, open := serveStore(t, s), serveStore(t, s, private), serveStore(t, s, func(c *api.Config) { c.PublicTips = true })
	failing, err := store.Open(t.Context(), store.Config{URL: testkit.Database(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(failing.Close)
	down := serveStore(t, testkit.WithCast(t, failing))
	for _, client := range []*client{c, closed, open, down} {
		client.http.Transport = checked.Transport(http.DefaultTransport, func(err error) { t.Errorf("contract: %v", err) })
	}
	reader, err := s.CreateKey(t.Context(), "reader", "reader", noExpiry)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range furniture() {
		testkit.Create(t, s, line)
	}
	for _, b := range bodies {
		made := 0
		body := func() string {
			made++
			if strings.Contains(b.create, "%c") {
				return fmt.Sprintf(b.create, 'A'+made)
			}
			return fmt.Sprintf(strings.ReplaceAll(b.create, "%d", "%[1]d"), made)
		}
		first := c.want(c.post(b.path, body(), "Idempotency-Key: "+b.kind), 201)
		item, tag := first.Header.Get("Location"), "If-Match: "+first.Header.Get("ETag")
		none := b.path + "/00000000-0000-7000-8000-000000000000"
		switch b.kind {
		case "Country":
			none = b.path + "/ZZ"
		case "Topic":
			none = b.path + "/none"
		}
		key := "Authorization: Bearer " + reader
		see := "X-Nothing: x" // what it takes to read
		if b.kind == "Tip" {
			see = "X-API-Key: " + c.key
		}

		for _, method := range []string{"GET", "HEAD"} {
			page := c.want(c.do(method, b.path, "", see), 200)
			c.want(c.do(method, b.path, "", see, "If-None-Match: "+page.Header.Get("ETag")), 304)
			c.want(c.do(method, b.path+"?x=1", "", see), 400)
			c.want(c.do(method, item, "", see), 200)
			c.want(c.do(method, item, "", see, "If-None-Match: "+first.Header.Get("ETag")), 304)
			c.want(c.do(method, item+"?x=1", "", see), 400)
			c.want(c.do(method, none, "", see), 404)
			for _, path := range []string{b.path, item} {
				closed.want(closed.do(method, path, ""), 401)
				if b.include != "" {
					c.want(c.do(method, path+"?include="+b.include, "", see), 200)
				}
				if b.kind == "Tip" {
					open.want(open.do(method, path, ""), 401)
					open.want(open.do(method, path, "", key), 403)
				}
			}
		}

		c.want(c.post(b.path, body(), "Prefer: return=minimal"), 201)
		c.want(c.post(b.path, `{`), 400)
		c.want(c.post(b.path, body(), "-Authorization"), 401)
		if b.kind == "Tip" { // from readers, and from anybody where that is open
			c.want(c.post(b.path, body(), key), 422) // a key is for editors to give
			for field := range map[string]bool{`"status":"rejected"`: true, `"response":"a"`: true, `"review":"single"`: true, `"dataset":"a"`: true} {
				open.want(open.post(b.path, `{"on":"country","record":"PK","text":"a",`+field+`}`, "-Authorization"), 422)
			}
			c.want(c.post(b.path, `{"on":"country","record":"PK","text":"a"}`, key), 201)
			open.want(open.post(b.path, `{"on":"country","record":"PK","text":"a"}`, "-Authorization"), 201)
		} else {
			c.want(c.post(b.path, body(), key), 403)
			open.want(open.post(b.path, body(), "-Authorization"), 401)
		}
		c.want(c.post(b.path, b.exists), 409)
		c.want(c.post(b.path, strings.Repeat(" ", 2<<20)), 413)
		c.want(c.post(b.path, body(), "Content-Type: text/plain"), 415)
		c.want(c.post(b.path, b.invalid), 422)

		for _, method := range []string{"PUT", "PATCH"} {
			change := b.replace
			if method == "PATCH" {
				change = b.patch
			}
			c.want(c.do(method, item, change), 428)
			c.want(c.do(method, item, change, `If-Match: "99-x"`), 412)
			c.want(c.do(method, item, `{`, tag), 400)
			c.want(c.do(method, item, change, tag, "-Authorization"), 401)
			c.want(c.do(method, item, change, tag, key), 403)
			c.want(c.do(method, none, change, tag), 404)
			c.want(c.do(method, item, strings.Repeat(" ", 2<<20), tag), 413)
			c.want(c.do(method, item, change, tag, "Content-Type: text/plain"), 415)
			c.want(c.do(method, item, `{"nothing":1}`, tag), 422)
			changed := c.want(c.do(method, item, change, tag), 200)
			tag = "If-Match: " + changed.Header.Get("ETag")
			again := c.want(c.do(method, item, change, tag, "Prefer: return=minimal"), 204)
			tag = "If-Match: " + again.Header.Get("ETag")
		}
		if b.conflict != "" {
			id, patch, _ := strings.Cut(b.conflict, " ")
			now := c.want(c.get(b.path+"/"+id), 200)
			c.want(c.do("PATCH", b.path+"/"+id, patch, "If-Match: "+now.Header.Get("ETag"), "Content-Type: application/merge-patch+json"), 409)
			c.want(c.do("PUT", b.path+"/"+id, b.whole, "If-Match: "+now.Header.Get("ETag")), 409)
		}
		if b.inUse != "" {
			now := c.want(c.get(b.path+"/"+b.inUse), 200)
			c.want(c.do("DELETE", b.path+"/"+b.inUse, "", "If-Match: "+now.Header.Get("ETag")), 409)
		}
		c.want(c.do("DELETE", item, ""), 428)
		c.want(c.do("DELETE", item, "", `If-Match: "99-x"`), 412)
		c.want(c.do("DELETE", item, "", `If-Match: x`), 400)
		c.want(c.do("DELETE", item, "", tag, "-Authorization"), 401)
		c.want(c.do("DELETE", item, "", tag, key), 403)
		c.want(c.do("DELETE", none, "", tag), 404)
		c.want(c.do("DELETE", item, "", tag), 204)
		c.want(c.do("DELETE", item, "", tag), 410)
		c.want(c.do("GET", item, "", see), 410)
		c.want(c.do("HEAD", item, "", see), 410)
		c.want(c.do("PUT", item, b.replace, tag), 410)
		c.want(c.do("PATCH", item, b.patch, tag), 410)
	}
	exerciseImports(c, closed, "Authorization: Bearer "+reader)
	for _, method := range []string{"GET", "HEAD"} {
		c.want(c.do(method, "/v1/export", "", "If-None-Match: "+c.want(c.do(method, "/v1/export", ""), 200).Header.Get("ETag")), 304)
	}
	for _, path := range asked {
		for _, method := range []string{"GET", "HEAD"} {
			page := c.want(c.do(method, path, ""), 200)
			c.want(c.do(method, path, "", "If-None-Match: "+page.Header.Get("ETag")), 304)
			c.want(c.do(method, path+"&x=1", ""), 400)
			closed.want(closed.do(method, path, ""), 401)
		}
	}
	for _, method := range []string{"GET", "HEAD"} {
		c.want(c.do(method, "/v1/lookups/colours", ""), 404)
	}
	c.want(c.post("/v1/resolve", `{"names":[{"name":"Kabul"}]}`, "-Authorization"), 200)
	c.want(c.post("/v1/resolve", `{`), 400)
	closed.want(closed.post("/v1/resolve", `{"names":[{"name":"Kabul"}]}`, "-Authorization"), 401)
	closed.want(closed.post("/v1/resolve", `{"names":[{"name":"Kabul"}]}`, "Authorization: Bearer "+reader), 200) // it writes nothing
	c.want(c.post("/v1/resolve", strings.Repeat(" ", 2<<20)), 413)
	c.want(c.post("/v1/resolve", `{}`, "Content-Type: text/plain"), 415)
	c.want(c.post("/v1/resolve", `{"names":[]}`), 422)
	for path, status := range map[string]int{"/": 303, "/livez": 200, "/readyz": 200, "/openapi.yaml": 200, "/docs": 200, "/docs/": 200, "/docs/swagger-ui.css": 200, "/docs/none": 404} {
		for _, method := range []string{"GET", "HEAD"} {
			got := c.want(c.do(method, path, ""), status)
			if tag := got.Header.Get("ETag"); tag != "" {
				c.want(c.do(method, path, "", "If-None-Match: "+tag), 304)
			}
			c.want(c.do(method, path+"?"+strings.Repeat("x", 25_000), ""), 400)
		}
	}

	down.want(down.post("/v1/topics", `{"slug":"warm","name":"a"}`), 201) // so that the key is known
	failing.Close()
	for _, b := range bodies {
		item := b.path + "/key:x:1"
		switch b.kind {
		case "Country":
			item = b.path + "/PK"
		case "Topic":
			item = b.path + "/security"
		}
		for _, method := range []string{"GET", "HEAD"} {
			down.want(down.do(method, b.path, "", "X-API-Key: "+down.key), 503)
			down.want(down.do(method, item, "", "X-API-Key: "+down.key), 503)
		}
		down.want(down.post(b.path, strings.NewReplacer("%d", "9", "%c", "Z").Replace(b.create)), 503)
		down.want(down.do("PUT", item, b.replace, `If-Match: "1-x"`), 503)
		down.want(down.do("PATCH", item, b.patch, `If-Match: "1-x"`), 503)
		down.want(down.do("DELETE", item, "", `If-Match: "1-x"`), 503)
	}
	for _, method := range []string{"GET", "HEAD"} {
		down.want(down.do(method, "/v1/imports", "", "X-API-Key: "+down.key), 503)
		down.want(down.do(method, "/v1/imports/x", "", "X-API-Key: "+down.key), 503)
		down.want(down.do(method, "/v1/export", "", "X-API-Key: "+down.key), 503)
	}
	down.want(down.post("/v1/imports", `[]`), 503)
	down.want(down.post("/v1/imports/x/revert", ""), 503)
	down.want(down.post("/v1/resolve", `{"names":[{"name":"Kabul"}]}`), 503)
	for _, path := range asked {
		for _, method := range []string{"GET", "HEAD"} {
			down.want(down.do(method, path, "", "X-API-Key: "+down.key), 503)
		}
	}
	down.want(down.get("/readyz"), 503)
	down.want(down.do("HEAD", "/readyz", ""), 503)

	// 500 is for our own defects, 504 for a query that takes too long, 405 for
	// methods that are no operation. Nothing refers to the kinds in leaves, and
	// the kinds in plain have nothing that another record could have taken, and
	// no way to form a cycle.
	exempt := map[string]bool{}
	for _, leaf := range []string{"ClaimLink", "Link", "EventLink", "Mention", "Tenure", "Rating", "Assessment", "Tip"} {
		exempt["delete"+leaf] = true
	}
	for _, plain := range []string{"Report", "Country", "Claim", "Position", "EventLink", "Mention", "Office", "Rating", "Assessment", "Tip"} {
		exempt["replace"+plain], exempt["patch"+plain] = true, true
	}
	done := checked.Exercised()
	for _, operation := range checked.Operations() {
		for _, status := range checked.Statuses(operation) {
			switch {
			case status == 500 || status == 504 || status == 405:
			case status == 409 && exempt[operation]:
				if done[operation][status] > 0 {
					t.Errorf("%s is said never to answer %d and did", operation, status)
				}
			case done[operation][status] == 0:
				t.Errorf("%s is documented to answer %d and never did", operation, status)
			}
		}
	}
}

// Every query parameter is taken as the document gives it, and so is the
// complement of every filter: the database answers all of them.
func TestEveryParameterIsAnswered(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	c := serveStore(t, s)
	for _, line := range furniture() {
		testkit.Create(t, s, line)
	}
	now := c.want(c.get("/v1/topics"), 200).text("as_of")
	for _, b := range bodies {
		operation := ""
		for _, id := range contract.Operations() {
			if contract.Route(id) == "GET "+b.path {
				operation = id
			}
		}
		for _, name := range contract.Parameters(operation) {
			example, ok := contract.Example(operation, name)
			switch {
			case !ok:
				t.Errorf("%s: %s has no example", operation, name)
			case name == "cursor": // which belongs to a query
				continue
			case name == "as_of":
				example = now
			}
			headers := []string{"X-API-Key: " + c.key}
			value := "=" + url.QueryEscape(example)
			if needed, with := contract.Needs(operation, name); needed != "" {
				value += "&" + needed + "=" + url.QueryEscape(with)
			}
			c.want(c.get(b.path+"?"+name+value, headers...), 200)
			if contract.IsFilter(operation, name) {
				status := 200
				if example == "any" { // the complement of all
					status = 400
				}
				c.want(c.get(b.path+"?not_"+name+value, headers...), status)
			}
		}
		if b.include != "" {
			c.want(c.get(b.path+"?include="+b.include+"&as_of="+now), 200)
		}
	}
	for _, path := range asked {
		path, _, _ = strings.Cut(path, "?")
		operation := ""
		for _, id := range contract.Operations() {
			if contract.Route(id) == "GET "+path {
				operation = id
			}
		}
		for _, name := range contract.Parameters(operation) {
			example, _ := contract.Example(operation, name)
			if name == "as_of" {
				example = now
			}
			query := url.Values{"by": {"dataset"}}
			switch {
			case path == "/v1/resolve":
				query = url.Values{"name": {"Kabul"}}
			case path == "/v1/search":
				query = url.Values{"q": {"a"}}
			case path == "/v1/timeline", strings.HasPrefix(path, "/v1/lookups/"):
				query = url.Values{}
			}
			if name == "cursor" { // which belongs to a query
				continue
			}
			if name == "fill" {
				query.Set("bucket", "year")
			}
			query.Set(name, example)
			if needed, with := contract.Needs(operation, name); needed != "" {
				query.Set(needed, with)
			}
			c.want(c.get(path+"?"+query.Encode()), 200)
			if contract.IsFilter(operation, name) && example != "any" {
				query.Del(name)
				if strings.HasSuffix(path, "s") {
					query.Set("by", "dataset")
				}
				query.Set("not_"+name, example)
				c.want(c.get(path+"?"+query.Encode()), 200)
			}
		}
	}
}

// What is wrong with a record of the model is refused with a pointer to it.
func TestRulesOfTheModel(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	c := serveStore(t, s)
	for _, line := range furniture() {
		testkit.Create(t, s, line)
	}
	event := func(part string) string { return `{"kind":"attack","title":"a",` + part + `}` }
	figure := func(fields string) string {
		return event(`"figures":[{"metric":"count","as_given":"a",` + fields + `}]`)
	}
	tenure := func(fields string) string {
		return `{"speaker":{"key":"person:asif"},"office":{"key":"office:used"},` + fields + `}`
	}
	for _, test := range []struct {
		what, path, body string
		status           int
		pointer, code    string
	}{
		{"a cycle of claims", "/v1/claim-links", `{"from":{"key":"claim:c"},"to":{"key":"claim:a"},"relation":"implies"}`, 409, "/to", "cycle"},
		{"no cycle: another relation", "/v1/claim-links", `{"from":{"key":"claim:c"},"to":{"key":"claim:a"},"relation":"negates"}`, 201, "", ""},
		{"a claim about nobody", "/v1/claims", `{"text":"a","sort":"fact","about":[{"role":"accused"}]}`, 422, "/about/0", "one_of"},
		{"two positions", "/v1/positions", `{"statement":{"key":"s:used"},"claim":{"key":"claim:a"},"stance":"denies"}`, 409, "/claim", "exists"},
		{"a withdrawal of nothing", "/v1/positions", `{"statement":{"key":"s:used"},"claim":{"key":"claim:b"},"stance":"withdraws"}`, 422, "/withdraws", "required"},
		{"a withdrawal that denies", "/v1/positions", `{"statement":{"key":"s:used"},"claim":{"key":"claim:b"},"stance":"denies","withdraws":{"key":"position:used"}}`, 422, "/withdraws", "not_withdrawn"},
		{"a withdrawal of what isn't there", "/v1/positions", `{"statement":{"key":"s:used"},"claim":{"key":"claim:b"},"stance":"withdraws","withdraws":{"key":"position:none"}}`, 422, "/withdraws", "reference"},
		{"a link to itself", "/v1/links", `{"statement":{"key":"s:used"},"to":{"key":"s:used"},"relation":"repeats"}`, 422, "/to", "self"},
		{"a figure by nobody", "/v1/events", figure(`"unit":"x"`), 422, "/figures/0", "one_of"},
		{"a figure by two", "/v1/events", figure(`"unit":"x","given_by_article":{"key":"article:one"},"given_by_statement":{"key":"s:used"}`), 422, "/figures/0", "one_of"},
		{"a figure upside down", "/v1/events", figure(`"unit":"x","low":37,"high":36,"given_by_article":{"key":"article:one"}`), 422, "/figures/0/low", "inverted"},
		{"a figure without its unit", "/v1/events", figure(`"given_by_article":{"key":"article:one"}`), 422, "/figures/0/unit", "required"},
		{"a participant by nobody", "/v1/events", event(`"participants":[{"role":"victim","country":"PK"}]`), 422, "/participants/0", "one_of"},
		{"half a place", "/v1/events", event(`"places":[{"name":"a","precision":"city","latitude":33.7}]`), 422, "/places/0/latitude", "pair"},
		{"an event link by nobody", "/v1/event-links", `{"from":{"key":"event:part"},"to":{"key":"event:whole"},"relation":"follows"}`, 422, "", "one_of"},
		{"a tenure that is no interval", "/v1/tenures", tenure(`"held":"2020"`), 422, "/held", "interval"},
		{"a tenure at no time", "/v1/tenures", tenure(`"capacity":"acting"`), 422, "/observed_on", "required"},
		{"a taken office", "/v1/tenures", tenure(`"held":"2024-01/.."`), 409, "/held", "overlap"},
		{"an office taken over", "/v1/tenures", tenure(`"held":"../2023-01-01"`), 201, "", ""},
		{"an office held by two, not both in their own right", "/v1/tenures", tenure(`"held":"2024-01/..","capacity":"de_facto"`), 201, "", ""},
		{"a truth about a value", "/v1/assessments", `{"claim":{"key":"claim:value"},"verdict":"a","normalised":"true","reviewer":{"key":"outlet:two"}}`, 422, "/normalised", "not_a_fact"},
		{"a verdict on a value, as published", "/v1/assessments", `{"claim":{"key":"claim:value"},"verdict":"True","reviewer":{"key":"outlet:two"}}`, 201, "", ""},
		{"a verdict on two", "/v1/assessments", `{"claim":{"key":"claim:a"},"statement":{"key":"s:used"},"verdict":"a","reviewer":{"key":"outlet:two"}}`, 422, "", "one_of"},
		{"a tip on nothing", "/v1/tips", `{"on":"claim","record":"00000000-0000-7000-8000-000000000000","text":"a"}`, 422, "/record", "reference"},
		{"a tip on a tip", "/v1/tips", `{"on":"tip","record":"00000000-0000-7000-8000-000000000000","text":"a"}`, 422, "/on", "unknown_value"},
		{"an accepted tip without a change", "/v1/tips", `{"on":"country","record":"PK","text":"a","status":"accepted"}`, 422, "/change", "required"},
		{"a medium beside its occasion", "/v1/statements", statement(`"occasion":{"key":"event:whole"}`, `"medium":"interview"`), 422, "/medium", "derived"},
		{"a target that is two", "/v1/statements", statement(`"targets":[{"role":"object","country":"AF","event":{"key":"event:part"}}]`), 422, "/targets/0", "one_of"},
		{"a position of another statement", "/v1/statements", statement(`"positions":[{"statement":{"key":"s:used"},"claim":{"key":"claim:a"},"stance":"denies"}]`), 422, "/positions/0/statement", "nested"},
		{"a wording of an article without a report", "/v1/statements", statement(`"text_from":{"key":"article:two"}`, `"reports":[{"article":{"key":"article:one"}}]`), 422, "/text_from", "not_reported"},
		{"an outcome without its article", "/v1/statements", statement(`"condition":{"text":"a","sense":"if","outcome":"met","outcome_event":{"key":"event:part"}}`), 422, "/condition/given_by", "required"},
	} {
		a := c.post(test.path, test.body)
		if a.StatusCode != test.status || a.text("errors", 0, "pointer") != test.pointer || a.text("errors", 0, "code") != test.code {
			t.Errorf("%s: %d, want %d at %q, %s: %s", test.what, a.StatusCode, test.status, test.pointer, test.code, a.body)
		}
	}
	for _, test := range []struct{ what, item, patch, pointer, code string }{
		{"a fact assessed as true", "/v1/claims/key:claim:a", `{"sort":"value"}`, "/sort", "assessed"},
		{"another claim", "/v1/positions/key:position:used", `{"claim":{"key":"claim:b"}}`, "/claim", "fixed"},
		{"another statement", "/v1/links/key:link:other", `{"statement":{"key":"s:free1"}}`, "/statement", "fixed"},
		{"nested positions", "/v1/statements/key:s:used", `{"positions":[]}`, "/positions", "nested"},
		{"nested links", "/v1/statements/key:s:used", `{"links":[]}`, "/links", "nested"},
	} {
		if test.code == "assessed" {
			c.want(c.post("/v1/assessments", `{"claim":{"key":"claim:a"},"verdict":"a","normalised":"true","reviewer":{"key":"outlet:two"}}`), 201)
		}
		a := c.do("PATCH", test.item, test.patch, `If-Match: "1"`)
		if a.StatusCode != 422 || a.text("errors", 0, "pointer") != test.pointer || a.text("errors", 0, "code") != test.code {
			t.Errorf("%s: %d, want 422 at %q, %s: %s", test.what, a.StatusCode, test.pointer, test.code, a.body)
		}
	}
}

// The contact of a tip is kept through changes, and told to nobody.
func TestAContactIsToldToNobody(t *testing.T) {
	t.Parallel()
	c := serve(t)
	const contact = "reader@example.org"
	made := c.want(c.post("/v1/tips", `{"key":"tip:1","on":"country","record":"PK","text":"a","contact":"`+contact+`"}`), 201)
	item, see := made.Header.Get("Location"), "X-API-Key: "+c.key
	changed := c.want(c.do("PATCH", item, `{"status":"rejected"}`, "If-Match: "+made.Header.Get("ETag")), 200)
	same := c.want(c.do("PATCH", item, `{"contact":"`+contact+`"}`, "If-Match: "+changed.Header.Get("ETag")), 200)
	if same.text("version") != "2" {
		t.Errorf("the contact was not kept: %s", same.body)
	}
	for _, a := range []answer{made, changed, same, c.want(c.get(item, see), 200), c.want(c.get("/v1/tips", see), 200), c.want(c.get(item+"?as_of=seq:"+made.Header.Get("X-Seq"), see), 200)} {
		if strings.Contains(string(a.body), contact) {
			t.Errorf("%s %s tells the contact: %s", a.Request.Method, a.Request.URL, a.body)
		}
	}
	c.want(c.get("/v1/tips?contact="+contact, see), 400)
}
