package formats

import (
	"errors"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"onrecord/internal/edtf"
)

// A node is an object of a JSON-LD document that uses schema.org, with or
// without prefixes. It is read as it stands: contexts are not loaded and @id
// is not followed.
type node map[string]jsontext.Value

// schemaTerm is a name of schema.org without its prefix.
func schemaTerm(s string) string {
	for _, prefix := range []string{"http://schema.org/", "https://schema.org/", "schema:"} {
		s = strings.TrimPrefix(s, prefix)
	}
	return s
}

func readNode(value jsontext.Value) (node, error) {
	var raw map[string]jsontext.Value
	if err := json.Unmarshal(value, &raw); err != nil || raw == nil {
		return nil, errors.New("is not an object")
	}
	n := node{}
	for k, v := range raw {
		term := schemaTerm(k)
		if _, twice := n[term]; twice {
			return nil, errors.New(term + " stands twice, with and without a prefix")
		}
		n[term] = v
	}
	return n, nil
}

// values are the values of a property: none, one, or those of an array.
func (n node) values(property string) []jsontext.Value {
	value := n[property]
	switch value.Kind() {
	case 0, 'n':
		return nil
	case '[':
		var list []jsontext.Value
		if err := json.Unmarshal(value, &list); err != nil {
			return nil
		}
		return list
	}
	return []jsontext.Value{value}
}

// text is the text or number of a property, "" where there is none. Of several
// it is the first.
func (n node) text(property string) string {
	for _, value := range n.values(property) {
		switch value.Kind() {
		case '"':
			var s string
			if json.Unmarshal(value, &s) == nil {
				return s
			}
		case '0':
			return string(value)
		case '{':
			if inner, err := readNode(value); err == nil {
				return inner.text("@value")
			}
		}
	}
	return ""
}

// nodes are the objects of a property. A plain text is an object of that name,
// an address one of that url.
func (n node) nodes(property string) []node {
	var list []node
	for _, value := range n.values(property) {
		if value.Kind() == '"' {
			as := "name"
			if text := (node{as: value}).text(as); webAddress(text) {
				as = "url"
			}
			list = append(list, node{as: value})
		} else if inner, err := readNode(value); err == nil {
			list = append(list, inner)
		}
	}
	return list
}

func (n node) types() []string {
	var list []string
	for _, value := range n.values("@type") {
		var s string
		if json.Unmarshal(value, &s) == nil {
			list = append(list, schemaTerm(s))
		}
	}
	return list
}

func (n node) is(types ...string) bool {
	return slices.ContainsFunc(n.types(), func(t string) bool { return slices.Contains(types, t) })
}

// published is datePublished, a day or an instant; of an instant written in a
// way that isn't known the day. The zero date where there is none.
func (n node) published() edtf.Date {
	text := strings.TrimSpace(n.text("datePublished"))
	if date, err := edtf.Parse(text); err == nil && !strings.ContainsAny(text, "/[?~%X") {
		return date
	}
	if len(text) > 10 && (text[10] == 'T' || text[10] == ' ') {
		if date, err := edtf.Parse(text[:10]); err == nil {
			return date
		}
	}
	return edtf.Date{}
}
