package formats

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// A table is a CSV file with a head. Its delimiter is the one that gives the
// columns sought: comma, semicolon or tab, or what a first line sep= says.
type table struct {
	text    *text
	csv     *csv.Reader
	input   Input
	columns map[string][]int
	above   int // lines above the first that the CSV reader sees
	row     []string
	at      place
}

// openTable opens a source whose head has the columns of one of the inputs.
func openTable(src Source, inputs []Input) (*table, error) {
	text, err := openText(src, true)
	if err != nil {
		return nil, err
	}
	t := &table{text: text}
	if err := t.readHead(src, inputs); err != nil {
		return nil, errors.Join(err, text.Close())
	}
	return t, nil
}

func (t *table) Close() error { return t.text.Close() }

func (t *table) readHead(src Source, inputs []Input) error {
	r := bufio.NewReader(t.text)
	line, err := r.ReadString('\n')
	delimiters := ",;\t"
	if sep, found := strings.CutPrefix(strings.Trim(strings.TrimRight(line, "\r\n"), `"`), "sep="); found && len(sep) == 1 && err == nil {
		delimiters = sep
		t.above++
		line, err = r.ReadString('\n')
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	t.above++
	for _, delimiter := range delimiters {
		header := csv.NewReader(strings.NewReader(line))
		header.Comma = delimiter
		names, err := header.Read()
		if err != nil {
			continue
		}
		for _, input := range inputs {
			if t.match(names, input) {
				t.csv = csv.NewReader(r)
				t.csv.Comma, t.csv.FieldsPerRecord, t.csv.ReuseRecord = delimiter, len(names), true
				return nil
			}
		}
	}
	var sought []string
	for _, input := range inputs {
		sought = append(sought, input.Name+" ("+strings.Join(input.columns, ", ")+")")
	}
	return &Error{src.Name, t.above, "", "the first line does not have the columns of " + strings.Join(sought, " or of ")}
}

// match takes the columns of the head if they are those of the input.
func (t *table) match(names []string, input Input) bool {
	columns := map[string][]int{}
	for i, n := range names {
		n = name(n)
		if columns[n] = append(columns[n], i); len(columns[n]) > 1 && n != input.repeated {
			return false
		}
	}
	for _, n := range input.columns {
		if columns[n] == nil {
			return false
		}
	}
	t.columns, t.input = columns, input
	return true
}

// unread are the columns that the input doesn't know, in their order.
func (t *table) unread() []string {
	var names []string
	for n := range t.columns {
		if !slices.Contains(t.input.columns, n) {
			names = append(names, n)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return t.columns[a][0] - t.columns[b][0] })
	return names
}

// next reads the next row; false at the end.
func (t *table) next() (bool, error) {
	row, err := t.csv.Read()
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	if err != nil {
		return false, t.fault(row, err)
	}
	line, _ := t.csv.FieldPos(0)
	t.row, t.at = row, place{t.text.name, t.above + line}
	return true, nil
}

func (t *table) fault(row []string, err error) error {
	if t.text.fault != nil {
		return t.text.fault
	}
	var parse *csv.ParseError
	if !errors.As(err, &parse) {
		return err
	}
	at := place{t.text.name, t.above + parse.StartLine}
	switch {
	case errors.Is(parse.Err, csv.ErrFieldCount):
		return at.fault("", fmt.Sprintf("has %d fields where the head has %d: cut off, or a quotation mark too many?", len(row), t.csv.FieldsPerRecord))
	case errors.Is(parse.Err, csv.ErrQuote):
		return at.fault("", "a quoted field that begins in this record does not end as it should: cut off, or a quotation mark inside it that is not doubled?")
	}
	return at.fault("", parse.Err.Error())
}

// field is a field of the row as it stands there.
func (t *table) field(column string) string { return t.row[t.columns[column][0]] }

// fields are the fields of a column that stands several times.
func (t *table) fields(column string) []string {
	var list []string
	for _, i := range t.columns[column] {
		list = append(list, t.row[i])
	}
	return list
}

// eachRow calls do for each row of a source with the columns of the input.
func (c *conversion) eachRow(src Source, input Input, do func(t *table) error) error {
	t, err := openTable(src, []Input{input})
	if err != nil {
		return err
	}
	defer t.Close()
	for {
		more, err := t.next()
		if err != nil || !more {
			return err
		}
		if err := do(t); err != nil {
			return err
		}
	}
}

// tables tells which source is which input, by its head. Each input has to be
// there once.
func (c *conversion) tables(inputs []Input) (map[string]Source, error) {
	found := map[string]Source{}
	for _, src := range c.sources {
		t, err := openTable(src, inputs)
		if err != nil {
			return nil, err
		}
		if other, twice := found[t.input.Name]; twice {
			return nil, errors.Join(&Error{src.Name, 1, "", "is a second " + t.input.Name + " table beside " + other.Name}, t.Close())
		}
		found[t.input.Name] = src
		for _, column := range t.unread() {
			c.leave("column " + column + " of " + t.input.Name + ": not read")
		}
		if err := t.Close(); err != nil {
			return nil, err
		}
	}
	for _, input := range inputs {
		if _, there := found[input.Name]; !there {
			return nil, fmt.Errorf("the %s table is missing: %s", input.Name, input.Title)
		}
	}
	return found, nil
}
