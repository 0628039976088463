package claims

import (
	"strconv"

	"onrecord/internal/edtf"
)

// StatementInput is one act of speech: one speaker, one occasion, one act, one
// main proposition, however many sentences or outlets.
type StatementInput struct {
	Header
	Speaker        Ref        `json:"speaker"`
	OnBehalfOf     Ref        `json:"on_behalf_of,omitzero"` // the country, where it speaks for the state
	StatementKind  string     `json:"kind"`                  // StatementKinds
	Voice          string     `json:"voice,omitzero"`        // Voices; default "attributed"
	Text           string     `json:"text"`                  // the reference wording
	TextFrom       Ref        `json:"text_from,omitzero"`    // the article whose report the wording is copied from; without it the wording is composed
	Language       string     `json:"language,omitzero"`     // of the wording, BCP 47
	SpokenLanguage string     `json:"spoken_language,omitzero"`
	SaidOn         edtf.Date  `json:"said_on,omitzero"`
	Occasion       Ref        `json:"occasion,omitzero"`   // the event at which it was said
	Recurrence     string     `json:"recurrence,omitzero"` // Recurrences; default "once"
	Medium         string     `json:"medium,omitzero"`     // Media; only without an occasion, which says it itself
	Condition      *Condition `json:"condition,omitzero"`
	Topics         []Ref      `json:"topics,omitempty"`
	Targets        []Target   `json:"targets,omitempty"`
	Within         Ref        `json:"within,omitzero"` // the statement that reports this one: makes it second-hand

	Reports   []ReportInput   `json:"reports,omitempty"` // these three in POST and imports only
	Positions []PositionInput `json:"positions,omitempty"`
	Links     []LinkInput     `json:"links,omitempty"`
}

// A Condition is what the statement hangs on. Without an outcome it is open.
type Condition struct {
	Text             string `json:"text"`
	Sense            string `json:"sense"`                      // ConditionSenses
	Outcome          string `json:"outcome,omitzero"`           // ConditionOutcomes
	OutcomeEvent     Ref    `json:"outcome_event,omitzero"`     // the event that met or broke it
	OutcomeStatement Ref    `json:"outcome_statement,omitzero"` // or the statement that did
	GivenBy          Ref    `json:"given_by,omitzero"`          // the article that says so
}

// A Target is whom or what a statement is directed at or about, in one role.
type Target struct {
	Role    string `json:"role"` // TargetRoles
	Country Ref    `json:"country,omitzero"`
	Speaker Ref    `json:"speaker,omitzero"`
	Event   Ref    `json:"event,omitzero"`
}

// Kind is KindStatement.
func (*StatementInput) Kind() Kind { return KindStatement }

// Check is as Input says.
func (in *StatementInput) Check(c *Check) {
	in.Header.check(c, KindStatement)
	if in.Voice == "" {
		in.Voice = "attributed"
	}
	if in.Recurrence == "" {
		in.Recurrence = "once"
	}
	c.Required("/speaker", in.Speaker.IsZero())
	c.Ref("/speaker", in.Speaker, KindSpeaker)
	c.Ref("/on_behalf_of", in.OnBehalfOf, KindCountry)
	c.Required("/kind", in.StatementKind == "")
	c.Term("/kind", in.StatementKind, StatementKinds)
	c.Term("/voice", in.Voice, Voices)
	c.Required("/text", in.Text == "")
	c.Text("/text", in.Text)
	c.Ref("/text_from", in.TextFrom, KindArticle)
	c.Language("/language", in.Language)
	c.Language("/spoken_language", in.SpokenLanguage)
	c.Term("/recurrence", in.Recurrence, Recurrences)
	c.Term("/medium", in.Medium, Media)
	c.Ref("/within", in.Within, KindStatement)
	if in.Condition != nil {
		c.Within("/condition", func() { in.Condition.check(c) })
	}
	c.Ref("/occasion", in.Occasion, KindEvent)
	if !in.Occasion.IsZero() && in.Medium != "" {
		c.Add("/medium", "derived", "follows from the occasion: leave it out")
	}
	c.topics(in.Topics)
	each(c, "/targets", in.Targets, func(t *Target) { t.check(c) })
	distinct(c, "/targets", in.Targets, func(t Target) string {
		return t.Role + " " + t.Country.String() + t.Speaker.String() + t.Event.String()
	})
	each(c, "/reports", in.Reports, func(r *ReportInput) {
		c.nested(r.Statement)
		r.checkNested(c, in)
	})
	distinct(c, "/reports", in.Reports, func(r ReportInput) string { return r.Article.String() })
	each(c, "/positions", in.Positions, func(p *PositionInput) {
		c.nested(p.Statement)
		p.inherit(in, name(p.Claim))
		c.child(func() { p.check(c) })
	})
	distinct(c, "/positions", in.Positions, func(p PositionInput) string { return p.Claim.String() })
	each(c, "/links", in.Links, func(l *LinkInput) {
		c.nested(l.Statement)
		l.inherit(in, l.Relation+"/"+name(l.To)) // several relations to one statement are several links
		if in.Key != "" && l.To.String() == ID(in.Key) {
			c.Add("/to", "self", "links a statement to itself")
		}
		c.child(func() { l.check(c) })
	})
	distinct(c, "/links", in.Links, func(l LinkInput) string { return l.Relation + l.To.String() })
	c.distinctKeys(in)
}

// nested checks that a record within a statement names no other.
func (c *Check) nested(statement Ref) {
	if !statement.IsZero() {
		c.Add("/statement", "nested", "what stands within a statement is of that statement: leave the field out")
	}
}

// inherit gives a record within a statement what it doesn't say itself: the
// statement's data set and review, and the key that follows from the two it
// joins.
func (h *Header) inherit(statement *StatementInput, other string) {
	if h.Dataset == "" {
		h.Dataset = statement.Dataset
	}
	if h.Review == "" {
		h.Review = statement.Review
	}
	if h.Key == "" && statement.Key != "" {
		h.Key = statement.Key + "/" + other
	}
}

// name is what a reference was given by: a key, else an id.
func name(r Ref) string {
	if r.Key() != "" {
		return r.Key()
	}
	return r.String()
}

// distinctKeys notes a key that two records within a statement share.
func (c *Check) distinctKeys(in *StatementInput) {
	seen := map[string]bool{}
	note := func(list string, i int, key string) {
		if key != "" && seen[key] {
			c.Add("/"+list+"/"+strconv.Itoa(i)+"/key", "duplicate", "is the key of another record within")
		}
		seen[key] = true
	}
	for i := range in.Reports {
		note("reports", i, in.Reports[i].Key)
	}
	for i := range in.Positions {
		note("positions", i, in.Positions[i].Key)
	}
	for i := range in.Links {
		note("links", i, in.Links[i].Key)
	}
}

func (t *Target) check(c *Check) {
	c.Required("/role", t.Role == "")
	c.Term("/role", t.Role, TargetRoles)
	c.Ref("/country", t.Country, KindCountry)
	c.Ref("/speaker", t.Speaker, KindSpeaker)
	c.Ref("/event", t.Event, KindEvent)
	c.one("country, speaker, event", !t.Country.IsZero(), !t.Speaker.IsZero(), !t.Event.IsZero())
}

func (d *Condition) check(c *Check) {
	c.Required("/text", d.Text == "")
	c.Line("/text", d.Text)
	c.Required("/sense", d.Sense == "")
	c.Term("/sense", d.Sense, ConditionSenses)
	c.Term("/outcome", d.Outcome, ConditionOutcomes)
	c.Ref("/outcome_event", d.OutcomeEvent, KindEvent)
	c.Ref("/outcome_statement", d.OutcomeStatement, KindStatement)
	c.Ref("/given_by", d.GivenBy, KindArticle)
	if d.Outcome == "" && (!d.OutcomeEvent.IsZero() || !d.OutcomeStatement.IsZero() || !d.GivenBy.IsZero()) {
		c.Add("/outcome", "required", "is required where something is said to have met or broken the condition")
	}
	if d.Outcome != "" && d.GivenBy.IsZero() {
		c.Add("/given_by", "required", "an outcome always says which article gives it")
	}
}

// distinct notes an entry that names the same as an earlier one of the list.
func distinct[T any](c *Check, pointer string, list []T, name func(T) string) {
	seen := make(map[string]bool, len(list))
	for i, v := range list {
		if n := name(v); n != "" && seen[n] {
			c.Add(pointer+"/"+strconv.Itoa(i), "duplicate", "names the same as an earlier entry")
		} else {
			seen[n] = true
		}
	}
}

// Nested are the reports, positions and links carried within the statement.
func (in *StatementInput) Nested(id string) []Input {
	var nested []Input
	for i := range in.Reports {
		in.Reports[i].Statement = RefID(id)
		nested = append(nested, &in.Reports[i])
	}
	for i := range in.Positions {
		in.Positions[i].Statement = RefID(id)
		nested = append(nested, &in.Positions[i])
	}
	for i := range in.Links {
		in.Links[i].Statement = RefID(id)
		nested = append(nested, &in.Links[i])
	}
	return nested
}

// bare is the statement without the records within it.
func (in *StatementInput) bare() *StatementInput {
	bare := *in
	bare.Reports, bare.Positions, bare.Links = nil, nil, nil
	return &bare
}

// topicRow is a topic of a record as a part.
type topicRow struct {
	Topic Ref `json:"topic"`
}

func topicRows(topics []Ref) []topicRow {
	rows := make([]topicRow, len(topics))
	for i, t := range topics {
		rows[i].Topic = t
	}
	return rows
}

// dated is the date of a statement as its targets and topics carry it, so that
// those of one target are found in order.
type dated struct {
	SaidFrom edtf.Day `json:"said_from"`
	SaidDays int      `json:"said_days"`
}

type datedTarget struct {
	Target
	dated
}

type datedTopic struct {
	topicRow
	dated
}

// Row is as Input says. An unknown time has an empty range at infinity, so
// that it lies in no window and after every known one.
func (in *StatementInput) Row() any {
	row := struct {
		*StatementInput
		SaidFrom         edtf.Day      `json:"said_from"`
		SaidTo           edtf.Day      `json:"said_to"`
		SaidDays         int           `json:"said_days"`
		SaidQualified    bool          `json:"said_qualified"`
		ConditionText    string        `json:"condition_text,omitzero"`
		ConditionSense   string        `json:"condition_sense,omitzero"`
		Outcome          string        `json:"condition_outcome,omitzero"`
		OutcomeEvent     Ref           `json:"condition_event,omitzero"`
		OutcomeStatement Ref           `json:"condition_statement,omitzero"`
		OutcomeGivenBy   Ref           `json:"condition_given_by,omitzero"`
		Targets          []datedTarget `json:"targets"`
		Topics           []datedTopic  `json:"topics"`
	}{StatementInput: in.bare(), SaidQualified: in.SaidOn.Qualified()}
	said := in.SaidOn.Range()
	row.SaidFrom, row.SaidTo, row.SaidDays = said.From, said.To, said.Days()
	date := dated{said.From, said.Days()}
	for _, t := range in.Targets {
		row.Targets = append(row.Targets, datedTarget{t, date})
	}
	for _, t := range topicRows(in.Topics) {
		row.Topics = append(row.Topics, datedTopic{t, date})
	}
	if d := in.Condition; d != nil {
		row.ConditionText, row.ConditionSense, row.Outcome = d.Text, d.Sense, d.Outcome
		row.OutcomeEvent, row.OutcomeStatement, row.OutcomeGivenBy = d.OutcomeEvent, d.OutcomeStatement, d.GivenBy
	}
	return row
}
