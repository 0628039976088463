package store

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"onrecord/internal/claims"
)

// An ExportQuery says what to export.
type ExportQuery struct {
	Kinds    []claims.Kind // none: all but tips
	Datasets []string      // none: all

	Begin func(seq int64) error // is told the seq before anything is read; an error of it ends the export
}

// exportChunk is about how many bytes are handed on at once.
const exportChunk = 256 << 10

// Export hands the records to emit as an import stream, some lines at a time:
// kind by kind in the order of their dependence, each sorted by id, as one
// snapshot. Loaded into an empty database it gives the same stream again. It
// has no version, time, derived value or contact. It returns the seq of the
// snapshot.
func (s *Store) Export(ctx context.Context, q ExportQuery, emit func([]byte) error) (seq int64, err error) {
	leave, err := s.exports.enter(ctx)
	if err != nil {
		return 0, err
	}
	defer leave()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	take := func(lines []byte) error {
		err := emit(lines)
		if err != nil {
			cancel() // else the rest of the rows would be read to nowhere
		}
		return err
	}
	err = pgx.BeginTxFunc(ctx, s.exports, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT set_config('statement_timeout', '0', true), set_config('work_mem', '64MB', true), set_config('plan_cache_mode', 'force_custom_plan', true), set_config('random_page_cost', '4', true)`); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, `SELECT max(seq) FROM commits`).Scan(&seq); err != nil {
			return err
		}
		if q.Begin != nil {
			if err := q.Begin(seq); err != nil {
				return err
			}
		}
		for _, kind := range claims.Kinds {
			if len(q.Kinds) == 0 && kind == claims.KindTip || len(q.Kinds) > 0 && !slices.Contains(q.Kinds, kind) {
				continue
			}
			if err := resources[kind].export(ctx, tx, q.Datasets, take); err != nil {
				return err
			}
		}
		return nil
	})
	return seq, translate(err)
}

// export streams the records of one kind.
func (r *resource) export(ctx context.Context, tx pgx.Tx, datasets []string, emit func([]byte) error) error {
	bare := *r
	bare.fields = slices.DeleteFunc(slices.Clone(r.fields), func(f field) bool { return f.label || f.name == "key" })
	var joins strings.Builder // all parts of all records are gathered at once, not record by record
	for i, p := range r.parts {
		var parents, on []string
		for _, parent := range r.parents() {
			parents = append(parents, "p."+quote(parent[0]))
			on = append(on, fmt.Sprintf("p%d.%s = t.%s", i, quote(parent[0]), quote(parent[1])))
		}
		value := "ROW(" + strings.Join(p.values(), ", ") + ")"
		if p.scalar {
			value = p.values()[0]
		}
		fmt.Fprintf(&joins, " LEFT JOIN (SELECT %[1]s, array_agg(%[2]s ORDER BY p.n) AS list FROM %[3]s p GROUP BY %[1]s) p%[4]d ON %[5]s",
			strings.Join(parents, ", "), r.relations(value, false), p.table, i, strings.Join(on, " AND "))
		k := slices.IndexFunc(bare.fields, func(f field) bool { return f.name == p.field })
		bare.fields[k].sql = fmt.Sprintf("p%d.list", i)
	}
	sql := fmt.Sprintf(`SELECT t.id::text, t.key, %s FROM %s t %s WHERE $1::text[] IS NULL OR t.dataset = ANY($1) ORDER BY t.id`, bare.selectList(false), r.table, joins.String())
	rows, err := tx.Query(ctx, sql, datasets)
	if err != nil {
		return err
	}
	defer rows.Close()
	if rows.FieldDescriptions() == nil { // the query has failed
		return rows.Err()
	}
	s, err := shapeOf(bare.fields, rows.FieldDescriptions(), 2)
	if err != nil {
		return err
	}
	head := []byte(`{"type":` + strconv.Quote(string(r.kind)))
	buffer := make([]byte, 0, exportChunk+64<<10)
	for rows.Next() {
		values := rows.RawValues()
		buffer = append(buffer, head...)
		if r.kind.Keyed() {
			if values[1] != nil {
				buffer = appendString(append(buffer, `,"key":`...), values[1])
			} else {
				buffer = appendString(append(buffer, `,"id":`...), values[0])
			}
		}
		for i, raw := range values[2:] {
			if raw == nil {
				continue
			}
			before := len(buffer)
			if i == 0 {
				buffer = append(buffer, ',')
			}
			if buffer = s.member(buffer, i, raw); bytes.HasSuffix(buffer[before:], []byte(":[]")) {
				buffer = buffer[:before]
			}
		}
		if buffer = append(buffer, "}\n"...); len(buffer) >= exportChunk {
			if err := emit(buffer); err != nil {
				return err
			}
			buffer = buffer[:0]
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return emit(buffer)
}
