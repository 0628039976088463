package api_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"onrecord/internal/api"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

// A client that hangs up is no error of the service, and none is logged; a
// failure is.
func TestWhoHangsUpIsNoError(t *testing.T) { // not parallel: it listens to the log
	s := testkit.WithCast(t, testkit.StoreAt(t, store.Config{URL: testkit.Database(t)}))
	handler := api.New(s, api.Config{PublicRead: true})
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(before)
	ctx, hangUp := context.WithCancel(t.Context())
	hangUp()
	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, "GET", "/v1/statements/facets?by=kind", nil))
	if !strings.Contains(log.String(), "msg=request") || strings.Contains(log.String(), "level=ERROR") {
		t.Errorf("logged was %s", log.String())
	}
}
