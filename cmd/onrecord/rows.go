package main

import (
	"bytes"
	"errors"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// A row is a record as the service sent it: its members in their order.
type row []member

type member struct {
	name  string
	value jsontext.Value
}

// rowOf takes a JSON object apart.
func rowOf(object jsontext.Value) (row, error) {
	d := jsontext.NewDecoder(bytes.NewReader(object))
	if token, err := d.ReadToken(); err != nil || token.Kind() != '{' {
		return nil, errors.Join(errors.New("the answer is not what the service promises: it is no record"), err)
	}
	var r row
	for d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if err != nil {
			return nil, err
		}
		text := name.String()
		value, err := d.ReadValue()
		if err != nil {
			return nil, err
		}
		r = append(r, member{text, value.Clone()})
	}
	return r, nil
}

func (r row) value(name string) jsontext.Value {
	for _, m := range r {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

// text is a member as text, false where it isn't flat.
func (r row) text(name, between string) (string, bool) { return flat(r.value(name), between) }

// flat is a value as text: of a list of plain values all of them. What has
// members of its own is not flat.
func flat(value jsontext.Value, between string) (string, bool) {
	switch value.Kind() {
	case 0, 'n':
		return "", true
	case '"':
		text, err := jsontext.AppendUnquote(nil, value)
		return string(text), err == nil
	case '{':
		return "", false
	case '[':
		d := jsontext.NewDecoder(bytes.NewReader(value))
		if _, err := d.ReadToken(); err != nil {
			return "", false
		}
		var parts []string
		for d.PeekKind() != ']' {
			one, err := d.ReadValue()
			if err != nil || one.Kind() == '[' {
				return "", false
			}
			text, ok := flat(one, between)
			if !ok {
				return "", false
			}
			parts = append(parts, text)
		}
		return strings.Join(parts, between), true
	}
	return string(value), true
}

// flatColumns are the names of the members that are flat in every row, in the
// order in which they first come.
func flatColumns(rows []row) []string {
	var names []string
	nested := map[string]bool{}
	seen := map[string]bool{}
	for _, r := range rows {
		for _, m := range r {
			if _, ok := flat(m.value, ""); !ok {
				nested[m.name] = true
			}
			if !seen[m.name] {
				seen[m.name] = true
				names = append(names, m.name)
			}
		}
	}
	kept := names[:0]
	for _, name := range names {
		if !nested[name] {
			kept = append(kept, name)
		}
	}
	return kept
}
