package store_test

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"onrecord/internal/claims"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
	"onrecord/migrations"
)

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(t.Context()) })
	return conn
}

// lines are the rows of a query with one text column.
func lines(t *testing.T, conn *pgx.Conn, sql string, args ...any) []string {
	t.Helper()
	rows, err := conn.Query(t.Context(), sql, args...)
	if err != nil {
		t.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// Every vocabulary stands as a CHECK on some column, value for value, and no
// column has a closed list that is not a vocabulary of the model or of the
// commit record.
func TestVocabulariesAreTheChecks(t *testing.T) {
	t.Parallel()
	conn := connect(t, testkit.Database(t))
	others := []string{"create update delete", "creates revises corrects retracts merges unmerges splits deletes imports reverts", "reader importer editor admin"}
	checks := map[string]bool{}
	value := regexp.MustCompile(`'([A-Za-z_]+)'::text`)
	for _, definition := range lines(t, conn, `SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'c' AND pg_get_constraintdef(oid) LIKE '%ANY (ARRAY[%'`) {
		var values []string
		for _, m := range value.FindAllStringSubmatch(definition, -1) {
			values = append(values, m[1])
		}
		list := strings.Join(values, " ")
		checks[list] = true
		known := slices.Contains(others, list)
		for _, v := range claims.Vocabularies {
			known = known || list == strings.Join(v.Values(), " ")
		}
		if !known {
			t.Errorf("no vocabulary has the values of %s", definition)
		}
	}
	for _, v := range claims.Vocabularies {
		if !checks[strings.Join(v.Values(), " ")] {
			t.Errorf("no CHECK has the values of %s", v.Name)
		}
	}
}

// Constraint names give the field: table_column_kind.
func TestConstraintsAreNamedAfterTheirColumn(t *testing.T) {
	t.Parallel()
	conn := connect(t, testkit.Database(t))
	for _, name := range lines(t, conn, `SELECT conrelid::regclass || '.' || conname FROM pg_constraint c
		WHERE connamespace = 'public'::regnamespace AND contype IN ('f', 'u') AND conrelid::regclass::text NOT LIKE 'goose%'
		AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.conrelid AND a.attnum = ANY(c.conkey)
			AND c.conname IN (conrelid::regclass || '_' || attname || '_fkey', conrelid::regclass || '_' || attname || '_key'))
		AND array_length(conkey, 1) = 1`) {
		t.Errorf("%s doesn't name its column", name)
	}
}

// Each history has its table's columns, in their order and of their types, and
// to_tx.
func TestHistoriesHaveTheirTablesColumns(t *testing.T) {
	t.Parallel()
	conn := connect(t, testkit.Database(t))
	columns := func(table string) []string {
		return lines(t, conn, `SELECT attname || ' ' || format_type(atttypid, atttypmod) || CASE WHEN attnotnull THEN ' not null' ELSE '' END
			FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`, table)
	}
	histories := lines(t, conn, `SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relname LIKE '%\_history' ORDER BY 1`)
	for _, history := range histories {
		want := append(columns(strings.TrimSuffix(history, "_history")), "to_tx bigint not null")
		if diff := cmp.Diff(want, columns(history)); diff != "" {
			t.Errorf("%s: %s", history, diff)
		}
	}
	if len(histories) < 13 {
		t.Errorf("only %d histories: %v", len(histories), histories)
	}
}

func TestMigrationsGoUpDownUp(t *testing.T) {
	t.Parallel()
	url := testkit.Database(t)
	before := dump(t, connect(t, url))
	if err := migrations.Down(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	if left := lines(t, connect(t, url), `SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S') AND relname NOT LIKE 'goose%'`); len(left) > 0 {
		t.Errorf("down leaves %v", left)
	}
	if err := migrations.Up(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, dump(t, connect(t, url))); diff != "" {
		t.Errorf("up, down, up gives another schema: %s", diff)
	}
}

// What is there before the newest migration is all there after it, with what
// follows from it: the audit at the end finds nothing.
func TestTheNewestMigrationKeepsWhatIsThere(t *testing.T) {
	t.Parallel()
	url := testkit.Database(t)
	before, err := store.Open(t.Context(), store.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	k := questionable(3)
	k.load(t, testkit.WithCast(t, before))
	if _, err := before.Fold(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	k.revise(t, before) // leaves changes that aren't folded
	counted := func(s *store.Store) []store.Counts {
		var all []store.Counts
		for _, query := range []string{"by=kind&bucket=month", "by=medium,language", "by=claim,stance", "by=conditional,recurrence"} {
			c, err := s.Counts(t.Context(), counting(t, query))
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, c)
		}
		return all
	}
	want := counted(before)
	before.Close()
	for _, migrate := range []func(context.Context, string) error{migrations.Back, migrations.Up} {
		if err := migrate(t.Context(), url); err != nil {
			t.Fatal(err)
		}
	}
	after := testkit.StoreAt(t, store.Config{URL: url})
	if diff := cmp.Diff(want, counted(after)); diff != "" {
		t.Errorf("other counts after it: %s", diff)
	}
	if err := after.Hold(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, counted(after)); diff != "" {
		t.Errorf("other counts from memory: %s", diff)
	}
}

// The schema as a whole is checked in, so that each change of it is seen in
// review. make schema writes it.
func TestSchemaIsDumped(t *testing.T) {
	t.Parallel()
	const file = "../../docs/schema.sql"
	got := dump(t, connect(t, testkit.Database(t)))
	if os.Getenv("ONRECORD_WRITE_SCHEMA") != "" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("docs/schema.sql is not the schema; make schema writes it: %s", diff)
	}
}

// dump writes tables, constraints and indexes in a form that doesn't depend on
// the server's version.
func dump(t *testing.T, conn *pgx.Conn) string {
	t.Helper()
	var out strings.Builder
	out.WriteString("-- The schema that the migrations make, for reading. make schema writes it.\n")
	for _, table := range lines(t, conn, `SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname NOT LIKE 'goose%' ORDER BY 1`) {
		body := lines(t, conn, `SELECT format('    %I %s%s', attname, format_type(atttypid, atttypmod), CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END)
			|| coalesce(' DEFAULT ' || pg_get_expr(adbin, adrelid), '')
			FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
			WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`, table)
		body = append(body, lines(t, conn, `SELECT format('    CONSTRAINT %I %s', conname, pg_get_constraintdef(oid)) FROM pg_constraint
			WHERE conrelid = $1::regclass AND contype IN ('p', 'u', 'f', 'c') ORDER BY contype DESC, conname`, table)...)
		fmt.Fprintf(&out, "\nCREATE TABLE %s (\n%s\n);\n", table, strings.Join(body, ",\n"))
		for _, index := range lines(t, conn, `SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = $1::regclass
			AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u')) ORDER BY 1`, table) {
			out.WriteString(strings.ReplaceAll(index, "public.", "") + ";\n")
		}
	}
	return out.String()
}
