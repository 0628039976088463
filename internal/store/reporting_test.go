package store_test

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"onrecord/internal/claims"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
	"onrecord/reference"
	"onrecord/sample"
)

// asked pairs a question for counts with the SQL that asks the views the same:
// its rows are the values, as text, and the count.
var asked = []struct {
	kind  claims.Kind
	query string
	sql   string
}{
	{claims.KindStatement, "by=kind", "SELECT kind, count(*) FROM reporting.statements GROUP BY 1"},
	{claims.KindStatement, "by=speaker", "SELECT speaker::text, count(*) FROM reporting.statements GROUP BY 1"},
	{claims.KindStatement, "by=speaker_kind", "SELECT speaker_kind, count(*) FROM reporting.statements GROUP BY 1"},
	{claims.KindStatement, "by=speaker_nationality", "SELECT speaker_nationality, count(*) FROM reporting.statements GROUP BY 1"},
	{claims.KindStatement, "by=on_behalf_of", "SELECT on_behalf_of, count(*) FROM reporting.statements GROUP BY 1"},
	{claims.KindStatement, "by=medium", "SELECT medium_of, count(*) FROM reporting.statements GROUP BY 1"},
	{claims.KindStatement, "by=occasion", "SELECT occasion::text, count(*) FROM reporting.statements GROUP BY 1"},
	{claims.KindStatement, "by=review,recurrence", "SELECT review, recurrence, count(*) FROM reporting.statements GROUP BY 1, 2"},
	{claims.KindStatement, "by=dataset&dataset=any", "SELECT dataset, count(*) FROM reporting_all.statements WHERE NOT second_hand AND voice = 'attributed' GROUP BY 1"},
	{claims.KindStatement, "by=second_hand,voice&second_hand=include&voice=any",
		"SELECT CASE WHEN second_hand THEN 'only' ELSE 'exclude' END, voice, count(*) FROM reporting_all.statements WHERE dataset = 'own' GROUP BY 1, 2"},
	{claims.KindStatement, "bucket=day", "SELECT said_day::text, count(*) FROM reporting.statements GROUP BY 1"},
	{claims.KindStatement, "bucket=week", "SELECT said_week::text, count(*) FROM reporting.statements GROUP BY 1"},
	{claims.KindStatement, "bucket=month&by=kind", "SELECT said_month::text, kind, count(*) FROM reporting.statements GROUP BY 1, 2"},
	{claims.KindStatement, "bucket=quarter", "SELECT said_quarter::text, count(*) FROM reporting.statements GROUP BY 1"},
	{claims.KindStatement, "bucket=year&by=on_behalf_of", "SELECT said_year::text, on_behalf_of, count(*) FROM reporting.statements GROUP BY 1, 2"},
	{claims.KindStatement, "by=kind&said_from=2026-02&said_to=2026-03", `SELECT kind, count(*) FROM reporting.statements
		WHERE coalesce(said_from, '-infinity') < '2026-03-01' AND coalesce(said_to, 'infinity') > '2026-02-01' AND said_on IS NOT NULL GROUP BY 1`},
	{claims.KindStatement, "by=target_country", `SELECT target_country, count(DISTINCT statement) FROM reporting.statement_targets WHERE target_country IS NOT NULL GROUP BY 1
		UNION ALL SELECT NULL, count(*) FROM reporting.statements s WHERE NOT EXISTS (SELECT FROM reporting.statement_targets t WHERE t.statement = s.id AND t.target_country IS NOT NULL)`},
	{claims.KindStatement, "by=on_behalf_of,target_country&not_target_country=none", `SELECT s.on_behalf_of, t.target_country, count(DISTINCT s.id)
		FROM reporting.statements s JOIN reporting.statement_targets t ON t.statement = s.id AND t.target_country IS NOT NULL GROUP BY 1, 2`},
	{claims.KindStatement, "by=target&not_target=none", "SELECT speaker::text, count(DISTINCT statement) FROM reporting.statement_targets WHERE speaker IS NOT NULL GROUP BY 1"},
	{claims.KindStatement, "by=target_country&target_role=mentioned&not_target_country=none", `SELECT t.target_country, count(DISTINCT s.id)
		FROM reporting.statements s JOIN reporting_all.statement_targets t ON t.statement = s.id AND t.role = 'mentioned' AND t.target_country IS NOT NULL GROUP BY 1`},
	{claims.KindStatement, "by=topic&not_topic=none", "SELECT topic, count(*) FROM reporting.statement_topics GROUP BY 1"},
	{claims.KindStatement, "by=stance&not_stance=none", "SELECT p.stance, count(DISTINCT s.id) FROM reporting.statements s JOIN reporting_all.positions p ON p.statement = s.id GROUP BY 1"},
	{claims.KindStatement, "by=source&not_source=none", "SELECT r.source::text, count(DISTINCT s.id) FROM reporting.statements s JOIN reporting_all.reports r ON r.statement = s.id GROUP BY 1"},
	{claims.KindStatement, "by=outlet_country&measure=reports", "SELECT r.outlet_country, count(*) FROM reporting.statements s JOIN reporting_all.reports r ON r.statement = s.id GROUP BY 1"},
	{claims.KindStatement, "by=form&not_form=none", "SELECT w.form, count(DISTINCT s.id) FROM reporting.statements s JOIN reporting_all.renderings w ON w.statement = s.id GROUP BY 1"},
	{claims.KindClaim, "by=status,sort_of", "SELECT status, sort, count(*) FROM reporting.claims GROUP BY 1, 2"},
	{claims.KindClaim, "by=about_country&not_about_country=none", "SELECT about_country, count(DISTINCT claim) FROM reporting.claim_about WHERE about_country IS NOT NULL GROUP BY 1"},
	{claims.KindEvent, "by=kind,country", "SELECT kind, country, count(*) FROM reporting.events GROUP BY 1, 2"},
	{claims.KindEvent, "bucket=month", "SELECT occurred_month::text, count(*) FROM reporting.events GROUP BY 1"},
	{claims.KindEvent, "bucket=week", "SELECT occurred_week::text, count(*) FROM reporting.events GROUP BY 1"},
	{claims.KindEvent, "by=participant_country&not_participant_country=none",
		"SELECT participant_country, count(DISTINCT event) FROM reporting.event_participants WHERE participant_country IS NOT NULL GROUP BY 1"},
	{claims.KindEvent, "by=metric&not_metric=none", "SELECT metric, count(DISTINCT event) FROM reporting.event_figures GROUP BY 1"},
}

// What a tool counts in the views is what the API counts: in every list, and in
// many groupings.
func TestViewsCountAsTheAPIDoes(t *testing.T) {
	t.Parallel()
	worlds := map[string]func(t *testing.T, s *store.Store){
		"sample": func(t *testing.T, s *store.Store) { loadShipped(t, s) },
	}
	for seed := range uint64(testkit.Scale(2, 20)) {
		worlds[fmt.Sprint("random ", seed)] = func(t *testing.T, s *store.Store) {
			testkit.WithCast(t, s)
			k := questionable(seed)
			k.load(t, s)
		}
	}
	for name, load := range worlds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := testkit.Database(t)
			s := testkit.StoreAt(t, store.Config{URL: address})
			load(t, s)
			if _, err := s.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			conn := connect(t, address)
			for path, kind := range collections {
				for schema, params := range map[string]map[string]string{"reporting": nil, "reporting_all": everything(kind)} {
					q := map[string]string{"count": "exact", "limit": "1"}
					for name, value := range params {
						q[name] = value
					}
					page, err := s.List(t.Context(), query(t, kind, q))
					if err != nil {
						t.Fatal(err)
					}
					var n int64
					if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM "+schema+"."+path).Scan(&n); err != nil {
						t.Fatal(err)
					}
					if n != *page.Total {
						t.Errorf("%s.%s has %d rows, the list counts %d", schema, path, n, *page.Total)
					}
				}
			}
			rows := 0
			for _, a := range asked {
				want := allCells(t, s, a.kind, a.query)
				rows += len(want)
				if diff := cmp.Diff(want, cells(t, conn, a.sql)); diff != "" {
					t.Errorf("%s?%s: the API (-) and the views (+): %s", a.kind, a.query, diff)
				}
			}
			if rows < 60 {
				t.Errorf("only %d cells were compared", rows)
			}
		})
	}
}

// collections are the views that are lists of the API.
var collections = map[string]claims.Kind{
	"statements": claims.KindStatement, "reports": claims.KindReport, "positions": claims.KindPosition, "claims": claims.KindClaim,
	"events": claims.KindEvent, "articles": claims.KindArticle, "sources": claims.KindSource, "speakers": claims.KindSpeaker,
	"countries": claims.KindCountry, "offices": claims.KindOffice, "tenures": claims.KindTenure, "topics": claims.KindTopic, "assessments": claims.KindAssessment,
}

// everything are the parameters that switch the standard scope off.
func everything(kind claims.Kind) map[string]string {
	if kind == claims.KindStatement || kind == claims.KindPosition {
		return map[string]string{"dataset": "any", "second_hand": "include", "voice": "any"}
	}
	return map[string]string{"dataset": "any"}
}

func loadShipped(t *testing.T, s *store.Store) {
	t.Helper()
	for _, stream := range [][]byte{reference.Countries, sample.Stream} {
		inputs, err := claims.ReadStream(stream)
		if err != nil {
			t.Fatal(err)
		}
		testkit.Load(t, s, "onrecord:sample", inputs)
	}
}

// allCells asks the store, and gives the count by the values; it fails where
// values are folded into a rest.
func allCells(t *testing.T, s *store.Store, kind claims.Kind, text string) map[string]int64 {
	t.Helper()
	q, err := url.ParseQuery(text)
	if err != nil {
		t.Fatal(err)
	}
	q.Set("top", "100")
	c, err := store.ParseCounts(kind, q)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	counts, err := s.Counts(t.Context(), c)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	out := map[string]int64{}
	for _, row := range counts.Rows {
		var cell []string
		if c.Bucket != "" {
			cell = append(cell, shownAs(row.Time))
		}
		for _, v := range row.Values {
			if v.Other {
				t.Fatalf("%s has more than 100 values", text)
			}
			cell = append(cell, shownAs(v.ID))
		}
		if row.Count > 0 {
			out[strings.Join(cell, " ")] = row.Count
		}
	}
	return out
}

func shownAs(s *string) string {
	if s == nil {
		return "-"
	}
	return *s
}

// cells runs SQL for the same.
func cells(t *testing.T, conn *pgx.Conn, sql string) map[string]int64 {
	t.Helper()
	rows, err := conn.Query(t.Context(), sql)
	if err != nil {
		t.Fatalf("%v: %s", err, sql)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) ([]any, error) { return row.Values() })
	if err != nil {
		t.Fatalf("%v: %s", err, sql)
	}
	out := map[string]int64{}
	for _, values := range list {
		var cell []string
		last := len(values) - 1
		for _, v := range values[:last] {
			if v == nil {
				v = "-"
			}
			cell = append(cell, fmt.Sprint(v))
		}
		if n := values[last].(int64); n > 0 {
			out[strings.Join(cell, " ")] = n
		}
	}
	return out
}

// A question reads the tables that its columns come from, and no other.
func TestViewsReadWhatIsAskedForOnly(t *testing.T) {
	t.Parallel()
	conn := connect(t, testkit.Database(t))
	for sql, want := range map[string]string{
		"SELECT kind, count(*) FROM reporting.statements GROUP BY 1":                                                                 "statements",
		"SELECT speaker_name, said_month, count(*) FROM reporting.statements WHERE kind = 'threat' GROUP BY 1, 2":                    "speakers statements",
		"SELECT count(*) FROM reporting_all.reports":                                                                                 "reports",
		"SELECT source_name, count(*) FROM reporting_all.reports GROUP BY 1":                                                         "articles reports sources",
		"SELECT id, text, publishers_high FROM reporting.statements WHERE publishers_high = 1 ORDER BY said_from DESC LIMIT 9":       "statement_facts statements",
		"SELECT role, count(*) FROM reporting_all.statement_targets GROUP BY 1":                                                      "statement_targets",
		"SELECT metric, sum(low) FROM reporting_all.event_figures GROUP BY 1":                                                        "event_figures",
		"SELECT topic, count(*) FROM reporting.statement_topics WHERE statement = '00000000-0000-0000-0000-000000000000' GROUP BY 1": "statement_topics statements topics",
	} {
		var plan []struct{ Plan planned }
		if err := conn.QueryRow(t.Context(), "EXPLAIN (FORMAT json) "+sql).Scan(&plan); err != nil {
			t.Fatalf("%v: %s", err, sql)
		}
		found := map[string]bool{}
		plan[0].Plan.relations(found)
		if got := strings.Join(slices.Sorted(maps.Keys(found)), " "); got != want {
			t.Errorf("%s reads %s, want %s", sql, got, want)
		}
	}
}

// planned is a node of a plan.
type planned struct {
	Relation string    `json:"Relation Name"`
	Plans    []planned `json:"Plans"`
}

func (p planned) relations(found map[string]bool) {
	if p.Relation != "" {
		found[p.Relation] = true
	}
	for _, below := range p.Plans {
		below.relations(found)
	}
}
