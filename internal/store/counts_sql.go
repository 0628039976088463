package store

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"onrecord/internal/claims"
)

// A cell is a row of the answer to a question for counts.
type cell struct {
	Seq     int64
	Pending bool
	Part    int
	Values  []*string
	Others  []bool
	Labels  []*string
	Time    *time.Time
	Count   int64
	Certain int64
	Sum
}

// What a row of the answer is about.
const (
	partTotal = iota
	partCell
	partFigures // of a cell, or of all where it has no values
)

func (c *cell) name() string {
	var name strings.Builder
	for i, v := range c.Values {
		name.WriteString(Value{ID: v, Other: c.Others[i]}.key() + "\x00")
	}
	if c.Time != nil {
		name.WriteString(c.Time.Format(time.DateOnly))
	}
	return name.String()
}

// sql is the statement that answers. Its last steps:
//
//	rows   the counts
//	total  of distinct ones, whatever their values
func (c *Counting) sql(pinned *int64) (string, []any) {
	b := &builder{}
	head := "(SELECT max(seq) AS seq, EXISTS (SELECT FROM stale) AS pending FROM commits)"
	if pinned != nil {
		b.args = append(b.args, *pinned)
		head = "(SELECT $1::bigint AS seq, false AS pending)"
	}
	asOf := pinned != nil
	with := c.steps(b, asOf)
	const columns = `values, others, labels, "time", count, certain, metric, unit, low, high, events`
	parts := []string{
		fmt.Sprintf("SELECT %d AS part, NULL::text[] AS values, NULL::bool[] AS others, NULL::text[] AS labels, NULL::date AS time, n AS count, c AS certain, "+
			"NULL::text AS metric, NULL::text AS unit, NULL::float8 AS low, NULL::float8 AS high, NULL::bigint AS events FROM total", partTotal),
		fmt.Sprintf("(SELECT %d, %s, time, n, c, NULL, NULL, NULL, NULL, NULL FROM rows LIMIT %d)", partCell, c.arrays(asOf), MaxRows+1),
	}
	if len(c.metrics) > 0 {
		with = append(with, c.figuresSQL(b, asOf)...)
		parts = append(parts, fmt.Sprintf("SELECT %d, %s, time, 0, 0, metric, unit, low, high, events FROM figures", partFigures, c.arrays(asOf)),
			fmt.Sprintf("SELECT %d, NULL, NULL, NULL, NULL, 0, 0, metric, unit, low, high, events FROM all_figures", partFigures))
	}
	return fmt.Sprintf("WITH %s SELECT head.seq, head.pending, a.part, a.%s FROM %s head CROSS JOIN (%s) a ORDER BY a.part, a.metric, a.unit",
		strings.Join(with, ",\n"), strings.ReplaceAll(columns, ", ", ", a."), head, strings.Join(parts, "\nUNION ALL ")), b.args
}

// list names a column of each dimension.
func (c *Counting) list(format string) []string {
	out := make([]string, len(c.by))
	for i := range c.by {
		out[i] = strings.ReplaceAll(format, "#", fmt.Sprint(i))
	}
	return out
}

// keys are the columns that a row is told by: of each dimension the value and
// whether it stands for others, and the period.
func (c *Counting) keys() []string { return append(c.list("v#, o#"), "time") }

// steps lead to rows and total. Where records can't be grouped:
//
//	cells  what is counted, with its values in each dimension: a row for each
//	       combination
//	top<i> the values of a dimension that get rows of their own
//	folded cells with all other values as one; what has a top value isn't there
func (c *Counting) steps(b *builder, asOf bool) []string {
	if c.grouped() {
		return c.groupedSQL(b, asOf)
	}
	with := []string{c.cells(b, asOf)}
	for i, f := range c.by {
		if !f.by.roles {
			with = append(with, fmt.Sprintf("top%[1]d AS (SELECT v FROM (SELECT DISTINCT d%[1]d AS v, key FROM cells WHERE d%[1]d IS NOT NULL) x GROUP BY 1 ORDER BY count(*) DESC, v::text COLLATE \"C\" LIMIT %[2]d)", i, c.top))
		}
	}
	keys := strings.Join(c.keys(), ", ")
	return append(with, c.foldedSQL(),
		fmt.Sprintf("rows AS (SELECT %[1]s, count(*) AS n, count(*) FILTER (WHERE certain) AS c FROM (SELECT %[1]s, key, bool_or(certain) AS certain FROM folded GROUP BY %[1]s, key) x GROUP BY %[1]s)", keys),
		c.totalSQL(b, asOf))
}

// cells selects what is counted.
func (c *Counting) cells(b *builder, asOf bool) string {
	m := c.count.measure
	var columns, joins []string
	order := make([]int, len(c.by))
	for i := range order {
		order[i] = i
	}
	if c.split > 0 { // others read its values
		order[0], order[c.split] = c.split, 0
	}
	columns = append(columns, c.list("d#")...)
	var args []any // of joins, in their order: they come after those of the columns, which have none
	for _, i := range order {
		f := c.by[i]
		if f.by.single(m.unit) {
			columns[i] = fmt.Sprintf("%s AS d%d", f.by.value, i)
			continue
		}
		columns[i] = fmt.Sprintf("d%d.v AS d%d", i, i)
		values := bind(f.by.query(m.unit), nil, c.values, c.splitting(i))
		own := c.own(i)
		joins = append(joins, fmt.Sprintf(" LEFT JOIN LATERAL (SELECT x.v FROM (%s) x WHERE x.v IS NOT NULL%s) d%d ON true", values.sql, own.sql, i))
		args = slices.Concat(args, values.args, own.args)
	}
	when := "NULL::date"
	if c.bucket != "" {
		when = windows[c.resource.kind].bucket(c.bucket)
	}
	columns = append(columns, when+" AS time")
	match := c.match
	certain := "true"
	if match.sql != "" {
		certain = "(" + match.sql + ") = 'certain'"
	}
	columns = append(columns, certain+" AS certain")
	id := "t.id"
	if m.unit != "" {
		id = "u.id"
	}
	columns = append(columns, id+" AS id", m.key+" AS key")
	return "cells AS MATERIALIZED (" + c.selected(b, asOf, c.basis(asOf), condition{strings.Join(columns, ", "), match.args},
		condition{strings.Join(joins, ""), args}, slices.Concat(c.count.units, c.late)) + ")"
}

// splitting is what stands for the values of the dimension that others read,
// in these others.
func (c *Counting) splitting(i int) map[string]raw {
	if c.split < 0 || c.split == i {
		return nil
	}
	f := c.by[c.split]
	standing, _ := c.values[f.name].([]string)
	return map[string]raw{f.name: {fmt.Sprintf("CASE WHEN d%d.v IS NULL THEN ?::text[] ELSE ARRAY[d%d.v] END", c.split, c.split), []any{standing}}}
}

// foldedSQL makes one value of all that have no rows of their own. A record
// that has a value with a row is not among the others.
func (c *Counting) foldedSQL() string {
	var columns []string
	joins, where := "", "true"
	for i, f := range c.by {
		if f.by.roles {
			columns = append(columns, fmt.Sprintf("c.d%[1]d AS v%[1]d, false AS o%[1]d", i))
			continue
		}
		single := f.by.single(c.count.measure.unit)
		columns = append(columns, fmt.Sprintf("top%[1]d.v AS v%[1]d, c.d%[1]d IS NOT NULL AND top%[1]d.v IS NULL AS o%[1]d", i))
		joins += fmt.Sprintf(" LEFT JOIN top%[1]d ON top%[1]d.v = c.d%[1]d", i)
		if !single {
			same, of := "", ""
			if c.split >= 0 && strings.Contains(f.by.query(c.count.measure.unit), ":"+c.by[c.split].name+")") { // for each of which its values are others
				same, of = fmt.Sprintf(", k.d%d AS s", c.split), fmt.Sprintf(" AND kept%d.s IS NOT DISTINCT FROM c.d%d", i, c.split)
			}
			joins += fmt.Sprintf(" LEFT JOIN (SELECT DISTINCT k.id%[2]s FROM cells k JOIN top%[1]d ON top%[1]d.v = k.d%[1]d) kept%[1]d ON kept%[1]d.id = c.id%[3]s", i, same, of)
			where += fmt.Sprintf(" AND (kept%[1]d.id IS NULL OR top%[1]d.v IS NOT NULL)", i)
		}
	}
	columns = append(columns, "c.time")
	columns = append(columns, "c.key", "c.certain")
	return fmt.Sprintf("folded AS (SELECT %s FROM cells c%s WHERE %s)", strings.Join(columns, ", "), joins, where)
}

// totalSQL counts all. Where a dimension is one that filters read, these choose
// other records for each of its values, so the total is counted by itself.
func (c *Counting) totalSQL(b *builder, asOf bool) string {
	if c.split < 0 {
		return "total AS (SELECT count(*) AS n, count(*) FILTER (WHERE certain) AS c FROM (SELECT key, bool_or(certain) AS certain FROM cells GROUP BY key) x)"
	}
	return "total AS (SELECT count(*) AS n, count(*) FILTER (WHERE certain) AS c FROM (SELECT key, bool_or(certain) AS certain FROM (" + c.whole(b, asOf) + ") x GROUP BY key) x)"
}

// whole is what is counted, without values.
func (c *Counting) whole(b *builder, asOf bool) string {
	columns := condition{c.count.measure.key + " AS key, true AS certain", nil}
	if c.match.sql != "" {
		columns = condition{c.count.measure.key + " AS key, (" + c.match.sql + ") = 'certain' AS certain", c.match.args}
	}
	return c.selected(b, asOf, c.basis(asOf), columns, condition{}, append(slices.Clone(c.count.units), c.plain...))
}

// arrays are the values of a row with their labels.
func (c *Counting) arrays(asOf bool) string {
	values, others, names := c.list("v#::text"), c.list("o#"), c.list("v#::text")
	for i, f := range c.by {
		if kind := f.labelled(); kind != "" {
			names[i] = fmt.Sprintf("(SELECT l.%s FROM %s l WHERE l.id = v%d)", called[kind], from(resources[kind].table, asOf), i)
		}
	}
	return fmt.Sprintf("ARRAY[%s]::text[], ARRAY[%s]::bool[], ARRAY[%s]::text[]", strings.Join(values, ", "), strings.Join(others, ", "), strings.Join(names, ", "))
}

// labelled is the kind of record that the filter's values name, if any.
func (f *filter) labelled() claims.Kind {
	if f.kind == references {
		return f.refs
	}
	return ""
}
