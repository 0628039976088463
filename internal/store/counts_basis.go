package store

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"onrecord/internal/claims"
	"onrecord/internal/edtf"
)

// A basis is the relation that a question is answered from, as t, with what is
// counted of each record, as u.
type basis struct {
	from   string
	weight string // how many records a row stands for; "" is one
	cells  bool   // columns hold sets of values
	narrow bool   // it is the cells
}

// basis is the first of the roll-ups, the cells and the records themselves that
// has the columns which the question reads. This is the only place that knows of
// them: the SQL of filters and dimensions is over t, whichever it is.
func (c *Counting) basis(asOf bool) basis {
	unit := c.count.measure.unit
	general := basis{from: from(c.resource.table, asOf) + " t" + c.resource.relations(unitJoin(unit), asOf)}
	if asOf || c.resource.kind != claims.KindStatement || !c.grouped() || unit != "" && unit != "reports" {
		return general
	}
	read := c.reads()
	if c.standing() && len(c.branches) == 0 && (c.bucket == "" || slices.Contains(rolledBuckets, c.bucket)) {
		for _, r := range rollups {
			if r.unit != unit {
				continue
			}
			columns := strings.Split(r.columns, ", ")
			timed := slices.Contains(columns, "said_from")
			held := slices.DeleteFunc(append(columns, scoped...), func(column string) bool { return strings.HasPrefix(column, "said_") }) // not the day itself
			if (c.bucket == "" || timed) && covers(read, held) {
				days := ""
				if timed {
					days = ", CASE WHEN isfinite(r.said_from) THEN r.said_to - r.said_from ELSE 0 END AS said_days, false AS said_qualified"
				}
				return basis{from: fmt.Sprintf("(SELECT r.*, 'own' AS dataset, 'attributed' AS voice, NULL::uuid AS within%s FROM %s r) t%s", days, r.relation(), c.reported("t.article")), weight: "t.n", cells: true}
			}
		}
	}
	if covers(read, strings.Split(strings.ReplaceAll(cellColumns, `"`, ""), ", ")) {
		return basis{from: "statement_cells t" + c.reported("unnest(t.articles)"), cells: true, narrow: true}
	}
	return general
}

// rolledBuckets are the periods that roll-ups tell apart.
var rolledBuckets = []string{"month", "quarter", "year"}

// scoped are the columns that all records of the standard scope have the same
// values in.
var scoped = []string{"dataset", "voice", "within"}

// standing reports whether all filters that have a standard are at it.
func (c *Counting) standing() bool {
	for _, f := range c.resource.filters {
		if f.standard != "" && c.chosen(f.name) {
			return false
		}
	}
	return true
}

// chosen reports whether the filter or its complement is given.
func (c *Counting) chosen(name string) bool {
	return len(c.given[name])+len(c.given["not_"+name]) > 0
}

// reported joins the articles of reports as u, from what lists them.
func (c *Counting) reported(articles string) string {
	if c.count.measure.unit == "" {
		return ""
	}
	lateral := "LATERAL (SELECT " + articles + " AS article) u"
	joined := strings.Trim(strings.Replace(units["reports"], "{reports} u", lateral, 1), "()") // so that the planner may choose how
	return " CROSS JOIN " + c.resource.relations(joined, false)
}

// columnRead is a column of a record, t, or of what is counted of it, u.
var columnRead = regexp.MustCompile(`\b([tu])\."?([a-z_]+)`)

// reads are the columns that the question reads, those of its period aside, if
// sets of values can be had from a column.
func (c *Counting) reads() map[string]bool {
	unit := c.count.measure.unit
	sql := []string{c.match.sql, c.count.measure.same}
	for _, cond := range slices.Concat(c.where, c.branches, c.count.units) {
		sql = append(sql, cond.sql)
	}
	for _, cond := range c.words() {
		sql = append(sql, cond.sql)
	}
	if c.walk != nil {
		sql = append(sql, c.walk.condition.sql)
	}
	for _, f := range c.by {
		switch {
		case f.by.single(unit):
			sql = append(sql, f.by.value)
		case c.kept(f):
			sql = append(sql, "t."+f.by.cell)
		case unit == "": // records are told apart
			sql = append(sql, "t.id", f.by.query(unit))
		default:
			sql = append(sql, "u.id", f.by.query(unit))
		}
	}
	read := map[string]bool{}
	for _, m := range columnRead.FindAllStringSubmatch(c.resource.relations(strings.Join(sql, "\n"), false), -1) {
		read[m[1]+"."+m[2]] = true
	}
	return read
}

// kept reports whether cells have a column of all the dimension's values.
func (c *Counting) kept(f *filter) bool {
	if f.by.cell == "" || strings.Contains(f.by.values, withBodies) && c.chosen("target_exact") {
		return false
	}
	for _, other := range c.resource.filters {
		if strings.Contains(f.by.values, ":"+other.name+")") && c.chosen(other.name) {
			return false
		}
	}
	return true
}

// covers reports whether all columns that are read are there: those of a record,
// and of its reports the article, which is all that is kept of them.
func covers(read map[string]bool, columns []string) bool {
	for name := range read {
		if column, of := strings.CutPrefix(name, "t."); of && !slices.Contains(columns, column) || !of && name != "u.article" {
			return false
		}
	}
	return true
}

// selected selects columns of all that is counted.
func (c *Counting) selected(b *builder, asOf bool, base basis, columns, joins condition, demands []condition) string {
	branches := c.branches
	if len(branches) == 0 {
		branches = []condition{{}}
	}
	var parts []string
	for i, branch := range branches {
		list := b.add(columns)
		joined := b.add(joins)
		var where []string
		for _, cond := range slices.Concat([]condition{branch}, c.where, c.words(), c.walks(asOf, i), c.found(base, i), demands) {
			if cond.sql != "" {
				where = append(where, "("+b.add(cond)+")")
			}
		}
		sql := "SELECT " + list + " FROM " + base.from + joined
		if where != nil {
			sql += " WHERE " + strings.Join(where, " AND ")
		}
		parts = append(parts, c.resource.relations(sql, asOf))
	}
	return strings.Join(parts, " UNION ALL ")
}

// words is the condition that the words asked for are found.
func (c *Counting) words() []condition {
	if c.search == nil {
		return nil
	}
	return []condition{c.search.condition}
}

// walks is the condition of a filter that has walks: of now, that the record is
// among those which they meet within the window's branch, where parts alone are walked.
func (c *Counting) walks(asOf bool, branch int) []condition {
	if c.walk == nil {
		return nil
	}
	if asOf || slices.ContainsFunc(c.walk.walks, func(w boundWalk) bool { return w.table == "" }) {
		return []condition{c.walk.condition}
	}
	var span condition
	if len(c.spans) > 0 {
		span = condition{" AND " + c.spans[branch].sql, c.spans[branch].args}
	}
	var parts []string
	var args []any
	for _, w := range c.walk.walks {
		parts = append(parts, fmt.Sprintf("SELECT w.%s FROM %s, %s w WHERE %s%s", quote(string(c.resource.kind)), w.over.sql, w.table, w.on.sql, span.sql))
		args = slices.Concat(args, w.over.args, w.on.args, span.args)
	}
	return []condition{{"t.id IN (" + strings.Join(parts, " UNION ALL ") + ")", args}}
}

// Conditions by which cells are found themselves, and those by which only an index of
// the statements finds them.
var (
	cellIndexed      = regexp.MustCompile(`^t\.(speaker|on_behalf_of) = (\?|ANY\(\?\))$`)
	statementIndexed = regexp.MustCompile(`^t\.(kind|dataset|occasion|within) = (\?|ANY\(\?\))$`)
)

// wideWindow is how many days are no longer few: all cells are looked at then.
const wideWindow = narrow / 2

// found is the condition that a cell is among those which an index of the
// statements finds, unless its own does: cells have few indexes, which importing
// pays for, and the statements' hold all that a window or a kind is told by.
func (c *Counting) found(base basis, branch int) []condition {
	if !base.narrow || c.walk != nil {
		return nil
	}
	var sql []string
	var args []any
	for _, cond := range c.where {
		if cellIndexed.MatchString(cond.sql) {
			return nil
		}
		if statementIndexed.MatchString(cond.sql) {
			sql, args = append(sql, strings.Replace(cond.sql, "t.", "w.", 1)), append(args, cond.args...)
		}
	}
	w := windows[c.resource.kind]
	asked, err := edtf.Window(strings.Join(c.given[w.name+"_from"], ""), strings.Join(c.given[w.name+"_to"], ""))
	short := err == nil && asked.From != edtf.NegInf && asked.To != edtf.PosInf && asked.To-asked.From <= wideWindow
	if short || sql != nil && c.spans != nil || len(c.given[w.name+"_on"]) > 0 {
		sql, args = append(sql, c.spans[branch].sql), append(args, c.spans[branch].args...)
	}
	if sql == nil {
		return nil
	}
	// An array, since the planner, told of a set, expects it too large and looks at all cells.
	return []condition{{"t.id = ANY(ARRAY(SELECT w.id FROM statements w WHERE " + strings.Join(sql, " AND ") + "))", args}}
}
