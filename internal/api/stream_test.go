package api_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"onrecord/internal/claims"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

// CSV and NDJSON carry what JSON carries, whole, in the same order, for every
// collection.
func TestTablesCarryWhatJSONCarries(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	c := serveStore(t, s)
	for _, line := range furniture() {
		testkit.Create(t, s, line)
	}
	for i := range 30 {
		testkit.Create(t, s, testkit.Statement(fmt.Sprintf("many:%d", i), fmt.Sprintf("=%d, \"quoted\"\nline", i), fmt.Sprintf(`"said_on":"2026-02-%02d"`, 1+i%28), `"targets":[{"role":"object","country":"AF"}]`))
	}
	for _, b := range bodies {
		see := "X-Nothing: x"
		if b.kind == "Tip" {
			see = "X-API-Key: " + c.key
		}
		whole := c.want(c.get(b.path+"?dataset=any&limit=1000", see), 200)
		var want []map[string]any
		for _, record := range whole.member("data").([]any) {
			want = append(want, record.(map[string]any))
		}
		lines := c.want(c.get(b.path+"?dataset=any&format=ndjson", see), 200)
		var got []map[string]any
		for line := range bytes.Lines(lines.body) {
			var record map[string]any
			if err := json.Unmarshal(line, &record); err != nil {
				t.Fatalf("%s: %v: %s", b.path, err, line)
			}
			got = append(got, record)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: NDJSON is another (-JSON +NDJSON):\n%s", b.path, diff)
		}
		table := c.want(c.get(b.path+"?dataset=any", see, "Accept: text/csv"), 200)
		rows, err := csv.NewReader(bytes.NewReader(table.body)).ReadAll()
		if err != nil || len(rows) != len(want)+1 {
			t.Fatalf("%s: %d rows of CSV, %v", b.path, len(rows), err)
		}
		for i, record := range want {
			if len(record) != len(rows[0]) {
				t.Errorf("%s: %d columns for %d members", b.path, len(rows[0]), len(record))
			}
			for k, name := range rows[0] {
				if cell := rows[i+1][k]; !sameCell(t, cell, record[name]) {
					t.Errorf("%s: %s is %q, in JSON %v", b.path, name, cell, record[name])
				}
			}
		}
		if got := table.Header.Get("X-Seq") + table.Header.Get("X-Scope"); got != strings.TrimPrefix(whole.text("as_of"), "seq:")+compact(t, whole.member("scope")) {
			t.Errorf("%s: headers say %s", b.path, got)
		}
	}
	if rows := string(c.want(c.get("/v1/statements.csv"), 404).body); rows == "" {
		t.Error("no problem is told")
	}
	limited := c.want(c.get("/v1/statements?format=ndjson&limit=2&offset=1&sort=id"), 200)
	if n := bytes.Count(limited.body, []byte("\n")); n != 2 {
		t.Errorf("%d of 2 lines", n)
	}
	empty := c.want(c.get("/v1/statements?format=csv&key=no:one"), 200)
	statements, err := store.Parse(claims.KindStatement, nil)
	if err != nil {
		t.Fatal(err)
	}
	if header := strings.TrimSpace(string(empty.body)); header != strings.Join(statements.Columns(), ",") {
		t.Errorf("the header of no rows: %s", empty.body)
	}
	if text := string(c.want(c.get("/v1/statements?format=csv&excel=1&key=many:1"), 200).body); !strings.HasPrefix(text, "\ufeffid,") || !strings.Contains(text, `"'=1, `) {
		t.Errorf("for Excel: %s", text)
	}
	for _, query := range []string{"format=xml", "format=csv&count=exact", "excel=1", "excel=yes&format=csv", "format=csv&format=json"} {
		c.want(c.get("/v1/statements?"+query), 400)
	}
}

// sameCell compares a cell of CSV with a JSON value.
func sameCell(t *testing.T, cell string, v any) bool {
	t.Helper()
	switch v := v.(type) {
	case nil:
		return cell == ""
	case string:
		return cell == v
	}
	var told any
	return json.Unmarshal([]byte(cell), &told) == nil && cmp.Equal(told, v)
}

func compact(t *testing.T, v any) string {
	t.Helper()
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(out.String())
}
