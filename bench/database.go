package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"onrecord/bench/generate"
	"onrecord/internal/pgembed"
	"onrecord/migrations"
)

// settings are those of a small dedicated server. fsync stays on.
var settings = map[string]string{"shared_buffers": "512MB", "max_connections": "150", "max_wal_size": "4GB", "checkpoint_timeout": "30min", "effective_cache_size": "1500MB"}

// A database is the embedded PostgreSQL with a generated world in it.
type database struct {
	server *pgembed.Server
	url    string
	remove string // directory to remove at the end
}

// open starts the database and fills it, unless it holds the same world or
// nothing that is wanted reads it.
func (b *bench) open(ctx context.Context) (db *database, err error) {
	dir := b.keep
	db = &database{}
	if dir == "" {
		if dir, err = os.MkdirTemp("", "onrecord-bench-data-"); err != nil {
			return nil, err
		}
		db.remove = dir
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	if db.server, err = pgembed.Start(ctx, pgembed.Options{DataDir: dir, BinDir: os.Getenv("PG_BIN_DIR"), Settings: settings, Logger: log}); err != nil {
		return nil, errors.Join(err, db.close())
	}
	db.url = db.server.URL()
	if !slices.ContainsFunc(names, func(name string) bool {
		return b.wants(name) && !slices.Contains([]string{"start", "import", "export"}, name)
	}) {
		return db, nil
	}
	if err := b.fill(ctx, db.url, dir); err != nil {
		return nil, errors.Join(err, db.close())
	}
	return db, nil
}

// close stops the database.
func (db *database) close() error {
	if db.server != nil {
		if err := db.server.Stop(context.Background()); err != nil {
			return err
		}
	}
	if db.remove == "" {
		return nil
	}
	return os.RemoveAll(db.remove)
}

// fill makes the world, and notes on the database which one it is, of which
// schema, once it is whole.
func (b *bench) fill(ctx context.Context, url, dir string) error {
	if err := migrations.Up(ctx, url); err != nil {
		return err
	}
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	var held, schema string
	var begun bool
	err = conn.QueryRow(ctx, `SELECT coalesce((SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()), ''),
		(SELECT max(version_id)::text FROM goose_db_version), EXISTS (SELECT FROM countries)`).Scan(&held, &schema, &begun)
	if err != nil {
		return err
	}
	wanted := b.world.String() + " schema " + schema
	switch {
	case held == wanted:
		b.say("The database in %s is as wanted.", dir)
		return nil
	case begun:
		return fmt.Errorf("the database in %s holds %q, wanted is %q: remove it or choose another directory", dir, held, wanted)
	}
	b.say("Making a database of %d statements.", b.world.Statements)
	world, err := generate.New(b.world)
	if err != nil {
		return err
	}
	if err := world.Fill(ctx, url, 3, func(line string) { b.say("  %s", line) }); err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "COMMENT ON DATABASE "+pgx.Identifier{conn.Config().Database}.Sanitize()+" IS '"+wanted+"'")
	return err
}

// clone copies the database under another name, for what must leave no trace
// in it, and drops the copy when done. Nothing may be connected.
func (db *database) clone(ctx context.Context, do func(url string) error) error {
	return db.copied(ctx, "onrecord_bench_writes", "onrecord", do)
}

// copied copies a database under another name, and drops the copy when done.
func (db *database) copied(ctx context.Context, name, template string, do func(url string) error) error {
	admin, err := pgx.Connect(ctx, with(db.url, "postgres"))
	if err != nil {
		return err
	}
	defer admin.Close(context.WithoutCancel(ctx))
	for _, sql := range []string{"DROP DATABASE IF EXISTS " + name + " WITH (FORCE)", "CREATE DATABASE " + name + " TEMPLATE " + template + " STRATEGY file_copy", "CHECKPOINT"} {
		if _, err := admin.Exec(ctx, sql); err != nil {
			return err
		}
	}
	err = do(with(db.url, name))
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	_, dropping := admin.Exec(ctx, "DROP DATABASE "+name+" WITH (FORCE)")
	return errors.Join(err, dropping)
}

// with is the URL with another database.
func with(address, name string) string {
	u, err := url.Parse(address)
	if err != nil {
		panic("bench: the server's own URL can't be read")
	}
	u.Path = "/" + name
	return u.String()
}

// pgbench is the program: beside the server's, or in PATH.
func (db *database) pgbench() (string, error) {
	path := filepath.Join(db.server.Bin(), "pgbench")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	path, err := exec.LookPath("pgbench")
	if err != nil {
		return "", errors.New("pgbench is not installed; it comes with PostgreSQL's server programs, on Debian: apt-get install postgresql-15")
	}
	return path, nil
}
