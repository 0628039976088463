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

var sOne = claims.ID("s:1")

// world is a small record in which every filter tells some records from others.
var world = `
{"type":"topic","slug":"deep","name":"Deep","parent":"air-strikes"}
{"type":"country","code":"IN","name":"India","alpha3":"IND","region":"Asia","subregion":"Southern Asia","status":"disputed","aliases":[{"name":"Bharat"}]}
{"type":"source","key":"outlet:three","name":"Three","kind":"agency","domain":"three.example","identified":false,"review":"single"}
{"type":"speaker","key":"body:ministry","name":"Ministry","kind":"ministry","country":"PK","part_of":{"key":"gov:PK"},"wikidata_id":"Q1","aliases":[{"name":"MoD","kind":"acronym"}]}
{"type":"speaker","key":"body:desk","name":"Desk","kind":"ministry","country":"PK","part_of":{"key":"body:ministry"}}
{"type":"article","key":"article:three","source":{"key":"outlet:three"},"title":"Three","url":"https://three.example/a,b","language":"en","label":"Reliable","published_on":"2026-03","syndicated_from":{"key":"article:one"}}
{"type":"article","key":"article:four","source":{"key":"outlet:three"},"title":"Four","seen_via":{"key":"article:three"}}
{"type":"office","key":"office:one","title":"Minister","country":"PK","body":{"key":"body:ministry"}}
{"type":"tenure","key":"tenure:one","speaker":{"key":"person:asif"},"office":{"key":"office:one"},"held":"2024-03/.."}
{"type":"tenure","key":"tenure:two","speaker":{"key":"person:mujahid"},"office":{"key":"office:one"},"capacity":"acting","observed_on":[{"on":"2020-01-01","article":{"key":"article:one"}}]}
{"type":"rating","key":"rating:one","source":{"key":"outlet:one"},"reliability":"B","rated_on":"2025","rated_by":"R","reason":"r"}
{"type":"rating","key":"rating:two","source":{"key":"outlet:two"},"reliability":"F","rated_on":"2026","rated_by":"Q","reason":"r"}
{"type":"event","key":"event:one","kind":"interview","title":"Interview","occurred":"2026-02-18","country":"PK","topics":["deep"],"participants":[{"role":"speaker","speaker":{"key":"person:asif"},"given_by_article":{"key":"article:one"}}]}
{"type":"event","key":"event:two","kind":"bombing","title":"Bombing","occurred":"2026-01~","country":"AF","part_of":{"key":"event:one"},"participants":[{"role":"victim","country":"AF","given_by_article":{"key":"article:one"}}],"figures":[{"metric":"killed","as_given":"several","given_by_article":{"key":"article:one"}}]}
{"type":"event","key":"event:three","kind":"talks","title":"Talks"}
{"type":"event_link","key":"el:one","from":{"key":"event:one"},"to":{"key":"event:two"},"relation":"follows","given_by_article":{"key":"article:one"}}
{"type":"mention","key":"mention:one","article":{"key":"article:one"},"event":{"key":"event:one"},"role":"subject","statement":{"key":"s:1"}}
{"type":"mention","key":"mention:two","article":{"key":"article:two"},"event":{"key":"event:two"},"role":"background"}
{"type":"claim","key":"claim:one","text":"One is so","sort":"fact","topics":["deep"],"about":[{"role":"accused","speaker":{"key":"gov:AF"}}]}
{"type":"claim","key":"claim:two","text":"Two is good","sort":"value","about":[{"role":"subject","country":"PK"}]}
{"type":"claim_link","key":"cl:one","from":{"key":"claim:one"},"to":{"key":"claim:two"},"relation":"implies"}
{"type":"assessment","key":"as:one","claim":{"key":"claim:one"},"verdict":"Pants on fire","normalised":"false","reviewer":{"key":"outlet:one"}}
{"type":"assessment","key":"as:two","statement":{"key":"s:2"},"verdict":"Half true","reviewer":{"key":"outlet:two"}}
{"type":"tip","key":"tip:one","on":"statement","record":"` + sOne + `","text":"wrong"}
{"type":"tip","key":"tip:two","on":"country","record":"AF","text":"wrong too","status":"rejected"}
{"type":"statement","key":"s:4","speaker":{"key":"person:mujahid"},"kind":"denial","text":"d","occasion":{"key":"event:one"},"targets":[{"role":"object","event":{"key":"event:two"}}],"positions":[{"claim":{"key":"claim:one"},"stance":"denies"}],"links":[{"to":{"key":"s:1"},"relation":"responds_to"}]}
{"type":"statement","key":"s:1","speaker":{"key":"body:desk"},"kind":"threat","text":"a","language":"en","topics":["deep"],"positions":[{"claim":{"key":"claim:one"},"stance":"asserts"}],"reports":[{"article":{"key":"article:one"},"renderings":[{"part":"headline","form":"quotation","text":"a"}],"cites":[{"source":{"key":"outlet:three"}}]}]}
{"type":"statement","key":"s:2","speaker":{"key":"person:asif"},"kind":"denial","text":"b","reports":[{"article":{"key":"article:two"},"match":"inferred","match_note":"n","renderings":[{"part":"body","form":"paraphrase","text":"b"}]},{"article":{"key":"article:three"}}]}
{"type":"statement","key":"s:3","speaker":{"key":"person:asif"},"kind":"denial","text":"c","within":{"key":"s:2"}}
`

// Filters select what a person would pick by hand from a small record. All of
// them are held against a naive reading elsewhere.
func TestFiltersSelectWhatAPersonWould(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	inputs, err := claims.ReadStream([]byte(world))
	if err != nil {
		t.Fatal(err)
	}
	testkit.Load(t, s, "world", inputs)
	tests := map[claims.Kind]map[string]string{ // filter=value: the names, titles, texts or ids found
		claims.KindCountry: {"q=bharat": "India", "name=Bharat": "India", "name=Pakistan": "Pakistan", "alpha3=IND": "India", "region=Asia": "India", "subregion=Southern Asia": "India",
			"status=disputed": "India", "id=AF": "Afghanistan", "dataset=other": "", "review=single": ""},
		claims.KindTopic: {"q=strikes air": "Air strikes", "name=Deep": "Deep", "parent=security": "Air strikes", "under=security": "Air strikes|Deep|Security", "under=air-strikes": "Air strikes|Deep",
			"id=deep": "Deep", "dataset=other": "", "review=machine": "Air strikes|Deep|Security"},
		claims.KindSource: {"q=three.example": "Three", "q=one OR two": "One|Two", "name=One": "One", "kind=agency": "Three", "country=AF": "Two", "domain=three.example": "Three", "owner=key:outlet:one": "Two", "identified=false": "Three",
			"identified=true": "One|Two", "key=outlet:two": "Two", "id=" + claims.ID("outlet:one"): "One", "dataset=other": "", "review=single": "Three"},
		claims.KindSpeaker: {"q=mod": "Ministry", "q=government -pakistan": "Government of Afghanistan", "name=MoD": "Ministry", "kind=ministry": "Desk|Ministry", "nationality=AF": "Zabihullah Mujahid", "country=AF": "Government of Afghanistan",
			"part_of=key:gov:PK": "Desk|Government of Pakistan|Ministry", "part_of=key:body:ministry": "Desk|Ministry", "wikidata_id=Q1": "Ministry", "key=body:desk": "Desk",
			"id=" + claims.ID("gov:AF"): "Government of Afghanistan", "dataset=other": "", "review=single": ""},
		claims.KindArticle: {"q=reliably": "Three", "source=key:outlet:three": "Four|Three", `url=https://three.example/a\,b`: "Three", "language=en": "Three", "syndicated_from=key:article:one": "Three",
			"seen_via=key:article:three": "Four", "label=Reliable": "Three", "key=article:two": "Two", "id=" + claims.ID("article:one"): "One", "dataset=other": "", "review=single": "",
			"published_from=2026-03": "Three", "published_to=2026-02-19": "One", "published_on=unknown": "Four", "published_bucket=2026-03": "Three", "published_bucket=day": "One|Two"},
		claims.KindStatement: {"key=s:1": "a", "id=" + claims.ID("s:2"): "b", "review=single": "", "language=en": "a", "form=quotation": "a", "article=key:article:three": "b",
			"source=key:outlet:one": "a", "source=key:outlet:three": "b", "outlet_country=AF": "b", "part_of=key:gov:PK": "a", "occasion=key:event:one": "d", "between=PK,AF": "", "claim=key:claim:one": "a|d", "stance=denies": "d", "target_event=key:event:two": "d", "medium=interview": "d", "office=key:office:one": "", "max_publishers=0": "d", "min_publishers=1": "a|b", "max_origins=1": "a|b|d", "min_origins=2": "", "topic=security": "a", "topic=deep": "a", "within=key:s:2": ""},
		claims.KindReport: {"statement=key:s:2": "2", "article=key:article:one": "1", "source=key:outlet:three": "1", "match=inferred": "1", "form=quotation": "1", "part=headline": "1",
			"cites=key:outlet:three": "1", "cites=key:outlet:one": "", "key=s:1/article:one": "1", "id=" + claims.ID("s:1/article:one"): "1", "dataset=other": "", "review=single": ""},
		claims.KindOffice: {"q=minister": "Minister", "q=ministers": "", "title=Minister": "Minister", "country=PK": "Minister", "country=AF": "", "body=key:body:ministry": "Minister", "key=office:one": "Minister",
			"id=" + claims.ID("office:one"): "Minister", "shared=true": "", "shared=false": "Minister", "dataset=other": "", "review=single": ""},
		claims.KindTenure: {"speaker=key:person:asif": "1", "office=key:office:one": "2", "country=AF": "", "country=PK": "2", "capacity=acting": "1", "key=tenure:one": "1",
			"id=" + claims.ID("tenure:two"): "1", "dataset=other": "", "review=single": ""},
		claims.KindRating: {"source=key:outlet:one": "1", "reliability=F": "1", "rated_by=R": "1", "key=rating:one": "1", "id=" + claims.ID("rating:one"): "1", "dataset=other": "", "review=single": ""},
		claims.KindEvent: {"q=bomb": "Bombing", "kind=interview": "Interview", "kind=violence": "Bombing", "country=AF": "Bombing", "part_of=key:event:one": "Bombing", "participant_role=victim": "Bombing",
			"participant=key:person:asif": "Interview", "participant_country=AF": "Bombing", "between=PK,AF": "", "topic=security": "Interview", "metric=killed": "Bombing", "article=key:article:two": "Bombing",
			"key=event:one": "Interview", "id=" + claims.ID("event:two"): "Bombing", "dataset=other": "", "review=single": "", "occurred_from=2026-02": "Interview", "occurred_to=2026-02": "Bombing",
			"occurred_on=unknown": "Talks", "occurred_bucket=2026-W08": "Interview"},
		claims.KindEventLink: {"from=key:event:one": "1", "to=key:event:two": "1", "event=key:event:two": "1", "event=key:event:three": "", "relation=follows": "1", "relation=prompted_by": "",
			"key=el:one": "1", "id=" + claims.ID("el:one"): "1", "dataset=other": "", "review=single": ""},
		claims.KindMention: {"article=key:article:one": "1", "event=key:event:one": "1", "role=background": "1", "statement=key:s:1": "1", "key=mention:one": "1",
			"id=" + claims.ID("mention:one"): "1", "dataset=other": "", "review=single": ""},
		claims.KindClaim: {"q=one": "One is so", "q=is": "", "status=contested": "One is so", "status=open": "Two is good", "sort_of=value": "Two is good", "about=key:gov:AF": "One is so", "about_country=AF": "One is so",
			"about_country=PK": "Two is good", "about_role=subject": "Two is good", "topic=security": "One is so", "speaker=key:person:mujahid": "One is so", "key=claim:one": "One is so",
			"id=" + claims.ID("claim:two"): "Two is good", "dataset=other": "", "review=single": ""},
		claims.KindPosition: {"statement=key:s:1": "1", "claim=key:claim:one": "2", "stance=denies": "1", "speaker=key:person:mujahid": "1", "second_hand=only": "", "voice=attributed": "2", "key=s:1/claim:one": "1",
			"id=" + claims.ID("s:1/claim:one"): "1", "dataset=other": "", "review=single": ""},
		claims.KindClaimLink: {"from=key:claim:one": "1", "to=key:claim:two": "1", "claim=key:claim:two": "1", "relation=implies": "1", "relation=negates": "", "key=cl:one": "1",
			"id=" + claims.ID("cl:one"): "1", "dataset=other": "", "review=single": ""},
		claims.KindLink: {"statement=key:s:4": "1", "to=key:s:1": "1", "relation=responds_to": "1", "relation=repeats": "", "key=s:4/responds_to/s:1": "1", "id=" + claims.ID("s:4/responds_to/s:1"): "1", "dataset=other": "", "review=single": ""},
		claims.KindAssessment: {"claim=key:claim:one": "1", "statement=key:s:2": "1", "reviewer=key:outlet:two": "1", "normalised=false": "1", "verdict=Half true": "1", "key=as:one": "1",
			"id=" + claims.ID("as:two"): "1", "dataset=other": "", "review=single": ""},
		claims.KindTip: {"status=new": "1", "record=AF": "1", "key=tip:one": "1", "id=" + claims.ID("tip:two"): "1", "dataset=other": "", "review=single": ""},
	}
	for kind, table := range tests {
		for filter, want := range table {
			name, value, _ := strings.Cut(filter, "=")
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
			if strings.HasPrefix(name, "published_") || strings.HasPrefix(name, "occurred_") || name == "dataset" {
				continue
			}
			rest, err := s.List(t.Context(), query(t, kind, map[string]string{"not_" + name: value}))
			if err != nil || rest.Count != whole.Count-page.Count {
				t.Errorf("%s?not_%s: %d records, %v; all are %d, those with it %d", kind, filter, rest.Count, err, whole.Count, page.Count)
			}
		}
	}
	page, err := s.List(t.Context(), query(t, claims.KindStatement, map[string]string{"within": "key:s:2", "second_hand": "include"}))
	if err != nil || shownNames(t, claims.KindStatement, page) != "c" {
		t.Errorf("what is within s:2: %s, %v", page.Records, err)
	}
}

// shownNames are the names of the records of a page, sorted; of kinds without
// a name their number.
func shownNames(t *testing.T, kind claims.Kind, page store.Page) string {
	t.Helper()
	var records []map[string]any
	if err := json.Unmarshal(page.Records, &records); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range records {
		switch kind {
		case claims.KindArticle, claims.KindOffice, claims.KindEvent:
			names = append(names, fmt.Sprint(r["title"]))
		case claims.KindStatement, claims.KindClaim:
			names = append(names, fmt.Sprint(r["text"]))
		default:
			names = append(names, fmt.Sprint(r["name"]))
		}
	}
	if slices.Contains([]claims.Kind{claims.KindReport, claims.KindTenure, claims.KindRating, claims.KindEventLink, claims.KindMention, claims.KindPosition, claims.KindClaimLink,
		claims.KindLink, claims.KindAssessment, claims.KindTip}, kind) {
		if len(names) == 0 {
			return ""
		}
		return fmt.Sprint(len(names))
	}
	slices.Sort(names)
	return strings.Join(names, "|")
}
