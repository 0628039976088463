package testkit

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func load(t testing.TB) *Contract {
	t.Helper()
	c, err := LoadContract()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A canned exchange: what a client sends and what a server answers.
type canned struct {
	method, path string // default GET
	sends        http.Header
	body         string

	status  int // default 200
	header  http.Header
	answers string
}

const (
	topicRecord = `{"id":"trade","slug":"trade","version":1,"dataset":"own","review":"machine","created_at":"2026-02-20T09:12:43.99Z",` +
		`"updated_at":"2026-02-20T09:12:43.99Z","name":"Trade","parent":null}`
	reportRecord = `{"id":"af2bdbe1-fed7-805c-b6c1-fdca5480bcac","key":null,"version":1,"dataset":"own","review":"machine",` +
		`"created_at":"2026-02-20T09:12:44Z","updated_at":"2026-02-20T09:12:44Z","statement":"af2bdbe1-e8fc-8120-9587-20b366b56fd0",` +
		`"article":"0197a3c2-5b1e-7c55-9d3a-4f1f6f1f0a11","article_title":"T","published_on":null,"source_name":"France 24","match":"explicit",` +
		`"match_note":null,"credibility":null,"credibility_by":null,"credibility_on":null,"credibility_reason":null,"cites":[],"renderings":[]}`
	topicInput = `{"slug":"trade","name":"Trade"}`
	tipRecord  = `{"id":"0197a3c2-5b1e-7c55-9d3a-4f1f6f1f0a11","key":null,"version":1,"dataset":"own","review":"machine","created_at":"2026-02-20T09:12:44Z",` +
		`"updated_at":"2026-02-20T09:12:44Z","on":"topic","record":"trade","text":"T","status":"new","change":null,"response":null}`
	tipInput = `{"on":"topic","record":"trade","text":"T","contact":"reader@example.org"}`
	notFound = `{"type":"urn:onrecord:problem:not_found","title":"Not found","status":404,"detail":"no topic has this id","instance":"urn:onrecord:request:1"}`
)

func page(records ...string) string {
	return `{"data":[` + strings.Join(records, ",") + `],"next_cursor":null,"count":null,"scope":{"dataset":"own"},"derived_pending":false,"as_of":"seq:17","cite":"/v1/topics?as_of=seq%3A17"}`
}

// with is headers in pairs.
func with(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Add(pairs[i], pairs[i+1])
	}
	return h
}

func record200(extra ...string) http.Header {
	return with(append([]string{"Content-Type", "application/json", "ETag", `"1-abc"`, "X-Seq", "17"}, extra...)...)
}

func problem() http.Header { return with("Content-Type", "application/problem+json") }

// departures are what the checker reports of the exchange.
func (x canned) departures(t *testing.T) string {
	t.Helper()
	if x.method == "" {
		x.method = http.MethodGet
	}
	if x.status == 0 {
		x.status = http.StatusOK
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		for name, values := range x.header {
			w.Header()[name] = values
		}
		w.WriteHeader(x.status)
		_, _ = io.WriteString(w, x.answers)
	}))
	defer server.Close()
	var reported []string
	client := &http.Client{
		Transport:     load(t).Transport(server.Client().Transport, func(err error) { reported = append(reported, err.Error()) }),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	req, err := http.NewRequestWithContext(t.Context(), x.method, server.URL+x.path, strings.NewReader(x.body))
	if err != nil {
		t.Fatal(err)
	}
	if x.sends != nil {
		req.Header = x.sends
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != x.status || x.method != http.MethodHead && string(got) != x.answers {
		t.Errorf("the client got %d %q", resp.StatusCode, got)
	}
	return strings.Join(reported, "\n")
}

var (
	key     = with("Authorization", "Bearer onrec_a_b", "Content-Type", "application/json")
	changes = with("Authorization", "Bearer onrec_a_b", "Content-Type", "application/json", "If-Match", `"1-abc"`)
)

func TestContractAccepts(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]canned{
		"a page":               {path: "/v1/topics?limit=2&name=Trade,Gaza&name=Drugs&not_parent=trade&sort=-name", header: record200(), answers: page(topicRecord)},
		"a page with a next":   {path: "/v1/topics", header: record200("Link", `</v1/topics?cursor=x>; rel="next"`), answers: page()},
		"a record":             {path: "/v1/topics/trade?as_of=seq:17", header: record200(), answers: topicRecord + "\n"},
		"an embedded record":   {path: "/v1/topics/trade?include=parent", header: record200(), answers: strings.Replace(topicRecord, `"parent":null`, `"parent":`+topicRecord, 1)},
		"a key with a slash":   {path: "/v1/reports/key:a:b%2Fc:d", header: record200(), answers: reportRecord},
		"UUIDs of any version": {path: "/v1/reports?id=0197a3c2-5b1e-7c55-9d3a-4f1f6f1f0a11", header: record200(), answers: page(reportRecord)},
		"no news":              {path: "/v1/topics/trade", sends: with("If-None-Match", `"1-abc"`), status: 304, header: with("ETag", `"1-abc"`, "X-Seq", "17")},
		"HEAD":                 {method: "HEAD", path: "/v1/topics", header: record200()},
		"HEAD of a problem":    {method: "HEAD", path: "/v1/topics/x", status: 404, header: problem()},
		"creating":             {method: "POST", path: "/v1/topics", sends: key, body: topicInput, status: 201, header: record200("Location", "/v1/topics/trade"), answers: topicRecord},
		"creating, minimal":    {method: "POST", path: "/v1/topics", sends: key, body: topicInput, status: 201, header: with("ETag", `"1-abc"`, "X-Seq", "17", "Location", "/v1/topics/trade", "Preference-Applied", "return=minimal")},
		"a tip by anybody":     {method: "POST", path: "/v1/tips", sends: with("Content-Type", "application/json"), body: tipInput, status: 201, header: record200("Location", "/v1/tips/x"), answers: tipRecord},
		"replacing":            {method: "PUT", path: "/v1/topics/trade", sends: changes, body: `{"name":"Trade"}`, header: record200(), answers: topicRecord},
		"patching, minimal":    {method: "PATCH", path: "/v1/topics/trade", sends: changes, body: `{"parent":null}`, status: 204, header: with("ETag", `"1-abc"`, "X-Seq", "17", "Preference-Applied", "return=minimal")},
		"deleting":             {method: "DELETE", path: "/v1/topics/trade", sends: changes, status: 204, header: with("X-Seq", "18")},
		"a bad request":        {method: "POST", path: "/v1/topics?x=1", body: "{", status: 401, header: with("Content-Type", "application/problem+json", "WWW-Authenticate", "Bearer"), answers: strings.NewReplacer("not_found", "unauthorized", "404", "401").Replace(notFound)},
		"nowhere":              {path: "/v1/nothing", status: 404, header: problem(), answers: notFound},
		"another method":       {method: "TRACE", path: "/v1/topics", status: 405, header: with("Content-Type", "application/problem+json", "Allow", "GET"), answers: strings.NewReplacer("not_found", "method_not_allowed", "404", "405").Replace(notFound)},
		"OPTIONS":              {method: "OPTIONS", path: "/v1/topics", status: 204, header: with("Allow", "GET, POST")},
		"home":                 {path: "/", status: 303, header: with("Location", "/docs", "Content-Type", "text/html"), answers: "<a href=\"/docs\">See Other</a>.\n"},
		"the document":         {path: "/openapi.yaml", header: with("Content-Type", "application/yaml", "ETag", `"abc"`), answers: "openapi: 3.1.0"},
		"health":               {path: "/readyz", header: with("Content-Type", "application/json"), answers: `{"status":"ok"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := x.departures(t); got != "" {
				t.Error(got)
			}
		})
	}
}

// The canaries: a checker that stops to sing is broken.
func TestContractRejects(t *testing.T) {
	t.Parallel()
	right := canned{path: "/v1/topics/trade", header: record200(), answers: topicRecord}
	for name, c := range map[string]struct {
		x    func(*canned)
		want string
	}{
		"an undocumented status":       {func(x *canned) { x.status = 206 }, "not documented for getTopic"},
		"an undocumented operation":    {func(x *canned) { x.path = "/v1/nothing" }, "no operation"},
		"an undocumented method":       {func(x *canned) { x.method = "DELETE"; x.path = "/v1/topics" }, "no operation"},
		"a missing field":              {func(x *canned) { x.answers = strings.Replace(x.answers, `,"parent":null`, "", 1) }, "missing property 'parent'"},
		"an extra field":               {func(x *canned) { x.answers = strings.Replace(x.answers, "{", `{"slogan":1,`, 1) }, "'slogan' not allowed"},
		"a wrong type":                 {func(x *canned) { x.answers = strings.Replace(x.answers, `"version":1`, `"version":"1"`, 1) }, "'/version'"},
		"null where there is none":     {func(x *canned) { x.answers = strings.Replace(x.answers, `"Trade"`, "null", 1) }, "'/name'"},
		"a wrong enum value":           {func(x *canned) { x.answers = strings.Replace(x.answers, "machine", "robot", 1) }, "'/review'"},
		"a wrong time":                 {func(x *canned) { x.answers = strings.Replace(x.answers, "09:12:43.99Z", "09:12", 1) }, "'/created_at'"},
		"a field that stands twice":    {func(x *canned) { x.answers = strings.Replace(x.answers, "{", `{"name":"Trade",`, 1) }, "duplicate"},
		"an embedded record's field":   {func(x *canned) { x.answers = strings.Replace(x.answers, "null", `{"id":"trade"}`, 1) }, "'/parent'"},
		"a truncated body":             {func(x *canned) { x.answers = x.answers[:20] }, "unexpected EOF"},
		"an empty body":                {func(x *canned) { x.answers = "" }, "EOF"},
		"a wrong content type":         {func(x *canned) { x.header.Set("Content-Type", "text/plain") }, "media type text/plain"},
		"no content type":              {func(x *canned) { x.header["Content-Type"] = nil }, "Content-Type"},
		"a missing required header":    {func(x *canned) { x.header.Del("ETag") }, "header ETag is missing"},
		"a missing header under HEAD":  {func(x *canned) { x.method = "HEAD"; x.header.Del("X-Seq") }, "header X-Seq is missing"},
		"a wrong header":               {func(x *canned) { x.header.Set("X-Seq", "seventeen") }, `header X-Seq "seventeen"`},
		"a list's tag for a record":    {func(x *canned) { x.header.Set("ETag", `"abc"`) }, "header ETag"},
		"an undocumented parameter":    {func(x *canned) { x.path += "?colour=red" }, "query parameter colour is not documented"},
		"another resource's parameter": {func(x *canned) { x.path += "?speaker=x" }, "query parameter speaker is not documented"},
		"the complement of no filter":  {func(x *canned) { x.path = "/v1/topics?not_limit=1"; x.answers = page() }, "query parameter not_limit"},
		"an accepted wrong parameter":  {func(x *canned) { x.path = "/v1/topics?limit=5000"; x.answers = page() }, `query limit "5000"`},
		"an accepted wrong sort":       {func(x *canned) { x.path = "/v1/topics?sort=said_on"; x.answers = page() }, "query sort"},
		"an accepted empty filter":     {func(x *canned) { x.path = "/v1/topics?name="; x.answers = page() }, "query name"},
		"another resource's record":    {func(x *canned) { x.path = "/v1/topics"; x.answers = page(reportRecord) }, "'/data/0'"},
		"an extra scope": {func(x *canned) {
			x.path = "/v1/topics"
			x.answers = strings.Replace(page(), `"dataset"`, `"voice":"x","dataset"`, 1)
		}, "'/scope'"},
		"a UUID that is none": {func(x *canned) {
			x.path = "/v1/reports/x"
			x.answers = strings.Replace(reportRecord, "af2b", "zf2b", 1)
		}, "'/id'"},
		"an id of an old UUID's shape": {func(x *canned) {
			x.path = "/v1/reports/x"
			x.answers = strings.Replace(reportRecord, "-805c-", "-005c-", 1)
		}, "uuid"},
		"a problem as plain JSON": {func(x *canned) { x.status = 404; x.answers = notFound }, "media type application/json"},
		"a problem of unknown type": {func(x *canned) {
			x.status, x.header = 404, problem()
			x.answers = strings.Replace(notFound, "not_found", "lost", 1)
		}, "'/type'"},
		"a problem at no one's address":  {func(x *canned) { x.path, x.status, x.header = "/x", 404, problem(); x.answers = `{"error":"x"}` }, "missing properties"},
		"405 without Allow":              {func(x *canned) { x.method, x.status, x.header, x.answers = "POST", 405, problem(), notFound }, "header Allow is missing"},
		"401 without a challenge":        {func(x *canned) { x.status, x.header, x.answers = 401, problem(), notFound }, "header WWW-Authenticate is missing"},
		"OPTIONS without Allow":          {func(x *canned) { x.method, x.status, x.header, x.answers = "OPTIONS", 204, nil, "" }, "Allow"},
		"no body where one is expected":  {func(x *canned) { created(x); x.answers = "" }, "EOF"},
		"a write without a key":          {func(x *canned) { created(x); x.sends = with("Content-Type", "application/json") }, "takes a key"},
		"an accepted wrong body":         {func(x *canned) { created(x); x.body = `{"slug":"trade","name":"Trade","colour":"red"}` }, "'colour' not allowed"},
		"an accepted body without slug":  {func(x *canned) { created(x); x.body = `{"name":"Trade"}` }, "missing property 'slug'"},
		"an accepted missing body":       {func(x *canned) { created(x); x.body = "" }, "the body is missing"},
		"an accepted media type":         {func(x *canned) { created(x); x.sends = key.Clone(); x.sends.Set("Content-Type", "text/json") }, "media type text/json"},
		"an accepted wrong header":       {func(x *canned) { created(x); x.sends = key.Clone(); x.sends.Set("Idempotency-Key", "ü") }, "header Idempotency-Key"},
		"a change without If-Match":      {func(x *canned) { x.method, x.sends, x.body = "PUT", key, `{"name":"Trade"}` }, "header If-Match is missing"},
		"a deletion with a body":         {func(x *canned) { x.method, x.sends, x.body = "DELETE", changes, "{}"; x.status, x.answers = 204, "" }, "a body where none is documented"},
		"a statement put with reports":   {func(x *canned) { putStatement(x, `"reports":[]`) }, "'not' failed"},
		"a statement put with positions": {func(x *canned) { putStatement(x, `"positions":[]`) }, "'not' failed"},
		"a statement put with links":     {func(x *canned) { putStatement(x, `"links":[]`) }, "'not' failed"},
		"a position of another statement": {func(x *canned) {
			putStatement(x, `"positions":[{"statement":{"key":"a:b"},"claim":{"key":"a:c"},"stance":"asserts"}]`)
			x.method, x.path, x.status = "POST", "/v1/statements", 201
			x.header.Set("Location", "/v1/statements/x")
		}, "'/positions/0'"},
		"a tip read without a key": {func(x *canned) { x.path = "/v1/tips/x"; x.answers = tipRecord }, "takes a key"},
		"a tip's contact": {func(x *canned) {
			x.path, x.sends = "/v1/tips/x", key
			x.answers = strings.Replace(tipRecord, `"text"`, `"contact":"x","text"`, 1)
		}, "'contact' not allowed"},
		"a tip on a tip": {func(x *canned) {
			x.path, x.sends = "/v1/tips/x", key
			x.answers = strings.Replace(tipRecord, `"topic"`, `"tip"`, 1)
		}, "'/on'"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := right
			x.header = right.header.Clone()
			c.x(&x)
			if got := x.departures(t); !strings.Contains(got, c.want) {
				t.Errorf("reported %q, want %q", got, c.want)
			}
		})
	}
}

// created turns the exchange into a right creation.
func created(x *canned) {
	x.method, x.path, x.sends, x.body, x.status = "POST", "/v1/topics", key, topicInput, 201
	x.header.Set("Location", "/v1/topics/trade")
}

// putStatement turns the exchange into the replacing of a statement.
func putStatement(x *canned, field string) {
	x.path, x.method, x.sends, x.status, x.answers = "/v1/statements/x", "PUT", changes, 204, ""
	x.header.Set("Preference-Applied", "return=minimal")
	x.body = `{"speaker":{"key":"a:b"},"kind":"threat","text":"x",` + field + `}`
}

// What was exercised is counted, also where it was wrong.
func TestContractExercised(t *testing.T) {
	t.Parallel()
	all := load(t)
	c := &Contract{router: all.router, operations: all.operations, nowhere: all.nowhere, exercised: map[string]map[int]int{}}
	for range 2 {
		req := httptest.NewRequest(http.MethodGet, "/v1/countries/AF", nil)
		c.check(exchange{Request: req, status: 404})
	}
	if got := c.Exercised(); got["getCountry"][404] != 2 || len(got) != 1 {
		t.Errorf("exercised %v", got)
	}
}

// An answer that breaks off reaches the client as that.
func TestContractBrokenAnswer(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, `{"data":`)
	}))
	defer server.Close()
	client := http.Client{Transport: load(t).Transport(nil, func(err error) { t.Error(err) })}
	resp, err := client.Get(server.URL + "/v1/topics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if got, err := io.ReadAll(resp.Body); err == nil || string(got) != `{"data":` {
		t.Errorf("read %q, %v", got, err)
	}
}

// Checking must not be what tests wait for.
func BenchmarkContractPage(b *testing.B) {
	c := load(b)
	statements := make([]string, 1000)
	for i := range statements {
		statements[i] = reportRecord
	}
	x := exchange{Request: httptest.NewRequest(http.MethodGet, "/v1/reports?limit=1000", nil), status: 200, header: record200(), answer: []byte(page(statements...))}
	for b.Loop() {
		if problems := c.check(x); problems != nil {
			b.Fatal(fmt.Sprint(problems))
		}
	}
}
