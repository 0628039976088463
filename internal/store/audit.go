package store

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/jackc/pgx/v5"

	"onrecord/internal/claims"
)

// Audit checks that commits and history account for every row, and returns
// what doesn't hold, one sentence each:
//   - seq has no gap, time only moves forward, the hash chain is unbroken and
//     each digest is that of the commit's changes;
//   - every version of every record, current or past, is one change of one
//     commit, and version = 1 + what history holds of the record;
//   - parts have their record's tx, and of the columns that they carry of it
//     its values;
//   - each current record's content has the digest of its last change;
//   - facts are what the records give when all are computed anew, those that
//     wait for it aside, and roll-ups what the cells add up to.
func (s *Store) Audit(ctx context.Context) ([]string, error) {
	var found []string
	err := pgx.BeginTxFunc(ctx, s.read, oneSnapshot, func(tx pgx.Tx) error {
		check := func(what, sql string) error {
			rows, err := tx.Query(ctx, sql)
			if err != nil {
				return fmt.Errorf("%s: %w", what, err)
			}
			bad, err := pgx.CollectRows(rows, pgx.RowTo[string])
			for _, b := range bad {
				found = append(found, what+": "+b)
			}
			return err
		}
		if _, err := tx.Exec(ctx, untimed); err != nil {
			return err
		}
		for _, c := range chainChecks {
			if err := check(c[0], c[1]); err != nil {
				return err
			}
		}
		for _, r := range resources {
			for _, c := range r.accounts() {
				if err := check(c[0], c[1]); err != nil {
					return err
				}
			}
			bad, err := r.contents(ctx, tx)
			if err != nil {
				return err
			}
			found = append(found, bad...)
		}
		return nil
	})
	if err != nil {
		return found, translate(err)
	}
	bad, err := s.auditFacts(ctx)
	return append(found, bad...), translate(err)
}

// untimed lets a transaction take its time, also between two queries.
const untimed = `SELECT set_config('idle_in_transaction_session_timeout', '0', true), set_config('statement_timeout', '0', true)`

// auditFacts computes all facts anew, compares, and leaves everything as it was.
func (s *Store) auditFacts(ctx context.Context) (found []string, err error) {
	tx, err := s.write.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead})
	if err != nil {
		return nil, err
	}
	defer rollback(tx)
	if _, err := tx.Exec(ctx, untimed); err != nil {
		return nil, err
	}
	var waiting []int64
	if err := tx.QueryRow(ctx, `SELECT array_agg(tx) FROM stale WHERE tx IS NOT NULL`).Scan(&waiting); err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, staleSQL, waiting); err != nil {
		return nil, err
	}
	all := `SELECT 'source ' || f::text FROM source_facts f UNION ALL SELECT 'article ' || f::text FROM article_facts f UNION ALL SELECT concat_ws(' ', 'claim', claim, status, denied_by) FROM claim_facts
		UNION ALL SELECT 'statement ' || statement || ' ' || md5(f::text) FROM statement_facts f WHERE statement NOT IN (SELECT statement FROM stale WHERE statement IS NOT NULL)
		UNION ALL SELECT 'cell ' || (to_jsonb(c) - 'medium_of')::text FROM statement_cells c
		UNION ALL SELECT concat_ws(' ', 'medium', id, medium_of) FROM statement_cells WHERE id NOT IN (SELECT statement FROM stale WHERE statement IS NOT NULL)
		UNION ALL SELECT concat_ws(' ', 'name', kind, record, n, name, md5(f::text)) FROM spellings f`
	for _, d := range documents {
		all += fmt.Sprintf(` UNION ALL SELECT 'document of %[1]s ' || %[1]s || ' ' || md5(f::text) FROM %[1]s_docs f`, d.kind)
		if d.kind == claims.KindStatement {
			all += ` WHERE statement NOT IN (SELECT statement FROM stale WHERE docs)`
		}
	}
	read := func() (map[string]bool, error) {
		rows, err := tx.Query(ctx, all)
		if err != nil {
			return nil, err
		}
		list, err := pgx.CollectRows(rows, pgx.RowTo[string])
		set := make(map[string]bool, len(list))
		for _, line := range list {
			set[line] = true
		}
		return set, err
	}
	before, err := read()
	if err != nil {
		return nil, err
	}
	steps := [][2]string{
		{rootsSQL("source_facts", "source", "family", "sources", "owner"), "SELECT array_agg(id) FROM sources"},
		{rootsSQL("article_facts", "article", "origin", "articles", "syndicated_from"), "SELECT array_agg(id) FROM articles"},
		{fmt.Sprintf(claimFactsSQL, unnested, "0"), "SELECT array_agg(id) FROM claims"},
		{fmt.Sprintf(statementFactsSQL, unnested), "SELECT array_agg(id) FROM statements"},
		{fmt.Sprintf(cellsSQL, unnested), "SELECT array_agg(id) FROM (SELECT id FROM statements UNION SELECT id FROM statement_cells) s"},
	}
	for _, d := range documents {
		r := resources[d.kind]
		steps = append(steps, [2]string{docsSQL(d.kind, "SELECT unnest($1::text[])::"+r.idType()), "SELECT array_agg(id)::text[] FROM " + r.table})
	}
	for _, step := range steps {
		var ids []string
		if err := tx.QueryRow(ctx, step[1]).Scan(&ids); err != nil {
			return nil, err
		}
		if _, err := tx.Exec(ctx, step[0], list(ids)); err != nil {
			return nil, err
		}
	}
	for _, r := range rollups {
		rows, err := tx.Query(ctx, r.strayed())
		if err != nil {
			return nil, err
		}
		bad, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return nil, err
		}
		for _, b := range bad {
			found = append(found, r.table+" is not what the cells add up to: "+b)
		}
	}
	if err := spellAll(ctx, tx, false); err != nil {
		return nil, err
	}
	after, err := read()
	for line := range after {
		if !before[line] {
			found = append(found, "facts are not what the records give: "+line)
		}
	}
	if len(before) != len(after) {
		found = append(found, fmt.Sprintf("%d facts are kept, the records give %d", len(before), len(after)))
	}
	return found, err
}

// chainChecks are about commits and changes alone. Each lists what is wrong.
var chainChecks = [][2]string{
	{"seq has a gap", `SELECT seq::text FROM (SELECT seq, lag(seq) OVER (ORDER BY seq) AS before FROM commits) c WHERE seq <> coalesce(before + 1, 0)`},
	{"time moves backward", `SELECT seq::text FROM (SELECT seq, at, lag(at) OVER (ORDER BY seq) AS before FROM commits) c WHERE at <= before`},
	{"digest is not that of the changes", `SELECT c.seq::text FROM commits c WHERE c.seq > 0 AND c.digest <> (
		SELECT sha256(coalesce(string_agg(sha256(convert_to(concat_ws(' ', n, kind, id, version, op), 'UTF8') || ch.digest), ''::bytea ORDER BY n), ''::bytea)) FROM changes ch WHERE ch.tx = c.tx)`},
	{"hash does not follow from the one before", `SELECT seq::text FROM (SELECT c.*, lag(hash) OVER (ORDER BY seq) AS before FROM commits c) c
		WHERE seq > 0 AND hash <> sha256(before || digest || int8send(seq) || int8send((extract(epoch FROM at) * 1000000)::bigint)
			|| sha256(convert_to(principal || E'\n' || kind || E'\n' || coalesce(reason, ''), 'UTF8')))`},
	{"change without commit", `SELECT ch.tx::text FROM changes ch WHERE NOT EXISTS (SELECT FROM commits c WHERE c.tx = ch.tx)`},
	{"commit without change", `SELECT c.seq::text FROM commits c WHERE seq > 0 AND NOT EXISTS (SELECT FROM changes ch WHERE ch.tx = c.tx)`},
}

// accounts are the checks of one resource's rows.
func (r *resource) accounts() [][2]string {
	checks := [][2]string{
		{r.table + ": version is not 1 + history", fmt.Sprintf(`SELECT t.id::text FROM %[1]s t WHERE t.version <> 1 + (SELECT count(*) FROM %[1]s_history h WHERE h.id = t.id)`, r.table)},
		{r.table + ": a version is not one change", fmt.Sprintf(`SELECT v.id::text || ' v' || v.version FROM (SELECT id, version, tx FROM %[1]s UNION ALL SELECT id, version, tx FROM %[1]s_history) v
			WHERE (SELECT count(*) FROM changes ch WHERE ch.tx = v.tx AND ch.kind = '%[2]s' AND ch.id = v.id::text AND ch.version = v.version AND ch.op <> 'delete') <> 1`, r.table, r.kind)},
		{r.table + ": a change is not one version", fmt.Sprintf(`SELECT ch.id || ' v' || ch.version FROM changes ch WHERE ch.kind = '%[2]s' AND ch.op <> 'delete' AND NOT EXISTS (
			SELECT FROM (SELECT id, version, tx FROM %[1]s UNION ALL SELECT id, version, tx FROM %[1]s_history) v WHERE v.id::text = ch.id AND v.version = ch.version AND v.tx = ch.tx)`, r.table, r.kind)},
		{r.table + ": a past version has no end", fmt.Sprintf(`SELECT h.id::text FROM %[1]s_history h WHERE NOT EXISTS (SELECT FROM changes ch WHERE ch.tx = h.to_tx AND ch.kind = '%[2]s' AND ch.id = h.id::text)`, r.table, r.kind)},
		{r.table + ": neither here nor deleted", fmt.Sprintf(`SELECT h.id::text FROM %[1]s_history h WHERE NOT EXISTS (SELECT FROM %[1]s t WHERE t.id = h.id) AND NOT EXISTS (SELECT FROM tombstones s WHERE s.kind = '%[2]s' AND s.id = h.id::text)`, r.table, r.kind)},
		{r.table + ": both here and deleted", fmt.Sprintf(`SELECT t.id::text FROM %[1]s t JOIN tombstones s ON s.kind = '%[2]s' AND s.id = t.id::text`, r.table, r.kind)},
	}
	if r.kind.Keyed() {
		checks = append(checks, [2]string{r.table + ": key is not claimed for the kind",
			fmt.Sprintf(`SELECT t.id::text FROM %s t WHERE t.key IS NOT NULL AND NOT EXISTS (SELECT FROM names n WHERE n.id = t.id AND n.kind = '%s')`, r.table, r.kind)})
	}
	for _, p := range r.parts {
		var on []string
		for _, parent := range r.parents() {
			on = append(on, "t."+quote(parent[1])+" = p."+quote(parent[0]))
		}
		match := strings.Join(on, " AND ") + " AND t.tx = p.tx"
		checks = append(checks,
			[2]string{p.table + ": not of its record's version", fmt.Sprintf(`SELECT p.tx::text FROM %s p WHERE NOT EXISTS (SELECT FROM %s t WHERE %s)`, p.table, r.table, match)},
			[2]string{p.table + ": carries other values than its record has", fmt.Sprintf(`SELECT p.tx::text FROM %s p JOIN %s t ON %s WHERE %s`, p.table, r.table, match, p.strayed())},
			[2]string{p.table + " history: not of its record's version", fmt.Sprintf(`SELECT p.tx::text FROM %s_history p WHERE NOT EXISTS (SELECT FROM %s_history t WHERE %s AND t.to_tx = p.to_tx)`, p.table, r.table, match)})
	}
	return checks
}

// strayed holds of rows of the part that carry other values than their record
// has.
func (p *part) strayed() string {
	strayed := "false"
	for _, c := range p.carried {
		strayed += fmt.Sprintf(" OR p.%[1]s <> t.%[1]s", quote(c.name))
	}
	return strayed
}

// contents compares each current record with the digest of its last change.
func (r *resource) contents(ctx context.Context, tx pgx.Tx) ([]string, error) {
	bare := r.inputs()
	rows, err := tx.Query(ctx, fmt.Sprintf(`SELECT t.id::text, ch.digest, %s FROM %s t %s
		JOIN changes ch ON ch.tx = t.tx AND ch.kind = '%s' AND ch.id = t.id::text`, bare.selectList(false), r.table, r.join(false), r.kind))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		values := rows.RawValues()
		id := string(values[0])
		s, err := shapeOf(bare.fields, rows.FieldDescriptions(), 2)
		if err != nil {
			return nil, err
		}
		in := claims.New(r.kind)
		if err := json.Unmarshal(append(s.append(nil, values[2:]), '}'), in); err != nil {
			return nil, err
		}
		in.Check(new(claims.Check))
		if !bytes.Equal(claims.Digest(in, id), values[1]) {
			found = append(found, fmt.Sprintf("%s %s: content does not have the digest of its last change", r.kind, id))
		}
	}
	return found, rows.Err()
}
