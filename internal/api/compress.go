package api

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// smallest is how many bytes an answer has to have to be worth compressing:
// what fits a packet anyway is not.
const smallest = 1024

// compressed gives answers the content coding that the client wants. It knows
// nothing of what is answered: handlers within see requests and write answers
// as if there were no codings, with an ETag of the plain body.
//
// A coding's answer is another representation, so its ETag has a suffix, which
// is taken off what clients send back. HEAD and 304 have the headers of the
// answer that GET would have got, but for the length, which nobody knows before
// compressing.
func compressed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Vary", "Accept-Encoding")
		coding, must := codingOf(r.Header.Values("Accept-Encoding"))
		given := r.Header.Values("If-None-Match")
		r, marked := unmarked(r)
		if coding == "" && !marked {
			next.ServeHTTP(w, r)
			return
		}
		c := &compressor{ResponseWriter: w, coding: coding, must: must, head: r.Method == http.MethodHead, given: given}
		next.ServeHTTP(c, r)
		c.close() // not after a panic: what broke off must not look complete
	})
}

// marks take codings off tags.
var marks = strings.NewReplacer(`-gzip"`, `"`, `-zstd"`, `"`)

// unmarked is the request with tags as handlers know them, and whether that is
// another.
func unmarked(r *http.Request) (*http.Request, bool) {
	var plain *http.Request
	for _, name := range []string{"If-None-Match", "If-Match"} {
		for i, header := range r.Header.Values(name) {
			if without := marks.Replace(header); without != header {
				if plain == nil {
					plain = r.WithContext(r.Context())
					plain.Header = r.Header.Clone()
				}
				plain.Header[name][i] = without
			}
		}
	}
	if plain == nil {
		return r, false
	}
	return plain, true
}

// mark puts a coding on a tag.
func mark(tag, coding string) string {
	bare, ok := strings.CutSuffix(tag, `"`)
	if coding == "" || !ok {
		return tag
	}
	return bare + "-" + coding + `"`
}

// A compressor compresses what is written through it, if it suits.
type compressor struct {
	http.ResponseWriter
	coding  string
	must    bool // an answer as it is would be refused
	head    bool
	given   []string // If-None-Match as sent
	begun   bool
	encoder encoder
}

func (c *compressor) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// suits reports whether an answer with these headers is to be compressed.
func (c *compressor) suits(h http.Header) bool {
	kind := h.Get("Content-Type")
	if c.coding == "" || kind == "" || h.Get("Content-Encoding") != "" || strings.HasPrefix(kind, "image/") {
		return false
	}
	size, err := strconv.Atoi(h.Get("Content-Length"))
	return c.must || err != nil || size >= smallest // a stream doesn't say how long it is
}

func (c *compressor) WriteHeader(status int) {
	if !c.begun && status >= 200 {
		c.begun = true
		h := c.Header()
		switch {
		case status == http.StatusNotModified:
			h.Set("ETag", c.known(h))
		case (status < 300 || status >= 400) && status != http.StatusNoContent && c.suits(h):
			h.Set("Content-Encoding", c.coding)
			h.Del("Content-Length")
			if tag := h.Get("ETag"); tag != "" {
				h.Set("ETag", mark(tag, c.coding))
			}
			if !c.head {
				c.encoder = encoders[c.coding].Get().(encoder)
				c.encoder.Reset(c.ResponseWriter)
			}
		}
	}
	c.ResponseWriter.WriteHeader(status)
}

// known is the tag of a 304 as the client has it.
func (c *compressor) known(h http.Header) string {
	tag := h.Get("ETag")
	candidates := []string{tag, mark(tag, "zstd"), mark(tag, "gzip")}
	if c.suits(h) {
		candidates = append([]string{mark(tag, c.coding)}, candidates...)
	}
	for _, candidate := range candidates {
		if matches(c.given, candidate) {
			return candidate
		}
	}
	return tag
}

func (c *compressor) Write(p []byte) (int, error) {
	if !c.begun {
		c.WriteHeader(http.StatusOK)
	}
	if c.encoder != nil {
		return c.encoder.Write(p)
	}
	return c.ResponseWriter.Write(p)
}

// FlushError sends what has been written, so that a reader gets the records
// that a stream has reached.
func (c *compressor) FlushError() error {
	if c.encoder != nil {
		if err := c.encoder.Flush(); err != nil {
			return err
		}
	}
	return http.NewResponseController(c.ResponseWriter).Flush()
}

// close ends the stream of a coding.
func (c *compressor) close() {
	if c.encoder == nil {
		return
	}
	err := c.encoder.Close()
	c.encoder.Reset(nil)
	encoders[c.coding].Put(c.encoder)
	if c.encoder = nil; err != nil {
		panic(http.ErrAbortHandler) // the end could not be sent
	}
}

// An encoder is a coding at work.
type encoder interface {
	io.WriteCloser
	Flush() error
	Reset(w io.Writer)
}

// encoders are pools of them. The levels and the window are those of
// docs/decisions/0013.
var encoders = map[string]*sync.Pool{
	"gzip": {New: func() any {
		w, err := gzip.NewWriterLevel(nil, 3)
		if err != nil {
			panic(err) // never: the level is one
		}
		return w
	}},
	"zstd": {New: func() any {
		w, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(1<<19))
		if err != nil {
			panic(err) // never: the options are good
		}
		return w
	}},
}
