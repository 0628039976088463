package api_test

import (
	"encoding/csv"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

func TestSearchOverHTTP(t *testing.T) {
	t.Parallel()
	c := serve(t)
	for _, line := range []string{
		testkit.Statement("s:1", "Borders stay closed", `"language":"en"`, `"said_on":"2026-02-18"`),
		testkit.Statement("s:2", "The border is <closed>, closed", `"language":"en"`, `"said_on":"2026-02-19"`),
		testkit.Statement("s:3", "He says that the border is closed", `"language":"en"`, `"within":{"key":"s:1"}`),
		`{"type":"claim","key":"claim:b","text":"The border was closed.","sort":"fact"}`,
	} {
		testkit.Create(t, c.store, line)
	}
	all := c.want(c.get("/v1/search?q=border+closed&limit=2"), 200)
	if next := all.text("next_cursor"); next == "" || !strings.Contains(all.Header.Get("Link"), next) {
		t.Errorf("there is no way to the next page: %s", all.body)
	}
	rest := c.want(c.get("/v1/search?q=border+closed&limit=2&cursor="+all.text("next_cursor")), 200)
	if list, _ := rest.member("data").([]any); len(list) != 1 || rest.member("next_cursor") != nil {
		t.Errorf("the last page is %s", rest.body)
	}
	if scope := all.member("scope", "second_hand"); scope != "exclude" {
		t.Errorf("second-hand statements are in scope by %v", scope)
	}
	// Each count leads to the list that counts the same.
	counts, _ := all.member("counts").([]any)
	if len(counts) != len(store.SearchedKinds()) {
		t.Errorf("%d kinds are counted", len(counts))
	}
	for i := range counts {
		list := c.want(c.get(all.text("counts", i, "href")+"&count=exact"), 200)
		if all.member("counts", i, "count") != list.member("count") {
			t.Errorf("%s counts %v, its list %v", all.text("counts", i, "kind"), all.member("counts", i, "count"), list.member("count"))
		}
	}
	c.want(c.get(all.text("data", 0, "href")), 200)

	table, err := csv.NewReader(strings.NewReader(string(c.want(c.get("/v1/search?q=closed&kind=statement&sort=-date&format=csv"), 200).body))).ReadAll()
	if err != nil || len(table) != 3 || table[1][7] != "The border is &lt;<mark>closed</mark>&gt;, <mark>closed</mark>" {
		t.Errorf("as a table: %q, %v", table, err)
	}
	lines := c.want(c.get("/v1/search?q=closed", "Accept: application/x-ndjson"), 200)
	if n := strings.Count(string(lines.body), "\n"); n != 3 {
		t.Errorf("%d lines: %s", n, lines.body)
	}
	for _, query := range []string{"", "?q=", "?q=a&kind=tip", "?q=a&sort=date", "?q=a&limit=101", "?q=a&cursor=x", "?q=a&as_of=seq:1", "?q=a&speaker=key:person:asif"} {
		c.want(c.get("/v1/search"+query, "X-Contract: off"), 400)
	}
	c.want(c.get("/v1/search?q=other&cursor="+all.text("next_cursor")), 400)
}

// A page of hits can follow in another form: the cursor says where, not how.
func TestTheNextHitsMayComeInAnotherForm(t *testing.T) {
	t.Parallel()
	c := serve(t)
	for i := range 5 {
		testkit.Create(t, c.store, testkit.Statement("s:"+strconv.Itoa(i), "The border is closed", `"language":"en"`))
	}
	all := c.want(c.get("/v1/search?q=border"), 200).records("data")
	first := c.want(c.get("/v1/search?q=border&limit=2"), 200)
	for _, rest := range []answer{
		c.want(c.get("/v1/search?q=border&format=ndjson&cursor="+first.text("next_cursor")), 200),
		c.want(c.get("/v1/search?q=border&cursor="+first.text("next_cursor"), "Accept: application/x-ndjson"), 200),
	} {
		if diff := cmp.Diff(all, append(first.records("data"), rest.lines(t)...)); diff != "" || len(all) != 5 {
			t.Errorf("of %d hits (-in one form, +in two): %s", len(all), diff)
		}
	}
	table := c.want(c.get("/v1/search?q=border&limit=2&format=ndjson"), 200)
	next, _, linked := strings.Cut(strings.TrimPrefix(table.Header.Get("Link"), "<"), `>; rel="next"`)
	if !linked {
		t.Fatalf("no way to the next lines: %q", table.Header.Get("Link"))
	}
	if diff := cmp.Diff(all[2:4], c.want(c.get(next), 200).lines(t)); diff != "" {
		t.Errorf("the next lines: %s", diff)
	}
}
