package api

import (
	"net/http"

	"onrecord/internal/claims"
	"onrecord/internal/store"
)

// resolve answers GET with the records that a name may mean.
func (s *Server) resolve(w http.ResponseWriter, r *http.Request) error {
	given, err := queryOf(r)
	if err != nil {
		return err
	}
	question, naming, err := store.ParseQuestion(given)
	if err != nil {
		return parameterError{err}
	}
	found, seq, err := s.store.Candidates(r.Context(), naming, []store.Question{question})
	if err != nil {
		return err
	}
	body, err := members([]member{{"data", found[0].Candidates}, {"ambiguous", found[0].Ambiguous}, {"name", question.Name}, {"on", optional(given.Get("on"))}})
	if err != nil {
		return err
	}
	return writeAnswer(w, r, body, naming.Scope(), false, seq, true)
}

// resolveMany answers POST with what each of many names may mean, in their
// order. It writes nothing.
func (s *Server) resolveMany(w http.ResponseWriter, r *http.Request) error {
	if err := noQuery(r); err != nil {
		return err
	}
	body, err := s.body(w, r, "application/json")
	if err != nil {
		return err
	}
	var in store.AskingMany
	if err := claims.Decode(body, &in); err != nil {
		return err
	}
	questions, naming, err := in.Questions()
	if err != nil {
		return err
	}
	found, seq, err := s.store.Candidates(r.Context(), naming, questions)
	if err != nil {
		return err
	}
	type meaning struct {
		Index      int               `json:"index"`
		Name       string            `json:"name"`
		On         *string           `json:"on"`
		Candidates []store.Candidate `json:"candidates"`
		Ambiguous  bool              `json:"ambiguous"`
	}
	rows := make([]meaning, len(found))
	for i, m := range found {
		rows[i] = meaning{i, questions[i].Name, optional(in.Names[i].On), m.Candidates, m.Ambiguous}
	}
	if body, err = members([]member{{"data", rows}}); err != nil {
		return err
	}
	return writeAnswer(w, r, body, naming.Scope(), false, seq, true)
}
