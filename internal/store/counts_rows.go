package store

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"onrecord/internal/edtf"
)

// The rows of counts: their order, the periods between them, and the list
// behind each.

// row is a cell as a row.
func (c *Counting) row(f *cell) Row {
	row := Row{Count: f.Count, Possible: f.Count - f.Certain}
	if f.Time != nil {
		day := f.Time.Format("2006-01-02")
		row.Time = &day
	}
	for i, id := range f.Values {
		v := Value{ID: id, Other: f.Others[i], Label: "(none)"}
		switch {
		case id != nil && f.Labels[i] != nil:
			v.Label = *f.Labels[i]
		case id != nil:
			v.Label = *id
		case v.Other:
			v.Label = "(other)"
		}
		row.Values = append(row.Values, v)
	}
	return row
}

// compareRows puts periods in order and what is in none last, then rows of
// values before those of none and of others, then larger counts first.
func compareRows(a, b Row) int {
	if (a.Time == nil) != (b.Time == nil) {
		if a.Time == nil {
			return 1
		}
		return -1
	}
	if a.Time != nil && *a.Time != *b.Time {
		return strings.Compare(*a.Time, *b.Time)
	}
	rest := func(r Row) (n int) {
		for _, v := range r.Values {
			if v.ID == nil {
				n++
			}
		}
		return n
	}
	if d := rest(a) - rest(b); d != 0 {
		return d
	}
	if a.Count != b.Count {
		return int(b.Count - a.Count)
	}
	for i := range a.Values {
		if d := strings.Compare(a.Values[i].key(), b.Values[i].key()); d != 0 {
			return d
		}
	}
	return 0
}

// key tells values of a dimension apart.
func (v Value) key() string {
	switch {
	case v.ID != nil:
		return "=" + *v.ID
	case v.Other:
		return "other"
	}
	return "none"
}

// tops are the values that have rows of their own, by dimension.
func (c *Counting) tops(rows []Row) [][]string {
	tops := make([][]string, len(c.by))
	for i := range c.by {
		seen := map[string]bool{}
		for _, row := range rows {
			if id := row.Values[i].ID; id != nil {
				seen[*id] = true
			}
		}
		tops[i] = slices.Sorted(maps.Keys(seen))
	}
	return tops
}

// filters are the parameters of the list that holds the row's records: those
// given, and one for each dimension. A value stands in place of those given for
// the same filter, since it is one of them or lies below one.
func (c *Counting) filters(row *Row, tops [][]string) url.Values {
	out := url.Values{}
	for name, values := range c.given {
		out[name] = slices.Clone(values)
	}
	for i, v := range row.Values {
		f := c.by[i]
		not := "not_" + f.name
		switch {
		case v.ID != nil:
			out.Set(f.name, join(*v.ID))
		case v.Other:
			rest := tops[i]
			if f.by.empty {
				rest = append(slices.Clone(rest), noValue)
			}
			out.Add(not, join(rest...))
		case f.by.roles: // none in the roles in force
			if standing, _ := c.values[f.name].([]string); len(standing) > 0 {
				out.Add(not, join(standing...))
			}
		default:
			out.Set(f.name, noValue)
		}
	}
	if w := windows[c.resource.kind]; c.bucket != "" {
		name := w.name + "_bucket"
		if row.Time != nil {
			out.Set(name, bucketName(day(*row.Time), c.bucket))
		} else {
			out.Add("not_"+name, c.bucket)
		}
	}
	if len(measures[c.resource.kind]) > 1 && c.Measure != measures[c.resource.kind][0].name {
		out.Set("measure", c.Measure)
	}
	out.Set("count", "exact")
	return out
}

// join writes values as one parameter.
func join(values ...string) string {
	escaped := make([]string, len(values))
	for i, v := range values {
		escaped[i] = parting.Replace(v)
	}
	return strings.Join(escaped, ",")
}

// parting escapes what split reads.
var parting = strings.NewReplacer(`\`, `\\`, ",", `\,`)

// filled adds rows of nothing for all periods between the first and the last,
// or throughout the window, for each combination of values that has a row.
func (c *Counting) filled(rows []Row) []Row {
	w := windows[c.resource.kind]
	first, last := time.Time{}, time.Time{}
	widen := func(start time.Time) {
		if first.IsZero() || start.Before(first) {
			first = start
		}
		if last.IsZero() || start.After(last) {
			last = start
		}
	}
	combinations, known := map[string][]Value{}, map[string]bool{}
	name := func(values []Value) (s string) {
		for _, v := range values {
			s += v.key() + "\x00"
		}
		return s
	}
	for _, row := range rows {
		combinations[name(row.Values)] = row.Values
		if row.Time != nil {
			widen(day(*row.Time))
			known[name(row.Values)+*row.Time] = true
		}
	}
	single := func(name string) string { return strings.Join(c.given[name], "") }
	if asked, err := edtf.Window(single(w.name+"_from"), single(w.name+"_to")); err == nil && asked.From != edtf.NegInf && asked.To != edtf.PosInf {
		widen(startOf(asked.From.Time(), c.bucket))
		widen(startOf((asked.To - 1).Time(), c.bucket))
	}
	if first.IsZero() {
		return rows
	}
	for _, values := range combinations {
		for start := first; !start.After(last); start = nextBucket(start, c.bucket) {
			at := start.Format(time.DateOnly)
			if known[name(values)+at] {
				continue
			}
			if rows = append(rows, Row{Time: &at, Values: values}); len(rows) > MaxRows {
				return rows
			}
		}
	}
	return rows
}

// day reads a day that was written by this package.
func day(s string) time.Time {
	d, _ := time.Parse(time.DateOnly, s)
	return d
}
