package store_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"onrecord/internal/claims"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

// world is a small record in which every filter tells some records from others.
const world = `
{"type":"topic","slug":"deep","name":"Deep","parent":"air-strikes"}
{"type":"country","code":"IN","name":"India","alpha3":"IND","region":"Asia","subregion":"Southern Asia","status":"disputed","aliases":[{"name":"Bharat"}]}
{"type":"source","key":"outlet:three","name":"Three","kind":"agency","domain":"three.example","identified":false,"review":"single"}
{"type":"speaker","key":"body:ministry","name":"Ministry","kind":"ministry","country":"PK","part_of":{"key":"gov:PK"},"wikidata_id":"Q1","aliases":[{"name":"MoD","kind":"acronym"}]}
{"type":"speaker","key":"body:desk","name":"Desk","kind":"ministry","country":"PK","part_of":{"key":"body:ministry"}}
{"type":"article","key":"article:three","source":{"key":"outlet:three"},"title":"Three","url":"https://three.example/a,b","language":"en","label":"Reliable","published_on":"2026-03","syndicated_from":{"key":"article:one"}}
{"type":"article","key":"article:four","source":{"key":"outlet:three"},"title":"Four","seen_via":{"key":"article:three"}}
{"type":"statement","key":"s:1","speaker":{"key":"body:desk"},"kind":"threat","text":"a","language":"en","topics":["deep"],"reports":[{"article":{"key":"article:one"},"renderings":[{"part":"headline","form":"quotation","text":"a"}],"cites":[{"source":{"key":"outlet:three"}}]}]}
{"type":"statement","key":"s:2","speaker":{"key":"person:asif"},"kind":"denial","text":"b","reports":[{"article":{"key":"article:two"},"match":"inferred","match_note":"n","renderings":[{"part":"body","form":"paraphrase","text":"b"}]},{"article":{"key":"article:three"}}]}
{"type":"statement","key":"s:3","speaker":{"key":"person:asif"},"kind":"denial","text":"c","within":{"key":"s:2"}}
`

// Every filter of every resource selects what its description says: either it
// stands in this table or in TestFiltersSelectWhatTheySay.
func TestEveryFilterOfEveryResource(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	inputs, err := claims.ReadStream([]byte(world))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Load(t.Context(), testkit.By("world"), inputs); err != nil {
		t.Fatal(err)
	}
	tests := map[claims.Kind]map[string]string{ // filter=value: the names, titles, texts or ids found
		claims.KindCountry: {"name=Bharat": "India", "name=Pakistan": "Pakistan", "alpha3=IND": "India", "region=Asia": "India", "subregion=Southern Asia": "India",
			"status=disputed": "India", "id=AF": "Afghanistan", "dataset=other": "", "review=single": ""},
		claims.KindTopic: {"name=Deep": "Deep", "parent=security": "Air strikes", "under=security": "Air strikes|Deep|Security", "under=air-strikes": "Air strikes|Deep",
			"id=deep": "Deep", "dataset=other": "", "review=machine": "Air strikes|Deep|Security"},
		claims.KindSource: {"name=One": "One", "kind=agency": "Three", "country=AF": "Two", "domain=three.example": "Three", "owner=key:outlet:one": "Two", "identified=false": "Three",
			"identified=true": "One|Two", "key=outlet:two": "Two", "id=" + claims.ID("outlet:one"): "One", "dataset=other": "", "review=single": "Three"},
		claims.KindSpeaker: {"name=MoD": "Ministry", "kind=ministry": "Desk|Ministry", "nationality=AF": "Zabihullah Mujahid", "country=AF": "Government of Afghanistan",
			"part_of=key:gov:PK": "Desk|Government of Pakistan|Ministry", "part_of=key:body:ministry": "Desk|Ministry", "wikidata_id=Q1": "Ministry", "key=body:desk": "Desk",
			"id=" + claims.ID("gov:AF"): "Government of Afghanistan", "dataset=other": "", "review=single": ""},
		claims.KindArticle: {"source=key:outlet:three": "Four|Three", `url=https://three.example/a\,b`: "Three", "language=en": "Three", "syndicated_from=key:article:one": "Three",
			"seen_via=key:article:three": "Four", "label=Reliable": "Three", "key=article:two": "Two", "id=" + claims.ID("article:one"): "One", "dataset=other": "", "review=single": "",
			"published_from=2026-03": "Three", "published_to=2026-02-19": "One", "published_on=unknown": "Four"},
		claims.KindStatement: {"key=s:1": "a", "id=" + claims.ID("s:2"): "b", "review=single": "", "language=en": "a", "form=quotation": "a", "article=key:article:three": "b",
			"source=key:outlet:one": "a", "source=key:outlet:three": "b", "outlet_country=AF": "b", "part_of=key:gov:PK": "a", "topic=security": "a", "topic=deep": "a", "within=key:s:2": ""},
		claims.KindReport: {"statement=key:s:2": "2", "article=key:article:one": "1", "source=key:outlet:three": "1", "match=inferred": "1", "form=quotation": "1", "part=headline": "1",
			"cites=key:outlet:three": "1", "cites=key:outlet:one": "", "key=s:1/article:one": "1", "id=" + claims.ID("s:1/article:one"): "1", "dataset=other": "", "review=single": ""},
	}
	elsewhere := map[claims.Kind]string{claims.KindStatement: "speaker speaker_kind speaker_nationality on_behalf_of target_role target target_country kind medium conditional second_hand voice recurrence dataset said_from said_to said_on date_match",
		claims.KindArticle: "date_match"}
	for kind, table := range tests {
		covered := strings.Fields(elsewhere[kind] + " sort limit offset cursor as_of include")
		for filter, want := range table {
			name, value, _ := strings.Cut(filter, "=")
			covered = append(covered, name)
			page, err := s.List(t.Context(), query(t, kind, map[string]string{name: value}))
			if err != nil {
				t.Errorf("%s?%s: %v", kind, filter, err)
				continue
			}
			if got := shownNames(t, kind, page); got != want {
				t.Errorf("%s?%s: %s", kind, filter, cmp.Diff(want, got))
			}
			// The complement is the rest of what the scope allows.
			whole, err := s.List(t.Context(), query(t, kind, map[string]string{"limit": "1000"}))
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(name, "published_") || name == "dataset" {
				continue
			}
			rest, err := s.List(t.Context(), query(t, kind, map[string]string{"not_" + name: value}))
			if err != nil || rest.Count != whole.Count-page.Count {
				t.Errorf("%s?not_%s: %d records, %v; all are %d, those with it %d", kind, filter, rest.Count, err, whole.Count, page.Count)
			}
		}
		for _, name := range store.Parameters(kind) {
			if !slices.Contains(covered, name) {
				t.Errorf("%s: no test covers %s", kind, name)
			}
		}
	}
	page, err := s.List(t.Context(), query(t, claims.KindStatement, map[string]string{"within": "key:s:2", "second_hand": "include"}))
	if err != nil || shownNames(t, claims.KindStatement, page) != "c" {
		t.Errorf("what is within s:2: %s, %v", page.Records, err)
	}
}

// shownNames are the names of the records of a page, sorted; for reports their
// number.
func shownNames(t *testing.T, kind claims.Kind, page store.Page) string {
	t.Helper()
	var records []map[string]any
	if err := json.Unmarshal(page.Records, &records); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range records {
		switch kind {
		case claims.KindArticle:
			names = append(names, fmt.Sprint(r["title"]))
		case claims.KindStatement:
			names = append(names, fmt.Sprint(r["text"]))
		default:
			names = append(names, fmt.Sprint(r["name"]))
		}
	}
	if kind == claims.KindReport {
		if len(names) == 0 {
			return ""
		}
		return fmt.Sprint(len(names))
	}
	slices.Sort(names)
	return strings.Join(names, "|")
}
