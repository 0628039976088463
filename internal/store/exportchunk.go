package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// A chunk is a stretch of a kind's records in the order of their primary key.
// Records and each sort of part are read by queries of their own, all in that
// order, and put together here: arrays of rows, made by the database, cost it as
// much again. Memory is used again by the next stretch.
type chunk struct {
	resource *resource
	from, to []string // keys: from the one, before the other; nil: no bound

	lines []byte
	parts []gathered
	ready chan struct{} // holds something when lines are whole
}

// gathered are the rows of a part in JSON, of one record after the other.
type gathered struct {
	json, ids []byte
	ends      []gatheredEnd
	next      int
}

// A gatheredEnd says where the row ends, and the id of its record.
type gatheredEnd struct{ json, id int }

// primaryKey are the columns of the record's primary key. Those of its parts
// begin with the same.
func (r *resource) primaryKey() []string {
	if r.ofStatement() {
		return []string{"statement", "id"}
	}
	return []string{"id"}
}

// within is the condition that the columns of a key lie in the stretch.
func (c *chunk) within(key string) (where string, args []any) {
	for _, bound := range []struct {
		compare string
		values  []string
	}{{">=", c.from}, {"<", c.to}} {
		if bound.values == nil {
			continue
		}
		var places []string
		for _, v := range bound.values {
			args = append(args, v)
			places = append(places, fmt.Sprintf("$%d::%s", len(args), c.resource.idType()))
		}
		where += fmt.Sprintf(" AND (%s) %s (%s)", key, bound.compare, strings.Join(places, ", "))
	}
	return where, args
}

// end is the key before which a chunk of so many records ends, nil at the end.
func (c *chunk) end(ctx context.Context, tx pgx.Tx, size int) ([]string, error) {
	key := quoted("t.", c.resource.primaryKey())
	where, args := c.within(key)
	rows, _ := tx.Query(ctx, fmt.Sprintf(`SELECT ARRAY[%[1]s]::text[] FROM %[2]s t WHERE true%[3]s ORDER BY %[1]s OFFSET %[4]d LIMIT 1`, key, c.resource.table, where, size), args...)
	ends, err := pgx.CollectRows(rows, pgx.RowTo[[]string])
	if err != nil || len(ends) == 0 {
		return nil, err
	}
	return ends[0], nil
}

// read makes the lines of the chunk.
func (c *chunk) read(ctx context.Context, tx pgx.Tx, datasets []string) error {
	r, batch := c.resource, &pgx.Batch{}
	for _, p := range r.parts {
		var parents []string
		for _, parent := range r.parents() {
			parents = append(parents, parent[0])
		}
		key := quoted("p.", parents)
		where, args := c.within(key)
		batch.Queue(fmt.Sprintf(`SELECT p.%s, %s FROM %s p WHERE true%s ORDER BY %s, p.n`,
			quote(parents[len(parents)-1]), strings.Join(p.values(), ", "), p.table, where, key), args...)
	}
	bare := *r
	bare.fields = slices.DeleteFunc(slices.Clone(r.fields), func(f field) bool {
		return f.label || f.name == "key" || slices.ContainsFunc(r.parts, func(p part) bool { return p.field == f.name })
	})
	key := quoted("t.", r.primaryKey())
	where, args := c.within(key)
	batch.Queue(fmt.Sprintf(`SELECT t.id, t.key, $%d::text[] IS NULL OR t.dataset = ANY($%[1]d), %s FROM %s t WHERE true%s ORDER BY %s`,
		len(args)+1, bare.selectList(false), r.table, where, key), append(args, datasets)...)

	results := tx.SendBatch(ctx, batch)
	c.parts = append(c.parts, make([]gathered, max(len(r.parts)-len(c.parts), 0))...)
	for i := range r.parts {
		if err := c.parts[i].read(results, &r.parts[i]); err != nil {
			return errors.Join(err, results.Close())
		}
	}
	err := c.join(results, bare.fields)
	return errors.Join(err, results.Close())
}

// read gathers the rows of a part.
func (g *gathered) read(results pgx.BatchResults, p *part) error {
	rows, err := results.Query()
	if err != nil {
		return err
	}
	defer rows.Close()
	members := make([]field, len(p.columns))
	for i, column := range p.columns {
		members[i].name = column.name
	}
	s, err := shapeOf(members, rows.FieldDescriptions(), 1)
	if err != nil {
		return err
	}
	g.json, g.ids, g.ends, g.next = g.json[:0], g.ids[:0], g.ends[:0], 0
	for rows.Next() {
		values := rows.RawValues()
		if p.scalar {
			g.json = s.appenders[0](g.json, values[1])
		} else {
			g.json = append(s.append(g.json, values[1:]), '}')
		}
		g.ids = append(g.ids, values[0]...)
		g.ends = append(g.ends, gatheredEnd{len(g.json), len(g.ids)})
	}
	return rows.Err()
}

// append adds the rows of the next record as a member, if there are any.
func (g *gathered) append(dst, name, id []byte) []byte {
	var from gatheredEnd
	if g.next > 0 {
		from = g.ends[g.next-1]
	}
	some := false
	for ; g.next < len(g.ends) && bytes.Equal(g.ids[from.id:g.ends[g.next].id], id); g.next++ {
		if dst = append(dst, ','); !some {
			dst = append(append(dst[:len(dst)-1], name...), '[')
		}
		to := g.ends[g.next]
		dst, from, some = append(dst, g.json[from.json:to.json]...), to, true
	}
	if some {
		dst = append(dst, ']')
	}
	return dst
}

// join makes lines of the records and their parts.
func (c *chunk) join(results pgx.BatchResults, fields []field) error {
	rows, err := results.Query()
	if err != nil {
		return err
	}
	defer rows.Close()
	s, err := shapeOf(fields, rows.FieldDescriptions(), 3)
	if err != nil {
		return err
	}
	kind := c.resource.kind
	head := []byte(`{"type":` + strconv.Quote(string(kind)))
	var names [][]byte
	for i, p := range c.resource.parts {
		names = append(names, memberName(p.field, i+1))
	}
	lines := c.lines[:0]
	for rows.Next() {
		values := rows.RawValues()
		id, key, wanted, start := values[0], values[1], values[2][0] != 0, len(lines)
		lines = append(lines, head...)
		switch {
		case !kind.Keyed():
		case key != nil:
			lines = appendString(append(lines, `,"key":`...), key)
		default:
			lines = appendUUID(append(lines, `,"id":`...), id)
		}
		lines = append(lines, ',')
		for i, raw := range values[3:] { // the first is never null
			if raw == nil {
				continue
			}
			before := len(lines)
			if lines = s.member(lines, i, raw); bytes.HasSuffix(lines[before:], []byte(":[]")) {
				lines = lines[:before]
			}
		}
		for i := range names { // what isn't wanted has parts to be passed, too
			lines = c.parts[i].append(lines, names[i], id)
		}
		if lines = append(lines, "}\n"...); !wanted {
			lines = lines[:start]
		}
	}
	c.lines = lines
	return rows.Err()
}
