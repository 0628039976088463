package api

import (
	"bytes"
	"encoding/json"
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

// stream answers a list with all its records as CSV or NDJSON. One that fails
// midway ends the connection abnormally, so that half is never taken for the
// whole.
func (s *Server) stream(w http.ResponseWriter, r *http.Request, kind claims.Kind, q store.Query) error {
	scope, err := json.Marshal(q.Scope)
	if err != nil {
		return err
	}
	control := http.NewResponseController(w)
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
		if err := appendPage(&out, table, page.Records); err != nil || r.Method == http.MethodHead {
			return err
		}
		_ = control.SetWriteDeadline(time.Now().Add(patience)) // not every writer knows deadlines
		_, err := out.WriteTo(w)
		return err
	})
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
