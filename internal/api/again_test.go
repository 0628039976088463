package api_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"onrecord/internal/api"
)

// An address is one of a route that is read: what is asked, whether its answer
// can be asked for again by its tag, and whether it can be cited.
type address struct {
	path         string
	again, cited bool
}

// addresses are those of all routes that are read, in every form they have; a
// route without one is a mistake.
func addresses(t *testing.T, c *client) []address {
	t.Helper()
	see := "X-API-Key: " + c.key
	var list []address
	for _, route := range api.Routes() {
		if route.Method != http.MethodGet {
			continue
		}
		collection := strings.TrimSuffix(route.Pattern, "/{id}")
		forms := []string{"", "&format=csv", "&format=ndjson"}
		switch {
		case route.Pattern == "/", route.Pattern == "/livez", route.Pattern == "/readyz": // about the moment
			list = append(list, address{route.Pattern, false, false})
		case route.Pattern == "/openapi.yaml", route.Pattern == "/docs", route.Pattern == "/v1/imports", route.Pattern == "/v1/export": // the same as of any commit, or not of one
			list = append(list, address{route.Pattern, true, false})
		case route.Pattern == "/docs/*":
			list = append(list, address{"/docs/", true, false}, address{"/docs/swagger-ui.css", true, false}, address{"/docs/favicon-32x32.png", true, false})
		case route.Pattern == "/v1/imports/{id}":
			list = append(list, address{"/v1/imports/" + c.want(c.get("/v1/imports", see), 200).text("data", 0, "id"), true, false})
		case route.Pattern == "/v1/timeline":
			for _, form := range forms {
				list = append(list, address{route.Pattern + "?dataset=any" + form, true, true})
			}
		case route.Pattern == "/v1/search": // what is found now
			for _, form := range forms {
				list = append(list, address{route.Pattern + "?q=pakistan" + form, true, false})
			}
		case route.Pattern == "/v1/resolve": // what a name means now
			list = append(list, address{route.Pattern + "?name=Pakistan", true, false})
		case route.Pattern == "/v1/lookups/{resource}": // a bare array to choose from
			list = append(list, address{"/v1/lookups/countries", true, false}, address{"/v1/lookups/stances", true, false})
		case strings.HasSuffix(route.Pattern, "/counts"), strings.HasSuffix(route.Pattern, "/facets"):
			for _, form := range forms {
				list = append(list, address{route.Pattern + "?by=review,dataset" + form, true, true})
			}
		case collection != route.Pattern:
			item := collection + "/" + c.want(c.get(collection+"?dataset=any", see), 200).text("data", 0, "id")
			list = append(list, address{item, true, true}, address{item + "?fields=id,version", true, true})
		case collection == "/v1/events":
			forms = append(forms, "&format=geojson")
			fallthrough
		case strings.Count(route.Pattern, "/") == 2:
			for _, form := range append(forms, "&fields=id,created_at") {
				list = append(list, address{route.Pattern + "?dataset=any&limit=20" + form, true, true})
			}
		default:
			t.Errorf("no address of %s is known here", route.Pattern)
		}
	}
	return list
}

// plain is the body without its coding.
func (a answer) plain(t *testing.T) []byte {
	t.Helper()
	var r io.Reader = bytes.NewReader(a.body)
	var err error
	switch a.Header.Get("Content-Encoding") {
	case "":
		return a.body
	case "gzip":
		r, err = gzip.NewReader(r)
	case "zstd":
		r, err = zstd.NewReader(r, zstd.WithDecoderConcurrency(1))
	}
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// link is the address in a Link header with a relation.
func (a answer) link(rel string) string {
	for _, link := range a.Header.Values("Link") {
		if at, ok := strings.CutSuffix(link, `>; rel="`+rel+`"`); ok {
			return strings.TrimPrefix(at, "<")
		}
	}
	return ""
}

// Whatever is read has a tag, by which it is asked for again, in every form and
// coding; HEAD has the headers of GET.
func TestEverythingCanBeAskedForAgain(t *testing.T) {
	t.Parallel()
	s := world(t, 5)
	for {
		if n, err := s.Drain(t.Context()); err != nil {
			t.Fatal(err)
		} else if n == 0 {
			break
		}
	}
	c := serveStore(t, s)
	c.http.Transport = contract.Transport(&http.Transport{DisableCompression: true}, func(err error) { t.Errorf("contract: %v", err) })
	see := "X-API-Key: " + c.key
	compressed := map[string]int{}
	for _, at := range addresses(t, c) {
		if !at.again {
			if tag := c.get(at.path).Header.Get("ETag"); tag != "" {
				t.Errorf("%s has a tag, %s, and is about the moment", at.path, tag)
			}
			continue
		}
		plain := c.want(c.get(at.path, see), 200)
		if got := plain.Header.Get("Content-Encoding"); got != "" {
			t.Errorf("%s: %s, which nobody asked for", at.path, got)
		}
		for _, coding := range []string{"identity", "gzip", "zstd"} {
			accept := "Accept-Encoding: " + coding
			whole := c.want(c.get(at.path, see, accept), 200)
			tag := whole.Header.Get("ETag")
			if tag == "" || !bytes.Equal(whole.plain(t), plain.body) {
				t.Errorf("%s, %s: tag %q, or another body: %.200q", at.path, coding, tag, whole.plain(t))
				continue
			}
			if whole.Header.Get("Content-Encoding") != "" {
				compressed[coding]++
			} else if coding != "identity" && len(plain.body) >= 1024 && plain.Header.Get("Content-Type") != "image/png" {
				t.Errorf("%s, %s: %d bytes are not compressed", at.path, coding, len(plain.body))
			}
			vary := strings.Join(whole.Header.Values("Vary"), ", ")
			if !strings.Contains(vary, "Accept-Encoding") || !strings.Contains(vary, "Accept,") {
				t.Errorf("%s, %s: Vary is %s", at.path, coding, vary)
			}
			for _, method := range []string{"GET", "HEAD"} {
				again := c.do(method, at.path, "", see, accept, "If-None-Match: "+tag)
				if again.StatusCode != 304 {
					t.Fatalf("%s %s, %s: %d %v; tag was %s of %v", method, at.path, coding, again.StatusCode, again.Header, tag, whole.Header)
				}
				if again.Header.Get("ETag") != tag || len(again.body) > 0 || strings.Join(again.Header.Values("Vary"), ", ") != vary {
					t.Errorf("%s %s, %s, again: %v, %d bytes; tag was %s", method, at.path, coding, again.Header, len(again.body), tag)
				}
				c.want(c.do(method, at.path, "", see, accept, `If-None-Match: "other"`), 200)
			}
			head := c.want(c.do("HEAD", at.path, "", see, accept), 200)
			for _, h := range []http.Header{head.Header, whole.Header} {
				for _, name := range []string{"Date", "X-Request-Id"} {
					h.Del(name)
				}
			}
			if head.Header.Get("Content-Length") == "" { // nobody knows it before the body is made
				whole.Header.Del("Content-Length")
			}
			if diff := cmp.Diff(whole.Header, head.Header); diff != "" {
				t.Errorf("%s, %s (-GET +HEAD):\n%s", at.path, coding, diff)
			}
		}
	}
	if compressed["identity"] > 0 || compressed["gzip"] < 50 || compressed["zstd"] < 50 {
		t.Errorf("compressed were %v", compressed)
	}
	// The tag of a compressed answer is good for a write.
	item := "/v1/statements/key:s:full"
	read := c.want(c.get(item, "Accept-Encoding: gzip"), 200)
	if tag := read.Header.Get("ETag"); !strings.HasSuffix(tag, `-gzip"`) {
		t.Fatalf("the tag is %s", tag)
	}
	written := c.want(c.do("PATCH", item, `{"text":"b"}`, "If-Match: "+read.Header.Get("ETag"), "Accept-Encoding: zstd"), 200)
	c.want(c.do("PATCH", item, `{"text":"c"}`, "If-Match: "+read.Header.Get("ETag")), 412)
	c.want(c.do("PUT", item, statement(), "If-Match: "+written.Header.Get("ETag")), 200)
	c.want(c.get(item, "If-None-Match: "+read.Header.Get("ETag"), "Accept-Encoding: gzip"), 200)
}

// Whatever shows records says at which commit, and how to cite it: the citation
// gives as many records of the same commit, in the same form.
func TestEverythingCanBeCited(t *testing.T) {
	t.Parallel()
	c := serveStore(t, world(t, 6))
	see := "X-API-Key: " + c.key
	for _, at := range addresses(t, c) {
		a := c.get(at.path, see)
		cite := a.link("cite-as")
		if !at.cited {
			if cite != "" {
				t.Errorf("%s is to be cited as %s", at.path, cite)
			}
			continue
		}
		again := c.want(c.get(cite, see), 200)
		if a.Header.Get("X-Seq") == "" || again.Header.Get("X-Seq") != a.Header.Get("X-Seq") || again.Header.Get("Content-Type") != a.Header.Get("Content-Type") || again.link("cite-as") != cite {
			t.Errorf("%s is cited as %s: %v, then %v", at.path, cite, a.Header, again.Header)
		}
		if a.Header.Get("Content-Type") != "application/json" {
			if x, y := bytes.Count(a.body, []byte("\n")), bytes.Count(again.body, []byte("\n")); x != y {
				t.Errorf("%s has %d lines, cited %d", at.path, x, y)
			}
			continue
		}
		rows, _ := a.member("data").([]any)
		cited, _ := again.member("data").([]any)
		if len(rows) != len(cited) || rows != nil && (a.text("cite") != cite || "seq:"+a.Header.Get("X-Seq") != a.text("as_of")) {
			t.Errorf("%s: %d rows as of %s, cited as %s %d", at.path, len(rows), a.text("as_of"), a.text("cite"), len(cited))
		}
	}
	if cite := c.want(c.get("/v1/claims?status=contested&format=csv"), 200).link("cite-as"); cite != "" {
		t.Errorf("what is derived is cited as %s", cite)
	}
	cite := c.want(c.get("/v1/statements", "Accept: text/csv"), 200).link("cite-as")
	if again := c.want(c.get(cite), 200); !strings.HasPrefix(again.Header.Get("Content-Type"), "text/csv") {
		t.Errorf("a table is cited as %s, which is %s", cite, again.Header.Get("Content-Type"))
	}
}

// Who may not read something may not read it in another form or coding, or
// trimmed, nor learn by HEAD or by a condition that it is there.
func TestNoFormOpensADoor(t *testing.T) {
	t.Parallel()
	c := serveStore(t, world(t, 7))
	closed := serveStore(t, c.store, private)
	reader, err := c.store.CreateKey(t.Context(), "reader", "reader", noExpiry)
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for _, at := range addresses(t, c) {
		for _, key := range []string{"", "X-API-Key: onrec_none_none", "X-API-Key: " + reader} {
			headers := []string{"X-Nothing: x"}
			if key != "" {
				headers = append(headers, key)
			}
			verdict := closed.get(at.path, headers...).StatusCode
			if verdict == http.StatusUnauthorized || verdict == http.StatusForbidden {
				refused++
			}
			for _, way := range [][]string{{"HEAD"}, {"GET", `If-None-Match: *`}, {"HEAD", `If-None-Match: *`}, {"GET", "Accept: text/csv"}, {"GET", "Accept: application/geo+json"},
				{"GET", "Accept-Encoding: zstd"}, {"GET", "Accept-Encoding: gzip", "Accept: application/x-ndjson"}} {
				got := closed.do(way[0], at.path, "", append(headers, way[1:]...)...)
				if same := got.StatusCode == verdict || verdict == 200 && got.StatusCode == 304; !same || verdict >= 400 && (got.Header.Get("ETag")+got.Header.Get("X-Seq")+got.link("cite-as")) != "" {
					t.Errorf("%s with %q: %d, but %v: %d %v", at.path, key, verdict, way, got.StatusCode, got.Header)
				}
			}
		}
	}
	if refused < 100 {
		t.Errorf("only %d refusals were looked at", refused)
	}
}
