package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// A recorder takes imports and keeps what it got, by Idempotency-Key.
type recorder struct {
	mu     sync.Mutex
	bodies map[string][]byte
	meet   func(body io.Reader) // before the body is read
}

func (s *recorder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.meet != nil {
		s.meet(r.Body)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // cut off: nothing is kept
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bodies == nil {
		s.bodies = map[string][]byte{}
	}
	s.bodies[r.Header.Get("Idempotency-Key")] = body
	w.WriteHeader(http.StatusCreated)
	_, _ = io.WriteString(w, `{"id":"u1","state":"done"}`)
}

func importing(t *testing.T, ctx context.Context, service *recorder, args ...string) (status int, stderr string) {
	t.Helper()
	server := httptest.NewServer(service)
	defer server.Close()
	var out, errs bytes.Buffer
	status = run(ctx, append([]string{"--url", server.URL, "--retries", "0", "import"}, args...), none, strings.NewReader(""), &out, &errs)
	return status, errs.String()
}

func none(string) (string, bool) { return "", false }

func written(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// The key of a request is that of a file's content and of the options: no two
// different requests share one, the same request has the same in every run.
func TestTheIdempotencyKeyIsOfContentAndOptions(t *testing.T) {
	service := &recorder{}
	one, other := written(t, "a.ndjson", []byte("{}\n")), written(t, "a.ndjson", []byte("{ }\n"))
	same, table := written(t, "b.ndjson", []byte("{}\n")), written(t, "a.csv", []byte("{}\n"))
	for i, args := range [][]string{{one}, {one}, {same}} {
		if status, stderr := importing(t, t.Context(), service, args...); status != 0 || len(service.bodies) != 1 {
			t.Errorf("%d: %d %s, %d keys", i, status, stderr, len(service.bodies))
		}
	}
	different := [][]string{{other}, {table}, {"--mode=skip", one}, {"--on-error=continue", one}, {"--on-conflict=overwrite", one},
		{"--max-errors=3", one}, {"--reason=x", one}, {"--async", one}, {"--dry-run", one}, {"--dry-run", one}, {"-"}, {"-"}}
	for i, args := range different {
		if status, stderr := importing(t, t.Context(), service, args...); status != 0 || len(service.bodies) != i+2 {
			t.Errorf("%v: %d %s, %d keys", args, status, stderr, len(service.bodies))
		}
	}
}

// Of a file that changes while it is sent the service never gets the end, so
// that no key stands for content other than what it was made from.
func TestAFileThatChangesWhileItIsSentIsNotSentToItsEnd(t *testing.T) {
	content := bytes.Repeat([]byte("{\"type\":\"topic\"}\n"), 1<<12)
	for name, c := range map[string]struct {
		change func(path string) error
		whole  bool
	}{
		"untouched": {func(string) error { return nil }, true},
		"rewritten": {func(path string) error {
			file, err := os.OpenFile(path, os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			defer file.Close()
			_, err = file.WriteAt([]byte("x"), int64(len(content))-5)
			return err
		}, false},
		"cut": {func(path string) error { return os.Truncate(path, 1<<10) }, false},
		"replaced": {func(path string) error { // what was opened is still there
			return errors.Join(os.Remove(path), os.WriteFile(path, []byte("x"), 0o600))
		}, true},
	} {
		in := &input{name: name, path: written(t, "a.ndjson", content)}
		if err := in.measure(); err != nil {
			t.Fatal(err)
		}
		var ended bool
		body, err := in.open(func(int) {}, func() { ended = true })
		if err != nil {
			t.Fatal(err)
		}
		begun, err := body.Read(make([]byte, 1<<11))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.change(in.path); err != nil {
			t.Fatal(err)
		}
		rest, err := io.Copy(io.Discard, body)
		if sent := int64(begun)+rest == in.size; sent != c.whole || ended != c.whole || (err == nil) != c.whole || (body.failure() == nil) != c.whole {
			t.Errorf("%s: all sent is %t, %v", name, sent, err)
		}
		body.Close()
	}
}

func TestAnInterruptedImportSaysHowToGoOn(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	service := &recorder{meet: func(io.Reader) { cancel() }}
	status, stderr := importing(t, ctx, service, written(t, "a.ndjson", []byte("{}\n")))
	if status != 1 || !strings.Contains(stderr, "the same command goes on from there") || !strings.Contains(stderr, "interrupted") {
		t.Errorf("%d %s", status, stderr)
	}
}

func TestABigFileArrivesAsItIs(t *testing.T) {
	content := bytes.Repeat([]byte("{\"type\":\"topic\"}\n"), 1<<18)
	service := &recorder{}
	if status, stderr := importing(t, t.Context(), service, written(t, "a.ndjson.zst", content)); status != 0 {
		t.Fatal(status, stderr)
	}
	for _, body := range service.bodies {
		if sha256.Sum256(body) != sha256.Sum256(content) {
			t.Errorf("%d bytes came of %d", len(body), len(content))
		}
	}
}
