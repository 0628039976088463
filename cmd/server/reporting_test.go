package main

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// reads asks the views beside the running service, as a role that may read them
// alone, at the address that the program prints for it.
func reads(t *testing.T, beside map[string]string) {
	t.Helper()
	status, out, stderr := command(t, beside, "reporting", "grant", "metabase")
	if status != 0 || !strings.Contains(out, "shown this once: ") {
		t.Fatalf("grant: %d %s %s", status, out, stderr)
	}
	status, address, stderr := command(t, beside, "db", "url", "--role", "metabase")
	if status != 0 {
		t.Fatalf("url: %d %s", status, stderr)
	}
	conn, err := pgx.Connect(t.Context(), strings.TrimSpace(address))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var said int
	if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM statements WHERE on_behalf_of = 'PK'").Scan(&said); err != nil || said == 0 {
		t.Errorf("%d statements, %v", said, err)
	}
	if _, err := conn.Exec(t.Context(), "SELECT FROM public.statements"); err == nil {
		t.Error("the role reads tables too")
	}
	if status, _, stderr := command(t, beside, "reporting", "revoke", "metabase"); status != 0 {
		t.Errorf("revoke: %d %s", status, stderr)
	}
	if status, _, stderr := command(t, beside, "reporting", "grant", "onrecord"); status != 1 || !strings.Contains(stderr, "superuser") {
		t.Errorf("grant to the service's own role: %d %s", status, stderr)
	}
}

func TestTheAddressForARoleHoldsNoSecret(t *testing.T) {
	for given, want := range map[string]string{
		"postgres://owner:secret@h:5433/db?sslmode=require": "postgres://bi@h:5433/db?sslmode=require",
		"postgresql://h/db?user=owner&password=secret":      "postgresql://bi@h/db",
		"postgres://onrecord@/onrecord?host=%2Fa%20b":       "postgres://bi@/onrecord?host=%2Fa%20b",
	} {
		if got, err := addressFor(given, "bi"); err != nil || got != want {
			t.Errorf("%s: %s, %v, want %s", given, got, err, want)
		}
	}
	if _, err := addressFor("host=h user=owner password=secret", "bi"); err == nil {
		t.Error("a connection string of another form is taken")
	}
}
