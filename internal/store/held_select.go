package store

import (
	"iter"
	"slices"
	"strings"
	"sync"

	"onrecord/internal/edtf"
)

// selection is the rows that the filters select, in blocks.
type selection struct {
	rows       []uint32
	first, all uint32 // or all from the first on

	ordering      sync.Once
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

// parts are the rows in so many parts, fewer where they are few.
func (s *selection) parts(most int) (parts []*selection) {
	const least = 1 << 16 // rows, below which another part costs more than it gains
	if s.rows != nil {
		for rows := range slices.Chunk(s.rows, max(least, (len(s.rows)+most-1)/most)) {
			parts = append(parts, &selection{rows: rows})
		}
		if parts == nil {
			parts = []*selection{s}
		}
		return parts
	}
	size := max(least, (s.all-s.first+uint32(most)-1)/uint32(most))
	for first := s.first; first < s.all || parts == nil; first += size {
		parts = append(parts, &selection{first: first, all: min(first+size, s.all)})
	}
	return parts
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
		values := q.valuesOf(r, d.column, nil)
		wanted := values.values.among(d.list)
		pass := make([]bool, len(c.at))
		for code := range pass {
			of := values.of(uint32(code))
			holds := d.none && len(of) == 0 || slices.ContainsFunc(of, func(v uint32) bool { return wanted[v] })
			pass[code] = holds != d.not
		}
		checks = append(checks, check{c.codes, pass})
		if heldIn(d.column) == heldSpeaker {
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

// occasions are the rows of each occasion; those of none are not the same.
func (s *selection) occasions(r *cellRows) iter.Seq2[bool, []uint32] {
	occasion := &r.columns[heldOccasion]
	s.ordering.Do(func() { s.order, s.starts = sorted(occasion.codes, occasion.texts.len(), s.list()) })
	return func(yield func(same bool, group []uint32) bool) {
		for code := range occasion.texts.len() {
			if group := s.order[s.starts[code]:s.starts[code+1]]; len(group) > 0 && !yield(len(occasion.of(uint32(code))) > 0, group) {
				return
			}
		}
	}
}
