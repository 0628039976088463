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

	KindOffice     Kind = "office"
	KindTenure     Kind = "tenure"
	KindRating     Kind = "rating"
	KindClaim      Kind = "claim"
	KindPosition   Kind = "position"
	KindClaimLink  Kind = "claim_link"
	KindLink       Kind = "link"
	KindEvent      Kind = "event"
	KindEventLink  Kind = "event_link"
	KindMention    Kind = "mention"
	KindAssessment Kind = "assessment"
	KindTip        Kind = "tip"
)

// Kinds lists all kinds in the order in which a load writes them: each comes
// after those it refers to, but for statements and events, which refer to each
// other, and for references to the own kind.
var Kinds = []Kind{KindCountry, KindTopic, KindSource, KindRating, KindSpeaker, KindOffice, KindArticle, KindTenure,
	KindEvent, KindStatement, KindReport, KindClaim, KindPosition, KindClaimLink, KindLink, KindEventLink, KindMention, KindAssessment, KindTip}

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
	if make := makers[kind]; make != nil {
		return make()
	}
	return nil
}

var makers = map[Kind]func() Input{
	KindCountry: func() Input { return new(CountryInput) }, KindTopic: func() Input { return new(TopicInput) },
	KindSource: func() Input { return new(SourceInput) }, KindRating: func() Input { return new(RatingInput) },
	KindSpeaker: func() Input { return new(SpeakerInput) }, KindOffice: func() Input { return new(OfficeInput) },
	KindArticle: func() Input { return new(ArticleInput) }, KindTenure: func() Input { return new(TenureInput) },
	KindEvent: func() Input { return new(EventInput) }, KindEventLink: func() Input { return new(EventLinkInput) },
	KindStatement: func() Input { return new(StatementInput) }, KindReport: func() Input { return new(ReportInput) },
	KindClaim: func() Input { return new(ClaimInput) }, KindPosition: func() Input { return new(PositionInput) },
	KindClaimLink: func() Input { return new(ClaimLinkInput) }, KindLink: func() Input { return new(LinkInput) },
	KindMention: func() Input { return new(MentionInput) }, KindAssessment: func() Input { return new(AssessmentInput) },
	KindTip: func() Input { return new(TipInput) },
}

// Header is what every record's input has.
type Header struct {
	Type    Kind   `json:"type,omitzero"`    // as in an import stream; may be left out where the address says it
	ID      string `json:"id,omitzero"`      // in an import stream only, of a record without a key
	Key     string `json:"key,omitzero"`     // given at creation, for life
	Dataset string `json:"dataset,omitzero"` // default "own"
	Review  string `json:"review,omitzero"`  // Reviews; default "machine"

	given string // the id that was given
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
	switch {
	case h.ID == "":
	case !c.Stream || !kind.Keyed():
		c.Add("/id", "unknown_field", "is not a field of this record")
	case CheckID(kind, h.ID) != nil:
		c.Add("/id", "id", CheckID(kind, h.ID).Error())
	case h.Key != "" && ID(h.Key) != h.ID:
		c.Add("/id", "id", "is not the id that follows from the key")
	}
	h.given, h.ID = h.ID, ""
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
	return in.Head().given
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
	case KindPosition:
		return []string{"key", "statement", "claim"}
	case KindLink:
		return []string{"key", "statement"}
	}
	return []string{"key"}
}

// Keep completes an input that replaces old by what can't change, and reports
// where it tries to: key, code and slug, and the statement that a child belongs
// to, are for life. Nested records are written by POST only.
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
	case *PositionInput:
		was := old.(*PositionInput)
		fixed("/statement", was.Statement.id, &in.Statement.id)
		fixed("/claim", was.Claim.id, &in.Claim.id)
	case *LinkInput:
		fixed("/statement", old.(*LinkInput).Statement.id, &in.Statement.id)
	case *StatementInput:
		for pointer, given := range map[string]bool{"/reports": in.Reports != nil, "/positions": in.Positions != nil, "/links": in.Links != nil} {
			if given {
				c.Add(pointer, "nested", "these are records of their own: write them at /v1"+pointer)
			}
		}
	}
	return c.Problems
}
