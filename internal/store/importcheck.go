package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"onrecord/internal/claims"
)

// repeated looks for ids that the stream has more than once: the same again is
// unchanged, something else an error.
func (i *importing) repeated(ctx context.Context) error {
	rows, err := i.Store.write.Query(ctx, `WITH twice AS (
			SELECT s.n, s.line, s.kind, s.key, s.pointer, s.digest, first_value(s.digest) OVER w AS first, first_value(s.line) OVER w AS at, row_number() OVER w AS place
			FROM staging s JOIN (SELECT kind, id FROM staging WHERE import = $1 GROUP BY kind, id HAVING count(*) > 1) d USING (kind, id)
			WHERE s.import = $1 WINDOW w AS (PARTITION BY s.kind, s.id ORDER BY s.n)
		), gone AS (
			DELETE FROM staging s USING twice WHERE s.import = $1 AND s.n = twice.n AND twice.place > 1 AND twice.digest = twice.first
		)
		SELECT line, kind, coalesce(key, ''), pointer, digest = first, at FROM twice WHERE place > 1 ORDER BY n`, i.ID)
	if err != nil {
		return translate(err)
	}
	var line, at int
	var kind claims.Kind
	var key, pointer string
	var same bool
	_, err = pgx.ForEachRow(rows, []any{&line, &kind, &key, &pointer, &same, &at}, func() error {
		if same {
			i.repeats++
		} else {
			i.fail(LineError{line, kind, key, pointer + "/key", "duplicate", fmt.Sprintf("line %d says something else of the same record", at)})
		}
		return nil
	})
	return translate(err)
}

// check finds the lines that can't be stored; where they are left out, also
// those that depend on one, until there is no other.
func (i *importing) check(ctx context.Context) error {
	unique, err := i.uniqueSQL(ctx)
	if err != nil {
		return err
	}
	for before := -1; before != i.Failed; {
		before = i.Failed
		for _, sql := range []string{absentSQL("true"), i.presentSQL(), unique} {
			for round := -1; round != i.Failed && (round < 0 || i.OnError == "continue"); { // of references, those that depend on them
				round = i.Failed
				if err := i.drop(ctx); err != nil {
					return err
				}
				if err := i.collect(ctx, sql); err != nil {
					return err
				}
			}
		}
		if i.OnError == "abort" {
			return nil
		}
	}
	return nil
}

// collect notes the errors that SQL finds: line, kind, key, pointer, code,
// detail.
func (i *importing) collect(ctx context.Context, sql string) error {
	rows, err := i.Store.write.Query(ctx, sql, i.ID)
	if err != nil {
		return translate(err)
	}
	var e LineError
	_, err = pgx.ForEachRow(rows, []any{&e.Line, &e.Type, &e.Key, &e.Pointer, &e.Code, &e.Detail}, func() error {
		i.fail(e)
		return nil
	})
	return translate(err)
}

// presentSQL finds records that somebody has written since they were staged,
// and keys that name records of two kinds.
func (i *importing) presentSQL() string {
	list := []string{`SELECT s.line, s.kind, coalesce(s.key, ''), s.pointer || '/key', 'exists', 'names a ' || n.kind FROM staging s JOIN names n ON n.id = CASE WHEN s.kind NOT IN ('country', 'topic') THEN s.id::uuid END
			WHERE s.import = $1 AND s.action = 'create' AND n.kind <> s.kind`,
		`SELECT s.line, s.kind, coalesce(s.key, ''), s.pointer || '/key', 'exists', 'names a ' || o.kind || ' in line ' || o.line FROM staging s JOIN staging o ON o.import = $1 AND o.id = s.id AND o.n < s.n AND o.kind <> s.kind
			WHERE s.import = $1 AND s.kind NOT IN ('country', 'topic')`}
	for _, kind := range claims.Kinds {
		r := resources[kind]
		list = append(list, fmt.Sprintf(`SELECT s.line, s.kind, coalesce(s.key, ''), s.pointer, 'stale', 'was written by somebody else while the import was at work: send it again'
			FROM staging s LEFT JOIN %[1]s t ON t.id = s.id::%[2]s WHERE s.import = $1 AND s.kind = '%[3]s' AND (s.action = 'create' AND t.id IS NOT NULL OR s.action = 'update' AND t.version IS DISTINCT FROM s.version)`,
			r.table, r.idType(), kind))
	}
	return strings.Join(list, " UNION ALL ") + " ORDER BY 1"
}

// absentSQL finds references to nothing, neither stored nor staged, among
// those, r, that the condition selects.
func absentSQL(condition string) string {
	var stored []string
	for _, kind := range claims.Kinds {
		r := resources[kind]
		stored = append(stored, fmt.Sprintf(`WHEN '%s' THEN EXISTS (SELECT FROM %s t WHERE t.id = w.id::%s)`, kind, r.table, r.idType()))
	}
	return `WITH w AS (SELECT s.line, s.kind AS of, s.key, split_part(r, ' ', 1) AS kind, split_part(r, ' ', 2) AS id, split_part(r, ' ', 3) AS pointer
			FROM staging s, unnest(s.refs) r WHERE s.import = $1 AND ` + condition + `)
		SELECT w.line, w.of, coalesce(w.key, ''), w.pointer, 'reference', 'names no ' || w.kind
		FROM w LEFT JOIN staging x ON x.import = $1 AND x.kind = w.kind AND x.id = w.id AND x.action IN ('create', 'update')
		WHERE x.id IS NULL AND NOT CASE w.kind ` + strings.Join(stored, " ") + ` END ORDER BY w.line`
}

// uniqueSQL finds what breaks a unique constraint, in the stream or with what
// is stored; which there are the database says.
func (i *importing) uniqueSQL(ctx context.Context) (string, error) {
	rows, err := i.Store.write.Query(ctx, `SELECT c.relname, array_agg(a.attname ORDER BY k.n) FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid, unnest(x.indkey) WITH ORDINALITY k(num, n)
		JOIN pg_attribute a ON true WHERE a.attrelid = c.oid AND a.attnum = k.num AND x.indisunique AND NOT x.indisprimary AND x.indpred IS NULL AND c.relnamespace = 'public'::regnamespace GROUP BY c.relname, x.indexrelid`)
	if err != nil {
		return "", translate(err)
	}
	list := []string{`SELECT 0, '', '', '', '', '' WHERE $1::uuid IS NULL`}
	var table string
	var columns []string
	_, err = pgx.ForEachRow(rows, []any{&table, &columns}, func() error {
		for _, r := range resources {
			if r.table != table {
				continue
			}
			var same, stored []string
			for _, c := range columns {
				value := fmt.Sprintf("s.doc->>'%s'", c)
				same = append(same, fmt.Sprintf("%s = o.doc->>'%s'", value, c))
				stored = append(stored, fmt.Sprintf("t.%s::text = %s", quote(c), value))
			}
			what := strings.Join(columns, " and ")
			list = append(list,
				fmt.Sprintf(`SELECT s.line, s.kind, coalesce(s.key, ''), s.pointer, 'exists', 'has the same %s as line ' || o.line FROM staging s JOIN staging o ON o.import = $1 AND o.kind = s.kind AND o.n < s.n AND o.action IN ('create', 'update') AND o.id <> s.id AND %s
					WHERE s.import = $1 AND s.kind = '%s' AND s.action IN ('create', 'update')`, what, strings.Join(same, " AND "), r.kind),
				fmt.Sprintf(`SELECT s.line, s.kind, coalesce(s.key, ''), s.pointer, 'exists', 'has the same %s as ' || t.id FROM staging s JOIN %s t ON t.id::text <> s.id AND %s
					WHERE s.import = $1 AND s.kind = '%s' AND s.action IN ('create', 'update')`, what, r.table, strings.Join(stored, " AND "), r.kind))
		}
		return nil
	})
	return strings.Join(list, " UNION ALL ") + " ORDER BY 1", translate(err)
}

// blame traces an error of writing to the lines of the records that it names.
func (i *importing) blame(ctx context.Context, e *Error) error {
	if len(e.Offenders) == 0 || len(e.Problems) == 0 {
		return nil
	}
	p := e.Problems[0]
	rows, err := i.Store.write.Query(ctx, `SELECT line, kind, coalesce(key, ''), pointer FROM staging WHERE import = $1 AND id = ANY($2::text[]) AND action IN ('create', 'update') ORDER BY n`, i.ID, e.Offenders)
	if err != nil {
		return translate(err)
	}
	var line int
	var kind claims.Kind
	var key, pointer string
	_, err = pgx.ForEachRow(rows, []any{&line, &kind, &key, &pointer}, func() error {
		i.fail(LineError{line, kind, key, pointer + p.Pointer, p.Code, p.Detail})
		return nil
	})
	return translate(err)
}
