package testkit

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/klauspost/compress/zstd"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Transport passes requests on to base (nil: the default one) and reports all
// in which an exchange departs from the contract. Answers are always checked:
// status, headers, media type, body. Requests are checked where the server
// accepted them, with 2xx or 3xx: tests send bad ones on purpose, but what is
// accepted has to be documented. Answers are read to their end before they are
// passed on.
func (c *Contract) Transport(base http.RoundTripper, report func(error)) http.RoundTripper {
	if base == nil {
		base = http.DefaultTransport
	}
	return &transport{c, base, report}
}

type transport struct {
	contract *Contract
	base     http.RoundTripper
	report   func(error)
}

func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	out, sent := record(req)
	resp, err := t.base.RoundTrip(out)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close() // read to its end, or broken already
	resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), failing{err}))
	if err != nil { // the answer broke off; its reader is told
		return resp, nil
	}
	x := exchange{Request: req, status: resp.StatusCode, header: resp.Header, answer: body}
	x.body, x.whole = sent.bytes()
	for _, err := range t.contract.check(x) {
		t.report(fmt.Errorf("%s %s, answered with %d: %w", req.Method, req.URL.RequestURI(), resp.StatusCode, err))
	}
	return resp, nil
}

// failing is a reader that ends with an error, or plainly for none.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return 0, io.EOF
}

// A recording keeps what of a request's body was sent.
type recording struct {
	mu   sync.Mutex
	sent bytes.Buffer
	done bool
}

// record is the request with a body that is recorded while it is sent, so that
// slow and endless ones behave as they would.
func record(req *http.Request) (*http.Request, *recording) {
	rec := &recording{done: true}
	if req.Body == nil || req.Body == http.NoBody {
		return req, rec
	}
	out := req.Clone(req.Context())
	out.Body = rec.wrap(req.Body)
	if req.GetBody != nil {
		out.GetBody = func() (io.ReadCloser, error) {
			body, err := req.GetBody()
			return rec.wrap(body), err
		}
	}
	return out, rec
}

// wrap starts over: the transport asks for the body again to send it again.
func (r *recording) wrap(body io.ReadCloser) io.ReadCloser {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sent.Reset()
	r.done = false
	return &recorded{body, r}
}

// bytes are what was sent, and whether that is all.
func (r *recording) bytes() ([]byte, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return bytes.Clone(r.sent.Bytes()), r.done
}

type recorded struct {
	io.ReadCloser
	to *recording
}

func (r *recorded) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	r.to.mu.Lock()
	defer r.to.mu.Unlock()
	r.to.sent.Write(p[:n])
	r.to.done = r.to.done || err == io.EOF
	return n, err
}

// An exchange is a request and its answer.
type exchange struct {
	*http.Request
	body   []byte // of the request
	whole  bool   // the body was sent to its end
	status int
	header http.Header // of the answer
	answer []byte
}

// check is all in which the exchange departs from the contract.
func (c *Contract) check(x exchange) []error {
	op, values := c.find(x.Request)
	if op == nil {
		return c.checkNowhere(x)
	}
	c.exercise(op.id, x.status)
	r := op.responses[x.status]
	if x.URL.Query().Has("fields") {
		trimmed, err := c.trimmed()
		if err != nil {
			return []error{err}
		}
		r = trimmed.operations[op.id].responses[x.status]
	}
	if r == nil {
		return []error{fmt.Errorf("the status is not documented for %s", op.id)}
	}
	problems := r.check(x)
	if x.status >= 200 && x.status < 400 {
		problems = append(problems, op.check(x, values)...)
	}
	return problems
}

func (c *Contract) exercise(id string, status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.exercised[id] == nil {
		c.exercised[id] = map[int]int{}
	}
	c.exercised[id][status]++
}

// find is the operation that a request is for, with the values in its path;
// nil if there is none.
func (c *Contract) find(req *http.Request) (*operation, map[string]string) {
	route, values, err := c.router.FindRoute(req)
	if err != nil {
		return nil, nil
	}
	for name, v := range values { // as escaped
		if plain, err := url.PathUnescape(v); err == nil {
			values[name] = plain
		}
	}
	return c.operations[route.Operation.OperationID], values
}

// checkNowhere checks the answer to a request for which there is no operation.
func (c *Contract) checkNowhere(x exchange) []error {
	if x.Method == http.MethodOptions && x.status == http.StatusNoContent {
		if x.header.Get("Allow") == "" || len(x.answer) > 0 {
			return []error{errors.New("OPTIONS is answered with Allow and no body")}
		}
		return nil
	}
	r := c.nowhere[x.status]
	if r == nil {
		return []error{errors.New("no operation is documented for this")}
	}
	return r.check(x)
}

// check compares an answer with what is documented of its status.
func (r *response) check(x exchange) []error {
	var problems []error
	for _, h := range r.headers {
		problems = append(problems, h.check(x.header.Values(h.name))...)
	}
	minimal := x.status == http.StatusCreated && x.header.Get("Preference-Applied") == "return=minimal"
	switch {
	case x.Method == http.MethodHead:
		if len(x.answer) > 0 {
			problems = append(problems, errors.New("an answer to HEAD has no body"))
		}
	case len(r.content) == 0 && x.status >= 300 && x.status != http.StatusNotModified: // a note for people, as net/http adds to a redirect
	case len(r.content) == 0 || minimal:
		if len(x.answer) > 0 {
			problems = append(problems, errors.New("there is a body where none is documented"))
		}
	default:
		answer, err := decoded(x.header, x.answer)
		if err == nil {
			err = check(r.content, x.header.Get("Content-Type"), answer)
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("answer: %w", err))
		}
	}
	return problems
}

// decoded is the body without its content coding.
func decoded(header http.Header, body []byte) ([]byte, error) {
	switch coding := header.Get("Content-Encoding"); coding {
	case "", "identity":
		return body, nil
	case "gzip":
		r, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		return io.ReadAll(r)
	case "zstd":
		r, err := zstd.NewReader(nil)
		if err != nil {
			return nil, err
		}
		defer r.Close()
		return r.DecodeAll(body, nil)
	default:
		return nil, fmt.Errorf("its Content-Encoding %s can't be read here", coding)
	}
}

// check compares an accepted request with what is documented of the operation.
func (op *operation) check(x exchange, inPath map[string]string) []error {
	var problems []error
	fail := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("accepted request: "+format, args...))
	}
	if !op.open && x.Header.Get("Authorization") == "" && x.Header.Get("X-API-Key") == "" {
		fail("%s takes a key, and none was sent", op.id)
	}
	query, err := url.ParseQuery(x.URL.RawQuery)
	if err != nil {
		fail("%w", err)
	}
	for name, values := range query {
		p := op.queryParameter(name)
		if p == nil {
			fail("query parameter %s is not documented", name)
			continue
		}
		if p.kind == "object" { // of which any parameter is a member
			continue
		}
		for _, err := range p.check(values) {
			fail("%w", err)
		}
	}
	for _, p := range op.parameters {
		var values []string
		switch p.in {
		case "path":
			values = []string{inPath[p.name]}
		case "header":
			values = x.Header.Values(p.name)
		default: // query parameters are all optional, and checked above
			continue
		}
		for _, err := range p.check(values) {
			fail("%w", err)
		}
	}
	switch {
	case op.body == nil:
		if len(x.body) > 0 {
			fail("there is a body where none is documented")
		}
	case len(x.body) == 0:
		if op.bodyNeeded {
			fail("the body is missing")
		}
	case x.whole:
		body, err := decoded(x.Header, x.body)
		if err == nil {
			err = check(op.body, x.Header.Get("Content-Type"), bytes.TrimPrefix(body, []byte("\ufeff")))
		}
		if err != nil {
			fail("%w", err)
		}
	}
	return problems
}

// queryParameter is the documented parameter behind a name, itself or as a
// filter's complement, or the object of which any name is a member; nil if
// there is none.
func (op *operation) queryParameter(name string) *parameter {
	for i, p := range op.parameters {
		if p.in == "query" && (p.name == name || p.filter && "not_"+p.name == name) {
			return &op.parameters[i]
		}
	}
	for i, p := range op.parameters {
		if p.in == "query" && p.kind == "object" {
			return &op.parameters[i]
		}
	}
	return nil
}

// check compares the values given for a parameter or header with its schema.
func (p *parameter) check(values []string) []error {
	if len(values) == 0 && p.required {
		return []error{fmt.Errorf("%s %s is missing", p.in, p.name)}
	}
	var problems []error
	for _, given := range values {
		v, err := p.value(given)
		if err == nil {
			err = p.schema.Validate(v)
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("%s %s %q: %w", p.in, p.name, given, err))
		}
	}
	return problems
}

// value is what the text of a parameter stands for.
func (p *parameter) value(given string) (any, error) {
	switch p.kind {
	case "integer":
		return strconv.ParseInt(given, 10, 64)
	case "boolean":
		return strconv.ParseBool(given)
	}
	return given, nil
}

// check compares a body with the schema of its media type. JSON is read
// strictly: a name that stands twice or invalid UTF-8 is an error.
func check(content map[string]*jsonschema.Schema, contentType string, body []byte) error {
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return fmt.Errorf("Content-Type %q: %w", contentType, err)
	}
	schema, ok := content[media]
	if !ok {
		schema, ok = content["*/*"]
	}
	if !ok {
		return fmt.Errorf("media type %s is not documented", media)
	}
	if media != "application/json" && !strings.HasSuffix(media, "+json") {
		return schema.Validate(string(body))
	}
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return err
	}
	return schema.Validate(v)
}
