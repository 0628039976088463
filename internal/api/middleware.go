package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"onrecord/internal/store"
)

type contextKey int

const (
	requestIDKey contextKey = iota
	principalKey
	roleKey
	conditionKey
)

// requestID names the request in answers and logs.
func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey).(string)
	return id
}

// principal is who makes the request, as changes record it.
func principal(ctx context.Context) string {
	name, _ := ctx.Value(principalKey).(string)
	return name
}

// mayEdit reports whether the request's key may change records.
func mayEdit(ctx context.Context) bool {
	role, _ := ctx.Value(roleKey).(string)
	return slices.Contains(roles[editing], role)
}

// identify gives each request an id, its own if it brings a usable one.
func identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get("X-Request-Id")
		if !visible(id, 100) || strings.ContainsAny(id, `"\`) {
			id = uuid.Must(uuid.NewV7()).String()
		}
		w.Header().Set("X-Request-Id", id)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestIDKey, id)))
	})
}

// A recorder notes what was answered.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(p)
	r.bytes += n
	return n, err
}

func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// logged writes one line for each request: no query values, no keys.
func logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		rec := &recorder{ResponseWriter: w}
		defer func() {
			level := slog.LevelInfo
			switch {
			case rec.status >= 500 && !gone(r):
				level = slog.LevelError
			case r.URL.Path == "/livez" || r.URL.Path == "/readyz":
				level = slog.LevelDebug
			}
			slog.LogAttrs(r.Context(), level, "request",
				slog.String("method", r.Method), slog.String("path", r.URL.Path), slog.String("route", chi.RouteContext(r.Context()).RoutePattern()),
				slog.Int("status", rec.status), slog.Int("bytes", rec.bytes), slog.Duration("took", time.Since(start).Round(time.Microsecond)),
				slog.String("request_id", requestID(r.Context())))
		}()
		next.ServeHTTP(rec, r)
	})
}

// gone reports whether the client has hung up: what fails then is no fault.
func gone(r *http.Request) bool { return errors.Is(r.Context().Err(), context.Canceled) }

// recovered answers a panic with 500, for that request alone.
func recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if v == http.ErrAbortHandler { //nolint:errorlint // a recovered value is compared as net/http does
				panic(v)
			}
			slog.ErrorContext(r.Context(), "panic", "value", v, "stack", string(debug.Stack()), "request_id", requestID(r.Context()))
			if rec, ok := w.(*recorder); ok && rec.status == 0 {
				fail(w, r, refuse(string(store.Internal), "something went wrong on our side"))
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// guard sets headers that every answer has and refuses what no route should
// meet.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if len(r.URL.RawQuery) > 24_000 || len(r.URL.Path) > 2_000 {
			fail(w, r, refuse("bad_request", "the address is too long"))
			return
		}
		next.ServeHTTP(w, r)
	})
}
