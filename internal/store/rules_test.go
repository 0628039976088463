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

// sampled is a store with what ships: countries and the three articles.
func sampled(t *testing.T) *store.Store {
	t.Helper()
	s := testkit.Store(t)
	loadShipped(t, s)
	return s
}

// ask lists a collection by parameters written as in a URL.
func ask(t *testing.T, s *store.Store, kind claims.Kind, params string) []record {
	t.Helper()
	given := map[string]string{"limit": "1000"}
	for pair := range strings.SplitSeq(params, "&") {
		if name, value, ok := strings.Cut(pair, "="); ok {
			given[name] = value
		}
	}
	page, err := s.List(t.Context(), query(t, kind, given))
	if err != nil {
		t.Fatalf("%s?%s: %v", kind, params, err)
	}
	var records []record
	if err := json.Unmarshal(page.Records, &records); err != nil {
		t.Fatal(err)
	}
	return records
}

// A record as JSON.
type record map[string]any

func (r record) text(name string) string {
	if r[name] == nil {
		return ""
	}
	return fmt.Sprint(r[name])
}

func (r record) list(name string) []record {
	var out []record
	list, _ := r[name].([]any)
	for _, v := range list {
		if m, ok := v.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

// texts gathers a field of many records, sorted.
func texts(records []record, name string) []string {
	out := []string{}
	for _, r := range records {
		out = append(out, r.text(name))
	}
	slices.Sort(out)
	return out
}

const threat = "key=sample:asif-will-not-hesitate"

func TestRule1StatementIsNotReport(t *testing.T) {
	t.Parallel()
	s := sampled(t)
	found := ask(t, s, claims.KindStatement, threat+"&include=reports")
	if len(found) != 1 || len(found[0].list("reports")) != 4 {
		t.Fatalf("%d statements, want one with four reports", len(found))
	}
	var quotations []string
	for _, report := range found[0].list("reports") {
		for _, rendering := range report.list("renderings") {
			if rendering.text("form") == "quotation" {
				quotations = append(quotations, rendering.text("text"))
			}
		}
	}
	if !slices.Contains(quotations, "We will not hesitate to act") || !slices.Contains(quotations, "We will not hesitate") {
		t.Errorf("the two outlets' wordings are not kept apart: %q", quotations)
	}
}

func TestRule2StatementIsNotClaim(t *testing.T) {
	t.Parallel()
	s := sampled(t)
	want := map[string][]string{ // of the four claims that look like one, each has just its own first-hand positions
		"claim:militants-operate-from-afghan-soil": {"Khawaja Asif asserts", "Pakistani officials asserts", "United Nations asserts"},
		"claim:afghan-soil-not-used":               {"Afghan officials commits"},
	}
	for _, c := range ask(t, s, claims.KindClaim, "") {
		key := c.text("key")
		if want[key] == nil {
			continue
		}
		var got []string
		for _, p := range ask(t, s, claims.KindPosition, "claim=key:"+key) {
			got = append(got, p.text("speaker_name")+" "+p.text("stance"))
		}
		slices.Sort(got)
		if diff := cmp.Diff(want[key], got); diff != "" {
			t.Errorf("%s: %s", key, diff)
		}
		delete(want, key)
	}
	if len(want) > 0 {
		t.Errorf("the sample lacks %v", want)
	}
	contested := ask(t, s, claims.KindClaim, "status=contested")
	if len(contested) != 1 || !strings.Contains(contested[0].text("text"), "allow or support") {
		t.Errorf("contested: %q", texts(contested, "text"))
	}
}

func TestRule3ReportsAreNotPublishersAreNotOrigins(t *testing.T) {
	t.Parallel()
	s := sampled(t)
	f := ask(t, s, claims.KindStatement, threat)[0]
	got := fmt.Sprintf("%v reports, publishers %v–%v, origins %v–%v", f["report_count"], f["publishers_low"], f["publishers_high"], f["origins_low"], f["origins_high"])
	if want := "4 reports, publishers 1–3, origins 1–1"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestRule4SecondHandFeedsNothing(t *testing.T) {
	t.Parallel()
	s := sampled(t)
	second := ask(t, s, claims.KindStatement, "second_hand=only")
	if len(second) != 3 {
		t.Fatalf("%d second-hand statements, want 3", len(second))
	}
	first := texts(ask(t, s, claims.KindStatement, "voice=any"), "id")
	for _, r := range second {
		if slices.Contains(first, r.text("id")) || r["denied_by_others"] != false {
			t.Errorf("%s stands among the first-hand ones or has a derived denial", r.text("key"))
		}
	}
	for _, c := range ask(t, s, claims.KindClaim, "status=conceded") {
		t.Errorf("a concession at second hand changed the status of %s", c.text("key"))
	}
	for _, p := range ask(t, s, claims.KindPosition, "") {
		if p["second_hand"] != false {
			t.Errorf("a second-hand position stands in the list: %v", p)
		}
	}
}

func TestRule5TheDatabaseConvictsNobody(t *testing.T) {
	t.Parallel()
	s := sampled(t)
	parts := 0
	for _, e := range ask(t, s, claims.KindEvent, "") {
		for _, part := range append(e.list("participants"), e.list("figures")...) {
			parts++
			if (part["given_by_article"] == nil) == (part["given_by_statement"] == nil) {
				t.Errorf("%s: nobody or two give %v", e.text("key"), part)
			}
		}
	}
	if parts < 30 {
		t.Errorf("only %d participants and figures", parts)
	}
}

func TestRule6ReliabilityIsNotCredibility(t *testing.T) {
	t.Parallel()
	s := sampled(t)
	labelled := ask(t, s, claims.KindArticle, "label=Reliable")
	if len(labelled) != 4 {
		t.Fatalf("%d articles with a printed label, want 4", len(labelled))
	}
	if rated := ask(t, s, claims.KindRating, ""); len(rated) > 0 {
		t.Errorf("a printed label became a rating: %v", rated)
	}
	f := ask(t, s, claims.KindStatement, threat)[0]
	if f["min_reliability"] != nil || f["max_reliability"] != nil {
		t.Errorf("the threat is rated %v to %v", f["min_reliability"], f["max_reliability"])
	}
	source := ask(t, s, claims.KindSource, "name=Unidentified outlet of article B")[0].text("id")
	for _, reliability := range []string{"F", "B"} {
		testkit.Create(t, s, fmt.Sprintf(`{"type":"rating","source":%q,"reliability":%q,"rated_on":"20%d","rated_by":"x","reason":"y"}`, source, reliability, 24+len(reliability)))
		if _, err := s.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		f := ask(t, s, claims.KindStatement, threat)[0]
		if got := f.text("max_reliability"); (reliability == "F") != (got == "") {
			t.Errorf("rated %s, the best carrying source counts as %q", reliability, got)
		}
	}
}

func TestRule7FourTimes(t *testing.T) {
	t.Parallel()
	s := sampled(t)
	f := ask(t, s, claims.KindStatement, threat+"&include=reports.article")[0]
	published := []string{}
	for _, report := range f.list("reports") {
		if article, ok := report["article"].(map[string]any); ok && article["published_on"] != nil {
			published = append(published, fmt.Sprint(article["published_on"]))
		}
	}
	if f.text("said_on") != "2026-02-18" || !slices.Equal(published, []string{"2026-02-19"}) || f.text("first_carried_on") != "2026-02-19" || f.text("created_at") == "" {
		t.Errorf("said %s, carried %v, first on %s, learned %s", f.text("said_on"), published, f.text("first_carried_on"), f.text("created_at"))
	}
	written, err := s.Update(t.Context(), testkit.By("editor"), claims.KindStatement, f.text("id"), 1, setText("changed our mind"))
	if err != nil {
		t.Fatal(err)
	}
	if before := ask(t, s, claims.KindStatement, fmt.Sprintf("%s&as_of=seq:%d", threat, written.Seq-1))[0]; before.text("text") != f.text("text") {
		t.Errorf("before we changed our mind: %s", before.text("text"))
	}
	if standing := ask(t, s, claims.KindStatement, "recurrence=standing&said_on=unknown"); len(standing) < 2 {
		t.Errorf("only %d standing positions without a date", len(standing))
	}
}

func TestRule8Grain(t *testing.T) {
	t.Parallel()
	s := sampled(t)
	seen := map[string]string{}
	for _, r := range ask(t, s, claims.KindReport, "") {
		pair := r.text("statement") + " " + r.text("article")
		if seen[pair] != "" {
			t.Errorf("%s and %s are of one statement in one article", seen[pair], r.text("key"))
		}
		seen[pair] = r.text("key")
	}
	_, err := s.Create(t.Context(), testkit.By("x"), testkit.Input(t, `{"type":"report","statement":{"key":"sample:asif-will-not-hesitate"},"article":{"key":"sample:article-b"}}`))
	if store.CodeOf(err) != store.Exists {
		t.Errorf("a second report of one statement in one article: %v", err)
	}
}

// The sample holds what the questions of the model need.
func TestSampleAnswersTheQuestions(t *testing.T) {
	t.Parallel()
	s := sampled(t)
	about := "speaker=key:person:khawaja-asif&target_country=AF&said_from=2026-02&said_to=2026-03&include=reports.article.source"
	at := func(question string, n, least int) {
		t.Helper()
		if n < least {
			t.Errorf("%s: %d, want at least %d", question, n, least)
		}
	}
	at("1: what the minister said of Afghanistan", len(ask(t, s, claims.KindStatement, about)), 8)
	at("2: who asserts and denies", len(ask(t, s, claims.KindPosition, "stance=denies")), 2)
	at("2: accusations", len(ask(t, s, claims.KindClaim, "about_role=accused")), 5)
	figures := map[string]string{}
	for _, e := range ask(t, s, claims.KindEvent, "metric=killed,injured") {
		for _, f := range e.list("figures") {
			figures[f.text("as_given")] = f.text("low") + "–" + f.text("high")
		}
	}
	if figures["36"] != "36–36" || figures["more than 160"] != "161–" || figures["several"] != "–" {
		t.Errorf("3: figures %v", figures)
	}
	at("4: threats, accusations and courtship on behalf of a country", len(ask(t, s, claims.KindStatement, "kind=threatening,accusing,courting&not_on_behalf_of=XX")), 12)
	single := 0
	for _, r := range ask(t, s, claims.KindStatement, "") {
		if r["publishers_high"] == 1.0 {
			single++
		}
	}
	at("5: carried by one publisher only", single, 20)
	office := ask(t, s, claims.KindStatement, threat)[0].list("office_on_the_day")
	if len(office) != 1 || office[0].text("title") != "Defence Minister" || office[0].text("certainty") != "certain" {
		t.Errorf("6: the office on the day: %v", office)
	}
	at("7: the record at its beginning", 1-len(ask(t, s, claims.KindStatement, "as_of=seq:0")), 1)
	at("8: wordings of the threat", len(ask(t, s, claims.KindReport, "statement=key:sample:asif-will-not-hesitate")), 4)
	at("9: second-hand, through whom", len(ask(t, s, claims.KindStatement, "second_hand=only&include=within")), 3)
	at("10: open conditions", len(ask(t, s, claims.KindStatement, "conditional=open")), 4)
	at("11: positions by speaker and claim", len(ask(t, s, claims.KindPosition, "speaker=key:person:khawaja-asif")), 10)
	at("13: what happened between the two", len(ask(t, s, claims.KindEvent, "participant_country=PK")), 4)
	at("14: who carried what of the interview", len(ask(t, s, claims.KindStatement, "medium=interview&include=reports,occasion")), 20)
	at("mentions, with what they are for", len(ask(t, s, claims.KindMention, "role=background")), 3)
}
