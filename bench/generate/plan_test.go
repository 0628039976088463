package generate

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"onrecord/internal/claims"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

const nobody = "00000000-0000-8000-8000-000000000000"

// asked are values of each filter: a frequent one and a rare one; of what the
// world has none, none.
var asked = map[claims.Kind]map[string][]string{
	claims.KindStatement: {
		"speaker": {"key:gov:US", "key:gen:speaker-499", "key:gov:US,key:gov:PK"}, "target": {"key:gov:US", "key:gen:speaker-499"}, "part_of": {"key:gov:US"},
		"on_behalf_of": {"US", "LI"}, "target_country": {"US", "LI", "US,LI"}, "speaker_nationality": {"US", "LI"}, "outlet_country": {"US", "LI"}, "target_exact": {"true"},
		"topic": {"security", "religion"}, "source": {"key:gen:source-1", "key:gen:source-59"}, "article": {"key:gen:article-1"},
		"kind": {"assertion", "apology", "accusing"}, "language": {"en", "zh-Hans"}, "speaker_kind": {"person", "court"}, "target_role": {"mentioned", "any"},
		"medium": {"interview", "private"}, "form": {"quotation", "inference"}, "voice": {"any", "editorial"}, "recurrence": {"once", "repeated"}, "review": {"machine", "single"},
		"second_hand": {"include", "only"}, "conditional": {"true", "false", "open"}, "dataset": {"any", "other"}, "stance": {"asserts"},
		"said_from": {"2024", "1900"}, "said_to": {"2024", "1900"}, "said_on": {"unknown"}, "date_match": {"certain"}, "key": {"gen-import-00:statement-1"},
		"claim": {nobody}, "occasion": {nobody, "none"}, "target_event": {nobody}, "within": {nobody}, "id": {nobody},
		"office": {nobody}, "between": {"US,PK", "LI,NR"}, "min_publishers": {"1", "9"}, "max_publishers": {"1"}, "min_origins": {"1", "9"}, "max_origins": {"1"},
		"q": {"sanctions", "zebra"}, "said_bucket": {"2024-03", "1900", "month"}, "measure": {"reports", "claims"},
		"min_reliability": {"A", "E"}, "denied_by_others": {"true", "false"}, "carried_from": {"2024", "2026-02-27"}, "carried_to": {"2016-04", "2024"}, "updated_since": {"2001", "2100"},
	},
	claims.KindClaim: {
		"q":      {"sanctions", "zebra"},
		"status": {"open", "contested"}, "sort_of": {"fact", "value"}, "about": {"key:gov:US"}, "about_country": {"US", "LI"}, "about_role": {"accused"}, "topic": {"security"}, "speaker": {"key:gov:US"},
		"asserted_by": {"key:gov:US", "key:gen:speaker-499"}, "denied_by": {"key:gov:US"}, "conceded_by": {"key:gov:US"}, "contested": {"true", "false"}, "no_answer_on_record": {"true", "false"},
		"older_than": {"2017", "2026"}, "id": {nobody}, "key": {"a:b"}, "dataset": {"any", "other"}, "review": {"machine", "single"}, "updated_since": {"2001", "2100"},
	},
	claims.KindEvent: {
		"q":    {"sanctions", "zebra"},
		"kind": {"violence", "talks"}, "country": {"US", "LI"}, "part_of": {nobody, "none"}, "participant": {"key:gov:US"}, "participant_country": {"US", "LI"}, "participant_role": {"victim", "captor"},
		"between": {"US,PK"}, "topic": {"security"}, "metric": {"killed", "money"}, "article": {"key:gen:article-1"}, "source": {"key:gen:source-1"}, "background_of": {nobody}, "min_low": {"3", "999"},
		"figures_disagree": {"true", "false"}, "bbox": {"60,29,75,38", "179,-1,-179,1"}, "near": {"33.7,73.1"}, "radius_km": {"100"}, "occurred_from": {"2024", "1900"}, "occurred_to": {"2024", "1900"},
		"occurred_on": {"unknown"}, "occurred_bucket": {"2024-03", "month"}, "date_match": {"certain"}, "id": {nobody}, "key": {"a:b"}, "dataset": {"any", "other"}, "review": {"machine", "single"}, "updated_since": {"2001", "2100"},
	},
	claims.KindArticle: {
		"q":      {"sanctions", "zebra"},
		"source": {"key:gen:source-1", "key:gen:source-59"}, "url": {"https://example.org/"}, "language": {"en", "zh-Hans"}, "syndicated_from": {"key:gen:article-1"}, "seen_via": {"key:gen:article-1"}, "label": {"x"},
		"section": {"x"}, "author": {"x"}, "outlet_country": {"US", "LI"}, "statement": {nobody}, "event": {nobody}, "published_from": {"2024", "1900"}, "published_to": {"2024", "1900"}, "published_on": {"unknown"},
		"published_bucket": {"2024-03", "day"}, "date_match": {"certain"}, "id": {nobody}, "key": {"a:b"}, "dataset": {"any", "other"}, "review": {"machine", "single"}, "updated_since": {"2001", "2100"},
	},
	claims.KindReport: {
		"statement": {nobody}, "article": {"key:gen:article-1"}, "source": {"key:gen:source-1", "key:gen:source-59"}, "match": {"explicit", "inferred"}, "form": {"quotation", "inference"}, "part": {"body", "caption"},
		"cites": {"key:gen:source-1"}, "speaker": {"key:gov:US", "key:gen:speaker-499"}, "outlet_country": {"US", "LI"}, "attribution": {"explicit", "unclear"}, "attribution_verb": {"said", "x"}, "hedged": {"true", "false"},
		"conditional": {"true", "false"}, "credibility": {"1"}, "id": {nobody}, "key": {"a:b"}, "dataset": {"any", "other"}, "review": {"machine", "single"}, "updated_since": {"2001", "2100"},
	},
}

// together are filters that dashboards ask for in pairs, by kind.
var together = map[claims.Kind]string{
	claims.KindStatement: "speaker on_behalf_of target_country topic kind source said_from medium language denied_by_others min_publishers outlet_country carried_from",
	claims.KindClaim:     "status about_country topic asserted_by denied_by sort_of no_answer_on_record",
	claims.KindEvent:     "kind country participant_country topic occurred_from metric article bbox",
	claims.KindArticle:   "source language published_from outlet_country label",
	claims.KindReport:    "source speaker form match article attribution_verb",
}

// large are the tables that no page reads whole, written with what the world
// has of each.
const large = "statements|statement_facts|statement_targets|statement_topics|reports|renderings|positions|claims|claim_facts|claim_about|events|event_places|event_participants|event_figures|mentions|articles|statement_docs|article_docs"

// None of the documented filters, nor its complement, nor two common ones
// together, reads a large table whole: each page comes from walks of indexes or
// from look-ups. Plans are those that requests get where these tables are twenty
// times as long: what a walk costs hardly depends on that.
func TestNoFilterReadsAllOfATable(t *testing.T) {
	t.Parallel()
	at := testkit.Database(t)
	if err := world(t, Config{Seed: 1, Statements: 20_000, Speakers: 500, Sources: 60, Articles: 10_000}).Fill(t.Context(), at, 2, func(string) {}); err != nil {
		t.Fatal(err)
	}
	p := planner{t, connect(t, at, nil), connect(t, at, store.ReadSettings)}
	for _, conn := range []*pgx.Conn{p.plain, p.ready} {
		if _, err := conn.Exec(t.Context(), "SET seq_page_cost = 20"); err != nil {
			t.Fatal(err)
		}
	}
	p.furnish()
	for kind, values := range asked {
		for _, name := range store.Parameters(kind) {
			if slices.Contains([]string{"sort", "limit", "offset", "cursor", "as_of", "include", "count", "format", "excel", "fields"}, name) {
				continue
			}
			if values[name] == nil {
				t.Errorf("%s: the test has no value for %s", kind, name)
			}
			for _, value := range values[name] {
				p.explain(kind, beside(url.Values{name: {value}}))
				if complement := beside(url.Values{"not_" + name: {value}}); parses(kind, complement) {
					p.explain(kind, complement)
				}
			}
		}
		pair := strings.Fields(together[kind])
		for i, a := range pair {
			for _, b := range pair[i+1:] {
				p.explain(kind, beside(url.Values{a: values[a][:1], b: values[b][:1]}))
				p.explain(kind, beside(url.Values{a: values[a][:1], b: values[b][len(values[b])-1:]}))
			}
		}
	}
}

func parses(kind claims.Kind, q url.Values) bool {
	_, err := store.Parse(kind, q)
	return err == nil
}

// beside adds what a filter can't go without.
func beside(q url.Values) url.Values {
	for name := range q {
		switch name {
		case "date_match":
			q.Set("said_from", "2024")
		case "target_exact":
			q.Set("target_country", "US")
		case "measure":
			q.Set("count", "exact")
		case "min_low", "not_min_low":
			q.Set("metric", "killed")
		case "near", "not_near":
			q.Set("radius_km", "100")
		case "radius_km":
			q.Set("near", "0,0")
		}
	}
	return q
}

func connect(t *testing.T, at string, settings map[string]string) *pgx.Conn {
	t.Helper()
	config, err := pgx.ParseConfig(at)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range settings {
		config.RuntimeParams[name] = value
	}
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(t.Context()) })
	return conn
}

// A planner explains pages as they would be asked for: most by a plan for any
// values, some by one for theirs.
type planner struct {
	t            *testing.T
	plain, ready *pgx.Conn
}

var whole = regexp.MustCompile(`Seq Scan on (` + large + `)\b.*`)

func (p *planner) explain(kind claims.Kind, given url.Values) {
	p.t.Helper()
	for name := range given {
		if name == "date_match" && kind != claims.KindStatement {
			given = url.Values{name: given[name], map[claims.Kind]string{claims.KindEvent: "occurred_from", claims.KindArticle: "published_from"}[kind]: {"2024"}}
		}
	}
	q, err := store.Parse(kind, given)
	if err != nil {
		p.t.Fatalf("%s %v: %v", kind, given, err)
	}
	sql, args := q.SQL()
	conn, explain := p.plain, "EXPLAIN "+sql
	if !q.Weighed() {
		conn = p.ready
		if err := conn.DeallocateAll(p.t.Context()); err != nil {
			p.t.Fatal(err)
		}
		if _, err := conn.Prepare(p.t.Context(), "q", sql); err != nil {
			p.t.Fatalf("%s %v: %v", kind, given, err)
		}
		explain = "EXPLAIN EXECUTE q"
		if len(args) > 0 {
			explain += "(NULL" + strings.Repeat(", NULL", len(args)-1) + ")"
		}
		args = nil
	}
	rows, _ := conn.Query(p.t.Context(), explain, append([]any{pgx.QueryExecModeExec}, args...)...)
	plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		p.t.Fatalf("%s %v: %v", kind, given, err)
	}
	if found := whole.FindString(strings.Join(plan, "\n")); found != "" {
		p.t.Errorf("%s?%s, weighed %t: %s", kind, given.Encode(), q.Weighed(), found)
	}
}

// furnish adds what the world has none of: claims and events, with all that
// belongs to them.
func (p *planner) furnish() {
	p.t.Helper()
	const head = "gen_random_uuid(), NULL, 1, 'own', 'machine', c.tx, c.tx"
	const last = "(SELECT max(tx) AS tx FROM commits) c"
	pick := func(table, column string) string {
		return "(SELECT array_agg(" + column + " ORDER BY id) AS list FROM " + table + ") " + table
	}
	for _, sql := range []string{
		"INSERT INTO claims SELECT " + head + ", 'claim ' || i, CASE WHEN i % 5 = 0 THEN 'value' ELSE 'fact' END, NULL, 'infinity', 'infinity' FROM generate_series(1, 20000) i, " + last,
		"INSERT INTO claim_facts (claim, status) SELECT id, (ARRAY['open', 'asserted', 'asserted', 'contested', 'denied'])[1 + row_number() OVER () % 5] FROM claims",
		"INSERT INTO claim_topics SELECT id, 1, tx, 'security' FROM claims WHERE random() < 0.3",
		"INSERT INTO claim_about SELECT id, 1, tx, CASE WHEN random() < 0.5 THEN 'accused' ELSE 'subject' END, NULL, speakers.list[1 + (random() * 600)::int] FROM claims, " + pick("speakers", "id"),
		"INSERT INTO positions (statement, id, version, dataset, review, created_tx, tx, claim, stance) SELECT s.id, gen_random_uuid(), 1, 'own', 'machine', s.tx, s.tx, claims.list[1 + (random() * 19999)::int], (ARRAY['asserts', 'denies', 'concedes'])[1 + (random() * 2)::int] FROM statements s, " + pick("claims", "id"),
		"INSERT INTO events SELECT " + head + ", (ARRAY['bombing', 'talks', 'attack', 'speech', 'visit'])[1 + i % 5], 'event ' || i, NULL, 'x', d.day, d.day + 1, 1, false, (ARRAY['US', 'PK', 'AF', 'IN', 'RU'])[1 + i % 5], NULL, NULL " +
			"FROM generate_series(1, 20000) i, " + last + ", LATERAL (SELECT date '2016-03-01' + i % 3600 AS day) d",
		"INSERT INTO event_topics SELECT id, 1, tx, 'security' FROM events WHERE random() < 0.3",
		"INSERT INTO event_places SELECT id, 1, tx, 'x', random() * 180 - 90, random() * 360 - 180, 'city' FROM events",
		"INSERT INTO event_participants SELECT e.id, n, e.tx, (ARRAY['victim', 'party', 'host'])[1 + (random() * 2)::int], NULL, speakers.list[1 + (random() * 600)::int], articles.list[1 + (random() * 9999)::int], NULL FROM events e, generate_series(1, 2) n, " + pick("speakers", "id") + ", " + pick("articles", "id"),
		"INSERT INTO event_figures (event, n, tx, metric, as_given, low, high, approximate, given_by_article) SELECT e.id, n, e.tx, (ARRAY['killed', 'injured'])[n], 'x', (random() * 100)::int, NULL, false, articles.list[1 + (random() * 9999)::int] FROM events e, generate_series(1, 2) n, " + pick("articles", "id"),
		"INSERT INTO mentions (id, version, dataset, review, created_tx, tx, article, event, role) SELECT gen_random_uuid(), 1, 'own', 'machine', e.tx, e.tx, articles.list[1 + (random() * 9999)::int], e.id, 'background' FROM events e, " + pick("articles", "id"),
		"VACUUM ANALYZE",
	} {
		if _, err := p.plain.Exec(p.t.Context(), sql, pgx.QueryExecModeSimpleProtocol); err != nil {
			p.t.Fatalf("%v: %s", err, sql)
		}
	}
}
