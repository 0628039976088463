package main

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// rebuilds puts derived values wrong and right again beside the running service,
// which shows at once what is so.
func rebuilds(t *testing.T, s *service, beside map[string]string) {
	t.Helper()
	status, address, stderr := command(t, beside, "db", "url")
	if status != 0 {
		t.Fatalf("url: %d %s", status, stderr)
	}
	conn, err := pgx.Connect(t.Context(), strings.TrimSpace(address))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), "UPDATE statement_facts SET report_count = 99"); err != nil {
		t.Fatal(err)
	}
	wrong := func() (n int) {
		for range 3 { // the last of which may be from memory
			n = 0
			for _, statement := range s.ask(t) {
				if statement["report_count"] == 99. {
					n++
				}
			}
		}
		return n
	}
	if wrong() == 0 {
		t.Error("what is derived was not put wrong")
	}
	status, out, stderr := command(t, beside, "rebuild")
	if status != 0 || !strings.Contains(out, "statement\n") || !strings.Contains(out, "computed anew") {
		t.Errorf("rebuild: %d %s %s", status, out, stderr)
	}
	if n := wrong(); n > 0 {
		t.Errorf("%d statements are still wrong", n)
	}
}
