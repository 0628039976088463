package claims

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"

	"onrecord/internal/edtf"
)

// cells makes the JSON of a record from a row of a table: the fields' types say
// how a cell is meant.
func cells(kind Kind, header, row []string) ([]byte, error) {
	shapes := shapesOf(kind)
	data := []byte{'{'}
	for i, name := range header {
		if row[i] == "" {
			continue
		}
		if len(data) > 1 {
			data = append(data, ',')
		}
		quoted, err := jsontext.AppendQuote(nil, name)
		if err != nil {
			return nil, &DecodeError{Problem{"", "json", "the header is not UTF-8"}, true}
		}
		data = append(append(data, quoted...), ':')
		if data, err = appendCell(data, shapes[name], row[i]); err != nil {
			return nil, &DecodeError{Problem{"/" + name, "type", err.Error()}, true}
		}
	}
	return append(data, '}'), nil
}

func appendCell(data []byte, shape reflect.Type, cell string) ([]byte, error) {
	if shape != nil && shape.Kind() == reflect.Pointer {
		shape = shape.Elem()
	}
	key, byKey := strings.CutPrefix(cell, "key:")
	switch {
	case shape == reflect.TypeFor[Ref]() && byKey:
		quoted, err := jsontext.AppendQuote([]byte(`{"key":`), key)
		return append(append(data, quoted...), '}'), err
	case shape == nil, shape == reflect.TypeFor[Ref](), shape == reflect.TypeFor[edtf.Date](), shape.Kind() == reflect.String:
		return jsontext.AppendQuote(data, cell)
	case shape.Kind() == reflect.Bool:
		if cell != "true" && cell != "false" {
			return nil, fmt.Errorf("%q is neither true nor false", cut(cell))
		}
	case shape.Kind() == reflect.Int, shape.Kind() == reflect.Float64:
		if _, err := strconv.ParseFloat(cell, 64); err != nil {
			return nil, fmt.Errorf("%q is not a number", cut(cell))
		}
	case shape.Kind() == reflect.Struct && cell[0] != '{' && shape != reflect.TypeFor[Ref]():
		return jsontext.AppendQuote(data, cell) // a time
	}
	if !jsontext.Value(cell).IsValid() {
		return nil, fmt.Errorf("is not JSON")
	}
	return append(data, cell...), nil
}

var shapes sync.Map // Kind → map[string]reflect.Type

// shapesOf are the types of a kind's fields by their names.
func shapesOf(kind Kind) map[string]reflect.Type {
	if known, ok := shapes.Load(kind); ok {
		return known.(map[string]reflect.Type)
	}
	in := New(kind)
	if in == nil {
		return nil
	}
	fields := map[string]reflect.Type{}
	for _, f := range reflect.VisibleFields(reflect.TypeOf(in).Elem()) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && name != "-" && !f.Anonymous {
			fields[name] = f.Type
		}
	}
	shapes.Store(kind, fields)
	return fields
}
