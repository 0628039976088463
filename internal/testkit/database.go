// Package testkit is what tests share: databases, a client whose every
// exchange is checked against the contract, and factories of records.
package testkit

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/modules/postgres"

	"onrecord/internal/pgembed"
	"onrecord/internal/store"
	"onrecord/migrations"
)

// Postgres is the image of the database in containers.
const Postgres = "postgres:15"

// server is the database server of this test binary.
var server struct {
	admin    *pgx.ConnConfig
	url      string
	template string
	clones   atomic.Int64
}

// Main runs the tests of a package against a real PostgreSQL: the one at
// TEST_DATABASE_URL; else one in a container where an engine answers; else one
// from installed programs. ONRECORD_TEST_DB=container or embedded demands one
// of these. There is always one, or the tests fail.
func Main(m *testing.M) {
	ctx := context.Background()
	stop, err := start(ctx)
	if err == nil {
		err = makeTemplate(ctx)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "testkit: no database for the tests:", err)
		os.Exit(1)
	}
	status := m.Run()
	if err := dropTemplate(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "testkit:", err)
	}
	stop()
	os.Exit(status)
}

func start(ctx context.Context) (stop func(), err error) {
	wanted := os.Getenv("ONRECORD_TEST_DB")
	if given := os.Getenv("TEST_DATABASE_URL"); given != "" && wanted == "" {
		server.url = given
		return func() {}, nil
	}
	if wanted == "container" {
		return startContainer(ctx)
	}
	if wanted == "" && engineAnswers(ctx) {
		stop, err := startContainer(ctx)
		if err == nil {
			return stop, nil
		}
		fmt.Fprintln(os.Stderr, "testkit: an engine answers, but no container starts; using installed programs:", err)
	}
	return startEmbedded(ctx)
}

func engineAnswers(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if exec.CommandContext(ctx, "docker", "image", "inspect", Postgres).Run() == nil {
		return true
	}
	return exec.CommandContext(ctx, "docker", "pull", "--quiet", Postgres).Run() == nil
}

// fast are settings that trade durability, which no test here needs, for time.
var fast = map[string]string{"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "300"}

// inMemory reports whether databases fit into memory, where one is made twenty
// times as fast: all of a run take half a gigabyte, but at full scale.
func inMemory() bool { return Scale(0, 1) == 0 }

// room is a directory in memory, where there is one with enough of it; else
// that of temporary files.
func room() string {
	const shared = "/dev/shm"
	var fs syscall.Statfs_t
	if inMemory() && syscall.Statfs(shared, &fs) == nil && fs.Bavail*uint64(fs.Bsize) >= 4<<30 {
		return shared
	}
	return ""
}

func startContainer(ctx context.Context) (stop func(), err error) {
	settings := []string{"postgres"}
	for name, value := range fast {
		settings = append(settings, "-c", name+"="+value)
	}
	options := []testcontainers.ContainerCustomizer{postgres.WithDatabase("onrecord"), postgres.WithUsername("onrecord"), postgres.WithPassword("onrecord"),
		testcontainers.WithCmd(settings...), postgres.BasicWaitStrategies()}
	if inMemory() {
		options = append(options, testcontainers.WithTmpfs(map[string]string{"/var/lib/postgresql/data": "rw"}))
	}
	container, err := postgres.Run(ctx, Postgres, options...)
	stop = func() { _ = testcontainers.TerminateContainer(container) } // the engine removes it at the latest
	if err != nil {
		stop()
		return nil, err
	}
	server.url, err = container.ConnectionString(ctx, "sslmode=disable")
	return stop, err
}

func startEmbedded(ctx context.Context) (stop func(), err error) {
	dir, err := os.MkdirTemp(room(), "onrecord-test-")
	if err != nil {
		return nil, err
	}
	s, err := pgembed.Start(ctx, pgembed.Options{DataDir: dir, BinDir: os.Getenv("PG_BIN_DIR"), Settings: fast})
	if err != nil {
		return nil, err
	}
	server.url = s.URL()
	return func() {
		_ = s.Stop(ctx) // the directory goes anyway
		_ = os.RemoveAll(dir)
	}, nil
}

func makeTemplate(ctx context.Context) (err error) {
	if server.admin, err = pgx.ParseConfig(server.url); err != nil {
		return err
	}
	suffix := make([]byte, 6)
	rand.Read(suffix)
	server.template = "onrecord_template_" + hex.EncodeToString(suffix)
	if err := admin(ctx, "CREATE DATABASE "+server.template); err != nil {
		return err
	}
	return migrations.Up(ctx, urlOf(server.template))
}

func dropTemplate(ctx context.Context) error {
	return admin(ctx, "DROP DATABASE "+server.template+" WITH (FORCE)")
}

func admin(ctx context.Context, sql string) error {
	conn, err := pgx.ConnectConfig(ctx, server.admin)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, sql)
	return err
}

// urlOf is the server's URL with another database.
func urlOf(database string) string {
	u, err := url.Parse(server.url)
	if err != nil {
		panic("testkit: the server's URL was parsed before")
	}
	u.Path = "/" + database
	return u.String()
}

// Database is the URL of an empty migrated database of the test's own.
func Database(t testing.TB) string {
	t.Helper()
	ctx := context.Background()
	name := fmt.Sprintf("%s_%d", strings.Replace(server.template, "template", "test", 1), server.clones.Add(1))
	if err := admin(ctx, "CREATE DATABASE "+name+" TEMPLATE "+server.template); err != nil {
		t.Fatalf("testkit: clone the template: %v", err)
	}
	t.Cleanup(func() {
		if err := admin(ctx, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("testkit: %v", err)
		}
	})
	return urlOf(name)
}

// Store is a store on a database of the test's own. When the test ends, its
// history and commits must account for every row.
func Store(t testing.TB) *store.Store { return StoreAt(t, store.Config{URL: Database(t)}) }

// StoreAt is a store as configured, audited when the test ends.
func StoreAt(t testing.TB, c store.Config) *store.Store {
	t.Helper()
	if c.MaxConns == 0 {
		c.MaxConns = 4
	}
	s, err := store.Open(t.Context(), c)
	if err != nil {
		t.Fatalf("testkit: open the store: %v", err)
	}
	t.Cleanup(func() {
		defer s.Close()
		found, err := s.Audit(context.Background())
		if err != nil {
			t.Errorf("testkit: audit: %v", err)
		}
		for _, f := range found {
			t.Errorf("audit: %s", f)
		}
	})
	return s
}

// RoundTrips counts what goes to the database: each query, each batch, BEGIN
// and COMMIT alike.
type RoundTrips struct{ n atomic.Int64 }

// Configure makes the connections of a store count.
func (r *RoundTrips) Configure(c *pgx.ConnConfig) { c.Tracer = r }

// Taken is the number since it was asked for last.
func (r *RoundTrips) Taken() int { return int(r.n.Swap(0)) }

// TraceQueryStart counts a query.
func (r *RoundTrips) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	r.n.Add(1)
	return ctx
}

// TraceQueryEnd does nothing.
func (r *RoundTrips) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TraceBatchStart counts a batch.
func (r *RoundTrips) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	r.n.Add(1)
	return ctx
}

// TraceBatchQuery does nothing: the batch is counted once.
func (r *RoundTrips) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

// TraceBatchEnd does nothing.
func (r *RoundTrips) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// Shared is the path of a file of the public data sets that lie beside the
// project. Where they are missing the test is skipped, unless
// ONRECORD_REQUIRE_SHARED is set.
func Shared(t testing.TB, path string) string {
	t.Helper()
	for _, up := range []string{"../shared/", "../../shared/", "../../../shared/"} {
		if _, err := os.Stat(up + path); err == nil {
			return up + path
		}
	}
	if os.Getenv("ONRECORD_REQUIRE_SHARED") != "" {
		t.Fatalf("shared/%s is missing and ONRECORD_REQUIRE_SHARED is set", path)
	}
	t.Skipf("shared/%s is not beside the project", path)
	return ""
}
