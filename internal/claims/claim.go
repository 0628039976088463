package claims

import "onrecord/internal/edtf"

// ClaimInput is a proposition in neutral words: where an accusation and its
// denial meet, if they are about the same.
type ClaimInput struct {
	Header
	Text   string       `json:"text"` // one neutral sentence
	Sort   string       `json:"sort"` // ClaimSorts
	Period edtf.Date    `json:"period,omitzero"`
	Topics []Ref        `json:"topics,omitempty"`
	About  []ClaimParty `json:"about,omitempty"`
}

// A ClaimParty is whom a claim is about.
type ClaimParty struct {
	Role    string `json:"role"` // ClaimRoles
	Country Ref    `json:"country,omitzero"`
	Speaker Ref    `json:"speaker,omitzero"`
}

// Kind is KindClaim.
func (*ClaimInput) Kind() Kind { return KindClaim }

// Check is as Input says.
func (in *ClaimInput) Check(c *Check) {
	in.Header.check(c, KindClaim)
	c.Required("/text", in.Text == "")
	c.Line("/text", in.Text)
	c.Required("/sort", in.Sort == "")
	c.Term("/sort", in.Sort, ClaimSorts)
	c.topics(in.Topics)
	each(c, "/about", in.About, func(p *ClaimParty) {
		c.Required("/role", p.Role == "")
		c.Term("/role", p.Role, ClaimRoles)
		c.Ref("/country", p.Country, KindCountry)
		c.Ref("/speaker", p.Speaker, KindSpeaker)
		c.one("country, speaker", !p.Country.IsZero(), !p.Speaker.IsZero())
	})
	distinct(c, "/about", in.About, func(p ClaimParty) string { return p.Role + " " + p.Country.String() + p.Speaker.String() })
}

// Row is as Input says.
func (in *ClaimInput) Row() any {
	period := valid(in.Period)
	return struct {
		*ClaimInput
		PeriodFrom edtf.Day   `json:"period_from"`
		PeriodTo   edtf.Day   `json:"period_to"`
		Topics     []topicRow `json:"topics"`
	}{in, period.ValidFrom, period.ValidTo, topicRows(in.Topics)}
}

// PositionInput is what a statement says of a claim.
type PositionInput struct {
	Header
	Statement Ref    `json:"statement,omitzero"` // for life
	Claim     Ref    `json:"claim"`
	Stance    string `json:"stance"`             // Stances
	Withdraws Ref    `json:"withdraws,omitzero"` // the position that a withdrawal takes back
}

// Kind is KindPosition.
func (*PositionInput) Kind() Kind { return KindPosition }

// Check is as Input says.
func (in *PositionInput) Check(c *Check) {
	c.Required("/statement", in.Statement.IsZero())
	c.Ref("/statement", in.Statement, KindStatement)
	c.child(func() { in.check(c) })
}

func (in *PositionInput) check(c *Check) {
	in.Header.check(c, KindPosition)
	c.Required("/claim", in.Claim.IsZero())
	c.Ref("/claim", in.Claim, KindClaim)
	c.Required("/stance", in.Stance == "")
	c.Term("/stance", in.Stance, Stances)
	c.Ref("/withdraws", in.Withdraws, KindPosition)
	if in.Stance == "withdraws" {
		c.Required("/withdraws", in.Withdraws.IsZero())
	} else if !in.Withdraws.IsZero() {
		c.Add("/withdraws", "not_withdrawn", "goes with the stance withdraws")
	}
}

// Row is as Input says.
func (in *PositionInput) Row() any { return in }

// ClaimLinkInput says how one claim stands to another.
type ClaimLinkInput struct {
	Header
	From     Ref    `json:"from"`
	To       Ref    `json:"to"`
	Relation string `json:"relation"` // ClaimRelations
}

// Kind is KindClaimLink.
func (*ClaimLinkInput) Kind() Kind { return KindClaimLink }

// Check is as Input says.
func (in *ClaimLinkInput) Check(c *Check) {
	in.Header.check(c, KindClaimLink)
	c.link(in.From, in.To, KindClaim)
	c.Required("/relation", in.Relation == "")
	c.Term("/relation", in.Relation, ClaimRelations)
}

// Row is as Input says.
func (in *ClaimLinkInput) Row() any { return in }

// link checks the two ends of a link between records of one kind.
func (c *Check) link(from, to Ref, kind Kind) {
	c.Required("/from", from.IsZero())
	c.Ref("/from", from, kind)
	c.Required("/to", to.IsZero())
	c.Ref("/to", to, kind)
	if !from.IsZero() && from.String() == to.String() {
		c.Add("/to", "self", "links a record to itself")
	}
}
