package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// How long a process may be silent about an import of its own, and how often it
// speaks.
const (
	silence   = 45 * time.Second
	heartbeat = 10 * time.Second
)

// unhurried is a context for a short write outside the transaction that stores
// the records: where the client leaves in the middle of it, it is waited for,
// for a minute. Given up, it could still come through after what is left was
// cleared away.
func unhurried(ctx context.Context) (context.Context, context.CancelFunc) {
	patient, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(time.Minute, cancel) })
	return patient, func() { stop(); cancel() }
}

// errAgain says that the import was done by an earlier request.
var errAgain = errors.New("store: imported before")

// register makes the import known. Of one with the Idempotency-Key of another,
// that other is in flight, was done (errAgain), or failed and is forgotten.
func (i *importing) register(ctx context.Context) error {
	err := i.registerOnce(ctx)
	if CodeOf(err) == Exists { // by another request with the same key, a moment ago
		err = i.registerOnce(ctx)
	}
	return err
}

func (i *importing) registerOnce(ctx context.Context) error {
	ctx, done := unhurried(ctx)
	defer done()
	key := any(nil)
	if i.write.Idempotency != nil && !i.DryRun {
		key = i.write.Idempotency.Key
	}
	err := pgx.BeginFunc(ctx, i.Store.write, func(tx pgx.Tx) error {
		if key != nil {
			var state string
			err := tx.QueryRow(ctx, `SELECT state FROM imports WHERE principal = $1 AND key = $2 FOR UPDATE`, i.Principal, key).Scan(&state)
			switch {
			case errors.Is(err, pgx.ErrNoRows):
			case err != nil:
				return err
			case state == "queued" || state == "running":
				return failure(InFlight, "the first import with this Idempotency-Key is still running")
			case state == "failed":
				if _, err := tx.Exec(ctx, `UPDATE imports SET key = NULL WHERE principal = $1 AND key = $2`, i.Principal, key); err != nil {
					return err
				}
			default:
				return errAgain
			}
		}
		_, err := tx.Exec(ctx, `INSERT INTO imports (id, principal, key, state, alive_at, report) VALUES ($1, $2, $3, $4, now(), $5)`, i.ID, i.Principal, key, i.State, i.json())
		return err
	})
	if errors.Is(err, errAgain) {
		return err
	}
	return translate(err)
}

// again is the report of the import that was done with the same key, if the
// request is the same.
func (s *Store) again(ctx context.Context, w Write) (*Import, error) {
	var id string
	var request []byte
	err := s.write.QueryRow(ctx, `SELECT id::text, request FROM imports WHERE principal = $1 AND key = $2`, w.Principal, w.Idempotency.Key).Scan(&id, &request)
	if err != nil {
		return nil, translate(err)
	}
	if !bytes.Equal(request, w.Idempotency.Request) {
		return nil, failure(Mismatch, "this Idempotency-Key was used for another import")
	}
	report, err := s.ReadImport(ctx, id)
	if report != nil {
		report.Replayed = true
	}
	return report, err
}

func (i *importing) json() string {
	data, err := json.Marshal(i.report())
	if err != nil {
		panic(fmt.Sprintf("store: a report does not marshal: %v", err))
	}
	return string(data)
}

// beat says every few seconds that the import is at work, and how far it is.
func (i *importing) beat(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(heartbeat):
				_, _ = i.meta.Exec(ctx, `UPDATE imports SET alive_at = now(), report = report || jsonb_build_object('lines', $2::bigint) WHERE id = $1 AND state IN ('queued', 'running')`,
					i.ID, i.progress.Load()) // the next one may get through
			}
		}
	}()
	return func() { cancel(); <-done }
}

// finish keeps the report.
func (i *importing) finish(ctx context.Context) {
	ctx, done := unhurried(ctx)
	defer done()
	now := time.Now().UTC().Truncate(time.Microsecond)
	i.FinishedAt = &now
	_, _ = i.Store.write.Exec(ctx, finishSQL, i.ID, i.State, nil, i.request(), i.json()) // else it is found silent
}

// finishSQL keeps the report of an import; with the transaction that wrote it,
// where one did. An import that is over stays as it is: the transaction of one
// that was taken for dead finds no row here, and a failure that is only the
// lost answer to COMMIT overwrites nothing.
const finishSQL = `UPDATE imports SET state = $2, tx = $3, request = $4, report = $5 WHERE id = $1 AND state IN ('queued', 'running')`

// become keeps the state of an import that is not over.
func (i *importing) become(ctx context.Context, state string) error {
	tag, err := i.Store.write.Exec(ctx, `UPDATE imports SET state = $2 WHERE id = $1 AND state IN ('queued', 'running')`, i.ID, state)
	if err == nil && tag.RowsAffected() != 1 {
		err = failure(Unavailable, "the import was taken for dead and given up: send it again")
	}
	if err == nil {
		i.State = state
	}
	return translate(err)
}

func (i *importing) request() []byte {
	if i.write.Idempotency == nil {
		return nil
	}
	return i.write.Idempotency.Request
}

// ReadImport is the report on an import. Errors: NotFound.
func (s *Store) ReadImport(ctx context.Context, id string) (*Import, error) {
	list, err := s.imports(ctx, `WHERE i.id::text = $1`, id)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, failure(NotFound, "no import has this id")
	}
	return &list[0], nil
}

// Imports are the latest imports before the one with the id, newest first,
// without what the lists of each say.
func (s *Store) Imports(ctx context.Context, before string, limit int) ([]Import, error) {
	list, err := s.imports(ctx, `WHERE $1 = '' OR i.id < nullif($1, '')::uuid ORDER BY i.id DESC LIMIT $2`, before, limit)
	for k := range list {
		list[k].Errors, list[k].ConflictList, list[k].Duplicates = []LineError{}, []Conflict{}, []Duplicate{}
	}
	return list, err
}

func (s *Store) imports(ctx context.Context, where string, args ...any) ([]Import, error) {
	rows, err := s.write.Query(ctx, `SELECT i.report, i.state, c.seq FROM imports i LEFT JOIN commits c ON c.tx = i.tx `+where, args...)
	if err != nil {
		return nil, translate(err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (i Import, err error) {
		var data []byte
		var state string
		var seq *int64
		if err := row.Scan(&data, &state, &seq); err != nil {
			return i, err
		}
		err = json.Unmarshal(data, &i)
		i.State, i.Seq = state, seq
		return i, err
	})
	return list, translate(err)
}

// Sweep ends imports whose process has fallen silent and drops what was staged
// for them. Where none is at work it empties the whole table: of what is over
// something stays behind where the connection is lost that drops it.
func (s *Store) Sweep(ctx context.Context) error {
	rows, _ := s.write.Query(ctx, `UPDATE imports SET state = 'failed', report = report || jsonb_build_object('finished_at', to_jsonb(now()), 'state', 'failed',
		'problem', jsonb_build_object('pointer', '', 'code', 'interrupted', 'detail', 'the service stopped while it was at work; nothing was written'))
		WHERE state IN ('queued', 'running') AND alive_at < now() - $1::interval RETURNING id`, silence.String())
	silent, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	for _, id := range silent { // one by one, by the index
		if _, failed := s.write.Exec(ctx, `DELETE FROM staging WHERE import = $1`, id); failed != nil {
			err = errors.Join(err, failed)
		}
	}
	return translate(errors.Join(err, s.emptyStaging(ctx)))
}

// idleSQL reports whether rows are staged although no import was at work lately.
// One that is over may still look there for duplicates.
const idleSQL = `SELECT pg_relation_size('staging') > 0 AND NOT EXISTS (SELECT FROM imports WHERE alive_at >= now() - $1::interval)`

// emptyStaging takes all rows out, and their room, if nobody needs them.
// Whether that is so is asked again behind the lock: whoever begins after that
// waits for it before staging anything.
func (s *Store) emptyStaging(ctx context.Context) error {
	var idle bool
	if err := s.write.QueryRow(ctx, idleSQL, silence.String()).Scan(&idle); err != nil || !idle {
		return err
	}
	err := pgx.BeginFunc(ctx, s.write, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `LOCK TABLE staging IN ACCESS EXCLUSIVE MODE NOWAIT`); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, idleSQL, silence.String()).Scan(&idle); err != nil || !idle {
			return err
		}
		_, err := tx.Exec(ctx, `TRUNCATE staging`)
		return err
	})
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "55P03" { // somebody reads it, such as a dump: the next time, then
		return nil
	}
	return err
}
