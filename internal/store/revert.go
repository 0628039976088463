package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"onrecord/internal/claims"
)

// Revert takes an import back, in one commit: what it created goes, what it
// updated comes back as it was, as a new version. Everything has to be as the
// import wrote it, or be so again since a later import was taken back, and
// nothing else may refer to what it created. Errors:
// NotFound; InUse with the first records in the way; and those of any write.
func (s *Store) Revert(ctx context.Context, w Write, id string) (*Import, error) {
	report, err := s.ReadImport(ctx, id)
	if err != nil {
		return nil, err
	}
	w.Kind, w.Import = "reverts", id
	_, _, err = s.inTx(ctx, w, func(t *transaction) (*answer, error) { return nil, t.revert(ctx, id) })
	switch CodeOf(err) {
	case Invalid, Cycle, Overlap, Exists, Stale:
		return nil, &Error{Code: InUse, Detail: "what was there before can't stand beside what is there now", cause: err}
	}
	if err != nil {
		return nil, err
	}
	return s.ReadImport(ctx, report.ID)
}

func (t *transaction) revert(ctx context.Context, id string) error {
	var number *int64
	var state string
	err := t.QueryRow(ctx, `SELECT tx, state FROM imports WHERE id::text = $1 FOR UPDATE`, id).Scan(&number, &state)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return failure(NotFound, "no import has this id")
	case err != nil:
		return err
	case number == nil || state != "done" && state != "partial":
		return failure(InUse, "this import is "+state+" and has nothing that could be taken back")
	}
	if _, err := t.Exec(ctx, `SELECT set_config('statement_timeout', '0', true)`); err != nil {
		return err
	}
	for _, kind := range claims.Kinds {
		r := resources[kind]
		if _, err := t.Exec(ctx, fmt.Sprintf(`SELECT t.id FROM %s t WHERE t.id IN (%s) ORDER BY t.id FOR UPDATE`, r.table, r.writtenBy("create", "update")), *number); err != nil {
			return err
		}
	}
	rows, err := t.Query(ctx, blockersSQL(), *number)
	if err != nil {
		return err
	}
	blockers, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Dependent])
	if err != nil {
		return err
	}
	if len(blockers) > 0 {
		return &Error{Code: InUse, Detail: "others have changed what the import wrote, or refer to it", Dependents: blockers}
	}
	for _, kind := range claims.Kinds {
		r := resources[kind]
		for _, sql := range r.replaceSQL(r.before()) {
			if _, err := t.Exec(ctx, sql, *number, t.number); err != nil {
				return err
			}
		}
	}
	for _, kind := range slices.Backward(claims.Kinds) {
		r := resources[kind]
		for _, sql := range r.removeSQL("t.id IN (" + r.writtenBy("create") + ")") {
			if _, err := t.Exec(ctx, sql, *number, t.number); err != nil {
				return err
			}
		}
	}
	for _, kind := range claims.Kinds {
		r := resources[kind]
		restored := fmt.Sprintf(`SELECT id FROM changes WHERE tx = $1 AND kind = '%s' AND op = 'update'`, kind)
		for _, tree := range r.trees {
			t.trees = append(t.trees, treeCheck{r, tree, restored, t.number})
		}
		for _, rule := range r.rules {
			t.rules = append(t.rules, func(batch *pgx.Batch) { rule.queueOf(batch, restored, t.number) })
		}
	}
	var dangling int
	if err := t.QueryRow(ctx, `SELECT count(*) FROM renderings w, jsonb_array_elements(w.names_as_given) g WHERE w.tx = $1
		AND (g->>'speaker' IS NOT NULL AND NOT EXISTS (SELECT FROM speakers s WHERE s.id = (g->>'speaker')::uuid)
			OR g->>'country' IS NOT NULL AND NOT EXISTS (SELECT FROM countries c WHERE c.id = g->>'country'))`, t.number).Scan(&dangling); err != nil {
		return err
	}
	if dangling > 0 {
		return failure(InUse, "what was there before names records that are gone")
	}
	if err := t.touchReverted(ctx); err != nil {
		return err
	}
	_, err = t.Exec(ctx, `UPDATE imports SET state = 'reverted' WHERE id::text = $1`, id)
	return err
}

// writtenBy lists the ids of the kind's records of which transaction $1 has
// such changes.
func (r *resource) writtenBy(ops ...string) string {
	return fmt.Sprintf(`SELECT ch.id::%s FROM changes ch WHERE ch.tx = $1 AND ch.kind = '%s' AND ch.op IN ('%s')`, r.idType(), r.kind, strings.Join(ops, "', '"))
}

// before is the source of what the updates of transaction $1 replaced, from
// history, parts included.
func (r *resource) before() source {
	row := "to_jsonb(h)"
	for _, p := range r.parts {
		var on []string
		for _, parent := range r.parents() {
			on = append(on, "p."+quote(parent[0])+" = h."+quote(parent[1]))
		}
		row += fmt.Sprintf(` || jsonb_build_object('%s', (SELECT coalesce(jsonb_agg(to_jsonb(p) ORDER BY p.n), '[]') FROM %s_history p WHERE %s AND p.to_tx = h.to_tx))`,
			p.field, p.table, strings.Join(on, " AND "))
	}
	return source(fmt.Sprintf(`SELECT (SELECT count(*) FROM changes WHERE tx = $2::bigint)::int + row_number() OVER (ORDER BY h.id)::int - 1 AS n, h.id::text AS id, (SELECT t.version FROM %[2]s t WHERE t.id = h.id) AS version,
		was.digest, %[1]s AS row FROM %[2]s_history h JOIN changes was ON was.id = h.id::text AND was.kind = '%[3]s' AND was.version = h.version AND was.op <> 'delete' WHERE h.to_tx = $1::bigint`,
		row, r.table, r.kind))
}

// blockersSQL finds what stands in the way of taking transaction $1 back:
// records that are no longer as it wrote them, and records of others that
// refer to what it created.
func blockersSQL() string {
	var list []string
	for _, kind := range claims.Kinds {
		r := resources[kind]
		list = append(list, fmt.Sprintf(`SELECT '%[1]s', ch.id FROM changes ch LEFT JOIN %[2]s t ON t.id = ch.id::%[3]s WHERE ch.tx = $1 AND ch.kind = '%[1]s' AND t.tx IS DISTINCT FROM $1
			AND NOT EXISTS (SELECT FROM changes last JOIN commits c USING (tx) WHERE last.tx = t.tx AND last.id = ch.id AND last.kind = ch.kind AND last.digest = ch.digest AND c.kind = 'reverts')`,
			kind, r.table, r.idType()))
		refer := func(id, table string, cols []column) {
			for _, c := range cols {
				if c.refs == "" {
					continue
				}
				list = append(list, fmt.Sprintf(`SELECT '%[1]s', x.%[2]s::text FROM changes ch JOIN %[3]s x ON x.%[4]s = ch.id::%[5]s
					WHERE ch.tx = $1 AND ch.op = 'create' AND ch.kind = '%[6]s' AND x.tx <> $1 AND `+ofOthers, kind, quote(id), table, quote(c.name), resources[c.refs].idType(), c.refs))
			}
		}
		refer("id", r.table, r.columns)
		for _, p := range r.parts {
			parents := r.parents()
			refer(parents[len(parents)-1][0], p.table, p.columns)
		}
	}
	list = append(list, `SELECT 'report', w.report::text FROM renderings w, jsonb_array_elements(w.names_as_given) g JOIN changes ch ON ch.tx = $1 AND ch.op = 'create' AND ch.id IN (g->>'speaker', g->>'country')
		WHERE w.tx <> $1 AND NOT EXISTS (SELECT FROM changes own WHERE own.tx = $1 AND own.kind = 'report' AND own.id = w.report::text)`)
	list = append(list, `SELECT 'statement', s.id::text FROM changes ch JOIN reports r ON r.id = ch.id::uuid JOIN statements s ON s.id = r.statement AND s.text_from = r.article
		WHERE ch.tx = $1 AND ch.op = 'create' AND ch.kind = 'report' AND s.tx <> $1
			AND NOT EXISTS (SELECT FROM changes own WHERE own.tx = $1 AND own.kind = 'statement' AND own.id = s.id::text)`)
	return "SELECT * FROM (" + strings.Join(list, " UNION ") + fmt.Sprintf(") b LIMIT %d", maxDependents)
}

// ofOthers is the condition that the transaction has not written the record of
// the kind %[1]s to which x, by its column %[2]s, belongs.
const ofOthers = `NOT EXISTS (SELECT FROM changes own WHERE own.tx = $1 AND own.kind = '%[1]s' AND own.id = x.%[2]s::text)`

// touchReverted notes what follows from the records that were restored or taken
// out.
func (t *transaction) touchReverted(ctx context.Context) error {
	for _, q := range []struct {
		list *[]string
		sql  string
	}{
		{&t.touched.sources, `SELECT id FROM sources WHERE tx = $1`},
		{&t.touched.articles, `SELECT id FROM articles WHERE tx = $1`},
		{&t.touched.statements, `SELECT id FROM statements WHERE tx = $1 UNION SELECT h.statement FROM reports_history h JOIN statements s ON s.id = h.statement WHERE h.to_tx = $1
			UNION SELECT h.statement FROM positions_history h JOIN statements s ON s.id = h.statement WHERE h.to_tx = $1`},
		{&t.touched.claims, `SELECT id FROM claims WHERE tx = $1 UNION SELECT h.claim FROM positions_history h JOIN claims c ON c.id = h.claim WHERE h.to_tx = $1`},
		{&t.touched.speakers, `SELECT id FROM speakers WHERE tx = $1`},
		{&t.touched.gone, `SELECT h.id FROM statements_history h WHERE h.to_tx = $1 AND NOT EXISTS (SELECT FROM statements s WHERE s.id = h.id)`},
	} {
		rows, err := t.Query(ctx, q.sql, t.number)
		if err != nil {
			return err
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		*q.list = ids
	}
	for _, d := range documents {
		t.touched.wrote(d.kind)
	}
	t.touched.roots = len(t.touched.sources)+len(t.touched.articles) > 0
	for _, kind := range claims.Named {
		if err := resources[kind].spell(ctx, t, false, "SELECT id::text FROM "+resources[kind].table+" WHERE tx = $1", t.number); err != nil {
			return err
		}
	}
	return nil
}
