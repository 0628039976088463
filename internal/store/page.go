package store

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"onrecord/internal/claims"
)

// This file makes the SQL of a page, in two steps within one statement: the ids
// of the page are found by walks of indexes over narrow columns, each bounded by
// the page's size; only then their records are read, with all that is shown of
// them.

// A walk is a way to the records that a filter selects through a table whose
// index holds them in order: a part, w, which carries the columns that its
// record sorts by, or, without a table, the record itself. It is walked for each
// value v of over.
type walk struct {
	table string
	over  string // a relation v(v)
	on    string // what holds of w, or t, and v
}

// walking is a filter in force that has walks: they together give the records
// that the condition gives.
type walking struct {
	condition condition
	walks     []boundWalk
}

type boundWalk struct {
	table    string
	over, on condition
}

// sql is the query for a page and one row more: the seq, whether facts are
// pending, the rank and sort keys and id as text, then the fields. Behind the
// page is a row without an id, so that an empty one tells the seq as well.
//
// Nothing is sorted that is wide: what is joined to the ids goes by id and keeps
// their order.
func (q *Query) sql(pinned *int64) (string, []any) {
	r, b := q.resource, &builder{}
	if pinned != nil {
		b.args = append(b.args, *pinned)
	}
	fields := r.selectList(pinned != nil)
	if before, after, shown := strings.Cut(fields, matchToken); shown {
		fields = before + cmp.Or(b.add(q.match), "NULL::text") + after
	}
	page := q.places(b, pinned != nil)
	if pinned != nil {
		return fmt.Sprintf("SELECT $1::bigint, false, %s, %s FROM (SELECT) one LEFT JOIN %s ON true ORDER BY t.rank, %s",
			q.lead("t."), fields, r.joinedTo(page, true), q.order("t.")), b.args
	}
	return fmt.Sprintf("SELECT (SELECT max(seq) FROM commits), EXISTS (SELECT FROM stale), %s, %s FROM (%s UNION ALL SELECT 2%s) page LEFT JOIN %s ON t.id = page.id ORDER BY page.rank, %s",
		q.lead("page."), fields, page, strings.Repeat(", NULL", len(q.sort.keys)+1), r.joinedTo(r.table, false), q.order("page.")), b.args
}

// places are the ids of the page, found already or to be found.
func (q *Query) places(b *builder, asOf bool) string {
	if q.known != nil {
		return q.found(b)
	}
	return q.page(b, asOf)
}

// lead are the page's rank, sort keys and id.
func (q *Query) lead(prefix string) string {
	list := prefix + "rank, "
	for i := range q.sort.keys {
		list += fmt.Sprintf("%sk%d::text, ", prefix, i)
	}
	return list + prefix + "id::text"
}

// page is the query for the ids of the page in order, with rank and sort keys.
func (q *Query) page(b *builder, asOf bool) string {
	limit := q.limit + 1
	if len(q.branches) == 0 && q.sort.date != "" {
		// Bounds of the index, either of them: a walk never meets the other's
		// rows, and there is none through the undated ones while the dated fill
		// the page.
		undated := condition{sql: q.sort.date + " = 'infinity'"}
		if q.after != nil && q.after.Rank == 1 {
			return q.ids(b, undated, 1, strconv.Itoa(limit), asOf)
		}
		most := strconv.Itoa(limit + q.offset)
		return fmt.Sprintf("(WITH dated AS MATERIALIZED (%s) SELECT * FROM (SELECT * FROM dated UNION ALL %s) page ORDER BY rank, %s LIMIT %d OFFSET %d)",
			q.ids(b, condition{sql: q.sort.date + " < 'infinity'"}, 0, most, asOf),
			q.ids(b, undated, 1, most+" - (SELECT count(*) FROM dated)", asOf), q.order(""), limit, q.offset)
	}
	branches := q.branches
	if len(branches) == 0 {
		branches = []condition{{}}
	}
	parts := make([]string, len(branches))
	for i, branch := range branches {
		parts[i] = q.ids(b, branch, 0, strconv.Itoa(limit+q.offset), asOf)
	}
	return fmt.Sprintf("(SELECT * FROM (%s) page ORDER BY rank, %s LIMIT %d OFFSET %d)", strings.Join(parts, " UNION ALL "), q.order(""), limit, q.offset)
}

// ids is the query for the first ids in order that the filters and the branch
// give.
func (q *Query) ids(b *builder, branch condition, rank int, limit string, asOf bool) string {
	where := append([]condition{branch}, q.where...)
	if q.after != nil && rank == q.after.Rank {
		where = append(where, q.keyset())
	}
	if q.search != nil {
		where = append(where, q.search.condition)
	}
	if q.walk != nil && !asOf && q.sort.name == q.resource.sorts[0].name {
		first, others := q.walked(b, q.walk.walks[0], where, limit), ""
		for _, w := range q.walk.walks[1:] {
			others += " UNION ALL " + q.walked(b, w, append(where, q.withinFirst(limit)), limit)
		}
		return fmt.Sprintf("(WITH first AS MATERIALIZED (%s) SELECT DISTINCT %d AS rank, * FROM (SELECT * FROM first%s) page ORDER BY %s LIMIT %s)", first, rank, others, q.order(""), limit)
	}
	if q.walk != nil {
		where = append(where, q.walk.condition)
	}
	columns := "t.id"
	if asOf {
		columns = quoted("t.", q.resource.allColumns())
	}
	return fmt.Sprintf("(SELECT %d AS rank, %s%s FROM %s t%s ORDER BY %s LIMIT %s)", rank, q.keys(), columns, from(q.resource.table, asOf), q.conditions(b, where, asOf), q.order(""), limit)
}

// withinFirst is the condition of rows that can still stand on the page where
// the first walk fills it: what lies beyond is not walked again for each value.
func (q *Query) withinFirst(limit string) condition {
	key, op, end, none := q.sort.keys[0], "<=", "max", "infinity"
	if q.desc {
		op, end, none = ">=", "min", "-infinity"
	}
	return condition{sql: fmt.Sprintf("%s %s coalesce((SELECT %s(k0) FROM first HAVING count(*) >= %s), '%s'::%s)", key.sql, op, end, limit, none, key.typ)}
}

// walked is the query for the first ids of each value of a walk.
func (q *Query) walked(b *builder, w boundWalk, where []condition, limit string) string {
	r := q.resource
	over := r.relations(b.add(w.over), false)
	records, keys := r.table+" t", q.keys()+"t.id"
	where = append([]condition{w.on}, where...)
	if w.table != "" {
		records = fmt.Sprintf("%s w JOIN %s t ON t.id = w.%s", w.table, r.table, quote(string(r.kind)))
		carried := r.carried(w.table)
		keys = "DISTINCT " + carried.Replace(q.keys()) + "w." + quote(string(r.kind)) + " AS id"
		for i := range where {
			where[i].sql = carried.Replace(where[i].sql)
		}
	}
	return fmt.Sprintf("SELECT page.* FROM %s, LATERAL (SELECT %s FROM %s%s ORDER BY %s LIMIT %s) page", over, keys, records, q.conditions(b, where, false), q.order(""), limit)
}

// carried replaces columns of the record by those of a part that carry them.
func (r *resource) carried(table string) *strings.Replacer {
	pairs := []string{"t.id", "w." + quote(string(r.kind))}
	for _, p := range r.parts {
		if p.table == table {
			for _, c := range p.carried {
				pairs = append(pairs, "t."+c.name, "w."+c.name)
			}
		}
	}
	return strings.NewReplacer(pairs...)
}

// conditions is the WHERE clause.
func (q *Query) conditions(b *builder, list []condition, asOf bool) string {
	var where []string
	for _, c := range list {
		if c.sql != "" {
			where = append(where, q.resource.relations(b.add(c), asOf))
		}
	}
	if where == nil {
		return ""
	}
	return " WHERE " + strings.Join(where, " AND ")
}

// keys are the sort keys by the names that the page gives them.
func (q *Query) keys() string {
	var list string
	for i, k := range q.sort.keys {
		list += fmt.Sprintf("%s AS k%d, ", k.sql, i)
	}
	return list
}

// order is the order of a page by the names of its columns.
func (q *Query) order(prefix string) string {
	direction := " ASC"
	if q.desc {
		direction = " DESC"
	}
	var list string
	for i := range q.sort.keys {
		list += fmt.Sprintf("%sk%d%s, ", prefix, i, direction)
	}
	return list + prefix + "id" + direction
}

// matchToken stands in a field's SQL for how the row matches the window.
const matchToken = "NULL /* match */::text"

// keyset is the condition of the rows after the cursor.
func (q *Query) keyset() condition {
	var left, right []string
	var args []any
	for i, k := range q.sort.keys {
		left, right = append(left, k.sql), append(right, "?::"+k.typ)
		args = append(args, q.after.Keys[i])
	}
	left, right = append(left, "t.id"), append(right, "?::"+q.resource.idType())
	args = append(args, q.after.ID)
	op := ">"
	if q.desc {
		op = "<"
	}
	return condition{fmt.Sprintf("(%s) %s (%s)", strings.Join(left, ", "), op, strings.Join(right, ", ")), args}
}

// selectList and join are the fields of a record t and the relations that
// they read.
func (r *resource) selectList(asOf bool) string {
	list := make([]string, len(r.fields))
	for i, f := range r.fields {
		list[i] = r.relations(f.sql, asOf)
	}
	return strings.Join(list, ", ")
}

func (r *resource) join(asOf bool) string {
	return r.relations(r.joins, asOf)
}

// joinedTo is t with what is joined to it, as a part of a join.
func (r *resource) joinedTo(records string, asOf bool) string {
	if r.joins == "" {
		return records + " t"
	}
	return "(" + records + " t " + r.join(asOf) + ")"
}

// SQL is the statement that List sends for the present, with its values: what
// benchmarks measure against and plans are tested on.
func (q Query) SQL() (string, []any) { return q.sql(nil) }

// Weighed reports whether the statement is sent with plans weighed for its
// values, not with those that ReadSettings ask for.
func (q Query) Weighed() bool { return q.valued }

// ItemSQL is the statement that Read sends for a record as it is now.
func ItemSQL(kind claims.Kind, id string) (string, []any) { return resources[kind].oneSQL(nil, id) }
