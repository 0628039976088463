package store_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"onrecord/internal/claims"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

// A cutter loses the connections, once it is told to, over which what was staged
// would be dropped.
type cutter struct{ on atomic.Bool }

func (c *cutter) TraceQueryStart(ctx context.Context, conn *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	if c.on.Load() && strings.HasPrefix(q.SQL, "DELETE FROM staging") {
		_ = conn.PgConn().Conn().Close()
	}
	return ctx
}

func (*cutter) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// What an import leaves staged that is over, because the connection was lost,
// is dropped when nobody imports any more, and never under who does.
func TestImportLeftoversAreDropped(t *testing.T) {
	t.Parallel()
	url, cut := testkit.Database(t), &cutter{}
	s := testkit.WithCast(t, testkit.StoreAt(t, store.Config{URL: url, Configure: func(c *pgx.ConnConfig) { c.Tracer = cut }}))
	conn := connect(t, url)
	staged := func() (n int) {
		t.Helper()
		if err := conn.QueryRow(t.Context(), `SELECT count(*) FROM staging`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	later := func(state string) { // as far as imports in the state are concerned
		t.Helper()
		if _, err := conn.Exec(t.Context(), `UPDATE imports SET alive_at = alive_at - interval '1 hour' WHERE state = $1`, state); err != nil {
			t.Error(err)
		}
	}
	sweep := func() {
		t.Helper()
		if err := s.Sweep(t.Context()); err != nil {
			t.Error(err)
		}
	}
	cut.on.Store(true)
	mustImport(t, s, testkit.Statement("s:1", "one"), testkit.Statement("s:2", "two"))
	if _, err := imported(t, s, store.ImportOptions{}, testkit.Statement("s:3", "three"), testkit.Statement("s:4", "four", `"occasion":{"key":"event:none"}`)); err == nil {
		t.Error("a reference to nothing is stored")
	}
	cut.on.Store(false)
	if n := staged(); n != 4 {
		t.Fatalf("%d rows are left, not 4: nothing was lost", n)
	}
	if sweep(); staged() != 4 {
		t.Error("rows of an import are gone that was at work a moment ago")
	}
	later("done")
	later("failed")
	var all []string
	for i := range 5000 {
		all = append(all, fmt.Sprintf(`{"type":"topic","slug":"t%d","name":"T"}`, i))
	}
	report, err := s.Import(t.Context(), testkit.By("loader"), store.ImportOptions{}, paused(all, func() {
		testkit.Until(t, func() bool { return staged() > 4 })
		if sweep(); staged() <= 4 {
			t.Error("rows of an import under way are gone")
		}
	}))
	if err != nil || report.Inserted != len(all) {
		t.Errorf("%v, %s", err, counts(report))
	}
	if n := staged(); n != 4 {
		t.Errorf("%d rows are left of two imports with 4", n)
	}
	later("done")
	held, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := held.Exec(t.Context(), `SELECT FROM staging`); err != nil { // as a dump reads it
		t.Fatal(err)
	}
	if sweep(); staged() != 4 {
		t.Error("rows are gone while they are read")
	}
	if err := held.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if sweep(); staged() != 0 {
		t.Errorf("%d rows are left", staged())
	}
	settled(t, conn)
}

// A leaver leaves when a write begins, and keeps what became of it.
type leaver struct {
	at    string // how the write begins; COPY for one of its own protocol
	leave context.CancelFunc
	ended []error
}

type leaving struct{}

func (l *leaver) start(ctx context.Context, sql string) context.Context {
	if !strings.HasPrefix(sql, l.at) {
		return ctx
	}
	l.leave()
	return context.WithValue(ctx, leaving{}, true)
}

func (l *leaver) end(ctx context.Context, err error) {
	if ctx.Value(leaving{}) != nil {
		l.ended = append(l.ended, err)
	}
}

func (l *leaver) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	return l.start(ctx, q.SQL)
}

func (l *leaver) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryEndData) {
	l.end(ctx, q.Err)
}

func (l *leaver) TraceCopyFromStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceCopyFromStartData) context.Context {
	return l.start(ctx, "COPY")
}

func (l *leaver) TraceCopyFromEnd(ctx context.Context, _ *pgx.Conn, q pgx.TraceCopyFromEndData) {
	l.end(ctx, q.Err)
}

// Where a client leaves in the middle of a write that is no part of the
// transaction, the write is waited for: given up, it could come through after
// everything was cleared away, and an import would run, or rows be staged, that
// nobody knows of.
func TestImportWaitsForItsWritesWhoeverLeaves(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"INSERT INTO imports", "COPY", "DELETE FROM staging"} {
		url, l := testkit.Database(t), &leaver{at: "none"}
		s := testkit.WithCast(t, testkit.StoreAt(t, store.Config{URL: url, Configure: func(c *pgx.ConnConfig) { c.Tracer = l }}))
		ctx, leave := context.WithCancel(t.Context())
		l.at, l.leave = at, leave
		report, err := s.Import(ctx, testkit.By("loader"), store.ImportOptions{}, claims.NDJSON(strings.NewReader(testkit.Statement("s:1", "one"))))
		if len(l.ended) != 1 || l.ended[0] != nil {
			t.Errorf("%s: ended with %v", at, l.ended)
		}
		conn := connect(t, url)
		var running, staged int
		if err := conn.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM imports WHERE state IN ('queued', 'running')), (SELECT count(*) FROM staging)`).Scan(&running, &staged); err != nil {
			t.Fatal(err)
		}
		if running+staged > 0 {
			t.Errorf("%s: %d imports are at work and %d rows staged, after %v, %+v", at, running, staged, err, report)
		}
	}
}
