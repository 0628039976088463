package store_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"onrecord/internal/store"
	"onrecord/internal/testkit"
	"onrecord/migrations"
)

// analyst makes a role of the test's own that reads the views, and connects as it.
func analyst(t *testing.T, s *store.Store, address string) *pgx.Conn {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	role := "analyst" + strings.TrimPrefix(u.Path, "/onrecord_test")
	reader, err := s.GrantReporting(t.Context(), role, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if reader.Password == "" || len(reader.Left) > 0 {
		t.Errorf("%+v", reader)
	}
	t.Cleanup(func() { // roles belong to all databases of the server
		ctx := context.Background()
		conn, err := pgx.Connect(ctx, address)
		if err == nil {
			_, err = conn.Exec(ctx, fmt.Sprintf(`DROP OWNED BY %q; DROP ROLE %q`, role, role))
			conn.Close(ctx)
		}
		if err != nil {
			t.Errorf("the role is left: %v", err)
		}
	})
	u.User = url.UserPassword(role, reader.Password)
	return connect(t, u.String())
}

// Who reads the views reads these and nothing else, and writes nothing,
// whatever is tried.
func TestAReaderOfTheViewsReachesNothingElse(t *testing.T) {
	t.Parallel()
	address := testkit.Database(t)
	s := testkit.StoreAt(t, store.Config{URL: address})
	loadShipped(t, s)
	owner := connect(t, address)
	conn := analyst(t, s, address)
	views := lines(t, owner, `SELECT n.nspname || '.' || quote_ident(c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname LIKE 'reporting%' AND c.relkind = 'v' ORDER BY 1`)
	if len(views) < 39 {
		t.Errorf("only %d views", len(views))
	}
	for _, view := range views {
		var n int
		if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM (SELECT * FROM "+view+") x").Scan(&n); err != nil {
			t.Errorf("%s: %v", view, err)
		}
	}
	var settings []string
	for _, name := range []string{"default_transaction_read_only", "statement_timeout", "search_path"} {
		settings = append(settings, lines(t, conn, "SELECT current_setting($1)", name)...)
	}
	if got := strings.Join(settings, " "); got != "on 1min reporting" {
		t.Errorf("settings: %s", got)
	}

	tables := lines(t, owner, `SELECT quote_ident(relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S') ORDER BY 1`)
	if len(tables) < 60 {
		t.Errorf("only %d tables", len(tables))
	}
	tries := []string{
		"SELECT pg_read_file('/etc/passwd')", "SELECT pg_ls_dir('.')", "SELECT lo_import('/etc/passwd')", "SELECT lo_create(0)", "SELECT lo_from_bytea(0, 'x')",
		"COPY (SELECT 1) TO PROGRAM 'true'", "COPY (SELECT 1) TO '/tmp/onrecord-analyst'", "SELECT nextval('public.tx_numbers')", "SELECT pg_advisory_lock(1)", "SELECT pg_try_advisory_lock(1, 2)",
		"SELECT pg_logical_emit_message(false, 'x', 'x')", "SELECT pg_reload_conf()", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename <> current_user",
		fmt.Sprintf("SET ROLE %q", owner.Config().User), fmt.Sprintf("SET SESSION AUTHORIZATION %q", owner.Config().User), "SET session_replication_role = replica", "CREATE TEMP TABLE x (a int)", "CREATE TABLE public.x (a int)",
		"CREATE VIEW reporting.x AS SELECT 1 AS a", "CREATE FUNCTION reporting.f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "CREATE SCHEMA x", "CREATE ROLE x",
		"INSERT INTO reporting.topics (id, name) VALUES ('x', 'X')", "UPDATE reporting.statements SET text = ''", "DELETE FROM reporting_all.statement_targets",
		"DROP VIEW reporting.statements", "CREATE OR REPLACE VIEW reporting.topics AS SELECT 1 AS a", "ALTER VIEW reporting.topics OWNER TO current_user",
		"SELECT rolpassword FROM pg_authid", "TRUNCATE public.tips", "SELECT contact FROM public.tips", "SELECT hash FROM public.api_keys",
	}
	for _, table := range tables {
		tries = append(tries, "SELECT * FROM public."+table, "DELETE FROM public."+table)
	}
	for _, mode := range []string{"on", "off"} { // who may set it off gains nothing
		if _, err := conn.Exec(t.Context(), "SET default_transaction_read_only = "+mode); err != nil {
			t.Fatal(err)
		}
		for _, sql := range tries {
			_, err := conn.Exec(t.Context(), sql)
			var pg *pgconn.PgError
			if !errors.As(err, &pg) || pg.Code != "42501" && pg.Code != "25006" && pg.Code != "42809" && pg.Code != "55000" {
				t.Errorf("read only %s, %s: %v", mode, sql, err)
			}
		}
	}
	if err := s.RevokeReporting(t.Context(), conn.Config().User); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), "SELECT FROM reporting.statements"); err == nil {
		t.Error("a role still reads after its rights were taken back")
	}
}

// What is private, or the service's own, stands in no view.
func TestViewsShowNothingPrivate(t *testing.T) {
	t.Parallel()
	conn := connect(t, testkit.Database(t))
	for _, column := range lines(t, conn, `SELECT v.view_schema || '.' || v.view_name || ' reads ' || v.table_name || '.' || v.column_name FROM information_schema.view_column_usage v
		WHERE v.view_schema = 'reporting_all' AND (v.table_name IN ('tips', 'api_keys', 'idempotency', 'imports', 'staging', 'names', 'changes', 'tombstones', 'head')
			OR v.table_name LIKE '%\_docs' OR v.table_name LIKE '%cell%' OR v.table_name LIKE 'spelling%' OR v.table_name LIKE '%\_history' OR v.table_name = 'commits' AND v.column_name NOT IN ('at', 'tx'))`) {
		t.Error(column)
	}
	for _, column := range lines(t, conn, `SELECT table_schema || '.' || table_name || '.' || column_name FROM information_schema.columns
		WHERE table_schema IN ('reporting', 'reporting_all') AND (column_name LIKE '%tx' OR column_name IN ('contact', 'hash', 'digest', 'principal', 'doc', 'content_hash'))`) {
		t.Error(column)
	}
}

// A role that may do more than read the views is not taken for a reader.
func TestNoPowerfulRoleIsMadeAReader(t *testing.T) {
	t.Parallel()
	address := testkit.Database(t)
	s := testkit.StoreAt(t, store.Config{URL: address})
	conn := connect(t, address)
	if _, err := s.GrantReporting(t.Context(), conn.Config().User, time.Minute); store.CodeOf(err) != store.Invalid {
		t.Errorf("the service's own role: %v", err)
	}
	reader := analyst(t, s, address)
	role := reader.Config().User
	if again, err := s.GrantReporting(t.Context(), role, time.Minute); err != nil || again.Password != "" {
		t.Errorf("granted again: %+v, %v", again, err)
	}
	if _, err := conn.Exec(t.Context(), fmt.Sprintf("GRANT SELECT (id) ON api_keys TO %q", role)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.GrantReporting(t.Context(), role, time.Minute); store.CodeOf(err) != store.Invalid || !strings.Contains(err.Error(), "api_keys") {
		t.Errorf("one that reads a table: %v", err)
	}
	if err := s.RevokeReporting(t.Context(), "nobody at all"); store.CodeOf(err) != store.NotFound {
		t.Errorf("nobody: %v", err)
	}
}

// A service whose own role is no superuser migrates, imports and grants too; what
// it may not do is said, as SQL for somebody who may.
func TestAPlainRoleOwnsTheServicesDatabase(t *testing.T) {
	t.Parallel()
	address := testkit.Database(t)
	admin := connect(t, address)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.TrimPrefix(u.Path, "/")
	owner, role := name+"_owner", name+"_reader"
	run := func(list ...string) {
		t.Helper()
		for _, sql := range list {
			if _, err := admin.Exec(context.Background(), sql); err != nil {
				t.Fatalf("%s: %v", sql, err)
			}
		}
	}
	run(fmt.Sprintf(`CREATE ROLE %q LOGIN PASSWORD 'plain'`, owner), fmt.Sprintf(`CREATE DATABASE %q OWNER %q`, name+"_plain", owner))
	defer run(fmt.Sprintf(`DROP DATABASE %q WITH (FORCE)`, name+"_plain"), fmt.Sprintf(`DROP ROLE IF EXISTS %q`, role), fmt.Sprintf(`DROP ROLE %q`, owner))
	super := u.User
	u.Path, u.User = "/"+name+"_plain", url.UserPassword(owner, "plain")
	if err := migrations.Up(t.Context(), u.String()); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), store.Config{URL: u.String(), MaxConns: 4})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.GrantReporting(t.Context(), role, time.Minute); store.CodeOf(err) != store.Unauthorized || !strings.Contains(err.Error(), "CREATE ROLE") {
		t.Errorf("a role that can't be made: %v", err)
	}
	run(fmt.Sprintf(`CREATE ROLE %q LOGIN PASSWORD 'plain'`, role))
	reader, err := s.GrantReporting(t.Context(), role, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	left := strings.Join(reader.Left, "\n")
	if !strings.Contains(left, "default_transaction_read_only") || !strings.Contains(left, "lowrite") || strings.Contains(left, "TEMPORARY") || reader.Password != "" {
		t.Errorf("%+v", reader)
	}
	as := *u
	as.User = super
	superuser := connect(t, as.String())
	for _, sql := range reader.Left { // after which the service still writes
		if _, err := superuser.Exec(t.Context(), sql); err != nil {
			t.Errorf("%s: %v", sql, err)
		}
	}
	loadShipped(t, s)
	testkit.Create(t, s, `{"type":"topic","slug":"of-its-own","name":"Of its own"}`)
	if _, err := s.Fold(t.Context(), 1); err != nil {
		t.Error(err)
	}
	u.User = url.UserPassword(role, "plain")
	conn, err := pgx.Connect(t.Context(), u.String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var n int
	if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM reporting.statements").Scan(&n); err != nil || n == 0 {
		t.Errorf("%d statements, %v", n, err)
	}
	if _, err := conn.Exec(t.Context(), "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE"); err != nil { // which anybody may, and gains nothing
		t.Fatal(err)
	}
	for _, sql := range []string{"SELECT FROM public.statements", "CREATE TEMP TABLE x (a int)", "CREATE TABLE public.x (a int)"} {
		if _, err := conn.Exec(t.Context(), sql); !strings.Contains(fmt.Sprint(err), "42501") {
			t.Errorf("%s: %v", sql, err)
		}
	}
}
