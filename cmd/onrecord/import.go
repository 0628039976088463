package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"sync/atomic"
)

type importCommand struct {
	Paths []string `arg:"" name:"file" help:"Files, directories, or - for standard input."`

	Type       string `enum:",ndjson,json,csv" default:"" placeholder:"TYPE" help:"What is in the files, if their names don't tell: ndjson, json or csv."`
	Mode       string `enum:"upsert,insert,skip" default:"upsert" placeholder:"MODE" help:"A record that is there already and differs: upsert updates it, insert is an error, skip leaves it (${default})."`
	OnError    string `enum:"abort,continue" default:"abort" placeholder:"WHAT" help:"A line that can't be stored: abort stores nothing of the file, continue all other lines (${default})."`
	OnConflict string `enum:"keep,overwrite" default:"keep" placeholder:"WHICH" help:"A record that a person has changed since: keep that, or overwrite it (${default})."`
	DryRun     bool   `help:"Only say what would be done."`
	MaxErrors  *uint  `placeholder:"N" help:"Give a file up after so many errors."`
	Async      bool   `help:"Let the service work on after it has the file, and ask how far it is."`
	Reason     string `placeholder:"TEXT" help:"Why, for the change record."`
	Quiet      bool   `short:"q" help:"No progress and no table; errors only."`
	JSON       bool   `name:"json" help:"Print the reports as JSON, a line for each file."`
}

// Help is shown after the flags.
func (importCommand) Help() string {
	return `Each file is one import and one commit. What is in a file is told by its name: .ndjson, .json or .csv, then .gz or .zst if it is compressed; it is sent as it is. Directories give all such files in them, in the order of their names, hidden ones excepted.

To go on after an interruption, run the same command again: nothing needs to be kept for that. What is in the database already is found unchanged, which costs little. If the first answer got lost and nothing was written since, the service gives that answer again.

With --on-error=abort the files after one that failed are not sent.

Records that a person has changed are kept and shown as conflicts; they don't count as failures.`
}

// Run sends one file after the other.
func (c importCommand) Run(e *environment) error {
	e.screen.quiet = c.Quiet
	found, err := inputs(c.Paths, c.Type)
	if err != nil {
		return err
	}
	service, err := e.client()
	if err != nil {
		return err
	}
	defer service.close()
	service.note = e.screen.remark
	table := &reportTable{w: e.stdout}
	failed := false
	for i, in := range found {
		good, err := c.one(e, service, table, in)
		if e.Err() != nil {
			e.screen.note("onrecord: " + in.name + " is stored whole or not at all; the same command goes on from there")
		}
		if err != nil {
			return fmt.Errorf("%s: %w", in.name, err)
		}
		if failed = failed || !good; !good && c.OnError == "abort" && i+1 < len(found) {
			rest := found[i+1].name
			if n := len(found) - i - 1; n > 1 {
				rest = fmt.Sprintf("%d files, from %s on", n, rest)
			}
			e.screen.note("onrecord: not sent after that failure: " + rest)
			break
		}
	}
	if !c.Quiet && !c.JSON {
		if err := table.finish(); err != nil {
			return err
		}
	}
	if failed {
		return errReported
	}
	return nil
}

// one sends a file and tells what became of it. The error is one that ends the
// command: of reading the file, or of a service that takes none.
func (c importCommand) one(e *environment, service *client, table *reportTable, in *input) (good bool, err error) {
	defer in.remove()
	if in.path == "-" {
		bar := e.screen.bar("reading", -1)
		err := in.spool(e.stdin, func(n int) { advance(bar, n) })
		if e.screen.done(); err != nil {
			return false, err
		}
	}
	if err := in.measure(); err != nil {
		return false, err
	}
	r, err := c.send(e, service, in)
	e.screen.done()
	var refused *problem
	if errors.As(err, &refused) && !refused.noEntry() {
		if err = nil; refused.Import != nil {
			r, err = readReport(refused.Import)
		}
	}
	if err != nil {
		return false, err
	}
	if c.JSON {
		return refused == nil && r.good(), writeJSON(e.stdout, in.name, r, refused)
	}
	if refused != nil {
		e.screen.note(in.name + ": " + refused.Error())
		if r == nil || len(r.Errors) == 0 {
			for _, line := range refused.lines() {
				e.screen.note("  " + line)
			}
		}
	}
	if r == nil {
		return false, nil
	}
	if refused != nil && r.Problem != nil && r.Problem.Detail == refused.Detail { // has been told
		r.Problem = nil
	}
	r.tell(in.name, e.screen.note)
	if !c.Quiet {
		err = table.add(in.name, r)
	}
	return r.good() && refused == nil, err
}

// send sends a file until there is a report. The service gives the first
// report again to a request it has seen (Idempotency-Replayed). That is the
// truth if this run has sent the file before and lost the answer, or if nothing
// was written since; else the file is sent as a new request: it may have been
// reverted, or repaired in the meantime.
func (c importCommand) send(e *environment, service *client, in *input) (*report, error) {
	var delivered atomic.Bool // all of the file, by an attempt without answer
	key := c.key(in)
	r, replayed, err := c.attempt(e, service, in, key, &delivered)
	if err != nil || !replayed || delivered.Load() {
		return r, err
	}
	if r.Seq != nil && c.lastSeq(e, service) == *r.Seq {
		e.screen.remark(fmt.Sprintf("%s was imported before, as %s, and nothing was written since; this is that report", in.name, r.ID))
		return r, nil
	}
	e.screen.remark(fmt.Sprintf("%s was sent before, as import %s; sending it again", in.name, r.ID))
	r, _, err = c.attempt(e, service, in, key+"-"+rand.Text(), &delivered)
	return r, err
}

func (c importCommand) attempt(e *environment, service *client, in *input, key string, delivered *atomic.Bool) (r *report, replayed bool, err error) {
	header := map[string]string{"Content-Type": in.media, "Idempotency-Key": key}
	if in.encoding != "" {
		header["Content-Encoding"] = in.encoding
	}
	if c.Reason != "" {
		header["X-Change-Reason"] = c.Reason
	}
	if c.Async {
		header["Prefer"] = "respond-async"
	}
	begun, ended := false, &atomic.Bool{}
	given, err := service.ask(e, call{method: http.MethodPost, path: "imports", query: c.query(), header: header, body: func() (*upload, error) {
		if begun && ended.Load() {
			delivered.Store(true)
		}
		begun = true
		ended.Store(false)
		e.screen.done()
		bar := e.screen.bar(in.name, in.size)
		return in.open(func(n int) { advance(bar, n) }, func() {
			ended.Store(true)
			e.screen.show(in.name + ": writing…")
		})
	}})
	if err != nil {
		return nil, false, err
	}
	if r, err = readReport(given.body); err != nil {
		return nil, false, err
	}
	replayed = given.header.Get("Idempotency-Replayed") == "true"
	if given.status == http.StatusAccepted {
		r, err = service.follow(e, e.screen, in.name, r)
	}
	return r, replayed, err
}

func (c importCommand) query() url.Values {
	query := url.Values{"mode": {c.Mode}, "on_error": {c.OnError}, "on_conflict": {c.OnConflict}}
	if c.DryRun {
		query.Set("dry_run", "true")
	}
	if c.MaxErrors != nil {
		query.Set("max_errors", strconv.FormatUint(uint64(*c.MaxErrors), 10))
	}
	return query
}

// key names the request: the same file with the same options is the same
// request, in whichever run. Standard input is never the same, and a dry run
// is about the database as it is now.
func (c importCommand) key(in *input) string {
	if in.spooled || c.DryRun {
		return "onrecord-" + rand.Text()
	}
	sum := sha256.New()
	for _, part := range []string{string(in.digest), in.media, in.encoding, c.query().Encode(), strconv.FormatBool(c.Async), c.Reason} {
		_, _ = fmt.Fprintf(sum, "%d:%s", len(part), part) // a hash takes everything
	}
	return "onrecord-" + hex.EncodeToString(sum.Sum(nil))
}

// lastSeq is the number of the last commit, -1 where it can't be told.
func (c importCommand) lastSeq(e *environment, service *client) int64 {
	given, err := service.ask(e, call{method: http.MethodGet, path: "countries", query: url.Values{"limit": {"1"}}, limit: shortCall})
	if err != nil {
		return -1
	}
	seq, err := strconv.ParseInt(given.header.Get("X-Seq"), 10, 64)
	if err != nil {
		return -1
	}
	return seq
}
