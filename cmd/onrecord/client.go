package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"syscall"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// Bounds of a conversation with the service.
const (
	shortCall   = time.Minute            // for one that is answered at once
	firstPause  = 300 * time.Millisecond // before trying again; it doubles
	longestWait = 2 * time.Minute        // that Retry-After may ask for
	maxAnswer   = 64 << 20               // bytes, of an answer that is held in memory
)

// A client talks to the service.
type client struct {
	http    *http.Client
	base    *url.URL
	key     string // "" for none
	retries uint
	note    func(string) // tells people why it takes longer
}

func newClient(base *url.URL, key string, retries uint, note func(string)) *client {
	transport := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: 5 * time.Second,
		IdleConnTimeout:       time.Minute,
		ForceAttemptHTTP2:     true,
	}
	return &client{base: base, key: key, retries: retries, note: note, http: &http.Client{
		Transport: transport,
		CheckRedirect: func(_ *http.Request, via []*http.Request) error {
			// A redirected POST would turn into a GET without its body, and the
			// answer to that could pass for success.
			if via[0].Method != http.MethodGet || len(via) >= 5 {
				return http.ErrUseLastResponse
			}
			return nil
		},
	}}
}

func (c *client) close() { c.http.CloseIdleConnections() }

// A call is one request, and its repeats.
type call struct {
	method string
	path   string // below /v1, escaped
	query  url.Values
	header map[string]string
	body   func() (*upload, error) // opened anew for each attempt; nil for none
	limit  time.Duration           // for each attempt as a whole; 0: as long as it takes
}

// An answer is a whole answer that the service gave with a status below 300.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// An unreachableError says that no answer was to be had from the service.
type unreachableError struct {
	address string
	cause   error
}

func (e *unreachableError) Error() string {
	return fmt.Sprintf("%s can't be reached: %s", e.address, cause(e.cause))
}

func (e *unreachableError) Unwrap() error { return e.cause }

// cause leaves out what net/http says around the cause: method and address,
// which people who gave a filter needn't read twice.
func cause(err error) string {
	var around *url.Error
	if errors.As(err, &around) {
		err = around.Err
	}
	var system syscall.Errno
	if errors.As(err, &system) {
		return system.Error()
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "no answer in time"
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "the connection ended before the answer"
	}
	return err.Error()
}

// ask makes a call and reads the answer whole. A busy service and a broken
// connection are tried again. The error is a *problem, an *unreachableError,
// that of reading the body to send, or ctx's.
func (c *client) ask(ctx context.Context, what call) (answer, error) {
	return retry(ctx, c, func(wait *pause) (answer, error) {
		if what.limit == 0 {
			return c.once(ctx, what, wait)
		}
		ctx, cancel := context.WithTimeout(ctx, what.limit)
		defer cancel()
		return c.once(ctx, what, wait)
	})
}

func (c *client) once(ctx context.Context, what call, wait *pause) (answer, error) {
	response, err := c.send(ctx, what, wait)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err != nil {
		return answer{}, &unreachableError{c.base.String(), err}
	}
	if len(body) > maxAnswer {
		return answer{}, backoff.Permanent(fmt.Errorf("the answer is larger than %d MiB", maxAnswer>>20))
	}
	return answer{response.StatusCode, response.Header, body}, nil
}

// stream makes a call and leaves the answer to be read; until it has begun, it
// is tried again as in ask.
func (c *client) stream(ctx context.Context, what call) (*http.Response, error) {
	return retry(ctx, c, func(wait *pause) (*http.Response, error) { return c.send(ctx, what, wait) })
}

// send is one attempt, up to the answer's header.
func (c *client) send(ctx context.Context, what call, wait *pause) (*http.Response, error) {
	address := c.base.JoinPath("v1", what.path)
	address.RawQuery = what.query.Encode()
	request, err := http.NewRequestWithContext(ctx, what.method, address.String(), nil)
	if err != nil {
		return nil, backoff.Permanent(err)
	}
	var body *upload
	if what.body != nil {
		if body, err = what.body(); err != nil {
			return nil, backoff.Permanent(err)
		}
		request.Body, request.ContentLength = body, body.size
		if body.size == 0 {
			request.Body = http.NoBody // else its length would count as unknown
		}
		// So that a service that refuses needn't be sent the file first.
		request.Header.Set("Expect", "100-continue")
	}
	for name, value := range what.header {
		request.Header.Set(name, value)
	}
	if c.key != "" {
		request.Header.Set("Authorization", "Bearer "+c.key)
	}
	request.Header.Set("User-Agent", "onrecord")
	response, err := c.http.Do(request)
	if err != nil {
		if body != nil && body.failure() != nil {
			return nil, backoff.Permanent(body.failure())
		}
		failed := &unreachableError{c.base.String(), err}
		if hopeless(err) {
			return nil, backoff.Permanent(failed)
		}
		return nil, failed
	}
	if response.StatusCode < 300 {
		return response, nil
	}
	defer response.Body.Close()
	refused := readProblem(response)
	if !refused.passing() {
		return nil, backoff.Permanent(refused)
	}
	wait.atLeast = retryAfter(response)
	return nil, refused
}

// hopeless reports whether the next attempt would fail for the same reason.
func hopeless(err error) bool {
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	var noTLS tls.RecordHeaderError
	return errors.As(err, &name) && name.IsNotFound || errors.As(err, &certificate) || errors.As(err, &noTLS)
}

// retryAfter is how long the service asks to be left alone, 0 if it doesn't
// say. It says it in seconds.
func retryAfter(response *http.Response) time.Duration {
	seconds, err := strconv.ParseUint(response.Header.Get("Retry-After"), 10, 31)
	if err != nil {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// A pause grows with each attempt, and is at least what the service asks for.
// One that asks for more than longestWait is not waited for.
type pause struct {
	*backoff.ExponentialBackOff
	atLeast time.Duration
}

// NextBackOff implements backoff.BackOff.
func (p *pause) NextBackOff() time.Duration {
	if p.atLeast > longestWait {
		return backoff.Stop
	}
	next := max(p.ExponentialBackOff.NextBackOff(), p.atLeast)
	p.atLeast = 0
	return next
}

func retry[T any](ctx context.Context, c *client, attempt func(*pause) (T, error)) (T, error) {
	wait := &pause{ExponentialBackOff: backoff.NewExponentialBackOff()}
	wait.InitialInterval, wait.Multiplier, wait.MaxInterval = firstPause, 2, 10*time.Second
	return backoff.Retry(ctx, func() (T, error) { return attempt(wait) },
		backoff.WithBackOff(wait), backoff.WithMaxTries(c.retries+1), backoff.WithMaxElapsedTime(0),
		backoff.WithNotify(func(err error, next time.Duration) {
			c.note(fmt.Sprintf("%s; trying again in %s", err, next.Round(100*time.Millisecond)))
		}))
}

// decode reads the JSON of an answer into v.
func (a answer) decode(v any) error {
	if err := unmarshal(bytes.TrimSpace(a.body), v); err != nil {
		return fmt.Errorf("the answer is not what the service promises: %w", err)
	}
	return nil
}
