package api_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"

	"onrecord/internal/api"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

// beTheService serves a database until the process is killed.
func beTheService(database string) {
	s, err := store.Open(context.Background(), store.Config{URL: database, MaxConns: 4})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(httptest.NewServer(api.New(s, api.Config{PublicRead: true})).URL)
	select {}
}

// service is a process that serves the database, and its address.
func service(t *testing.T, database string) (*exec.Cmd, string) {
	t.Helper()
	process := exec.Command(os.Args[0])
	process.Env = append(os.Environ(), "BE_THE_SERVICE="+database)
	out, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = process.Process.Kill()
		_ = process.Wait()
	})
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the service does not start: %v", err)
	}
	return process, strings.TrimSpace(address)
}

func direct(t *testing.T, database string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func count(t *testing.T, conn *pgx.Conn, sql string) (n int) {
	t.Helper()
	if err := conn.QueryRow(t.Context(), sql).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// atWork counts the connections in the middle of something.
const atWork = `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'`

func loaded(prefix string, n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(testkit.Statement(fmt.Sprintf("%s:%d", prefix, i), fmt.Sprint("text ", i), `"reports":[{"article":{"key":"article:one"}}]`) + "\n")
	}
	return b.String()
}

// A service that is killed while it imports leaves all or nothing; its import
// ends as interrupted, and sending the stream again to another process gives
// what an undisturbed run gives.
func TestImportByAServiceThatIsKilled(t *testing.T) {
	t.Parallel()
	database := testkit.Database(t)
	c, calm := serveStore(t, testkit.WithCast(t, testkit.StoreAt(t, store.Config{URL: database}))), serve(t)
	conn := direct(t, database)
	random := rand.New(rand.NewPCG(4, 4))
	const path = "/v1/imports?duplicates=off"
	cut := 0
	for round := range testkit.Scale(3, 50) {
		stream := loaded(fmt.Sprint("k", round), 400)
		began := time.Now()
		calm.want(calm.post(path, stream, ndjson), 201)
		after := time.Duration(random.Int64N(int64(time.Since(began))))
		process, address := service(t, database)
		headers := []string{ndjson}
		if round%2 == 0 {
			headers = append(headers, fmt.Sprint("Idempotency-Key: key", round))
		}
		before := string(c.want(c.get("/v1/export"), 200).body)
		answered := make(chan int, 1)
		go func() {
			request, _ := http.NewRequest("POST", address+path, strings.NewReader(stream))
			request.Header.Set("Authorization", "Bearer "+c.key)
			for _, h := range headers {
				name, value, _ := strings.Cut(h, ": ")
				request.Header.Set(name, value)
			}
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				answered <- 0
				return
			}
			defer response.Body.Close()
			answered <- response.StatusCode
		}()
		time.Sleep(after)
		if err := process.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = process.Wait()
		status := <-answered
		testkit.Until(t, func() bool { return count(t, conn, atWork) == 0 })
		now, all := string(c.want(c.get("/v1/export"), 200).body), string(calm.want(calm.get("/v1/export"), 200).body)
		if now != before && now != all || status == 201 && now != all || status != 201 && status != 0 {
			t.Errorf("round %d, killed after %v, answered %d: neither all nor nothing", round, after, status)
		}
		if now != all {
			cut++
		}
		if _, err := conn.Exec(t.Context(), `UPDATE imports SET alive_at = alive_at - interval '1 hour' WHERE state = 'running'`); err != nil {
			t.Fatal(err)
		}
		if err := c.store.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		last := c.want(c.get("/v1/imports?limit=1", "X-API-Key: "+c.key), 200)
		if state, code := last.text("data", 0, "state"), last.text("data", 0, "problem", "code"); now != all && state == "failed" && code != "interrupted" || now != all && state == "running" || now == all && state != "done" {
			t.Errorf("round %d: the import is %s, %s", round, state, code)
		}
		if left := count(t, conn, `SELECT count(*) FROM staging`); left > 0 {
			t.Errorf("round %d: %d records are still staged", round, left)
		}
		c.want(c.post(path, stream, headers...), 201)
		if diff := cmp.Diff(all, string(c.get("/v1/export").body)); diff != "" {
			t.Fatalf("round %d: sent again it is not as undisturbed:\n%s", round, diff)
		}
	}
	t.Logf("%d imports were cut", cut)
}

// No stream kills the service, or takes the room of others.
func TestImportThatCanNotBeReadKillsNoService(t *testing.T) {
	t.Parallel()
	database := testkit.Database(t)
	s := testkit.WithCast(t, testkit.StoreAt(t, store.Config{URL: database}))
	key, err := s.CreateKey(t.Context(), "tester", "admin", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{"type,slug,name\nto\"pic,a,A\n", "type,slug,name\n\"topic\"x,a,A\n", "sep=;" + strings.Repeat("a", 5<<20), "type,slug,name\n\xff,a,A\n"} {
		_, address := service(t, database)
		for range 3 {
			request, _ := http.NewRequest("POST", address+"/v1/imports", strings.NewReader(body))
			request.Header.Set("Authorization", "Bearer "+key)
			request.Header.Set("Content-Type", "text/csv")
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Errorf("%.40q: %v", body, err)
				break
			}
			answer, _ := io.ReadAll(response.Body)
			_ = response.Body.Close()
			if response.StatusCode != http.StatusUnprocessableEntity {
				t.Errorf("%.40q: %d, want 422: %s", body, response.StatusCode, answer)
				break
			}
		}
	}
}

// A client that cuts the connection anywhere leaves nothing behind: no record,
// nothing staged, no transaction, no goroutine.
func TestImportCutAtRandomOffsets(t *testing.T) { // alone: what others leave would count
	database := testkit.Database(t)
	c := serveStore(t, testkit.WithCast(t, testkit.StoreAt(t, store.Config{URL: database})))
	conn := direct(t, database)
	random := rand.New(rand.NewPCG(5, 5))
	plain := loaded("c", 2500)
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = io.WriteString(w, plain)
	_ = w.Close()
	before := string(c.want(c.get("/v1/export"), 200).body)
	address, err := url.Parse(c.url)
	if err != nil {
		t.Fatal(err)
	}
	running := goleak.IgnoreCurrent()
	const over = `SELECT count(*) FROM imports WHERE state <> 'running'`
	rounds, missed := testkit.Scale(10, 200), 0
	for round := range rounds {
		body, headers := plain, ""
		if round%2 == 1 {
			body, headers = packed.String(), "Content-Encoding: gzip\r\n"
		}
		if round%4 > 1 {
			headers += "Idempotency-Key: one\r\n"
		}
		at := random.IntN(len(body))
		if edges := []int{1, 1000, len(body) - 1}; round < len(edges) {
			at = edges[round]
		}
		socket, err := net.Dial("tcp", address.Host)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = fmt.Fprintf(socket, "POST /v1/imports?on_error=continue HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/x-ndjson\r\n%sContent-Length: %d\r\n\r\n%s", c.key, headers, len(body), body[:at])
		if round%3 == 0 {
			time.Sleep(time.Duration(random.IntN(50)) * time.Millisecond)
		}
		_ = socket.Close()
		for range 100 { // one that was cut off early may never become an import
			if time.Sleep(5 * time.Millisecond); count(t, conn, over) > round+1-missed {
				break
			}
		}
		missed = round + 2 - count(t, conn, over)
	}
	for _, left := range []string{atWork, `SELECT count(*) FROM imports WHERE state = 'running'`, `SELECT count(*) FROM staging`} {
		testkit.Until(t, func() bool { return count(t, conn, left) == 0 })
	}
	if after := string(c.want(c.get("/v1/export"), 200).body); after != before {
		t.Errorf("something was stored:\n%s", cmp.Diff(before, after))
	}
	if n := count(t, conn, over+` AND state <> 'failed'`); n != 1 || missed > rounds/2 {
		t.Errorf("%d imports did not fail, %d of %d were never seen", n-1, missed, rounds)
	}
	c.http.CloseIdleConnections()
	http.DefaultClient.CloseIdleConnections()
	if err := goleak.Find(running); err != nil {
		t.Error(err)
	}
	if report := c.want(c.post("/v1/imports?duplicates=off", plain, ndjson, "Idempotency-Key: one"), 201); report.text("inserted") != "5000" {
		t.Errorf("sent again: %s", report.body)
	}
}

// The same Idempotency-Key with the same request is the same import, until it
// failed; with another request it is refused.
func TestImportIsRepeatedByItsIdempotencyKey(t *testing.T) {
	t.Parallel()
	c := serve(t)
	good, bad := testkit.Statement("s:1", "one"), testkit.Statement("s:2", "two", `"occasion":{"key":"no:ne"}`)
	for n, step := range []struct {
		key, query, body string
		headers          []string
		status           int
		replayed         bool
		says             string
	}{
		{"a", "", bad, nil, 422, false, `"/occasion"`},
		{"a", "", bad, nil, 422, false, `"/occasion"`},
		{"a", "?dry_run=true", good, nil, 200, false, `"inserted":1`},
		{"a", "", good, nil, 201, false, `"inserted":1`},
		{"a", "", good, nil, 201, true, `"inserted":1`},
		{"a", "", good + "\n", nil, 422, false, `idempotency`},
		{"a", "?mode=skip", good, nil, 422, false, `idempotency`},
		{"a", "", "type\n", []string{"Content-Type: text/csv"}, 422, false, `idempotency`},
		{"a", "?dry_run=true", good, nil, 200, false, `"unchanged":1`},
		{"b", "", good, nil, 201, false, `"unchanged":1`},
		{"b", "", good, nil, 201, true, `"unchanged":1`},
		{"c", "?on_error=continue", bad, nil, 207, false, `"failed":1`},
		{"c", "?on_error=continue", bad, nil, 207, true, `"failed":1`},
		{"d", "", "[" + good + "] ", []string{"Content-Type: application/json"}, 201, false, `"unchanged":1`},
		{"d", "", "[" + good + "]  ", []string{"Content-Type: application/json"}, 422, false, `idempotency`},
	} {
		answer := c.want(c.post("/v1/imports"+step.query, step.body, append([]string{ndjson, "Idempotency-Key: " + step.key}, step.headers...)...), step.status)
		if replayed := answer.Header.Get("Idempotency-Replayed") == "true"; replayed != step.replayed || !strings.Contains(string(answer.body), step.says) {
			t.Errorf("step %d: replayed is %t, want %t; %s in %s", n, replayed, step.replayed, step.says, answer.body)
		}
	}
}
