package store

import (
	"cmp"
	"iter"
	"math"
	"slices"
	"strings"
	"time"

	"onrecord/internal/edtf"
)

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

// rows are the answer. Errors: Invalid (too many).
func (q *heldCount) rows(r *cellRows) ([]cell, error) {
	chosen := q.selected(r)
	q.weights = r.weights
	if q.reports() && (q.bucket != "" || slices.ContainsFunc(q.columns, func(column int) bool { return heldIn(column) != heldArticles })) {
		q.weights = q.reported(r, chosen)
	}
	axes := make([]axis, len(q.columns), len(q.columns)+1)
	beside(len(axes), func(i int) { axes[i] = q.axis(r, chosen, i, q.columns[i]) })
	if q.bucket != "" {
		axes = append(axes, q.periods(r))
	}
	for i, stride := len(axes)-1, uint64(1); i >= 0; i-- {
		axes[i].stride = stride
		stride *= axes[i].size()
	}
	total, sums := q.sums(r, chosen, q.certain(r), axes)
	if sums.over {
		return nil, tooManyRows()
	}
	out := []cell{{Part: partTotal, Count: total.n, Certain: total.c}}
	for number, n := range sums.all() {
		if out = append(out, q.row(axes, number, n)); len(out) > MaxRows+1 {
			return nil, tooManyRows()
		}
	}
	return out, nil
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

// axis finds the values of a dimension that get rows of their own.
func (q *heldCount) axis(r *cellRows, chosen *selection, dimension, column int) axis {
	perCode := r.perCode(chosen, heldIn(column), r.weights, nil)
	// No row is left of a code that counts nothing, but of those that came with changes
	// there may be one for another: lists of articles have another code there.
	skip := func(code int) bool { return perCode[code].n == 0 && code < len(r.counts[heldIn(column)]) }
	values := q.valuesOf(r, column, skip)
	shown := q.own(dimension, &values.values)
	counts := q.perValue(r, chosen, column, values, perCode)
	top := first(q.top, func(yield func(uint32) bool) {
		for v, n := range counts {
			if n > 0 && shown[v] && !yield(uint32(v)) {
				return
			}
		}
	}, func(a, b uint32) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), strings.Compare(values.values.list[a], values.values.list[b]))
	})
	a := axis{column: heldIn(column), at: make([]uint32, 1, len(values.at)+1)}
	place := make([]uint32, len(counts)) // and one
	for i, v := range top {
		place[v] = uint32(i) + 1
		a.values = append(a.values, values.values.list[v])
	}
	others, none := uint32(len(top)), uint32(len(top))+1
	each := q.reports() && a.column == heldArticles // a report has one, whatever others have
	for code := range values.at {
		if skip(code) {
			a.stand()
			continue
		}
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

// first are so many of a list as stand first in the order, in that order. Few are
// sorted at a time: most of a long list are behind the last of these.
func first(most int, all iter.Seq[uint32], order func(a, b uint32) int) (top []uint32) {
	cut := func() {
		slices.SortFunc(top, order)
		top = top[:min(len(top), most)]
	}
	full := false
	for v := range all {
		if full && order(v, top[most-1]) > 0 {
			continue
		}
		if top = append(top, v); len(top) == 4*most+64 {
			cut()
			full = true
		}
	}
	cut()
	return top
}

// own tells which values may have rows: those that the dimension's own filter is
// given, and what lies below them.
func (q *heldCount) own(dimension int, values *dictionary) []bool {
	f := q.by[dimension]
	given, _ := q.values[f.name].([]string)
	switch {
	case given == nil || f.by.single(q.count.measure.unit):
		shown := make([]bool, len(values.list))
		for n, v := range values.list {
			shown[n] = v != ""
		}
		return shown
	case q.columns[dimension] != heldTopics:
		return values.among(given)
	}
	shown := make([]bool, len(values.list))
	for n, v := range values.list {
		shown[n] = slices.ContainsFunc(q.above[v], func(topic string) bool { return slices.Contains(given, topic) })
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
