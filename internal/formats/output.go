package formats

import (
	"bufio"
	"context"
	"errors"
	"io"
)

// An Output is a foreign format that an import stream can be turned into.
type Output struct {
	Name  string // as in --to: "claimreview"
	Title string

	convert func(context.Context, []Source, *bufio.Writer, *Report) error
}

// Outputs lists the formats that can be written, by name.
var Outputs = []*Output{claimReviewOutput}

// LookupOutput finds a format to write by its name, nil if there is none.
func LookupOutput(name string) *Output {
	for _, o := range Outputs {
		if o.Name == name {
			return o
		}
	}
	return nil
}

// Convert reads import streams, which may refer to each other, and writes the
// format to w. The same input gives the same bytes. Errors are as Format.Convert
// says; a line that an import would refuse is an *Error.
func (o *Output) Convert(ctx context.Context, sources []Source, w io.Writer) (Report, error) {
	var report Report
	if len(sources) == 0 {
		return report, errors.New("no file to convert")
	}
	out := bufio.NewWriter(w)
	if err := o.convert(ctx, sources, out, &report); err != nil {
		return report, err
	}
	return report, out.Flush()
}
