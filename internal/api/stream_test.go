package api_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"onrecord/internal/claims"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

// world is a store with something of every kind, much of it with texts that
// tables find hard.
func world(t *testing.T, seed uint64) *store.Store {
	t.Helper()
	s := testkit.WithCast(t, testkit.Store(t))
	for _, line := range furniture() {
		testkit.Create(t, s, line)
	}
	r := rand.New(rand.NewPCG(seed, 13))
	pieces := []string{"a", "=1+1", "-", "+", "@", "\"", "'", ",", ";", "\n", "\t", "\r", "\u2028", "\ufeff", "\\", "{}", "[1]", "null", "7", "é", "کابل", "😀", "<&>", " ", "\u00a0"}
	text := func() string {
		var b strings.Builder
		for range 1 + r.IntN(6) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		return "x"[:r.IntN(2)] + b.String() + "."
	}
	pick := func(list ...any) any { return list[r.IntN(len(list))] }
	key := func(s string) map[string]any { return map[string]any{"key": s} }
	var stream bytes.Buffer
	add := func(kind string, i int, record map[string]any) {
		record["type"], record["key"] = kind, fmt.Sprintf("random:%s%d", kind, i)
		line, err := json.Marshal(record)
		if err != nil {
			t.Fatal(err)
		}
		stream.Write(append(line, '\n'))
	}
	for i := range 40 {
		day := pick(nil, "2026", "2026-02", fmt.Sprintf("2026-02-%02d", 1+r.IntN(28)), "2025-11~", "[..2026-02-19]")
		statement := map[string]any{"speaker": key(pick("person:asif", "person:mujahid", "gov:AF").(string)), "kind": pick("threat", "denial", "demand"), "text": text(), "said_on": day,
			"on_behalf_of": pick(nil, "PK", "AF"), "language": pick(nil, "en", "ps"), "topics": pick([]string{}, []string{"security"}, []string{"air-strikes", "security"}),
			"targets": pick([]any{}, []any{map[string]any{"role": "object", "country": "AF"}, map[string]any{"role": "addressee", "speaker": key("gov:PK")}})}
		if r.IntN(2) == 0 {
			statement["reports"] = []any{map[string]any{"article": key("article:one"), "match_note": text(), "renderings": []any{map[string]any{"part": "body", "form": "paraphrase", "text": text()}}}}
		}
		if r.IntN(4) == 0 {
			statement["condition"] = map[string]any{"text": text(), "sense": "if"}
		}
		add("statement", i, statement)
		var places, figures []any
		for range r.IntN(4) {
			place := map[string]any{"name": "Kabul", "precision": pick("city", "exact", "country")}
			if r.IntN(3) > 0 {
				place["latitude"], place["longitude"] = float64(r.IntN(18000))/100-90, float64(r.IntN(36000))/100-180
			}
			places = append(places, place)
		}
		for range r.IntN(3) {
			low := r.IntN(100)
			figures = append(figures, map[string]any{"metric": pick("killed", "injured"), "as_given": text(), "low": low, "high": low + r.IntN(9), "given_by_article": key("article:two")})
		}
		add("event", i, map[string]any{"kind": pick("attack", "raid", "talks"), "title": "t" + strings.NewReplacer("\n", "", "\r", "", "\t", "", "\u2028", "", "\ufeff", "").Replace(text()), "description": text(), "occurred": day,
			"country": pick(nil, "PK", "AF"), "places": places, "figures": figures, "topics": pick([]string{}, []string{"security"})})
		add("claim", i, map[string]any{"text": text(), "sort": pick("fact", "value"), "about": pick([]any{}, []any{map[string]any{"role": "subject", "country": "AF"}})})
	}
	inputs, err := claims.ReadStream(stream.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	testkit.Load(t, s, "random", inputs)
	return s
}

// CSV and NDJSON carry what JSON carries, whole, in the same order, for every
// collection, with what is embedded too.
func TestTablesCarryWhatJSONCarries(t *testing.T) {
	t.Parallel()
	s := world(t, 1)
	testkit.Create(t, s, testkit.Statement("many:1", "=1, \"quoted\""))
	c := serveStore(t, s)
	for _, b := range bodies {
		see := "X-API-Key: " + c.key
		questions := []string{"dataset=any"}
		if b.include != "" {
			questions = append(questions, "dataset=any&include="+b.include)
		}
		for _, query := range questions {
			path := b.path + "?" + query
			whole := c.want(c.get(path+"&limit=1000", see), 200)
			want := whole.records("data")
			if diff := cmp.Diff(want, c.want(c.get(path+"&format=ndjson", see), 200).lines(t)); diff != "" {
				t.Errorf("%s: NDJSON is another (-JSON +NDJSON):\n%s", path, diff)
			}
			table := c.want(c.get(path, see, "Accept: text/csv"), 200)
			table.carries(t, path, want)
			for _, record := range want[:1] {
				if header, _, _ := strings.Cut(string(table.body), "\n"); strings.Count(header, ",")+1 != len(record) {
					t.Errorf("%s: %d members in columns %s", path, len(record), header)
				}
			}
			if got := table.Header.Get("X-Seq") + table.Header.Get("X-Scope"); got != strings.TrimPrefix(whole.text("as_of"), "seq:")+compact(t, whole.member("scope")) {
				t.Errorf("%s: headers say %s", path, got)
			}
		}
	}
	limited := c.want(c.get("/v1/statements?format=ndjson&limit=2&offset=1&sort=id"), 200)
	if n := bytes.Count(limited.body, []byte("\n")); n != 2 {
		t.Errorf("%d of 2 lines", n)
	}
	empty := c.want(c.get("/v1/statements?format=csv&key=no:one"), 200)
	limited = c.want(c.get("/v1/statements?format=ndjson&limit=2&sort=id"), 200)
	next := strings.TrimPrefix(strings.SplitN(limited.Header.Get("Link"), ">", 2)[0], "<")
	if first, second := limited.lines(t), c.want(c.get(next), 200).lines(t); len(second) != 2 || first[1]["id"].(string) >= second[0]["id"].(string) {
		t.Errorf("the next page at %s: %v", next, second)
	}
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

// The rows of counts and facets and the entries of a timeline, too; what JSON
// says beside them is in headers.
func TestTablesCarryWhatCountsSay(t *testing.T) {
	t.Parallel()
	c := serveStore(t, world(t, 2))
	for _, path := range []string{
		"/v1/statements/counts?by=kind,speaker&bucket=month&fill=zero", "/v1/statements/counts?by=target_country,topic&top=1&measure=reports&said_from=2026", "/v1/statements/counts?by=language&kind=order",
		"/v1/events/counts?by=kind,country&bucket=year", "/v1/events/counts?by=topic&figures=killed,injured", "/v1/claims/counts?by=status,about_country",
	} {
		whole := c.want(c.get(path), 200)
		want := whole.records("data")
		if diff := cmp.Diff(want, c.want(c.get(path+"&format=ndjson"), 200).lines(t)); diff != "" {
			t.Errorf("%s: NDJSON is another (-JSON +NDJSON):\n%s", path, diff)
		}
		table := c.want(c.get(path, "Accept: text/csv"), 200)
		table.carries(t, path, want)
		table.tells(t, path, whole, map[string]any{"by": nil, "bucket": nil, "measure": nil, "several": nil, "total": nil, "possible": nil})
	}
	for _, path := range []string{"/v1/statements/facets?by=kind,target_country,topic&top=2&own=exclude&kind=threat", "/v1/events/facets?by=country,metric", "/v1/claims/facets?by=status&sort_of=prediction"} {
		whole := c.want(c.get(path), 200)
		var want []map[string]any
		said := map[string]any{}
		for _, f := range whole.records("data") {
			name := f["dimension"].(string)
			for _, row := range f["data"].([]any) {
				row := row.(map[string]any)
				want = append(want, map[string]any{"dimension": name, "value": row[name], "label": row[name+"_label"], "other": len(row["other"].([]any)) > 0,
					"count": row["count"], "possible": row["possible"], "href": row["href"]})
			}
			delete(f, "dimension")
			delete(f, "data")
			said[name] = f
		}
		if diff := cmp.Diff(want, c.want(c.get(path, "Accept: application/x-ndjson"), 200).lines(t)); diff != "" {
			t.Errorf("%s: NDJSON is another (-JSON +NDJSON):\n%s", path, diff)
		}
		table := c.want(c.get(path+"&format=csv&excel=0"), 200)
		table.carries(t, path, want)
		var told map[string]any
		if err := json.Unmarshal([]byte(table.Header.Get("X-Totals")), &told); err != nil || !cmp.Equal(said, told) {
			t.Errorf("%s: X-Totals is %s, %v, want %v", path, table.Header.Get("X-Totals"), err, said)
		}
	}
	for _, path := range []string{"/v1/timeline?dataset=any", "/v1/timeline?from=2026-02&sort=-date", "/v1/timeline?between=PK,AF&as_of=seq:1"} {
		whole := c.want(c.get(path+"&limit=1000"), 200)
		want := whole.records("data")
		if diff := cmp.Diff(want, c.want(c.get(path+"&format=ndjson"), 200).lines(t)); diff != "" {
			t.Errorf("%s: NDJSON is another (-JSON +NDJSON):\n%s", path, diff)
		}
		var flat []map[string]any
		for _, entry := range want {
			record := entry[entry["type"].(string)].(map[string]any)
			record["type"] = entry["type"]
			flat = append(flat, record)
		}
		table := c.want(c.get(path+"&format=csv"), 200)
		table.carries(t, path, flat)
		table.tells(t, path, whole, nil)
	}
	if empty := c.want(c.get("/v1/statements/counts?by=kind&bucket=month&kind=order&format=csv"), 200); string(empty.body) != "time,kind,kind_label,other,count,possible,href\n" {
		t.Errorf("the header of no rows: %s", empty.body)
	}
	if excel := c.want(c.get("/v1/statements/facets?by=kind&format=csv&excel=1"), 200); !strings.HasPrefix(string(excel.body), "\ufeffdimension,") {
		t.Errorf("for Excel: %s", excel.body)
	}
	for _, path := range []string{"/v1/statements/counts?by=kind&format=geojson", "/v1/timeline?format=geojson", "/v1/statements?format=geojson", "/v1/statements/facets?by=kind&excel=1"} {
		c.want(c.get(path), 400)
	}
}

// records are the objects of an array in the answer.
func (a answer) records(path ...any) []map[string]any {
	var list []map[string]any
	for _, record := range a.member(path...).([]any) {
		list = append(list, record.(map[string]any))
	}
	return list
}

// lines are the objects of NDJSON.
func (a answer) lines(t *testing.T) []map[string]any {
	t.Helper()
	var list []map[string]any
	for line := range bytes.Lines(a.body) {
		var record map[string]any
		if err := json.Unmarshal(line, &record); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		list = append(list, record)
	}
	return list
}

// carries compares CSV with records: each cell with the member that its column
// names, after dots too, and nothing else.
func (a answer) carries(t *testing.T, what string, want []map[string]any) {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(a.body)).ReadAll()
	if err != nil || len(rows) != len(want)+1 {
		t.Fatalf("%s: %d rows of CSV for %d records, %v", what, len(rows), len(want), err)
	}
	for i, record := range want {
		known := 0
		for k, name := range rows[0] {
			var v any = record
			for step := range strings.SplitSeq(name, ".") {
				object, _ := v.(map[string]any)
				v = object[step]
			}
			if _, ok := record[name]; ok {
				known++
			}
			if !sameCell(t, rows[i+1][k], v) {
				t.Errorf("%s: row %d: %s is %q, in JSON %v", what, i, name, rows[i+1][k], v)
			}
		}
		if known != len(record) && !strings.Contains(strings.Join(rows[0], ""), ".") {
			t.Errorf("%s: row %d: %d of %d members have a column", what, i, known, len(record))
		}
	}
}

// tells compares headers with what JSON says beside its records.
func (a answer) tells(t *testing.T, what string, whole answer, totals map[string]any) {
	t.Helper()
	if totals != nil {
		for name := range totals {
			totals[name] = whole.member(name)
		}
		if figures := whole.member("figures"); figures != nil {
			totals["figures"] = figures
		}
		var told map[string]any
		if err := json.Unmarshal([]byte(a.Header.Get("X-Totals")), &told); err != nil || !cmp.Equal(totals, told) {
			t.Errorf("%s: X-Totals is %s, %v, want %v", what, a.Header.Get("X-Totals"), err, totals)
		}
	}
	if got, want := a.Header.Get("X-Seq")+a.Header.Get("X-Scope")+a.Header.Get("X-Derived-Pending"), strings.TrimPrefix(whole.text("as_of"), "seq:")+compact(t, whole.member("scope"))+whole.text("derived_pending"); got != want {
		t.Errorf("%s: headers say %s, JSON %s", what, got, want)
	}
}

// sameCell compares a cell of CSV with a JSON value.
func sameCell(t *testing.T, cell string, v any) bool {
	t.Helper()
	switch v := v.(type) {
	case nil:
		return cell == ""
	case string:
		return strings.ReplaceAll(cell, "\r\n", "\n") == strings.ReplaceAll(v, "\r\n", "\n") // which the reader makes of it
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
