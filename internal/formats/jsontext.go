package formats

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// An element is one value inside a JSON document, with where it begins.
type element struct {
	at    place
	value jsontext.Value
}

// A document is a JSON file whose elements are read one after the other.
type document struct {
	text *text
	dec  *jsontext.Decoder
}

func openDocument(src Source) (*document, error) {
	t, err := openText(src, false)
	if err != nil {
		return nil, err
	}
	return &document{t, jsontext.NewDecoder(t)}, nil
}

func (d *document) Close() error { return d.text.Close() }

// here is where the decoder stands.
func (d *document) here() place { return d.text.at(d.dec.InputOffset()) }

// fault says where the JSON is broken. A file that was cut off is one that
// ends in the middle of a value.
func (d *document) fault(err error) error {
	var syntax *jsontext.SyntacticError
	switch {
	case err == nil:
		return nil
	case d.text.fault != nil:
		return d.text.fault
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		return place{d.text.name, d.text.line}.fault("", "ends in the middle of a value: cut off?")
	case errors.As(err, &syntax):
		reason := "is not JSON: " + strings.TrimPrefix(syntax.Error(), "jsontext: ")
		if errors.Is(err, jsontext.ErrDuplicateName) {
			reason = "the name stands twice in one object"
		}
		return d.text.at(max(syntax.ByteOffset, d.dec.InputOffset())).fault(string(syntax.JSONPointer), reason)
	}
	return err
}

// open reads the token that begins an array or an object.
func (d *document) open(kind jsontext.Kind, what string) error {
	if d.dec.PeekKind() != kind {
		if _, err := d.dec.ReadToken(); err != nil {
			return d.fault(err)
		}
		return d.here().fault("", "is not "+what)
	}
	_, err := d.dec.ReadToken()
	return d.fault(err)
}

// elements calls do for each element of the array that comes next.
func (d *document) elements(do func(element) error) error {
	if err := d.open('[', "an array"); err != nil {
		return err
	}
	for d.dec.PeekKind() != ']' {
		e, err := d.element()
		if err != nil {
			return err
		}
		if err := do(e); err != nil {
			return err
		}
	}
	_, err := d.dec.ReadToken()
	return d.fault(err)
}

func (d *document) element() (element, error) {
	value, err := d.dec.ReadValue()
	if err != nil {
		return element{}, d.fault(err)
	}
	return element{d.text.at(d.dec.InputOffset() - int64(len(value)) + 1), value}, nil
}

// members calls do for each member of the object that comes next. It has to
// read the member's value.
func (d *document) members(do func(name string) error) error {
	if err := d.open('{', "an object"); err != nil {
		return err
	}
	for d.dec.PeekKind() != '}' {
		token, err := d.dec.ReadToken()
		if err != nil {
			return d.fault(err)
		}
		if err := do(token.String()); err != nil {
			return err
		}
	}
	_, err := d.dec.ReadToken()
	return d.fault(err)
}

// end reports what stands after the document.
func (d *document) end() error {
	if _, err := d.dec.ReadToken(); errors.Is(err, io.EOF) {
		return nil
	} else if err != nil && d.text.fault != nil {
		return d.text.fault
	}
	return d.here().fault("", "stands after the end of the document")
}

// decode reads the element into v. Members that v doesn't know are errors
// unless it has a place for the rest.
func (e element) decode(v any) error {
	err := json.Unmarshal(e.value, v, json.RejectUnknownMembers(true))
	var semantic *json.SemanticError
	if !errors.As(err, &semantic) {
		return err
	}
	reason := "has the wrong type"
	switch {
	case errors.Is(err, json.ErrUnknownName):
		reason = "is not a field of this format"
	case semantic.GoType != nil:
		reason = fmt.Sprintf("is a JSON %s, which can't be read as %s", semantic.JSONKind, semantic.GoType)
	}
	at := e.at
	at.line += bytes.Count(e.value[:min(semantic.ByteOffset, int64(len(e.value)))], []byte("\n"))
	return at.fault(string(semantic.JSONPointer), reason)
}
