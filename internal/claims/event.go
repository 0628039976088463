package claims

import (
	"regexp"

	"onrecord/internal/edtf"
)

// EventInput is something that happened, as somebody tells it: participants
// and figures always say who gives them.
type EventInput struct {
	Header
	EventKind    string        `json:"kind"` // EventKinds
	Codes        []Code        `json:"codes,omitempty"`
	Title        string        `json:"title"`
	Description  string        `json:"description,omitzero"`
	Occurred     edtf.Date     `json:"occurred,omitzero"`
	Country      Ref           `json:"country,omitzero"`
	PartOf       Ref           `json:"part_of,omitzero"` // another event
	Ordinal      *int          `json:"ordinal,omitzero"` // "the eighth": 8
	Topics       []Ref         `json:"topics,omitempty"`
	Places       []Place       `json:"places,omitempty"`
	Participants []Participant `json:"participants,omitempty"`
	Figures      []Figure      `json:"figures,omitempty"`
}

// A Code is the event's kind in another scheme.
type Code struct {
	Scheme string `json:"scheme"` // such as CAMEO, PLOVER
	Code   string `json:"code"`   // text: leading zeros count
}

// A Place is where an event took place.
type Place struct {
	Name      string   `json:"name"`
	Latitude  *float64 `json:"latitude,omitzero"`
	Longitude *float64 `json:"longitude,omitzero"`
	Precision string   `json:"precision"` // Precisions
}

// A Participant is who had a part in an event, according to whom.
type Participant struct {
	Role             string `json:"role"` // ParticipantRoles
	Country          Ref    `json:"country,omitzero"`
	Speaker          Ref    `json:"speaker,omitzero"`
	GivenByArticle   Ref    `json:"given_by_article,omitzero"`
	GivenByStatement Ref    `json:"given_by_statement,omitzero"`
}

// A Figure is a number of an event, according to whom. "More than 160" is low
// 161 without high; "up to 5" high 5 without low; "several" has neither.
type Figure struct {
	Metric           string    `json:"metric"`            // Metrics
	Unit             string    `json:"unit,omitzero"`     // of seized, money, count, other
	Of               string    `json:"of,omitzero"`       // whom or what
	Civilian         *bool     `json:"civilian,omitzero"` // null: unknown
	AsGiven          string    `json:"as_given"`
	Low              *float64  `json:"low,omitzero"`
	High             *float64  `json:"high,omitzero"`
	Approximate      bool      `json:"approximate"`
	GivenByArticle   Ref       `json:"given_by_article,omitzero"`
	GivenByStatement Ref       `json:"given_by_statement,omitzero"`
	AsOf             edtf.Date `json:"as_of,omitzero"`
}

var scheme = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9._-]{0,31}$`)

// Kind is KindEvent.
func (*EventInput) Kind() Kind { return KindEvent }

// Check is as Input says.
func (in *EventInput) Check(c *Check) {
	in.Header.check(c, KindEvent)
	c.Required("/kind", in.EventKind == "")
	c.Term("/kind", in.EventKind, EventKinds)
	each(c, "/codes", in.Codes, func(code *Code) {
		if !scheme.MatchString(code.Scheme) {
			c.Add("/scheme", "scheme", "is not a scheme's name: letters, digits, dots, dashes, underscores")
		}
		c.Required("/code", code.Code == "")
		c.Name("/code", code.Code)
	})
	distinct(c, "/codes", in.Codes, func(code Code) string { return code.Scheme + " " + code.Code })
	c.Required("/title", in.Title == "")
	c.Line("/title", in.Title)
	c.Text("/description", in.Description)
	c.Ref("/country", in.Country, KindCountry)
	c.Ref("/part_of", in.PartOf, KindEvent)
	if in.Ordinal != nil && (*in.Ordinal < 1 || *in.Ordinal > 1_000_000) {
		c.Add("/ordinal", "range", "is not from 1 to 1000000")
	}
	c.topics(in.Topics)
	each(c, "/places", in.Places, func(p *Place) {
		c.Required("/name", p.Name == "")
		c.Name("/name", p.Name)
		c.coordinates(p.Latitude, p.Longitude)
		c.Required("/precision", p.Precision == "")
		c.Term("/precision", p.Precision, Precisions)
	})
	each(c, "/participants", in.Participants, func(p *Participant) {
		c.Required("/role", p.Role == "")
		c.Term("/role", p.Role, ParticipantRoles)
		c.Ref("/country", p.Country, KindCountry)
		c.Ref("/speaker", p.Speaker, KindSpeaker)
		c.one("country, speaker", !p.Country.IsZero(), !p.Speaker.IsZero())
		c.givenBy(p.GivenByArticle, p.GivenByStatement)
	})
	each(c, "/figures", in.Figures, func(f *Figure) { f.check(c) })
}

func (f *Figure) check(c *Check) {
	c.Required("/metric", f.Metric == "")
	c.Term("/metric", f.Metric, Metrics)
	c.Name("/unit", f.Unit)
	if f.Metric == "money" || f.Metric == "seized" || f.Metric == "count" {
		c.Required("/unit", f.Unit == "")
	}
	c.Line("/of", f.Of)
	c.Required("/as_given", f.AsGiven == "")
	c.Line("/as_given", f.AsGiven)
	for pointer, v := range map[string]*float64{"/low": f.Low, "/high": f.High} {
		if v != nil && (*v < 0 || *v > 1e15) {
			c.Add(pointer, "range", "is not from 0 to 1e15")
		}
	}
	if f.Low != nil && f.High != nil && *f.Low > *f.High {
		c.Add("/low", "inverted", "is more than high")
	}
	c.givenBy(f.GivenByArticle, f.GivenByStatement)
}

// givenBy checks that a contested detail says who gives it.
func (c *Check) givenBy(article, statement Ref) {
	c.Ref("/given_by_article", article, KindArticle)
	c.Ref("/given_by_statement", statement, KindStatement)
	c.one("given_by_article, given_by_statement", !article.IsZero(), !statement.IsZero())
}

// Row is as Input says.
func (in *EventInput) Row() any {
	occurred := in.Occurred.Range()
	return struct {
		*EventInput
		OccurredFrom      edtf.Day   `json:"occurred_from"`
		OccurredTo        edtf.Day   `json:"occurred_to"`
		OccurredDays      int        `json:"occurred_days"`
		OccurredQualified bool       `json:"occurred_qualified"`
		Topics            []topicRow `json:"topics"`
	}{in, occurred.From, occurred.To, occurred.Days(), in.Occurred.Qualified(), topicRows(in.Topics)}
}

// EventLinkInput says how one event stands to another, according to whom.
type EventLinkInput struct {
	Header
	From             Ref    `json:"from"`
	To               Ref    `json:"to"`
	Relation         string `json:"relation"` // EventRelations
	GivenByArticle   Ref    `json:"given_by_article,omitzero"`
	GivenByStatement Ref    `json:"given_by_statement,omitzero"`
}

// Kind is KindEventLink.
func (*EventLinkInput) Kind() Kind { return KindEventLink }

// Check is as Input says.
func (in *EventLinkInput) Check(c *Check) {
	in.Header.check(c, KindEventLink)
	c.link(in.From, in.To, KindEvent)
	c.Required("/relation", in.Relation == "")
	c.Term("/relation", in.Relation, EventRelations)
	c.givenBy(in.GivenByArticle, in.GivenByStatement)
}

// Row is as Input says.
func (in *EventLinkInput) Row() any { return in }

// MentionInput is an article that names an event, and what for.
type MentionInput struct {
	Header
	Article     Ref    `json:"article"`
	Event       Ref    `json:"event"`
	Role        string `json:"role"`               // MentionRoles
	Statement   Ref    `json:"statement,omitzero"` // the statement that it stands behind
	TimeAsGiven string `json:"time_as_given,omitzero"`
	Locator     string `json:"locator,omitzero"`
}

// Kind is KindMention.
func (*MentionInput) Kind() Kind { return KindMention }

// Check is as Input says.
func (in *MentionInput) Check(c *Check) {
	in.Header.check(c, KindMention)
	c.Required("/article", in.Article.IsZero())
	c.Ref("/article", in.Article, KindArticle)
	c.Required("/event", in.Event.IsZero())
	c.Ref("/event", in.Event, KindEvent)
	c.Required("/role", in.Role == "")
	c.Term("/role", in.Role, MentionRoles)
	c.Ref("/statement", in.Statement, KindStatement)
	c.Line("/time_as_given", in.TimeAsGiven)
	c.Line("/locator", in.Locator)
}

// Row is as Input says.
func (in *MentionInput) Row() any { return in }
