package claims

import "onrecord/internal/edtf"

// ReportInput is one article's rendering of a statement: unique for the two.
type ReportInput struct {
	Header
	Statement         Ref         `json:"statement,omitzero"` // for life
	Article           Ref         `json:"article"`            // for life
	Match             string      `json:"match,omitzero"`     // Matches; default "explicit"
	MatchNote         string      `json:"match_note,omitzero"`
	Credibility       *int        `json:"credibility,omitzero"` // 1 to 6: that it was said so, not that it is true
	CredibilityBy     string      `json:"credibility_by,omitzero"`
	CredibilityOn     edtf.Date   `json:"credibility_on,omitzero"`
	CredibilityReason string      `json:"credibility_reason,omitzero"`
	Cites             []Citation  `json:"cites,omitempty"` // nearest first
	Renderings        []Rendering `json:"renderings,omitempty"`
}

// A Citation is one step of the chain by which an article has what it reports.
type Citation struct {
	Source  Ref    `json:"source,omitzero"`
	Article Ref    `json:"article,omitzero"`
	Words   string `json:"words,omitzero"` // as the article puts it: "according to reports"
}

// A Rendering is one wording of the statement within the article.
type Rendering struct {
	Part            string        `json:"part"`                 // RenderingParts
	Text            string        `json:"text,omitzero"`        // the shortest clause, as printed, that carries the statement
	Form            string        `json:"form"`                 // RenderingForms
	Attribution     string        `json:"attribution,omitzero"` // Attributions; default "explicit"
	AttributionVerb string        `json:"attribution_verb,omitzero"`
	Hedge           string        `json:"hedge,omitzero"`         // on the saying: "reportedly"
	ContentHedge    string        `json:"content_hedge,omitzero"` // on the thing said: "alleged"
	Condition       string        `json:"condition,omitzero"`     // as this article gives it
	NamesAsGiven    []NameAsGiven `json:"names_as_given,omitempty"`
	TimeAsGiven     string        `json:"time_as_given,omitzero"`
	Locator         string        `json:"locator,omitzero"` // paragraph, sentence, first words
	Translated      bool          `json:"translated"`       // by the outlet or the coder, from another language
}

// A NameAsGiven is what the article calls the speaker or a target.
type NameAsGiven struct {
	Country Ref    `json:"country,omitzero"`
	Speaker Ref    `json:"speaker,omitzero"`
	Name    string `json:"name"`
}

// Kind is KindReport.
func (*ReportInput) Kind() Kind { return KindReport }

// Check is as Input says.
func (in *ReportInput) Check(c *Check) {
	c.Required("/statement", in.Statement.IsZero())
	c.Ref("/statement", in.Statement, KindStatement)
	c.child(func() { in.check(c) })
}

// checkNested checks a report within its statement.
func (in *ReportInput) checkNested(c *Check, statement *StatementInput) {
	in.inherit(statement, name(in.Article))
	c.child(func() { in.check(c) })
}

func (in *ReportInput) check(c *Check) {
	in.Header.check(c, KindReport)
	if in.Match == "" {
		in.Match = "explicit"
	}
	c.Required("/article", in.Article.IsZero())
	c.Ref("/article", in.Article, KindArticle)
	c.Term("/match", in.Match, Matches)
	c.Line("/match_note", in.MatchNote)
	if in.Match == "inferred" {
		c.Required("/match_note", in.MatchNote == "")
	}
	if in.Credibility != nil && (*in.Credibility < 1 || *in.Credibility > 6) {
		c.Add("/credibility", "range", "is not from 1 to 6")
	}
	if rated := in.Credibility != nil; rated {
		c.Required("/credibility_by", in.CredibilityBy == "")
		c.Required("/credibility_on", in.CredibilityOn.IsZero())
	} else if in.CredibilityBy != "" || !in.CredibilityOn.IsZero() || in.CredibilityReason != "" {
		c.Add("/credibility", "required", "is required where a rater, date or reason is given")
	}
	c.Name("/credibility_by", in.CredibilityBy)
	c.Line("/credibility_reason", in.CredibilityReason)
	each(c, "/cites", in.Cites, func(s *Citation) {
		c.Ref("/source", s.Source, KindSource)
		c.Ref("/article", s.Article, KindArticle)
		c.Line("/words", s.Words)
		if !s.Source.IsZero() && !s.Article.IsZero() {
			c.Add("", "one_of", "give a source or an article, not both")
		}
		c.Required("/words", s.Source.IsZero() && s.Article.IsZero() && s.Words == "")
		if !s.Article.IsZero() && s.Article.String() == in.Article.String() {
			c.Add("/article", "self", "a report does not cite its own article")
		}
	})
	each(c, "/renderings", in.Renderings, func(r *Rendering) { r.check(c) })
}

func (r *Rendering) check(c *Check) {
	if r.Attribution == "" {
		r.Attribution = "explicit"
	}
	c.Required("/part", r.Part == "")
	c.Term("/part", r.Part, RenderingParts)
	c.Text("/text", r.Text)
	c.Required("/form", r.Form == "")
	c.Term("/form", r.Form, RenderingForms)
	c.Term("/attribution", r.Attribution, Attributions)
	c.Name("/attribution_verb", r.AttributionVerb)
	c.Line("/hedge", r.Hedge)
	c.Line("/content_hedge", r.ContentHedge)
	c.Line("/condition", r.Condition)
	c.Line("/time_as_given", r.TimeAsGiven)
	c.Line("/locator", r.Locator)
	each(c, "/names_as_given", r.NamesAsGiven, func(n *NameAsGiven) {
		c.Required("/name", n.Name == "")
		c.Line("/name", n.Name)
		c.Ref("/country", n.Country, KindCountry)
		c.Ref("/speaker", n.Speaker, KindSpeaker)
		c.one("country, speaker", !n.Country.IsZero(), !n.Speaker.IsZero())
	})
}

// Row is as Input says.
func (in *ReportInput) Row() any { return in }
