package main

import (
	"bufio"
	"io"
	"slices"
	"strings"

	"github.com/rivo/uniseg"
)

// Widths of columns, in cells of the terminal.
const (
	gap       = 2
	narrow    = 10 // of a column that is cut
	readable  = 32 // of a text that is cut, if there is room
	ample     = 60 // of a text before further columns are shown
	secondary = 28 // of a column that comes after those
	endless   = 1 << 20
)

// A table lays rows out for people. Columns and widths are chosen from the
// rows that come first; what is too wide is cut.
type table struct {
	w       io.Writer
	width   int      // of the terminal; 0: don't cut
	names   []string // of the columns, nil: chosen from the rows
	widths  []int
	left    []string // names of columns that found no room
	printed bool
}

// fit decides which columns there is room for, and how wide they are: first
// the main ones, cut if need be, then as many of the others as fit uncut.
func (t *table) fit(rows []row) {
	names, main := t.names, len(t.names)
	if names == nil {
		names, main = choose(rows)
	}
	wanted := map[string]int{}
	for _, name := range names {
		wanted[name] = uniseg.StringWidth(name)
		for _, r := range rows {
			wanted[name] = max(wanted[name], uniseg.StringWidth(t.cell(r, name)))
		}
	}
	room := t.width + gap // none is needed after the last column
	if t.width == 0 {
		room = endless
	}
	t.names, t.widths, t.left = nil, nil, nil
	add := func(name string, least int) {
		if whole(name) || t.width == 0 {
			least = wanted[name] // half an id is of no use
		}
		if least+gap > room && len(t.names) > 0 {
			t.left = append(t.left, name)
			return
		}
		t.names, t.widths = append(t.names, name), append(t.widths, least)
		room -= least + gap
	}
	widen := func(most int) {
		for i, name := range t.names {
			more := max(0, min(wanted[name], most)-t.widths[i])
			more = min(more, max(0, room))
			t.widths[i] += more
			room -= more
		}
	}
	for _, name := range names[:main] {
		least := min(wanted[name], narrow)
		if wanted[name] > ample {
			least = readable
		}
		add(name, least)
	}
	widen(secondary)
	widen(ample)
	for _, name := range names[main:] {
		add(name, min(wanted[name], secondary))
	}
	widen(endless)
}

// whole names columns that are not cut.
func whole(name string) bool {
	return slices.Contains([]string{"id", "key", "slug", "code"}, name) || strings.HasSuffix(name, "_on")
}

func (t *table) cell(r row, name string) string {
	text, _ := r.text(name, ", ")
	if text = strings.Join(strings.Fields(plain(text)), " "); strings.HasSuffix(name, "_at") && len(text) > 19 && text[10] == 'T' {
		text = text[:10] + " " + text[11:19] // seconds will do
	}
	return text
}

// print prints rows, below those printed before.
func (t *table) print(rows []row) error {
	if len(rows) == 0 {
		return nil
	}
	out := bufio.NewWriter(t.w)
	if !t.printed {
		t.fit(rows)
		t.printed = true
		head := make([]string, len(t.names))
		for i, name := range t.names {
			head[i] = strings.ToUpper(strings.ReplaceAll(name, "_", " "))
		}
		t.line(out, head)
	}
	cells := make([]string, len(t.names))
	for _, r := range rows {
		for i, name := range t.names {
			cells[i] = t.cell(r, name)
		}
		t.line(out, cells)
	}
	return out.Flush()
}

func (t *table) line(out *bufio.Writer, cells []string) {
	var line strings.Builder
	for i, cell := range cells {
		cell = cut(cell, t.widths[i])
		line.WriteString(cell)
		line.WriteString(strings.Repeat(" ", t.widths[i]-uniseg.StringWidth(cell)+gap))
	}
	_, _ = out.WriteString(strings.TrimRight(line.String(), " ") + "\n") // Flush tells
}

// cut shortens text to a number of cells, between characters as people see
// them, and shows that it did.
func cut(text string, width int) string {
	if uniseg.StringWidth(text) <= width {
		return text
	}
	var kept strings.Builder
	used := 1 // for the dots
	characters := uniseg.NewGraphemes(text)
	for characters.Next() {
		if used += characters.Width(); used > width {
			break
		}
		kept.WriteString(characters.Str())
	}
	return kept.String() + "…"
}

// card prints one record, a line for each of its fields.
func card(w io.Writer, width int, r row) error {
	out := bufio.NewWriter(w)
	label := 0
	for _, m := range r {
		label = max(label, len(m.name))
	}
	for _, m := range r {
		text, ok := flat(m.value, ", ")
		if !ok {
			text = string(m.value)
		}
		if text = plain(text); text == "" {
			continue
		}
		if width > 0 {
			text = cut(text, max(narrow, width-label-gap))
		}
		_, _ = out.WriteString(m.name + strings.Repeat(" ", label-len(m.name)+gap) + text + "\n") // Flush tells
	}
	return out.Flush()
}
