package store_test

import (
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"onrecord/internal/claims"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

// ofStatementsAlone are the filters that choose among statements alone.
var ofStatementsAlone = regexp.MustCompile(`&(second_hand|target_exact|carried_from|carried_to)=[^&]*`)

// A timeline is the statements and the events of two lists in one order, page
// after page, in either direction.
func TestATimelineIsTwoListsInOneOrder(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	questionable(3).load(t, s)
	var unfiltered []string
	for _, filters := range []string{"", "&between=PK,AF", "&topic=security&dataset=any", "&second_hand=include", "&from=2026-02&to=2026-03", "&from=2025&date_match=certain",
		"&between=PK,AF&target_exact=true", "&carried_from=2026-02-18&carried_to=2026-02-20", "&carried_to=2026-02-18&from=2026", "&source=key:src:0", "&not_source=key:src:0&not_topic=security"} {
		for _, sort := range []string{"date", "-date"} {
			var want []string
			for kind, names := range map[claims.Kind][2]string{claims.KindStatement: {"said_on", "said"}, claims.KindEvent: {"occurred", "occurred"}} {
				params := strings.NewReplacer("&from=", "&"+names[1]+"_from=", "&to=", "&"+names[1]+"_to=").Replace("limit=1000" + filters)
				if kind == claims.KindEvent {
					params = ofStatementsAlone.ReplaceAllString(params, "")
				}
				for _, r := range ask(t, s, kind, params) {
					want = append(want, string(kind)+" "+r.text("id"))
				}
			}
			for _, limit := range []string{"1000", "7"} {
				var got, dates []string
				cursor := ""
				for {
					q, err := url.ParseQuery("limit=" + limit + "&sort=" + sort + filters)
					if err != nil {
						t.Fatal(err)
					}
					if cursor != "" {
						q.Set("cursor", cursor)
					}
					line, err := store.ParseTimeline(q)
					if err != nil {
						t.Fatalf("%s: %v", filters, err)
					}
					page, err := s.Timeline(t.Context(), line)
					if err != nil {
						t.Fatalf("%s: %v", filters, err)
					}
					var entries []struct {
						Type      string
						Statement struct {
							ID   string
							From string `json:"said_from"`
							On   string `json:"said_on"`
						}
						Event struct {
							ID   string
							From string `json:"occurred_from"`
							On   string `json:"occurred"`
						}
					}
					if err := json.Unmarshal(page.Records, &entries); err != nil {
						t.Fatal(err)
					}
					for _, e := range entries {
						got = append(got, e.Type+" "+e.Statement.ID+e.Event.ID)
						from := e.Statement.From + e.Event.From
						switch {
						case e.Statement.On+e.Event.On == "" && sort == "date":
							from = "z"
						case e.Statement.On+e.Event.On != "" && sort == "-date":
							from = "a" + from
						}
						dates = append(dates, from)
					}
					if cursor = page.Next; cursor == "" {
						break
					}
				}
				ordered := slices.Clone(dates)
				slices.Sort(ordered)
				if sort == "-date" {
					slices.Reverse(ordered)
				}
				if diff := cmp.Diff(ordered, dates); diff != "" {
					t.Errorf("%s by %s, %s to a page: %s", filters, sort, limit, diff)
				}
				slices.Sort(got)
				slices.Sort(want)
				if diff := cmp.Diff(want, got); diff != "" || len(want) == 0 {
					t.Errorf("%s by %s, %s to a page: %s", filters, sort, limit, diff)
				}
				if filters == "" {
					unfiltered = got
				} else if slices.Equal(got, unfiltered) {
					t.Errorf("%s changes nothing", filters)
				}
			}
		}
	}
	_, err := store.ParseTimeline(url.Values{"between": {"PK"}, "kind": {"threat"}, "carried_from": {"soon"}, "target_exact": {"maybe"}, "not_carried_to": {"2026"}, "not_date_match": {"certain"}, "cursor": {"x"}, "from": {"soon"}, "limit": {"0"}})
	var pointers []string
	if e, ok := err.(*store.Error); ok { //nolint:errorlint // not wrapped
		for _, p := range e.Problems {
			pointers = append(pointers, p.Pointer)
		}
	}
	slices.Sort(pointers)
	if diff := cmp.Diff([]string{"between", "carried_from", "cursor", "from", "kind", "limit", "not_carried_to", "not_date_match", "target_exact"}, slices.Compact(pointers)); diff != "" {
		t.Errorf("%v: %s", err, diff)
	}
}
