package api

import (
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"

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
	const body = "{\"status\":\"ok\"}\n"
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.Header().Set("Cache-Control", "no-store")
	_, _ = io.WriteString(w, body) // the client may have gone
	return nil
}

func (s *Server) contract(w http.ResponseWriter, r *http.Request) error {
	return send(w, r, http.StatusOK, "application/yaml", `"`+contractHash+`"`, onrecord.OpenAPI)
}

// docs answers with the page, or one of its assets, each made once.
func (s *Server) docs(w http.ResponseWriter, r *http.Request) error {
	path := r.URL.Path
	if path == "/docs" {
		path = "/docs/"
	}
	made, ok := assets.Load(path)
	if !ok {
		a := &asset{header: http.Header{}}
		docsPage.ServeHTTP(a, &http.Request{Method: http.MethodGet, URL: &url.URL{Path: path}, Header: http.Header{}})
		if a.status != 0 && a.status != http.StatusOK {
			return refuse(string(store.NotFound), "nothing is at this address")
		}
		a.tag = `"` + hash(a.body) + `"`
		made, _ = assets.LoadOrStore(path, a)
	}
	a := made.(*asset)
	return send(w, r, http.StatusOK, a.header.Get("Content-Type"), a.tag, a.body)
}

// assets are those of the documentation that have been asked for, by path.
var assets sync.Map

// An asset is an answer of the documentation's handler, kept.
type asset struct {
	header http.Header
	status int
	body   []byte
	tag    string
}

func (a *asset) Header() http.Header { return a.header }

func (a *asset) WriteHeader(status int) { a.status = status }

func (a *asset) Write(p []byte) (int, error) {
	a.body = append(a.body, p...)
	return len(p), nil
}
