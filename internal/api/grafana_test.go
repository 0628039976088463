package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// dashboard is what is read of docs/grafana/onrecord.json.
type dashboard struct {
	UID           string `json:"uid"`
	SchemaVersion int    `json:"schemaVersion"`
	Templating    struct {
		List []struct {
			Name, Type, AllValue string
			Multi, IncludeAll    bool
			Current              struct{ Value any }
			Query                json.RawMessage
			Options              []struct{ Value string }
		}
	}
	Panels []struct {
		ID              int
		Title, Type     string
		Datasource      struct{ Type, UID string }
		Targets         []infinity
		Transformations []struct{ Options map[string]any }
		FieldConfig     struct {
			Overrides []struct {
				Matcher    struct{ Options any }
				Properties []struct{ Value any }
			}
		}
	}
}

// infinity is a query of the Infinity data source, as far as the requests that it
// makes depend on it.
type infinity struct {
	RefID, Type, Source, Parser, URL string
	RootSelector                     string `json:"root_selector"`
	CursorName                       string `json:"pagination_param_cursor_field_name"`
	CursorPath                       string `json:"pagination_param_cursor_extraction_path"`
	Options                          struct {
		Method string
		Params []struct{ Key, Value string }
	} `json:"url_options"`
	Columns []struct{ Selector, Text, Type string }
}

// The shipped dashboard asks what the API answers: each of its requests, for
// each value of its variables, as Grafana makes them; and the columns that it
// names are there.
func TestTheGrafanaDashboardIsAnswered(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/grafana/onrecord.json")
	if err != nil {
		t.Fatal(err)
	}
	var d dashboard
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	c := shipped(t)

	values := map[string]string{"__from": "1735689600000", "__to": "1798761599999", "__from:date:YYYY-MM-DD": "2025-01-01", "__to:date:YYYY-MM-DD": "2026-12-31"}
	choices := map[string][]string{}
	for _, v := range d.Templating.List {
		value := fmt.Sprint(v.Current.Value)
		if v.IncludeAll {
			value = v.AllValue
		}
		values[v.Name] = value
		for _, o := range v.Options {
			choices[v.Name] = append(choices[v.Name], o.Value)
		}
	}
	for _, v := range d.Templating.List {
		if v.Type != "query" {
			continue
		}
		var q struct{ InfinityQuery infinity }
		if err := json.Unmarshal(v.Query, &q); err != nil {
			t.Fatal(err)
		}
		rows := c.asked(t, v.Name, q.InfinityQuery, values)
		found := false
		for _, row := range rows {
			found = found || at(row, q.InfinityQuery.Columns[1].Selector) == values[v.Name]
		}
		if !found || q.InfinityQuery.Columns[0].Text != "__text" || q.InfinityQuery.Columns[1].Text != "__value" {
			t.Errorf("variable %s: %q is no value of %d", v.Name, values[v.Name], len(rows))
		}
	}

	asked := 0
	for _, p := range d.Panels {
		if p.Datasource.UID != "${source}" || p.Datasource.Type != "yesoreyeram-infinity-datasource" {
			t.Errorf("%s: data source %v", p.Title, p.Datasource)
		}
		columns := map[string]bool{}
		for _, q := range p.Targets {
			if rows := c.asked(t, p.Title, q, values); len(rows) == 0 {
				t.Errorf("%s: no rows on the sample", p.Title)
			}
			for _, column := range q.Columns {
				columns[column.Text] = true
			}
			asked++
			for name, list := range choices { // each choice of each variable is one that the API knows
				for _, value := range list {
					other := map[string]string{}
					for n, v := range values {
						other[n] = v
					}
					other[name] = value
					c.want(c.get(q.address(other)), http.StatusOK)
				}
			}
		}
		for _, transformation := range p.Transformations {
			for _, name := range []string{"rowField", "columnField", "valueField"} {
				if field, ok := transformation.Options[name].(string); ok && !columns[field] {
					t.Errorf("%s: %s %q is no column", p.Title, name, field)
				}
			}
		}
		for _, o := range p.FieldConfig.Overrides {
			if field := fmt.Sprint(o.Matcher.Options); !columns[field] {
				t.Errorf("%s: an override of %q, which is no column", p.Title, field)
			}
			for _, m := range regexp.MustCompile(`__data\.fields\.([a-z_]+)`).FindAllStringSubmatch(fmt.Sprint(o.Properties), -1) {
				if !columns[m[1]] {
					t.Errorf("%s: a link takes %q, which is no column", p.Title, m[1])
				}
			}
		}
	}
	if asked < 9 || d.UID != "onrecord" || d.SchemaVersion < 39 {
		t.Errorf("%d requests, %q, schema %d", asked, d.UID, d.SchemaVersion)
	}
}

var macro = regexp.MustCompile(`\$\{([^}]+)\}`)

// address is what the data source requests: its parameters added to the URL,
// macros and variables replaced.
func (q infinity) address(values map[string]string) string {
	replace := func(s string) string {
		return macro.ReplaceAllStringFunc(s, func(m string) string {
			name := m[2 : len(m)-1]
			if v, ok := values[name]; ok {
				return v
			}
			name, _, _ = strings.Cut(name, ":")
			return values[name]
		})
	}
	params := url.Values{}
	for _, p := range q.Options.Params {
		params.Add(p.Key, replace(p.Value))
	}
	return replace(q.URL) + "?" + params.Encode()
}

// asked makes a query's request and gives its rows, in which each column must have
// a value somewhere; where it has pages, the second is asked for as well.
func (c *client) asked(t *testing.T, title string, q infinity, values map[string]string) []any {
	t.Helper()
	if q.Type != "json" || q.Source != "url" || q.Parser != "backend" || q.Options.Method != http.MethodGet {
		t.Errorf("%s: a query of another sort: %+v", title, q)
	}
	a := c.want(c.get(q.address(values)), http.StatusOK)
	var whole any
	if err := json.Unmarshal(a.body, &whole); err != nil {
		t.Fatal(err)
	}
	root := whole
	if q.RootSelector != "" {
		root = at(whole, q.RootSelector)
	}
	rows, list := root.([]any)
	if !list {
		rows = []any{root}
	}
	for _, column := range q.Columns {
		found := false
		for _, row := range rows {
			v := at(row, column.Selector)
			found = found || v != nil
			if _, number := v.(float64); v != nil && (column.Type == "number") != number {
				t.Errorf("%s: column %q is a %s, not %v", title, column.Text, column.Type, v)
			}
		}
		if !found {
			t.Errorf("%s: nothing at %q: %.300s", title, column.Selector, a.body)
		}
	}
	if q.CursorName != "" {
		small := q
		small.Options.Params = append([]struct{ Key, Value string }{}, q.Options.Params...)
		for i := range small.Options.Params {
			if small.Options.Params[i].Key == "limit" {
				small.Options.Params[i].Value = "1"
			}
		}
		next := c.want(c.get(small.address(values)), http.StatusOK)
		if err := json.Unmarshal(next.body, &whole); err != nil {
			t.Fatal(err)
		}
		cursor, _ := at(whole, q.CursorPath).(string)
		if cursor == "" {
			t.Errorf("%s: no cursor at %q", title, q.CursorPath)
		}
		c.want(c.get(small.address(values)+"&"+q.CursorName+"="+cursor), http.StatusOK)
	}
	return rows
}

// at follows a path of names and indexes, as the data source's selectors do.
func at(v any, path string) any {
	for step := range strings.SplitSeq(path, ".") {
		switch in := v.(type) {
		case map[string]any:
			v = in[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(in) {
				return nil
			}
			v = in[i]
		default:
			return nil
		}
	}
	return v
}
