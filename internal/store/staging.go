package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"onrecord/internal/claims"
)

// A stagedRecord is a row of staging.
type stagedRecord struct {
	line                   int
	kind, id, key, pointer string
	action                 string
	version                int
	digest, doc            []byte
	refs                   []string
}

// A batch is what is staged at once.
type stagedBatch struct {
	lines   int
	records []stagedRecord
	errors  []LineError
}

// Bounds of a batch.
const (
	batchRecords = 2000
	batchBytes   = 2 << 20
)

// What is to be done with a staged record.
const (
	actCreate    = "create"
	actUpdate    = "update"
	actUnchanged = "unchanged"
	actSkip      = "skip"
	actConflict  = "conflict"
)

var indices = regexp.MustCompile(`/\d+`)

// stage reads the whole stream into staging, while the next batch is being
// read. It holds one batch in memory, and no transaction.
func (i *importing) stage(ctx context.Context, stream claims.Stream) error {
	batches := make(chan stagedBatch, 1)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(guarded(func() error {
		defer close(batches)
		return i.read(ctx, stream, batches)
	}))
	group.Go(guarded(func() error {
		for b := range batches {
			if err := i.take(ctx, b); err != nil {
				return err
			}
		}
		return nil
	}))
	return group.Wait()
}

// guarded turns a panic into an error: outside the goroutine of a request it
// would end the service.
func guarded(do func() error) func() error {
	return func() (err error) {
		defer func() {
			if v := recover(); v != nil {
				err = &Error{Code: Internal, Detail: "something went wrong on our side", cause: fmt.Errorf("panic: %v\n%s", v, debug.Stack())}
			}
		}()
		return do()
	}
}

// read checks the lines of the stream and sends them in batches.
func (i *importing) read(ctx context.Context, stream claims.Stream, to chan<- stagedBatch) error {
	var b stagedBatch
	size := 0
	for {
		line, err := stream.Next()
		if err != nil && !errors.Is(err, io.EOF) {
			return streamFault(err)
		}
		if err == nil {
			b.lines++
			size += i.prepare(line, &b)
		}
		if err != nil || len(b.records) >= batchRecords || size >= batchBytes || len(b.errors) >= batchRecords {
			select {
			case to <- b:
			case <-ctx.Done():
				return ctx.Err()
			}
			b, size = stagedBatch{}, 0
		}
		if err != nil {
			return nil
		}
	}
}

// prepare adds the records of a line to the batch, or what is wrong with it,
// and returns their size.
func (i *importing) prepare(line claims.Line, b *stagedBatch) (size int) {
	key := presentable(line.Key) // it may be long, and errors are many
	failed := func(p claims.Problem) {
		b.errors = append(b.errors, LineError{line.Number, claims.Kind(presentable(string(line.Type))), key, presentable(p.Pointer), p.Code, presentable(p.Detail)})
	}
	var decode *claims.DecodeError
	if errors.As(line.Err, &decode) {
		failed(decode.Problem)
		return 0
	}
	list, refs, err := i.draftsOf(line.Input, "", &claims.Check{Stream: true})
	var e *Error
	if errors.As(err, &e) {
		for _, p := range e.Problems {
			failed(p)
		}
		return 0
	}
	for _, d := range list {
		if claims.GivenID(d.input) == "" {
			failed(claims.Problem{Pointer: d.pointer + "/key", Code: "required", Detail: "is required in an import, so that it can be repeated"})
			return 0
		}
	}
	for n, d := range list {
		doc, err := json.Marshal(d.input.Row())
		if err != nil {
			panic(fmt.Sprintf("store: a checked input does not marshal: %v", err))
		}
		r := stagedRecord{line: line.Number, kind: string(d.resource.kind), id: d.id, key: d.input.Head().Key, pointer: d.pointer, digest: claims.Digest(d.input, d.id), doc: doc}
		for _, ref := range refs {
			if inRecord(list, ref.Pointer) != n {
				continue
			}
			r.refs = append(r.refs, string(ref.Kind)+" "+ref.ID+" "+ref.Pointer)
			i.soft = i.soft || softReference(d.resource, ref.Pointer)
		}
		if n > 0 { // those within others say so by where they stand
			r.refs = append(r.refs, string(list[0].resource.kind)+" "+list[0].id+" "+d.pointer)
		}
		size += len(doc)
		b.records = append(b.records, r)
	}
	return size
}

// inRecord is the place of the record in which a reference of a line stands.
func inRecord(list []draft, pointer string) int {
	for n := len(list) - 1; n > 0; n-- {
		if strings.HasPrefix(pointer, list[n].pointer+"/") {
			return n
		}
	}
	return 0
}

// take decides what is to be done with the records of a batch, and keeps them.
func (i *importing) take(ctx context.Context, b stagedBatch) error {
	i.Lines += b.lines
	i.progress.Store(int64(i.Lines))
	for _, e := range b.errors {
		i.fail(e)
	}
	if i.Failed >= i.maxErrors() {
		return failure(Invalid, fmt.Sprintf("%d lines can't be stored, the rest was not read; nothing was written", i.Failed))
	}
	i.Received += len(b.records)
	if len(b.records) == 0 {
		return nil
	}
	if err := i.classify(ctx, b.records); err != nil {
		return translate(err)
	}
	ctx, done := unhurried(ctx)
	defer done()
	_, err := i.Store.write.CopyFrom(ctx, pgx.Identifier{"staging"},
		[]string{"import", "n", "line", "kind", "id", "key", "pointer", "action", "version", "digest", "doc", "refs"},
		pgx.CopyFromSlice(len(b.records), func(k int) ([]any, error) {
			r := &b.records[k]
			var doc, key, refs any
			if r.action == actCreate || r.action == actUpdate {
				doc, refs = r.doc, r.refs
			}
			if r.key != "" {
				key = r.key
			}
			return []any{i.ID, i.Received - len(b.records) + k, r.line, r.kind, r.id, key, r.pointer, r.action, r.version, r.digest, doc, refs}, nil
		}))
	return translate(err)
}

// classifySQL finds the last change of each record, and where that is not one
// of an import, the digest of the last one that is. A revert counts as what it
// brings back.
const classifySQL = `SELECT w.n, last.version, last.op = 'delete', last.digest, last.imported, before.digest
	FROM unnest($1::text[], $2::text[]) WITH ORDINALITY w(kind, id, n), LATERAL (
		SELECT ch.version, ch.op, ch.digest, coalesce(c.principal = $3, true) AND (c.kind = 'imports' OR c.kind = 'reverts' AND (ch.op = 'delete' OR EXISTS (
			SELECT FROM changes was JOIN commits by USING (tx) WHERE was.id = w.id AND was.kind = w.kind AND was.digest = ch.digest AND by.kind = 'imports'))) AS imported
		FROM changes ch JOIN commits c USING (tx) WHERE ch.id = w.id AND ch.kind = w.kind ORDER BY ch.version DESC, ch.op = 'delete' DESC LIMIT 1
	) last LEFT JOIN LATERAL (
		SELECT ch.digest FROM changes ch JOIN commits c USING (tx) WHERE NOT last.imported AND ch.id = w.id AND ch.kind = w.kind
			AND c.kind IN ('imports', 'reverts') AND coalesce(c.principal = $3, true) ORDER BY ch.version DESC, ch.op = 'delete' DESC LIMIT 1
	) before ON true`

// classify decides what is to be done with each record.
func (i *importing) classify(ctx context.Context, records []stagedRecord) error {
	kinds, ids := make([]string, len(records)), make([]string, len(records))
	for k := range records {
		records[k].action = actCreate
		kinds[k], ids[k] = records[k].kind, records[k].id
	}
	rows, err := i.Store.write.Query(ctx, classifySQL, kinds, ids, i.principal)
	if err != nil {
		return err
	}
	var n, version int
	var deleted, imported bool
	var now, before []byte
	_, err = pgx.ForEachRow(rows, []any{&n, &version, &deleted, &now, &imported, &before}, func() error {
		r := &records[n-1]
		r.version = version
		r.action = i.action(r, deleted, imported, now, before)
		switch r.action {
		case actConflict:
			if len(i.ConflictList) < told {
				i.ConflictList = append(i.ConflictList, Conflict{r.line, claims.Kind(r.kind), r.id, r.key})
			}
			if i.OnConflict == "overwrite" {
				if r.action = actUpdate; deleted {
					r.action = actCreate
				}
				i.overwritten++
			}
		case "":
			r.action = actSkip
			i.fail(LineError{r.line, claims.Kind(r.kind), r.key, r.pointer, "exists", "is there already, and says something else"})
		}
		return nil
	})
	return err
}

// action is the table of docs/decisions/0008; "" is an error.
func (i *importing) action(r *stagedRecord, deleted, imported bool, now, before []byte) string {
	same := func(digest []byte) bool { return string(digest) == string(r.digest) }
	switch {
	case !deleted && same(now), !imported && same(before):
		return actUnchanged
	case deleted && imported:
		return actCreate
	case !imported && i.Mode == "upsert", deleted:
		return actConflict
	case i.Mode == "insert":
		return ""
	case i.Mode == "skip":
		return actSkip
	}
	return actUpdate
}

// softReference reports whether no foreign key guards the reference.
func softReference(r *resource, pointer string) bool {
	return r.soft || strings.Contains(pointer, "/names_as_given/")
}

// unguardedRefs selects those among the references r of the staged records s.
const unguardedRefs = `(s.kind = 'tip' OR r LIKE '%/names_as_given/%')`

func (i *importing) maxErrors() int {
	if i.options.MaxErrors > 0 {
		return i.options.MaxErrors
	}
	return 10_000
}

// staged is the source of what is to be done with records of a kind.
func (r *resource) staged(action string) source {
	return source(fmt.Sprintf(`SELECT n, id, version, digest, doc AS row FROM staging WHERE import = $1::uuid AND kind = '%s' AND action = '%s'`, r.kind, action))
}

// written lists the ids of a kind's records that are written, as text.
func (r *resource) stagedIDs(actions ...string) string {
	return fmt.Sprintf(`SELECT id FROM staging WHERE import = $1::uuid AND kind = '%s' AND action IN ('%s')`, r.kind, strings.Join(actions, "', '"))
}

// drop takes the lines that have failed out of staging, where the others are
// to be stored without them.
func (i *importing) drop(ctx context.Context) error {
	if i.OnError == "abort" || len(i.bad) == 0 {
		return nil
	}
	lines := make([]int, 0, len(i.bad))
	for line := range i.bad {
		lines = append(lines, line)
	}
	slices.Sort(lines)
	tag, err := i.Store.write.Exec(ctx, `DELETE FROM staging WHERE import = $1 AND line = ANY($2::int[])`, i.ID, lines)
	i.dropped += int(tag.RowsAffected())
	return translate(err)
}
