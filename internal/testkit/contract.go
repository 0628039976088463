package testkit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"onrecord"
)

// A Contract is openapi.yaml, ready to hold exchanges against it. It is safe
// for concurrent use.
//
// The document, its routes and its references are read by kin-openapi; values
// are checked by the JSON Schema validator beneath it, with every schema
// compiled once. openapi3filter would compile them for each request, and takes
// an older validator for schemas with references.
type Contract struct {
	document   map[string]any
	router     routers.Router
	operations map[string]*operation     // by operationId
	trimmed    func() (*Contract, error) // for requests with fields
	nowhere    map[int]*response         // answers where no operation is

	mu        sync.Mutex
	compiler  *jsonschema.Compiler
	schemas   map[string]*jsonschema.Schema // by place in the document
	exercised map[string]map[int]int
}

// An operation is what the document says of a method on a path.
type operation struct {
	id, route  string
	open       bool // needs no key
	parameters []parameter
	body       map[string]*jsonschema.Schema // of a request, by media type; nil: none
	bodyNeeded bool
	responses  map[int]*response
}

// A parameter is one of a request, or a header of a response.
type parameter struct {
	name, in string
	required bool
	filter   bool   // has a complement
	kind     string // the JSON type of its value
	schema   *jsonschema.Schema
}

// A response is what the document says of a status.
type response struct {
	headers []parameter
	content map[string]*jsonschema.Schema // by media type; empty: no body
}

// documentURL is where the document lies for the validator.
const documentURL = "https://onrecord.invalid/openapi.yaml"

// filterSchema is the schema that marks a parameter as a filter.
const filterSchema = "#/components/schemas/Filter"

// LoadContract reads the contract, once for all callers, so that Exercised
// covers what all tests of a package did. The error says what is wrong with
// the document.
func LoadContract() (*Contract, error) { return contract() }

var contract = sync.OnceValues(loadContract)

func loadContract() (*Contract, error) { return readContract(false) }

// readContract reads the document; trimmed, as it is where a request names the
// fields to show: records then need not have all that is required of them.
func readContract(trim bool) (*Contract, error) {
	doc, err := openapi3.NewLoader().LoadFromData(onrecord.OpenAPI)
	if err != nil {
		return nil, fmt.Errorf("contract: %w", err)
	}
	// Examples are validated by a test, against the schemas compiled here.
	if err := doc.Validate(context.Background(), openapi3.DisableExamplesValidation()); err != nil {
		return nil, fmt.Errorf("contract: %w", err)
	}
	c := &Contract{
		schemas: map[string]*jsonschema.Schema{}, operations: map[string]*operation{},
		nowhere: map[int]*response{}, exercised: map[string]map[int]int{},
	}
	if c.router, err = gorillamux.NewRouter(doc); err != nil {
		return nil, fmt.Errorf("contract: %w", err)
	}
	plain, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("contract: %w", err)
	}
	if err := json.Unmarshal(plain, &c.document); err != nil {
		return nil, fmt.Errorf("contract: %w", err)
	}
	if trim {
		for name := range membersOf(c.document, "components", "schemas") {
			schema, _ := valueAt(c.document, "components", "schemas", name).(map[string]any)
			if valueAt(schema, "properties", "created_at") != nil {
				delete(schema, "required")
			}
		}
	}
	c.compiler = jsonschema.NewCompiler()
	c.compiler.DefaultDraft(jsonschema.Draft2020)
	c.compiler.AssertFormat()
	c.compiler.RegisterFormat(&jsonschema.Format{Name: "uuid", Validate: uuidFormat})
	if err := c.compiler.AddResource(documentURL, c.document); err != nil {
		return nil, fmt.Errorf("contract: %w", err)
	}
	if err := c.index(); err != nil {
		return nil, fmt.Errorf("contract: %w", err)
	}
	if !trim {
		c.trimmed = sync.OnceValues(func() (*Contract, error) { return readContract(true) })
	}
	return c, nil
}

// Operations lists the operations by their operationId.
func (c *Contract) Operations() []string { return slices.Sorted(maps.Keys(c.operations)) }

// Statuses lists the statuses that an operation is documented to answer with.
func (c *Contract) Statuses(operationID string) []int {
	return slices.Sorted(maps.Keys(c.operations[operationID].responses))
}

// Routes lists the operations by method and path, "GET /v1/statements/{id}".
func (c *Contract) Routes() []string {
	var routes []string
	for _, op := range c.operations {
		routes = append(routes, op.route)
	}
	slices.Sort(routes)
	return routes
}

// Route is an operation's method and path.
func (c *Contract) Route(operationID string) string { return c.operations[operationID].route }

// IsFilter reports whether a query parameter has a complement, not_….
func (c *Contract) IsFilter(operationID, name string) bool {
	p := c.operations[operationID].queryParameter(name)
	return p != nil && p.filter && p.name == name
}

// Parameters lists an operation's query parameters, complements (not_…) left
// out, by name; none for an unknown operation.
func (c *Contract) Parameters(operationID string) []string {
	var names []string
	if op := c.operations[operationID]; op != nil {
		for _, p := range op.parameters {
			if p.in == "query" {
				names = append(names, p.name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// Example is the documented example of a query parameter, as text; none for an
// unknown one.
func (c *Contract) Example(operationID, name string) (string, bool) {
	example, ok := c.queryParameter(operationID, name)["example"]
	return fmt.Sprint(example), ok
}

// queryParameter is a query parameter in the document, nil for an unknown one.
func (c *Contract) queryParameter(operationID, name string) map[string]any {
	op := c.operations[operationID]
	if op == nil {
		return nil
	}
	method, path, _ := strings.Cut(op.route, " ")
	list := []string{"paths", path, strings.ToLower(method), "parameters"}
	for i := range membersOf(c.document, list...) {
		if node, _ := c.follow(within(list, i)); node["name"] == name && node["in"] == "query" {
			return node
		}
	}
	return nil
}

// Enum lists the values of a schema in their documented order; none if it has
// no enum.
func (c *Contract) Enum(schema string) []string {
	var values []string
	for _, v := range membersOf(c.document, "components", "schemas", schema, "enum") {
		values = append(values, fmt.Sprint(v))
	}
	return values
}

// A Question is one that the document says can be asked in one request: the
// address, and how many rows or records the sample answers with at least.
type Question struct {
	Asks, Get string
	Least     int
}

// Questions lists those of the document, in its order.
func (c *Contract) Questions() []Question {
	var list []Question
	for _, q := range membersOf(c.document, "x-questions") {
		least, _ := valueAt(q, "least").(float64)
		list = append(list, Question{fmt.Sprint(valueAt(q, "asks")), fmt.Sprint(valueAt(q, "get")), int(least)})
	}
	return list
}

// Exercised counts the answers seen, by operationId and status.
func (c *Contract) Exercised() map[string]map[int]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	seen := make(map[string]map[int]int, len(c.exercised))
	for id, statuses := range c.exercised {
		seen[id] = maps.Clone(statuses)
	}
	return seen
}

var anyUUID = regexp.MustCompile(openapi3.FormatOfStringForUUIDOfRFC9562)

// uuidFormat accepts every version of RFC 9562.
func uuidFormat(v any) error {
	if s, ok := v.(string); ok && !anyUUID.MatchString(s) {
		return errors.New("is not a UUID")
	}
	return nil
}

// index reads all operations and compiles all schemas.
func (c *Contract) index() error {
	for path := range membersOf(c.document, "paths") {
		for method := range membersOf(c.document, "paths", path) {
			if method == "parameters" {
				continue
			}
			op, err := c.operation(path, method)
			if err != nil {
				return fmt.Errorf("%s %s: %w", method, path, err)
			}
			if op.id == "" || c.operations[op.id] != nil {
				return fmt.Errorf("%s %s: operationId %q is missing or not unique", method, path, op.id)
			}
			c.operations[op.id] = op
		}
	}
	for name := range membersOf(c.document, "components", "schemas") {
		if _, err := c.schema([]string{"components", "schemas", name}); err != nil {
			return err
		}
	}
	for status, name := range map[int]string{404: "NotFound", 405: "MethodNotAllowed"} {
		r, err := c.response([]string{"components", "responses", name})
		if err != nil {
			return err
		}
		c.nowhere[status] = r
	}
	return nil
}

func (c *Contract) operation(path, method string) (*operation, error) {
	at := []string{"paths", path, method}
	node := valueAt(c.document, at...).(map[string]any)
	op := &operation{route: strings.ToUpper(method) + " " + path, responses: map[int]*response{}}
	op.id, _ = node["operationId"].(string)
	security, own := node["security"].([]any)
	if !own {
		security, _ = c.document["security"].([]any)
	}
	op.open = len(security) == 0
	for _, way := range security {
		op.open = op.open || len(way.(map[string]any)) == 0
	}
	for _, list := range [][]string{{"paths", path, "parameters"}, within(at, "parameters")} {
		for i := range membersOf(c.document, list...) {
			p, err := c.parameter(within(list, i))
			if err != nil {
				return nil, err
			}
			op.parameters = append(op.parameters, p)
		}
	}
	if body, ok := node["requestBody"].(map[string]any); ok {
		op.bodyNeeded, _ = body["required"].(bool)
		var err error
		if op.body, err = c.content(within(at, "requestBody", "content")); err != nil {
			return nil, err
		}
	}
	for code := range membersOf(c.document, within(at, "responses")...) {
		status, err := strconv.Atoi(code)
		if err != nil {
			return nil, fmt.Errorf("response %s is no single status", code)
		}
		if op.responses[status], err = c.response(within(at, "responses", code)); err != nil {
			return nil, err
		}
	}
	return op, nil
}

// parameter reads a parameter or header.
func (c *Contract) parameter(at []string) (parameter, error) {
	node, at := c.follow(at)
	var p parameter
	p.name, _ = node["name"].(string)
	p.in, _ = node["in"].(string)
	p.required, _ = node["required"].(bool)
	schema, _ := c.follow(within(at, "schema"))
	p.kind, _ = schema["type"].(string)
	raw, _ := node["schema"].(map[string]any)
	p.filter = raw["$ref"] == filterSchema
	var err error
	p.schema, err = c.schema(within(at, "schema"))
	return p, err
}

func (c *Contract) response(at []string) (*response, error) {
	_, at = c.follow(at)
	r := &response{}
	for name := range membersOf(c.document, within(at, "headers")...) {
		h, err := c.parameter(within(at, "headers", name))
		if err != nil {
			return nil, err
		}
		h.name, h.in = name, "header"
		r.headers = append(r.headers, h)
	}
	var err error
	r.content, err = c.content(within(at, "content"))
	return r, err
}

func (c *Contract) content(at []string) (map[string]*jsonschema.Schema, error) {
	content := map[string]*jsonschema.Schema{}
	for media := range membersOf(c.document, at...) {
		s, err := c.schema(within(at, media, "schema"))
		if err != nil {
			return nil, err
		}
		content[media] = s
	}
	return content, nil
}

// schema is the compiled schema at a place in the document.
func (c *Contract) schema(at []string) (*jsonschema.Schema, error) {
	if node, _ := valueAt(c.document, at...).(map[string]any); len(node) == 1 { // a bare reference
		_, at = c.follow(at)
	}
	pointer := pointerOf(at)
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.schemas[pointer]; s != nil {
		return s, nil
	}
	s, err := c.compiler.Compile(documentURL + "#" + (&url.URL{Path: pointer}).EscapedPath())
	if err == nil {
		c.schemas[pointer] = s
	}
	return s, err
}

// follow is the object at a place and the place itself, after references.
func (c *Contract) follow(at []string) (map[string]any, []string) {
	for {
		node, _ := valueAt(c.document, at...).(map[string]any)
		ref, ok := node["$ref"].(string)
		if !ok {
			return node, at
		}
		at = strings.Split(strings.TrimPrefix(ref, "#/"), "/")
		for i := range at {
			at[i] = unescape.Replace(at[i])
		}
	}
}

var (
	escape   = strings.NewReplacer("~", "~0", "/", "~1")
	unescape = strings.NewReplacer("~1", "/", "~0", "~")
)

// pointerOf is a place as a JSON pointer (RFC 6901).
func pointerOf(at []string) string {
	var b strings.Builder
	for _, step := range at {
		b.WriteString("/" + escape.Replace(step))
	}
	return b.String()
}

// within is a place further down.
func within(at []string, steps ...string) []string { return append(slices.Clone(at), steps...) }

// valueAt is what stands at a place in a document, nil for nothing.
func valueAt(node any, at ...string) any {
	for _, step := range at {
		switch n := node.(type) {
		case map[string]any:
			node = n[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(n) {
				return nil
			}
			node = n[i]
		default:
			return nil
		}
	}
	return node
}

// membersOf are the members of the object or array at a place, by name or index.
func membersOf(node any, at ...string) iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		switch n := valueAt(node, at...).(type) {
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(n)) {
				if !yield(name, n[name]) {
					return
				}
			}
		case []any:
			for i, v := range n {
				if !yield(strconv.Itoa(i), v) {
					return
				}
			}
		}
	}
}
