package api

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"onrecord/internal/store"
)

// A featureMap writes events as GeoJSON (RFC 7946): a Feature for each event
// at its places, longitude first, with the record as its properties. Behind
// them stands what a JSON list says beside its records.
type featureMap struct {
	out    *bytes.Buffer
	stream *stream
	page   store.Page // the first: it says what holds of all
	more   bool       // a feature stands already
}

func (m *featureMap) begin() error {
	m.out.WriteString(`{"type":"FeatureCollection","features":[`)
	return nil
}

func (m *featureMap) write(array []byte) error {
	return eachOf(array, func(dec *jsontext.Decoder) error {
		if m.more {
			m.out.WriteByte(',')
		}
		m.more = true
		return m.feature(dec)
	})
}

// A location is what is read of a place.
type location struct {
	Latitude, Longitude json.Number // as they are written
	Precision           json.RawMessage
}

// feature writes one event. The properties get the precision of each position
// of the geometry, which has the places alone that are located.
func (m *featureMap) feature(dec *jsontext.Decoder) error {
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	properties, id := []byte{'{'}, []byte("null")
	var located []location
	for dec.PeekKind() != '}' {
		token, err := dec.ReadToken()
		if err != nil {
			return err
		}
		name := token.String()
		value, err := dec.ReadValue()
		if err != nil {
			return err
		}
		switch name {
		case "id":
			id = bytes.Clone(value)
		case "places":
			if err := json.Unmarshal(value, &located); err != nil {
				return err
			}
			located = slices.DeleteFunc(located, func(l location) bool { return l.Latitude == "" })
		}
		if !slices.Contains(m.stream.unasked, name) {
			properties = append(append(append(strconv.AppendQuote(properties, name), ':'), value...), ',')
		}
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	var positions, precisions [][]byte
	for _, l := range located {
		positions = append(positions, []byte("["+string(l.Longitude)+","+string(l.Latitude)+"]"))
		precisions = append(precisions, l.Precision)
	}
	comma := []byte{','}
	m.out.WriteString(`{"type":"Feature","id":`)
	m.out.Write(id)
	m.out.WriteString(`,"geometry":`)
	switch len(positions) {
	case 0:
		m.out.WriteString("null")
	case 1:
		m.out.WriteString(`{"type":"Point","coordinates":` + string(positions[0]) + `}`)
	default:
		m.out.WriteString(`{"type":"MultiPoint","coordinates":[` + string(bytes.Join(positions, comma)) + `]}`)
	}
	m.out.WriteString(`,"properties":`)
	m.out.Write(properties)
	m.out.WriteString(`"precision":[` + string(bytes.Join(precisions, comma)) + `]}}`)
	return nil
}

func (m *featureMap) end() error {
	next := "null"
	if m.page.Next != "" {
		next = `"` + m.page.Next + `"`
	}
	scope, err := json.Marshal(m.stream.scope)
	if err != nil {
		return err
	}
	commit, cite := "seq:"+strconv.FormatInt(m.page.Seq, 10), []byte("null")
	if !m.stream.derived {
		if cite, err = json.Marshal(with(m.stream.address, "as_of", commit)); err != nil {
			return err
		}
	}
	m.out.WriteString(`],"next_cursor":` + next + `,"scope":` + string(scope) + `,"derived_pending":` + strconv.FormatBool(m.page.Pending) +
		`,"as_of":"` + commit + `","cite":` + string(cite) + "}\n")
	return nil
}
