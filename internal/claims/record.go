// Package claims is the domain: the records of the database of who said what,
// their vocabularies, what makes one valid, and the ids that follow from keys.
// It knows neither SQL nor HTTP.
package claims

// A Kind names a sort of record, as `type` does in an import stream.
type Kind string

// The kinds of records.
const (
	KindCountry   Kind = "country"
	KindSpeaker   Kind = "speaker"
	KindSource    Kind = "source"
	KindArticle   Kind = "article"
	KindTopic     Kind = "topic"
	KindStatement Kind = "statement"
	KindReport    Kind = "report"
)

// Kinds lists all kinds so that each comes after those it refers to (a
// reference to its own kind aside): the order in which a load writes them.
var Kinds = []Kind{KindCountry, KindTopic, KindSource, KindSpeaker, KindArticle, KindStatement, KindReport}

// Input is what a client may write of a record.
type Input interface {
	Kind() Kind
	// Head is the part that all records share.
	Head() *Header
	// Check sets what was left out to its default, reports what is wrong and
	// notes the references to be found.
	Check(*Check)
	// Row is the input as columns and parts: JSON names are column names, an
	// array is a table of parts.
	Row() any
	// Nested are the records carried within this one, each referring back to
	// it by id.
	Nested(id string) []Input
}

// New is an empty input of the kind, nil for an unknown one.
func New(kind Kind) Input {
	switch kind {
	case KindCountry:
		return new(CountryInput)
	case KindSpeaker:
		return new(SpeakerInput)
	case KindSource:
		return new(SourceInput)
	case KindArticle:
		return new(ArticleInput)
	case KindTopic:
		return new(TopicInput)
	case KindStatement:
		return new(StatementInput)
	case KindReport:
		return new(ReportInput)
	}
	return nil
}

// Header is what every record's input has.
type Header struct {
	Type    Kind   `json:"type,omitzero"`    // as in an import stream; may be left out where the address says it
	Key     string `json:"key,omitzero"`     // given at creation, for life
	Dataset string `json:"dataset,omitzero"` // default "own"
	Review  string `json:"review,omitzero"`  // Reviews; default "machine"
}

// Head returns the header itself, for the inputs that embed it.
func (h *Header) Head() *Header { return h }

// Nested is empty for the kinds that carry no records within.
func (h *Header) Nested(string) []Input { return nil }

// The defaults of the header. A review nobody states is none.
const (
	DefaultDataset = "own"
	defaultReview  = "machine"
)

func (h *Header) check(c *Check, kind Kind) {
	if h.Type != "" && h.Type != kind {
		c.Add("/type", "type", "is not "+string(kind))
	}
	h.Type = ""
	if h.Dataset == "" {
		h.Dataset = DefaultDataset
	}
	if h.Review == "" {
		h.Review = defaultReview
	}
	if h.Key != "" {
		if err := checkKey(h.Key, c.mostKey()); err != nil {
			c.Add("/key", "key", err.Error())
		}
	}
	if !slug(h.Dataset) {
		c.Add("/dataset", "dataset", "a dataset is named by 1 to 63 lower-case letters, digits, dots, dashes or underscores")
	}
	c.Term("/review", h.Review, Reviews)
}

// GivenID is the id that an input brings with it: a country's code, a topic's
// slug, else what follows from the key; "" where one has to be made.
func GivenID(in Input) string {
	switch in := in.(type) {
	case *CountryInput:
		return in.Code
	case *TopicInput:
		return in.Slug
	}
	if key := in.Head().Key; key != "" {
		return ID(key)
	}
	return ""
}

// Keyed reports whether records of the kind are named by keys: countries have
// their code and topics their slug instead.
func (kind Kind) Keyed() bool { return kind != KindCountry && kind != KindTopic }

// Fixed are the fields of a kind that stay as they were at creation.
func (kind Kind) Fixed() []string {
	switch kind {
	case KindCountry, KindTopic:
		return []string{kind.IDName()}
	case KindReport:
		return []string{"key", "statement", "article"}
	}
	return []string{"key"}
}

// Keep completes an input that replaces old by what can't change, and reports
// where it tries to: key, code and slug, and the two that a report joins, are
// for life. Nested records are written by POST only.
func Keep(old, in Input) []Problem {
	var c Check
	fixed := func(pointer string, old string, now *string) {
		if *now == "" {
			*now = old
		} else if *now != old {
			c.Add(pointer, "fixed", "can't be changed")
		}
	}
	fixed("/key", old.Head().Key, &in.Head().Key)
	switch in := in.(type) {
	case *CountryInput:
		fixed("/code", old.(*CountryInput).Code, &in.Code)
	case *TopicInput:
		fixed("/slug", old.(*TopicInput).Slug, &in.Slug)
	case *ReportInput:
		was := old.(*ReportInput)
		fixed("/statement", was.Statement.id, &in.Statement.id)
		fixed("/article", was.Article.id, &in.Article.id)
	case *StatementInput:
		if in.Reports != nil {
			c.Add("/reports", "nested", "reports are records of their own: write them at /v1/reports")
		}
	}
	return c.Problems
}
