package store

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"onrecord/internal/claims"
)

// A resource declares a kind of record: its table, what it shows, what it is
// filtered, sorted and embedded by. Everything that reads or writes records
// reads these declarations. SQL in them calls the record t and other relations
// {name}; {@part p} is the record's own rows of a part table.
type resource struct {
	kind    claims.Kind
	path    string // the collection's name in URLs
	table   string // its name in the database; "" is the path
	columns []column
	parts   []part
	owned   []owned // records that live and die with this one
	joins   string
	fields  []field
	filters []filter
	sorts   []ordering // the first is the default
	include []relation
	trees   []string // columns that point to the same kind and must not form a cycle
	rules   []rule
	soft    bool // has references that no foreign key guards

	secrets []field // what a client may write and nobody may read
}

// A column is one of the table beside those that all records have.
type column struct {
	name string
	refs claims.Kind // what it refers to, if anything
	sql  string      // as a part's column is shown; "" is the column itself
}

// A part is a table of rows that belong to their record's version.
type part struct {
	table   string
	field   string // of the input: an array
	columns []column
	hidden  []column // derived from the others, not shown
	carried []column // the record's, by which its rows are walked in the record's order
	scalar  bool     // the input is an array of values, not of objects
}

// owned is a kind whose column refers to the record that owns it.
type owned struct {
	kind   claims.Kind
	column string
}

// A field is one member of a record's JSON, in documented order.
type field struct {
	name    string
	sql     string   // an expression over t; "" is the column of that name
	members []string // of the record, or of each record of the array, that the expression gives
	label   bool     // shown, but no part of what a client may write

	secret bool // may be written and is never shown
	hidden bool // read, but not shown
}

// A relation embeds other records: one (through a column of the record, whose
// place it takes) or many (through a column of theirs).
type relation struct {
	name string
	kind claims.Kind
	from string // one: the column here
	to   string // many: the column there
}

// columns reads "name" and "name>kind" separated by space.
func columns(list string) []column {
	var cols []column
	for word := range strings.FieldsSeq(list) {
		name, refs, _ := strings.Cut(word, ">")
		cols = append(cols, column{name: name, refs: claims.Kind(refs)})
	}
	return cols
}

// shown makes fields of columns that are shown as they are stored.
func shown(list string) []field {
	var fields []field
	for word := range strings.FieldsSeq(list) {
		fields = append(fields, field{name: word})
	}
	return fields
}

func label(name, sql string) field { return field{name: name, sql: sql, label: true} }

// values is a field of an array of values.
func values(name, sql string) field { return field{name: name, sql: sql} }

// labels is one that is shown only.
func labels(name, sql string) field {
	f := values(name, sql)
	f.label = true
	return f
}

// A rule is a condition over several records. It is checked for the records
// written, where every earlier commit is visible, so that two writers can't
// break it together.
type rule struct {
	sql     string // lists the ids of offenders among {written}, as text
	code    Code
	pointer string
	problem string // its code
	detail  string
}

// of is the rule's SQL for the records whose ids SQL lists, as text.
func (r rule) of(ids string) string {
	return strings.ReplaceAll(r.sql, "{written}", "SELECT w.id::uuid FROM ("+ids+") w(id)")
}

// unnestedText lists the ids of an array.
const unnestedText = `SELECT unnest($1::text[])`

// resources are all kinds of records.
var resources = map[claims.Kind]*resource{}

func init() {
	for _, r := range []*resource{countries, topics, sources, ratings, speakers, offices, articles, tenures, events, statements, reports,
		claimed, positions, claimLinks, links, eventLinks, mentions, assessments, tips} {
		r.complete()
		resources[r.kind] = r
	}
}

// header are the columns that all record tables begin with.
const header = "id key version dataset review created_tx tx"

// complete adds what all records share.
func (r *resource) complete() {
	if r.table == "" {
		r.table = r.path
	}
	head := []field{{name: "id"}, {name: "key"}, {name: "version", label: true}, {name: "dataset"}, {name: "review"},
		label("created_at", "first.at"), label("updated_at", updatedAt)}
	switch r.kind {
	case claims.KindCountry:
		head[0].label, head[1] = true, field{name: "code", sql: "t.id"}
	case claims.KindTopic:
		head[0].label, head[1] = true, field{name: "slug", sql: "t.id"}
	default:
		head[0].label = true
		r.filters = append(r.filters, filter{name: "key", kind: keys, sql: "t.id = ANY(?::uuid[])", doc: "key, as given at creation"})
	}
	r.fields = append(head, r.fields...)
	for i, f := range r.fields {
		if f.sql == "" {
			r.fields[i].sql = "t." + quote(f.name)
		}
	}
	for _, p := range r.parts {
		r.fields = append(r.fields, p.shown())
	}
	for _, f := range r.fields {
		if f.secret {
			r.secrets = append(r.secrets, f)
		}
	}
	r.fields = slices.DeleteFunc(r.fields, func(f field) bool { return f.secret })
	r.joins = "JOIN commits first ON first.tx = t.created_tx " + r.joins
	r.filters = append(r.filters,
		filter{name: "id", kind: references, refs: r.kind, sql: "t.id = ANY(?)", by: &dimension{name: string(r.kind), value: "t.id"}, doc: "id"},
		filter{name: "dataset", kind: datasets, sql: "t.dataset = ANY(?)", by: only("t.dataset"), standard: claims.DefaultDataset, doc: "data set; any for all"},
		filter{name: "review", kind: terms, terms: claims.Reviews, sql: "t.review = ANY(?)", by: only("t.review"), doc: "how far it has been read"},
	)
	r.sorts = append(r.sorts, ordering{name: "id"})
}

// inputs is the resource showing only what a client may write.
func (r *resource) inputs() *resource {
	bare := *r
	bare.fields = append(slices.DeleteFunc(slices.Clone(r.fields), func(f field) bool { return f.label }), r.secrets...)
	return &bare
}

// updatedAt is the time of the last commit, which is the first of most records.
const updatedAt = "CASE WHEN t.tx = t.created_tx THEN first.at ELSE (SELECT last.at FROM commits last WHERE last.tx = t.tx) END"

// shown is the part's field: an array in the given order. What the database
// makes is an array of values or of rows, which rows.go writes as JSON: making
// JSON there costs more.
func (p *part) shown() field {
	if p.scalar {
		return values(p.field, fmt.Sprintf("ARRAY(SELECT p.%s FROM {@%s p} ORDER BY p.n)", quote(p.columns[0].name), p.table))
	}
	return field{name: p.field, sql: fmt.Sprintf("ARRAY(SELECT ROW(%s) FROM {@%s p} ORDER BY p.n)", strings.Join(p.values(), ", "), p.table), members: names(p.columns)}
}

// values are the expressions of the part's members over its row p.
func (p *part) values() []string {
	list := make([]string, len(p.columns))
	for i, c := range p.columns {
		if list[i] = c.sql; c.sql == "" {
			list[i] = "p." + quote(c.name)
		}
	}
	return list
}

// parents are the part's columns that hold its record's id, and where they
// come from in the record.
func (r *resource) parents() [][2]string {
	if r.ofStatement() {
		return [][2]string{{"statement", "statement"}, {string(r.kind), "id"}}
	}
	return [][2]string{{string(r.kind), "id"}}
}

// ofStatement reports whether records of the kind are children of a statement,
// whose id comes first in their primary key.
func (r *resource) ofStatement() bool {
	return r.kind == claims.KindReport || r.kind == claims.KindPosition || r.kind == claims.KindLink
}

// allColumns are the names of the record table's columns.
func (r *resource) allColumns() []string {
	return append(strings.Fields(header), names(r.columns)...)
}

func (r *resource) partColumns(p part) []string {
	var cols []string
	for _, parent := range r.parents() {
		cols = append(cols, parent[0])
	}
	return append(append(cols, "n", "tx"), p.written()...)
}

// written are the part's columns that follow from the record's input.
func (p *part) written() []string { return names(slices.Concat(p.columns, p.hidden, p.carried)) }

func names(cols []column) []string {
	list := make([]string, len(cols))
	for i, c := range cols {
		list[i] = c.name
	}
	return list
}

// idType is the SQL type of the kind's ids.
func (r *resource) idType() string {
	if r.kind.Keyed() {
		return "uuid"
	}
	return "text"
}

func quote(name string) string { return `"` + name + `"` }

func quoted(prefix string, list []string) string {
	q := make([]string, len(list))
	for i, name := range list {
		q[i] = prefix + quote(name)
	}
	return strings.Join(q, ", ")
}

var placeholder = regexp.MustCompile(`\{(@?)([a-z_]+)( [a-z]+)?\}`)

// relations replaces {name} and {@part p} in SQL by what they stand for now or
// as of the commit $1: no query names a table itself.
func (r *resource) relations(sql string, asOf bool) string {
	if !strings.Contains(sql, "{") {
		return sql
	}
	return placeholder.ReplaceAllStringFunc(sql, func(m string) string {
		sub := placeholder.FindStringSubmatch(m)
		name, alias := sub[2], sub[3]
		if sub[1] == "" {
			return from(name, asOf) + alias
		}
		a := strings.TrimSpace(alias)
		var on []string
		for _, parent := range r.parents() {
			on = append(on, a+"."+quote(parent[0])+" = t."+quote(parent[1]))
		}
		if asOf {
			on = append(on, a+".tx = t.tx") // a version's parts have its tx
		}
		return from(name, asOf) + alias + " WHERE " + strings.Join(on, " AND ")
	})
}

// presence, as {now}, is true where the present is asked for: facts have no
// history, so nothing is shown of them as of a past commit.
const presence = "now"

// from is a relation to read: the table now, or its rows as of the commit
// $1, current or since replaced.
func from(relation string, asOf bool) string {
	if relation == presence {
		return strconv.FormatBool(!asOf)
	}
	if !asOf {
		return relation
	}
	cols := quoted("x.", relationColumns(relation))
	return fmt.Sprintf(`(SELECT %[2]s FROM %[1]s x JOIN commits began ON began.tx = x.tx WHERE began.seq <= $1
 UNION ALL SELECT %[2]s FROM %[1]s_history x JOIN commits began ON began.tx = x.tx JOIN commits ended ON ended.tx = x.to_tx
 WHERE began.seq <= $1 AND ended.seq > $1)`, relation, cols)
}

func relationColumns(relation string) []string {
	for _, r := range resources {
		if r.table == relation {
			return r.allColumns()
		}
		for _, p := range r.parts {
			if p.table == relation {
				return r.partColumns(p)
			}
		}
	}
	panic("store: no relation " + relation)
}
