package store_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"onrecord/internal/claims"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

// statement is what the tests need of one.
type statement struct {
	ID         string   `json:"id"`
	Key        string   `json:"key"`
	Speaker    string   `json:"speaker"`
	OnBehalfOf string   `json:"on_behalf_of"`
	Kind       string   `json:"kind"`
	Voice      string   `json:"voice"`
	SaidOn     string   `json:"said_on"`
	SaidFrom   *string  `json:"said_from"`
	DateMatch  *string  `json:"date_match"`
	Recurrence string   `json:"recurrence"`
	Medium     string   `json:"medium"`
	Within     string   `json:"within"`
	Topics     []string `json:"topics"`
	Dataset    string   `json:"dataset"`
	Targets    []struct{ Role, Country, Speaker string }
	Condition  *struct{ Outcome string }
}

var dates = []string{"", "", "2026-02-18", "2026-02-18", "2026-02-17", "2026-02", "2026-02~", "2026", "202X", "2025-10/2026-01", "[..2026-02-19]", "2026-02-18?", "../2026-02-01", "2026-02-18T10:00:00Z", "1999"}

// populate stores random statements and returns them as the store shows them.
func populate(t *testing.T, s *store.Store, n int, seed uint64) []statement {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 1))
	pick := func(list ...string) string { return list[random.IntN(len(list))] }
	var stream strings.Builder
	for i := range n {
		fields := []string{fmt.Sprintf(`"kind":%q`, pick(claims.StatementKinds.Values()[:8]...)), fmt.Sprintf(`"speaker":{"key":%q}`, pick("person:asif", "person:mujahid", "gov:PK"))}
		add := func(name, value string) {
			if value != "" {
				fields = append(fields, fmt.Sprintf("%q:%s", name, value))
			}
		}
		quoted := func(s string) string {
			if s == "" {
				return ""
			}
			return fmt.Sprintf("%q", s)
		}
		add("said_on", quoted(pick(dates...)))
		add("on_behalf_of", quoted(pick("", "PK", "AF")))
		add("voice", quoted(pick("", "", "editorial")))
		add("recurrence", quoted(pick("", "repeated", "standing")))
		add("medium", quoted(pick("", "unknown", "interview")))
		add("dataset", quoted(pick("", "", "", "other")))
		add("topics", pick("", `["security"]`, `["air-strikes"]`))
		add("targets", pick("", `[{"role":"object","country":"AF"}]`, `[{"role":"mentioned","country":"AF"},{"role":"addressee","speaker":{"key":"gov:PK"}}]`, `[{"role":"addressee","speaker":{"key":"gov:AF"}}]`, `[{"role":"object","speaker":{"key":"person:mujahid"}}]`))
		add("condition", pick("", "", `{"text":"x","sense":"if"}`, `{"text":"x","sense":"unless","outcome":"met","given_by":{"key":"article:one"}}`))
		if i > 0 && random.IntN(5) == 0 {
			add("within", fmt.Sprintf(`{"key":"s:%d"}`, random.IntN(i)))
		}
		fmt.Fprintf(&stream, `{"type":"statement","key":"s:%d","text":"t",%s}`+"\n", i, strings.Join(fields, ","))
	}
	inputs, err := claims.ReadStream([]byte(stream.String()))
	if err != nil {
		t.Fatal(err)
	}
	testkit.Load(t, s, "tester", inputs)
	all := map[string]string{"dataset": "any", "voice": "any", "second_hand": "include", "limit": "1000"}
	page := list(t, s, all)
	if len(page) != n {
		t.Fatalf("%d statements are shown, %d were stored", len(page), n)
	}
	return page
}

func list(t *testing.T, s *store.Store, params map[string]string) []statement {
	t.Helper()
	page, err := s.List(t.Context(), query(t, claims.KindStatement, params))
	if err != nil {
		t.Fatalf("%v: %v", params, err)
	}
	return decode(t, page)
}

func decode(t *testing.T, page store.Page) []statement {
	t.Helper()
	var records []statement
	if err := json.Unmarshal(page.Records, &records); err != nil {
		t.Fatalf("%v in %s", err, page.Records)
	}
	return records
}

func keysOf(records []statement) []string {
	list := []string{}
	for _, r := range records {
		list = append(list, r.Key)
	}
	return list
}

// Pages one after the other are the whole, whatever their size, in either
// direction, under many equal dates; undated ones come last both ways.
func TestPagesTogetherAreTheWhole(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	populate(t, s, 150, 1)
	for _, sort := range []string{"", "said_on", "-said_on", "id", "-id"} {
		for _, filter := range []map[string]string{{}, {"kind": "threat,denial"}, {"said_from": "2026-02", "said_to": "2026-03"}, {"said_on": "unknown"}, {"speaker": "key:person:asif"},
			{"target_country": "AF"}, {"target_country": "AF,PK", "target_role": "any"}, {"target": "key:gov:PK"}, {"topic": "security"}, {"target_country": "AF", "said_from": "2026-02", "said_to": "2026-03"}} {
			for _, limit := range []string{"1", "7", "50"} {
				params := map[string]string{"limit": "1000", "second_hand": "include", "voice": "any"}
				for k, v := range filter {
					params[k] = v
				}
				if sort != "" {
					params["sort"] = sort
				}
				whole := keysOf(list(t, s, params))
				params["limit"] = limit
				pages := []string{}
				for {
					page, err := s.List(t.Context(), query(t, claims.KindStatement, params))
					if err != nil {
						t.Fatalf("%v: %v", params, err)
					}
					pages = append(pages, keysOf(decode(t, page))...)
					if params["cursor"] = page.Next; page.Next == "" {
						break
					}
				}
				delete(params, "cursor")
				if diff := cmp.Diff(whole, pages); diff != "" {
					t.Fatalf("%v: %s", params, diff)
				}
				var offset []string
				for i := range len(whole)/40 + 1 {
					params["limit"], params["offset"] = "40", fmt.Sprint(i*40)
					offset = append(offset, keysOf(list(t, s, params))...)
				}
				if !slices.Equal(whole, offset) {
					t.Fatalf("%v: pages by offset differ from the whole", params)
				}
			}
		}
	}
	order := list(t, s, map[string]string{"limit": "1000", "sort": "said_on"})
	back := list(t, s, map[string]string{"limit": "1000", "sort": "-said_on"})
	for _, records := range [][]statement{order, back} {
		undated := false
		for _, r := range records {
			if undated && r.SaidOn != "" {
				t.Fatalf("a dated statement comes after an undated one")
			}
			undated = undated || r.SaidOn == ""
		}
		if !undated {
			t.Fatal("no undated statement among them")
		}
	}
}

// A page without includes is one round trip, of statements two as long as they
// aren't remembered, with includes four, however long
// the page and however many the includes.
func TestRoundTrips(t *testing.T) {
	t.Parallel()
	var trips testkit.RoundTrips
	s := testkit.StoreAt(t, store.Config{URL: testkit.Database(t), Configure: trips.Configure, MaxConns: 1})
	testkit.WithCast(t, s)
	for i := range 20 {
		testkit.Create(t, s, testkit.Statement(fmt.Sprintf("s:%d", i), "text", `"reports":[{"article":{"key":"article:one"}},{"article":{"key":"article:two"}}]`))
	}
	in := testkit.Input(t, testkit.Statement("s:new", "text", `"reports":[{"article":{"key":"article:one"}}]`))
	tests := []struct {
		what string
		want int
		do   func() error
	}{
		{"a list: its places, and what isn't remembered", 2, func() error { _, err := s.List(t.Context(), query(t, claims.KindStatement, nil)); return err }},
		{"the list again", 1, func() error { _, err := s.List(t.Context(), query(t, claims.KindStatement, nil)); return err }},
		{"a list with includes: BEGIN, page, includes, COMMIT", 4, func() error {
			_, err := s.List(t.Context(), query(t, claims.KindStatement, map[string]string{"include": "speaker.nationality,reports.article.source.owner,text_from"}))
			return err
		}},
		{"a record", 1, func() error { _, err := read(t, s, claims.KindStatement, "key:s:1"); return err }},
		{"a record that isn't there: and why", 2, func() error {
			_, err := read(t, s, claims.KindStatement, "key:s:none")
			return ignore(err, store.NotFound)
		}},
		{"a create: BEGIN, batch, COMMIT", 3, func() error { _, err := s.Create(t.Context(), testkit.By("x"), in); return err }},
		{"a create with idempotency: the claim, and the answer kept", 5, func() error {
			w := testkit.By("x")
			w.Idempotency = &store.Idempotency{Route: "r", Key: "k", Request: []byte("1")}
			_, err := s.Create(t.Context(), w, testkit.Input(t, testkit.Statement("s:idem", "text")))
			return err
		}},
		{"an update: read, BEGIN, batch, COMMIT", 4, func() error {
			_, err := s.Update(t.Context(), testkit.By("x"), claims.KindStatement, "key:s:1", 1, setText("changed"))
			return err
		}},
		{"a stale update: read", 1, func() error {
			_, err := s.Update(t.Context(), testkit.By("x"), claims.KindStatement, "key:s:1", 9, setText("changed"))
			return ignore(err, store.Stale)
		}},
		{"a delete: BEGIN, claim its id, lock it, lock what it owns (3 kinds), dependents, what facts it concerns, batch, COMMIT", 10, func() error {
			_, err := s.Delete(t.Context(), testkit.By("x"), claims.KindStatement, "key:s:2", 1)
			return err
		}},
	}
	for _, test := range tests {
		trips.Taken()
		if err := test.do(); err != nil {
			t.Errorf("%s: %v", test.what, err)
		}
		if got := trips.Taken(); got != test.want {
			t.Errorf("%s: %d round trips, want %d", test.what, got, test.want)
		}
	}
}

func ignore(err error, code store.Code) error {
	if store.CodeOf(err) == code {
		return nil
	}
	return fmt.Errorf("%w, want %s", err, code)
}
