package store

import (
	"iter"
	"maps"
	"math"
	"runtime"
	"slices"
	"sync"
)

// A sum is a count, and how much of it matches certainly.
type sum struct{ n, c int64 }

func (s *sum) add(more sum) { s.n, s.c = s.n+more.n, s.c+more.c }

// once is the sum of what is all the same.
func (s sum) once() sum { return sum{min(s.n, 1), min(s.c, 1)} }

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
func (q *heldCount) perValue(r *cellRows, chosen *selection, column int, values *heldColumn, perCode []sum) []int64 {
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
		perCode = r.perCode(&selection{rows: apart}, heldIn(column), r.weights, nil)
	} else if q.reports() && heldIn(column) != heldArticles {
		perCode = r.perCode(chosen, heldIn(column), q.weights, nil)
	}
	for code, n := range perCode {
		if n.n == 0 {
			continue
		}
		for _, v := range values.of(uint32(code)) {
			counts[v] += n.n
		}
	}
	return counts
}

// sums are the counts of all combinations of places, by their numbers, and of
// everything.
func (q *heldCount) sums(r *cellRows, chosen *selection, certain []bool, axes []axis) (total sum, all *sums) {
	weights := q.weighing(r, q.columns...)
	switch {
	case q.count.measure.same != "":
		return q.once(r, chosen, certain, axes)
	case len(axes) == 1: // codes are far fewer than rows
		all = newSums(axes, certain == nil, q.limits)
		a := &axes[0]
		for code, n := range r.perCode(chosen, a.column, weights, certain) {
			for _, place := range a.places[a.at[code]:a.at[code+1]] {
				all.add(uint64(place), n)
			}
		}
	default:
		all = q.together(r, chosen, weights, certain, axes)
	}
	all.settle()
	return q.total(r, chosen, certain), all
}

// total counts everything.
func (q *heldCount) total(r *cellRows, chosen *selection, certain []bool) (total sum) {
	var times []int32
	column := heldSaid
	if len(q.columns) > 0 {
		column = heldIn(q.columns[0])
	}
	if q.reports() {
		times, column = q.times(r), heldArticles
	}
	for code, n := range r.perCode(chosen, column, r.weights, certain) {
		if times != nil {
			n = sum{n.n * int64(times[code]), n.c * int64(times[code])}
		}
		total.add(n)
	}
	return total
}

// together counts combinations, some of the rows on each processor.
func (q *heldCount) together(r *cellRows, chosen *selection, weights []int32, certain []bool, axes []axis) *sums {
	parts := chosen.parts(min(runtime.GOMAXPROCS(0), 4))
	each := make([]*sums, len(parts))
	beside(len(parts), func(i int) {
		each[i] = newSums(axes, certain == nil, q.limits)
		c := newCombining(r, axes, weights, certain)
		for rows := range parts[i].blocks() {
			if c.count(rows, each[i]); each[i].full() {
				return
			}
		}
	})
	for _, more := range each[1:] {
		for number, n := range more.all() {
			each[0].add(number, n)
		}
		each[0].over = each[0].over || more.over
	}
	return each[0]
}

// beside does things beside each other. Where one panics, so does who waits for it, which
// is a request, and no more than that.
func beside(things int, do func(i int)) {
	var work sync.WaitGroup
	failed := make(chan any, things)
	for i := range things {
		work.Go(func() {
			defer func() {
				if cause := recover(); cause != nil {
					failed <- cause
				}
			}()
			do(i)
		})
	}
	work.Wait()
	select {
	case cause := <-failed:
		panic(cause)
	default:
	}
}

// once counts what is the same once.
func (q *heldCount) once(r *cellRows, chosen *selection, certain []bool, axes []axis) (total sum, all *sums) {
	all = newSums(axes, certain == nil, q.limits)
	c := newCombining(r, axes, r.weights, certain)
	for same, group := range chosen.occasions(r) {
		if !same {
			for rows := range slices.Chunk(group, blockRows) {
				total.add(c.count(rows, all))
			}
			continue
		}
		one := &sums{many: map[uint64]sum{}, limit: q.limits.many}
		total.add(c.count(group, one).once())
		for number, n := range one.many {
			if n.n > 0 {
				all.add(number, n.once())
			}
		}
		if all.over = all.over || one.over; all.full() {
			break
		}
	}
	all.settle()
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
	numbers := slices.Grow(c.numbers[:0], len(rows))[:len(rows)]
	clear(numbers)
	for i := range c.axes {
		codes, only := c.columns[c.axes[i].column].codes, c.only[i]
		for k, row := range rows {
			numbers[k] += only[codes[row]]
		}
	}
	c.numbers = numbers
	if into.n != nil && into.c == nil {
		for k, row := range rows {
			n := int64(c.weights[row])
			all.n += n
			if number := numbers[k]; number >= 0 {
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
		if n == 0 { // none of its reports is chosen
			continue
		}
		w := sum{n, n}
		if c.certain != nil && !c.certain[said[row]] {
			w.c = 0
		}
		all.add(w)
		if number := numbers[k]; number >= 0 {
			into.add(uint64(number), w)
		} else {
			for _, number := range c.each(row) {
				into.add(number, w)
			}
		}
		if into.full() {
			break
		}
	}
	return all
}

// each are the numbers of all combinations of a row, until it is called again.
func (c *combining) each(row uint32) []uint64 {
	c.several = append(c.several[:0], 0)
	for i := range c.axes {
		a := &c.axes[i]
		code := c.columns[a.column].codes[row]
		places, before := a.places[a.at[code]:a.at[code+1]], len(c.several)
		if len(places) == 0 {
			return nil
		}
		for _, place := range places[1:] {
			for _, number := range c.several[:before] {
				c.several = append(c.several, number+uint64(place)*a.stride)
			}
		}
		for k := range before {
			c.several[k] += uint64(places[0]) * a.stride
		}
	}
	return c.several
}

// sums are by number: in lists where there can't be many, else in a map, which may
// become too large.
type sums struct {
	n, c  []int64 // c is nil where all match certainly
	many  map[uint64]sum
	limit int
	over  bool
}

// sumLimits are how many sums there are room for in a list, and how many in a map:
// so many rows are refused, whatever else there is.
type sumLimits struct{ few, many int }

func newSums(axes []axis, certain bool, limits sumLimits) *sums {
	size := uint64(1)
	for i := range axes {
		size *= axes[i].size()
	}
	switch {
	case size > uint64(limits.few):
		return &sums{many: map[uint64]sum{}, limit: limits.many}
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

// full reports whether they are too many to go on, those that came to nothing
// aside. Changes come last, and what they take off is among the sums until then.
func (s *sums) full() bool {
	s.bound(s.limit + changesRead)
	return s.over
}

// settle finds whether they are too many when all is added up.
func (s *sums) settle() { s.bound(s.limit) }

func (s *sums) bound(limit int) {
	if !s.over && len(s.many) > limit {
		maps.DeleteFunc(s.many, func(_ uint64, n sum) bool { return n.n == 0 })
		s.over = len(s.many) > limit
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
