package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"onrecord/internal/claims"
)

// ImportOptions say how an import is done; zero values are the defaults.
type ImportOptions struct {
	Mode       string // Modes; default upsert
	OnError    string // OnErrors; default abort
	OnConflict string // OnConflicts; default keep
	DryRun     bool   // find out what would happen, write nothing
	MaxErrors  int    // stop reading after so many lines that fail; 0: never
	Duplicates string // DuplicateChoices; default report
	Async      bool   // return when the stream is stored; the rest goes on by itself
	Shipped    bool   // what ships with the service: imports by others count as a person's changes
}

// What ImportOptions can be.
var (
	Modes       = []string{"upsert", "insert", "skip"}
	OnErrors    = []string{"abort", "continue"}
	OnConflicts = []string{"keep", "overwrite"}

	DuplicateChoices = []string{"report", "off"}
)

// An Import is the report on one: counts are of records, those within others
// included, but for Lines and Failed, which are lines.
type Import struct {
	ID         string     `json:"id"`
	State      string     `json:"state"` // queued, running, done, partial, failed, reverted
	Mode       string     `json:"mode"`
	OnError    string     `json:"on_error"`
	OnConflict string     `json:"on_conflict"`
	DryRun     bool       `json:"dry_run"`
	Principal  string     `json:"principal"`
	Reason     string     `json:"reason"`
	StartedAt  time.Time  `json:"started_at"`
	FinishedAt *time.Time `json:"finished_at"`
	Seq        *int64     `json:"seq"` // of its commit; null where nothing was written

	Lines     int `json:"lines"`
	Received  int `json:"received"`
	Inserted  int `json:"inserted"`
	Updated   int `json:"updated"`
	Unchanged int `json:"unchanged"`
	Skipped   int `json:"skipped"`
	Conflicts int `json:"conflicts"`
	Failed    int `json:"failed"`

	Errors       []LineError     `json:"errors"`       // the first of them
	ErrorGroups  []ErrorGroup    `json:"error_groups"` // all of them
	ConflictList []Conflict      `json:"conflict_list"`
	Duplicates   []Duplicate     `json:"duplicates"` // null where they were not looked for
	Problem      *claims.Problem `json:"problem"`    // what ended the import as a whole

	Replayed bool `json:"-"` // the report of an earlier import with the same Idempotency-Key
}

// A LineError is one thing wrong with one line.
type LineError struct {
	Line    int         `json:"line"`
	Type    claims.Kind `json:"type"`
	Key     string      `json:"key"`
	Pointer string      `json:"pointer"`
	Code    string      `json:"code"`
	Detail  string      `json:"detail"`
}

// An ErrorGroup counts errors that are alike.
type ErrorGroup struct {
	Code      string      `json:"code"`
	Type      claims.Kind `json:"type"`
	Pointer   string      `json:"pointer"`
	Count     int         `json:"count"`
	FirstLine int         `json:"first_line"`
}

// A Conflict is a record that somebody has changed since it was last imported.
type Conflict struct {
	Line int         `json:"line"`
	Type claims.Kind `json:"type"`
	ID   string      `json:"id"`
	Key  string      `json:"key"`
}

// A Duplicate is a statement that was stored and may be one that is there already.
type Duplicate struct {
	Line       int      `json:"line"`
	ID         string   `json:"id"`
	Key        string   `json:"key"`
	Candidates []string `json:"candidates"`
}

// told is how many errors, conflicts and duplicates a report lists.
const told = 100

// Import stores a stream of records in one commit. The report says what became
// of each; it is returned in every case but that of a key in use, with an error
// where nothing was written: Invalid where lines are at fault or the stream is,
// InFlight or Mismatch for an Idempotency-Key, else what any write may give.
func (s *Store) Import(ctx context.Context, w Write, o ImportOptions, stream claims.Stream) (*Import, error) {
	staged, err := slot(ctx, s.staging, 30*time.Second)
	if err != nil {
		return nil, err
	}
	i := s.importing(w, o)
	if err := i.register(ctx); err != nil {
		staged()
		if !errors.Is(err, errAgain) {
			return nil, err
		}
		if err := drainStream(stream); err != nil {
			return nil, err
		}
		return s.again(ctx, w)
	}
	stop := i.beat(context.WithoutCancel(ctx))
	end := func(err error) error {
		stop()
		if err != nil {
			err = i.abandon(ctx, err)
		}
		i.unstage(ctx)
		return err
	}
	err = i.stage(ctx, stream)
	staged()
	if err != nil {
		return i.report(), end(err)
	}
	release, err := i.queue(ctx)
	if err != nil {
		return i.report(), end(err)
	}
	if !o.Async {
		err := end(guarded(func() error { return i.inTurn(ctx, release) })())
		return i.report(), err
	}
	report := i.report()
	s.background.Go(func() { _ = end(guarded(func() error { return i.inTurn(s.alive, release) })()) }) // the report says how it ended
	return report, nil
}

// How many imports are read, and how many are written, at a time. Reading takes
// as long as a client takes to send, and little else.
const (
	stagedAtOnce  = 8
	writtenAtOnce = 2
)

// slot takes one of the slots, waiting for it for a while.
func slot(ctx context.Context, slots chan struct{}, patience time.Duration) (release func(), err error) {
	select {
	case slots <- struct{}{}:
		return func() { <-slots }, nil
	case <-ctx.Done():
		return nil, translate(ctx.Err())
	case <-time.After(patience):
		return nil, failure(Unavailable, "other imports are at work: try again later")
	}
}

// queue takes a slot for writing; without one the import is queued from now on.
func (i *importing) queue(ctx context.Context) (release func(), err error) {
	select {
	case i.writing <- struct{}{}:
		return func() { <-i.writing }, nil
	default:
		return nil, i.become(ctx, "queued")
	}
}

// inTurn keeps what is staged, once there is a slot.
func (i *importing) inTurn(ctx context.Context, release func()) error {
	if release == nil {
		var err error
		if release, err = slot(ctx, i.writing, time.Hour); err != nil {
			return err
		}
		if err := i.become(ctx, "running"); err != nil {
			release()
			return err
		}
	}
	defer release()
	return i.keep(ctx)
}

// drainStream reads a stream to its end, for what its reader makes of it.
func drainStream(stream claims.Stream) error {
	for {
		if _, err := stream.Next(); err != nil {
			return streamFault(err)
		}
	}
}

// An importing is an import under way.
type importing struct {
	*Store
	Import
	write     Write
	options   ImportOptions
	principal *string // whose imports alone don't count as a person's changes; nil: everybody's
	bad       map[int]bool
	groups    map[ErrorGroup]int // place in ErrorGroups, by code, type and pointer
	progress  atomic.Int64       // lines read

	soft        bool // has references that no foreign key guards
	dropped     int  // records of lines that have failed
	repeats     int  // records that the stream has once more
	overwritten int  // conflicts that were not kept
}

func (s *Store) importing(w Write, o ImportOptions) *importing {
	w.Kind = "imports"
	i := &importing{Store: s, write: w, options: o, bad: map[int]bool{}, groups: map[ErrorGroup]int{}}
	i.Import = Import{ID: s.NewID(), State: "running", Mode: cmp.Or(o.Mode, Modes[0]), OnError: cmp.Or(o.OnError, OnErrors[0]), OnConflict: cmp.Or(o.OnConflict, OnConflicts[0]),
		DryRun: o.DryRun, Principal: w.Principal, Reason: w.Reason, StartedAt: time.Now().UTC().Truncate(time.Microsecond)}
	if o.Shipped {
		i.principal = &w.Principal
	}
	i.write.Import = i.ID
	return i
}

// report is the import as it is shown: lists are not null, but for that of
// duplicates where none were looked for.
func (i *importing) report() *Import {
	r := i.Import
	r.Errors, r.ErrorGroups, r.ConflictList = notNil(r.Errors), notNil(r.ErrorGroups), notNil(r.ConflictList)
	return &r
}

func notNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// fail notes an error of a line, which is left out as a whole.
func (i *importing) fail(e LineError) {
	e.Type, e.Key, e.Pointer, e.Detail = claims.Kind(presentable(string(e.Type))), presentable(e.Key), presentable(e.Pointer), presentable(e.Detail)
	if !i.bad[e.Line] {
		i.bad[e.Line] = true
		i.Failed++
	}
	group := ErrorGroup{Code: e.Code, Type: e.Type, Pointer: indices.ReplaceAllString(e.Pointer, "/*")}
	place, known := i.groups[group]
	if !known {
		if place = len(i.ErrorGroups); place == told {
			return
		}
		i.groups[group] = place
		first := group
		first.FirstLine = e.Line
		i.ErrorGroups = append(i.ErrorGroups, first)
	}
	g := &i.ErrorGroups[place]
	g.Count++
	g.FirstLine = min(g.FirstLine, e.Line)
	if len(i.Errors) < told {
		i.Errors = append(i.Errors, e)
	}
}

// presentable makes of what a client sent what a report can hold.
func presentable(s string) string {
	if runes := []rune(s); len(runes) > 200 {
		s = string(runes[:200]) + "…"
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "\ufffd")
}

// errFailed says that lines are at fault; the report says which.
var errFailed = failure(Invalid, "lines of the stream can't be stored; nothing was written")

// keep stores what is staged. Where lines may be left out, those that can't
// be stored are found first; whatever is only found by writing starts it again
// without them.
func (i *importing) keep(ctx context.Context) error {
	if i.Received > 500 { // without it, plans take what is staged for a few rows
		if _, err := i.Store.write.Exec(ctx, `ANALYZE staging (import, n, line, kind, id, action)`); err != nil {
			return translate(err)
		}
	}
	if i.Failed > 0 || i.OnError == "continue" {
		if err := i.check(ctx); err != nil {
			return err
		}
	} else if i.soft {
		if err := i.collect(ctx, absentSQL(unguardedRefs)); err != nil {
			return err
		}
	}
	if err := i.repeated(ctx); err != nil {
		return err
	}
	for {
		if i.Failed > 0 && i.OnError == "abort" {
			return errFailed
		}
		if err := i.drop(ctx); err != nil {
			return err
		}
		err := i.commit(ctx)
		var e *Error
		if err == nil || !errors.As(err, &e) || !slices.Contains([]Code{Invalid, Exists, Cycle, Overlap, InUse, Stale}, e.Code) {
			return err
		}
		before := i.Failed
		if err := i.check(ctx); err != nil {
			return err
		}
		if i.Failed == before {
			if err := i.blame(ctx, e); err != nil {
				return err
			}
		}
		switch {
		case i.Failed > before: // fewer lines are left each time
		case e.Code == Stale:
			return failure(Unavailable, "records were changed by others while the import was at work: send it again")
		default: // not to be traced to lines
			return err
		}
	}
}

// abandon keeps the report of an import that wrote nothing.
func (i *importing) abandon(ctx context.Context, err error) error {
	i.State, i.Seq = "failed", nil
	i.Inserted, i.Updated = 0, 0
	i.Problem = &claims.Problem{Code: string(CodeOf(err)), Detail: presentable(detailOf(err))}
	i.finish(ctx)
	return translate(err)
}

// unstage drops what was staged; what is left behind, Sweep finds.
func (i *importing) unstage(ctx context.Context) {
	ctx, done := unhurried(ctx)
	defer done()
	_, _ = i.Store.write.Exec(ctx, `DELETE FROM staging WHERE import = $1`, i.ID)
}

func detailOf(err error) string {
	var e *Error
	if errors.As(err, &e) && e.Code != Internal {
		return e.Detail
	}
	return "the import failed"
}

// streamFault is what a stream that can't be read further gives.
func streamFault(err error) error {
	var at *claims.StreamError
	switch {
	case errors.As(err, &at):
		return &Error{Code: Invalid, Detail: fmt.Sprintf("line %d %s: nothing was written", at.Line, at.Detail), cause: err}
	case errors.Is(err, io.EOF):
		return nil
	}
	return &Error{Code: Invalid, Detail: "the stream broke off: nothing was written", cause: err}
}
