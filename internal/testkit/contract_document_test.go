package testkit

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"onrecord/internal/claims"
	"onrecord/internal/store"
	"onrecord/reference"
	"onrecord/sample"
)

// These tests hold the document against the code, without a server.

// lists are the list operations and the records' schemas, by kind, and the
// properties that are there only where they are embedded.
var lists = map[claims.Kind]struct {
	operation, schema string
	embedded          []string
}{
	claims.KindCountry:    {"listCountries", "Country", nil},
	claims.KindTopic:      {"listTopics", "Topic", nil},
	claims.KindSource:     {"listSources", "Source", nil},
	claims.KindSpeaker:    {"listSpeakers", "Speaker", nil},
	claims.KindArticle:    {"listArticles", "Article", []string{"reports"}},
	claims.KindStatement:  {"listStatements", "Statement", []string{"reports", "positions", "links"}},
	claims.KindReport:     {"listReports", "Report", nil},
	claims.KindClaim:      {"listClaims", "Claim", []string{"positions", "assessments"}},
	claims.KindPosition:   {"listPositions", "Position", nil},
	claims.KindClaimLink:  {"listClaimLinks", "ClaimLink", nil},
	claims.KindLink:       {"listLinks", "Link", nil},
	claims.KindEvent:      {"listEvents", "Event", []string{"mentions", "statements"}},
	claims.KindEventLink:  {"listEventLinks", "EventLink", nil},
	claims.KindMention:    {"listMentions", "Mention", nil},
	claims.KindOffice:     {"listOffices", "Office", []string{"tenures"}},
	claims.KindTenure:     {"listTenures", "Tenure", nil},
	claims.KindRating:     {"listRatings", "Rating", nil},
	claims.KindAssessment: {"listAssessments", "Assessment", nil},
	claims.KindTip:        {"listTips", "Tip", nil},
}

func TestVocabularies(t *testing.T) {
	t.Parallel()
	c := load(t)
	for _, v := range claims.Vocabularies {
		if diff := cmp.Diff(v.Values(), c.Enum(v.Name)); diff != "" {
			t.Errorf("schema %s has other values than the code (-code +document):\n%s", v.Name, diff)
		}
		description, _ := valueAt(c.document, "components", "schemas", v.Name, "description").(string)
		for _, term := range v.Terms {
			if line := "- " + term.Value + ": " + term.Line; !slices.Contains(strings.Split(description, "\n"), line) {
				t.Errorf("the description of schema %s lacks the line %q", v.Name, line)
			}
		}
	}
	var kinds []string
	for _, k := range claims.Kinds {
		kinds = append(kinds, string(k))
	}
	if diff := cmp.Diff(kinds, c.Enum("Kind")); diff != "" {
		t.Errorf("schema Kind (-code +document):\n%s", diff)
	}
}

func TestProblemTypes(t *testing.T) {
	t.Parallel()
	c := load(t)
	for _, code := range []store.Code{store.NotFound, store.Gone, store.Invalid, store.Exists, store.InUse, store.Cycle, store.Overlap, store.Stale, store.Mismatch,
		store.InFlight, store.Unavailable, store.Unknown, store.Timeout, store.Unauthorized, store.Internal} {
		if !slices.Contains(c.Enum("ProblemType"), "urn:onrecord:problem:"+string(code)) {
			t.Errorf("schema ProblemType lacks %s", code)
		}
	}
	description, _ := valueAt(c.document, "components", "schemas", "ProblemType", "description").(string)
	for _, value := range c.Enum("ProblemType") {
		if code := value[strings.LastIndex(value, ":")+1:]; !strings.Contains(description, "\n- "+code+": ") {
			t.Errorf("schema ProblemType does not say what %s is", code)
		}
	}
}

func TestListParameters(t *testing.T) {
	t.Parallel()
	c := load(t)
	for _, kind := range claims.Kinds {
		operation := lists[kind].operation
		if diff := cmp.Diff(store.Parameters(kind), c.Parameters(operation)); diff != "" {
			t.Errorf("%s has other parameters than the store (-store +document):\n%s", operation, diff)
		}
		for _, p := range c.operations[operation].parameters {
			if p.in != "query" {
				continue
			}
			if p.filter {
				if _, err := store.Parse(kind, map[string][]string{"not_" + p.name: {}}); err != nil {
					t.Errorf("%s: %s has no complement: %v", operation, p.name, err)
				}
			}
			example, ok := c.Example(operation, p.name)
			if !ok || p.name == "cursor" { // which belongs to a query
				continue
			}
			given := map[string][]string{p.name: {example}}
			if needed, with := c.Needs(operation, p.name); needed != "" {
				var refused *store.Error
				if _, err := store.Parse(kind, given); !errors.As(err, &refused) || refused.Problems[0].Pointer != needed {
					t.Errorf("%s: %s without %s: %v", operation, p.name, needed, err)
				}
				given[needed] = []string{with}
			}
			if _, err := store.Parse(kind, given); err != nil {
				t.Errorf("%s: the store refuses the example of %s, %q: %v", operation, p.name, example, err)
			}
		}
	}
}

// What can be counted by, and how it is asked for, is the same in the document
// and in the tables of filters.
func TestCountParameters(t *testing.T) {
	t.Parallel()
	c := load(t)
	for _, kind := range claims.Kinds {
		name := lists[kind].schema
		if diff := cmp.Diff(store.Dimensions(kind), c.Enum(name+"Dimension")); diff != "" {
			t.Errorf("%s is counted by other dimensions (-store +document):\n%s", kind, diff)
		}
		if store.Dimensions(kind) == nil {
			continue
		}
		for operation, parameters := range map[string][]string{"count" + name + "s": store.CountParameters(kind), "facet" + name + "s": store.FacetParameters(kind)} {
			if diff := cmp.Diff(parameters, c.Parameters(operation)); diff != "" {
				t.Errorf("%s has other parameters than the store (-store +document):\n%s", operation, diff)
			}
		}
		description, _ := valueAt(c.document, "components", "schemas", name+"Dimension", "description").(string)
		properties, _ := valueAt(c.document, "components", "schemas", name+"Count", "properties").(map[string]any)
		for _, dimension := range store.Dimensions(kind) {
			if !strings.Contains(description, "\n- "+dimension+": ") {
				t.Errorf("the description of %sDimension lacks %s", name, dimension)
			}
			if properties[dimension] == nil || properties[dimension+"_label"] == nil {
				t.Errorf("a row of counts of %s lacks %s", kind, dimension)
			}
		}
	}
	if diff := cmp.Diff(store.TimelineParameters(), c.Parameters("getTimeline")); diff != "" {
		t.Errorf("the timeline has other parameters than the store (-store +document):\n%s", diff)
	}
	if diff := cmp.Diff(store.SearchParameters(), c.Parameters("search")); diff != "" {
		t.Errorf("the search has other parameters than the store (-store +document):\n%s", diff)
	}
	var searched []string
	for _, kind := range store.SearchedKinds() {
		searched = append(searched, string(kind))
	}
	if diff := cmp.Diff(store.NamingParameters, c.Parameters("resolveName")); diff != "" {
		t.Errorf("names are asked for with other parameters than the store takes (-store +document):\n%s", diff)
	}
	var named []string
	for _, kind := range claims.Named {
		named = append(named, string(kind))
	}
	for schema, values := range map[string][]string{"SearchKind": searched, "SearchMatch": append([]string{"words"}, store.Whys...), "NamedKind": named, "LookupResource": store.Lookups(), "Bucket": store.Buckets(), "Measure": store.Measures(claims.KindStatement)} {
		if diff := cmp.Diff(values, c.Enum(schema)); diff != "" {
			t.Errorf("schema %s (-store +document):\n%s", schema, diff)
		}
	}
}

// The relations that a list can embed stand in the description of include, and
// those that lead to many are properties of the record.
func TestIncludes(t *testing.T) {
	t.Parallel()
	c := load(t)
	for _, kind := range claims.Kinds {
		l := lists[kind]
		var described, taken []string
		if text, ok := c.queryParameter(l.operation, "include")["description"].(string); ok {
			text, _, _ = strings.Cut(strings.TrimPrefix(text, "Records to embed: "), ";")
			described = strings.Split(text, ", ")
		}
		properties := map[string]bool{}
		for property := range membersOf(c.document, "components", "schemas", l.schema, "properties") {
			properties[property] = true
			if _, err := store.Parse(kind, map[string][]string{"include": {property}}); err == nil {
				taken = append(taken, property)
			}
		}
		slices.Sort(described)
		if diff := cmp.Diff(taken, described); diff != "" {
			t.Errorf("%s can embed other records than it says (-store +document):\n%s", l.operation, diff)
		}
		for _, property := range l.embedded {
			if !slices.Contains(taken, property) {
				t.Errorf("%s has %s, which can't be embedded", l.schema, property)
			}
		}
		_, err := store.Parse(kind, map[string][]string{"include": {"?"}})
		var refused *store.Error
		if !errors.As(err, &refused) || len(refused.Problems) != 1 {
			t.Errorf("%s: include=?: %v", l.operation, err)
			continue
		}
		_, list, _ := strings.Cut(refused.Problems[0].Detail, "is none of ")
		list, _, ok := strings.Cut(list, ", of a ")
		for name := range strings.SplitSeq(list, ", ") {
			if ok && !properties[name] {
				t.Errorf("schema %s lacks %s, which can be embedded", l.schema, name)
			}
		}
	}
}

// What can be written is what the input structs have, and what is shown is
// always there.
func TestFields(t *testing.T) {
	t.Parallel()
	c := load(t)
	for _, kind := range claims.Kinds {
		name := lists[kind].schema
		want := fields(reflect.TypeOf(claims.New(kind)).Elem())
		want = slices.DeleteFunc(want, func(field string) bool {
			return field == "id" || !kind.Keyed() && field == "key" // only import streams bring ids
		})
		c.properties(t, name+"Patch", want)
	}
	for name, part := range map[string]any{
		"Alias": claims.Alias{}, "TargetInput": claims.Target{}, "Target": claims.Target{}, "ConditionInput": claims.Condition{}, "Condition": claims.Condition{},
		"CitationInput": claims.Citation{}, "Citation": claims.Citation{}, "RenderingInput": claims.Rendering{}, "Rendering": claims.Rendering{},
		"NameAsGivenInput": claims.NameAsGiven{}, "NameAsGiven": claims.NameAsGiven{},
		"ClaimPartyInput": claims.ClaimParty{}, "ClaimParty": claims.ClaimParty{}, "ObservationInput": claims.Observation{}, "Observation": claims.Observation{},
		"EventCode": claims.Code{}, "PlaceInput": claims.Place{}, "Place": claims.Place{}, "ParticipantInput": claims.Participant{}, "Participant": claims.Participant{},
		"FigureInput": claims.Figure{}, "Figure": claims.Figure{},
		"ProblemError": struct {
			Line      int    `json:"line"`
			Parameter string `json:"parameter"`
			claims.Problem
		}{},
		"Candidate": store.Candidate{}, "Asking": store.Asking{}, "Naming": store.AskingMany{},
		"Dependent": store.Dependent{}, "Tombstone": store.Tombstone{},
	} {
		c.properties(t, name, fields(reflect.TypeOf(part)))
	}
	for _, l := range lists {
		var shown []string
		for property := range membersOf(c.document, "components", "schemas", l.schema, "properties") {
			if !slices.Contains(l.embedded, property) {
				shown = append(shown, property)
			}
		}
		var required []string
		for _, property := range membersOf(c.document, "components", "schemas", l.schema, "required") {
			required = append(required, property.(string))
		}
		slices.Sort(required)
		if diff := cmp.Diff(shown, required); diff != "" {
			t.Errorf("schema %s does not require all that it shows (-shown +required):\n%s", l.schema, diff)
		}
	}
}

func (c *Contract) properties(t *testing.T, schema string, want []string) {
	t.Helper()
	var got []string
	for property := range membersOf(c.document, "components", "schemas", schema, "properties") {
		got = append(got, property)
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("schema %s has other properties than the code (-code +document):\n%s", schema, diff)
	}
}

// fields are the JSON names of a struct's fields.
func fields(s reflect.Type) []string {
	var names []string
	for f := range s.Fields() {
		if f.Anonymous {
			names = append(names, fields(f.Type)...)
			continue
		}
		if !f.IsExported() {
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}

// Everything that ships in import streams is what the document takes.
func TestStreamsAreInputs(t *testing.T) {
	t.Parallel()
	c := load(t)
	for _, stream := range [][]byte{reference.Countries, sample.Stream} {
		for line := range bytes.Lines(stream) {
			var record map[string]any
			if err := json.Unmarshal(line, &record); err != nil {
				t.Fatal(err)
			}
			schema, err := c.schema([]string{"components", "schemas", lists[claims.Kind(record["type"].(string))].schema + "Input"})
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(record); err != nil {
				t.Errorf("%s: %v", line, err)
			}
		}
	}
}

func TestEverythingIsDescribed(t *testing.T) {
	t.Parallel()
	c := load(t)
	described := func(at []string) {
		node, _ := valueAt(c.document, at...).(map[string]any)
		if text, _ := node["description"].(string); text != "" {
			return
		}
		if ref, _ := c.follow(at); ref["description"] == nil || ref["description"] == "" {
			t.Errorf("%s has no description", pointerOf(at))
		}
	}
	for _, section := range []string{"parameters", "headers", "responses", "schemas", "securitySchemes"} {
		for name := range membersOf(c.document, "components", section) {
			described([]string{"components", section, name})
		}
	}
	for _, tag := range membersOf(c.document, "tags") {
		if valueAt(tag, "description") == nil {
			t.Errorf("a tag has no description: %v", tag)
		}
	}
	for path := range membersOf(c.document, "paths") {
		for method, operation := range membersOf(c.document, "paths", path) {
			if method == "parameters" {
				continue
			}
			at := []string{"paths", path, method}
			described(at)
			if valueAt(operation, "summary") == nil || valueAt(operation, "tags", "0") == nil {
				t.Errorf("%s has no summary or tag", pointerOf(at))
			}
			for _, part := range []string{"parameters", "responses"} {
				for name := range membersOf(operation, part) {
					described(within(at, part, name))
				}
			}
			if valueAt(operation, "requestBody") != nil {
				described(within(at, "requestBody"))
			}
		}
	}
	c.walk(func(at []string, node map[string]any) {
		names := 0 // a property may be named so itself
		for names < len(at) && at[len(at)-1-names] == "properties" {
			names++
		}
		if names%2 == 1 {
			return
		}
		for name, property := range membersOf(node, "properties") {
			if p := property.(map[string]any); len(p) == 1 && p["required"] != nil {
				continue // adds to a property that is described elsewhere
			}
			described(within(at, "properties", name))
		}
		if additional, ok := node["additionalProperties"]; node["properties"] != nil && node["type"] == "object" && (!ok || additional != false) {
			t.Errorf("%s is open to other properties", pointerOf(at))
		}
	})
}

// walk visits all objects of the document.
func (c *Contract) walk(visit func(at []string, node map[string]any)) {
	var down func(at []string, v any)
	down = func(at []string, v any) {
		if node, ok := v.(map[string]any); ok {
			visit(at, node)
		}
		for name, member := range membersOf(v) {
			if name == "examples" || name == "example" || name == "enum" {
				continue
			}
			down(within(at, name), member)
		}
	}
	down(nil, c.document)
}

func TestExamples(t *testing.T) {
	t.Parallel()
	c := load(t)
	count := 0
	c.walk(func(at []string, node map[string]any) {
		schemaAt := at
		examples := []any{node["example"]} // of a parameter or header
		if list, ok := node["examples"].([]any); ok {
			examples = list // of a schema
		} else {
			schemaAt = within(at, "schema")
		}
		if examples[0] == nil && len(examples) == 1 {
			return
		}
		schema, err := c.schema(schemaAt)
		if err != nil {
			t.Fatal(err)
		}
		for _, example := range examples {
			count++
			if err := schema.Validate(example); err != nil {
				t.Errorf("%s: example %v: %v", pointerOf(at), example, err)
			}
			key, _ := valueAt(example, "key").(string)
			if id, _ := valueAt(example, "id").(string); key != "" && id != "" && id != claims.ID(key) {
				t.Errorf("%s: id %s does not follow from key %s", pointerOf(at), id, key)
			}
		}
	})
	if count < 100 {
		t.Errorf("only %d examples found", count)
	}
	for name, node := range membersOf(c.document, "components", "schemas") {
		if !strings.HasSuffix(name, "Patch") && !strings.HasSuffix(name, "List") && valueAt(node, "examples") == nil {
			t.Errorf("schema %s has no example", name)
		}
	}
}
