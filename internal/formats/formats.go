// Package formats turns what others publish into our import stream, one record
// a line, and our stream into ClaimReview. A converted stream is meant to be
// read by a person before it is loaded, so references stand as keys in it.
//
// A converter states what its source states and nothing else: what can't be
// held by a record is left out and counted in the report, what can't be
// converted is skipped with its line and the reason. docs/formats has a page
// for each format that says field by field where things go.
package formats

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"onrecord/internal/claims"
)

// A Format is one foreign format that can be read.
type Format struct {
	Name    string // as in --format: "liar"
	Title   string // one line, for a list of formats
	Dataset string // of the records written, and the namespace of their keys
	Inputs  []Input
	Options []Option

	convert func(*conversion) error
}

// An Input is one kind of file that a format is made of. Where there are
// several kinds, each file is told by the columns in its head.
type Input struct {
	Name, Title string
	columns     []string // that the head has; none where the file has no head
	repeated    string   // the column that may stand several times
}

// An Option is a choice that the file itself doesn't tell.
type Option struct {
	Name, Title string
	Values      []string // what is allowed; nil for any text
	Default     string   // "" with Required: there is none
	Required    bool
}

// All lists the formats that can be read, by name.
var All = []*Format{averitec, claimReview, droneStrikes, euvsdisinfo, ifgMinisters, liar, popolo}

// Lookup finds a format by its name, nil if there is none.
func Lookup(name string) *Format {
	for _, f := range All {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// A Source is a file to be read. It is opened more than once by the formats
// that look at the whole file before they write a line.
type Source struct {
	Name string // in messages
	Open func() (io.ReadCloser, error)
}

// File is the source that reads the file at path.
func File(path string) Source {
	return Source{filepath.Base(path), func() (io.ReadCloser, error) { return os.Open(path) }}
}

// Convert reads the sources and writes an import stream to w. The same input
// gives the same bytes. The report is filled as far as the conversion came.
//
// A file that can't be trusted as a whole (not UTF-8, cut off, of other
// columns, with dates that the option doesn't fit) is an *Error that names
// file, line and field, and what was written until then is to be thrown away.
// A record that can't be converted is skipped and reported. Other errors are
// those of opening, reading, writing and of ctx, and *OptionError.
func (f *Format) Convert(ctx context.Context, sources []Source, options map[string]string, w io.Writer) (Report, error) {
	var report Report
	given, err := f.options(options)
	if err != nil {
		return report, err
	}
	if len(sources) == 0 {
		return report, errors.New("no file to convert")
	}
	c := &conversion{Context: ctx, sources: sources, options: given, dataset: f.Dataset, report: &report, out: NewWriter(w)}
	if named := given["dataset"]; named != "" {
		c.dataset = named
	}
	err = f.convert(c)
	report.Lines, report.Written = c.out.lines, c.out.counts()
	if err != nil {
		return report, err
	}
	return report, c.out.Flush()
}

// An OptionError says what is wrong with an option.
type OptionError struct{ Name, Reason string }

func (e *OptionError) Error() string { return "option " + e.Name + ": " + e.Reason }

// options completes what was given by the defaults.
func (f *Format) options(given map[string]string) (map[string]string, error) {
	complete := map[string]string{}
	for name := range given {
		if !slices.ContainsFunc(f.Options, func(o Option) bool { return o.Name == name }) {
			return nil, &OptionError{name, "is not an option of " + f.Name}
		}
	}
	for _, o := range f.Options {
		value, ok := given[o.Name]
		switch {
		case !ok && o.Required:
			return nil, &OptionError{o.Name, "is required: " + strings.Join(o.Values, ", ")}
		case !ok:
			value = o.Default
		case o.Values != nil && !slices.Contains(o.Values, value):
			return nil, &OptionError{o.Name, fmt.Sprintf("%q is none of %s", value, strings.Join(o.Values, ", "))}
		case o.Name == "dataset" && claims.CheckKey(value+":x") != nil:
			return nil, &OptionError{o.Name, fmt.Sprintf("%q can't name a data set: lower-case letters, digits, dots, dashes, underscores", value)}
		}
		complete[o.Name] = value
	}
	return complete, nil
}

// datasetOption is for the formats that many publishers use: each file goes
// into a data set of its own.
func datasetOption(name string) Option {
	return Option{Name: "dataset", Title: "data set of the records and namespace of their keys", Default: name}
}
