package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// The test binary is the server when it is asked to be.
func TestMain(m *testing.M) {
	if os.Getenv("BE_THE_SERVER") != "" {
		os.Exit(run(context.Background(), os.Args[1:], os.LookupEnv, os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// A service is the server as a process of its own.
type service struct {
	*exec.Cmd
	url    string
	output *locked
	ended  chan struct{}
}

// locked is a buffer for several goroutines.
type locked struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// start runs the server with its own database in dir until it is ready.
func start(t *testing.T, dir string, settings ...string) *service {
	t.Helper()
	address := freeAddress(t)
	s := &service{Cmd: exec.Command(os.Args[0]), url: "http://" + address, output: &locked{}, ended: make(chan struct{})}
	s.Env = append([]string{"BE_THE_SERVER=1", "PATH=" + os.Getenv("PATH"), "PG_BIN_DIR=" + os.Getenv("PG_BIN_DIR"), "DATA_DIR=" + dir, "LISTEN_ADDR=" + address, "PUBLIC_READ=true", "SAMPLE=true"}, settings...)
	s.Stdout, s.Stderr = s.output, s.output
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = s.Wait() // its output says why
		close(s.ended)
	}()
	t.Cleanup(func() {
		_ = s.Process.Kill()
		<-s.ended
	})
	for deadline := time.Now().Add(90 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if answer, err := http.Get(s.url + "/readyz"); err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return s
			}
		}
		select {
		case <-s.ended:
			t.Fatalf("the server ended: %s", s.output)
		default:
		}
		if time.Now().After(deadline) {
			t.Fatalf("the server is not ready: %s", s.output)
		}
	}
}

func (s *service) stop(t *testing.T, signal syscall.Signal) {
	t.Helper()
	if err := s.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	select {
	case <-s.ended:
	case <-time.After(60 * time.Second):
		t.Fatalf("the server doesn't end: %s", s.output)
	}
}

// ask is the newcomer's question: who said what about Afghanistan, in which
// words, according to whom.
func (s *service) ask(t *testing.T) (records []map[string]any) {
	t.Helper()
	answer, err := http.Get(s.url + "/v1/statements?speaker=key:person:khawaja-asif&target_country=AF&include=reports.article.source")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var page struct{ Data []map[string]any }
	if err := json.NewDecoder(answer.Body).Decode(&page); err != nil || len(page.Data) == 0 {
		t.Fatalf("%d, %v, %d statements", answer.StatusCode, err, len(page.Data))
	}
	return page.Data
}

func TestANewcomersFirstMinute(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	s := start(t, dir)
	found, asked := false, 0
	for _, statement := range s.ask(t) {
		asked++
		for _, report := range statement["reports"].([]any) {
			article := report.(map[string]any)["article"].(map[string]any)
			if article["source"].(map[string]any)["name"] == "" {
				t.Errorf("a report without outlet: %v", report)
			}
			for _, rendering := range report.(map[string]any)["renderings"].([]any) {
				found = found || strings.Contains(fmt.Sprint(rendering.(map[string]any)["text"]), "We will not hesitate")
			}
		}
	}
	if !found {
		t.Error("“We will not hesitate” is in no rendering")
	}
	key := regexp.MustCompile(`onrec_[a-z2-7]{8}_[a-z2-7]{32}`).FindString(s.output.String())
	if key == "" {
		t.Fatalf("no key was printed: %s", s.output)
	}
	if post(t, s, key) != http.StatusCreated {
		t.Error("the first key may not write")
	}
	beside := map[string]string{"DATA_DIR": dir, "PG_BIN_DIR": os.Getenv("PG_BIN_DIR"), "LOG_LEVEL": "ERROR"}
	if status, second, stderr := command(t, beside, "keys", "create", "second"); status != 0 || post(t, s, strings.TrimSpace(second)) != http.StatusCreated {
		t.Errorf("a key made beside the running service: %d %s", status, stderr)
	}
	reads(t, beside)
	rebuilds(t, s, beside)
	s.stop(t, syscall.SIGTERM)
	if strings.Contains(s.output.String(), "panic") || strings.Count(s.output.String(), key) != 1 {
		t.Errorf("the key stands %d times in: %s", strings.Count(s.output.String(), key), s.output)
	}

	again := start(t, dir)
	if strings.Contains(again.output.String(), "onrec_") || strings.Contains(again.output.String(), "msg=loaded") {
		t.Errorf("the second start makes a key or writes: %s", again.output)
	}
	if now := len(again.ask(t)); now != asked {
		t.Errorf("the second start shows %d statements, the first %d", now, asked)
	}
	if post(t, again, key) != http.StatusCreated {
		t.Error("the first key has stopped working")
	}
	again.stop(t, syscall.SIGKILL)
	last := start(t, dir)
	last.ask(t)
	if post(t, last, key) != http.StatusCreated {
		t.Error("after a kill the first key has stopped working")
	}
	last.stop(t, syscall.SIGINT)
}

func post(t *testing.T, s *service, key string) int {
	t.Helper()
	request, err := http.NewRequest("POST", s.url+"/v1/statements", strings.NewReader(`{"speaker":{"key":"person:khawaja-asif"},"kind":"other","text":"test"}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+key)
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode
}

// command runs the program in this process.
func command(t *testing.T, environment map[string]string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	lookup := func(name string) (string, bool) { v, ok := environment[name]; return v, ok }
	status = run(t.Context(), args, lookup, strings.NewReader(""), &out, &errs)
	return status, out.String(), errs.String()
}

func TestKeysFromTheCommandLine(t *testing.T) {
	environment := map[string]string{"DATA_DIR": filepath.Join(t.TempDir(), "data"), "PG_BIN_DIR": os.Getenv("PG_BIN_DIR"), "LOG_LEVEL": "ERROR"}
	status, key, stderr := command(t, environment, "keys", "create", "analyst", "--role", "reader", "--expires", "720h")
	if status != 0 || !strings.HasPrefix(key, "onrec_") {
		t.Fatalf("%d %q %s", status, key, stderr)
	}
	id := strings.Split(key, "_")[1]
	if status, list, _ := command(t, environment, "keys", "list"); status != 0 || !strings.Contains(list, id) || strings.Contains(list, strings.TrimSpace(key)) {
		t.Errorf("list: %d %s", status, list)
	}
	if status, _, stderr := command(t, environment, "keys", "revoke", id); status != 0 {
		t.Errorf("revoke: %d %s", status, stderr)
	}
	if status, _, stderr := command(t, environment, "keys", "revoke", "nobody"); status != 1 || !strings.Contains(stderr, "no key") {
		t.Errorf("revoke nobody: %d %s", status, stderr)
	}
	if status, _, stderr := command(t, environment, "keys", "create", "x", "--role", "king"); status != 1 || !strings.Contains(stderr, "invalid") {
		t.Errorf("an unknown role: %d %s", status, stderr)
	}
	if status, out, stderr := command(t, environment, "migrate"); status != 0 || !strings.Contains(out, "current") {
		t.Errorf("migrate: %d %s %s", status, out, stderr)
	}
}

func TestSettingsAreRefusedAllAtOnceAndWithoutSecrets(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("postgres://u:hunter2@h:port/db\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	status, _, stderr := command(t, map[string]string{"LISTEN_ADDR": "8080", "PUBLIC_READ": "maybe", "LOG_FORMAT": "xml", "DATABASE_URL_FILE": secret, "MAX_CONNS": "-3",
		"HEAVY_CONNS": "0", "HEAVY_TIMEOUT": "1h", "EXPORT_CONNS": "-1", "CACHE_BYTES": "-1", "RECORD_CACHE_BYTES": "-1", "CELL_CACHE_BYTES": "-1"})
	if status != 2 {
		t.Errorf("status %d", status)
	}
	for _, name := range []string{"LISTEN_ADDR", "PublicRead", "LOG_FORMAT", "DATABASE_URL", "MAX_CONNS", "HEAVY_CONNS", "HEAVY_TIMEOUT", "EXPORT_CONNS", "CACHE_BYTES", "RECORD_CACHE_BYTES", "CELL_CACHE_BYTES"} {
		if !strings.Contains(stderr, name) {
			t.Errorf("%s is not reported: %s", name, stderr)
		}
	}
	if strings.Contains(stderr, "hunter2") {
		t.Errorf("the password is shown: %s", stderr)
	}
	if status, _, stderr := command(t, nil, "dance"); status != 2 || !strings.Contains(stderr, "dance") {
		t.Errorf("an unknown command: %d %s", status, stderr)
	}
	if status, out, _ := command(t, nil, "--help"); status != 0 || !strings.Contains(out, "keys") {
		t.Errorf("help: %d %s", status, out)
	}
}

func TestAPortThatIsTakenIsSaidBeforeAnythingStarts(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	dir := filepath.Join(t.TempDir(), "data")
	status, _, stderr := command(t, map[string]string{"LISTEN_ADDR": l.Addr().String(), "DATA_DIR": dir})
	if status != 1 || !strings.Contains(stderr, "address already in use") {
		t.Errorf("%d %s", status, stderr)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("a database was made")
	}
	if status, _, _ := command(t, map[string]string{"LISTEN_ADDR": freeAddress(t)}, "healthcheck"); status != 1 {
		t.Errorf("healthcheck of nothing: %d", status)
	}
}
