package api

import (
	"bytes"
	"encoding/csv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// columns are those of a table: their names in order, and where in a record
// each one's value stands.
type columns struct {
	names []string
	at    *place
}

// A place is a column, or an object whose members are.
type place struct {
	index int
	under map[string]*place
}

// columnsOf are columns named by the paths of their members.
func columnsOf(paths []string) columns {
	c := columns{names: paths, at: &place{under: map[string]*place{}}}
	for i, path := range paths {
		c.add(path, i)
	}
	return c
}

// add makes the member at a path a column's.
func (c *columns) add(path string, index int) {
	at := c.at
	for step := range strings.SplitSeq(path, ".") {
		next := at.under[step]
		if next == nil {
			next = &place{index: -1, under: map[string]*place{}}
			at.under[step] = next
		}
		at = next
	}
	at.index = index
}

// A table writes records, given as JSON objects, as CSV: one column for each
// member; what is not a single value stays JSON.
type table struct {
	columns columns
	row     []string
	buffer  *bytes.Buffer
	out     *csv.Writer
	excel   bool
}

// newTable makes a table. For Excel there is a byte order mark, and text that
// it would take for a formula is defused by an apostrophe.
func newTable(out *bytes.Buffer, c columns, excel bool) *table {
	t := &table{columns: c, row: make([]string, len(c.names)), buffer: out, out: csv.NewWriter(out), excel: excel}
	t.out.UseCRLF = excel
	return t
}

// begin writes the header, which stands also where no row follows.
func (t *table) begin() error {
	if t.excel {
		t.buffer.WriteString("\ufeff")
	}
	if err := t.out.Write(t.columns.names); err != nil {
		return err
	}
	return t.end()
}

func (t *table) end() error {
	t.out.Flush()
	return t.out.Error()
}

// write adds the records of a JSON array.
func (t *table) write(array []byte) error {
	err := eachOf(array, func(dec *jsontext.Decoder) error {
		clear(t.row)
		if err := t.object(dec, t.columns.at); err != nil {
			return err
		}
		if len(t.row) == 1 && t.row[0] == "" { // which the writer would make an empty line, that readers pass over
			t.out.Flush()
			t.buffer.WriteString("\"\"" + map[bool]string{true: "\r\n", false: "\n"}[t.excel])
			return nil
		}
		return t.out.Write(t.row)
	})
	if err != nil {
		return err
	}
	return t.end()
}

// object fills in the cells that an object's members have.
func (t *table) object(dec *jsontext.Decoder, at *place) error {
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() != '}' {
		name, err := dec.ReadToken()
		if err != nil {
			return err
		}
		p := at.under[name.String()]
		if p != nil && p.index < 0 && dec.PeekKind() == '{' {
			if err := t.object(dec, p); err != nil {
				return err
			}
			continue
		}
		value, err := dec.ReadValue()
		if err != nil {
			return err
		}
		if p != nil && p.index >= 0 {
			if t.row[p.index], err = t.cell(value); err != nil {
				return err
			}
		}
	}
	_, err := dec.ReadToken()
	return err
}

// cell is a value as CSV has it: text without quotes, null as nothing.
func (t *table) cell(value jsontext.Value) (string, error) {
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
