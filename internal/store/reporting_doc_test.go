package store_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

// docs/reporting.md tells of every view and column what the database says of
// it. make schema writes that part.
func TestViewsAreDocumented(t *testing.T) {
	t.Parallel()
	const file, begin = "../../docs/reporting.md", "<!-- From here on written by make schema, from the comments in the migrations. -->\n"
	conn := connect(t, testkit.Database(t))
	const columns = `SELECT format('| %s | %s | %s |', a.attname, format_type(a.atttypid, a.atttypmod), coalesce(col_description(a.attrelid, a.attnum), ''))
		FROM pg_attribute a WHERE a.attrelid = $1::regclass AND a.attnum > 0 ORDER BY a.attnum`
	var out strings.Builder
	views := lines(t, conn, `SELECT relname::text FROM pg_class c WHERE relkind = 'v' AND relnamespace = 'reporting'::regnamespace
		ORDER BY relname <> 'about', (SELECT x.oid FROM pg_class x WHERE x.relname = c.relname AND x.relnamespace = 'reporting_all'::regnamespace)`)
	for _, view := range views {
		said := lines(t, conn, "SELECT coalesce(obj_description($1::regclass), '')", "reporting."+view)[0]
		rows := lines(t, conn, columns, "reporting."+view)
		for _, row := range append(rows, "| "+said+" |") {
			if strings.HasSuffix(row, "|  |") {
				t.Errorf("%s: no meaning: %s", view, row)
			}
		}
		if view != "about" {
			if diff := cmp.Diff(rows, lines(t, conn, columns, "reporting_all."+view)); diff != "" {
				t.Errorf("reporting (-) and reporting_all (+) differ in %s: %s", view, diff)
			}
		}
		fmt.Fprintf(&out, "\n### %s\n\n%s\n\n| column | type | meaning |\n|---|---|---|\n%s\n", view, said, strings.Join(rows, "\n"))
	}
	if all := lines(t, conn, "SELECT relname::text FROM pg_class WHERE relkind = 'v' AND relnamespace = 'reporting_all'::regnamespace"); len(all)+1 != len(views) {
		t.Errorf("%d views in reporting, %d in reporting_all", len(views), len(all))
	}
	document, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	prose, written, found := strings.Cut(string(document), begin)
	if !found {
		t.Fatalf("%s has no line %q", file, begin)
	}
	if os.Getenv("ONRECORD_WRITE_SCHEMA") != "" {
		if err := os.WriteFile(file, []byte(prose+begin+out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		written = out.String()
	}
	if diff := cmp.Diff(written, out.String()); diff != "" {
		t.Errorf("%s is not what the views are; make schema writes it: %s", file, diff)
	}
}

// What docs/reporting.md shows as SQL runs, and finds something in the sample.
func TestTheSQLInTheDocumentsRuns(t *testing.T) {
	t.Parallel()
	address := testkit.Database(t)
	s := testkit.StoreAt(t, store.Config{URL: address})
	loadShipped(t, s)
	if _, err := s.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	conn := analyst(t, s, address)
	ran := 0
	for _, file := range []string{"../../docs/reporting.md", "../../docs/dashboards.md"} {
		document, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i, block := range strings.Split(string(document), "```sql\n")[1:] {
			sql, _, _ := strings.Cut(block, "```")
			for _, sql := range strings.Split(sql, ";\n") {
				if sql = strings.TrimSpace(strings.ReplaceAll(sql, "[[AND s.on_behalf_of = {{country}}]]", "AND s.on_behalf_of = 'PK'")); sql == "" {
					continue
				}
				rows, _ := conn.Query(t.Context(), sql)
				found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) ([]any, error) { return row.Values() })
				if err != nil || len(found) == 0 {
					t.Errorf("%s, block %d: %d rows, %v: %s", file, i+1, len(found), err, sql)
				}
				ran++
			}
		}
	}
	if ran < 8 {
		t.Errorf("only %d queries", ran)
	}
}
