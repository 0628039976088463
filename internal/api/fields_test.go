package api_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"onrecord/internal/testkit"
)

// Whatever members are asked for, a record shows these, in this order, as the
// whole record has them: in lists, items, NDJSON and CSV, now and as of a commit.
func TestFieldsTrimRecords(t *testing.T) {
	t.Parallel()
	c := serveStore(t, world(t, 3))
	see := "X-API-Key: " + c.key
	r := rand.New(rand.NewPCG(3, 13))
	for _, b := range bodies {
		whole := c.want(c.get(b.path+"?dataset=any&limit=1000", see), 200)
		want := whole.records("data")
		var names []string
		for name := range want[0] {
			names = append(names, name)
		}
		slices.Sort(names)
		var questions [][]string
		for _, name := range names {
			questions = append(questions, []string{name})
		}
		for range 4 {
			r.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
			questions = append(questions, slices.Clone(names[:1+r.IntN(len(names))]))
		}
		for i, fields := range questions {
			query := "?dataset=any&limit=1000&fields=" + strings.Join(fields, ",")
			pinned := ""
			if i%3 == 0 {
				pinned = "&as_of=" + whole.text("as_of")
			}
			got := c.want(c.get(b.path+query+pinned, see), 200)
			trimmed := make([]map[string]any, len(want))
			for k, record := range want {
				trimmed[k] = map[string]any{}
				for _, name := range fields {
					trimmed[k][name] = record[name]
				}
			}
			if pinned == "" {
				if diff := cmp.Diff(trimmed, got.records("data")); diff != "" {
					t.Errorf("%s%s (-whole, trimmed here +trimmed there):\n%s", b.path, query, diff)
				}
			}
			if order := membersInOrder(t, got.body); !slices.Equal(order, fields) {
				t.Errorf("%s%s: members %s", b.path, query, order)
			}
			if i < len(questions)-4 {
				continue
			}
			if diff := cmp.Diff(trimmed, c.want(c.get(b.path+query+"&format=ndjson", see), 200).lines(t)); diff != "" {
				t.Errorf("%s%s: NDJSON:\n%s", b.path, query, diff)
			}
			table := c.want(c.get(b.path+query+"&format=csv", see), 200)
			table.carries(t, b.path+query, trimmed)
			if header, _, _ := strings.Cut(string(table.body), "\n"); header != strings.Join(fields, ",") {
				t.Errorf("%s%s: columns %s", b.path, query, header)
			}
			item := b.path + "/" + want[0]["id"].(string)
			one := c.want(c.get(item+"?fields="+strings.Join(fields, ","), see), 200)
			if diff := cmp.Diff(trimmed[0], one.member()); diff != "" {
				t.Errorf("%s?fields=%s:\n%s", item, fields, diff)
			}
			c.want(c.get(item+"?fields="+strings.Join(fields, ","), see, "If-None-Match: "+one.Header.Get("ETag")), 304)
		}
	}
}

// membersInOrder are the names of the first record of a list.
func membersInOrder(t *testing.T, body []byte) []string {
	t.Helper()
	var page struct{ Data []json.RawMessage }
	if err := json.Unmarshal(body, &page); err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(strings.NewReader(string(page.Data[0])))
	if _, err := dec.Token(); err != nil {
		t.Fatal(err)
	}
	var names []string
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, fmt.Sprint(name))
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			t.Fatal(err)
		}
	}
	return names
}

// Members of embedded records are named after a dot, which embeds them; what
// include embeds stays.
func TestFieldsOfEmbeddedRecords(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	for _, line := range furniture() {
		testkit.Create(t, s, line)
	}
	c := serveStore(t, s)
	const item = "/v1/statements/key:s:full"
	for _, test := range []struct{ query, want string }{
		{"fields=text,speaker.name", `{"text":"a","speaker":{"name":"Khawaja Asif"}}`},
		{"fields=speaker.name,speaker.kind,speaker_name", `{"speaker":{"name":"Khawaja Asif","kind":"person"},"speaker_name":"Khawaja Asif"}`},
		{"fields=reports.article.title", `{"reports":[{"article":{"title":"One"}}]}`},
		{"fields=reports.match,reports.article.source.name,key", `{"key":"s:full","reports":[{"match":"explicit","article":{"source":{"name":"One"}}}]}`},
		{"fields=text&include=on_behalf_of&as_of=seq:99", ""},
		{"fields=text,on_behalf_of.code&include=on_behalf_of", `{"text":"a","on_behalf_of":{"code":"PK"}}`},
		{"fields=on_behalf_of", `{"on_behalf_of":"PK"}`},
		{"fields=within.text", `{"within":null}`},
		{"fields=positions.claim.text,links.to.key", `{"positions":[{"claim":{"text":"b"}}],"links":[{"to":{"key":"s:used"}}]}`},
	} {
		a := c.get(item + "?" + test.query)
		if test.want == "" {
			c.want(a, 400)
			continue
		}
		if got := strings.TrimSpace(string(c.want(a, 200).body)); got != test.want {
			t.Errorf("%s: %s, want %s", test.query, got, test.want)
		}
	}
	whole := c.want(c.get(item+"?fields=text&include=on_behalf_of,reports"), 200)
	if whole.text("on_behalf_of", "name") != "Pakistan" || whole.text("reports", 0, "match") != "explicit" || whole.text("text") != "a" || whole.text("kind") != "" {
		t.Errorf("what is included is not whole, or more is: %s", whole.body)
	}
	table := string(c.want(c.get("/v1/statements?format=csv&key=s:full&fields=speaker.name,text,on_behalf_of.name,reports.match,within.text"), 200).body)
	if want := "speaker.name,text,on_behalf_of.name,reports,within.text\nKhawaja Asif,a,Pakistan,\"[{\"\"match\"\":\"\"explicit\"\"}]\",\n"; table != want {
		t.Errorf("CSV: %s, want %s", table, want)
	}
	page := c.want(c.get("/v1/statements?limit=1&fields=text"), 200)
	c.want(c.get("/v1/statements?limit=1&fields=text,id&cursor="+page.text("next_cursor")), 200)
	for _, test := range []struct{ path, names string }{
		{"/v1/statements?fields=colour", "speaker_name"}, {"/v1/statements?fields=text,", ""}, {"/v1/statements?fields=text,text", ""}, {"/v1/statements?fields=speaker.colour", "nationality"},
		{"/v1/statements?fields=text.length", "on_behalf_of"}, {"/v1/statements?fields=speaker.part_of.part_of.part_of.part_of.name", ""}, {"/v1/countries?fields=id.name", "nothing"},
		{item + "?fields=colour", "speaker_name"}, {"/v1/timeline?fields=type", ""}, {"/v1/statements/counts?by=kind&fields=count", ""},
	} {
		a := c.want(c.get(test.path), 400)
		if a.text("errors", 0, "parameter") != "fields" || !strings.Contains(a.text("errors", 0, "detail"), test.names) {
			t.Errorf("%s: %s", test.path, a.body)
		}
	}
	// A field that nobody may read is unknown like a made-up one.
	made, hidden := c.get("/v1/tips?fields=colour", "X-API-Key: "+c.key), c.get("/v1/tips?fields=contact", "X-API-Key: "+c.key)
	if strings.ReplaceAll(made.text("errors", 0, "detail"), "colour", "contact") != hidden.text("errors", 0, "detail") || hidden.StatusCode != 400 {
		t.Errorf("a contact is told of: %s", hidden.body)
	}
}
