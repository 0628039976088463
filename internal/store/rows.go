package store

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"math"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// This file turns what the database sends into JSON without going through
// structs: the columns of a query are the members of the record, each appended
// by a function for its type. It is several times faster than structs and an
// encoder, and the SELECT list is the contract.

// An appender adds a value that is not null, in the format that the driver asks
// for: text for text and json, which is the same as binary, binary for the rest.
type appender func(dst, raw []byte) []byte

// appenderOf is the appender of a field's column.
func appenderOf(f field, column pgconn.FieldDescription) (appender, error) {
	switch column.DataTypeOID {
	case pgtype.RecordOID:
		return f.record(), nil
	case pgtype.RecordArrayOID:
		return listOf(f.record()), nil
	case pgtype.TextArrayOID:
		return listOf(appendString), nil
	}
	a, ok := appenders[column.DataTypeOID]
	if !ok {
		return nil, fmt.Errorf("store: column %s has type %d, which no appender knows", column.Name, column.DataTypeOID)
	}
	return a, nil
}

var appenders = map[uint32]appender{
	pgtype.TextOID:        appendString,
	pgtype.VarcharOID:     appendString,
	pgtype.UUIDOID:        appendUUID,
	pgtype.BoolOID:        appendBool,
	pgtype.Int4OID:        appendInt4,
	pgtype.Int8OID:        appendInt8,
	pgtype.Float8OID:      appendFloat8,
	pgtype.DateOID:        appendDate,
	pgtype.TimestamptzOID: appendTime,
	pgtype.JSONOID:        appendJSON,
}

func appendString(dst, raw []byte) []byte {
	dst, err := jsontext.AppendQuote(dst, raw)
	if err != nil {
		panic("store: the database sent invalid UTF-8") // a UTF8 database never does
	}
	return dst
}

// appendJSON leaves out the line feeds that json_agg puts between values, so that
// a record is a line.
func appendJSON(dst, raw []byte) []byte {
	for part := range bytes.SplitSeq(raw, []byte("\n")) {
		dst = append(dst, part...)
	}
	return dst
}

func appendUUID(dst, raw []byte) []byte {
	var text [36]byte
	hex.Encode(text[:8], raw[:4])
	hex.Encode(text[9:13], raw[4:6])
	hex.Encode(text[14:18], raw[6:8])
	hex.Encode(text[19:23], raw[8:10])
	hex.Encode(text[24:], raw[10:])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return append(append(append(dst, '"'), text[:]...), '"')
}

func appendBool(dst, raw []byte) []byte { return strconv.AppendBool(dst, raw[0] != 0) }

func appendInt4(dst, raw []byte) []byte {
	return strconv.AppendInt(dst, int64(int32(binary.BigEndian.Uint32(raw))), 10)
}

func appendInt8(dst, raw []byte) []byte {
	return strconv.AppendInt(dst, int64(binary.BigEndian.Uint64(raw)), 10)
}

func appendFloat8(dst, raw []byte) []byte {
	return jsontext.AppendFloat(dst, math.Float64frombits(binary.BigEndian.Uint64(raw)), 64)
}

// epoch is PostgreSQL's: days and microseconds count from here.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// appendDate writes a day; an infinite one, which bounds nothing, is null, and
// so is the first of the year 10000, the end of what dates can say.
func appendDate(dst, raw []byte) []byte {
	days := int32(binary.BigEndian.Uint32(raw))
	if days == math.MaxInt32 || days == math.MinInt32 {
		return append(dst, "null"...)
	}
	day := epoch.AddDate(0, 0, int(days))
	if day.Year() > 9999 {
		return append(dst, "null"...)
	}
	return append(day.AppendFormat(append(dst, '"'), time.DateOnly), '"')
}

func appendTime(dst, raw []byte) []byte {
	micros := int64(binary.BigEndian.Uint64(raw))
	t := time.UnixMicro(epoch.UnixMicro() + micros).UTC()
	return append(t.AppendFormat(append(dst, '"'), "2006-01-02T15:04:05.999999Z07:00"), '"')
}

// listOf writes a one-dimensional array.
func listOf(each appender) appender {
	return func(dst, raw []byte) []byte {
		dst = append(dst, '[')
		if binary.BigEndian.Uint32(raw) > 0 { // dimensions
			n := binary.BigEndian.Uint32(raw[12:])
			for rest := raw[20:]; n > 0; n-- {
				dst, rest = appendSized(dst, rest, each)
				if n > 1 {
					dst = append(dst, ',')
				}
			}
		}
		return append(dst, ']')
	}
}

// appendSized writes the value at the front, which follows its size, and
// returns what is behind it.
func appendSized(dst, raw []byte, each appender) (out, rest []byte) {
	size := int32(binary.BigEndian.Uint32(raw))
	if size < 0 {
		return append(dst, "null"...), raw[4:]
	}
	return each(dst, raw[4:4+size]), raw[4+size:]
}

// record writes a row of the field's members as an object.
func (f *field) record() appender {
	names := make([][]byte, len(f.members))
	for i, name := range f.members {
		names[i] = memberName(name, i)
	}
	return func(dst, raw []byte) []byte {
		dst, raw = append(dst, '{'), raw[4:] // how many they are
		for _, name := range names {
			dst = append(dst, name...)
			dst, raw = appendSized(dst, raw[4:], within[binary.BigEndian.Uint32(raw)])
		}
		return append(dst, '}')
	}
}

// within are the appenders of values in a record, which are all binary.
var within = func() map[uint32]appender {
	all := maps.Clone(appenders)
	all[pgtype.JSONBOID] = func(dst, raw []byte) []byte { return append(dst, raw[1:]...) } // behind its version
	return all
}()

// A shape is the members of a record in the order of a query's columns.
type shape struct {
	names     [][]byte // `"name":`, with a comma before all but the first
	appenders []appender
}

// shapeOf pairs the fields with the query's columns, which follow the first
// skip ones.
func shapeOf(fields []field, columns []pgconn.FieldDescription, skip int) (shape, error) {
	var s shape
	if len(columns) < skip+len(fields) {
		return s, fmt.Errorf("store: the query has %d columns for %d fields", len(columns), skip+len(fields))
	}
	before := 0
	for i, f := range fields {
		a, err := appenderOf(f, columns[skip+i])
		if err != nil {
			return s, err
		}
		name := memberName(f.name, before)
		if !f.hidden {
			before++
		}
		s.names, s.appenders = append(s.names, name), append(s.appenders, a)
	}
	return s, nil
}

// memberName is the name with a colon, and a comma before all but the first.
func memberName(name string, i int) []byte {
	quoted := append(strconv.AppendQuote(nil, name), ':')
	if i > 0 {
		return append([]byte{','}, quoted...)
	}
	return quoted
}

// append adds a row as an object without its closing brace.
func (s *shape) append(dst []byte, values [][]byte) []byte {
	dst = append(dst, '{')
	for i, raw := range values {
		dst = s.member(dst, i, raw)
	}
	return dst
}

func (s *shape) member(dst []byte, i int, raw []byte) []byte {
	dst = append(dst, s.names[i]...)
	if raw == nil {
		return append(dst, "null"...)
	}
	return s.appenders[i](dst, raw)
}
