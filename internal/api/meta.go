package api

import (
	"net/http"

	"github.com/swaggest/swgui"
	"github.com/swaggest/swgui/v5emb"

	"onrecord"
	"onrecord/internal/store"
)

// docsPage shows the contract from assets that are part of the program.
var docsPage = v5emb.NewHandlerWithConfig(swgui.Config{Title: "Onrecord", SwaggerJSON: "/openapi.yaml", BasePath: "/docs/", HideCurl: false})

func (s *Server) home(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, "/docs", http.StatusSeeOther)
	return nil
}

// live says that the process answers.
func (s *Server) live(w http.ResponseWriter, _ *http.Request) error { return ok(w) }

// ready says that requests are welcome: the database answers and the service
// is not about to stop.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) error {
	if s.config.Ready != nil {
		if err := s.config.Ready(); err != nil {
			return refuse(string(store.Unavailable), err.Error())
		}
	}
	if err := s.store.Ping(r.Context()); err != nil {
		return err
	}
	return ok(w)
}

func ok(w http.ResponseWriter) error {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte("{\"status\":\"ok\"}\n")) // the client may have gone
	return nil
}

func (s *Server) contract(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Content-Type", "application/yaml")
	_, _ = w.Write(onrecord.OpenAPI) // the client may have gone
	return nil
}

func (s *Server) docs(w http.ResponseWriter, r *http.Request) error {
	if r.URL.Path == "/docs" {
		r.URL.Path = "/docs/"
	}
	page := &assetWriter{ResponseWriter: w}
	docsPage.ServeHTTP(page, r)
	if page.missing {
		return refuse(string(store.NotFound), "nothing is at this address")
	}
	return nil
}

// An assetWriter keeps back the answer to an asset that isn't there.
type assetWriter struct {
	http.ResponseWriter
	missing bool
}

func (a *assetWriter) WriteHeader(status int) {
	if a.missing = status == http.StatusNotFound; !a.missing {
		a.ResponseWriter.WriteHeader(status)
	}
}

func (a *assetWriter) Write(p []byte) (int, error) {
	if a.missing {
		return len(p), nil
	}
	return a.ResponseWriter.Write(p)
}
