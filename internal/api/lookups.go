package api

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"onrecord/internal/store"
)

// lookup answers GET with rows to choose from: a bare array, as the variables of
// dashboards want it.
func (s *Server) lookup(w http.ResponseWriter, r *http.Request) error {
	given, err := queryOf(r)
	if err != nil {
		return err
	}
	l, err := store.ParseLookup(chi.URLParam(r, "resource"), given)
	if err != nil {
		return parameterError{err}
	}
	var body []byte
	if terms := l.Terms(); terms != nil {
		body, err = json.Marshal(terms)
	} else {
		var page store.Page
		page, err = s.store.Rows(r.Context(), l)
		body = page.Records
		w.Header().Set("X-Seq", strconv.FormatInt(page.Seq, 10))
		if l.Derived() {
			tellPending(w, page.Pending)
		}
	}
	if err != nil {
		return parameterError{err}
	}
	return write(w, r, http.StatusOK, `"`+hash(body)+`"`, append(body, '\n'))
}
