// Command bench measures the service against its two floors, the database's own
// rate (pgbench, the very SQL that the service sends) and the HTTP stack's own
// rate (the same bytes from memory), and prints one table.
//
// Of a list, pgbench runs the one statement that answers where nothing is
// remembered of its records; the service asks for their places and reads what it
// doesn't remember (docs/decisions/0016), so that it may be the faster of the two.
//
// The ratio to pgbench says what the service adds to its SQL, and looks the
// better the worse that SQL is: so the SQL is held against the plainest way to
// the same rows, by their ids and without what is joined to them.
//
// Only the ratios mean anything: they are taken interleaved, in one run, on one
// machine, and the median of several rounds is shown. What is measured is
// checked: status, rows, bytes, errors. The exit status is 1 if a check fails
// or something is missing, never because a goal is missed.
//
// Loading has floors of its own: imports COPY FROM of the rows that they make,
// into the same tables with their indexes and constraints; exports COPY TO.
//
// Everything runs on this machine, over a Unix socket to the database, for
// pgbench and the service alike, and over 127.0.0.1 to the service. It needs
// PostgreSQL with pgbench, and wrk.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"onrecord/bench/generate"
)

const (
	rounds = 3
	bound  = 2 * time.Hour // for everything
)

// A bench is one run.
type bench struct {
	world       generate.Config
	seconds     int
	connections int
	maxConns    int
	only        []string
	keep        string
	profile     string

	temp     string // for what the run leaves behind
	binary   string // the service
	database *database
	stdout   io.Writer
	failed   []string // what was not as it should be
}

func main() { os.Exit(run()) }

// run is the program; its result is the exit status.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, bound)
	defer cancel()
	b := &bench{stdout: os.Stdout}
	var only string
	flag.IntVar(&b.world.Statements, "rows", 1_000_000, "`statements` in the database; records of an import")
	flag.Uint64Var(&b.world.Seed, "seed", 1, "of the generated world")
	flag.IntVar(&b.seconds, "seconds", 5, "of each measurement")
	flag.IntVar(&b.connections, "connections", 16, "to the service, and of pgbench to the database")
	flag.IntVar(&b.maxConns, "max-conns", 0, "of the service to the database; 0: its default")
	flag.StringVar(&only, "only", "", "measure these alone, separated by comma: "+strings.Join(names, ", "))
	flag.StringVar(&b.keep, "keep", "", "`directory` of a database to use again, made if missing")
	flag.StringVar(&b.profile, "profile", "", "`directory` for CPU profiles: the service then runs within this program")
	flag.Parse()
	if only != "" {
		b.only = strings.Split(only, ",")
	}
	if err := b.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	return 0
}

// names are what -only chooses from.
var names = append(cellNames(), "memory", "panel", "siege", "counts", "search", "commits", "drain", "start", "import", "export")

// wants reports whether something is to be measured.
func (b *bench) wants(name string) bool { return b.only == nil || slices.Contains(b.only, name) }

func (b *bench) wantsAny(names ...string) bool { return slices.ContainsFunc(names, b.wants) }

func (b *bench) run(ctx context.Context) (err error) {
	for _, name := range b.only {
		if !slices.Contains(names, name) {
			return fmt.Errorf("-only: %q is none of %s", name, strings.Join(names, ", "))
		}
	}
	if flag.NArg() > 0 || b.seconds < 1 || b.connections < 2 || b.world.Statements < 1 {
		return errors.New("-seconds is at least 1, -connections 2, -rows 1, and there are no other arguments")
	}
	if _, err := exec.LookPath("wrk"); err != nil && b.wantsAny(append(cellNames(), "memory", "panel", "siege")...) {
		return errors.New("wrk is not installed; on Debian: apt-get install wrk")
	}
	if b.temp, err = os.MkdirTemp("", "onrecord-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.temp)
	b.binary = filepath.Join(b.temp, "server")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", b.binary, "onrecord/cmd/server").CombinedOutput(); err != nil {
		return fmt.Errorf("building the service: %w: %s", err, out)
	}
	began := time.Now()
	if b.database, err = b.open(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.database.close()) }()
	if err := b.measure(ctx); err != nil {
		return err
	}
	fmt.Fprintf(b.stdout, "\nTaken in %s.\n", time.Since(began).Round(time.Second))
	if b.failed != nil {
		return fmt.Errorf("%d checks failed:\n  %s", len(b.failed), strings.Join(b.failed, "\n  "))
	}
	return nil
}

// measure does all that is wanted and prints the tables, also of what was
// measured before something failed.
func (b *bench) measure(ctx context.Context) (err error) {
	var starts *starts
	if b.wants("start") { // first, while the disk is at rest
		if starts, err = b.starting(ctx); err != nil {
			err = fmt.Errorf("start: %w", err)
		}
	}
	var cells []*cell
	var memory *footprint
	if err == nil && b.wantsAny(append(cellNames(), "memory")...) {
		cells, memory, err = b.reading(ctx)
	}
	var panels []*panel
	if err == nil && b.wants("panel") {
		if panels, err = b.panels(ctx); err != nil {
			err = fmt.Errorf("panel: %w", err)
		}
	}
	var besieged *siege
	if err == nil && b.wants("siege") {
		if besieged, err = b.siege(ctx); err != nil {
			err = fmt.Errorf("siege: %w", err)
		}
	}
	var asked []*counting
	if err == nil && b.wants("counts") {
		if asked, err = b.counts(ctx); err != nil {
			err = fmt.Errorf("counts: %w", err)
		}
	}
	var searches []*sought
	if err == nil && b.wants("search") {
		if searches, err = b.searching(ctx); err != nil {
			err = fmt.Errorf("search: %w", err)
		}
	}
	var writes []*writing
	if err == nil && b.wants("commits") {
		if writes, err = b.commits(ctx); err != nil {
			err = fmt.Errorf("commits: %w", err)
		}
	}
	var loads *loading
	if err == nil && b.wantsAny("import", "export") {
		if loads, err = b.loading(ctx); err != nil {
			err = fmt.Errorf("loading: %w", err)
		}
	}
	var drained *draining
	if err == nil && b.wants("drain") {
		if drained, err = b.drain(ctx); err != nil {
			err = fmt.Errorf("drain: %w", err)
		}
	}
	b.print(cells, memory, writes, starts, loads)
	if drained != nil {
		drained.print(func(format string, args ...any) { fmt.Fprintf(b.stdout, format+"\n", args...) })
	}
	b.printPanels(panels)
	b.printSiege(besieged)
	b.printCounts(asked)
	b.printSearches(searches)
	return err
}

// check notes what is not as it should be.
func (b *bench) check(ok bool, format string, args ...any) {
	if !ok {
		b.failed = append(b.failed, fmt.Sprintf(format, args...))
	}
}

func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
}
