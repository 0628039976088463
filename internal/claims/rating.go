package claims

import "onrecord/internal/edtf"

// RatingInput is somebody's judgement of a source's reliability at a date.
type RatingInput struct {
	Header
	Source      Ref       `json:"source"`
	Reliability string    `json:"reliability"` // Reliabilities
	RatedOn     edtf.Date `json:"rated_on"`
	RatedBy     string    `json:"rated_by"`
	Reason      string    `json:"reason"`
}

// Kind is KindRating.
func (*RatingInput) Kind() Kind { return KindRating }

// Check is as Input says.
func (in *RatingInput) Check(c *Check) {
	in.Header.check(c, KindRating)
	c.Required("/source", in.Source.IsZero())
	c.Ref("/source", in.Source, KindSource)
	c.Required("/reliability", in.Reliability == "")
	c.Term("/reliability", in.Reliability, Reliabilities)
	c.Required("/rated_on", in.RatedOn.IsZero())
	c.Required("/rated_by", in.RatedBy == "")
	c.Name("/rated_by", in.RatedBy)
	c.Required("/reason", in.Reason == "")
	c.Line("/reason", in.Reason)
}

// Row is as Input says.
func (in *RatingInput) Row() any {
	rated := in.RatedOn.Range()
	return struct {
		*RatingInput
		RatedFrom edtf.Day `json:"rated_from"`
		RatedTo   edtf.Day `json:"rated_to"`
	}{in, rated.From, rated.To}
}
