package api_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"

	"onrecord/internal/api"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

// besieged is a service with few places, and a way to make all queries of
// events hang: a lock on their table.
type besieged struct {
	*client
	direct *pgx.Conn
	lock   pgx.Tx
}

func besiege(t *testing.T, config store.Config, configure ...func(*api.Config)) *besieged {
	t.Helper()
	config.URL = testkit.Database(t)
	b := &besieged{client: serveStore(t, testkit.WithCast(t, testkit.StoreAt(t, config)), append(configure, func(c *api.Config) { c.Answers = 0 })...)}
	b.want(b.post("/v1/events", `{"key":"e:1","kind":"attack","title":"a"}`), 201)
	b.direct = direct(t, config.URL)
	var err error
	if b.lock, err = direct(t, config.URL).Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := b.lock.Exec(t.Context(), `LOCK TABLE events IN ACCESS EXCLUSIVE MODE`); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *besieged) relieve() {
	b.t.Helper()
	if err := b.lock.Rollback(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
}

// hanging waits until this many queries hang.
func (b *besieged) hanging(n int) {
	b.t.Helper()
	testkit.Until(b.t, func() bool {
		return count(b.t, b.direct, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) == n
	})
}

// started asks without waiting; the status comes later, 0 for no answer.
func (b *besieged) started(ctx context.Context, path string) <-chan int {
	status := make(chan int, 1)
	go func() {
		request, _ := http.NewRequestWithContext(ctx, http.MethodGet, b.url+path, nil)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			status <- 0
			return
		}
		_, _ = io.Copy(io.Discard, response.Body)
		response.Body.Close()
		status <- response.StatusCode
	}()
	return status
}

// heavy are questions of each sort that may read much, about events.
var heavy = []string{
	"/v1/events/counts?by=kind", "/v1/events/facets?by=kind", "/v1/timeline?from=2026", "/v1/events?count=exact", "/v1/events?offset=1",
	"/v1/events?as_of=seq:1", "/v1/events?not_kind=attack", "/v1/events?article=key:article:one",
}

// Queries that read much, and hang, keep neither those that read little nor
// keys and health from being answered; of their own kind some wait and the rest
// are told to come again.
func TestHeavyQueriesThatHang(t *testing.T) {
	t.Parallel()
	b := besiege(t, store.Config{MaxConns: 2, Heavy: 1})
	first := b.started(t.Context(), heavy[0])
	b.hanging(1)
	const crowd, queue = 160, 128
	refused, answered := make(chan *http.Response, crowd), make(chan int, crowd)
	for i := range crowd {
		go func() {
			response, err := http.Get(b.url + heavy[i%len(heavy)])
			switch {
			case err != nil:
				answered <- 0
			case response.StatusCode == http.StatusServiceUnavailable:
				refused <- response
				answered <- 503
			default:
				answered <- response.StatusCode
			}
			if err == nil {
				response.Body.Close()
			}
		}()
	}
	for range crowd - queue {
		response := <-refused
		if response.Header.Get("Retry-After") == "" || response.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("refused with %v", response.Header)
		}
	}
	for n := range 5 {
		for _, path := range []string{"/v1/countries", "/v1/speakers/key:person:asif?include=nationality", "/v1/sources?country=PK", "/v1/claims", "/v1/topics?limit=1&format=csv", "/readyz"} {
			b.want(b.get(path), 200)
		}
		b.want(b.get("/v1/tips", "Authorization: Bearer "+b.key), 200)
		b.want(b.post("/v1/topics", fmt.Sprintf(`{"slug":"t%d","name":"a"}`, n)), 201)
	}
	b.hanging(1)
	b.relieve()
	if s := <-first; s != 200 {
		t.Errorf("%d for one that had a place", s)
	}
	for range crowd {
		if s := <-answered; s != 200 && s != 503 {
			t.Errorf("%d for one of the crowd", s)
		}
	}
	for _, path := range heavy {
		b.want(b.get(path), 200)
	}
}

// A query that reads much ends when its time is over, and so does one that was
// taken for light; both leave their places.
func TestHeavyQueriesThatTakeTooLong(t *testing.T) {
	t.Parallel()
	b := besiege(t, store.Config{Heavy: 1, Moment: 20 * time.Millisecond, Long: 300 * time.Millisecond, Statement: time.Minute})
	all := append([]string{"/v1/events", "/v1/events/key:e:1"}, heavy...)
	for _, path := range all {
		a := b.want(b.get(path), 504)
		if a.Header.Get("Content-Type") != "application/problem+json" || a.text("type") != "urn:onrecord:problem:timeout" {
			t.Errorf("%s: %s", path, a.body)
		}
	}
	b.hanging(0)
	b.relieve()
	for _, path := range all {
		testkit.Until(t, func() bool { return b.get(path).StatusCode == 200 }) // on a machine that is slow itself
	}
}

// A query that was taken for light and takes longer than a moment goes on where
// those are that read much: the only connection for light ones is free again.
func TestLightQueriesThatAreNot(t *testing.T) {
	t.Parallel()
	b := besiege(t, store.Config{MaxConns: 1, Heavy: 3, Moment: 500 * time.Millisecond, Long: time.Minute, Statement: time.Minute})
	page, item := b.started(t.Context(), "/v1/events?kind=attack"), b.started(t.Context(), "/v1/events/key:e:1")
	again := b.started(t.Context(), "/v1/events?kind=meeting") // the same form
	for range 20 {
		b.want(b.get("/v1/countries"), 200)
	}
	b.hanging(3)
	b.relieve()
	for _, status := range []<-chan int{page, item, again} {
		if s := <-status; s != 200 {
			t.Errorf("%d after the wait", s)
		}
	}
}

// Clients that go away take their queries along: backends, places and
// goroutines are as before.
func TestHeavyQueriesWhoseClientsLeave(t *testing.T) { // alone: what others start would count
	b := besiege(t, store.Config{Heavy: 2})
	b.want(b.get("/v1/countries"), 200)
	http.DefaultClient.CloseIdleConnections()
	before := goleak.IgnoreCurrent()
	for range 3 {
		ctx, leave := context.WithCancel(t.Context())
		var gone []<-chan int
		for i := range 10 {
			gone = append(gone, b.started(ctx, heavy[i%len(heavy)]))
		}
		b.hanging(2)
		leave()
		for _, status := range gone {
			if s := <-status; s != 0 {
				t.Errorf("%d for one that left", s)
			}
		}
		b.hanging(0)
	}
	testkit.Until(t, func() bool { return count(t, b.direct, atWork) == 1 }) // the lock's
	http.DefaultClient.CloseIdleConnections()
	if err := goleak.Find(before); err != nil {
		t.Error(err)
	}
	b.relieve()
	for _, path := range heavy {
		b.want(b.get(path), 200)
	}
}

// Readers of streams that take nothing are cut, and their places are free for
// others; who reads slowly is waited for.
func TestExportsWhoseReadersStall(t *testing.T) {
	t.Parallel()
	database := testkit.Database(t)
	c := serveStore(t, testkit.WithCast(t, testkit.StoreAt(t, store.Config{URL: database, Exports: 1})), func(config *api.Config) { config.Stalled = time.Second })
	var stream strings.Builder
	for i := range 1000 {
		stream.WriteString(testkit.Statement(fmt.Sprintf("s:%d", i), strings.Repeat(fmt.Sprintf("word%d ", i), 1200)) + "\n")
	}
	c.want(c.post("/v1/imports?duplicates=off", stream.String(), ndjson), 201)
	address, err := url.Parse(c.url)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/v1/export", "/v1/statements?format=ndjson", "/v1/statements?format=csv"} {
		for range 3 {
			socket, err := net.Dial("tcp", address.Host)
			if err != nil {
				t.Fatal(err)
			}
			defer socket.Close()
			_ = socket.(*net.TCPConn).SetReadBuffer(4096)
			_, _ = fmt.Fprintf(socket, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path)
		}
	}
	conn := direct(t, database)
	testkit.Until(t, func() bool { return count(t, conn, atWork) > 0 })
	testkit.Until(t, func() bool { return count(t, conn, atWork) == 0 })
	testkit.Until(t, func() bool { // others may have waited for the place
		response, err := http.Get(c.url + "/v1/export")
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if response.StatusCode == http.StatusServiceUnavailable {
			return false
		}
		size := int64(0)
		for ; err == nil; time.Sleep(20 * time.Millisecond) { // slowly
			var n int64
			n, err = io.CopyN(io.Discard, response.Body, 1<<20)
			size += n
		}
		if !errors.Is(err, io.EOF) || size < 6<<20 {
			t.Errorf("%d bytes, then %v", size, err)
		}
		return true
	})
}
