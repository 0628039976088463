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
	Recurrence     string     `json:"recurrence,omitzero"` // Recurrences; default "once"
	Medium         string     `json:"medium,omitzero"`     // Media
	Condition      *Condition `json:"condition,omitzero"`
	Topics         []Ref      `json:"topics,omitempty"`
	Targets        []Target   `json:"targets,omitempty"`
	Within         Ref        `json:"within,omitzero"` // the statement that reports this one: makes it second-hand

	Reports []ReportInput `json:"reports,omitempty"` // in POST and imports only
}

// A Condition is what the statement hangs on. Without an outcome it is open.
type Condition struct {
	Text             string `json:"text"`
	Sense            string `json:"sense"`                      // ConditionSenses
	Outcome          string `json:"outcome,omitzero"`           // ConditionOutcomes
	OutcomeStatement Ref    `json:"outcome_statement,omitzero"` // the statement that met or broke it
	GivenBy          Ref    `json:"given_by,omitzero"`          // the article that says so
}

// A Target is whom or what a statement is directed at or about, in one role.
type Target struct {
	Role    string `json:"role"` // TargetRoles
	Country Ref    `json:"country,omitzero"`
	Speaker Ref    `json:"speaker,omitzero"`
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
	each(c, "/topics", in.Topics, func(t *Ref) {
		c.Required("", t.IsZero())
		c.Ref("", *t, KindTopic)
	})
	distinct(c, "/topics", in.Topics, Ref.String)
	each(c, "/targets", in.Targets, func(t *Target) { t.check(c) })
	distinct(c, "/targets", in.Targets, func(t Target) string { return t.Role + " " + t.Country.String() + t.Speaker.String() })
	each(c, "/reports", in.Reports, func(r *ReportInput) {
		if !r.Statement.IsZero() {
			c.Add("/statement", "nested", "a report within a statement is of that statement: leave the field out")
		}
		r.checkNested(c, in)
	})
	distinct(c, "/reports", in.Reports, func(r ReportInput) string { return r.Article.String() })
	distinct(c, "/reports", in.Reports, func(r ReportInput) string { return r.Key })
}

func (t *Target) check(c *Check) {
	c.Required("/role", t.Role == "")
	c.Term("/role", t.Role, TargetRoles)
	c.Ref("/country", t.Country, KindCountry)
	c.Ref("/speaker", t.Speaker, KindSpeaker)
	c.one("", "country, speaker", !t.Country.IsZero(), !t.Speaker.IsZero())
}

func (d *Condition) check(c *Check) {
	c.Required("/text", d.Text == "")
	c.Line("/text", d.Text)
	c.Required("/sense", d.Sense == "")
	c.Term("/sense", d.Sense, ConditionSenses)
	c.Term("/outcome", d.Outcome, ConditionOutcomes)
	c.Ref("/outcome_statement", d.OutcomeStatement, KindStatement)
	c.Ref("/given_by", d.GivenBy, KindArticle)
	if d.Outcome == "" && (!d.OutcomeStatement.IsZero() || !d.GivenBy.IsZero()) {
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

// Nested are the reports carried within the statement.
func (in *StatementInput) Nested(id string) []Input {
	nested := make([]Input, len(in.Reports))
	for i := range in.Reports {
		in.Reports[i].Statement = RefID(id)
		nested[i] = &in.Reports[i]
	}
	return nested
}

// Row is as Input says. An unknown time has an empty range at infinity, so
// that it lies in no window and after every known one.
func (in *StatementInput) Row() any {
	type topic struct {
		Topic Ref `json:"topic"`
	}
	row := struct {
		*StatementInput
		SaidFrom         edtf.Day `json:"said_from"`
		SaidTo           edtf.Day `json:"said_to"`
		SaidDays         int      `json:"said_days"`
		SaidQualified    bool     `json:"said_qualified"`
		ConditionText    string   `json:"condition_text,omitzero"`
		ConditionSense   string   `json:"condition_sense,omitzero"`
		Outcome          string   `json:"condition_outcome,omitzero"`
		OutcomeStatement Ref      `json:"condition_statement,omitzero"`
		OutcomeGivenBy   Ref      `json:"condition_given_by,omitzero"`
		Topics           []topic  `json:"topics"`
	}{StatementInput: in, SaidQualified: in.SaidOn.Qualified()}
	said := in.SaidOn.Range()
	row.SaidFrom, row.SaidTo, row.SaidDays = said.From, said.To, said.Days()
	if d := in.Condition; d != nil {
		row.ConditionText, row.ConditionSense, row.Outcome = d.Text, d.Sense, d.Outcome
		row.OutcomeStatement, row.OutcomeGivenBy = d.OutcomeStatement, d.GivenBy
	}
	for _, t := range in.Topics {
		row.Topics = append(row.Topics, topic{t})
	}
	return row
}
