package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"onrecord/bench/generate"
	"onrecord/internal/claims"
	"onrecord/internal/store"
	"onrecord/migrations"
)

// A loading is what bulk in and bulk out cost.
type loading struct {
	tally, fewer generate.Tally // of the stream, and of that of a tenth
	bytes        int64

	imported     time.Duration // over HTTP, from the first byte sent to the answer
	raw          time.Duration // COPY FROM of the rows that the import made
	rows         int64         // how many these are
	again        time.Duration // the same stream once more
	small, large float64       // memory of the service after an import of a tenth and of all, at its most, in MB
	facts, rest  time.Duration // in the database, in the transaction that writes

	exports     []exported
	exportLines int
}

// An exported is one round: the service's export, and COPY TO of the same rows.
type exported struct{ service, floor time.Duration }

// Goals of loading.
const (
	importGoal = 0.40
	againGoal  = 3.0
	exportGoal = 0.50
	factsGoal  = 0.35
)

// loading measures imports and exports, each in a copy of a database that has
// just what a service makes when it first starts.
func (b *bench) loading(ctx context.Context) (*loading, error) {
	l := &loader{bench: b, loading: &loading{}}
	return l.loading, b.database.copied(ctx, l.name("base"), "template0", func(url string) error {
		if err := l.prepare(ctx, url); err != nil {
			return err
		}
		if b.wants("import") {
			if err := l.in(ctx, "few", func(s *service, _ string) (err error) {
				if _, err = l.send(ctx, s, l.fewerFile(), l.fewer); err != nil {
					return err
				}
				l.small, err = s.memory("VmHWM")
				return err
			}); err != nil {
				return err
			}
		}
		if err := l.in(ctx, "all", func(s *service, url string) error { return l.through(ctx, s, url) }); err != nil {
			return err
		}
		if !b.wants("import") {
			return nil
		}
		return l.trace(ctx)
	})
}

type loader struct {
	*bench
	*loading
	key string // of the API
}

func (l *loader) name(of string) string { return "onrecord_bench_load_" + of }
func (l *loader) fewerFile() string     { return l.file("fewer.ndjson") }
func (l *loader) allFile() string       { return l.file("all.ndjson") }

// prepare makes the streams, and the database that all others are copies of: a
// service has started on it once.
func (l *loader) prepare(ctx context.Context, url string) (err error) {
	write := func(path string, records int) (generate.Tally, error) {
		file, err := os.Create(path)
		if err != nil {
			return generate.Tally{}, err
		}
		tally, err := generate.Stream(file, l.world.Seed, records)
		return tally, errors.Join(err, file.Close())
	}
	records := max(l.world.Statements, 10_000)
	if l.fewer, err = write(l.fewerFile(), records/10); err != nil {
		return err
	}
	if l.tally, err = write(l.allFile(), records); err != nil {
		return err
	}
	info, err := os.Stat(l.allFile())
	if err != nil {
		return err
	}
	l.bytes = info.Size()
	if err := migrations.Up(ctx, url); err != nil {
		return err
	}
	s, err := l.start(ctx, "DATABASE_URL="+url)
	if err != nil {
		return err
	}
	if err := s.stop(); err != nil {
		return err
	}
	db, err := store.Open(ctx, store.Config{URL: url, MaxConns: 1})
	if err != nil {
		return err
	}
	defer db.Close()
	l.key, err = db.CreateKey(ctx, "bench", "importer", time.Time{})
	return err
}

// in runs the service on a copy of the database.
func (l *loader) in(ctx context.Context, name string, do func(s *service, url string) error) error {
	return l.database.copied(ctx, l.name(name), l.name("base"), func(url string) error {
		s, err := l.start(ctx, "DATABASE_URL="+url, "MAX_CONNS="+strconv.Itoa(l.maxConns))
		if err != nil {
			return err
		}
		return errors.Join(do(s, url), s.stop())
	})
}

// through imports the stream twice and exports it, and then copies what the
// import made into another database.
func (l *loader) through(ctx context.Context, s *service, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	first, err := l.send(ctx, s, l.allFile(), l.tally)
	if err != nil {
		return err
	}
	if l.wants("import") {
		l.imported = first.took
		if l.large, err = s.memory("VmHWM"); err != nil {
			return err
		}
		if err := l.repeat(ctx, s, conn, first); err != nil {
			return err
		}
		if err := l.copies(ctx, conn, first); err != nil {
			return err
		}
	}
	if l.wants("export") {
		return l.export(ctx, s, conn)
	}
	return nil
}

// A sent is an import that was answered.
type sent struct {
	took   time.Duration
	cpu    time.Duration // of the service's process
	report store.Import
}

// send imports a file that is new to the service.
func (l *loader) send(ctx context.Context, s *service, path string, tally generate.Tally) (*sent, error) {
	done, err := l.post(ctx, s, path)
	if err != nil {
		return nil, err
	}
	r := done.report
	l.check(r.Lines == tally.Lines && r.Inserted == tally.Records && r.Received == r.Inserted && r.Failed == 0 && r.Seq != nil,
		"import: of %d records in %d lines %d were received and %d inserted, %d failed", tally.Records, tally.Lines, r.Received, r.Inserted, r.Failed)
	l.say("import   %7d records %8.1f s   %6.0f records/s   the service's processor time %.1f s", tally.Records, done.took.Seconds(), float64(tally.Records)/done.took.Seconds(), done.cpu.Seconds())
	return done, nil
}

func (l *loader) post(ctx context.Context, s *service, path string) (*sent, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.address+"/v1/imports", file)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-ndjson")
	request.Header.Set("Authorization", "Bearer "+l.key)
	done := &sent{cpu: cpuOf(s.process.Process.Pid)}
	began := time.Now()
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	done.took, done.cpu = time.Since(began), cpuOf(s.process.Process.Pid)-done.cpu
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusCreated {
		return nil, fmt.Errorf("import: status %d: %.1000s", answer.StatusCode, body)
	}
	return done, json.Unmarshal(body, &done.report)
}

// repeat sends the same again: nothing is written.
func (l *loader) repeat(ctx context.Context, s *service, conn *pgx.Conn, first *sent) error {
	second, err := l.post(ctx, s, l.allFile())
	if err != nil {
		return err
	}
	var seq, changes int64
	if err := conn.QueryRow(ctx, `SELECT max(seq), (SELECT count(*) FROM changes c JOIN commits USING (tx) WHERE commits.seq = $1) FROM commits`, first.report.Seq).Scan(&seq, &changes); err != nil {
		return err
	}
	r := second.report
	l.check(r.Unchanged == l.tally.Records && r.Seq == nil && seq == *first.report.Seq && changes == int64(l.tally.Records),
		"import again: of %d records %d unchanged, last commit %d where it was %d, which has %d changes", l.tally.Records, r.Unchanged, seq, *first.report.Seq, changes)
	l.again = second.took
	l.say("again    %7d records %8.1f s   %6.0f records/s   the service's processor time %.1f s", l.tally.Records, second.took.Seconds(), float64(l.tally.Records)/second.took.Seconds(), second.cpu.Seconds())
	return nil
}

// A copied is a table that an import filled, and which of its rows are the
// import's.
type copied struct {
	name, columns, rows string
	file                string
	number              int64
}

// notCopied are the tables that no stored record is in: roll-ups are of many.
var notCopied = append(store.Rollups(), "staging", "imports", "api_keys", "idempotency", "head", "stale", "cell_folds", "goose_db_version", "goose_lock", "spelling_rules")

// copies measures the floor: the rows that the import made, as they lie in
// their tables, copied into the same tables, with their indexes and constraints
// and with what else was there before, in one transaction. Only that is timed,
// its COMMIT included.
func (l *loader) copies(ctx context.Context, conn *pgx.Conn, first *sent) error {
	tables, err := l.tables(ctx, conn, *first.report.Seq)
	if err != nil {
		return err
	}
	for i := range tables {
		if err := tables[i].dump(ctx, conn, l.file(tables[i].name+".copy")); err != nil {
			return fmt.Errorf("%s: %w", tables[i].name, err)
		}
		l.rows += tables[i].number
	}
	return l.database.copied(ctx, l.name("floor"), l.name("base"), func(url string) error {
		into, err := pgx.Connect(ctx, url)
		if err != nil {
			return err
		}
		defer into.Close(context.WithoutCancel(ctx))
		cpu, began := cpuOf(int(into.PgConn().PID())), time.Now()
		if err := pgx.BeginFunc(ctx, into, func(tx pgx.Tx) error {
			for _, t := range tables {
				cpu, before := cpuOf(int(into.PgConn().PID())), time.Now()
				if err := t.load(ctx, tx); err != nil {
					return fmt.Errorf("%s: %w", t.name, err)
				}
				l.say("  COPY %-20s %8d rows %8.2f s   processor %7.2f s", t.name, t.number, time.Since(before).Seconds(), (cpuOf(int(into.PgConn().PID())) - cpu).Seconds())
			}
			return nil
		}); err != nil {
			return err
		}
		l.raw = time.Since(began)
		l.say("COPY     %7d rows    %8.1f s   %6.0f records/s   the database's processor time %.1f s", l.rows, l.raw.Seconds(), float64(l.tally.Records)/l.raw.Seconds(), (cpuOf(int(into.PgConn().PID())) - cpu).Seconds())
		for _, t := range tables {
			var there, here int64
			if err := into.QueryRow(ctx, "SELECT count(*) FROM "+t.name).Scan(&there); err != nil {
				return err
			}
			if err := conn.QueryRow(ctx, "SELECT count(*) FROM "+t.name).Scan(&here); err != nil {
				return err
			}
			l.check(there == here && t.number > 0, "COPY: %s has %d rows, %d after the import", t.name, there, here)
		}
		return nil
	})
}

// tables are those that the commit has rows in, each after those it refers to.
// The rows are those of its transaction; names and facts, which say none, are
// of the records that do.
func (l *loader) tables(ctx context.Context, conn *pgx.Conn, seq int64) ([]*copied, error) {
	var tx int64
	if err := conn.QueryRow(ctx, `SELECT tx FROM commits WHERE seq = $1`, seq).Scan(&tx); err != nil {
		return nil, err
	}
	rows, _ := conn.Query(ctx, `SELECT c.relname::text, string_agg(format('%I', a.attname), ', ' ORDER BY a.attnum), bool_or(a.attname = 'tx'),
			coalesce((SELECT min(format('%I IN (SELECT id FROM %s WHERE tx = ', k.attname, r.confrelid::regclass)) FROM pg_constraint r JOIN pg_attribute k ON k.attrelid = c.oid AND k.attnum = r.conkey[1]
				WHERE r.conrelid = c.oid AND r.contype = 'f' AND r.confdeltype = 'c'), ''),
			ARRAY(SELECT DISTINCT r.confrelid::regclass::text FROM pg_constraint r WHERE r.conrelid = c.oid AND r.contype = 'f' AND r.confrelid <> c.oid)
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
		WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname <> ALL($1) GROUP BY c.oid, c.relname ORDER BY c.relname`, notCopied)
	waiting, after := map[string]*copied{}, map[string][]string{}
	var name, columns, ofRecords string
	var numbered bool
	var needs []string
	if _, err := pgx.ForEachRow(rows, []any{&name, &columns, &numbered, &ofRecords, &needs}, func() error {
		t := &copied{name: name, columns: columns}
		switch {
		case numbered:
			t.rows = fmt.Sprintf("tx = %d", tx)
		case name == "names":
			t.rows = fmt.Sprintf("id IN (SELECT id::uuid FROM changes WHERE tx = %d AND kind NOT IN ('country', 'topic'))", tx)
		case name == "spellings":
			t.rows = fmt.Sprintf("(kind, record) IN (SELECT kind, id FROM changes WHERE tx = %d)", tx)
		case name == "statement_cells":
			t.rows = fmt.Sprintf("id IN (SELECT id FROM statements WHERE tx = %d)", tx)
		case ofRecords != "":
			t.rows = fmt.Sprintf("%s%d)", ofRecords, tx)
		default:
			return fmt.Errorf("which rows of %s are an import's is not known here", name)
		}
		waiting[name], after[name] = t, needs
		return nil
	}); err != nil {
		return nil, err
	}
	for name, t := range waiting {
		var some bool
		if err := conn.QueryRow(ctx, fmt.Sprintf("SELECT EXISTS (SELECT FROM %s WHERE %s)", name, t.rows)).Scan(&some); err != nil {
			return nil, err
		}
		if !some {
			delete(waiting, name)
		}
	}
	return inOrder(waiting, after)
}

// inOrder lists tables after those that they need, as far as these are listed.
func inOrder(waiting map[string]*copied, after map[string][]string) ([]*copied, error) {
	var list []*copied
	for len(waiting) > 0 {
		before := len(list)
	next:
		for _, name := range slices.Sorted(maps.Keys(waiting)) {
			for _, other := range after[name] {
				if waiting[other] != nil {
					continue next
				}
			}
			list = append(list, waiting[name])
			delete(waiting, name)
		}
		if len(list) == before {
			return nil, fmt.Errorf("%d tables refer to each other", len(waiting))
		}
	}
	return list, nil
}

// dump writes the rows to a file, in the order in which they lie.
func (t *copied) dump(ctx context.Context, conn *pgx.Conn, path string) error {
	t.file = path
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "SET max_parallel_workers_per_gather = 0"); err != nil {
		return errors.Join(err, file.Close())
	}
	tag, err := conn.PgConn().CopyTo(ctx, file, fmt.Sprintf("COPY (SELECT %s FROM %s WHERE %s) TO STDOUT (FORMAT binary)", t.columns, t.name, t.rows))
	t.number = tag.RowsAffected()
	return errors.Join(err, file.Close())
}

func (t *copied) load(ctx context.Context, tx pgx.Tx) error {
	file, err := os.Open(t.file)
	if err != nil {
		return err
	}
	defer file.Close()
	tag, err := tx.Conn().PgConn().CopyFrom(ctx, file, fmt.Sprintf("COPY %s (%s) FROM STDIN (FORMAT binary)", t.name, t.columns))
	if err == nil && tag.RowsAffected() != t.number {
		err = fmt.Errorf("%d rows went in, of %d", tag.RowsAffected(), t.number)
	}
	return err
}

// export measures exports of everything, and COPY TO of the tables of records
// and their parts, in turn.
func (l *loader) export(ctx context.Context, s *service, conn *pgx.Conn) error {
	if _, err := conn.Exec(ctx, "VACUUM (ANALYZE)"); err != nil { // or the first to read would tidy up for the other
		return err
	}
	rows, _ := conn.Query(ctx, `SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tx'
		WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname !~ '_history$' AND c.relname NOT IN ('changes', 'commits', 'tombstones', 'imports', 'idempotency')`)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	var records int
	if err := conn.QueryRow(ctx, `SELECT count(*) FROM (SELECT DISTINCT kind, id FROM changes) c`).Scan(&records); err != nil {
		return err
	}
	var sum []byte
	for range rounds {
		var now exported
		began := time.Now()
		for _, table := range tables {
			if _, err := conn.PgConn().CopyTo(ctx, io.Discard, "COPY (SELECT * FROM "+table+") TO STDOUT"); err != nil {
				return err
			}
		}
		now.floor = time.Since(began)
		e, err := l.receive(ctx, s)
		if err != nil {
			return err
		}
		now.service = e.took
		l.check(e.lines == records, "export: %d lines, of %d records", e.lines, records)
		l.check(sum == nil || bytes.Equal(sum, e.sum), "export: not the same as the one before")
		sum, l.exportLines = e.sum, e.lines
		l.exports = append(l.exports, now)
		l.say("export   %7d lines   %8.1f s   COPY TO %.1f s", e.lines, now.service.Seconds(), now.floor.Seconds())
	}
	return nil
}

// A received is an export that was read to its end.
type received struct {
	took  time.Duration
	lines int
	sum   []byte
}

func (l *loader) receive(ctx context.Context, s *service) (*received, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.address+"/v1/export", nil)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("export: status %d", answer.StatusCode)
	}
	e, hash, buffer := &received{}, sha256.New(), make([]byte, 256<<10)
	for {
		n, err := answer.Body.Read(buffer)
		e.lines += bytes.Count(buffer[:n], []byte{'\n'})
		_, _ = hash.Write(buffer[:n]) // takes everything
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	e.took, e.sum = time.Since(began), hash.Sum(nil)
	return e, nil
}

// trace imports once more within this program, where it is seen what the
// database is asked and how long it takes. The cost of the facts of statements
// is the time of all SQL that names statement_facts, in the one transaction
// that writes, to that of all other SQL there: records, parts, changes, names,
// search documents, facts of other records, the commit. It is the time until
// the database has answered; indexes and foreign keys are in it, for they are
// kept by the statement that writes.
func (l *loader) trace(ctx context.Context) error {
	return l.database.copied(ctx, l.name("trace"), l.name("base"), func(url string) error {
		t := newTracer(l.bench)
		s, err := store.Open(ctx, store.Config{URL: url, Configure: func(c *pgx.ConnConfig) { c.Tracer = t }})
		if err != nil {
			return err
		}
		defer s.Close()
		file, err := os.Open(l.allFile())
		if err != nil {
			return err
		}
		defer file.Close()
		t.begin()
		report, err := s.Import(ctx, store.Write{Principal: "bench"}, store.ImportOptions{}, claims.NDJSON(file))
		if err := errors.Join(err, t.end()); err != nil {
			return err
		}
		l.check(report.Inserted == l.tally.Records, "import within this program: %d records inserted, of %d", report.Inserted, l.tally.Records)
		l.facts, l.rest = t.facts()
		l.check(l.facts > 0 && l.rest > 0, "no SQL was seen that writes statement_facts, or none else")
		t.tell()
		return nil
	})
}
