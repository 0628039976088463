package api

import (
	"context"
	"net/http"
	"strings"

	"onrecord/internal/store"
)

// roles lists who may do what needs a key.
var roles = map[access][]string{
	reading: {"reader", "importer", "editor", "admin"},
	tipping: {"reader", "importer", "editor", "admin"},
	adding:  {"importer", "editor", "admin"},
	editing: {"editor", "admin"},
}

// admit decides whether the request may use a route, and notes who makes it. A
// key that is sent has to be good, also where none is needed.
func (s *Server) admit(r *http.Request, need access) (*http.Request, error) {
	if need == anyone {
		return r, nil
	}
	given, err := keyOf(r)
	if err != nil {
		return r, err
	}
	if given == "" {
		if need == reading && s.config.PublicRead {
			return r, nil
		}
		if need == tipping && s.config.PublicTips {
			return r.WithContext(context.WithValue(r.Context(), principalKey, "public")), nil
		}
		return r, refuse(string(store.Unauthorized), "send a key: Authorization: Bearer …, X-API-Key or Basic with the key as password")
	}
	key, err := s.store.Authenticate(r.Context(), given)
	if err != nil {
		return r, err
	}
	for _, role := range roles[need] {
		if role == key.Role {
			return r.WithContext(context.WithValue(context.WithValue(r.Context(), principalKey, key.Principal()), roleKey, key.Role)), nil
		}
	}
	return r, refuse("forbidden", "a key of role "+key.Role+" may not do this; it takes "+strings.Join(roles[need], ", "))
}

// keyOf is the key that a request brings, in one of three ways.
func keyOf(r *http.Request) (string, error) {
	given := r.Header.Values("X-API-Key")
	for _, authorization := range r.Header.Values("Authorization") {
		scheme, rest, _ := strings.Cut(authorization, " ")
		switch {
		case strings.EqualFold(scheme, "Bearer"):
			given = append(given, strings.TrimSpace(rest))
		case strings.EqualFold(scheme, "Basic"):
			_, password, ok := r.BasicAuth()
			if !ok {
				return "", refuse(string(store.Unauthorized), "the Basic credentials can't be read")
			}
			given = append(given, password)
		default:
			return "", refuse(string(store.Unauthorized), "Authorization takes Bearer or Basic")
		}
	}
	switch {
	case len(given) == 0:
		return "", nil
	case len(given) > 1:
		return "", refuse(string(store.Unauthorized), "send one key, in one place")
	case given[0] == "":
		return "", refuse(string(store.Unauthorized), "the key is empty")
	}
	return given[0], nil
}
