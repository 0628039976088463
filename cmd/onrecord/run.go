package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/alecthomas/kong"
)

// Exit statuses, as the help states them.
const (
	statusOK      = 0
	statusFailed  = 1 // something was not stored, not found, not written
	statusUsage   = 2 // what was asked makes no sense; nothing was sent
	statusNoEntry = 3 // the service can't be reached, is busy, or doesn't know the key
)

// commands are what the program can be asked to do.
type commands struct {
	settings
	Import  importCommand  `cmd:"" help:"Send records to the service and say what became of them."`
	Export  exportCommand  `cmd:"" help:"Take records out, as a stream that can be imported."`
	Query   queryCommand   `cmd:"" help:"Ask for records: a table on a terminal, JSON in a pipe."`
	Convert convertCommand `cmd:"" help:"Turn files of other publishers into an import stream."`
	Imports importsCommand `cmd:"" help:"List the imports that were made, or show one."`
	Revert  revertCommand  `cmd:"" help:"Take an import back."`
	Version versionCommand `cmd:"" help:"Print the version."`
}

const description = `Onrecord, a database of who said what about whom: the command that loads and asks it.

The service is at ONRECORD_URL or --url, ` + defaultURL + ` if neither is given. The key is in ONRECORD_KEY or in the file --key-file; it never stands on the command line, which others on the machine can read.

Exit status: 0 all is done, 1 something failed, 2 the command makes no sense, 3 the service can't be reached or refuses the key.`

// environment is what a command works with.
type environment struct {
	context.Context
	settings settings
	lookup   func(string) (string, bool)
	stdin    io.Reader
	stdout   io.Writer
	screen   *screen
}

// A usageError is a command that makes no sense: status 2.
type usageError string

func (e usageError) Error() string { return string(e) }

// errReported ends a command whose failures have been told already: status 1.
var errReported = errors.New("failed")

// run is the program without its globals. It returns the exit status.
func run(ctx context.Context, args []string, lookup func(string) (string, bool), stdin io.Reader, stdout, stderr io.Writer) int {
	var asked commands
	screen := newScreen(stderr)
	parser, err := kong.New(&asked, kong.Name("onrecord"), kong.Writers(stdout, stderr), kong.Exit(func(int) {}),
		kong.Description(description), kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}))
	if err != nil {
		screen.note("onrecord: " + err.Error())
		return statusUsage
	}
	for _, arg := range args {
		if arg == "--help" || arg == "-h" {
			_, _ = parser.Parse(args) // prints the help
			return statusOK
		}
	}
	command, err := parser.Parse(args)
	if err != nil {
		screen.note("onrecord: " + err.Error())
		return statusUsage
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	err = command.Run(&environment{ctx, asked.settings, lookup, stdin, stdout, screen})
	if ctx.Err() != nil && err != nil {
		screen.note("onrecord: interrupted")
		return statusFailed
	}
	return screen.tell(err)
}

// tell says what is wrong and returns the exit status that goes with it.
func (s *screen) tell(err error) int {
	var usage usageError
	var problem *problem
	var unreachable *unreachableError
	switch {
	case err == nil:
		return statusOK
	case errors.Is(err, errReported):
		return statusFailed
	case errors.As(err, &problem):
		s.note("onrecord: " + err.Error())
		for _, line := range problem.lines() {
			s.note("  " + line)
		}
		if problem.noEntry() {
			return statusNoEntry
		}
		return statusFailed
	case errors.As(err, &unreachable):
		s.note("onrecord: " + err.Error())
		return statusNoEntry
	case errors.As(err, &usage):
		s.note("onrecord: " + err.Error())
		return statusUsage
	default:
		s.note("onrecord: " + err.Error())
		return statusFailed
	}
}

type versionCommand struct{}

// Run prints what the Go toolchain recorded of the build.
func (versionCommand) Run(e *environment) error {
	version, revision, compiler := "unknown", "", ""
	if build, ok := debug.ReadBuildInfo(); ok {
		version, compiler = build.Main.Version, build.GoVersion
		for _, s := range build.Settings {
			if s.Key == "vcs.revision" {
				revision = " " + s.Value
			}
		}
	}
	_, err := fmt.Fprintf(e.stdout, "onrecord %s%s %s\n", version, revision, compiler)
	return err
}
