package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"onrecord/internal/formats"
)

type convertCommand struct {
	Files  []string          `arg:"" optional:"" name:"file" help:"Files to read, .gz and .zst too."`
	Format string            `placeholder:"NAME" help:"The format of the files; --list tells which there are."`
	To     string            `placeholder:"NAME" help:"Read an import stream instead, and write this format."`
	Option map[string]string `mapsep:"none" placeholder:"NAME=VALUE" help:"What the files don't tell by themselves, such as their way of writing dates."`
	Output string            `short:"o" placeholder:"FILE" help:"File to write; compressed if it ends in .gz or .zst. Standard output if it isn't given."`
	List   bool              `help:"List the formats and their options."`
}

// Help is shown after the flags.
func (convertCommand) Help() string {
	return `Nothing is sent: the stream is there to be read before it is imported. What was read, written, left out and skipped is told on standard error; exit status 1 if anything was skipped.

  onrecord convert --format liar valid.tsv > liar.ndjson
  onrecord import --dry-run liar.ndjson`
}

// Run converts.
func (c convertCommand) Run(e *environment) error {
	if c.List {
		return listFormats(e.stdout)
	}
	if (c.Format == "") == (c.To == "") {
		return usageError("give either --format or --to; --list tells which there are")
	}
	if len(c.Files) == 0 {
		return usageError("there is no file to convert")
	}
	from, to := formats.Lookup(c.Format), formats.LookupOutput(c.To)
	if from == nil && to == nil {
		return usageError("there is no format " + c.Format + c.To + "; --list tells which there are")
	}
	if to != nil && len(c.Option) > 0 {
		return usageError("--option goes with --format")
	}
	var sources []formats.Source
	for _, file := range c.Files {
		if about, err := os.Stat(file); err != nil {
			return usageError(err.Error())
		} else if !about.Mode().IsRegular() {
			return usageError(file + " is not a file that can be read twice")
		}
		sources = append(sources, source(file))
	}
	out, err := createOutput(c.Output, e.stdout)
	if err != nil {
		return err
	}
	var report formats.Report
	if from != nil {
		report, err = from.Convert(e, sources, c.Option, out)
	} else {
		report, err = to.Convert(e, sources, out)
	}
	if err != nil {
		if wrong := (*formats.OptionError)(nil); errors.As(err, &wrong) {
			err = usageError(wrong.Error())
		}
		return errors.Join(err, out.abandon())
	}
	if err := out.keep(); err != nil {
		return err
	}
	var told strings.Builder
	_, _ = report.WriteTo(&told) // memory takes everything
	for line := range strings.Lines(told.String()) {
		e.screen.note(strings.TrimSuffix(line, "\n"))
	}
	if report.Skipped > 0 {
		return errReported
	}
	return nil
}

// source is a file to be read, unpacked if its name says that it is packed.
func source(path string) formats.Source {
	name := filepath.Base(path)
	return formats.Source{Name: name, Open: func() (io.ReadCloser, error) {
		file, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		var unpacked io.Reader = file
		switch strings.ToLower(filepath.Ext(name)) {
		case ".gz":
			unpacked, err = gzip.NewReader(file)
		case ".zst":
			var d *zstd.Decoder
			if d, err = zstd.NewReader(file, zstd.WithDecoderConcurrency(1)); err == nil {
				return &unpacking{d, func() error { d.Close(); return file.Close() }}, nil
			}
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", name, err), file.Close())
		}
		return &unpacking{unpacked, file.Close}, nil
	}}
}

type unpacking struct {
	io.Reader
	close func() error
}

func (u *unpacking) Close() error { return u.close() }

func listFormats(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, f := range formats.All {
		_, _ = fmt.Fprintf(table, "%s\t%s\n", f.Name, f.Title) // Flush tells
		for _, in := range f.Inputs {
			_, _ = fmt.Fprintf(table, "  file %s\t%s\n", in.Name, in.Title)
		}
		for _, o := range f.Options {
			text := o.Title
			if o.Values != nil {
				text += ": " + strings.Join(o.Values, ", ")
			}
			if o.Required {
				text += " (required)"
			} else if o.Default != "" {
				text += " (" + o.Default + ")"
			}
			_, _ = fmt.Fprintf(table, "  --option %s=\t%s\n", o.Name, text)
		}
	}
	for _, o := range formats.Outputs {
		_, _ = fmt.Fprintf(table, "--to %s\t%s\n", o.Name, o.Title)
	}
	return table.Flush()
}
