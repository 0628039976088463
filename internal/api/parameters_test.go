package api_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"onrecord/internal/testkit"
)

// texts are filters that compare with any text, so that nothing but its length
// can be wrong with it.
var texts = strings.Fields("q language url label section author name domain wikidata_id alpha3 region subregion title rated_by attribution_verb verdict record dataset")

// questions are the paths that take filters, with what each needs.
func questions() map[string]string {
	list := map[string]string{}
	for _, id := range contract.Operations() {
		path, ok := strings.CutPrefix(contract.Route(id), "GET ")
		names := contract.Parameters(id)
		switch {
		case !ok || strings.Contains(path, "{"):
		case path == "/v1/search":
			list[id] = path + "?q=a&"
		case slices.Contains(names, "by"):
			list[id] = path + "?by=dataset&"
		case slices.Contains(names, "review"): // lists and the timeline
			list[id] = path + "?"
		}
	}
	return list
}

// What is wrong with any parameter of any list, count, facet or timeline is a
// 400 that names the parameter and says what is allowed. The cases follow from
// the contract.
func TestEveryBadParameterIsNamed(t *testing.T) {
	t.Parallel()
	c := serve(t)
	paths := questions()
	n := 0
	refused := func(id, query, parameter string) {
		t.Helper()
		n++
		a := c.get(paths[id]+query, "X-API-Key: "+c.key)
		var told struct {
			Errors []struct{ Parameter, Code, Detail string }
		}
		if err := json.Unmarshal(a.body, &told); err != nil {
			t.Fatalf("%v in %s", err, a.body)
		}
		named := false
		for _, e := range told.Errors {
			named = named || e.Parameter == parameter && e.Code != "" && len(e.Detail) >= len("is empty")
		}
		if a.StatusCode != 400 || !named || a.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s%.90s: %d, want 400 that names %s: %.400s", paths[id], query, a.StatusCode, parameter, a.body)
		}
	}
	for id := range paths {
		refused(id, "colour=red", "colour")
		refused(id, "not_sort=id", "not_sort")
		for _, name := range contract.Parameters(id) {
			schema := contract.QuerySchema(id, name)
			if name == "by" { // stands there already
				continue
			}
			long := strings.Repeat("x", 3000)
			bad := []string{"", long}
			switch kind := fmt.Sprint(schema["type"]); {
			case slices.Contains(texts, name):
			case kind == "integer" || kind == "number":
				bad = append(bad, "many", "1e3", "NaN", "-1", "99999999999999999999", "0x10", " 1")
				for _, limit := range []string{"minimum", "maximum"} {
					if v, ok := schema[limit].(float64); ok {
						bad = append(bad, fmt.Sprint(int(v)+map[string]int{"minimum": -1, "maximum": 1}[limit]))
					}
				}
			case name == "bbox":
				bad = append(bad, "1,2,3", "1,2,3,4,5", "NaN,0,1,1", "0,0,Infinity,1", "0,2,1,1", "-181,0,1,1", "0,-91,1,1", "0,0,181,1", "0,0,1,91", "1e1,0,2,1", "a,b,c,d", ",,,", "0,0,1, 1", "0x1,0,2,1")
			case name == "near":
				bad = append(bad, "1", "1,2,3", "NaN,1", "91,0", "0,181", "x,y", ",")
			case strings.HasSuffix(name, "_since") || name == "held_on" || name == "rated_on" || name == "older_than" || schema["maxLength"] == 200.0 || strings.HasSuffix(name, "_from") || strings.HasSuffix(name, "_to"):
				bad = append(bad, "soon", "2026-13", "2026-02-30", "2026-02-18T10:00:00+99:00", "2026-02-18T10:00:00 Europe/Kabul", "2026-02-18T25:00:00Z", "1771372800", "99999999999999999999", "2026/02/18")
			default:
				bad = append(bad, "~colour~", "'; DROP TABLE statements; --", "{}", "threat;denial")
			}
			beside := ""
			if needed, with := contract.Needs(id, name); needed != "" {
				beside = "&" + needed + "=" + url.QueryEscape(with)
			}
			for _, value := range bad {
				refused(id, name+"="+url.QueryEscape(value)+beside, name)
				if contract.IsFilter(id, name) {
					refused(id, "not_"+name+"="+url.QueryEscape(value)+beside, "not_"+name)
				}
			}
			example, _ := contract.Example(id, name)
			switch value := name + "=" + url.QueryEscape(example); {
			case name == "q": // each time is one more
				refused(id, strings.Repeat("q=a&", 11), name)
			case name == "kind" && strings.HasPrefix(paths[id], "/v1/search"):
				refused(id, name+"="+strings.Repeat("a,", 501)+"a", name)
			case !contract.IsFilter(id, name) && name != "include" && name != "figures" || name == "bbox" || name == "near":
				refused(id, value+"&"+value+beside, name) // one that takes one value, given twice
			default:
				refused(id, name+"="+strings.Repeat("a,", 501)+"a"+beside, name)
			}
		}
	}
	if n < 3000 {
		t.Errorf("only %d cases follow from the contract", n)
	}
}

// What contradicts itself, or lacks what it can't go without, is named too.
func TestContradictionsAreNamed(t *testing.T) {
	t.Parallel()
	c := serve(t)
	for _, test := range []struct{ query, parameter string }{
		{"events?near=33,73", "radius_km"}, {"events?not_near=33,73", "radius_km"}, {"events?radius_km=5", "near"}, {"events?min_low=5", "metric"}, {"events?not_min_low=5", "metric"}, {"events?not_metric=killed&min_low=5", "metric"},
		{"events?not_radius_km=5", "not_radius_km"}, {"statements?not_target_exact=true", "not_target_exact"}, {"statements?not_carried_from=2026", "not_carried_from"},
		{"events/counts?by=metric&metric=killed&min_low=5", "by"}, {"events/facets?by=kind,metric&metric=killed&min_low=5", "by"},
		{"statements?min_reliability=F", "min_reliability"}, {"statements?min_reliability=b", "min_reliability"},
		{"statements?carried_from=2026-03&carried_to=2026-02", "carried_from"}, {"statements?carried_from=2026&carried_to=soon", "carried_to"}, {"statements?said_from=2026&said_to=soon", "said_to"},
		{"timeline?from=2026&to=soon", "to"}, {"timeline?from=2027&to=2026", "from"},
		{"events?occurred_on=unknown&occurred_to=2026", "occurred_on"}, {"articles?published_on=2026", "published_on"},
		{"statements?as_of=seq:1&denied_by_others=true", "as_of"}, {"statements?as_of=seq:1&not_min_reliability=B", "as_of"}, {"claims?as_of=seq:1&contested=true", "as_of"},
		{"claims?sort_of=feeling", "sort_of"}, {"claims?contested=maybe", "contested"}, {"claims?no_answer_on_record=yes", "no_answer_on_record"}, {"reports?credibility=7", "credibility"}, {"reports?credibility=0", "credibility"},
		{"export?dataset=", "dataset"}, {"export?kind=", "kind"}, {"imports?limit=", "limit"},
		{"statements?between=PK", "between"}, {"events?not_between=PK", "not_between"}, {"statements?offset=5&cursor=x", "offset"},
		{"statements?updated_since=../2026", "updated_since"}, {"claims?older_than=../2026", "older_than"},
	} {
		a := c.get("/v1/"+test.query, "X-API-Key: "+c.key)
		if a.StatusCode != 400 || a.text("errors", 0, "parameter") != test.parameter {
			t.Errorf("%s: %d, %q; want 400, %q: %s", test.query, a.StatusCode, a.text("errors", 0, "parameter"), test.parameter, a.body)
		}
	}
	for query, allowed := range map[string]string{
		"statements?min_reliability=F": "is none of A, B, C, D, E", "claims?contested=maybe": "is none of true, false", "claims?no_answer_on_record=yes": "is none of true, false, none",
		"events?bbox=1,2": "west,south,east,north", "events?near=1&radius_km=1": "latitude,longitude", "events?near=1,1&radius_km=-1": "from 0 to 20016", "statements?voice=choir": "attributed, editorial, any",
	} {
		if a := c.want(c.get("/v1/"+query), 400); !strings.Contains(a.text("errors", 0, "detail"), allowed) {
			t.Errorf("%s doesn't say what is allowed: %s", query, a.body)
		}
	}
}

// places finds the last of three sort keys, which in the cursor of a search is the
// place of a kind.
var places = regexp.MustCompile(`("k":\["[^"]*","[^"]*",)"-?\d+"\],"i"`)

// A cursor is good for its own question alone, and one that was tampered with
// is never worse than a bad request.
func TestCursorsAreHeldToTheirQuestion(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	c := serveStore(t, s)
	for i := range 4 {
		testkit.Create(t, s, testkit.Statement(fmt.Sprintf("s:%d", i), "closed", fmt.Sprintf(`"said_on":"2026-02-1%d"`, i), `"targets":[{"role":"object","country":"AF"}]`))
		testkit.Create(t, s, fmt.Sprintf(`{"type":"event","key":"e:%d","kind":"attack","title":"closed","occurred":"2026-02-1%d"}`, i, i))
		testkit.Create(t, s, fmt.Sprintf(`{"type":"claim","key":"c:%d","text":"c%d","sort":"fact"}`, i, i))
	}
	paths := []string{"/v1/statements?limit=2", "/v1/statements?limit=2&sort=id", "/v1/statements?limit=2&sort=said_on", "/v1/statements?limit=2&kind=threat", "/v1/statements?limit=2&not_kind=denial", "/v1/statements?limit=2&target_country=AF",
		"/v1/statements?limit=2&target_country=AF&target_exact=true", "/v1/statements?limit=2&updated_since=2001", "/v1/events?limit=2", "/v1/events?limit=2&kind=violence", "/v1/claims?limit=2", "/v1/claims?limit=2&contested=false", "/v1/articles?limit=1", "/v1/topics?limit=1",
		"/v1/speakers?limit=2", "/v1/countries?limit=1", "/v1/timeline?limit=2", "/v1/timeline?limit=2&target_exact=true",
		"/v1/search?q=closed&limit=2", "/v1/search?q=closed&limit=2&sort=-date", "/v1/search?q=closed&limit=2&kind=event,statement", "/v1/search?q=closed&limit=2&voice=any"}
	cursors := map[string]string{}
	for _, path := range paths {
		if cursors[path] = c.want(c.get(path), 200).text("next_cursor"); cursors[path] == "" {
			t.Fatalf("%s has no next page", path)
		}
	}
	for _, from := range paths {
		for _, to := range paths {
			status := 400
			if from == to {
				status = 200
			}
			c.want(c.get(to+"&cursor="+url.QueryEscape(cursors[from])), status)
		}
		token := cursors[from]
		for i := range len(token) {
			for _, tampered := range []string{token[:i] + "A" + token[i+1:], token[:i] + token[i+1:]} {
				if a := c.get(from + "&cursor=" + url.QueryEscape(tampered)); a.StatusCode != 200 && (a.StatusCode != 400 || a.text("errors", 0, "parameter") != "cursor") {
					t.Fatalf("%s with %s: %d: %s", from, tampered, a.StatusCode, a.body)
				}
			}
		}
		plain, err := base64.RawURLEncoding.DecodeString(token)
		if err != nil {
			t.Fatal(err)
		}
		for _, forged := range []string{`{}`, `[]`, `null`, `{"b":"x"}`, string(plain) + " ", strings.Replace(string(plain), `"k":[`, `"k":["x",`, 1), strings.Replace(string(plain), `"r":0`, `"r":7`, 1), strings.Replace(string(plain), `"i":"`, `"i":"'`, 1),
			strings.Replace(string(plain), `"r":0`, `"r":-1`, 1), places.ReplaceAllString(string(plain), `$1"-99"],"i"`), places.ReplaceAllString(string(plain), `$1"1"],"i"`),
			strings.Replace(string(plain), "2026-02-1", "2026-99-9", 1)} {
			if a := c.get(from + "&cursor=" + base64.RawURLEncoding.EncodeToString([]byte(forged))); a.StatusCode != 400 && (a.StatusCode != 200 || !strings.Contains(forged, string(plain))) {
				t.Errorf("%s with %s: %d", from, forged, a.StatusCode)
			}
		}
	}
}
