package api_test

import (
	"net/http"
	"testing"
)

// An address that ends in a format is that address with the format as parameter.
func TestAnAddressMayEndInAFormat(t *testing.T) {
	t.Parallel()
	c := shipped(t)
	ends := *c
	ends.http = &http.Client{} // the contract tells of endings in words, and has no paths for them
	for ending, asked := range map[string]string{
		"/v1/statements.csv":                 "/v1/statements?format=csv",
		"/v1/statements.ndjson?kind=threat":  "/v1/statements?kind=threat&format=ndjson",
		"/v1/statements/counts.csv?by=kind":  "/v1/statements/counts?by=kind&format=csv",
		"/v1/statements/facets.json?by=kind": "/v1/statements/facets?by=kind&format=json",
		"/v1/events.geojson":                 "/v1/events?format=geojson",
		"/v1/timeline.csv?fields=id":         "/v1/timeline?fields=id&format=csv",
		"/v1/search.csv?q=hesitate":          "/v1/search?q=hesitate&format=csv",
	} {
		want, got := c.want(c.get(asked), 200), c.want(ends.get(ending), 200)
		if string(got.body) != string(want.body) || got.Header.Get("Content-Type") != want.Header.Get("Content-Type") || got.Header.Get("ETag") != want.Header.Get("ETag") {
			t.Errorf("%s: %s %s, want %s %s", ending, got.Header.Get("Content-Type"), got.body, want.Header.Get("Content-Type"), want.body)
		}
		if head := c.want(ends.do("HEAD", ending, ""), 200); head.Header.Get("ETag") != c.do("HEAD", asked, "").Header.Get("ETag") {
			t.Errorf("HEAD %s: %v", ending, head.Header)
		}
	}
	for address, status := range map[string]int{
		"/v1/statements.xml":                     404,
		"/v1/statements.csv?format=csv":          400, // it is said twice
		"/v1/statements.geojson":                 400,
		"/v1/statements/key:a:b.csv":             404, // a key may end so
		"/v1/statements.csv/":                    404,
		"/v1/resolve.csv?name=Kabul":             400,
		"/v1/statements.csv.csv":                 404,
		"/v1/statements.csv?by=kind":             400,
		"/v1/statements/counts.ndjson?by=nobody": 400,
	} {
		c.want(ends.get(address), status)
	}
	c.want(ends.post("/v1/statements.csv", statement()), 404) // forms are of answers
}
