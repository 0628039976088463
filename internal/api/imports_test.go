package api_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"onrecord/internal/api"
	"onrecord/internal/claims"
	"onrecord/internal/testkit"
)

const ndjson = "Content-Type: application/x-ndjson"

// exerciseImports calls the import operations in every way they document.
func exerciseImports(c, closed *client, reader string) {
	c.t.Helper()
	stream := testkit.Statement("im:1", "one") + "\n" + testkit.Statement("im:2", "two")
	broken := testkit.Statement("im:3", "three") + "\n" + testkit.Statement("im:4", "four", `"occasion":{"key":"no:event"}`)
	c.want(c.post("/v1/imports?dry_run=true", stream, ndjson), 200)
	done := c.want(c.post("/v1/imports", stream, ndjson, "Idempotency-Key: once"), 201)
	again := c.want(c.post("/v1/imports", stream, ndjson, "Idempotency-Key: once"), 201)
	if again.Header.Get("Idempotency-Replayed") != "true" || again.text("id") != done.text("id") {
		c.t.Errorf("a repeat is not the first answer: %s", again.body)
	}
	c.want(c.post("/v1/imports", stream+"\n", ndjson, "Idempotency-Key: once"), 422)
	c.want(c.post("/v1/imports?on_error=continue", broken, ndjson), 207)
	c.want(c.post("/v1/imports?mode=x", stream, ndjson), 400)
	c.want(c.post("/v1/imports", stream, ndjson, "-Authorization"), 401)
	c.want(c.post("/v1/imports", stream, ndjson, reader), 403)
	c.want(c.post("/v1/imports", stream, "Content-Type: text/plain"), 415)
	c.want(c.post("/v1/imports", broken, ndjson), 422)
	small := serveStore(c.t, c.store, func(config *api.Config) { config.MaxImport = 100 })
	small.http = c.http
	small.want(small.post("/v1/imports", stream, ndjson), 413)

	later := c.want(c.post("/v1/imports", testkit.Statement("im:5", "five"), ndjson, "Prefer: respond-async", "Idempotency-Key: later"), 202)
	if later.Header.Get("Preference-Applied") != "respond-async" {
		c.t.Error("the preference is not said to be applied")
	}
	testkit.Until(c.t, func() bool {
		return c.get(later.Header.Get("Location"), "X-API-Key: "+c.key).text("state") != "running"
	})
	running, held := io.Pipe()
	request, _ := http.NewRequestWithContext(c.t.Context(), "POST", c.url+"/v1/imports", running)
	for name, value := range map[string]string{"Authorization": "Bearer " + c.key, "Content-Type": "application/x-ndjson", "Idempotency-Key": "held"} {
		request.Header.Set(name, value)
	}
	answered := make(chan error, 1)
	go func() {
		response, err := http.DefaultClient.Do(request)
		if err == nil {
			_ = response.Body.Close()
		}
		answered <- err
	}()
	if _, err := io.WriteString(held, testkit.Statement("im:6", "six")+"\n"); err != nil {
		c.t.Fatal(err)
	}
	testkit.Until(c.t, func() bool {
		return c.get("/v1/imports", "X-API-Key: "+c.key).text("data", 0, "state") == "running"
	})
	c.want(c.post("/v1/imports", stream, ndjson, "Idempotency-Key: held"), 409)
	_ = held.Close()
	if err := <-answered; err != nil {
		c.t.Error(err)
	}

	item := done.Header.Get("Location")
	for _, method := range []string{"GET", "HEAD"} {
		for _, path := range []string{"/v1/imports", item} {
			read := c.want(c.do(method, path, "", "X-API-Key: "+c.key), 200)
			c.want(c.do(method, path, "", "X-API-Key: "+c.key, "If-None-Match: "+read.Header.Get("ETag")), 304)
			c.want(c.do(method, path+"?x=1", "", "X-API-Key: "+c.key), 400)
			c.want(c.do(method, path, "", "-Authorization"), 401)
			c.want(c.do(method, path, "", reader), 403)
		}
		c.want(c.do(method, "/v1/imports/x", "", "X-API-Key: "+c.key), 404)
		c.want(c.do(method, "/v1/export?kind=speaker,statement&dataset=own", ""), 200)
		c.want(c.do(method, "/v1/export?kind=tip", ""), 400)
		closed.want(closed.do(method, "/v1/export", ""), 401)
	}
	revert := item + "/revert"
	c.want(c.post(revert+"?x=1", ""), 400)
	c.want(c.post(revert, "", "-Authorization"), 401)
	c.want(c.post(revert, "", reader), 403)
	c.want(c.post("/v1/imports/x/revert", ""), 404)
	c.want(c.post(revert, ""), 200)
	c.want(c.post(revert, ""), 409)
}

// The same records arrive in every format, compressed or not.
func TestImportFormats(t *testing.T) {
	t.Parallel()
	records := []string{
		`{"type":"topic","slug":"a","name":"A, “B”"}`,
		`{"type":"speaker","key":"x:1","name":"Ü","kind":"person","nationality":"PK","aliases":[{"name":"U"}]}`,
		`{"type":"statement","key":"x:2","speaker":{"key":"x:1"},"kind":"threat","text":"one\ntwo","said_on":"2026-02~","topics":["a"]}`,
	}
	lines := strings.Join(records, "\n")
	table := "type,slug,key,name,kind,nationality,aliases,speaker,text,said_on,topics\n" +
		"topic,a,,\"A, “B”\",,,,,,,\n" +
		"speaker,,x:1,Ü,person,PK,\"[{\"\"name\"\":\"\"U\"\"}]\",,,,\n" +
		"statement,,x:2,,threat,,,key:x:1,\"one\ntwo\",2026-02~,\"[\"\"a\"\"]\"\n"
	zipped := func(s string) string {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, _ = io.WriteString(w, s)
		_ = w.Close()
		return b.String()
	}
	packed := func(s string) string {
		w, err := zstd.NewWriter(nil)
		if err != nil {
			t.Fatal(err)
		}
		return string(w.EncodeAll([]byte(s), nil))
	}
	var first string
	for _, tt := range []struct{ name, body, media, encoding string }{
		{"lines", lines, "application/x-ndjson", ""},
		{"lines with BOM and CR LF", "\ufeff" + strings.ReplaceAll(lines, "\n", "\r\n") + "\r\n\r\n", "application/x-ndjson", ""},
		{"lines in gzip", zipped(lines), "application/x-ndjson; charset=utf-8", "gzip"},
		{"lines in zstd", packed(lines), "application/x-ndjson", "zstd"},
		{"array", "[" + strings.Join(records, ",") + "]", "application/json", ""},
		{"array with BOM, in zstd", packed("\ufeff [\n" + strings.Join(records, ",\n") + "\n]\n"), "application/json", "zstd"},
		{"table", table, "text/csv", ""},
		{"table with BOM and CR LF", "\ufeff" + strings.ReplaceAll(strings.ReplaceAll(table, "\n", "\r\n"), "one\r\ntwo", "one\ntwo"), "text/csv; charset=UTF-8", ""},
		{"table with sep=", "sep=;\r\n" + "type;slug;name\ntopic;a;\"A, “B”\"\n", "text/csv", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := serve(t)
			headers := []string{"Content-Type: " + tt.media}
			if tt.encoding != "" {
				headers = append(headers, "Content-Encoding: "+tt.encoding)
			}
			report := c.want(c.post("/v1/imports", tt.body, headers...), 201)
			if tt.name == "table with sep=" {
				if report.text("inserted") != "1" {
					t.Errorf("report: %s", report.body)
				}
				return
			}
			export := string(c.want(c.get("/v1/export"), 200).body)
			if first == "" {
				first = export
			}
			if diff := cmp.Diff(first, export); diff != "" {
				t.Errorf("other records than from the first format (-first +this):\n%s", diff)
			}
			if repeat := c.want(c.post("/v1/imports", tt.body, headers...), 201); repeat.text("unchanged") != "3" || repeat.text("seq") != "" {
				t.Errorf("the same again: %s", repeat.body)
			}
		})
	}
}

// A stream that is not one is refused whole, and says where it stops being one.
func TestImportRefusals(t *testing.T) {
	t.Parallel()
	good := `{"type":"topic","slug":"good","name":"Good"}`
	bomb := func() string {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		for range 64 {
			_, _ = w.Write(bytes.Repeat([]byte{' '}, 1<<20))
		}
		_ = w.Close()
		return b.String()
	}()
	whole := func() string {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, _ = io.WriteString(w, good)
		_ = w.Close()
		return b.String()
	}()
	c := serve(t)
	before := string(c.get("/v1/export").body)
	for _, tt := range []struct {
		name, body, headers string
		status              int
		says                string
	}{
		{"bad line first", "{\n" + good, ndjson, 422, `"line":1`},
		{"bad line in the middle", good + "\n{\"type\":\"topic\"}\n" + good, ndjson, 422, `"line":2`},
		{"bad line last", good + "\n{\"type\":\"topic\",\"slug\":\"b\",\"name\":1}", ndjson, 422, `"pointer":"/name"`},
		{"no such kind", `{"type":"tpoic","slug":"b"}`, ndjson, 422, `is none of country`},
		{"no kind", `{"slug":"b"}`, ndjson, 422, `"pointer":"/type"`},
		{"unknown field", `{"type":"topic","slug":"b","name":"B","title":"c"}`, ndjson, 422, `"unknown_field"`},
		{"no key", `{"type":"source","name":"B","kind":"online"}`, ndjson, 422, `"pointer":"/key"`},
		{"nested without key", `{"type":"statement","id":"0197a3c2-5b1e-7c55-9d3a-4f1f6f1f0a11","speaker":{"key":"person:asif"},"kind":"threat","text":"a","reports":[{"article":{"key":"article:one"}}]}`, ndjson, 422, `"pointer":"/reports/0/key"`},
		{"an id that is not the key's", `{"type":"source","key":"a:b","id":"0197a3c2-5b1e-7c55-9d3a-4f1f6f1f0a11","name":"B","kind":"online"}`, ndjson, 422, `"pointer":"/id"`},
		{"reference to nothing", `{"type":"source","key":"a:b","name":"B","kind":"online","owner":{"key":"a:c"}}`, ndjson, 422, `"names no source"`},
		{"name as given of nobody", `{"type":"report","key":"a:b","statement":{"key":"a:s"},"article":{"key":"article:one"},"renderings":[{"part":"body","form":"paraphrase","names_as_given":[{"name":"x","speaker":{"key":"no:one"}}]}]}` + "\n" + testkit.Statement("a:s", "s"), ndjson, 422, `/renderings/0/names_as_given/0/speaker`},
		{"cycle", `{"type":"source","key":"a:b","name":"B","kind":"online","owner":{"key":"a:c"}}` + "\n" + `{"type":"source","key":"a:c","name":"C","kind":"online","owner":{"key":"a:b"}}`, ndjson, 422, `"cycle"`},
		{"cycle with itself", `{"type":"source","key":"a:b","name":"B","kind":"online","owner":{"key":"a:b"}}`, ndjson, 422, `"self"`},
		{"key of two kinds", `{"type":"source","key":"a:b","name":"B","kind":"online"}` + "\n" + `{"type":"speaker","key":"a:b","name":"C","kind":"ngo"}`, ndjson, 422, `names a source`},
		{"key of another kind", `{"type":"source","key":"person:asif","name":"B","kind":"online"}`, ndjson, 422, `names a speaker`},
		{"same id, other content", good + "\n" + strings.Replace(good, "Good", "Better", 1), ndjson, 422, `line 1 says something else`},
		{"two reports of one article", `{"type":"report","key":"a:1","statement":{"key":"a:s"},"article":{"key":"article:one"}}` + "\n" + `{"type":"report","key":"a:2","statement":{"key":"a:s"},"article":{"key":"article:one"}}` + "\n" + testkit.Statement("a:s", "s"), ndjson, 422, `same statement and article as line 1`},
		{"verdict on a promise", `{"type":"claim","key":"a:c","text":"c","sort":"commitment"}` + "\n" + `{"type":"assessment","key":"a:a","claim":{"key":"a:c"},"reviewer":{"key":"outlet:one"},"verdict":"x","normalised":"true"}`, ndjson, 422, `"not_a_fact"`},
		{"invalid UTF-8", "{\"type\":\"topic\",\"slug\":\"b\",\"name\":\"\xff\"}", ndjson, 422, `"line":1`},
		{"UTF-16", "\xff\xfe{\x00}\x00", ndjson, 422, `"line":1`},
		{"truncated array", "[" + good, "Content-Type: application/json", 422, `does not end`},
		{"no array", good, "Content-Type: application/json", 422, `not a JSON array`},
		{"behind the array", "[] []", "Content-Type: application/json", 422, `behind the array`},
		{"no header", "", "Content-Type: text/csv", 422, `no header`},
		{"no column type", "slug,name\na,A\n", "Content-Type: text/csv", 422, `no column type`},
		{"a column twice", "type,name,name\n", "Content-Type: text/csv", 422, `twice`},
		{"an open quote", "type,slug,name\ntopic,a,\"A\n", "Content-Type: text/csv", 422, `line`},
		{"too few cells", "type,slug,name\ntopic,a\n", "Content-Type: text/csv", 422, `has 2 cells`},
		{"not a number", "type,code,name,status,latitude\ncountry,ZZ,Z,state,north\n", "Content-Type: text/csv", 422, `/latitude`},
		{"long line", `{"type":"topic","slug":"b","name":"` + strings.Repeat("a", 5<<20), ndjson, 422, `more than 4194304 bytes`},
		{"long value in an array", `["` + strings.Repeat("a", 5<<20), "Content-Type: application/json", 422, `more than 4194304 bytes`},
		{"long cell", "type,slug,name\ntopic,a,\"" + strings.Repeat("a", 5<<20), "Content-Type: text/csv", 422, `more than 4194304 bytes`},
		{"a bomb", bomb, ndjson + "|Content-Encoding: gzip", 422, `more than 4194304 bytes`},
		{"not gzip", good, ndjson + "|Content-Encoding: gzip", 422, `broke off`},
		{"gzip cut", whole[:len(whole)-6], ndjson + "|Content-Encoding: gzip", 422, `broke off`},
		{"not zstd", good, ndjson + "|Content-Encoding: zstd", 422, `broke off`},
		{"unknown compression", good, ndjson + "|Content-Encoding: br", 415, ``},
		{"two compressions", good, ndjson + "|Content-Encoding: gzip, gzip", 415, ``},
		{"another charset", good, ndjson + "; charset=latin1", 415, ``},
	} {
		t.Run(tt.name, func(t *testing.T) {
			answer := c.want(c.post("/v1/imports", tt.body, strings.Split(tt.headers, "|")...), tt.status)
			if !strings.Contains(string(answer.body), tt.says) {
				t.Errorf("does not say %s: %s", tt.says, answer.body)
			}
			if after := string(c.get("/v1/export").body); after != before {
				t.Errorf("something was written: %s", cmp.Diff(before, after))
			}
		})
	}
}

// What ships is a stream like any other: exported, loaded elsewhere and
// exported again it is the same, byte for byte.
func TestExportIsAnImport(t *testing.T) {
	t.Parallel()
	c := serve(t)
	testkit.Create(t, c.store, `{"type":"statement","speaker":{"key":"person:asif"},"kind":"threat","text":"without a key"}`)
	testkit.Create(t, c.store, `{"type":"statement","speaker":{"key":"person:asif"},"kind":"threat","text":"  spaces\tand\nlines ","said_on":"[..2026-02-19]","dataset":"other","targets":[{"role":"object","country":"AF"},{"role":"mentioned","country":"PK"}]}`)
	first := c.want(c.get("/v1/export"), 200).body
	empty := serveStore(t, testkit.Store(t))
	for line := range bytes.Lines(first) {
		if !json.Valid(line) {
			t.Fatalf("not a record: %s", line)
		}
	}
	report := empty.want(empty.post("/v1/imports", string(first), ndjson), 201)
	if report.text("inserted") != report.text("received") || report.text("failed") != "0" {
		t.Errorf("report: %s", report.body)
	}
	if diff := cmp.Diff(string(first), string(empty.get("/v1/export").body)); diff != "" {
		t.Errorf("another export (-first +second):\n%s", diff)
	}
	if part := string(c.get("/v1/export?dataset=other").body); strings.Count(part, "\n") != 1 || !strings.Contains(part, `"dataset":"other"`) {
		t.Errorf("of the data set other: %s", part)
	}
	if list, err := claims.ReadStream(c.get("/v1/export?kind=country").body); err != nil || len(list) != 2 {
		t.Errorf("countries: %d, %v", len(list), err)
	}
}
