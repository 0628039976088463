// Package store is the database: all SQL of the service is here. Resources are
// declared, one file each (statement.go, speaker.go, …), and read and written
// by what is written once: list.go and answer.go read, write.go writes.
package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Config says which database to use and how.
type Config struct {
	URL       string                // the primary
	ReadURL   string                // for reading, a standby; empty: the primary
	MaxConns  int32                 // for writing, and for light reading; 0: the driver's default
	Heavy     int32                 // for queries that read much; 0: 2
	Exports   int32                 // for exports; 0: 4
	Memory    int64                 // bytes of statements to remember as they are shown; 0: 32 MiB, below: none
	Cells     int64                 // bytes of cells to hold for counting; 0: 256 MiB, below: none
	Statement time.Duration         // how long a write's statement may run; 0: without bound
	Moment    time.Duration         // how long a light query may run before it goes on as a heavy one; 0: Statement
	Long      time.Duration         // how long a heavy query may run; 0: Statement
	Configure func(*pgx.ConnConfig) // for tests: last word on each connection
}

// A Store is the database. It is safe for concurrent use.
type Store struct {
	write, read *pgxpool.Pool
	heavy       *lane
	exports     *lane
	slow        slow
	meta        *pgxpool.Pool // keys and pings, which must not wait behind queries
	head        *pgxpool.Pool // one connection, for the reads of heads
	heads       heads
	numbers     txNumbers
	keys        keyCache
	readings    readingCache
	memory      memory
	cells       heldCells
	staging     chan struct{} // slots of imports that are read
	writing     chan struct{} // and of those that are written
	background  sync.WaitGroup
	alive       context.Context // of what goes on without a request
	stop        context.CancelFunc
	NewID       func() string // makes ids of records without a key
}

// ReadSettings are what connections for reading ask of the database. What is
// shown of a page is looked up row by row, and lies in memory: the default cost
// makes plans read whole tables instead. Most pages walk an index whatever
// the values are: a plan for any values is right, and planning for each would cost
// more than the page.
var ReadSettings = map[string]string{"random_page_cost": "1.1", "plan_cache_mode": "force_generic_plan"}

// Open connects and verifies that every resource can be shown: a column whose
// type has no JSON form fails here, not at a request.
func Open(ctx context.Context, c Config) (*Store, error) {
	s := &Store{NewID: func() string { return uuid.Must(uuid.NewV7()).String() }}
	s.cells.most = int(cmp.Or(c.Cells, standardHeld))
	s.cells.limits = standardLimits
	s.memory.size = cmp.Or(c.Memory, standardMemory)
	s.staging, s.writing = make(chan struct{}, stagedAtOnce), make(chan struct{}, writtenAtOnce)
	s.alive, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	if err := s.connect(ctx, c); err != nil {
		s.Close()
		return nil, err
	}
	if err := s.verify(ctx); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// connect makes the pools.
func (s *Store) connect(ctx context.Context, c Config) (err error) {
	if s.write, err = pool(ctx, c, c.URL); err != nil {
		return err
	}
	keys := c
	keys.MaxConns = 2
	if s.meta, err = pool(ctx, keys, c.URL); err != nil {
		return err
	}
	reading := func(conns int32, bound time.Duration) (*pgxpool.Pool, error) {
		r := c
		r.MaxConns, r.Statement = conns, cmp.Or(bound, c.Statement)
		r.Configure = func(cc *pgx.ConnConfig) {
			maps.Copy(cc.RuntimeParams, ReadSettings)
			if c.Configure != nil {
				c.Configure(cc)
			}
		}
		return pool(ctx, r, cmp.Or(c.ReadURL, c.URL))
	}
	if s.read, err = reading(c.MaxConns, c.Moment); err != nil {
		return err
	}
	if s.head, err = reading(1, c.Moment); err != nil {
		return err
	}
	heavy, err := reading(cmp.Or(c.Heavy, 2), c.Long)
	if err != nil {
		return err
	}
	s.heavy = newLane(heavy, "too many queries that read much are at work: try again")
	exports, err := reading(cmp.Or(c.Exports, 4), c.Long)
	if err != nil {
		return err
	}
	s.exports = newLane(exports, "too many exports are at work: try again")
	return nil
}

func pool(ctx context.Context, c Config, url string) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("store: the database's URL can't be read") // the cause may hold the password
	}
	if c.MaxConns > 0 {
		config.MaxConns = c.MaxConns
	}
	config.ConnConfig.RuntimeParams["application_name"] = "onrecord"
	config.ConnConfig.RuntimeParams["timezone"] = "UTC"
	config.ConnConfig.RuntimeParams["datestyle"] = "ISO"
	config.ConnConfig.RuntimeParams["jit"] = "off"                                   // compiling takes longer than any query here
	config.ConnConfig.RuntimeParams["idle_in_transaction_session_timeout"] = "10000" // no dead client holds the head lock
	if c.Statement > 0 {
		config.ConnConfig.RuntimeParams["statement_timeout"] = fmt.Sprint(c.Statement.Milliseconds())
	}
	config.ConnConfig.ConnectTimeout = 5 * time.Second
	if c.Configure != nil {
		c.Configure(config.ConnConfig)
	}
	return pgxpool.NewWithConfig(ctx, config)
}

// verify prepares the view of every resource.
func (s *Store) verify(ctx context.Context) error {
	config := s.read.Config().ConnConfig.Copy()
	delete(config.RuntimeParams, "statement_timeout") // preparing for the first time may take longer than a page
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return translate(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }() // nothing hangs on it any more
	for _, r := range resources {
		sql, _ := r.oneSQL(nil, "")
		description, err := conn.Prepare(ctx, sql, sql)
		if err != nil {
			return fmt.Errorf("store: %s can't be read: %w", r.table, err)
		}
		if _, err := shapeOf(r.fields, description.Fields, r.view("").lead); err != nil {
			return err
		}
		for _, p := range r.parts {
			description, err := conn.Prepare(ctx, "", fmt.Sprintf("SELECT %s FROM %s p", strings.Join(p.values(), ", "), p.table))
			if err != nil {
				return fmt.Errorf("store: %s can't be read: %w", p.table, err)
			}
			for _, column := range description.Fields {
				if within[column.DataTypeOID] == nil {
					return fmt.Errorf("store: %s.%s has type %d, which no appender knows", p.table, column.Name, column.DataTypeOID)
				}
			}
		}
	}
	return nil
}

// Close ends what goes on in the background and gives back all connections.
func (s *Store) Close() {
	s.stop()
	s.background.Wait()
	if idle := s.cells.idle; idle != nil {
		idle.Stop()
	}
	for _, p := range []*pgxpool.Pool{s.write, s.read, s.head, s.meta} {
		if p != nil {
			p.Close()
		}
	}
	for _, l := range []*lane{s.heavy, s.exports} {
		if l != nil {
			l.Close()
		}
	}
}

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	_, err := s.meta.Exec(ctx, "SELECT 1")
	return translate(err)
}

// Alone runs do while no other process runs something of the same name.
func (s *Store) Alone(ctx context.Context, name string, do func() error) error {
	conn, err := pgx.ConnectConfig(ctx, s.write.Config().ConnConfig) // not of the pool, which do may need whole
	if err != nil {
		return translate(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }() // nothing hangs on it any more
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SET LOCAL idle_in_transaction_session_timeout = 0"); err != nil {
			return translate(err)
		}
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", name); err != nil {
			return translate(err)
		}
		return do()
	})
}

// txNumbers hands out transaction numbers from blocks that a sequence gives,
// so that starting a transaction costs no round trip.
type txNumbers struct {
	sync.Mutex
	next, end int64
}

// block is the sequence's increment.
const block = 64

func (n *txNumbers) take(ctx context.Context, pool *pgxpool.Pool) (int64, error) {
	n.Lock()
	defer n.Unlock()
	if n.next == n.end {
		if err := pool.QueryRow(ctx, "SELECT nextval('tx_numbers')").Scan(&n.next); err != nil {
			return 0, translate(err)
		}
		n.end = n.next + block
	}
	n.next++
	return n.next - 1, nil
}
