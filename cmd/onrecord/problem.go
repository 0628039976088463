package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// A problem is what the service says is wrong with a request: RFC 9457.
type problem struct {
	Type     string         `json:"type"`
	Title    string         `json:"title"`
	Status   int            `json:"status"`
	Detail   string         `json:"detail"`
	Instance string         `json:"instance"`
	Errors   []fault        `json:"errors"`
	Import   jsontext.Value `json:"import"` // the report of an import that wrote nothing

	raw []byte // the answer itself; nil where it was no problem document
}

// A fault is one thing wrong: with a parameter of the query, or with what the
// body says at pointer (RFC 6901).
type fault struct {
	Pointer   string `json:"pointer"`
	Parameter string `json:"parameter"`
	Code      string `json:"code"`
	Detail    string `json:"detail"`
}

// readProblem reads an answer that is none of success. What stands before the
// service, a proxy say, may answer in other forms; then the status must do.
func readProblem(response *http.Response) *problem {
	p := &problem{}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err == nil && strings.Contains(response.Header.Get("Content-Type"), "json") && unmarshal(body, p) == nil {
		p.raw = body
	}
	p.Status = response.StatusCode
	return p
}

func (p *problem) Error() string {
	text := p.Detail
	if text == "" {
		text = p.Title
	}
	if text == "" {
		text = "the service answered " + http.StatusText(p.Status)
	}
	if p.Status == http.StatusUnauthorized {
		text += "; the key goes in ONRECORD_KEY or --key-file"
	}
	return fmt.Sprintf("%s (%d)", text, p.Status)
}

// lines are the single things that are wrong.
func (p *problem) lines() []string {
	var lines []string
	for _, f := range p.Errors {
		lines = append(lines, f.String())
	}
	if p.Status >= 500 && p.Instance != "" {
		lines = append(lines, "the service's log knows it as "+p.Instance)
	}
	return lines
}

func (f fault) String() string {
	text := f.Detail
	if text == "" {
		text = f.Code
	}
	switch {
	case f.Parameter != "":
		return f.Parameter + ": " + text
	case f.Pointer != "":
		return f.Pointer + ": " + text
	}
	return text
}

// passing reports whether the same request may succeed later. That is safe to
// find out for what changes nothing and for what carries an Idempotency-Key.
func (p *problem) passing() bool {
	switch p.Status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable:
		return true
	case http.StatusConflict: // the answer to the same request got lost while it runs
		return strings.HasSuffix(p.Type, "in_flight")
	}
	return false
}

// noEntry reports whether the service didn't look at the request.
func (p *problem) noEntry() bool {
	switch p.Status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable:
		return true
	}
	return false
}

// unmarshal is strict about JSON itself, and passes over members that a later
// version of the service may add.
func unmarshal(data []byte, v any) error {
	return json.Unmarshal(data, v, jsontext.AllowDuplicateNames(false))
}
