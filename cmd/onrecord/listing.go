package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// listing are the flags of commands that print records, and how they do it.
type listing struct {
	All   bool `help:"Follow to the last page."`
	Table bool `xor:"form" help:"Print a table, also in a pipe; it is not cut then."`
	JSON  bool `name:"json" xor:"form" help:"Print whole answers as the service gives them."`
	CSV   bool `name:"csv" xor:"form" help:"Print CSV of the fields that are no records themselves; lists are joined by semicolons."`
}

// pageSize is asked for where all pages are wanted.
const pageSize = "1000"

// A page is a list as the service answers it.
type page struct {
	Data []jsontext.Value `json:"data"`
	Next *string          `json:"next_cursor"`
}

// list prints the records at a path, in the form asked for. columns are those
// of the table, nil to choose.
func (l listing) list(e *environment, service *client, path string, query url.Values, columns []string) error {
	query = maps.Clone(query)
	if query == nil {
		query = url.Values{}
	}
	if l.All && !query.Has("limit") {
		query.Set("limit", pageSize)
	}
	width, live := terminal(e.stdout)
	form := l.form(e.stdout, width, live, columns)
	for {
		given, err := service.get(e, path, query)
		if err != nil {
			return err
		}
		var p page
		if err := given.decode(&p); err != nil {
			return err
		}
		if p.Data == nil { // one record, not a list
			return l.record(e.stdout, form, given, width, live)
		}
		if l.JSON {
			_, err = e.stdout.Write(given.body)
		} else {
			err = form.page(p.Data)
		}
		if err != nil {
			return err
		}
		if p.Next == nil || !l.All {
			if p.Next != nil && (live || l.Table) {
				e.screen.note("There are more: --all shows them, limit=… more at once.")
			}
			if p.Next != nil && !live && !l.Table && !l.JSON {
				e.screen.note("onrecord: this is the first page; --all follows to the last")
			}
			return form.end(e.screen)
		}
		query.Set("cursor", *p.Next)
	}
}

// record prints an answer that is a single record.
func (l listing) record(w io.Writer, form form, given answer, width int, live bool) error {
	object := jsontext.Value(given.body)
	switch {
	case l.JSON:
		_, err := w.Write(given.body)
		return err
	case l.Table || live && !l.CSV:
		r, err := rowOf(object)
		if err != nil {
			return err
		}
		return card(w, width, r)
	}
	return form.page([]jsontext.Value{object})
}

// A form prints pages of records.
type form interface {
	page([]jsontext.Value) error
	end(*screen) error
}

func (l listing) form(w io.Writer, width int, live bool, columns []string) form {
	switch {
	case l.CSV:
		return &csvForm{w: csv.NewWriter(w)}
	case l.Table || live && !l.JSON:
		return &tableForm{table{w: w, width: width, names: columns}}
	}
	return lineForm{w}
}

// lineForm prints NDJSON.
type lineForm struct{ w io.Writer }

func (f lineForm) page(records []jsontext.Value) error {
	for _, record := range records {
		if err := record.Compact(); err != nil {
			return err
		}
		if _, err := f.w.Write(append(record, '\n')); err != nil {
			return err
		}
	}
	return nil
}

func (lineForm) end(*screen) error { return nil }

type tableForm struct{ table }

func (f *tableForm) page(records []jsontext.Value) error {
	rows, err := rowsOf(records)
	if err != nil {
		return err
	}
	return f.print(rows)
}

func (f *tableForm) end(s *screen) error {
	switch {
	case !f.printed:
		s.note("Nothing found.")
	case len(f.left) > 0:
		s.note("Not shown: " + strings.Join(f.left, ", ") + "; --json and --csv have them.")
	}
	return nil
}

// csvForm prints CSV: the columns are those of the first page.
type csvForm struct {
	w     *csv.Writer
	names []string
	left  map[string]bool
}

func (f *csvForm) page(records []jsontext.Value) error {
	rows, err := rowsOf(records)
	if err != nil {
		return err
	}
	if f.names == nil && len(rows) > 0 {
		f.names, f.left = flatColumns(rows), map[string]bool{}
		if err := f.w.Write(f.names); err != nil {
			return err
		}
	}
	known := map[string]bool{}
	for _, name := range f.names {
		known[name] = true
	}
	cells := make([]string, len(f.names))
	for _, r := range rows {
		for i, name := range f.names {
			cells[i], _ = r.text(name, ";")
		}
		for _, m := range r {
			if !known[m.name] {
				f.left[m.name] = true
			}
		}
		if err := f.w.Write(cells); err != nil {
			return err
		}
	}
	f.w.Flush()
	return f.w.Error()
}

func (f *csvForm) end(s *screen) error {
	for name := range f.left {
		s.note(fmt.Sprintf("onrecord: left out: %s, which is a record or a list of records; --json has it", name))
	}
	return nil
}

func rowsOf(records []jsontext.Value) ([]row, error) {
	rows := make([]row, len(records))
	for i, record := range records {
		var err error
		if rows[i], err = rowOf(record); err != nil {
			return nil, err
		}
	}
	return rows, nil
}
