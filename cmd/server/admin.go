package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"text/tabwriter"
	"time"
)

type migrateCommand struct{}

// Run migrates and stops.
func (migrateCommand) Run(e *environment) error {
	db, err := openDatabase(e)
	if err != nil {
		return err
	}
	db.close()
	fmt.Fprintln(e.stdout, "The schema is current.")
	return nil
}

type createKeyCommand struct {
	Name    string         `arg:"" help:"Whose key it is."`
	Role    string         `help:"reader, importer, editor or admin." default:"editor"`
	Expires *time.Duration `help:"After how long it ends, such as 720h; never if not given."`
}

// Run makes a key.
func (c createKeyCommand) Run(e *environment) error {
	if c.Expires != nil && *c.Expires <= 0 {
		return errors.New("--expires takes a time to come, such as 720h")
	}
	db, err := joinDatabase(e)
	if err != nil {
		return err
	}
	defer db.close()
	var until time.Time
	if c.Expires != nil {
		until = time.Now().Add(*c.Expires)
	}
	key, err := db.store.CreateKey(e, c.Name, c.Role, until)
	if err == nil {
		fmt.Fprintln(e.stdout, key)
	}
	return err
}

type listKeysCommand struct{}

// Run lists keys.
func (listKeysCommand) Run(e *environment) error {
	db, err := joinDatabase(e)
	if err != nil {
		return err
	}
	defer db.close()
	keys, err := db.store.Keys(e)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(e.stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tROLE\tNAME\tCREATED\tEXPIRES\tREVOKED")
	day := func(t *time.Time) string {
		if t == nil {
			return "-"
		}
		return t.UTC().Format(time.RFC3339)
	}
	for _, k := range keys {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", k.ID, k.Role, k.Name, day(&k.CreatedAt), day(k.ExpiresAt), day(k.RevokedAt))
	}
	return table.Flush()
}

type revokeKeyCommand struct {
	ID string `arg:"" help:"The key's id: its middle part."`
}

// Run ends a key.
func (c revokeKeyCommand) Run(e *environment) error {
	db, err := joinDatabase(e)
	if err != nil {
		return err
	}
	defer db.close()
	return db.store.RevokeKey(e, c.ID)
}

type dbURLCommand struct{}

// Run keeps the embedded database up until interrupted.
func (dbURLCommand) Run(e *environment) error {
	return withDatabase(e, func(url, _ string) error {
		fmt.Fprintln(e.stdout, url)
		if e.config.DatabaseURL == "" {
			<-e.Done()
		}
		return nil
	})
}

type dbShellCommand struct{}

// Run opens psql.
func (dbShellCommand) Run(e *environment) error {
	return withDatabase(e, func(url, bin string) error { return e.tool(bin, "psql", url) })
}

type dbDumpCommand struct{}

// Run writes a dump.
func (dbDumpCommand) Run(e *environment) error {
	return withDatabase(e, func(url, bin string) error { return e.tool(bin, "pg_dump", "--dbname="+url) })
}

// withDatabase starts the embedded database, where it is ours, without
// touching the schema: it is for the day when the service doesn't start.
func withDatabase(e *environment, do func(url, bin string) error) error {
	if e.config.DatabaseURL != "" {
		return do(e.config.DatabaseURL, e.config.PGBinDir)
	}
	server, err := startEmbedded(e)
	if err != nil {
		return err
	}
	db := &database{embedded: server}
	defer db.close()
	return do(server.URL(), server.Bin())
}

// tool runs one of PostgreSQL's programs, found beside the server's or in PATH.
func (e *environment) tool(bin, name string, args ...string) error {
	path := filepath.Join(bin, name)
	if _, err := os.Stat(path); bin == "" || err != nil {
		if path, err = exec.LookPath(name); err != nil {
			return errors.New(name + " is not installed: it comes with PostgreSQL's client programs")
		}
	}
	command := exec.CommandContext(e, path, args...)
	command.Stdin, command.Stdout, command.Stderr = e.stdin, e.stdout, e.stderr
	return command.Run()
}
