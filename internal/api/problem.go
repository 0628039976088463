package api

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"

	"onrecord/internal/claims"
	"onrecord/internal/store"
)

// A problem is an answer to a request that failed: RFC 9457.
type problem struct {
	Type       string            `json:"type"`
	Title      string            `json:"title"`
	Status     int               `json:"status"`
	Detail     string            `json:"detail"`
	Instance   string            `json:"instance"`
	Errors     []problemError    `json:"errors,omitempty"`
	Dependents []store.Dependent `json:"dependents,omitempty"`
	Tombstone  *store.Tombstone  `json:"tombstone,omitempty"`
	Import     *store.Import     `json:"import,omitempty"` // the report of one that wrote nothing
}

// A problemError is one thing wrong: in the body at pointer (RFC 6901), or in
// the query at parameter.
type problemError struct {
	Line      int     `json:"line,omitempty"` // of an import
	Pointer   *string `json:"pointer,omitempty"`
	Parameter string  `json:"parameter,omitempty"`
	Code      string  `json:"code"`
	Detail    string  `json:"detail"`
}

// A refusal is an error that this package itself decides on.
type refusal struct {
	code     string
	detail   string
	problems []claims.Problem
	header   http.Header
}

func (r *refusal) Error() string { return r.code + ": " + r.detail }

func refuse(code, detail string) error {
	return &refusal{code: code, detail: detail}
}

// A parameterError marks an error whose pointers are names of query parameters.
type parameterError struct{ error }

func (e parameterError) Unwrap() error { return e.error }

// outcomes are the status and title of each code, the store's and our own.
var outcomes = map[string]struct {
	status int
	title  string
}{
	string(store.NotFound):     {404, "Not found"},
	string(store.Gone):         {410, "Deleted"},
	string(store.Invalid):      {422, "Not valid"},
	string(store.Exists):       {409, "Exists already"},
	string(store.InUse):        {409, "In use"},
	string(store.Cycle):        {409, "Would form a cycle"},
	string(store.Overlap):      {409, "Overlaps another"},
	string(store.Stale):        {412, "Not the current version"},
	string(store.Mismatch):     {422, "Idempotency-Key used for another request"},
	string(store.InFlight):     {409, "First request still running"},
	string(store.Unavailable):  {503, "Not available now"},
	string(store.Unknown):      {503, "Outcome unknown"},
	string(store.Timeout):      {504, "Took too long"},
	string(store.Unauthorized): {401, "Key required"},
	string(store.Internal):     {500, "Internal error"},
	"forbidden":                {403, "Not allowed"},
	"malformed":                {400, "Malformed JSON"},
	"bad_request":              {400, "Bad request"},
	"unsupported_media_type":   {415, "Unsupported media type"},
	"too_large":                {413, "Too large"},
	"precondition_required":    {428, "Precondition required"},
	"method_not_allowed":       {405, "Method not allowed"},
}

// fail answers with the problem that err is. What is not the client's doing is
// logged with its cause; the answer never carries it.
func fail(w http.ResponseWriter, r *http.Request, err error) {
	p, header := problemOf(err)
	for name, values := range header {
		w.Header()[name] = values
	}
	if p.Status >= 500 && !gone(r) {
		slog.ErrorContext(r.Context(), "request failed", "error", err, "request_id", requestID(r.Context()))
	}
	if p.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="onrecord"`)
	}
	p.Instance = "urn:onrecord:request:" + requestID(r.Context())
	body, err := json.Marshal(p)
	if err != nil {
		slog.ErrorContext(r.Context(), "problem does not marshal", "error", err)
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	body = append(body, '\n')
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(p.Status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the client may have gone
	}
}

func problemOf(err error) (problem, http.Header) {
	var p problem
	var own *refusal
	var failed *store.Error
	var decode *claims.DecodeError
	var problems []claims.Problem
	var header http.Header
	code := string(store.Internal)
	p.Detail = "something went wrong on our side"
	switch {
	case errors.As(err, &own):
		code, p.Detail, problems, header = own.code, own.detail, own.problems, own.header
	case errors.As(err, &decode):
		code, p.Detail, problems = string(store.Invalid), "the body is not valid", []claims.Problem{decode.Problem}
		if decode.Malformed {
			code, p.Detail = "malformed", "the body is not JSON as it should be"
		}
	case errors.As(err, &failed) && failed.Code != store.Internal:
		code, p.Detail, problems = string(failed.Code), failed.Detail, failed.Problems
		p.Dependents, p.Tombstone = failed.Dependents, failed.Tombstone
	}
	var inQuery parameterError
	query := errors.As(err, &inQuery)
	if query && code == string(store.Invalid) {
		code = "bad_request"
	}
	for _, one := range problems {
		e := problemError{Code: one.Code, Detail: one.Detail}
		if query {
			e.Parameter = one.Pointer
		} else {
			e.Pointer = &one.Pointer
		}
		p.Errors = append(p.Errors, e)
	}
	var imported *importFailure
	if errors.As(err, &imported) && imported.report != nil {
		p.Import = imported.report
		for _, e := range imported.report.Errors[:min(len(imported.report.Errors), 20)] {
			p.Errors = append(p.Errors, problemError{Line: e.Line, Pointer: &e.Pointer, Code: e.Code, Detail: e.Detail})
		}
	}
	outcome := outcomes[code]
	p.Status, p.Title, p.Type = outcome.status, outcome.title, "urn:onrecord:problem:"+code
	return p, header
}
