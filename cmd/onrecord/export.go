package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// stall is how long a stream may stand still before it is given up.
const stall = 2 * time.Minute

type exportCommand struct {
	Dataset []string `placeholder:"NAME" help:"Data sets; what the service takes for the usual if none is given."`
	Kind    []string `placeholder:"KIND" help:"Kinds of records, such as statement; all if none is given."`
	Output  string   `short:"o" placeholder:"FILE" help:"File to write; compressed if it ends in .gz or .zst. Standard output if it isn't given."`
	Quiet   bool     `short:"q" help:"No progress; errors only."`
}

// Help is shown after the flags.
func (exportCommand) Help() string {
	return `The stream is NDJSON, one record a line; onrecord import takes it. A file gets its name only when all of it is there: if the connection ends before, there is no file, and one of that name from before stays as it was.`
}

// Run exports.
func (c exportCommand) Run(e *environment) error {
	e.screen.quiet = c.Quiet
	service, err := e.client()
	if err != nil {
		return err
	}
	defer service.close()
	service.note = e.screen.remark
	out, err := createOutput(c.Output, e.stdout)
	if err != nil {
		return err
	}
	records, bytes, err := c.stream(e, service, out)
	e.screen.done()
	if err != nil {
		return errors.Join(err, out.abandon())
	}
	if err := out.keep(); err != nil {
		return err
	}
	if out.file != nil {
		e.screen.remark(fmt.Sprintf("%s records, %s bytes of NDJSON in %s", thousands(records), thousands(bytes), c.Output))
	}
	return nil
}

// stream copies the answer until it ends as it should.
func (c exportCommand) stream(e *environment, service *client, out *output) (records, bytes int64, err error) {
	ctx, cancel := context.WithCancelCause(e)
	defer cancel(nil)
	query := url.Values{}
	for name, values := range map[string][]string{"dataset": c.Dataset, "kind": c.Kind} {
		if len(values) > 0 {
			query.Set(name, strings.Join(values, ","))
		}
	}
	//nolint:bodyclose // it is closed below; the linter doesn't see where it comes from
	response, err := service.stream(ctx, call{method: http.MethodGet, path: "export", query: query, header: map[string]string{"Accept": "application/x-ndjson"}})
	if err != nil {
		return 0, 0, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK || !strings.Contains(response.Header.Get("Content-Type"), "ndjson") {
		return 0, 0, errors.New("the answer is not what the service promises: it is no stream of records")
	}
	if response.ContentLength < 0 && response.ProtoMajor == 1 && !response.Uncompressed && !slices.Contains(response.TransferEncoding, "chunked") {
		return 0, 0, errors.New("something between us and the service hides where the stream ends, so that one cut short could not be told")
	}
	seen := &stream{bar: func(n int) {}}
	if out.file != nil {
		bar := e.screen.bar("receiving", -1)
		seen.bar = func(n int) { advance(bar, n) }
	}
	frozen := time.AfterFunc(stall, func() { cancel(errors.New("nothing has come for " + stall.String())) })
	defer frozen.Stop()
	body := readerFunc(func(p []byte) (int, error) {
		frozen.Reset(stall)
		n, err := response.Body.Read(p)
		frozen.Stop() // it is no fault of the service if what we write to takes its time
		if err != nil && err != io.EOF {
			err = &cutError{context.Cause(ctx), err}
		}
		return n, err
	})
	if _, err = io.Copy(io.MultiWriter(out, seen), body); err == nil && seen.bytes > 0 && seen.last != '\n' {
		err = &cutError{nil, io.ErrUnexpectedEOF}
	}
	return seen.records, seen.bytes, err
}

// A cutError is the end of a stream before its end.
type cutError struct{ why, err error }

func (e *cutError) Error() string {
	why := e.why
	if why == nil {
		why = errors.New(cause(e.err))
	}
	return "the export ended early, what came is not all: " + why.Error()
}

func (e *cutError) Unwrap() error { return e.err }

// stream counts what goes by.
type stream struct {
	records, bytes int64
	last           byte
	bar            func(int)
}

func (s *stream) Write(p []byte) (int, error) {
	for _, b := range p {
		if b == '\n' {
			s.records++
		}
	}
	if len(p) > 0 {
		s.last = p[len(p)-1]
	}
	s.bytes += int64(len(p))
	s.bar(len(p))
	return len(p), nil
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
