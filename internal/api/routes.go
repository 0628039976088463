// Package api is the service over HTTP: one table of routes, a handful of
// adapters that all resources share, problems as RFC 9457. SQL is the store's.
package api

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"onrecord/internal/claims"
	"onrecord/internal/store"
)

// Config is what the service can be told.
type Config struct {
	PublicRead bool          // reading needs no key
	PublicTips bool          // leaving a tip needs no key
	Ready      func() error  // why requests should go elsewhere, nil if they needn't
	MaxBody    int64         // bytes of a body; 0: 1 MiB
	MaxImport  int64         // bytes of an import, uncompressed; 0: 8 GiB
	Deadline   time.Duration // of a request; 0: 30 s
	Stalled    time.Duration // for which a stream waits for a client that takes nothing; 0: 25 s
	Answers    int64         // bytes of answers kept for the same question; 0: none
}

// A Server answers requests from a store.
type Server struct {
	store  *store.Store
	config Config
	memory *memory
}

// An access is who may use a route.
type access int

const (
	anyone  access = iota // no key needed
	reading               // a key of any role, or none where reading is public
	tipping               // a key of any role, or none where tips are open
	adding                // importer, editor, admin
	editing               // editor, admin
)

// A Route is one operation: a method on a pattern, who may use it, and how it
// is answered.
type Route struct {
	Method, Pattern string
	access          access
	handle          handle
	streams         bool // takes as long as its stream goes on
}

// collections are the resources in the order in which they are documented.
var collections = []struct {
	path string
	kind claims.Kind
}{
	{"/v1/statements", claims.KindStatement},
	{"/v1/reports", claims.KindReport},
	{"/v1/articles", claims.KindArticle},
	{"/v1/sources", claims.KindSource},
	{"/v1/speakers", claims.KindSpeaker},
	{"/v1/countries", claims.KindCountry},
	{"/v1/topics", claims.KindTopic},
	{"/v1/claims", claims.KindClaim},
	{"/v1/positions", claims.KindPosition},
	{"/v1/claim-links", claims.KindClaimLink},
	{"/v1/links", claims.KindLink},
	{"/v1/events", claims.KindEvent},
	{"/v1/event-links", claims.KindEventLink},
	{"/v1/mentions", claims.KindMention},
	{"/v1/offices", claims.KindOffice},
	{"/v1/tenures", claims.KindTenure},
	{"/v1/ratings", claims.KindRating},
	{"/v1/assessments", claims.KindAssessment},
	{"/v1/tips", claims.KindTip},
}

// Routes is the table of everything that is answered.
func Routes() []Route {
	routes := []Route{
		{"GET", "/", anyone, (*Server).home, false},
		{"GET", "/livez", anyone, (*Server).live, false},
		{"GET", "/readyz", anyone, (*Server).ready, false},
		{"GET", "/openapi.yaml", anyone, (*Server).contract, false},
		{"GET", "/docs", anyone, (*Server).docs, false},
		{"GET", "/docs/*", anyone, (*Server).docs, false},
		{"GET", "/v1/timeline", reading, remembered((*Server).timeline), true},
		{"GET", "/v1/search", reading, remembered((*Server).search), false},
		{"GET", "/v1/resolve", reading, remembered((*Server).resolve), false},
		{"POST", "/v1/resolve", reading, (*Server).resolveMany, false},
		{"GET", "/v1/lookups/{resource}", reading, remembered((*Server).lookup), false},
		{"POST", "/v1/imports", adding, (*Server).postImport, true},
		{"GET", "/v1/imports", adding, (*Server).listImports, false},
		{"GET", "/v1/imports/{id}", adding, (*Server).getImport, false},
		{"POST", "/v1/imports/{id}/revert", adding, (*Server).revertImport, true},
		{"GET", "/v1/export", reading, (*Server).export, true},
	}
	for _, c := range collections {
		item, see, add := c.path+"/{id}", reading, adding
		if c.kind == claims.KindTip {
			see, add = editing, tipping
		}
		if store.Dimensions(c.kind) != nil {
			routes = append(routes,
				Route{"GET", c.path + "/counts", see, remembered(counts(c.kind, c.path)), false},
				Route{"GET", c.path + "/facets", see, remembered(facets(c.kind, c.path)), false},
			)
		}
		routes = append(routes,
			Route{"GET", c.path, see, remembered(list(c.kind)), true},
			Route{"POST", c.path, add, create(c.kind, c.path), false},
			Route{"GET", item, see, remembered(read(c.kind)), false},
			Route{"PUT", item, editing, replace(c.kind), false},
			Route{"PATCH", item, editing, patch(c.kind), false},
			Route{"DELETE", item, editing, remove(c.kind), false},
		)
	}
	return routes
}

// New is the handler of the whole service.
func New(s *store.Store, config Config) http.Handler {
	if config.MaxBody == 0 {
		config.MaxBody = 1 << 20
	}
	if config.MaxImport == 0 {
		config.MaxImport = 8 << 30
	}
	if config.Deadline == 0 {
		config.Deadline = 30 * time.Second
	}
	if config.Stalled == 0 {
		config.Stalled = 25 * time.Second
	}
	server := &Server{s, config, newMemory(config.Answers)}
	router := chi.NewRouter()
	router.Use(identify, logged, recovered, compressed, suffixed(Routes()), server.guard)
	methods := map[string][]string{}
	for _, route := range Routes() {
		handler := server.handler(route)
		router.Method(route.Method, route.Pattern, handler)
		methods[route.Pattern] = append(methods[route.Pattern], route.Method)
		if route.Method == http.MethodGet {
			router.Method(http.MethodHead, route.Pattern, handler)
			methods[route.Pattern] = append(methods[route.Pattern], http.MethodHead)
		}
	}
	allow := map[string]string{}
	for pattern, allowed := range methods {
		allowed = append(allowed, http.MethodOptions)
		slices.Sort(allowed)
		allow[pattern] = strings.Join(allowed, ", ")
		router.Options(pattern, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Allow", allow[pattern])
			w.WriteHeader(http.StatusNoContent)
		})
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT"} {
			if !slices.Contains(allowed, method) {
				router.MethodFunc(method, pattern, func(w http.ResponseWriter, r *http.Request) {
					fail(w, r, notAllowed(allow[pattern]))
				})
			}
		}
	}
	router.NotFound(func(w http.ResponseWriter, r *http.Request) {
		fail(w, r, refuse(string(store.NotFound), "nothing is at this address"))
	})
	router.MethodNotAllowed(func(w http.ResponseWriter, r *http.Request) {
		known := chi.NewRouteContext()
		if !router.Match(known, http.MethodOptions, r.URL.Path) {
			fail(w, r, refuse(string(store.NotFound), "nothing is at this address"))
			return
		}
		fail(w, r, notAllowed(allow[known.RoutePattern()]))
	})
	return router
}

func notAllowed(allow string) error {
	return &refusal{code: "method_not_allowed", detail: "this resource takes " + allow, header: http.Header{"Allow": {allow}}}
}

// handler runs a route, within a bounded time unless it streams: access first,
// then the work, then the problem if it failed.
func (s *Server) handler(route Route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !route.streams {
			ctx, cancel := context.WithTimeout(r.Context(), s.config.Deadline)
			defer cancel()
			r = r.WithContext(ctx)
		}
		r, err := s.admit(r, route.access)
		if err == nil {
			err = route.handle(s, w, r)
		}
		if err != nil {
			fail(w, r, err)
		}
	})
}
