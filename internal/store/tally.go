package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// A tally says how all records of a list are to be counted.
type tally struct {
	mode    string // exact, estimated; "" is not at all
	measure measure
	units   []condition // what is demanded of a row of the measure's unit
}

// tally reads count and measure. With a measure other than its records a list
// holds those that have something to count.
func (p *parameters) tally(q *Query) {
	mode := p.single("count")
	switch mode {
	case "", "exact", "estimated":
		q.count.mode = mode
	case "none":
	default:
		p.refuse("count", "unknown_value", fmt.Sprintf("%q is none of exact, estimated, none", mode))
	}
	q.count.measure = measure{key: "t.id"}
	if len(measures[p.resource.kind]) > 1 {
		q.count.measure = p.measure()
		if q.count.measure.name != measures[p.resource.kind][0].name && q.count.mode != "exact" {
			p.refuse("measure", "contradiction", "goes with count=exact")
		}
	}
}

// measure reads what is to be counted, and turns the filters to it.
func (p *parameters) measure() measure {
	list := measures[p.resource.kind]
	name := p.single("measure")
	i := slices.IndexFunc(list, func(m measure) bool { return m.name == name })
	switch {
	case name == "":
		i = 0
	case i < 0:
		p.refuse("measure", "unknown_value", fmt.Sprintf("%q is none of %s", name, strings.Join(Measures(p.resource.kind), ", ")))
		i = 0
	}
	p.unit = list[i].unit
	return list[i]
}

// having is the condition that a record has something to count.
func having(unit string, demands []condition) condition {
	var c condition
	sql := []string{"u.statement = t.id"}
	for _, d := range demands {
		sql, c.args = append(sql, d.sql), append(c.args, d.args...)
	}
	c.sql = "EXISTS (SELECT FROM " + units[unit] + " WHERE " + strings.Join(sql, " AND ") + ")"
	return c
}

// counted is the query for a count.
type counted struct {
	sql      string
	args     []any
	estimate bool
}

// tallying is the query that counts all that the list holds, nil for none.
func (q *Query) tallying(pinned *int64) *counted {
	if q.count.mode == "" {
		return nil
	}
	b := &builder{}
	if pinned != nil {
		b.args = append(b.args, *pinned)
	}
	columns, join := "", ""
	outer := "SELECT count(*) FROM (%s) x"
	if m := q.count.measure; m.key != "t.id" {
		columns, outer = m.key+" AS key", "SELECT count(DISTINCT key) FROM (%s) x"
		join = unitJoin(m.unit)
	}
	c := &counted{estimate: q.count.mode == "estimated"}
	if c.estimate {
		outer = "EXPLAIN (FORMAT JSON) %s"
	}
	c.sql = fmt.Sprintf(outer, q.records(b, pinned != nil, columns, join, q.count.units))
	c.args = b.args
	return c
}

func unitJoin(unit string) string {
	if unit == "" {
		return ""
	}
	return " JOIN " + units[unit] + " ON u.statement = t.id"
}

// records selects columns of all records that the query allows, page or not.
func (q *Query) records(b *builder, asOf bool, columns, joins string, demands []condition) string {
	branches := q.branches
	if len(branches) == 0 {
		branches = []condition{{}}
	}
	allowed := q.where
	if q.walk != nil {
		allowed = append(slices.Clone(allowed), q.walk.condition)
	}
	if q.search != nil {
		allowed = append(slices.Clone(allowed), q.search.condition)
	}
	var parts []string
	for _, branch := range branches {
		var where []string
		for _, c := range slices.Concat([]condition{branch}, allowed, demands) {
			if c.sql != "" {
				where = append(where, "("+q.resource.relations(b.add(c), asOf)+")")
			}
		}
		sql := "SELECT " + q.resource.relations(columns, asOf) + " FROM " + from(q.resource.table, asOf) + " t" + q.resource.relations(joins, asOf)
		if len(where) > 0 {
			sql += " WHERE " + strings.Join(where, " AND ")
		}
		parts = append(parts, sql)
	}
	return strings.Join(parts, " UNION ALL ")
}

// count runs the query, the last of its transaction; no query gives no count.
func (c *counted) count(ctx context.Context, tx pgx.Tx) (*int64, error) {
	if c == nil {
		return nil, nil
	}
	if _, err := tx.Exec(ctx, weighed); err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, c.sql, c.args...)
	if err != nil {
		return nil, err
	}
	if !c.estimate {
		n, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[int64])
		return &n, err
	}
	plans, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[[]struct {
		Plan struct {
			Rows int64 `json:"Plan Rows"`
		}
	}])
	if err != nil {
		return nil, err
	}
	return &plans[0].Plan.Rows, nil
}
