package store

import (
	"fmt"
	"slices"
	"strings"

	"onrecord/internal/claims"
	"onrecord/internal/edtf"
)

// Limits of questions.
const (
	MaxQuestions  = 1000
	MaxCandidates = 50
	fewCandidates = 10 // unless asked otherwise
)

// Asking is a name as it is asked for, on its own or among others.
type Asking struct {
	Name string   `json:"name"`
	On   string   `json:"on,omitzero"`    // EDTF, RFC 3339 or epoch milliseconds; days on which the name was used
	Kind []string `json:"kind,omitempty"` // of claims.Named; none: all
}

// AskingMany is what POST takes: names, and what they share.
type AskingMany struct {
	Names   []Asking `json:"names"`
	Dataset []string `json:"dataset,omitempty"`
	Limit   *int     `json:"limit,omitzero"`
}

// NamingParameters are the query parameters of a question.
var NamingParameters = []string{"dataset", "kind", "limit", "name", "on"}

// ParseQuestion reads a question from query parameters. Errors are Invalid, with
// the parameter's name as pointer.
func ParseQuestion(given map[string][]string) (Question, Naming, error) {
	p := &parameters{given: given, used: map[string]bool{}}
	asked := Asking{Name: p.single("name"), On: p.single("on"), Kind: p.many("kind")}
	naming := Naming{Datasets: p.many("dataset"), Limit: p.number("limit", fewCandidates, 1, MaxCandidates)}
	p.unknownParameters()
	naming.Datasets = datasetsOf(naming.Datasets)
	var c claims.Check
	q := asked.question(&c)
	for _, problem := range c.Problems {
		name, _, _ := strings.Cut(strings.TrimPrefix(problem.Pointer, "/"), "/")
		if !slices.ContainsFunc(p.problems, func(other claims.Problem) bool { return other.Pointer == name }) {
			p.refuse(name, problem.Code, problem.Detail)
		}
	}
	if len(p.problems) > 0 {
		return q, naming, &Error{Code: Invalid, Detail: "a parameter is not valid", Problems: p.problems}
	}
	return q, naming, nil
}

// Questions reads those of a body. Errors are Invalid, with pointers.
func (in *AskingMany) Questions() ([]Question, Naming, error) {
	var c claims.Check
	naming := Naming{Datasets: datasetsOf(in.Dataset), Limit: fewCandidates}
	if in.Limit != nil {
		naming.Limit = *in.Limit
	}
	if naming.Limit < 1 || naming.Limit > MaxCandidates {
		c.Add("/limit", "range", fmt.Sprintf("is not a whole number from 1 to %d", MaxCandidates))
	}
	for i, name := range in.Dataset {
		c.Within(fmt.Sprintf("/dataset/%d", i), func() { c.Line("", name) })
	}
	c.Required("/names", len(in.Names) == 0)
	if len(in.Names) > MaxQuestions {
		c.Add("/names", "too_many", fmt.Sprintf("at most %d entries", MaxQuestions))
		return nil, naming, invalid(c.Problems...)
	}
	questions := make([]Question, len(in.Names))
	for i := range in.Names {
		c.Within(fmt.Sprintf("/names/%d", i), func() { questions[i] = in.Names[i].question(&c) })
	}
	if len(c.Problems) > 0 {
		return nil, naming, invalid(c.Problems...)
	}
	return questions, naming, nil
}

// question checks what is asked.
func (a *Asking) question(c *claims.Check) Question {
	q := Question{Name: a.Name}
	c.Asked("/name", a.Name)
	if a.On != "" {
		days, err := daysOf(a.On)
		if err != nil {
			c.Add("/on", "edtf", err.Error())
		}
		q.On = &days
	}
	for i, kind := range a.Kind {
		if !slices.Contains(claims.Named, claims.Kind(kind)) {
			c.Add(fmt.Sprintf("/kind/%d", i), "unknown_value", fmt.Sprintf("is none of %s", listed(claims.Named)))
		}
		q.Kinds = append(q.Kinds, claims.Kind(kind))
	}
	return q
}

// daysOf are the days that a date allows: of a vague one all.
func daysOf(s string) (edtf.Range, error) {
	if date, err := edtf.Parse(s); err == nil {
		return date.Range(), nil
	}
	window, err := edtf.Window(s, "")
	return edtf.Range{From: window.From, To: window.From + 1}, err
}

// datasetsOf are the data sets that are meant: own where none is named, nil for
// all.
func datasetsOf(given []string) []string {
	switch {
	case len(given) == 0:
		return []string{claims.DefaultDataset}
	case slices.Contains(given, anyValue):
		return nil
	}
	return given
}

// Scope is what data sets are in force, as answers say it.
func (n Naming) Scope() map[string]string {
	if n.Datasets == nil {
		return map[string]string{"dataset": anyValue}
	}
	return map[string]string{"dataset": strings.Join(n.Datasets, ",")}
}

func listed(kinds []claims.Kind) string {
	list := make([]string, len(kinds))
	for i, kind := range kinds {
		list[i] = string(kind)
	}
	return strings.Join(list, ", ")
}
