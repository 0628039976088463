package formats

import (
	"fmt"
	"io"
	"strings"
)

// A Report says what a conversion read, wrote, skipped and left out.
type Report struct {
	Read    []Count // records of the source, by file
	Lines   int     // of the stream written
	Written []Count // by kind, in the order of claims.Kinds; records within a statement count as their own kind
	Skipped int     // records of the source that gave nothing
	Skips   []Skip  // the first maxSkips of them
	Left    []Count // what was left out of records that were written, with how often, in the order met
}

// maxSkips bounds the memory of a report; Skipped goes on counting.
const maxSkips = 1_000

// A Count is how often something was met.
type Count struct {
	What string
	N    int
}

// A Skip is a record of the source that gave nothing.
type Skip struct {
	File   string
	Line   int // the one on which the record begins
	Reason string
}

// An Error is what makes a file unfit to be converted.
type Error struct {
	File   string
	Line   int    // 0: the file as a whole
	Field  string // "": the line as a whole
	Reason string
}

func (e *Error) Error() string {
	text := e.File
	if e.Line > 0 {
		text += fmt.Sprintf(":%d", e.Line)
	}
	if e.Field != "" {
		text += ": " + e.Field
	}
	return text + ": " + e.Reason
}

// count adds one to what was met.
func count(counts []Count, what string) []Count {
	for i := range counts {
		if counts[i].What == what {
			counts[i].N++
			return counts
		}
	}
	return append(counts, Count{what, 1})
}

// WriteTo prints the report for people: read, written, left out, skipped.
func (r Report) WriteTo(w io.Writer) (int64, error) {
	var text strings.Builder
	for _, c := range r.Read {
		fmt.Fprintf(&text, "read     %7d  %s\n", c.N, c.What)
	}
	fmt.Fprintf(&text, "lines    %7d\n", r.Lines)
	for _, c := range r.Written {
		fmt.Fprintf(&text, "written  %7d  %s\n", c.N, c.What)
	}
	for _, c := range r.Left {
		fmt.Fprintf(&text, "left out %7d  %s\n", c.N, c.What)
	}
	fmt.Fprintf(&text, "skipped  %7d\n", r.Skipped)
	for _, s := range r.Skips {
		fmt.Fprintf(&text, "  %s:%d: %s\n", s.File, s.Line, s.Reason)
	}
	if more := r.Skipped - len(r.Skips); more > 0 {
		fmt.Fprintf(&text, "  and %d more\n", more)
	}
	n, err := io.WriteString(w, text.String())
	return int64(n), err
}
