package api_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// An entry of a timeline shows those of the members asked for that its kind
// has, in whatever form, and stands where it stands without them.
func TestFieldsTrimTheEntriesOfATimeline(t *testing.T) {
	t.Parallel()
	c := serveStore(t, world(t, 4))
	whole := c.want(c.get("/v1/timeline?dataset=any&limit=1000"), 200)
	for _, fields := range []string{"title,text", "text", "occurred", "id,kind,topics", "said_on,occurred,text,title,speaker_name,country_name", "places,targets,key", "report_count"} {
		named := strings.Split(fields, ",")
		var want, flat []map[string]any
		shown := 0
		for _, entry := range whole.records("data") {
			kind := entry["type"].(string)
			record := entry[kind].(map[string]any)
			trimmed, row := map[string]any{}, map[string]any{"type": kind}
			for _, name := range named {
				if value, ok := record[name]; ok {
					trimmed[name], row[name] = value, value
					shown++
				}
			}
			want, flat = append(want, map[string]any{"type": kind, kind: trimmed}), append(flat, row)
		}
		path := "/v1/timeline?dataset=any&fields=" + fields
		if diff := cmp.Diff(want, c.want(c.get(path+"&limit=1000"), 200).records("data")); diff != "" || shown == 0 {
			t.Errorf("%s (-whole, trimmed here +trimmed there):\n%s", path, diff)
		}
		if diff := cmp.Diff(want, c.want(c.get(path+"&format=ndjson"), 200).lines(t)); diff != "" {
			t.Errorf("%s: NDJSON:\n%s", path, diff)
		}
		table := c.want(c.get(path+"&format=csv"), 200)
		table.carries(t, path, flat)
		if header, _, _ := strings.Cut(string(table.body), "\n"); header != "type,"+fields {
			t.Errorf("%s: columns %s", path, header)
		}
		var paged []map[string]any
		for page := c.want(c.get(path+"&limit=7"), 200); ; page = c.want(c.get(path+"&limit=7&cursor="+page.text("next_cursor")), 200) {
			if paged = append(paged, page.records("data")...); page.text("next_cursor") == "" {
				break
			}
		}
		if diff := cmp.Diff(want, paged); diff != "" {
			t.Errorf("%s, page after page:\n%s", path, diff)
		}
	}
}

func TestFieldsOfATimelineAreThoseOfEitherKind(t *testing.T) {
	t.Parallel()
	c := shipped(t)
	lines := string(c.want(c.get("/v1/timeline?format=csv&between=PK,AF&from=2025&to=2027&fields=said_on,title,speaker.name,country.name"), 200).body)
	for _, want := range []string{"type,said_on,title,speaker.name,country.name\n", "statement,2026-02-18,,Khawaja Asif,\n", "event,,Airstrikes inside Afghanistan,,Afghanistan\n"} {
		if !strings.Contains(lines, want) {
			t.Errorf("no %q in\n%s", want, lines)
		}
	}
	page := c.want(c.get("/v1/timeline?limit=2&fields=text"), 200)
	c.want(c.get("/v1/timeline?limit=2&fields=title&format=csv&cursor="+page.text("next_cursor")), 200)
	one := c.want(c.get("/v1/timeline?limit=2&fields=text"), 200)
	c.want(c.get("/v1/timeline?limit=2&fields=text", "If-None-Match: "+one.Header.Get("ETag")), 304)
	for fields, names := range map[string]string{"colour": `"colour" is none of id, key`, "text,": "empty", "text,text": "twice", "speaker.colour": "nationality", "type": "target_names", "a.b": "occasion"} {
		a := c.want(c.get("/v1/timeline?fields="+fields), 400)
		if a.text("errors", 0, "parameter") != "fields" || !strings.Contains(a.text("errors", 0, "detail"), names) {
			t.Errorf("%s: %s", fields, a.body)
		}
	}
	if detail := c.want(c.get("/v1/timeline?fields=colour"), 400).text("errors", 0, "detail"); !strings.Contains(detail, "said_from") || !strings.Contains(detail, "occurred_from") {
		t.Errorf("what there is in either kind isn't told: %s", detail)
	}
}
