package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"onrecord/internal/claims"
)

// What counts_grouped.go has the database do, this file does in memory, for
// questions of which all filters and dimensions are columns that are held.

// countHeld answers those questions that can be answered from memory, in the
// transaction's snapshot, and tells which these are.
func (s *Store) countHeld(ctx context.Context, tx pgx.Tx, list []Counting, answers []Counts) ([]bool, error) {
	done := make([]bool, len(list))
	questions := make([]*heldCount, len(list))
	var reads columnSet
	for i := range list {
		if questions[i] = list[i].inMemory(); questions[i] != nil {
			reads |= questions[i].reads()
		}
	}
	if reads == 0 {
		return done, nil
	}
	held := s.held()
	if held == nil {
		return done, nil
	}
	v, err := held.view(ctx, tx, reads)
	if err != nil {
		return done, err
	}
	if v == nil {
		s.letGo(held)
		return done, nil
	}
	for i, q := range questions {
		if q == nil {
			continue
		}
		q.above, q.outlets, q.speakers = v.above, v.outlets, v.speakers
		q.limits = s.cells.limits
		cells, err := q.rows(v.cellRows)
		if err != nil {
			return done, err
		}
		if err := q.label(ctx, tx, cells); err != nil {
			return done, err
		}
		for k := range cells {
			cells[k].Seq, cells[k].Pending = v.seq, v.pending
		}
		if answers[i], err = q.Counting.counts(cells); err != nil {
			return done, err
		}
		done[i] = true
		s.cells.answers.Add(1)
	}
	return done, nil
}

// label looks up what the values are called.
func (q *heldCount) label(ctx context.Context, tx pgx.Tx, cells []cell) error {
	batch := &pgx.Batch{}
	for i, f := range q.by {
		kind := f.labelled()
		if kind == "" {
			continue
		}
		at := map[string][]**string{}
		for k := range cells {
			if cells[k].Part == partCell && cells[k].Values[i] != nil {
				at[*cells[k].Values[i]] = append(at[*cells[k].Values[i]], &cells[k].Labels[i])
			}
		}
		batch.Queue(fmt.Sprintf("SELECT id::text, %s FROM %s WHERE id = ANY($1)", called[kind], resources[kind].table), slices.Collect(maps.Keys(at))).Query(func(rows pgx.Rows) error {
			var id string
			var name *string
			_, err := pgx.ForEachRow(rows, []any{&id, &name}, func() error {
				label := name
				for _, l := range at[id] {
					*l = label
				}
				return nil
			})
			return err
		})
	}
	if batch.Len() == 0 {
		return nil
	}
	return tx.SendBatch(ctx, batch).Close()
}

// A heldCount is such a question.
type heldCount struct {
	*Counting
	columns  []int     // of its dimensions
	demands  []demands // of filters
	above    map[string][]string
	outlets  *outlets
	speakers *speakerTraits
	weights  []int32 // of rows: where reports are counted, as often as there are such
	limits   sumLimits
}

// demands are those of one parameter.
type demands struct {
	column int
	list   []string
	none   bool // what has no value is among them
	not    bool
}

// InMemory reports whether memory holds all that the question reads.
func (c Counting) InMemory() bool { return c.inMemory() != nil }

// inMemory is how the question is counted in memory, nil if it can't be.
func (c *Counting) inMemory() *heldCount {
	if c.resource.kind != claims.KindStatement || !c.asOf.IsZero() || !c.grouped() || c.count.measure.unit != "" && c.count.measure.unit != "reports" {
		return nil
	}
	q := &heldCount{Counting: c}
	for _, f := range c.by {
		column, ok := f.heldAs()
		if !ok {
			return nil
		}
		q.columns = append(q.columns, column)
	}
	w := windows[c.resource.kind]
	p := &parameters{resource: c.resource, given: c.given, used: map[string]bool{}}
	for name := range c.given {
		if slices.Contains([]string{w.name + "_from", w.name + "_to", w.name + "_on", "date_match"}, name) {
			continue
		}
		positive, not := strings.CutPrefix(name, "not_")
		i := slices.IndexFunc(c.resource.filters, func(f filter) bool { return f.name == positive })
		if i < 0 {
			return nil
		}
		f := &c.resource.filters[i]
		column, ok := f.heldAs()
		if !ok {
			return nil
		}
		list, _ := p.check(f, name, p.all(f, name)).([]string)
		q.demands = append(q.demands, demands{column, list, p.none[name], not})
	}
	if several := slices.DeleteFunc(slices.Clone(q.columns), func(column int) bool { return heldIn(column) != heldArticles }); q.reports() && len(several) > 1 {
		return nil // a report's own source and article are not every one with every other
	}
	return q
}

// reads are the columns that the question reads.
func (q *heldCount) reads() (set columnSet) {
	if q.bucket != "" || q.match.sql != "" || len(q.given[windows[q.resource.kind].name+"_on"]) > 0 {
		set = set.with(heldSaid)
	}
	for _, column := range q.columns {
		set = set.with(column)
	}
	for _, d := range q.demands {
		set = set.with(d.column)
	}
	if q.reports() {
		set = set.with(heldArticles)
	}
	if q.count.measure.same != "" {
		set = set.with(heldOccasion)
	}
	return set
}

// reports reports whether these are counted, of which a row may have several.
func (q *heldCount) reports() bool { return q.count.measure.unit == "reports" }

// heldAs is the column that holds all values of the filter as a dimension.
func (f *filter) heldAs() (int, bool) {
	if f.by == nil {
		return 0, false
	}
	column, ok := heldBy[cmp.Or(f.by.cell, f.by.value)]
	return column, ok
}
