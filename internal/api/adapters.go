package api

import (
	"context"
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
	"unicode/utf8"

	"github.com/cespare/xxhash/v2"
	jsonpatch "github.com/evanphx/json-patch/v5"
	"github.com/go-chi/chi/v5"

	"onrecord/internal/claims"
	"onrecord/internal/store"
)

// The adapters make a handler of a kind of record: they read the request, call
// the store and write the answer, once, for every resource.

type handle = func(*Server, http.ResponseWriter, *http.Request) error

// list answers GET on a collection.
func list(kind claims.Kind) handle {
	return func(s *Server, w http.ResponseWriter, r *http.Request) error {
		given, err := questionOf(r, store.Formats(kind))
		if err != nil {
			return err
		}
		q, err := store.Parse(kind, given)
		if err != nil {
			return parameterError{err}
		}
		if q.Format != "json" {
			return s.stream(w, r, listing(r, &q), func(emit func(store.Page) error) error { return s.store.Each(r.Context(), q, emit) })
		}
		ctx, cancel := context.WithTimeout(r.Context(), s.config.Deadline)
		defer cancel()
		page, err := s.store.List(ctx, q)
		if err != nil {
			return parameterError{err}
		}
		return writePage(w, r, page, q.Scope, q.Derived)
	}
}

// writePage answers with a page and the way to the next.
func writePage(w http.ResponseWriter, r *http.Request, page store.Page, scope map[string]string, derived bool) error {
	next, count := "null", "null"
	if page.Next != "" {
		next = `"` + page.Next + `"`
		w.Header().Add("Link", "<"+with(r.URL, "cursor", page.Next)+`>; rel="next"`)
	}
	if page.Total != nil {
		count = strconv.FormatInt(*page.Total, 10)
	}
	body := make([]byte, 0, len(page.Records)+512)
	body = append(append(body, `{"data":`...), page.Records...)
	body = append(append(body, `,"next_cursor":`...), next...)
	body = append(append(body, `,"count":`...), count...)
	return writeAnswer(w, r, body, scope, page.Pending, page.Seq, derived)
}

// read answers GET on a record.
func read(kind claims.Kind) handle {
	return func(s *Server, w http.ResponseWriter, r *http.Request) error {
		given, err := queryOf(r)
		if err != nil {
			return err
		}
		q, err := store.ParseItem(kind, given)
		if err != nil {
			return parameterError{err}
		}
		record, err := s.store.Read(r.Context(), q, pathID(r))
		if err != nil {
			return parameterError{err}
		}
		citeAs(w, r, record.Seq)
		if record.Derived {
			tellPending(w, record.Pending)
		}
		return writeRecord(w, r, http.StatusOK, record)
	}
}

// create answers POST on a collection.
func create(kind claims.Kind, path string) handle {
	return func(s *Server, w http.ResponseWriter, r *http.Request) error {
		if err := noQuery(r); err != nil {
			return err
		}
		body, err := s.body(w, r, "application/json")
		if err != nil {
			return err
		}
		in := claims.New(kind)
		if err := claims.Decode(body, in); err != nil {
			return err
		}
		if tip, ok := in.(*claims.TipInput); ok && !mayEdit(r.Context()) {
			if err := readersTip(tip); err != nil {
				return err
			}
		}
		intent, err := intentOf(r)
		if err != nil {
			return err
		}
		key, err := idempotencyKey(r)
		if err != nil {
			return err
		}
		if key != "" {
			sum := sha256.Sum256(body)
			intent.Idempotency = &store.Idempotency{Route: "POST " + path, Key: key, Request: sum[:]}
		}
		written, err := s.store.Create(r.Context(), intent, in)
		if err != nil {
			return err
		}
		if written.Replayed {
			w.Header().Set("Idempotency-Replayed", "true")
		}
		w.Header().Set("Location", path+"/"+written.ID)
		return writeOutcome(w, r, http.StatusCreated, written)
	}
}

// idempotencyKey is the key that a POST brings, if it brings one.
func idempotencyKey(r *http.Request) (string, error) {
	values := r.Header.Values("Idempotency-Key")
	switch {
	case len(values) == 0:
		return "", nil
	case len(values) > 1 || !visible(values[0], 255):
		return "", refuse("bad_request", "Idempotency-Key takes 1 to 255 visible ASCII characters, once")
	}
	return values[0], nil
}

// readersTip refuses what only an editor may say of a tip.
func readersTip(tip *claims.TipInput) error {
	var c claims.Check
	for pointer, given := range map[string]bool{"/status": tip.Status != "", "/change": tip.Change != nil, "/response": tip.Response != "",
		"/key": tip.Key != "", "/dataset": tip.Dataset != "", "/review": tip.Review != ""} {
		if given {
			c.Add(pointer, "editors_only", "is for editors to set")
		}
	}
	if len(c.Problems) == 0 {
		return nil
	}
	return &refusal{code: string(store.Invalid), detail: "the tip is not valid", problems: c.Problems}
}

// replace answers PUT on a record, patch PATCH with a merge patch (RFC 7396).
func replace(kind claims.Kind) handle {
	return update(kind, []string{"application/json"}, func(_, body []byte) ([]byte, error) { return body, nil })
}

func patch(kind claims.Kind) handle {
	return update(kind, []string{"application/merge-patch+json", "application/json"}, func(current, body []byte) ([]byte, error) {
		var object map[string]json.RawMessage
		if err := claims.Decode(body, &object); err != nil {
			return nil, err
		}
		if object == nil {
			return nil, &claims.DecodeError{Problem: claims.Problem{Pointer: "", Code: "type", Detail: "has the wrong type: an object is expected"}}
		}
		for _, name := range kind.Fixed() {
			if string(object[name]) == "null" {
				return nil, &claims.DecodeError{Problem: claims.Problem{Pointer: "/" + name, Code: "fixed", Detail: "can't be changed"}}
			}
		}
		merged, err := jsonpatch.MergePatch(current, body)
		if err != nil {
			return nil, fmt.Errorf("api: merge patch: %w", err)
		}
		return merged, nil
	})
}

func update(kind claims.Kind, types []string, merge func(current, body []byte) ([]byte, error)) handle {
	return func(s *Server, w http.ResponseWriter, r *http.Request) error {
		if err := noQuery(r); err != nil {
			return err
		}
		version, err := ifMatch(r)
		if err != nil {
			return err
		}
		body, err := s.body(w, r, types...)
		if err != nil {
			return err
		}
		intent, err := intentOf(r, "revises", "corrects")
		if err != nil {
			return err
		}
		written, err := s.store.Update(r.Context(), intent, kind, pathID(r), version, func(current []byte) (claims.Input, error) {
			merged, err := merge(current, body)
			if err != nil {
				return nil, err
			}
			in := claims.New(kind)
			return in, claims.Decode(merged, in)
		})
		if err != nil {
			return err
		}
		return writeOutcome(w, r, http.StatusOK, written)
	}
}

// remove answers DELETE on a record.
func remove(kind claims.Kind) handle {
	return func(s *Server, w http.ResponseWriter, r *http.Request) error {
		if err := noQuery(r); err != nil {
			return err
		}
		version, err := ifMatch(r)
		if err != nil {
			return err
		}
		intent, err := intentOf(r)
		if err != nil {
			return err
		}
		written, err := s.store.Delete(r.Context(), intent, kind, pathID(r), version)
		if err != nil {
			return err
		}
		w.Header().Set("X-Seq", strconv.FormatInt(written.Seq, 10))
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
}

// writeOutcome answers a write, with the record unless the client prefers less.
func writeOutcome(w http.ResponseWriter, r *http.Request, status int, written store.Written) error {
	if !prefers(r, "return=minimal") {
		return writeRecord(w, r, status, written.Record)
	}
	w.Header().Set("Preference-Applied", "return=minimal")
	w.Header().Set("ETag", recordTag(written.Record))
	w.Header().Set("X-Seq", strconv.FormatInt(written.Seq, 10))
	if status == http.StatusOK {
		status = http.StatusNoContent
	}
	w.WriteHeader(status)
	return nil
}

// prefers reports whether the request states a preference (RFC 7240).
func prefers(r *http.Request, preference string) bool {
	for _, header := range r.Header.Values("Prefer") {
		for part := range strings.SplitSeq(header, ",") {
			if strings.TrimSpace(part) == preference {
				return true
			}
		}
	}
	return false
}

func writeRecord(w http.ResponseWriter, r *http.Request, status int, record store.Record) error {
	w.Header().Set("X-Seq", strconv.FormatInt(record.Seq, 10))
	return write(w, r, status, recordTag(record), append(record.JSON, '\n'))
}

// recordTag is a record's validator: its version, which If-Match compares, and
// the hash of the body, so that a label that changes is seen too.
func recordTag(record store.Record) string {
	return fmt.Sprintf(`"%d-%s"`, record.Version, hash(record.JSON))
}

func hash(body []byte) string { return strconv.FormatUint(xxhash.Sum64(body), 36) }

// write sends JSON that is complete, or 304 where the client has it.
func write(w http.ResponseWriter, r *http.Request, status int, tag string, body []byte) error {
	return send(w, r, status, media["json"], tag, body)
}

// send sends a body that is complete, or 304 where the client has it.
func send(w http.ResponseWriter, r *http.Request, status int, kind, tag string, body []byte) error {
	h := w.Header()
	head(h, kind, tag)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	return deliver(w, r, status, body)
}

// deliver sends a body whose headers are set, or 304 where the client has it.
func deliver(w http.ResponseWriter, r *http.Request, status int, body []byte) error {
	if unchanged(w, r) {
		return nil
	}
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the client may have gone
	}
	return nil
}

// fresh sets the headers of an answer that can be asked for again, and answers
// with 304 where the client has it.
func fresh(w http.ResponseWriter, r *http.Request, kind, tag string) bool {
	head(w.Header(), kind, tag)
	return unchanged(w, r)
}

// head sets the headers of an answer that can be asked for again.
func head(h http.Header, kind, tag string) {
	h.Set("ETag", tag)
	h.Set("Cache-Control", "no-cache")
	h.Add("Vary", "Accept, Authorization, X-API-Key")
	h.Set("Content-Type", kind)
}

// unchanged answers with 304 where the client has what the headers tell of.
func unchanged(w http.ResponseWriter, r *http.Request) bool {
	read := r.Method == http.MethodGet || r.Method == http.MethodHead
	if !read || !matches(r.Header.Values("If-None-Match"), w.Header().Get("ETag")) {
		return false
	}
	w.WriteHeader(http.StatusNotModified)
	return true
}

// matches reports whether an If-None-Match names the tag (weak comparison).
func matches(headers []string, tag string) bool {
	for _, h := range headers {
		for candidate := range strings.SplitSeq(h, ",") {
			candidate = strings.TrimPrefix(strings.TrimSpace(candidate), "W/")
			if candidate == tag || candidate == "*" {
				return true
			}
		}
	}
	return false
}

// ifMatch is the version that a write expects: the number in the ETag that the
// client got, alone or before the dash.
func ifMatch(r *http.Request) (int, error) {
	values := r.Header.Values("If-Match")
	if len(values) == 0 {
		return 0, refuse("precondition_required", "send If-Match with the ETag of the version you have read")
	}
	quoted := strings.TrimPrefix(strings.TrimSpace(values[0]), "W/")
	tag := strings.TrimSuffix(strings.TrimPrefix(quoted, `"`), `"`)
	number, _, _ := strings.Cut(tag, "-")
	version, err := strconv.Atoi(number)
	if err != nil || version < 1 || number[0] == '+' || len(values) > 1 || len(quoted) != len(tag)+2 {
		return 0, refuse("bad_request", `If-Match takes one ETag as given, such as "3-1y2p0ij32e8e7"`)
	}
	return version, nil
}

// intentOf is who writes and why; kinds are what X-Change-Kind may say of it.
func intentOf(r *http.Request, kinds ...string) (store.Write, error) {
	kind := r.Header.Get("X-Change-Kind")
	if kind != "" && !slices.Contains(kinds, kind) {
		return store.Write{}, refuse("bad_request", "X-Change-Kind is revises or corrects, on PUT and PATCH")
	}
	reason := r.Header.Get("X-Change-Reason")
	if !utf8.ValidString(reason) || utf8.RuneCountInString(reason) > 1000 {
		return store.Write{}, refuse("bad_request", "X-Change-Reason takes at most 1000 characters of UTF-8")
	}
	return store.Write{Principal: principal(r.Context()), Reason: reason, Kind: kind}, nil
}

func visible(s string, most int) bool {
	for i := range len(s) {
		if s[i] < 0x21 || s[i] > 0x7e {
			return false
		}
	}
	return s != "" && len(s) <= most
}

// body reads the whole body, of one of the media types, within the bound.
func (s *Server) body(w http.ResponseWriter, r *http.Request, types ...string) ([]byte, error) {
	media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	ok := len(r.Header.Values("Content-Type")) == 1
	matched := false
	for _, t := range types {
		matched = matched || media == t
	}
	ok = ok && matched
	if charset := params["charset"]; err != nil || !ok || charset != "" && !strings.EqualFold(charset, "utf-8") {
		return nil, refuse("unsupported_media_type", "send "+strings.Join(types, " or ")+" in UTF-8")
	}
	for _, encoding := range r.Header.Values("Content-Encoding") {
		if encoding != "identity" {
			return nil, refuse("unsupported_media_type", "send the body without Content-Encoding")
		}
	}
	if r.ContentLength > s.config.MaxBody {
		return nil, refuse("too_large", fmt.Sprintf("a body has at most %d bytes", s.config.MaxBody))
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, s.config.MaxBody))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, refuse("too_large", fmt.Sprintf("a body has at most %d bytes", s.config.MaxBody))
	case err != nil:
		return nil, refuse("bad_request", "the body could not be read to its end")
	}
	return body, nil
}

// queryOf is the query strictly read: what can't be decoded is an error.
func queryOf(r *http.Request) (url.Values, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, refuse("bad_request", "the query can't be decoded: escape % as %25 and ; as %3B")
	}
	for name, list := range values {
		for _, v := range append(list, name) {
			if !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
				return nil, refuse("bad_request", "the query is not UTF-8 or has a NUL character")
			}
		}
	}
	return values, nil
}

func noQuery(r *http.Request) error {
	if r.URL.RawQuery == "" {
		return nil
	}
	return parameterError{refuse("bad_request", "this operation takes no query parameters")}
}

// pathID is the id in the path, decoded.
func pathID(r *http.Request) string {
	id := chi.URLParam(r, "id")
	if r.URL.RawPath == "" { // chi then matched the decoded path
		return id
	}
	decoded, err := url.PathUnescape(id)
	if err != nil {
		return id
	}
	return decoded
}

// questionOf is the query of a question about many records, with the format
// that Accept wants where none is given.
func questionOf(r *http.Request, formats []string) (url.Values, error) {
	given, err := queryOf(r)
	if err != nil {
		return nil, err
	}
	if format := accepted(r, formats); format != formats[0] && !given.Has("format") {
		given.Set("format", format)
	}
	return given, nil
}

// citeAs says how to cite an answer (RFC 8574): its address as of its commit.
func citeAs(w http.ResponseWriter, r *http.Request, seq int64) {
	w.Header().Add("Link", "<"+with(r.URL, "as_of", "seq:"+strconv.FormatInt(seq, 10))+`>; rel="cite-as"`)
}

// with is the request's address with one parameter set.
func with(u *url.URL, name, value string) string {
	q := u.Query()
	if name == "as_of" && q.Get("as_of") != "" && strings.HasPrefix(q.Get("as_of"), "seq:") {
		value = q.Get("as_of")
	}
	q.Set(name, value)
	return u.EscapedPath() + "?" + q.Encode()
}
