package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
	"github.com/jackc/pgx/v5"
)

// config are the settings, from the environment alone. Each may be given as
// NAME_FILE too: a file that holds the value.
type config struct {
	DatabaseURL      string        `env:"DATABASE_URL"`                            // PostgreSQL to use; unset: the embedded one
	DatabaseReadURL  string        `env:"DATABASE_READ_URL"`                       // for reading: a standby
	ListenAddr       string        `env:"LISTEN_ADDR" envDefault:"127.0.0.1:8080"` // host:port
	DataDir          string        `env:"DATA_DIR"`                                // of the embedded database
	PublicRead       bool          `env:"PUBLIC_READ"`                             // reading needs no key
	PublicTips       bool          `env:"PUBLIC_TIPS"`                             // leaving a tip needs no key
	Sample           bool          `env:"SAMPLE"`                                  // load the sample
	LogLevel         slog.Level    `env:"LOG_LEVEL" envDefault:"INFO"`
	LogFormat        string        `env:"LOG_FORMAT" envDefault:"text"`             // text or json
	MaxConns         int32         `env:"MAX_CONNS"`                                // connections for writing, and for light reading
	HeavyConns       int32         `env:"HEAVY_CONNS" envDefault:"2"`               // connections for queries that read much
	HeavyTimeout     time.Duration `env:"HEAVY_TIMEOUT" envDefault:"15s"`           // of such a query
	ExportConns      int32         `env:"EXPORT_CONNS" envDefault:"4"`              // exports at a time
	ImportMaxBytes   int64         `env:"IMPORT_MAX_BYTES" envDefault:"8589934592"` // of one import, uncompressed
	CacheBytes       int64         `env:"CACHE_BYTES" envDefault:"67108864"`        // of answers kept in memory; 0: none
	RecordCacheBytes int64         `env:"RECORD_CACHE_BYTES" envDefault:"33554432"` // of statements kept in memory; 0: none
	CellCacheBytes   int64         `env:"CELL_CACHE_BYTES" envDefault:"268435456"`  // of what is counted by kept in memory; 0: none
	PGBinDir         string        `env:"PG_BIN_DIR"`                               // where the embedded database's programs are
	PGDownload       bool          `env:"EMBEDDED_PG_DOWNLOAD"`                     // may fetch them
}

// readConfig reads all settings and reports every problem at once.
func readConfig(lookup func(string) (string, bool)) (config, error) {
	var c config
	given := map[string]string{}
	var problems []error
	for _, name := range settings {
		value, set := lookup(name)
		if file, ok := lookup(name + "_FILE"); ok && file != "" {
			data, err := os.ReadFile(file)
			switch {
			case set:
				problems = append(problems, fmt.Errorf("%s and %s_FILE are both set", name, name))
			case err != nil:
				problems = append(problems, fmt.Errorf("%s_FILE can't be read: %w", name, err))
			}
			value, set = strings.TrimRight(string(data), "\r\n"), true
		}
		if set && value != "" {
			given[name] = value
		}
	}
	if err := env.ParseWithOptions(&c, env.Options{Environment: given}); err != nil {
		var all env.AggregateError
		if errors.As(err, &all) {
			problems = append(problems, all.Errors...)
		} else {
			problems = append(problems, err)
		}
	}
	for name, url := range map[string]string{"DATABASE_URL": c.DatabaseURL, "DATABASE_READ_URL": c.DatabaseReadURL} {
		if url == "" {
			continue
		}
		if _, err := pgx.ParseConfig(url); err != nil { // the cause may hold the password
			problems = append(problems, fmt.Errorf("%s is not a PostgreSQL URL", name))
		}
	}
	if c.DatabaseReadURL != "" && c.DatabaseURL == "" {
		problems = append(problems, errors.New("DATABASE_READ_URL goes with DATABASE_URL"))
	}
	if _, port, err := net.SplitHostPort(c.ListenAddr); err != nil || !portNumber(port) {
		problems = append(problems, fmt.Errorf("LISTEN_ADDR %q is not host:port", c.ListenAddr))
	}
	if c.LogFormat != "text" && c.LogFormat != "json" {
		problems = append(problems, fmt.Errorf("LOG_FORMAT %q is neither text nor json", c.LogFormat))
	}
	if c.MaxConns < 0 || c.MaxConns > 1000 {
		problems = append(problems, fmt.Errorf("MAX_CONNS %d is not from 1 to 1000", c.MaxConns))
	}
	for name, n := range map[string]int32{"HEAVY_CONNS": c.HeavyConns, "EXPORT_CONNS": c.ExportConns} {
		if n < 1 || n > 1000 {
			problems = append(problems, fmt.Errorf("%s %d is not from 1 to 1000", name, n))
		}
	}
	if c.HeavyTimeout < time.Second || c.HeavyTimeout > longest {
		problems = append(problems, fmt.Errorf("HEAVY_TIMEOUT %v is not from 1s to %v", c.HeavyTimeout, longest))
	}
	if c.ImportMaxBytes < 1 {
		problems = append(problems, fmt.Errorf("IMPORT_MAX_BYTES %d is not a number of bytes", c.ImportMaxBytes))
	}
	if c.CacheBytes < 0 {
		problems = append(problems, fmt.Errorf("CACHE_BYTES %d is not a number of bytes", c.CacheBytes))
	}
	if c.CellCacheBytes < 0 {
		problems = append(problems, fmt.Errorf("CELL_CACHE_BYTES %d is not a number of bytes", c.CellCacheBytes))
	}
	if c.RecordCacheBytes < 0 {
		problems = append(problems, fmt.Errorf("RECORD_CACHE_BYTES %d is not a number of bytes", c.RecordCacheBytes))
	}
	if c.DataDir == "" {
		c.DataDir = stateDir(lookup)
	}
	return c, errors.Join(problems...)
}

// longest is the most that a query may be given: below a request's deadline,
// with the time that it may wait for a place.
const longest = 20 * time.Second

// moment is what a query that reads little is given, hundreds of times what it
// takes.
const moment = 500 * time.Millisecond

// settings are the names of all settings.
var settings = []string{"DATABASE_URL", "DATABASE_READ_URL", "LISTEN_ADDR", "DATA_DIR", "PUBLIC_READ", "PUBLIC_TIPS", "SAMPLE",
	"LOG_LEVEL", "LOG_FORMAT", "MAX_CONNS", "HEAVY_CONNS", "HEAVY_TIMEOUT", "EXPORT_CONNS", "IMPORT_MAX_BYTES", "CACHE_BYTES", "RECORD_CACHE_BYTES", "CELL_CACHE_BYTES", "PG_BIN_DIR", "EMBEDDED_PG_DOWNLOAD"}

func portNumber(port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n <= 65535
}

// stateDir is where the XDG base directory specification puts state.
func stateDir(lookup func(string) (string, bool)) string {
	if dir, ok := lookup("XDG_STATE_HOME"); ok && filepath.IsAbs(dir) {
		return filepath.Join(dir, "onrecord")
	}
	if home, ok := lookup("HOME"); ok && filepath.IsAbs(home) {
		return filepath.Join(home, ".local", "state", "onrecord")
	}
	return "onrecord-data"
}

// loopback is the address at which this machine reaches a listener.
func loopback(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return listen
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}
