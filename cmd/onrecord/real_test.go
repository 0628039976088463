package main

import (
	"bytes"
	"context"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"onrecord/internal/api"
	"onrecord/internal/pgembed"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
	"onrecord/migrations"
)

// A real is the service itself, with a key that the command uses.
type real struct {
	t        *testing.T
	url, key string
}

func serveReal(t *testing.T) *real {
	t.Helper()
	ctx := context.Background()
	db, err := pgembed.Start(ctx, pgembed.Options{DataDir: t.TempDir(), BinDir: os.Getenv("PG_BIN_DIR"), Settings: map[string]string{"fsync": "off"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Stop(ctx) })
	if err := migrations.Up(ctx, db.URL()); err != nil {
		t.Fatal(err)
	}
	s := testkit.WithCast(t, testkit.StoreAt(t, store.Config{URL: db.URL()}))
	key, err := s.CreateKey(ctx, "tester", "admin", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	slog.SetDefault(slog.New(slog.DiscardHandler))
	server := httptest.NewServer(api.New(s, api.Config{PublicRead: true}))
	t.Cleanup(server.Close)
	return &real{t, server.URL, key}
}

// onrecord runs the command and checks its exit status.
func (r *real) onrecord(status int, args ...string) (stdout, stderr string) {
	r.t.Helper()
	var out, errs bytes.Buffer
	environment := map[string]string{"ONRECORD_URL": r.url, "ONRECORD_KEY": r.key}
	lookup := func(name string) (string, bool) { v, ok := environment[name]; return v, ok }
	if got := run(r.t.Context(), args, lookup, strings.NewReader(""), &out, &errs); got != status {
		r.t.Errorf("onrecord %s: status %d, want %d\n%s%s", strings.Join(args, " "), got, status, &out, &errs)
	}
	return out.String(), errs.String()
}

func (r *real) says(text string, parts ...string) {
	r.t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			r.t.Errorf("does not say %s: %s", part, text)
		}
	}
}

// The command imports a data set into the service, asks it, takes it out and
// takes it back; its exit status says how it went.
func TestTheCommandAgainstTheService(t *testing.T) {
	r := serveReal(t)
	before, _ := r.onrecord(0, "export")
	lines := testkit.Statement("liar:1", "one", `"said_on":"2026-02-18"`, `"reports":[{"article":{"key":"article:one"}}]`) + "\n" + testkit.Statement("liar:2", "two") + "\n"
	good := written(t, "a.ndjson", []byte(lines))
	bad := written(t, "b.ndjson", []byte(testkit.Statement("liar:3", "three")+"\n"+testkit.Statement("liar:4", "four", `"occasion":{"key":"no:event"}`)+"\n"))

	dry, _ := r.onrecord(0, "import", "--dry-run", "--json", good)
	r.says(dry, `"inserted":3`, `"dry_run":true`)
	if after, _ := r.onrecord(0, "export"); after != before {
		t.Error("a dry run wrote something")
	}
	out, _ := r.onrecord(0, "import", "--json", "--reason", "first load", good)
	r.says(out, `"inserted":3`, `"state":"done"`)
	id := between(out, `"id":"`, `"`)
	out, stderr := r.onrecord(0, "import", "--json", "--reason", "first load", good)
	r.says(out+stderr, id) // the report of the first
	loaded, _ := r.onrecord(0, "export")
	if strings.Count(loaded, "\n") != strings.Count(before, "\n")+3 {
		t.Errorf("exported: %s", loaded)
	}

	_, stderr = r.onrecord(1, "import", bad)
	r.says(stderr, "/occasion")
	if after, _ := r.onrecord(0, "export"); after != loaded {
		t.Error("an import that failed wrote something")
	}
	out, _ = r.onrecord(1, "import", "--json", "--on-error=continue", bad)
	r.says(out, `"inserted":1`, `"failed":1`, `"state":"partial"`)
	partial := between(out, `"id":"`, `"`)

	out, _ = r.onrecord(0, "query", "statements", "speaker=key:person:asif", "sort=id")
	r.says(out, `"text":"one"`, `"text":"two"`, `"text":"three"`)
	r.onrecord(1, "query", "statements", "speaker_nationality=nowhere")
	r.onrecord(1, "query", "statements/key:liar:9")
	r.onrecord(2, "query")
	r.onrecord(2, "import", filepath.Join(t.TempDir(), "a.unknown"))
	out, _ = r.onrecord(0, "imports", "--json")
	r.says(out, id, partial)
	out, _ = r.onrecord(0, "imports", "--json", id)
	r.says(out, id, "first load")

	r.onrecord(0, "revert", partial)
	r.onrecord(1, "revert", partial)
	if after, _ := r.onrecord(0, "export"); after != loaded {
		t.Errorf("reverted it is not as before: %s", cmp.Diff(loaded, after))
	}
	r.onrecord(0, "revert", "--reason", "not wanted", id)
	if after, _ := r.onrecord(0, "export"); after != before {
		t.Errorf("reverted it is not as before: %s", cmp.Diff(before, after))
	}
	out, _ = r.onrecord(0, "import", "--json", "--reason", "first load", good) // the same again, which was taken back
	r.says(out, `"inserted":3`)
	if after, _ := r.onrecord(0, "export"); after != loaded {
		t.Errorf("imported again it is not as before: %s", cmp.Diff(loaded, after))
	}
	r.onrecord(1, "revert", "0197a3c2-5b1e-7c55-9d3a-4f1f6f1f0a11")

	packed := filepath.Join(t.TempDir(), "all.ndjson.zst")
	r.onrecord(0, "export", "-o", packed)
	out, _ = r.onrecord(0, "import", "--json", packed)
	r.says(out, `"inserted":0`, `"failed":0`)
	out, _ = r.onrecord(0, "import", "--json", "--async", written(t, "c.csv", []byte("type,slug,name\ntopic,c,C\n")))
	r.says(out, `"inserted":1`, `"state":"done"`)

	r.key = "onrec_wrong"
	r.onrecord(3, "import", good)
	r.url = "http://127.0.0.1:1"
	r.onrecord(3, "--retries", "0", "import", good)
}

func between(text, from, to string) string {
	_, text, _ = strings.Cut(text, from)
	text, _, _ = strings.Cut(text, to)
	return text
}
