package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"onrecord/internal/api"
	"onrecord/internal/claims"
	"onrecord/internal/pgembed"
	"onrecord/internal/store"
	"onrecord/migrations"
	"onrecord/reference"
	"onrecord/sample"
)

// Bounds of the listener.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = 30 * time.Second
	writeTimeout  = 60 * time.Second
	idleTimeout   = 2 * time.Minute
	maxHeader     = 32 << 10
	drain         = 15 * time.Second
)

type serveCommand struct{}

// Run listens first, so that a taken port is known before anything starts;
// then brings up the database, migrates, loads what ships, and serves until it
// is told to stop.
func (serveCommand) Run(e *environment) error {
	listener, err := net.Listen("tcp", e.config.ListenAddr)
	if err != nil {
		return fmt.Errorf("LISTEN_ADDR: %w", err)
	}
	defer listener.Close()
	start := time.Now()
	db, err := openDatabase(e)
	if err != nil {
		return err
	}
	defer db.close()
	var key string
	err = db.store.Alone(e, "onrecord start", func() (err error) {
		if err := db.prepare(e, e.config.Sample); err != nil {
			return err
		}
		key, err = db.store.FirstKey(e)
		return err
	})
	if err != nil {
		return err
	}
	if key != "" {
		fmt.Fprintf(e.stdout, "\nThe first admin key, shown this once:\n\n    %s\n\n", key)
	}
	var draining atomic.Bool
	server := &http.Server{
		Handler: api.New(db.store, api.Config{PublicRead: e.config.PublicRead, PublicTips: e.config.PublicTips, MaxImport: e.config.ImportMaxBytes, Answers: e.config.CacheBytes, Ready: func() error {
			if draining.Load() {
				return errors.New("the service is stopping")
			}
			return nil
		}}),
		ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(e) },
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	e.log.Info("serving", "address", "http://"+listener.Addr().String(), "docs", "http://"+loopback(listener.Addr().String())+"/docs",
		"public_read", e.config.PublicRead, "started_in", time.Since(start).Round(time.Millisecond))
	tidy := time.NewTicker(time.Hour)
	defer tidy.Stop()
	sweeper := time.NewTicker(15 * time.Second)
	defer sweeper.Stop()
	drainer := time.NewTicker(time.Second)
	defer drainer.Stop()
	for {
		select {
		case err := <-served:
			return err
		case <-db.ended():
			return errors.New("the embedded database has ended; its log says why")
		case <-sweeper.C:
			if err := db.store.Sweep(e); err != nil {
				e.log.Warn("imports that broke off were not ended", "error", err)
			}
		case <-tidy.C:
			if err := db.store.Forget(e); err != nil {
				e.log.Warn("old idempotency records were not removed", "error", err)
			}
		case <-drainer.C:
			if n, err := db.store.Drain(e); err != nil {
				e.log.Warn("derived values wait to be computed", "error", err)
			} else if n > 0 {
				e.log.Info("computed derived values after a wide change", "statements", n)
			}
			if _, err := db.store.Fold(e, store.FoldFrom); err != nil {
				e.log.Warn("roll-ups wait to be brought up to date, so that counts are slower", "error", err)
			}
		case <-e.Done():
			draining.Store(true)
			e.log.Info("stopping", "drain", drain)
			ctx, cancel := context.WithTimeout(context.WithoutCancel(e), drain)
			defer cancel()
			if err := server.Shutdown(ctx); err != nil {
				e.log.Warn("requests were cut off", "after", drain)
				return server.Close()
			}
			return nil
		}
	}
}

// A database is the store and, where it is ours, the server behind it.
type database struct {
	url      string
	store    *store.Store
	embedded *pgembed.Server
}

// openDatabase starts the embedded database unless there is a DATABASE_URL,
// and brings its schema up to date.
func openDatabase(e *environment) (*database, error) {
	db := &database{url: e.config.DatabaseURL}
	if db.url == "" {
		var err error
		if db.embedded, err = startEmbedded(e); err != nil {
			return nil, err
		}
		db.url = db.embedded.URL()
	}
	return db.open(e)
}

// joinDatabase is openDatabase for commands that may run beside the service:
// where that holds the embedded database, they use it too.
func joinDatabase(e *environment) (*database, error) {
	db, err := openDatabase(e)
	if err == nil {
		return db, nil
	}
	url, err := beside(e, err)
	if err != nil {
		return nil, err
	}
	return (&database{url: url}).open(e)
}

func (db *database) open(e *environment) (*database, error) {
	err := migrations.Up(e, db.url)
	if err == nil {
		db.store, err = store.Open(e, store.Config{URL: db.url, ReadURL: e.config.DatabaseReadURL, MaxConns: e.config.MaxConns, Memory: remembered(e.config.RecordCacheBytes), Cells: remembered(e.config.CellCacheBytes), Heavy: e.config.HeavyConns, Exports: e.config.ExportConns,
			Statement: longest, Moment: moment, Long: e.config.HeavyTimeout})
	}
	if err != nil {
		db.close()
		return nil, err
	}
	return db, nil
}

func startEmbedded(e *environment) (*pgembed.Server, error) {
	return pgembed.Start(e, pgembed.Options{DataDir: e.config.DataDir, BinDir: e.config.PGBinDir, AllowDownload: e.config.PGDownload, Logger: e.log})
}

// ended is closed when the embedded database is gone for good; it never is
// for one that isn't ours.
func (db *database) ended() <-chan struct{} {
	if db.embedded == nil {
		return nil
	}
	return db.embedded.Done()
}

func (db *database) close() {
	if db.store != nil {
		db.store.Close()
	}
	if db.embedded != nil {
		ctx, cancel := context.WithTimeout(context.Background(), drain)
		defer cancel()
		_ = db.embedded.Stop(ctx) // it logs why it could not
	}
}

// prepare loads what ships with the service.
func (db *database) prepare(e *environment, withSample bool) error {
	if err := db.store.Sweep(e); err != nil {
		return err
	}
	if err := db.store.Respell(e); err != nil {
		return err
	}
	if err := db.load(e, "reference", reference.Countries); err != nil {
		return err
	}
	if !withSample {
		return nil
	}
	return db.load(e, "sample", sample.Stream)
}

func (db *database) load(e *environment, name string, stream []byte) error {
	done, err := db.store.Import(e, store.Write{Principal: "onrecord:" + name, Reason: name + " that ships with the service"},
		store.ImportOptions{Shipped: true}, claims.NDJSON(bytes.NewReader(stream)))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if done.Received > done.Unchanged {
		e.log.Info("loaded", "stream", name, "inserted", done.Inserted, "updated", done.Updated, "unchanged", done.Unchanged, "kept", done.Conflicts)
	}
	return nil
}

// remembered is the setting as the store knows it, to which 0 is its own default.
func remembered(bytes int64) int64 {
	if bytes == 0 {
		return -1
	}
	return bytes
}
