package api

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/klauspost/compress/zstd"

	"onrecord/internal/claims"
	"onrecord/internal/store"
)

// patience is how long an import may send nothing.
const patience = time.Minute

// postImport answers POST on imports: a stream of records in, a report out.
func (s *Server) postImport(w http.ResponseWriter, r *http.Request) error {
	options, err := importOptions(r)
	if err != nil {
		return err
	}
	intent, err := intentOf(r)
	if err != nil {
		return err
	}
	body := &upload{body: r.Body, control: http.NewResponseController(w), left: s.config.MaxImport, sum: sha256.New()}
	key, err := idempotencyKey(r)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(body.sum, "%s\n%s\n", r.Header.Get("Content-Type"), r.URL.Query().Encode()) // before the stream, which begins to read
	stream, done, err := openStream(r, body)
	if err != nil {
		return err
	}
	defer done()
	if key != "" {
		intent.Idempotency = &store.Idempotency{Route: "POST /v1/imports", Key: key}
		stream = &atEnd{stream, func() { intent.Idempotency.Request = body.sum.Sum(nil) }}
	}
	_ = body.control.SetWriteDeadline(time.Time{}) // writing takes as long as it takes; not every writer knows deadlines
	if prefers(r, "respond-async") {
		w.Header().Set("Preference-Applied", "respond-async")
		options.Async = true
	}
	report, err := s.store.Import(r.Context(), intent, options, stream)
	if body.left < 0 {
		err = refuse("too_large", fmt.Sprintf("an import has at most %d bytes, uncompressed: split it", s.config.MaxImport))
	}
	if err != nil {
		return &importFailure{err, report}
	}
	status := http.StatusCreated
	switch {
	case report.Replayed:
		w.Header().Set("Idempotency-Replayed", "true")
	case report.State == "queued" || report.State == "running":
		status = http.StatusAccepted
	case report.DryRun && report.Failed == 0:
		status = http.StatusOK
	}
	if report.Failed > 0 {
		status = http.StatusMultiStatus
	}
	w.Header().Set("Location", "/v1/imports/"+report.ID)
	return writeReport(w, r, status, report)
}

func writeReport(w http.ResponseWriter, r *http.Request, status int, report *store.Import) error {
	if report.Seq != nil {
		w.Header().Set("X-Seq", strconv.FormatInt(*report.Seq, 10))
	}
	body, err := json.Marshal(report)
	if err != nil {
		return err
	}
	return write(w, r, status, `"`+hash(body)+`"`, append(body, '\n'))
}

// An importFailure is an import that wrote nothing, with its report.
type importFailure struct {
	error
	report *store.Import
}

func (e *importFailure) Unwrap() error { return e.error }

// importOptions reads the query of an import.
func importOptions(r *http.Request) (store.ImportOptions, error) {
	var o store.ImportOptions
	given, err := queryOf(r)
	if err != nil {
		return o, err
	}
	var problems []claims.Problem
	bad := func(name, code, detail string) {
		problems = append(problems, claims.Problem{Pointer: name, Code: code, Detail: detail})
	}
	for name, values := range given {
		value := values[0]
		choice := func(to *string, of []string) {
			if *to = value; !slices.Contains(of, value) {
				bad(name, "unknown_value", "is one of "+strings.Join(of, ", "))
			}
		}
		if len(values) > 1 {
			bad(name, "repeated", "is given more than once")
			continue
		}
		switch name {
		case "mode":
			choice(&o.Mode, store.Modes)
		case "on_error":
			choice(&o.OnError, store.OnErrors)
		case "on_conflict":
			choice(&o.OnConflict, store.OnConflicts)
		case "duplicates":
			choice(&o.Duplicates, store.DuplicateChoices)
		case "dry_run":
			var answer string
			choice(&answer, []string{"true", "false"})
			o.DryRun = answer == "true"
		case "max_errors":
			if o.MaxErrors, err = strconv.Atoi(value); err != nil || o.MaxErrors < 1 || o.MaxErrors > 1_000_000 {
				bad(name, "range", "is a whole number from 1 to 1000000")
			}
		default:
			bad(name, "unknown_parameter", "is no parameter of imports; they are mode, on_error, on_conflict, dry_run, max_errors, duplicates")
		}
	}
	if problems != nil {
		slices.SortFunc(problems, func(a, b claims.Problem) int { return strings.Compare(a.Pointer, b.Pointer) })
		return o, badParameters(problems...)
	}
	return o, nil
}

// openStream reads the body as its headers say it is.
func openStream(r *http.Request, body *upload) (claims.Stream, func(), error) {
	done := func() {}
	var plain io.Reader
	switch encoding := strings.ToLower(strings.Join(r.Header.Values("Content-Encoding"), ",")); encoding {
	case "", "identity":
		plain = body
	case "gzip":
		plain = &late{open: func() (io.Reader, error) { return gzip.NewReader(body) }}
	case "zstd":
		dec, err := zstd.NewReader(body, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(64<<20))
		if err != nil {
			return nil, done, err
		}
		plain, done = dec, dec.Close
	default:
		return nil, done, refuse("unsupported_media_type", "Content-Encoding is gzip, zstd or none")
	}
	plain = &measured{plain, body}
	media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if charset := params["charset"]; err != nil || len(r.Header.Values("Content-Type")) != 1 || charset != "" && !strings.EqualFold(charset, "utf-8") {
		media = ""
	}
	switch media {
	case "application/x-ndjson", "application/ndjson", "application/jsonl":
		return claims.NDJSON(plain), done, nil
	case "application/json":
		return claims.Array(plain), done, nil
	case "text/csv":
		return claims.CSV(plain), done, nil
	}
	done()
	return nil, func() {}, refuse("unsupported_media_type", "send application/x-ndjson, application/json or text/csv in UTF-8")
}

// An upload is a body that may take long, as long as something comes; left
// counts down what may be read of it, uncompressed.
type upload struct {
	body    io.Reader
	control *http.ResponseController
	left    int64
	sum     interface {
		io.Writer
		Sum([]byte) []byte
	}
}

func (u *upload) Read(p []byte) (int, error) {
	_ = u.control.SetReadDeadline(time.Now().Add(patience)) // not every writer knows deadlines
	n, err := u.body.Read(p)
	_, _ = u.sum.Write(p[:n]) // a hash takes everything
	return n, err
}

// measured counts what a stream has uncompressed.
type measured struct {
	io.Reader
	upload *upload
}

var errTooLarge = errors.New("api: the import is too large")

func (m *measured) Read(p []byte) (int, error) {
	n, err := m.Reader.Read(p)
	if m.upload.left -= int64(n); m.upload.left < 0 {
		return 0, errTooLarge
	}
	return n, err
}

// late opens a reader when it is first read, since opening reads.
type late struct {
	open   func() (io.Reader, error)
	reader io.Reader
	err    error
}

func (l *late) Read(p []byte) (int, error) {
	if l.reader == nil && l.err == nil {
		if l.reader, l.err = l.open(); errors.Is(l.err, io.EOF) {
			l.err = io.ErrUnexpectedEOF // nothing is not compressed
		}
	}
	if l.err != nil {
		return 0, l.err
	}
	return l.reader.Read(p)
}

// atEnd is a stream that does something when it is over.
type atEnd struct {
	claims.Stream
	do func()
}

func (s *atEnd) Next() (claims.Line, error) {
	line, err := s.Stream.Next()
	if errors.Is(err, io.EOF) {
		s.do()
	}
	return line, err
}

// getImport answers GET on an import, listImports on all of them.
func (s *Server) getImport(w http.ResponseWriter, r *http.Request) error {
	if err := noQuery(r); err != nil {
		return err
	}
	report, err := s.store.ReadImport(r.Context(), pathID(r))
	if err != nil {
		return err
	}
	return writeReport(w, r, http.StatusOK, report)
}

func (s *Server) listImports(w http.ResponseWriter, r *http.Request) error {
	given, err := queryOf(r)
	if err != nil {
		return err
	}
	limit := 50
	if err := onlyOnce(given, "limit", "cursor"); err != nil {
		return err
	}
	if given.Has("limit") {
		if limit, err = strconv.Atoi(given.Get("limit")); err != nil || limit < 1 || limit > 1000 {
			return badParameter("limit", "range", "is a whole number from 1 to 1000")
		}
	}
	before := given.Get("cursor")
	if _, err := uuid.Parse(before); err != nil && given.Has("cursor") {
		return badParameter("cursor", "cursor", "is no cursor of this list")
	}
	list, err := s.store.Imports(r.Context(), before, limit+1)
	if err != nil {
		return err
	}
	page := struct {
		Data []store.Import `json:"data"`
		Next *string        `json:"next_cursor"`
	}{Data: list}
	if len(list) > limit {
		page.Data = list[:limit]
		page.Next = &list[limit-1].ID
	}
	body, err := json.Marshal(page)
	if err != nil {
		return err
	}
	return write(w, r, http.StatusOK, `"`+hash(body)+`"`, append(body, '\n'))
}

// onlyOnce refuses parameters other than the named ones, and repeated ones.
func onlyOnce(given url.Values, names ...string) error {
	for name, values := range given {
		switch {
		case !slices.Contains(names, name):
			return badParameter(name, "unknown_parameter", "is no parameter here; they are "+strings.Join(names, ", "))
		case len(values) > 1:
			return badParameter(name, "repeated", "is given more than once")
		}
	}
	return nil
}

func badParameter(name, code, detail string) error {
	return badParameters(claims.Problem{Pointer: name, Code: code, Detail: detail})
}

func badParameters(problems ...claims.Problem) error {
	return parameterError{&store.Error{Code: store.Invalid, Detail: "a parameter is not valid", Problems: problems}}
}

// revertImport answers POST on an import's revert.
func (s *Server) revertImport(w http.ResponseWriter, r *http.Request) error {
	if err := noQuery(r); err != nil {
		return err
	}
	intent, err := intentOf(r)
	if err != nil {
		return err
	}
	report, err := s.store.Revert(r.Context(), intent, pathID(r))
	if err != nil {
		return err
	}
	return writeReport(w, r, http.StatusOK, report)
}

// export answers GET on the export: all records as an import stream. One that
// fails midway ends the connection abnormally, so that half is never taken for
// the whole.
func (s *Server) export(w http.ResponseWriter, r *http.Request) error {
	given, err := queryOf(r)
	if err != nil {
		return err
	}
	var q store.ExportQuery
	if err := onlyOnce(given, "kind", "dataset"); err != nil {
		return err
	}
	for _, name := range split(given.Get("kind")) {
		kind := claims.Kind(name)
		if claims.New(kind) == nil || kind == claims.KindTip {
			return badParameter("kind", "unknown_value", "is a kind of record other than tip")
		}
		q.Kinds = append(q.Kinds, kind)
	}
	q.Datasets = split(given.Get("dataset"))
	to := s.patiently(w)
	done, sent := false, false
	q.Begin = func(seq int64) error {
		a := stream{form: store.Form{Format: "ndjson"}, address: formed(r.URL, "ndjson")}
		w.Header().Set("X-Seq", strconv.FormatInt(seq, 10))
		if done = fresh(w, r, media["ndjson"], a.tag(seq)); !done && r.Method == http.MethodHead {
			w.WriteHeader(http.StatusOK)
			done = true
		}
		if done {
			return errDone
		}
		return nil
	}
	_, err = s.store.Export(r.Context(), q, func(lines []byte) error {
		sent = true
		_, err := to.Write(lines)
		return err
	})
	switch {
	case done:
		return nil
	case err != nil && sent:
		panic(http.ErrAbortHandler)
	}
	return err
}

func split(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ",")
}
