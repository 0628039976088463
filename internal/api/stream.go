package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/go-json-experiment/json/jsontext"

	"onrecord"
	"onrecord/internal/store"
)

// A stream is an answer that has all records, or those of one page, in a form
// other than JSON.
type stream struct {
	form    store.Form
	columns columns
	unasked []string // members that are read but not shown
	scope   map[string]string
	derived bool
	address *url.URL // with the form in it
}

// listing is the stream of a list.
func listing(r *http.Request, q *store.Query) stream {
	return stream{q.Form, columnsOf(q.Columns()), q.Unasked, q.Scope, q.Derived, formed(r.URL, q.Format)}
}

// formed is the address with the form in it, which Accept may have chosen.
func formed(u *url.URL, format string) *url.URL {
	q := u.Query()
	q.Set("format", format)
	return &url.URL{Path: u.Path, RawPath: u.RawPath, RawQuery: q.Encode()}
}

// A layout writes records, given as arrays of JSON, in a form.
type layout interface {
	begin() error
	write(array []byte) error
	end() error
}

func (s *stream) layout(out *bytes.Buffer, page store.Page) layout {
	switch s.form.Format {
	case "csv":
		return newTable(out, s.columns, s.form.Excel)
	case "geojson":
		return &featureMap{out: out, stream: s, page: page}
	}
	return lines{out}
}

// A patient writer waits for a client that reads slowly, and cuts one that
// takes nothing for a while: a stream holds a snapshot of the database.
type patient struct {
	w       http.ResponseWriter
	control *http.ResponseController
	stalled time.Duration
}

func (s *Server) patiently(w http.ResponseWriter) patient {
	return patient{w, http.NewResponseController(w), s.config.Stalled}
}

// Write writes in pieces that a slow client takes in time, and sees them off.
func (p patient) Write(data []byte) (int, error) {
	const piece = 64 << 10
	n := 0
	for n < len(data) {
		_ = p.control.SetWriteDeadline(time.Now().Add(p.stalled)) // not every writer knows deadlines
		m, err := p.w.Write(data[n:min(n+piece, len(data))])
		if n += m; err != nil {
			return n, err
		}
	}
	return n, p.control.Flush()
}

// stream answers with the pages that each hands on. One that fails midway ends
// the connection abnormally, so that half is never taken for the whole.
func (s *Server) stream(w http.ResponseWriter, r *http.Request, a stream, each func(emit func(store.Page) error) error) error {
	if p, ok := w.(*sheet); ok {
		r = p.request // its condition too: a stream is not kept
	}
	to := s.patiently(w)
	var out bytes.Buffer
	var form layout
	done := false
	err := each(func(page store.Page) error {
		if form == nil {
			form = a.layout(&out, page)
			if done = a.head(w, r, page); done {
				return errDone
			}
			if err := form.begin(); err != nil {
				return err
			}
		}
		if err := form.write(page.Records); err != nil {
			return err
		}
		_, err := out.WriteTo(to)
		return err
	})
	switch {
	case done:
		return nil
	case err != nil && form == nil:
		return parameterError{err}
	case err == nil:
		if err = form.end(); err == nil {
			_, err = out.WriteTo(to)
		}
	}
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	return nil
}

// errDone ends a stream of which nothing more is wanted.
var errDone = errors.New("api: nothing more is wanted")

// head sets the headers, and reports whether they are all of the answer: to
// HEAD, and where the client has it.
func (s *stream) head(w http.ResponseWriter, r *http.Request, page store.Page) bool {
	s.tell(w, page.Seq, page.Pending)
	if page.Next != "" {
		w.Header().Add("Link", "<"+with(s.address, "cursor", page.Next)+`>; rel="next"`)
	}
	if !s.derived {
		w.Header().Add("Link", "<"+with(s.address, "as_of", "seq:"+strconv.FormatInt(page.Seq, 10))+`>; rel="cite-as"`)
	}
	kind := media[s.form.Format]
	if page.Pending { // derived values may change before the next commit
		w.Header().Add("Vary", "Accept, Authorization, X-API-Key")
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Content-Type", kind)
	} else if fresh(w, conditional(r), kind, s.tag(page.Seq)) {
		return true
	}
	if r.Method == http.MethodHead {
		w.WriteHeader(http.StatusOK)
	}
	return r.Method == http.MethodHead
}

// tell says in headers what JSON says beside the records.
func (s *stream) tell(w http.ResponseWriter, seq int64, pending bool) {
	h := w.Header()
	h.Set("X-Seq", strconv.FormatInt(seq, 10))
	h.Set("X-Scope", inHeader(s.scope))
	tellPending(w, pending)
}

// tellPending says whether derived values that the answer shows, or hangs on, may
// wait to be computed. Where that ends the answer may be the same, and its
// validator: a 304 then tells that it has ended.
func tellPending(w http.ResponseWriter, pending bool) {
	w.Header().Set("X-Derived-Pending", strconv.FormatBool(pending))
}

// tag is the validator of a stream, which is sent before its end is known: it
// names the question, the commit it is answered at, and the program's contract.
func (s *stream) tag(seq int64) string {
	question := s.address.Path + "?" + s.address.RawQuery + inHeader(s.scope)
	return `"` + strconv.FormatInt(seq, 36) + "." + hash(append([]byte(question), contractHash...)) + `"`
}

var contractHash = hash(onrecord.OpenAPI)

// inHeader is a value as JSON in ASCII.
func inHeader(v any) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return "null" // never: maps of text and numbers
	}
	var ascii []byte
	for _, c := range strings.TrimSuffix(out.String(), "\n") {
		if c < 0x7f {
			ascii = append(ascii, byte(c))
			continue
		}
		for _, unit := range utf16.AppendRune(nil, c) {
			ascii = fmt.Appendf(ascii, `\u%04x`, unit)
		}
	}
	return string(ascii)
}

// lines writes a record a line.
type lines struct{ out *bytes.Buffer }

func (lines) begin() error { return nil }
func (lines) end() error   { return nil }

func (l lines) write(array []byte) error {
	return eachOf(array, func(dec *jsontext.Decoder) error {
		record, err := dec.ReadValue()
		l.out.Write(record)
		l.out.WriteByte('\n')
		return err
	})
}

// eachOf reads the elements of an array of objects.
func eachOf(array []byte, read func(dec *jsontext.Decoder) error) error {
	dec := jsontext.NewDecoder(bytes.NewReader(array))
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() == '{' {
		if err := read(dec); err != nil {
			return err
		}
	}
	return nil
}
