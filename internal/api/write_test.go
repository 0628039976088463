package api_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

func TestARecordFromItsCreationToItsEnd(t *testing.T) {
	t.Parallel()
	c := serve(t)
	created := c.want(c.post("/v1/statements", statement(`"key":"s:1"`, `"said_on":"2026-02-18"`, `"targets":[{"role":"object","country":"AF"}]`,
		`"reports":[{"article":{"key":"article:one"},"renderings":[{"part":"body","form":"quotation","text":"We will not hesitate"}]}]`)), 201)
	item := created.Header.Get("Location")
	if item != "/v1/statements/"+created.text("id") || created.Header.Get("X-Seq") == "" {
		t.Errorf("Location %q, X-Seq %q", item, created.Header.Get("X-Seq"))
	}
	read := c.want(c.get(item), 200)
	if !bytes.Equal(read.body, created.body) || read.Header.Get("ETag") != created.Header.Get("ETag") {
		t.Errorf("read: %s, ETag %s; created: %s, ETag %s", read.body, read.Header.Get("ETag"), created.body, created.Header.Get("ETag"))
	}
	tag := "If-Match: " + read.Header.Get("ETag")
	c.want(c.get(item, "If-None-Match: "+read.Header.Get("ETag")), 304)
	c.want(c.get("/v1/statements/key:s:1"), 200)
	c.want(c.do("HEAD", item, ""), 200)

	patched := c.want(c.do("PATCH", item, `{"text":"changed","said_on":null}`, tag, "Content-Type: application/merge-patch+json", "X-Change-Reason: misread", "X-Change-Kind: corrects"), 200)
	if patched.text("text") != "changed" || patched.member("said_on") != nil || patched.text("targets", 0, "country") != "AF" || patched.text("version") != "2" {
		t.Errorf("patched: %s", patched.body)
	}
	c.want(c.do("PATCH", item, `{"text":"again"}`, tag), 412)
	c.want(c.do("PATCH", item, `{"text":"again"}`), 428)
	tag = "If-Match: " + patched.Header.Get("ETag")
	replaced := c.want(c.do("PUT", item, statement(), tag), 200)
	if len(replaced.member("targets").([]any)) != 0 || replaced.text("key") != "s:1" {
		t.Errorf("replaced: %s", replaced.body)
	}
	tag = "If-Match: " + replaced.Header.Get("ETag")
	minimal := c.want(c.do("PUT", item, statement(`"language":"en"`), tag, "Prefer: return=minimal"), 204)
	tag = "If-Match: " + minimal.Header.Get("ETag")
	c.want(c.do("DELETE", item, "", tag, "X-Change-Reason: entered twice"), 204)
	gone := c.want(c.get(item), 410)
	if gone.text("tombstone", "reason") != "entered twice" || gone.text("tombstone", "version") != "4" {
		t.Errorf("gone: %s", gone.body)
	}
	c.want(c.do("DELETE", item, "", tag), 410)
	c.want(c.do("PATCH", item, `{}`, tag), 410)
	c.want(c.do("PUT", item, statement(), tag), 410)
	c.want(c.do("PUT", "/v1/statements/key:s:never", statement(), tag), 404)
	past := c.want(c.get(item+"?as_of=seq:"+created.Header.Get("X-Seq")), 200)
	if past.text("text") != created.text("text") || past.text("updated_at") != created.text("updated_at") || past.member("report_count") != nil {
		t.Errorf("as of its creation: %s", past.body)
	}
}

func TestARepeatedPostHasTheFirstAnswer(t *testing.T) {
	t.Parallel()
	c := serve(t)
	body := statement(`"said_on":"2026-02-18"`)
	first := c.want(c.post("/v1/statements", body, "Idempotency-Key: k1"), 201)
	c.want(c.do("PATCH", first.Header.Get("Location"), `{"text":"changed since"}`, "If-Match: "+first.Header.Get("ETag")), 200)
	again := c.want(c.post("/v1/statements", body, "Idempotency-Key: k1"), 201)
	if !bytes.Equal(first.body, again.body) || again.Header.Get("Idempotency-Replayed") != "true" || again.Header.Get("ETag") != first.Header.Get("ETag") || again.Header.Get("Location") != first.Header.Get("Location") {
		t.Errorf("first: %s %v\nagain: %s %v", first.body, first.Header, again.body, again.Header)
	}
	c.want(c.post("/v1/statements", statement(), "Idempotency-Key: k1"), 422)
	c.want(c.post("/v1/statements", body, "Idempotency-Key: k2"), 201)
	c.want(c.post("/v1/speakers", `{"name":"X","kind":"ngo"}`, "Idempotency-Key: k1"), 201)
}

// A cutter breaks connections at COMMIT: before it is sent, or after, so that
// its answer is lost.
type cutter struct {
	armed atomic.Int32 // 0: no, 1: before sending, 2: after
	cuts  atomic.Int32
}

type cutConn struct {
	net.Conn
	cutter *cutter
	broken atomic.Bool // the driver may read while it still writes
}

var errCut = &net.OpError{Op: "read", Net: "test", Err: syscall.ECONNRESET}

func (c *cutConn) Write(p []byte) (int, error) {
	if !bytes.Contains(p, []byte("commit\x00")) {
		return c.Conn.Write(p)
	}
	switch c.cutter.armed.Swap(0) {
	case 1:
		c.cutter.cuts.Add(1)
		c.Conn.Close()
		return 0, errCut
	case 2:
		c.cutter.cuts.Add(1)
		c.broken.Store(true)
		return c.Conn.Write(p)
	}
	return c.Conn.Write(p)
}

func (c *cutConn) Read(p []byte) (int, error) {
	if c.broken.Load() {
		_, _ = c.Conn.Read(p) // the server has committed and says so, to nobody
		c.Conn.Close()
		return 0, errCut
	}
	return c.Conn.Read(p)
}

// The answer to COMMIT is cut; the client sends the same request with the same
// key again: there is exactly one effect, and an answer that tells it.
func TestCommitAnswersCut(t *testing.T) {
	t.Parallel()
	var knife cutter
	s := testkit.WithCast(t, testkit.StoreAt(t, store.Config{URL: testkit.Database(t), Configure: func(config *pgx.ConnConfig) {
		dial := config.DialFunc
		config.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dial(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return &cutConn{Conn: conn, cutter: &knife}, nil
		}
	}}))
	c := serveStore(t, s)
	rounds := testkit.Scale(40, 200)
	lost := 0
	for round := range rounds {
		body := statement(fmt.Sprintf(`"key":"s:%d"`, round), `"reports":[{"article":{"key":"article:one"}}]`)
		key := fmt.Sprintf("Idempotency-Key: k%d", round)
		if round%2 == 1 { // without a key of its own only the Idempotency-Key tells a repeat
			body = statement(fmt.Sprintf(`"language":"x-r%d"`, round))
		}
		knife.armed.Store(int32(round%4/2 + 1))
		first := c.post("/v1/statements", body, key)
		switch {
		case first.StatusCode == 201:
		case first.StatusCode == 503:
			lost++
		default:
			t.Fatalf("round %d: %d %s", round, first.StatusCode, first.body)
		}
		again := c.post("/v1/statements", body, key)
		for tries := 0; again.StatusCode == 503 && tries < 5; tries++ { // a connection cut earlier may be met only now
			again = c.post("/v1/statements", body, key)
		}
		c.want(again, 201)
		if first.StatusCode == 201 && !bytes.Equal(first.body, again.body) {
			t.Fatalf("round %d: two answers: %s and %s", round, first.body, again.body)
		}
	}
	if int(knife.cuts.Load()) != rounds {
		t.Errorf("%d cuts in %d rounds", knife.cuts.Load(), rounds)
	}
	if lost != rounds/2 {
		t.Errorf("%d of %d were refused: those whose COMMIT was never sent should be, and no others", lost, rounds)
	}
	stored := 0
	for path := "/v1/statements?limit=500&sort=id"; path != ""; {
		page := c.want(c.get(path), 200)
		stored += len(page.member("data").([]any))
		path = ""
		if next := page.text("next_cursor"); next != "" {
			path = "/v1/statements?limit=500&sort=id&cursor=" + next
		}
	}
	if stored != rounds {
		t.Errorf("%d statements stored in %d rounds", stored, rounds)
	}
}

func TestNestedRecordsGoInTogetherOrNotAtAll(t *testing.T) {
	t.Parallel()
	c := serve(t)
	bad := c.want(c.post("/v1/statements", statement(`"key":"s:1"`, `"reports":[{"article":{"key":"article:one"}},{"article":{"key":"article:none"}}]`)), 422)
	if bad.text("errors", 0, "pointer") != "/reports/1/article" {
		t.Errorf("%s", bad.body)
	}
	c.want(c.get("/v1/statements/key:s:1"), 404)
	c.want(c.get("/v1/reports/key:s:1%2Farticle:one"), 404)
	c.want(c.post("/v1/statements", statement(`"key":"s:1"`, `"reports":[{"article":{"key":"article:one"}},{"article":{"key":"article:two"}}]`)), 201)
	report := c.want(c.get("/v1/reports/key:s:1%2Farticle:one?include=statement,article.source"), 200)
	if report.text("statement", "key") != "s:1" || report.text("article", "source", "name") != "One" {
		t.Errorf("%s", report.body)
	}
}

func TestWritesNeedAKeyThatMay(t *testing.T) {
	t.Parallel()
	c := serve(t)
	last := "a"
	if strings.HasSuffix(c.key, last) {
		last = "b"
	}
	for _, header := range []string{"-Authorization", "Authorization: Bearer nonsense", "Authorization: Digest x", "Authorization: Bearer " + c.key[:len(c.key)-1] + last, "X-API-Key: " + c.key} {
		a := c.want(c.post("/v1/statements", statement(), header), 401)
		if a.Header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: no WWW-Authenticate", header)
		}
	}
	for _, header := range []string{"X-API-Key: " + c.key, "Authorization: Basic " + basic("", c.key)} {
		headers := []string{"-Authorization", header}
		if strings.HasPrefix(header, "Authorization") {
			headers = headers[1:]
		}
		c.want(c.post("/v1/statements", statement(), headers...), 201)
	}
	for role, status := range map[string][2]int{"reader": {403, 403}, "importer": {201, 403}, "editor": {201, 412}} {
		key, err := c.store.CreateKey(t.Context(), role, role, noExpiry)
		if err != nil {
			t.Fatal(err)
		}
		created := c.want(c.post("/v1/statements", statement(), "Authorization: Bearer "+key), status[0])
		item := created.Header.Get("Location")
		if item == "" {
			item = "/v1/statements/key:s:none"
		}
		c.want(c.do("PATCH", item, `{}`, `If-Match: "9-x"`, "Authorization: Bearer "+key), status[1])
		c.want(c.get("/v1/statements", "Authorization: Bearer "+key), 200)
	}
	c.want(c.get("/v1/statements", "Authorization: Bearer nonsense"), 401)
	closed := serve(t, private)
	for _, path := range []string{"/v1/statements", "/v1/statements/key:s:1"} {
		closed.want(closed.get(path), 401)
		closed.want(closed.do("HEAD", path, ""), 401)
		closed.want(closed.get(path, `If-None-Match: "x"`), 401)
	}
	closed.want(closed.get("/v1/statements", "Authorization: Bearer "+closed.key), 200)
	closed.want(closed.get("/readyz"), 200)
}

func TestARevokedOrExpiredKeyIsRefused(t *testing.T) {
	t.Parallel()
	url := testkit.Database(t)
	c := serveStore(t, testkit.WithCast(t, testkit.StoreAt(t, store.Config{URL: url})))
	c.want(c.post("/v1/statements", statement()), 201) // the key is remembered from here on
	elsewhere := testkit.StoreAt(t, store.Config{URL: url})
	if err := elsewhere.RevokeKey(t.Context(), strings.Split(c.key, "_")[1]); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); c.post("/v1/statements", statement()).StatusCode != 401; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("a key that another process revoked goes on working")
		}
	}
	expired, err := c.store.CreateKey(t.Context(), "late", "admin", longAgo)
	if err != nil {
		t.Fatal(err)
	}
	c.want(c.post("/v1/statements", statement(), "Authorization: Bearer "+expired), 401)
}
