package claims

import "strings"

// SourceInput is an outlet: an agency, newspaper, broadcaster or site.
type SourceInput struct {
	Header
	Name       string   `json:"name"`
	SourceKind string   `json:"kind"` // SourceKinds
	Country    Ref      `json:"country,omitzero"`
	Domain     string   `json:"domain,omitzero"` // host name in lower case
	Languages  []string `json:"languages,omitempty"`
	Owner      Ref      `json:"owner,omitzero"`      // another source
	Identified *bool    `json:"identified,omitzero"` // default true; false where nobody knows which outlet it is
}

// Kind is KindSource.
func (*SourceInput) Kind() Kind { return KindSource }

// Check is as Input says.
func (in *SourceInput) Check(c *Check) {
	in.Header.check(c, KindSource)
	if in.Identified == nil {
		in.Identified = new(bool)
		*in.Identified = true
	}
	c.Required("/name", in.Name == "")
	c.Name("/name", in.Name)
	c.Required("/kind", in.SourceKind == "")
	c.Term("/kind", in.SourceKind, SourceKinds)
	c.Ref("/country", in.Country, KindCountry)
	c.Ref("/owner", in.Owner, KindSource)
	c.Name("/domain", in.Domain)
	if strings.ToLower(in.Domain) != in.Domain || strings.ContainsAny(in.Domain, "/: ") {
		c.Add("/domain", "domain", "is not a host name in lower case")
	}
	each(c, "/languages", in.Languages, func(l *string) {
		c.Required("", *l == "")
		c.Language("", *l)
	})
}

// Row is as Input says.
func (in *SourceInput) Row() any { return in }
