package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"onrecord/internal/claims"
)

// A Write says who writes and why.
type Write struct {
	Principal   string
	Reason      string       // why; may be empty
	Kind        string       // of the commit; empty: what the operation does
	Import      string       // the import that it is, if any
	Idempotency *Idempotency // how a repeat is known; nil: not at all
}

// Written is the outcome of a write.
type Written struct {
	Record
	At       time.Time
	Replayed bool // the first answer to the same request, again
}

// A transaction gathers what a write does, so that it goes to the database in
// as few round trips as possible, ending with its commit number.
type transaction struct {
	pgx.Tx
	number  int64
	batch   pgx.Batch
	changes int // how many are numbered

	pointers map[string]string // where each record stands in what was sent, by id
	trees    []treeCheck
	rules    []func(*pgx.Batch)     // beside those of the records written
	written  map[*resource][]string // ids of the records created or replaced
	touched  touched
}

// A treeCheck is a record whose reference to its own kind must not lead back
// to itself.
type treeCheck struct {
	resource *resource
	column   string
	ids      string // SQL that lists them of $1, as text
	of       any    // that parameter
}

// attempts is how often a transaction is run when the server asks for it.
const attempts = 4

// inTx runs a write. The closure may run again from the start; ids are made
// outside it. It fills the batch; what it returns as view, if
// anything, is read last, and the batch ends with the commit number. When the
// answer to COMMIT is lost, the outcome is looked up.
func (s *Store) inTx(ctx context.Context, w Write, fill func(*transaction) (view *answer, err error)) (*answer, commit, error) {
	for attempt := 1; ; attempt++ {
		number, err := s.numbers.take(ctx, s.write)
		if err != nil {
			return nil, commit{}, err
		}
		view, c, err := s.try(ctx, number, w, fill)
		if err == nil || !again(err) || attempt == attempts || ctx.Err() != nil {
			return view, c, translate(err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Duration(rand.Int64N(int64(10*time.Millisecond) << attempt))):
		}
	}
}

// commit is the commit number and time of a transaction.
type commit struct {
	Seq int64
	At  time.Time
}

func (s *Store) try(ctx context.Context, number int64, w Write, fill func(*transaction) (*answer, error)) (_ *answer, _ commit, err error) {
	conn, err := s.write.Acquire(ctx)
	if err != nil {
		return nil, commit{}, err
	}
	release := sync.OnceFunc(conn.Release)
	defer release()
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.ReadCommitted})
	if err != nil {
		return nil, commit{}, err
	}
	defer rollback(tx)
	defer func() { evict(conn, err) }()
	t := &transaction{Tx: tx, number: number, pointers: map[string]string{}, written: map[*resource][]string{}}
	t.batch.Queue(genericPlans + ", " + since)
	view, err := fill(t)
	if err != nil {
		return nil, commit{}, err
	}
	c, err := t.seal(ctx, w, view)
	if err != nil {
		return nil, commit{}, err
	}
	if w.Idempotency != nil && view != nil && len(view.json) <= maxBody {
		if _, err := tx.Exec(ctx, `UPDATE idempotency SET body = $2 WHERE tx = $1`, number, view.record().JSON); err != nil {
			return nil, commit{}, err
		}
	}
	err = tx.Commit(ctx)
	var refused *pgconn.PgError
	if err != nil && !errors.As(err, &refused) {
		release() // settling takes a connection, perhaps the only one
		return view, c, s.settle(number, err)
	}
	return view, c, err
}

// genericPlans is for transactions that go by id: a plan made once is right,
// and planning the facts anew would cost more than computing them. Without
// sequential scans it stays right where one load has written half a table.
const genericPlans = `SELECT set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true)`

// evict closes a connection to a database that has become read-only, so that
// the next one leads to the primary.
func evict(conn *pgxpool.Conn, err error) {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "25006" {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = conn.Conn().Close(ctx) // it is dropped in any case
	}
}

// rollback ends a transaction with a context that the request can't cancel.
// After a commit it does nothing.
func rollback(tx pgx.Tx) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = tx.Rollback(ctx) // the connection is closed if it fails
}

// seal sends the batch and behind it what gives the transaction its place: the
// digest of its changes, the lock that makes commits visible in order, the
// checks that need that order, the commit itself.
func (t *transaction) seal(ctx context.Context, w Write, view *answer) (commit, error) {
	t.facts()
	t.batch.Queue(`SELECT set_config('onrecord.digest', encode(sha256(coalesce(string_agg(
		sha256(convert_to(concat_ws(' ', n, kind, id, version, op), 'UTF8') || digest), ''::bytea ORDER BY n), ''::bytea)), 'hex'), true),
		set_config('onrecord.relabels', coalesce(bool_or(`+relabels+`), false)::text, true),
		set_config('onrecord.wide', coalesce(bool_or(`+wides+`), false)::text, true),
		set_config('onrecord.carries', coalesce(bool_or(`+carries+`), false)::text, true)
		FROM changes WHERE tx = $1`, t.number)
	t.batch.Queue(`SELECT one FROM head FOR UPDATE`)
	t.queueRules()
	t.batch.Queue(waitSQL, t.number)
	var c commit
	t.batch.Queue(`INSERT INTO commits (seq, tx, at, principal, reason, kind, import_id, relabels, wide, digest, hash)
		SELECT before.seq + 1, $1, now.at, $2, nullif($3, ''), $4, nullif($5, '')::uuid, current_setting('onrecord.relabels')::bool, current_setting('onrecord.wide')::bool, now.digest,
			sha256(before.hash || now.digest || int8send(before.seq + 1) || int8send((extract(epoch FROM now.at) * 1000000)::bigint)
				|| sha256(convert_to($2 || E'\n' || $4 || E'\n' || $3, 'UTF8')))
		FROM (SELECT seq, at, hash FROM commits ORDER BY seq DESC LIMIT 1) before,
			LATERAL (SELECT greatest(before.at + interval '1 microsecond', clock_timestamp()) AS at,
				decode(current_setting('onrecord.digest'), 'hex') AS digest) now
		RETURNING seq, at`, t.number, w.Principal, w.Reason, w.Kind, w.Import).
		QueryRow(func(row pgx.Row) error { return row.Scan(&c.Seq, &c.At) })
	if view != nil {
		sql, args := view.resource.oneSQL(nil, view.id)
		t.batch.Queue(sql, args...).Query(func(rows pgx.Rows) error { return view.stream(rows) })
	}
	return c, t.SendBatch(ctx, &t.batch).Close()
}

// queueRules adds all that is checked over several records.
func (t *transaction) queueRules() {
	for _, check := range t.trees {
		check.queue(&t.batch)
	}
	for _, kind := range claims.Kinds {
		for _, rule := range resources[kind].rules {
			rule.queue(&t.batch, t.written[resources[kind]])
		}
	}
	for _, queue := range t.rules {
		queue(&t.batch)
	}
}

// finding runs the batch and those checks without giving the transaction its
// place: it is going to be rolled back.
func (t *transaction) finding(ctx context.Context) error {
	t.queueRules()
	return t.SendBatch(ctx, &t.batch).Close()
}

// queue adds the check to a batch. It runs under the head lock, where every
// earlier commit is visible, so that two writers can't close a cycle together.
func (c treeCheck) queue(batch *pgx.Batch) {
	table, column := c.resource.table, quote(c.column)
	batch.Queue(fmt.Sprintf(`WITH RECURSIVE up(id, start) AS (
		SELECT t.%[2]s, t.id FROM %[1]s t WHERE t.id IN (SELECT w.id::%[3]s FROM (%[4]s) w(id)) AND t.%[2]s IS NOT NULL
		UNION SELECT t.%[2]s, up.start FROM up JOIN %[1]s t ON t.id = up.id WHERE t.%[2]s IS NOT NULL)
		SELECT start::text FROM up WHERE id = start`, table, column, c.resource.idType(), c.ids), c.of).
		Query(func(rows pgx.Rows) error {
			found, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if err == nil && len(found) > 0 {
				err = &Error{Code: Cycle, Offenders: found, Detail: fmt.Sprintf("%s %s would be its own ancestor", c.resource.kind, found[0]),
					Problems: []claims.Problem{{Pointer: "/" + c.column, Code: "cycle", Detail: "leads back to the record itself"}}}
			}
			return err
		})
}

// queue adds the rule to a batch, for the records written.
func (r rule) queue(batch *pgx.Batch, ids []string) {
	if len(ids) > 0 {
		r.queueOf(batch, unnestedText, ids)
	}
}

// queueOf adds the rule for the records whose ids SQL lists of $1, as text.
func (r rule) queueOf(batch *pgx.Batch, ids string, of any) {
	batch.Queue(r.of(ids), of).Query(func(rows pgx.Rows) error {
		offenders, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err == nil && len(offenders) > 0 {
			err = &Error{Code: r.code, Offenders: offenders, Detail: "the record " + r.detail, Problems: []claims.Problem{{Pointer: r.pointer, Code: r.problem, Detail: r.detail}}}
		}
		return err
	})
}

// settle finds out what became of a transaction whose COMMIT was sent and not
// answered. It takes the lock that the transaction held to its end, so that
// the transaction is over, and looks for its number. A nil result means that
// it was committed.
func (s *Store) settle(number int64, cause error) error {
	ctx, cancel := context.WithTimeout(context.Background(), 8*time.Second)
	defer cancel()
	for pause := 10 * time.Millisecond; ; pause *= 2 {
		committed, err := s.committed(ctx, number)
		switch {
		case err == nil && committed:
			return nil
		case err == nil:
			return &Error{Code: Unavailable, Detail: "the connection was lost and nothing was written", cause: cause}
		}
		select {
		case <-ctx.Done():
			return &Error{Code: Unknown, Detail: "the connection was lost while committing; whether it was written is not known", cause: cause}
		case <-time.After(pause):
		}
	}
}

func (s *Store) committed(ctx context.Context, number int64) (found bool, err error) {
	err = pgx.BeginFunc(ctx, s.write, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SET LOCAL lock_timeout = '2s'"); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "SELECT one FROM head FOR UPDATE"); err != nil {
			return err
		}
		return tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM commits WHERE tx = $1)", number).Scan(&found)
	})
	return found, err
}
