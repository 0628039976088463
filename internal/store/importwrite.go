package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"onrecord/internal/claims"
)

// errDry ends the transaction of a dry run that went well.
var errDry = errors.New("store: a dry run")

// commit writes everything that is staged in one transaction, kind by kind.
func (i *importing) commit(ctx context.Context) error {
	todo, err := i.tally(ctx)
	if err != nil {
		return translate(err)
	}
	if staged := i.Inserted + i.Updated + i.Unchanged + i.Skipped + i.Conflicts - i.repeats - i.overwritten; staged != i.Received-i.repeats-i.dropped {
		return failure(Unavailable, "what was staged is gone: send it again")
	}
	i.State = "done"
	if i.Failed > 0 {
		i.State = "partial"
	}
	if i.Inserted+i.Updated == 0 {
		i.finish(ctx)
		return nil
	}
	_, c, err := i.inTx(ctx, i.write, func(t *transaction) (*answer, error) {
		if err := i.load(ctx, t, todo); err != nil {
			return nil, err
		}
		if i.DryRun {
			if err := t.finding(ctx); err != nil {
				return nil, err
			}
			return nil, errDry
		}
		now := time.Now().UTC().Truncate(time.Microsecond)
		i.FinishedAt = &now
		tag, err := t.Exec(ctx, finishSQL, i.ID, i.State, t.number, i.request(), i.json())
		if err == nil && tag.RowsAffected() != 1 {
			err = failure(Unavailable, "the import was taken for dead and given up: send it again")
		}
		return nil, err
	})
	switch {
	case errors.Is(err, errDry):
		i.finish(ctx)
		return nil
	case err != nil:
		return err
	}
	i.Seq = &c.Seq
	if n := todo[claims.KindStatement][actCreate]; n > 0 && n <= comparable && i.options.Duplicates != "off" {
		_ = i.lookForDuplicates(ctx) // the import is stored; what was not found is not told
	}
	return nil
}

// tally counts what is to be done, by kind and action.
func (i *importing) tally(ctx context.Context) (map[claims.Kind]map[string]int, error) {
	rows, err := i.Store.write.Query(ctx, `SELECT kind, action, count(*) FROM staging WHERE import = $1 GROUP BY kind, action`, i.ID)
	if err != nil {
		return nil, err
	}
	todo := map[claims.Kind]map[string]int{}
	i.Inserted, i.Updated, i.Unchanged, i.Skipped, i.Conflicts = 0, 0, i.repeats, 0, i.overwritten
	var kind claims.Kind
	var action string
	var n int
	_, err = pgx.ForEachRow(rows, []any{&kind, &action, &n}, func() error {
		if todo[kind] == nil {
			todo[kind] = map[string]int{}
		}
		todo[kind][action] = n
		*map[string]*int{actCreate: &i.Inserted, actUpdate: &i.Updated, actUnchanged: &i.Unchanged, actSkip: &i.Skipped, actConflict: &i.Conflicts}[action] += n
		return nil
	})
	return todo, err
}

// load runs the statements of the import, which single writes put into a batch.
func (i *importing) load(ctx context.Context, t *transaction, todo map[claims.Kind]map[string]int) error {
	run := func(sql string, args ...any) (int64, error) {
		tag, err := t.Exec(ctx, sql, args...)
		return tag.RowsAffected(), err
	}
	// The plans are for staged rows in number; nothing bounds the time.
	if _, err := run(`SELECT set_config('statement_timeout', '0', true), set_config('work_mem', '64MB', true)`); err != nil {
		return err
	}
	for _, kind := range claims.Kinds {
		r, n := resources[kind], todo[kind]
		if n[actCreate] > 0 {
			if err := i.claimNames(ctx, t, r); err != nil {
				return err
			}
			for _, sql := range r.insertSQL(r.staged(actCreate)) {
				if _, err := run(sql, i.ID, t.number); err != nil {
					return err
				}
			}
		}
		if n[actUpdate] > 0 {
			if err := i.keepFixed(ctx, t, r); err != nil {
				return err
			}
			for k, sql := range r.replaceSQL(r.staged(actUpdate)) {
				done, err := run(sql, i.ID, t.number)
				if err != nil {
					return err
				}
				if k == 0 && int(done) != n[actUpdate] {
					return failure(Exists, "records were changed by others while the import was at work")
				}
			}
		}
		if n[actCreate]+n[actUpdate] > 0 {
			written := r.stagedIDs(actCreate, actUpdate)
			for _, tree := range r.trees {
				t.trees = append(t.trees, treeCheck{r, tree, written + fmt.Sprintf(" AND doc->>'%s' IS NOT NULL", tree), i.ID})
			}
			for _, rule := range r.rules {
				check := func(batch *pgx.Batch) { rule.queueOf(batch, written, i.ID) }
				t.rules = append([]func(*pgx.Batch){check}, t.rules...) // the later kind is at fault first
			}
		}
	}
	if err := i.loadFacts(ctx, t, todo); err != nil {
		return err
	}
	var written int
	if err := t.QueryRow(ctx, `SELECT count(*) FROM changes WHERE tx = $1`, t.number).Scan(&written); err != nil {
		return err
	}
	if written != i.Inserted+i.Updated {
		return failure(Unavailable, "what was staged is gone: send it again")
	}
	_, err := run(`SET CONSTRAINTS ALL IMMEDIATE`)
	return err
}

// keepFixed refuses updates of what is for life: the key, and what a child of
// a statement belongs to.
func (i *importing) keepFixed(ctx context.Context, t *transaction, r *resource) error {
	if !r.kind.Keyed() {
		return nil
	}
	for _, column := range r.kind.Fixed() {
		given := fmt.Sprintf("s.doc->>'%s'", column)
		if column == "key" {
			given = "s.key"
		}
		rows, err := t.Query(ctx, fmt.Sprintf(`SELECT s.id FROM staging s JOIN %s t ON t.id = s.id::uuid
			WHERE s.import = $1 AND s.kind = '%s' AND s.action = 'update' AND t.%s::text IS DISTINCT FROM %s`, r.table, r.kind, quote(column), given), i.ID)
		if err != nil {
			return err
		}
		offenders, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		if len(offenders) > 0 {
			return &Error{Code: Invalid, Detail: column + " can't be changed", Offenders: offenders,
				Problems: []claims.Problem{{Pointer: "/" + column, Code: "fixed", Detail: "can't be changed"}}}
		}
	}
	return nil
}

// claimNames claims the ids of new records for their kind, and waits for those
// who delete or create the same.
func (i *importing) claimNames(ctx context.Context, t *transaction, r *resource) error {
	ids := r.stagedIDs(actCreate)
	if !r.kind.Keyed() {
		_, err := t.Exec(ctx, unkeyedKindLock, r.kind) // one lock for all: locks are few
		return err
	}
	rows, err := t.Query(ctx, namesSQL(ids), i.ID, r.kind)
	if err != nil {
		return err
	}
	var other, kind string
	var taken []string
	if _, err = pgx.ForEachRow(rows, []any{&other, &kind}, func() error { taken = append(taken, other); return nil }); err != nil {
		return err
	}
	if len(taken) > 0 {
		return &Error{Code: Exists, Detail: "a key names a record of another kind", Offenders: taken,
			Problems: []claims.Problem{{Pointer: "/key", Code: "exists", Detail: "names a record of another kind"}}}
	}
	if !r.ofStatement() { // whose primary key is wider than the id
		return nil
	}
	rows, err = t.Query(ctx, `SELECT t.id::text FROM `+r.table+` t JOIN (`+ids+`) w ON t.id = w.id::uuid`, i.ID)
	if err != nil {
		return err
	}
	there, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err == nil && len(there) > 0 {
		err = failure(Exists, "records were written by others while the import was at work")
	}
	return err
}

// loadFacts computes the facts of what was written: like facts, but of records
// in number.
func (i *importing) loadFacts(ctx context.Context, t *transaction, todo map[claims.Kind]map[string]int) error {
	written := func(kind claims.Kind) string { return resources[kind].stagedIDs(actCreate, actUpdate) }
	run := func(sql string, args ...any) error {
		_, err := t.Exec(ctx, sql, args...)
		return err
	}
	any := func(kinds ...claims.Kind) bool {
		for _, kind := range kinds {
			if todo[kind][actCreate]+todo[kind][actUpdate] > 0 {
				return true
			}
		}
		return false
	}
	if err := run("SELECT " + since); err != nil {
		return err
	}
	for _, kind := range claims.Named {
		if any(kind) {
			if err := resources[kind].spell(ctx, t, false, written(kind), i.ID); err != nil {
				return err
			}
		}
	}
	chains := any(claims.KindSource, claims.KindArticle)
	if chains {
		if err := run(lockRoots); err != nil {
			return err
		}
	}
	for _, chain := range []struct {
		kind                 claims.Kind
		facts, root, columns string
	}{
		{claims.KindSource, "source_facts", "family", "owner"},
		{claims.KindArticle, "article_facts", "origin", "syndicated_from"},
	} {
		if !any(chain.kind) {
			continue
		}
		sql := rootsSQL(chain.facts, string(chain.kind), chain.root, resources[chain.kind].table, chain.columns)
		if err := run(strings.Replace(sql, "unnest($1::uuid[])", "id::uuid FROM ("+written(chain.kind)+") w", 1), i.ID); err != nil {
			return err
		}
	}
	for _, d := range documents {
		if d.kind != claims.KindStatement && any(d.kind) {
			if err := run(writtenDocsSQL(d.kind), t.number); err != nil {
				return err
			}
		}
	}
	if any(claims.KindStatement, claims.KindReport, claims.KindPosition, claims.KindClaim) || todo[claims.KindSpeaker][actUpdate] > 0 {
		return i.loadStatementFacts(ctx, t, todo)
	}
	return nil
}

// loadStatementFacts computes the facts of statements and claims.
func (i *importing) loadStatementFacts(ctx context.Context, t *transaction, todo map[claims.Kind]map[string]int) error {
	run := func(sql string, args ...any) error {
		_, err := t.Exec(ctx, sql, args...)
		return err
	}
	const staged = `FROM staging WHERE import = $1 AND action IN ('create', 'update') AND kind = `
	for _, sql := range []string{
		`CREATE TEMPORARY TABLE touched_statements (id uuid PRIMARY KEY) ON COMMIT DROP`,
		`CREATE TEMPORARY TABLE touched_claims (id uuid PRIMARY KEY) ON COMMIT DROP`,
	} {
		if err := run(sql); err != nil {
			return err
		}
	}
	if err := run(`INSERT INTO touched_statements SELECT id::uuid `+staged+`'statement' UNION SELECT (doc->>'statement')::uuid `+staged+`'report' UNION SELECT (doc->>'statement')::uuid `+staged+`'position'`, i.ID); err != nil {
		return err
	}
	if err := run(`INSERT INTO touched_claims SELECT id::uuid `+staged+`'claim' UNION SELECT (doc->>'claim')::uuid `+staged+`'position'
		UNION SELECT p.claim FROM staging s JOIN positions p ON p.statement = s.id::uuid WHERE s.import = $1 AND s.action = 'update' AND s.kind = 'statement'
		UNION SELECT a.claim FROM staging s JOIN claim_about a ON a.speaker = s.id::uuid WHERE s.import = $1 AND s.action = 'update' AND s.kind = 'speaker'`, i.ID); err != nil {
		return err
	}
	if err := run(`ANALYZE touched_statements, touched_claims`); err != nil {
		return err
	}
	const all = `SELECT id FROM touched_claims`
	if err := run(`SELECT c.id FROM claims c WHERE c.id IN (`+all+`) AND c.tx <> $1 ORDER BY c.id FOR NO KEY UPDATE`, t.number); err != nil {
		return err
	}
	if err := run(fmt.Sprintf(claimFactsSQL, all, "$1"), t.number); err != nil {
		return err
	}
	if err := run(fmt.Sprintf(holdTargetsSQL, `SELECT id FROM touched_statements`)); err != nil {
		return err
	}
	if todo[claims.KindSpeaker][actUpdate] > 0 {
		speakers := `SELECT id::uuid FROM staging WHERE import = $1 AND action = 'update' AND kind = 'speaker'`
		for _, sql := range []string{holdSpeakersSQL, holdAgainstSQL, fmt.Sprintf(cellsSQL, againstSpeakers)} {
			if err := run(fmt.Sprintf(sql, speakers), i.ID, t.number); err != nil {
				return err
			}
		}
	}
	denied := `SELECT p.statement FROM claim_facts f JOIN positions p ON p.claim = f.claim WHERE f.claim IN (` + all + `) AND f.denied_tx = $1`
	if err := run(`SELECT f.statement FROM statement_facts f WHERE f.statement IN (SELECT id FROM touched_statements UNION `+denied+`) ORDER BY f.statement FOR NO KEY UPDATE`, t.number); err != nil {
		return err
	}
	if err := run(genericPlans); err != nil {
		return err
	}
	for last := "00000000-0000-0000-0000-000000000000"; ; {
		rows, err := t.Query(ctx, `SELECT id::text FROM touched_statements WHERE id > $1::uuid ORDER BY id LIMIT $2`, last, drained)
		if err != nil {
			return err
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			break
		}
		last = ids[len(ids)-1]
		for _, sql := range []string{fmt.Sprintf(statementFactsSQL, unnested), docsSQL(claims.KindStatement, unnested), fmt.Sprintf(cellsSQL, unnested)} {
			if err := run(sql, ids); err != nil {
				return err
			}
		}
	}
	if err := run(`SELECT set_config('plan_cache_mode', 'auto', true), set_config('enable_seqscan', 'on', true)`); err != nil {
		return err
	}
	return run(strings.Replace(denialSQL, denialTouched, denied, 1), t.number)
}
