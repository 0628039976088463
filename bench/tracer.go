package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// A tracer sums how long the database takes for each sort of SQL, in each phase
// of an import, and notes where this program spends its time meanwhile, if that
// is wanted.
type tracer struct {
	*bench
	sync.Mutex
	phase string
	since time.Time // of the phase
	told  map[string]time.Duration
	spent map[[2]string]*spent // by phase and sort of SQL
	file  *os.File             // the profile under way
	err   error
}

type spent struct {
	times int
	took  time.Duration
	cpu   time.Duration // of the database's process
	facts bool          // it names statement_facts
}

// Phases of an import.
const (
	staging   = "staging"
	preparing = "preparing" // what is staged
	storing   = "storing"   // the transaction that does
	tidying   = "tidying"
)

func newTracer(b *bench) *tracer {
	return &tracer{bench: b, told: map[string]time.Duration{}, spent: map[[2]string]*spent{}}
}

func (t *tracer) begin() { t.Lock(); defer t.Unlock(); t.enter(staging) }

func (t *tracer) end() error {
	t.Lock()
	defer t.Unlock()
	t.enter("")
	return t.err
}

// enter changes the phase.
func (t *tracer) enter(phase string) {
	now := time.Now()
	if t.phase != "" {
		t.told[t.phase] += now.Sub(t.since)
	}
	t.phase, t.since = phase, now
	if t.profile == "" {
		return
	}
	if t.file != nil {
		pprof.StopCPUProfile()
		t.err = errors.Join(t.err, t.file.Close())
		t.file = nil
	}
	if phase == "" {
		return
	}
	err := os.MkdirAll(t.profile, 0o755)
	if err == nil {
		t.file, err = os.Create(filepath.Join(t.profile, "import-"+phase+".pprof"))
	}
	if err == nil {
		err = pprof.StartCPUProfile(t.file)
	}
	t.err = errors.Join(t.err, err)
}

// asked tells from SQL where the import is.
func (t *tracer) asked(sql string) {
	t.Lock()
	defer t.Unlock()
	switch {
	case t.phase == staging && strings.HasPrefix(sql, "ANALYZE staging"):
		t.enter(preparing)
	case t.phase == preparing && strings.HasPrefix(sql, "begin"):
		t.enter(storing)
	}
}

// answered adds what a statement took.
func (t *tracer) answered(sql string, took, cpu time.Duration) {
	t.Lock()
	defer t.Unlock()
	if t.phase == "" {
		return
	}
	key := [2]string{t.phase, sortOf(sql)}
	s := t.spent[key]
	if s == nil {
		s = &spent{facts: strings.Contains(sql, "statement_facts") || strings.Contains(sql, "statement_cells")}
		t.spent[key] = s
	}
	s.times++
	s.took += took
	s.cpu += cpu
	if t.phase == storing && sql == "commit" {
		t.enter(tidying)
	}
}

var (
	blanks = regexp.MustCompile(`\s+`)
	writes = regexp.MustCompile(`\b(INSERT INTO|UPDATE|DELETE FROM) ("?\w+"?)`)
)

// sortOf is what SQL writes, or how it begins.
func sortOf(sql string) string {
	if m := writes.FindStringSubmatch(sql); m != nil && m[2] != "SKIP" && m[2] != "SET" {
		return m[1] + " " + m[2]
	}
	text := blanks.ReplaceAllString(sql, " ")
	return text[:min(len(text), 70)]
}

// facts are the time in the transaction for SQL that names statement_facts, and
// for all other.
func (t *tracer) facts() (facts, rest time.Duration) {
	for key, s := range t.spent {
		switch {
		case key[0] != storing:
		case s.facts:
			facts += s.took
		default:
			rest += s.took
		}
	}
	return facts, rest
}

// tell says what took longest.
func (t *tracer) tell() {
	total := time.Duration(0)
	for _, took := range t.told {
		total += took
	}
	for _, phase := range []string{staging, preparing, storing, tidying} {
		inside, cpu := time.Duration(0), time.Duration(0)
		var keys [][2]string
		for key, s := range t.spent {
			if key[0] == phase {
				inside += s.took
				cpu += s.cpu
				keys = append(keys, key)
			}
		}
		slices.SortFunc(keys, func(a, b [2]string) int { return cmp.Compare(t.spent[b].took, t.spent[a].took) })
		t.say("%-9s %7.1f s, %2.0f %% of the import; in the database %.1f s, of its processor %.1f s", phase, t.told[phase].Seconds(), 100*t.told[phase].Seconds()/total.Seconds(), inside.Seconds(), cpu.Seconds())
		for _, key := range keys {
			s := t.spent[key]
			if share := s.took.Seconds() / total.Seconds(); share >= 0.002 {
				t.say("  %7.2f s %5.1f %%   processor %7.2f s %6d times  %s", s.took.Seconds(), 100*share, s.cpu.Seconds(), s.times, key[1])
			}
		}
	}
}

type started struct{}

type asking struct {
	began time.Time
	cpu   time.Duration
	sql   string
	pid   int // of the database's process
}

func (t *tracer) note(ctx context.Context, conn *pgx.Conn, sql string) context.Context {
	t.asked(sql)
	pid := int(conn.PgConn().PID())
	return context.WithValue(ctx, started{}, &asking{time.Now(), cpuOf(pid), sql, pid})
}

// over adds what it took.
func (t *tracer) over(ctx context.Context) {
	if a, ok := ctx.Value(started{}).(*asking); ok {
		t.answered(a.sql, time.Since(a.began), cpuOf(a.pid)-a.cpu)
	}
}

// TraceQueryStart notes when a statement is sent.
func (t *tracer) TraceQueryStart(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	return t.note(ctx, conn, data.SQL)
}

// TraceQueryEnd notes when it was answered.
func (t *tracer) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryEndData) {
	t.over(ctx)
}

// TraceCopyFromStart notes when a COPY begins.
func (t *tracer) TraceCopyFromStart(ctx context.Context, conn *pgx.Conn, data pgx.TraceCopyFromStartData) context.Context {
	return t.note(ctx, conn, fmt.Sprintf("COPY %s", data.TableName.Sanitize()))
}

// TraceCopyFromEnd notes when it ended.
func (t *tracer) TraceCopyFromEnd(ctx context.Context, _ *pgx.Conn, _ pgx.TraceCopyFromEndData) {
	t.over(ctx)
}

// TraceBatchStart notes when a batch is sent: its statements are answered
// together, so it counts as one.
func (t *tracer) TraceBatchStart(ctx context.Context, conn *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	return t.note(ctx, conn, fmt.Sprintf("a batch of %d, which seals the commit", data.Batch.Len()))
}

// TraceBatchQuery does nothing.
func (t *tracer) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

// TraceBatchEnd notes when it was answered.
func (t *tracer) TraceBatchEnd(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchEndData) {
	t.over(ctx)
}
