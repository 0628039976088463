package api_test

import (
	"fmt"
	"net/http"
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
	invalid    string
	exists     string // for POST: something there already
	inUse      string // an item that others depend on
	patch      string
	cycle      string // "item patch" that closes a cycle; "" where none can
}{
	{"/v1/statements", "Statement", `{"key":"s:%d","speaker":{"key":"person:asif"},"kind":"threat","text":"a"}`, `{"speaker":{"key":"person:asif"},"kind":"denial","text":"b"}`, `{"text":"a"}`,
		`{"key":"s:used","speaker":{"key":"person:asif"},"kind":"threat","text":"a"}`, "key:s:used", `{"text":"c"}`, `key:s:used {"within":{"key":"s:within"}}`},
	{"/v1/reports", "Report", `{"key":"r:%d","statement":{"key":"s:used"},"article":{"key":"article:free%d"}}`, `{"match":"explicit"}`, `{"match":"guess"}`,
		`{"key":"r:used","statement":{"key":"s:used"},"article":{"key":"article:one"}}`, "", `{"match_note":"c"}`, ""},
	{"/v1/articles", "Article", `{"key":"a:%d","source":{"key":"outlet:one"},"title":"a"}`, `{"source":{"key":"outlet:one"},"title":"b"}`, `{"title":"a"}`,
		`{"key":"article:one","source":{"key":"outlet:one"},"title":"a"}`, "key:article:one", `{"title":"c"}`, `key:article:one {"seen_via":{"key":"article:via"}}`},
	{"/v1/sources", "Source", `{"key":"o:%d","name":"a","kind":"other"}`, `{"name":"b","kind":"other"}`, `{"name":"a"}`,
		`{"key":"outlet:one","name":"a","kind":"other"}`, "key:outlet:one", `{"name":"c"}`, `key:outlet:one {"owner":{"key":"outlet:two"}}`},
	{"/v1/speakers", "Speaker", `{"key":"p:%d","name":"a","kind":"ngo"}`, `{"name":"b","kind":"ngo"}`, `{"name":"a"}`,
		`{"key":"person:asif","name":"a","kind":"person"}`, "key:person:asif", `{"name":"c"}`, `key:body:whole {"part_of":{"key":"body:part"}}`},
	{"/v1/countries", "Country", `{"code":"X%c","name":"a","status":"state"}`, `{"name":"b","status":"state"}`, `{"code":"XX"}`,
		`{"code":"PK","name":"a","status":"state"}`, "PK", `{"name":"c"}`, ""},
	{"/v1/topics", "Topic", `{"slug":"t%d","name":"a"}`, `{"name":"b"}`, `{"slug":"a"}`,
		`{"slug":"security","name":"a"}`, "security", `{"name":"c"}`, `security {"parent":"air-strikes"}`},
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
	c, closed := serveStore(t, s), serveStore(t, s, private)
	failing, err := store.Open(t.Context(), store.Config{URL: testkit.Database(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(failing.Close)
	down := serveStore(t, testkit.WithCast(t, failing))
	for _, client := range []*client{c, closed, down} {
		client.http.Transport = checked.Transport(http.DefaultTransport, func(err error) { t.Errorf("contract: %v", err) })
	}
	reader, err := s.CreateKey(t.Context(), "reader", "reader", noExpiry)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 9 {
		testkit.Create(t, s, fmt.Sprintf(`{"type":"article","key":"article:free%d","source":{"key":"outlet:one"},"title":"a"}`, i))
	}
	for _, line := range []string{
		testkit.Statement("s:used", "a", `"reports":[{"article":{"key":"article:one"}}]`), testkit.Statement("s:within", "b", `"within":{"key":"s:used"}`),
		`{"type":"article","key":"article:via","source":{"key":"outlet:one"},"title":"a","seen_via":{"key":"article:one"}}`,
		`{"type":"speaker","key":"body:whole","name":"a","kind":"ngo"}`, `{"type":"speaker","key":"body:part","name":"a","kind":"ngo","part_of":{"key":"body:whole"}}`,
	} {
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

		page := c.want(c.get(b.path), 200)
		c.want(c.get(b.path, "If-None-Match: "+page.Header.Get("ETag")), 304)
		c.want(c.get(b.path+"?x=1"), 400)
		closed.want(closed.get(b.path), 401)
		c.want(c.do("HEAD", b.path, ""), 200)
		c.want(c.do("HEAD", b.path, "", "If-None-Match: "+page.Header.Get("ETag")), 304)
		c.want(c.do("HEAD", b.path+"?x=1", ""), 400)
		closed.want(closed.do("HEAD", b.path, ""), 401)

		c.want(c.get(item), 200)
		c.want(c.get(item, "If-None-Match: "+first.Header.Get("ETag")), 304)
		c.want(c.get(item+"?x=1"), 400)
		closed.want(closed.get(item), 401)
		c.want(c.get(none), 404)
		c.want(c.do("HEAD", item, ""), 200)
		c.want(c.do("HEAD", item, "", "If-None-Match: "+first.Header.Get("ETag")), 304)
		c.want(c.do("HEAD", item+"?x=1", ""), 400)
		closed.want(closed.do("HEAD", item, ""), 401)
		c.want(c.do("HEAD", none, ""), 404)

		c.want(c.post(b.path, body(), "Prefer: return=minimal"), 201)
		c.want(c.post(b.path, `{`), 400)
		c.want(c.post(b.path, body(), "-Authorization"), 401)
		c.want(c.post(b.path, body(), key), 403)
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
		if b.cycle != "" {
			id, patch, _ := strings.Cut(b.cycle, " ")
			now := c.want(c.get(b.path+"/"+id), 200)
			c.want(c.do("PATCH", b.path+"/"+id, patch, "If-Match: "+now.Header.Get("ETag"), "Content-Type: application/merge-patch+json"), 409)
			whole := map[string]string{"/v1/statements": `{"speaker":{"key":"person:asif"},"kind":"threat","text":"a","within":{"key":"s:within"}}`,
				"/v1/articles": `{"source":{"key":"outlet:one"},"title":"One","seen_via":{"key":"article:via"}}`,
				"/v1/sources":  `{"name":"One","kind":"newspaper","owner":{"key":"outlet:two"}}`,
				"/v1/speakers": `{"name":"a","kind":"ngo","part_of":{"key":"body:part"}}`, "/v1/topics": `{"name":"Security","parent":"air-strikes"}`}[b.path]
			c.want(c.do("PUT", b.path+"/"+id, whole, "If-Match: "+now.Header.Get("ETag")), 409)
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
		c.want(c.get(item), 410)
		c.want(c.do("HEAD", item, ""), 410)
		c.want(c.do("PUT", item, b.replace, tag), 410)
		c.want(c.do("PATCH", item, b.patch, tag), 410)
	}
	for path, status := range map[string]int{"/": 303, "/livez": 200, "/readyz": 200, "/openapi.yaml": 200, "/docs": 200, "/docs/": 200, "/docs/swagger-ui.css": 200, "/docs/none": 404} {
		for _, method := range []string{"GET", "HEAD"} {
			c.want(c.do(method, path, ""), status)
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
			down.want(down.do(method, b.path, ""), 503)
			down.want(down.do(method, item, ""), 503)
		}
		down.want(down.post(b.path, strings.NewReplacer("%d", "9", "%c", "Z").Replace(b.create)), 503)
		down.want(down.do("PUT", item, b.replace, `If-Match: "1-x"`), 503)
		down.want(down.do("PATCH", item, b.patch, `If-Match: "1-x"`), 503)
		down.want(down.do("DELETE", item, "", `If-Match: "1-x"`), 503)
	}
	down.want(down.get("/readyz"), 503)
	down.want(down.do("HEAD", "/readyz", ""), 503)

	// 500 is for our own defects, 504 for a query that takes too long, 405 for
	// methods that are no operation; a report depends on nothing and has nobody
	// that depends on it, a country forms no tree.
	exempt := map[string][]int{"deleteReport": {409}, "replaceReport": {409}, "patchReport": {409}, "replaceCountry": {409}, "patchCountry": {409}}
	done := checked.Exercised()
	for _, operation := range checked.Operations() {
		for _, status := range checked.Statuses(operation) {
			if status == 500 || status == 504 || status == 405 || slices.Contains(exempt[operation], status) {
				continue
			}
			if done[operation][status] == 0 {
				t.Errorf("%s is documented to answer %d and never did", operation, status)
			}
		}
	}
}
