package edtf

import (
	"bytes"
	"database/sql/driver"
	"encoding"
	"encoding/json"
	"fmt"
)

var (
	_ encoding.TextMarshaler   = Date{}
	_ encoding.TextUnmarshaler = (*Date)(nil)
	_ json.Marshaler           = Date{}
	_ json.Unmarshaler         = (*Date)(nil)
	_ driver.Valuer            = Date{}
)

// MarshalText returns the date as written, and empty text for no date.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.text), nil }

// UnmarshalText is the reverse of MarshalText: empty text is no date, anything
// else must parse. Errors are of type *ParseError and leave d as it was.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	return d.set(string(text))
}

// MarshalJSON returns a JSON string, and null for no date.
func (d Date) MarshalJSON() ([]byte, error) {
	if d.IsZero() {
		return []byte("null"), nil
	}
	out := make([]byte, 0, len(d.text)+2)
	out = append(out, '"')
	out = append(out, d.text...) // no character of a date needs escaping
	return append(out, '"'), nil
}

// UnmarshalJSON takes a JSON string that parses, or null for no date; an empty
// string is an error, so that a blank is never taken for a statement about time.
// Errors are of type *ParseError and leave d as it was.
func (d *Date) UnmarshalJSON(data []byte) error {
	data = bytes.TrimSpace(data)
	if string(data) == "null" {
		*d = Date{}
		return nil
	}
	if len(data) < 2 || data[0] != '"' {
		return parseError(string(data), reason("a date is a JSON string or null"))
	}
	if inner := data[1 : len(data)-1]; bytes.IndexByte(inner, '\\') < 0 {
		return d.set(string(inner))
	}
	var text string // escapes are rare but legal: "2025\/2026"
	if err := json.Unmarshal(data, &text); err != nil {
		return parseError(string(data), reason("it is not a valid JSON string"))
	}
	return d.set(text)
}

// Scan reads a text column: string and []byte must parse, NULL is no date.
// Errors leave d as it was.
func (d *Date) Scan(src any) error {
	switch src := src.(type) {
	case nil:
		*d = Date{}
		return nil
	case string:
		return d.set(src)
	case []byte:
		return d.set(string(src))
	}
	return fmt.Errorf("edtf: cannot scan %T into a Date", src)
}

// Value returns the date as written, and nil (NULL) for no date.
func (d Date) Value() (driver.Value, error) {
	if d.IsZero() {
		return nil, nil
	}
	return d.text, nil
}

func (d *Date) set(text string) error {
	date, err := Parse(text)
	if err != nil {
		return err
	}
	*d = date
	return nil
}
