package main

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/url"
	"time"
)

type importsCommand struct {
	ID      string `arg:"" optional:"" help:"The import to show in full; all are listed if it isn't given."`
	listing `embed:""`
}

// importColumns are those of the table: what one needs to tell imports apart.
var importColumns = []string{"id", "started_at", "state", "received", "inserted", "updated", "unchanged", "conflicts", "failed", "seq", "principal", "reason"}

// Run lists imports.
func (c importsCommand) Run(e *environment) error {
	service, err := e.client()
	if err != nil {
		return err
	}
	defer service.close()
	if c.ID == "" {
		return c.list(e, service, "imports", nil, importColumns)
	}
	given, err := service.ask(e, call{method: http.MethodGet, path: "imports/" + url.PathEscape(c.ID), limit: shortCall})
	if err != nil {
		return err
	}
	r, err := readReport(given.body)
	if err != nil {
		return err
	}
	if c.JSON {
		_, err := e.stdout.Write(append(r.raw, '\n'))
		return err
	}
	r.tell(c.ID, e.screen.note)
	return (&reportTable{w: e.stdout}).add(c.ID, r)
}

type revertCommand struct {
	ID     string `arg:"" help:"The import to take back."`
	Reason string `placeholder:"TEXT" help:"Why, for the change record."`
}

// Help is shown after the flags.
func (revertCommand) Help() string {
	return `What the import inserted is taken out, what it updated is put back, in one commit. An import can't be taken back while later changes build on it; these are then listed.`
}

// Run takes an import back.
func (c revertCommand) Run(e *environment) error {
	service, err := e.client()
	if err != nil {
		return err
	}
	defer service.close()
	header := map[string]string{"Idempotency-Key": "onrecord-" + rand.Text()}
	if c.Reason != "" {
		header["X-Change-Reason"] = c.Reason
	}
	given, err := service.ask(e, call{method: http.MethodPost, path: "imports/" + url.PathEscape(c.ID) + "/revert", header: header})
	if err != nil {
		return err
	}
	r, err := readReport(given.body)
	if err != nil {
		return err
	}
	return (&reportTable{w: e.stdout}).add(c.ID, r)
}

// Between two questions of follow: soon at first, for small files.
const (
	firstLook  = 50 * time.Millisecond
	latestLook = 2 * time.Second
)

// follow asks how an import is going until it is over, and shows it. If ctx
// ends, the import goes on without us.
func (c *client) follow(ctx context.Context, screen *screen, name string, r *report) (*report, error) {
	id := r.ID
	for wait := firstLook; !r.ended(); wait = min(2*wait, latestLook) {
		if r.State == "queued" {
			screen.show(name + ": queued")
		} else {
			screen.show(name + ": " + thousands(r.Lines) + " lines read, writing…")
		}
		select {
		case <-ctx.Done():
			screen.note("the import goes on; onrecord imports " + id + " shows what becomes of it")
			return nil, ctx.Err()
		case <-time.After(wait):
		}
		given, err := c.ask(ctx, call{method: http.MethodGet, path: "imports/" + url.PathEscape(id), limit: shortCall})
		if err != nil {
			return nil, err
		}
		if r, err = readReport(given.body); err != nil {
			return nil, err
		}
	}
	return r, nil
}
