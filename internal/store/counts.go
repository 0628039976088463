package store

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"onrecord/internal/claims"
)

// Limits of counts.
const (
	DefaultTop = 20
	MaxTop     = 100 // so that the address behind the rest of three dimensions stays within bounds
	MaxRows    = 10_000
	maxBy      = 3
	maxFacets  = 12
)

// Counting is a question for counts, made by ParseCounts and ParseFacets.
type Counting struct {
	Query
	by      []*filter
	given   map[string][]string // the filters, as they are repeated behind each cell
	values  map[string]any      // the values in force of all filters
	late    []condition         // what is demanded for each value of a dimension that other filters read
	plain   []condition         // the same for the values in force
	split   int                 // the index of that dimension, or -1
	bucket  string
	top     int
	fill    bool
	metrics []string // of figures to be summed

	By      []string // names of the dimensions
	Several []string // those of which what is counted may have several values
	Bucket  string   // unit of time, if any
	Measure string   // what is counted
	Figures bool     // rows have sums of figures
}

// ParseCounts reads the query parameters of counts. Errors are Invalid, with
// the parameter's name as pointer.
func ParseCounts(kind claims.Kind, given map[string][]string) (Counting, error) {
	p := &parameters{resource: resources[kind], given: given, used: map[string]bool{}}
	by := p.dimensions(maxBy)
	c := p.counting(by)
	if w, ok := windows[kind]; ok {
		c.bucket = p.period(w)
		c.fill = p.word("fill", "none", "none", "zero") == "zero"
		if c.fill && c.bucket == "" && len(p.given["bucket"]) == 0 {
			p.refuse("fill", "contradiction", "fills periods, so it goes with bucket")
		}
	}
	if c.Bucket = c.bucket; c.bucket != "" && !c.count.measure.sum() {
		c.Several = append(c.Several, "time")
	}
	if len(by) == 0 && c.bucket == "" && len(p.problems) == 0 {
		p.refuse("by", "required", "names what to count by: "+strings.Join(Dimensions(kind), ", "))
	}
	if kind == claims.KindEvent {
		c.metrics, c.Figures = p.metrics(), true
	}
	p.unknownParameters()
	if len(p.problems) > 0 {
		return c, &Error{Code: Invalid, Detail: "a parameter is not valid", Problems: p.problems}
	}
	return c, nil
}

// dimensions reads by.
func (p *parameters) dimensions(most int) []*filter {
	var by []*filter
	kind := p.resource.kind
	for _, name := range p.many("by") {
		i := slices.IndexFunc(p.resource.filters, func(f filter) bool { return f.by != nil && f.dimensionName() == name })
		switch {
		case name == "": // refused already
		case i < 0:
			p.refuse("by", "unknown_value", fmt.Sprintf("%q is none of %s", name, strings.Join(Dimensions(kind), ", ")))
		case slices.Contains(by, &p.resource.filters[i]):
			p.refuse("by", "repeated", name+" stands twice")
		case len(by) == most:
			p.refuse("by", "too_many", fmt.Sprintf("has more than %d dimensions", most))
			return by
		default:
			by = append(by, &p.resource.filters[i])
		}
	}
	return by
}

// counting reads what counts and facets have in common.
func (p *parameters) counting(by []*filter) Counting {
	c := Counting{Query: Query{resource: p.resource}, by: by, given: map[string][]string{}, split: -1, By: []string{}, Several: []string{}}
	c.count.mode, c.count.measure = "exact", measures[p.resource.kind][0]
	if len(measures[p.resource.kind]) > 1 {
		c.count.measure = p.measure()
	}
	c.Measure = c.count.measure.name
	c.top = p.number("top", DefaultTop, 1, MaxTop)
	for i, f := range by {
		if f.by.roles {
			c.split = i
			p.split = map[string]raw{f.name: {fmt.Sprintf("CASE WHEN d%d.v IS NULL THEN ?::text[] ELSE ARRAY[d%d.v] END", i, i), []any{p.standing(f)}}}
		}
		for i := range p.resource.filters {
			if other := &p.resource.filters[i]; other.needs == f.name && len(p.given[other.name])+len(p.given["not_"+other.name]) > 0 {
				p.refuse("by", "contradiction", f.dimensionName()+" does not go with "+other.name+", which is about all values given at once")
			}
		}
		if f.derived {
			p.derived = true
			if len(p.given["as_of"]) > 0 {
				p.refuse("as_of", "derived", "does not go with "+f.dimensionName()+", which is derived and kept for the present only")
			}
		}
	}
	derived := p.derived
	p.filter(&c.Query)
	if p.unit != "" { // what has none to count is left out by joining them
		c.where = c.where[:len(c.where)-1]
	}
	c.Derived = c.Derived || derived
	c.values, c.late, c.plain = p.values, p.late, p.plain
	c.asOf = p.asOf()
	c.Form = p.form(forms)
	for name, values := range p.given {
		if !slices.Contains([]string{"by", "bucket", "top", "fill", "own", "figures", "count", "measure", "format", "excel"}, name) {
			c.given[name] = values
		}
	}
	m := c.count.measure
	for _, f := range by {
		name := f.dimensionName()
		c.By = append(c.By, name)
		if m.one != nil && !slices.Contains(m.one, name) || m.one == nil && !f.by.single(p.unit) {
			c.Several = append(c.Several, name)
		}
	}
	return c
}

// standing are the values in force of a filter that others read.
func (p *parameters) standing(f *filter) []string {
	given := p.many(f.name)
	if len(given) == 0 {
		given = strings.Split(f.standard, ",")
	}
	quiet := &parameters{resource: p.resource} // what is wrong with them is said once
	list, _ := quiet.check(f, f.name, given).([]string)
	return list
}

// period reads bucket.
func (p *parameters) period(w window) string {
	unit := p.single("bucket")
	if unit == "" {
		return ""
	}
	if !slices.Contains(buckets, unit) {
		p.refuse("bucket", "unknown_value", fmt.Sprintf("%q is none of %s", unit, strings.Join(buckets, ", ")))
		return ""
	}
	for _, v := range p.many(w.name + "_bucket") {
		of := v
		if _, named, ok := bucketAt(v); ok {
			of = named
		}
		if slices.Contains(buckets, of) && !nests(unit, of) {
			p.refuse("bucket", "contradiction", fmt.Sprintf("a %s may lie in more than one %s, which %s_bucket chooses", unit, of, w.name))
		}
	}
	return unit
}

// word reads a parameter that takes one of few words.
func (p *parameters) word(name, standard string, allowed ...string) string {
	v := p.single(name)
	if v == "" {
		return standard
	}
	if !slices.Contains(allowed, v) {
		p.refuse(name, "unknown_value", fmt.Sprintf("%q is none of %s", v, strings.Join(allowed, ", ")))
	}
	return v
}

// A Row is a cell of counts: how many records are behind its filters.
type Row struct {
	Time     *string // first day of its period; nil: in no certain one
	Values   []Value
	Count    int64
	Possible int64      // those that match the window only possibly
	Figures  []Sum      // of events
	Filters  url.Values // what selects its records
}

// A Value is that of a row in a dimension: one, none, or all others.
type Value struct {
	ID    *string // nil: none or others
	Label string
	Other bool // all values that have no row of their own
}

// Counts is the answer to a question for counts.
type Counts struct {
	Rows     []Row
	Total    int64
	Possible int64
	Windowed bool // Possible says something
	Figures  []Sum
	Seq      int64
	Pending  bool
}

// Counts answers from one snapshot. Errors: Invalid (more than MaxRows rows, or
// as_of).
func (s *Store) Counts(ctx context.Context, c Counting) (Counts, error) {
	answers, err := s.count(ctx, []Counting{c})
	return answers[0], err
}

// count answers several questions, of one state of the record.
func (s *Store) count(ctx context.Context, list []Counting) ([]Counts, error) {
	answers := make([]Counts, len(list))
	var pinned *int64
	if !list[0].asOf.IsZero() {
		seq, err := s.resolve(ctx, list[0].asOf)
		if err != nil {
			return answers, err
		}
		pinned = &seq
	}
	leave, err := s.heavy.enter(ctx)
	if err != nil {
		return answers, err
	}
	defer leave()
	err = pgx.BeginTxFunc(ctx, s.heavy, oneSnapshot, func(tx pgx.Tx) error {
		inMemory, err := s.countHeld(ctx, tx, list, answers)
		if err != nil {
			return err
		}
		batch := &pgx.Batch{}
		batch.Queue(weighing)
		for i := range list {
			if !inMemory[i] {
				list[i].queue(batch, pinned, &answers[i])
			}
		}
		if batch.Len() == 1 {
			return nil
		}
		return tx.SendBatch(ctx, batch).Close()
	})
	return answers, translate(err)
}

// queue adds the statement that answers to a batch.
func (c *Counting) queue(batch *pgx.Batch, pinned *int64, out *Counts) {
	sql, args := c.sql(pinned)
	batch.Queue(sql, args...).Query(func(rows pgx.Rows) error {
		found, err := pgx.CollectRows(rows, pgx.RowToStructByName[cell])
		if err != nil {
			return err
		}
		*out, err = c.counts(found)
		return err
	})
}

// SQL is the statement by which the database counts for the present, with its
// values.
func (c Counting) SQL() (string, []any) { return c.sql(nil) }

func tooManyRows() error {
	return &Error{Code: Invalid, Detail: "a parameter is not valid", Problems: []claims.Problem{{Pointer: "by", Code: "too_many",
		Detail: fmt.Sprintf("would give more than %d rows: take fewer dimensions, a lower top, a longer bucket or a shorter window", MaxRows)}}}
}

// counts makes rows of cells.
func (c *Counting) counts(found []cell) (Counts, error) {
	out := Counts{Rows: []Row{}, Windowed: c.match.sql != ""}
	at := map[string]int{}
	for i := range found {
		f := &found[i]
		out.Seq, out.Pending = f.Seq, f.Pending
		switch {
		case f.Part == partTotal:
			out.Total, out.Possible = f.Count, f.Count-f.Certain
		case f.Part == partCell:
			at[f.name()] = len(out.Rows)
			out.Rows = append(out.Rows, c.row(f))
		case f.Values == nil:
			out.Figures = append(out.Figures, f.Sum)
		default:
			row := &out.Rows[at[f.name()]]
			row.Figures = append(row.Figures, f.Sum)
		}
	}
	if c.fill && len(out.Rows) <= MaxRows {
		out.Rows = c.filled(out.Rows)
	}
	if len(out.Rows) > MaxRows {
		return out, tooManyRows()
	}
	tops := c.tops(out.Rows)
	for i := range out.Rows {
		out.Rows[i].Filters = c.filters(&out.Rows[i], tops)
	}
	slices.SortStableFunc(out.Rows, compareRows)
	return out, nil
}
