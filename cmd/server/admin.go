package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"text/tabwriter"
	"time"

	"onrecord/internal/claims"
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

type rebuildCommand struct{}

// Run rebuilds, and says what.
func (rebuildCommand) Run(e *environment) error {
	db, err := joinDatabase(e)
	if err != nil {
		return err
	}
	defer db.close()
	start := time.Now()
	table := tabwriter.NewWriter(e.stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, "RECORDS\tOF THE KIND")
	err = db.store.Alone(e, "rebuild", func() error {
		return db.store.RebuildTelling(e, func(kind claims.Kind, n int) { fmt.Fprintf(table, "%d\t%s\n", n, kind) })
	})
	if err != nil {
		return err
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "What follows from these, their names and all roll-ups were computed anew in %v.\n", time.Since(start).Round(time.Millisecond))
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

type dbURLCommand struct {
	Role string `help:"Another role of the database, such as one that server reporting grant made; its password is left out."`
}

// Run prints the address. Where the embedded database isn't running, it keeps
// it up until interrupted.
func (c dbURLCommand) Run(e *environment) error {
	return withDatabase(e, func(url, _ string, ours bool) (err error) {
		if c.Role != "" {
			if url, err = addressFor(url, c.Role); err != nil {
				return err
			}
		}
		fmt.Fprintln(e.stdout, url)
		if ours {
			<-e.Done()
		}
		return nil
	})
}

type dbShellCommand struct{}

// Run opens psql.
func (dbShellCommand) Run(e *environment) error {
	return withDatabase(e, func(url, bin string, _ bool) error { return e.tool(bin, "psql", url) })
}

type dbDumpCommand struct{}

// Run writes a dump.
func (dbDumpCommand) Run(e *environment) error {
	return withDatabase(e, func(url, bin string, _ bool) error { return e.tool(bin, "pg_dump", "--dbname="+url) })
}

// withDatabase starts the embedded database, where it is ours, without
// touching the schema: it is for the day when the service doesn't start. Beside
// the running service it takes that one's; ours says which of the two.
func withDatabase(e *environment, do func(url, bin string, ours bool) error) error {
	if e.config.DatabaseURL != "" {
		return do(e.config.DatabaseURL, e.config.PGBinDir, false)
	}
	server, err := startEmbedded(e)
	if err != nil {
		url, err := beside(e, err)
		if err != nil {
			return err
		}
		return do(url, e.config.PGBinDir, false)
	}
	db := &database{embedded: server}
	defer db.close()
	return do(server.URL(), server.Bin(), true)
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
