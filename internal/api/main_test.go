package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"onrecord/internal/api"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

var contract *testkit.Contract

func TestMain(m *testing.M) {
	if database := os.Getenv("BE_THE_SERVICE"); database != "" {
		beTheService(database)
	}
	slog.SetDefault(slog.New(defects{slog.NewTextHandler(os.Stderr, nil)}))
	var err error
	if contract, err = testkit.LoadContract(); err != nil {
		fmt.Fprintln(os.Stderr, "the contract:", err)
		os.Exit(1)
	}
	testkit.Main(m)
}

// defects logs what only a defect of ours can cause, and nothing else.
type defects struct{ slog.Handler }

func (d defects) Handle(ctx context.Context, r slog.Record) error {
	defect := r.Message == "panic"
	r.Attrs(func(a slog.Attr) bool {
		defect = defect || a.Key == "error" && store.CodeOf(asError(a.Value.Any())) == store.Internal
		return true
	})
	if !defect {
		return nil
	}
	return d.Handler.Handle(ctx, r)
}

func asError(v any) error {
	err, _ := v.(error)
	return err
}

// A client drives the real router and store over a socket. Every exchange is
// checked against openapi.yaml, so each test is a contract test too.
type client struct {
	t     *testing.T
	store *store.Store
	url   string
	key   string // an admin's
	http  *http.Client
}

// serve starts the service on a database of the test's own, with the cast.
func serve(t *testing.T, configure ...func(*api.Config)) *client {
	t.Helper()
	return serveStore(t, testkit.WithCast(t, testkit.Store(t)), configure...)
}

func serveStore(t *testing.T, s *store.Store, configure ...func(*api.Config)) *client {
	t.Helper()
	config := api.Config{PublicRead: true, Answers: 8 << 20}
	for _, c := range configure {
		c(&config)
	}
	key, err := s.CreateKey(t.Context(), "tester", "admin", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(api.New(s, config))
	t.Cleanup(server.Close)
	transport := contract.Transport(server.Client().Transport, func(err error) { t.Errorf("contract: %v", err) })
	return &client{t, s, server.URL, key, &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// An answer is a response with its body read.
type answer struct {
	*http.Response
	body []byte
}

// do sends a request with the admin's key; headers are given as "Name: value",
// and "-Name" leaves one out.
func (c *client) do(method, path, body string, headers ...string) answer {
	c.t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	request, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, reader)
	if err != nil {
		c.t.Fatal(err)
	}
	if method != http.MethodGet && method != http.MethodHead {
		request.Header.Set("Authorization", "Bearer "+c.key)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		if name, without := strings.CutPrefix(h, "-"); without {
			request.Header.Del(name)
			continue
		}
		name, value, _ := strings.Cut(h, ": ")
		request.Header.Set(name, value)
	}
	response, err := c.http.Do(request)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	return answer{response, data}
}

// want checks the status.
func (c *client) want(a answer, status int) answer {
	c.t.Helper()
	if a.StatusCode != status {
		c.t.Fatalf("%s %s: %d, want %d: %s", a.Request.Method, a.Request.URL, a.StatusCode, status, a.body)
	}
	return a
}

func (c *client) get(path string, headers ...string) answer {
	c.t.Helper()
	return c.do("GET", path, "", headers...)
}

func (c *client) post(path, body string, headers ...string) answer {
	c.t.Helper()
	return c.do("POST", path, body, headers...)
}

// member is a value in the answer's JSON, by names and indexes.
func (a answer) member(path ...any) any {
	var v any
	decoder := json.NewDecoder(bytes.NewReader(a.body))
	if err := decoder.Decode(&v); err != nil {
		return fmt.Sprintf("not JSON: %v", err)
	}
	for _, step := range path {
		switch step := step.(type) {
		case string:
			object, ok := v.(map[string]any)
			if !ok {
				return nil
			}
			v = object[step]
		case int:
			list, ok := v.([]any)
			if !ok || step >= len(list) {
				return nil
			}
			v = list[step]
		}
	}
	return v
}

func (a answer) text(path ...any) string {
	if v := a.member(path...); v != nil {
		return fmt.Sprint(v)
	}
	return ""
}

// statement is the JSON of a statement of the cast, with further fields.
func statement(fields ...string) string {
	return "{" + strings.Join(append([]string{`"speaker":{"key":"person:asif"}`, `"kind":"threat"`, `"text":"We will not hesitate"`}, fields...), ",") + "}"
}
