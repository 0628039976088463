package api_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"onrecord/internal/claims"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

func TestResolve(t *testing.T) {
	t.Parallel()
	c := shipped(t)
	kabul := c.want(c.get("/v1/resolve?name=Kabul&on=2026-02-18&kind=speaker,country"), 200)
	var got struct{ Data []store.Candidate }
	if err := json.Unmarshal(kabul.body, &got); err != nil || len(got.Data) != 1 {
		t.Fatalf("%v: %s", err, kabul.body)
	}
	key, used := "gov:AF", true
	want := store.Candidate{Kind: "speaker", ID: claims.ID(key), Key: &key, Name: "Government of Afghanistan", Matched: "Kabul", Score: 0.9, Why: "metonym", InUse: &used}
	if diff := cmp.Diff(want, got.Data[0]); diff != "" {
		t.Error(diff)
	}
	for path, want := range map[string]string{"scope.dataset": "own", "name": "Kabul", "on": "2026-02-18", "ambiguous": "false", "cite": "", "derived_pending": "false"} {
		var at []any
		for step := range strings.SplitSeq(path, ".") {
			at = append(at, step)
		}
		if got := kabul.text(at...); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	islamic := c.want(c.get("/v1/resolve?name=Islamic+Emirate&on=1771372800000&kind=speaker"), 200) // epoch milliseconds, of a dashboard
	if islamic.text("data", 0, "valid_from") != "2021-08-15" || islamic.text("data", 0, "valid_to") != "" || islamic.text("data", 0, "in_use") != "true" {
		t.Errorf("%s", islamic.body)
	}
	if a := c.want(c.get("/v1/resolve?name=Taliban&limit=1"), 200); a.text("data", 0, "key") != "body:taliban-movement" || a.member("data", 1) != nil || a.text("data", 0, "in_use") != "" {
		t.Errorf("%s", a.body)
	}
	if a := c.want(c.get("/v1/resolve?name=nobody+whatsoever&dataset=any"), 200); string(a.body[:11]) != `{"data":[],` || a.text("scope", "dataset") != "any" {
		t.Errorf("%s", a.body)
	}
	if schema := contract.Enum("NamedKind"); len(schema) != len(claims.Named) {
		t.Error(schema)
	}
}

// What many names mean is what each means on its own, in their order.
func TestABatchIsItsQuestions(t *testing.T) {
	t.Parallel()
	c := shipped(t)
	var names []store.Asking
	for _, name := range []string{"Kabul", "TTP", "Khwaja Asif", "Moscow", "???", "Congo", "Kabul", "Tehreek e Taliban", "افغانستان", "Nur Sultan"} {
		names = append(names, store.Asking{Name: name}, store.Asking{Name: name, On: "2020-06"}, store.Asking{Name: name, Kind: []string{"country", "source"}})
	}
	body, err := json.Marshal(map[string]any{"names": names, "limit": 4})
	if err != nil {
		t.Fatal(err)
	}
	batch := c.want(c.post("/v1/resolve", string(body)), 200)
	if rows, _ := batch.member("data").([]any); len(rows) != len(names) {
		t.Fatalf("%d answers to %d names", len(rows), len(names))
	}
	for i, n := range names {
		q := url.Values{"name": {n.Name}, "limit": {"4"}}
		if n.On != "" {
			q.Set("on", n.On)
		}
		if n.Kind != nil {
			q.Set("kind", strings.Join(n.Kind, ","))
		}
		single := c.want(c.get("/v1/resolve?"+q.Encode()), 200)
		for one, many := range map[string]string{"data": "candidates", "ambiguous": "ambiguous", "name": "name", "on": "on"} {
			if diff := cmp.Diff(single.member(one), batch.member("data", i, many)); diff != "" {
				t.Errorf("%+v: %s (-alone +in the batch): %s", n, one, diff)
			}
		}
		if fmt.Sprint(batch.member("data", i, "index")) != fmt.Sprint(i) {
			t.Errorf("answer %d says %v", i, batch.member("data", i, "index"))
		}
	}
}

// However many names, a batch is one round trip.
func TestABatchIsOneRoundTrip(t *testing.T) {
	t.Parallel()
	var trips testkit.RoundTrips
	s := testkit.WithCast(t, testkit.StoreAt(t, store.Config{URL: testkit.Database(t), Configure: trips.Configure}))
	for _, n := range []int{1, store.MaxQuestions} {
		questions := make([]store.Question, n)
		for i := range questions {
			questions[i].Name = fmt.Sprintf("Zabihullah Mujahid %d", i)
		}
		trips.Taken()
		got, _, err := s.Candidates(t.Context(), store.Naming{Limit: 5}, questions)
		if err != nil || len(got) != n || got[n-1].Candidates[0].Name != "Zabihullah Mujahid" {
			t.Fatalf("%d names: %v", n, err)
		}
		if n := trips.Taken(); n != 1 {
			t.Errorf("%d names take %d round trips", len(questions), n)
		}
	}
}

// Names that can't be asked for are refused, each by where it stands.
func TestBadNamesAreRefused(t *testing.T) {
	t.Parallel()
	c := serve(t)
	for query, parameter := range map[string]string{
		"": "name", "name=": "name", "name=%20": "name", "name=a&name=b": "name", "name=" + strings.Repeat("x", 301): "name", "name=" + strings.Repeat("x", 10_000): "name",
		"name=a%E2%80%AEb": "name", "name=a%07b": "name", "name=a&on=soon": "on", "name=a&on=": "on", "name=a&kind=event": "kind", "name=a&kind=": "kind",
		"name=a&limit=0": "limit", "name=a&limit=51": "limit", "name=a&as_of=seq:1": "as_of", "name=a&q=b": "q",
	} {
		a := c.get("/v1/resolve?" + query)
		if a.StatusCode != 400 || a.text("errors", 0, "parameter") != parameter {
			t.Errorf("%.60s: %d %s", query, a.StatusCode, a.body)
		}
	}
	c.want(c.get("/v1/resolve?name=a%00b"), 400)
	c.want(c.get("/v1/resolve?name=%ff"), 400)
	for body, pointer := range map[string]string{
		`{}`: "/names", `{"names":[]}`: "/names", `{"names":[{}]}`: "/names/0/name", `{"names":[{"name":"a"},{"name":" "}]}`: "/names/1/name",
		`{"names":[{"name":"a","on":"soon"}]}`: "/names/0/on", `{"names":[{"name":"a","kind":["source","claim"]}]}`: "/names/0/kind/1",
		`{"names":[{"name":"a"}],"limit":0}`: "/limit", `{"names":[{"name":"a"}],"limit":51}`: "/limit", `{"names":["a"]}`: "/names/0", `{"names":[{"name":"a","key":"b"}]}`: "/names/0/key",
		`{"names":[{"name":"a\u0000b"}]}`: "/names/0/name", `{"names":[{"name":"a\u202eb"}]}`: "/names/0/name", `{"names":[{"name":"` + strings.Repeat("x", 10_000) + `"}]}`: "/names/0/name",
		`{"names":[` + strings.Repeat(`{"name":"a"},`, 1000) + `{"name":"a"}]}`: "/names", `{"names":[{"name":"a"}],"dataset":["a\u0000"]}`: "/dataset/0",
	} {
		a := c.post("/v1/resolve", body)
		if a.StatusCode != 422 || a.text("errors", 0, "pointer") != pointer {
			t.Errorf("%.60s: %d, want 422 at %s: %s", body, a.StatusCode, pointer, a.body)
		}
	}
	c.want(c.post("/v1/resolve", `{"names":[{"name":"a"}],"names":[]}`), 400)
	c.want(c.post("/v1/resolve?limit=3", `{"names":[{"name":"a"}]}`), 400)
	for _, name := range []string{"%", "_", `\`, "'; --", "ﷺ", "👍", strings.Repeat("ab ", 99), strings.Repeat("é", 300), "a\u200cb", "  Kabul "} {
		c.want(c.get("/v1/resolve?name="+url.QueryEscape(name)), 200)
	}
}

func TestLookups(t *testing.T) {
	t.Parallel()
	c := shipped(t)
	rows := func(path string) (texts []string) {
		t.Helper()
		var list []store.LookupRow
		a := c.want(c.get("/v1/lookups/"+path), 200)
		if err := json.Unmarshal(a.body, &list); err != nil {
			t.Fatalf("%s: %v: %.200s", path, err, a.body)
		}
		for _, row := range list {
			texts = append(texts, row.Text+" = "+row.Value)
		}
		return texts
	}
	for path, want := range map[string][]string{
		"countries?id=PK,AF":                          {"Afghanistan = AF", "Pakistan = PK"},
		"countries?q=afgan":                           {"Afghanistan = AF"},
		"countries?q=afgh":                            {"Afghanistan = AF"},
		"topics?q=proxy":                              {"Proxy war = proxy-war"},
		"speakers?kind=armed_group&q=tali&sort=-name": {"Tehrik-i-Taliban Pakistan = " + claims.ID("body:ttp"), "Taliban = " + claims.ID("body:taliban-movement")},
		"speakers?q=ttp":                              {"Tehrik-i-Taliban Pakistan = " + claims.ID("body:ttp")},
		"speakers?q=daesch":                           {"Islamic State = " + claims.ID("body:islamic-state")},
		"offices?q=defence&country=PK":                {"Defence Minister (Pakistan) = " + claims.ID("office:pk-defence-minister")},
		"sources?q=nothing+there":                     nil,
		"statement-kinds?q=no%20c":                    {"no comment = no_comment"},
		"voices":                                      {"attributed = attributed", "editorial = editorial"},
		"voices?limit=1":                              {"attributed = attributed"},
	} {
		if diff := cmp.Diff(want, rows(path)); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
	}
	// One depends on another; all there are, in the order of their list.
	all := rows("events")
	if some := rows("events?country=PK"); len(some) == 0 || len(some) >= len(all) {
		t.Errorf("%d events, %d of them in Pakistan", len(all), len(some))
	}
	first := c.want(c.get("/v1/lookups/countries"), 200)
	c.want(c.get("/v1/lookups/countries", "If-None-Match: "+first.Header.Get("ETag")), 304)
	c.want(c.post("/v1/countries", `{"code":"ZZ","name":"Atlantis","status":"disputed"}`), 201)
	if again := c.want(c.get("/v1/lookups/countries", "If-None-Match: "+first.Header.Get("ETag")), 200); !strings.Contains(string(again.body), "Atlantis") {
		t.Errorf("%.200s", again.body)
	}
	if then := c.want(c.get("/v1/lookups/countries?as_of=seq:2"), 200); string(then.body) != string(first.body) {
		t.Errorf("%.200s", then.body)
	}
	for query, parameter := range map[string]string{
		"countries?q=": "q", "countries?q=a%07": "q", "countries?limit=0": "limit", "countries?limit=20001": "limit", "countries?limit=x": "limit", "countries?offset=1": "offset",
		"countries?include=x": "include", "countries?speaker=x": "speaker", "countries?status=colour": "status", "countries?q=pak&as_of=seq:1": "as_of", "voices?x=1": "x", "voices?limit=0": "limit",
		"events?sort=colour": "sort", "claims?format=csv": "format",
	} {
		a := c.get("/v1/lookups/" + query)
		if a.StatusCode != 400 || a.text("errors", 0, "parameter") != parameter {
			t.Errorf("%s: %d %s", query, a.StatusCode, a.body)
		}
	}
	c.want(c.get("/v1/lookups/tips"), 404)
	c.want(c.get("/v1/lookups/colours"), 404)
}

// lookedUp are records beside the sample, so that each filter leaves something
// out and finds something.
const lookedUp = `
{"type":"country","code":"QA","name":"Other","status":"state","dataset":"other"}
{"type":"country","code":"XK","name":"Read","status":"disputed","review":"single"}
{"type":"topic","slug":"look-other","name":"Other","dataset":"other"}
{"type":"topic","slug":"look","name":"Read","review":"single"}
{"type":"source","key":"look:other1","name":"Other","kind":"online","dataset":"other"}
{"type":"source","key":"look:source","name":"Read","kind":"online","country":"FR","languages":["ps"],"owner":{"key":"outlet:france-24"},"review":"single"}
{"type":"rating","key":"look:rating","source":{"key":"look:source"},"reliability":"A","rated_on":"2024-01-01","rated_by":"x","reason":"x"}
{"type":"speaker","key":"look:other2","name":"Other","kind":"ngo","dataset":"other"}
{"type":"speaker","key":"look:speaker","name":"Read","kind":"person","wikidata_id":"Q889","part_of":{"key":"body:pakistan-armed-forces"},"review":"single"}
{"type":"office","key":"look:other3","title":"Other","country":"PK","dataset":"other"}
{"type":"office","key":"look:office","title":"Read","country":"PK","shared":true,"review":"single"}
{"type":"article","key":"look:other4","source":{"key":"look:source"},"title":"Other","dataset":"other"}
{"type":"article","key":"look:article","source":{"key":"look:source"},"title":"Militants","url":"https://example.org/a","author":"A. Reporter","section":"World","language":"ps","published_on":"2025-05-02","syndicated_from":{"key":"sample:article-a"},"review":"single"}
{"type":"event","key":"look:other5","kind":"attack","title":"Other","dataset":"other"}
{"type":"event","key":"look:event","kind":"airstrike","title":"Airstrikes in Nangarhar","review":"single","figures":[
{"metric":"killed","as_given":"5","low":5,"high":5,"given_by_article":{"key":"look:article"}},{"metric":"killed","as_given":"9","low":9,"high":9,"given_by_article":{"key":"sample:article-a"}}]}
{"type":"claim","key":"look:other6","text":"Other","sort":"fact","dataset":"other"}
{"type":"claim","key":"look:claim","text":"Read","sort":"fact","review":"single"}
{"type":"statement","key":"look:other7","kind":"threat","text":"Other","speaker":{"key":"look:speaker"},"dataset":"other"}
{"type":"statement","key":"look:statement","kind":"threat","text":"Read","language":"en","speaker":{"key":"look:speaker"},"said_on":"2025-05-01","review":"single","targets":[{"role":"object","event":{"key":"event:islamabad-imambargah-attack"}}],"reports":[{"article":{"key":"look:article"}}],"positions":[{"claim":{"key":"look:claim"},"stance":"asserts"}]}
{"type":"statement","key":"look:unreported","kind":"acknowledgement","text":"Unreported","speaker":{"key":"gov:AF"},"positions":[{"claim":{"key":"look:claim"},"stance":"concedes"}]}
`

// The rows of a lookup are the records of its list, whatever chooses these: each
// filter that the list has, its complement and the window narrow both alike.
func TestEveryLookupTakesTheFiltersOfItsList(t *testing.T) {
	t.Parallel()
	c := shipped(t)
	inputs, err := claims.ReadStream([]byte(strings.ReplaceAll(lookedUp, ",\"figures\":[\n", ",\"figures\":[")))
	if err != nil {
		t.Fatal(err)
	}
	testkit.Load(t, c.store, "tester", inputs)
	written := c.want(c.get("/v1/topics/look"), 200).text("created_at")
	rows := func(path string) (values []string) {
		t.Helper()
		var list []struct {
			Text  string `json:"__text"`
			Value string `json:"__value"`
		}
		if a := c.want(c.get("/v1/lookups/"+path), 200); json.Unmarshal(a.body, &list) != nil {
			t.Fatalf("%s: no rows: %.200s", path, a.body)
		}
		for _, row := range list {
			if row.Text == "" {
				t.Errorf("%s: %s without a text", path, row.Value)
			}
			values = append(values, row.Value)
		}
		return values
	}
	list := func(resource, query string) (ids []string) {
		t.Helper()
		a := c.want(c.get("/v1/"+resource+"?fields=id&limit=1000&"+query), 200)
		for _, record := range a.records("data") {
			ids = append(ids, record["id"].(string))
		}
		return ids
	}
	controls := strings.Fields("sort limit offset cursor format excel fields count measure as_of include")
	named := strings.Fields("speakers countries sources offices topics")
	window := map[string]string{"statements": "said_from", "events": "occurred_from", "articles": "published_from"}
	asked := 0
	for _, resource := range store.Lookups() {
		all := rows(resource)
		if len(all) == 0 {
			t.Errorf("nothing to choose from in %s", resource)
		}
		for _, operation := range contract.Operations() {
			if contract.Route(operation) != "GET /v1/"+resource {
				continue
			}
			for _, name := range contract.Parameters(operation) {
				if slices.Contains(controls, name) {
					continue
				}
				value, _ := contract.Example(operation, name)
				if own := map[string]string{"id": all[0], "key": "look:" + strings.TrimSuffix(resource, "s"), "dataset": "other", "review": "single", "updated_since": written}[name]; own != "" {
					value = own
				}
				beside := map[string]string{"target_exact": "&target_country=AF", "target_role": "&target_country=AF", "within": "&second_hand=only", "date_match": "&" + window[resource] + "=2026-02"}[name]
				if other, with := contract.Needs(operation, name); other != "" {
					beside = "&" + other + "=" + url.QueryEscape(with)
				}
				narrowing := false
				for _, prefix := range []string{"", "not_"} {
					if prefix == "not_" && !contract.IsFilter(operation, name) {
						continue
					}
					query := prefix + name + "=" + url.QueryEscape(value) + beside
					got := rows(resource + "?" + query)
					narrowing = narrowing || len(got) > 0 && !slices.Equal(got, all)
					if name == "q" && slices.Contains(named, resource) {
						break // a name, of which the list knows nothing, and which has no complement
					}
					if diff := cmp.Diff(list(resource, query), got); diff != "" {
						t.Errorf("%s?%s (-list +lookup):\n%s", resource, query, diff)
					}
				}
				if asked++; !narrowing {
					t.Errorf("%s: neither %s=%s nor its complement narrows", resource, name, value)
				}
			}
		}
	}
	if asked < 150 {
		t.Errorf("only %d filters", asked)
	}
}
