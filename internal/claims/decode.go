package claims

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"onrecord/internal/edtf"
)

// MaxDepth is how deep JSON from a client may nest.
const MaxDepth = 32

// A DecodeError says why data is not the JSON of an input. Malformed marks
// what isn't JSON at all, or not JSON that is read alike by everyone.
type DecodeError struct {
	Problem
	Malformed bool
}

func (e *DecodeError) Error() string { return e.Pointer + ": " + e.Detail }

// Decode reads JSON strictly into v: unknown and repeated names, wrong types,
// invalid UTF-8, excessive depth and anything after the value are errors, all
// of type *DecodeError.
func Decode(data []byte, v any) error {
	if tooDeep(data) {
		return &DecodeError{Problem{"", "depth", fmt.Sprintf("nests deeper than %d", MaxDepth)}, true}
	}
	if err := emptyString(data); err != nil {
		return err
	}
	err := json.Unmarshal(data, v, json.RejectUnknownMembers(true))
	if err == nil {
		return nil
	}
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		p := Problem{string(syntax.JSONPointer), "json", strings.TrimPrefix(syntax.Error(), "jsontext: ")}
		if errors.Is(err, jsontext.ErrDuplicateName) {
			p = Problem{string(syntax.JSONPointer), "duplicate_name", "the name stands twice in one object"}
		}
		return &DecodeError{p, true}
	}
	var semantic *json.SemanticError
	if !errors.As(err, &semantic) {
		return &DecodeError{Problem{"", "json", "is not readable JSON"}, true}
	}
	p := Problem{string(semantic.JSONPointer), "type", "has the wrong type"}
	switch {
	case errors.Is(err, json.ErrUnknownName):
		p.Code, p.Detail = "unknown_field", "is not a field of this record"
	case semantic.Err != nil && asDate(semantic):
		p.Code, p.Detail = "edtf", semantic.Err.Error()
	case semantic.GoType == reflect.TypeFor[time.Time]():
		p.Code, p.Detail = "time", "is not an RFC 3339 date-time"
	case semantic.GoType == reflect.TypeFor[Ref]() && semantic.Err != nil:
		p.Code, p.Detail = "reference", semantic.Err.Error()
	case semantic.GoType != nil:
		p.Detail = "has the wrong type: " + typeName(semantic.GoType) + " is expected"
	}
	return &DecodeError{p, false}
}

// emptyString finds a string without characters: it would be stored as if the
// field had been left out, and the client should know.
func emptyString(data []byte) error {
	if !bytes.Contains(data, []byte(`""`)) {
		return nil
	}
	for dec := jsontext.NewDecoder(bytes.NewReader(data)); ; {
		token, err := dec.ReadToken()
		if err != nil {
			return nil //nolint:nilerr // what is wrong with the JSON is said by the decoding that follows
		}
		if kind, length := dec.StackIndex(dec.StackDepth()); token.Kind() == '"' && token.String() == "" && (kind != '{' || length%2 == 0) {
			return &DecodeError{Problem{string(dec.StackPointer()), "empty", "is empty: leave it out or give null"}, false}
		}
	}
}

func asDate(e *json.SemanticError) bool {
	var parse *edtf.ParseError
	return errors.As(e.Err, &parse)
}

func typeName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return typeName(t.Elem())
	case reflect.Slice:
		return "an array"
	case reflect.Struct:
		if t == reflect.TypeFor[edtf.Date]() {
			return "a string with an EDTF date"
		}
		return "an object"
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a string"
	case reflect.Int:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	}
	return "another type"
}

func tooDeep(data []byte) bool {
	depth, inString := 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			if depth++; depth > MaxDepth {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}

// Canonical is the input in canonical form: fields in their documented order,
// references as ids, empty fields and nested records left out.
func Canonical(in Input) []byte {
	v := any(in)
	if s, ok := in.(*StatementInput); ok {
		v = s.bare()
	}
	data, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("claims: %T does not marshal: %v", in, err)) // strings are checked to be UTF-8 on the way in
	}
	return data
}

// Digest is the SHA-256 of the record's kind, id and canonical form: what the
// change record keeps of its content.
func Digest(in Input, id string) []byte {
	sum := sha256.Sum256(append([]byte(string(in.Kind())+" "+id+" "), Canonical(in)...))
	return sum[:]
}
