package api

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

func TestTheCodingThatIsWantedMost(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		header, coding string
		must           bool
	}{
		{"", "", false}, {"gzip", "gzip", false}, {"zstd", "zstd", false}, {"gzip, zstd", "zstd", false}, {"br", "", false}, {"x-gzip", "gzip", false},
		{"gzip;q=1.0, zstd;q=0.5", "gzip", false}, {"zstd;q=0.2,gzip;q=0.1", "zstd", false}, {"GZIP; Q=0.3", "gzip", false},
		{"gzip;q=0", "", false}, {"gzip;q=0, zstd", "zstd", false}, {"identity, gzip;q=0.5", "", false}, {"identity;q=0.5, gzip;q=0.8", "gzip", false},
		{"*", "gzip", false}, {"*;q=0", "", true}, {"gzip, *;q=0", "gzip", true}, {"zstd;q=0.1, *", "gzip", false}, {"gzip;q=0, *", "", false},
		{"identity;q=0", "", true}, {"identity;q=0, zstd", "zstd", true}, {"gzip;q=abc", "gzip", false}, {"gzip;q=NaN", "gzip", false}, {";;,,", "", false},
	} {
		coding, must := codingOf([]string{test.header})
		if coding != test.coding || must != test.must {
			t.Errorf("%q: %q, %v; want %q, %v", test.header, coding, must, test.coding, test.must)
		}
	}
	if coding, _ := codingOf([]string{"br", "gzip"}); coding != "gzip" {
		t.Errorf("two headers: %q", coding)
	}
	if coding, must := codingOf(nil); coding != "" || must {
		t.Errorf("no header: %q, %v", coding, must)
	}
}

func TestTheFormatThatIsWantedMost(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		"": "json", "text/csv": "csv", "application/json;q=0.5, text/csv": "csv", "text/csv;q=0.1, */*": "json", "*/*": "json", "text/html": "json",
		"application/x-ndjson, application/json": "ndjson", "text/csv;q=0, application/geo+json": "json", "Text/CSV; charset=utf-8": "csv",
	} {
		r := &http.Request{Header: http.Header{"Accept": {header}}}
		if got := accepted(r, []string{"json", "csv", "ndjson"}); got != want {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
}

// A reply is an answer whose body has been read.
type reply struct {
	status int
	header http.Header
	body   []byte
	err    error // of reading the body
}

// get asks a handler behind the middleware, over HTTP/1.0 or 1.1.
func get(t *testing.T, handler http.HandlerFunc, method, version string, headers ...string) reply {
	t.Helper()
	server := httptest.NewServer(compressed(handler))
	t.Cleanup(server.Close)
	r, err := http.NewRequestWithContext(t.Context(), method, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Add(name, value)
	}
	transport := &http.Transport{DisableCompression: true}
	t.Cleanup(transport.CloseIdleConnections)
	if version == "1.0" {
		return getOld(t, r)
	}
	response, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return reply{response.StatusCode, response.Header, body, err}
}

// getOld asks as clients did before answers had chunks.
func getOld(t *testing.T, r *http.Request) reply {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", r.URL.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := fmt.Fprintf(conn, "GET / HTTP/1.0\r\nAccept-Encoding: %s\r\n\r\n", r.Header.Get("Accept-Encoding")); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return reply{response.StatusCode, response.Header, body, err}
}

// plain is a body without its coding.
func plain(coding string, body []byte) ([]byte, error) {
	switch coding {
	case "gzip":
		r, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		return io.ReadAll(r)
	case "zstd":
		r, err := zstd.NewReader(bytes.NewReader(body), zstd.WithDecoderConcurrency(1))
		if err != nil {
			return nil, err
		}
		defer r.Close()
		return io.ReadAll(r)
	}
	return body, nil
}

// An answer is worth compressing from 1 KiB on; what is compressed or an image
// already, is left, and so is what has no body.
func TestWhatIsCompressed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		what    string
		status  int
		size    int
		headers []string
		accept  string
		want    string
	}{
		{"large", 200, 5000, []string{"Content-Type: application/json"}, "gzip", "gzip"},
		{"large, zstd", 200, 5000, []string{"Content-Type: application/json"}, "zstd", "zstd"},
		{"made", 201, 5000, []string{"Content-Type: application/json"}, "gzip", "gzip"},
		{"a problem", 422, 5000, []string{"Content-Type: application/problem+json"}, "gzip", "gzip"},
		{"small", 200, 1000, []string{"Content-Type: application/json"}, "gzip", ""},
		{"small, but nothing else is taken", 200, 1000, []string{"Content-Type: application/json"}, "gzip, identity;q=0", "gzip"},
		{"nothing will do", 200, 5000, []string{"Content-Type: application/json"}, "identity;q=0", ""},
		{"an image", 200, 5000, []string{"Content-Type: image/png"}, "gzip", ""},
		{"compressed already", 200, 5000, []string{"Content-Type: text/css", "Content-Encoding: br"}, "gzip", "br"},
		{"without a type", 200, 5000, []string{"Content-Type: "}, "gzip", ""},
		{"a redirect", 303, 5000, []string{"Content-Type: text/html"}, "gzip", ""},
	} {
		body := bytes.Repeat([]byte("abcde"), test.size/5)
		handler := func(w http.ResponseWriter, _ *http.Request) {
			for _, h := range test.headers {
				name, value, _ := strings.Cut(h, ": ")
				w.Header().Set(name, value)
			}
			w.Header().Set("Content-Length", strconv.Itoa(test.size))
			w.WriteHeader(test.status)
			_, _ = w.Write(body)
		}
		a := get(t, handler, "GET", "1.1", "Accept-Encoding: "+test.accept)
		coding := a.header.Get("Content-Encoding")
		if coding != test.want || a.err != nil {
			t.Errorf("%s: %q, %v; want %q", test.what, coding, a.err, test.want)
		}
		if got, err := plain(coding, a.body); err != nil || !bytes.Equal(got, body) {
			t.Errorf("%s: another body: %d bytes, %v", test.what, len(got), err)
		}
		if !strings.Contains(strings.Join(a.header.Values("Vary"), ","), "Accept-Encoding") {
			t.Errorf("%s: Vary is %s", test.what, a.header.Values("Vary"))
		}
	}
}

// Handlers know one tag; clients know it with the coding of what they got.
func TestTagsNameTheirCoding(t *testing.T) {
	t.Parallel()
	handler := func(w http.ResponseWriter, r *http.Request) {
		if h := strings.Join(append(r.Header.Values("If-None-Match"), r.Header.Values("If-Match")...), ""); strings.Contains(h, "gzip") || strings.Contains(h, "zstd") {
			t.Errorf("the handler is told of a coding: %s", h)
		}
		_ = send(w, r, 200, "application/json", `"3-abc"`, bytes.Repeat([]byte("1"), 2000)) // never fails
	}
	for _, test := range []struct {
		accept, given, tag string
		status             int
	}{
		{"gzip", "", `"3-abc-gzip"`, 200}, {"zstd", "", `"3-abc-zstd"`, 200}, {"br", "", `"3-abc"`, 200},
		{"gzip", `"3-abc-gzip"`, `"3-abc-gzip"`, 304}, {"zstd", `"3-abc-zstd"`, `"3-abc-zstd"`, 304}, {"br", `"3-abc"`, `"3-abc"`, 304},
		{"br", `"3-abc-gzip"`, `"3-abc-gzip"`, 304}, {"zstd", `"3-abc"`, `"3-abc"`, 304}, {"zstd", `"x", W/"3-abc-gzip"`, `"3-abc-gzip"`, 304},
		{"zstd", `"3-abc", "3-abc-zstd"`, `"3-abc-zstd"`, 304}, {"gzip", `*`, `"3-abc-gzip"`, 304}, {"br", `*`, `"3-abc"`, 304},
		{"gzip", `"3-abd-gzip"`, `"3-abc-gzip"`, 200}, {"gzip", `"3-abc-br"`, `"3-abc-gzip"`, 200},
	} {
		for _, method := range []string{"GET", "HEAD"} {
			headers := []string{"Accept-Encoding: " + test.accept, `If-Match: "3-abc-zstd"`}
			if test.given != "" {
				headers = append(headers, "If-None-Match: "+test.given)
			}
			a := get(t, handler, method, "1.1", headers...)
			if a.status != test.status || a.header.Get("ETag") != test.tag || a.err != nil || (len(a.body) > 0) != (test.status == 200 && method == "GET") {
				t.Errorf("%s %s, %s: %d %s, %d bytes, %v; want %d %s", method, test.accept, test.given, a.status, a.header.Get("ETag"), len(a.body), a.err, test.status, test.tag)
			}
		}
	}
}

// A stream reaches its reader as it comes, and one that breaks off looks broken
// in every coding, also to a client that learns the end by the connection's.
func TestAStreamThatBreaksOffIsSeenToBeBroken(t *testing.T) {
	t.Parallel()
	whole := bytes.Repeat([]byte("a line that says something\n"), 1000)
	for _, coding := range []string{"identity", "gzip", "zstd"} {
		for _, version := range []string{"1.1", "1.0"} {
			handler := func(fails bool) http.HandlerFunc {
				return func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Content-Type", "application/x-ndjson")
					_, _ = w.Write(whole)
					if err := http.NewResponseController(w).Flush(); err != nil {
						t.Errorf("%s: %v", coding, err)
					}
					if fails {
						panic(http.ErrAbortHandler)
					}
				}
			}
			a := get(t, handler(false), "GET", version, "Accept-Encoding: "+coding)
			if got, err := plain(a.header.Get("Content-Encoding"), a.body); a.err != nil || err != nil || !bytes.Equal(got, whole) {
				t.Errorf("%s over HTTP/%s: %d bytes, %v, %v", coding, version, len(got), a.err, err)
			}
			a = get(t, handler(true), "GET", version, "Accept-Encoding: "+coding)
			if version == "1.0" && coding == "identity" {
				continue // there nothing tells an end from a break
			}
			_, err := plain(a.header.Get("Content-Encoding"), a.body)
			if version == "1.1" && !errors.Is(a.err, io.ErrUnexpectedEOF) || coding != "identity" && err == nil {
				t.Errorf("%s over HTTP/%s broke off and looks whole: %d bytes, %v, %v", coding, version, len(a.body), a.err, err)
			}
		}
	}
	first := make(chan bool)
	server := httptest.NewServer(compressed(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/x-ndjson")
		_, _ = w.Write([]byte("first\n"))
		_ = http.NewResponseController(w).Flush()
		select {
		case <-first:
		case <-r.Context().Done():
		}
	})))
	t.Cleanup(server.Close)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, "GET", server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(r) // asks for gzip, and takes it off
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	line := make([]byte, 6)
	if _, err := io.ReadFull(response.Body, line); err != nil || string(line) != "first\n" || !response.Uncompressed {
		t.Errorf("%q, %v while the stream is open", line, err)
	}
	close(first)
}
