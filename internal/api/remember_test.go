package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"onrecord/internal/api"
	"onrecord/internal/claims"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

// counted is a service whose round trips to the database are counted.
func counted(t *testing.T, configure ...func(*api.Config)) (*client, *testkit.RoundTrips) {
	t.Helper()
	trips := &testkit.RoundTrips{}
	s := testkit.StoreAt(t, store.Config{URL: testkit.Database(t), Configure: trips.Configure})
	return serveStore(t, testkit.WithCast(t, s), configure...), trips
}

// What is asked for the third time takes one round trip, to see that nothing
// has changed; what changes is seen at once.
func TestTheSameQuestionAgain(t *testing.T) {
	t.Parallel()
	c, trips := counted(t)
	c.want(c.post("/v1/statements", statement(`"key":"s:1"`, `"said_on":"2026-02-18"`)), 201)
	if err := c.store.Hold(t.Context()); err != nil { // which a count would begin beside its answer
		t.Fatal(err)
	}
	for _, path := range []string{
		"/v1/statements", "/v1/statements?include=reports.article&count=exact", "/v1/statements/key:s:1", "/v1/statements/key:s:1?include=speaker",
		"/v1/statements/counts?by=kind&bucket=month", "/v1/statements/facets?by=kind,speaker", "/v1/timeline?between=PK,AF",
		"/v1/statements?as_of=seq:1", "/v1/countries",
	} {
		const plain = "Accept-Encoding: identity"
		first, second := c.want(c.get(path, plain), 200), c.want(c.get(path, plain), 200)
		trips.Taken()
		third := c.want(c.get(path, plain), 200)
		if n := trips.Taken(); n != 1 {
			t.Errorf("%s: %d round trips, want one", path, n)
		}
		same(t, path, first, second)
		same(t, path, first, third)
		known := c.want(c.get(path, plain, "If-None-Match: "+first.Header.Get("ETag")), 304)
		if n := trips.Taken(); n != 1 || known.Header.Get("X-Seq") != first.Header.Get("X-Seq") || known.Header.Get("Content-Type") != "" {
			t.Errorf("%s: 304 after %d round trips, %v", path, n, known.Header)
		}
		head := c.want(c.do("HEAD", path, "", plain), 200)
		if n := trips.Taken(); n != 1 || head.Header.Get("ETag") != first.Header.Get("ETag") || head.Header.Get("Content-Length") != first.Header.Get("Content-Length") {
			t.Errorf("%s: HEAD after %d round trips, %v", path, n, head.Header)
		}
	}
	c.want(c.do("PATCH", "/v1/statements/key:s:1", `{"text":"changed"}`, "If-Match: \"1\""), 200)
	if text := c.get("/v1/statements/key:s:1").text("text"); text != "changed" {
		t.Errorf("%q after a change", text)
	}
	c.want(c.do("PATCH", "/v1/speakers/key:person:asif", `{"name":"Another name"}`, "If-Match: \"1\""), 200)
	if label := c.get("/v1/statements").text("data", 0, "speaker_name"); label != "Another name" {
		t.Errorf("label %q after the speaker was renamed", label)
	}
	c.want(c.do("DELETE", "/v1/statements/key:s:1", "", "If-Match: \"2\""), 204)
	c.want(c.get("/v1/statements/key:s:1"), 410)
	if n := c.get("/v1/statements/counts?by=kind&bucket=month").text("total"); n != "0" {
		t.Errorf("%s counted after the deletion", n)
	}
}

func same(t *testing.T, path string, a, b answer) {
	t.Helper()
	if string(a.body) != string(b.body) {
		t.Errorf("%s: another answer:\n%s", path, cmp.Diff(string(a.body), string(b.body)))
	}
	for _, name := range []string{"ETag", "X-Seq", "X-Derived-Pending", "Link", "Content-Type", "Content-Length", "Vary", "Cache-Control", "X-Content-Type-Options"} {
		if !reflect.DeepEqual(a.Header[name], b.Header[name]) {
			t.Errorf("%s: %s %q, then %q", path, name, a.Header[name], b.Header[name])
		}
	}
}

// What an answer depends on keeps questions apart: the format, the role; and
// who may ask is decided each time.
func TestMemoryIsForWhoMayAsk(t *testing.T) {
	t.Parallel()
	c, _ := counted(t, func(config *api.Config) { config.PublicRead = false })
	key, err := c.store.CreateKey(t.Context(), "reader", "reader", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	with := "Authorization: Bearer " + key
	for range 3 {
		c.want(c.get("/v1/statements", with), 200)
		c.want(c.get("/v1/statements"), 401)
		c.want(c.get("/v1/tips", "Authorization: Bearer "+c.key), 200)
		c.want(c.get("/v1/tips", with), 403)
		if kind := c.want(c.get("/v1/statements", with, "Accept: text/csv"), 200).Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/csv") {
			t.Errorf("%s, want CSV", kind)
		}
		c.want(c.get("/v1/statements?sort=nothing", with), 400)
		c.want(c.get("/v1/statements/key:nobody", with), 404)
	}
	id := strings.Split(key, "_")[1]
	if err := c.store.RevokeKey(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	c.want(c.get("/v1/statements", with), 401)
}

// A stream is not kept, and its condition is judged each time.
func TestMemoryOfStreams(t *testing.T) {
	t.Parallel()
	c, trips := counted(t)
	const path = "/v1/statements?format=ndjson"
	for n := range 4 {
		c.want(c.post("/v1/statements", statement(fmt.Sprintf(`"key":"s:%d"`, n))), 201)
		first := c.want(c.get(path), 200)
		if lines := strings.Count(string(first.body), "\n"); lines != n+1 {
			t.Errorf("%d lines, want %d", lines, n+1)
		}
		for range 3 {
			c.want(c.get(path, "If-None-Match: "+first.Header.Get("ETag")), 304)
			trips.Taken()
			same(t, path, first, c.want(c.get(path), 200))
			if n := trips.Taken(); n < 2 {
				t.Errorf("a stream again takes %d round trips", n)
			}
		}
	}
}

// What is larger than the memory is answered and not kept.
func TestMemoryIsTooSmallForSome(t *testing.T) {
	t.Parallel()
	c, trips := counted(t, func(config *api.Config) { config.Answers = 16 << 10 })
	for i := range 20 {
		c.want(c.post("/v1/statements", statement(fmt.Sprintf(`"key":"s:%d"`, i))), 201)
	}
	for path, want := range map[string]int{"/v1/statements?limit=1": 1, "/v1/statements?limit=20": 2} {
		c.want(c.get(path), 200)
		c.want(c.get(path), 200)
		trips.Taken()
		c.want(c.get(path), 200)
		if n := trips.Taken(); n != want {
			t.Errorf("%s: %d round trips, want %d", path, n, want)
		}
	}
}

// While facts wait to be computed answers change without a commit: none is
// kept. Asked one after the other, a service with a memory and one without
// answer alike, whatever is written in between, by whom and how.
func TestMemoryAnswersAsIfThereWereNone(t *testing.T) {
	t.Parallel()
	database := testkit.Database(t)
	c := serveStore(t, testkit.WithCast(t, testkit.StoreAt(t, store.Config{URL: database})))
	bare := serveStore(t, testkit.StoreAt(t, store.Config{URL: database}), func(config *api.Config) { config.Answers = 0 })
	random := rand.New(rand.NewPCG(11, 1))
	questions := []string{
		"/v1/statements", "/v1/statements?limit=2", "/v1/statements?min_publishers=1&sort=-said_on", "/v1/statements?denied_by_others=true", "/v1/statements?q=hesitate",
		"/v1/statements?include=reports.article.source,positions.claim&count=exact", "/v1/statements/counts?by=medium,speaker", "/v1/statements/counts?by=source&measure=reports",
		"/v1/statements/facets?by=kind,review,medium&own=exclude", "/v1/timeline?between=PK,AF", "/v1/claims?include=positions", "/v1/claims/counts?by=status", "/v1/sources", "/v1/articles?include=reports",
		"/v1/statements/key:s:1", "/v1/statements/key:s:2?include=reports", "/v1/statements?as_of=seq:3", "/v1/sources/key:outlet:two", "/v1/claims/key:c:1",
	}
	pending, versions, imported := 0, map[string]int{"outlet:one": 1, "outlet:two": 1}, []string{}
	write := func(n int) {
		key := fmt.Sprintf("s:%d", random.IntN(6))
		switch random.IntN(7) {
		case 0:
			bare.post("/v1/statements", statement(fmt.Sprintf(`"key":%q`, key), `"said_on":"2026-02-18"`, `"positions":[{"claim":{"key":"c:1"},"stance":"asserts"}]`, `"reports":[{"article":{"key":"article:one"}},{"article":{"key":"article:two"}}]`))
		case 1:
			bare.post("/v1/statements", fmt.Sprintf(`{"key":"d:%d","speaker":{"key":"person:mujahid"},"kind":"denial","text":"no","positions":[{"claim":{"key":"c:1"},"stance":"denies"}]}`, n))
		case 2:
			a := bare.get("/v1/statements/key:" + key)
			if a.StatusCode == http.StatusOK {
				bare.want(bare.do("DELETE", "/v1/statements/key:"+key, "", "If-Match: "+a.Header.Get("ETag")), 204)
			}
		case 3: // a wide change: the facts of all that the outlet carries
			outlet := []string{"outlet:one", "outlet:two"}[random.IntN(2)]
			bare.want(bare.do("PATCH", "/v1/sources/key:"+outlet, fmt.Sprintf(`{"identified":%t,"name":"name %d"}`, random.IntN(2) == 0, n), fmt.Sprintf(`If-Match: "%d"`, versions[outlet])), 200)
			versions[outlet]++
		case 4:
			report := bare.want(bare.post("/v1/imports?duplicates=off", testkit.Statement(fmt.Sprintf("i:%d", n), "We hesitate", `"reports":[{"article":{"key":"article:two"}}]`), ndjson), 201)
			imported = append(imported, report.text("id"))
		case 5:
			if len(imported) > 0 {
				bare.want(bare.post("/v1/imports/"+imported[len(imported)-1]+"/revert", ""), 200)
				imported = imported[:len(imported)-1]
			}
		case 6:
			if _, err := bare.store.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	bare.want(bare.post("/v1/claims", `{"key":"c:1","text":"c","sort":"fact"}`), 201)
	for n := range testkit.Scale(60, 2000) {
		write(n)
		for range 4 {
			path := questions[random.IntN(len(questions))]
			want := bare.get(path)
			for range 1 + random.IntN(3) {
				got := c.want(c.get(path), want.StatusCode)
				if got.StatusCode < 300 {
					same(t, path, want, got)
				}
			}
			if want.text("derived_pending") == "true" {
				pending++
			}
		}
		if t.Failed() {
			return
		}
	}
	if pending == 0 {
		t.Error("no facts were waiting whenever something was asked")
	}
}

// Nobody is answered with less than what was acknowledged before the request
// began, to anyone, over whichever connection; and every answer is what the
// record said at the seq that it names.
func TestMemoryRaceOfReadersAndWriters(t *testing.T) {
	t.Parallel()
	database := testkit.Database(t)
	s := testkit.WithCast(t, testkit.StoreAt(t, store.Config{URL: database, MaxConns: 8}))
	writers := testkit.StoreAt(t, store.Config{URL: database, MaxConns: 8}) // as of another process
	server := httptest.NewServer(api.New(s, api.Config{PublicRead: true, Answers: 8 << 20}))
	defer server.Close()
	for i := range 8 {
		testkit.Create(t, writers, testkit.Statement(fmt.Sprintf("s:%d", i), "0", `"said_on":"2026-02-18"`))
	}
	item, err := store.ParseItem(claims.KindStatement, nil)
	if err != nil {
		t.Fatal(err)
	}
	var acknowledged atomic.Int64
	var writing, reading sync.WaitGroup
	var hits atomic.Int64
	done := make(chan struct{})
	acknowledge := func(seq int64) {
		for {
			if last := acknowledged.Load(); seq <= last || acknowledged.CompareAndSwap(last, seq) {
				return
			}
		}
	}
	rounds := testkit.Scale(40, 2000)
	for w := range 3 {
		writing.Go(func() {
			random := rand.New(rand.NewPCG(uint64(w), 12))
			for n := range rounds {
				ctx := context.Background()
				switch {
				case w == 2 && n%3 == 0:
					line := testkit.Statement(fmt.Sprintf("i:%d", n), "imported")
					report, err := writers.Import(ctx, testkit.By("loader"), store.ImportOptions{Duplicates: "off"}, claims.NDJSON(strings.NewReader(line)))
					if err != nil {
						t.Errorf("import: %v", err)
						return
					}
					if report.Seq != nil {
						acknowledge(*report.Seq)
					}
				default:
					id := claims.ID(fmt.Sprintf("s:%d", random.IntN(8)))
					record, err := writers.Read(ctx, item, id)
					if err != nil {
						t.Errorf("read: %v", err)
						return
					}
					written, err := writers.Update(ctx, testkit.By("writer"), claims.KindStatement, id, record.Version, func(current []byte) (claims.Input, error) {
						in := &claims.StatementInput{}
						err := claims.Decode(current, in)
						in.Text = fmt.Sprintf("%d by %d", n, w)
						return in, err
					})
					if err == nil {
						acknowledge(written.Seq)
					} else if store.CodeOf(err) != store.Stale {
						t.Errorf("update: %v", err)
						return
					}
				}
			}
		})
	}
	for r := range 6 {
		reading.Go(func() {
			random := rand.New(rand.NewPCG(uint64(r), 13))
			for {
				select {
				case <-done:
					return
				default:
				}
				path := []string{"/v1/statements?limit=20", "/v1/statements/counts?by=kind", "/v1/statements/key:s:1", "/v1/statements?count=exact&limit=5"}[random.IntN(4)]
				least := acknowledged.Load()
				seq, data, err := ask(server, path)
				if err != nil || seq < least {
					t.Errorf("%s: seq %d after %d was acknowledged, %v", path, seq, least, err)
					return
				}
				then := path + "?"
				if strings.Contains(path, "?") {
					then = path + "&"
				}
				_, truth, err := ask(server, then+"as_of=seq:"+strconv.FormatInt(seq, 10))
				if err != nil || !reflect.DeepEqual(stable(truth), stable(data)) {
					t.Errorf("%s at seq %d, %v:\n%s", path, seq, err, cmp.Diff(stable(truth), stable(data)))
					return
				}
				hits.Add(1)
			}
		})
	}
	writing.Wait()
	close(done)
	reading.Wait()
	if hits.Load() < 20 {
		t.Errorf("only %d answers were held against the record", hits.Load())
	}
}

// stable are the parts of an answer that follow from the record's versions:
// facts are kept for the present alone.
func stable(v any) []string {
	var list []string
	object, _ := v.(map[string]any)
	records, isList := object["data"].([]any)
	if !isList {
		records = []any{v}
	}
	for _, record := range records {
		fields, _ := record.(map[string]any)
		list = append(list, fmt.Sprint(fields["id"], fields["version"], fields["text"], fields["kind"], fields["count"]))
	}
	return append(list, fmt.Sprint(object["total"], object["count"]))
}

func ask(server *httptest.Server, path string) (seq int64, data any, err error) {
	response, err := server.Client().Get(server.URL + path)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		return 0, nil, fmt.Errorf("status %d, %w: %s", response.StatusCode, err, body)
	}
	if seq, err = strconv.ParseInt(response.Header.Get("X-Seq"), 10, 64); err != nil {
		return 0, nil, err
	}
	return seq, data, json.Unmarshal(body, &data)
}

// Where the client that a question is answered for goes away, the others who
// asked the same get their answer.
func TestMemoryOfAQuestionWhoseFirstClientLeaves(t *testing.T) {
	t.Parallel()
	database := testkit.Database(t)
	c := serveStore(t, testkit.WithCast(t, testkit.StoreAt(t, store.Config{URL: database})))
	const path = "/v1/statements/counts?by=form"
	c.want(c.get(path), 200)
	lock, err := direct(t, database).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lock.Exec(t.Context(), `LOCK TABLE renderings IN ACCESS EXCLUSIVE MODE`); err != nil {
		t.Fatal(err)
	}
	waits := direct(t, database)
	waiting := func() int {
		return count(t, waits, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)
	}
	leaving, leave := context.WithCancel(t.Context())
	left := make(chan error)
	go func() {
		request, _ := http.NewRequestWithContext(leaving, http.MethodGet, c.url+path, nil)
		response, err := http.DefaultClient.Do(request)
		if err == nil {
			response.Body.Close()
		}
		left <- err
	}()
	testkit.Until(t, func() bool { return waiting() == 1 })
	answered := make(chan int)
	for range 3 {
		go func() {
			response, err := http.Get(c.url + path)
			if err != nil {
				answered <- 0
				return
			}
			response.Body.Close()
			answered <- response.StatusCode
		}()
	}
	leave()
	if err := <-left; err == nil {
		t.Error("the first was answered")
	}
	testkit.Until(t, func() bool { return waiting() == 1 }) // the query of the first is gone, another took its place
	if err := lock.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if status := <-answered; status != http.StatusOK {
			t.Errorf("%d for one that stayed", status)
		}
	}
}
