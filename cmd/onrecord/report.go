package main

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// shownErrors is how many lines of a kind are told one by one.
const shownErrors = 20

// A report is what the service says of an import.
type report struct {
	ID        string `json:"id"`
	State     string `json:"state"`
	DryRun    bool   `json:"dry_run"`
	StartedAt string `json:"started_at"`
	Reason    string `json:"reason"`
	Seq       *int64 `json:"seq"` // the commit, nil where there is none
	Lines     int64  `json:"lines"`
	counts
	Errors      []lineError  `json:"errors"` // the first of them
	ErrorGroups []errorGroup `json:"error_groups"`
	Conflicts   []lineError  `json:"conflict_list"` // the first of them
	Duplicates  []duplicate  `json:"duplicates"`
	Problem     *fault       `json:"problem"`

	raw []byte
}

// counts are of records.
type counts struct {
	Received  int64 `json:"received"`
	Inserted  int64 `json:"inserted"`
	Updated   int64 `json:"updated"`
	Unchanged int64 `json:"unchanged"`
	Skipped   int64 `json:"skipped"`
	Kept      int64 `json:"conflicts"`
	Failed    int64 `json:"failed"`
}

func (c counts) numbers() []int64 {
	return []int64{c.Received, c.Inserted, c.Updated, c.Unchanged, c.Skipped, c.Kept, c.Failed}
}

type lineError struct {
	Line    int64  `json:"line"`
	Type    string `json:"type"`
	ID      string `json:"id"`
	Key     string `json:"key"`
	Pointer string `json:"pointer"`
	Code    string `json:"code"`
	Detail  string `json:"detail"`
}

type errorGroup struct {
	Code      string `json:"code"`
	Type      string `json:"type"`
	Pointer   string `json:"pointer"`
	Count     int64  `json:"count"`
	FirstLine int64  `json:"first_line"`
}

type duplicate struct {
	Line       int64    `json:"line"`
	ID         string   `json:"id"`
	Key        string   `json:"key"`
	Candidates []string `json:"candidates"`
}

// readReport reads a report; anything that isn't one is an error, so that no
// other answer passes for an import without failures.
func readReport(data []byte) (*report, error) {
	r := &report{}
	if err := (answer{body: data}).decode(r); err != nil {
		return nil, err
	}
	if r.ID == "" && !r.DryRun || r.State == "" {
		return nil, fmt.Errorf("the answer is not what the service promises: it is no report of an import")
	}
	value := jsontext.Value(bytes.Clone(data))
	if err := value.Compact(); err != nil {
		return nil, err
	}
	r.raw = value
	return r, nil
}

// ended reports whether the import is over.
func (r *report) ended() bool { return r.State != "queued" && r.State != "running" }

// good reports whether everything was stored, or would be. Conflicts are: a
// person's version was kept, as it was asked for.
func (r *report) good() bool { return r.State == "done" && r.Failed == 0 && r.Problem == nil }

// A reportTable prints a line for each report as it comes.
type reportTable struct {
	w     io.Writer
	begun bool
	files int
	total counts
}

const reportLine = "%9s %9s %9s %9s %9s %9s %9s %8s  %-8s  %s\n"

// add prints the line of a report.
func (t *reportTable) add(name string, r *report) error {
	if !t.begun {
		t.begun = true
		if _, err := fmt.Fprintf(t.w, reportLine, "RECEIVED", "INSERTED", "UPDATED", "UNCHANGED", "SKIPPED", "CONFLICTS", "FAILED", "SEQ", "STATE", "FILE"); err != nil {
			return err
		}
	}
	t.files++
	t.total.Received += r.Received
	t.total.Inserted += r.Inserted
	t.total.Updated += r.Updated
	t.total.Unchanged += r.Unchanged
	t.total.Skipped += r.Skipped
	t.total.Kept += r.Kept
	t.total.Failed += r.Failed
	seq, state := "-", r.State
	if r.Seq != nil {
		seq = strconv.FormatInt(*r.Seq, 10)
	}
	if r.DryRun {
		state = "dry run"
	}
	return t.line(r.counts, seq, state, plain(name))
}

// finish prints the sum where there was more than one.
func (t *reportTable) finish() error {
	if t.files < 2 {
		return nil
	}
	return t.line(t.total, "", "", fmt.Sprintf("%d files", t.files))
}

func (t *reportTable) line(c counts, seq, state, name string) error {
	cells := []any{}
	for _, n := range c.numbers() {
		cells = append(cells, strconv.FormatInt(n, 10))
	}
	_, err := fmt.Fprintf(t.w, reportLine, append(cells, seq, state, name)...)
	return err
}

// tell says what became of single lines: errors, conflicts and records that
// may be there twice. Where there are many, the rest is told in groups.
func (r *report) tell(name string, note func(string)) {
	if r.Problem != nil {
		note(name + ": " + r.Problem.String())
	}
	for _, e := range r.Errors[:min(len(r.Errors), shownErrors)] {
		note(name + e.where() + e.Detail)
	}
	if r.Failed > int64(min(len(r.Errors), shownErrors)) || len(r.Errors) > shownErrors {
		note(name + ": all that failed:")
		for _, g := range r.ErrorGroups {
			note(fmt.Sprintf("  %7d × %s", g.Count, g))
		}
	}
	for _, c := range r.Conflicts[:min(len(r.Conflicts), shownErrors)] {
		note(name + c.where() + "conflict: " + c.Detail)
	}
	if shown := int64(min(len(r.Conflicts), shownErrors)); len(r.Conflicts) > 0 && r.Kept > shown {
		note(fmt.Sprintf("%s: and %d conflicts more", name, r.Kept-shown))
	}
	for _, d := range r.Duplicates[:min(len(r.Duplicates), shownErrors)] {
		note(name + lineError{Line: d.Line, ID: d.ID, Key: d.Key}.where() + "may be the same as " + strings.Join(d.Candidates, ", "))
	}
	if more := len(r.Duplicates) - shownErrors; more > 0 {
		note(fmt.Sprintf("%s: and %d more that may be there already", name, more))
	}
}

// where is ":line: key /pointer: ", as far as it is known.
func (e lineError) where() string {
	record := e.Key
	if record == "" {
		record = e.ID
	}
	text := ": "
	if e.Line > 0 {
		text = ":" + strconv.FormatInt(e.Line, 10) + ": "
	}
	if names := slices.DeleteFunc([]string{record, e.Pointer}, func(s string) bool { return s == "" }); len(names) > 0 {
		text += strings.Join(names, " ") + ": "
	}
	return text
}

func (g errorGroup) String() string {
	where := slices.DeleteFunc([]string{g.Type, g.Pointer, g.Code}, func(s string) bool { return s == "" })
	return fmt.Sprintf("%s, first in line %d", strings.Join(where, " "), g.FirstLine)
}

// writeJSON prints what became of a file as a line of JSON: the service's own
// report, or problem, with the file's name before it.
func writeJSON(w io.Writer, name string, r *report, p *problem) error {
	quoted, err := json.Marshal(name)
	if err != nil {
		return err
	}
	line := append([]byte(`{"file":`), quoted...)
	switch {
	case r != nil:
		line = append(append(line, `,"report":`...), r.raw...)
	case p.raw != nil:
		value := jsontext.Value(bytes.Clone(p.raw))
		if err := value.Compact(); err != nil {
			return err
		}
		line = append(append(line, `,"problem":`...), value...)
	default:
		line = append(line, fmt.Sprintf(`,"problem":{"status":%d}`, p.Status)...)
	}
	_, err = w.Write(append(line, "}\n"...))
	return err
}
