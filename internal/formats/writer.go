package formats

import (
	"bufio"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"onrecord/internal/claims"
)

// A Writer writes records as an import stream. No line leaves it that an
// import would refuse for its form: each is read back and checked as an import
// does it. It remembers some 50 bytes for each record, to know it again.
type Writer struct {
	w       *bufio.Writer
	lines   int
	kinds   map[claims.Kind]int
	written map[digest]digest // by id: the line
}

type digest [16]byte

func digestOf(data []byte) digest {
	sum := sha256.Sum256(data)
	return digest(sum[:16])
}

// NewWriter writes to w, with a buffer.
func NewWriter(w io.Writer) *Writer {
	return &Writer{w: bufio.NewWriter(w), kinds: map[claims.Kind]int{}, written: map[digest]digest{}}
}

// A RecordError says why a record can't stand in an import stream.
type RecordError struct {
	Kind     claims.Kind
	Key      string
	Problems []claims.Problem
}

func (e *RecordError) Error() string {
	problems := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		problems[i] = strings.TrimSpace(p.Pointer + " " + p.Detail)
	}
	return fmt.Sprintf("the %s %q can't be written: %s", e.Kind, e.Key, strings.Join(problems, "; "))
}

// referencesAsKeys keeps the keys that people can read where the inputs
// themselves would write the ids that follow from them.
var referencesAsKeys = json.WithMarshalers(json.MarshalToFunc(func(enc *jsontext.Encoder, r claims.Ref) error {
	if r.Key() == "" {
		return errors.ErrUnsupported
	}
	for _, token := range []jsontext.Token{jsontext.BeginObject, jsontext.String("key"), jsontext.String(r.Key()), jsontext.EndObject} {
		if err := enc.WriteToken(token); err != nil {
			return err
		}
	}
	return nil
}))

// Put writes the records in the order given, all or none: it is a *RecordError
// if one of them can't be imported or its key stands for another record
// already. A record that was written before, word for word, is passed over.
func (w *Writer) Put(records ...claims.Input) error {
	type line struct {
		data   []byte
		kinds  []claims.Kind
		id     digest
		digest digest
	}
	var lines []line
	batch := map[digest]digest{}
	for _, in := range records {
		in.Head().Type = in.Kind()
		data, err := json.Marshal(in, referencesAsKeys)
		if err != nil {
			return &RecordError{in.Kind(), in.Head().Key, []claims.Problem{{Code: "json", Detail: err.Error()}}}
		}
		id := claims.GivenID(in)
		if id == "" {
			return &RecordError{in.Kind(), "", []claims.Problem{{Pointer: "/key", Code: "required", Detail: "is required"}}}
		}
		l := line{data: data, id: digestOf([]byte(id)), digest: digestOf(data)}
		before, found := w.written[l.id]
		if !found {
			before, found = batch[l.id]
		}
		if found && before == l.digest {
			continue
		}
		if found {
			return &RecordError{in.Kind(), in.Head().Key, []claims.Problem{{Pointer: "/key", Code: "duplicate", Detail: "stands for another record already"}}}
		}
		if l.kinds, err = verify(data); err != nil {
			return err
		}
		batch[l.id] = l.digest
		lines = append(lines, l)
	}
	for _, l := range lines {
		if _, err := w.w.Write(append(l.data, '\n')); err != nil {
			return err
		}
		w.lines++
		w.written[l.id] = l.digest
		for _, kind := range l.kinds {
			w.kinds[kind]++
		}
	}
	return nil
}

// verify reads a line as an import does and lists the kinds of the records in
// it.
func verify(data []byte) ([]claims.Kind, error) {
	in, err := readRecord(data)
	if err != nil {
		return nil, &RecordError{Problems: []claims.Problem{{Code: "json", Detail: err.Error()}}}
	}
	var check claims.Check
	in.Check(&check)
	if len(check.Problems) > 0 {
		return nil, &RecordError{in.Kind(), in.Head().Key, check.Problems}
	}
	kinds := []claims.Kind{in.Kind()}
	for _, nested := range in.Nested(claims.GivenID(in)) {
		kinds = append(kinds, nested.Kind())
	}
	return kinds, nil
}

// Has reports whether a record of the key was written.
func (w *Writer) Has(key string) bool {
	_, found := w.written[digestOf([]byte(claims.ID(key)))]
	return found
}

// Flush writes what is still in the buffer.
func (w *Writer) Flush() error { return w.w.Flush() }

func (w *Writer) counts() []Count {
	var counts []Count
	for _, kind := range claims.Kinds {
		if n := w.kinds[kind]; n > 0 {
			counts = append(counts, Count{string(kind), n})
		}
	}
	return counts
}
