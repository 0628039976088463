package claims

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"
)

// MaxLine is how many bytes one record of a stream may have.
const MaxLine = 4 << 20

// A Line is one record of an import stream.
type Line struct {
	Number int    // from 1: the line; in a JSON array the place in it
	Type   Kind   // as far as it could be read
	Key    string // likewise
	Input  Input  // nil where Err is set
	Err    error  // a *DecodeError: this record can't be read, others can
}

// A Stream reads an import stream record by record. Next answers io.EOF at the
// end; any other error means that the rest can't be read: *StreamError where it
// is the stream's fault, else what reading it gave.
type Stream interface {
	Next() (Line, error)
}

// ReadStream reads a whole stream of NDJSON. The error says which line.
func ReadStream(data []byte) ([]Input, error) {
	var inputs []Input
	for stream := NDJSON(bytes.NewReader(data)); ; {
		line, err := stream.Next()
		switch {
		case errors.Is(err, io.EOF):
			return inputs, nil
		case err != nil:
			return nil, err
		case line.Err != nil:
			return nil, fmt.Errorf("line %d: %w", line.Number, line.Err)
		}
		inputs = append(inputs, line.Input)
	}
}

// A StreamError says where a stream stops being one.
type StreamError struct {
	Line   int
	Detail string
}

func (e *StreamError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Detail) }

var errLong = fmt.Errorf("has more than %d bytes", MaxLine)

// NDJSON reads one JSON object a line, with its kind as `type`. A byte order
// mark and empty lines are passed over; lines may end with CR LF.
func NDJSON(r io.Reader) Stream { return &ndjson{r: bufio.NewReaderSize(afterBOM(r), 1<<16)} }

type ndjson struct {
	r    *bufio.Reader
	n    int
	line []byte
}

func (s *ndjson) Next() (Line, error) {
	for {
		s.n++
		s.line = s.line[:0]
		for {
			part, err := s.r.ReadSlice('\n')
			s.line = append(s.line, part...)
			if len(s.line) > MaxLine {
				return Line{}, &StreamError{s.n, errLong.Error()}
			}
			if err == nil || errors.Is(err, io.EOF) && len(s.line) > 0 {
				break
			}
			if !errors.Is(err, bufio.ErrBufferFull) {
				return Line{}, err
			}
		}
		if line := bytes.TrimSpace(s.line); len(line) > 0 {
			return readLine(s.n, line), nil
		}
	}
}

// Array reads the records of one JSON array.
func Array(r io.Reader) Stream {
	budget := &budget{r: afterBOM(r), left: MaxLine}
	return &array{budget: budget, dec: jsontext.NewDecoder(budget)}
}

type array struct {
	budget *budget
	dec    *jsontext.Decoder
	n      int
}

func (s *array) Next() (Line, error) {
	if s.n == 0 {
		if open, err := s.dec.ReadToken(); err != nil || open.Kind() != '[' {
			return Line{}, s.broken(err, "is not a JSON array")
		}
	}
	s.n++
	s.budget.left = MaxLine
	if s.dec.PeekKind() == ']' {
		if _, err := s.dec.ReadToken(); err != nil {
			return Line{}, s.broken(err, "")
		}
		if _, err := s.dec.ReadToken(); !errors.Is(err, io.EOF) {
			return Line{}, &StreamError{s.n, "something stands behind the array"}
		}
		return Line{}, io.EOF
	}
	value, err := s.dec.ReadValue()
	if err != nil {
		return Line{}, s.broken(err, "is not JSON")
	}
	return readLine(s.n, value), nil
}

func (s *array) broken(err error, detail string) error {
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, errLong):
		detail = errLong.Error()
	case errors.As(err, &syntax) && detail == "":
		detail = "is not JSON"
	case err != nil && !errors.As(err, &syntax):
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return &StreamError{max(s.n, 1), "the array does not end"}
		}
		return err
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		detail = "the array does not end"
	}
	return &StreamError{max(s.n, 1), detail}
}

// A budget bounds what is read for one record.
type budget struct {
	r    io.Reader
	left int
}

func (b *budget) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errLong
	}
	n, err := b.r.Read(p)
	b.left -= n
	return n, err
}

// readLine reads one record.
func readLine(n int, data []byte) Line {
	line := Line{Number: n}
	line.Type, line.Key, line.Err = headOf(data)
	if line.Err != nil {
		return line
	}
	in := New(line.Type)
	if in == nil {
		line.Err = &DecodeError{Problem{"/type", "unknown_value", fmt.Sprintf("%q is none of %s", cut(string(line.Type)), kindNames())}, false}
		return line
	}
	if err := Decode(data, in); err != nil {
		line.Err = err
		return line
	}
	line.Input = in
	return line
}

// headOf finds type and key without reading the whole.
func headOf(data []byte) (kind Kind, key string, err error) {
	dec := jsontext.NewDecoder(bytes.NewReader(data))
	if open, err := dec.ReadToken(); err != nil || open.Kind() != '{' {
		return "", "", &DecodeError{Problem{"", "json", "is not a JSON object"}, true}
	}
	for dec.PeekKind() == '"' && (kind == "" || key == "") {
		name, err := dec.ReadToken()
		if err != nil {
			break
		}
		field := name.String()
		if (field == "type" || field == "key") && dec.PeekKind() == '"' {
			value, err := dec.ReadToken()
			if err != nil {
				break
			}
			if field == "type" {
				kind = Kind(value.String())
			} else {
				key = value.String()
			}
			continue
		}
		if kind != "" { // the key stands in front, or it does not matter
			break
		}
		if dec.SkipValue() != nil {
			break
		}
	}
	if kind == "" {
		if !jsontext.Value(data).IsValid() {
			return "", key, &DecodeError{Problem{"", "json", "is not JSON"}, true}
		}
		return "", key, &DecodeError{Problem{"/type", "required", "is required: " + kindNames()}, false}
	}
	return kind, key, nil
}

func kindNames() string {
	names := make([]string, len(Kinds))
	for i, k := range Kinds {
		names[i] = string(k)
	}
	return strings.Join(names, ", ")
}

// CSV reads a table with a header of field names: `type` says the kind of each
// row. A reference is an id, or a key as key:namespace:name; lists and objects
// are given as JSON; an empty cell is a field left out. A byte order mark and a
// first line sep= are understood.
func CSV(r io.Reader) Stream {
	b := &budget{r: afterBOM(r), left: MaxLine}
	return &table{budget: b, buffered: bufio.NewReaderSize(b, 1<<16)}
}

type table struct {
	budget   *budget
	buffered *bufio.Reader
	csv      *csv.Reader
	header   []string
	before   int // lines in front of the header
	line     int // of the last record
}

func (s *table) Next() (Line, error) {
	if s.csv == nil {
		if err := s.open(); err != nil {
			return Line{}, err
		}
	}
	s.budget.left = MaxLine
	row, err := s.csv.Read()
	if len(row) > 0 {
		s.line, _ = s.csv.FieldPos(0)
		s.line += s.before
	}
	n := s.line
	switch {
	case errors.Is(err, csv.ErrFieldCount):
		return Line{Number: n, Err: &DecodeError{Problem{"", "columns", fmt.Sprintf("has %d cells, the header has %d", len(row), len(s.header))}, true}}, nil
	case err != nil:
		return Line{}, s.broken(err)
	}
	kind := ""
	for i, name := range s.header {
		if name == "type" {
			kind = strings.ToValidUTF8(row[i], "")
		}
	}
	data, err := cells(Kind(kind), s.header, row)
	if err != nil {
		return Line{Number: n, Type: Kind(kind), Err: err}, nil
	}
	return readLine(n, data), nil
}

func (s *table) open() error {
	comma := ','
	if first, _ := s.buffered.Peek(6); len(first) >= 5 && strings.EqualFold(string(first[:4]), "sep=") {
		comma = rune(first[4])
		if _, err := s.buffered.ReadString('\n'); errors.Is(err, io.EOF) {
			return &StreamError{1, "has no header"}
		} else if err != nil {
			return s.broken(err)
		}
		s.before = 1
	}
	s.csv = csv.NewReader(&breaks{from: s.buffered})
	s.csv.Comma = comma
	header, err := s.csv.Read()
	if err != nil {
		if errors.Is(err, io.EOF) {
			return &StreamError{1, "has no header"}
		}
		return s.broken(err)
	}
	seen := map[string]bool{}
	for _, name := range header {
		if strings.ContainsFunc(name, func(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }) {
			return &StreamError{1 + s.before, "the header has a control character: end lines with LF or CR LF"}
		}
		if seen[name] || name == "" {
			return &StreamError{1 + s.before, fmt.Sprintf("the header names %q twice, or not at all", cut(name))}
		}
		seen[name] = true
	}
	if !seen["type"] {
		return &StreamError{1 + s.before, "the header has no column type"}
	}
	s.header, s.line = header, 1+s.before
	return nil
}

// breaks keeps CR LF within cells, which csv.Reader makes LF by taking the last
// CR of a line: there has to be one more.
type breaks struct {
	from   *bufio.Reader
	quoted bool
	more   bool // a CR comes once more
}

func (b *breaks) Read(p []byte) (n int, err error) {
	for n < len(p) && (n == 0 || b.more || b.from.Buffered() > 0) {
		c := byte('\r')
		if b.more {
			b.more = false
		} else if c, err = b.from.ReadByte(); err != nil {
			return n, err
		} else if c == '"' {
			b.quoted = !b.quoted
		} else if c == '\r' && b.quoted {
			next, _ := b.from.Peek(1)
			b.more = string(next) == "\n"
		}
		p[n] = c
		n++
	}
	return n, nil
}

func (s *table) broken(err error) error {
	var parse *csv.ParseError
	switch {
	case errors.As(err, &parse):
		return &StreamError{parse.Line + s.before, parse.Err.Error()}
	case errors.Is(err, errLong):
		return &StreamError{s.line + 1, errLong.Error()}
	}
	return err
}

// afterBOM passes over a byte order mark.
func afterBOM(r io.Reader) io.Reader {
	b := bufio.NewReaderSize(r, 1<<16)
	if mark, _ := b.Peek(3); string(mark) == "\ufeff" {
		_, _ = b.Discard(3) // it has just been peeked at
	}
	return b
}

// Inputs is a stream of records at hand, numbered from 1.
func Inputs(list []Input) Stream { return &inputs{list: list} }

type inputs struct {
	list []Input
	n    int
}

func (s *inputs) Next() (Line, error) {
	if s.n == len(s.list) {
		return Line{}, io.EOF
	}
	s.n++
	in := s.list[s.n-1]
	return Line{Number: s.n, Type: in.Kind(), Key: in.Head().Key, Input: in}, nil
}
