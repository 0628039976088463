package store

import (
	"fmt"
	"slices"
	"strings"
)

// Where what is counted is a record, or belongs to one alone, all its values in a
// dimension are one set, and records of the same sets are counted at once.

// grouped reports whether they are. Records that are the same by something, as
// statements at one occasion are, are told apart by it, all others not.
func (c *Counting) grouped() bool {
	m := c.count.measure
	return (m.sum() || m.same != "") && c.split < 0 && len(c.metrics) == 0
}

// groupedSQL are the steps, those of sql:
//
//	cells    how many records have these sets (of one value each, where there can be
//	         no more), as n, of which certainly, as c; of the same thing, as same
//	sets<i>  the sets of a dimension
//	members<i> their values
//	top<i>   the values that get rows of their own
//	shown<i> what each set shows: its values of these, or that it has others, or none
func (c *Counting) groupedSQL(b *builder, asOf bool) []string {
	base := c.basis(asOf)
	with := []string{"cells AS MATERIALIZED (" + c.cellsSQL(b, asOf, base) + ")"}
	for i, f := range c.by {
		if f.by.single(c.count.measure.unit) {
			with = append(with, fmt.Sprintf("top%[1]d AS MATERIALIZED (SELECT d%[1]d AS v FROM cells WHERE d%[1]d IS NOT NULL GROUP BY 1 ORDER BY %[3]s DESC, d%[1]d::text COLLATE \"C\" LIMIT %[2]d)", i, c.top, c.sum("n")))
			continue
		}
		with = append(with, c.setsSQL(b, i, base)...)
	}
	keys := strings.Join(c.keys(), ", ")
	return append(with, c.shownSQL(),
		fmt.Sprintf("rows AS (SELECT %[1]s, %[2]s AS n, %[3]s AS c FROM folded GROUP BY %[1]s)", keys, c.sum("n"), c.sum("c")),
		fmt.Sprintf("total AS (SELECT coalesce(%s, 0) AS n, coalesce(%s, 0) AS c FROM cells)", c.sum("n"), c.sum("c")))
}

// sum counts cells, by n or c: what is the same once.
func (c *Counting) sum(column string) string {
	if c.count.measure.same == "" {
		return "sum(" + column + ")::bigint"
	}
	return fmt.Sprintf("(coalesce(sum(%[1]s) FILTER (WHERE same IS NULL), 0) + count(DISTINCT same) FILTER (WHERE %[1]s > 0))::bigint", column)
}

// cellsSQL counts records by their sets. Sets that are in no column are gathered
// after a join: by subqueries they would be sought for record by record, which
// is three times slower where all are counted. A period is made of days that are
// counted already, where these are far fewer than the records.
func (c *Counting) cellsSQL(b *builder, asOf bool, base basis) string {
	m := c.count.measure
	columns, by, each, sets := []string{}, c.list("d#"), []string{"id", "certain"}, c.list("d#")
	var joins condition
	apart := false
	for i, f := range c.by {
		switch {
		case f.by.single(m.unit):
			columns, each = append(columns, f.by.value+" AS "+by[i]), append(each, by[i])
		case base.cells && c.kept(f):
			columns, each = append(columns, "t."+f.by.cell+" AS "+by[i]), append(each, by[i])
		default:
			apart = true
			columns = append(columns, fmt.Sprintf("d%[1]d.v AS d%[1]d", i))
			sets[i] = fmt.Sprintf("coalesce(array_agg(DISTINCT d%[1]d) FILTER (WHERE d%[1]d IS NOT NULL), '{}') AS d%[1]d", i)
			values, own := bind(f.by.query(m.unit), nil, c.values, nil), c.own(i)
			joins.sql += fmt.Sprintf(" LEFT JOIN LATERAL (SELECT x.v FROM (%s) x WHERE x.v IS NOT NULL%s) d%d ON true", values.sql, own.sql, i)
			joins.args = slices.Concat(joins.args, values.args, own.args)
		}
	}
	certain := condition{"true AS certain", nil}
	if c.match.sql != "" {
		certain = condition{"(" + c.match.sql + ") = 'certain' AS certain", c.match.args}
	}
	columns = append(columns, certain.sql)
	carried := []string{}
	if m.same != "" {
		columns, carried, by = append(columns, m.same+" AS same"), append(carried, "same"), append(by, "same")
	}
	w, period := windows[c.resource.kind], "NULL::date"
	if c.bucket != "" {
		for _, day := range w.columns() {
			columns, carried = append(columns, "t."+day), append(carried, day)
		}
		if period = w.bucket(c.bucket); base.weight != "" {
			period = w.rolled(c.bucket)
		}
	}
	weight := base.weight
	if weight != "" {
		columns, weight = append(columns, weight+" AS n"), "n"
	}
	if apart {
		id := "t.id"
		if m.unit != "" {
			id = "u.id"
		}
		columns = append(columns, id+" AS id")
	}
	sql := c.selected(b, asOf, base, condition{strings.Join(columns, ", "), certain.args}, joins, c.count.units)
	if apart {
		sql = fmt.Sprintf("SELECT %s FROM (%s) x GROUP BY %s", strings.Join(slices.Concat(sets, []string{"certain"}, carried), ", "), sql, strings.Join(append(each, carried...), ", "))
	}
	n, sure, none := "count(*)", "count(*) FILTER (WHERE certain)", ""
	if weight != "" {
		n, sure, none = "sum(n)", "sum(n) FILTER (WHERE certain)", " HAVING sum(n) <> 0"
	}
	if c.bucket != "" && len(c.by) < 2 && base.weight == "" {
		days := strings.Join(append(c.list("d#"), carried...), ", ")
		sql = fmt.Sprintf("SELECT %[1]s, %[2]s AS n, %[3]s AS c FROM (%[4]s) x GROUP BY %[1]s", days, n, sure, sql)
		n, sure = "sum(n)", "sum(c)"
	}
	list := strings.Join(append(by, "time"), ", ")
	return fmt.Sprintf("SELECT %[1]s, (%[2]s)::bigint AS n, coalesce(%[3]s, 0)::bigint AS c FROM (SELECT *, %[5]s AS time FROM (%[4]s) t) t GROUP BY %[1]s%[6]s", list, n, sure, sql, period, none)
}

// own is the condition that a value x.v is among those that the dimension's own
// filter is given, or lies below one.
func (c *Counting) own(i int) condition {
	f := c.by[i]
	own, _ := c.values[f.name].([]string)
	switch {
	case own == nil:
		return condition{}
	case f.by.below != "":
		return condition{" AND x.v IN " + f.by.below, []any{own}}
	}
	return condition{" AND x.v = ANY(?)", []any{own}}
}

// plainly reports whether a cell is a set of the only dimension, and no more.
func (c *Counting) plainly() bool {
	return len(c.by) == 1 && c.bucket == "" && c.count.measure.same == ""
}

// setsSQL are the steps for a dimension of several values.
func (c *Counting) setsSQL(b *builder, i int, base basis) []string {
	f := c.by[i]
	members := "SELECT s.d, s.n, s.c, x.v FROM sets# s LEFT JOIN LATERAL unnest(s.d) x(v) ON true"
	var above []string
	if base.cells && c.kept(f) {
		own := c.own(i)
		kind := "text"
		if f.refs != "" {
			kind = resources[f.refs].idType()
		}
		members = "SELECT s.d, s.n, s.c, x.v FROM sets# s LEFT JOIN LATERAL unnest(string_to_array(s.d, ',')::" + kind + "[]) x(v) ON true"
		switch {
		case f.by.above != "" && f.refs.Keyed():
			above = []string{"above# AS MATERIALIZED " + c.resource.relations(f.by.above, false)}
			members = "SELECT s.d, s.n, s.c, x.v FROM sets# s LEFT JOIN above# x ON x.id = s.d"
		case f.by.above != "":
			above = []string{"above# AS MATERIALIZED " + c.resource.relations(f.by.above, false)}
			members = "SELECT DISTINCT s.d, s.n, s.c, x.v FROM sets# s LEFT JOIN LATERAL unnest(string_to_array(s.d, ',')) e(id) ON true LEFT JOIN above# x ON x.id = e.id"
		}
		members += b.add(condition{c.resource.relations(own.sql, false), own.args})
	}
	top := "SELECT v, sum(n)::bigint AS n, sum(c)::bigint AS c FROM members# WHERE v IS NOT NULL GROUP BY 1 ORDER BY sum(n) DESC, v::text COLLATE \"C\" LIMIT %d"
	if c.count.measure.same != "" {
		top = "SELECT m.v FROM cells JOIN members# m ON m.d = cells.d# WHERE m.v IS NOT NULL GROUP BY 1 ORDER BY " + c.sum("cells.n") + " DESC, m.v::text COLLATE \"C\" LIMIT %d"
	}
	sets := "MATERIALIZED (SELECT d# AS d, sum(n)::bigint AS n, sum(c)::bigint AS c FROM cells GROUP BY 1)"
	if c.plainly() {
		sets = "(SELECT d# AS d, n, c FROM cells)"
	}
	valued := "SELECT m.d, m.v, false AS o, m.n, m.c FROM members# m JOIN top# ON top#.v = m.v UNION ALL "
	if c.plainly() {
		valued = "" // top has their counts
	}
	steps := slices.Concat(above, []string{
		"sets# AS " + sets,
		"members# AS MATERIALIZED (" + members + ")",
		"top# AS MATERIALIZED (" + fmt.Sprintf(top, c.top) + ")",
		"shown# AS MATERIALIZED (" + valued + "SELECT m.d, NULL AS v, bool_or(m.v IS NOT NULL) AS o, max(m.n) AS n, max(m.c) AS c FROM members# m LEFT JOIN top# ON top#.v = m.v GROUP BY m.d HAVING count(top#.v) = 0)"})
	for k := range steps {
		steps[k] = strings.ReplaceAll(steps[k], "#", fmt.Sprint(i))
	}
	return steps
}

// shownSQL puts what is shown in place of the sets. A record that has a value
// with a row is not among the others.
func (c *Counting) shownSQL() string {
	if c.plainly() && !c.by[0].by.single(c.count.measure.unit) {
		return "folded AS (SELECT v AS v0, false AS o0, NULL::date AS time, n, c FROM top0 UNION ALL SELECT NULL, o, NULL, n, c FROM shown0)"
	}
	var columns []string
	joins := ""
	for i, f := range c.by {
		if f.by.single(c.count.measure.unit) {
			columns = append(columns, fmt.Sprintf("top%[1]d.v AS v%[1]d, c.d%[1]d IS NOT NULL AND top%[1]d.v IS NULL AS o%[1]d", i))
			joins += fmt.Sprintf(" LEFT JOIN top%[1]d ON top%[1]d.v = c.d%[1]d", i)
			continue
		}
		columns = append(columns, fmt.Sprintf("shown%[1]d.v AS v%[1]d, shown%[1]d.o AS o%[1]d", i))
		joins += fmt.Sprintf(" JOIN shown%[1]d ON shown%[1]d.d = c.d%[1]d", i)
	}
	columns = append(columns, "c.time", "c.n", "c.c")
	if c.count.measure.same != "" {
		columns = append(columns, "c.same")
	}
	return fmt.Sprintf("folded AS (SELECT %s FROM cells c%s)", strings.Join(columns, ", "), joins)
}
