package claims

import "onrecord/internal/edtf"

// OfficeInput is a post that persons hold one after the other.
type OfficeInput struct {
	Header
	Title   string `json:"title"`
	Country Ref    `json:"country,omitzero"`
	Body    Ref    `json:"body,omitzero"`   // the speaker that the office is of: a ministry, a party
	Shared  bool   `json:"shared,omitzero"` // several hold it at once: whips, ministers without portfolio
}

// Kind is KindOffice.
func (*OfficeInput) Kind() Kind { return KindOffice }

// Check is as Input says.
func (in *OfficeInput) Check(c *Check) {
	in.Header.check(c, KindOffice)
	c.Required("/title", in.Title == "")
	c.Name("/title", in.Title)
	c.Ref("/country", in.Country, KindCountry)
	c.Ref("/body", in.Body, KindSpeaker)
}

// Row is as Input says.
func (in *OfficeInput) Row() any {
	return struct {
		*OfficeInput
		Shared bool `json:"shared"`
	}{in, in.Shared}
}

// TenureInput is a speaker in an office, for a time that may be vague or open.
type TenureInput struct {
	Header
	Speaker    Ref           `json:"speaker"`
	Office     Ref           `json:"office"`
	Held       edtf.Date     `json:"held,omitzero"`     // an interval: 2024-03-11/..
	Capacity   string        `json:"capacity,omitzero"` // Capacities; default "substantive"
	ObservedOn []Observation `json:"observed_on,omitempty"`
}

// An Observation is a date on which an article attests the holder.
type Observation struct {
	On      edtf.Date `json:"on"`
	Article Ref       `json:"article"`
}

// Kind is KindTenure.
func (*TenureInput) Kind() Kind { return KindTenure }

// Check is as Input says.
func (in *TenureInput) Check(c *Check) {
	in.Header.check(c, KindTenure)
	if in.Capacity == "" {
		in.Capacity = "substantive"
	}
	c.Required("/speaker", in.Speaker.IsZero())
	c.Ref("/speaker", in.Speaker, KindSpeaker)
	c.Required("/office", in.Office.IsZero())
	c.Ref("/office", in.Office, KindOffice)
	c.Term("/capacity", in.Capacity, Capacities)
	if !in.Held.IsZero() && !in.Held.IsInterval() {
		c.Add("/held", "interval", "is not an interval: write 2024-03-11/.. for an office still held")
	}
	if in.Held.IsZero() {
		c.Required("/observed_on", len(in.ObservedOn) == 0)
	}
	each(c, "/observed_on", in.ObservedOn, func(o *Observation) {
		c.Required("/on", o.On.IsZero())
		c.Required("/article", o.Article.IsZero())
		c.Ref("/article", o.Article, KindArticle)
	})
}

// Row is as Input says. What is certain of the time is kept beside what is
// possible: an office is certainly held from the last day on which the tenure
// can have begun to the first on which it can have ended.
func (in *TenureInput) Row() any {
	type observation struct {
		*Observation
		From edtf.Day `json:"on_from"`
		To   edtf.Day `json:"on_to"`
	}
	row := struct {
		*TenureInput
		HeldFrom   edtf.Day      `json:"held_from"`
		HeldTo     edtf.Day      `json:"held_to"`
		SureFrom   edtf.Day      `json:"sure_from"`
		SureTo     edtf.Day      `json:"sure_to"`
		ObservedOn []observation `json:"observed_on"`
	}{TenureInput: in}
	held, sure := in.Held.Range(), in.Held.Core()
	row.HeldFrom, row.HeldTo, row.SureFrom, row.SureTo = held.From, held.To, sure.From, sure.To
	for i := range in.ObservedOn {
		r := in.ObservedOn[i].On.Range()
		row.ObservedOn = append(row.ObservedOn, observation{&in.ObservedOn[i], r.From, r.To})
	}
	return row
}
