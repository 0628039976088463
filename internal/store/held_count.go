package store

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"onrecord/internal/claims"
	"onrecord/internal/edtf"
)

// What counts_grouped.go has the database do, this file does in memory, for
// questions of which all filters and dimensions are columns that are held.

// countHeld answers those questions that can be answered from memory, in the
// transaction's snapshot, and tells which these are.
func (s *Store) countHeld(ctx context.Context, tx pgx.Tx, list []Counting, answers []Counts) ([]bool, error) {
	done := make([]bool, len(list))
	questions := make([]*heldCount, len(list))
	any, topics, carried := false, false, false
	for i := range list {
		if q := list[i].inMemory(); q != nil {
			questions[i], any = q, true
			topics, carried = topics || q.reads(heldTopics), carried || q.reads(heldSources) || q.reads(heldOutlets)
		}
	}
	if !any {
		return done, nil
	}
	held := s.held()
	if held == nil {
		return done, nil
	}
	v, err := held.view(ctx, tx, topics, carried)
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
		q.above, q.outlets = v.above, v.outlets
		cells := q.rows(v.cellRows)
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
	columns []int     // of its dimensions
	demands []demands // of filters
	above   map[string][]string
	outlets *outlets
	weights []int32 // of rows: where reports are counted, as often as there are such
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

// reads reports whether the question is about a column.
func (q *heldCount) reads(column int) bool {
	return slices.Contains(q.columns, column) || slices.ContainsFunc(q.demands, func(d demands) bool { return d.column == column })
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

// An axis is a dimension, or the period: of each code of its column the places
// that a row with it has there. The last two places are those of all others and
// of none.
type axis struct {
	column int
	values []string // of places, without the last two
	at     []uint32 // where in places those of each code begin, and the end of the last
	places []uint32
	stride uint64 // what a place counts for in the number of a combination
}

func (a *axis) size() uint64 { return uint64(len(a.values)) + 2 }

// stand gives the next code its places.
func (a *axis) stand(places ...uint32) {
	a.places = append(a.places, places...)
	a.at = append(a.at, uint32(len(a.places)))
}

// rows are the answer.
func (q *heldCount) rows(r *cellRows) []cell {
	chosen := q.selected(r)
	q.weights = r.weights
	if q.reports() {
		q.weights = q.reported(r, chosen)
	}
	var axes []axis
	for i, column := range q.columns {
		axes = append(axes, q.axis(r, chosen, i, column))
	}
	if q.bucket != "" {
		axes = append(axes, q.periods(r))
	}
	for i, stride := len(axes)-1, uint64(1); i >= 0; i-- {
		axes[i].stride = stride
		stride *= axes[i].size()
	}
	total, sums := q.sums(r, chosen, q.certain(r), axes)
	out := []cell{{Part: partTotal, Count: total.n, Certain: total.c}}
	for key, s := range sums.all() {
		if out = append(out, q.row(axes, key, s)); len(out) > MaxRows+1 {
			break // counts refuses so many
		}
	}
	return out
}

// row is the one with this number.
func (q *heldCount) row(axes []axis, key uint64, s sum) cell {
	out := cell{Part: partCell, Count: s.n, Certain: s.c, Values: make([]*string, len(q.by)), Others: make([]bool, len(q.by)), Labels: make([]*string, len(q.by))}
	for i := range axes {
		a := &axes[i]
		place := int(key / a.stride)
		key %= a.stride
		switch known := place < len(a.values); {
		case a.column == heldSaid && known:
			first := day(a.values[place])
			out.Time = &first
		case a.column == heldSaid:
		case known:
			out.Values[i] = &a.values[place]
		default:
			out.Others[i] = place == len(a.values)
		}
	}
	return out
}

// valuesOf are the values of a dimension and those of each code of its column.
func (q *heldCount) valuesOf(r *cellRows, dimension int) *heldColumn {
	c := &r.columns[heldIn(dimension)]
	switch {
	case dimension == heldTopics:
		above := make([][]uint32, len(c.values.list))
		out := &heldColumn{}
		for n, topic := range c.values.list {
			for _, v := range q.above[topic] {
				number, _ := out.values.number([]byte(v))
				above[n] = append(above[n], number)
			}
		}
		c.stand(out, len(out.values.list), false, func(n uint32) []uint32 { return above[n] })
		return out
	case heldIn(dimension) != heldArticles:
		return c
	}
	values, of := q.carrying(c, dimension)
	out := &heldColumn{values: values}
	if !q.reports() {
		c.stand(out, len(values.list), false, func(n uint32) []uint32 {
			if values.list[of[n]] == "" {
				return nil
			}
			return of[n : n+1]
		})
		return out
	}
	passing := q.passing(c)
	c.stand(out, len(values.list), true, func(n uint32) []uint32 {
		if !passing[n] {
			return nil
		}
		return of[n : n+1]
	})
	return out
}

// carrying are the values of a dimension of reports, and those of each article.
func (q *heldCount) carrying(articles *heldColumn, dimension int) (values dictionary, of []uint32) {
	switch dimension {
	case heldSources:
		return q.outlets.names, q.outlets.sources
	case heldOutlets:
		return q.outlets.names, q.outlets.countries
	}
	of = make([]uint32, len(articles.values.list))
	for n := range of {
		of[n] = uint32(n)
	}
	return articles.values, of
}

// passing tells of each article whether the filters choose reports of it.
func (q *heldCount) passing(articles *heldColumn) []bool {
	pass := slices.Repeat([]bool{true}, len(articles.values.list))
	for _, d := range q.demands {
		if heldIn(d.column) != heldArticles {
			continue
		}
		values, of := q.carrying(articles, d.column)
		wanted := make([]bool, len(values.list))
		for v, name := range values.list {
			wanted[v] = (name == "" && d.none || name != "" && slices.Contains(d.list, name)) != d.not
		}
		for n := range pass {
			pass[n] = pass[n] && wanted[of[n]]
		}
	}
	return pass
}

// stand gives each code of another column what its values stand for, each value
// once or as often as there is one.
func (c *heldColumn) stand(out *heldColumn, different int, repeated bool, of func(value uint32) []uint32) {
	last := make([]int, different) // the code that had the value last, and one
	for code := range c.at {
		out.at = append(out.at, uint32(len(out.parts)))
		for _, own := range c.of(uint32(code)) {
			for _, v := range of(own) {
				if repeated || last[v] <= code {
					last[v] = code + 1
					out.parts = append(out.parts, v)
				}
			}
		}
	}
}

// reported weighs rows by the reports that the filters choose.
func (q *heldCount) reported(r *cellRows, chosen *selection) []int32 {
	c := &r.columns[heldArticles]
	pass := q.passing(c)
	times := make([]int32, len(c.at))
	for code := range times {
		for _, article := range c.of(uint32(code)) {
			if pass[article] {
				times[code]++
			}
		}
	}
	weights := make([]int32, len(r.weights))
	for rows := range chosen.blocks() {
		for _, row := range rows {
			weights[row] = r.weights[row] * times[c.codes[row]]
		}
	}
	return weights
}

// selection is the rows that the filters select, in blocks.
type selection struct {
	rows       []uint32
	first, all uint32 // or all from the first on

	order, starts []uint32 // the rows by occasion, and where those of each start
}

const blockRows = 4096

// blocks are the rows, so many at a time that what is made of them stays near.
func (s *selection) blocks() iter.Seq[[]uint32] {
	return func(yield func([]uint32) bool) {
		if s.rows != nil {
			for block := range slices.Chunk(s.rows, blockRows) {
				if !yield(block) {
					return
				}
			}
			return
		}
		block := make([]uint32, 0, blockRows)
		for row := s.first; row < s.all; {
			block = block[:0]
			for ; row < s.all && len(block) < blockRows; row++ {
				block = append(block, row)
			}
			if !yield(block) {
				return
			}
		}
	}
}

// list are all the rows.
func (s *selection) list() []uint32 {
	if s.rows != nil {
		return s.rows
	}
	rows := make([]uint32, s.all)
	for i := range rows {
		rows[i] = uint32(i)
	}
	return rows
}

// selected are the rows that the filters select.
func (q *heldCount) selected(r *cellRows) *selection {
	type check struct {
		codes []uint32
		pass  []bool
	}
	var checks []check
	runs := r.runs(nil)
	for _, d := range q.demands {
		c := &r.columns[heldIn(d.column)]
		if q.reports() && heldIn(d.column) == heldArticles {
			continue // of reports, not of rows
		}
		values := q.valuesOf(r, d.column)
		wanted := make([]bool, len(values.values.list))
		for n, v := range values.values.list {
			wanted[n] = slices.Contains(d.list, v)
		}
		pass := make([]bool, len(c.at))
		for code := range pass {
			of := values.of(uint32(code))
			holds := d.none && len(of) == 0 || slices.ContainsFunc(of, func(v uint32) bool { return wanted[v] })
			pass[code] = holds != d.not
		}
		checks = append(checks, check{c.codes, pass})
		if d.column == heldSpeaker {
			runs = r.runs(pass)
		}
	}
	said := &r.columns[heldSaid]
	if within := q.within(); within != nil {
		pass := make([]bool, len(said.spans))
		for code, s := range said.spans {
			pass[code] = within(s)
		}
		checks = append(checks, check{said.codes, pass})
	}
	if checks == nil {
		return &selection{all: uint32(len(r.weights))}
	}
	rows := []uint32{}
	for _, run := range runs {
	next:
		for row := run[0]; row < run[1]; row++ {
			for i := range checks {
				if !checks[i].pass[checks[i].codes[row]] {
					continue next
				}
			}
			rows = append(rows, row)
		}
	}
	return &selection{rows: rows}
}

// runs are rows beside each other that may be selected: where speakers are, those
// of each, and what is not in their order.
func (r *cellRows) runs(speakers []bool) (runs [][2]uint32) {
	all := uint32(len(r.weights))
	if speakers == nil {
		return [][2]uint32{{0, all}}
	}
	last := len(r.starts) - 1
	for code := range last {
		if speakers[code] {
			runs = append(runs, [2]uint32{r.starts[code], r.starts[code+1]})
		}
	}
	return append(runs, [2]uint32{r.starts[last], all})
}

// within reports whether a date matches the window, as bounds in window.go has
// the database do; nil where none is given.
func (q *heldCount) within() func(span) bool {
	single := func(name string) string { return strings.Join(q.given[windows[q.resource.kind].name+name], "") }
	if single("_on") != "" {
		return func(s span) bool { return s.From == edtf.PosInf }
	}
	asked, err := edtf.Window(single("_from"), single("_to"))
	switch {
	case q.match.sql == "" || err != nil:
		return nil
	case q.Scope["date_match"] == "certain":
		return func(s span) bool { return s.surely(asked) }
	}
	return func(s span) bool { return s.From < asked.To && s.To > asked.From }
}

// surely reports whether the date certainly lies in the window.
func (s *span) surely(window edtf.Range) bool {
	return s.From >= window.From && s.To <= window.To && s.From < edtf.PosInf && !s.qualified
}

// certain tells of each code of dates whether it matches the window certainly;
// nil where all do.
func (q *heldCount) certain(r *cellRows) []bool {
	if q.match.sql == "" {
		return nil
	}
	w := windows[q.resource.kind]
	asked, _ := edtf.Window(strings.Join(q.given[w.name+"_from"], ""), strings.Join(q.given[w.name+"_to"], "")) // read before
	sure := make([]bool, len(r.columns[heldSaid].spans))
	for code, s := range r.columns[heldSaid].spans {
		sure[code] = s.surely(asked)
	}
	return sure
}

// axis finds the values of a dimension that get rows of their own.
func (q *heldCount) axis(r *cellRows, chosen *selection, dimension, column int) axis {
	values := q.valuesOf(r, column)
	shown := q.own(dimension, values.values.list)
	counts := q.perValue(r, chosen, column, values)
	var top []uint32
	for v, n := range counts {
		if n > 0 && shown[v] {
			top = append(top, uint32(v))
		}
	}
	slices.SortFunc(top, func(a, b uint32) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), strings.Compare(values.values.list[a], values.values.list[b]))
	})
	top = top[:min(len(top), q.top)]
	a := axis{column: heldIn(column), at: make([]uint32, 1, len(values.at)+1)}
	place := make([]uint32, len(counts)) // and one
	for i, v := range top {
		place[v] = uint32(i) + 1
		a.values = append(a.values, values.values.list[v])
	}
	others, none := uint32(len(top)), uint32(len(top))+1
	each := q.reports() && a.column == heldArticles // a report has one, whatever others have
	for code := range values.at {
		before, some := len(a.places), false
		for _, v := range values.of(uint32(code)) {
			some = some || shown[v]
			switch {
			case place[v] > 0:
				a.places = append(a.places, place[v]-1)
			case each && values.values.list[v] == "":
				a.places = append(a.places, none)
			case each:
				a.places = append(a.places, others)
			}
		}
		switch {
		case each:
			a.stand()
		case len(a.places) > before:
			a.stand()
		case some:
			a.stand(others)
		default:
			a.stand(none)
		}
	}
	return a
}

// own tells which values may have rows: those that the dimension's own filter is
// given, and what lies below them.
func (q *heldCount) own(dimension int, values []string) []bool {
	shown := make([]bool, len(values))
	f := q.by[dimension]
	given, _ := q.values[f.name].([]string)
	for n, v := range values {
		above := []string{v}
		if q.columns[dimension] == heldTopics {
			above = q.above[v]
		}
		shown[n] = v != "" && (given == nil || f.by.single(q.count.measure.unit) || slices.ContainsFunc(above, func(v string) bool { return slices.Contains(given, v) }))
	}
	return shown
}

// periods is the axis of time.
func (q *heldCount) periods(r *cellRows) axis {
	spans := r.columns[heldSaid].spans
	a := axis{column: heldSaid, at: make([]uint32, 1, len(spans)+1)}
	const none = math.MaxUint32
	numbers := map[edtf.Day]uint32{}
	for _, s := range spans {
		place := uint32(none)
		if !s.qualified && s.days >= 1 && s.days <= int32(longest[q.bucket]) {
			start := startOf(s.From.Time(), q.bucket)
			if startOf((s.To - 1).Time(), q.bucket).Equal(start) {
				n, ok := numbers[edtf.DayOf(start)]
				if !ok {
					n = uint32(len(a.values))
					numbers[edtf.DayOf(start)] = n
					a.values = append(a.values, start.Format(time.DateOnly))
				}
				place = n
			}
		}
		a.stand(place)
	}
	for i, place := range a.places {
		if place == none {
			a.places[i] = uint32(len(a.values)) + 1
		}
	}
	return a
}

// A sum is a count, and how much of it matches certainly.
type sum struct{ n, c int64 }

func (s *sum) add(more sum) { s.n, s.c = s.n+more.n, s.c+more.c }

// once is the sum of what is all the same.
func (s sum) once() sum { return sum{min(s.n, 1), min(s.c, 1)} }

// occasions are the rows of each occasion; those of none are not the same.
func (s *selection) occasions(r *cellRows) iter.Seq2[bool, []uint32] {
	occasion := &r.columns[heldOccasion]
	if s.starts == nil {
		s.order, s.starts = sorted(occasion.codes, len(occasion.texts.list), s.list())
	}
	return func(yield func(same bool, group []uint32) bool) {
		for code := range occasion.texts.list {
			if group := s.order[s.starts[code]:s.starts[code+1]]; len(group) > 0 && !yield(len(occasion.of(uint32(code))) > 0, group) {
				return
			}
		}
	}
}

// perCode counts rows by what they have in a column.
func (r *cellRows) perCode(chosen *selection, column int, weights []int32, certain []bool) []sum {
	codes, said := r.columns[column].codes, r.columns[heldSaid].codes
	counts := make([]sum, len(r.columns[column].at))
	if chosen.rows == nil && certain == nil && len(weights) > 0 && &weights[0] == &r.weights[0] { // most are counted
		for code, n := range r.counts[column] {
			counts[code] = sum{n, n}
		}
		chosen = &selection{first: r.starts[len(r.starts)-1], all: chosen.all}
	}
	for rows := range chosen.blocks() {
		for _, row := range rows {
			n := &counts[codes[row]]
			w := int64(weights[row])
			if n.n += w; certain == nil || certain[said[row]] {
				n.c += w
			}
		}
	}
	return counts
}

// weighing are the weights of rows where they are counted by a column: each report
// is a part of its own where it is counted by what it is of.
func (q *heldCount) weighing(r *cellRows, columns ...int) []int32 {
	if slices.ContainsFunc(columns, func(column int) bool { return heldIn(column) == heldArticles }) {
		return r.weights
	}
	return q.weights
}

// perValue counts the values of a dimension.
func (q *heldCount) perValue(r *cellRows, chosen *selection, column int, values *heldColumn) []int64 {
	counts := make([]int64, len(values.values.list))
	if q.count.measure.same != "" {
		apart := []uint32{}
		net := map[uint32]int64{}
		for same, group := range chosen.occasions(r) {
			if !same {
				apart = group
				continue
			}
			clear(net)
			for _, row := range group {
				for _, v := range values.of(r.columns[heldIn(column)].codes[row]) {
					net[v] += int64(r.weights[row])
				}
			}
			for v, n := range net {
				counts[v] += min(n, 1)
			}
		}
		chosen = &selection{rows: apart}
	}
	for code, n := range r.perCode(chosen, heldIn(column), q.weighing(r, column), nil) {
		for _, v := range values.of(uint32(code)) {
			counts[v] += n.n
		}
	}
	return counts
}

// sums are the counts of all combinations of places, by their numbers, and of
// everything.
func (q *heldCount) sums(r *cellRows, chosen *selection, certain []bool, axes []axis) (total sum, all *sums) {
	all = newSums(axes, certain == nil)
	c := newCombining(r, axes, q.weighing(r, q.columns...), certain)
	switch {
	case q.count.measure.same != "":
	case len(axes) == 1: // codes are far fewer than rows
		a := &axes[0]
		for code, n := range r.perCode(chosen, a.column, c.weights, certain) {
			for _, place := range a.places[a.at[code]:a.at[code+1]] {
				all.add(uint64(place), n)
			}
		}
		for _, n := range r.perCode(chosen, heldSaid, q.weights, certain) {
			total.add(n)
		}
		return total, all
	default:
		for rows := range chosen.blocks() {
			c.count(rows, all)
			if len(all.many) > manySums {
				break
			}
		}
		for _, n := range r.perCode(chosen, heldSaid, q.weights, certain) {
			total.add(n)
		}
		return total, all
	}
	for same, group := range chosen.occasions(r) {
		if !same {
			for rows := range slices.Chunk(group, blockRows) {
				total.add(c.count(rows, all))
			}
			continue
		}
		one := &sums{many: map[uint64]sum{}}
		total.add(c.count(group, one).once())
		for key, n := range one.many {
			all.add(key, n.once())
		}
	}
	return total, all
}

// A combining numbers the combinations of places that rows have.
type combining struct {
	*cellRows
	weights []int32
	certain []bool // codes of heldSaid; nil: all
	axes    []axis
	only    [][]int64 // of each axis what the place of a code counts for, if it has one alone
	numbers []int64
	several []uint64
}

// notOne makes a number negative, whatever is added to it.
const notOne = math.MinInt64 / 8

func newCombining(r *cellRows, axes []axis, weights []int32, certain []bool) *combining {
	c := &combining{cellRows: r, weights: weights, certain: certain, axes: axes}
	for i := range axes {
		a := &axes[i]
		only := make([]int64, len(a.at)-1)
		for code := range only {
			if only[code] = notOne; a.at[code+1] == a.at[code]+1 {
				only[code] = int64(uint64(a.places[a.at[code]]) * a.stride)
			}
		}
		c.only = append(c.only, only)
	}
	return c
}

// count adds rows to the sums, and returns how many they are.
func (c *combining) count(rows []uint32, into *sums) (all sum) {
	c.numbers = slices.Grow(c.numbers[:0], len(rows))[:len(rows)]
	clear(c.numbers)
	for i := range c.axes {
		codes, only := c.columns[c.axes[i].column].codes, c.only[i]
		for k, row := range rows {
			c.numbers[k] += only[codes[row]]
		}
	}
	if into.n != nil && into.c == nil {
		for k, row := range rows {
			n := int64(c.weights[row])
			all.n += n
			if number := c.numbers[k]; number >= 0 {
				into.n[number] += n
				continue
			}
			for _, number := range c.each(row) {
				into.n[number] += n
			}
		}
		return sum{all.n, all.n}
	}
	said := c.columns[heldSaid].codes
	for k, row := range rows {
		n := int64(c.weights[row])
		w := sum{n, n}
		if c.certain != nil && !c.certain[said[row]] {
			w.c = 0
		}
		all.add(w)
		if number := c.numbers[k]; number >= 0 {
			into.add(uint64(number), w)
			continue
		}
		for _, number := range c.each(row) {
			into.add(number, w)
		}
	}
	return all
}

// each are the numbers of all combinations of a row, until it is called again.
func (c *combining) each(row uint32) []uint64 {
	numbers := append(c.several[:0], 0)
	for i := range c.axes {
		a := &c.axes[i]
		code := c.columns[a.column].codes[row]
		places, before := a.places[a.at[code]:a.at[code+1]], len(numbers)
		if len(places) == 0 {
			return nil
		}
		for _, place := range places[1:] {
			for _, number := range numbers[:before] {
				numbers = append(numbers, number+uint64(place)*a.stride)
			}
		}
		for k := range before {
			numbers[k] += uint64(places[0]) * a.stride
		}
	}
	c.several = numbers
	return numbers
}

// sums are by number: in lists where there can't be many, else in a map.
type sums struct {
	n, c []int64 // c is nil where all match certainly
	many map[uint64]sum
}

const (
	fewSums  = 1 << 20
	manySums = 10 * MaxRows // so many are refused, whatever else there is
)

func newSums(axes []axis, certain bool) *sums {
	size := uint64(1)
	for i := range axes {
		size *= axes[i].size()
	}
	switch {
	case size > fewSums:
		return &sums{many: map[uint64]sum{}}
	case certain:
		return &sums{n: make([]int64, size)}
	}
	return &sums{n: make([]int64, size), c: make([]int64, size)}
}

func (s *sums) add(number uint64, more sum) {
	if s.many != nil {
		n := s.many[number]
		n.add(more)
		s.many[number] = n
		return
	}
	s.n[number] += more.n
	if s.c != nil {
		s.c[number] += more.c
	}
}

// all are those that are not zero.
func (s *sums) all() iter.Seq2[uint64, sum] {
	return func(yield func(uint64, sum) bool) {
		for number, n := range s.n {
			c := n
			if s.c != nil {
				c = s.c[number]
			}
			if n != 0 && !yield(uint64(number), sum{n, c}) {
				return
			}
		}
		for number, n := range s.many {
			if n.n != 0 && !yield(number, n) {
				return
			}
		}
	}
}
