package claims

import (
	"regexp"

	"onrecord/internal/edtf"
)

// SpeakerInput is anyone who can be quoted or spoken about: a person, a body,
// a group, a collective.
type SpeakerInput struct {
	Header
	Name        string    `json:"name"`
	SpeakerKind string    `json:"kind"`                 // SpeakerKinds
	Nationality Ref       `json:"nationality,omitzero"` // of a person: a country
	Country     Ref       `json:"country,omitzero"`     // of a body: the country it belongs to
	PartOf      Ref       `json:"part_of,omitzero"`     // another speaker
	Source      Ref       `json:"source,omitzero"`      // of a media speaker: its outlet
	WikidataID  string    `json:"wikidata_id,omitzero"` // Q and digits
	DeFacto     edtf.Date `json:"de_facto,omitzero"`    // when a government ruled without general recognition
	Aliases     []Alias   `json:"aliases,omitempty"`
}

var wikidataID = regexp.MustCompile(`^Q[1-9][0-9]{0,11}$`)

// Kind is KindSpeaker.
func (*SpeakerInput) Kind() Kind { return KindSpeaker }

// Check is as Input says.
func (in *SpeakerInput) Check(c *Check) {
	in.Header.check(c, KindSpeaker)
	c.Required("/name", in.Name == "")
	c.Name("/name", in.Name)
	c.Required("/kind", in.SpeakerKind == "")
	c.Term("/kind", in.SpeakerKind, SpeakerKinds)
	c.Ref("/nationality", in.Nationality, KindCountry)
	c.Ref("/country", in.Country, KindCountry)
	c.Ref("/part_of", in.PartOf, KindSpeaker)
	c.Ref("/source", in.Source, KindSource)
	person := in.SpeakerKind == "person"
	if person && !in.Country.IsZero() {
		c.Add("/country", "person", "a person has a nationality, not a country")
	}
	if !person && !in.Nationality.IsZero() {
		c.Add("/nationality", "not_a_person", "only a person has a nationality; a body has a country")
	}
	if !in.Source.IsZero() && in.SpeakerKind != "media" {
		c.Add("/source", "not_media", "only a media speaker has a source")
	}
	if in.WikidataID != "" && !wikidataID.MatchString(in.WikidataID) {
		c.Add("/wikidata_id", "wikidata_id", "is not a Wikidata item: Q and digits")
	}
	if !in.DeFacto.IsZero() && in.SpeakerKind != "government" {
		c.Add("/de_facto", "not_a_government", "only a government rules de facto")
	}
	each(c, "/aliases", in.Aliases, func(a *Alias) { a.check(c) })
}

// Row is as Input says.
func (in *SpeakerInput) Row() any {
	return struct {
		*SpeakerInput
		Aliases []aliasRow `json:"aliases"`
	}{in, aliasRows(in.Aliases)}
}
