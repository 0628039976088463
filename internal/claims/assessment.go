package claims

import "onrecord/internal/edtf"

// AssessmentInput is a reviewer's verdict on a claim or a statement, as
// published.
type AssessmentInput struct {
	Header
	Claim      Ref       `json:"claim,omitzero"`
	Statement  Ref       `json:"statement,omitzero"`
	Verdict    string    `json:"verdict"`             // as published
	Scale      string    `json:"scale,omitzero"`      // the reviewer's scale, by name
	Normalised string    `json:"normalised,omitzero"` // Verdicts
	Reviewer   Ref       `json:"reviewer"`            // a source
	URL        string    `json:"url,omitzero"`
	ReviewedOn edtf.Date `json:"reviewed_on,omitzero"`
	Rationale  string    `json:"rationale,omitzero"`
	Evidence   []string  `json:"evidence,omitempty"` // URLs
}

// Kind is KindAssessment.
func (*AssessmentInput) Kind() Kind { return KindAssessment }

// Check is as Input says.
func (in *AssessmentInput) Check(c *Check) {
	in.Header.check(c, KindAssessment)
	c.Ref("/claim", in.Claim, KindClaim)
	c.Ref("/statement", in.Statement, KindStatement)
	c.one("claim, statement", !in.Claim.IsZero(), !in.Statement.IsZero())
	c.Required("/verdict", in.Verdict == "")
	c.Name("/verdict", in.Verdict)
	c.Name("/scale", in.Scale)
	c.Term("/normalised", in.Normalised, Verdicts)
	c.Required("/reviewer", in.Reviewer.IsZero())
	c.Ref("/reviewer", in.Reviewer, KindSource)
	c.URL("/url", in.URL)
	c.Text("/rationale", in.Rationale)
	each(c, "/evidence", in.Evidence, func(url *string) {
		c.Required("", *url == "")
		c.URL("", *url)
	})
}

// Row is as Input says.
func (in *AssessmentInput) Row() any { return in }

// TipInput is a reader's message on a record. The contact is never shown.
type TipInput struct {
	Header
	On       string `json:"on"` // the kind of record
	Record   string `json:"record"`
	Text     string `json:"text"`
	Contact  string `json:"contact,omitzero"`
	Status   string `json:"status,omitzero"`   // TipStatuses; default "new"
	Change   *int   `json:"change,omitzero"`   // the seq of the change that an accepted tip led to
	Response string `json:"response,omitzero"` // why it was accepted or rejected
}

// Kind is KindTip.
func (*TipInput) Kind() Kind { return KindTip }

// Check is as Input says.
func (in *TipInput) Check(c *Check) {
	in.Header.check(c, KindTip)
	if in.Status == "" {
		in.Status = "new"
	}
	c.Required("/on", in.On == "")
	c.Required("/record", in.Record == "")
	if in.On != "" && (New(Kind(in.On)) == nil || Kind(in.On) == KindTip) {
		c.Add("/on", "unknown_value", "is not a kind of record that tips are about")
	} else if in.On != "" && in.Record != "" {
		c.Ref("/record", RefID(in.Record), Kind(in.On))
	}
	c.Required("/text", in.Text == "")
	if len([]rune(in.Text)) > 5_000 {
		c.Add("/text", "too_long", "at most 5000 characters")
	}
	c.Text("/text", in.Text)
	c.Name("/contact", in.Contact)
	c.Term("/status", in.Status, TipStatuses)
	c.Line("/response", in.Response)
	if in.Status == "accepted" {
		c.Required("/change", in.Change == nil)
		if in.Change != nil && *in.Change < 1 {
			c.Add("/change", "range", "is not the seq of a change")
		}
	} else if in.Change != nil {
		c.Add("/change", "not_accepted", "goes with an accepted tip")
	}
}

// Row is as Input says.
func (in *TipInput) Row() any { return in }
