package store

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
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
	any, topics := false, false
	for i := range list {
		if questions[i] = list[i].inMemory(); questions[i] != nil {
			any, topics = true, topics || questions[i].topics
		}
	}
	if !any {
		return done, nil
	}
	held := s.held()
	if held == nil {
		return done, nil
	}
	v, err := held.view(ctx, tx, topics)
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
		q.above = v.above
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
	topics  bool      // needs to know what stands above topics
	above   map[string][]string
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
	if c.resource.kind != claims.KindStatement || !c.asOf.IsZero() || !c.grouped() || c.count.measure.unit != "" {
		return nil
	}
	q := &heldCount{Counting: c}
	for _, f := range c.by {
		column, ok := f.heldIn()
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
		column, ok := f.heldIn()
		if !ok {
			return nil
		}
		list, _ := p.check(f, name, p.all(f, name)).([]string)
		q.demands = append(q.demands, demands{column, list, p.none[name], not})
	}
	q.topics = slices.Contains(q.columns, heldTopics) || slices.ContainsFunc(q.demands, func(d demands) bool { return d.column == heldTopics })
	return q
}

// heldIn is the column that holds all values of the filter as a dimension.
func (f *filter) heldIn() (int, bool) {
	if f.by == nil {
		return 0, false
	}
	column, ok := heldBy[cmp.Or(f.by.cell, f.by.value)]
	return column, ok
}

// members are the values that stand for a text of the column.
func (q *heldCount) members(column int, text string) []string {
	switch {
	case text == "":
		return nil
	case column == heldTargets:
		return strings.Split(text, ",")
	case column == heldTopics:
		var all []string
		for own := range strings.SplitSeq(text, ",") {
			all = append(all, q.above[own]...)
		}
		slices.Sort(all)
		return slices.Compact(all)
	}
	return []string{text}
}

// An axis is a dimension, or the period: of each code the places that a row
// with it has there. The last two places are those of all others and of none.
type axis struct {
	column int
	places [][]uint32
	values []string // of places, without the last two
}

func (a *axis) size() int { return len(a.values) + 2 }

// rows are the answer.
func (q *heldCount) rows(r *cellRows) []cell {
	rows := q.selected(r)
	var axes []axis
	for i, column := range q.columns {
		axes = append(axes, q.axis(r, rows, i, column))
	}
	if q.bucket != "" {
		axes = append(axes, q.periods(r))
	}
	total, sums := q.sums(r, rows, q.certain(r), axes)
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
	for i := len(axes) - 1; i >= 0; i-- {
		a := &axes[i]
		place := int(key % uint64(a.size()))
		key /= uint64(a.size())
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

// selected are the rows that the filters select.
func (q *heldCount) selected(r *cellRows) []uint32 {
	type check struct {
		codes []uint32
		pass  []bool
	}
	var checks []check
	runs := r.runs(nil)
	for _, d := range q.demands {
		c := &r.columns[d.column]
		pass := make([]bool, len(c.texts))
		for code, text := range c.texts {
			members := q.members(d.column, text)
			holds := d.none && members == nil || slices.ContainsFunc(members, func(v string) bool { return slices.Contains(d.list, v) })
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
	return rows
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
func (q *heldCount) axis(r *cellRows, rows []uint32, dimension, column int) axis {
	c := &r.columns[column]
	// Values as numbers, and those of each code.
	numbers, values, of := map[string]uint32{}, []string{}, make([][]uint32, len(c.texts))
	own := q.ownValues(dimension)
	for code, text := range c.texts {
		for _, v := range q.members(column, text) {
			if own != nil && !own(v) {
				continue
			}
			n, ok := numbers[v]
			if !ok {
				n = uint32(len(values))
				numbers[v], values = n, append(values, v)
			}
			of[code] = append(of[code], n)
		}
	}
	counts := q.perValue(r, rows, column, of, len(values))
	top := make([]uint32, 0, len(values))
	for value, n := range counts {
		if n > 0 {
			top = append(top, uint32(value))
		}
	}
	slices.SortFunc(top, func(a, b uint32) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), strings.Compare(values[a], values[b]))
	})
	top = top[:min(len(top), q.top)]
	place := make([]int, len(values))
	a := axis{column: column, places: make([][]uint32, len(c.texts))}
	for i, value := range top {
		place[value] = i + 1
		a.values = append(a.values, values[value])
	}
	others, none := []uint32{uint32(len(top))}, []uint32{uint32(len(top)) + 1}
	for code, list := range of {
		for _, value := range list {
			if place[value] > 0 {
				a.places[code] = append(a.places[code], uint32(place[value]-1))
			}
		}
		switch {
		case a.places[code] != nil:
		case list != nil:
			a.places[code] = others
		default:
			a.places[code] = none
		}
	}
	return a
}

// ownValues tells values that the dimension's own filter is given, or that lie
// below one; nil where it may have any.
func (q *heldCount) ownValues(dimension int) func(v string) bool {
	f := q.by[dimension]
	given, _ := q.values[f.name].([]string)
	if given == nil || f.by.single("") {
		return nil
	}
	return func(v string) bool {
		return slices.ContainsFunc(q.members(q.columns[dimension], v), func(m string) bool { return slices.Contains(given, m) })
	}
}

// periods is the axis of time.
func (q *heldCount) periods(r *cellRows) axis {
	spans := r.columns[heldSaid].spans
	a := axis{column: heldSaid, places: make([][]uint32, len(spans))}
	numbers := map[edtf.Day][]uint32{}
	var none []int
	for code, s := range spans {
		if s.qualified || s.days < 1 || s.days > int32(longest[q.bucket]) {
			none = append(none, code)
			continue
		}
		start := startOf(s.From.Time(), q.bucket)
		if !startOf((s.To - 1).Time(), q.bucket).Equal(start) {
			none = append(none, code)
			continue
		}
		first := edtf.DayOf(start)
		if numbers[first] == nil {
			numbers[first] = []uint32{uint32(len(a.values))}
			a.values = append(a.values, start.Format(time.DateOnly))
		}
		a.places[code] = numbers[first]
	}
	for _, code := range none {
		a.places[code] = []uint32{uint32(len(a.values)) + 1}
	}
	return a
}

// A sum is a count, and how much of it matches certainly.
type sum struct{ n, c int64 }

func (s *sum) add(more sum) { s.n, s.c = s.n+more.n, s.c+more.c }

// once is the sum of what is all the same.
func (s sum) once() sum { return sum{min(s.n, 1), min(s.c, 1)} }

// groups are the rows of each occasion where what was said at one counts once,
// those of none as what is not the same; else all rows are in one.
func (q *heldCount) groups(r *cellRows, rows []uint32) iter.Seq2[bool, []uint32] {
	return func(yield func(same bool, group []uint32) bool) {
		if q.Counting.count.measure.same == "" {
			yield(false, rows)
			return
		}
		occasion := &r.columns[heldOccasion]
		order, starts := sorted(occasion.codes, len(occasion.texts), rows)
		for code, text := range occasion.texts {
			if group := order[starts[code]:starts[code+1]]; len(group) > 0 && !yield(text != "", group) {
				return
			}
		}
	}
}

// perValue are the counts of a dimension's values, which each code of its column has.
func (q *heldCount) perValue(r *cellRows, rows []uint32, column int, of [][]uint32, different int) []int64 {
	counts := make([]int64, different)
	codes := r.columns[column].codes
	net := map[uint32]int64{}
	for same, group := range q.groups(r, rows) {
		if same {
			clear(net)
			for _, row := range group {
				for _, value := range of[codes[row]] {
					net[value] += int64(r.weights[row])
				}
			}
			for value, n := range net {
				counts[value] += min(n, 1)
			}
			continue
		}
		perCode := make([]int64, len(of))
		for _, row := range group {
			perCode[codes[row]] += int64(r.weights[row])
		}
		for code, n := range perCode {
			for _, value := range of[code] {
				counts[value] += n
			}
		}
	}
	return counts
}

// sums are the counts of all combinations of places, by a number in which each
// axis has its digit, and of everything.
func (q *heldCount) sums(r *cellRows, rows []uint32, certain []bool, axes []axis) (total sum, all *sums) {
	said := r.columns[heldSaid].codes
	weigh := func(row uint32) sum {
		n := int64(r.weights[row])
		if certain != nil && !certain[said[row]] {
			return sum{n, 0}
		}
		return sum{n, n}
	}
	all = newSums(axes)
	var keys []uint64
	net := map[uint64]sum{}
	for same, group := range q.groups(r, rows) {
		var whole sum
		clear(net)
		for _, row := range group {
			w := weigh(row)
			whole.add(w)
			if keys = combined(keys[:0], axes, r, row); len(all.many) > manySums {
				return total, all
			}
			for _, key := range keys {
				if !same {
					all.add(key, w)
					continue
				}
				n := net[key]
				n.add(w)
				net[key] = n
			}
		}
		if !same {
			total.add(whole)
			continue
		}
		total.add(whole.once())
		for key, n := range net {
			all.add(key, n.once())
		}
	}
	return total, all
}

// combined appends the numbers of all combinations of places that a row has.
func combined(keys []uint64, axes []axis, r *cellRows, row uint32) []uint64 {
	keys = append(keys, 0)
	for i := range axes {
		a := &axes[i]
		places, size := a.places[r.columns[a.column].codes[row]], uint64(a.size())
		before := len(keys)
		for _, place := range places[1:] {
			for k := range before {
				keys = append(keys, keys[k]*size+uint64(place))
			}
		}
		for k := range before {
			keys[k] = keys[k]*size + uint64(places[0])
		}
	}
	return keys
}

// sums are by key: in a list where there can't be many, else in a map.
type sums struct {
	few  []sum
	many map[uint64]sum
}

const (
	fewSums  = 1 << 20
	manySums = 10 * MaxRows // so many are refused, whatever else there is
)

func newSums(axes []axis) *sums {
	size := uint64(1)
	for i := range axes {
		size *= uint64(axes[i].size())
	}
	if size > fewSums {
		return &sums{many: map[uint64]sum{}}
	}
	return &sums{few: make([]sum, size)}
}

func (s *sums) add(key uint64, more sum) {
	if s.many == nil {
		s.few[key].add(more)
		return
	}
	n := s.many[key]
	n.add(more)
	s.many[key] = n
}

// all are those that are not zero.
func (s *sums) all() iter.Seq2[uint64, sum] {
	return func(yield func(uint64, sum) bool) {
		for key, n := range s.few {
			if n.n != 0 && !yield(uint64(key), n) {
				return
			}
		}
		for key, n := range s.many {
			if n.n != 0 && !yield(key, n) {
				return
			}
		}
	}
}
