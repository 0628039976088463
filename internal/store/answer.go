package store

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"onrecord/internal/claims"
)

// Limits of embedding.
const (
	maxIncludes = 20
	maxDepth    = 4
	maxEmbedded = 20_000
	maxAnswer   = 32 << 20 // bytes: a record that many refer to is embedded in each of them
)

// A Record is one record as JSON.
type Record struct {
	ID      string
	Version int
	JSON    []byte
	Seq     int64 // the commit at which it was so
	Derived bool  // derived values are shown
	Pending bool  // some derived values wait to be computed after a wide change
}

// A branch is one relation to embed, and what to embed in those records.
type branch struct {
	relation
	children []*branch
	named    []string  // the members asked for; none: all
	shown    *resource // with these only
}

// includes reads include=a,b.c into a tree.
func (p *parameters) includes(root *resource) []*branch {
	if len(root.include) == 0 {
		return nil // so that the parameter is an unknown one
	}
	paths := p.many("include")
	var tree []*branch
	if len(paths) > maxIncludes {
		p.refuse("include", "too_many", fmt.Sprintf("has more than %d paths", maxIncludes))
		return nil
	}
	for _, path := range paths {
		r, level := root, &tree
		steps := strings.Split(path, ".")
		if len(steps) > maxDepth {
			p.refuse("include", "too_deep", fmt.Sprintf("goes deeper than %d", maxDepth))
			continue
		}
		for _, step := range steps {
			i := slices.IndexFunc(r.include, func(rel relation) bool { return rel.name == step })
			if i < 0 {
				var allowed []string
				for _, rel := range r.include {
					allowed = append(allowed, rel.name)
				}
				p.refuse("include", "unknown_value", fmt.Sprintf("%q is none of %s, of %s", step, strings.Join(allowed, ", "), r.path))
				break
			}
			b := embedded(level, r.include[i])
			r, level = resources[b.kind], &b.children
		}
	}
	return tree
}

// An answer is a query on its way to JSON: the rows of one resource, lead
// columns first (the seq first, the id as text last of them), then its fields.
type answer struct {
	resource *resource
	include  []*branch
	pinned   *int64
	primary  bool   // read where is written: a write depends on it
	valued   bool   // which plan is right depends on the values
	heavy    bool   // reads much, perhaps
	id       string // of a single record: the lead is seq, version, pending, id
	lead     int
	limit    int // rows to show; one more says that there are more
	tally    *counted
	placing  bool // the query is for places alone
	leading  bool // the lead of each row is wanted, not of the last alone

	seq     int64
	pending bool
	json    []byte // an array
	places  []place
	count   int
	more    bool
	total   *int64   // what tally gave
	last    [][]byte // lead columns of the last row shown
	leads   [][][]byte
}

// view asks for a single record.
func (r *resource) view(id string) *answer { return &answer{resource: r, id: id, lead: 4, limit: 1} }

// record is the answer to a view.
func (a *answer) record() Record {
	return Record{ID: a.id, Version: int(binary.BigEndian.Uint32(a.last[1])), JSON: a.json[1 : len(a.json)-1], Seq: a.seq, Pending: a.pending}
}

// ask runs the query and builds the JSON. Without includes that is one round
// trip; with them the page and its includes are read from one snapshot.
//
// A read whose connection turns out to be broken is tried once more; a light
// one that takes longer than a moment goes on as a heavy one.
func (s *Store) ask(ctx context.Context, a *answer, sql string, args []any) error {
	fresh := *a
	if !a.heavy && !a.primary && !s.slow.has(sql) {
		err := s.askTwice(ctx, a, sql, args)
		if CodeOf(err) != Timeout || ctx.Err() != nil {
			return err
		}
		s.slow.note(sql)
	}
	*a = fresh
	a.heavy = !a.primary
	if a.heavy {
		leave, err := s.heavy.enter(ctx)
		if err != nil {
			return err
		}
		defer leave()
	}
	return s.askTwice(ctx, a, sql, args)
}

func (s *Store) askTwice(ctx context.Context, a *answer, sql string, args []any) error {
	fresh := *a
	err := s.askOnce(ctx, a, sql, args)
	if CodeOf(err) == Unavailable && ctx.Err() == nil {
		*a = fresh
		err = s.askOnce(ctx, a, sql, args)
	}
	return err
}

func (s *Store) askOnce(ctx context.Context, a *answer, sql string, args []any) error {
	if len(a.include) == 0 && a.tally == nil && a.settings() != "" {
		batch := &pgx.Batch{}
		batch.Queue(a.settings())
		batch.Queue(sql, args...).Query(a.stream)
		return translate(s.pool(a).SendBatch(ctx, batch).Close())
	}
	if len(a.include) == 0 && a.tally == nil {
		rows, err := s.pool(a).Query(ctx, sql, args...)
		if err != nil {
			return translate(err)
		}
		return translate(a.stream(rows))
	}
	err := pgx.BeginTxFunc(ctx, s.pool(a), oneSnapshot, func(tx pgx.Tx) error {
		if settings := a.settings(); settings != "" {
			if _, err := tx.Exec(ctx, settings); err != nil {
				return err
			}
		}
		return a.embed(ctx, tx, sql, args)
	})
	return translate(err)
}

// weighed undoes ReadSettings until the transaction ends: plans are weighed for
// the values at hand, and what is read widely costs what it costs.
const weighed = `SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('random_page_cost', '4', true)`

// weighing is that for counts, which may gather much in memory, and whose plan
// is worth making for the values each time.
const weighing = `SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('random_page_cost', '2', true), set_config('work_mem', '64MB', true)`

// settings is what a page needs that is no walk of an index.
func (a *answer) settings() string {
	if a.valued || a.id == "" && a.pinned != nil {
		return weighed
	}
	return ""
}

// querier is a pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func (s *Store) pool(a *answer) *pgxpool.Pool {
	switch {
	case a.primary:
		return s.write
	case a.heavy:
		return s.heavy.Pool
	}
	return s.read
}

// typical is how many bytes a record may take, so that an answer rarely grows.
const typical = 1536

// stream appends the rows to the JSON as they come.
func (a *answer) stream(rows pgx.Rows) error {
	defer rows.Close()
	if !a.placing {
		a.json = append(make([]byte, 0, min(a.limit, 100)*typical), '[')
	}
	var s shape
	for rows.Next() {
		values := rows.RawValues()
		if a.seq == 0 {
			a.begin(values)
			var err error
			if s, err = a.shape(rows.FieldDescriptions()); err != nil {
				return err
			}
		}
		if !a.take(values) {
			continue
		}
		if a.placing {
			a.places = append(a.places, a.place(values))
			continue
		}
		if a.count > 1 {
			a.json = append(a.json, ',')
		}
		a.json = append(s.append(a.json, values[a.lead:]), '}')
	}
	if !a.placing {
		a.json = append(a.json, ']')
	}
	return rows.Err()
}

// shape is that of the rows, of which places have none.
func (a *answer) shape(columns []pgconn.FieldDescription) (shape, error) {
	if a.placing {
		return shape{}, nil
	}
	return shapeOf(a.resource.fields, columns, a.lead)
}

// begin reads what the first row says of all.
func (a *answer) begin(values [][]byte) {
	a.seq = int64(binary.BigEndian.Uint64(values[0]))
	at := 1
	if a.id != "" { // behind the version
		at = 2
	}
	a.pending = values[at][0] != 0
}

// take counts a row and remembers what later rows or the cursor need of it. It
// reports whether the row is to be shown.
func (a *answer) take(values [][]byte) bool {
	switch {
	case values[a.lead-1] == nil: // the row that ends a page
		return false
	case a.count == a.limit:
		a.more = true
		return false
	}
	a.count++
	a.last = a.last[:0]
	for _, v := range values[:a.lead] {
		a.last = append(a.last, slices.Clone(v))
	}
	if a.leading {
		a.leads = append(a.leads, slices.Clone(a.last))
	}
	return true
}

// rawRows are rows kept as the database sent them, grouped by the value that
// links them to the record they are embedded in.
type rawRows struct {
	shape  shape
	groups map[string][][][]byte
}

// embed reads the page, then all that is embedded in it at once.
func (a *answer) embed(ctx context.Context, tx pgx.Tx, sql string, args []any) error {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return err
	}
	var page [][][]byte
	var ids []string
	var s shape
	for rows.Next() {
		values := rows.RawValues()
		if a.seq == 0 {
			a.begin(values)
			if s, err = shapeOf(a.resource.fields, rows.FieldDescriptions(), a.lead); err != nil {
				rows.Close()
				return err
			}
		}
		if a.take(values) {
			page = append(page, clone(values[a.lead:]))
			ids = append(ids, string(values[a.lead-1]))
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	found, err := a.related(ctx, tx, ids)
	if err != nil {
		return err
	}
	if a.total, err = a.tally.count(ctx, tx); err != nil {
		return err
	}
	a.json = append(a.json, '[')
	for i, row := range page {
		if i > 0 {
			a.json = append(a.json, ',')
		}
		a.json = appendEmbedded(a.json, a.resource, &s, row, a.include, found)
		if len(a.json) > maxAnswer {
			return tooMuch(fmt.Sprintf("would make an answer of more than %d bytes: lower the limit or include less", maxAnswer))
		}
	}
	a.json = append(a.json, ']')
	return nil
}

// related reads every branch of the tree in one batch.
func (a *answer) related(ctx context.Context, tx pgx.Tx, ids []string) (map[*branch]*rawRows, error) {
	batch, found := &pgx.Batch{}, map[*branch]*rawRows{}
	if len(ids) == 0 {
		return found, nil
	}
	args, place := []any{ids}, "$1"
	if a.pinned != nil {
		args, place = []any{*a.pinned, ids}, "$2"
	}
	var queue func(parent *resource, where string, tree []*branch)
	queue = func(parent *resource, where string, tree []*branch) {
		for _, b := range tree {
			child := b.shown
			column, theirs := b.from, "id"
			if b.to != "" {
				column, theirs = "id", b.to
			}
			cond := fmt.Sprintf("t.%s IN (SELECT t.%s FROM %s t WHERE %s)", quote(theirs), quote(column), from(parent.table, a.pinned != nil), where)
			sql := fmt.Sprintf("SELECT t.%s, %s FROM %s t %s WHERE %s ORDER BY t.id LIMIT %d", quote(theirs), child.selectList(a.pinned != nil),
				from(child.table, a.pinned != nil), child.join(a.pinned != nil), cond, maxEmbedded+1)
			batch.Queue(sql, args...).Query(func(rows pgx.Rows) error {
				kept, err := keep(rows, child)
				found[b] = kept
				return err
			})
			queue(child, cond, b.children)
		}
	}
	queue(a.resource, fmt.Sprintf("t.id = ANY(%s::%s[])", place, a.resource.idType()), a.include)
	return found, tx.SendBatch(ctx, batch).Close()
}

// keep holds on to rows whose first column is the link.
func keep(rows pgx.Rows, r *resource) (*rawRows, error) {
	kept := &rawRows{groups: map[string][][][]byte{}}
	n := 0
	for rows.Next() {
		values := rows.RawValues()
		if n++; n == 1 {
			var err error
			if kept.shape, err = shapeOf(r.fields, rows.FieldDescriptions(), 1); err != nil {
				return nil, err
			}
		}
		if n > maxEmbedded {
			return nil, tooMuch(fmt.Sprintf("would embed more than %d records of one relation: lower the limit", maxEmbedded))
		}
		link := string(values[0])
		kept.groups[link] = append(kept.groups[link], clone(values[1:]))
	}
	return kept, rows.Err()
}

func tooMuch(detail string) error {
	return &Error{Code: Invalid, Detail: "a parameter is not valid", Problems: []claims.Problem{{Pointer: "include", Code: "too_many", Detail: detail}}}
}

func clone(values [][]byte) [][]byte {
	out := make([][]byte, len(values))
	for i, v := range values {
		out[i] = slices.Clone(v)
	}
	return out
}

// appendEmbedded writes a row with the records of the tree in it: one in place
// of its reference, many as a further member.
func appendEmbedded(dst []byte, r *resource, s *shape, row [][]byte, tree []*branch, found map[*branch]*rawRows) []byte {
	dst = append(dst, '{')
	for i, raw := range row {
		if r.fields[i].hidden {
			continue
		}
		b := branchAt(tree, r.fields[i].name)
		if b == nil || raw == nil || found[b] == nil || found[b].groups[string(raw)] == nil {
			dst = s.member(dst, i, raw)
			continue
		}
		kept := found[b]
		dst = append(dst, s.names[i]...)
		dst = appendEmbedded(dst, b.shown, &kept.shape, kept.groups[string(raw)][0], b.children, found)
	}
	for _, b := range tree {
		if b.to == "" {
			continue
		}
		if dst[len(dst)-1] != '{' {
			dst = append(dst, ',')
		}
		dst = append(dst, `"`+b.name+`":[`...)
		if kept := found[b]; kept != nil {
			for i, child := range kept.groups[string(row[r.idAt()])] {
				if len(dst) > maxAnswer { // the caller refuses
					break
				}
				if i > 0 {
					dst = append(dst, ',')
				}
				dst = appendEmbedded(dst, b.shown, &kept.shape, child, b.children, found)
			}
		}
		dst = append(dst, ']')
	}
	return append(dst, '}')
}

// idAt is where a row has the record's id.
func (r *resource) idAt() int {
	return slices.IndexFunc(r.fields, func(f field) bool { return f.name == "id" })
}

func branchAt(tree []*branch, field string) *branch {
	for _, b := range tree {
		if b.from == field {
			return b
		}
	}
	return nil
}
