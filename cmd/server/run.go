package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
)

// commands are what the program can be asked to do.
type commands struct {
	Serve   serveCommand   `cmd:"" default:"1" help:"Serve requests (the default)."`
	Migrate migrateCommand `cmd:"" help:"Bring the database's schema up to date, and stop."`
	Rebuild rebuildCommand `cmd:"" help:"Compute anew all that follows from the records: facts, search documents, names, roll-ups. Needed after a process of a former version wrote beside the new one, or rows were changed by hand; the service may run meanwhile."`
	Keys    struct {
		Create createKeyCommand `cmd:"" help:"Make a key and print it once."`
		List   listKeysCommand  `cmd:"" help:"List keys, without their secrets."`
		Revoke revokeKeyCommand `cmd:"" help:"End a key."`
	} `cmd:"" help:"Manage API keys."`
	Reporting struct {
		Grant  grantReportingCommand  `cmd:"" help:"Let a database role read the reporting views and nothing else; make it if there is none."`
		Revoke revokeReportingCommand `cmd:"" help:"Take that back."`
	} `cmd:"" help:"Manage who reads the data by SQL: docs/reporting.md."`
	DB struct {
		URL   dbURLCommand   `cmd:"" help:"Print the database's address; start the embedded one until interrupted, unless it runs."`
		Shell dbShellCommand `cmd:"" help:"Open psql on the database."`
		Dump  dbDumpCommand  `cmd:"" help:"Write a dump of the database to standard output, by pg_dump."`
	} `cmd:"" name:"db" help:"Reach the data by PostgreSQL's own programs, beside the service or without it."`
	Healthcheck healthcheckCommand `cmd:"" help:"Ask a running service whether it is ready; exit status 0 or 1."`
}

// environment is what a command works with.
type environment struct {
	context.Context
	config         config
	log            *slog.Logger
	stdin          io.Reader
	stdout, stderr io.Writer
}

// run is the program without its globals. It returns the exit status: 0, 1 for
// a failure, 2 for arguments or settings that make no sense.
func run(ctx context.Context, args []string, lookup func(string) (string, bool), stdin io.Reader, stdout, stderr io.Writer) int {
	var asked commands
	parser, err := kong.New(&asked, kong.Name("server"), kong.Writers(stdout, stderr), kong.Exit(func(int) {}),
		kong.Description("A database of who said what. Settings come from the environment; README.md lists them."))
	if err != nil {
		fmt.Fprintln(stderr, "server:", err)
		return 2
	}
	for _, arg := range args {
		if arg == "--help" || arg == "-h" {
			_, _ = parser.Parse(args) // prints the help
			return 0
		}
	}
	command, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintln(stderr, "server:", err)
		return 2
	}
	config, err := readConfig(lookup)
	if err != nil {
		fmt.Fprintln(stderr, "server: the settings can't be used:")
		fmt.Fprintln(stderr, err)
		return 2
	}
	log := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: config.LogLevel}))
	if config.LogFormat == "json" {
		log = slog.New(slog.NewJSONHandler(stderr, &slog.HandlerOptions{Level: config.LogLevel}))
	}
	slog.SetDefault(log)
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := command.Run(&environment{ctx, config, log, stdin, stdout, stderr}); err != nil {
		if !errors.Is(err, errNotReady) {
			fmt.Fprintln(stderr, "server:", err)
		}
		return 1
	}
	return 0
}

var errNotReady = errors.New("not ready")

type healthcheckCommand struct{}

// Run asks the service on LISTEN_ADDR, over loopback.
func (healthcheckCommand) Run(e *environment) error {
	ctx, cancel := context.WithTimeout(e, 3*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+loopback(e.config.ListenAddr)+"/readyz", nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return errNotReady
	}
	return nil
}
