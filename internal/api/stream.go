package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"onrecord/internal/claims"
	"onrecord/internal/store"
)

// media are the types of the formats that stream.
var media = map[string]string{"csv": "text/csv; charset=utf-8", "ndjson": "application/x-ndjson"}

// accepted is the format that the Accept header asks for, if it asks for one
// that streams.
func accepted(r *http.Request) string {
	for _, header := range r.Header.Values("Accept") {
		for part := range strings.SplitSeq(header, ",") {
			switch kind, _, _ := strings.Cut(strings.TrimSpace(part), ";"); strings.ToLower(kind) {
			case "text/csv":
				return "csv"
			case "application/x-ndjson", "application/ndjson", "application/jsonl":
				return "ndjson"
			case "application/json", "*/*", "application/*":
				return ""
			}
		}
	}
	return ""
}

// errEnough ends a stream of which only the headers are wanted.
var errEnough = errors.New("api: the headers are enough")

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

// Write writes in pieces that a slow client takes in time.
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
	return n, nil
}

// stream answers a list with all its records as CSV or NDJSON. One that fails
// midway ends the connection abnormally, so that half is never taken for the
// whole.
func (s *Server) stream(w http.ResponseWriter, r *http.Request, kind claims.Kind, q store.Query) error {
	scope, err := json.Marshal(q.Scope)
	if err != nil {
		return err
	}
	to := s.patiently(w)
	begin := func(page store.Page) {
		h := w.Header()
		h.Set("Content-Type", media[q.Format])
		h.Set("Cache-Control", "no-store")
		h.Set("Vary", "Accept, Authorization, X-API-Key")
		h.Set("X-Seq", strconv.FormatInt(page.Seq, 10))
		h.Set("X-Scope", string(scope))
		h.Set("X-Derived-Pending", strconv.FormatBool(page.Pending))
	}
	var out bytes.Buffer
	var table *tabulator
	begun := false
	err = s.store.Each(r.Context(), q, func(page store.Page) error {
		if !begun {
			begun = true
			begin(page)
			if q.Format == "csv" {
				var err error
				if table, err = newTabulator(&out, store.Columns(kind), q.Excel); err != nil {
					return err
				}
			}
		}
		if r.Method == http.MethodHead {
			return errEnough
		}
		if err := appendPage(&out, table, page.Records); err != nil {
			return err
		}
		_, err := out.WriteTo(to)
		return err
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	if err != nil && begun {
		panic(http.ErrAbortHandler)
	}
	if err != nil {
		return parameterError{err}
	}
	return nil
}

// appendPage writes the records of a JSON array as lines, or as rows of a
// table.
func appendPage(out *bytes.Buffer, table *tabulator, records []byte) error {
	if table != nil {
		return table.write(records)
	}
	dec := jsontext.NewDecoder(bytes.NewReader(records))
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() == '{' {
		record, err := dec.ReadValue()
		if err != nil {
			return err
		}
		out.Write(record)
		out.WriteByte('\n')
	}
	return nil
}
