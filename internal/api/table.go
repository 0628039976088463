package api

import (
	"bytes"
	"encoding/csv"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// A tabulator writes records, given as JSON objects, as CSV: one column for each
// member, in the documented order; what is not a single value stays JSON.
type tabulator struct {
	columns map[string]int
	row     []string
	out     *csv.Writer
	excel   bool
}

// newTabulator begins with the header, which stands also where no row follows.
// For Excel there is a byte order mark, and text that it would take for a
// formula is defused by an apostrophe.
func newTabulator(w io.Writer, columns []string, excel bool) (*tabulator, error) {
	t := &tabulator{columns: make(map[string]int, len(columns)), row: make([]string, len(columns)), out: csv.NewWriter(w), excel: excel}
	for i, name := range columns {
		t.columns[name] = i
	}
	if excel {
		if _, err := io.WriteString(w, "\ufeff"); err != nil {
			return nil, err
		}
		t.out.UseCRLF = true
	}
	return t, t.out.Write(columns)
}

// write adds the records of a JSON array.
func (t *tabulator) write(array []byte) error {
	dec := jsontext.NewDecoder(bytes.NewReader(array))
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() == '{' {
		if _, err := dec.ReadToken(); err != nil {
			return err
		}
		clear(t.row)
		for dec.PeekKind() != '}' {
			name, err := dec.ReadToken()
			if err != nil {
				return err
			}
			i, shown := t.columns[name.String()]
			value, err := dec.ReadValue()
			if err != nil {
				return err
			}
			if shown {
				if t.row[i], err = t.cell(value); err != nil {
					return err
				}
			}
		}
		if _, err := dec.ReadToken(); err != nil {
			return err
		}
		if err := t.out.Write(t.row); err != nil {
			return err
		}
	}
	t.out.Flush()
	return t.out.Error()
}

// cell is a value as CSV has it: text without quotes, null as nothing.
func (t *tabulator) cell(value jsontext.Value) (string, error) {
	switch value.Kind() {
	case 'n':
		return "", nil
	case '"':
		text, err := jsontext.AppendUnquote(nil, value)
		if t.excel && len(text) > 0 && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
			text = append([]byte{'\''}, text...)
		}
		return string(text), err
	}
	return string(value), nil
}
