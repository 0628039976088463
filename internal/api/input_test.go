package api_test

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"onrecord/internal/api"
)

var (
	noExpiry time.Time
	longAgo  = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
)

func private(c *api.Config) { c.PublicRead = false }

func basic(user, password string) string {
	return base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
}

// Each of these is refused with a problem that points at what is wrong, and
// nothing is written.
func TestBadBodiesAreRefused(t *testing.T) {
	t.Parallel()
	c := serve(t)
	deep := strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40)
	tests := []struct {
		what, path, body string
		status           int
		pointer, code    string
	}{
		{"no JSON", "/v1/statements", `what`, 400, "", "json"},
		{"nothing", "/v1/statements", ` `, 400, "", "json"},
		{"trailing data", "/v1/statements", statement() + `{}`, 400, "", "json"},
		{"a repeated name", "/v1/statements", statement(`"text":"again"`), 400, "/text", "duplicate_name"},
		{"a repeated name within", "/v1/statements", statement(`"targets":[{"role":"object","role":"victim","country":"AF"}]`), 400, "/targets/0/role", "duplicate_name"},
		{"invalid UTF-8", "/v1/statements", statement("\"language\":\"\xff\""), 400, "/language", "json"},
		{"a lone surrogate", "/v1/statements", statement(`"language":"\ud800"`), 400, "/language", "json"},
		{"too deep", "/v1/statements", statement(`"condition":` + deep), 400, "", "depth"},
		{"a number out of range", "/v1/reports", `{"statement":{"key":"s:1"},"article":{"key":"article:one"},"credibility":1e400}`, 422, "/credibility", "type"},
		{"an unknown field", "/v1/statements", statement(`"colour":"red"`), 422, "/colour", "unknown_field"},
		{"an unknown field within", "/v1/statements", statement(`"targets":[{"role":"object","country":"AF","x":1}]`), 422, "/targets/0/x", "unknown_field"},
		{"a field by another case", "/v1/statements", statement(`"Language":"en"`), 422, "/Language", "unknown_field"},
		{"a server's field", "/v1/statements", statement(`"version":7`), 422, "/version", "unknown_field"},
		{"a wrong type", "/v1/statements", statement(`"language":7`), 422, "/language", "type"},
		{"a list for an object", "/v1/statements", statement(`"condition":[]`), 422, "/condition", "type"},
		{"an unknown vocabulary value", "/v1/statements", statement(`"voice":"choir"`), 422, "/voice", "unknown_value"},
		{"an unknown vocabulary value within", "/v1/statements", statement(`"targets":[{"role":"hero","country":"AF"}]`), 422, "/targets/0/role", "unknown_value"},
		{"a bad EDTF date", "/v1/statements", statement(`"said_on":"18.2.2026"`), 422, "/said_on", "edtf"},
		{"a day that isn't", "/v1/statements", statement(`"said_on":"2026-02-30"`), 422, "/said_on", "edtf"},
		{"an inverted range", "/v1/statements", statement(`"said_on":"2026-03/2026-02"`), 422, "/said_on", "edtf"},
		{"an empty date", "/v1/statements", statement(`"said_on":""`), 422, "/said_on", "empty"},
		{"no text", "/v1/statements", `{"speaker":{"key":"person:asif"},"kind":"threat"}`, 422, "/text", "required"},
		{"null where something must be", "/v1/statements", `{"speaker":{"key":"person:asif"},"kind":"threat","text":null}`, 422, "/text", "required"},
		{"blank text", "/v1/statements", `{"speaker":{"key":"person:asif"},"kind":"threat","text":" \n"}`, 422, "/text", "blank"},
		{"NUL", "/v1/statements", `{"speaker":{"key":"person:asif"},"kind":"threat","text":"a\u0000b"}`, 422, "/text", "nul"},
		{"too long a text", "/v1/statements", `{"speaker":{"key":"person:asif"},"kind":"threat","text":"` + strings.Repeat("x", 20_001) + `"}`, 422, "/text", "too_long"},
		{"too many targets", "/v1/statements", statement(`"topics":[` + strings.Repeat(`"security",`, 200) + `"security"]`), 422, "/topics", "too_many"},
		{"the same topic twice", "/v1/statements", statement(`"topics":["security","security"]`), 422, "/topics/1", "duplicate"},
		{"the same target by key and by id", "/v1/statements", statement(`"targets":[{"role":"object","speaker":{"key":"gov:AF"}},{"role":"object","speaker":"7b5fe22b-c865-86a5-81da-5e10bd4765e2"}]`), 422, "/targets/1", "duplicate"},
		{"two reports of one article", "/v1/statements", statement(`"key":"s:1"`, `"reports":[{"article":{"key":"article:one"}},{"article":{"key":"article:one"}}]`), 422, "/reports/1", "duplicate"},
		{"a nested report with a key that is taken", "/v1/statements", statement(`"reports":[{"article":{"key":"article:one"}},{"key":"person:asif","article":{"key":"article:two"}}]`), 409, "/reports/1/key", "exists"},
		{"a name given of nobody", "/v1/statements", statement(`"reports":[{"article":{"key":"article:one"},"renderings":[{"part":"body","form":"quotation","names_as_given":[{"name":"x","speaker":{"key":"no:body"}}]}]}]`), 422, "/reports/0/renderings/0/names_as_given/0/speaker", "reference"},
		{"the zero time", "/v1/articles", `{"source":{"key":"outlet:one"},"title":"T","published_at":"0000-01-01T00:00:00Z"}`, 422, "/published_at", "range"},
		{"an unknown speaker", "/v1/statements", statement(`"on_behalf_of":"ZZ"`), 422, "/on_behalf_of", "reference"},
		{"an unknown parent", "/v1/statements", statement(`"within":{"key":"s:none"}`), 422, "/within", "reference"},
		{"an empty reference", "/v1/statements", statement(`"within":""`), 422, "/within", "empty"},
		{"an empty term", "/v1/statements", statement(`"review":""`), 422, "/review", "empty"},
		{"an empty entry", "/v1/sources", `{"name":"A","kind":"other","languages":["en",""]}`, 422, "/languages/1", "empty"},
		{"a reference by name", "/v1/statements", statement(`"within":"Asif"`), 422, "/within", "reference"},
		{"a reference by a bad key", "/v1/statements", statement(`"within":{"key":"Asif"}`), 422, "/within", "reference"},
		{"a reference with more than a key", "/v1/statements", statement(`"within":{"key":"s:1","id":"x"}`), 422, "/within/id", "unknown_field"},
		{"a country by key", "/v1/statements", statement(`"on_behalf_of":{"key":"gov:AF"}`), 422, "/on_behalf_of", "reference"},
		{"a country in small letters", "/v1/statements", statement(`"on_behalf_of":"af"`), 422, "/on_behalf_of", "reference"},
		{"a target that is two", "/v1/statements", statement(`"targets":[{"role":"object","country":"AF","speaker":{"key":"gov:AF"}}]`), 422, "/targets/0", "one_of"},
		{"a target that is none", "/v1/statements", statement(`"targets":[{"role":"object"}]`), 422, "/targets/0", "one_of"},
		{"an outcome nobody gives", "/v1/statements", statement(`"condition":{"text":"x","sense":"if","outcome":"met"}`), 422, "/condition/given_by", "required"},
		{"itself within itself", "/v1/statements", statement(`"key":"s:self"`, `"within":{"key":"s:self"}`), 422, "/within", "self"},
		{"a key without namespace", "/v1/statements", statement(`"key":"s1"`), 422, "/key", "key"},
		{"too long a key", "/v1/statements", statement(`"key":"s:` + strings.Repeat("x", 200) + `"`), 422, "/key", "key"},
		{"a key not in NFC", "/v1/statements", statement(`"key":"s:e\u0301"`), 422, "/key", "key"},
		{"a nested report of another statement", "/v1/statements", statement(`"reports":[{"statement":{"key":"s:x"},"article":{"key":"article:one"}}]`), 422, "/reports/0/statement", "nested"},
		{"a report that cites itself", "/v1/statements", statement(`"reports":[{"article":{"key":"article:one"},"cites":[{"article":{"key":"article:one"}}]}]`), 422, "/reports/0/cites/0/article", "self"},
		{"credibility without a rater", "/v1/statements", statement(`"reports":[{"article":{"key":"article:one"},"credibility":2}]`), 422, "/reports/0/credibility_by", "required"},
		{"credibility out of range", "/v1/statements", statement(`"reports":[{"article":{"key":"article:one"},"credibility":7,"credibility_by":"x","credibility_on":"2026"}]`), 422, "/reports/0/credibility", "range"},
		{"an inference without note", "/v1/statements", statement(`"reports":[{"article":{"key":"article:one"},"match":"inferred"}]`), 422, "/reports/0/match_note", "required"},
		{"the type of another kind", "/v1/statements", statement(`"type":"speaker"`), 422, "/type", "type"},
		{"a name not in NFC", "/v1/speakers", `{"name":"e\u0301","kind":"person"}`, 422, "/name", "not_nfc"},
		{"a name with direction marks", "/v1/speakers", `{"name":"a\u202eb","kind":"person"}`, 422, "/name", "invisible"},
		{"a name with space at its end", "/v1/speakers", `{"name":"Asif ","kind":"person"}`, 422, "/name", "space"},
		{"a person's country", "/v1/speakers", `{"name":"A","kind":"person","country":"PK"}`, 422, "/country", "person"},
		{"itself part of itself", "/v1/speakers", `{"key":"x:self","name":"A","kind":"ngo","part_of":{"key":"x:self"}}`, 422, "/part_of", "self"},
		{"a country's key", "/v1/countries", `{"code":"XA","key":"c:x","name":"X","status":"state"}`, 422, "/key", "key"},
		{"a bad code", "/v1/countries", `{"code":"Afg","name":"X","status":"state"}`, 422, "/code", "code"},
		{"latitude alone", "/v1/countries", `{"code":"XA","name":"X","status":"state","latitude":1}`, 422, "/latitude", "pair"},
		{"latitude out of range", "/v1/countries", `{"code":"XA","name":"X","status":"state","latitude":91,"longitude":0}`, 422, "/latitude", "range"},
		{"a bad URL", "/v1/articles", `{"source":{"key":"outlet:one"},"title":"T","url":"javascript:alert(1)"}`, 422, "/url", "url"},
		{"a bad language", "/v1/articles", `{"source":{"key":"outlet:one"},"title":"T","language":"klingonese"}`, 422, "/language", "language"},
		{"a bad time", "/v1/articles", `{"source":{"key":"outlet:one"},"title":"T","published_at":"yesterday"}`, 422, "/published_at", "time"},
		{"a bad slug", "/v1/topics", `{"slug":"Air Strikes","name":"X"}`, 422, "/slug", "slug"},
		{"a key that exists", "/v1/sources", `{"key":"outlet:one","name":"X","kind":"other"}`, 409, "/key", "exists"},
		{"a key of another kind", "/v1/sources", `{"key":"person:asif","name":"X","kind":"other"}`, 409, "/key", "exists"},
		{"a code that exists", "/v1/countries", `{"code":"PK","name":"X","status":"state"}`, 409, "/code", "exists"},
		{"a slug that exists", "/v1/topics", `{"slug":"security","name":"X"}`, 409, "/slug", "exists"},
	}
	before := c.want(c.get("/v1/topics"), 200).Header.Get("X-Seq")
	for _, test := range tests {
		a := c.post(test.path, test.body)
		if a.StatusCode != test.status {
			t.Errorf("%s: %d, want %d: %s", test.what, a.StatusCode, test.status, a.body)
			continue
		}
		if pointer, code := a.text("errors", 0, "pointer"), a.text("errors", 0, "code"); pointer != test.pointer || code != test.code {
			t.Errorf("%s: %s at %q, want %s at %q: %s", test.what, code, pointer, test.code, test.pointer, a.body)
		}
	}
	if after := c.want(c.get("/v1/topics"), 200).Header.Get("X-Seq"); after != before {
		t.Errorf("something was written: seq %s, then %s", before, after)
	}
}

func TestBadUpdatesAreRefused(t *testing.T) {
	t.Parallel()
	c := serve(t)
	created := c.want(c.post("/v1/statements", statement(`"key":"s:1"`, `"reports":[{"article":{"key":"article:one"}}]`)), 201)
	item, tag := created.Header.Get("Location"), "If-Match: "+created.Header.Get("ETag")
	report := c.want(c.get("/v1/reports/key:s:1%2Farticle:one"), 200)
	reportItem, reportTag := "/v1/reports/"+report.text("id"), "If-Match: "+report.Header.Get("ETag")
	tests := []struct {
		what, method, path, body string
		headers                  []string
		status                   int
		pointer                  string
	}{
		{"nested records in PUT", "PUT", item, statement(`"reports":[]`), []string{tag}, 422, "/reports"},
		{"nested records in PATCH", "PATCH", item, `{"reports":[{"article":{"key":"article:two"}}]}`, []string{tag}, 422, "/reports"},
		{"another key", "PATCH", item, `{"key":"s:2"}`, []string{tag}, 422, "/key"},
		{"another statement", "PATCH", reportItem, `{"statement":{"key":"s:2"}}`, []string{reportTag}, 422, "/statement"},
		{"another code", "PATCH", "/v1/countries/PK", `{"code":"PX"}`, []string{`If-Match: "1-x"`}, 422, "/code"},
		{"null for what is fixed", "PATCH", item, `{"key":null}`, []string{tag}, 422, "/key"},
		{"null for a code", "PATCH", "/v1/countries/PK", `{"code":null}`, []string{`If-Match: "1-x"`}, 422, "/code"},
		{"a change kind where none is", "POST", "/v1/statements", statement(), []string{"X-Change-Kind: corrects"}, 400, ""},
		{"a signed version", "PUT", item, statement(), []string{`If-Match: "+1-x"`}, 400, ""},
		{"null for what must be", "PATCH", item, `{"text":null}`, []string{tag}, 422, "/text"},
		{"a patch that is null", "PATCH", item, `null`, []string{tag}, 422, ""},
		{"a patch that is a list", "PATCH", item, `[]`, []string{tag}, 422, ""},
		{"a patch with a repeated name", "PATCH", item, `{"text":"a","text":"b"}`, []string{tag}, 400, "/text"},
		{"no If-Match", "PUT", item, statement(), nil, 428, ""},
		{"a stale If-Match", "PUT", item, statement(), []string{`If-Match: "7-x"`}, 412, ""},
		{"If-Match *", "PUT", item, statement(), []string{"If-Match: *"}, 400, ""},
		{"an unreadable If-Match", "PUT", item, statement(), []string{`If-Match: "x"`}, 400, ""},
		{"no If-Match to DELETE", "DELETE", item, "", nil, 428, ""},
		{"a bad change kind", "PUT", item, statement(), []string{tag, "X-Change-Kind: whim"}, 400, ""},
		{"too long a reason", "PUT", item, statement(), []string{tag, "X-Change-Reason: " + strings.Repeat("x", 1001)}, 400, ""},
		{"another media type", "PUT", item, statement(), []string{tag, "Content-Type: text/plain"}, 415, ""},
		{"no media type", "POST", "/v1/statements", statement(), []string{"-Content-Type"}, 415, ""},
		{"another charset", "POST", "/v1/statements", statement(), []string{"Content-Type: application/json; charset=latin1"}, 415, ""},
		{"a compressed body", "POST", "/v1/statements", statement(), []string{"Content-Encoding: gzip"}, 415, ""},
		{"too large a body", "POST", "/v1/statements", statement(`"language":"` + strings.Repeat("x", 1<<20) + `"`), nil, 413, ""},
		{"a bad idempotency key", "POST", "/v1/statements", statement(), []string{"Idempotency-Key: a b"}, 400, ""},
		{"parameters where none are", "POST", "/v1/statements?dry_run=true", statement(), nil, 400, ""},
		{"delete what is in use", "DELETE", "/v1/speakers/key:person:asif", "", []string{`If-Match: "1-x"`}, 409, ""},
		{"a cycle", "PATCH", "/v1/sources/key:outlet:one", `{"owner":{"key":"outlet:two"}}`, []string{`If-Match: "1-x"`}, 409, "/owner"},
		{"a cycle of topics", "PATCH", "/v1/topics/security", `{"parent":"air-strikes"}`, []string{`If-Match: "1-x"`}, 409, "/parent"},
	}
	for _, test := range tests {
		a := c.do(test.method, test.path, test.body, test.headers...)
		if a.StatusCode != test.status || a.text("errors", 0, "pointer") != test.pointer {
			t.Errorf("%s: %d at %q, want %d at %q: %s", test.what, a.StatusCode, a.text("errors", 0, "pointer"), test.status, test.pointer, a.body)
		}
	}
	if now := c.want(c.get(item), 200); now.text("version") != "1" {
		t.Errorf("something was written: %s", now.body)
	}
	inUse := c.do("DELETE", "/v1/speakers/key:person:asif", "", `If-Match: "1-x"`)
	if inUse.text("dependents", 0, "kind") != "statement" {
		t.Errorf("in use by: %s", inUse.body)
	}
}

func TestBadParametersAreRefused(t *testing.T) {
	t.Parallel()
	c := serve(t)
	tests := []struct{ query, parameter string }{
		{"speeker=x", "speeker"},
		{"speaker=Asif", "speaker"},
		{"speaker=key:asif", "speaker"},
		{"speaker=", "speaker"},
		{"not_speaker=x", "not_speaker"},
		{"kind=shout", "kind"},
		{"kind=threat,,denial", "kind"},
		{"second_hand=maybe", "second_hand"},
		{"target_role=hero", "target_role"},
		{"said_from=soon", "said_from"},
		{"said_from=2026-03&said_to=2026-02", "said_from"},
		{"not_dataset=any", "not_dataset"}, {"not_second_hand=include", "not_second_hand"}, {"as_of=0001-01-01T00:00:00Z", "as_of"},
		{"said_on=2026", "said_on"},
		{"said_on=unknown&said_from=2026", "said_on"},
		{"date_match=perhaps", "date_match"},
		{"limit=0", "limit"}, {"limit=1001", "limit"}, {"limit=x", "limit"}, {"limit=5&limit=6", "limit"}, {"limit=", "limit"},
		{"offset=10001", "offset"}, {"offset=-1", "offset"},
		{"sort=colour", "sort"}, {"sort=--id", "sort"},
		{"cursor=x", "cursor"}, {"cursor=e30", "cursor"},
		{"as_of=seq:999999", "as_of"}, {"as_of=seq:-1", "as_of"}, {"as_of=2099-01-01T00:00:00Z", "as_of"}, {"as_of=1999-01-01T00:00:00Z", "as_of"}, {"as_of=yesterday", "as_of"},
		{"include=colour", "include"}, {"include=speaker.colour", "include"}, {"include=reports.statement.reports.statement.reports", "include"},
		{"speaker=" + strings.Repeat("38a81e87-8240-8392-82df-2769cbf80006,", 501), "speaker"},
	}
	for _, test := range tests {
		a := c.get("/v1/statements?" + test.query)
		if a.StatusCode != 400 || a.text("errors", 0, "parameter") != test.parameter {
			t.Errorf("%.80s: %d, %q; want 400, %q: %s", test.query, a.StatusCode, a.text("errors", 0, "parameter"), test.parameter, a.body)
		}
	}
	for _, query := range []string{"speaker=%zz", "a;b", "kind=%ff", "kind=%00", "kind=" + strings.Repeat("x", 25_000)} {
		c.want(c.get("/v1/statements?"+query), 400)
	}
	c.want(c.get("/v1/statements/key:s:1?limit=5"), 400)
}

// What counts and facets don't understand is named; nothing is cut or widened.
func TestBadQuestionsAreRefused(t *testing.T) {
	t.Parallel()
	c := serve(t)
	days := c.want(c.post("/v1/statements", statement(`"said_on":"1900-01-01"`)), 201)
	c.want(c.post("/v1/statements", statement(`"said_on":"2026-01-01"`)), 201)
	if days.text("id") == "" {
		t.Fatal("no statement")
	}
	tests := []struct{ query, parameter string }{
		{"statements/counts", "by"}, {"statements/counts?by=", "by"}, {"statements/counts?by=colour", "by"}, {"statements/counts?by=kind,kind", "by"},
		{"statements/counts?by=kind,voice,speaker,review", "by"}, {"statements/counts?by=said_on", "by"}, {"statements/counts?by=key", "by"},
		{"statements/counts?by=kind&bucket=decade", "bucket"}, {"statements/counts?bucket=month&bucket=year", "bucket"}, {"statements/counts?bucket=", "bucket"},
		{"statements/counts?bucket=week&said_bucket=2026", "bucket"}, {"statements/counts?bucket=year&said_bucket=month", "bucket"},
		{"statements/counts?by=kind&top=0", "top"}, {"statements/counts?by=kind&top=101", "top"}, {"statements/counts?by=kind&top=x", "top"},
		{"statements/counts?by=kind&fill=zero", "fill"}, {"statements/counts?bucket=day&fill=one", "fill"}, {"statements/counts?bucket=day&fill=zero", "by"},
		{"statements/counts?by=kind&measure=words", "measure"}, {"statements/counts?by=kind&figures=killed", "figures"}, {"statements/counts?by=kind&limit=5", "limit"},
		{"statements/counts?by=kind&speeker=x", "speeker"}, {"statements/counts?by=kind&kind=shout", "kind"}, {"statements/counts?by=kind&kind=none", "kind"},
		{"statements/counts?by=kind&said_bucket=2026-13", "said_bucket"}, {"statements/counts?by=kind&said_bucket=2026-W54", "said_bucket"}, {"statements/counts?by=kind&said_bucket=0000", "said_bucket"},
		{"statements/counts?by=medium&as_of=seq:1", "as_of"}, {"statements/counts?by=kind&as_of=seq:999", "as_of"}, {"statements/counts?by=kind&count=exact", "count"},
		{"statements/counts?by=target_role&target_role=hero", "target_role"}, {"statements/counts?by=kind&own=exclude", "own"},
		{"events/counts?by=kind&figures=percent", "figures"}, {"events/counts?by=kind&measure=events", "measure"}, {"claims/counts?by=status&bucket=month", "bucket"},
		{"claims/counts?by=status&as_of=seq:1", "as_of"},
		{"statements/facets", "by"}, {"statements/facets?by=kind&own=maybe", "own"}, {"statements/facets?by=kind&bucket=month", "bucket"}, {"statements/facets?by=kind,medium&as_of=seq:1", "as_of"},
		{"statements?count=many", "count"}, {"statements?measure=reports", "measure"}, {"statements?measure=reports&count=estimated", "measure"}, {"statements?max_publishers=few", "max_publishers"},
		{"statements?said_bucket=soon", "said_bucket"}, {"events?measure=events&count=exact", "measure"},
	}
	for _, test := range tests {
		a := c.get("/v1/" + test.query)
		if a.StatusCode != 400 || a.text("errors", 0, "parameter") != test.parameter {
			t.Errorf("%.80s: %d, %q; want 400, %q: %s", test.query, a.StatusCode, a.text("errors", 0, "parameter"), test.parameter, a.body)
		}
	}
	c.want(c.post("/v1/topics", `{"slug":"none","name":"None"}`), 422)
}

// A cursor is bound to the question it came from.
func TestACursorGoesWithItsQuestion(t *testing.T) {
	t.Parallel()
	c := serve(t)
	for i := range 5 {
		c.want(c.post("/v1/statements", statement(fmt.Sprintf(`"said_on":"2026-02-1%d"`, i))), 201)
	}
	first := c.want(c.get("/v1/statements?kind=threat&limit=2"), 200)
	cursor := url.QueryEscape(first.text("next_cursor"))
	second := c.want(c.get("/v1/statements?kind=threat&limit=3&cursor="+cursor), 200)
	if len(second.member("data").([]any)) != 3 || second.member("next_cursor") != nil {
		t.Errorf("%s", second.body)
	}
	if link := first.Header.Get("Link"); !strings.Contains(link, "cursor="+cursor) || !strings.Contains(link, `rel="next"`) {
		t.Errorf("Link: %s", link)
	}
	page := c.want(c.get("/v1/statements?kind=threat&limit=2&cursor="+cursor), 200)
	cited := c.want(c.get(page.text("cite")), 200)
	if cited.text("data", 0, "id") != page.text("data", 0, "id") || cited.text("as_of") != page.text("as_of") {
		t.Errorf("cite of the second page: %s", cited.body)
	}
	for _, query := range []string{"kind=denial&limit=2", "limit=2", "kind=threat&sort=said_on", "kind=threat&sort=id", "kind=threat&offset=2"} {
		c.want(c.get("/v1/statements?"+query+"&cursor="+cursor), 400)
	}
	c.want(c.get("/v1/reports?cursor="+cursor), 400)
	c.want(c.get("/v1/statements?kind=threat&cursor="+cursor[:len(cursor)-4]), 400)
}

func TestStrangeAddressesAndMethods(t *testing.T) {
	t.Parallel()
	c := serve(t)
	for path, status := range map[string]int{
		"/v1/nothing": 404, "/v1": 404, "/v1/statements/": 404, "//v1/statements": 404, "/V1/statements": 404, "/v1/statements/a/b": 404,
		"/v1/statements/%00": 404, "/v1/statements/%ff": 404, "/v1/statements%2F": 404, "/v1/statements/..%2f..%2fetc": 404, "/v1/statements;x=1": 404,
		"/docs": 200, "/docs/": 200, "/": 303, "/openapi.yaml": 200, "/livez": 200, "/readyz": 200,
	} {
		if a := c.get(path); a.StatusCode != status {
			t.Errorf("GET %s: %d, want %d", path, a.StatusCode, status)
		}
	}
	for _, test := range []struct {
		method, path, allow string
	}{
		{"DELETE", "/v1/statements", "GET, HEAD, OPTIONS, POST"},
		{"POST", "/v1/statements/key:s:1", "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"},
		{"POST", "/livez", "GET, HEAD, OPTIONS"},
		{"PROPFIND", "/v1/statements", "GET, HEAD, OPTIONS, POST"},
	} {
		if a := c.do(test.method, test.path, ""); a.StatusCode != 405 || a.Header.Get("Allow") != test.allow {
			t.Errorf("%s %s: %d, Allow %q, want 405, %q", test.method, test.path, a.StatusCode, a.Header.Get("Allow"), test.allow)
		}
		if a := c.do("OPTIONS", test.path, ""); a.StatusCode != 204 || a.Header.Get("Allow") != test.allow {
			t.Errorf("OPTIONS %s: %d, Allow %q", test.path, a.StatusCode, a.Header.Get("Allow"))
		}
	}
	c.want(c.do("PROPFIND", "/v1/nothing", ""), 404)
}
