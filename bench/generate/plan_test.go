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

// None of the documented filters of statements reads the whole table: each page
// comes from walks of indexes or from look-ups. Sequential scans cost here what
// they cost; the world is large enough for that to tell.
func TestNoFilterReadsAllStatements(t *testing.T) {
	t.Parallel()
	at := testkit.Database(t)
	if err := world(t, Config{Seed: 1, Statements: 20_000, Speakers: 500, Sources: 60, Articles: 2_000}).Fill(t.Context(), at, 2, func(string) {}); err != nil {
		t.Fatal(err)
	}
	config, err := pgx.ParseConfig(at)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range store.ReadSettings {
		config.RuntimeParams[name] = value
	}
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(t.Context()) })

	const none = "00000000-0000-8000-8000-000000000000"
	values := map[string][]string{ // a frequent one and a rare one; of what the world has none, none
		"speaker": {"key:gov:US", "key:gen:speaker-499", "key:gov:US,key:gov:PK"}, "target": {"key:gov:US", "key:gen:speaker-499"}, "part_of": {"key:gov:US"},
		"on_behalf_of": {"US", "LI"}, "target_country": {"US", "LI", "US,LI"}, "speaker_nationality": {"US", "LI"}, "outlet_country": {"US", "LI"},
		"topic": {"security", "religion"}, "source": {"key:gen:source-1", "key:gen:source-59"}, "article": {"key:gen:article-1"},
		"kind": {"assertion", "apology", "accusing"}, "language": {"en", "zh-Hans"}, "speaker_kind": {"person", "court"}, "target_role": {"mentioned", "any"},
		"medium": {"interview", "private"}, "form": {"quotation", "inference"}, "voice": {"any", "editorial"}, "recurrence": {"once", "repeated"}, "review": {"machine", "single"},
		"second_hand": {"include", "only"}, "conditional": {"true", "false", "open"}, "dataset": {"any", "other"}, "stance": {"asserts"},
		"said_from": {"2024", "1900"}, "said_to": {"2024", "1900"}, "said_on": {"unknown"}, "date_match": {"certain"}, "key": {"gen-import-00:statement-1"},
		"claim": {none}, "occasion": {none, "none"}, "target_event": {none}, "within": {none}, "id": {none},
		"office": {none}, "between": {"US,PK", "LI,NR"}, "min_publishers": {"1", "9"}, "max_publishers": {"1"}, "min_origins": {"1", "9"}, "max_origins": {"1"},
		"q": {"sanctions", "zebra"}, "said_bucket": {"2024-03", "1900", "month"}, "measure": {"reports", "claims"},
	}
	whole := regexp.MustCompile(`Seq Scan on statements\b.*`)
	for _, name := range store.Parameters(claims.KindStatement) {
		if slices.Contains([]string{"sort", "limit", "offset", "cursor", "as_of", "include", "count", "format", "excel"}, name) {
			continue
		}
		if values[name] == nil {
			t.Errorf("%s: the test has no value for it", name)
		}
		for _, value := range values[name] {
			given := url.Values{name: {value}}
			switch name {
			case "date_match":
				given.Set("said_from", "2024")
			case "measure":
				given.Set("count", "exact")
			}
			q, err := store.Parse(claims.KindStatement, given)
			if err != nil {
				t.Fatalf("%v: %v", given, err)
			}
			sql, args := q.SQL()
			if err := conn.DeallocateAll(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, err := conn.Prepare(t.Context(), "q", sql); err != nil {
				t.Fatalf("%v: %v", given, err)
			}
			nulls := ""
			if len(args) > 0 {
				nulls = "(NULL" + strings.Repeat(", NULL", len(args)-1) + ")"
			}
			for _, each := range []struct {
				mode, sql string
				args      []any
			}{{"planned for these values", "EXPLAIN " + sql, args}, {"planned for any", "EXPLAIN EXECUTE q" + nulls, nil}} {
				rows, _ := conn.Query(t.Context(), each.sql, append([]any{pgx.QueryExecModeExec}, each.args...)...)
				plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
				if err != nil {
					t.Fatalf("%v: %v", given, err)
				}
				if found := whole.FindString(strings.Join(plan, "\n")); found != "" {
					t.Errorf("%v, %s: %s", given, each.mode, found)
				}
			}
		}
	}
}
