package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// A plan is a service that gives the answers it was told to, in their order.
// Each is a line: method and path of the request that it is for; the status;
// a file with the body; headers as Name=value. In place of a status there may
// be "lost", the connection ends when the request has been read, and "cut", it
// ends after the body has been sent in part. "refuse" is a status without the
// body of the request being read.
type plan struct {
	mu    sync.Mutex
	steps []step
	log   strings.Builder
	keys  map[string]string
}

type step struct {
	request, status string
	body            []byte
	header          map[string]string
}

func (p *plan) read(text, dir string) error {
	p.steps, p.keys = nil, map[string]string{}
	p.log.Reset()
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) < 3 {
			return fmt.Errorf("no answer: %q", line)
		}
		s := step{request: words[0] + " " + words[1], status: words[2], header: map[string]string{"Content-Type": "application/json"}}
		for _, word := range words[3:] {
			if name, value, ok := strings.Cut(word, "="); ok {
				s.header[name] = value
				continue
			}
			body, err := os.ReadFile(filepath.Join(dir, word))
			if err != nil {
				return err
			}
			s.body = body
			switch filepath.Ext(word) {
			case ".problem":
				s.header["Content-Type"] = "application/problem+json"
			case ".ndjson":
				s.header["Content-Type"] = "application/x-ndjson"
			case ".html":
				s.header["Content-Type"] = "text/html"
			}
		}
		p.steps = append(p.steps, s)
	}
	return nil
}

func (p *plan) serve() *httptest.Server { return httptest.NewServer(p) }

// requests are the requests so far, and what is still to come.
func (p *plan) requests() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := p.log.String()
	for _, s := range p.steps {
		text += "never came: " + s.request + "\n"
	}
	return text
}

// ServeHTTP implements http.Handler.
func (p *plan) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	s := step{status: "500"}
	if len(p.steps) > 0 && p.steps[0].request == r.Method+" "+r.URL.Path {
		s = p.steps[0]
		p.steps = p.steps[1:]
	} else {
		fmt.Fprint(&p.log, "not planned: ")
	}
	p.mu.Unlock()
	size := 0
	if s.status != "refuse" {
		body, _ := io.ReadAll(r.Body)
		if r.Header.Get("Content-Encoding") == "gzip" { // how well it is packed is not our business
			unpacked, err := gzip.NewReader(bytes.NewReader(body))
			if err != nil {
				panic(err)
			}
			body, _ = io.ReadAll(unpacked)
		}
		size = len(body)
	}
	p.note(r, size)
	for name, value := range s.header {
		w.Header().Set(name, value)
	}
	switch s.status {
	case "lost":
		panic(http.ErrAbortHandler)
	case "cut":
		_, _ = w.Write(s.body)
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	case "refuse":
		w.WriteHeader(http.StatusUnauthorized)
	default:
		var status int
		_, _ = fmt.Sscan(s.status, &status)
		w.WriteHeader(status)
	}
	_, _ = w.Write(s.body)
}

// note writes down what matters of a request. Keys of idempotency are numbered.
func (p *plan) note(r *http.Request, size int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	query, _ := url.QueryUnescape(r.URL.RawQuery)
	line := r.Method + " " + r.URL.EscapedPath()
	if query != "" {
		line += "?" + query
	}
	for _, name := range []string{"Authorization", "Content-Type", "Content-Encoding", "Prefer", "X-Change-Reason"} {
		if value := r.Header.Get(name); value != "" {
			line += " | " + value
		}
	}
	if key := r.Header.Get("Idempotency-Key"); key != "" {
		if p.keys[key] == "" {
			p.keys[key] = fmt.Sprintf("key%d", len(p.keys)+1)
		}
		line += " | " + p.keys[key]
	}
	if r.Method == http.MethodPost {
		line += fmt.Sprintf(" | %d bytes", size)
	}
	fmt.Fprintln(&p.log, line)
}
